//! Configurations that know the tiers of this build.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use riser_vm::{Mode, Tier};

/// Makes a tier with its default settings; `None` where the machine does not have what it takes.
type MakeTier = fn() -> Option<Arc<dyn Tier>>;

/// The tiers of this build.
const TIERS: &[MakeTier] = &[
    #[cfg(feature = "classic")]
    || Some(Arc::new(riser_classic::ClassicTier::new())),
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    || Some(Arc::new(riser_fast::FastTier::new(riser_fast::Options::default()).ok()?)),
    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    || Some(Arc::new(riser_llvm::LlvmTier::new(riser_llvm::Options::default()).ok()?)),
];

/// The WebAssembly features beyond version 1.0 that every mode supports, by the names of their proposals.
pub const FEATURES: &[&str] = &[
    "mutable-globals",
    "sign-extension",
    "saturating-float-to-int",
    "multi-value",
    "bulk-memory",
    "reference-types",
    "extended-const",
    "tail-call",
    "multi-memory",
    "memory64",
];

/// Configuration of an [`Engine`](crate::Engine): a [`riser_vm::Config`], with the tiers plugged in that this
/// build has.
///
/// It derefs to the other, which has the settings, and is accepted in its place.
#[derive(Clone, Debug)]
pub struct Config {
    inner: riser_vm::Config,
}

impl Config {
    /// The default configuration, with every tier of this build. The mode is [`Mode::MultiTier`](crate::Mode::MultiTier)
    /// where there is a tier to move up to, else [`Mode::Interp`](crate::Mode::Interp).
    pub fn new() -> Config {
        let mut inner = riser_vm::Config::new();
        for tier in TIERS.iter().filter_map(|make| make()) {
            if tier.mode() == Mode::FastJit {
                inner.mode(Mode::MultiTier);
            }
            inner.tier(tier);
        }
        Config { inner }
    }

    /// Plugs the Fast JIT in with settings of its own, for [`Mode::FastJit`](crate::Mode::FastJit).
    ///
    /// # Errors
    ///
    /// If Cranelift does not support this machine.
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    pub fn fast_jit(&mut self, options: riser_fast::Options) -> crate::Result<&mut Config> {
        let tier = riser_fast::FastTier::new(options).map_err(crate::Error::msg)?;
        self.inner.tier(Arc::new(tier));
        Ok(self)
    }

    /// Plugs LLVM in with settings of its own, for [`Mode::LlvmJit`](crate::Mode::LlvmJit).
    ///
    /// # Errors
    ///
    /// If the tier does not support this machine.
    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    pub fn llvm(&mut self, options: riser_llvm::Options) -> crate::Result<&mut Config> {
        let tier = riser_llvm::LlvmTier::new(options).map_err(crate::Error::msg)?;
        self.inner.tier(Arc::new(tier));
        Ok(self)
    }

    /// Has a profiler or a debugger told of the machine code that is made from now on, in this and any other engine of the
    /// process.
    ///
    /// # Errors
    ///
    /// If the profiler's file cannot be written.
    #[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
    pub fn profiler(&mut self, strategy: crate::ProfilingStrategy) -> crate::Result<&mut Config> {
        riser_tiers_core::native::profile::start(strategy)
            .map_err(|error| crate::Error::new(error).context("cannot write the profiler's file"))?;
        Ok(self)
    }
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}

impl Deref for Config {
    type Target = riser_vm::Config;

    fn deref(&self) -> &riser_vm::Config {
        &self.inner
    }
}

impl DerefMut for Config {
    fn deref_mut(&mut self) -> &mut riser_vm::Config {
        &mut self.inner
    }
}
