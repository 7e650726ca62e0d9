//! The end of the process, when a thread may be compiling.
//!
//! LLVM has destructors of its static objects run at exit, on the thread that ends the process. A thread in the background that is
//! in LLVM then would go on without them. So none begins to compile from then on, and those that do are
//! waited for; unless the process has said that nobody else has anything to do at exit ([`abandon`]).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, TryLockError};
use std::{mem, ptr};

/// Read by those who compile; written for good at exit.
static COMPILING: RwLock<()> = RwLock::new(());
static ABANDON: AtomicBool = AtomicBool::new(false);
static EXITING: AtomicBool = AtomicBool::new(false);

unsafe extern "C" {
    /// Of the C library: has `function` called with the exit status and `argument` at exit, before what was registered earlier.
    fn on_exit(function: extern "C" fn(status: i32, argument: *mut ()), argument: *mut ()) -> i32;
    /// Of the C library: ends the process at once.
    fn _exit(status: i32) -> !;
}

/// Has the end of the process wait for those who compile. LLVM's objects that exist already are still there meanwhile.
pub(crate) fn wait_at_exit() {
    // SAFETY: the function can be called on any thread. If there is no memory to note it, nothing is lost but what it is for.
    unsafe { on_exit(at_exit, ptr::null_mut()) };
}

/// See [`crate::abandon_at_exit`].
pub(crate) fn abandon() {
    ABANDON.store(true, Ordering::Relaxed);
}

/// Held while compiling.
pub(crate) fn compiling() -> RwLockReadGuard<'static, ()> {
    COMPILING.read().unwrap_or_else(PoisonError::into_inner)
}

extern "C" fn at_exit(status: i32, _argument: *mut ()) {
    if EXITING.swap(true, Ordering::Relaxed) {
        return;
    }
    match COMPILING.try_write() {
        Ok(nobody) => mem::forget(nobody),
        // SAFETY: the process said that this is what it wants.
        Err(TryLockError::WouldBlock) if ABANDON.load(Ordering::Relaxed) => unsafe { _exit(status) },
        Err(_) => mem::forget(COMPILING.write()),
    }
}
