//! `expected-failures.toml`: what is not run, and what is known to fail.

use std::collections::{BTreeMap, BTreeSet};

use riser::Mode;
use riser::wast::Failure;
use serde::Deserialize;

use crate::suite::SpecFile;

/// The data file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    excluded: Vec<Exclusion>,
    expected: Vec<Expectation>,
}

/// Folders and files that are not run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exclusion {
    /// Folders end in `/`.
    paths: Vec<String>,
    reason: String,
}

/// Failures.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    file: String,
    /// Lines at which a directive fails; if there are none, some directive of the file does.
    #[serde(default)]
    lines: Vec<usize>,
    /// Modes in which it fails; if there are none, in all.
    #[serde(default)]
    modes: Vec<String>,
    reason: String,
}

impl Exclusion {
    fn covers(&self, file: &str) -> bool {
        self.paths.iter().any(|path| file == path || (path.ends_with('/') && file.starts_with(path)))
    }
}

impl Expectations {
    /// Reads the data file.
    ///
    /// # Panics
    ///
    /// If it is not of the right form.
    pub fn load() -> Expectations {
        let expectations: Expectations =
            toml::from_str(include_str!("expected-failures.toml")).unwrap_or_else(|error| panic!("{error}"));
        let reasons =
            expectations.excluded.iter().map(|it| &it.reason).chain(expectations.expected.iter().map(|it| &it.reason));
        for reason in reasons {
            assert!(!reason.is_empty(), "every entry of expected-failures.toml has a reason");
        }
        for expectation in &expectations.expected {
            for mode in &expectation.modes {
                mode.parse::<Mode>().unwrap_or_else(|error| panic!("{error}"));
            }
        }
        expectations
    }

    /// Number of entries for expected failures.
    pub fn len(&self) -> usize {
        self.expected.len()
    }

    /// Whether the file is not run.
    pub fn excludes(&self, file: &str) -> bool {
        self.excluded.iter().any(|exclusion| exclusion.covers(file))
    }

    /// Whether nothing of a file is expected to fail.
    pub fn runs_whole(&self, file: &str) -> bool {
        self.expected.iter().all(|expectation| expectation.file != file)
    }

    /// Entries that name nothing, or name a file that is not run anyway.
    pub fn stale_entries(&self, files: &[SpecFile]) -> Vec<String> {
        let paths = self.excluded.iter().flat_map(|exclusion| &exclusion.paths).filter(|&path| {
            let single = Exclusion { paths: vec![path.clone()], reason: String::new() };
            !files.iter().any(|file| single.covers(&file.name))
        });
        let expected = self
            .expected
            .iter()
            .map(|expectation| &expectation.file)
            .filter(|&name| self.excludes(name) || !files.iter().any(|file| file.name == *name));
        paths.chain(expected).map(|name| format!("expected-failures.toml: nothing runs as `{name}`")).collect()
    }

    /// What is wrong with the failures of a file in a mode.
    pub fn judge(&self, file: &str, mode: Mode, failures: &[Failure]) -> Vec<String> {
        let mut expected_lines = BTreeMap::new();
        let mut expected_somewhere = None;
        for expectation in &self.expected {
            let in_mode = expectation.modes.is_empty() || expectation.modes.iter().any(|name| name == mode.name());
            if expectation.file == file && in_mode {
                expected_lines.extend(expectation.lines.iter().map(|&line| (line, &expectation.reason)));
                if expectation.lines.is_empty() {
                    expected_somewhere = Some(&expectation.reason);
                }
            }
        }
        if let Some(reason) = expected_somewhere {
            return match failures {
                [] => vec![format!("{file}: passes, but is expected to fail: {reason}")],
                _ => Vec::new(),
            };
        }
        let failed: BTreeSet<usize> = failures.iter().map(|failure| failure.line).collect();
        let unexpected = failures
            .iter()
            .filter(|failure| !expected_lines.contains_key(&failure.line))
            .map(|failure| format!("{file}:{}: {}", failure.line, failure.message));
        let passes = expected_lines
            .iter()
            .filter(|(line, _)| !failed.contains(line))
            .map(|(line, reason)| format!("{file}:{line}: passes, but is expected to fail: {reason}"));
        unexpected.chain(passes).collect()
    }
}
