//! Counting calls and iterations, for the mode in which functions move up.
//!
//! Code that counts has a [`Heat`](super::handlers::control::Heat) instruction behind each function entry and each loop header, where the
//! state is canonical. Its counters belong to the function, not to an instance. They are counted down
//! without synchronisation: threads may lose a count to each other, but nothing more.

use std::sync::atomic::{AtomicI32, Ordering};

/// What is left to count of a function.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Counters([AtomicI32; 2]);

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    /// Calls of the function.
    Calls,
    /// Iterations of its loops.
    Loops,
}

impl Count {
    /// Where the counter is among the [`Counters`], in bytes.
    pub(super) const fn offset(self) -> usize {
        self as usize * size_of::<AtomicI32>()
    }
}

impl Counters {
    /// Counters with as much to count.
    pub(crate) fn new(counts: [u32; 2]) -> Counters {
        Counters(counts.map(|count| AtomicI32::new(count.min(i32::MAX as u32) as i32)))
    }

    /// Sets what is left to count.
    pub(crate) fn set(&self, count: Count, left: u32) {
        self.0[count as usize].store(left.min(i32::MAX as u32) as i32, Ordering::Relaxed);
    }
}

/// The offset of the loop that the [`Heat`](super::handlers::control::Heat) instruction at `ip` counts; `None` at a function's entry.
///
/// # Safety
///
/// There is such an instruction.
pub(in crate::interp) unsafe fn loop_offset(ip: *const u64) -> Option<u32> {
    // SAFETY: by the contract of this function.
    let offset = unsafe { *ip.add(2) } as u32;
    (offset != 0).then_some(offset)
}
