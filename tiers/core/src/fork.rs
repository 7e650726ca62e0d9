//! What a process may rely on that forks.
//!
//! Memory for machine code is shared by two mappings, and so by parent and child once the process has forked. Neither writes to it
//! then: each that is about to makes a copy of its own first, whose place is that of the memory ([`CodeMemory`](crate::native::CodeMemory)).
//! [`generation`] tells what was there before from what was made since.
//!
//! The child has the thread that forked, and no other. So that no other is in the middle of something, forking waits for those who
//! are [`compiling`] and for those who are writing to code memory, and keeps others from beginning.
//!
//! That holds for `fork` of the C library, which calls what was registered by `pthread_atfork`.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Once, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use crate::native::{code_map, code_memory};

static GENERATION: AtomicU64 = AtomicU64::new(0);
static COMPILING: RwLock<()> = RwLock::new(());
static WRITING: RwLock<()> = RwLock::new(());

/// How often this process has forked, and those whose child it is before it was.
pub fn generation() -> u64 {
    watch();
    GENERATION.load(Ordering::Relaxed)
}

/// Held while a function is compiled: the process does not fork meanwhile. Not to be taken twice by a thread.
pub fn compiling() -> RwLockReadGuard<'static, ()> {
    watch();
    COMPILING.read().unwrap_or_else(PoisonError::into_inner)
}

/// Held while code memory is written; as above.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) fn writing() -> RwLockReadGuard<'static, ()> {
    watch();
    WRITING.read().unwrap_or_else(PoisonError::into_inner)
}

/// What is locked while the process forks, so that it is unlocked, and whole, in the child.
struct Held {
    _compiling: RwLockWriteGuard<'static, ()>,
    _writing: RwLockWriteGuard<'static, ()>,
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    _zone: Option<code_memory::HeldZone>,
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    _map: code_map::HeldMap,
}

/// Where a thread that forks keeps what it holds.
struct Place(UnsafeCell<Option<Held>>);

// SAFETY: only the thread that holds the locks uses it.
unsafe impl Sync for Place {}

static HELD: Place = Place(UnsafeCell::new(None));

/// Has forking call what is below from now on.
fn watch() {
    unsafe extern "C" {
        /// Of the C library.
        fn pthread_atfork(
            prepare: Option<extern "C" fn()>,
            parent: Option<extern "C" fn()>,
            child: Option<extern "C" fn()>,
        ) -> i32;
    }
    static WATCHING: Once = Once::new();
    // If there is no memory to note them, nothing is lost but forking.
    // SAFETY: the functions are there as long as the program is.
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

/// In the parent, and in the child.
extern "C" fn after() {
    // SAFETY: the thread that holds the locks is the one that forked.
    let held = unsafe { (*HELD.0.get()).take() };
    drop(held);
}
