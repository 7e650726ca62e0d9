//! Tiers that make machine code, by the names that flags have for them.

use riser::Mode;

/// A tier that makes machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The Fast JIT.
    Fast,
    /// LLVM.
    #[cfg(feature = "llvm")]
    Llvm,
}

impl Tier {
    /// Those of this build.
    pub const ALL: &[Tier] = &[
        Tier::Fast,
        #[cfg(feature = "llvm")]
        Tier::Llvm,
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Fast => "fast",
            #[cfg(feature = "llvm")]
            Tier::Llvm => "llvm",
        }
    }

    /// Its mode.
    pub fn mode(self) -> Mode {
        match self {
            Tier::Fast => Mode::FastJit,
            #[cfg(feature = "llvm")]
            Tier::Llvm => Mode::LlvmJit,
        }
    }
}
