//! Property: a run that is stopped anywhere, and goes on in another way from the snapshot, ends as it does without.
//!
//! A valid module is called as planned by [`crate::plan`], in an interpreter, up to a safepoint that the input chooses. The
//! snapshot there goes through its bytes, and the run goes on under other configurations. Results, traps and their places,
//! fuel, what hosts see, memories, tables and globals have to be those of the reference, which is not stopped. Then bytes of the
//! snapshot are changed: it is refused, or restored and run, and nothing panics. So it is for an instance that is not running,
//! and for a guest's WASI state (`wasi.rs`).

use std::sync::LazyLock;

use riser::modes::CLASSIC;
use riser::{
    Engine, Error, Extern, ExternType, Func, Instance, Mode, Module, Snapshot, Store, StoreLimits, StoreLimitsBuilder,
};
use riser_properties::nan;
use riser_translator::parse_module;

use crate::configurations::{self, Configuration, Rotation, pooled};
use crate::execute::{Stopped, run_on, run_to_safepoint};
use crate::observation::{Agreement, compare};
use crate::value::mix;
use crate::{plan, source};

use super::{Finding, Verdict, differential, digest};

mod wasi;

static ROTATION: LazyLock<Rotation> = LazyLock::new(|| Rotation::new(|it| !it.changing));

thread_local! {
    static INTERPRETERS: Vec<Engine> = interpreters();
}

/// The modes in which snapshots can be taken, with polls.
fn interpreters() -> Vec<Engine> {
    let modes = configurations::modes().iter().filter(|&&mode| mode == Mode::Interp || mode == CLASSIC);
    let engine = |&mode: &Mode| {
        let configuration = Configuration { mode, ..Configuration::reference() };
        Engine::new(configuration.config().epoch_interruption(true)).unwrap_or_else(|error| panic!("{error:#}"))
    };
    modes.map(engine).collect()
}

/// The property for the module that `data` stands for; an invalid module is not a case.
///
/// # Errors
///
/// If a run that goes on from a snapshot ends otherwise.
pub fn snapshots(data: &[u8]) -> Result<Verdict, Finding> {
    let Some(wasm) = source::module(data) else { return Ok(Verdict::NOTHING) };
    let seed = digest(data);
    match check(&wasm, seed) {
        Err(finding) => {
            // Two ways to compute the same may have chosen different NaNs.
            let canonical = parse_module(&*wasm).ok().and_then(|parsed| nan::canonical(&wasm, parsed.info()));
            check(&canonical.ok_or_else(|| finding.clone())?, seed).map_err(|_| finding)
        }
        found => found,
    }
}

fn check(wasm: &[u8], seed: u64) -> Result<Verdict, Finding> {
    let Some(expected) = differential::observe(wasm, &Configuration::reference(), usize::MAX)? else {
        return Ok(Verdict::NOTHING);
    };
    let failed = |error: Error| Finding::in_module(format!("{error:#}"), wasm);
    let engines = INTERPRETERS.with(|all| all[seed as usize % all.len()].clone());
    let module = Module::from_binary(&engines, wasm).map_err(failed)?;
    let calls = plan::calls(module.info());
    // Most runs are short.
    let Some(stopped) = [6, 3, 0]
        .into_iter()
        .find_map(|bits| run_to_safepoint(&module, &calls, mix(seed, bits) % (1 << bits)).transpose())
        .transpose()
        .map_err(failed)?
    else {
        return Ok(Verdict::NOTHING);
    };
    let Stopped { snapshot: Ok(snapshot), .. } = &stopped else { return Ok(Verdict::NOTHING) };
    let bytes = snapshot.to_bytes();
    if Snapshot::from_bytes(&bytes).as_ref() != Ok(snapshot) {
        return Err(Finding::in_module("a snapshot changes on its way through bytes", wasm));
    }
    for configuration in ROTATION.of_case(seed as usize).filter(|it| it.fuel) {
        let module = Module::from_binary(&pooled(&configuration), wasm).map_err(failed)?;
        let actual = run_on(&module, &calls, &stopped).map_err(failed)?;
        if let Err(difference) = compare(&expected, &actual, Agreement::Exact) {
            let mode = engines.default_mode();
            let message = format!("from a snapshot of {mode}, {configuration} differs in {difference}");
            return Err(Finding::in_module(message, wasm));
        }
    }
    altered(&module, &bytes, seed).map_err(failed)?;
    idle(&module, seed).map_err(failed)?;
    wasi::altered(seed).map_err(|why| Finding::in_module(why, wasm))?;
    Ok(Verdict::ONE)
}

/// Changes bytes of a snapshot, and goes on from what is accepted.
fn altered(module: &Module, bytes: &[u8], seed: u64) -> Result<(), Error> {
    for round in 0..4 {
        let mut altered = bytes.to_vec();
        let end = altered.len() - size_of::<u32>();
        for change in 0..=round {
            let number = mix(seed, round * 8 + change);
            altered[(number >> 8) as usize % end] = number as u8;
        }
        let sum = crc32fast::hash(&altered[..end]);
        altered[end..].copy_from_slice(&sum.to_le_bytes());
        let Ok(snapshot) = Snapshot::from_bytes(&altered) else { continue };
        let mut store = limited(module)?;
        let Some(imports) = functions(&mut store, module) else { return Ok(()) };
        if let Ok(restored) = snapshot.restore(&mut store, module, &imports) {
            store.set_fuel(plan::FUEL)?;
            // Whatever it does, it ends.
            drop(restored.resume(&mut store));
        }
    }
    Ok(())
}

/// Captures an instance that is not running, and restores it: it has to be the same. Then bytes of the snapshot are changed.
fn idle(module: &Module, seed: u64) -> Result<(), Error> {
    let mut store = limited(module)?;
    let Some(imports) = functions(&mut store, module) else { return Ok(()) };
    store.set_fuel(plan::FUEL)?;
    let Ok(instance) = Instance::new(&mut store, module, &imports) else { return Ok(()) };
    let Ok(mut snapshot) = instance.snapshot(&store) else { return Ok(()) };
    if seed.is_multiple_of(2) {
        // Large memories are not sealed, and copied.
        drop(snapshot.seal(plan::MEMORY_BYTES as u64));
    }
    let mut other = limited(module)?;
    let Some(imports) = functions(&mut other, module) else { return Ok(()) };
    let restored = snapshot.restore(&mut other, module, &imports)?;
    if restored.instance().snapshot(&other).as_ref() != Ok(&snapshot) {
        return Err(Error::msg("an instance that was restored from a snapshot has another one"));
    }
    altered(module, &snapshot.to_bytes(), seed ^ 1)
}

/// A store with small limits.
fn limited(module: &Module) -> Result<Store<StoreLimits>, Error> {
    let limits = StoreLimitsBuilder::new().memory_size(plan::MEMORY_BYTES).table_elements(plan::TABLE_ELEMENTS).build();
    let mut store = Store::try_new(module.engine(), limits)?;
    store.limiter(|limits| limits);
    store.set_epoch_deadline(u64::MAX);
    Ok(store)
}

/// Host functions for the imports of a module, if it imports nothing else. They fail.
fn functions(store: &mut Store<StoreLimits>, module: &Module) -> Option<Vec<Extern>> {
    let function = |ty| match ty {
        ExternType::Func(ty) => Some(Func::new(&mut *store, ty, |_, _, _| Err(Error::msg("not to be called"))).into()),
        ExternType::Global(_) | ExternType::Memory(_) | ExternType::Table(_) | ExternType::Tag(_) => None,
    };
    module.imports().map(|import| import.ty()).map(function).collect()
}
