//! The programs with which builds are compared.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use riser_measure::coremark;

/// The CoreMark of the corpus that takes an interpreter a few tenths of a second.
const COREMARK: &str = "coremark-1000";

/// A program.
#[derive(Clone)]
pub struct Work {
    pub name: String,
    pub module: PathBuf,
    /// The expected output; CoreMark itself checks its results.
    expected: Option<Vec<u8>>,
}

impl Work {
    /// Whether the output is the expected one.
    pub fn is_expected(&self, output: &[u8]) -> bool {
        match &self.expected {
            Some(expected) => expected == output,
            None => coremark::iteration_ns(output, 1).is_some(),
        }
    }
}

/// The programs of the repository, and CoreMark if the corpus is there, whose names contain one of `filters`; all programs if
/// there are no filters.
pub fn select(repository: &Path, filters: &[String]) -> Result<Vec<Work>> {
    let mut works = Vec::new();
    for path in files(&repository.join("benches/programs"))? {
        if path.extension().is_some_and(|extension| extension == "wasm") {
            let name = path.file_stem().context("a file without a name")?.to_string_lossy().into_owned();
            let expected = path.with_file_name("expected").join(format!("{name}.txt"));
            let expected = fs::read(&expected).with_context(|| format!("cannot read {}", expected.display()))?;
            works.push(Work { name, module: path, expected: Some(expected) });
        }
    }
    for package in files(&repository.join("target/corpus")).unwrap_or_default() {
        let module = package.join(format!("wasure/benchmarks/coremark/{COREMARK}.wasm"));
        if module.exists() {
            works.push(Work { name: COREMARK.to_owned(), module, expected: None });
        }
    }
    works.retain(|work| filters.is_empty() || filters.iter().any(|filter| work.name.contains(filter)));
    ensure!(!works.is_empty(), "no program is called *{}*", filters.join("* or *"));
    Ok(works)
}

/// The contents of a folder, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_has_an_output_to_compare_with() {
        let works = select(&crate::repository(), &[]).expect("the repository's programs");
        let sieve = works.iter().find(|work| work.name == "sieve").expect("one of them");
        assert!(!sieve.is_expected(b"sieve 8000000: 1 primes, sum 2\n"));
        assert!(sieve.is_expected(sieve.expected.as_deref().expect("a program of the repository")));
    }

    #[test]
    fn a_filter_that_finds_nothing_is_an_error() {
        assert!(select(&crate::repository(), &["no such program".to_owned()]).is_err());
    }
}
