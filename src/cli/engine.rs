//! The flags that configure an engine, the same for every subcommand that runs code.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgMatches, Args, Command, FromArgMatches};
use riser_lab::quantity;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
use riser_tiers_core::{CompileRequest, ModuleState};

use crate::modes;
use crate::policy::FunctionPattern;
use crate::translator::module::ModuleInfo;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
use crate::translator::{FuncIndex, ParsedModule};
use crate::{Bounds, Compilation, Config, Dispatch, Engine, Mode, Proposal, TranslatorConfig};

use super::applies::{self, choose};
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
use super::fast_jit::{FastJitArgs, ProfilerArgs};
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
use super::llvm::LlvmArgs;
use super::names;
use super::out;
use super::output;
use super::proposals::ProposalArgs;
use super::tiering::TieringArgs;

/// How code runs: the flags, and the mode that they select.
#[derive(Clone, Debug)]
pub struct EngineArgs {
    flags: EngineFlags,
    mode: Option<Mode>,
    /// The flag that chose the mode, if it was not `--mode`.
    implied_by: Option<String>,
}

impl Args for EngineArgs {
    fn augment_args(command: Command) -> Command {
        EngineFlags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        EngineFlags::augment_args_for_update(command)
    }
}

impl FromArgMatches for EngineArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<EngineArgs, clap::Error> {
        EngineArgs::from_arg_matches_mut(&mut matches.clone())
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<EngineArgs, clap::Error> {
        let (mode, implied_by) = choose(applies::MODES, matches)?.unzip();
        Ok(EngineArgs { flags: EngineFlags::from_arg_matches_mut(matches)?, mode, implied_by: implied_by.flatten() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = EngineArgs::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The flags.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Engine")]
struct EngineFlags {
    /// Running mode, see `riser modes`; flags that are for one mode choose it
    #[arg(long, help_heading = None, value_parser = mode())]
    mode: Option<Mode>,

    #[command(flatten)]
    proposals: ProposalArgs,

    #[command(flatten)]
    code: CodeArgs,

    /// When functions are validated and translated
    #[arg(long, value_name = "WHEN", value_parser = compilation())]
    compile: Option<Compilation>,

    /// Threads that validate, translate and compile before the program starts; 0 for as many as there are cores
    ///
    /// Unless given, as many as there are cores if functions are compiled to machine code with the module (mode aot, `--compile eager`,
    /// `--cache`) or ahead of their calls (`--compile speculative`), else 1.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,

    /// Keep machine code in a folder for the next time
    ///
    /// In the modes aot, fast-jit and llvm-jit. The folder is $XDG_CACHE_HOME/riser or ~/.cache/riser unless given. The modules are compiled whole.
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, help_heading = None)]
    cache: Option<Option<PathBuf>>,

    /// Size that the cache's files take at most, such as 100MiB; 512MiB unless given. Those used longest ago are removed
    #[arg(long, value_name = "SIZE", value_parser = quantity::size, requires = "cache")]
    cache_limit: Option<u64>,

    /// Size of the value stack, such as 1MiB; 8MiB unless given
    #[arg(long, value_name = "SIZE", value_parser = quantity::size)]
    max_stack: Option<u64>,

    #[command(flatten)]
    interpreter: InterpreterArgs,

    #[command(flatten)]
    tiering: TieringArgs,

    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    #[command(flatten)]
    fast_jit: FastJitArgs,

    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    #[command(flatten)]
    llvm: LlvmArgs,

    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    #[command(flatten)]
    profilers: ProfilerArgs,
}

/// How memories are kept apart from everything else, in any code.
#[derive(Args, Clone, Debug)]
pub struct BoundsArgs {
    /// How accesses to memories are kept in bounds
    #[arg(long, value_name = "STRATEGY", value_parser = one_of(Bounds::ALL, Bounds::name))]
    pub bounds: Option<Bounds>,
}

impl BoundsArgs {
    /// Applies the flags to a configuration.
    pub fn apply(&self, config: &mut Config) {
        if let Some(bounds) = self.bounds {
            config.bounds(bounds);
        }
    }
}

/// What compilers make code for.
#[derive(Args, Clone, Debug)]
pub struct CodeArgs {
    #[command(flatten)]
    pub bounds: BoundsArgs,

    #[command(flatten)]
    spectre: SpectreArgs,

    #[command(flatten)]
    relaxed: RelaxedArgs,

    /// Make code that keeps a copy of its frames in memory, for `riser run --snapshot`
    #[arg(long)]
    snapshots: bool,
}

impl CodeArgs {
    /// Applies the flags to a configuration, after those of [`MeteringArgs`].
    pub fn apply(&self, config: &mut Config) {
        self.bounds.apply(config);
        config.spectre_guards(self.spectre.guards());
        config.relaxed_simd_deterministic(self.relaxed.deterministic());
        if self.snapshots {
            // Snapshots are taken at polls.
            config.snapshots(true).epoch_interruption(true);
        }
    }

    /// The request to compile a function, by itself.
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    pub fn request<'a>(
        &self,
        module: &'a ParsedModule,
        function: FuncIndex,
        config: &'a TranslatorConfig,
        state: &'a ModuleState,
    ) -> CompileRequest<'a> {
        CompileRequest {
            module,
            function,
            config,
            guard_pages: self.bounds.bounds != Some(Bounds::Explicit),
            spectre_guards: self.spectre.guards(),
            relaxed_simd_deterministic: self.relaxed.deterministic(),
            snapshots: self.snapshots,
            counters: None,
            probes: None,
            is_above: false,
            state,
        }
    }
}

/// What compiled code does against speculation.
#[derive(Args, Clone, Debug)]
struct SpectreArgs {
    /// Whether compiled code keeps accesses in bounds also while the processor speculates (Spectre); on unless given
    #[arg(long, value_name = "SWITCH", value_parser = on_or_off())]
    spectre: Option<bool>,
}

impl SpectreArgs {
    /// Whether speculative accesses have to stay in bounds.
    fn guards(&self) -> bool {
        self.spectre.unwrap_or(true)
    }
}

/// What relaxed vector operators compute in compiled code.
#[derive(Args, Clone, Debug)]
struct RelaxedArgs {
    /// Results of relaxed vector operators in compiled code: those of the deterministic profile, unless given, or what
    /// the machine computes fastest
    #[arg(long, value_name = "RESULTS", value_parser = deterministic())]
    relaxed_simd: Option<bool>,
}

impl RelaxedArgs {
    /// Whether the results are those of the deterministic profile.
    fn deterministic(&self) -> bool {
        self.relaxed_simd.unwrap_or(true)
    }
}

/// What the register interpreter does.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Register interpreter")]
pub struct InterpreterArgs {
    /// How the register interpreter gets from one instruction to the next
    #[arg(long, value_name = "STRATEGY", value_parser = one_of(Dispatch::ALL, Dispatch::name))]
    dispatch: Option<Dispatch>,

    #[command(flatten)]
    translator: TranslatorArgs,

    /// Optimise these functions only, by name or index, and translate all others with every optimisation off; can be
    /// repeated
    #[arg(long, value_name = "FUNCTION", value_delimiter = ',')]
    translator_filter: Vec<String>,
}

impl InterpreterArgs {
    /// Applies the flags to a configuration.
    pub fn apply(&self, config: &mut Config) {
        config.translator(self.translator.config());
        config.translator_filter(self.translator_filter.iter().map(|text| FunctionPattern::from(&**text)).collect());
        if let Some(dispatch) = self.dispatch {
            config.dispatch(dispatch);
        }
    }

    /// Checks that one of the modules, the program's first, has the functions that the flags name.
    pub fn check_names(&self, modules: &[&ModuleInfo]) -> Result<()> {
        let mut names = self.translator_filter.iter();
        names.try_for_each(|name| names::find_in_any(modules, name).context("`--translator-filter`"))
    }
}

/// What the translator does.
#[derive(Args, Clone, Debug)]
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

/// What code is made to be metered by.
#[derive(Args, Clone, Copy, Debug)]
pub struct MeteringArgs {
    /// Make code that counts fuel, for `riser run --fuel`
    #[arg(long)]
    consume_fuel: bool,

    /// Make code that can be interrupted, for `riser run --timeout`
    #[arg(long)]
    epoch_interruption: bool,
}

impl MeteringArgs {
    /// Applies the flags to a configuration.
    pub fn apply(self, config: &mut Config) {
        config.consume_fuel(self.consume_fuel).epoch_interruption(self.epoch_interruption);
    }

    /// The translator's switches, with the metering that the flags select.
    pub fn add_to(self, config: TranslatorConfig) -> TranslatorConfig {
        TranslatorConfig { fuel: self.consume_fuel, epoch: self.epoch_interruption, ..config }
    }
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
    /// The folder of the cache, if there is to be one.
    pub fn cache(&self) -> Result<Option<PathBuf>> {
        self.flags.cache.clone().map(|folder| folder.map_or_else(cache_folder, Ok)).transpose()
    }

    /// The configuration from the flags.
    pub fn config(&self) -> Result<Config> {
        let EngineFlags {
            mode: _,
            proposals,
            code,
            compile,
            jobs,
            cache: _,
            cache_limit,
            max_stack,
            interpreter,
            tiering,
            ..
        } = &self.flags;
        let mut config = Config::new();
        config.tier_policy(tiering.policy()?);
        config.parallel_compilation(jobs.unwrap_or(if self.compiles_modules() { 0 } else { 1 }));
        proposals.apply(&mut config)?;
        code.apply(&mut config);
        interpreter.apply(&mut config);
        if let Some(mode) = self.mode {
            config.mode(mode);
        }
        if let Some(compile) = *compile {
            config.compilation(compile);
        }
        if let Some(folder) = self.cache()? {
            config.cache(folder);
        }
        if let Some(bytes) = *cache_limit {
            config.cache_limit(bytes);
        }
        if let Some(bytes) = *max_stack {
            config.max_wasm_stack(usize::try_from(bytes)?);
        }
        #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
        {
            self.flags.fast_jit.apply(&mut config)?;
            self.flags.profilers.apply(&mut config)?;
        }
        #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
        self.flags.llvm.apply(&mut config)?;
        Ok(config)
    }

    /// The translator's switches from the flags.
    pub fn switches(&self) -> TranslatorConfig {
        self.flags.interpreter.translator.config()
    }

    /// The dispatch strategy, if the flags give one.
    pub fn dispatch(&self) -> Option<Dispatch> {
        self.flags.interpreter.dispatch
    }

    /// Whether the flags select a mode that compiles nothing.
    pub fn is_interpreted(&self) -> bool {
        matches!(self.mode, Some(Mode::Interp | modes::CLASSIC))
    }

    /// Whether the flags have machine code made of whole modules, or of functions before they are called.
    pub fn compiles_modules(&self) -> bool {
        let early = matches!(self.flags.compile, Some(Compilation::Eager | Compilation::Speculative));
        !self.is_interpreted() && (early || self.flags.cache.is_some() || self.mode == Some(Mode::Aot))
    }

    /// The bounds strategy, if the flags give one.
    pub fn bounds(&self) -> Option<Bounds> {
        self.flags.code.bounds.bounds
    }

    /// Whether the flags let modules use a proposal.
    pub fn allow(&self, proposal: Proposal) -> Result<bool> {
        self.flags.proposals.allow(proposal)
    }

    /// The mode, if the flags give or choose one.
    pub fn mode(&self) -> Option<Mode> {
        self.mode
    }

    /// The flag that chose the mode, if it was not `--mode`.
    pub fn implied_by(&self) -> Option<&str> {
        self.implied_by.as_deref()
    }

    /// An engine configured by the flags.
    pub fn engine(&self) -> Result<Engine> {
        let config = self.config()?;
        Engine::new(&config)
    }

    /// Checks that one of the modules, the program's first, has the functions that the flags name.
    pub fn check_names(&self, modules: &[&ModuleInfo]) -> Result<()> {
        self.flags.interpreter.check_names(modules)?;
        self.flags.tiering.check_names(modules)
    }

    /// Checks that neither these outputs nor those of the flags are files that are read: these inputs, and those of the flags.
    pub fn keep_inputs<'a>(
        &'a self,
        inputs: impl IntoIterator<Item = &'a Path>,
        outputs: impl IntoIterator<Item = &'a Path>,
    ) -> Result<()> {
        let inputs: Vec<&Path> = inputs.into_iter().chain(self.flags.tiering.inputs()).collect();
        output::keep_inputs(inputs, outputs.into_iter().chain(self.flags.tiering.outputs()))
    }

    /// Says so if the cache that the flags ask for cannot be used, when modules have been loaded.
    pub fn tell_of_cache(&self, engine: &Engine) {
        if let Some(why) = engine.why_not_cached() {
            out::tell(format!("Note: {why}; the next run compiles again\n"));
        }
    }

    /// Checks that the logs that the flags ask for are whole, when the program has ended.
    pub fn check_logs(&self) -> Result<()> {
        self.flags.tiering.check_log()
    }
}

/// The folder that caches the user's machine code.
fn cache_folder() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    Ok(base.context("neither XDG_CACHE_HOME nor HOME is set: use `--cache=DIR`")?.join("riser"))
}

/// Accepts the name of one of `values`.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    values: impl AsRef<[T]> + Clone + Send + Sync + 'static,
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    one_of_or(values, name, |_| None)
}

/// As [`one_of`]. A value may have another name, which no list shows.
pub(super) fn one_of_or<T: Copy + Send + Sync + 'static>(
    values: impl AsRef<[T]> + Clone + Send + Sync + 'static,
    name: fn(T) -> &'static str,
    other: fn(T) -> Option<&'static str>,
) -> impl TypedValueParser<Value = T> {
    let names = values.as_ref().iter().map(|&value| PossibleValue::new(name(value)).aliases(other(value)));
    PossibleValuesParser::new(names).map(move |given| {
        let found = values.as_ref().iter().find(|&&value| name(value) == given || other(value) == Some(&given));
        *found.expect("the parser accepts only these names")
    })
}

/// Accepts the name of a mode. That of a tier's mode may be short, as `--tier` has it.
pub(super) fn mode() -> impl TypedValueParser<Value = Mode> {
    const SHORT: [(Mode, &str); 2] = [(modes::FAST_JIT, "fast"), (modes::LLVM_JIT, "llvm")];
    one_of_or(Mode::all(), Mode::name, |mode| SHORT.iter().find(|(long, _)| *long == mode).map(|&(_, short)| short))
}

/// Accepts `on` or `off`.
fn on_or_off() -> impl TypedValueParser<Value = bool> {
    PossibleValuesParser::new(["on", "off"]).map(|given| given == "on")
}

/// Accepts `deterministic` or `machine`.
fn deterministic() -> impl TypedValueParser<Value = bool> {
    PossibleValuesParser::new([
        PossibleValue::new("deterministic")
            .help("The same in every mode and on every machine, but for which NaN is returned"),
        PossibleValue::new("machine").help("What the processor computes in an instruction or two"),
    ])
    .map(|given| given == "deterministic")
}

/// Accepts a time at which to compile.
fn compilation() -> impl TypedValueParser<Value = Compilation> {
    const TIMES: [(Compilation, &str, &str); 4] = [
        (Compilation::Lazy, "lazy", "Both at the function's first call"),
        (Compilation::LazyTranslation, "lazy-translation", "Validated with the module, translated at the first call"),
        (
            Compilation::Speculative,
            "speculative",
            "As `lazy-translation`; what a compiled function calls is compiled in the background",
        ),
        (Compilation::Eager, "eager", "Both with the module"),
    ];
    PossibleValuesParser::new(TIMES.map(|(_, name, help)| PossibleValue::new(name).help(help))).map(|given| {
        let found = TIMES.iter().find(|(_, name, _)| *name == given);
        found.expect("the parser accepts only these names").0
    })
}

/// Accepts the name of a translator switch.
fn switch() -> impl TypedValueParser<Value = String> {
    let switches = TranslatorConfig::SWITCHES.iter();
    PossibleValuesParser::new(switches.map(|&(name, help)| PossibleValue::new(name).help(help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags that have an effect in every mode.
    const EVERYWHERE: &[&str] = &["mode", "wasm", "bounds", "compile", "jobs", "max_stack"];

    #[test]
    fn the_table_knows_every_flag() {
        let command = EngineFlags::augment_args(Command::new("riser"));
        let ids: Vec<&str> = command.get_arguments().map(|flag| flag.get_id().as_str()).collect();
        let tables = applies::MODES.iter().flat_map(|row| row.flags).map(|flag| flag.split('=').next().unwrap_or(flag));
        // Flags of `riser run`, and `riser trace` or `riser resume`, alone.
        let others = ["monitor"];
        let known: Vec<&str> = tables.filter(|flag| !others.contains(flag)).chain(EVERYWHERE.iter().copied()).collect();
        for id in &ids {
            assert!(known.contains(id), "`{id}` is to have a row in `applies::MODES`, or to be in `EVERYWHERE`");
        }
        let optional =
            |flag: &str| flag.starts_with("fast_jit") || flag.starts_with("llvm") || PROFILERS.contains(&flag);
        for flag in known {
            assert!(ids.contains(&flag) || optional(flag), "there is no `{flag}`");
        }
    }

    /// Flags that a build may lack.
    const PROFILERS: &[&str] = &["perf_map", "jitdump", "gdb"];
}
