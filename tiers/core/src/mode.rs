//! Running modes: which execution technique runs an instance's functions.

use std::fmt;
use std::str::FromStr;

/// A running mode.
///
/// Cargo features decide which modes exist in a build. The mode of an instance is, in order of priority, its own, the engine's
/// default, or the compiled default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Mode {
    /// The stack-based classic interpreter.
    Classic,
    /// The register interpreter.
    Interp,
    /// Functions compiled by Cranelift, each at its first call.
    FastJit,
    /// Functions compiled by LLVM, each at its first call.
    LlvmJit,
    /// All functions compiled ahead of time: when the module is made, or in a file that the module is loaded from.
    Aot,
    /// Functions start in the register interpreter and tier up as they get hot.
    MultiTier,
}

impl Mode {
    /// Every mode that this version of Riser knows, compiled in or not.
    pub const ALL: &[Mode] = &[Mode::Classic, Mode::Interp, Mode::FastJit, Mode::LlvmJit, Mode::Aot, Mode::MultiTier];

    /// The modes of the tiers above the register interpreter, in the order in which functions move up in the mode
    /// [`Mode::MultiTier`]; an engine may lack some of them.
    pub const STEPS: &[Mode] = &[Mode::FastJit, Mode::LlvmJit];

    /// The mode's name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Classic => "classic",
            Mode::Interp => "interp",
            Mode::FastJit => "fast-jit",
            Mode::LlvmJit => "llvm-jit",
            Mode::Aot => "aot",
            Mode::MultiTier => "multi-tier",
        }
    }

    /// The cargo feature that compiles the mode in; `None` if it is always there.
    pub const fn feature(self) -> Option<&'static str> {
        match self {
            Mode::Classic => Some("classic"),
            Mode::Interp => None,
            Mode::FastJit | Mode::Aot | Mode::MultiTier => Some("fast-jit"),
            Mode::LlvmJit => Some("llvm"),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error for a name that is no mode's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseModeError(String);

impl fmt::Display for ParseModeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown mode `{}`; expected one of", self.0)?;
        Mode::ALL.iter().try_for_each(|mode| write!(f, " `{mode}`"))
    }
}

impl std::error::Error for ParseModeError {}

impl FromStr for Mode {
    type Err = ParseModeError;

    fn from_str(name: &str) -> Result<Mode, ParseModeError> {
        Mode::ALL.iter().copied().find(|mode| mode.name() == name).ok_or_else(|| ParseModeError(name.to_owned()))
    }
}
