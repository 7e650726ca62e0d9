//! `riser snapshot`: runs an initialisation to its end and keeps the state, or looks into snapshots (`show.rs`).

use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::{Args, ValueHint};

use crate::cli::engine::EngineArgs;
use crate::cli::limits::LimitArgs;
use crate::cli::out;
use crate::cli::output::OutputFile;
use crate::cli::program::{Begin, Program, Taken};
use crate::cli::stats::Stats;

use super::show::Action;
use super::{AtEnd, Form, Taking};

/// The function that prepares a module for Wizer.
pub const WIZER: &str = "wizer.initialize";

/// Initialise a module and keep its state, or look into snapshots
///
/// Calls `_initialize`, if the module exports it, and then the function that `--init-func` names, or `wizer.initialize`. What the module is
/// then is written to OUT: as a module that begins there, if OUT ends in `.wasm`, else as a snapshot for `riser resume`.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    override_usage = "riser snapshot [OPTIONS] -o OUT FILE [ARGS]...\n       riser snapshot show FILE\n       riser snapshot diff A B",
    after_help = "\
Examples:
  riser snapshot -o ready.wasm library.wasm
  riser snapshot --init-func prepare --dir data::/data -o ready.snap library.wasm
  riser resume --invoke lookup --dir data::/data ready.snap 7
  riser snapshot show ready.snap"
)]
pub struct SnapshotCommand {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    initialise: Initialise,
}

#[derive(Args, Debug)]
struct Initialise {
    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    limits: LimitArgs,

    /// Call this exported function, without arguments; `wizer.initialize` unless given
    #[arg(long, value_name = "NAME", help_heading = None)]
    init_func: Option<String>,

    /// Where the state goes: a file of a module, if it ends in `.wasm`, or else of a snapshot
    #[arg(long, short, value_name = "OUT", value_parser = out::file_beside_guest(), required = true, help_heading = None)]
    output: Option<OutputFile>,

    /// Give the guest a directory of the host, as GUEST if that is given
    #[arg(long = "dir", value_name = "HOST[::GUEST]", help_heading = None)]
    dirs: Vec<String>,

    /// Give the guest a directory that it may only read
    #[arg(long = "read-only-dir", value_name = "HOST[::GUEST]", help_heading = None)]
    read_only_dirs: Vec<String>,

    /// Give the guest a variable; without a value, that of this process
    #[arg(long = "env", value_name = "NAME[=VALUE]", help_heading = None)]
    env: Vec<String>,

    /// The module, and the guest's arguments; `-` for standard input
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"], value_hint = ValueHint::FilePath, help_heading = None)]
    file_and_args: Vec<OsString>,
}

impl SnapshotCommand {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        match self.action {
            Some(action) => action.execute(),
            None => self.initialise.execute(),
        }
    }
}

impl Initialise {
    fn execute(self) -> Result<()> {
        let output = self.output.context("there is no `--output`")?;
        let path = output.path().to_owned();
        let form = if output.path().extension() == Some(OsStr::new("wasm")) {
            let called = self.init_func.as_deref().unwrap_or(WIZER);
            Form::Module { without: ["_initialize", called].map(str::to_owned).to_vec() }
        } else {
            Form::Snapshot
        };
        let taking = Taking::new(None, Some(AtEnd { file: output, form, has_to_return: true }));
        let dirs = [self.dirs, self.read_only_dirs];
        let begin = Begin::Initialise(self.init_func);
        let program = Program::new(self.engine, self.limits, None, dirs, self.env, self.file_and_args, begin);
        program.keep_inputs([&*path])?;
        let watch = Taken(Some(Arc::new(taking)));
        program.run(&mut Stats::default(), Arc::new(watch))
    }
}
