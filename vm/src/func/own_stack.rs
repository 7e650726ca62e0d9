//! Calls with stacks of their own, which can be left in the middle and gone on with later.
//!
//! # How it works
//!
//! Such a call is a coroutine. It has a native stack, for interpreters, machine code and host functions alike, and a value stack. When
//! a host function that its code calls has returned an error, the function's entry ([`suspend`]) switches back to who started or resumed
//! the call. Resuming switches into the entry again, which then returns to the code as if the host function had returned the results
//! that are in its slots by now.
//!
//! What says where a store and a thread are on their stacks ([`Position`]) is exchanged at each switch. So between two switches the store
//! is as if the call did not exist: it can run other calls, also of this kind, in any order.
//!
//! # What a call is when it is dropped unfinished
//!
//! Only frames of the VM and of the guest are on its stacks then. The host function has returned. A host function further out that has
//! called the store is not among them either, because its call is an ordinary one, within which nothing is suspended
//! ([`Suspender`]). Frames of the VM and of the guest have nothing to drop, as traps of machine code skip them, too. So the stacks are
//! given back as they are; nothing runs, and the store is not needed, which may have been dropped before.
//!
//! # What is not searched for references
//!
//! The stacks of calls that are suspended. As long as there are any, the store frees no exceptions
//! ([`riser_tiers_core::StoreContext::own_stacks`]).

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};

use anyhow::{Context as _, Error, Result, ensure};
use corosensei::stack::{Stack, StackPointer};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use riser_tiers_core::{FuncInst, LeftCall, NativeStack, StackBounds, ValueStack, bounds};

use super::call;
use crate::interp;
use crate::monitor::EventSet;
use crate::store::{StoreCore, StoreId};

/// A host function that has returned an error, at which a call is suspended.
pub(crate) struct Stop {
    pub(crate) error: Error,
    pub(crate) host: NonNull<FuncInst>,
    /// Where its results go.
    slots: *mut [u64],
}

// SAFETY: the addresses alone give no access; using them takes the call and a borrow of its store.
unsafe impl Send for Stop {}

/// How a call with stacks of its own ends.
type Outcome = Result<Result<()>, Box<dyn Any + Send>>;

/// What suspends the call whose code is running; null if that is an ordinary call.
pub(crate) type Suspender = *const Yielder<(), Stop>;

/// The native stack of a call.
struct CallStack(NativeStack);

// SAFETY: the stack has a guard, and far more than the smallest size; both ends are those of pages.
unsafe impl Stack for CallStack {
    fn base(&self) -> StackPointer {
        StackPointer::new(self.0.top()).expect("a stack is not at address 0")
    }

    fn limit(&self) -> StackPointer {
        StackPointer::new(self.0.bounds().guard_start).expect("a stack is not at address 0")
    }
}

/// Where a store, and the thread that runs it, are on their stacks.
struct Position {
    bounds: StackBounds,
    /// The innermost activations of machine code: of the thread, and of the store.
    activations: [*mut (); 2],
    left: *const LeftCall,
    host_calls: usize,
    native_limit: usize,
    values: Option<ValueStack>,
    stack_limit: *mut u64,
    stack_top: *mut u64,
    fault_stack: usize,
    suspender: Suspender,
}

impl Position {
    /// The position at the start of a call with these stacks.
    fn start(stack: &NativeStack, values: ValueStack) -> Position {
        let bounds = stack.bounds();
        Position {
            bounds,
            activations: [ptr::null_mut(); 2],
            left: ptr::null(),
            host_calls: 0,
            native_limit: bounds.limit,
            stack_limit: values.limit(),
            stack_top: values.base(),
            values: Some(values),
            fault_stack: 0,
            suspender: ptr::null(),
        }
    }

    /// Exchanges this for the position of the store and the thread.
    ///
    /// # Safety
    ///
    /// The store is alive, and the thread runs it. The stacks of the position that becomes theirs are the ones that are used next.
    unsafe fn exchange(&mut self, store: NonNull<StoreCore>) {
        // SAFETY: by the contract of this function; instances live as long as their store.
        unsafe {
            let core = store.as_ptr();
            let context = &raw mut (*core).context;
            self.bounds = bounds::replace(self.bounds);
            self.activations[0] = replace_activation(self.activations[0]);
            mem::swap(&mut self.activations[1], &mut (*context).activation);
            mem::swap(&mut self.left, &mut (*context).left);
            mem::swap(&mut self.host_calls, &mut (*context).host_calls);
            mem::swap(&mut self.native_limit, &mut (*context).native_limit);
            mem::swap(&mut self.stack_limit, &mut (*context).stack_limit);
            mem::swap(&mut self.stack_top, &mut (*context).stack_top);
            mem::swap(&mut self.suspender, &mut (*core).suspender);
            { &mut *core }.exchange_stack(&mut self.values);
            interp::State::exchange_fault_stack(context, &mut self.fault_stack);
            for instance in { &(*core).objects.instances }.iter() {
                (*instance.as_ptr()).context.stack_limit = (*context).stack_limit;
            }
        }
    }
}

/// Makes an activation of machine code the innermost one of the thread, and returns the previous one.
///
/// # Safety
///
/// The thread is about to continue on a stack whose innermost activation this is.
unsafe fn replace_activation(activation: *mut ()) -> *mut () {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    {
        // SAFETY: by the contract of this function.
        unsafe { riser_tiers_core::native::activation::replace_current(activation) }
    }
    #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
    activation
}

/// One more call with stacks of its own in a store.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(calls: &Arc<AtomicUsize>) -> Counted {
        calls.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(calls))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A call with stacks of its own.
pub(crate) struct OwnStackCall {
    coroutine: Coroutine<(), Stop, Outcome, CallStack>,
    /// That of the call while it does not run, else that of who runs it.
    position: Position,
    store: StoreId,
    /// The value stack's first slots: the arguments, later the results.
    slots: *mut [u64],
    thread: ThreadId,
    _counted: Counted,
}

// SAFETY: on another thread, a call can only be dropped. That gives memory back, and what else there is in it may be sent.
unsafe impl Send for OwnStackCall {}

impl OwnStackCall {
    /// Prepares a call of a function, whose arguments are to be put into its [slots](OwnStackCall::slots).
    ///
    /// # Errors
    ///
    /// If the system has no room for its stacks; if the engine has monitors of host functions.
    ///
    /// # Safety
    ///
    /// The function is one of the store, which is alive.
    pub(super) unsafe fn new(store: NonNull<StoreCore>, func: NonNull<FuncInst>) -> Result<OwnStackCall> {
        // SAFETY: the store is alive.
        let core = unsafe { &mut *store.as_ptr() };
        // The frame of a host function that is shown to monitors has something to drop.
        ensure!(
            !core.engine.config().monitors.want(EventSet::HOST),
            "there are no resumable calls in an engine with monitors of host functions"
        );
        let values = core.new_stack()?;
        let [code_bytes, host_bytes] = core.context.native_stack_bytes;
        let stack =
            NativeStack::new(code_bytes, host_bytes).context("failed to reserve a stack for a resumable call")?;
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        riser_tiers_core::native::have_signal_stack();
        // SAFETY: functions live as long as their store.
        let slots = ptr::slice_from_raw_parts_mut(values.base(), unsafe { func.as_ref() }.link_slot() as usize);
        let position = Position::start(&stack, values);
        let coroutine: Coroutine<(), Stop, Outcome, CallStack> =
            Coroutine::with_stack(CallStack(stack), move |yielder, ()| {
                catch_unwind(AssertUnwindSafe(|| {
                    // SAFETY: the call is only resumed while its store is borrowed exclusively, with its position in force. The function
                    // is of the store, and its arguments are in the slots.
                    unsafe {
                        (*store.as_ptr()).suspender = yielder;
                        let code = || FuncInst::call(func.as_ptr(), ptr::null_mut(), slots.cast());
                        call::finish(store, call::run(store, code))
                    }
                }))
            });
        let _counted = Counted::new(&core.context.own_stacks);
        Ok(OwnStackCall { coroutine, position, store: core.id, slots, thread: thread::current().id(), _counted })
    }

    /// The slots of the function's arguments, and then of its results.
    pub(super) fn slots(&mut self) -> &mut [u64] {
        // SAFETY: the value stack is the call's own, initialised to zeros, and longer than the slots of any one call.
        unsafe { &mut *self.slots }
    }

    /// Checks that the call can go on here.
    ///
    /// # Errors
    ///
    /// If it was begun on another thread.
    ///
    /// # Panics
    ///
    /// If it is one of another store.
    pub(super) fn check(&self, store: &StoreCore) -> Result<()> {
        self.store.assert_is(store);
        ensure!(
            self.thread == thread::current().id(),
            "a resumable call can only go on in the thread that it was begun in"
        );
        Ok(())
    }

    /// The slots in which the host function that the call has stopped at leaves its results.
    ///
    /// # Safety
    ///
    /// The call has stopped there.
    pub(super) unsafe fn slots_of<'a>(&'a mut self, stop: &Stop) -> &'a mut [u64] {
        // SAFETY: they are on the value stack of the call.
        unsafe { &mut *stop.slots }
    }

    /// Runs the call until it ends, or stops.
    ///
    /// # Errors
    ///
    /// If it traps, or fails otherwise.
    ///
    /// # Panics
    ///
    /// If a host function panics.
    ///
    /// # Safety
    ///
    /// The call has been [checked](OwnStackCall::check), the store is borrowed exclusively, with no reference into it in use, and
    /// there are arguments or results in the slots.
    pub(super) unsafe fn go_on(&mut self, store: NonNull<StoreCore>) -> Result<Option<Stop>> {
        // SAFETY: by the contract of this function. The coroutine is not done: who gets its end drops the call.
        let result = unsafe {
            self.position.exchange(store);
            let result = self.coroutine.resume(());
            self.position.exchange(store);
            result
        };
        match result {
            CoroutineResult::Yield(stop) => Ok(Some(stop)),
            CoroutineResult::Return(Ok(result)) => result.map(|()| None),
            CoroutineResult::Return(Err(payload)) => resume_unwind(payload),
        }
    }
}

impl Drop for OwnStackCall {
    fn drop(&mut self) {
        // SAFETY: there is nothing to drop on the stack of a call that has stopped; see the head of this file. One that has not begun
        // holds pointers only.
        unsafe { self.coroutine.force_reset() };
    }
}

/// Suspends the running call because a host function has failed, if it can be suspended; otherwise returns the error. When the call goes
/// on, the results of the function are in its slots.
///
/// # Safety
///
/// This is the entry of the host function `host` of the store, which has returned; its slots are `slots`. No other reference into the
/// store is in use.
pub(super) unsafe fn suspend(
    store: NonNull<StoreCore>,
    error: Error,
    host: *const FuncInst,
    slots: &mut [u64],
) -> Result<()> {
    // SAFETY: by the contract of this function; a suspender is that of the call whose code is running.
    unsafe {
        let suspender = (*store.as_ptr()).suspender;
        if suspender.is_null() || !(*store.as_ptr()).context.exception.is_null() {
            return Err(error);
        }
        let host = NonNull::new_unchecked(host.cast_mut());
        let slots = ptr::from_mut(slots);
        (*suspender).suspend(Stop { error, host, slots });
    }
    Ok(())
}
