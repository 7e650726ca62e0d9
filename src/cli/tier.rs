//! Tiers that make machine code, by their names in flags.

use clap::Args;
use clap::builder::TypedValueParser;

use super::engine::one_of_or;
use crate::fast_jit::{self, FastTier};
#[cfg(feature = "llvm")]
use crate::llvm::{self, LlvmTier};
use crate::{Mode, modes};

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
    /// The tiers of this build.
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

    /// Accepts the name of a tier, or of its mode.
    pub fn parser() -> impl TypedValueParser<Value = Tier> {
        one_of_or(Tier::ALL, Tier::name, |tier| Some(tier.mode().name()))
    }

    /// Its mode.
    pub fn mode(self) -> Mode {
        match self {
            Tier::Fast => modes::FAST_JIT,
            #[cfg(feature = "llvm")]
            Tier::Llvm => modes::LLVM_JIT,
        }
    }
}

/// The processor that machine code is for.
#[derive(Args, Debug)]
pub struct TargetCpuArgs {
    /// The processor that the code is for: this one, or any with SSE4.1
    #[arg(long, value_name = "CPU", default_value = "native", value_parser = ["native", "x86-64"])]
    target_cpu: String,
}

impl TargetCpuArgs {
    /// The Fast JIT with the given settings, for the processor.
    pub fn fast(&self, options: fast_jit::Options) -> anyhow::Result<FastTier> {
        FastTier::for_processor(options, self.target_cpu.parse()?).map_err(anyhow::Error::msg)
    }

    /// LLVM with the given settings, for the processor.
    #[cfg(feature = "llvm")]
    pub fn llvm(&self, options: llvm::Options) -> anyhow::Result<LlvmTier> {
        let processor = llvm::Processor::ALL.iter().copied().find(|processor| processor.name() == self.target_cpu);
        let processor = processor.ok_or_else(|| anyhow::anyhow!("LLVM does not know the processor"))?;
        LlvmTier::for_processor(options, processor).map_err(anyhow::Error::msg)
    }
}
