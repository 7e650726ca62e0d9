//! Runs targets for a while, without a fuzzing engine: committed seeds first, then inputs made from numbers.
//!
//! ```text
//! Campaign -> jobs (a thread each): input by number -> target, panics caught -> Verdict or Finding
//!          \-> watchdog: a case that does not end
//! findings -> shrunk, written to fuzz/artifacts; counts -> Outcome
//! ```
//!
//! Target, seed and number name a case: the same name stands for the same input as long as the seeds in the corpus are
//! the same. The runner learns nothing from one input for the next; that is what cargo-fuzz is for.

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

/// What to run, and its limits.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The target.
    pub target: &'static Target,
    /// Seed of all inputs.
    pub seed: u64,
    /// Number of the first input.
    pub first: u64,
    /// The most inputs.
    pub inputs: u64,
    /// The longest time.
    pub time: Duration,
    /// The least number of cases, if the time allows.
    pub cases: u64,
    /// The number of threads.
    pub jobs: usize,
    /// The longest time for a single case.
    pub patience: Duration,
    /// The number of findings that ends the campaign.
    pub findings: usize,
}

/// The result of a campaign.
#[derive(Debug)]
pub struct Outcome {
    /// Inputs run.
    pub inputs: u64,
    /// Cases that these stood for.
    pub cases: u64,
    /// Cases that reached what the target tests.
    pub effective: u64,
    /// How long it took.
    pub time: Duration,
    /// Instructions of the interpreter that occurred.
    pub coverage: BTreeSet<&'static str>,
    /// The findings.
    pub findings: Vec<Failure>,
}

/// The state that the threads of a campaign share.
struct Shared {
    inputs: AtomicU64,
    cases: AtomicU64,
    effective: AtomicU64,
    stop: AtomicBool,
    findings: Mutex<Vec<Failure>>,
    coverage: Mutex<BTreeSet<&'static str>>,
    /// For each thread, the start time and the number of its current input.
    at: Vec<Mutex<Option<(Instant, u64)>>>,
}

impl Campaign {
    /// Runs the campaign. A case that does not end makes the runner end the process, since nothing else would end it.
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
