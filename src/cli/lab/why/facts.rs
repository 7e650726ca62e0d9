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

/// A line of the table.
pub struct Fact {
    /// Its name, by which it is found.
    pub name: &'static str,
    /// Its title, with the unit.
    pub title: &'static str,
    /// What a value is divided by to be shown.
    pub unit: f64,
    /// How it is found in a sample, if it is.
    found: Option<fn(&Sample) -> Option<f64>>,
}

/// A fact that is not in single samples.
const fn of_all(name: &'static str, title: &'static str, unit: f64) -> Fact {
    Fact { name, title, unit, found: None }
}

/// A fact whose median over samples counts.
const fn of_each(name: &'static str, title: &'static str, unit: f64, found: fn(&Sample) -> Option<f64>) -> Fact {
    Fact { name, title, unit, found: Some(found) }
}

/// The facts, in the order of the table.
pub const FACTS: &[Fact] = &[
    of_all(TIME, "", 1.0),
    of_each("load", "load ms", 1.0, |it| it.reported.get("load_ms").copied()),
    of_each(MADE, "making code, ms", 1.0, made_ms),
    of_each("run", "run ms", 1.0, |it| it.reported.get("run_ms").copied()),
    of_all(DISPATCHES, "dispatches, M", 1e6),
    of_each(INSTRUCTIONS, "instructions, M", 1e6, |it| it.counted.get(INSTRUCTIONS).copied()),
    of_each(CYCLES, "cycles, M", 1e6, |it| it.counted.get(CYCLES).copied()),
    of_each(MISPREDICTIONS, "mispredictions, k", 1e3, |it| it.counted.get(MISPREDICTIONS).copied()),
    of_each(CODE_MISSES, "misses of code, k", 1e3, |it| it.counted.get(CODE_MISSES).copied()),
    of_each(DATA_MISSES, "misses of data, k", 1e3, |it| it.counted.get(DATA_MISSES).copied()),
    of_each(MEMORY_MISSES, "misses of all caches, k", 1e3, |it| it.counted.get(MEMORY_MISSES).copied()),
    of_each("code", "code KiB", 1024.0, code_bytes),
    of_each("peak", "peak MiB", 1024.0, |it| Some(it.peak_kib as f64)),
    of_all(SPREAD, "slowest / fastest copy", 1.0),
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
        for Fact { name, found, .. } in FACTS {
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
