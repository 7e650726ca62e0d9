//! Settings by the names that Wasmtime has for them, for code that is written for it.

use anyhow::{Error, Result, bail};
use riser_tiers_core::{LINKED_TIERS, Mode};

use super::Config;

/// How functions are compiled; a mode by the name of one of Wasmtime's compilers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// The mode of [`Config::new`].
    #[default]
    Auto,
    /// Every function is compiled at its first call: the mode of the lowest step of [`Mode::MultiTier`], which is Cranelift's.
    Cranelift,
    /// Code runs at once: [`Mode::MultiTier`], or [`Mode::Interp`] if there is no tier to move up to. There is no baseline compiler.
    Winch,
}

/// How much work Cranelift puts into a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OptLevel {
    /// As little as possible.
    None,
    /// As much as makes code faster.
    #[default]
    Speed,
    /// As `Speed`.
    SpeedAndSize,
}

/// As many threads as a setting says; see [`Config::parallel_compilation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jobs(pub(super) usize);

impl From<usize> for Jobs {
    fn from(jobs: usize) -> Jobs {
        Jobs(jobs)
    }
}

impl From<bool> for Jobs {
    /// As many as there are cores, or one.
    fn from(parallel: bool) -> Jobs {
        Jobs(if parallel { 0 } else { 1 })
    }
}

/// What rules out that accesses to memories fault: a part for each setting, so that their order does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NeverFaults {
    no_signals: bool,
    small_reservation: bool,
    no_guard: bool,
}

impl NeverFaults {
    /// Whether anything does.
    pub(super) fn any(self) -> bool {
        let NeverFaults { no_signals, small_reservation, no_guard } = self;
        no_signals || small_reservation || no_guard
    }
}

impl Config {
    /// Sets the mode by the name of a compiler; see [`Config::mode`]. If the program has no such compiler, making an engine fails
    /// with a message that says how to get it.
    pub fn strategy(&mut self, strategy: Strategy) -> &mut Config {
        let lowest = self.tiers.iter().find(|tier| tier.step().is_some()).map(|tier| tier.mode());
        let linked = || LINKED_TIERS.iter().filter(|tier| tier.step.is_some()).min_by_key(|tier| tier.step);
        let at_once = if lowest.is_some() { Mode::MultiTier } else { Mode::Interp };
        let mode = match strategy {
            Strategy::Auto | Strategy::Winch => at_once,
            Strategy::Cranelift => {
                lowest.or_else(|| linked().map(|tier| Mode::Tier(tier.name))).unwrap_or(Mode::MultiTier)
            }
        };
        self.mode(mode)
    }

    /// How much work Cranelift puts into a function; other tiers have settings of their own ([`Config::tier_options`]).
    pub fn cranelift_opt_level(&mut self, level: OptLevel) -> &mut Config {
        let is_fast = match level {
            OptLevel::None => false,
            OptLevel::Speed | OptLevel::SpeedAndSize => true,
        };
        let lowest = self.tiers.iter().find(|tier| tier.step().is_some());
        match lowest.and_then(|tier| tier.with_effort(is_fast)) {
            Some(tier) => self.tier(tier),
            None => self,
        }
    }

    /// The processor, as the first part of a target triple. Code is for the machine that it is made on.
    ///
    /// # Errors
    ///
    /// If it is for another processor.
    pub fn target(&mut self, target: &str) -> Result<&mut Config> {
        let here = std::env::consts::ARCH;
        if target.split('-').next() != Some(here) {
            bail!("cannot compile for `{target}`: machine code is made for the machine that it is made on, `{here}`");
        }
        Ok(self)
    }

    /// Asks for an extension of the processor, `has_avx2` for example. Code uses what the processor has, whatever is asked for.
    /// Making an engine fails if the processor does not have it.
    pub fn cranelift_flag_enable(&mut self, flag: &str) -> &mut Config {
        self.processor_flags.push(flag.to_owned());
        self
    }

    /// Without effect: calls may be futures ([`crate::Func::call_async`]) in every engine.
    #[cfg(feature = "async")]
    pub fn async_support(&mut self, _enable: bool) -> &mut Config {
        self
    }

    /// Whether accesses to memories may trap by faulting. If not, they are checked, whatever else is set:
    /// [`Bounds::Explicit`](crate::Bounds::Explicit).
    pub fn signals_based_traps(&mut self, enable: bool) -> &mut Config {
        self.never_faults.no_signals = !enable;
        self
    }

    /// The address space to reserve for a memory, in bytes. It is 8 GiB for each that guard pages bound. Less than 4 GiB means that
    /// accesses are checked, whatever else is set: [`Bounds::Explicit`](crate::Bounds::Explicit).
    pub fn memory_reservation(&mut self, bytes: u64) -> &mut Config {
        self.never_faults.small_reservation = bytes < 4 << 30;
        self
    }

    /// The size of the guard behind a memory, in bytes. It is 4 GiB and more for each that guard pages bound. None at all means that
    /// accesses are checked, whatever else is set: [`Bounds::Explicit`](crate::Bounds::Explicit).
    pub fn memory_guard_size(&mut self, bytes: u64) -> &mut Config {
        self.never_faults.no_guard = bytes == 0;
        self
    }

    /// Whether initial contents of memories may be mapped from the module, copied on write. They are always copied, which no program
    /// can tell.
    pub fn memory_init_cow(&mut self, _enable: bool) -> &mut Config {
        self
    }

    /// Whether compiled code is reported to GDB, in any engine of the process from now on. It cannot be taken back.
    pub fn debug_info(&mut self, enable: bool) -> &mut Config {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        if enable {
            use riser_tiers_core::native::{ProfilingStrategy, profile};
            profile::start(ProfilingStrategy::Gdb).expect("GDB's interface needs no file");
        }
        let _ = enable;
        self
    }

    /// Whether the error of a call that traps has a [`crate::WasmCoreDump`]. Off by default.
    pub fn coredump_on_trap(&mut self, enable: bool) -> &mut Config {
        self.coredump = enable;
        self
    }

    /// Checks that the processor has what is asked for.
    pub(crate) fn check_processor(&self) -> Result<()> {
        self.processor_flags.iter().try_for_each(|flag| match has(flag) {
            Some(true) => Ok(()),
            Some(false) => Err(Error::msg(format!("the processor does not have what the flag `{flag}` stands for"))),
            None => Err(Error::msg(format!("unknown flag `{flag}` of the processor"))),
        })
    }
}

/// Makes the switches of proposals that there are not.
macro_rules! lacking {
    ($($switch:ident $name:literal;)*) => {
        /// Proposals that are not implemented: turning one on makes the engine fail.
        impl Config {$(
            #[doc = concat!("Whether modules may use ", $name, ", which are not implemented: with `true`, making an engine fails.")]
            pub fn $switch(&mut self, enable: bool) -> &mut Config {
                self.lacking.retain(|&name| name != $name);
                if enable {
                    self.lacking.push($name);
                }
                self
            }
        )*}
    };
}

lacking! {
    wasm_gc "garbage-collected types";
    wasm_function_references "typed function references";
    wasm_stack_switching "stack switching";
    wasm_shared_everything_threads "shared-everything threads";
    wasm_component_model "components";
}

/// Whether the processor has what a flag stands for; `None` if the flag is unknown.
fn has(flag: &str) -> Option<bool> {
    #[cfg(target_arch = "x86_64")]
    {
        Some(match flag {
            "has_sse3" => is_x86_feature_detected!("sse3"),
            "has_ssse3" => is_x86_feature_detected!("ssse3"),
            "has_sse41" => is_x86_feature_detected!("sse4.1"),
            "has_sse42" => is_x86_feature_detected!("sse4.2"),
            "has_popcnt" => is_x86_feature_detected!("popcnt"),
            "has_avx" => is_x86_feature_detected!("avx"),
            "has_avx2" => is_x86_feature_detected!("avx2"),
            "has_fma" => is_x86_feature_detected!("fma"),
            "has_bmi1" => is_x86_feature_detected!("bmi1"),
            "has_bmi2" => is_x86_feature_detected!("bmi2"),
            "has_lzcnt" => is_x86_feature_detected!("lzcnt"),
            _ => return None,
        })
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = flag;
        None
    }
}
