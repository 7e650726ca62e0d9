//! `riser dump-ir`.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use riser::translator::ir::print_function;
use riser::translator::module::ModuleInfo;
use riser::translator::parse_module;

use super::engine::TranslatorArgs;

/// Print the register IR of a module's functions
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser dump-ir program.wasm --func main
  diff <(riser dump-ir program.wat) <(riser dump-ir --translator-naive program.wat)")]
pub struct DumpIr {
    #[command(flatten)]
    translator: TranslatorArgs,

    /// Only this function
    #[arg(long, value_name = "NAME|INDEX")]
    func: Option<String>,

    /// The module, in the binary or the text format
    file: PathBuf,
}

impl DumpIr {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let context = || format!("cannot translate `{}`", self.file.display());
        let bytes = super::read_module(&self.file)?;
        let bytes = wat::parse_bytes(&bytes).with_context(context)?;
        let module = parse_module(&*bytes).with_context(context)?;
        let functions = functions(module.info(), self.func.as_deref())?;
        let mut out = BufWriter::new(io::stdout().lock());
        for (nth, function) in functions.into_iter().enumerate() {
            if nth > 0 {
                writeln!(out)?;
            }
            write!(out, "{}", print_function(&module, function, &self.translator.config()).with_context(context)?)?;
        }
        out.flush()?;
        Ok(())
    }
}

/// The functions with code: all, or the one with the given index or name.
pub(super) fn functions(info: &ModuleInfo, name: Option<&str>) -> Result<Vec<u32>> {
    Ok(match name {
        Some(name) => vec![find(info, name)?],
        None => (info.imported_functions..).take(info.bodies.len()).collect(),
    })
}

/// The function with the given index or name.
fn find(info: &ModuleInfo, name: &str) -> Result<u32> {
    let functions = info.functions.len() as u32;
    let found = match name.parse() {
        Ok(index) => Some(index).filter(|&index| index < functions),
        Err(_) => (0..functions).find(|&index| info.func_name(index) == Some(name)),
    };
    match found {
        Some(index) if index < info.imported_functions => bail!("function `{name}` is imported: it has no code"),
        Some(index) => Ok(index),
        None => bail!("the module has no function `{name}`"),
    }
}
