//! Configurations that know the tiers of this build.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use riser_vm::Tier;

/// The tiers of this build.
const TIERS: &[fn() -> Arc<dyn Tier>] = &[
    #[cfg(feature = "classic")]
    || Arc::new(riser_classic::ClassicTier::new()),
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
    /// The default configuration, with every tier of this build.
    pub fn new() -> Config {
        let mut inner = riser_vm::Config::new();
        for tier in TIERS {
            inner.tier(tier());
        }
        Config { inner }
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
