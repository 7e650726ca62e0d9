//! The stacks of a store: the value stack, and the one that machine code runs on.
//!
//! A thread keeps one of each when a store gives it back, for the next store. A new one is several system calls and a page
//! fault for each page that is touched first, which is more than a call that does little takes otherwise. What was on it
//! stays there; code never reads what it has not written.

use std::cell::Cell;
use std::io;
use std::mem::ManuallyDrop;
use std::thread::LocalKey;

use crate::memory::Reservation;

/// Slots beyond the value stack's limit that are safe to write: more than the
/// parameters, results and link of any one call take.
pub const RED_ZONE_SLOTS: usize = 4096;

/// How many bytes of a stack that waits for the next store stay with the process, at the end where it starts.
const KEPT_BYTES: usize = 64 << 10;

/// A stack's memory, while no store of the thread has it.
type Spare = Cell<Option<Reservation>>;

thread_local! {
    static SPARE_VALUES: Spare = const { Cell::new(None) };
    static SPARE_NATIVE: Spare = const { Cell::new(None) };
}

/// Memory of a stack, which the thread that drops it keeps for the next store.
#[derive(Debug)]
struct Pages {
    memory: ManuallyDrop<Reservation>,
    /// Where the thread keeps it.
    spare: &'static LocalKey<Spare>,
    /// Whether it is used from its end down, with the guard page in front, rather than from its start up.
    downwards: bool,
}

impl Pages {
    /// At least `bytes` bytes and a guard page. `None` is more than there is.
    fn new(spare: &'static LocalKey<Spare>, downwards: bool, bytes: Option<usize>) -> io::Result<Pages> {
        let page = Reservation::page_bytes();
        let bytes = bytes
            .and_then(|bytes| bytes.checked_next_multiple_of(page))
            .filter(|bytes| bytes.checked_add(page).is_some())
            .ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        // A thread that ends keeps none.
        let kept = spare.try_with(Cell::take).ok().flatten().filter(|kept| kept.bytes() == bytes + page);
        let memory = match kept {
            Some(memory) => memory,
            None => {
                let mut memory = Reservation::new(bytes + page)?;
                memory.commit_from(if downwards { page } else { 0 }, bytes)?;
                memory
            }
        };
        Ok(Pages { memory: ManuallyDrop::new(memory), spare, downwards })
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let mut memory = unsafe { ManuallyDrop::take(&mut self.memory) };
        let page = Reservation::page_bytes();
        let usable = memory.bytes() - page;
        let unused = usable.saturating_sub(KEPT_BYTES);
        memory.discard(if self.downwards { page } else { usable - unused }, unused);
        // Where none is kept, it goes back to the system.
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
    /// A stack of `slots` 64-bit slots. Memory is taken from the system as it is touched.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it.
    pub fn new(slots: usize) -> io::Result<ValueStack> {
        let bytes = slots.checked_add(RED_ZONE_SLOTS).and_then(|slots| slots.checked_mul(8));
        Ok(ValueStack { pages: Pages::new(&SPARE_VALUES, false, bytes)?, slots })
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

/// The stack that machine code, and the host functions that it calls, run on: a guard page, and what may be used.
#[derive(Debug)]
pub struct NativeStack {
    pages: Pages,
}

impl NativeStack {
    /// Room below the limit that machine code checks for: for host functions, and for what the VM does.
    pub const HOST_BYTES: usize = 1 << 20;

    /// A stack with `bytes` bytes for machine code. Memory is taken from the system as it is touched.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it.
    pub fn new(bytes: usize) -> io::Result<NativeStack> {
        Ok(NativeStack { pages: Pages::new(&SPARE_NATIVE, true, bytes.checked_add(NativeStack::HOST_BYTES))? })
    }

    /// The address of its end, where it starts to be used.
    pub fn top(&self) -> usize {
        self.pages.memory.base().addr() + self.pages.memory.bytes()
    }

    /// The lowest address that machine code may reach.
    pub fn limit(&self) -> usize {
        self.pages.memory.base().addr() + Reservation::page_bytes() + NativeStack::HOST_BYTES
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

        let native = NativeStack::new(1 << 20).expect("there is room");
        let top = native.top();
        drop(native);
        assert_eq!(NativeStack::new(1 << 20).expect("there is room").top(), top);
        // What has another size goes back to the system.
        let smaller = NativeStack::new(1 << 19).expect("there is room");
        assert_eq!(smaller.top() - smaller.limit(), 1 << 19);
    }

    #[test]
    fn a_stack_that_no_address_space_has_is_an_error() {
        assert!(ValueStack::new(usize::MAX).is_err());
        assert!(ValueStack::new(usize::MAX / 8 - RED_ZONE_SLOTS).is_err());
        assert!(NativeStack::new(usize::MAX).is_err());
    }
}
