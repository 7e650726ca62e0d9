//! The modes of the command beside each other: what each takes to start, to compile, to run, and how much room.
//!
//! Everything is measured of whole processes, by what `riser run --stats` says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;
use riser_measure::coremark;
use riser_measure::record::{Record, Sample};
use riser_measure::tables;

use crate::common::Common;
use crate::measure;
use crate::process::{self, TemporaryCopies, TemporaryFile};
use crate::programs::Program;

/// Options of `modes`.
#[derive(Args)]
pub struct Modes {
    #[command(flatten)]
    common: Common,
    /// The command
    #[arg(long, value_name = "PATH", required_unless_present = "from")]
    riser: Option<PathBuf>,
    /// A module that prints a line
    #[arg(long, value_name = "FILE", required_unless_present = "from")]
    hello: Option<PathBuf>,
}

/// The modes, as they are written.
pub const MODES: [&str; 6] = ["classic", "interp", "fast-jit", "llvm-jit", "multi-tier", "aot"];
/// Starts a round: they are short.
const STARTS: usize = 10;
/// A program that runs for long, and measures itself.
const LONG: &str = "coremark/coremark-11000";

/// What there is to know of a program in a mode, and how the samples of it are called.
const START: &str = "start";
const COMPILE: &str = "compile";
const RUN: &str = "run";
const CODE: &str = "code";
const MEMORY: &str = "memory";

impl Modes {
    /// Measures, and prints the table.
    pub fn execute(self) -> Result<()> {
        let record = self.common.record_commands(|rounds, copies| {
            let riser = self.riser.as_deref().context("--riser is needed")?;
            let hello = self.hello.as_deref().context("--hello is needed")?;
            let programs = measure::select(&["programs/".to_owned(), LONG.to_owned()])?;
            let copies = TemporaryCopies::new(riser, "riser", copies)?;
            let mut samples = BTreeMap::new();
            for round in 0..rounds {
                for (copy, riser) in copies.paths().iter().enumerate() {
                    eprintln!("round {}, copy {}", round + 1, copy + 1);
                    for (at, mode) in MODES.into_iter().enumerate() {
                        let mut add = |what: &str, of: &str, value: u64| {
                            let title = format!("{what}/{of}");
                            let of_modes = samples.entry(title).or_insert_with(|| vec![Sample::default(); MODES.len()]);
                            of_modes[at].push(copy, value);
                        };
                        let command = Runner::new(riser, mode, hello)?;
                        for _ in 0..STARTS {
                            add(START, "hello", process::run(&mut command.run(&[]))?);
                        }
                        for program in &programs {
                            measure_program(riser, mode, program, &mut add)?;
                        }
                    }
                }
            }
            Ok(Record { engines: MODES.map(str::to_owned).to_vec(), samples, ..Record::default() })
        })?;
        print!("{}", tables::table("modes", &record)?);
        Ok(())
    }
}

/// Runs a module in a mode.
pub struct Runner<'a> {
    riser: &'a Path,
    mode: &'a str,
    module: &'a Path,
    /// What was compiled of the module, and how long that took, in the mode `aot`.
    compiled: Option<(TemporaryFile, u64)>,
}

impl<'a> Runner<'a> {
    /// Compiles the module first, if that is how the mode works.
    pub fn new(riser: &'a Path, mode: &'a str, module: &'a Path) -> Result<Runner<'a>> {
        if mode != "aot" {
            return Ok(Runner { riser, mode, module, compiled: None });
        }
        let name = module.file_stem().unwrap_or_default().to_string_lossy();
        let file = TemporaryFile::new(&format!("{name}.aot"))?;
        let mut command = Command::new(riser);
        let started = Instant::now();
        let status =
            command.args(["compile", "--tier", "llvm", "--jobs", "1", "-o"]).arg(file.path()).arg(module).status()?;
        ensure!(status.success(), "{command:?} fails");
        Ok(Runner { riser, mode, module, compiled: Some((file, started.elapsed().as_nanos() as u64)) })
    }

    /// The command that runs it with these options.
    pub fn run(&self, options: &[&str]) -> Command {
        let file = self.compiled.as_ref().map_or(self.module, |(file, _)| file.path());
        let mut command = Command::new(self.riser);
        command.args(["run", "--mode", self.mode]).args(options);
        if self.compiled.is_some() {
            command.arg("--allow-precompiled");
        }
        command.arg(file);
        command
    }
}

fn measure_program(riser: &Path, mode: &str, program: &Program, add: &mut impl FnMut(&str, &str, u64)) -> Result<()> {
    let runner = Runner::new(riser, mode, &program.path)?;
    // What the mode `multi-tier` compiles, it compiles meanwhile.
    let options: &[&str] =
        if mode == "multi-tier" { &["--stats"] } else { &["--stats", "--compile", "eager", "--jobs", "1"] };
    let mut command = runner.run(options);
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?} fails");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let ns = |line: &str| Ok::<_, anyhow::Error>((number(&text, line)? * 1e6) as u64);
    let name = program.title().replace('/', " ");
    add(COMPILE, &name, runner.compiled.as_ref().map_or_else(|| ns("load "), |(_, ns)| Ok(*ns))?);
    add(RUN, &name, coremark::iteration_ns(&output.stdout, 1).map_or_else(|| ns("run "), Ok)?);
    add(MEMORY, &name, (number(&text, "peak memory ")? * 1024.0) as u64);
    let lines = text.lines().filter(|line| line.starts_with("interpreter code ") || line.starts_with("code of "));
    let code: f64 = lines.filter_map(value).sum();
    let wasm = std::fs::metadata(&program.path)?.len() as f64;
    // Per thousand bytes of the module.
    add(CODE, &name, (code / wasm * 1000.0) as u64);
    Ok(())
}

/// The number before the unit at a line's end.
fn value(line: &str) -> Option<f64> {
    line.split_whitespace().rev().nth(1)?.parse().ok()
}

fn number(stats: &str, title: &str) -> Result<f64> {
    let line = stats.lines().find(|line| line.starts_with(title));
    line.and_then(value).with_context(|| format!("`riser run --stats` does not say `{title}`"))
}
