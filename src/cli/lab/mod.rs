//! The laboratory: commands that measure. They run this very executable, or others, in processes of their own ([`riser_lab`]).

pub mod ablate;
pub mod bench;
mod configuration;
pub mod report;
pub(super) mod table;

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use riser_lab::process::{Copies, run};
use riser_lab::{Metric, Plan, Progress, Record, Sample, Subject};

use super::run::GuestArgs;
use super::{out, quantity};
use crate::Features;
use crate::translator::parse_module_with;
use configuration::Configuration;

/// How to measure.
#[derive(Args, Debug)]
#[command(next_help_heading = "Measurement")]
struct LabArgs {
    /// Fresh copies of this executable that take turns. The file of each lies elsewhere in memory, which alone can make a
    /// program almost twice as slow; intervals are for other copies
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    copies: u16,

    /// Measure at least so many rounds; in each, every copy runs once
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    /// Go on until the intervals of all ratios are so narrow: half their width, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    precision: f64,

    /// Begin no round after this time, such as 30s or 5m
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = quantity::duration)]
    time: Duration,

    /// What to compare: `cpu` (time of all threads), `wall` (time from start to end), or a number of `riser run --stats-json`, such as
    /// `run_ms`. Unless given, the time between the imports `bench.start` and `bench.end` if FILE has these, else `cpu`
    #[arg(long, value_name = "METRIC", value_parser = metric)]
    metric: Option<Metric>,

    /// Write everything to a file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Write everything to a file, as CSV: one row for each run
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

fn metric(text: &str) -> Result<Metric, String> {
    match text {
        "cpu" => Ok(Metric::Cpu),
        "wall" => Ok(Metric::Wall),
        "" => Err("a metric needs a name: cpu, wall, run_ms".to_owned()),
        name => Ok(Metric::Reported(name.to_owned())),
    }
}

/// The number that `riser run` reports of a program with `bench.start` and `bench.end`.
const STOPWATCH: &str = "bench_ms";

/// What is measured, and how.
#[derive(Args, Debug)]
struct ProgramArgs {
    #[command(flatten)]
    guest: GuestArgs,

    #[command(flatten)]
    lab: LabArgs,

    /// The module, in the binary or the text format, and the guest's arguments
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"])]
    file_and_args: Vec<String>,
}

impl ProgramArgs {
    /// The module.
    fn file(&self) -> &Path {
        Path::new(&self.file_and_args[0])
    }

    /// The guest's arguments.
    fn arguments(&self) -> &[String] {
        &self.file_and_args[1..]
    }

    /// Measures the subjects, and writes the records.
    fn measure(&self, subjects: Vec<Subject>) -> Result<Record> {
        self.lab.measure(subjects, self.file())
    }
}

/// Copies of this executable, and a folder for what is made on the way. Both are removed with the value.
struct Laboratory<'a> {
    copies: Copies,
    folder: PathBuf,
    program: &'a ProgramArgs,
}

impl<'a> Laboratory<'a> {
    fn new(program: &'a ProgramArgs) -> Result<Laboratory<'a>> {
        ensure!(program.file().is_file(), "there is no file `{}`", program.file().display());
        let executable = std::env::current_exe().context("cannot find the file of this command")?;
        let folder = std::env::temp_dir().join(format!("riser-lab-{}", process::id()));
        let copies = Copies::new(&executable, &folder.join("copies"), "riser", program.lab.copies.into())?;
        Ok(Laboratory { copies, folder, program })
    }

    /// Configurations as something to measure.
    fn subjects(&self, configurations: &[Configuration]) -> Result<Vec<Subject>> {
        configurations.iter().enumerate().map(|(number, it)| self.subject(number, it)).collect()
    }

    /// The names of the modes that this build has.
    ///
    /// Another process answers: to know whether there is LLVM, this one would have to load it, and the memory of a process counts among
    /// that of the processes that it starts.
    fn modes(&self) -> Result<Vec<String>> {
        let names = run(Command::new(&self.copies.paths()[0]).args(["modes", "--names"]))?.output.stdout;
        Ok(String::from_utf8_lossy(&names).split_whitespace().map(str::to_owned).collect())
    }

    /// A configuration as something to measure.
    fn subject(&self, number: usize, configuration: &Configuration) -> Result<Subject> {
        let report = self.folder.join(format!("report-{number}.json"));
        let mut arguments: Vec<OsString> = vec!["run".into(), "--stats-json".into(), report.clone().into()];
        arguments.extend(configuration.flags().into_iter().map(OsString::from));
        arguments.extend(self.program.guest.to_flags());
        let file = self.program.file();
        if let Some(flags) = configuration.compile_flags() {
            let compiled = self.folder.join(format!("compiled-{number}.aot"));
            let mut compile = Command::new(&self.copies.paths()[0]);
            compile.arg("compile").args(flags).arg(file).arg("-o").arg(&compiled);
            run(&mut compile).with_context(|| format!("cannot compile `{}`", file.display()))?;
            arguments.extend(["--allow-precompiled".into(), compiled.into()]);
        } else {
            arguments.push(file.into());
        }
        arguments.extend(self.program.arguments().iter().map(OsString::from));
        let executables = self.copies.paths().to_vec();
        Ok(Subject { name: configuration.to_string(), executables, arguments, report: Some(report) })
    }
}

impl Drop for Laboratory<'_> {
    fn drop(&mut self) {
        // A folder that is left takes space only.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl LabArgs {
    /// Measures the subjects, and writes the records.
    fn measure(&self, subjects: Vec<Subject>, file: &Path) -> Result<Record> {
        let stopped =
            || -> Result<bool> { Ok(imports_stopwatch(file)? && subjects.iter().all(|it| it.report.is_some())) };
        let metric = match &self.metric {
            Some(metric) => metric.clone(),
            None if stopped()? => Metric::Reported(STOPWATCH.to_owned()),
            None => Metric::Cpu,
        };
        let plan = Plan {
            least_rounds: self.rounds.into(),
            most_rounds: usize::MAX,
            time: self.time,
            precision: self.precision / 100.0,
            metric: metric.clone(),
        };
        let samples = riser_lab::bench(&subjects, &plan, show);
        clear();
        let samples = samples?;
        if let Some(sample) = samples.iter().find(|sample| metric.of(sample).is_none()) {
            let name = &subjects[sample.subject].name;
            let known: Vec<&str> = sample.reported.keys().map(String::as_str).collect();
            ensure!(!known.is_empty(), "{name} reports no numbers: use --metric cpu or --metric wall");
            anyhow::bail!("{name} does not report that number; it reports {}", known.join(", "));
        }
        let program = format!("riser {}", env!("CARGO_PKG_VERSION"));
        let record = Record::new(program, std::env::args().collect(), metric, &subjects, samples);
        for (path, text) in [(&self.json, Record::to_json as fn(&Record) -> String), (&self.csv, Record::to_csv)] {
            if let Some(path) = path {
                fs::write(path, text(&record)).with_context(|| format!("cannot write `{}`", path.display()))?;
            }
        }
        Ok(record)
    }
}

/// Whether a module imports what Sightglass's benchmarks call around the part that they mean.
fn imports_stopwatch(file: &Path) -> Result<bool> {
    let bytes = super::to_binary(super::read_module(file)?)?;
    let module = parse_module_with(bytes, Features::ALL);
    let module = module.with_context(|| format!("cannot load `{}`", file.display()))?;
    Ok(module.info().imports.iter().any(|import| &*import.module == "bench" && &*import.name == "end"))
}

/// Shows how far a measurement is, in place of what was shown before, to whoever is watching.
fn show(progress: Progress<'_>) {
    if !io::stderr().is_terminal() {
        return;
    }
    let round = progress.round.map_or("warm-up".to_owned(), |round| format!("round {}", round + 1));
    let precision = progress.precision.map(|it| format!(", intervals within {:.1} %", it * 100.0)).unwrap_or_default();
    out::progress(&format!("{round}{precision}: {}", progress.subject.name));
}

fn clear() {
    if io::stderr().is_terminal() {
        out::progress("");
    }
}

/// The number of rounds and copies of a measurement.
fn extent(samples: &[Sample]) -> (usize, usize) {
    let most = |number: fn(&Sample) -> usize| samples.iter().map(number).max().map_or(0, |most| most + 1);
    (most(|sample| sample.round), most(|sample| sample.copy))
}
