//! The flags of the LLVM tier.

use anyhow::Result;
use clap::Args;

use crate::Config;
use crate::llvm::{OptLevel, Options};

use super::engine::one_of;

/// What LLVM does.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "LLVM")]
pub struct LlvmArgs {
    /// How much work goes into a function; 2 unless given
    #[arg(long, value_name = "LEVEL", value_parser = one_of(OptLevel::ALL, OptLevel::name))]
    llvm_opt: Option<OptLevel>,
}

impl LlvmArgs {
    /// The settings from the flags.
    pub fn options(&self) -> Options {
        Options { opt_level: self.llvm_opt.unwrap_or_default() }
    }

    /// Applies the flags to a configuration.
    pub fn apply(&self, config: &mut Config) -> Result<()> {
        if self.llvm_opt.is_some() {
            config.tier_options(self.options())?;
        }
        Ok(())
    }
}
