//! `riser validate`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::{Config, Engine, Module};

use super::proposals::ProposalArgs;

/// Check a module without running it
///
/// Says nothing if the module is valid; else says what is wrong, where, and in which function.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  riser validate program.wasm\n  riser validate --wasm all=n,bulk-memory program.wasm"
)]
pub struct Validate {
    #[command(flatten)]
    proposals: ProposalArgs,

    /// Threads that validate function bodies; 0 for as many as there are cores
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,

    /// The module, in the binary or the text format; `-` for standard input
    file: PathBuf,
}

impl Validate {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let bytes = super::read_module(&self.file)?;
        let mut config = Config::new();
        config.parallel_compilation(self.jobs);
        self.proposals.apply(&mut config)?;
        let engine = Engine::new(&config)?;
        let context = || format!("`{}` is not valid", self.file.display());
        let binary = super::to_binary(bytes, &self.file).with_context(context)?;
        Module::validate_owned(&engine, binary).with_context(context)
    }
}
