//! Calls from the host into functions of a store.
//!
//! Arguments are written to the value stack from `stack_top` on, and the function is called through its current entry.
//! The [`Status`] that it returns becomes a `Result`, with the frames that an error passed through as its backtrace; a
//! panic goes on as a panic.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, NonNull};
use std::thread;

use anyhow::{Error, Result};
use riser_tiers_core::{FuncInst, StackBounds, Status, bounds};
use riser_translator::TrapCode;

use crate::store::StoreCore;
use crate::store::hooks::on_call;
use crate::{CallHook, ThrownException, WasmBacktrace, WasmCoreDump};

/// Returns the slots for a call of `func`: as many as its parameters or its results take. They are not borrowed while the call runs: the
/// store reads its whole value stack then, for references to exceptions.
///
/// # Errors
///
/// [`TrapCode::StackOverflow`] if the value stack has no more room. Another error if there is no memory for the stack.
///
/// # Safety
///
/// The store and the function are alive, and the slots are not used beyond the next call from the host.
#[inline]
pub(crate) unsafe fn slots(store: NonNull<StoreCore>, func: NonNull<FuncInst>) -> Result<NonNull<[u64]>> {
    // SAFETY: both are alive. The red zone has room for the slots of a call that starts at the
    // limit, and the value stack is mapped memory, initialised to zeros.
    unsafe {
        let context = &(*store.as_ptr()).context;
        if context.stack_top > context.stack_limit {
            no_room(&mut *store.as_ptr())?;
        }
        let context = &(*store.as_ptr()).context;
        let start = NonNull::new_unchecked(context.stack_top);
        Ok(NonNull::slice_from_raw_parts(start, func.as_ref().link_slot() as usize))
    }
}

/// Reserves the value stack of a store that has none yet.
///
/// # Errors
///
/// [`TrapCode::StackOverflow`] if the store has one, which is full. Another error if there is no memory for it.
#[cold]
fn no_room(store: &mut StoreCore) -> Result<()> {
    store.reserve_stack()?;
    if store.context.stack_top > store.context.stack_limit {
        return Err(TrapCode::StackOverflow.into());
    }
    Ok(())
}

/// Calls `func` with the arguments at `slots`, and leaves the results there.
///
/// # Errors
///
/// If the function traps or fails.
///
/// # Panics
///
/// If a host function that it calls panics.
///
/// # Safety
///
/// `slots` are those for this function, with arguments of its types, and the store is borrowed
/// exclusively, with no reference into it in use.
#[inline]
pub(crate) unsafe fn enter(store: NonNull<StoreCore>, func: NonNull<FuncInst>, slots: *mut u64) -> Result<()> {
    // SAFETY: by the contract of this function.
    unsafe {
        let end = slots.wrapping_add(func.as_ref().link_slot() as usize);
        enter_by(store, end, || FuncInst::call(func.as_ptr(), ptr::null_mut(), slots))
    }
}

/// Runs `code`, which is code of wasm, as a call of the host. Beyond `end` nothing of the value stack is in use before and after.
///
/// # Errors
///
/// If it traps or fails.
///
/// # Panics
///
/// If a host function that it calls panics.
///
/// # Safety
///
/// The store is borrowed exclusively, with no reference into it in use.
#[inline(always)]
pub(crate) unsafe fn enter_by(store: NonNull<StoreCore>, end: *mut u64, code: impl FnOnce() -> Status) -> Result<()> {
    // SAFETY: by the contract of this function.
    unsafe {
        on_call(store, CallHook::CallingWasm, end)?;
        #[cfg(feature = "resumable")]
        let suspender = mem::take(&mut (*store.as_ptr()).suspender);
        let status = run(store, code);
        #[cfg(feature = "resumable")]
        {
            (*store.as_ptr()).suspender = suspender;
        }
        let result = finish(store, status);
        on_call(store, CallHook::ReturningFromWasm, end)?;
        result
    }
}

/// Runs `code` as [`enter_by`] does, without the host's hook. If the code has a stack of its own, it may be suspended. The status is
/// for [`finish`].
///
/// # Safety
///
/// As for [`enter_by`].
#[inline(always)]
pub(super) unsafe fn run(store: NonNull<StoreCore>, code: impl FnOnce() -> Status) -> Status {
    // SAFETY: the store is borrowed exclusively. No reference to the context lives while the code runs.
    unsafe {
        let context = &raw mut (*store.as_ptr()).context;
        let most = (*store.as_ptr()).engine.config().max_native_stack;
        let stack = StackBounds::here(most);
        let limit = (*context).native_limit;
        (*context).native_limit = stack.limit;
        if (*context).native_stack_exhausted() {
            (*context).native_limit = limit;
            return TrapCode::StackOverflow.into();
        }
        let outer = bounds::replace(stack);
        let left = mem::replace(&mut (*context).left, ptr::null());
        (*context).host_calls += 1;
        let status = code();
        (*context).host_calls -= 1;
        (*context).left = left;
        bounds::restore(outer);
        (*context).native_limit = limit;
        status
    }
}

/// The result of a call that ended with a status.
///
/// # Errors
///
/// If the function trapped or failed.
///
/// # Panics
///
/// If a host function that it called panicked.
///
/// # Safety
///
/// As for [`enter`]; the call has just ended.
#[inline]
pub(super) unsafe fn finish(store: NonNull<StoreCore>, status: Status) -> Result<()> {
    // SAFETY: the store is borrowed exclusively.
    if status.is_returned() { Ok(()) } else { Err(failed(unsafe { &mut *store.as_ptr() }, status)) }
}

/// Returns the error that a call ended in.
///
/// # Panics
///
/// If the call ended in a panic.
#[cold]
fn failed(store: &mut StoreCore, status: Status) -> Error {
    let frames = mem::take(&mut store.context.frames);
    let omitted = mem::take(&mut store.context.omitted_frames);
    let pending = store.context.pending.take();
    let mut error = match (status.trap(), pending) {
        (Some(code), _) => Error::new(code),
        // The host may have passed the error of a call on; its backtrace begins where the exception was thrown.
        (None, Some(payload)) if status == Status::EXCEPTION => host_error(Some(payload)),
        (None, None) if status == Status::EXCEPTION => Error::new(ThrownException::pending(store)),
        (None, Some(payload)) if status == Status::PANIC => resume_unwind(payload),
        (None, payload) => host_error(payload),
    };
    if status.trap().is_some() && store.engine.config().coredump {
        // SAFETY: the frames are of functions of this store, which is alive.
        error = error.context(unsafe { WasmCoreDump::new(store, &frames, omitted) });
    }
    if frames.is_empty() {
        return error;
    }
    // SAFETY: the frames are of functions of this store, which is alive.
    let backtrace = unsafe { WasmBacktrace::new(store, &frames, omitted) };
    match error.downcast_mut::<WasmBacktrace>() {
        Some(inner) => {
            inner.append(backtrace);
            error
        }
        None => error.context(backtrace),
    }
}

/// Returns the error in flight.
fn host_error(payload: Option<Box<dyn Any + Send>>) -> Error {
    match payload.map(|payload| payload.downcast::<Error>()) {
        Some(Ok(error)) => *error,
        _ => Error::msg("a tier reported an error without saying which"),
    }
}

/// Runs `code` of the host, whose calls of functions use the value stack from `free` on. Returns its result, or its panic.
///
/// # Safety
///
/// `context` is that of a living store, and no reference into it is in use. What is used of the value stack is below `free`, which is
/// within the stack.
#[inline(always)]
pub(crate) unsafe fn run_host<R>(
    context: *mut riser_tiers_core::StoreContext,
    free: *mut u64,
    code: impl FnOnce() -> R,
) -> thread::Result<R> {
    // SAFETY: by the contract of this function. No reference to the context lives while the code runs.
    unsafe {
        let stack_top = mem::replace(&mut (*context).stack_top, free);
        let outcome = catch_unwind(AssertUnwindSafe(code));
        (*context).stack_top = stack_top;
        outcome
    }
}

/// Returns the status for the outcome of the host's code, whose error or panic is put in flight.
pub(crate) fn settle(context: &mut riser_tiers_core::StoreContext, outcome: thread::Result<Result<()>>) -> Status {
    match outcome {
        Ok(Ok(())) => Status::RETURNED,
        Ok(Err(error)) => raise(context, error),
        Err(payload) => {
            context.pending = Some(payload);
            Status::PANIC
        }
    }
}

/// Whether the error that a host function has returned stands for the exception that is pending. One may be pending since an earlier call,
/// because nobody has taken it.
pub(crate) fn throws(context: &riser_tiers_core::StoreContext, error: &Error) -> bool {
    error.is::<ThrownException>() && !context.exception.is_null()
}

/// As [`settle`], for a host function that wasm calls: it may also end in the exception that is pending.
pub(crate) fn settle_call(context: &mut riser_tiers_core::StoreContext, outcome: thread::Result<Result<()>>) -> Status {
    match outcome {
        Ok(Err(error)) if throws(context, &error) => {
            context.pending = Some(Box::new(error));
            Status::EXCEPTION
        }
        outcome => settle(context, outcome),
    }
}

/// Puts an error in flight.
#[cold]
pub(crate) fn raise(context: &mut riser_tiers_core::StoreContext, error: Error) -> Status {
    context.pending = Some(Box::new(error));
    Status::HOST_ERROR
}
