//! `riser explore`: the forms of functions beside each other, as one page of HTML.

mod forms;
mod handler;
mod heat;
mod page;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

use crate::translator::module::ModuleInfo;
use crate::translator::{FuncIndex, parse_module_with};

use super::engine::CodeArgs;
use super::fast_jit::FastJitArgs;
#[cfg(feature = "llvm")]
use super::llvm::LlvmArgs;
use super::out::{self, Contents};
use super::output::keep_inputs;
use super::proposals::ProposalArgs;
use super::tier::TargetCpuArgs;
use super::usage::Misuse;
use super::{STDIN, names};
use forms::Forms;

/// Show what becomes of functions, step by step, as a page of HTML
///
/// The page has a pane for each form of a function: source lines if the module carries DWARF, wasm, register IR, the
/// interpreter's code with the machine code of its handlers, the IR of Cranelift and LLVM, and the machine code of both. The
/// panes are linked by the offsets of wasm operators: point at a line to see its counterparts. The translator's switches can be
/// flipped on the page. It is one file, which needs no network.
///
/// With --heat, lines show how often they were executed, and the hottest functions come first.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser explore program.wasm --func main
  riser profile --heat heat.json program.wasm && riser explore --heat heat.json program.wasm
  riser explore program.wasm --func main --func sort -o page.html --bounds explicit
  riser explore program.wat --llvm-opt 3")]
pub struct Explore {
    /// Only this function; can be repeated. Unless given, all, if they are few, or the hottest
    #[arg(long, value_name = "NAME|INDEX")]
    func: Vec<String>,

    /// The file to write, `-` for standard output; FILE with the ending `.html` unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Show how often each operator was executed, from a file that `riser profile --heat` has written
    #[arg(long, value_name = "FILE")]
    heat: Option<PathBuf>,

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
/// How much of the hottest functions a page has: more than one looks at.
const HOTTEST_BODIES: usize = 8 << 10;

impl Explore {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let context = || format!("cannot translate `{}`", self.file.display());
        if self.output.is_none() && self.file == Path::new(STDIN) {
            bail!(Misuse::new("the module is from standard input: `--output FILE` says where the page goes"));
        }
        let output = self.output.clone().unwrap_or_else(|| self.file.with_extension("html"));
        keep_inputs([&*self.file].into_iter().chain(self.heat.as_deref()), [&*output])?;
        let bytes = super::to_binary(super::read_module(&self.file)?, &self.file).with_context(context)?;
        let module = parse_module_with(bytes, self.proposals.features()?).with_context(context)?;
        let info = module.info();
        let heat = self.heat.as_deref().map(|path| heat::read(path, info)).transpose()?;
        let functions = match (&heat, self.func.is_empty()) {
            (_, false) => self.func.iter().map(|name| names::find(info, name)).collect::<Result<_>>()?,
            (Some(heat), true) => hottest(info, heat),
            (None, true) => names::all_or(info, None)?,
        };
        let size: usize = functions.iter().map(|&it| body(info, it).len()).sum();
        if size > MOST_BODIES {
            let functions = out::counted(functions.len(), "function");
            bail!("{functions} of {size} bytes are too much for a page: choose some by `--func`");
        }
        let forms = Forms::new(&self, &module).with_context(context)?;
        let shown = functions.iter().map(|&it| forms.function(it)).collect::<Result<Vec<_>>>();
        let mut shown = shown.with_context(context)?;
        if let Some(heat) = &heat {
            let all: u64 = heat.values().sum();
            for (function, shown) in functions.iter().zip(&mut shown) {
                let counts: BTreeMap<&u32, &u64> = heat.range(body(info, *function)).collect();
                let share = counts.values().copied().sum::<u64>() as f64 / all.max(1) as f64;
                shown["heat"] = json!({ "share": share, "counts": counts });
            }
        }
        let title = self.file.file_name().map_or_else(|| "module".into(), |name| name.to_string_lossy());
        let page = page::page(&title, &shown, &forms.handlers())?;
        out::write(&output, Contents::Text(page))?;
        if output != Path::new(STDIN) {
            out::tell(format_args!("{} in {}\n", out::counted(functions.len(), "function"), output.display()));
        }
        Ok(())
    }
}

/// The offsets of a function's body; none of an import.
fn body(info: &ModuleInfo, function: FuncIndex) -> Range<u32> {
    info.defined_function(function).map_or(0..0, |it| info.bodies[it.index()].range.clone())
}

/// The functions that executed most, hottest first, as many as a page may have.
fn hottest(info: &ModuleInfo, heat: &BTreeMap<u32, u64>) -> Vec<FuncIndex> {
    let count = |function| heat.range(body(info, function)).map(|(_, count)| count).sum::<u64>();
    let mut functions: Vec<(u64, FuncIndex)> =
        info.defined_functions().map(|it| (count(it), it)).filter(|(count, _)| *count > 0).collect();
    functions.sort_by_key(|&(count, function)| (Reverse(count), function));
    let mut size = 0;
    // The hottest one is there, however large it is.
    let fits = |&function: &FuncIndex| {
        let is_first = size == 0;
        size += body(info, function).len();
        is_first || size <= HOTTEST_BODIES
    };
    functions.into_iter().map(|(_, function)| function).take_while(fits).collect()
}
