//! Property: a run that is stopped anywhere, and goes on in another way from the snapshot, ends as it does without.
//!
//! A valid module is called as planned by [`crate::plan`], in any mode, up to a safepoint that the input chooses. The snapshot
//! there is the same as in the interpreter. It goes through its bytes, and the run goes on under other configurations. Results,
//! traps and their places, fuel, what hosts see, memories, tables and globals have to be those of the reference, which is not
//! stopped. Then bytes of the snapshot are changed: it is refused, or restored and run, and nothing panics. So it is for an
//! instance that is not running, and for a guest's WASI state (`wasi.rs`).

use std::cell::OnceCell;
use std::sync::LazyLock;

use riser::modes::{CLASSIC, FAST_JIT, LLVM_JIT};
use riser::{Engine, Error, Extern, ExternType, Func, Mode, Module, Snapshot, Store, StoreLimits};

use crate::configurations::{self, Configuration, Rotation, pooled};
use crate::execute::{Stopped, captured_again, captured_idle, limits, run_on, run_to_safepoint, store_host_values};
use crate::observation::{Agreement, compare};
use crate::plan::PlannedCall;
use crate::value::mix;
use crate::{plan, source};

use super::{Finding, Verdict, differential, digest, with_canonical_nans};

mod wasi;

static ROTATION: LazyLock<Rotation> = LazyLock::new(|| Rotation::new(|it| !it.changing));

thread_local! {
    static CAPTURING: [Vec<Capturing>; 2] = capturing();
    static REFERENCE: Engine = engine(&Configuration::reference());
}

/// LLVM captures in one of so many cases.
const ONE_OF_LLVM: u64 = 20;

/// A configuration that snapshots are taken under, with its engine from the first use on.
type Capturing = (Configuration, OnceCell<Engine>);

/// An engine that takes snapshots.
fn engine(configuration: &Configuration) -> Engine {
    let mut config = configuration.config();
    config.epoch_interruption(true).snapshots(true);
    Engine::new(&config).unwrap_or_else(|error| panic!("{configuration}: {error:#}"))
}

/// The configurations that snapshots are taken under: those without LLVM, and those with it.
fn capturing() -> [Vec<Capturing>; 2] {
    let of_mode = |&mode: &Mode| {
        let each = [(true, true), (true, false), (false, true), (false, false)];
        let matters = mode != Mode::Interp && mode != CLASSIC;
        each.into_iter().take(if matters { 4 } else { 1 }).flat_map(move |(optimizing, backtracking)| {
            let aheads = if mode == Mode::Aot { vec![FAST_JIT, LLVM_JIT] } else { vec![FAST_JIT] };
            let aheads = aheads.into_iter().filter(|ahead| configurations::modes().contains(ahead));
            aheads.map(move |ahead| {
                // In the mode multi-tier, functions move up only at loops where code is not optimised.
                let only_loops = mode == Mode::MultiTier && !optimizing;
                Configuration { mode, optimizing, backtracking, ahead, only_loops, ..Configuration::reference() }
            })
        })
    };
    let (with, without): (Vec<_>, Vec<_>) =
        configurations::modes().iter().flat_map(of_mode).partition(Configuration::uses_llvm);
    [without, with].map(|all| all.into_iter().map(|it| (it, OnceCell::new())).collect())
}

/// The configuration for a case, and its engine.
fn capturing_for(seed: u64) -> (Configuration, Engine) {
    CAPTURING.with(|[without, with]| {
        let number = seed / ONE_OF_LLVM;
        let list = if seed.is_multiple_of(ONE_OF_LLVM) && !with.is_empty() { with } else { without };
        let (configuration, place) = &list[number as usize % list.len()];
        (*configuration, place.get_or_init(|| engine(configuration)).clone())
    })
}

/// The property for the module that `data` stands for; an invalid module is not a case.
///
/// # Errors
///
/// If a run that goes on from a snapshot ends otherwise.
pub fn snapshots(data: &[u8]) -> Result<Verdict, Finding> {
    let Some(wasm) = source::module(data) else { return Ok(Verdict::NOTHING) };
    let seed = digest(data);
    with_canonical_nans(&wasm, |wasm, _| check(wasm, seed))
}

fn check(wasm: &[u8], seed: u64) -> Result<Verdict, Finding> {
    let Some(expected) = differential::observe(wasm, &Configuration::reference(), usize::MAX)? else {
        return Ok(Verdict::NOTHING);
    };
    let failed = |error: Error| Finding::in_module(format!("{error:#}"), wasm);
    let (from, engine) = capturing_for(seed);
    let module = Module::from_binary(&engine, wasm).map_err(failed)?;
    let calls = plan::calls(module.info());
    // Most runs are short.
    let mut stopped = None;
    for bits in [6, 3, 0] {
        let safepoints = mix(seed, bits) % (1 << bits);
        if let Some(found) = run_to_safepoint(&module, &calls, safepoints).map_err(failed)? {
            stopped = Some((found, safepoints));
            break;
        }
    }
    let Some((stopped, safepoints)) = stopped else { return Ok(Verdict::NOTHING) };
    let reference = Module::from_binary(&REFERENCE.with(Engine::clone), wasm).map_err(failed)?;
    let expected_snapshot = run_to_safepoint(&reference, &calls, safepoints).map_err(failed)?.map(|it| it.snapshot);
    if expected_snapshot.as_ref() != Some(&stopped.snapshot) {
        let found = &stopped.snapshot;
        let message =
            format!("after {safepoints} safepoints, {from} has the snapshot {found:?}, and not {expected_snapshot:?}");
        return Err(Finding::in_module(message, wasm));
    }
    let Stopped { snapshot: Ok(snapshot), .. } = &stopped else { return Ok(Verdict::NOTHING) };
    let bytes = snapshot.to_bytes();
    if Snapshot::from_bytes(&bytes).as_ref() != Ok(snapshot) {
        return Err(Finding::in_module("a snapshot changes on its way through bytes", wasm));
    }
    for configuration in ROTATION.of_case(seed as usize).filter(|it| it.fuel) {
        let module = Module::from_binary(&pooled(&configuration), wasm).map_err(failed)?;
        let actual = run_on(&module, &calls, &stopped).map_err(failed)?;
        if let Err(difference) = compare(&expected, &actual, Agreement::Exact) {
            let message = format!("from a snapshot of {from}, {configuration} differs in {difference}");
            return Err(Finding::in_module(message, wasm));
        }
    }
    altered(&module, &bytes, seed).map_err(failed)?;
    idle(&module, &calls, seed).map_err(failed)?;
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

/// Captures an instance that is not running, after some of the calls, and restores it: it has to be the same. Then bytes of the snapshot are
/// changed.
fn idle(module: &Module, calls: &[PlannedCall], seed: u64) -> Result<(), Error> {
    let calls = &calls[..mix(seed, 40) as usize % (calls.len() + 1)];
    let Some(mut snapshot) = captured_idle(module, calls)? else { return Ok(()) };
    if seed.is_multiple_of(2) {
        // Large memories are not sealed, and copied.
        drop(snapshot.seal(plan::MEMORY_BYTES as u64));
    }
    if captured_again(module, &snapshot)? != snapshot {
        return Err(Error::msg("an instance that was restored from a snapshot has another one"));
    }
    altered(module, &snapshot.to_bytes(), seed ^ 1)
}

/// A store with small limits.
fn limited(module: &Module) -> Result<Store<StoreLimits>, Error> {
    let mut store = Store::try_new(module.engine(), limits())?;
    store.limiter(|limits| limits);
    store_host_values(&mut store);
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
