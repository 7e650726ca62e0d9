//! What is known of a run, and what of it is compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one run took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The subject's index.
    pub subject: usize,
    /// The round, from 0.
    pub round: usize,
    /// The executable's index among the copies.
    pub copy: usize,
    /// CPU time in nanoseconds, of all threads.
    pub cpu_ns: u64,
    /// Time from start to end in nanoseconds.
    pub wall_ns: u64,
    /// The most memory that the process had at a time, in KiB.
    pub peak_kib: u64,
    /// What the subject reported ([`Subject::report`](crate::Subject::report)).
    pub reported: BTreeMap<String, f64>,
    /// What the processor counted, where it has [counters](crate::counters).
    #[serde(default)]
    pub counted: BTreeMap<String, f64>,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// CPU time, of all threads.
    Cpu,
    /// Time from start to end.
    Wall,
    /// A number that subjects report, or that the processor counts.
    Reported(String),
}

impl Metric {
    /// Its name, with its unit.
    pub fn heading(&self) -> String {
        match self {
            Metric::Cpu => "CPU ms".to_owned(),
            Metric::Wall => "wall ms".to_owned(),
            Metric::Reported(name) => name.strip_suffix("_ms").map_or(name.clone(), |name| format!("{name} ms")),
        }
    }

    /// The metric's value in a sample; `None` if it is not known.
    pub fn of(&self, sample: &Sample) -> Option<f64> {
        match self {
            Metric::Cpu => Some(sample.cpu_ns as f64 / 1e6),
            Metric::Wall => Some(sample.wall_ns as f64 / 1e6),
            Metric::Reported(name) => sample.reported.get(name).or_else(|| sample.counted.get(name)).copied(),
        }
    }
}
