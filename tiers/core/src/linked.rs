//! The tiers that are linked into the program.
//!
//! A tier's crate registers the tier here, and the VM plugs in what it finds. Neither has to know the other: the tiers that an engine has
//! by default are those that the program depends on.

use std::sync::Arc;

use linkme::distributed_slice;

use crate::{Mode, Tier};

/// A tier that is linked into the program. A tier's crate registers itself like this:
///
/// ```
/// use std::sync::Arc;
/// use riser_tiers_core::{LINKED_TIERS, LinkedTier};
///
/// #[linkme::distributed_slice(LINKED_TIERS)]
/// static LINKED: LinkedTier =
///     LinkedTier { name: "example", step: None, make: || Err("this is only an example".to_owned()) };
/// ```
///
/// A program can also register a tier that it lacks, with a function that says what to do for having it.
#[derive(Clone, Copy, Debug)]
pub struct LinkedTier {
    /// The tier's [name](Tier::name).
    pub name: &'static str,
    /// The tier's [step](Tier::step).
    pub step: Option<u32>,
    /// Makes the tier with its default settings, or says why this program, or this machine, cannot have it, and what to do.
    pub make: fn() -> Result<Arc<dyn Tier>, String>,
}

impl LinkedTier {
    /// Whether an engine that the tier is plugged into has a mode because of it.
    pub fn provides(&self, mode: Mode) -> bool {
        match mode {
            Mode::Tier(name) => self.name == name,
            Mode::Aot | Mode::MultiTier => self.step.is_some(),
            Mode::Interp => false,
        }
    }
}

/// The tiers that are linked into the program, in no particular order.
#[distributed_slice]
pub static LINKED_TIERS: [LinkedTier];
