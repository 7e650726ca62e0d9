//! Properties put to many modules, by a command or a test.
//!
//! ```text
//! case number -> module -> properties, on several threads -> the first case that fails
//!                                                              |  made small
//!                                                              v
//!                                                           Finding -> a file, with the IR beside the text
//! ```
//!
//! A case is a number: it stands for the same module and the same decisions on every machine. A campaign ends at the first
//! case that fails, whatever the number of threads. `score` turns this around: it plants faults in the translator, and
//! says which of them the properties find.

mod beside;
mod finding;
mod quiet;
#[cfg(feature = "faults")]
pub mod score;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use riser_translator::SharedBytes;

use crate::generate::{self, Module, Seeded};
use crate::property::{Case, Failure, Property, Subject};

pub use finding::{Finding, seed_of};
pub use quiet::quietly;

/// Which properties to put to which cases.
#[derive(Clone, Copy, Debug)]
pub struct Campaign<'a> {
    /// What is tested.
    pub subject: &'a Subject,
    /// The properties.
    pub properties: &'a [Property],
    /// The number of the first case. The next one has the next number; behind the largest one comes 0.
    pub first: u64,
    /// How many cases there are.
    pub cases: u64,
    /// How long to begin new ones.
    pub time: Option<Duration>,
    /// The most threads; the one that asks is one of them.
    pub jobs: usize,
}

/// The result of a campaign.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The number of cases for which all properties hold.
    pub cases: u64,
    /// What was found.
    pub finding: Option<Finding>,
}

/// How thoroughly to look at a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Under a few configurations.
    Sampled,
    /// Under every configuration.
    Thorough,
}

/// Does work on so many threads, or as many as the system has. This thread works, too, whatever the number.
fn on_threads(number: usize, work: &(dyn Fn() + Sync)) {
    thread::scope(|scope| {
        for _ in 1..number {
            // Where the system has no more threads, those that there are do the work.
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
}

/// The module that a case stands for.
pub fn module(subject: &Subject, case: u64) -> Module {
    let config = &subject.modules[(case % subject.modules.len() as u64) as usize];
    generate::module(&mut Seeded::new(case), config)
}

/// Why a property does not hold for a module, if it does not; a panic is a reason.
pub fn failure(subject: &Subject, property: &Property, wasm: &SharedBytes, seed: u64, depth: Depth) -> Option<Failure> {
    let check = || {
        let make = match depth {
            Depth::Sampled => Case::sampled,
            Depth::Thorough => Case::thorough,
        };
        (property.check)(&make(subject, wasm.clone(), seed)?)
    };
    quietly(check).unwrap_or_else(|panic| Err(format!("it panics: {panic}").into())).err()
}

impl Campaign<'_> {
    /// The number of a case, which is counted from the first one on.
    pub fn number(&self, index: u64) -> u64 {
        self.first.wrapping_add(index)
    }

    /// Puts the properties to generated modules, and makes the first one that fails small.
    pub fn run(&self) -> Outcome {
        let wasm = |case| module(self.subject, case).to_wasm().into();
        self.ask(&wasm, Depth::Sampled, &|property, others, case| {
            Finding::shrunk(self.subject, property, others, case, module(self.subject, case))
        })
    }

    /// Puts the properties to one module. Sampled, each case is another sample of the configurations.
    pub fn of_module(&self, wasm: &SharedBytes, depth: Depth) -> Outcome {
        self.ask(&|_| wasm.clone(), depth, &|property, others, case| {
            let failure = failure(self.subject, &property, wasm, case, depth);
            Finding { property, others, case, wasm: wasm.clone(), failure: failure?, operators: None }.into()
        })
    }

    /// Asks about one case after the other, up to the first one that fails.
    fn ask(
        &self,
        wasm: &(dyn Fn(u64) -> SharedBytes + Sync),
        depth: Depth,
        explain: &dyn Fn(Property, Vec<&'static str>, u64) -> Option<Finding>,
    ) -> Outcome {
        let begin = Instant::now();
        // Cases are counted from the first one on, because numbers may come to their end on the way.
        let (next, end) = (AtomicU64::new(0), AtomicU64::new(self.cases));
        // The first case that failed, as it is counted, and which properties did.
        let failed: Mutex<Option<(u64, Vec<Property>)>> = Mutex::new(None);
        let work = &|| {
            while self.time.is_none_or(|time| begin.elapsed() < time) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= end.load(Ordering::Relaxed) {
                    break;
                }
                let case = self.number(index);
                let wasm = wasm(case);
                let fails = |it: &&Property| failure(self.subject, it, &wasm, case, depth).is_some();
                let found: Vec<Property> = self.properties.iter().filter(fails).copied().collect();
                if !found.is_empty() {
                    end.fetch_min(index, Ordering::Relaxed);
                    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                    if failed.as_ref().is_none_or(|(first, _)| index < *first) {
                        *failed = Some((index, found));
                    }
                }
            }
        };
        on_threads(self.jobs.min(usize::try_from(self.cases).unwrap_or(usize::MAX)), work);
        let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let asked = next.into_inner().min(end.into_inner());
        let finding = failed.and_then(|(index, found)| {
            let (first, others) = found.split_first()?;
            explain(*first, others.iter().map(|it| it.name).collect(), self.number(index))
        });
        Outcome { cases: asked, finding }
    }
}
