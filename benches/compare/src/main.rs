//! Riser beside other interpreters, and beside itself: interleaved in one run, pinned to one
//! core, in CPU time.
//!
//! ```text
//! cd benches/compare && cargo run --release -- run --record ../record/run.tsv
//! cargo run --release -- run --filter programs/ --engine interp --engine wasmi
//! cargo run --release -- commands --filter programs/ "interp=riser run --mode interp" wasm3=wasm3
//! cargo run --release -- steps
//! cargo run --release -- compile FILE.wasm...
//! cargo run --release -- modes --riser PATH --hello FILE
//! cargo run --release -- start --rounds 300 "riser run hello.wasm" "wasmi hello.wasm"
//! ```
//!
//! An engine takes part in a program if it prints what the first engine prints. Times of a
//! program are compared as ratios of medians, each a mean over several copies of the executable; sets are summed up by geometric means
//! and their intervals (`benches/measure`).

mod commands;
mod common;
mod compile;
mod engines;
mod host;
mod measure;
mod modes;
mod process;
mod programs;
mod start;
mod steps;
mod synthetic;
mod threads;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, Parser};
use riser_measure::{figures, tables};

use common::Common;

/// Compares interpreters.
#[derive(Parser)]
enum Command {
    /// Run programs in several engines
    Run(Run),
    /// Run programs by the commands of engines
    Commands(commands::Commands),
    /// From naive register code to the default, step by step, and what each step is worth
    Steps(steps::Steps),
    /// Compile modules, validation included, without running them
    Compile(compile::Compile),
    /// The modes of the command, by what each takes
    Modes(modes::Modes),
    /// Run one guest's work by several threads of it
    Threads(threads::Threads),
    /// Run commands from start to exit
    Start(start::Start),
    /// Put the newest records into the documentation, as `cargo xtask figures` does
    Figures,
    /// Run one program in one engine: whether that works at all is found out in a process of its own
    #[command(hide = true)]
    Probe { engine: String, program: String },
    /// Compile one module in one engine
    #[command(hide = true)]
    ProbeCompile { engine: String, file: PathBuf },
}

#[derive(Args)]
struct Run {
    #[command(flatten)]
    common: Common,
    /// An engine; can be repeated, the first is what others are compared with
    #[arg(long, default_values_t = ["interp", "classic", "wasmi"].map(str::to_owned))]
    engine: Vec<String>,
    /// Only programs whose set and name contain this; can be repeated
    #[arg(long)]
    filter: Vec<String>,
    /// Not this program, by its set and name; can be repeated
    #[arg(long)]
    skip: Vec<String>,
    /// Show means and extremes only
    #[arg(long)]
    summary: bool,
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Run(command) => command.execute(),
        Command::Commands(command) => command.execute(),
        Command::Steps(command) => command.execute(),
        Command::Compile(command) => command.execute(),
        Command::Modes(command) => command.execute(),
        Command::Threads(command) => command.execute(),
        Command::Start(command) => command.execute(),
        Command::Figures => {
            let report = figures::write(&measure::root())?;
            print!("{report}");
            ensure!(report.is_clean(), "the figures are not in order");
            Ok(())
        }
        Command::Probe { engine, program } => measure::probe(&engine, &program),
        Command::ProbeCompile { engine, file } => compile::probe(&engine, &file),
    }
}

impl Run {
    fn execute(self) -> Result<()> {
        let record = self.common.record(|rounds| {
            let mut programs = measure::select(&self.filter)?;
            for skipped in &self.skip {
                let count = programs.len();
                programs.retain(|program| program.title() != *skipped);
                ensure!(programs.len() < count, "there is no program {skipped} to skip");
            }
            measure::run(&programs, &self.engine, rounds)
        })?;
        let kind = if self.summary { "summary" } else { "programs" };
        print!("{}", tables::table(kind, &record)?);
        Ok(())
    }
}
