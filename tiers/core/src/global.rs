//! Global instances (core spec, section 4.2.9).

use riser_translator::module::GlobalType;

/// A global: its value's slots, first, and its type.
#[repr(C)]
#[derive(Debug)]
pub struct Global {
    /// The value; a v128 takes both slots, anything else the first.
    pub slots: [u64; 2],
    /// The type.
    pub ty: GlobalType,
}

impl Global {
    /// A global of type `ty` with the value of one slot.
    pub fn new(ty: GlobalType, bits: u64) -> Global {
        Global { slots: [bits, 0], ty }
    }
}
