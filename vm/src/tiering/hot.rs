//! Tier-up of hot functions, in the mode `multi-tier`: from the register interpreter, or from machine code with a step
//! above it.
//!
//! ```text
//! count reached -> request the function -> .. compiled .. -> count reached again -> enter it
//!                                                            (in a loop: request the way in, enter when that is ready)
//! ```
//!
//! Any thread may compile, but only the thread that runs a store changes the store's functions, when it gets here;
//! until then it continues to interpret. So no thread ever waits for another. Between request and result, a function is
//! interpreted a little longer, [`recheck`] counts at a time.
//!
//! A part that the tier has declined is not requested again.

use std::ptr;
use std::time::Instant;

use riser_tiers_core::policy::{TierEvent, TierEventKind};
use riser_tiers_core::{Bailout, Count, FuncInst, LoopCode, Mode, Policy, Status, TierCode};
use riser_translator::{DefinedFuncIndex, TrapCode};

use super::queue::{Job, Line};
use super::{highest, promote};
use crate::Module;
use crate::instance::InstanceData;
use crate::module::{Part, WeakModule};

/// Returns how much a function counts before it checks again whether its code is ready. That is an eighth of the
/// threshold that brought it here, so that it is not interpreted for much longer than it has been, but enough to pay
/// for the check.
fn recheck(threshold: u32) -> u32 {
    (threshold / 8).clamp(64, 4096)
}

/// Handles a counter of the register interpreter that has run out in a function with its frame at `fp`: at the loop
/// with `loop_offset`, if given, else at the function's entry.
///
/// Returns `None` if the interpreter is to continue. Otherwise returns how the function's execution ended: if it
/// returned, its results are from slot 0 on. Its link may have been overwritten.
///
/// # Safety
///
/// `func` is a function of an instance of a living store, none of whose objects is borrowed, and executes at that
/// place.
pub(crate) unsafe fn hot(func: *const FuncInst, loop_offset: Option<u32>, fp: *mut u64) -> Option<Status> {
    // SAFETY: by the contract of this function.
    unsafe {
        let outcome = match way_up(func, 0, loop_offset)? {
            Way::Function(_) => run_elsewhere(func, fp, || FuncInst::call(func, (*func).context, fp)),
            Way::Loop(code) => {
                // The module keeps the code. This frame has nothing to drop then: a resumable call can be left in it for good.
                let (entry, data) = (code.entry, code.data_address());
                drop(code);
                run_elsewhere(func, fp, || {
                    let status = entry(func, data, fp);
                    FuncInst::finish(status, func, (*func).context, fp)
                })
            }
        };
        Some(outcome)
    }
}

/// Handles a counter that has run out in a function of the lowest step:
/// [`StoreContext::hot`](riser_tiers_core::StoreContext::hot).
///
/// # Safety
///
/// As for [`hot`].
pub(crate) unsafe fn hot_native(func: *const FuncInst, loop_offset: Option<u32>) -> *const u8 {
    // SAFETY: by the contract of this function.
    match unsafe { way_up(func, 1, loop_offset) } {
        Some(Way::Function(code)) => code.native.0,
        Some(Way::Loop(code)) => code.native.0,
        None => ptr::null(),
    }
}

/// The code in which a function continues.
enum Way<'a> {
    /// Code of the whole function, which is to be called.
    Function(&'a TierCode),
    /// OSR code, which takes over the frame.
    Loop(LoopCode),
}

/// Returns the code for a function whose counter in the code below step `from` has run out. Requests compilation of
/// what is missing.
///
/// # Safety
///
/// As for [`hot`].
unsafe fn way_up<'a>(func: *const FuncInst, from: usize, loop_offset: Option<u32>) -> Option<Way<'a>> {
    // SAFETY: `func` is a function of an instance of a living store; an instance outlives its functions.
    let (func, instance) = unsafe { (&*func, &*(*(*func).context).owner.cast::<InstanceData>()) };
    let (module, count) = (instance.module(), loop_offset.map_or(Count::Calls, |_| Count::Loops));
    let defined = func.defined_index(module.info());
    let counters = module.counters(from, defined);
    let step = module.engine().next_step(from, func.func_index(), module.info().func_name(func.func_index()));
    let (Some((step, [calls, iterations])), Mode::MultiTier) = (step, instance.mode()) else {
        counters.set(count, Policy::NEVER);
        return None;
    };

    let recheck = recheck(if loop_offset.is_some() { iterations } else { calls });
    counters.set(count, recheck);
    match function_code(module, step, defined) {
        Progress::Ready(_) => {}
        Progress::Pending => return None,
        Progress::Never => {
            counters.set(Count::Calls, Policy::NEVER);
            counters.set(Count::Loops, Policy::NEVER);
            return None;
        }
    }
    let (highest, code) = highest(module, step, defined)?;
    let is_new = promote(func, highest, code);
    if from > 0 && !code.native.0.is_null() {
        module.replace(module.engine().steps()[from - 1].row, defined, code.native);
    }
    let Some(offset) = loop_offset else {
        if from > 0 && code.native.0.is_null() {
            // The new code has no native entry, so machine code keeps calling the old code.
            counters.set(count, recheck * 1024);
        }
        return Some(Way::Function(code));
    };
    if from > 0 && is_new {
        // Most loops end before OSR code, which takes long to compile, would pay.
        counters.set(count, iterations);
        return None;
    }
    let is_ready = |step: &usize| matches!(existing_loop_code(module, *step, defined, offset), Some(Ok(_)));
    let step = (step + 1..=highest).rev().find(is_ready).unwrap_or(step);
    match loop_code(module, step, defined, offset) {
        Progress::Ready(code) if from == 0 || !code.native.0.is_null() => {
            tell(module, step, defined, Part::Loop(offset), TierEventKind::Entered);
            Some(Way::Loop(code))
        }
        Progress::Pending => None,
        Progress::Ready(_) | Progress::Never => {
            // Other loops of the function may get OSR code: the count continues, in larger steps.
            counters.set(count, recheck * 1024);
            None
        }
    }
}

/// Runs the rest of a function, whose frame is at `fp`, outside of the interpreter's activation.
///
/// # Safety
///
/// The frame belongs to a function of a living store.
unsafe fn run_elsewhere(func: *const FuncInst, fp: *mut u64, run: impl FnOnce() -> Status) -> Status {
    // SAFETY: the frame belongs to a function of a living store.
    unsafe {
        let store = (*func).store;
        if (*store).native_stack_exhausted() {
            return TrapCode::StackOverflow.into();
        }
        let outer = (*store).stack_top;
        (*store).stack_top = fp.add((*func).link_slot() as usize);
        let status = run();
        (*store).stack_top = outer;
        status
    }
}

/// The progress of a request.
enum Progress<T> {
    Ready(T),
    Pending,
    Never,
}

impl<T, E> From<Result<T, E>> for Progress<T> {
    fn from(result: Result<T, E>) -> Progress<T> {
        match result {
            Ok(ready) => Progress::Ready(ready),
            Err(_) => Progress::Never,
        }
    }
}

/// Returns the function's code in the tier of a step. Requests it if need be.
fn function_code(module: &Module, step: usize, defined: DefinedFuncIndex) -> Progress<&TierCode> {
    let existing = || module.existing_tier_code(module.engine().steps()[step].row, defined);
    if existing().is_none() {
        request(module, step, defined, Part::Function);
    }
    existing().map_or(Progress::Pending, |code| code.as_ref().into())
}

/// Returns the loop's OSR code in the tier of a step, or the reason why there is none; `None` as long as neither is
/// known.
fn existing_loop_code(
    module: &Module,
    step: usize,
    defined: DefinedFuncIndex,
    offset: u32,
) -> Option<Result<LoopCode, Bailout>> {
    module.tier_up(module.engine().steps()[step].row).loop_code(defined, offset)
}

/// Returns the loop's OSR code in the tier of a step. Requests it if need be.
fn loop_code(module: &Module, step: usize, defined: DefinedFuncIndex, offset: u32) -> Progress<LoopCode> {
    let existing = || existing_loop_code(module, step, defined, offset);
    let mut found = existing();
    if found.is_none() {
        request(module, step, defined, Part::Loop(offset));
        found = existing();
    }
    found.map_or(Progress::Pending, Progress::from)
}

/// Requests compilation of a part of a function, unless that has been requested before: in the background, or right
/// here.
fn request(module: &Module, step: usize, defined: DefinedFuncIndex, part: Part) {
    let (engine, this) = (module.engine(), &module.engine().steps()[step]);
    let tier_up = module.tier_up(this.row);
    if !tier_up.request(defined, part) {
        return;
    }
    tell(module, step, defined, part, TierEventKind::Requested);
    if let Part::Loop(offset) = part
        && let Err(why) = tier_up.count_loop(module.info(), defined)
    {
        tier_up.set_loop_code(defined, offset, Err(why.clone()));
        tell(module, step, defined, part, TierEventKind::Declined(why));
        return;
    }
    let job = TierUpJob { module: module.downgrade(), step, defined, part };
    let policy = &engine.config().policy;
    let here = match policy.threads {
        0 => Err(job),
        threads => this.queue.push(job, Line::Last, threads, policy.delay_of(step)),
    };
    if let Err(job) = here {
        job.run();
    }
}

/// A part of a function to compile. Does not keep its module alive: when the module is dropped, so is the job, or its
/// result.
pub(crate) struct TierUpJob {
    module: WeakModule,
    /// The step that the function moves up to.
    step: usize,
    /// The function.
    defined: DefinedFuncIndex,
    /// The part of the function.
    part: Part,
}

impl Job for TierUpJob {
    fn owner(&self) -> usize {
        self.module.number()
    }

    fn run(self) {
        let TierUpJob { module, step, defined, part } = self;
        let Some(module) = module.upgrade() else { return };
        let row = module.engine().steps()[step].row;
        let started = Instant::now();
        let declined = match part {
            // The body is valid: it has been translated to run in the interpreter.
            Part::Function => match module.tier_code(row, defined) {
                Ok(code) => code.as_ref().err().cloned(),
                Err(_) => None,
            },
            Part::Loop(offset) => {
                let code = module.make_loop_code(row, defined, offset);
                let declined = code.as_ref().err().cloned();
                module.tier_up(row).set_loop_code(defined, offset, code);
                declined
            }
        };
        let kind = match declined {
            None => TierEventKind::Compiled { nanoseconds: started.elapsed().as_nanos() as u64 },
            Some(why) => TierEventKind::Declined(why),
        };
        tell(&module, step, defined, part, kind);
    }
}

/// Reports to the policy's observer what happened to a function on its way to a step.
pub(super) fn tell(module: &Module, step: usize, defined: DefinedFuncIndex, part: Part, kind: TierEventKind) {
    let engine = module.engine();
    engine.config().policy.tell(|| {
        let function = module.info().func_index(defined);
        TierEvent {
            at: Instant::now(),
            function,
            name: module.info().func_name(function).map(Into::into),
            tier: engine.steps()[step].mode,
            loop_offset: part.loop_offset(),
            kind,
        }
    });
}
