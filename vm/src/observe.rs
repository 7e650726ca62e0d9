//! Observers of safepoints, which see the canonical state of each frame at every safepoint that code passes.
//!
//! With the instrumentation `epoch`, code of every tier polls the interrupt flag at function entries and loop headers
//! ([`riser_translator::safepoint`]). A poll compares the engine's epoch with `StoreContext::epoch_deadline`. If the
//! deadline has passed, it calls this module: tiers call [`polled`], with the frame, and the register interpreter calls
//! [`polled_at`], with its registers. While there is an observer, the context's deadline is 0, so that every poll calls
//! this module, and the store keeps the real deadline. Without an observer nothing is slower than before.
//!
//! What a frame holds at a safepoint is found by translating the function once more, as for backtraces. The result is
//! kept with the observer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem;
use std::ptr::NonNull;
use std::slice;

use anyhow::Result;
use riser_interp::Polls;
use riser_tiers_core as plug;
use riser_tiers_core::{Context, Exception, FuncInst, PolledFrame, Status};
use riser_translator::safepoint::{Safepoint, SafepointKind, SafepointMap, SafepointSite};
use riser_translator::sink::LINK_SLOTS;
use riser_translator::{FuncIndex, TranslateError, TrapCode, ValType};

use crate::func::call::{raise, run_host, settle};
#[cfg(feature = "async")]
use crate::func::own_stack;
use crate::instance::InstanceData;
use crate::module::CodePosition;
use crate::sample::sample;
use crate::snapshot;
use crate::store::hooks::Deadline;
use crate::store::{Handle, StoreCore};
use crate::tiering::find_code;
use crate::{Instance, UpdateDeadline};

/// An observer. It gets the address of the store, which nothing else uses during the call.
pub(crate) type Observer = Box<dyn FnMut(NonNull<StoreCore>, Instance, &Safepoint) -> Result<()> + Send + Sync>;

/// The state of a store's observer.
pub(crate) enum Observation {
    /// The store has no observer.
    None,
    /// The store has an observer.
    Ready(Box<Observing>),
    /// The store's observer is running: code that it calls is not observed.
    Running,
}

/// An observer, and the data for showing frames to it.
pub(crate) struct Observing {
    observer: Observer,
    functions: Functions,
    /// The last safepoint that was shown; its vectors are reused.
    shown: Safepoint,
}

/// The safepoints of the functions seen so far, by the functions' addresses.
#[derive(Default)]
pub(crate) struct Functions(HashMap<usize, FuncSafepoints>);

/// The safepoints of a function.
struct FuncSafepoints {
    map: SafepointMap,
    /// The positions of its polls in the register interpreter's code.
    polls: FuncPolls,
    /// Whether the frame holds a reference to a function or an exception at any of them.
    has_references: bool,
}

impl Observation {
    pub(crate) fn new(observer: Observer) -> Observation {
        let shown = Safepoint {
            kind: SafepointKind::Entry,
            function: FuncIndex::new(0),
            offset: 0,
            locals: Vec::new(),
            operands: Vec::new(),
        };
        Observation::Ready(Box::new(Observing { observer, functions: Functions::default(), shown }))
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Observation::None)
    }
}

/// A poll that calls the VM.
#[derive(Clone, Copy)]
pub(crate) enum Poll<'a> {
    /// Of a tier, with the frame, if it is at a safepoint.
    Tier(Option<&'a PolledFrame<'a>>),
    /// Of the register interpreter, which is always at a safepoint.
    Interpreter {
        /// The context of the code.
        context: *const Context,
        /// The instruction that polls.
        ip: *const u64,
        /// The frame.
        fp: *const u64,
        /// As in [`PolledFrame`].
        report: &'a dyn Fn(),
    },
}

impl<'a> Poll<'a> {
    /// What reports the frames, if the poll is at a safepoint.
    fn report(&self) -> Option<&'a dyn Fn()> {
        match *self {
            Poll::Tier(frame) => frame.map(|frame| frame.report),
            Poll::Interpreter { report, .. } => Some(report),
        }
    }

    /// The frame, if the poll is at a safepoint.
    ///
    /// # Safety
    ///
    /// It is one that code does now, of an instance of a living store.
    pub(crate) unsafe fn frame(&self, functions: &mut Functions) -> Result<Option<PolledFrame<'a>>, TranslateError> {
        match *self {
            Poll::Tier(frame) => Ok(frame.copied()),
            // SAFETY: by the contract of this function.
            Poll::Interpreter { context, ip, fp, report } => unsafe {
                match find_code(context, ip) {
                    Some((func, at)) => functions.frame_at(func, at, fp, report),
                    None => Ok(None),
                }
            },
        }
    }
}

/// The implementation of `StoreContext::polled`: see there.
///
/// # Safety
///
/// `store` is the context of a living store, none of whose objects is borrowed; `frame` is a
/// frame of its code.
#[cold]
pub(crate) unsafe fn polled(store: *mut plug::StoreContext, frame: Option<&PolledFrame<'_>>) -> Status {
    // SAFETY: by the contract of this function.
    unsafe { observe(store, Poll::Tier(frame)) }
}

/// As [`polled`], for code of the register interpreter that polls at `ip` with the frame at `fp`. `report` is as in [`PolledFrame`].
///
/// # Safety
///
/// `context` is that of an instance of a living store, none of whose objects is borrowed. Its code polls at `ip` with
/// the frame at `fp`.
#[cold]
pub(crate) unsafe fn polled_at(context: *const Context, ip: *const u64, fp: *const u64, report: &dyn Fn()) -> Status {
    // SAFETY: by the contract of this function.
    unsafe { observe((*context).store, Poll::Interpreter { context, ip, fp, report }) }
}

/// Ends the code if its deadline has passed and the host does not say that it goes on. Otherwise, at a safepoint, takes a sample and a
/// snapshot, if they are due, and calls the store's observer, if there is one and it is not running.
///
/// # Safety
///
/// `store` is the context of a living store, none of whose objects is borrowed, and code of it polls.
unsafe fn observe(store: *mut plug::StoreContext, poll: Poll<'_>) -> Status {
    // SAFETY: `store` is the context of a living store, none of whose objects is borrowed. The observation is taken out
    // while it is used.
    unsafe {
        let core = NonNull::new_unchecked((*store).owner.cast::<StoreCore>());
        let place = &raw mut (*core.as_ptr()).observation;
        (*core.as_ptr()).note_requests();
        if (*store).now() >= (*core.as_ptr()).deadline {
            let status = deadline_passed(core, poll);
            if !status.is_returned() {
                return status;
            }
        }
        let Some(report) = poll.report() else { return Status::RETURNED };
        let mut status = sample(core, report);
        if status.is_returned() {
            status = snapshot::pass(core, poll);
        }
        if !status.is_returned() {
            return status;
        }
        match mem::replace(&mut *place, Observation::Running) {
            Observation::Ready(mut observing) => {
                let status = match poll.frame(&mut observing.functions) {
                    Ok(Some(frame)) => observing.show(core, &frame),
                    Ok(None) => Ok(Status::RETURNED),
                    Err(error) => Err(error),
                };
                *place = Observation::Ready(observing);
                status.unwrap_or_else(|error| raise(&mut *store, error.into()))
            }
            other => {
                *place = other;
                Status::RETURNED
            }
        }
    }
}

/// Asks the host how to go on, if it is to be asked.
///
/// # Safety
///
/// As for [`observe`].
unsafe fn deadline_passed(core: NonNull<StoreCore>, poll: Poll<'_>) -> Status {
    // SAFETY: by the contract of `observe`. The hook is taken out while it runs.
    unsafe {
        let context = &raw mut (*core.as_ptr()).context;
        let place = &raw mut (*core.as_ptr()).hooks.deadline;
        let mut hook = match mem::replace(&mut *place, Deadline::Asking) {
            Deadline::Ask(hook) => hook,
            other @ (Deadline::Trap | Deadline::Asking) => {
                *place = other;
                return TrapCode::Interrupt.into();
            }
            #[cfg(feature = "async")]
            Deadline::Yield(ticks) => {
                *place = Deadline::Yield(ticks);
                return yield_until(core, poll, ticks);
            }
        };
        // Beyond the limit there is no room for a call.
        let top = poll.frame(&mut hook.functions).map(|frame| match frame {
            Some(frame) => frame.operands.as_ptr_range().end,
            None => (*context).stack_limit.wrapping_add(1),
        });
        let outcome = match top {
            Ok(top) => run_host(context, top.cast_mut(), || (hook.run)(core)),
            Err(error) => Ok(Err(error.into())),
        };
        if matches!(*place, Deadline::Asking) {
            *place = Deadline::Ask(hook);
        }
        match outcome {
            Ok(Ok(UpdateDeadline::Continue(ticks))) => {
                (*core.as_ptr()).set_epoch_deadline(ticks);
                Status::RETURNED
            }
            Ok(Ok(UpdateDeadline::Interrupt)) => TrapCode::Interrupt.into(),
            #[cfg(feature = "async")]
            Ok(Ok(UpdateDeadline::Yield(ticks))) => yield_until(core, poll, ticks),
            Ok(Err(error)) => raise(&mut *context, error),
            Err(payload) => settle(&mut *context, Err(payload)),
        }
    }
}

/// Lets others run. The code then goes on with a deadline a number of ticks later.
///
/// # Safety
///
/// As for [`observe`].
#[cfg(feature = "async")]
unsafe fn yield_until(core: NonNull<StoreCore>, poll: Poll<'_>, ticks: u64) -> Status {
    // SAFETY: by the contract of `observe`. At a safepoint there are frames of the guest and of tiers only, which have nothing to drop; a
    // poll elsewhere may be that of a builtin that waits, which goes on.
    unsafe {
        if !own_stack::can_wait(core) {
            return TrapCode::Interrupt.into();
        }
        if poll.report().is_some() {
            let yielded = own_stack::yield_now(core);
            let status = settle(&mut (*core.as_ptr()).context, yielded);
            if !status.is_returned() {
                return status;
            }
        }
        (*core.as_ptr()).set_epoch_deadline(ticks);
        Status::RETURNED
    }
}

impl Observing {
    /// Shows a frame to the observer.
    ///
    /// # Safety
    ///
    /// The frame belongs to code of the store, which is alive, with none of its objects borrowed.
    unsafe fn show(&mut self, store: NonNull<StoreCore>, frame: &PolledFrame<'_>) -> Result<Status, TranslateError> {
        // SAFETY: by the contract of this function; a frame's function belongs to an instance.
        unsafe {
            let shown = &mut self.shown;
            (shown.kind, shown.function, shown.offset) = (frame.kind, (*frame.func).func_index(), frame.offset);
            shown.locals.clear();
            shown.locals.extend_from_slice(frame.params);
            shown.locals.extend_from_slice(frame.locals);
            shown.operands.clear();
            shown.operands.extend_from_slice(frame.operands);
            self.number_references(frame)?;
            let instance = NonNull::new_unchecked((*(*frame.func).context).owner.cast::<InstanceData>().cast_mut());
            let instance = Instance(Handle::new((*store.as_ptr()).id, instance));
            let context = &raw mut (*store.as_ptr()).context;
            // Nothing is live behind the operands, so calls that the observer makes start there.
            let free = frame.operands.as_ptr_range().end.cast_mut();
            let outcome = run_host(context, free, || (self.observer)(store, instance, &self.shown));
            Ok(settle(&mut *context, outcome))
        }
    }

    /// Replaces the references to functions and exceptions in the safepoint to be shown by numbers. An exception's number
    /// is how many were thrown in the store up to it, which is the same in every mode. What handlers of legacy exceptions keep is put
    /// among the operands.
    ///
    /// # Safety
    ///
    /// The frame, which is to be shown, belongs to code of a living store.
    unsafe fn number_references(&mut self, frame: &PolledFrame<'_>) -> Result<(), TranslateError> {
        // SAFETY: a frame's function is one of an instance of a living store.
        let FuncSafepoints { map, has_references, .. } = unsafe { self.functions.of(frame.func)? };
        if !*has_references {
            return Ok(());
        }
        let shown = &mut self.shown;
        let Some(site) = map.find(shown.kind, shown.offset) else { return Ok(()) };
        site.kept.insert(frame.kept, &mut shown.operands);
        for (types, slots) in [(&map.locals[..], &mut shown.locals), (&site.operands[..], &mut shown.operands)] {
            let mut at = 0;
            for ty in types {
                // SAFETY: a reference is null or the address of a function or an exception of the store.
                unsafe {
                    match ty {
                        ValType::FuncRef => slots[at] = (slots[at] as *const FuncInst).as_ref().map_or(0, number),
                        ValType::ExnRef if slots[at] != 0 => {
                            slots[at] = Exception::serial(slots[at] as *const Exception)
                        }
                        ValType::ExnRef | ValType::ExternRef => {}
                        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => {}
                    }
                }
                at += ty.slots() as usize;
            }
        }
        Ok(())
    }
}

impl Functions {
    /// Returns the frame at `fp` of a function whose code in the register interpreter polls at `at`.
    ///
    /// # Safety
    ///
    /// `func` is a function of an instance of a living store, and its code polls at `at` with the frame at `fp`.
    unsafe fn frame_at<'a>(
        &mut self,
        func: *const FuncInst,
        at: CodePosition,
        fp: *const u64,
        report: &'a dyn Fn(),
    ) -> Result<Option<PolledFrame<'a>>, TranslateError> {
        // SAFETY: by the contract of this function; the frame is laid out as the map says.
        unsafe {
            let FuncSafepoints { map, polls, .. } = self.of(func)?;
            let polls = polls.of(func, at.counted)?;
            let Some(SafepointSite { kind, offset, operands, .. }) =
                polls.words.binary_search(&at.word).ok().and_then(|index| map.sites.get(index))
            else {
                return Ok(None);
            };
            let slots = |first: u32, len: u32| slice::from_raw_parts(fp.add(first as usize), len as usize);
            let frame = map.frame;
            Ok(Some(PolledFrame {
                func,
                kind: *kind,
                offset: *offset,
                params: slots(0, frame.params),
                locals: slots(frame.link().0 + LINK_SLOTS + polls.shift, frame.locals - frame.params),
                operands: slots(frame.temp(0).0 + polls.shift, operands.iter().map(|ty| ty.slots()).sum()),
                kept: &[],
                report,
            }))
        }
    }

    /// Returns the safepoints of a function.
    ///
    /// # Safety
    ///
    /// `func` is a function of an instance of a living store.
    unsafe fn of(&mut self, func: *const FuncInst) -> Result<&mut FuncSafepoints, TranslateError> {
        match self.0.entry(func.addr()) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            // SAFETY: `func` is a function of an instance of a living store; the owner of a context is its instance.
            Entry::Vacant(entry) => unsafe {
                let instance = &*(*(*func).context).owner.cast::<InstanceData>();
                let module = instance.module();
                let map = SafepointMap::of(module.parsed(), (*func).func_index())?;
                let has_reference =
                    |types: &[ValType]| types.iter().any(|ty| matches!(ty, ValType::FuncRef | ValType::ExnRef));
                let has_references =
                    has_reference(&map.locals) || map.sites.iter().any(|site| has_reference(&site.operands));
                Ok(entry.insert(FuncSafepoints { map, polls: FuncPolls::default(), has_references }))
            },
        }
    }
}

/// The polls of a function: in the code that does not count, and in the code that counts.
#[derive(Default)]
struct FuncPolls([Option<Polls>; 2]);

impl FuncPolls {
    /// Returns the polls of the code that counts, or of the code that does not.
    ///
    /// # Safety
    ///
    /// `func` is a function of an instance of a living store.
    unsafe fn of(&mut self, func: *const FuncInst, counted: bool) -> Result<&Polls, TranslateError> {
        let place = &mut self.0[usize::from(counted)];
        if let Some(polls) = place {
            return Ok(polls);
        }
        // SAFETY: `func` is a function of an instance of a living store; the owner of a context is its instance.
        let (module, func) = unsafe { ((*(*(*func).context).owner.cast::<InstanceData>()).module(), &*func) };
        Ok(place.insert(module.polls(func.defined_index(module.info()), counted)?))
    }
}

/// A number for a function that does not depend on its address. The upper half is the number of its instance in the
/// store, from 1 on, or 0 for the host. The lower half is the function's index there, from 1 on.
fn number(func: &FuncInst) -> u64 {
    // SAFETY: the function belongs to the store that is observed, which is alive.
    let instance = unsafe { InstanceData::of(func) };
    let instance = instance.map_or(0, |instance| u64::from(instance.number()) + 1);
    instance << 32 | (u64::from(func.index) + 1)
}
