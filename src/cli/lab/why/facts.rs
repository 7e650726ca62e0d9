//! What is known of a side.

use std::collections::BTreeMap;

use riser_lab::comparison::{spread, typical};
use riser_lab::counters::{CODE_MISSES, CYCLES, DATA_MISSES, INSTRUCTIONS, MEMORY_MISSES, MISPREDICTIONS};
use riser_lab::report::{code_bytes, made_ms, median_of};
use riser_lab::{Record, Sample};

/// Where counts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The processor's counters.
    Processor,
    /// Valgrind, which simulates a processor.
    Valgrind,
    /// Nowhere; why.
    None(String),
}

/// The time that is compared.
pub const TIME: &str = "time";
/// Making code, by all threads.
pub const MADE: &str = "making code";
/// The slowest copy of the executable relative to the fastest.
pub const SPREAD: &str = "copies";
/// The register interpreter's instructions that were executed.
pub const DISPATCHES: &str = "dispatches";

/// The facts in the order of the table: name, title, what a value is divided by to be shown, and how it is found in samples.
pub const FACTS: &[(&str, &str, f64, Option<fn(&Sample) -> Option<f64>>)] = &[
    (TIME, "", 1.0, None),
    ("load", "load ms", 1.0, Some(|it| it.reported.get("load_ms").copied())),
    (MADE, "making code, ms", 1.0, Some(made_ms)),
    ("run", "run ms", 1.0, Some(|it| it.reported.get("run_ms").copied())),
    (DISPATCHES, "dispatches, M", 1e6, None),
    (INSTRUCTIONS, "instructions, M", 1e6, Some(|it| it.counted.get(INSTRUCTIONS).copied())),
    (CYCLES, "cycles, M", 1e6, Some(|it| it.counted.get(CYCLES).copied())),
    (MISPREDICTIONS, "mispredictions, k", 1e3, Some(|it| it.counted.get(MISPREDICTIONS).copied())),
    (CODE_MISSES, "misses of code, k", 1e3, Some(|it| it.counted.get(CODE_MISSES).copied())),
    (DATA_MISSES, "misses of data, k", 1e3, Some(|it| it.counted.get(DATA_MISSES).copied())),
    (MEMORY_MISSES, "misses of all caches, k", 1e3, Some(|it| it.counted.get(MEMORY_MISSES).copied())),
    ("code", "code KiB", 1024.0, Some(code_bytes)),
    ("peak", "peak MiB", 1024.0, Some(|it| Some(it.peak_kib as f64))),
    (SPREAD, "slowest / fastest copy", 1.0, None),
];

/// What is known of a side, by the names of [`FACTS`].
#[derive(Clone, Debug, Default)]
pub struct Facts(BTreeMap<String, f64>);

impl Facts {
    /// What a record says of a subject.
    pub fn of(record: &Record, subject: usize) -> Facts {
        let Record { samples, metric, .. } = record;
        let mut facts = Facts::default();
        facts.set(TIME, typical(samples, subject, metric).map(|(median, _)| median));
        facts.set(SPREAD, spread(samples, subject, metric));
        for (name, _, _, found) in FACTS {
            if let Some(found) = found {
                facts.set(name, median_of(samples, subject, found));
            }
        }
        facts
    }

    /// Notes a fact, if it is known.
    pub fn set(&mut self, name: &str, value: Option<f64>) {
        self.0.extend(value.map(|value| (name.to_owned(), value)));
    }

    /// A fact.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// All of them.
    pub fn all(&self) -> &BTreeMap<String, f64> {
        &self.0
    }
}
