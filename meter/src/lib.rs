//! Measures the cost of a piece of work in memory and time, for tests that limit it.
//!
//! Memory is what the thread requests from the allocator: it depends on nothing but the work. Time is CPU time, which a
//! loaded machine makes a little longer. A program that measures sets [`Meter`] as its allocator:
//!
//! ```
//! #[global_allocator]
//! static METER: riser_meter::Meter = riser_meter::Meter;
//!
//! let (sum, cost) = riser_meter::measure(|| vec![1u64; 1000].iter().sum::<u64>());
//! assert_eq!(sum, 1000);
//! assert_eq!(cost.allocated, 8000);
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

/// The system's allocator, with counters.
#[derive(Clone, Copy, Debug)]
pub struct Meter;

/// The current thread's requests.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Bytes requested so far.
    allocated: u64,
    /// Bytes that have not been freed; negative if the thread frees what others allocated.
    live: i64,
    /// The most live bytes since the current measurement began.
    peak: i64,
}

thread_local! {
    static COUNTS: Cell<Counts> = const { Cell::new(Counts { allocated: 0, live: 0, peak: 0 }) };
}

/// Records that `new` bytes replace `old`.
fn note(old: usize, new: usize) {
    // A thread that is ending frees its memory after its counts are gone.
    let _ = COUNTS.try_with(|counts| {
        let mut now = counts.get();
        now.allocated += new.saturating_sub(old) as u64;
        now.live += new as i64 - old as i64;
        now.peak = now.peak.max(now.live);
        counts.set(now);
    });
}

// SAFETY: the system's allocator does the allocating.
unsafe impl GlobalAlloc for Meter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(layout.size(), 0);
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(layout.size(), new_size);
        // SAFETY: the caller keeps the contract.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

/// The cost of a piece of work, on the thread that did it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Bytes that were requested, whether they were freed or not.
    pub allocated: u64,
    /// The most live bytes at a time.
    pub peak: u64,
    /// CPU time.
    pub time: Duration,
}

/// Does a piece of work and measures its cost. If [`Meter`] is not the program's allocator, the memory counts are 0.
pub fn measure<R>(work: impl FnOnce() -> R) -> (R, Cost) {
    let before = COUNTS.get();
    COUNTS.set(Counts { peak: before.live, ..before });
    let start = thread_time();
    let result = work();
    let time = thread_time().saturating_sub(start);
    let after = COUNTS.get();
    COUNTS.set(Counts { peak: after.peak.max(before.peak), ..after });
    let peak = (after.peak - before.live) as u64;
    (result, Cost { allocated: after.allocated - before.allocated, peak, time })
}

/// The CPU time of the current thread.
fn thread_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists, and `time` is a local variable.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(status, 0, "the clock of a thread's time");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
