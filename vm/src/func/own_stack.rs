//! Calls with stacks of their own, which can be left in the middle and gone on with later.
//!
//! # How it works
//!
//! Such a call is a coroutine. It has a native stack, for interpreters, machine code and host functions alike, and a value stack. When
//! a host function that its code calls has returned an error, the function's entry ([`suspend_at_host`]) switches back to who started or
//! resumed the call. Resuming switches into the entry again, which then returns to the code as if the host function had returned the
//! results that are in its slots by now. When code charges more fuel than is left, the charge switches in the same way
//! ([`suspend_for_fuel`]), and looks again when the call is resumed.
//!
//! What says where a store and a thread are on their stacks ([`Position`]) is exchanged at each switch. So between two switches the store
//! is as if the call did not exist: it can run other calls, also of this kind, in any order.
//!
//! # Threads
//!
//! A call can go on in another thread than before. All that a thread keeps about its stack is in its [`Position`]. But code on the call's
//! stack that has looked at a thread-local variable before a switch must not use the variable's address after it, so what may come after
//! a switch finds the variable anew, in functions that are never inlined ([`bounds::restore`]).
//!
//! # What a call is when it is dropped unfinished
//!
//! Only frames of the VM and of the guest are on its stacks then. A host function that has failed has returned. A host function further
//! out that has called the store is not among them either, because its call is an ordinary one, within which nothing is suspended
//! ([`Suspender`]). Frames of the VM and of the guest have nothing to drop, as traps of machine code skip them, too. So the stacks are
//! given back as they are; nothing runs, and the store is not needed, which may have been dropped before.
//!
//! Calls that are futures are different: the future of a host function may be there. They go on one last time, and end ([`super::future`]).
//!
//! # What is not searched for references
//!
//! The stacks of calls that are suspended, and of whoever runs a call within another one. As long as there are any, the store frees no
//! exceptions ([`riser_tiers_core::StoreContext::own_stacks`]).

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Error, Result, ensure};
use corosensei::stack::{Stack, StackPointer};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use riser_tiers_core::{FuncInst, LeftCall, NativeStack, StackBounds, ValueStack, bounds};

use super::call;
use crate::monitor::EventSet;
use crate::store::{StoreCore, StoreId};

/// What a call is suspended for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Errors of host functions, and the end of the fuel.
    Resumable,
    /// What futures wait for.
    #[cfg(feature = "async")]
    Future,
}

/// Why a call is suspended.
pub(crate) enum Stop {
    /// A host function has returned an error.
    Host(HostStop),
    /// Code charges so much fuel, and less is left.
    Fuel(u64),
    /// It waits to be polled.
    #[cfg(feature = "async")]
    Waiting,
}

/// How a call that is suspended goes on.
pub(crate) enum Go {
    /// What it has stopped for has been settled.
    On,
    /// It is polled, with this task.
    #[cfg(feature = "async")]
    Poll(Task),
    /// What it waits for is not there, and never will be.
    #[cfg(feature = "async")]
    End,
}

/// The task that a call is polled with. It is there until the poll ends.
#[cfg(feature = "async")]
pub(crate) type Task = NonNull<std::task::Context<'static>>;

/// A host function that has returned an error, at which a call is suspended.
pub(crate) struct HostStop {
    pub(crate) error: Error,
    pub(crate) host: NonNull<FuncInst>,
    /// Where its results go.
    slots: *mut [u64],
}

// SAFETY: the addresses alone give no access; using them takes the call and a borrow of its store.
unsafe impl Send for HostStop {}

/// How a call with stacks of its own ends.
type Outcome = Result<Result<()>, Box<dyn Any + Send>>;

/// What suspends the call whose code is running.
#[derive(Clone, Copy)]
pub(crate) struct Suspender {
    yielder: NonNull<Yielder<Go, Stop>>,
    kind: Kind,
}

impl Suspender {
    /// What suspends the call whose code is running, if that can be suspended for this.
    ///
    /// # Safety
    ///
    /// The store is alive.
    unsafe fn of(store: NonNull<StoreCore>, kind: Kind) -> Option<Suspender> {
        // SAFETY: the store is alive.
        unsafe { (*store.as_ptr()).suspender }.filter(|suspender| suspender.kind == kind)
    }

    /// Suspends the call.
    ///
    /// # Safety
    ///
    /// The call's code is running.
    unsafe fn suspend(self, stop: Stop) -> Go {
        // SAFETY: the yielder lives as long as the call's code runs.
        unsafe { self.yielder.as_ref() }.suspend(stop)
    }
}

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
    suspender: Option<Suspender>,
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
            suspender: None,
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
            riser_interp::State::exchange_fault_stack(context, &mut self.fault_stack);
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

/// One more call of a store whose stacks the store's position does not lead to.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(calls: &Arc<AtomicUsize>) -> Counted {
        let counted = Counted(Arc::clone(calls));
        counted.add();
        counted
    }

    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn subtract(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.subtract();
    }
}

/// A call with stacks of its own.
pub(crate) struct OwnStackCall {
    coroutine: Coroutine<Go, Stop, Outcome, CallStack>,
    /// That of the call while it does not run, else that of who runs it.
    position: Position,
    store: StoreId,
    /// The value stack's first slots: the arguments, later the results.
    slots: *mut [u64],
    counted: Counted,
}

// SAFETY: on its stacks there are only frames of the VM and of the guest, which know nothing of the thread; see the head of this file.
// What else there is in it may be sent.
unsafe impl Send for OwnStackCall {}

impl OwnStackCall {
    /// Prepares a call of a function, whose arguments are to be put into its [slots](OwnStackCall::slots). It is suspended for what `kind`
    /// says.
    ///
    /// # Errors
    ///
    /// If the system has no room for its stacks; if the engine has monitors of host functions.
    ///
    /// # Safety
    ///
    /// The function is one of the store, which is alive.
    pub(super) unsafe fn new(store: NonNull<StoreCore>, func: NonNull<FuncInst>, kind: Kind) -> Result<OwnStackCall> {
        // SAFETY: the store is alive.
        let core = unsafe { &mut *store.as_ptr() };
        // The frame of a host function that is shown to monitors has something to drop.
        ensure!(
            !core.engine.config().monitors.want(EventSet::HOST),
            "there are no calls that can stop in an engine with monitors of host functions"
        );
        // Instances that the call makes run on the store's own value stack afterwards.
        core.reserve_stack()?;
        let values = core.new_stack()?;
        let [code_bytes, host_bytes] = core.context.native_stack_bytes;
        let stack =
            NativeStack::new(code_bytes, host_bytes).context("failed to reserve a stack for a call that can stop")?;
        // SAFETY: functions live as long as their store.
        let slots = ptr::slice_from_raw_parts_mut(values.base(), unsafe { func.as_ref() }.link_slot() as usize);
        let position = Position::start(&stack, values);
        let coroutine: Coroutine<Go, Stop, Outcome, CallStack> =
            Coroutine::with_stack(CallStack(stack), move |yielder, _| {
                catch_unwind(AssertUnwindSafe(|| {
                    // SAFETY: the call is only resumed while its store is borrowed exclusively, with its position in force. The function
                    // is of the store, and its arguments are in the slots.
                    unsafe {
                        (*store.as_ptr()).suspender = Some(Suspender { yielder: NonNull::from(yielder), kind });
                        let code = || FuncInst::call(func.as_ptr(), ptr::null_mut(), slots.cast());
                        call::finish(store, call::run(store, code))
                    }
                }))
            });
        let counted = Counted::new(&core.context.own_stacks);
        Ok(OwnStackCall { coroutine, position, store: core.id, slots, counted })
    }

    /// The slots of the function's arguments, and then of its results.
    pub(super) fn slots(&mut self) -> &mut [u64] {
        // SAFETY: the value stack is the call's own, initialised to zeros, and longer than the slots of any one call.
        unsafe { &mut *self.slots }
    }

    /// Checks that the call is one of this store.
    ///
    /// # Panics
    ///
    /// If it is one of another store.
    pub(super) fn check(&self, store: &StoreCore) {
        self.store.assert_is(store);
    }

    /// The slots in which the host function that the call has stopped at leaves its results.
    ///
    /// # Safety
    ///
    /// The call has stopped there.
    pub(super) unsafe fn slots_of<'a>(&'a mut self, stop: &HostStop) -> &'a mut [u64] {
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
    pub(super) unsafe fn go_on(&mut self, store: NonNull<StoreCore>, go: Go) -> Result<Option<Stop>> {
        // The thread may be another one than before.
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        riser_tiers_core::native::have_signal_stack();
        // SAFETY: by the contract of this function. The coroutine is not done: who gets its end drops the call.
        let result = unsafe {
            #[cfg(feature = "async")]
            let task = match go {
                Go::Poll(task) => Some(task),
                Go::On | Go::End => None,
            };
            #[cfg(feature = "async")]
            let outer_task = mem::replace(&mut (*store.as_ptr()).task, task);
            let is_outermost = !(*store.as_ptr()).is_running();
            if is_outermost {
                self.counted.subtract();
            }
            self.position.exchange(store);
            let result = self.coroutine.resume(go);
            self.position.exchange(store);
            if is_outermost {
                self.counted.add();
            }
            #[cfg(feature = "async")]
            {
                (*store.as_ptr()).task = outer_task;
            }
            result
        };
        match result {
            CoroutineResult::Yield(stop) => Ok(Some(stop)),
            CoroutineResult::Return(Ok(result)) => result.map(|()| None),
            CoroutineResult::Return(Err(payload)) => resume_unwind(payload),
        }
    }
}

#[cfg(feature = "async")]
impl OwnStackCall {
    /// Ends the call, unless it has not begun, or has ended: what it waits for fails.
    ///
    /// # Panics
    ///
    /// If a future of a host function panics when it is dropped.
    ///
    /// # Safety
    ///
    /// The call is a future of the store, which is borrowed exclusively, with no reference into it in use.
    pub(super) unsafe fn end(&mut self, store: NonNull<StoreCore>) {
        while self.coroutine.started() && !self.coroutine.done() {
            // SAFETY: by the contract of this function. Nobody is there to get the error.
            let _ = unsafe { self.go_on(store, Go::End) };
        }
    }
}

impl Drop for OwnStackCall {
    fn drop(&mut self) {
        // SAFETY: there is nothing to drop on the stack of a call that has stopped, and futures have ended; see the head of this file.
        // One that has not begun holds pointers only.
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
pub(super) unsafe fn suspend_at_host(
    store: NonNull<StoreCore>,
    error: Error,
    host: *const FuncInst,
    slots: NonNull<[u64]>,
) -> Result<()> {
    // SAFETY: by the contract of this function; a suspender is that of the call whose code is running.
    unsafe {
        let throws = call::throws(&(*store.as_ptr()).context, &error);
        let suspender = Suspender::of(store, Kind::Resumable).filter(|_| !throws);
        let Some(suspender) = suspender else { return Err(error) };
        let host = NonNull::new_unchecked(host.cast_mut());
        suspender.suspend(Stop::Host(HostStop { error, host, slots: slots.as_ptr() }));
    }
    Ok(())
}

/// Suspends the running call because its code charges so much fuel, and less is left. Returns false at once if it cannot be suspended;
/// otherwise true when the call goes on.
///
/// # Safety
///
/// Code of the store charges fuel. No reference into the store is in use.
pub(crate) unsafe fn suspend_for_fuel(store: NonNull<StoreCore>, units: u64) -> bool {
    // SAFETY: by the contract of this function; a suspender is that of the call whose code is running.
    unsafe {
        let Some(suspender) = Suspender::of(store, Kind::Resumable) else { return false };
        suspender.suspend(Stop::Fuel(units));
    }
    true
}

/// Whether the running call is a future.
///
/// # Safety
///
/// The store is alive.
#[cfg(feature = "async")]
pub(crate) unsafe fn can_wait(store: NonNull<StoreCore>) -> bool {
    // SAFETY: the store is alive.
    unsafe { Suspender::of(store, Kind::Future) }.is_some()
}

/// The task that the running call is polled with, if it is a future that is polled.
///
/// # Safety
///
/// The store is alive.
#[cfg(feature = "async")]
pub(super) unsafe fn task(store: NonNull<StoreCore>) -> Option<Task> {
    // SAFETY: the store is alive.
    unsafe { (*store.as_ptr()).task.filter(|_| can_wait(store)) }
}

/// Suspends the running call, which is a future, until it is polled again.
///
/// # Errors
///
/// If the future has been dropped, or there is none.
///
/// # Safety
///
/// Code of the store runs. No reference into the store is in use.
#[cfg(feature = "async")]
pub(super) unsafe fn suspend_until_polled(store: NonNull<StoreCore>) -> Result<()> {
    // SAFETY: by the contract of this function; a suspender is that of the call whose code is running.
    unsafe {
        let go = Suspender::of(store, Kind::Future).map_or(Go::End, |suspender| suspender.suspend(Stop::Waiting));
        match go {
            Go::On | Go::Poll(_) => Ok(()),
            Go::End => Err(dropped()),
        }
    }
}

/// Lets others run, if the running call is a future: suspends it until it is polled again, which may be at once. The outcome is for
/// [`call::settle`]: an error if the future has been dropped, the waker's panic if that panics.
///
/// # Safety
///
/// As for [`suspend_until_polled`].
#[cfg(feature = "async")]
pub(crate) unsafe fn yield_now(store: NonNull<StoreCore>) -> std::thread::Result<Result<()>> {
    // SAFETY: by the contract of this function; the task is alive while it polls.
    unsafe {
        let Some(task) = task(store) else { return Ok(Ok(())) };
        // It may be anybody's code, and nothing unwinds frames of wasm.
        catch_unwind(AssertUnwindSafe(|| task.as_ref().waker().wake_by_ref()))?;
        Ok(suspend_until_polled(store))
    }
}

/// The error that a call ends with whose future has been dropped.
#[cfg(feature = "async")]
#[cold]
pub(super) fn dropped() -> Error {
    Error::msg("the future of the call has been dropped")
}
