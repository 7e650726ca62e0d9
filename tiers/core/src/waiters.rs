//! Threads that wait at an address of a shared memory, and those that wake them (`memory.atomic.wait32`, `wait64`, `notify`).
//!
//! There is one table for the process: an address says which memory it is in, and whoever waits there keeps that memory alive. An
//! address belongs to a bucket, which is locked while a thread compares what is there with what it expects and goes to sleep, and
//! while another one looks for threads to wake. So a value that is written before a notification is either seen by the
//! comparison, or its writer finds the thread asleep. Threads at an address wake in the order in which they came.
//!
//! `tests/interleavings.sh` runs this file's tests under loom, with every interleaving of their threads.

#[cfg(loom)]
use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::sync::PoisonError;
#[cfg(not(loom))]
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use riser_translator::ops::WaitResult;

/// The number of buckets.
#[cfg(not(loom))]
const BUCKETS: usize = 256;

/// A thread that waits.
struct Waiter {
    address: usize,
    wake: Condvar,
}

/// Those who wait at addresses of a bucket, in the order in which they came.
#[derive(Default)]
struct Bucket {
    waiters: Mutex<Vec<Arc<Waiter>>>,
}

impl Bucket {
    /// Locks the bucket. A thread that panicked has left it as it should be: nothing that is done under the lock panics halfway.
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Waiter>>> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits to be woken. A waiter that is no longer in the list has been.
    ///
    /// Every `slice`, `interrupted` may end the wait, with its result; it is not called if there is none.
    fn wait<E>(
        &self,
        address: usize,
        is_expected: impl FnOnce() -> bool,
        until: Option<Instant>,
        slice: Option<Duration>,
        mut interrupted: impl FnMut() -> Result<(), E>,
    ) -> Result<WaitResult, E> {
        let mut waiters = self.lock();
        if !is_expected() {
            return Ok(WaitResult::Mismatch);
        }
        let me = Arc::new(Waiter { address, wake: Condvar::new() });
        waiters.push(Arc::clone(&me));
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                remove(&mut waiters, &me);
                return Ok(WaitResult::TimedOut);
            }
            let most = match (left, slice) {
                (Some(left), Some(slice)) => Some(left.min(slice)),
                (left, slice) => left.or(slice),
            };
            waiters = sleep(&me.wake, waiters, most);
            if !waiters.iter().any(|other| Arc::ptr_eq(other, &me)) {
                return Ok(WaitResult::Ok);
            }
            if slice.is_some() {
                // The host may run, and wake or wait itself.
                drop(waiters);
                let outcome = interrupted();
                waiters = self.lock();
                if let Err(error) = outcome {
                    remove(&mut waiters, &me);
                    return Err(error);
                }
                if !waiters.iter().any(|other| Arc::ptr_eq(other, &me)) {
                    return Ok(WaitResult::Ok);
                }
            }
        }
    }

    /// Wakes those who came first, at most `most`. Returns how many.
    fn notify(&self, address: usize, most: u32) -> u32 {
        let mut waiters = self.lock();
        let mut woken = 0;
        waiters.retain(|waiter| {
            let wakes = waiter.address == address && woken < most;
            if wakes {
                woken += 1;
                waiter.wake.notify_one();
            }
            !wakes
        });
        woken
    }
}

fn remove(waiters: &mut Vec<Arc<Waiter>>, me: &Arc<Waiter>) {
    waiters.retain(|other| !Arc::ptr_eq(other, me));
}

#[cfg(not(loom))]
fn sleep<'a, T>(wake: &Condvar, guard: MutexGuard<'a, T>, most: Option<Duration>) -> MutexGuard<'a, T> {
    match most {
        Some(most) => wake.wait_timeout(guard, most).unwrap_or_else(PoisonError::into_inner).0,
        None => wake.wait(guard).unwrap_or_else(PoisonError::into_inner),
    }
}

/// Loom has no time: a wait that would end may as well last.
#[cfg(loom)]
fn sleep<'a, T>(wake: &Condvar, guard: MutexGuard<'a, T>, _most: Option<Duration>) -> MutexGuard<'a, T> {
    wake.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// The bucket of an address.
#[cfg(not(loom))]
fn bucket(address: usize) -> &'static Bucket {
    static TABLE: std::sync::LazyLock<Box<[Bucket]>> =
        std::sync::LazyLock::new(|| (0..BUCKETS).map(|_| Bucket::default()).collect());
    // Locks are often at the same place of a line or a page, and rarely at the same place of a memory.
    let hash = (address as u64 >> 2).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
    &TABLE[hash as usize % BUCKETS]
}

/// Models have buckets of their own.
#[cfg(loom)]
fn bucket(_address: usize) -> &'static Bucket {
    unreachable!("the table is in no model")
}

/// Waits at `address` to be woken, if `is_expected` says so while nobody can be woken there.
///
/// Every `slice`, if there is one, `interrupted` may end the wait.
///
/// # Errors
///
/// That of `interrupted`.
pub(crate) fn wait<E>(
    address: usize,
    is_expected: impl FnOnce() -> bool,
    timeout: Option<Duration>,
    slice: Option<Duration>,
    interrupted: impl FnMut() -> Result<(), E>,
) -> Result<WaitResult, E> {
    // A time beyond what the clock can tell is none.
    let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    bucket(address).wait(address, is_expected, until, slice, interrupted)
}

/// Wakes those who wait at `address` and came first, at most `most` of them. Returns how many.
pub(crate) fn notify(address: usize, most: u32) -> u32 {
    bucket(address).notify(address, most)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    #[cfg(not(loom))]
    use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
    #[cfg(not(loom))]
    use std::thread;

    #[cfg(loom)]
    use loom::{
        sync::atomic::{AtomicU32, AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    /// Under loom, runs `test` in every interleaving of its threads; otherwise once.
    fn model(test: impl Fn() + Send + Sync + 'static) {
        #[cfg(loom)]
        loom::model(test);
        #[cfg(not(loom))]
        test();
    }

    fn wait_at(bucket: &Bucket, address: usize, is_expected: impl FnOnce() -> bool) -> WaitResult {
        let never = || Ok::<(), Infallible>(());
        bucket.wait(address, is_expected, None, None, never).unwrap_or_else(|never| match never {})
    }

    /// A flag that is set before the notification is seen, or the waiter is woken.
    #[test]
    fn no_wake_up_is_lost() {
        model(|| {
            let shared = Arc::new((Bucket::default(), AtomicU32::new(0)));
            let other = Arc::clone(&shared);
            let waiter = thread::spawn(move || {
                let (bucket, flag) = &*other;
                wait_at(bucket, 64, || flag.load(Ordering::SeqCst) == 0)
            });
            shared.1.store(1, Ordering::SeqCst);
            let woken = shared.0.notify(64, 1);
            let result = waiter.join().expect("the thread ends");
            assert_eq!(result, if woken == 1 { WaitResult::Ok } else { WaitResult::Mismatch });
            assert!(shared.0.lock().is_empty(), "nobody is left in the list");
        });
    }

    /// A notification for one wakes one, at its own address.
    #[test]
    fn as_many_wake_as_are_notified() {
        model(|| {
            let shared = Arc::new((Bucket::default(), AtomicUsize::new(0)));
            let waiters: Vec<_> = (0..2)
                .map(|_| {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || {
                        assert_eq!(wait_at(&shared.0, 8, || true), WaitResult::Ok);
                        shared.1.fetch_add(1, Ordering::SeqCst);
                    })
                })
                .collect();
            assert_eq!(shared.0.notify(16, 5), 0, "nobody waits there");
            let mut woken = 0;
            while woken < 2 {
                let now = shared.0.notify(8, 1);
                assert!(now <= 1);
                woken += now;
                thread::yield_now();
            }
            for waiter in waiters {
                waiter.join().expect("the thread ends");
            }
            assert_eq!(shared.1.load(Ordering::SeqCst), 2);
        });
    }

    #[cfg(not(loom))]
    #[test]
    fn waits_end_by_time_and_by_interruption() {
        let soon = Some(Duration::from_millis(5));
        let never = || Ok::<(), Infallible>(());
        assert_eq!(wait(4, || true, soon, None, never), Ok(WaitResult::TimedOut));
        assert_eq!(wait(4, || false, None, None, never), Ok(WaitResult::Mismatch));
        let mut left = 3;
        let outcome = wait(
            4,
            || true,
            None,
            soon,
            || {
                left -= 1;
                if left == 0 { Err("interrupted") } else { Ok(()) }
            },
        );
        assert_eq!(outcome, Err("interrupted"));
        assert_eq!(notify(4, u32::MAX), 0, "nobody is left in the list");
    }

    #[cfg(not(loom))]
    #[test]
    fn those_who_came_first_wake_first() {
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut threads = Vec::new();
        for number in 0..3 {
            let order = Arc::clone(&order);
            threads.push(thread::spawn(move || {
                let never = || Ok::<(), Infallible>(());
                assert_eq!(wait(0x1000, || true, None, None, never), Ok(WaitResult::Ok));
                order.lock().expect("no thread panics").push(number);
            }));
            while bucket(0x1000).lock().iter().filter(|waiter| waiter.address == 0x1000).count() <= number {
                thread::yield_now();
            }
        }
        for woken in 1..=3 {
            assert_eq!(notify(0x1000, 1), 1);
            while order.lock().expect("no thread panics").len() < woken {
                thread::yield_now();
            }
        }
        assert_eq!(*order.lock().expect("no thread panics"), [0, 1, 2]);
        threads.into_iter().for_each(|thread| thread.join().expect("the thread ends"));
    }
}
