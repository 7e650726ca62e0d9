//! Commands from the start of the process to its exit, in time of the clock: they may have several threads.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::common::Common;
use crate::process;
use crate::table::{Record, Sample};

/// Options of `start`.
#[derive(Args)]
pub struct Start {
    #[command(flatten)]
    common: Common,
    /// Commands, each with its arguments, divided by spaces: "riser run hello.wasm"
    #[arg(required_unless_present = "from")]
    commands: Vec<String>,
}

impl Start {
    /// Measures, and prints the table.
    pub fn execute(self) -> Result<()> {
        let record = self.common.record_anywhere(|rounds| {
            let mut samples = vec![Sample::default(); self.commands.len()];
            for _ in 0..rounds {
                for (command, sample) in self.commands.iter().zip(&mut samples) {
                    let mut words = command.split_whitespace();
                    let mut command = Command::new(words.next().context("a command needs a name")?);
                    sample.times_ns.push(process::run(command.args(words))?);
                }
            }
            let samples = BTreeMap::from([("start/process".to_owned(), samples)]);
            // A command is called by its file: where that is says nothing.
            let engines = self.commands.iter().map(|command| name(command)).collect();
            Ok(Record { engines, samples })
        })?;
        print!("{}", record.table(false));
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
