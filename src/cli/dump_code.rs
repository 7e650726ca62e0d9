//! `riser dump-code`.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::inspect::{CodeInst, FunctionCode, code};
use crate::{Config, Engine, Mode, Module};

use super::engine::{BoundsArgs, InterpreterArgs, MeteringArgs};
use super::proposals::ProposalArgs;
use super::{names, out};

/// Print the register interpreter's code of a module's functions
#[derive(Args, Debug)]
#[command(after_help = "\
Columns:
  the first word's number, from the function's entry
  where the wasm operator that the instruction comes from is, in the module
  the instruction, which `cargo xtask handlers` shows the machine code of
  the register IR, as far as the code keeps it: plain copies and constants have no types
  the words: a head in the form of the dispatch strategy, operands

Examples:
  riser dump-code program.wasm --func main
  riser dump-code --dispatch switch --translator-off accumulators program.wat")]
pub struct DumpCode {
    #[command(flatten)]
    proposals: ProposalArgs,

    #[command(flatten)]
    interpreter: InterpreterArgs,

    #[command(flatten)]
    bounds: BoundsArgs,

    #[command(flatten)]
    metering: MeteringArgs,

    /// Only this function
    #[arg(long, value_name = "NAME|INDEX")]
    func: Option<String>,

    /// The module, in the binary or the text format; `-` for standard input
    file: PathBuf,
}

impl DumpCode {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let context = || format!("cannot translate `{}`", self.file.display());
        let bytes = super::read_module(&self.file)?;
        let binary = super::to_binary(bytes, &self.file).with_context(context)?;
        let module = Module::from_owned(&self.engine()?, binary).with_context(context)?;
        self.interpreter.check_names(&[module.info()])?;
        let functions = names::all_or(module.info(), self.func.as_deref())?;
        out::print(|out| {
            for (nth, function) in functions.into_iter().enumerate() {
                if nth > 0 {
                    writeln!(out)?;
                }
                print(out, &code(&module, function).with_context(context)?)?;
            }
            Ok(())
        })
    }

    /// An engine configured by the flags.
    fn engine(&self) -> Result<Engine> {
        let mut config = Config::new();
        config.mode(Mode::Interp);
        self.proposals.apply(&mut config)?;
        self.interpreter.apply(&mut config);
        self.bounds.apply(&mut config);
        self.metering.apply(&mut config);
        Engine::new(&config)
    }
}

/// The widest column of IR; longer texts push the words away.
const MAX_TEXT: usize = 48;

/// Prints the code of a function, one line for each instruction.
fn print(out: &mut dyn Write, code: &FunctionCode) -> io::Result<()> {
    let title = code.ir.to_string();
    writeln!(out, "{}", title.lines().next().unwrap_or_default())?;
    let instructions: Vec<CodeInst<'_>> = code.instructions().collect();
    let widest = |width: fn(&CodeInst<'_>) -> usize| instructions.iter().map(width).max().unwrap_or_default();
    let names = widest(|it| it.decoded.name.len());
    let texts = widest(|it| it.decoded.text.len()).min(MAX_TEXT);
    for CodeInst { decoded, words, wasm_offset, .. } in &instructions {
        if let Some(label) = decoded.label {
            writeln!(out, "L{}:", label.0)?;
        }
        let offset = wasm_offset.map(|offset| format!("{offset:#x}")).unwrap_or_default();
        write!(out, "{:>6}  {offset:>8}  {:names$}  {:texts$} ", decoded.word, decoded.name, decoded.text)?;
        for word in *words {
            write!(out, " {word:016x}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
