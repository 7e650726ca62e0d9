//! `riser explore`: the forms of functions beside each other, as one page of HTML.

mod forms;
mod handler;
mod page;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::translator::parse_module_with;

use super::engine::CodeArgs;
use super::fast_jit::FastJitArgs;
#[cfg(feature = "llvm")]
use super::llvm::LlvmArgs;
use super::proposals::ProposalArgs;
use super::tier::TargetCpuArgs;
use super::{names, out};
use forms::Forms;

/// Show what becomes of functions, step by step, as a page of HTML
///
/// The page has a pane for each form of a function: source lines if the module carries DWARF, wasm, register IR, the
/// interpreter's code with the machine code of its handlers, the IR of Cranelift and LLVM, and the machine code of both. The
/// panes are linked by the offsets of wasm operators: point at a line to see its counterparts. The translator's switches can be
/// flipped on the page. It is one file, which needs no network.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser explore program.wasm --func main
  riser explore program.wasm --func main --func sort -o page.html --bounds explicit
  riser explore program.wat --llvm-opt 3")]
pub struct Explore {
    /// Only this function; can be repeated. Unless given, all, if they are few
    #[arg(long, value_name = "NAME|INDEX")]
    func: Vec<String>,

    /// The file to write; FILE with the ending `.html` unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    proposals: ProposalArgs,

    #[command(flatten)]
    code: CodeArgs,

    #[command(flatten)]
    fast_jit: FastJitArgs,

    #[cfg(feature = "llvm")]
    #[command(flatten)]
    llvm: LlvmArgs,

    #[command(flatten)]
    target_cpu: TargetCpuArgs,

    /// The module, in the binary or the text format; `-` for standard input
    file: PathBuf,
}

/// The largest size of bodies, in bytes, for which a page has all functions: the forms take some hundred times as much.
const MOST_BODIES: usize = 64 << 10;

impl Explore {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let context = || format!("cannot translate `{}`", self.file.display());
        let bytes = super::to_binary(super::read_module(&self.file)?).with_context(context)?;
        let module = parse_module_with(bytes, self.proposals.features()?).with_context(context)?;
        let info = module.info();
        let functions = match self.func.is_empty() {
            true => names::all_or(info, None)?,
            false => self.func.iter().map(|name| names::find(info, name)).collect::<Result<_>>()?,
        };
        let size: usize = functions
            .iter()
            .filter_map(|&it| info.defined_function(it))
            .map(|it| info.bodies[it.index()].range.len())
            .sum();
        if size > MOST_BODIES {
            bail!("{} functions of {size} bytes are too much for a page: choose some by `--func`", functions.len());
        }
        let forms = Forms::new(&self, &module)?;
        let functions = functions.into_iter().map(|it| forms.function(it)).collect::<Result<Vec<_>>>()?;
        let title = self.file.file_name().map_or_else(|| "module".into(), |name| name.to_string_lossy());
        let page = page::page(&title, &functions, &forms.handlers())?;
        let output = self.output.clone().unwrap_or_else(|| self.file.with_extension("html"));
        fs::write(&output, page).with_context(|| format!("cannot write `{}`", output.display()))?;
        out::tell(format_args!("{} functions in {}\n", functions.len(), output.display()));
        Ok(())
    }
}
