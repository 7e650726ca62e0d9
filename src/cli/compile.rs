//! `riser compile`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::fast_jit::{self, RegAlloc};
use crate::{Config, Engine, SharedBytes};

use super::STDIN;
use super::engine::{CodeArgs, MeteringArgs, one_of};
use super::out::{self, Contents};
use super::output::keep_inputs;
use super::progress::Progress;
use super::proposals::ProposalArgs;
use super::tier::{TargetCpuArgs, Tier};
use super::usage::Misuse;

/// Compile a module ahead of time, to a file for `riser run`
///
/// The file starts at once: nothing is validated or compiled when it is run. It holds the module, too, so that it
/// needs no other file. It is an ELF object, into which `objdump -d` and the like can look. To run it takes
/// `riser run --allow-precompiled`: what machine code does cannot be checked.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  riser compile program.wasm -o program.aot && riser run --allow-precompiled program.aot
  riser compile program.wasm -o program.aot --target-cpu x86-64
  riser compile program.wasm -o program.aot --consume-fuel && riser run --allow-precompiled --fuel 1000000 program.aot")]
pub struct Compile {
    /// The module, in the binary or the text format; `-` for standard input
    file: PathBuf,

    /// The file to write, `-` for standard output; FILE with the ending `.aot` unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// What compiles: Cranelift (`fast`) or LLVM (`llvm`); LLVM if it is compiled in
    #[arg(long, value_parser = Tier::parser())]
    tier: Option<Tier>,

    /// How much work goes into a function; 2 unless given. Cranelift knows 0 and more
    #[arg(long, value_name = "LEVEL", value_parser = level())]
    opt_level: Option<u8>,

    #[command(flatten)]
    target_cpu: TargetCpuArgs,

    /// What to write: the file for `riser run`, which is an object file, or what LLVM makes on the way to it
    #[arg(long, value_name = "WHAT", default_value = "obj", value_parser = one_of(Emit::ALL, Emit::name))]
    emit: Emit,

    #[command(flatten)]
    proposals: ProposalArgs,

    #[command(flatten)]
    code: CodeArgs,

    #[command(flatten)]
    metering: MeteringArgs,

    /// Threads that compile; as many as there are cores unless given, or 0
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
}

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Emit {
    /// LLVM's IR.
    LlvmIr,
    /// The same after its optimisations.
    OptimizedLlvmIr,
    /// LLVM's assembly.
    Assembly,
    /// The file for `riser run`.
    Object,
}

impl Emit {
    /// All, in the order in which help lists them.
    const ALL: &[Emit] = &[Emit::LlvmIr, Emit::OptimizedLlvmIr, Emit::Assembly, Emit::Object];

    /// The value of the flag.
    fn name(self) -> &'static str {
        match self {
            Emit::LlvmIr => "llvm-ir",
            Emit::OptimizedLlvmIr => "llvm-ir-opt",
            Emit::Assembly => "asm",
            Emit::Object => "obj",
        }
    }

    /// How the file's name ends, unless it is given.
    fn ending(self) -> &'static str {
        match self {
            Emit::LlvmIr | Emit::OptimizedLlvmIr => "ll",
            Emit::Assembly => "s",
            Emit::Object => "aot",
        }
    }

    /// LLVM's form of a function to list; `None` for the file that has all of them.
    #[cfg(feature = "llvm")]
    fn stage(self) -> Option<crate::llvm::Stage> {
        use crate::llvm::Stage;
        match self {
            Emit::LlvmIr => Some(Stage::Ir),
            Emit::OptimizedLlvmIr => Some(Stage::OptimizedIr),
            Emit::Assembly => Some(Stage::Assembly),
            Emit::Object => None,
        }
    }
}

/// Accepts a level of optimisation.
fn level() -> impl TypedValueParser<Value = u8> {
    PossibleValuesParser::new(["0", "1", "2", "3"]).map(|level| level.as_bytes()[0] - b'0')
}

impl Compile {
    /// Runs the subcommand.
    pub fn execute(self) -> Result<()> {
        let tier = self.tier.unwrap_or(Tier::ALL[Tier::ALL.len() - 1]);
        let output = self.output()?;
        if self.emit == Emit::Object {
            out::refuse_terminal(&output)?;
        }
        let bytes = super::read_file(&self.file)?;
        if Engine::detect_precompiled(&bytes) {
            bail!("`{}` has been compiled already", self.file.display());
        }
        keep_inputs([&*self.file], [&*output])?;
        let compiled = match self.emit {
            Emit::Object => self.compile(tier, bytes).map(Contents::Bytes),
            Emit::LlvmIr | Emit::OptimizedLlvmIr | Emit::Assembly => self.listing(tier, bytes).map(Contents::Text),
        };
        out::write(&output, compiled.with_context(|| format!("cannot compile `{}`", self.file.display()))?)
    }

    fn output(&self) -> Result<PathBuf> {
        if self.output.is_none() && self.file == Path::new(STDIN) {
            bail!(Misuse::new("the module is from standard input: `--output FILE` says where the file goes"));
        }
        // What `program.wasm.gz` holds is `program.wasm`.
        let file = if self.file.extension().is_some_and(|it| it == "gz") {
            self.file.with_extension("")
        } else {
            self.file.clone()
        };
        Ok(self.output.clone().unwrap_or_else(|| file.with_extension(self.emit.ending())))
    }

    /// The configuration from the flags.
    fn config(&self, tier: Tier) -> Result<Config> {
        let mut config = Config::new();
        config.mode(tier.mode()).parallel_compilation(self.jobs.unwrap_or(0));
        self.proposals.apply(&mut config)?;
        self.metering.apply(&mut config);
        self.code.apply(&mut config);
        match tier {
            Tier::Fast => {
                let opt_level = match self.opt_level {
                    Some(0) => fast_jit::OptLevel::None,
                    None | Some(1..) => fast_jit::OptLevel::Speed,
                };
                let options = fast_jit::Options { opt_level, regalloc: RegAlloc::default() };
                config.tier(Arc::new(self.target_cpu.fast(options)?));
            }
            #[cfg(feature = "llvm")]
            Tier::Llvm => {
                config.tier(Arc::new(self.llvm()?));
            }
        }
        Ok(config)
    }

    fn compile(&self, tier: Tier, bytes: SharedBytes) -> Result<Vec<u8>> {
        let mut config = self.config(tier)?;
        let _progress = Progress::add_to(&mut config);
        let binary = super::to_binary(bytes, &self.file)?;
        Engine::new(&config)?.precompile_owned_module(binary)
    }

    /// LLVM, with the settings from the flags.
    #[cfg(feature = "llvm")]
    fn llvm(&self) -> Result<crate::llvm::LlvmTier> {
        use crate::llvm::{OptLevel, Options};
        let opt_level = self.opt_level.map_or(OptLevel::default(), |level| OptLevel::ALL[usize::from(level)]);
        self.target_cpu.llvm(Options { opt_level })
    }

    /// LLVM's form of each function, one after the other.
    #[cfg(feature = "llvm")]
    fn listing(&self, tier: Tier, bytes: SharedBytes) -> Result<String> {
        use crate::llvm::Stage;
        use crate::translator::parse_module_with;
        use crate::translator::shown::label;
        use riser_tiers_core::ModuleState;
        let what = self.emit.name();
        if tier != Tier::Llvm {
            bail!(Misuse::new(format!("`--emit {what}` shows what LLVM makes: use `--tier llvm`")));
        }
        if self.jobs.is_some_and(|jobs| jobs != 1) {
            bail!(Misuse::new(format!("`--jobs` does nothing with `--emit {what}`, which shows functions one by one")));
        }
        let stage = self.emit.stage().context("an object file is no listing")?;
        let config = self.config(tier)?;
        let binary = super::to_binary(bytes, &self.file)?;
        crate::Module::validate_owned(&Engine::new(&config)?, binary.clone())?;
        let (llvm, module) = (self.llvm()?, parse_module_with(binary, config.features())?);
        let switches = config.translator_config();
        let (info, state) = (module.info(), ModuleState::default());
        let comment = if stage == Stage::Assembly { '#' } else { ';' };
        let mut text = String::new();
        for function in info.defined_functions() {
            let name = label(info.func_name(function).unwrap_or_default());
            text += &format!("{comment} function {function} {name}\n");
            let request = self.code.request(&module, function, &switches, &state);
            match llvm.show(request, stage) {
                Ok(shown) => text += &shown,
                Err(why) => text += &format!("{comment} {why}"),
            }
            text += "\n";
        }
        Ok(text)
    }

    #[cfg(not(feature = "llvm"))]
    fn listing(&self, _tier: Tier, _bytes: SharedBytes) -> Result<String> {
        let what = self.emit.name();
        bail!(Misuse::new(format!(
            "`--emit {what}` shows what LLVM makes, which is not compiled in; needs the cargo feature `llvm`"
        )))
    }
}
