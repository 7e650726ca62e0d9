//! All ways to run a module: every mode that is compiled in, with the values of each setting.
//!
//! [`all`] is the product of dispatch, bounds, translator switches and compilation for the register interpreter; of bounds and compilation
//! for every other mode; and additionally of all its own settings for the Fast JIT. [`quick`] is a short list that contains every value of
//! every setting. A mode is included by being in [`Mode::all`], a switch by being in [`TranslatorConfig::SWITCHES`]. The instructions that
//! count fuel separate others, so every setting occurs with and without fuel; code that runs without fuel has to be known to end.

use std::cell::RefCell;
use std::fmt;
use std::sync::LazyLock;

use riser::modes::{FAST_JIT, LLVM_JIT};
use riser::policy::Policy;
use riser::{Bounds, Compilation, Config, Dispatch, Engine, Mode, TranslatorConfig};

/// Size of the value stack, in bytes: large enough that code runs out of [fuel](crate::plan) before it runs out of stack.
const STACK_BYTES: usize = 64 << 20;

/// The number of modules for which an engine is used. An engine remembers every function type that it has seen.
const MODULES_PER_ENGINE: u32 = 20_000;

/// A way to run a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Configuration {
    /// The technique that executes code.
    pub mode: Mode,
    /// How the register interpreter dispatches.
    pub dispatch: Dispatch,
    /// How accesses to memory are kept in bounds.
    pub bounds: Bounds,
    /// The translator's switches.
    pub switches: TranslatorConfig,
    /// When bodies are compiled.
    pub compilation: Compilation,
    /// Whether code counts fuel.
    pub fuel: bool,
    /// Whether the Fast JIT and LLVM optimise.
    pub optimizing: bool,
    /// Whether the Fast JIT allocates registers by backtracking, rather than in one pass.
    pub backtracking: bool,
    /// The tier that compiles ahead of time, in the mode [`Mode::Aot`].
    pub ahead: Mode,
    /// Whether functions tier up only at loops.
    pub only_loops: bool,
    /// Whether the instance's mode changes at every call by the host, and at every call of the host.
    pub changing: bool,
}

impl Configuration {
    /// The configuration with which others are compared: the default one.
    pub fn reference() -> Configuration {
        Configuration {
            mode: Mode::Interp,
            dispatch: Dispatch::default(),
            bounds: Bounds::default(),
            switches: TranslatorConfig::optimized(),
            compilation: Compilation::default(),
            fuel: true,
            optimizing: true,
            backtracking: true,
            ahead: FAST_JIT,
            only_loops: false,
            changing: false,
        }
    }

    /// Whether LLVM compiles functions, which takes longer than everything else.
    pub fn uses_llvm(&self) -> bool {
        modes().contains(&LLVM_JIT) && (self.changing || matches!(self.tier(), Mode::MultiTier | LLVM_JIT))
    }

    /// The mode of the tier that compiles when a module is made; in the mode [`Mode::Aot`], the tier that compiles ahead of time.
    pub fn tier(&self) -> Mode {
        if self.mode == Mode::Aot { self.ahead } else { self.mode }
    }

    /// A new engine with this configuration.
    ///
    /// # Panics
    ///
    /// If this build does not support the configuration; those of [`all`] and [`quick`] are supported.
    pub fn engine(&self) -> Engine {
        Engine::new(&self.config()).unwrap_or_else(|error| panic!("{self}: {error:#}"))
    }

    /// The engine's configuration.
    ///
    /// # Panics
    ///
    /// If this build lacks a tier whose settings are in the configuration.
    pub fn config(&self) -> Config {
        let mut config = Config::new();
        config.mode(self.mode).dispatch(self.dispatch).bounds(self.bounds).translator(self.switches);
        // Spectre guards change the code as compiler settings do, so they are derived from these.
        config.spectre_guards(self.optimizing == self.backtracking);
        config.compilation(self.compilation).consume_fuel(self.fuel).max_wasm_stack(STACK_BYTES);
        config.wasm_legacy_exceptions(true);
        if self.mode == Mode::Aot {
            config.ahead_of_time_tier(self.ahead);
        }
        // Everything tiers up at once: on the thread that requests it, or in the background.
        let threads = usize::from(self.compilation == Compilation::Eager);
        let calls = if self.only_loops { Policy::NEVER } else { 1 };
        config.tier_policy(Policy { call_threshold: calls, up_call_threshold: calls, ..Policy::at_once(threads) });
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        self.set_fast_jit(&mut config);
        #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
        self.set_llvm(&mut config);
        config
    }

    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    fn set_fast_jit(&self, config: &mut Config) {
        use riser::fast_jit::{OptLevel, Options, RegAlloc};
        let options = Options {
            opt_level: if self.optimizing { OptLevel::Speed } else { OptLevel::None },
            regalloc: if self.backtracking { RegAlloc::Backtracking } else { RegAlloc::SinglePass },
        };
        config.tier_options(options).unwrap_or_else(|error| panic!("{self}: {error:#}"));
    }

    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    fn set_llvm(&self, config: &mut Config) {
        use riser::llvm::{OptLevel, Options};
        // All of LLVM's passes, if explicit checks allow it to move accesses.
        let opt_level = match (self.optimizing, self.bounds) {
            (false, _) => OptLevel::O0,
            (true, Bounds::Guard) => OptLevel::O2,
            (true, Bounds::Explicit) => OptLevel::O3,
        };
        config.tier_options(Options { opt_level }).unwrap_or_else(|error| panic!("{self}: {error:#}"));
    }
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.mode)?;
        if self.mode == Mode::Interp {
            write!(f, " {}", self.dispatch)?;
        }
        write!(f, " {}", self.bounds)?;
        match self.compilation {
            Compilation::Lazy => f.write_str(" lazy")?,
            Compilation::LazyTranslation => f.write_str(" lazy-translation")?,
            Compilation::Speculative => f.write_str(" speculative")?,
            Compilation::Eager => f.write_str(" eager")?,
        }
        if self.mode == Mode::Interp {
            let off: Vec<&str> = TranslatorConfig::SWITCHES
                .iter()
                .filter(|(name, _)| self.switches.get(name) == Some(false))
                .map(|(name, _)| *name)
                .collect();
            match off.len() {
                0 => f.write_str(" switches-on")?,
                count if count == TranslatorConfig::SWITCHES.len() => f.write_str(" switches-off")?,
                _ => write!(f, " without-{}", off.join("-"))?,
            }
        }
        if !self.optimizing {
            f.write_str(" unoptimized")?;
        }
        if !self.backtracking {
            f.write_str(" single-pass")?;
        }
        if self.mode == Mode::Aot {
            write!(f, " by-{}", self.ahead)?;
        }
        if !self.fuel {
            f.write_str(" no-fuel")?;
        }
        if self.only_loops {
            f.write_str(" only-loops")?;
        }
        if self.changing {
            f.write_str(" changing")?;
        }
        Ok(())
    }
}

/// The modes that are compiled in.
pub fn modes() -> &'static [Mode] {
    static MODES: LazyLock<Vec<Mode>> = LazyLock::new(|| {
        let engine = Engine::new(&Config::new()).expect("the default configuration is supported");
        Mode::all().into_iter().filter(|&mode| engine.supports(mode)).collect()
    });
    &MODES
}

/// All switches on, all off, and each one off.
pub fn switch_settings() -> Vec<TranslatorConfig> {
    let mut settings = vec![TranslatorConfig::optimized(), TranslatorConfig::naive()];
    settings.extend(TranslatorConfig::SWITCHES.iter().map(|(name, _)| {
        let mut setting = TranslatorConfig::optimized();
        setting.set(name, false);
        setting
    }));
    settings
}

fn bounds() -> Vec<Bounds> {
    Bounds::ALL.iter().copied().filter(|bounds| bounds.is_supported()).collect()
}

/// Whether the Fast JIT optimises, and whether it backtracks: the default first.
const JIT_SETTINGS: [(bool, bool); 4] = [(true, true), (true, false), (false, true), (false, false)];

/// Those of these settings that LLVM has.
const LLVM_SETTINGS: [(bool, bool); 2] = [(true, true), (false, true)];

/// The tiers that can compile ahead of time, for the mode `aot`; for any other mode, the reference's.
fn compilers_ahead(mode: Mode) -> impl Iterator<Item = Mode> {
    let those = if mode == Mode::Aot { &[FAST_JIT, LLVM_JIT][..] } else { &[FAST_JIT] };
    those.iter().copied().filter(|tier| *tier == FAST_JIT || modes().contains(tier))
}

/// Every configuration.
pub fn all() -> Vec<Configuration> {
    let mut all = Vec::new();
    for (mode, ahead) in modes().iter().flat_map(|&mode| compilers_ahead(mode).map(move |ahead| (mode, ahead))) {
        let own = mode == Mode::Interp;
        let reference = Configuration::reference();
        let dispatches = if own { Dispatch::ALL } else { &[reference.dispatch] };
        let switches = if own { switch_settings() } else { vec![reference.switches] };
        let jit = match (mode, ahead) {
            (FAST_JIT, _) => &JIT_SETTINGS[..],
            (LLVM_JIT, _) | (_, LLVM_JIT) => &LLVM_SETTINGS[..],
            _ => &JIT_SETTINGS[..1],
        };
        // Only modes that make machine code at the first call can make it earlier.
        let compilations = match mode {
            FAST_JIT | LLVM_JIT => &[Compilation::Lazy, Compilation::Eager, Compilation::Speculative][..],
            _ => &[Compilation::Lazy, Compilation::Eager],
        };
        for &dispatch in dispatches {
            for bounds in bounds() {
                for &switches in &switches {
                    for &compilation in compilations {
                        for fuel in [true, false] {
                            all.extend(jit.iter().map(|&(optimizing, backtracking)| Configuration {
                                mode,
                                dispatch,
                                bounds,
                                switches,
                                compilation,
                                fuel,
                                optimizing,
                                backtracking,
                                ahead,
                                ..reference
                            }));
                        }
                    }
                }
            }
        }
    }
    let only_loops: Vec<_> = all.iter().filter(|it| it.mode == Mode::MultiTier).copied().collect();
    all.extend(only_loops.into_iter().map(|it| Configuration { only_loops: true, ..it }));
    // For instances that change their mode, the first mode does not matter.
    let changing = Configuration { changing: true, ..Configuration::reference() };
    for bounds in bounds() {
        for fuel in [true, false] {
            all.push(Configuration { bounds, fuel, ..changing });
        }
    }
    all
}

/// A few configurations that contain every value of every setting: two of the register interpreter for each pair of dispatch strategies,
/// one of every other mode, three of the Fast JIT and two of multi-tier, one of ahead of time for each tier that can compile so, and one
/// that changes its mode.
pub fn quick() -> Vec<Configuration> {
    let bounds = bounds();
    let mut quick = Vec::new();
    for (number, &dispatch) in Dispatch::ALL.iter().enumerate() {
        quick.push(Configuration {
            mode: Mode::Interp,
            dispatch,
            bounds: bounds[number % bounds.len()],
            switches: if number / 2 % 2 == 0 { TranslatorConfig::optimized() } else { TranslatorConfig::naive() },
            compilation: if number % 2 == 0 { Compilation::Eager } else { Compilation::Lazy },
            fuel: number % 3 == 0,
            ..Configuration::reference()
        });
    }
    quick.push(Configuration { changing: true, ..Configuration::reference() });
    for (number, mode) in modes().iter().copied().filter(|&mode| mode != Mode::Interp).enumerate() {
        quick.push(Configuration {
            mode,
            bounds: bounds[number % bounds.len()],
            compilation: if number % 2 == 0 { Compilation::Lazy } else { Compilation::Eager },
            ..Configuration::reference()
        });
    }
    if modes().contains(&Mode::MultiTier) {
        quick.push(Configuration { mode: Mode::MultiTier, only_loops: true, ..Configuration::reference() });
    }
    if modes().contains(&LLVM_JIT) {
        quick.push(Configuration { mode: Mode::Aot, ahead: LLVM_JIT, ..Configuration::reference() });
    }
    if modes().contains(&FAST_JIT) {
        let compilation = Compilation::Speculative;
        quick.push(Configuration { mode: FAST_JIT, compilation, ..Configuration::reference() });
        quick.push(Configuration {
            mode: FAST_JIT,
            bounds: bounds[0],
            compilation: Compilation::Eager,
            optimizing: false,
            backtracking: false,
            ..Configuration::reference()
        });
    }
    quick
}

/// A choice of configurations for each case: the [`quick`] ones, two of [`all`], and one with LLVM if it is there. LLVM takes longer than
/// all the others together, so the other choices do not include it.
#[derive(Debug)]
pub struct Rotation {
    quick: Vec<Configuration>,
    others: Vec<Configuration>,
    llvm: Vec<Configuration>,
}

impl Rotation {
    /// Chooses among the configurations for which `keep` holds.
    pub fn new(keep: impl Fn(&Configuration) -> bool) -> Rotation {
        let (llvm, others) = all().into_iter().filter(&keep).partition(Configuration::uses_llvm);
        let quick = quick().into_iter().filter(|it| keep(it) && !it.uses_llvm()).collect();
        Rotation { quick, others, llvm }
    }

    /// The configurations of a case, chosen by `number`.
    pub fn of_case(&self, number: usize) -> impl Iterator<Item = Configuration> {
        let llvm = (!self.llvm.is_empty()).then(|| self.llvm[number % self.llvm.len()]);
        self.without_llvm(number).chain(llvm)
    }

    /// The configurations of a case, chosen by `number`, but the one with LLVM.
    pub fn without_llvm(&self, number: usize) -> impl Iterator<Item = Configuration> {
        let others = &self.others;
        let two = (0..2).map(move |turn| others[(number + turn * (others.len() / 2 + 1)) % others.len()]);
        self.quick.iter().copied().chain(two)
    }
}

/// Engines, made on demand and replaced from time to time.
#[derive(Default)]
struct Pool {
    engines: Vec<(Configuration, Engine, u32)>,
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// This thread's engine for a configuration, to be used for one more module.
pub fn pooled(configuration: &Configuration) -> Engine {
    POOL.with_borrow_mut(|pool| {
        let found = pool.engines.iter_mut().find(|(other, ..)| other == configuration);
        let Some((_, engine, modules)) = found else {
            let engine = configuration.engine();
            pool.engines.push((*configuration, engine.clone(), 1));
            return engine;
        };
        if *modules >= MODULES_PER_ENGINE {
            (*engine, *modules) = (configuration.engine(), 0);
        }
        *modules += 1;
        engine.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_has_every_value_that_all_has() {
        let (quick, all) = (quick(), all());
        for configuration in &all {
            let covers = |same: &dyn Fn(&Configuration) -> bool| quick.iter().any(same);
            assert!(covers(&|it| it.mode == configuration.mode), "{configuration}");
            assert!(covers(&|it| it.dispatch == configuration.dispatch), "{configuration}");
            assert!(covers(&|it| it.bounds == configuration.bounds), "{configuration}");
            assert!(covers(&|it| it.only_loops == configuration.only_loops), "{configuration}");
            assert!(covers(&|it| it.changing == configuration.changing), "{configuration}");
            assert!(covers(&|it| it.fuel == configuration.fuel), "{configuration}");
            assert!(covers(&|it| it.optimizing == configuration.optimizing), "{configuration}");
            assert!(covers(&|it| (it.mode, it.ahead) == (configuration.mode, configuration.ahead)), "{configuration}");
            assert!(covers(&|it| it.backtracking == configuration.backtracking), "{configuration}");
            assert!(covers(&|it| it.compilation == configuration.compilation), "{configuration}");
            for (name, _) in TranslatorConfig::SWITCHES {
                assert!(covers(&|it| it.switches.get(name) == configuration.switches.get(name)), "{configuration}");
            }
        }
    }

    #[test]
    fn configurations_differ_by_name() {
        let mut names: Vec<String> = all().iter().map(ToString::to_string).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
