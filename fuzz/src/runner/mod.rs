//! Runs targets for a while, without a fuzzing engine: committed seeds first, then inputs made from numbers.
//!
//! ```text
//! Campaign -> jobs (a thread each): input by number -> target, panics caught -> Verdict or Finding
//!          \-> watchdog: a case that does not end
//! findings -> shrunk, written to fuzz/artifacts; counts -> Outcome
//! ```
//!
//! A case is named by target, seed and number: the same name is the same input as long as the seeds in the corpus are the
//! same. Nothing is learnt from one input for the next; that is what cargo-fuzz is for.

mod artifact;
mod input;
mod job;
mod record;
mod shrink;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::targets::Target;

pub use artifact::{replay, write as write_artifact};
pub use input::{corpus, files, nth_input, regressions};
pub use job::{Failure, quietly};
pub use record::{append as append_record, commit};

/// The root of this crate's folder.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What to run, and for how long.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The target.
    pub target: &'static Target,
    /// Seed of all inputs.
    pub seed: u64,
    /// Number of the first input.
    pub first: u64,
    /// How many inputs at most.
    pub inputs: u64,
    /// How long at most.
    pub time: Duration,
    /// How many cases at least, if the time allows.
    pub cases: u64,
    /// How many threads.
    pub jobs: usize,
    /// How long a single case may take.
    pub patience: Duration,
    /// How many findings are enough.
    pub findings: usize,
}

/// What came of a campaign.
#[derive(Debug)]
pub struct Outcome {
    /// Inputs run.
    pub inputs: u64,
    /// Cases that these were.
    pub cases: u64,
    /// Cases that got to what the target is about.
    pub effective: u64,
    /// How long it took.
    pub time: Duration,
    /// Instructions of the interpreter that occurred.
    pub coverage: BTreeSet<&'static str>,
    /// What is wrong.
    pub findings: Vec<Failure>,
}

/// What the threads of a campaign share.
struct Shared {
    inputs: AtomicU64,
    cases: AtomicU64,
    effective: AtomicU64,
    stop: AtomicBool,
    findings: Mutex<Vec<Failure>>,
    coverage: Mutex<BTreeSet<&'static str>>,
    /// Since when each thread has been at an input, and which.
    at: Vec<Mutex<Option<(Instant, u64)>>>,
}

impl Campaign {
    /// Runs the campaign. A case that does not end ends the process, since nothing else would end the case.
    pub fn run(&self) -> Outcome {
        let seeds = corpus(self.target);
        let shared = Shared {
            inputs: AtomicU64::new(0),
            cases: AtomicU64::new(0),
            effective: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            findings: Mutex::default(),
            coverage: Mutex::default(),
            at: (0..self.jobs).map(|_| Mutex::new(None)).collect(),
        };
        let start = Instant::now();
        thread::scope(|scope| {
            let jobs: Vec<_> = (0..self.jobs)
                .map(|number| {
                    let (shared, seeds) = (&shared, &seeds);
                    scope.spawn(move || job::run(self, number, seeds, shared))
                })
                .collect();
            let mut told = Instant::now();
            while jobs.iter().any(|job| !job.is_finished()) {
                thread::sleep(Duration::from_millis(20));
                let done = start.elapsed() >= self.time || shared.cases.load(Ordering::Relaxed) >= self.cases;
                if done {
                    shared.stop.store(true, Ordering::Relaxed);
                }
                self.watch(&shared, &seeds);
                if told.elapsed() >= Duration::from_secs(60) {
                    told = Instant::now();
                    let (cases, time) = (shared.cases.load(Ordering::Relaxed), start.elapsed().as_secs());
                    eprintln!("{}: {cases} cases in {time} s", self.target.name);
                }
            }
        });
        Outcome {
            inputs: shared.inputs.into_inner(),
            cases: shared.cases.into_inner(),
            effective: shared.effective.into_inner(),
            time: start.elapsed(),
            coverage: shared.coverage.into_inner().unwrap_or_else(|error| error.into_inner()),
            findings: shared.findings.into_inner().unwrap_or_else(|error| error.into_inner()),
        }
    }

    /// Reports a case that has taken too long, and ends the process.
    fn watch(&self, shared: &Shared, seeds: &[Vec<u8>]) {
        for at in &shared.at {
            let at = *at.lock().unwrap_or_else(|error| error.into_inner());
            let Some((since, number)) = at.filter(|(since, _)| since.elapsed() > self.patience) else { continue };
            let failure = Failure {
                number,
                input: nth_input(self.target, self.seed, number, seeds),
                message: format!("does not end within {} s", self.patience.as_secs()),
                module: None,
            };
            eprintln!("{}: input {number} has run for {} s", self.target.name, since.elapsed().as_secs());
            artifact::write(self.target, self.seed, &failure).unwrap_or_else(|error| eprintln!("{error:#}"));
            std::process::exit(1);
        }
    }
}
