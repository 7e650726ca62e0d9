//! `riser prop`.

mod executions;

use std::path::Path;

use anyhow::{Error, Result, bail};
use clap::Args;
use riser_properties::command::{Arguments, Problem};
use riser_properties::property::{self, Subject};

use crate::SharedBytes;

use super::usage::Misuse;
use super::{cause, out};

/// Test the properties of translations on random modules, or on a module
///
/// A property is a statement about every translation: the verifier and the symbolic checker accept it, no switch and no
/// mode changes what it does, and more (`--list`). A case is a number, which stands for the same module everywhere. The
/// run ends at the first case for which a property does not hold. Its module is made small and printed, with the register
/// IR beside the operators, and left in a file, which this command takes as FILE.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser prop
  riser prop --time 10m --jobs 0 --seed 1000000
  riser prop --only symbolically-equal,verified --switches optimized,no-accumulators
  riser prop program.wasm
  riser prop --mutation-score

Exit codes: 0 if all properties hold, 1 if one does not, 2 if the command line is wrong.")]
pub struct Prop {
    #[command(flatten)]
    arguments: Arguments,
}

impl Prop {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let mut properties = property::ALL.to_vec();
        // Code of a faulty translator runs in the evaluator only, which it cannot harm.
        if !self.arguments.makes_faults() {
            properties.push(executions::PROPERTY);
        }
        let report = self.arguments.run(&Subject::shipped(), &properties, &read).map_err(|problem| match problem {
            Problem::Arguments(why) => Error::new(Misuse::new(why)),
            Problem::Failure(why) => Error::msg(why),
        })?;
        out::without_reader(out::print(|out| Ok(out.write_all(report.text.as_bytes())?)))?;
        if !report.holds {
            bail!("a property does not hold");
        }
        Ok(())
    }
}

/// The bytes of a module, which may be packed by gzip.
fn read(file: &Path) -> Result<SharedBytes, String> {
    let bytes = super::read_module(file).map_err(|error| error.root_cause().to_string())?;
    match cause::of_bytes(&bytes) {
        Some(cause) => Err(cause.to_owned()),
        None => Ok(bytes),
    }
}
