//! Samples: as a record, which is lines of a file, and as a table for readers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};

/// Times of one program in one engine.
#[derive(Clone, Default)]
pub struct Sample {
    pub times_ns: Vec<u64>,
}

impl Sample {
    pub fn median_ns(&self) -> Option<f64> {
        let mut sorted = self.times_ns.clone();
        sorted.sort_unstable();
        match sorted.len() {
            0 => None,
            len if len % 2 == 1 => Some(sorted[len / 2] as f64),
            len => Some((sorted[len / 2 - 1] + sorted[len / 2]) as f64 / 2.0),
        }
    }

    /// Distance of the extremes in percent of the median.
    fn spread(&self) -> Option<f64> {
        let (min, max) = (self.times_ns.iter().min()?, self.times_ns.iter().max()?);
        Some((max - min) as f64 / self.median_ns()? * 100.0)
    }
}

/// What was measured in one run of this command.
#[derive(Default)]
pub struct Record {
    /// Names of engines.
    pub engines: Vec<String>,
    /// Samples of each program, by set and name, in the order of the engines.
    pub samples: BTreeMap<String, Vec<Sample>>,
}

impl Record {
    fn number(&self, engine: &str) -> Option<usize> {
        self.engines.iter().position(|name| name == engine)
    }

    /// How fast `engine` runs a program, relative to `base`.
    pub fn speed(&self, program: &str, engine: &str, base: &str) -> Option<f64> {
        let samples = self.samples.get(program)?;
        Some(samples[self.number(base)?].median_ns()? / samples[self.number(engine)?].median_ns()?)
    }

    /// The speeds of `engine` relative to `base` in the programs of a set, or of all sets, without those in
    /// which one of the two takes no part.
    pub fn speeds(&self, set: Option<&str>, engine: &str, base: &str) -> Vec<f64> {
        let programs = self.samples.keys().filter(|program| set.is_none_or(|set| set_of(program) == set));
        programs.filter_map(|program| self.speed(program, engine, base)).collect()
    }

    /// A table of the first engine's times and of every other engine's speed relative to the first; for each set,
    /// and for all, the geometric mean and the lowest speed. The latter only, if `summary` says so.
    pub fn table(&self, summary: bool) -> String {
        let mut engines = self.engines.iter();
        let Some(base) = engines.next() else { return String::new() };
        let engines: Vec<&String> = engines.collect();
        let mut text = format!("| program | {base} | spread |");
        for engine in &engines {
            let _ = write!(text, " {engine} |");
        }
        text.push_str("\n|---|--:|--:|");
        text.push_str(&"--:|".repeat(engines.len()));
        text.push('\n');
        for (program, samples) in &self.samples {
            let (Some(first), Some(spread), false) = (samples[0].median_ns(), samples[0].spread(), summary) else {
                continue;
            };
            let _ = write!(text, "| {program} | {:.2} ms | {spread:.0} % |", first / 1e6);
            for engine in &engines {
                text.push_str(&cell(self.speed(program, engine, base)));
            }
            text.push('\n');
        }
        let mut sets: Vec<Option<&str>> = self.samples.keys().map(|program| Some(set_of(program))).collect();
        sets.dedup();
        if sets.len() > 1 {
            sets.push(None);
        }
        for set in sets {
            for (title, sum_up) in [("geometric mean", mean as fn(&[f64]) -> Option<f64>), ("lowest", lowest)] {
                let _ = write!(text, "| {title}, {} | 1.000 | |", set.unwrap_or("all"));
                for engine in &engines {
                    text.push_str(&cell(sum_up(&self.speeds(set, engine, base))));
                }
                text.push('\n');
            }
        }
        text
    }

    /// One line per program and engine: all samples in nanoseconds. Before them, what was measured and how.
    pub fn to_lines(&self, commit: &str) -> String {
        let mut text = format!("# commit {commit}\n# riser-compare");
        for argument in std::env::args().skip(1) {
            let quote = if argument.contains(' ') { "\"" } else { "" };
            let _ = write!(text, " {quote}{argument}{quote}");
        }
        text.push_str("\nprogram\tengine\tnanoseconds\n");
        for (program, samples) in &self.samples {
            for (engine, sample) in self.engines.iter().zip(samples) {
                let times: Vec<String> = sample.times_ns.iter().map(u64::to_string).collect();
                let _ = writeln!(text, "{program}\t{engine}\t{}", times.join(" "));
            }
        }
        text
    }

    /// The record with the given lines.
    pub fn from_lines(lines: &str) -> Result<Record> {
        let mut record = Record::default();
        for line in lines.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let mut columns = line.split('\t');
            let mut column = || columns.next().with_context(|| format!("a record has no line `{line}`"));
            let (program, engine, times) = (column()?, column()?, column()?);
            let times_ns = times.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
            if record.number(engine).is_none() {
                record.engines.push(engine.to_owned());
            }
            record.samples.entry(program.to_owned()).or_default().push(Sample { times_ns });
        }
        Ok(record)
    }
}

fn set_of(program: &str) -> &str {
    program.split('/').next().unwrap_or_default()
}

/// The geometric mean.
pub fn mean(speeds: &[f64]) -> Option<f64> {
    let logarithms = speeds.iter().map(|speed| speed.ln()).sum::<f64>();
    (!speeds.is_empty()).then(|| (logarithms / speeds.len() as f64).exp())
}

fn lowest(speeds: &[f64]) -> Option<f64> {
    speeds.iter().copied().min_by(f64::total_cmp)
}

/// A cell of a table.
pub fn cell(speed: Option<f64>) -> String {
    speed.map_or(" - |".to_owned(), |speed| format!(" {speed:.3} |"))
}
