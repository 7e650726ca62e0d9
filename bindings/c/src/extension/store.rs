//! Stores: data, fuel, epochs, limits, WASI.

use std::ffi::c_void;
use std::ptr;

use anyhow::{Context as _, Result};
use riser::StoreLimitsBuilder;

use super::given;
use super::wasi::WasiConfig;
use crate::failure::{Outcome, outcome};
use crate::info::{Finalizer, Info};
use crate::object::Object;
use crate::standard::EngineBox;
use crate::store::StoreRef;
use crate::vector::{Item, Out, put};

#[unsafe(no_mangle)]
extern "C" fn riser_store_new(engine: Option<&EngineBox>, data: *mut c_void, finalizer: Finalizer) -> Item<StoreRef> {
    let user = Info::new(data, finalizer);
    engine.map(|engine| Box::new(StoreRef::new(&engine.0, user)))
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_data(store: Option<&StoreRef>) -> *mut c_void {
    store.map_or(ptr::null_mut(), |store| store.context().data().user.data())
}

/// Does something with a store that is there.
fn with(store: Option<&StoreRef>, work: impl FnOnce(&StoreRef) -> Result<()>) -> Outcome {
    outcome(store, || work(given::store(store)?))
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_tell_endings(store: Option<&StoreRef>) {
    if let Some(store) = store {
        store.context().data_mut().is_told_endings = true;
    }
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_end_callback(store: Option<&StoreRef>, trap: Item<Object>) {
    if let Some(store) = store {
        // One that it has said before is dropped when nothing borrows the store.
        let before = store.context().data_mut().ending.replace(trap);
        drop(before);
    }
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_set_fuel(store: Option<&StoreRef>, fuel: u64) -> Outcome {
    with(store, |store| store.context().set_fuel(fuel))
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_get_fuel(store: Option<&StoreRef>, out: Out<'_, u64>) -> Outcome {
    with(store, |store| {
        put(out, store.context().get_fuel()?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_set_epoch_deadline(store: Option<&StoreRef>, ticks_beyond_current: u64) {
    if let Some(store) = store {
        store.context().set_epoch_deadline(ticks_beyond_current);
    }
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_limiter(
    store: Option<&StoreRef>,
    memory_bytes: i64,
    table_elements: i64,
    total_bytes: i64,
    instances: i64,
    tables: i64,
    memories: i64,
) {
    type Set = fn(StoreLimitsBuilder, usize) -> StoreLimitsBuilder;
    let Some(store) = store else { return };
    let given: [(i64, Set); 6] = [
        (memory_bytes, StoreLimitsBuilder::memory_size),
        (table_elements, StoreLimitsBuilder::table_elements),
        (total_bytes, StoreLimitsBuilder::total_size),
        (instances, StoreLimitsBuilder::instances),
        (tables, StoreLimitsBuilder::tables),
        (memories, StoreLimitsBuilder::memories),
    ];
    // A negative number is no limit of C's.
    let limits = given.into_iter().fold(StoreLimitsBuilder::new(), |limits, (most, set)| match usize::try_from(most) {
        Ok(most) => set(limits, most),
        Err(_) => limits,
    });
    store.context().data_mut().limits = limits.build();
    store.with_handle(|handle| handle.limiter(|data| &mut data.limits));
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_set_wasi(store: Option<&StoreRef>, wasi: Item<WasiConfig>) -> Outcome {
    with(store, |store| {
        let wasi = wasi.context("the WASI configuration is null")?.build()?;
        // In two steps: the store is borrowed to the end of the first.
        let before = store.context().data_mut().replace_wasi(wasi);
        drop(before);
        Ok(())
    })
}
