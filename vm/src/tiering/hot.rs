//! What happens when a function of the register interpreter gets hot, in the mode `multi-tier`.
//!
//! ```text
//! count reached -> request the function -> .. compiled .. -> count reached again -> enter it
//!                                                            (in a loop: request the way in, enter when that is ready)
//! ```
//!
//! Whatever threads compile, the functions of a store are changed by the thread that runs it alone, when
//! it gets here; until then it goes on interpreting. So nothing is ever waited for, and between requests and
//! results a function is interpreted a little longer, [`recheck`] counts at a time.
//!
//! A part that the tier declines is not asked for again.

use std::time::Instant;

use riser_tiers_core::policy::{TierEvent, TierEventKind};
use riser_tiers_core::{FuncInst, LoopCode, Mode, Policy, Status, TierCode};
use riser_translator::TrapCode;

use super::promote;
use super::queue::Job;
use crate::Module;
use crate::instance::InstanceData;
use crate::interp::Count;
use crate::module::Part;

/// How much a function counts before it looks again whether its code is ready: an eighth of what it took to get
/// here, so that it is not interpreted for much longer than it has been; and not less than pays for the look.
fn recheck(policy: &Policy, count: Count) -> u32 {
    let threshold = match count {
        Count::Calls => policy.call_threshold,
        Count::Loops => policy.loop_threshold,
    };
    (threshold / 8).clamp(64, 4096)
}

/// A count of a function has been reached with its frame at `fp`: at a loop, if `loop_offset` says so, or else at
/// the function's entry.
///
/// `None` if the interpreter is to go on. Otherwise how the function's execution ended: its results are from
/// slot 0 on if it returned. Its link may have been overwritten.
///
/// # Safety
///
/// `func` is a function of an instance of a living store, none of whose objects is borrowed, and stands there.
pub(crate) unsafe fn hot(func: *const FuncInst, loop_offset: Option<u32>, fp: *mut u64) -> Option<Status> {
    // SAFETY: by the contract of this function.
    unsafe {
        let context = (*func).context;
        let instance = &*(*context).owner.cast::<InstanceData>();
        let (module, count) = (instance.module(), loop_offset.map_or(Count::Calls, |_| Count::Loops));
        let defined = (*func).index - module.info().imported_functions;
        let counters = module.counters(defined);
        let (Some(tier), Mode::MultiTier) = (module.engine().next_tier(), instance.mode()) else {
            counters.set(count, Policy::NEVER);
            return None;
        };

        let recheck = recheck(&module.engine().config().policy, count);
        counters.set(count, recheck);
        let code = match function_code(module, tier, defined) {
            Progress::Ready(code) => code,
            Progress::Pending => return None,
            Progress::Never => {
                counters.set(Count::Calls, Policy::NEVER);
                counters.set(Count::Loops, Policy::NEVER);
                return None;
            }
        };
        promote(&*func, code);
        let outcome = match loop_offset {
            None => run_elsewhere(func, fp, || FuncInst::call(func, context, fp)),
            Some(offset) => match loop_code(module, tier, defined, offset) {
                Progress::Ready(code) => {
                    tell(module, tier, defined, Part::Loop(offset), TierEventKind::Entered);
                    run_elsewhere(func, fp, || {
                        let status = (code.entry)(func, code.data_address(), fp);
                        FuncInst::finish(status, func, context, fp)
                    })
                }
                Progress::Pending => return None,
                Progress::Never => {
                    // Other loops of the function may be taken over: the count goes on, in larger steps.
                    counters.set(count, recheck * 1024);
                    return None;
                }
            },
        };
        Some(outcome)
    }
}

/// Runs the rest of a function, whose frame is at `fp`, outside of the interpreter's activation.
///
/// # Safety
///
/// The frame is one of a function of a living store.
unsafe fn run_elsewhere(func: *const FuncInst, fp: *mut u64, run: impl FnOnce() -> Status) -> Status {
    // SAFETY: by the contract of this function.
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

/// How far something is.
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

/// The function's code in the tier, which is asked for if need be.
fn function_code(module: &Module, tier: usize, defined: u32) -> Progress<&TierCode> {
    let existing = || module.existing_tier_code(tier, defined);
    if existing().is_none() {
        request(module, tier, defined, Part::Function);
    }
    existing().map_or(Progress::Pending, |code| code.as_ref().into())
}

/// The way into the loop in the tier, which is asked for if need be.
fn loop_code(module: &Module, tier: usize, defined: u32, offset: u32) -> Progress<LoopCode> {
    let existing = || module.climb(tier).loop_code(defined, offset);
    let mut found = existing();
    if found.is_none() {
        request(module, tier, defined, Part::Loop(offset));
        found = existing();
    }
    found.map_or(Progress::Pending, Progress::from)
}

/// Has a part of a function compiled, unless that has been asked for before: here and now, or in the background.
fn request(module: &Module, tier: usize, defined: u32, part: Part) {
    if !module.climb(tier).request(defined, part) {
        return;
    }
    tell(module, tier, defined, part, TierEventKind::Requested);
    let (engine, job) = (module.engine(), Job { module: module.clone(), tier, defined, part });
    let policy = &engine.config().policy;
    let here = if policy.threads == 0 { Err(job) } else { engine.queue().push(job, policy.threads, policy.delay) };
    if let Err(job) = here {
        make(&job);
    }
}

/// Does a job.
pub(super) fn make(job: &Job) {
    let Job { module, tier, defined, part } = job;
    let (tier, defined, part) = (*tier, *defined, *part);
    let started = Instant::now();
    let declined = match part {
        // The body is valid: it has been translated to run in the interpreter.
        Part::Function => match module.tier_code(tier, defined) {
            Ok(code) => code.as_ref().err().cloned(),
            Err(_) => None,
        },
        Part::Loop(offset) => {
            let code = module.make_loop_code(tier, defined, offset);
            let declined = code.as_ref().err().cloned();
            module.climb(tier).set_loop_code(defined, offset, code);
            declined
        }
    };
    let kind = match declined {
        None => TierEventKind::Compiled { nanoseconds: started.elapsed().as_nanos() as u64 },
        Some(why) => TierEventKind::Declined(why),
    };
    tell(module, tier, defined, part, kind);
}

/// Tells the policy's observer what happened.
pub(super) fn tell(module: &Module, tier: usize, defined: u32, part: Part, kind: TierEventKind) {
    let engine = module.engine();
    engine.config().policy.tell(|| {
        let function = module.info().imported_functions + defined;
        TierEvent {
            at: Instant::now(),
            function,
            name: module.info().func_name(function).map(Into::into),
            tier: engine.tiers()[tier].mode(),
            loop_offset: part.loop_offset(),
            kind,
        }
    });
}
