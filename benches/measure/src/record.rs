//! Records: the samples of a measurement as lines of a file, with what was measured and how.
//!
//! ```text
//! # commit 3daf20f
//! # machine AMD EPYC-Turin Processor, 2 cores
//! # riser-compare run --rounds 5 --copies 3 --filter programs/
//! program    engine    nanoseconds
//! programs/sieve    interp    150147811 150962318 151005442 | 149866218 150002931 151420009
//! ```
//!
//! Columns are separated by tabs. Samples are those of one copy of the executable, then `|` and those of the next copy. Values that are
//! not times are numbers of something else, which the table that shows them knows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};

use riser_lab::statistics::{Interval, geometric_interval, geometric_mean, median};

/// A row needs at least this many samples: [`Record::broken_rules`].
pub const LEAST_SAMPLES: usize = 5;

/// The modes of Riser: an engine whose name begins with one of these is Riser.
const MODES: [&str; 6] = ["classic", "interp", "fast-jit", "llvm-jit", "aot", "multi-tier"];

/// Whether an engine, such as `interp -pairs`, or a command, such as `riser run ..`, is Riser.
pub fn is_riser(engine: &str) -> bool {
    engine.split_whitespace().next().is_some_and(|first| first == "riser" || MODES.contains(&first))
}

/// Times of one program in one engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// For each copy of the executable, the time of each round.
    pub copies: Vec<Vec<f64>>,
}

impl Sample {
    /// The number of samples, of all copies.
    pub fn count(&self) -> usize {
        self.copies.iter().map(Vec::len).sum()
    }

    /// Adds a sample of the copy with this number.
    pub fn push(&mut self, copy: usize, value: u64) {
        if self.copies.len() <= copy {
            self.copies.resize(copy + 1, Vec::new());
        }
        self.copies[copy].push(value as f64);
    }

    /// The geometric mean over copies of the median over rounds.
    pub fn median(&self) -> Option<f64> {
        let medians = self.copies.iter().map(|rounds| median(rounds)).collect::<Option<Vec<_>>>()?;
        geometric_mean(&medians)
    }

    /// The distance of the extremes, in percent of the median.
    pub fn spread(&self) -> Option<f64> {
        let all = || self.copies.iter().flatten().copied();
        let (min, max) = (all().min_by(f64::total_cmp)?, all().max_by(f64::total_cmp)?);
        Some((max - min) / self.median()? * 100.0)
    }
}

/// The results of one run of a measuring command.
#[derive(Debug, Default)]
pub struct Record {
    /// The commit, with `-dirty` if there were uncommitted changes.
    pub commit: String,
    /// The processor, and the number of its cores. Empty in older records.
    pub machine: String,
    /// The command.
    pub command: String,
    /// Names of engines.
    pub engines: Vec<String>,
    /// Samples of each program, by set and name, in the order of the engines.
    pub samples: BTreeMap<String, Vec<Sample>>,
}

/// How fast an engine is relative to another one, over a set of programs.
#[derive(Debug)]
pub struct Summary {
    /// The geometric mean.
    pub mean: f64,
    /// The interval in which the mean would lie for other programs like these, measured anew, by Student's distribution of the
    /// programs' speeds. Of one program, for other copies of the executable. `None` for one program and one copy.
    pub interval: Option<Interval>,
    /// The median.
    pub median: f64,
    /// The program in which the engine does worst, and its speed there.
    pub lowest: (String, f64),
    /// The program in which the engine does best, and its speed there.
    pub highest: (String, f64),
}

impl Record {
    fn number(&self, engine: &str) -> Option<usize> {
        self.engines.iter().position(|name| name == engine)
    }

    /// The samples of a program in an engine; `None` if the engine does not run it.
    pub fn sample(&self, program: &str, engine: &str) -> Option<&Sample> {
        let sample = self.samples.get(program)?.get(self.number(engine)?)?;
        (sample.count() > 0).then_some(sample)
    }

    /// How fast `engine` runs a program, relative to `base`.
    pub fn speed(&self, program: &str, engine: &str, base: &str) -> Option<f64> {
        Some(self.sample(program, base)?.median()? / self.sample(program, engine)?.median()?)
    }

    /// As [`Record::speed`], in each copy of the executable. An engine that fails in some rounds may have fewer copies than another.
    fn speed_in_copies(&self, program: &str, engine: &str, base: &str) -> Option<Vec<f64>> {
        let copies = self.sample(program, base)?.copies.iter().zip(&self.sample(program, engine)?.copies);
        copies.map(|(base, engine)| Some(median(base)? / median(engine)?)).collect()
    }

    /// The programs of a set, or of all sets.
    pub fn programs<'a>(&'a self, set: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        self.samples.keys().map(String::as_str).filter(move |program| set.is_none_or(|set| set_of(program) == set))
    }

    /// The sets, in the order of their names.
    pub fn sets(&self) -> Vec<&str> {
        let mut sets: Vec<&str> = self.programs(None).map(set_of).collect();
        sets.dedup();
        sets
    }

    /// The speed of `engine` relative to `base` in the programs of a set, or of all sets, without programs that one of the two does not
    /// run. `None` if that leaves none.
    pub fn summary(&self, set: Option<&str>, engine: &str, base: &str) -> Option<Summary> {
        let speed_of = |program| Some((program, self.speed(program, engine, base)?));
        let speeds: Vec<(&str, f64)> = self.programs(set).filter_map(speed_of).collect();
        let of_programs: Vec<f64> = speeds.iter().map(|(_, speed)| *speed).collect();
        let interval = match speeds[..] {
            [(only, _)] => geometric_interval(&self.speed_in_copies(only, engine, base)?),
            _ => geometric_interval(&of_programs),
        };
        let named = |(program, speed): &(&str, f64)| ((*program).to_owned(), *speed);
        Some(Summary {
            mean: geometric_mean(&of_programs)?,
            interval,
            median: median(&of_programs)?,
            lowest: speeds.iter().min_by(|one, other| one.1.total_cmp(&other.1)).map(named)?,
            highest: speeds.iter().max_by(|one, other| one.1.total_cmp(&other.1)).map(named)?,
        })
    }

    /// The rules for records that this one breaks, in words: it has to be of a commit, without changes, and no row may have too few
    /// samples.
    pub fn broken_rules(&self) -> Vec<String> {
        let mut broken = Vec::new();
        if self.commit.is_empty() || self.commit == "unknown" {
            broken.push("of no commit".to_owned());
        } else if self.commit.ends_with("-dirty") {
            broken.push("of a tree with changes".to_owned());
        }
        // An engine that does not run a program has no row there.
        let counts = self.samples.values().flatten().map(Sample::count).filter(|&count| count > 0);
        if let Some(fewest) = counts.min().filter(|&fewest| fewest < LEAST_SAMPLES) {
            broken.push(match fewest {
                1 => "one sample in some rows".to_owned(),
                _ => format!("{fewest} samples in some rows"),
            });
        }
        broken
    }

    /// Adds the samples of another record, of one more copy of the same executable.
    pub fn add_copy(&mut self, other: Record) {
        if self.engines.is_empty() {
            self.engines = other.engines;
            self.samples = other.samples;
            return;
        }
        for (program, samples) in other.samples {
            let into = self.samples.entry(program).or_insert_with(|| vec![Sample::default(); samples.len()]);
            for (into, sample) in into.iter_mut().zip(samples) {
                into.copies.extend(sample.copies);
            }
        }
    }

    /// The record's lines: one for each program and engine with all samples, preceded by what was measured and how.
    pub fn to_lines(&self) -> String {
        let (commit, machine, command) = (&self.commit, &self.machine, &self.command);
        let mut text = format!("# commit {commit}\n# machine {machine}\n# {command}\nprogram\tengine\tnanoseconds\n");
        for (program, samples) in &self.samples {
            for (engine, sample) in self.engines.iter().zip(samples) {
                let of_copy = |rounds: &Vec<f64>| rounds.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
                let copies: Vec<String> = sample.copies.iter().map(of_copy).collect();
                let _ = writeln!(text, "{program}\t{engine}\t{}", copies.join(" | "));
            }
        }
        text
    }

    /// Parses a record from its lines.
    ///
    /// # Errors
    ///
    /// If a line does not belong to a record.
    pub fn from_lines(lines: &str) -> Result<Record> {
        let mut record = Record::default();
        for comment in lines.lines().filter_map(|line| line.strip_prefix("# ")) {
            match comment.split_once(' ') {
                Some(("commit", commit)) => record.commit = commit.to_owned(),
                Some(("machine", machine)) => record.machine = machine.to_owned(),
                _ => record.command = comment.to_owned(),
            }
        }
        for line in lines.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let mut columns = line.split('\t');
            let mut column = || columns.next().with_context(|| format!("a record has no line `{line}`"));
            let (program, engine, times) = (column()?, column()?, column()?);
            let of_copy = |times: &str| times.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>();
            let copies = match times.is_empty() {
                true => Vec::new(),
                false => times
                    .split('|')
                    .map(of_copy)
                    .collect::<Result<_, _>>()
                    .with_context(|| format!("not numbers: `{line}`"))?,
            };
            if record.number(engine).is_none() {
                record.engines.push(engine.to_owned());
            }
            record.samples.entry(program.to_owned()).or_default().push(Sample { copies });
        }
        for (program, samples) in &record.samples {
            anyhow::ensure!(samples.len() == record.engines.len(), "{program} has not a row for each engine");
        }
        Ok(record)
    }
}

fn set_of(program: &str) -> &str {
    program.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "# commit 0123abc\n\
                         # machine A processor, 2 cores\n\
                         # riser-compare run --rounds 5\n\
                         program\tengine\tnanoseconds\n\
                         a/one\tinterp\t10 11 12 13 14 | 20 21 22 23 24\n\
                         a/one\twasmi\t20 22 24 26 28 | 40 42 44 46 48\n\
                         a/two\tinterp\t10 10 10 10 10\n\
                         a/two\twasmi\t5 5 5 5 5\n\
                         b/one\tinterp\t10 10 10 10 10\n\
                         b/one\twasmi\t\n";

    fn record() -> Record {
        Record::from_lines(LINES).expect("a record")
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        assert_eq!(record().to_lines(), LINES);
        assert_eq!((record().commit.as_str(), record().command.as_str()), ("0123abc", "riser-compare run --rounds 5"));
        assert_eq!(record().machine, "A processor, 2 cores");
    }

    #[test]
    fn what_is_no_record_is_an_error() {
        assert!(Record::from_lines("program\tengine\tnanoseconds\na/one\tinterp\n").is_err());
        assert!(Record::from_lines("program\tengine\tnanoseconds\na/one\tinterp\tlong\n").is_err());
        assert!(Record::from_lines(&LINES.replace("b/one\twasmi\t\n", "")).is_err());
    }

    #[test]
    fn a_summary_is_of_what_both_take_part_in() {
        let summary = record().summary(None, "wasmi", "interp").expect("a summary");
        assert!((summary.mean - 1.0).abs() < 1e-9, "{summary:?}");
        assert_eq!((summary.lowest.0.as_str(), summary.highest.0.as_str()), ("a/one", "a/two"));
        assert!((summary.lowest.1 - 0.5).abs() < 1e-9 && (summary.highest.1 - 2.0).abs() < 1e-9, "{summary:?}");

        assert!(record().summary(Some("b"), "wasmi", "interp").is_none());
        assert_eq!(record().sets(), ["a", "b"]);
    }

    #[test]
    fn rules_that_are_broken_are_named() {
        assert_eq!(record().broken_rules(), Vec::<String>::new());
        let broken = |from, to| Record::from_lines(&LINES.replace(from, to)).expect("a record").broken_rules();
        assert_eq!(broken("0123abc", "0123abc-dirty"), ["of a tree with changes"]);
        assert_eq!(broken("5 5 5 5 5", "5 5 5"), ["3 samples in some rows"]);
        assert_eq!(broken("5 5 5 5 5", "5"), ["one sample in some rows"]);
        assert_eq!(broken("# commit 0123abc\n", ""), ["of no commit"]);
    }

    /// A first round that makes code is slow in each copy. The median leaves it out, and so does the interval.
    #[test]
    fn an_interval_holds_the_mean_of_what_warms_up() {
        let lines = "# commit 0123abc\nprogram\tengine\tnanoseconds\n\
                     a/one\tinterp\t10 10 10 | 11 11 11\na/one\tmulti-tier\t90 5 5 | 90 6 6\n\
                     a/two\tinterp\t10 10 10 | 11 11 11\na/two\tmulti-tier\t90 5 5 | 90 6 6\n";
        let record = Record::from_lines(lines).expect("a record");
        let Summary { mean, interval, .. } = record.summary(None, "multi-tier", "interp").expect("programs");
        let Interval { low, high } = interval.expect("two programs");
        assert!(low <= mean && mean <= high && low > 1.7, "{mean}, {low} to {high}");
    }

    #[test]
    fn the_interval_of_one_program_is_for_other_copies() {
        let interval = |interp, wasmi| {
            let lines =
                format!("# commit 0123abc\nprogram\tengine\tns\na/one\tinterp\t{interp}\na/one\twasmi\t{wasmi}\n");
            let record = Record::from_lines(&lines).expect("a record");
            record.summary(None, "interp", "wasmi").expect("a summary").interval
        };
        assert_eq!(interval("10 11 12", "20 22 24"), None);
        let Interval { low, high } = interval("10 | 10 | 10", "20 | 21 | 22").expect("three copies");
        assert!(low < 2.0 && high > 2.2, "{low} to {high}");
    }

    #[test]
    fn copies_are_put_together() {
        let mut record = record();
        record.add_copy(self::record());
        assert_eq!(record.sample("a/one", "interp").expect("samples").copies.len(), 4);
        assert_eq!(record.sample("a/two", "interp").expect("samples").count(), 10);
    }

    #[test]
    fn riser_is_known_by_its_modes() {
        assert!(is_riser("interp -pairs") && is_riser("riser run x.wasm") && is_riser("aot"));
        assert!(!is_riser("wasmi") && !is_riser("native") && !is_riser(""));
    }
}
