//! All records: sets of parts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::record::{LEAST_SAMPLES, Record};

/// Sets that were made before there were rules. Their parts are still quoted if they have enough samples, with the rules that they break.
/// New records keep the rules; these sets disappear as their parts are measured anew.
const BEFORE_THE_RULES: [&str; 1] = ["2026-11-28"];

/// Parts by name.
type Set = BTreeMap<String, Record>;

/// Sets of records, by name, which is a day and a commit.
#[derive(Default)]
pub struct Records {
    sets: BTreeMap<String, Set>,
}

/// A record to quote.
pub struct Newest<'a> {
    /// Its set.
    pub set: &'a str,
    /// The record.
    pub record: &'a Record,
}

impl Newest<'_> {
    /// The note to add when it is quoted: empty if it keeps the rules.
    pub fn note(&self) -> String {
        self.record.broken_rules().iter().map(|rule| format!(", {rule}")).collect()
    }
}

/// The day of a set.
fn day(set: &str) -> &str {
    set.get(.."2026-11-28".len()).unwrap_or(set)
}

impl Records {
    /// Reads every `SET/PART.tsv` in a folder.
    ///
    /// # Errors
    ///
    /// If one cannot be read.
    pub fn read(folder: &Path) -> Result<Records> {
        let mut records = Records::default();
        for set in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let set = set?.path();
            if !set.is_dir() {
                continue;
            }
            for part in fs::read_dir(&set)? {
                let part = part?.path();
                let lines = fs::read_to_string(&part).with_context(|| format!("cannot read {}", part.display()))?;
                let record = Record::from_lines(&lines).with_context(|| format!("in {}", part.display()))?;
                let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                records = records.with(&set.file_name().unwrap_or_default().to_string_lossy(), &name(&part), record);
            }
        }
        Ok(records)
    }

    /// Adds a record.
    pub fn with(mut self, set: &str, part: &str, record: Record) -> Records {
        self.sets.entry(set.to_owned()).or_default().insert(part.to_owned(), record);
        self
    }

    /// The newest record of a part that may be quoted. That is one that keeps the rules, or one from before the rules that has at least as
    /// many samples as they require.
    ///
    /// # Errors
    ///
    /// If two sets of one day have the part.
    pub fn newest(&self, part: &str) -> Result<Option<Newest<'_>>> {
        let mut quotable = self.sets.iter().rev().filter_map(|(set, parts)| {
            let record = parts.get(part)?;
            let counts = record.samples.values().flatten().map(|sample| sample.count()).filter(|&count| count > 0);
            let enough = counts.min().is_some_and(|fewest| fewest >= LEAST_SAMPLES);
            let may = record.broken_rules().is_empty() || BEFORE_THE_RULES.contains(&set.as_str()) && enough;
            may.then_some(Newest { set, record })
        });
        let newest = quotable.next();
        if let (Some(newest), Some(other)) = (&newest, quotable.next()) {
            ensure!(
                day(newest.set) != day(other.set),
                "{} and {} are of one day and both have the part {part}: one of them is to go",
                newest.set,
                other.set
            );
        }
        Ok(newest)
    }

    /// The rules that a set breaks: each of its parts has to keep the rules, and all have to be of one commit.
    fn broken_rules(set: &Set) -> Vec<String> {
        let mut broken: Vec<String> = Vec::new();
        let commits = commits(set);
        if commits.len() > 1 {
            broken.push(format!("parts of {} commits", commits.len()));
        }
        let mut parts_by_rule: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (part, record) in set {
            for rule in record.broken_rules() {
                parts_by_rule.entry(rule).or_default().push(part);
            }
        }
        broken.extend(parts_by_rule.iter().map(|(rule, parts)| format!("{rule}: {}", parts.join(", "))));
        broken
    }

    /// The rules that newer records break.
    pub fn problems(&self) -> Vec<String> {
        let newer = self.sets.iter().filter(|(name, _)| !BEFORE_THE_RULES.contains(&name.as_str()));
        let broken = newer.flat_map(|(name, set)| {
            Records::broken_rules(set).into_iter().map(move |rule| format!("benches/record/{name}: {rule}"))
        });
        broken.collect()
    }

    /// The rules that older records break. Also reports an older record that keeps all rules, which is then no exception.
    pub fn exceptions(&self) -> Vec<String> {
        let older = self.sets.iter().filter(|(name, _)| BEFORE_THE_RULES.contains(&name.as_str()));
        older.map(|(name, set)| format!("benches/record/{name}: {}", Records::broken_rules(set).join("; "))).collect()
    }

    /// A table of the sets, the newest first.
    pub fn table(&self) -> String {
        let mut text =
            "| set | commit | machine | parts | fewest samples a row | rules |\n|---|---|---|---|--:|---|\n".to_owned();
        for (name, set) in self.sets.iter().rev() {
            let parts: Vec<&str> = set.keys().map(String::as_str).collect();
            let samples = set.values().flat_map(|record| record.samples.values().flatten());
            let fewest = samples.map(|sample| sample.count()).filter(|&count| count > 0).min().unwrap_or(0);
            let rules = match Records::broken_rules(set).is_empty() {
                true => "kept",
                false => "made before them",
            };
            let _ = writeln!(
                text,
                "| [{name}]({name}) | {} | {} | {} | {fewest} | {rules} |",
                commits(set).join(", "),
                distinct(set, |record| &record.machine).join(", "),
                parts.join(", ")
            );
        }
        text
    }
}

/// The commits at which the parts of a set were measured.
fn commits(set: &Set) -> Vec<&str> {
    let mut all = distinct(set, |record| &record.commit);
    // Commands abbreviate to different numbers of digits. The shorter form comes first.
    all.dedup_by(|longer, shorter| {
        longer.strip_prefix(*shorter).is_some_and(|rest| rest.bytes().all(|digit| digit.is_ascii_hexdigit()))
    });
    all
}

/// The distinct values of a property of a set's parts.
fn distinct(set: &Set, of: fn(&Record) -> &str) -> Vec<&str> {
    let mut all: Vec<&str> = set.values().map(of).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(commit: &str, samples: &str) -> Record {
        let lines = format!("# commit {commit}\nprogram\tengine\tnanoseconds\na/one\tinterp\t{samples}\n");
        Record::from_lines(&lines).expect("a record")
    }

    #[test]
    fn a_set_is_of_one_commit_without_changes() {
        let records = |other: &str| {
            let records = Records::default().with("2030-01-01-a", "engines", record("aaa", "1 2 3 4 5"));
            records.with("2030-01-01-a", "modes", record(other, "1 2 3 4 5")).problems()
        };
        assert_eq!(records("aaa"), Vec::<String>::new());
        assert_eq!(records("aaa1f"), Vec::<String>::new());
        assert_eq!(records("bbb"), ["benches/record/2030-01-01-a: parts of 2 commits"]);
        assert_eq!(records("aaa-dirty").len(), 2);
    }

    #[test]
    fn the_newest_that_may_be_quoted_is() {
        let records = Records::default()
            .with("2026-11-28", "engines", record("aaa-dirty", "1 2 3 4 5"))
            .with("2026-11-28", "few", record("aaa", "1 2 3"))
            .with("2030-01-01-b", "engines", record("bbb-dirty", "1 2 3 4 5"))
            .with("2030-01-02-c", "modes", record("ccc", "1 2 3 4 5"))
            .with("2030-01-02-d", "modes", record("ddd", "1 2 3 4 5"));
        let engines = records.newest("engines").expect("one").expect("one");
        assert_eq!((engines.set, engines.note().as_str()), ("2026-11-28", ", of a tree with changes"));
        assert!(records.newest("few").expect("none").is_none());
        assert!(records.newest("modes").is_err());
        assert!(records.newest("start").expect("none").is_none());
        assert_eq!(records.problems().len(), 1);
        assert_eq!(records.exceptions().len(), 1);
    }
}
