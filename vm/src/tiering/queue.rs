//! What is to be compiled in the background, and the threads that do it.
//!
//! Threads start when there is work for them, and end when their engine is gone.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Something to compile.
pub(crate) trait Job: Send + 'static {
    /// Compiles it.
    fn run(self);
}

/// Jobs of an engine.
pub(crate) struct CompileQueue<J> {
    shared: Arc<Shared<J>>,
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
        let state = State { jobs: VecDeque::new(), threads: 0, begun: false, closed: false };
        CompileQueue { shared: Arc::new(Shared { state: Mutex::new(state), wake: Condvar::new() }) }
    }
}

impl<J: Job> CompileQueue<J> {
    /// Has a job done by one of up to `threads` threads, the first of which begins after `delay`, and the others when it
    /// has. Gives the job back if the system does not start the first.
    pub(crate) fn push(&self, job: J, line: Line, threads: usize, delay: Duration) -> Result<(), J> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.threads < threads && (state.threads == 0 || state.begun) {
            let shared = Arc::clone(&self.shared);
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
        self.shared.wake.notify_one();
        Ok(())
    }
}

impl<J> Drop for CompileQueue<J> {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.shared.wake.notify_all();
    }
}

impl<J: Job> Shared<J> {
    /// Does jobs until there is no engine any more.
    fn work(&self, delay: Duration) {
        thread::sleep(delay);
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
