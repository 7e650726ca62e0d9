//! Threads of a guest: how much sooner several of them are done with the same work, in every mode, in time of the clock.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use riser_measure::record::{Record, Sample};
use riser_measure::tables;

use crate::common::Common;
use crate::measure::root;
use crate::modes::{MODES, Runner};
use crate::process::{self, TemporaryCopies};

/// Options of `threads`.
#[derive(Args)]
pub struct Threads {
    #[command(flatten)]
    common: Common,
    /// The command
    #[arg(long, value_name = "PATH", required_unless_present = "from")]
    riser: Option<PathBuf>,
}

/// The functions of the program, with how much they do in the interpreters: some tenths of a second.
const WORK: [(&str, u32); 3] = [("sum", 10_000_000), ("lock", 100_000), ("queue", 80_000)];
/// How much more it is where code is compiled.
const COMPILED: u32 = 20;
const THREADS: [u32; 3] = [1, 2, 4];

impl Threads {
    /// Measures, and prints the table.
    pub fn execute(self) -> Result<()> {
        let record = self.common.record_commands(|rounds, copies| {
            let riser = self.riser.as_deref().context("--riser is needed")?;
            let module = root().join("benches/programs/threads/parallel.wat");
            let copies = TemporaryCopies::new(riser, "riser", copies)?;
            let mut samples = BTreeMap::new();
            for (copy, riser) in copies.paths().iter().enumerate() {
                for mode in MODES {
                    eprintln!("copy {}, {mode}", copy + 1);
                    let runner = Runner::new(riser, mode, &module)?;
                    for (function, count) in WORK {
                        let count = if ["classic", "interp"].contains(&mode) { count } else { count * COMPILED };
                        let samples = samples
                            .entry(format!("{function}/{mode}"))
                            .or_insert_with(|| vec![Sample::default(); THREADS.len()]);
                        for _ in 0..rounds {
                            for (sample, threads) in samples.iter_mut().zip(THREADS) {
                                let mut command = runner.run(&["--wasi", "threads", "--invoke", function]);
                                command.args([threads, count].map(|number| number.to_string()));
                                sample.push(copy, process::run(&mut command)?);
                            }
                        }
                    }
                }
            }
            let engines =
                THREADS.map(|count| if count == 1 { "1 thread".to_owned() } else { format!("{count} threads") });
            Ok(Record { engines: engines.to_vec(), samples, ..Record::default() })
        })?;
        print!("{}", tables::table("programs", &record)?);
        Ok(())
    }
}
