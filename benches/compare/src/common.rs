//! What the commands have in common: how often, on which core, from how many copies, from and to which record.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;
use riser_lab::machine::processor;
use riser_measure::record::Record;

use crate::measure::root;
use crate::process::{TemporaryCopies, TemporaryFile};

#[derive(Args)]
pub struct Common {
    /// How often each is done, from each copy
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// From how many fresh copies of the executable: where its file lies in memory makes a difference
    #[arg(long, default_value_t = 3)]
    copies: usize,
    /// The core to run on
    #[arg(long, default_value_t = 1)]
    core: usize,
    /// Write every sample to this file
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Record even though the tree has changes; the documentation does not quote such a record
    #[arg(long)]
    dirty: bool,
    /// Show the tables of what was recorded in this file, and measure nothing
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    from: Option<PathBuf>,
}

impl Common {
    /// A record: one there is already, or a new one of what `measure` does on the one core so many times, in a process from each copy
    /// of this command.
    pub fn record(&self, measure: impl FnOnce(usize) -> Result<Record>) -> Result<Record> {
        self.existing_or(|| {
            pin(self.core)?;
            if self.copies == 1 { measure(self.rounds) } else { self.measure_copies() }
        })
    }

    /// As [`Common::record`], of commands that `measure` starts, so many times from so many copies, on whatever cores there are.
    pub fn record_commands(&self, measure: impl FnOnce(usize, usize) -> Result<Record>) -> Result<Record> {
        self.existing_or(|| measure(self.rounds, self.copies))
    }

    fn existing_or(&self, measure: impl FnOnce() -> Result<Record>) -> Result<Record> {
        if let Some(path) = &self.from {
            let lines = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            return Record::from_lines(&lines);
        }
        ensure!(self.rounds > 0 && self.copies > 0, "nothing is measured: --rounds and --copies are at least 1");
        // Now, because the repository may move on meanwhile, and this process is left one core.
        let (commit, machine) = (commit()?, processor());
        ensure!(
            self.record.is_none() || self.dirty || !commit.ends_with("-dirty"),
            "the tree has changes, so nobody can measure the same again: commit them, or say --dirty"
        );
        let mut record = measure()?;
        (record.commit, record.machine, record.command) = (commit, machine, command_line());
        if let Some(path) = &self.record {
            fs::write(path, record.to_lines()).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(record)
    }

    /// Has this command, started from each of several copies, measure the same, and puts their records together.
    fn measure_copies(&self) -> Result<Record> {
        let copies = TemporaryCopies::new(&std::env::current_exe()?, "copy", self.copies)?;
        let mut all = Record::default();
        for (number, copy) in copies.paths().iter().enumerate() {
            eprintln!("copy {} of {}", number + 1, self.copies);
            let file = TemporaryFile::new("record.tsv")?;
            let mut command = Command::new(copy);
            command.args(without_options(&["--record", "--copies"]));
            command.args(["--copies", "1", "--dirty", "--record"]).arg(file.path()).stdout(Stdio::null());
            ensure!(command.status()?.success(), "{command:?} fails");
            all.add_copy(Record::from_lines(&fs::read_to_string(file.path())?)?);
        }
        Ok(all)
    }
}

/// The arguments of this process, without options that take a value, and without `--dirty`.
fn without_options(options: &[&str]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if options.contains(&argument.as_str()) {
            arguments.next();
        } else if argument != "--dirty" && !options.iter().any(|option| argument.starts_with(&format!("{option}="))) {
            kept.push(argument);
        }
    }
    kept
}

/// This command, as it was given.
fn command_line() -> String {
    let quoted = std::env::args().skip(1).map(|argument| match argument.contains(' ') {
        true => format!("\"{argument}\""),
        false => argument,
    });
    std::iter::once("riser-compare".to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}

/// The repository's commit; with `-dirty` if there are changes to anything but records.
fn commit() -> Result<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(root()).output().context("cannot run git")?;
        ensure!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--", ".", ":!benches/record"])?;
    Ok(if changes.is_empty() { commit } else { format!("{commit}-dirty") })
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
