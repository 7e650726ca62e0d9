//! Subcommands that this build lacks.

use std::ffi::OsString;

use anyhow::{Result, bail};
use clap::Args;

/// Test the properties of translations; in a build with the feature `prop`
#[derive(Args, Debug)]
pub struct Prop {
    /// Anything
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

impl Prop {
    /// Says how to get the subcommand.
    pub fn execute(self) -> Result<()> {
        let _ = self.arguments;
        bail!("this build lacks `riser prop`: build with the cargo feature `prop`")
    }
}
