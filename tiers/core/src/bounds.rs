//! The limits of the native stack: how far down code may go.
//!
//! Calls between the host and wasm nest on the stack of the current thread, whichever stores they belong to. So the bounds are kept per
//! thread: a call from the host inherits the bounds of its callers ([`current`]) if the stack pointer is within them. Otherwise the bounds
//! are determined anew (`StackBounds::of_thread`): for the outermost call, and on stacks that somebody else has switched to.

use std::cell::Cell;

use crate::native_stack_pointer;

/// Where a stack is, and how far code may go on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackBounds {
    /// For a stack for machine code, the start of the guard below it; else the same as `low`.
    pub guard_start: usize,
    /// The lowest address that is accessible.
    pub low: usize,
    /// The lowest address that the stack pointer may have where code is called.
    pub limit: usize,
    /// The end of the known part of the stack: nothing above it belongs to it.
    pub top: usize,
}

thread_local! {
    /// The bounds of the stack that the thread runs on; `NONE` unless a store runs.
    static CURRENT: Cell<StackBounds> = const { Cell::new(StackBounds::NONE) };
    /// The lowest address and the end of the thread's own stack, once determined.
    static OWN: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
}

/// The bounds that apply to calls on this thread at the moment; [`StackBounds::NONE`] unless a store runs.
#[inline]
pub fn current() -> StackBounds {
    CURRENT.get()
}

/// Sets the bounds that apply to calls on this thread, and returns the previous ones.
///
/// # Safety
///
/// They are those of the stack that the thread runs on from now on: code may use it as far as they say.
#[inline]
pub unsafe fn replace(bounds: StackBounds) -> StackBounds {
    CURRENT.replace(bounds)
}

/// As [`replace`], for code before which the thread may have become another one, because a call has gone on elsewhere.
///
/// It is never inlined: an address of a thread-local variable that was computed before would be that of the other thread.
///
/// # Safety
///
/// As for [`replace`].
#[inline(never)]
pub unsafe fn restore(bounds: StackBounds) {
    CURRENT.set(bounds);
}

impl StackBounds {
    /// No stack.
    pub const NONE: StackBounds = StackBounds { guard_start: 0, low: 0, limit: 0, top: 0 };

    /// Whether the stack has this address.
    #[inline]
    pub fn contains(self, address: usize) -> bool {
        self.low < address && address <= self.top
    }

    /// Whether it is a stack for machine code.
    #[inline]
    pub fn is_for_code(self) -> bool {
        self.guard_start != self.low
    }

    /// The bounds for calls from here on: those in force if the stack pointer is within them; otherwise new ones, by which calls may take
    /// `most` bytes of the thread's stack, but at most half of what is left of it.
    #[inline]
    pub fn here(most: usize) -> StackBounds {
        let here = native_stack_pointer();
        let current = current();
        if current.contains(here) { current } else { StackBounds::of_thread(here, most) }
    }

    /// The bounds for calls from the stack pointer `here` on, on the thread's own stack or an unknown one.
    fn of_thread(here: usize, most: usize) -> StackBounds {
        let (low, top) = OWN.get().unwrap_or_else(|| {
            let own = own_stack().unwrap_or((0, 0));
            OWN.set(Some(own));
            own
        });
        // On an unknown stack, everything below is taken to be part of it.
        let (low, most) = if low < here && here <= top { (low, most.min((here - low) / 2)) } else { (0, most) };
        StackBounds { guard_start: low, low, limit: here.saturating_sub(most).max(1), top: here }
    }
}

/// The lowest address and the end of the thread's own stack, if the system reports them.
fn own_stack() -> Option<(usize, usize)> {
    #[cfg(target_os = "linux")]
    // SAFETY: the attributes are initialised by the first call, read by the second, and destroyed by the last.
    unsafe {
        let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let (mut low, mut bytes, mut guard) = (std::ptr::null_mut(), 0, 0);
        let found = libc::pthread_attr_getstack(attributes.as_ptr(), &mut low, &mut bytes) == 0
            && libc::pthread_attr_getguardsize(attributes.as_ptr(), &mut guard) == 0;
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        // Some C libraries count the guard as part of the stack.
        found.then(|| (low.addr() + guard, low.addr() + bytes))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_leaves_half_of_its_stack_to_the_host() {
        let run = || {
            let here = native_stack_pointer();
            let all = StackBounds::here(usize::MAX);
            assert!(!all.is_for_code() && all.contains(here));
            // The stack has the requested size; a part of it was used to get here.
            let room = all.top - all.low;
            assert!((128 << 10..=256 << 10).contains(&room), "{room}");
            assert!(all.limit - all.low >= room / 2 - 4096);
            let some = StackBounds::here(1000);
            assert_eq!(some.low, all.low);
            assert_eq!(some.top - some.limit, 1000);
        };
        std::thread::Builder::new().stack_size(256 << 10).spawn(run).expect("starts").join().expect("returns");
    }

    #[test]
    fn bounds_are_inherited_on_the_stack_that_they_are_of() {
        let outer = StackBounds::here(100_000);
        // SAFETY: no code of a store runs meanwhile.
        let before = unsafe { replace(outer) };
        assert_eq!(StackBounds::here(1), outer);
        // Another stack.
        let elsewhere = StackBounds { guard_start: 0x1000, low: 0x2000, limit: 0x3000, top: 0x4000 };
        // SAFETY: as above.
        unsafe { replace(elsewhere) };
        assert_ne!(StackBounds::here(1), elsewhere);
        assert!(elsewhere.is_for_code() && elsewhere.contains(0x4000) && !elsewhere.contains(0x2000));
        // SAFETY: they were this thread's.
        unsafe { replace(before) };
        assert_eq!(current(), StackBounds::NONE);
    }
}
