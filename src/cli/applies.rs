//! Tables of where flags apply.
//!
//! A flag that has no effect misleads the user. So tables list for each flag in which modes, or for which tiers, it
//! applies. If neither mode nor tier is given, the flags choose it; a flag that does not apply to the given one is an
//! error.

use std::ffi::OsStr;

use clap::ArgMatches;
use clap::error::{Error, ErrorKind};
use clap::parser::ValueSource;
use riser_tiers_core::LINKED_TIERS;

use crate::Mode;
use crate::modes::{CLASSIC, FAST_JIT, LLVM_JIT};

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
use super::tier::Tier;

/// What flags may apply to: a value of another flag.
pub trait Choice: Copy + PartialEq + Send + Sync + 'static {
    /// The other flag's id.
    const ID: &'static str;

    /// The value's name.
    fn name(self) -> &'static str;

    /// Whether this build includes it.
    fn is_built_in(self) -> bool;

    /// Whether it is a tier that the tables do not know, of somebody who builds a command with tiers of their own.
    fn is_own(self) -> bool {
        false
    }
}

impl Choice for Mode {
    const ID: &'static str = "mode";

    fn name(self) -> &'static str {
        Mode::name(self)
    }

    fn is_built_in(self) -> bool {
        self == Mode::Interp || LINKED_TIERS.iter().any(|tier| tier.provides(self) && (tier.make)().is_ok())
    }

    fn is_own(self) -> bool {
        matches!(self, Mode::Tier(_)) && ![CLASSIC, FAST_JIT, LLVM_JIT].contains(&self)
    }
}

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
impl Choice for Tier {
    const ID: &'static str = "tier";

    fn name(self) -> &'static str {
        Tier::name(self)
    }

    fn is_built_in(self) -> bool {
        true
    }
}

/// A row of a table.
pub struct Row<T: 'static> {
    /// Ids of flags; `ID=VALUE` for one value of a flag, whatever follows a further `=`.
    pub flags: &'static [&'static str],
    /// The choices that they apply to; empty if this build includes none of them. If no choice is given, the first one
    /// that all given flags apply to is chosen.
    pub to: &'static [T],
    /// Whether they also apply to [tiers of one's own](Choice::is_own).
    pub own: bool,
}

impl<T: Choice> Row<T> {
    fn applies_to(&self, choice: T) -> bool {
        self.to.contains(&choice) || self.own && choice.is_own()
    }
}

/// The flags that have an effect in some modes only, of all subcommands.
pub const MODES: &[Row<Mode>] = &[
    // The others work in every mode.
    Row {
        flags: &[
            "monitor=calls",
            "monitor=loops",
            "monitor=branches",
            "monitor=coverage",
            "monitor=memory",
            "monitor=hotness",
        ],
        to: &[Mode::Interp, CLASSIC],
        own: false,
    },
    Row {
        flags: &["dispatch", "translator_filter", "translator_naive", "translator_off", "translator_on"],
        to: &[Mode::Interp, Mode::MultiTier],
        own: false,
    },
    Row {
        flags: &["fast_jit_opt", "fast_jit_regalloc"],
        to: &[
            FAST_JIT,
            Mode::MultiTier,
            // If the build includes LLVM, LLVM compiles ahead of time.
            #[cfg(not(feature = "llvm"))]
            Mode::Aot,
        ],
        own: false,
    },
    Row { flags: &["llvm_opt"], to: &[LLVM_JIT, Mode::MultiTier, Mode::Aot], own: false },
    Row {
        flags: &["spectre", "relaxed_simd", "snapshots"],
        to: &[Mode::MultiTier, FAST_JIT, LLVM_JIT, Mode::Aot],
        own: true,
    },
    Row {
        flags: &["tier_calls", "tier_loops", "tier_threads", "tier_delay", "tier_filter", "tier_schedule", "log_tiers"],
        to: &[Mode::MultiTier],
        own: false,
    },
    Row {
        flags: &["tier_up_calls", "tier_up_loops", "tier_up_delay"],
        to: &[
            #[cfg(feature = "llvm")]
            Mode::MultiTier,
        ],
        own: false,
    },
    Row { flags: &["perf_map", "jitdump", "gdb"], to: &[Mode::MultiTier, FAST_JIT, LLVM_JIT, Mode::Aot], own: true },
    // The cache keeps the code of whole modules.
    Row { flags: &["cache", "cache_limit"], to: &[Mode::Aot, FAST_JIT, LLVM_JIT], own: true },
    Row {
        flags: &["compile=lazy", "compile=lazy-translation"],
        to: &[Mode::MultiTier, Mode::Interp, CLASSIC, FAST_JIT, LLVM_JIT],
        own: true,
    },
    Row { flags: &["compile=speculative"], to: &[FAST_JIT, LLVM_JIT, CLASSIC], own: true },
];

/// The flags of `riser dump-jit` that have an effect for one tier only.
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
pub const TIERS: &[Row<Tier>] = &[
    Row { flags: &["fast_jit_opt", "fast_jit_regalloc", "loop_offset"], to: &[Tier::Fast], own: false },
    #[cfg(feature = "llvm")]
    Row { flags: &["llvm_opt"], to: &[Tier::Llvm], own: false },
];

/// The given value, or otherwise the one that the other flags choose, with the name of a flag that does so; `None` if they
/// leave it open.
///
/// # Errors
///
/// If a given flag has no effect.
pub fn choose<T: Choice>(table: &[Row<T>], matches: &ArgMatches) -> Result<Option<(T, Option<String>)>, Error> {
    let given = |row: &Row<T>| row.flags.iter().find(|&&flag| is_given(matches, flag)).map(|flag| spelled(flag));
    let rows: Vec<(String, &Row<T>)> = table.iter().filter_map(|row| Some((given(row)?, row))).collect();
    if let Some((flag, _)) = rows.iter().find(|(_, row)| row.to.is_empty()) {
        return Err(error(format!("'{flag}' does nothing in this build; 'riser modes' says what is not compiled in")));
    }
    if let Some(&asked) = matches.get_one::<T>(T::ID) {
        return match rows.iter().find(|(_, row)| !row.applies_to(asked)) {
            Some((flag, row)) => Err(error(format!(
                "'{flag}' does nothing with '--{} {}'; it applies to {}",
                T::ID,
                asked.name(),
                names(row.to)
            ))),
            None => Ok(Some((asked, None))),
        };
    }
    let Some((flag, first)) = rows.first() else { return Ok(None) };
    let common: Vec<T> =
        first.to.iter().copied().filter(|&choice| rows.iter().all(|(_, row)| row.applies_to(choice))).collect();
    match common.iter().find(|choice| choice.is_built_in()).or(common.first()) {
        Some(&choice) => Ok(Some((choice, Some(flag.clone())))),
        None => {
            let apply = rows.iter().map(|(flag, row)| format!("\n  '{flag}' applies to {}", names(row.to)));
            Err(error(format!(
                "these flags do nothing together: there is no '--{}' for all{}",
                T::ID,
                apply.collect::<String>()
            )))
        }
    }
}

fn names<T: Choice>(to: &[T]) -> String {
    let names: Vec<String> = to.iter().map(|choice| format!("'--{} {}'", T::ID, choice.name())).collect();
    names.join(", ")
}

fn error(message: String) -> Error {
    Error::raw(ErrorKind::ArgumentConflict, message)
}

/// Whether a flag, or a value of it, is on the command line. The subcommand need not have the flag.
fn is_given(matches: &ArgMatches, flag: &str) -> bool {
    let (id, value) = flag.split_once('=').map_or((flag, None), |(id, value)| (id, Some(value)));
    matches.try_contains_id(id).is_ok()
        && matches.value_source(id) == Some(ValueSource::CommandLine)
        && value.is_none_or(|value| matches.get_raw(id).is_some_and(|mut given| given.any(|it| is_value(it, value))))
}

/// Whether a flag's value is the one with a name, perhaps with something behind `=`.
fn is_value(given: &OsStr, name: &str) -> bool {
    given.as_encoded_bytes().split(|&byte| byte == b'=').next() == Some(name.as_bytes())
}

/// A flag as it is written on the command line.
fn spelled(flag: &str) -> String {
    let flag = if flag == "loop_offset" { "loop" } else { flag };
    format!("--{}", flag.replace('_', "-").replace('=', " "))
}
