//! How far a module's functions are on their way up to a tier: what has been asked for, and the ways into loops.
//! Shared by all instances of the module, and by the threads that compile.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use riser_tiers_core::{Bailout, LoopCode};

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// The function.
    Function,
    /// A way into the function at the loop whose operator is at this offset in the module.
    Loop(u32),
}

impl Part {
    /// The loop's offset.
    pub(crate) fn loop_offset(self) -> Option<u32> {
        match self {
            Part::Function => None,
            Part::Loop(offset) => Some(offset),
        }
    }
}

/// How far functions are on their way to one tier.
#[derive(Default)]
pub(crate) struct Climb {
    requested: Mutex<HashSet<(u32, Part)>>,
    loops: Mutex<HashMap<(u32, u32), Result<LoopCode, Bailout>>>,
}

impl Climb {
    /// Whether this is the first request for that part of a function.
    pub(crate) fn request(&self, defined: u32, part: Part) -> bool {
        self.requested.lock().unwrap_or_else(PoisonError::into_inner).insert((defined, part))
    }

    /// The way into a loop, if there is one, or why there will be none.
    pub(crate) fn loop_code(&self, defined: u32, offset: u32) -> Option<Result<LoopCode, Bailout>> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner).get(&(defined, offset)).cloned()
    }

    /// Keeps what came of the request for a way into a loop.
    pub(crate) fn set_loop_code(&self, defined: u32, offset: u32, code: Result<LoopCode, Bailout>) {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner).insert((defined, offset), code);
    }
}
