//! Runs of subjects, in interleaved rounds.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fmt, fs, io};

use anyhow::{Context, Result, bail, ensure};

use crate::comparison::Comparison;
use crate::process::{self, run_to_end, said};
use crate::sample::{Metric, Sample};

/// The name of a number that a subject may report: the most memory that its process had, in KiB. It counts in place of the system's.
pub const PEAK_MEMORY: &str = "peak_memory_kib";

/// Something to measure: a command line.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its name in tables.
    pub name: String,
    /// Copies of its executable, which take turns; or the executable.
    pub executables: Vec<PathBuf>,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// A file that it writes as it ends: a JSON object with a number for each name, such as [`PEAK_MEMORY`]. They become part of its samples.
    pub report: Option<PathBuf>,
}

/// How long to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The fewest rounds, unless the time is over.
    pub least_rounds: usize,
    /// The rounds that are measured even if the time is over.
    pub rounds_beyond_time: usize,
    /// The most rounds.
    pub most_rounds: usize,
    /// No round begins after this time.
    pub time: Duration,
    /// The intervals aimed at: half their width, relative to the ratio.
    pub precision: f64,
    /// What is compared.
    pub metric: Metric,
    /// What runs have to print.
    pub output: Output,
}

/// Says whether an output is right.
pub type Judge = dyn Fn(&[u8]) -> bool;

/// What runs have to print.
#[derive(Clone, Default)]
pub enum Output {
    /// The same as the first one.
    #[default]
    Same,
    /// Something that is right: for programs that print times.
    Right(Arc<Judge>),
}

impl Output {
    /// Anything at all.
    pub fn any() -> Output {
        Output::Right(Arc::new(|_| true))
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Output::Same => "Same",
            Output::Right(_) => "Right",
        })
    }
}

/// How far a measurement is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The round, from 0; `None` while each subject runs once unmeasured.
    pub round: Option<usize>,
    /// The subject that is about to run.
    pub subject: &'a Subject,
    /// The widest interval so far: half its width, relative to the ratio.
    pub precision: Option<f64>,
    /// How long it has taken so far.
    pub elapsed: Duration,
}

/// Measures the subjects. The first one is what others are compared with.
///
/// Each subject first runs once from each of its executables, unmeasured, which reads files and shows what it prints. In every round each
/// copy of each subject runs once; subjects take turns at being the first. It ends when the interval of every comparison is as narrow as
/// planned, or when rounds or time are used up.
///
/// # Errors
///
/// If a subject cannot be run, prints something else than the first one, or ends with another status.
pub fn bench(subjects: &[Subject], plan: &Plan, progress: impl FnMut(Progress<'_>)) -> Result<Vec<Sample>> {
    resume(subjects, plan, Vec::new(), progress, |_| Ok(()))
}

/// As [`bench()`], with samples that are there already, which are not measured again, and whose times count as used up. `keep` gets each new
/// sample as soon as there is one.
///
/// # Errors
///
/// As of [`bench()`], and those of `keep`.
pub fn resume(
    subjects: &[Subject],
    plan: &Plan,
    earlier: Vec<Sample>,
    mut progress: impl FnMut(Progress<'_>),
    mut keep: impl FnMut(&Sample) -> Result<()>,
) -> Result<Vec<Sample>> {
    ensure!(!subjects.is_empty(), "there is nothing to measure");
    let (started, before) = (Instant::now(), Duration::from_nanos(earlier.iter().map(|it| it.wall_ns).sum()));
    let elapsed = || before + started.elapsed();
    let there: HashSet<_> = earlier.iter().map(|it| (it.subject, it.round, it.copy)).collect();
    let begun = earlier.iter().map(|sample| sample.round + 1).max().unwrap_or(0);
    let copies = subjects.iter().map(|subject| subject.executables.len()).max().unwrap_or(1);
    let (mut samples, mut expected, mut precision) = (earlier, None, None);
    for round in 0..plan.most_rounds {
        if round >= plan.rounds_beyond_time.max(begun) && elapsed() >= plan.time {
            break;
        }
        if round >= plan.least_rounds.max(begun) {
            precision = widest(subjects.len(), &samples, &plan.metric);
            if precision.is_some_and(|it| it <= plan.precision) {
                break;
            }
        }
        for copy in 0..copies {
            for turn in 0..subjects.len() {
                let index = (round + copy + turn) % subjects.len();
                if there.contains(&(index, round, copy)) {
                    continue;
                }
                if expected.is_none() {
                    warm_up(subjects, plan, &mut expected, |subject| {
                        progress(Progress { round: None, subject, precision, elapsed: elapsed() });
                    })?;
                }
                let subject = &subjects[index];
                progress(Progress { round: Some(round), subject, precision, elapsed: elapsed() });
                let sample = subject.run(copy % subject.executables.len(), &plan.output, &mut expected)?;
                samples.push(Sample { subject: index, round, copy, ..sample });
                keep(&samples[samples.len() - 1])?;
            }
        }
    }
    Ok(samples)
}

/// Runs each subject once from each of its executables.
fn warm_up(
    subjects: &[Subject],
    plan: &Plan,
    expected: &mut Option<Printed>,
    mut progress: impl FnMut(&Subject),
) -> Result<()> {
    for subject in subjects {
        progress(subject);
        for executable in 0..subject.executables.len() {
            subject.run(executable, &plan.output, expected)?;
        }
    }
    Ok(())
}

/// The widest interval of the comparisons with the first subject: half its width, relative to the ratio.
fn widest(subjects: usize, samples: &[Sample], metric: &Metric) -> Option<f64> {
    let precisions = (1..subjects).map(|subject| Comparison::of(samples, 0, subject, metric)?.precision());
    precisions.collect::<Option<Vec<_>>>()?.into_iter().max_by(f64::total_cmp)
}

/// What a subject printed, and its status.
struct Printed {
    by: String,
    stdout: Vec<u8>,
    status: Option<i32>,
}

impl Subject {
    /// Runs it, from one of its executables. `expected` is what the first run of all printed.
    fn run(&self, executable: usize, output: &Output, expected: &mut Option<Printed>) -> Result<Sample> {
        let name = &self.name;
        let mut command = Command::new(&self.executables[executable]);
        let run = run_to_end(command.args(&self.arguments)).with_context(|| format!("{name} does not run"))?;
        let status = run.output.status.code();
        let stderr = &run.output.stderr;
        let wrong = matches!(output, Output::Right(is_right) if !is_right(&run.output.stdout));
        match expected {
            None => {
                // A program may end with a status of its own. One that says why has failed.
                ensure!(
                    status == Some(0) || status.is_some() && stderr.is_empty(),
                    "{name} fails, {}:{}",
                    run.output.status,
                    said(stderr)
                );
                *expected = Some(Printed { by: name.clone(), stdout: run.output.stdout, status });
            }
            Some(expected) => {
                ensure!(
                    status == expected.status,
                    "{name} ends with {}, unlike {}:{}",
                    run.output.status,
                    expected.by,
                    said(stderr)
                );
                if matches!(output, Output::Same) && run.output.stdout != expected.stdout {
                    bail!(
                        "{name} prints something else than {}: {}",
                        expected.by,
                        difference(&expected.stdout, &run.output.stdout)
                    );
                }
            }
        }
        ensure!(!wrong, "{name} does not print what it should");
        let reported = self.report.as_deref().map_or(Ok(BTreeMap::new()), |path| {
            let text = fs::read(path).and_then(|text| fs::remove_file(path).map(|()| text));
            text.and_then(|text| serde_json::from_slice(&text).map_err(io::Error::from))
                .with_context(|| format!("{name} reports no numbers in {}", path.display()))
        })?;
        let process::Run { cpu_ns, wall_ns, counted, .. } = run;
        // To the system, what this process had when it started the other is part of the other's most.
        let peak_kib = reported.get(PEAK_MEMORY).map_or(run.peak_kib, |&kib| kib as u64);
        Ok(Sample { cpu_ns, wall_ns, peak_kib, counted, reported, ..Sample::default() })
    }
}

/// The first line in which two texts differ.
fn difference(expected: &[u8], found: &[u8]) -> String {
    let (expected, found) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(found));
    let mut lines = expected.lines().zip(found.lines()).enumerate();
    match lines.find(|(_, (expected, found))| expected != found) {
        Some((number, (expected, found))) => format!("line {} is {found:?}, not {expected:?}", number + 1),
        None => format!("{} lines, not {}", found.lines().count(), expected.lines().count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(name: &str, script: &str) -> Subject {
        Subject {
            name: name.to_owned(),
            executables: vec!["/bin/sh".into(); 2],
            arguments: vec!["-c".into(), script.into()],
            report: None,
        }
    }

    fn plan(least_rounds: usize) -> Plan {
        Plan {
            least_rounds,
            rounds_beyond_time: least_rounds,
            most_rounds: 5,
            time: Duration::from_secs(60),
            precision: 0.0,
            metric: Metric::Cpu,
            output: Output::Same,
        }
    }

    #[test]
    fn subjects_take_turns() {
        let subjects = [shell("a", "echo 1"), shell("b", "echo 1")];
        let mut turns = Vec::new();
        let samples = bench(&subjects, &plan(2), |progress| turns.push(progress.subject.name.clone())).expect("runs");
        assert_eq!(samples.len(), 5 * 2 * 2);
        assert_eq!(turns[..6], ["a", "b", "a", "b", "b", "a"]);
        for (subject, copy) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let rounds = samples.iter().filter(|sample| (sample.subject, sample.copy) == (subject, copy));
            assert!(rounds.map(|sample| sample.round).eq(0..5));
        }
    }

    #[test]
    fn the_time_may_end_it_before_the_fewest_rounds() {
        let subjects = [shell("a", "echo 1"), shell("b", "echo 1")];
        let rounds = |plan: &Plan| bench(&subjects, plan, |_| ()).expect("runs").len() / (2 * 2);
        let hurried = Plan { time: Duration::ZERO, ..plan(3) };
        assert_eq!(rounds(&hurried), 3);
        assert_eq!(rounds(&Plan { rounds_beyond_time: 1, ..hurried }), 1);
        // Precision alone does not end it as early.
        assert_eq!(rounds(&Plan { rounds_beyond_time: 1, precision: 1e9, ..plan(3) }), 3);
    }

    /// Keeps samples until there are `most`, then fails: an interruption.
    fn interrupted(subjects: &[Subject], plan: &Plan, earlier: Vec<Sample>, most: usize) -> Vec<Sample> {
        let mut kept = earlier.clone();
        let result = resume(
            subjects,
            plan,
            earlier,
            |_| (),
            |sample| {
                kept.push(sample.clone());
                ensure!(kept.len() < most, "interrupted");
                Ok(())
            },
        );
        assert!(result.is_err());
        kept
    }

    #[test]
    fn an_interruption_costs_nothing_that_was_measured() {
        let subjects = [shell("a", "echo 1"), shell("b", "echo 1")];
        let kept = interrupted(&subjects, &plan(2), Vec::new(), 3);
        let kept = interrupted(&subjects, &plan(2), kept, 9);
        let mut new = 0;
        let samples = resume(
            &subjects,
            &plan(2),
            kept.clone(),
            |_| (),
            |_| {
                new += 1;
                Ok(())
            },
        );
        let samples = samples.expect("runs");
        assert_eq!((samples.len(), new), (20, 11));
        assert_eq!(samples[..9], kept);
        let places: HashSet<_> = samples.iter().map(|it| (it.subject, it.round, it.copy)).collect();
        assert_eq!(places.len(), 20);
        // When nothing is left to measure, nothing runs, not even to warm up.
        let finished = Plan { precision: 1e9, ..plan(2) };
        let gone = [shell("a", "exit 1"), shell("b", "exit 1")];
        assert_eq!(bench_more(&gone, &finished, samples.clone()), samples);
    }

    fn bench_more(subjects: &[Subject], plan: &Plan, earlier: Vec<Sample>) -> Vec<Sample> {
        resume(subjects, plan, earlier, |_| panic!("nothing runs"), |_| Ok(())).expect("nothing fails")
    }

    #[test]
    fn what_is_right_may_differ() {
        let subjects = [shell("a", "echo 1"), shell("b", "echo 2")];
        let judged = |right: &'static [&'static [u8]]| {
            let output = Output::Right(Arc::new(move |text| right.contains(&text)));
            bench(&subjects, &Plan { output, ..plan(1) }, |_| ())
        };
        assert!(judged(&[b"1\n", b"2\n"]).is_ok());
        assert_eq!(judged(&[b"1\n"]).expect_err("2 is not").to_string(), "b does not print what it should");
        assert!(bench(&subjects, &Plan { output: Output::any(), ..plan(1) }, |_| ()).is_ok());
    }

    #[test]
    fn what_is_precise_enough_ends() {
        let plan = Plan { precision: 1e9, ..plan(2) };
        let samples = bench(&[shell("a", "echo 1"), shell("b", "echo 1")], &plan, |_| ()).expect("runs");
        assert_eq!(samples.len(), 2 * 2 * 2);
    }

    #[test]
    fn what_prints_something_else_is_an_error() {
        let bench = |script| {
            let subjects = [shell("a", "echo 1; echo 2"), shell("b", script)];
            bench(&subjects, &plan(1), |_| ()).expect_err("it differs").to_string()
        };
        assert_eq!(bench("echo 1; echo 3"), "b prints something else than a: line 2 is \"3\", not \"2\"");
        assert_eq!(bench("echo 1"), "b prints something else than a: 1 lines, not 2");
        assert!(bench("echo 1; echo 2; echo why >&2; exit 3").ends_with("unlike a: why"));
    }

    #[test]
    fn a_program_may_have_a_status_but_not_fail() {
        assert!(bench(&[shell("a", "exit 3"), shell("b", "exit 3")], &plan(1), |_| ()).is_ok());
        let error = bench(&[shell("a", "echo no >&2; exit 3")], &plan(1), |_| ()).expect_err("it fails");
        assert!(error.to_string().ends_with("no"), "{error}");
    }

    #[test]
    fn reported_numbers_are_in_the_samples() {
        let folder = tempfile::tempdir().expect("a folder");
        let report = folder.path().join("report");
        let script = format!("echo '{{\"run\": 2.5}}' > {}", report.display());
        let subject = Subject { report: Some(report.clone()), ..shell("a", &script) };
        let samples = bench(&[subject], &plan(1), |_| ()).expect("runs");
        assert!(samples.iter().all(|sample| Metric::Reported("run".to_owned()).of(sample) == Some(2.5)));
        assert!(!report.exists());
        let silent = Subject { report: Some(report), ..shell("a", "true") };
        assert!(bench(&[silent], &plan(1), |_| ()).is_err());
    }
}
