//! The end of the process, when a thread may be compiling.
//!
//! At exit LLVM destroys its static objects, on the thread that ends the process. A background thread that is in LLVM would then
//! continue without them. So [`exit`] ends the process at once if another thread is compiling. If the process ends in another way, no
//! thread may begin to compile from then on, and the end waits for those that are compiling. This is not quite safe: LLVM makes some
//! static objects only when it needs them, and those that the current compilation was the first to need may already be destroyed.
//! Therefore `exit` is better.

use std::io::{Write, stdout};
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::{mem, ptr};

/// Read-locked while a thread compiles; write-locked for good at exit.
static COMPILING: RwLock<()> = RwLock::new(());
/// Whether exit handlers need no longer wait for compilations.
static EXITING: AtomicBool = AtomicBool::new(false);

unsafe extern "C" {
    /// The C library's function: calls `function` with the exit status and `argument` at exit, before handlers that were registered
    /// earlier.
    fn on_exit(function: extern "C" fn(status: i32, argument: *mut ()), argument: *mut ()) -> i32;
    /// The C library's function: ends the process at once.
    fn _exit(status: i32) -> !;
}

/// Ends the process, as [`std::process::exit`] does. If LLVM is compiling a function, as it may in the mode `multi-tier`, the process
/// ends at once, without the C library's exit handlers.
pub fn exit(status: i32) -> ! {
    match COMPILING.try_write() {
        Ok(nobody) => {
            mem::forget(nobody);
            EXITING.store(true, Ordering::Relaxed);
            process::exit(status)
        }
        Err(_) => {
            // If this cannot be written here, it could not be written at exit either.
            let _ = stdout().flush();
            // SAFETY: nothing is done after this call.
            unsafe { _exit(status) }
        }
    }
}

/// Keeps the process from ending while the guard is held, which is while compiling.
pub(crate) fn compiling() -> RwLockReadGuard<'static, ()> {
    COMPILING.read().unwrap_or_else(PoisonError::into_inner)
}

/// Records that a function has been compiled, so that static objects that LLVM made for it are destroyed only after the end of the
/// process has waited. Such objects become ever rarer, so not every function has to register a handler.
pub(crate) fn compiled() {
    static COMPILED: AtomicUsize = AtomicUsize::new(0);
    if (COMPILED.fetch_add(1, Ordering::Relaxed) + 1).is_power_of_two() {
        // SAFETY: the handler can be called on any thread. If there is no memory to register it, only its purpose is lost.
        unsafe { on_exit(at_exit, ptr::null_mut()) };
    }
}

extern "C" fn at_exit(_status: i32, _argument: *mut ()) {
    if !EXITING.swap(true, Ordering::Relaxed) {
        mem::forget(COMPILING.write());
    }
}
