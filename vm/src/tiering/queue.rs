//! What is to be compiled in the background, and the threads that do it.
//!
//! Threads start when there is work for them, and end when their engine is gone, with the work that is left done.
//!
//! A process that forks leaves the child without them: it begins anew, with the jobs that nobody had begun.
//!
//! `tests/interleavings.sh` runs this file's tests under loom, in every order that threads can get into each other's way.

use std::collections::VecDeque;
use std::sync::PoisonError;
#[cfg(not(loom))]
use std::sync::{Arc, Condvar, Mutex};
#[cfg(not(loom))]
use std::thread;
use std::time::Duration;

#[cfg(loom)]
use loom::sync::{Arc, Condvar, Mutex};
#[cfg(loom)]
use loom::thread;

/// Something to compile.
pub(crate) trait Job: Send + 'static {
    /// Compiles it.
    fn run(self);
}

/// Jobs of an engine.
pub(crate) struct CompileQueue<J> {
    current: Mutex<Current<J>>,
}

/// What the threads of this process share.
struct Current<J> {
    shared: Arc<Shared<J>>,
    /// The generation of processes ([`generation`]) that the threads are of.
    generation: u64,
}

struct Shared<J> {
    state: Mutex<State<J>>,
    wake: Condvar,
}

struct State<J> {
    jobs: VecDeque<J>,
    threads: usize,
    /// Whether the first thread's delay is over.
    begun: bool,
    closed: bool,
}

/// Where a job gets in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    First,
    Last,
}

impl<J> Default for CompileQueue<J> {
    fn default() -> CompileQueue<J> {
        CompileQueue { current: Mutex::new(Current::new(VecDeque::new())) }
    }
}

impl<J> Current<J> {
    fn new(jobs: VecDeque<J>) -> Current<J> {
        let state = State { jobs, threads: 0, begun: false, closed: false };
        let shared = Shared { state: Mutex::new(state), wake: Condvar::new() };
        Current { shared: Arc::new(shared), generation: generation() }
    }
}

/// How often the process has forked.
fn generation() -> u64 {
    #[cfg(unix)]
    {
        riser_tiers_core::fork::generation()
    }
    #[cfg(not(unix))]
    {
        0
    }
}

impl<J: Job> CompileQueue<J> {
    /// Has a job done by one of up to `threads` threads, the first of which begins after `delay`, and the others when it
    /// has. Gives the job back if the system does not start the first.
    pub(crate) fn push(&self, job: J, line: Line, threads: usize, delay: Duration) -> Result<(), J> {
        let shared = &self.shared();
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.threads < threads && (state.threads == 0 || state.begun) {
            let shared = Arc::clone(shared);
            let delay = if state.threads == 0 { delay } else { Duration::ZERO };
            match thread::Builder::new().name("riser-compile".to_owned()).spawn(move || shared.work(delay)) {
                Ok(_) => state.threads += 1,
                Err(_) if state.threads == 0 => return Err(job),
                Err(_) => {}
            }
        }
        match line {
            Line::First => state.jobs.push_front(job),
            Line::Last => state.jobs.push_back(job),
        }
        shared.wake.notify_one();
        Ok(())
    }

    /// What the threads of this process share.
    fn shared(&self) -> Arc<Shared<J>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.generation != generation() {
            // The threads are the parent's. One of them may have the lock, for good.
            let left = current.shared.state.try_lock().map(|mut state| std::mem::take(&mut state.jobs));
            *current = Current::new(left.unwrap_or_default());
        }
        Arc::clone(&current.shared)
    }
}

impl<J> Drop for CompileQueue<J> {
    fn drop(&mut self) {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.generation == generation() {
            current.shared.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
            current.shared.wake.notify_all();
        }
    }
}

impl<J: Job> Shared<J> {
    /// Does jobs until there is no engine any more.
    fn work(&self, delay: Duration) {
        if !delay.is_zero() {
            std::thread::sleep(delay);
        }
        self.state.lock().unwrap_or_else(PoisonError::into_inner).begun = true;
        while let Some(job) = self.next() {
            job.run();
        }
    }

    fn next(&self) -> Option<J> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(not(loom))]
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;

    #[cfg(loom)]
    use loom::sync::atomic::AtomicUsize;

    use super::*;

    /// Counts that it has been done.
    struct Counted(Arc<[AtomicUsize; 3]>, usize);

    impl Job for Counted {
        fn run(self) {
            self.0[self.1].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Runs `test` in every order that its threads can take, under loom; else once. Answers the counts that it answers, when
    /// all threads have ended.
    fn model(test: impl Fn() -> Arc<[AtomicUsize; 3]> + Sync + Send + 'static) {
        let check = move || {
            let counts = test();
            // The queue's threads keep it as long as they have jobs.
            while Arc::strong_count(&counts) > 1 {
                thread::yield_now();
            }
            assert!(counts.iter().all(|count| count.load(Ordering::Acquire) == 1), "each job is done once");
        };
        #[cfg(loom)]
        loom::model(check);
        #[cfg(not(loom))]
        check();
    }

    fn push(queue: &CompileQueue<Counted>, counts: &Arc<[AtomicUsize; 3]>, number: usize, line: Line, threads: usize) {
        if let Err(job) = queue.push(Counted(Arc::clone(counts), number), line, threads, Duration::ZERO) {
            job.run();
        }
    }

    #[test]
    fn jobs_of_an_engine_that_goes_are_done_once() {
        model(|| {
            let counts = Arc::new([0; 3].map(AtomicUsize::new));
            let queue = CompileQueue::default();
            for number in 0..3 {
                push(&queue, &counts, number, if number == 1 { Line::First } else { Line::Last }, 2);
            }
            counts
        });
    }

    #[test]
    fn jobs_from_two_threads_are_done_once() {
        model(|| {
            let counts = Arc::new([0; 3].map(AtomicUsize::new));
            let queue = Arc::new(CompileQueue::default());
            let other = (Arc::clone(&queue), Arc::clone(&counts));
            let pushes = thread::spawn(move || push(&other.0, &other.1, 0, Line::Last, 1));
            push(&queue, &counts, 1, Line::Last, 1);
            push(&queue, &counts, 2, Line::Last, 1);
            pushes.join().expect("it pushes");
            counts
        });
    }
}
