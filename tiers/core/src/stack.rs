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

/// The memory that is kept, if it has this size.
fn reuse(spare: &'static LocalKey<Spare>, bytes: usize) -> Option<Reservation> {
    // A thread that ends keeps none.
    spare.try_with(Cell::take).ok().flatten().filter(|kept| kept.bytes() == bytes)
}

/// Keeps the memory in place of what was kept, without the `unused` bytes from `start` on, which are whole pages.
fn keep(spare: &'static LocalKey<Spare>, mut memory: Reservation, start: usize, unused: usize) {
    memory.discard(start, unused);
    // Where none is kept, it goes back to the system.
    let _ = spare.try_with(|spare| spare.set(Some(memory)));
}

/// The value stack: slots reserved by mmap, followed by the red zone and a guard page.
#[derive(Debug)]
pub struct ValueStack {
    memory: ManuallyDrop<Reservation>,
    slots: usize,
}

impl ValueStack {
    /// A stack of `slots` 64-bit slots. Memory is taken from the system as it is touched.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it.
    pub fn new(slots: usize) -> io::Result<ValueStack> {
        let page = Reservation::page_bytes();
        let bytes = (slots.checked_add(RED_ZONE_SLOTS))
            .and_then(|slots| slots.checked_mul(8)?.checked_next_multiple_of(page))
            .filter(|bytes| bytes.checked_add(page).is_some())
            .ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let memory = match reuse(&SPARE_VALUES, bytes + page) {
            Some(memory) => memory,
            None => {
                let mut memory = Reservation::new(bytes + page)?;
                memory.commit(bytes)?;
                memory
            }
        };
        Ok(ValueStack { memory: ManuallyDrop::new(memory), slots })
    }

    /// The first slot.
    pub fn base(&self) -> *mut u64 {
        self.memory.base().cast()
    }

    /// The end of the slots that frames may take.
    pub fn limit(&self) -> *mut u64 {
        self.base().wrapping_add(self.slots)
    }
}

impl Drop for ValueStack {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let memory = unsafe { ManuallyDrop::take(&mut self.memory) };
        let used = memory.bytes() - Reservation::page_bytes();
        keep(&SPARE_VALUES, memory, KEPT_BYTES.min(used), used.saturating_sub(KEPT_BYTES));
    }
}

/// The stack that machine code, and the host functions that it calls, run on: a guard page, and what may be used.
#[derive(Debug)]
pub struct NativeStack {
    memory: ManuallyDrop<Reservation>,
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
        let page = Reservation::page_bytes();
        let bytes = bytes
            .checked_add(NativeStack::HOST_BYTES)
            .and_then(|bytes| bytes.checked_next_multiple_of(page))
            .filter(|bytes| bytes.checked_add(page).is_some())
            .ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let memory = match reuse(&SPARE_NATIVE, bytes + page) {
            Some(memory) => memory,
            None => {
                let mut memory = Reservation::new(bytes + page)?;
                memory.commit_from(page, bytes)?;
                memory
            }
        };
        Ok(NativeStack { memory: ManuallyDrop::new(memory) })
    }

    /// The address of its end, where it starts to be used.
    pub fn top(&self) -> usize {
        self.memory.base().addr() + self.memory.bytes()
    }

    /// The lowest address that machine code may reach.
    pub fn limit(&self) -> usize {
        self.memory.base().addr() + Reservation::page_bytes() + NativeStack::HOST_BYTES
    }
}

impl Drop for NativeStack {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let memory = unsafe { ManuallyDrop::take(&mut self.memory) };
        let page = Reservation::page_bytes();
        let unused = (memory.bytes() - page).saturating_sub(KEPT_BYTES);
        keep(&SPARE_NATIVE, memory, page, unused);
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
