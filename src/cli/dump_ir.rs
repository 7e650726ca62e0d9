//! `riser dump-ir`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::translator::parse_module_with;
use crate::translator::print_function;

use super::engine::{MeteringArgs, TranslatorArgs};
use super::proposals::ProposalArgs;
use super::{names, out};

/// Print the register IR of a module's functions
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser dump-ir program.wasm --func main
  diff <(riser dump-ir program.wat) <(riser dump-ir --translator-naive program.wat)")]
pub struct DumpIr {
    #[command(flatten)]
    proposals: ProposalArgs,

    #[command(flatten)]
    translator: TranslatorArgs,

    #[command(flatten)]
    metering: MeteringArgs,

    /// Only this function
    #[arg(long, value_name = "NAME|INDEX")]
    func: Option<String>,

    /// The module, in the binary or the text format; `-` for standard input
    file: PathBuf,
}

impl DumpIr {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let context = || format!("cannot translate `{}`", self.file.display());
        let bytes = super::read_module(&self.file)?;
        let binary = super::to_binary(bytes, &self.file).with_context(context)?;
        let module = parse_module_with(binary, self.proposals.features()?).with_context(context)?;
        let functions = names::all_or(module.info(), self.func.as_deref())?;
        let config = self.metering.add_to(self.translator.config());
        out::print(|out| {
            for (nth, function) in functions.into_iter().enumerate() {
                if nth > 0 {
                    writeln!(out)?;
                }
                write!(out, "{}", print_function(&module, function, &config).with_context(context)?)?;
            }
            Ok(())
        })
    }
}
