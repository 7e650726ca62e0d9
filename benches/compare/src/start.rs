//! Commands from the start of the process to its exit, in time of the clock: they may have several threads.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;
use riser_measure::record::{Record, Sample};
use riser_measure::tables;

use crate::common::Common;
use crate::process::{self, CopiedCommand};

/// Options of `start`.
#[derive(Args)]
pub struct Start {
    #[command(flatten)]
    common: Common,
    /// Commands, each with its arguments, divided by spaces: "riser run hello.wasm". Commands without a folder are looked for as shells do
    #[arg(required_unless_present = "from")]
    commands: Vec<String>,
}

impl Start {
    /// Measures, and prints the table.
    pub fn execute(self) -> Result<()> {
        let record = self.common.record_commands(|rounds, copies| {
            let named = self.commands.iter().enumerate();
            let command = |(number, command): (usize, &String)| {
                CopiedCommand::new(command, &format!("command-{number}"), copies)
            };
            let commands = named.map(command).collect::<Result<Vec<_>>>()?;
            let mut samples = vec![Sample::default(); commands.len()];
            for _ in 0..rounds {
                for copy in 0..copies {
                    for (command, sample) in commands.iter().zip(&mut samples) {
                        sample.push(copy, process::run(&mut command.of_copy(copy))?);
                    }
                }
            }
            let samples = BTreeMap::from([("start/process".to_owned(), samples)]);
            // A command is called by its file: where that is says nothing.
            let engines = self.commands.iter().map(|command| name(command)).collect();
            Ok(Record { engines, samples, ..Record::default() })
        })?;
        print!("{}", tables::table("commands", &record)?);
        Ok(())
    }
}

/// A command without folders, and without what flags are set to.
fn name(command: &str) -> String {
    let words = command.split_whitespace().map(|word| match word.split_once('=') {
        Some((flag, _)) => flag,
        None => word.rsplit('/').next().unwrap_or(word),
    });
    words.collect::<Vec<_>>().join(" ")
}
