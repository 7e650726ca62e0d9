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
/// use riser_tiers_core::{LINKED_TIERS, LinkedTier, Mode};
///
/// #[linkme::distributed_slice(LINKED_TIERS)]
/// static LINKED: LinkedTier = LinkedTier { mode: Mode::Classic, make: || Err("this is only an example".to_owned()) };
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LinkedTier {
    /// The tier's mode.
    pub mode: Mode,
    /// Makes the tier with its default settings, or says why this machine cannot have it.
    pub make: fn() -> Result<Arc<dyn Tier>, String>,
}

/// The tiers that are linked into the program, in no particular order.
#[distributed_slice]
pub static LINKED_TIERS: [LinkedTier];
