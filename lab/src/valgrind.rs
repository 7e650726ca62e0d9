//! Counts by valgrind, on any machine: of instructions, the same each time to a few parts in a million; and of what a simulated processor
//! predicts wrongly and misses in its caches.
//!
//! It runs a program fifty to a hundred times as long. Machine code that is made as the program runs may not run under it as it does
//! without: valgrind cannot map memory twice.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::counters::{BRANCHES, CODE_MISSES, DATA_MISSES, INSTRUCTIONS, MEMORY_MISSES, MISPREDICTIONS};
use crate::process;

/// How counts are called, and the events of callgrind that they are sums of.
const COUNTS: [(&str, &[&str]); 6] = [
    (INSTRUCTIONS, &["Ir"]),
    (BRANCHES, &["Bc", "Bi"]),
    (MISPREDICTIONS, &["Bcm", "Bim"]),
    (CODE_MISSES, &["I1mr"]),
    (DATA_MISSES, &["D1mr", "D1mw"]),
    (MEMORY_MISSES, &["ILmr", "DLmr", "DLmw"]),
];

/// Whether valgrind is installed.
pub fn is_there() -> bool {
    let mut version = Command::new("valgrind");
    version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

/// What a run executes, by names as of [`counters`](crate::counters), and what it prints. Only instructions are counted unless `simulated`.
///
/// # Errors
///
/// If valgrind cannot be run, or the run fails.
pub fn count(executable: &Path, arguments: &[OsString], simulated: bool) -> Result<(BTreeMap<String, f64>, Vec<u8>)> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    if simulated {
        command.args(["--branch-sim=yes", "--cache-sim=yes"]);
    }
    let output = process::run(command.arg(executable).args(arguments))?.output;
    let said = String::from_utf8_lossy(&output.stderr);
    let counts = counts(&said).with_context(|| format!("valgrind does not say how many instructions: {said}"))?;
    ensure!(counts.contains_key(INSTRUCTIONS), "valgrind counts no instructions: {said}");
    Ok((counts, output.stdout))
}

/// The counts in what callgrind says at the end: the names of events, and the sum of each.
fn counts(said: &str) -> Option<BTreeMap<String, f64>> {
    let line = |name: &str| said.lines().find_map(|line| line.split_once(name)?.1.split_once(": ")).map(|it| it.1);
    let events = line("Events ")?.split_whitespace();
    let numbers = line("Collected ")?.split_whitespace().map(|number| number.parse().ok());
    let events: BTreeMap<&str, f64> = events.zip(numbers.collect::<Option<Vec<f64>>>()?).collect();
    let sum = |names: &[&str]| names.iter().map(|name| events.get(name)).sum::<Option<f64>>();
    Some(COUNTS.iter().filter_map(|(name, of)| Some(((*name).to_owned(), sum(of)?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_summed_up() {
        let said = "==7== Callgrind\n==7== Events    : Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim\n\
                    ==7== Collected : 1000 1 2 3 4 5 6 7 8 9 10 11 12\n==7==\n==7== I refs: 1,000\n";
        let counts = counts(said).expect("has both lines");
        let expected = [(BRANCHES, 20.0), (CODE_MISSES, 3.0), (DATA_MISSES, 9.0), (INSTRUCTIONS, 1000.0)];
        let expected = expected.into_iter().chain([(MEMORY_MISSES, 21.0), (MISPREDICTIONS, 22.0)]);
        assert!(counts.iter().map(|(name, &count)| (&**name, count)).eq(expected), "{counts:?}");
        let only = super::counts("==7== Events    : Ir\n==7== Collected : 12\n").expect("has both lines");
        assert_eq!(only, [(INSTRUCTIONS.to_owned(), 12.0)].into());
        assert_eq!(super::counts("==7== something else\n"), None);
    }

    #[test]
    fn a_run_is_counted() {
        if !is_there() {
            eprintln!("valgrind is not installed");
            return;
        }
        let count = |script: &str| {
            let arguments = ["-c".into(), script.into()];
            count(Path::new("/bin/sh"), &arguments, true).expect("runs")
        };
        let (few, printed) = count("echo 1");
        assert_eq!(printed, b"1\n");
        let (many, _) = count("i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; echo 1");
        assert!(many[INSTRUCTIONS] > few[INSTRUCTIONS] + 100_000.0 && many[BRANCHES] > few[BRANCHES]);
        assert!(few[MISPREDICTIONS] > 0.0 && few[CODE_MISSES] > 0.0 && few[DATA_MISSES] >= few[MEMORY_MISSES] / 2.0);
    }
}
