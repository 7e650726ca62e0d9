//! Counters of calls and loop iterations, for code that has a tier above it.
//!
//! Counters belong to a function of a module, not of an instance, and live as long as the module. They are decremented
//! without synchronisation: a race between threads may lose counts, but nothing more.

use std::sync::atomic::{AtomicI32, Ordering};

/// What is left to count of a function: two 32-bit numbers, by [`Count`]. A number that is not above 0 asks for tier-up.
#[derive(Debug)]
#[repr(C)]
pub struct Counters([AtomicI32; 2]);

/// The events that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Calls of the function.
    Calls,
    /// Iterations of its loops.
    Loops,
}

impl Count {
    /// Where the counter is among the [`Counters`], in bytes.
    pub const fn offset(self) -> usize {
        self as usize * size_of::<AtomicI32>()
    }
}

impl Counters {
    /// Counters that start at `counts`, calls first.
    pub fn new(counts: [u32; 2]) -> Counters {
        Counters(counts.map(|count| AtomicI32::new(count.min(i32::MAX as u32) as i32)))
    }

    /// Sets what is left to count.
    pub fn set(&self, count: Count, left: u32) {
        self.0[count as usize].store(left.min(i32::MAX as u32) as i32, Ordering::Relaxed);
    }

    /// The address of a counter, for code that counts.
    pub fn address(&self, count: Count) -> usize {
        std::ptr::from_ref(&self.0[count as usize]).addr()
    }
}
