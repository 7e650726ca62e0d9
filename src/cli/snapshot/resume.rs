//! `riser resume`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;

use crate::cli::engine::EngineArgs;
use crate::cli::out;
use crate::cli::run::{LimitArgs, Program, Taken};
use crate::cli::stats::Stats;

use super::{GuestLine, SnapshotArgs, read};

/// Go on with a program from a snapshot, in any mode
///
/// The guest gets the arguments and the environment that it had. Directories have to be given again.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser run --snapshot state.snap --snapshot-after 5s program.wasm
  riser resume --mode classic state.snap
  riser resume --dir data::/data state.snap")]
pub struct Resume {
    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    limits: LimitArgs,

    #[command(flatten)]
    snapshot: SnapshotArgs,

    /// Give the guest a directory of the host, under the name that the guest had for it
    #[arg(long = "dir", value_name = "HOST[::GUEST]")]
    dirs: Vec<String>,

    /// Give the guest a directory that it may only read, under the name that the guest had for it; these come after those of `--dir`
    #[arg(long = "read-only-dir", value_name = "HOST[::GUEST]")]
    read_only_dirs: Vec<String>,

    /// Print times, sizes and counts on standard error when the guest has ended
    #[arg(long)]
    stats: bool,

    /// The snapshot; `-` for standard input
    file: PathBuf,
}

impl Resume {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let snapshot = read(&self.file)?;
        let guest = GuestLine::of(&snapshot)?;
        guest.check_dirs(self.dirs.iter().chain(&self.read_only_dirs))?;
        let taken = Arc::new(Taken(self.snapshot.taking(|| Ok(guest.clone()))?));
        let program = Program::restored(self.engine, self.limits, guest, [self.dirs, self.read_only_dirs], snapshot);
        let mut stats = Stats::default();
        let result = program.run(&mut stats, Arc::clone(&taken));
        taken.tell_if_missed(&result);
        if self.stats {
            stats.add_peak_memory();
            out::tell(stats);
        }
        result.with_context(|| format!("failed to go on from `{}`", self.file.display()))
    }
}
