//! `riser resume`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueHint};

use crate::cli::engine::EngineArgs;
use crate::cli::guest::{arguments, host_and_guest};
use crate::cli::limits::LimitArgs;
use crate::cli::out;
use crate::cli::program::{Begin, Program, Taken};
use crate::cli::stats::Stats;
use crate::translator::Shown;
use crate::wasi::WasiSnapshot;

use super::{SnapshotArgs, file};

/// Go on with a program from a snapshot, in any mode
///
/// The guest gets the arguments and the environment that it had, and the files that it had open. Directories have to be given again. Of a
/// snapshot of an instance that was not running, `_start` is called, or the function that `--invoke` names.
#[derive(Args, Debug)]
#[command(
    override_usage = "riser resume [OPTIONS] FILE [ARGS]...",
    after_help = "\
Examples:
  riser run --snapshot state.snap --snapshot-after 5s program.wasm
  riser resume --mode classic state.snap
  riser resume --dir data::/data state.snap
  riser snapshot --init-func prepare -o ready.snap library.wasm
  riser resume --invoke lookup ready.snap 7"
)]
pub struct Resume {
    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    limits: LimitArgs,

    #[command(flatten)]
    snapshot: SnapshotArgs,

    /// Give the guest a directory of the host, under the name that the guest had for it
    #[arg(long = "dir", value_name = "HOST[::GUEST]", help_heading = None)]
    dirs: Vec<String>,

    /// Give the guest a directory that it may only read, under the name that the guest had for it
    #[arg(long = "read-only-dir", value_name = "HOST[::GUEST]", help_heading = None)]
    read_only_dirs: Vec<String>,

    /// Call this exported function of an instance that was not running with ARGS, and print its results
    #[arg(long, short_alias = 'f', alias = "function", value_name = "NAME", help_heading = None)]
    invoke: Option<String>,

    /// Print times, sizes and counts on standard error when the guest has ended
    #[arg(long, help_heading = None)]
    stats: bool,

    /// The snapshot, `-` for standard input; and, for an instance that was not running, arguments of `_start` or of the function
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"], value_hint = ValueHint::FilePath, help_heading = None)]
    file_and_args: Vec<OsString>,
}

impl Resume {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let path = PathBuf::from(&self.file_and_args[0]);
        let args = arguments(&self.file_and_args[1..])?;
        let snapshot = file::read(&path)?;
        let wasi = file::wasi(&snapshot)?;
        let mut wasi =
            wasi.context("the snapshot has no section `wasi-preview1`, which says what the guest was given")?;
        check_dirs(&wasi, self.dirs.iter().chain(&self.read_only_dirs))?;
        if !snapshot.frames().is_empty() {
            ensure!(
                self.invoke.is_none() && args.is_empty(),
                "the snapshot is one of a program that was running, which goes on; `--invoke` and arguments are for one that was not"
            );
        } else if self.invoke.is_none() && !args.is_empty() {
            let name = wasi.args().first().cloned().unwrap_or_default();
            wasi.set_args([&[name], &*args].concat());
        }
        let taken = Arc::new(Taken(self.snapshot.taking()));
        let dirs = [self.dirs, self.read_only_dirs];
        let begin = Begin::Restore(Box::new((snapshot, wasi)));
        let program = Program::new(self.engine, self.limits, self.invoke, dirs, Vec::new(), self.file_and_args, begin);
        // A later snapshot may replace this one, which has been read.
        program.keep_inputs([])?;
        let mut stats = Stats::default();
        let result = program.run(&mut stats, Arc::clone(&taken));
        taken.tell_if_missed(&result);
        if self.stats {
            stats.add_peak_memory();
            out::tell(stats);
        }
        result.with_context(|| format!("failed to go on from `{}`", path.display()))
    }
}

/// Checks that these directories, in the form of `--dir`, are those that the guest had.
///
/// # Errors
///
/// If one is missing, or there are others.
fn check_dirs<'a>(wasi: &WasiSnapshot, dirs: impl Iterator<Item = &'a String>) -> Result<()> {
    let given: Vec<&str> = dirs.map(|dir| host_and_guest(dir).1).collect();
    let had: Vec<&str> = wasi.directories().iter().map(|directory| &*directory.name).collect();
    for name in &had {
        ensure!(given.contains(name), "the guest had a directory `{name}`; `--dir HOST::{name}` gives it one");
    }
    ensure!(!had.is_empty() || given.is_empty(), "the guest had no directories: leave out `--dir`");
    ensure!(given.len() == had.len(), "the guest had {}, and no others: leave out what is not among them", list(&had));
    Ok(())
}

/// The names of directories, in words.
fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", Shown(name))).collect();
    match &names[..] {
        [one] => format!("the directory {one}"),
        several => format!("the directories {}", several.join(", ")),
    }
}
