//! The interpreter's state in a store, and its requests to the VM.

use riser_tiers_core::{Context, FramePc, FuncInst, Status, StoreContext};

use super::dispatch::{Bounds, Dispatch};
use super::profile::Recorder;
use super::unwind::Landing;

/// The interpreter's state in a store: behind [`StoreContext::interpreter`].
pub struct State {
    /// Where the code left the interpreter: instruction pointer, frame pointer, context.
    pub(super) exit: [usize; 3],
    /// The native stack pointer that a memory fault restores.
    pub(super) fault_stack: usize,
    pub(super) dispatch: Dispatch,
    pub(super) bounds: Bounds,
    pub(super) callbacks: &'static Callbacks,
    /// What counts the instructions that `profile` executes, if anything does.
    pub recorder: Option<Box<Recorder>>,
}

impl State {
    /// Makes the state of a store in which nothing has run.
    pub fn new(dispatch: Dispatch, bounds: Bounds, callbacks: &'static Callbacks) -> State {
        State { exit: [0; 3], fault_stack: 0, dispatch: dispatch.effective(), bounds, callbacks, recorder: None }
    }

    /// Exchanges the native stack pointer that a memory fault restores in code of a store.
    ///
    /// # Safety
    ///
    /// The store is alive.
    pub unsafe fn exchange_fault_stack(store: *mut StoreContext, stack: &mut usize) {
        // SAFETY: the store is alive.
        unsafe { std::mem::swap(&mut (*State::of(store)).fault_stack, stack) }
    }

    /// Returns the state of a store.
    ///
    /// # Safety
    ///
    /// The store is alive.
    #[inline(always)]
    pub unsafe fn of(store: *mut StoreContext) -> *mut State {
        // SAFETY: the store is alive.
        unsafe { (*store).interpreter.cast() }
    }
}

/// A function that an exception in flight gets to.
pub struct Passed {
    /// The function.
    pub func: *const FuncInst,
    /// The clause that handles the exception, behind the start of the code that it is in.
    pub handler: Option<(*const u64, Landing)>,
}

/// A probe that code gets to.
#[derive(Clone, Copy)]
pub struct Probe {
    /// The function's index in its module.
    pub function: u32,
    /// The probe's index among those of the function.
    pub number: u32,
    /// The number of slots by which everything behind the link is moved up from the frame's layout.
    pub shift: u32,
}

/// The functions of the VM that the interpreter calls. Their arguments belong to instances of a living store, none of
/// whose objects is borrowed.
pub struct Callbacks {
    /// Ensures that the function has the interpreter's code.
    pub translate: unsafe fn(func: *const FuncInst) -> Status,
    /// Finds the function of `context`'s module whose code has an instruction at `ip`, and that instruction's position
    /// in the code.
    pub find_code: unsafe fn(context: *const Context, ip: *const u64) -> Option<(*const FuncInst, FramePc)>,
    /// Finds the function of `context`'s module whose code has an instruction at `ip`, and the clause of that code that handles
    /// the exception in flight if the instruction throws it, with the start of the code.
    pub find_handler: unsafe fn(context: *const Context, ip: *const u64) -> Option<Passed>,
    /// [`StoreContext::polled`], for code that polls at `ip` with the frame at `fp`. `report` adds the frames of the activation to
    /// the store's backtrace.
    pub polled: unsafe fn(context: *const Context, ip: *const u64, fp: *const u64, report: &dyn Fn()) -> Status,
    /// Fires a probe of a function of `context`'s module with its frame at `fp`.
    pub probed: unsafe fn(context: *const Context, probe: Probe, fp: *const u64) -> Status,
    /// Handles a counter that has run out in a function with its frame at `fp`: at the loop with `loop_offset`, if
    /// given, else at the function's entry. Returns `None` if the interpreter is to continue, otherwise how the
    /// function's execution ended. Its link may have been overwritten.
    pub hot: unsafe fn(func: *const FuncInst, loop_offset: Option<u32>, fp: *mut u64) -> Option<Status>,
}
