//! `riser completions` and `riser man`: what shells and `man` know of the command.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, out};

/// Print a script that completes this command's arguments in a shell
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser completions bash > ~/.local/share/bash-completion/completions/riser
  riser completions zsh > ~/.zfunc/_riser
  riser completions fish > ~/.config/fish/completions/riser.fish")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "riser", &mut script);
        out::print(|out| Ok(out.write_all(&script)?))
    }
}

/// Write the manual pages: one for the command, and one for each subcommand
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  riser man ~/.local/share/man/man1 && man riser-run")]
pub struct Man {
    /// The folder to write them to; it is made if need be
    folder: PathBuf,
}

impl Man {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let context = || format!("cannot write to `{}`", self.folder.display());
        std::fs::create_dir_all(&self.folder).with_context(context)?;
        clap_mangen::generate_to(Cli::command(), &self.folder).with_context(context)
    }
}
