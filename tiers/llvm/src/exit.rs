//! The end of the process, when a thread may be compiling.
//!
//! LLVM has destructors of its static objects run at exit, on the thread that ends the process. A thread in the background that is
//! in LLVM then would go on without them. So a process that ends by [`exit`] does so at once if somebody compiles. One that ends in
//! another way has nobody begin to compile from then on, and waits for those who do: LLVM makes some of its statics only when it needs
//! them, and those that the function that is being compiled needed first may be gone already, which is why `exit` is better.

use std::io::{Write, stdout};
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::{mem, ptr};

/// Read by those who compile; written for good at exit.
static COMPILING: RwLock<()> = RwLock::new(());
/// That nobody waits for those who compile any more.
static EXITING: AtomicBool = AtomicBool::new(false);

unsafe extern "C" {
    /// Of the C library: has `function` called with the exit status and `argument` at exit, before what was registered earlier.
    fn on_exit(function: extern "C" fn(status: i32, argument: *mut ()), argument: *mut ()) -> i32;
    /// Of the C library: ends the process at once.
    fn _exit(status: i32) -> !;
}

/// Ends the process, as [`std::process::exit`] does; at once, without what the C library has to do at exit, if a function is being
/// compiled by LLVM, as may be in the mode `multi-tier`.
pub fn exit(status: i32) -> ! {
    match COMPILING.try_write() {
        Ok(nobody) => {
            mem::forget(nobody);
            EXITING.store(true, Ordering::Relaxed);
            process::exit(status)
        }
        Err(_) => {
            // What cannot be written here could not be at exit either.
            let _ = stdout().flush();
            // SAFETY: nothing is done after it.
            unsafe { _exit(status) }
        }
    }
}

/// Held while compiling.
pub(crate) fn compiling() -> RwLockReadGuard<'static, ()> {
    COMPILING.read().unwrap_or_else(PoisonError::into_inner)
}

/// Notes that a function has been compiled: statics that LLVM made for it shall be there until the end of the process has waited.
/// New ones are ever rarer, so that not each function has to be followed by a handler.
pub(crate) fn compiled() {
    static COMPILED: AtomicUsize = AtomicUsize::new(0);
    if (COMPILED.fetch_add(1, Ordering::Relaxed) + 1).is_power_of_two() {
        // SAFETY: the function can be called on any thread. If there is no memory to note it, nothing is lost but what it is for.
        unsafe { on_exit(at_exit, ptr::null_mut()) };
    }
}

extern "C" fn at_exit(_status: i32, _argument: *mut ()) {
    if !EXITING.swap(true, Ordering::Relaxed) {
        mem::forget(COMPILING.write());
    }
}
