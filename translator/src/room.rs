//! Room for what is known of places in a function.

use crate::error::{ErrorKind, TranslateError};
use crate::index::FuncIndex;
use crate::module::ModuleInfo;

/// Room for lists of what is live at the places of a function. Each of many values can be live at each of many places, so that the lists
/// could take many times the memory that the body does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// How many more values there may be.
    left: usize,
    /// Whether there was no room for some.
    is_exceeded: bool,
}

impl Room {
    pub(crate) const UNLIMITED: Room = Room { left: usize::MAX, is_exceeded: false };

    /// The room that a body of any size has.
    const LEAST: usize = 1 << 16;

    /// How many values there may be for each byte of a larger body. What compilers make has less than one.
    const PER_BYTE: usize = 8;

    /// The room for a function.
    pub(crate) fn of(info: &ModuleInfo, function: FuncIndex) -> Room {
        let bytes = info.body_bytes(function).map_or(0, <[u8]>::len);
        Room { left: bytes.saturating_mul(Room::PER_BYTE).max(Room::LEAST), is_exceeded: false }
    }

    /// Lists values; none, if there is no room for all.
    pub(crate) fn list<T>(&mut self, values: impl Iterator<Item = T>) -> Vec<T> {
        let listed: Vec<T> = values.take(self.left.saturating_add(1)).collect();
        match self.left.checked_sub(listed.len()) {
            Some(left) => {
                self.left = left;
                listed
            }
            None => {
                (self.left, self.is_exceeded) = (0, true);
                Vec::new()
            }
        }
    }

    /// Checks that there was room for all.
    ///
    /// # Errors
    ///
    /// If not.
    pub(crate) fn check(self, info: &ModuleInfo, function: FuncIndex) -> Result<(), TranslateError> {
        if !self.is_exceeded {
            return Ok(());
        }
        let start = info.defined_function(function).map_or(0, |defined| info.bodies[defined.index()].range.start);
        let why = "too many values are live at the safepoints, calls or probes of the function";
        Err(TranslateError::new(ErrorKind::Unsupported, start as usize, why).in_function(info, function))
    }
}
