//! What is to be compiled in the background, and the threads that do it.
//!
//! Threads start when there is work for them, and end when their engine is gone. A job keeps its
//! module, and with it the engine, alive.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::Module;
use crate::module::Part;

/// A part of a function to compile.
pub(crate) struct Job {
    /// The module.
    pub(crate) module: Module,
    /// The step that it moves up to.
    pub(crate) step: usize,
    /// The function, numbered without the imports.
    pub(crate) defined: u32,
    /// Which part of it.
    pub(crate) part: Part,
}

/// The jobs for a step of an engine.
#[derive(Default)]
pub(crate) struct CompileQueue {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    /// Whether the first thread's delay is over.
    begun: bool,
    closed: bool,
}

impl CompileQueue {
    /// Has a job done by one of up to `threads` threads, the first of which begins after `delay`, and the others when it
    /// has. Gives the job back if the system does not start the first.
    pub(crate) fn push(&self, job: Job, threads: usize, delay: Duration) -> Result<(), Job> {
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
        state.jobs.push_back(job);
        self.shared.wake.notify_one();
        Ok(())
    }
}

impl Drop for CompileQueue {
    fn drop(&mut self) {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.shared.wake.notify_all();
    }
}

impl Shared {
    /// Does jobs until there is no engine any more.
    fn work(&self, delay: Duration) {
        thread::sleep(delay);
        self.state.lock().unwrap_or_else(PoisonError::into_inner).begun = true;
        while let Some(job) = self.next() {
            super::hot::make(&job);
        }
    }

    fn next(&self) -> Option<Job> {
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
