//! Support for processes that fork.
//!
//! Memory for machine code is a shared mapping, mapped twice, so parent and child share it once the process has forked. Neither writes to
//! the shared pages: whichever is about to write first replaces the memory by a copy of its own, at the same addresses
//! ([`CodeMemory`](crate::native::CodeMemory)). [`generation`] tells memory from before a fork from memory made since.
//!
//! The child has only the thread that forked. So that no other thread is in the middle of something, forking waits for threads that are
//! [`compiling`] or writing to code memory, and keeps others from beginning.
//!
//! This holds for the C library's `fork`, which calls the handlers registered with `pthread_atfork`.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Once, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use crate::native::{code_map, code_memory};

static GENERATION: AtomicU64 = AtomicU64::new(0);
static COMPILING: RwLock<()> = RwLock::new(());
static WRITING: RwLock<()> = RwLock::new(());

/// Counts forks: those that this process has made, and those of its ancestors up to the fork that led to it.
pub fn generation() -> u64 {
    watch();
    GENERATION.load(Ordering::Relaxed)
}

/// Keeps the process from forking while the guard is held, which is while a function is compiled. A thread must not take it twice.
pub fn compiling() -> RwLockReadGuard<'static, ()> {
    watch();
    COMPILING.read().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the process from forking while code memory is written; otherwise as `compiling`.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) fn writing() -> RwLockReadGuard<'static, ()> {
    watch();
    WRITING.read().unwrap_or_else(PoisonError::into_inner)
}

/// The locks that are held across a fork, so that the data they protect is consistent, and unlocked afterwards, in the child.
struct Held {
    _compiling: RwLockWriteGuard<'static, ()>,
    _writing: RwLockWriteGuard<'static, ()>,
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    _zone: Option<code_memory::HeldZone>,
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    _map: code_map::HeldMap,
}

/// Where the forking thread keeps the locks.
struct Place(UnsafeCell<Option<Held>>);

// SAFETY: only the thread that holds the locks uses it.
unsafe impl Sync for Place {}

static HELD: Place = Place(UnsafeCell::new(None));

/// Registers the handlers below to be called around a fork, once.
fn watch() {
    unsafe extern "C" {
        /// The C library's function.
        fn pthread_atfork(
            prepare: Option<extern "C" fn()>,
            parent: Option<extern "C" fn()>,
            child: Option<extern "C" fn()>,
        ) -> i32;
    }
    static WATCHING: Once = Once::new();
    // If there is no memory to register them, only forking is affected.
    // SAFETY: the functions exist as long as the program.
    WATCHING.call_once(|| unsafe {
        pthread_atfork(Some(before), Some(after), Some(after));
    });
}

extern "C" fn before() {
    let held = Held {
        _compiling: COMPILING.write().unwrap_or_else(PoisonError::into_inner),
        _writing: WRITING.write().unwrap_or_else(PoisonError::into_inner),
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        _zone: code_memory::hold_zone(),
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        _map: code_map::hold(),
    };
    GENERATION.fetch_add(1, Ordering::Relaxed);
    // SAFETY: this thread holds the locks.
    unsafe { *HELD.0.get() = Some(held) };
}

/// Called in the parent, and in the child.
extern "C" fn after() {
    // SAFETY: the thread that holds the locks is the one that forked.
    let held = unsafe { (*HELD.0.get()).take() };
    drop(held);
}
