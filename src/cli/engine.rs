//! The flags that configure an engine, the same for every subcommand that runs code.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use riser::{Bounds, Compilation, Config, Dispatch, Engine, Mode, TranslatorConfig};

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
use super::fast_jit::FastJitArgs;
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
use super::llvm::LlvmArgs;
use super::quantity;
use super::tiering::TieringArgs;

/// How code runs.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Engine")]
pub struct EngineArgs {
    /// Running mode; `riser modes` lists what is compiled in
    #[arg(long, value_parser = one_of(Mode::ALL, Mode::name))]
    mode: Option<Mode>,

    /// How the register interpreter gets from one instruction to the next
    #[arg(long, value_name = "STRATEGY", value_parser = one_of(Dispatch::ALL, Dispatch::name))]
    dispatch: Option<Dispatch>,

    /// How accesses to memories are kept in bounds
    #[arg(long, value_name = "STRATEGY", value_parser = one_of(Bounds::ALL, Bounds::name))]
    bounds: Option<Bounds>,

    /// When functions are validated and translated
    #[arg(long, value_name = "WHEN", value_parser = compilation())]
    compile: Option<Compilation>,

    /// Threads that validate and translate with the module; 0 for as many as there are cores
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,

    /// Keep machine code in a folder, $XDG_CACHE_HOME/riser or ~/.cache/riser unless given, and take it from there the
    /// next time; with `--mode` fast-jit, llvm-jit or aot
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true)]
    cache: Option<Option<PathBuf>>,

    /// Size that the cache's files take at most, such as 100MiB; 512MiB unless given. Those used longest ago are removed
    #[arg(long, value_name = "SIZE", value_parser = quantity::size, requires = "cache")]
    cache_limit: Option<u64>,

    /// Size of the value stack, such as 1MiB; 8MiB unless given
    #[arg(long, value_name = "SIZE", value_parser = quantity::size)]
    max_stack: Option<u64>,

    #[command(flatten)]
    translator: TranslatorArgs,

    #[command(flatten)]
    tiering: TieringArgs,

    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    #[command(flatten)]
    fast_jit: FastJitArgs,

    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    #[command(flatten)]
    llvm: LlvmArgs,
}

/// What the translator does.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Translator")]
pub struct TranslatorArgs {
    /// Turn every optimisation of the translator off
    #[arg(long)]
    translator_naive: bool,

    /// Turn an optimisation of the translator off; can be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = switch())]
    translator_off: Vec<String>,

    /// Turn an optimisation of the translator on, after `--translator-naive`; can be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = switch())]
    translator_on: Vec<String>,
}

impl TranslatorArgs {
    /// The translator's switches. Instrumentation is off.
    pub fn config(&self) -> TranslatorConfig {
        let mut config = match self.translator_naive {
            true => TranslatorConfig::naive(),
            false => TranslatorConfig::optimized(),
        };
        for (names, on) in [(&self.translator_off, false), (&self.translator_on, true)] {
            for name in names {
                let known = config.set(name, on);
                debug_assert!(known, "the command line accepts only known switches");
            }
        }
        config
    }
}

impl EngineArgs {
    /// A configuration as the flags say.
    pub fn config(&self) -> Result<Config> {
        let mut config = Config::new();
        config.tier_policy(self.tiering.policy()?);
        config.translator(self.translator.config()).parallel_compilation(self.jobs);
        if let Some(mode) = self.mode {
            config.mode(mode);
        }
        if let Some(dispatch) = self.dispatch {
            config.dispatch(dispatch);
        }
        if let Some(bounds) = self.bounds {
            config.bounds(bounds);
        }
        if let Some(compile) = self.compile {
            config.compilation(compile);
        }
        if let Some(folder) = &self.cache {
            if !matches!(self.mode, Some(Mode::FastJit | Mode::LlvmJit | Mode::Aot)) {
                bail!("`--cache` keeps what is compiled as a whole: use it with `--mode` fast-jit, llvm-jit or aot");
            }
            config.cache(folder.clone().map_or_else(cache_folder, Ok)?);
        }
        if let Some(bytes) = self.cache_limit {
            config.cache_limit(bytes);
        }
        if let Some(bytes) = self.max_stack {
            config.max_wasm_stack(usize::try_from(bytes)?);
        }
        #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
        self.fast_jit.apply(&mut config)?;
        #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
        self.llvm.apply(&mut config)?;
        Ok(config)
    }

    /// The translator's switches as the flags say.
    pub fn switches(&self) -> TranslatorConfig {
        self.translator.config()
    }

    /// Whether the flags ask for a mode that compiles nothing.
    pub fn is_interpreted(&self) -> bool {
        matches!(self.mode, Some(Mode::Interp | Mode::Classic))
    }

    /// The strategy to keep accesses in bounds, if the flags say one.
    pub fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }

    /// The Fast JIT's settings as the flags say.
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    pub fn fast_jit_options(&self) -> riser::fast_jit::Options {
        self.fast_jit.options()
    }

    /// LLVM's settings as the flags say.
    #[cfg(all(feature = "fast-jit", feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    pub fn llvm_options(&self) -> riser::llvm::Options {
        self.llvm.options()
    }

    /// An engine as the flags say.
    pub fn engine(&self) -> Result<Engine> {
        let config = self.config()?;
        Engine::new(&config)
    }
}

/// Where the user's machine code is kept.
fn cache_folder() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    Ok(base.context("neither XDG_CACHE_HOME nor HOME is set: use `--cache=DIR`")?.join("riser"))
}

/// Accepts the name of one of the values.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    values: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(values.iter().map(|&value| name(value))).map(move |given| {
        let found = values.iter().find(|&&value| name(value) == given);
        *found.expect("the parser accepts only these names")
    })
}

/// Accepts a time of compilation.
fn compilation() -> impl TypedValueParser<Value = Compilation> {
    PossibleValuesParser::new([
        PossibleValue::new("lazy").help("Both at the function's first call"),
        PossibleValue::new("lazy-translation").help("Validated with the module, translated at the first call"),
        PossibleValue::new("speculative")
            .help("As before; what a compiled function calls is compiled in the background"),
        PossibleValue::new("eager").help("Both with the module"),
    ])
    .map(|given| match &*given {
        "lazy" => Compilation::Lazy,
        "speculative" => Compilation::Speculative,
        "eager" => Compilation::Eager,
        _ => Compilation::LazyTranslation,
    })
}

/// Accepts the name of a switch of the translator.
fn switch() -> impl TypedValueParser<Value = String> {
    let switches = TranslatorConfig::SWITCHES.iter();
    PossibleValuesParser::new(switches.map(|&(name, help)| PossibleValue::new(name).help(help)))
}
