//! Running modes: which execution technique runs an instance's functions.

use std::fmt;
use std::str::FromStr;

use crate::LINKED_TIERS;

/// A running mode.
///
/// The register interpreter and the tiers that are plugged into an engine decide which modes it supports. The mode of an
/// instance is, in order of priority, its own, the engine's default, or the compiled default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// All functions in the tier with this [name](crate::Tier::name).
    Tier(&'static str),
    /// The register interpreter.
    Interp,
    /// All functions compiled ahead of time: when the module is made, or in a file that the module is loaded from.
    Aot,
    /// Functions start in the register interpreter and tier up as they get hot.
    MultiTier,
}

impl Mode {
    /// Every mode that the program knows: those of the tiers that are [linked into it](LINKED_TIERS), whether they support this
    /// machine or not, and the engine's own. Interpreters come first, then the steps of [`Mode::MultiTier`] from the lowest on.
    pub fn all() -> Vec<Mode> {
        let mut tiers: Vec<_> = LINKED_TIERS.iter().map(|tier| (tier.step, tier.name)).collect();
        tiers.sort_unstable();
        let (others, steps) = tiers.split_at(tiers.partition_point(|(step, _)| step.is_none()));
        let mode = |&(_, name): &(_, &'static str)| Mode::Tier(name);
        let interpreters = others.iter().map(mode).chain([Mode::Interp]);
        interpreters.chain(steps.iter().map(mode)).chain([Mode::Aot, Mode::MultiTier]).collect()
    }

    /// The mode's name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Tier(name) => name,
            Mode::Interp => "interp",
            Mode::Aot => "aot",
            Mode::MultiTier => "multi-tier",
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
        Mode::all().iter().try_for_each(|mode| write!(f, " `{mode}`"))
    }
}

impl std::error::Error for ParseModeError {}

impl FromStr for Mode {
    type Err = ParseModeError;

    fn from_str(name: &str) -> Result<Mode, ParseModeError> {
        Mode::all().into_iter().find(|mode| mode.name() == name).ok_or_else(|| ParseModeError(name.to_owned()))
    }
}
