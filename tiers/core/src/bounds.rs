//! How far down the native stack code may go.
//!
//! Calls between the host and wasm nest on the stack that the thread is on, whatever stores they are of. So it is the thread that
//! knows where that stack ends: whoever is called by the host finds the bounds that its callers were under ([`current`]), if the
//! stack pointer is within them. If not, which is so for the first of them, and on stacks that somebody else has switched to, they are found
//! anew (`StackBounds::of_thread`).

use std::cell::Cell;

use crate::native_stack_pointer;

/// Where a stack is, and how far code may go on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackBounds {
    /// For a stack for machine code, where the guard below it starts; else the same as `low`.
    pub guard_start: usize,
    /// The lowest address that is accessible.
    pub low: usize,
    /// The lowest address that the stack pointer may have where code is called.
    pub limit: usize,
    /// The end of what is known of the stack: there is nothing of it above.
    pub top: usize,
}

thread_local! {
    /// The stack that the thread is on; none unless a store runs.
    static CURRENT: Cell<StackBounds> = const { Cell::new(StackBounds::NONE) };
    /// Where the thread's own stack is, once somebody has asked: its lowest address and its end.
    static OWN: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
}

/// The bounds that calls on this thread are under at the moment; [`StackBounds::NONE`] unless a store runs.
#[inline]
pub fn current() -> StackBounds {
    CURRENT.get()
}

/// Has calls be under these bounds, and answers those before.
#[inline]
pub fn replace(bounds: StackBounds) -> StackBounds {
    CURRENT.replace(bounds)
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

    /// The bounds of calls from here on: those that are in force on this stack; if there are none, those that let calls take `most` bytes
    /// of the thread's stack, and at most half of what is left of it.
    #[inline]
    pub fn here(most: usize) -> StackBounds {
        let here = native_stack_pointer();
        let current = current();
        if current.contains(here) { current } else { StackBounds::of_thread(here, most) }
    }

    /// The bounds of calls from the stack pointer `here` on, on the thread's own stack or one that is not known.
    fn of_thread(here: usize, most: usize) -> StackBounds {
        let (low, top) = OWN.get().unwrap_or_else(|| {
            let own = own_stack().unwrap_or((0, 0));
            OWN.set(Some(own));
            own
        });
        // Of a stack that is not known, all below is taken to be part of it.
        let (low, most) = if low < here && here <= top { (low, most.min((here - low) / 2)) } else { (0, most) };
        StackBounds { guard_start: low, low, limit: here.saturating_sub(most).max(1), top: here }
    }
}

/// Where the thread's own stack is: its lowest address and its end, if the system says so.
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
        // Some C libraries count the guard to the stack.
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
            // The stack has the size that was asked for, a part of which was used to get here.
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
        let before = replace(outer);
        assert_eq!(StackBounds::here(1), outer);
        // Another stack.
        let elsewhere = StackBounds { guard_start: 0x1000, low: 0x2000, limit: 0x3000, top: 0x4000 };
        replace(elsewhere);
        assert_ne!(StackBounds::here(1), elsewhere);
        assert!(elsewhere.is_for_code() && elsewhere.contains(0x4000) && !elsewhere.contains(0x2000));
        replace(before);
        assert_eq!(current(), StackBounds::NONE);
    }
}
