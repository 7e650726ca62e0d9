//! The progress of a module's functions towards a tier: requests for compilation, and OSR code for loops. All instances
//! of the module and the compiling threads share it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use riser_tiers_core::{Bailout, LoopCode};
use riser_translator::DefinedFuncIndex;
use riser_translator::module::ModuleInfo;

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

/// The bytes of bodies that OSR code may be made of for any module: small modules get as many entries as they ask for.
const LEAST_BYTES: usize = 256 << 10;

/// How many times as many bytes as the module's bodies have may be compiled besides. A frame needs one entry, from which it does not come
/// back. But each of a thousand frames of a function can be in another one of its loops, and for each loop the function is compiled anew.
const TIMES_COMPILED: usize = 8;

/// The progress of functions towards one tier.
#[derive(Default)]
pub(crate) struct TierUp {
    requested: Mutex<HashSet<(DefinedFuncIndex, Part)>>,
    /// The bytes of the bodies that OSR code was made of, counted anew for each loop.
    loop_bytes: AtomicUsize,
    loops: Mutex<HashMap<(DefinedFuncIndex, u32), Result<LoopCode, Bailout>>>,
}

impl TierUp {
    /// Notes a request for a part of a function. Returns whether it is the first one.
    pub(crate) fn request(&self, defined: DefinedFuncIndex, part: Part) -> bool {
        self.requested.lock().unwrap_or_else(PoisonError::into_inner).insert((defined, part))
    }

    /// Counts the OSR code that is about to be made for a loop of a function.
    ///
    /// # Errors
    ///
    /// If the module has had all that its size allows.
    pub(crate) fn count_loop(&self, info: &ModuleInfo, defined: DefinedFuncIndex) -> Result<(), Bailout> {
        let (first, last) = (info.bodies.first(), info.bodies.last());
        // Bodies follow each other in the module.
        let all = first.zip(last).map_or(0, |(first, last)| (last.range.end - first.range.start) as usize);
        let most = LEAST_BYTES.saturating_add(all.saturating_mul(TIMES_COMPILED));
        let this = info.bodies[defined.index()].range.len();
        let count = |bytes: usize| bytes.checked_add(this).filter(|&bytes| bytes <= most);
        match self.loop_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count) {
            Ok(_) => Ok(()),
            Err(bytes) => Err(Bailout::TooLarge(format!(
                "it has {this} bytes, and {bytes} have been compiled for loops, of at most {most} for the module"
            ))),
        }
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
