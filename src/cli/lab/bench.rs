//! `riser bench`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use clap::Args;
use riser_lab::comparison::{Comparison, typical};
use riser_lab::report::{code_bytes, compiled_ms, median_of};
use riser_lab::{Record, Sample, counters};

use super::experiment::{self, Experiment};
use super::matrix::Matrix;
use super::peer::Peer;
use super::program::{Laboratory, built_in_modes};
use super::series::Series;
use super::table::Table;
use super::{ProgramArgs, extent, shown};
use crate::cli::out;
use crate::cli::usage::Misuse;

/// Measure a program in several modes and configurations, beside each other
///
/// Each configuration runs in processes of its own, in rounds that are interleaved with those of the others, until the
/// intervals are as narrow as --precision says or --time is over. All have to print the same. Ratios are to the first
/// configuration.
///
/// A FILE that ends in `.toml` is an experiment: several programs, and everything that the flags below say. What is
/// measured is kept in a folder beside it, so that an interruption costs nothing.
#[derive(Args, Debug)]
#[command(
    override_usage = "riser bench [OPTIONS] FILE [ARGS]...\n       riser bench [--restart] [--archive DIR] EXPERIMENT.toml",
    after_help = "\
Examples:
  riser bench program.wasm
  riser bench --modes interp,fast-jit --time 5m --precision 0.5 program.wasm input.txt
  riser bench --modes interp --dispatch switch,call-loop,token-tail,direct-tail,replicated-tail program.wasm
  riser bench --modes interp --switches optimized,no-pairs,naive program.wasm
  riser bench --series ladder --json ladder.json program.wasm && riser report --svg speed ladder.json -o ladder.svg
  riser bench --peer 'wasmtime=wasmtime run' --peer 'wasm3=wasm3' program.wasm
  riser bench --invoke fib --csv fib.csv fib.wat 30
  riser bench --archive artifact experiment.toml"
)]
pub struct Bench {
    #[command(flatten)]
    matrix: Matrix,

    /// Another engine, by its name and the command line to which FILE and ARGS are added, such as
    /// `wasmtime=wasmtime run`; can be repeated
    #[arg(long = "peer", value_name = "NAME=COMMAND", value_parser = Peer::parse)]
    peers: Vec<Peer>,

    /// Measure an experiment anew: what was measured before is dropped
    #[arg(long, help_heading = "Experiment")]
    restart: bool,

    /// When an experiment has been measured, copy all that is needed to repeat it to this folder
    #[arg(long, value_name = "DIR", help_heading = "Experiment")]
    archive: Option<PathBuf>,

    #[command(flatten)]
    program: ProgramArgs,
}

impl Bench {
    /// Runs the subcommand.
    pub fn execute(mut self) -> Result<()> {
        if let [file, arguments @ ..] = &*self.program.file_and_args
            && Path::new(file).extension().is_some_and(|ending| ending == "toml")
        {
            let why = "an experiment takes no arguments: its programs have a key `arguments`";
            ensure!(arguments.is_empty(), Misuse::new(why));
            self.check_experiment()?;
            return experiment::run(&Experiment::read(Path::new(file))?, self.restart, self.archive.as_deref());
        }
        for (flag, is_given) in [("--restart", self.restart), ("--archive", self.archive.is_some())] {
            ensure!(!is_given, Misuse::new(format!("{flag} is for an experiment, a file that ends in `.toml`")));
        }
        let lab = &mut self.program.lab;
        lab.metric = lab.metric.take().or(self.matrix.series.map(Series::metric));
        let (program, laboratory) = (self.program.program()?, Laboratory::new(self.program.lab.copies())?);
        let mut subjects = laboratory.subjects(&program, &self.matrix.configurations(&built_in_modes()?)?)?;
        for peer in &self.peers {
            subjects.push(peer.subject(&program)?);
        }
        let record = self.program.lab.measure(&subjects, &program.file)?;
        self.program.lab.write(&record)?;
        out::print(|out| Ok(write!(out, "{}", report(&record))?))
    }

    /// Checks that no flag says what is for the experiment to say.
    fn check_experiment(&self) -> Result<()> {
        let ProgramArgs { guest, lab, .. } = &self.program;
        let mut given = [self.matrix.given(), lab.given()].concat();
        given.extend((!self.peers.is_empty()).then_some("--peer"));
        let guest: Vec<String> = guest.to_flags().iter().map(|it| it.to_string_lossy().into_owned()).collect();
        given.extend(guest.first().map(String::as_str));
        match given.first() {
            Some(flag) => {
                bail!(Misuse::new(format!("{flag} cannot be given with an experiment, which says everything itself")))
            }
            None => Ok(()),
        }
    }
}

/// The tables of a measurement.
pub fn report(record: &Record) -> String {
    let Record { subjects, samples, metric, .. } = record;
    let what = metric.heading();
    let beside = format!("beside {} ", subjects[0].name);
    let mut table = Table::new(&["", &what, "95 % ", &beside, "code KiB", "peak MiB"]);
    for (index, subject) in subjects.iter().enumerate() {
        let (median, interval) = typical(samples, index, metric).expect("every sample has the metric");
        let comparison = match index {
            0 => String::new(),
            _ => Comparison::of(samples, 0, index, metric).map_or_else(String::new, |it| it.to_string()),
        };
        table.row(vec![
            subject.name.clone(),
            format!("{median:.3}"),
            format!("{interval:.3}"),
            comparison,
            shown(median_of(samples, index, |it| code_bytes(it).map(|bytes| bytes / 1024.0))),
            shown(median_of(samples, index, |it| Some(it.peak_kib as f64 / 1024.0))),
        ]);
    }
    let mut text = table.to_string();
    text += &format!("\n{}", extent(samples));
    if samples.iter().any(|sample| !sample.reported.is_empty()) {
        text += &format!("\n{}\n", phases(record));
        text += "In ms. Code that is made lazily is part of `run`, too. Making code is of all threads.\n";
    }
    match samples.iter().any(|sample| !sample.counted.is_empty()) {
        true => text += &format!("\n{}", counts(record)),
        false => {
            let why = counters::lack().unwrap_or_else(|| "this record has none".to_owned());
            text += &format!("Counters of the processor: {why}. `riser why` counts with valgrind.\n");
        }
    }
    text
}

/// Where the time of each subject goes.
fn phases(record: &Record) -> Table {
    let mut table = Table::new(&["", "load", "validate", "translate", "compile", "instantiate", "run"]);
    for (index, subject) in record.subjects.iter().enumerate() {
        let of = |number: &dyn Fn(&Sample) -> Option<f64>| shown(median_of(&record.samples, index, number));
        let reported = |name: &'static str| of(&|it| it.reported.get(name).copied());
        table.row(vec![
            subject.name.clone(),
            reported("load_ms"),
            reported("validated_in_ms"),
            reported("translated_in_ms"),
            of(&compiled_ms),
            reported("instantiate_ms"),
            reported("run_ms"),
        ]);
    }
    table
}

/// What the processor counted, in millions.
fn counts(record: &Record) -> String {
    const COUNTS: [&str; 4] = [counters::INSTRUCTIONS, counters::CYCLES, counters::BRANCHES, counters::MISPREDICTIONS];
    let mut table = Table::new(&["", COUNTS[0], COUNTS[1], COUNTS[2], COUNTS[3]]);
    for (index, subject) in record.subjects.iter().enumerate() {
        let count = |name| median_of(&record.samples, index, |it| it.counted.get(name).map(|count| count / 1e6));
        table.row([subject.name.clone()].into_iter().chain(COUNTS.map(|name| shown(count(name)))).collect());
    }
    format!("{table}In millions, by the processor's counters, without the kernel.\n")
}
