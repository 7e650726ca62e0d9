//! The laboratory: commands that measure. They run this very executable, or others, in processes of their own ([`riser_lab`]).

pub mod ablate;
pub mod bench;
mod configuration;
mod counts;
mod experiment;
mod matrix;
pub(super) mod measure;
mod peer;
mod program;
pub mod report;
mod series;
pub(super) mod table;
pub mod why;

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;
use clap::Args;
use riser_lab::Sample;

use super::guest::{GuestArgs, arguments};
use super::out;
use super::output::{OutputFile, keep_inputs};
use measure::LabArgs;
use program::Program;

/// What is measured, and how.
#[derive(Args, Debug)]
struct ProgramArgs {
    #[command(flatten)]
    guest: GuestArgs,

    #[command(flatten)]
    lab: LabArgs,

    /// The module, in the binary or the text format, and the guest's arguments
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"])]
    file_and_args: Vec<OsString>,
}

impl ProgramArgs {
    /// The program.
    ///
    /// # Errors
    ///
    /// Those of [`Program::check`], or an argument is not UTF-8.
    fn program(&self) -> Result<Program> {
        let (file, words) = self.file_and_args.split_first().expect("the command line requires a file");
        let program = Program {
            file: file.into(),
            arguments: arguments(words)?,
            guest: self.guest.to_flags(),
            writable: self.guest.writable().map(Path::to_owned).collect(),
        };
        program.check()?;
        let outputs = [&self.lab.json, &self.lab.csv];
        let inputs = [&*program.file].into_iter().chain(self.guest.inputs());
        keep_inputs(inputs, outputs.into_iter().flatten().map(OutputFile::path))?;
        if let Some(flag) = program.arguments.iter().find(|argument| LabArgs::is_flag(argument)) {
            out::tell(format_args!("Note: `{flag}` behind FILE is for the program: flags of riser come before FILE\n"));
        }
        Ok(program)
    }
}

/// How many rounds and copies a measurement had, and what the numbers above are.
fn extent(samples: &[Sample]) -> String {
    let most = |number: fn(&Sample) -> usize| samples.iter().map(number).max().map_or(0, |most| most + 1);
    let rounds = super::out::counted(most(|sample| sample.round), "round");
    let copies = match most(|sample| sample.copy) {
        1 => "1 copy".to_owned(),
        copies => format!("{copies} copies"),
    };
    format!("{rounds} of {copies}. Medians; intervals of 95 %, for other rounds and other copies.\n")
}

/// A number, or a dash.
fn shown(number: Option<f64>) -> String {
    number.map_or("-".to_owned(), |number| format!("{number:.1}"))
}
