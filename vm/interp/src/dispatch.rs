//! The names of the dispatch strategies and bounds strategies.

use std::fmt;
use std::str::FromStr;

/// How the register interpreter gets from one instruction to the next. All strategies run the same instruction bodies
/// over the same code, which differs only in the first word of each instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Dispatch {
    /// A loop around one `match` on the instruction's token.
    Switch,
    /// A loop that calls the handler whose address the instruction holds.
    CallLoop,
    /// Handlers jump to the handler that a table holds for the next instruction's token.
    TokenTail,
    /// Handlers jump to the handler whose address the next instruction holds.
    DirectTail,
    /// As `DirectTail`, with [several copies](Dispatch::copies) of each handler, which the instructions of a loop take in turn. Each copy
    /// then reads and writes fewer slots than one handler would.
    #[default]
    ReplicatedTail,
    /// As `DirectTail`, by explicit tail calls, which the compiler guarantees and checks.
    #[cfg(feature = "become")]
    Become,
    /// A loop that counts each instruction and calls its handler; see
    /// `Store::count_instructions`. Slow: for the study of programs.
    Profile,
}

impl Dispatch {
    /// Every strategy of this build that is meant to run programs, in the order of their numbers.
    pub const ALL: &[Dispatch] = &[
        Dispatch::Switch,
        Dispatch::CallLoop,
        Dispatch::TokenTail,
        Dispatch::DirectTail,
        Dispatch::ReplicatedTail,
        #[cfg(feature = "become")]
        Dispatch::Become,
    ];

    /// The strategy's name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Dispatch::Switch => "switch",
            Dispatch::CallLoop => "call-loop",
            Dispatch::TokenTail => "token-tail",
            Dispatch::DirectTail => "direct-tail",
            Dispatch::ReplicatedTail => "replicated-tail",
            #[cfg(feature = "become")]
            Dispatch::Become => "become",
            Dispatch::Profile => "profile",
        }
    }

    /// The strategy that runs when this one is requested: builds whose handlers are not optimised, or carry debug
    /// assertions, cannot rely on sibling calls and fall back to a loop.
    pub const fn effective(self) -> Dispatch {
        match self {
            #[cfg(not(tail_dispatch))]
            Dispatch::DirectTail | Dispatch::TokenTail | Dispatch::ReplicatedTail => Dispatch::CallLoop,
            other => other,
        }
    }

    /// How many copies there are of each handler in this build. [`Dispatch::Switch`] has no handlers, and counts as having one.
    pub const fn copies(self) -> u8 {
        match self.effective() {
            Dispatch::ReplicatedTail => 3,
            #[cfg(feature = "become")]
            Dispatch::Become => 1,
            Dispatch::Switch | Dispatch::CallLoop | Dispatch::DirectTail | Dispatch::TokenTail | Dispatch::Profile => 1,
        }
    }

    pub(crate) fn from_number(number: u8) -> Dispatch {
        Dispatch::ALL.get(number as usize).copied().unwrap_or(Dispatch::Profile)
    }
}

/// How accesses to 32-bit memories are kept in bounds. Other memories are always checked explicitly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Bounds {
    /// By comparing each address with the memory's length.
    #[default]
    Explicit,
    /// By guard pages around the memory: an access out of bounds faults, and the fault becomes a trap.
    Guard,
}

impl Bounds {
    /// Both strategies.
    pub const ALL: &[Bounds] = &[Bounds::Explicit, Bounds::Guard];

    /// The strategy's name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Bounds::Explicit => "explicit",
            Bounds::Guard => "guard",
        }
    }

    /// Whether this build has the strategy; guard pages need x86-64 Linux.
    pub const fn is_supported(self) -> bool {
        match self {
            Bounds::Explicit => true,
            Bounds::Guard => cfg!(all(target_arch = "x86_64", target_os = "linux")),
        }
    }
}

/// The error for a name that no strategy has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseStrategyError {
    name: String,
    expected: Vec<&'static str>,
}

impl fmt::Display for ParseStrategyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown strategy `{}`; expected one of {}", self.name, self.expected.join(", "))
    }
}

impl std::error::Error for ParseStrategyError {}

macro_rules! named {
    ($Type:ident) => {
        impl fmt::Display for $Type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $Type {
            type Err = ParseStrategyError;

            fn from_str(name: &str) -> Result<$Type, ParseStrategyError> {
                $Type::ALL.iter().copied().find(|it| it.name() == name).ok_or_else(|| ParseStrategyError {
                    name: name.to_owned(),
                    expected: $Type::ALL.iter().map(|it| it.name()).collect(),
                })
            }
        }
    };
}

named!(Dispatch);
named!(Bounds);
