//! The tiers of the build, for a static library as well.
//!
//! Tiers plug themselves in by a list that the linker assembles. From a static library a linker takes only what something refers
//! to, and nothing refers to a tier but that list; so this does.

use std::hint::black_box;
use std::sync::Arc;

use riser::{Config, Tier, TierOptions as _};

/// How a tier is made.
type Make = fn() -> Result<Arc<dyn Tier>, String>;

static TIERS: &[Make] = &[
    || Ok(Arc::new(riser::classic::ClassicTier::new())),
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    || riser::fast_jit::Options::default().tier(),
    #[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
    || riser::llvm::Options::default().tier(),
];

/// The default configuration, with every tier of the build.
pub fn config() -> Config {
    black_box(TIERS);
    Config::new()
}
