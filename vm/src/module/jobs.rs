//! Work on all functions of a module, by one thread or several.
//!
//! Threads take functions in ascending order, a handful at a time. A handful is so large that the work that is done
//! once for all of it hardly matters, and so small that each thread gets several. The result is the first error in the
//! order of the functions, whichever thread fails first: a thread gives up only at a function behind one that has
//! failed, so that everything before the first failure is done.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The smallest and the largest number of functions that a thread takes at a time.
const HANDFUL: [u32; 2] = [16, 64];

/// The number of handfuls for each thread, if there are enough functions.
const HANDFULS: u32 = 8;

/// Returns the number of threads for a number of jobs: 0 stands for as many as there are cores.
pub(crate) fn threads(jobs: usize) -> usize {
    match jobs {
        0 => thread::available_parallelism().map_or(1, NonZeroUsize::get),
        jobs => jobs,
    }
}

/// Calls `work` with ranges that together cover all numbers below `count`, on as many threads as `jobs` stands for,
/// including the caller's. An error of `work` comes with the number that it failed for; the numbers behind that in the
/// range are left out.
///
/// # Errors
///
/// The error for the lowest number for which `work` fails.
pub(super) fn for_each<E: Send>(
    count: u32,
    jobs: usize,
    work: impl Fn(Range<u32>) -> Result<(), (u32, E)> + Sync,
) -> Result<(), E> {
    let [least, most] = HANDFUL;
    let jobs = threads(jobs).min(count.div_ceil(least) as usize);
    let handful = (count / (HANDFULS * jobs.max(1) as u32)).clamp(least, most);
    let next = AtomicU32::new(0);
    // The lowest number that failed; `count` as long as none has.
    let failed = AtomicU32::new(count);
    let error = Mutex::new(None);
    let run = || {
        loop {
            let start = next.fetch_add(handful, Ordering::Relaxed);
            if start >= failed.load(Ordering::Relaxed) {
                return;
            }
            if let Err((number, why)) = work(start..count.min(start + handful)) {
                let mut error = error.lock().unwrap_or_else(PoisonError::into_inner);
                if number < failed.fetch_min(number, Ordering::Relaxed) {
                    *error = Some(why);
                }
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..jobs {
            // If the system has no more threads, the existing ones do the work.
            if thread::Builder::new().spawn_scoped(scope, run).is_err() {
                break;
            }
        }
        run();
    });
    error.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn each_number_is_worked_on_once() {
        for jobs in [0, 1, 2, 7] {
            let done: Vec<AtomicUsize> = (0..1000).map(|_| AtomicUsize::new(0)).collect();
            let result: Result<(), ()> = for_each(1000, jobs, |numbers| {
                assert!(!numbers.is_empty() && numbers.len() <= HANDFUL[1] as usize);
                numbers.for_each(|number| {
                    done[number as usize].fetch_add(1, Ordering::Relaxed);
                });
                Ok(())
            });
            assert_eq!(result, Ok(()));
            assert!(done.iter().all(|times| times.load(Ordering::Relaxed) == 1), "{jobs} jobs");
        }
    }

    #[test]
    fn the_first_error_wins_though_a_later_one_comes_first() {
        for jobs in [1, 2, 3, 8] {
            // Number 5 waits until 500 has failed, if there is another thread to do that.
            let late = AtomicUsize::new(0);
            let result = for_each(1000, jobs, |mut numbers| {
                numbers.try_for_each(|number| match number {
                    500.. => {
                        late.fetch_add(1, Ordering::SeqCst);
                        Err((number, number))
                    }
                    5 => {
                        while jobs > 1 && late.load(Ordering::SeqCst) == 0 {
                            thread::yield_now();
                        }
                        Err((number, number))
                    }
                    _ => Ok(()),
                })
            });
            assert_eq!(result, Err(5), "{jobs} jobs");
        }
    }

    #[test]
    fn nothing_to_do_is_no_error() {
        assert_eq!(for_each(0, 4, |_| Err((0, "called"))), Ok(()));
    }
}
