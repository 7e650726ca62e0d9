//! Sampling: a thread increments the engine's epoch by time, and the code notes where it is at its next safepoint.

use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cli::program::{Host, Watch};
use crate::{Config, Engine, FrameInfo, Store};

/// Takes samples of all stores of a program.
pub struct Sample {
    /// Samples a second.
    hz: u32,
    samples: Arc<Mutex<Samples>>,
    ticker: Mutex<Option<Ticker>>,
}

/// The samples that were taken.
#[derive(Default)]
pub struct Samples {
    frames: HashMap<FrameInfo, usize>,
    stacks: HashMap<Vec<usize>, usize>,
    /// In the order in which they were taken.
    taken: Vec<Taken>,
    /// The number of stores.
    stores: usize,
}

/// A sample.
#[derive(Clone, Copy)]
pub struct Taken {
    /// The store, numbered from 0; each thread of a guest has one.
    pub store: usize,
    /// The time since sampling began.
    pub at: Duration,
    /// An index of [`Stacks::stacks`].
    pub stack: usize,
}

/// Samples, with each frame and each stack once.
pub struct Stacks {
    /// The frames.
    pub frames: Vec<FrameInfo>,
    /// Indices of frames, the outermost first.
    pub stacks: Vec<Vec<usize>>,
    /// The samples.
    pub taken: Vec<Taken>,
}

impl Sample {
    /// Takes `hz` samples a second, as far as code gets to safepoints.
    pub fn new(hz: u32) -> Sample {
        Sample { hz, samples: Arc::default(), ticker: Mutex::default() }
    }

    /// Stops, and returns the samples.
    pub fn stop(&self) -> Stacks {
        *lock(&self.ticker) = None;
        let samples = std::mem::take(&mut *lock(&self.samples));
        Stacks { frames: in_order(samples.frames), stacks: in_order(samples.stacks), taken: samples.taken }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Things in the order of their numbers, which are 0 and up.
fn in_order<T>(numbers: HashMap<T, usize>) -> Vec<T> {
    let mut numbered: Vec<(T, usize)> = numbers.into_iter().collect();
    numbered.sort_by_key(|&(_, number)| number);
    numbered.into_iter().map(|(it, _)| it).collect()
}

impl Samples {
    fn add(&mut self, store: usize, at: Duration, frames: Vec<FrameInfo>) {
        let mut stack = Vec::with_capacity(frames.len());
        for frame in frames.into_iter().rev() {
            let next = self.frames.len();
            stack.push(*self.frames.entry(frame).or_insert(next));
        }
        let next = self.stacks.len();
        let stack = *self.stacks.entry(stack).or_insert(next);
        self.taken.push(Taken { store, at, stack });
    }
}

impl Watch for Sample {
    fn configure(&self, config: &mut Config) {
        config.epoch_interruption(true);
    }

    fn prepare(&self, store: &mut Store<Host>) -> Result<()> {
        let number = {
            let mut samples = lock(&self.samples);
            samples.stores += 1;
            samples.stores - 1
        };
        let mut ticker = lock(&self.ticker);
        let started = ticker.get_or_insert_with(|| Ticker::start(store.engine(), self.hz)).started;
        let samples = Arc::clone(&self.samples);
        // Epochs are for samples, not for the end.
        store.set_epoch_deadline(u64::MAX);
        store.on_epoch(move |backtrace| {
            lock(&samples).add(number, started.elapsed(), backtrace.into_frames());
            Ok(())
        })
    }
}

/// Increments the epoch of an engine by time, until it is dropped.
struct Ticker {
    started: Instant,
    _done: Sender<()>,
}

impl Ticker {
    fn start(engine: &Engine, hz: u32) -> Ticker {
        let (done, is_done) = mpsc::channel::<()>();
        let engine = engine.clone();
        let interval = Duration::from_secs(1) / hz;
        thread::spawn(move || {
            while is_done.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        });
        Ticker { started: Instant::now(), _done: done }
    }
}
