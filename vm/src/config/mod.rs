//! The configuration of an engine.

mod cache;
mod pool;
mod wasmtime;

use std::fmt;
use std::sync::Arc;

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use anyhow::Context as _;
use anyhow::{Error, Result};
use riser_tiers_core::policy::FunctionPattern;
use riser_tiers_core::{LINKED_TIERS, Mode, Policy, Tier, TierOptions};
use riser_translator::module::ModuleInfo;
use riser_translator::{Features, FuncIndex, Proposal, TranslatorConfig, for_each_proposal};

pub use cache::{Cache, CacheConfig, IntoCache};
pub use pool::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};
pub(crate) use pool::{Pool, Pooled, Share};
use wasmtime::NeverFaults;
pub use wasmtime::{Jobs, OptLevel, Strategy};

use crate::monitor::{EventSet, Monitor, Monitors};
use crate::{Bounds, Dispatch};

/// When function bodies are validated and turned into code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compilation {
    /// Each body is validated and translated at the function's first call. An invalid body is an error of that call,
    /// not of the module.
    Lazy,
    /// All bodies are validated with the module; each is translated at its first call.
    #[default]
    LazyTranslation,
    /// As [`Compilation::LazyTranslation`]. In addition, when a tier has to compile a function because it is called,
    /// the functions that it calls are compiled in the background meanwhile, and then the functions that those call, by
    /// as many threads as [`Config::parallel_compilation`] says.
    Speculative,
    /// All bodies are validated with the module, and turned into code for the engine's default mode.
    Eager,
}

/// Every switch off, by the instrumentation: fuel, and epochs.
static NAIVE: [[TranslatorConfig; 2]; 2] =
    [[naive(false, false), naive(false, true)], [naive(true, false), naive(true, true)]];

const fn naive(fuel: bool, epoch: bool) -> TranslatorConfig {
    TranslatorConfig { fuel, epoch, ..TranslatorConfig::naive() }
}

/// Configuration of an [`crate::Engine`].
#[derive(Clone)]
pub struct Config {
    pub(crate) features: Features,
    pub(crate) translator: TranslatorConfig,
    /// The functions that the switches are for; empty for all.
    pub(crate) translator_filter: Vec<FunctionPattern>,
    pub(crate) dispatch: Dispatch,
    bounds: Option<Bounds>,
    never_faults: NeverFaults,
    pub(crate) spectre_guards: bool,
    pub(crate) relaxed_simd_deterministic: bool,
    pub(crate) compilation: Compilation,
    pub(crate) parallel_compilation: usize,
    pub(crate) mode: Mode,
    pub(crate) tiers: Vec<Arc<dyn Tier>>,
    pub(crate) policy: Policy,
    pub(crate) ahead_tier: Option<Mode>,
    pub(crate) cache: Option<Cache>,
    cache_limit: u64,
    pub(crate) max_wasm_stack: usize,
    pub(crate) max_native_stack: usize,
    pub(crate) host_stack: usize,
    pub(crate) monitors: Monitors,
    pub(crate) pool: Option<PoolingAllocationConfig>,
    pub(crate) coredump: bool,
    pub(crate) snapshots: bool,
    /// Extensions of the processor that are asked for.
    processor_flags: Vec<String>,
    /// Proposals that are asked for and not implemented.
    pub(crate) lacking: Vec<&'static str>,
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}

impl Config {
    /// The default configuration: every tier that is linked into the program and that supports the machine, the
    /// register interpreter with every optimisation, and neither fuel nor interruption. The mode is [`Mode::MultiTier`]
    /// if there is a tier to move up to, else [`Mode::Interp`].
    pub fn new() -> Config {
        let mut config = Config::without_tiers();
        for tier in LINKED_TIERS.iter().filter_map(|linked| (linked.make)().ok()) {
            config.tier(tier);
        }
        if config.tiers.iter().any(|tier| tier.step().is_some()) {
            config.mode(Mode::MultiTier);
        }
        config
    }

    /// As [`Config::new`], with the register interpreter alone.
    pub fn without_tiers() -> Config {
        Config {
            features: Features::default(),
            translator: TranslatorConfig::optimized(),
            translator_filter: Vec::new(),
            dispatch: Dispatch::default(),
            bounds: None,
            never_faults: NeverFaults::default(),
            spectre_guards: true,
            relaxed_simd_deterministic: true,
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
            monitors: Monitors::default(),
            pool: None,
            coredump: false,
            snapshots: false,
            processor_flags: Vec::new(),
            lacking: Vec::new(),
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

    /// Whether snapshots can be taken while frames of compiled code are on the stack ([`crate::Store::on_snapshot`]). Code then keeps
    /// a copy of what is live in its frame in memory over each call. Snapshots of interpreted frames need no such copy. Off by default.
    pub fn snapshots(&mut self, enable: bool) -> &mut Config {
        self.snapshots = enable;
        self
    }

    /// Size of each store's stacks in bytes: of the value stack, which holds locals, operands and links of all
    /// interpreted frames, and of the stack that compiled code runs on. Going beyond either is
    /// [`crate::Trap::StackOverflow`]. 8 MiB by default.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Config {
        self.max_wasm_stack = bytes;
        self
    }

    /// The limit, in bytes, on the part of a thread's stack that nested calls between the host and wasm take. The next
    /// such call beyond it ends in [`crate::Trap::StackOverflow`]. All calls on the thread count together, of whatever
    /// stores, and may take at most half of what the thread has left when the first of them is made. 512 KiB by
    /// default.
    pub fn max_native_stack(&mut self, bytes: usize) -> &mut Config {
        self.max_native_stack = bytes;
        self
    }

    /// The stack, in bytes, that a host function has at least when compiled code calls it. What runs below it on the
    /// stack counts, too, code of other stores included. Compiled code runs on a stack of its own, and host functions
    /// that it calls run there as well, so the thread's stack does not matter for them. A host function that takes more
    /// ends the process, with a message.
    ///
    /// A function that compiled code calls for the first time is compiled on this stack, too: a compiler needs some
    /// hundred KiB, LLVM more. 2 MiB by default.
    pub fn host_stack(&mut self, bytes: usize) -> &mut Config {
        self.host_stack = bytes;
        self
    }

    /// Sets the translator's switches. `fuel` and `epoch` stay as [`Config::consume_fuel`] and
    /// [`Config::epoch_interruption`] set them.
    pub fn translator(&mut self, switches: TranslatorConfig) -> &mut Config {
        let TranslatorConfig { fuel, epoch, .. } = self.translator;
        self.translator = TranslatorConfig { fuel, epoch, ..switches };
        self
    }

    /// The translator's switches and instrumentation, as set.
    pub fn translator_config(&self) -> TranslatorConfig {
        self.translator
    }

    /// The functions that the translator's switches are for, unless this is empty. All others are translated with every
    /// switch off: to find out which function an optimisation goes wrong in.
    pub fn translator_filter(&mut self, functions: Vec<FunctionPattern>) -> &mut Config {
        self.translator_filter = functions;
        self
    }

    /// The translator's switches and instrumentation for a function of a module.
    pub fn translator_for(&self, info: &ModuleInfo, function: FuncIndex) -> &TranslatorConfig {
        let is_meant = |pattern: &FunctionPattern| pattern.matches(function, info.func_name(function));
        if self.translator_filter.is_empty() || self.translator_filter.iter().any(is_meant) {
            return &self.translator;
        }
        let TranslatorConfig { fuel, epoch, .. } = self.translator;
        &NAIVE[usize::from(fuel)][usize::from(epoch)]
    }

    /// How the register interpreter dispatches.
    pub fn dispatch(&mut self, dispatch: Dispatch) -> &mut Config {
        self.dispatch = dispatch;
        self
    }

    /// How accesses to memories with 32-bit addresses and pages of 64 KiB are kept in bounds; accesses to others are
    /// checked. Unless set, the interpreters check explicitly, and compiled code relies on guard pages if the platform
    /// supports them and the address space suffices: 8 GiB for each memory. With [`Bounds::Explicit`] a memory takes
    /// only what it holds. Settings by Wasmtime's names, such as [`Config::signals_based_traps`], can rule [`Bounds::Guard`] out.
    pub fn bounds(&mut self, bounds: Bounds) -> &mut Config {
        self.bounds = Some(bounds);
        self
    }

    /// The bounds strategy that is asked for, if one is: a setting that rules faults out counts for more than [`Config::bounds`].
    pub(crate) fn asked_bounds(&self) -> Option<Bounds> {
        if self.never_faults.any() { Some(Bounds::Explicit) } else { self.bounds }
    }

    /// The bounds strategy of the register interpreter.
    pub(crate) fn interpreter_bounds(&self) -> Bounds {
        self.asked_bounds().unwrap_or(Bounds::Explicit)
    }

    /// Whether compiled code guards against speculation past a bounds check that the processor wrongly predicts to
    /// hold: for memories that are checked explicitly, for tables, and for the targets of `br_table`. On by default.
    /// Interpreters have no such guards.
    pub fn spectre_guards(&mut self, enable: bool) -> &mut Config {
        self.spectre_guards = enable;
        self
    }

    /// Whether relaxed vector operators have the results of the specification's deterministic profile everywhere. On by
    /// default, unlike in Wasmtime: the results are then the same in every mode and on every machine.
    ///
    /// If off, compiled code uses what the processor computes in an instruction or two, which is another result that
    /// the specification allows. The interpreters keep the deterministic results. So the results differ between modes
    /// and machines; and in [`Mode::MultiTier`] those of a function change when it moves up, which the specification,
    /// strictly read, does not allow within a program.
    pub fn relaxed_simd_deterministic(&mut self, enable: bool) -> &mut Config {
        self.relaxed_simd_deterministic = enable;
        self
    }

    /// Whether memories that can have guard pages are to have them: because the configuration says so, or because a tier makes use
    /// of them.
    pub(crate) fn wants_guard_pages(&self) -> bool {
        let of_use = || Bounds::Guard.is_supported() && self.tiers.iter().any(|tier| tier.uses_guard_pages());
        self.asked_bounds().map_or_else(of_use, |bounds| bounds == Bounds::Guard)
    }

    /// When function bodies are validated and turned into code.
    pub fn compilation(&mut self, when: Compilation) -> &mut Config {
        self.compilation = when;
        self
    }

    /// How many threads validate and translate the bodies that are due with the module; 0, or `true`, for as many as
    /// there are cores. 1 by default, or `false`: the thread that makes the module. The result, errors included, does not
    /// depend on it.
    pub fn parallel_compilation(&mut self, jobs: impl Into<Jobs>) -> &mut Config {
        self.parallel_compilation = jobs.into().0;
        self
    }

    /// Sets the engine's default mode; see [`Config::new`] for the mode unless set.
    pub fn mode(&mut self, mode: Mode) -> &mut Config {
        self.mode = mode;
        self
    }

    /// When functions tier up, in the mode [`Mode::MultiTier`].
    pub fn tier_policy(&mut self, policy: Policy) -> &mut Config {
        self.policy = policy;
        self
    }

    /// Which tier compiles in the mode [`Mode::Aot`], named by its own mode. Unless set, it is the one with the highest
    /// [step](Tier::step) of those that can.
    pub fn ahead_of_time_tier(&mut self, mode: Mode) -> &mut Config {
        self.ahead_tier = Some(mode);
        self
    }

    /// Keeps machine code in a folder, from one process to the next: a module that is made in the mode of a tier that
    /// compiles ahead of time, or in [`Mode::Aot`], is compiled whole the first time, and taken from the folder
    /// afterwards. The folder is made if need be. Its files are run as they are. So the folder's owner has to be this
    /// user or the system's administrator, and nobody else may be able to write to it, or to a folder above it that has
    /// no sticky bit: otherwise making a module is an error. Do not let a guest write there either, by a directory of its own above the folder:
    /// it writes as this user. `riser run` refuses that.
    ///
    /// Several processes may use it at the same time. Damaged files are made again. When all files together take more
    /// than the [limit](Config::cache_limit), the least recently used are removed.
    ///
    /// `cache` is the folder, or a [`Cache`] with settings of its own, or `None`. Nothing is kept of a cache that was set before.
    pub fn cache(&mut self, cache: impl IntoCache) -> &mut Config {
        cache.put(self);
        self
    }

    /// The limit, in bytes, on the total size of the files in the [cache](Config::cache), unless that is a [`Cache`] with a limit of its own.
    /// The file that was added last stays even if it alone is larger. 512 MiB by default.
    pub fn cache_limit(&mut self, bytes: u64) -> &mut Config {
        self.cache_limit = bytes;
        self
    }

    /// Adds a monitor. If it is for events in the code, which only interpreters report, and the mode is not that of one, the
    /// mode becomes [`Mode::Interp`]. An engine has at most 64 monitors.
    pub fn monitor(&mut self, monitor: Arc<dyn Monitor>) -> &mut Config {
        self.monitors.add(monitor);
        if !self.reports_code(self.mode) {
            self.mode = Mode::Interp;
        }
        self
    }

    /// Whether code in `mode` reports what the monitors are for.
    pub(crate) fn reports_code(&self, mode: Mode) -> bool {
        let takes_probes = || self.tiers.iter().any(|tier| tier.mode() == mode && tier.takes_probes());
        !self.monitors.want(EventSet::CODE) || mode == Mode::Interp || takes_probes()
    }

    /// Plugs a tier in, so that the engine supports its mode. If several are plugged in for one mode, the last one
    /// counts; the order of tiers of different modes does not matter.
    pub fn tier(&mut self, tier: Arc<dyn Tier>) -> &mut Config {
        self.tiers.retain(|other| other.mode() != tier.mode());
        self.tiers.push(tier);
        // Machine code calls other tiers through the first bridge in this order: that of the lowest step. In the Fast
        // JIT's, tail calls take no stack.
        self.tiers.sort_by_key(|tier| (tier.step().is_none(), tier.step()));
        self
    }
}

impl Config {
    /// Plugs in the tier with these settings, in place of the one with default settings.
    ///
    /// # Errors
    ///
    /// If it does not support this machine.
    pub fn tier_options(&mut self, options: impl TierOptions) -> Result<&mut Config> {
        let tier = options.tier().map_err(Error::msg)?;
        Ok(self.tier(tier))
    }

    /// Reports the machine code that is made from now on to a profiler or a debugger, in this and any other engine of
    /// the process.
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

/// Makes the switches of the proposals: for `Simd "simd" wasm_simd(..) on ..` the method `wasm_simd`.
macro_rules! switches {
    ($(
        $(#[doc = $about:literal])*
        $Name:ident $name:literal $switch:ident $flags:tt $default:ident $needed:tt;
    )*) => {
        /// The proposals that modules may use. A module that uses another one is rejected, in every mode, with an error
        /// that names it.
        impl Config {
            /// Whether modules may use a proposal.
            pub fn wasm_proposal(&mut self, proposal: Proposal, enable: bool) -> &mut Config {
                self.features.set(proposal, enable);
                self
            }

            /// The proposals that modules may use.
            pub fn features(&self) -> Features {
                self.features
            }

            $(
                #[doc = concat!("Whether modules may use the proposal `", $name, "`:")]
                $(#[doc = $about])*
                #[doc = concat!(". Unless set, it is ", stringify!($default), ".")]
                pub fn $switch(&mut self, enable: bool) -> &mut Config {
                    self.wasm_proposal(Proposal::$Name, enable)
                }
            )*
        }
    };
}

for_each_proposal!(switches);

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("features", &self.features)
            .field("translator", &self.translator)
            .field("translator_filter", &self.translator_filter)
            .field("dispatch", &self.dispatch)
            .field("bounds", &self.bounds)
            .field("never_faults", &self.never_faults)
            .field("spectre_guards", &self.spectre_guards)
            .field("relaxed_simd_deterministic", &self.relaxed_simd_deterministic)
            .field("compilation", &self.compilation)
            .field("parallel_compilation", &self.parallel_compilation)
            .field("mode", &self.mode)
            .field("tiers", &self.tiers.iter().map(|tier| tier.name()).collect::<Vec<_>>())
            .field("ahead_tier", &self.ahead_tier)
            .field("cache", &self.cache)
            .field("cache_limit", &self.cache_limit)
            .field("max_wasm_stack", &self.max_wasm_stack)
            .field("max_native_stack", &self.max_native_stack)
            .field("host_stack", &self.host_stack)
            .field("monitors", &self.monitors)
            .field("pool", &self.pool)
            .field("coredump", &self.coredump)
            .field("snapshots", &self.snapshots)
            .field("processor_flags", &self.processor_flags)
            .field("lacking", &self.lacking)
            .finish()
    }
}
