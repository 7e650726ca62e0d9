//! What the commands have in common: how often, on which core, from and to which record.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::measure::root;
use crate::table::Record;

#[derive(Args)]
pub struct Common {
    /// How often each is done
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The core to run on
    #[arg(long, default_value_t = 1)]
    core: usize,
    /// Write every sample to this file
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Show the tables of what was recorded in this file, and measure nothing
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    from: Option<PathBuf>,
}

impl Common {
    /// A record: one there is already, or a new one of what `measure` does on the one core so many times.
    pub fn record(&self, measure: impl FnOnce(usize) -> Result<Record>) -> Result<Record> {
        self.record_anywhere(|rounds| {
            pin(self.core)?;
            measure(rounds)
        })
    }

    /// As [`Common::record`], on whatever cores there are.
    pub fn record_anywhere(&self, measure: impl FnOnce(usize) -> Result<Record>) -> Result<Record> {
        if let Some(path) = &self.from {
            let lines = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            return Record::from_lines(&lines);
        }
        // Now, because the repository may move on meanwhile.
        let commit = commit();
        let record = measure(self.rounds)?;
        if let Some(path) = &self.record {
            let lines = record.to_lines(&commit);
            fs::write(path, lines).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(record)
    }
}

/// The repository's commit.
fn commit() -> String {
    let output = Command::new("git").args(["describe", "--always", "--dirty"]).current_dir(root()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if text.is_empty() { "unknown".to_owned() } else { text }
}

/// Keeps this thread, and the processes that it starts, on one core.
fn pin(core: usize) -> Result<()> {
    // SAFETY: `set` is a plain bit set, which the kernel reads.
    let status = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set)
    };
    ensure!(status == 0, "cannot run on core {core}: {}", std::io::Error::last_os_error());
    Ok(())
}
