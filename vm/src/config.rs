//! What an engine is made with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use anyhow::Context as _;
use anyhow::{Error, Result};
use riser_tiers_core::{LINKED_TIERS, Mode, Policy, Tier, TierOptions};
use riser_translator::TranslatorConfig;

use crate::{Bounds, Dispatch};

/// When function bodies are validated and turned into code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compilation {
    /// Both at the function's first call. An invalid body is an error of that call, not of
    /// the module.
    Lazy,
    /// All bodies are validated with the module; each is translated at its first call.
    #[default]
    LazyTranslation,
    /// As [`Compilation::LazyTranslation`]; when a tier has to compile a function because it is called, those that it calls are compiled
    /// in the background meanwhile, and then those that they call, by as many threads as
    /// [`Config::parallel_compilation`] says.
    Speculative,
    /// All bodies are validated and turned into code, for the engine's default mode,
    /// with the module.
    Eager,
}

/// Configuration of an [`crate::Engine`].
#[derive(Clone)]
pub struct Config {
    pub(crate) translator: TranslatorConfig,
    pub(crate) dispatch: Dispatch,
    pub(crate) bounds: Option<Bounds>,
    pub(crate) spectre_guards: bool,
    pub(crate) compilation: Compilation,
    pub(crate) parallel_compilation: usize,
    pub(crate) mode: Mode,
    pub(crate) tiers: Vec<Arc<dyn Tier>>,
    pub(crate) policy: Policy,
    pub(crate) ahead_tier: Option<Mode>,
    pub(crate) cache: Option<PathBuf>,
    pub(crate) cache_limit: u64,
    pub(crate) max_wasm_stack: usize,
    pub(crate) max_native_stack: usize,
    pub(crate) host_stack: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}

impl Config {
    /// The default: every tier that is linked into the program and that the machine can have, the register interpreter with every optimisation,
    /// and neither fuel nor interruption. The mode is [`Mode::MultiTier`] where there is a tier to move up to, else [`Mode::Interp`].
    pub fn new() -> Config {
        let mut config = Config::without_tiers();
        for tier in LINKED_TIERS.iter().filter_map(|linked| (linked.make)().ok()) {
            config.tier(tier);
        }
        if config.tiers.iter().any(|tier| Some(&tier.mode()) == Mode::STEPS.first()) {
            config.mode(Mode::MultiTier);
        }
        config
    }

    /// As [`Config::new`], with the register interpreter alone.
    pub fn without_tiers() -> Config {
        Config {
            translator: TranslatorConfig::optimized(),
            dispatch: Dispatch::default(),
            bounds: None,
            spectre_guards: true,
            compilation: Compilation::default(),
            parallel_compilation: 1,
            mode: Mode::Interp,
            tiers: Vec::new(),
            policy: Policy::default(),
            ahead_tier: None,
            cache: None,
            cache_limit: 512 << 20,
            max_wasm_stack: 8 << 20,
            max_native_stack: 512 << 10,
            host_stack: 2 << 20,
        }
    }

    /// Whether wasm code consumes fuel; see [`crate::Store::set_fuel`]. Off by default.
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Config {
        self.translator.fuel = enable;
        self
    }

    /// Whether wasm code can be interrupted by [`crate::Engine::increment_epoch`]; see
    /// [`crate::Store::set_epoch_deadline`]. Off by default.
    pub fn epoch_interruption(&mut self, enable: bool) -> &mut Config {
        self.translator.epoch = enable;
        self
    }

    /// Size of each store's stacks in bytes: of the value stack, which holds locals, operands and links of all
    /// interpreted frames, and of the stack that compiled code runs on. Going beyond either is
    /// [`crate::Trap::StackOverflow`]. 8 MiB by default.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Config {
        self.max_wasm_stack = bytes;
        self
    }

    /// How much of a thread's stack, in bytes, calls from the host into wasm, from there into the
    /// host, and so on, may take before the next such call is
    /// [`crate::Trap::StackOverflow`]: all calls on the thread together, of whatever stores, and
    /// at most half of what the thread has left when the first of them is made. 512 KiB by default.
    pub fn max_native_stack(&mut self, bytes: usize) -> &mut Config {
        self.max_native_stack = bytes;
        self
    }

    /// How much stack, in bytes, a host function has at least that compiled code calls; what runs below it, code of other
    /// stores included, counts. Compiled code has a stack of its own, which host functions that it calls share, so it is not the
    /// thread's that counts for them. A host function that takes more ends the process, with a message.
    ///
    /// Functions that compiled code calls first are compiled there, too: a compiler needs some hundred KiB, more for LLVM. 2 MiB by default.
    pub fn host_stack(&mut self, bytes: usize) -> &mut Config {
        self.host_stack = bytes;
        self
    }

    /// The translator's switches. Its `fuel` and `epoch` are left as
    /// [`Config::consume_fuel`] and [`Config::epoch_interruption`] set them.
    pub fn translator(&mut self, switches: TranslatorConfig) -> &mut Config {
        let TranslatorConfig { fuel, epoch, .. } = self.translator;
        self.translator = TranslatorConfig { fuel, epoch, ..switches };
        self
    }

    /// The translator's switches and instrumentation, as they are set.
    pub fn translator_config(&self) -> TranslatorConfig {
        self.translator
    }

    /// How the register interpreter dispatches.
    pub fn dispatch(&mut self, dispatch: Dispatch) -> &mut Config {
        self.dispatch = dispatch;
        self
    }

    /// How accesses to 32-bit memories are kept in bounds. Unless set, the interpreters check explicitly, and
    /// compiled code relies on guard pages where the platform has them, and the address space: 8 GiB for each memory. With [`Bounds::Explicit`] a memory
    /// takes what it has.
    pub fn bounds(&mut self, bounds: Bounds) -> &mut Config {
        self.bounds = Some(bounds);
        self
    }

    /// The bounds strategy of the register interpreter.
    pub(crate) fn interpreter_bounds(&self) -> Bounds {
        self.bounds.unwrap_or(Bounds::Explicit)
    }

    /// Whether compiled code keeps what a processor does past a bounds check that it wrongly takes to hold in bounds, too: of memories that are checked
    /// explicitly, of tables, and of the targets of `br_table`. On by default. Interpreters do no such thing.
    pub fn spectre_guards(&mut self, enable: bool) -> &mut Config {
        self.spectre_guards = enable;
        self
    }

    /// Whether 32-bit memories are to have guard pages: because that is asked for, or a tier makes use of them.
    pub(crate) fn wants_guard_pages(&self) -> bool {
        let of_use = || Bounds::Guard.is_supported() && self.tiers.iter().any(|tier| tier.uses_guard_pages());
        self.bounds.map_or_else(of_use, |bounds| bounds == Bounds::Guard)
    }

    /// When function bodies are validated and turned into code.
    pub fn compilation(&mut self, when: Compilation) -> &mut Config {
        self.compilation = when;
        self
    }

    /// How many threads validate and translate what is to be done with the module; 0 for as many
    /// as there are cores. 1 by default: the thread that makes the module. The result, errors
    /// included, does not depend on it.
    pub fn parallel_compilation(&mut self, jobs: usize) -> &mut Config {
        self.parallel_compilation = jobs;
        self
    }

    /// The engine's default mode; see [`Config::new`] for what it is unless set.
    pub fn mode(&mut self, mode: Mode) -> &mut Config {
        self.mode = mode;
        self
    }

    /// When functions move up, in the mode [`Mode::MultiTier`].
    pub fn tier_policy(&mut self, policy: Policy) -> &mut Config {
        self.policy = policy;
        self
    }

    /// Which tier compiles in the mode [`Mode::Aot`], by its own mode. Unless set, it is the one plugged in last of those that can.
    pub fn ahead_of_time_tier(&mut self, mode: Mode) -> &mut Config {
        self.ahead_tier = Some(mode);
        self
    }

    /// Keeps machine code in a folder, from one process to the next: a module that is made in the mode of a tier that
    /// compiles ahead of time, or in [`Mode::Aot`], is compiled whole the first time, and taken from
    /// there afterwards. The folder is made if need be. Its files are run as they are, so nobody but its owner, this user or the
    /// system's administrator, may be able to write to it, or to a folder above it that has no sticky bit: modules are errors otherwise.
    ///
    /// Several processes may use it at the same time. Files that are damaged are made again; those that were used longest
    /// ago are removed when all take more than the [limit](Config::cache_limit).
    pub fn cache(&mut self, folder: impl Into<PathBuf>) -> &mut Config {
        self.cache = Some(folder.into());
        self
    }

    /// How many bytes the files of the [cache](Config::cache) take at most, the one that was added last aside. 512 MiB by
    /// default.
    pub fn cache_limit(&mut self, bytes: u64) -> &mut Config {
        self.cache_limit = bytes;
        self
    }

    /// Plugs a tier in, so that the engine supports its mode. The last tier plugged in for a
    /// mode counts; the order of tiers of different modes does not.
    pub fn tier(&mut self, tier: Arc<dyn Tier>) -> &mut Config {
        self.tiers.retain(|other| other.mode() != tier.mode());
        self.tiers.push(tier);
        // Machine code calls other tiers by the first bridge that there is: the Fast JIT's, in which tail calls take no stack.
        self.tiers.sort_by_key(|tier| Mode::ALL.iter().position(|&mode| mode == tier.mode()));
        self
    }
}

impl Config {
    /// Plugs in the tier that these are the settings of, in place of the one with default settings.
    ///
    /// # Errors
    ///
    /// If it does not support this machine.
    pub fn tier_options(&mut self, options: impl TierOptions) -> Result<&mut Config> {
        let tier = options.tier().map_err(Error::msg)?;
        Ok(self.tier(tier))
    }

    /// Has a profiler or a debugger told of the machine code that is made from now on, in this and any other engine of the
    /// process.
    ///
    /// # Errors
    ///
    /// If the profiler's file cannot be written.
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    pub fn profiler(&mut self, strategy: riser_tiers_core::native::ProfilingStrategy) -> Result<&mut Config> {
        riser_tiers_core::native::profile::start(strategy).context("cannot write the profiler's file")?;
        Ok(self)
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("translator", &self.translator)
            .field("dispatch", &self.dispatch)
            .field("bounds", &self.bounds)
            .field("spectre_guards", &self.spectre_guards)
            .field("compilation", &self.compilation)
            .field("parallel_compilation", &self.parallel_compilation)
            .field("mode", &self.mode)
            .field("tiers", &self.tiers.iter().map(|tier| tier.name()).collect::<Vec<_>>())
            .field("ahead_tier", &self.ahead_tier)
            .field("cache", &self.cache)
            .field("max_wasm_stack", &self.max_wasm_stack)
            .field("max_native_stack", &self.max_native_stack)
            .field("host_stack", &self.host_stack)
            .finish()
    }
}
