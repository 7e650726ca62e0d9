//! The host's hooks: at every call between the host and wasm, and at the epoch's deadline.

use std::panic::resume_unwind;
use std::ptr::NonNull;

use anyhow::Result;
use riser_tiers_core::Exception;

use super::{Store, StoreCore};
use crate::func::call::run_host;
use crate::observe::Functions;
use crate::{AsContextMut as _, StoreContextMut};

/// A call between the host and wasm, or its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallHook {
    /// The host calls a function.
    CallingWasm,
    /// A function that the host has called returns, or fails.
    ReturningFromWasm,
    /// A host function is called.
    CallingHost,
    /// A host function returns, or fails.
    ReturningFromHost,
}

impl CallHook {
    /// Whether the host runs from here on.
    pub fn entering_host(&self) -> bool {
        matches!(self, CallHook::ReturningFromWasm | CallHook::CallingHost)
    }

    /// Whether the host does not run from here on.
    pub fn exiting_host(&self) -> bool {
        matches!(self, CallHook::ReturningFromHost | CallHook::CallingWasm)
    }
}

/// How to go on when the epoch's deadline has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateDeadline {
    /// Code goes on, with a deadline this many ticks from now.
    Continue(u64),
    /// Code ends in [`crate::Trap::Interrupt`].
    Interrupt,
    /// Code goes on, with a deadline this many ticks from then, after others have run: the call's future is to be polled again. Code that
    /// is not called by a future, as by [`crate::Func::call_async`], ends in [`crate::Trap::Interrupt`].
    #[cfg(feature = "async")]
    Yield(u64),
}

/// A hook for calls. It gets the address of the store, which nothing else uses during the call.
type OnCall = Box<dyn FnMut(NonNull<StoreCore>, CallHook) -> Result<()> + Send + Sync>;

/// A hook for the deadline, likewise.
type OnDeadline = Box<dyn FnMut(NonNull<StoreCore>) -> Result<UpdateDeadline> + Send + Sync>;

/// The hooks of a store.
#[derive(Default)]
pub(crate) struct Hooks {
    call: Option<OnCall>,
    pub(crate) deadline: Deadline,
}

/// What happens at the epoch's deadline.
#[derive(Default)]
pub(crate) enum Deadline {
    /// Code traps.
    #[default]
    Trap,
    /// Code yields, and goes on with a deadline this many ticks later.
    #[cfg(feature = "async")]
    Yield(u64),
    /// The host is asked.
    Ask(Box<DeadlineHook>),
    /// The host is being asked; code that it calls meanwhile traps.
    Asking,
}

/// The hook for the deadline, and the safepoints of the functions that it was called in.
pub(crate) struct DeadlineHook {
    pub(crate) run: OnDeadline,
    pub(crate) functions: Functions,
}

/// Runs the store's hook for calls, if it has one. Calls that the hook itself makes have none. They use the value stack from `free` on,
/// or from `stack_top` on if that is higher.
///
/// # Errors
///
/// Those of the hook.
///
/// # Panics
///
/// If the hook panics.
///
/// # Safety
///
/// The store is alive, and no reference into it is in use. What is still used of the value stack is below `free`, which is at most
/// the red zone beyond its limit, or below `stack_top`.
#[inline]
pub(crate) unsafe fn on_call(store: NonNull<StoreCore>, what: CallHook, free: *mut u64) -> Result<()> {
    // SAFETY: by the contract of this function.
    unsafe {
        if { &(*store.as_ptr()).hooks.call }.is_none() {
            return Ok(());
        }
        run_on_call(store, what, free)
    }
}

/// # Safety
///
/// As for [`on_call`].
#[cold]
unsafe fn run_on_call(store: NonNull<StoreCore>, what: CallHook, free: *mut u64) -> Result<()> {
    // SAFETY: by the contract of this function. The hook is taken out while it runs.
    unsafe {
        let Some(mut hook) = { &mut (*store.as_ptr()).hooks.call }.take() else { return Ok(()) };
        let context = &raw mut (*store.as_ptr()).context;
        // The call may end in an exception. It goes on afterwards, whatever the hook's own calls throw and catch.
        let (pending, roots) = ((*context).exception, (*context).exceptions.roots());
        if !pending.is_null() {
            Exception::root(pending);
        }
        let outcome = run_host(context, (*context).stack_top.max(free), || hook(store, what));
        { &mut (*store.as_ptr()).hooks.call }.get_or_insert(hook);
        if !pending.is_null() {
            (*context).exceptions.forget_roots(roots);
            if let Ok(Ok(())) = outcome {
                (*context).exception = pending;
            }
        }
        match outcome {
            Ok(result) => result,
            Err(payload) => resume_unwind(payload),
        }
    }
}

impl<T> Store<T> {
    /// Makes every call between the host and wasm, in either direction, and the end of each, run `hook`. An error that it returns
    /// ends the call. Calls that the hook itself makes have no hook. There is one hook; setting another replaces it.
    pub fn call_hook(
        &mut self,
        mut hook: impl FnMut(StoreContextMut<'_, T>, CallHook) -> Result<()> + Send + Sync + 'static,
    ) {
        self.as_context_mut().core_mut().hooks.call = Some(Box::new(move |store, what| {
            // SAFETY: the store is the one that this hook was set in, with data of type T, and nothing else uses it during the call,
            // by the contract of hooks.
            hook(unsafe { StoreContextMut::from_raw(store.cast()) }, what)
        }));
    }

    /// Makes code that the epoch's deadline has come for end in [`crate::Trap::Interrupt`], as it does at first.
    pub fn epoch_deadline_trap(&mut self) {
        self.as_context_mut().epoch_deadline_trap();
    }

    /// Makes code that the epoch's deadline has come for yield, if it is called by a future, as by [`crate::Func::call_async`]: the poll
    /// ends, and the code goes on at the next one, with a deadline `delta` ticks from then. Other code ends in
    /// [`crate::Trap::Interrupt`]. Code that waits for a notification does not yield.
    #[cfg(feature = "async")]
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) {
        self.as_context_mut().epoch_deadline_async_yield_and_update(delta);
    }

    /// Makes code that the epoch's deadline has come for call `callback`, which says how to go on. An error that it returns ends
    /// the code, as an error of a host function does.
    ///
    /// The callback may call functions of the store if the code is at the entry of a function or at a loop. If the code waits for a
    /// notification, such a call is a [`crate::Trap::StackOverflow`].
    pub fn epoch_deadline_callback(
        &mut self,
        mut callback: impl FnMut(StoreContextMut<'_, T>) -> Result<UpdateDeadline> + Send + Sync + 'static,
    ) {
        let run: OnDeadline = Box::new(move |store| {
            // SAFETY: as for the hook for calls.
            callback(unsafe { StoreContextMut::from_raw(store.cast()) })
        });
        let hook = DeadlineHook { run, functions: Functions::default() };
        self.as_context_mut().core_mut().hooks.deadline = Deadline::Ask(Box::new(hook));
    }
}

impl<T> StoreContextMut<'_, T> {
    /// Makes code that the epoch's deadline has come for end in [`crate::Trap::Interrupt`]; see [`Store::epoch_deadline_trap`].
    pub fn epoch_deadline_trap(&mut self) {
        self.core_mut().hooks.deadline = Deadline::Trap;
    }

    /// Makes code that the epoch's deadline has come for yield; see [`Store::epoch_deadline_async_yield_and_update`].
    #[cfg(feature = "async")]
    pub fn epoch_deadline_async_yield_and_update(&mut self, delta: u64) {
        self.core_mut().hooks.deadline = Deadline::Yield(delta);
    }
}
