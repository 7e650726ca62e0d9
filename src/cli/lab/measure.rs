//! How to measure, and progress on the way.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use riser_lab::quantity;
use riser_lab::{Metric, Output, Plan, Progress, Record, Sample, Subject, resume};

use crate::Features;
use crate::cli::out;
use crate::cli::output::OutputFile;
use crate::translator::{ParsedModule, Shown, parse_module_with};

/// How to measure.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Measurement")]
pub struct LabArgs {
    /// Fresh copies of this executable that take turns; 5 unless given. The file of each lies elsewhere in memory, which alone
    /// can make a program almost twice as slow; intervals are for other copies
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub copies: Option<u16>,

    /// The fewest rounds, in each of which every copy runs once: 3 unless given, or 1 if --time is over by then
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub rounds: Option<u16>,

    /// Go on until the intervals of all ratios are so narrow: half their width, in percent; 1 unless given
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub precision: Option<f64>,

    /// Begin no round after this time, such as 30s or 5m; 60s unless given
    #[arg(long, value_name = "TIME", value_parser = quantity::duration)]
    pub time: Option<Duration>,

    /// What to compare: `cpu` (time of all threads), `wall` (time from start to end), a number of `riser run --stats-json`, such as
    /// `run_ms`, or a count of the processor, such as `instructions`. Unless given, the time between the imports `bench.start` and
    /// `bench.end` if FILE has these, else `cpu`
    #[arg(long, value_name = "METRIC", value_parser = metric)]
    pub metric: Option<Metric>,

    /// Let runs print different things: for programs that print times
    #[arg(long)]
    pub any_output: bool,

    /// Write everything to a file, as JSON
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_table())]
    pub json: Option<OutputFile>,

    /// Write everything to a file, as CSV: one row for each run
    #[arg(long, value_name = "FILE", value_parser = out::file_beside_table())]
    pub csv: Option<OutputFile>,
}

/// Parses a number of percent.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "expected a number of percent, such as 0.5".to_owned())
}

/// Parses the name of a metric.
pub fn metric(text: &str) -> Result<Metric, String> {
    match text {
        "cpu" => Ok(Metric::Cpu),
        "wall" => Ok(Metric::Wall),
        "" => Err("a metric needs a name: cpu, wall, run_ms".to_owned()),
        name => Ok(Metric::Reported(name.to_owned())),
    }
}

/// The number that `riser run` reports of a program with `bench.start` and `bench.end`.
const STOPWATCH: &str = "bench_ms";

impl LabArgs {
    /// The flags that were given.
    pub fn given(&self) -> Vec<&'static str> {
        let LabArgs { copies, rounds, precision, time, metric, any_output, json, csv } = self;
        let flags = [
            ("--copies", copies.is_some()),
            ("--rounds", rounds.is_some()),
            ("--precision", precision.is_some()),
            ("--time", time.is_some()),
            ("--metric", metric.is_some()),
            ("--any-output", *any_output),
            ("--json", json.is_some()),
            ("--csv", csv.is_some()),
        ];
        flags.into_iter().filter(|(_, is_given)| *is_given).map(|(flag, _)| flag).collect()
    }

    /// Whether a word is one of these flags.
    pub fn is_flag(word: &str) -> bool {
        const FLAGS: [&str; 8] =
            ["--copies", "--rounds", "--precision", "--time", "--metric", "--any-output", "--json", "--csv"];
        FLAGS.contains(&word.split('=').next().unwrap_or(word))
    }

    /// The number of copies of an executable.
    pub fn copies(&self) -> usize {
        self.copies.unwrap_or(5).into()
    }

    /// How to measure these subjects, which run the module in `file`.
    pub fn plan(&self, subjects: &[Subject], file: &Path) -> Result<Plan> {
        let stopped = || -> Result<bool> {
            Ok(imports_stopwatch(file)? && subjects.iter().all(|subject| subject.report.is_some()))
        };
        let metric = match &self.metric {
            Some(metric) => metric.clone(),
            None if stopped()? => Metric::Reported(STOPWATCH.to_owned()),
            None => Metric::Cpu,
        };
        let least_rounds = self.rounds.unwrap_or(3);
        Ok(Plan {
            least_rounds: least_rounds.into(),
            // Whoever limits the time means it: three rounds of many rows take minutes.
            rounds_beyond_time: if self.rounds.is_none() && self.time.is_some() { 1 } else { least_rounds.into() },
            most_rounds: usize::MAX,
            time: self.time.unwrap_or(Duration::from_secs(60)),
            precision: self.precision.unwrap_or(1.0) / 100.0,
            metric,
            output: if self.any_output { Output::any() } else { Output::Same },
        })
    }

    /// Measures the subjects, which run the module in `file`.
    pub fn measure(&self, subjects: &[Subject], file: &Path) -> Result<Record> {
        measure(subjects, &self.plan(subjects, file)?, Vec::new(), |_| Ok(()))
    }

    /// Writes the records that the flags ask for.
    pub fn write(&self, record: &Record) -> Result<()> {
        if let Some(file) = &self.json {
            file.write(record.to_json())?;
        }
        self.write_csv(record)
    }

    /// Writes the CSV, if the flags ask for it.
    pub fn write_csv(&self, record: &Record) -> Result<()> {
        self.csv.as_ref().map_or(Ok(()), |file| file.write(record.to_csv()))
    }
}

/// Measures the subjects, of which some samples may be there already. `keep` gets each new one.
pub fn measure(
    subjects: &[Subject],
    plan: &Plan,
    earlier: Vec<Sample>,
    mut keep: impl FnMut(&Sample) -> Result<()>,
) -> Result<Record> {
    let samples = resume(
        subjects,
        plan,
        earlier,
        |progress| show(plan, progress),
        |sample| {
            check_metric(&plan.metric, subjects, sample)?;
            keep(sample)
        },
    );
    clear();
    let command = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    Ok(Record::new(version(), command.collect(), plan.metric.clone(), subjects, samples?))
}

/// This command, with its version.
pub fn version() -> String {
    format!("riser {}", env!("CARGO_PKG_VERSION"))
}

/// Writes a file.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    fs::write(path, contents).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Checks that a sample has what is compared.
fn check_metric(metric: &Metric, subjects: &[Subject], sample: &Sample) -> Result<()> {
    let Metric::Reported(wanted) = metric else { return Ok(()) };
    if metric.of(sample).is_some() {
        return Ok(());
    }
    let name = &subjects[sample.subject].name;
    let known: Vec<&str> = sample.reported.keys().chain(sample.counted.keys()).map(String::as_str).collect();
    ensure!(!known.is_empty(), "{name} reports no numbers: use --metric cpu or --metric wall");
    bail!("{name} does not report `{}`; it reports {}", Shown(wanted), known.join(", "))
}

/// The module in a file.
pub fn module(file: &Path) -> Result<ParsedModule> {
    let context = || format!("cannot load `{}`", file.display());
    let bytes = crate::cli::to_binary(crate::cli::read_module(file)?, file).with_context(context)?;
    parse_module_with(bytes, Features::ALL).with_context(context)
}

/// Whether a module imports what Sightglass's benchmarks call around the part that they mean.
fn imports_stopwatch(file: &Path) -> Result<bool> {
    Ok(module(file)?.info().imports.iter().any(|import| &*import.module == "bench" && &*import.name == "end"))
}

/// Shows how far a measurement is, in place of what was shown before, to whoever is watching.
fn show(plan: &Plan, progress: Progress<'_>) {
    let Progress { round, subject, precision, elapsed } = progress;
    let round = round.map_or("warm-up".to_owned(), |round| format!("round {}", round + 1));
    let goal = plan.precision * 100.0;
    let precision = precision.map(|it| format!(", intervals within {:.1} % (goal {goal} %)", it * 100.0));
    let time = format!(", {} s of {} s", elapsed.as_secs(), plan.time.as_secs());
    tell(&format!("{round}{}{time}: {}", precision.unwrap_or_default(), subject.name));
}

/// Says what is being done, in place of what was said before, to whoever is watching.
pub fn tell(what: &str) {
    if io::stderr().is_terminal() {
        out::progress(what);
    }
}

/// Removes what was said.
pub fn clear() {
    tell("");
}
