//! The stacks of a store: the value stack, and the stack that machine code runs on.
//!
//! When a store gives its stacks back, the thread keeps one of each for the next store. A new stack takes several system calls and a
//! page fault for each page that is touched first, which is more than a short call takes otherwise. The old contents stay on a kept
//! stack; code never reads what it has not written.
//!
//! # The stack for machine code
//!
//! ```text
//! lowest address                                                                  highest
//! | guard, not accessible | for the host | for unchecked steps | for frames of machine code |
//!                         low                                  limit                       top
//! ```
//!
//! Machine code compares its stack pointer, with its whole frame below it, with the limit. What a *step* takes of the stack before the
//! next such comparison is bounded by [`UNCHECKED_BYTES`]. The guard is as large, so that no step leads beyond it. Host functions, and
//! the VM when code calls it, have all of their part left, however deep the code is.

use std::cell::Cell;
use std::io;
use std::mem::ManuallyDrop;
use std::thread::LocalKey;

use crate::StackBounds;
use crate::reservation::Reservation;

/// Slots beyond the value stack's limit that may be written without a check: more than the parameters, results and link of any one call
/// take.
pub const RED_ZONE_SLOTS: usize = 4096;

/// The most that code may take of the stack below the limit before the next check. It covers a frame that is set up before its own
/// check, or that belongs to a function that calls nothing ([`MAX_UNCHECKED_FRAME`]); a trampoline between two calling conventions
/// ([`MAX_TRAMPOLINE_FRAME`]); and the few frames of this crate in between.
pub const UNCHECKED_BYTES: usize = 256 << 10;

/// The largest frame that may be set up before the stack pointer is compared with the limit.
pub const MAX_UNCHECKED_FRAME: usize = 128 << 10;

/// The largest frame of an entry trampoline or a bridge, which do not check the limit.
pub const MAX_TRAMPOLINE_FRAME: usize = 64 << 10;

const _: () = assert!(MAX_UNCHECKED_FRAME + MAX_TRAMPOLINE_FRAME + (32 << 10) < UNCHECKED_BYTES);

/// Size of the guard below a stack for machine code.
const NATIVE_GUARD_BYTES: usize = UNCHECKED_BYTES;

/// How many bytes of a stack that waits for the next store keep their memory, at the end where its use starts.
const KEPT_BYTES: usize = 64 << 10;

/// The memory of a stack that the thread keeps while no store uses it.
type Spare = Cell<Option<Reservation>>;

thread_local! {
    static SPARE_VALUES: Spare = const { Cell::new(None) };
    static SPARE_NATIVE: Spare = const { Cell::new(None) };
}

/// The memory of a stack, which the thread that drops it keeps for the next store.
#[derive(Debug)]
struct Pages {
    memory: ManuallyDrop<Reservation>,
    /// The thread's place for it.
    spare: &'static LocalKey<Spare>,
    /// Whether it is used from its end downwards, with the guard at its start, rather than from its start upwards.
    downwards: bool,
    /// Size of the guard.
    guard: usize,
}

impl Pages {
    /// At least `bytes` bytes, and a guard of at least `guard`. `None` stands for more than there is.
    fn new(spare: &'static LocalKey<Spare>, downwards: bool, bytes: Option<usize>, guard: usize) -> io::Result<Pages> {
        let page = Reservation::page_bytes();
        let guard = guard.next_multiple_of(page);
        let bytes = bytes
            .and_then(|bytes| bytes.checked_next_multiple_of(page))
            .filter(|bytes| bytes.checked_add(guard).is_some())
            .ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        // A thread that is ending keeps none.
        let kept = spare.try_with(Cell::take).ok().flatten().filter(|kept| kept.bytes() == bytes + guard);
        let memory = match kept {
            Some(memory) => memory,
            None => {
                let mut memory = Reservation::new(bytes + guard)?;
                memory.commit_from(if downwards { guard } else { 0 }, bytes)?;
                memory
            }
        };
        Ok(Pages { memory: ManuallyDrop::new(memory), spare, downwards, guard })
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let mut memory = unsafe { ManuallyDrop::take(&mut self.memory) };
        let usable = memory.bytes() - self.guard;
        let unused = usable.saturating_sub(KEPT_BYTES);
        memory.discard(if self.downwards { self.guard } else { usable - unused }, unused);
        // If the thread keeps none, the memory goes back to the system.
        let _ = self.spare.try_with(|spare| spare.set(Some(memory)));
    }
}

/// The value stack: slots reserved by mmap, followed by the red zone and a guard page.
#[derive(Debug)]
pub struct ValueStack {
    pages: Pages,
    slots: usize,
}

impl ValueStack {
    /// A stack of `slots` 64-bit slots. The system provides memory as it is touched.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it.
    pub fn new(slots: usize) -> io::Result<ValueStack> {
        let bytes = slots.checked_add(RED_ZONE_SLOTS).and_then(|slots| slots.checked_mul(8));
        Ok(ValueStack { pages: Pages::new(&SPARE_VALUES, false, bytes, Reservation::page_bytes())?, slots })
    }

    /// The first slot.
    pub fn base(&self) -> *mut u64 {
        self.pages.memory.base().cast()
    }

    /// The end of the slots that frames may take.
    pub fn limit(&self) -> *mut u64 {
        self.base().wrapping_add(self.slots)
    }
}

/// The stack for machine code and the host functions that it calls.
#[derive(Debug)]
pub struct NativeStack {
    pages: Pages,
    /// Bytes for frames of machine code.
    code_bytes: usize,
}

impl NativeStack {
    /// A stack with at least `code_bytes` bytes for machine code and `host_bytes` for the host functions that it calls. The system
    /// provides memory as it is touched.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it.
    pub fn new(code_bytes: usize, host_bytes: usize) -> io::Result<NativeStack> {
        let bytes = code_bytes.checked_add(host_bytes).and_then(|bytes| bytes.checked_add(UNCHECKED_BYTES));
        let pages = Pages::new(&SPARE_NATIVE, true, bytes, NATIVE_GUARD_BYTES)?;
        Ok(NativeStack { pages, code_bytes: code_bytes.next_multiple_of(16) })
    }

    /// The address of the stack's end, where its use starts.
    pub fn top(&self) -> usize {
        self.pages.memory.base().addr() + self.pages.memory.bytes()
    }

    /// The stack's bounds.
    pub fn bounds(&self) -> StackBounds {
        let guard_start = self.pages.memory.base().addr();
        let low = guard_start + self.pages.guard;
        StackBounds { guard_start, low, limit: self.top() - self.code_bytes, top: self.top() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_one_stack_of_each_kind_for_the_same_size() {
        let values = ValueStack::new(1 << 16).expect("there is room");
        let (base, deep) = (values.base(), values.limit().wrapping_sub(1));
        // SAFETY: both are within the stack.
        unsafe {
            base.write(1);
            deep.write(2);
        }
        drop(values);
        let again = ValueStack::new(1 << 16).expect("there is room");
        assert_eq!(again.base(), base);
        // SAFETY: both are within the stack, and were written once.
        unsafe {
            assert_eq!(base.read(), 1, "the first pages are kept");
            assert_eq!(deep.read(), 0, "the others are not");
        }
        let other = ValueStack::new(1 << 16).expect("there is room");
        assert_ne!(other.base(), base);

        let native = NativeStack::new(1 << 20, 1 << 20).expect("there is room");
        let top = native.top();
        drop(native);
        assert_eq!(NativeStack::new(1 << 20, 1 << 20).expect("there is room").top(), top);
        // A stack of another size goes back to the system.
        let smaller = NativeStack::new(1 << 19, 1 << 20).expect("there is room");
        assert_eq!(smaller.top() - smaller.bounds().limit, 1 << 19);
    }

    #[test]
    fn a_native_stack_has_what_was_asked_for_in_each_part() {
        for (code, host) in [(1 << 20, 1 << 16), (12_345, 1), (0, 0)] {
            let stack = NativeStack::new(code, host).expect("there is room");
            let StackBounds { guard_start, low, limit, top } = stack.bounds();
            assert!(top - limit >= code && limit.is_multiple_of(16));
            assert!(limit - low >= host + UNCHECKED_BYTES - 16);
            assert!(low - guard_start >= UNCHECKED_BYTES);
            for at in [low, top - 8] {
                // SAFETY: the first and the last word of what may be used.
                unsafe { std::ptr::with_exposed_provenance_mut::<u64>(at).write_volatile(1) };
            }
            // Whether the system can write there, which it cannot in the guard.
            let zeros = std::fs::File::open("/dev/zero").expect("there is one");
            let is_accessible = |at: usize| {
                let buffer = std::ptr::with_exposed_provenance_mut(at);
                // SAFETY: the system checks the address.
                unsafe { libc::read(std::os::fd::AsRawFd::as_raw_fd(&zeros), buffer, 1) == 1 }
            };
            assert!(is_accessible(low) && !is_accessible(low - 1) && !is_accessible(guard_start));
        }
    }

    #[test]
    fn a_stack_that_no_address_space_has_is_an_error() {
        assert!(ValueStack::new(usize::MAX).is_err());
        assert!(ValueStack::new(usize::MAX / 8 - RED_ZONE_SLOTS).is_err());
        assert!(NativeStack::new(usize::MAX, 0).is_err());
    }
}
