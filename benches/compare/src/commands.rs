//! The commands of engines, each of which runs programs: CPU time of processes. So engines take part that are no crate.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use clap::Args;
use riser_lab::process::run_to_end;
use riser_measure::record::{Record, Sample};
use riser_measure::tables;

use crate::common::Common;
use crate::measure;
use crate::process::CopiedCommand;
use crate::programs::Program;

/// Options of `commands`.
#[derive(Args)]
pub struct Commands {
    #[command(flatten)]
    common: Common,
    /// Only programs whose set and name contain this; can be repeated
    #[arg(long)]
    filter: Vec<String>,
    /// Engines, as NAME=COMMAND: "interp=riser run --mode interp". A program's file comes behind it. Commands without a folder are looked
    /// for as shells do; the first is what others are compared with
    #[arg(required_unless_present = "from")]
    commands: Vec<String>,
}

/// An engine's command.
struct Engine {
    name: String,
    command: CopiedCommand,
}

impl Commands {
    /// Measures, and prints the table.
    pub fn execute(self) -> Result<()> {
        let record = self.common.record_commands(|rounds, copies| {
            let engine = |command: &String| Engine::new(command, copies);
            let engines = self.commands.iter().map(engine).collect::<Result<Vec<_>>>()?;
            let mut samples = BTreeMap::new();
            for program in measure::select(&self.filter)? {
                eprintln!("{}", program.title());
                samples.insert(program.title(), run(&program, &engines, rounds, copies));
            }
            let engines = engines.into_iter().map(|engine| engine.name).collect();
            Ok(Record { engines, samples, ..Record::default() })
        })?;
        print!("{}", tables::table("programs", &record)?);
        Ok(())
    }
}

impl Engine {
    fn new(command: &str, copies: usize) -> Result<Engine> {
        let (name, command) = command.split_once('=').with_context(|| format!("`{command}` is not NAME=COMMAND"))?;
        Ok(Engine { name: name.to_owned(), command: CopiedCommand::new(command, name, copies)? })
    }
}

/// Runs a program in every engine, interleaved. An engine that fails, or prints something else than the first one, has no samples from then
/// on.
fn run(program: &Program, engines: &[Engine], rounds: usize, copies: usize) -> Vec<Sample> {
    let mut samples = vec![Sample::default(); engines.len()];
    let mut takes_part = vec![true; engines.len()];
    let mut expected: Option<Vec<u8>> = None;
    for _ in 0..rounds {
        for copy in 0..copies {
            for (at, engine) in engines.iter().enumerate().filter(|&(at, _)| takes_part[at]).collect::<Vec<_>>() {
                let mut command = engine.command.of_copy(copy);
                command.arg(&program.path).args(program.scale.map(|scale| scale.to_string()));
                let problem = match run_to_end(&mut command) {
                    Ok(run) if !run.output.status.success() => format!("fails, {}", run.output.status),
                    Ok(run) if *expected.get_or_insert_with(|| run.output.stdout.clone()) != run.output.stdout => {
                        "prints something else".to_owned()
                    }
                    Ok(run) => {
                        samples[at].push(copy, run.cpu_ns);
                        continue;
                    }
                    Err(error) => format!("{error:#}"),
                };
                eprintln!("  {}: {problem}", engine.name);
                takes_part[at] = false;
            }
        }
    }
    samples
}
