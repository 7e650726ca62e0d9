//! Global instances (core spec, section 4.2.9).

use riser_translator::module::GlobalType;

/// A global: its value's slots, at offset 0, and its type.
#[repr(C)]
#[derive(Debug)]
pub struct Global {
    /// The value; a v128 takes both slots, anything else the first.
    pub slots: [u64; 2],
    /// The type.
    pub ty: GlobalType,
}

impl Global {
    /// A global of type `ty`. Its value takes as many of the slots as the type says.
    pub fn new(ty: GlobalType, slots: [u64; 2]) -> Global {
        Global { slots, ty }
    }
}
