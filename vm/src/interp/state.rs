//! What the interpreter keeps for a store, and what it asks the VM for.

use riser_tiers_core::{Context, FramePc, FuncInst, Status, StoreContext};

use super::dispatch::{Bounds, Dispatch};

/// What the interpreter keeps for a store: behind [`StoreContext::interpreter`].
pub(crate) struct State {
    /// Where the code stood when it left: instruction, frame, context.
    pub(super) exit: [usize; 3],
    /// The native stack pointer that a memory fault goes back to.
    pub(super) fault_stack: usize,
    pub(super) dispatch: Dispatch,
    pub(super) bounds: Bounds,
    pub(super) callbacks: &'static Callbacks,
}

impl State {
    /// Of a store in which nothing has run.
    pub(crate) fn new(dispatch: Dispatch, bounds: Bounds, callbacks: &'static Callbacks) -> State {
        State { exit: [0; 3], fault_stack: 0, dispatch: dispatch.effective(), bounds, callbacks }
    }

    /// That of a store.
    ///
    /// # Safety
    ///
    /// The store is alive.
    #[inline(always)]
    pub(super) unsafe fn of(store: *mut StoreContext) -> *mut State {
        // SAFETY: by the contract of this function.
        unsafe { (*store).interpreter.cast() }
    }
}

/// What the interpreter asks the VM for. Functions are of instances of a living store, none of whose objects is borrowed.
pub(crate) struct Callbacks {
    /// Makes sure that the function has the interpreter's code.
    pub(crate) translate: unsafe fn(func: *const FuncInst) -> Status,
    /// The function of `context`'s module whose code has an instruction at `ip`, and where that is in it.
    pub(crate) find_code: unsafe fn(context: *const Context, ip: *const u64) -> Option<(*const FuncInst, FramePc)>,
    /// [`StoreContext::polled`], for code that polls at `ip` with the frame at `fp`.
    pub(crate) polled: unsafe fn(context: *const Context, ip: *const u64, fp: *const u64) -> Status,
    /// The function has reached a count with its frame at `fp`: at a loop, if `loop_offset` says so, or else at its entry. `None` if
    /// the interpreter is to go on; otherwise how the function's execution ended. Its link may have been overwritten.
    pub(crate) hot: unsafe fn(func: *const FuncInst, loop_offset: Option<u32>, fp: *mut u64) -> Option<Status>,
}
