//! The progress of a module's functions towards a tier: requests for compilation, and OSR code for loops. All instances
//! of the module and the compiling threads share it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use riser_tiers_core::{Bailout, LoopCode};
use riser_translator::DefinedFuncIndex;

/// A part of a function that can be requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// The function.
    Function,
    /// OSR code that enters the function at the loop whose operator is at this offset in the module.
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

/// The progress of functions towards one tier.
#[derive(Default)]
pub(crate) struct TierUp {
    requested: Mutex<HashSet<(DefinedFuncIndex, Part)>>,
    loops: Mutex<HashMap<(DefinedFuncIndex, u32), Result<LoopCode, Bailout>>>,
}

impl TierUp {
    /// Notes a request for a part of a function. Returns whether it is the first one.
    pub(crate) fn request(&self, defined: DefinedFuncIndex, part: Part) -> bool {
        self.requested.lock().unwrap_or_else(PoisonError::into_inner).insert((defined, part))
    }

    /// Returns the OSR code for a loop, or the reason why there is none; `None` as long as neither is known.
    pub(crate) fn loop_code(&self, defined: DefinedFuncIndex, offset: u32) -> Option<Result<LoopCode, Bailout>> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner).get(&(defined, offset)).cloned()
    }

    /// Keeps the outcome of the request for a loop's OSR code.
    pub(crate) fn set_loop_code(&self, defined: DefinedFuncIndex, offset: u32, code: Result<LoopCode, Bailout>) {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner).insert((defined, offset), code);
    }
}
