//! `riser dump-jit`.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use riser::Bounds;
use riser::fast_jit::FastTier;
use riser::fast_jit::dump::Dump;
use riser::listing::{Line, WasmText, register_ir};
use riser::translator::{ParsedModule, parse_module};
use riser_tiers_core::{CompileRequest, ModuleState};

use super::dump_ir::functions;
use super::engine::EngineArgs;

/// Print what the Fast JIT makes of a module's functions, step by step
///
/// Four listings a function: its operators, the register IR that the interpreter would run, Cranelift's IR, and
/// machine code. In front of each line is the offset in the module of the operator that it comes from, by which one
/// operator can be followed through all of them.
#[derive(Args, Debug)]
#[command(after_help = "\
Columns of the machine code:
  where the wasm operator is, in the module
  the instruction's offset in the function
  the instruction; after a semicolon, what it calls and how it traps

Examples:
  riser dump-jit program.wasm --func main
  riser dump-jit --optimized --bounds explicit program.wat
  riser dump-jit program.wasm --func main --loop 0x53
  riser dump-jit --fast-jit-opt none --fast-jit-regalloc single-pass program.wat | grep 0x53")]
pub struct DumpJit {
    #[command(flatten)]
    engine: EngineArgs,

    /// Only this function
    #[arg(long, value_name = "NAME|INDEX")]
    func: Option<String>,

    /// The code that takes over at the loop at this offset in the module, rather than the function's
    #[arg(long = "loop", value_name = "OFFSET", value_parser = offset, requires = "func")]
    loop_offset: Option<u32>,

    /// Print Cranelift's IR after its optimisations, too
    #[arg(long)]
    optimized: bool,

    /// The module, in the binary or the text format
    file: PathBuf,
}

impl DumpJit {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let context = || format!("cannot compile `{}`", self.file.display());
        let bytes = super::read_module(&self.file)?;
        let bytes = wat::parse_bytes(&bytes).with_context(context)?;
        let module = parse_module(&*bytes).with_context(context)?;
        let functions = functions(module.info(), self.func.as_deref())?;
        let tier = FastTier::new(self.engine.fast_jit_options()).map_err(anyhow::Error::msg)?;
        let wasm = WasmText::new(&module).with_context(context)?;
        let mut out = BufWriter::new(io::stdout().lock());
        for (nth, function) in functions.into_iter().enumerate() {
            if nth > 0 {
                writeln!(out)?;
            }
            self.print(&mut out, &module, function, &wasm, &tier).with_context(context)?;
        }
        out.flush()?;
        Ok(())
    }

    fn print(
        &self,
        out: &mut impl Write,
        module: &ParsedModule,
        function: u32,
        wasm: &WasmText<'_>,
        tier: &FastTier,
    ) -> Result<()> {
        let config = self.engine.switches();
        // The first line says which function it is.
        let ir = register_ir(module, function, &config)?;
        let guard_pages = self.engine.bounds() != Some(Bounds::Explicit);
        let state = ModuleState::default();
        let request = CompileRequest { module, function, config: &config, guard_pages, counters: None, state: &state };
        let dump = tier.dump(&request, self.loop_offset)?;
        let (title, ir) = ir.split_first().context("a function's IR has a title")?;
        writeln!(out, "{title}")?;
        section(out, "wasm", wasm.function(function))?;
        section(out, "register IR", ir.iter().cloned())?;
        let Dump { clif, optimized, code, code_bytes } = dump;
        let lines = |lines: Vec<(Option<u32>, String)>| lines.into_iter().map(|(offset, text)| Line { offset, text });
        section(out, "CLIF", lines(clif))?;
        if self.optimized {
            section(out, "CLIF, optimised", lines(optimized))?;
        }
        section(out, &format!("machine code, {code_bytes} bytes"), lines(code))
    }
}

/// Accepts an offset, with `0x` or without in hexadecimal: as listings have them.
fn offset(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u32::from_str_radix(digits, 16).map_err(|error| error.to_string())
}

/// Prints a listing, offsets in a column of their own.
fn section(out: &mut impl Write, title: &str, lines: impl IntoIterator<Item = Line>) -> Result<()> {
    writeln!(out, "\n{title}")?;
    for Line { offset, text } in lines {
        let offset = offset.map(|offset| format!("{offset:#x}")).unwrap_or_default();
        writeln!(out, "{}", format!("{offset:>8}  {text}").trim_end())?;
    }
    Ok(())
}
