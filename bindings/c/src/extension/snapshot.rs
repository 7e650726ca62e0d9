//! Snapshots: capturing instances and running programs, bytes, and going on.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use anyhow::{Context as _, Error, Result, anyhow, ensure};
use riser::wasi::WasiSnapshot;
use riser::{Restored, Snapshot, SnapshotError, SnapshotRequests, StoreContextMut};

use super::given;
use super::linker::{LinkerBox, linker};
use super::wasi::WasiConfig;
use crate::caller::{Returned, call_c};
use crate::failure::{ApiError, Failure, Outcome, outcome, outcome_into};
use crate::info::{Finalizer, Info};
use crate::object::{Entity, Object};
use crate::standard::instance::imported;
use crate::store::{Data, StoreRef};
use crate::text::{bytes, name};
use crate::val::Val;
use crate::vector::{Bytes, Item, Out, Vector, put};

/// `riser_snapshot_t`.
pub struct SnapshotBox(Snapshot);

/// `riser_snapshot_requests_t`.
pub struct RequestsBox(SnapshotRequests);

/// `riser_restored_t`. It keeps its store alive.
pub struct RestoredBox {
    store: StoreRef,
    restored: Restored,
}

/// The snapshot.
fn snapshot(snapshot: Option<&SnapshotBox>) -> Result<&Snapshot> {
    Ok(&snapshot.context("the snapshot is null")?.0)
}

/// Changes a snapshot that is there.
fn with(snapshot: Option<&mut SnapshotBox>, work: impl FnOnce(&mut Snapshot) -> Result<()>) -> Outcome {
    outcome(None, || work(&mut snapshot.context("the snapshot is null")?.0))
}

fn boxed(snapshot: Snapshot) -> Item<SnapshotBox> {
    Some(Box::new(SnapshotBox(snapshot)))
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_delete(snapshot: Item<SnapshotBox>) {
    drop(snapshot);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_snapshot_from_bytes(
    data: *const c_char,
    len: usize,
    out: Out<'_, Item<SnapshotBox>>,
) -> Outcome {
    // SAFETY: C passes as many bytes.
    outcome_into(None, out, || Ok(boxed(Snapshot::from_bytes(unsafe { bytes(data, len) })?)))
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_to_bytes(snapshot: Option<&SnapshotBox>, out: Out<'_, Bytes>) {
    put(out, snapshot.map(|snapshot| snapshot.0.to_bytes()).unwrap_or_default().into());
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_frames(snapshot: Option<&SnapshotBox>) -> usize {
    snapshot.map_or(0, |snapshot| snapshot.0.frames().len())
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_set_module(snapshot: Option<&mut SnapshotBox>, module: Option<&Object>) -> Outcome {
    with(snapshot, |snapshot| Ok(snapshot.set_code(Some(given::module(module)?.info().bytes.to_vec()))?))
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_module(snapshot: Option<&SnapshotBox>, out: Out<'_, Bytes>) -> bool {
    let code = snapshot.and_then(|snapshot| snapshot.0.code());
    put(out, code.unwrap_or_default().to_vec().into());
    code.is_some()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_snapshot_set_section(
    snapshot: Option<&mut SnapshotBox>,
    section: *const c_char,
    section_len: usize,
    data: *const c_char,
    len: usize,
) -> Outcome {
    with(snapshot, |snapshot| {
        // SAFETY: C passes a name and bytes of these lengths.
        let (section, data) = unsafe { (name(section, section_len, "the section's name")?, bytes(data, len)) };
        let most = Snapshot::MOST_SECTION_NAME_BYTES;
        ensure!(section.len() <= most, "the name of a section has at most {most} bytes");
        snapshot.set_section(section, data.to_vec());
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_snapshot_section(
    snapshot: Option<&SnapshotBox>,
    section: *const c_char,
    section_len: usize,
    out: Out<'_, Bytes>,
) -> bool {
    // SAFETY: C passes a name of this length.
    let section = unsafe { name(section, section_len, "the section's name") };
    let data = snapshot.zip(section.ok()).and_then(|(snapshot, section)| snapshot.0.section(section));
    put(out, data.unwrap_or_default().to_vec().into());
    data.is_some()
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_set_wasi(snapshot: Option<&mut SnapshotBox>, store: Option<&StoreRef>) -> Outcome {
    with(snapshot, |snapshot| {
        let state = given::store(store)?.context().data_mut().wasi().snapshot()?;
        snapshot.set_section(WasiSnapshot::SECTION, state.to_bytes());
        Ok(())
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_wasi_config(of: Option<&SnapshotBox>, out: Out<'_, Item<WasiConfig>>) -> Outcome {
    outcome_into(None, out, || {
        let section = snapshot(of)?.section(WasiSnapshot::SECTION).context("the snapshot has no state of WASI")?;
        Ok(Some(Box::new(WasiConfig::of_guest(WasiSnapshot::from_bytes(section)?))))
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_seal(snapshot: Option<&mut SnapshotBox>, most_bytes: u64) -> Outcome {
    with(snapshot, |snapshot| snapshot.seal(most_bytes))
}

#[unsafe(no_mangle)]
extern "C" fn riser_instance_snapshot(instance: Option<&Object>, out: Out<'_, Item<SnapshotBox>>) -> Outcome {
    outcome_into(None, out, || {
        let (store, instance) = instance.and_then(Object::instance).context("this is no instance")?;
        Ok(boxed(instance.snapshot(store.context())?))
    })
}

/// `riser_snapshot_callback_t`: takes a snapshot, or the reason why there is none.
type Take = unsafe extern "C" fn(*mut c_void, *const StoreRef, Item<SnapshotBox>, Option<Box<ApiError>>) -> Returned;

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_store_on_snapshot(
    store: Option<&StoreRef>,
    callback: Option<Take>,
    env: *mut c_void,
    finalizer: Finalizer,
    out: Out<'_, Item<RequestsBox>>,
) -> Outcome {
    let env = Arc::new(Info::new(env, finalizer));
    outcome_into(store, out, || {
        let store = given::store(store)?.clone();
        let kept = Arc::clone(&env);
        let callback = callback.context("the callback is null")?;
        let take = move |of: StoreContextMut<'_, Data>, taken: std::result::Result<Snapshot, SnapshotError>| {
            let of = of.data().store().context("the store is being freed")?;
            let (snapshot, error) = match taken {
                Ok(snapshot) => (boxed(snapshot), None),
                Err(error) => (None, Some(Box::new(ApiError(Failure::new(None, &Error::new(error)))))),
            };
            // SAFETY: C has passed the function for these arguments, and the environment with it.
            unsafe { call_c(&of, || callback(env.data(), &raw const of, snapshot, error)) }
        };
        let requests = store.with_handle(|handle| handle.on_snapshot(take))?;
        // The finalizer of the callback before may use the store, which nothing borrows any more.
        let before = store.context().data_mut().snapshots.replace(kept);
        drop(before);
        Ok(Some(Box::new(RequestsBox(requests))))
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_request_snapshot_after(store: Option<&StoreRef>, safepoints: u64) {
    if let Some(store) = store {
        store.with_handle(|handle| handle.request_snapshot_after(safepoints));
    }
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_requests_delete(requests: Item<RequestsBox>) {
    drop(requests);
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_request(requests: Option<&RequestsBox>) {
    if let Some(requests) = requests {
        requests.0.request();
    }
}

/// A program that has been restored in a store.
fn restored(store: &StoreRef, restored: Restored) -> Item<RestoredBox> {
    Some(Box::new(RestoredBox { store: store.clone(), restored }))
}

#[unsafe(no_mangle)]
extern "C" fn riser_snapshot_restore(
    of: Option<&SnapshotBox>,
    store: Option<&StoreRef>,
    module: Option<&Object>,
    imports: Option<&Vector<Item<Object>>>,
    out: Out<'_, Item<RestoredBox>>,
) -> Outcome {
    outcome_into(store, out, || {
        let (snapshot, store, module) = (snapshot(of)?, given::store(store)?, given::module(module)?);
        let imports = imported(store, imports)?;
        Ok(restored(store, snapshot.restore(store.context(), module, &imports)?))
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_linker_restore(
    with: Option<&LinkerBox>,
    of: Option<&StoreRef>,
    module: Option<&Object>,
    from: Option<&SnapshotBox>,
    out: Out<'_, Item<RestoredBox>>,
) -> Outcome {
    outcome_into(of, out, || {
        let store = given::store(of)?;
        let ready = linker(with)?.ready(store, given::module(module)?)?;
        Ok(restored(store, ready.restore(store.context(), snapshot(from)?)?))
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_restored_delete(restored: Item<RestoredBox>) {
    drop(restored);
}

#[unsafe(no_mangle)]
extern "C" fn riser_restored_instance(restored: Option<&RestoredBox>) -> Item<Object> {
    let RestoredBox { store, restored } = restored?;
    Object::InStore(store.clone(), Entity::Instance(restored.instance())).boxed()
}

#[unsafe(no_mangle)]
extern "C" fn riser_restored_resume(restored: Item<RestoredBox>, out: Out<'_, Vector<Val>>) -> Outcome {
    let Some(restored) = restored else {
        return outcome_into(None, out, || Err(anyhow!("the restored program is null")));
    };
    let RestoredBox { store, restored } = *restored;
    outcome_into(Some(&store), out, || {
        let values = restored.resume(store.context())?;
        Ok(values.into_iter().map(|value| Val::new(&store, value)).collect::<Vec<_>>().into())
    })
}
