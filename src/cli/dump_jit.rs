//! `riser dump-jit`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{ArgMatches, Args, Command, FromArgMatches, ValueEnum};
use riser_tiers_core::{CompileRequest, ModuleState};

use crate::fast_jit::FastTier;
use crate::fast_jit::dump::Dump;
use crate::listing::{Line, WasmText, register_ir};
use crate::translator::safepoint::{SafepointKind, SafepointMap};
use crate::translator::{FuncIndex, ParsedModule, parse_module_with};

use super::applies::{self, choose};
use super::engine::{CodeArgs, MeteringArgs, TranslatorArgs};
use super::fast_jit::FastJitArgs;
#[cfg(feature = "llvm")]
use super::llvm::LlvmArgs;
use super::proposals::ProposalArgs;
use super::tier::{TargetCpuArgs, Tier};
use super::{names, out};

/// `riser dump-jit`: the flags, and the tier that they select.
#[derive(Debug)]
pub struct DumpJit {
    flags: Flags,
    tier: Tier,
}

impl Args for DumpJit {
    fn augment_args(command: Command) -> Command {
        Flags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Flags::augment_args_for_update(command)
    }
}

impl FromArgMatches for DumpJit {
    fn from_arg_matches(matches: &ArgMatches) -> Result<DumpJit, clap::Error> {
        let tier = choose(applies::TIERS, matches)?.map_or(Tier::Fast, |(tier, _)| tier);
        Ok(DumpJit { flags: Flags::from_arg_matches(matches)?, tier })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = DumpJit::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Print what a tier makes of a module's functions, step by step
///
/// Four listings a function: its operators, the register IR that the interpreter would run, the IR of Cranelift or LLVM, and
/// machine code. In front of each line is the offset in the module of the operator that it comes from, by which one
/// operator can be followed through all of them.
#[derive(Args, Debug)]
#[command(after_help = "\
Columns of the machine code:
  where the wasm operator is, in the module
  the instruction's offset in the function
  the instruction; after a semicolon, what it calls, where it goes on after an exception, and how it traps

Examples:
  riser dump-jit program.wasm --func main
  riser dump-jit --optimized --bounds explicit program.wat
  riser dump-jit program.wasm --func main --loop 0x53
  riser dump-jit program.wasm --func main --tier llvm --llvm-opt 3
  riser dump-jit program.wasm --func main --only code --target-cpu x86-64
  riser dump-jit --fast-jit-opt none --fast-jit-regalloc single-pass program.wat | grep 0x53")]
struct Flags {
    #[command(flatten)]
    proposals: ProposalArgs,

    #[command(flatten)]
    code: CodeArgs,

    #[command(flatten)]
    translator: TranslatorArgs,

    #[command(flatten)]
    metering: MeteringArgs,

    #[command(flatten)]
    fast_jit: FastJitArgs,

    #[cfg(feature = "llvm")]
    #[command(flatten)]
    llvm: LlvmArgs,

    /// Only this function
    #[arg(long, value_name = "NAME|INDEX")]
    func: Option<String>,

    /// The code that takes over at the loop at this offset in the module, rather than the function's
    #[arg(long = "loop", value_name = "OFFSET", value_parser = offset, requires = "func")]
    loop_offset: Option<u32>,

    /// Whose code; the Fast JIT's unless given, or chosen by a flag that is for one
    #[arg(long, value_parser = Tier::parser())]
    tier: Option<Tier>,

    #[command(flatten)]
    target_cpu: TargetCpuArgs,

    /// Print Cranelift's or LLVM's IR after its optimisations, too
    #[arg(long, conflicts_with = "only")]
    optimized: bool,

    /// Print only this form of a function; can be repeated
    #[arg(long, value_name = "FORM")]
    only: Vec<Form>,

    /// The module, in the binary or the text format; `-` for standard input
    file: PathBuf,
}

/// A form that a function goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Its operators
    Wasm,
    /// The register IR
    RegisterIr,
    /// The IR of Cranelift or LLVM
    TierIr,
    /// The same after its optimisations
    TierIrOptimized,
    /// Machine code
    Code,
}

impl Flags {
    /// Whether to print a form.
    fn shows(&self, form: Form) -> bool {
        match form {
            Form::TierIrOptimized if self.only.is_empty() => self.optimized,
            _ => self.only.is_empty() || self.only.contains(&form),
        }
    }
}

impl DumpJit {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let context = || format!("cannot compile `{}`", self.flags.file.display());
        let bytes = super::read_module(&self.flags.file)?;
        let binary = super::to_binary(bytes, &self.flags.file).with_context(context)?;
        let module = parse_module_with(binary, self.flags.proposals.features()?).with_context(context)?;
        let functions = names::all_or(module.info(), self.flags.func.as_deref())?;
        let listings = self.listings()?;
        let wasm = WasmText::new(module.info()).with_context(context)?;
        out::print(|out| {
            for (nth, function) in functions.into_iter().enumerate() {
                if nth > 0 {
                    writeln!(out)?;
                }
                self.print(out, &module, function, &wasm, &*listings)?;
            }
            Ok(())
        })
    }

    fn print(
        &self,
        out: &mut dyn Write,
        module: &ParsedModule,
        function: FuncIndex,
        wasm: &WasmText<'_>,
        listings: &Listings<'_>,
    ) -> Result<()> {
        let config = self.flags.metering.add_to(self.flags.translator.config());
        // The first line identifies the function.
        let context = || format!("cannot compile `{}`", self.flags.file.display());
        let ir = register_ir(module, function, &config).with_context(context)?;
        if let Some(offset) = self.flags.loop_offset {
            check_loop(module, function, offset)?;
        }
        let state = ModuleState::default();
        let request = self.flags.code.request(module, function, &config, &state);
        let (title, ir) = ir.split_first().context("a function's IR has a title")?;
        writeln!(out, "{title}")?;
        if self.flags.shows(Form::Wasm) {
            section(out, "wasm", wasm.function(function))?;
        }
        if self.flags.shows(Form::RegisterIr) {
            section(out, "register IR", ir.iter().cloned())?;
        }
        let listings = listings(request).with_context(context)?;
        listings.into_iter().try_for_each(|(title, lines)| section(out, &title, lines))
    }

    /// The function that makes the tier's listings.
    fn listings(&self) -> Result<Box<Listings<'_>>> {
        match self.tier {
            Tier::Fast => {
                let tier = self.flags.target_cpu.fast(self.flags.fast_jit.options())?;
                Ok(Box::new(move |request| self.of_fast_jit(&tier, &request)))
            }
            #[cfg(feature = "llvm")]
            Tier::Llvm => {
                let tier = self.flags.target_cpu.llvm(self.flags.llvm.options())?;
                Ok(Box::new(move |request| self.of_llvm(&tier, request)))
            }
        }
    }

    fn of_fast_jit(&self, tier: &FastTier, request: &CompileRequest<'_>) -> Result<Vec<Listing>> {
        let Dump { clif, optimized, code, code_bytes } = tier.dump(request, self.flags.loop_offset)?;
        let lines =
            |lines: Vec<(Option<u32>, String)>| lines.into_iter().map(|(offset, text)| Line { offset, text }).collect();
        let listings = [
            (Form::TierIr, "CLIF".to_owned(), clif),
            (Form::TierIrOptimized, "CLIF, optimised".to_owned(), optimized),
            (Form::Code, format!("machine code, {code_bytes} bytes"), code),
        ];
        let shown = listings.into_iter().filter(|&(form, ..)| self.flags.shows(form));
        Ok(shown.map(|(_, title, listing)| (title, lines(listing))).collect())
    }

    #[cfg(feature = "llvm")]
    fn of_llvm(&self, tier: &crate::llvm::LlvmTier, request: CompileRequest<'_>) -> Result<Vec<Listing>> {
        use crate::llvm::Stage;
        let show = |stage| tier.show(request, stage);
        let mut listings = Vec::new();
        if self.flags.shows(Form::TierIr) {
            listings.push(("LLVM's IR".to_owned(), ir_lines(&show(Stage::Ir)?)));
        }
        if self.flags.shows(Form::TierIrOptimized) {
            listings.push(("LLVM's IR, optimised".to_owned(), ir_lines(&show(Stage::OptimizedIr)?)));
        }
        if self.flags.shows(Form::Code) {
            listings.push(("assembly".to_owned(), assembly_lines(&show(Stage::Assembly)?)));
        }
        Ok(listings)
    }
}

/// A title, and its lines.
type Listing = (String, Vec<Line>);

/// Makes the tier's listings of a function.
type Listings<'a> = dyn Fn(CompileRequest<'_>) -> Result<Vec<Listing>> + 'a;

/// Accepts a hexadecimal offset, with or without `0x`, as listings show it.
fn offset(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u32::from_str_radix(digits, 16).map_err(|_| "expected a hexadecimal offset in the module, such as 0x53".to_owned())
}

/// Checks that a function has a loop at an offset.
fn check_loop(module: &ParsedModule, function: FuncIndex, offset: u32) -> Result<()> {
    let map = SafepointMap::of(module, function)?;
    if map.find(SafepointKind::Loop, offset).is_some() {
        return Ok(());
    }
    let loops = map.sites.iter().filter(|site| site.kind == SafepointKind::Loop);
    let loops: Vec<String> = loops.map(|site| format!("{:#x}", site.offset)).collect();
    match &loops[..] {
        [] => bail!("function {function} has no loops: `--loop` is for one that has"),
        loops => bail!("function {function} has no loop at {offset:#x}; it has loops at {}", loops.join(", ")),
    }
}

/// The lines of a function in LLVM's IR, by the offsets in its debug locations.
#[cfg(feature = "llvm")]
pub(super) fn ir_lines(text: &str) -> Vec<Line> {
    const LOCATION: &str = ", !dbg !";
    let locations = text.lines().filter_map(|line| {
        let (number, location) = line.strip_prefix('!')?.split_once(" = !DILocation(line: ")?;
        Some((number, location.split(',').next()?.parse().ok().filter(|&offset| offset != 0)))
    });
    let locations: std::collections::HashMap<&str, Option<u32>> = locations.collect();
    let lines = text.lines().skip_while(|line| !line.starts_with("define ")).take_while(|line| *line != "}");
    let line = |line: &str| match line.split_once(LOCATION) {
        Some((before, after)) => {
            let (number, rest) = after.split_at(after.find(',').unwrap_or(after.len()));
            Line { offset: locations.get(number).copied().flatten(), text: format!("{before}{rest}") }
        }
        None => Line { offset: None, text: line.to_owned() },
    };
    lines.skip(1).filter(|line| !line.is_empty()).map(line).collect()
}

/// The lines of a function in assembly, by the offsets in its `.loc` directives; without other directives.
#[cfg(feature = "llvm")]
pub(super) fn assembly_lines(text: &str) -> Vec<Line> {
    let mut offset = None;
    let mut found = Vec::new();
    for line in text.lines().skip_while(|line| !line.starts_with(".Lfunc_begin")) {
        let words = line.trim();
        if let Some(location) = words.strip_prefix(".loc") {
            offset = location.split_whitespace().nth(1).and_then(|line| line.parse().ok()).filter(|&line| line != 0);
        } else if words.starts_with(".Lfunc_end") {
            break;
        } else if words.starts_with(".LBB") {
            found.push(Line { offset: None, text: words.to_owned() });
        } else if !words.is_empty() && !words.starts_with(['.', '#']) {
            found.push(Line { offset, text: words.replace('\t', " ") });
        }
    }
    found
}

/// Prints a listing, with the offsets in a column of their own.
fn section(out: &mut dyn Write, title: &str, lines: impl IntoIterator<Item = Line>) -> Result<()> {
    writeln!(out, "\n{title}")?;
    for Line { offset, text } in lines {
        let offset = offset.map(|offset| format!("{offset:#x}")).unwrap_or_default();
        writeln!(out, "{}", format!("{offset:>8}  {text}").trim_end())?;
    }
    Ok(())
}
