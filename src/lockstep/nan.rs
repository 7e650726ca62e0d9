//! Treats NaNs that may differ as equal.
//!
//! If an operand of an operation is a NaN other than the canonical one, the specification leaves
//! open which NaN the operation returns. Processors return one of the operands, and their order
//! depends on how the code was compiled. So runs may differ in the signs and payloads of NaNs. With
//! [`super::Options::canonical_nans`], each NaN in a float's local or operand counts as the
//! canonical one. NaNs whose bits the code has observed, as integers or through memory, do not.
//!
//! The types of a vector's lanes are unknown. Each of its 64-bit halves counts as one fixed value
//! if either of its 32-bit halves has the bits of a NaN, as the upper half of every 64-bit NaN
//! does. So no choice of NaNs shows. Other differences may not show either, if a vector has lanes
//! that look like NaNs, as -1 does.

use std::collections::HashMap;

use anyhow::Result;
use riser_translator::safepoint::{Safepoint, SafepointKind, SafepointMap};
use riser_translator::{FuncIndex, ValType};

use crate::Module;

/// Makes the NaNs of safepoints canonical.
pub(super) struct Canonical {
    module: Module,
    /// The slots of floats and vectors, by function.
    floats: HashMap<FuncIndex, Floats>,
    /// The latest canonical safepoint; its buffers are reused.
    made: Safepoint,
}

/// Slots of floats and of vectors, with their types.
type Slots = Vec<(usize, ValType)>;

/// The slots of floats and vectors at the safepoints of a function.
struct Floats {
    locals: Slots,
    /// The slots among the operands, for each safepoint that has any.
    operands: HashMap<(SafepointKind, u32), Slots>,
}

impl Canonical {
    /// Handles safepoints of functions of `module`.
    pub(super) fn new(module: &Module) -> Canonical {
        let made = Safepoint {
            kind: SafepointKind::Entry,
            function: FuncIndex::new(0),
            offset: 0,
            locals: Vec::new(),
            operands: Vec::new(),
        };
        Canonical { module: module.clone(), floats: HashMap::new(), made }
    }

    /// The safepoint with canonical NaNs.
    ///
    /// # Errors
    ///
    /// If its function is not valid.
    pub(super) fn make<'a>(&'a mut self, safepoint: &'a Safepoint) -> Result<&'a Safepoint> {
        let Safepoint { kind, function, offset, .. } = *safepoint;
        if !self.floats.contains_key(&function) {
            self.floats.insert(function, Floats::of(&SafepointMap::of(self.module.parsed(), function)?));
        }
        let floats = &self.floats[&function];
        let operands = floats.operands.get(&(kind, offset)).map_or(&[][..], Vec::as_slice);
        if floats.locals.is_empty() && operands.is_empty() {
            return Ok(safepoint);
        }
        self.made.clone_from(safepoint);
        for (slots, values) in [(&floats.locals[..], &mut self.made.locals), (operands, &mut self.made.operands)] {
            for &(slot, ty) in slots {
                values[slot] = canonical(ty, values[slot]);
            }
        }
        Ok(&self.made)
    }
}

impl Floats {
    fn of(map: &SafepointMap) -> Floats {
        let operands = map.sites.iter().map(|site| ((site.kind, site.offset), float_slots(&site.operands)));
        Floats { locals: float_slots(&map.locals), operands: operands.filter(|(_, slots)| !slots.is_empty()).collect() }
    }
}

/// The slots of floats and of vectors among values of these types.
fn float_slots(types: &[ValType]) -> Slots {
    let mut slots = Vec::new();
    let mut at = 0;
    for &ty in types {
        let count = ty.slots() as usize;
        match ty {
            ValType::F32 | ValType::F64 | ValType::V128 => slots.extend((at..at + count).map(|slot| (slot, ty))),
            ValType::I32 | ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {}
        }
        at += count;
    }
    slots
}

/// The bits of a value's slot, with a NaN replaced by the canonical one. For a half of a vector
/// that may contain a NaN, returns the canonical 64-bit NaN.
pub(super) fn canonical(ty: ValType, bits: u64) -> u64 {
    const NAN: u64 = 0x7ff8_0000_0000_0000;
    let is_nan = |bits: u64| f32::from_bits(bits as u32).is_nan();
    match ty {
        ValType::F32 if is_nan(bits) => 0x7fc0_0000,
        ValType::F64 if f64::from_bits(bits).is_nan() => NAN,
        ValType::V128 if is_nan(bits) || is_nan(bits >> 32) => NAN,
        ValType::I32
        | ValType::I64
        | ValType::F32
        | ValType::F64
        | ValType::V128
        | ValType::FuncRef
        | ValType::ExternRef
        | ValType::ExnRef => bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nans_of_floats_change() {
        for (ty, bits, expected) in [
            (ValType::F32, 0xffc0_0001, 0x7fc0_0000),
            (ValType::F32, 0xff80_0000, 0xff80_0000),
            (ValType::F64, 0x7ff0_0000_0000_0001, 0x7ff8_0000_0000_0000),
            (ValType::F64, 0x8000_0000_0000_0000, 0x8000_0000_0000_0000),
            (ValType::I32, 0xffc0_0001, 0xffc0_0001),
            (ValType::I64, u64::MAX, u64::MAX),
            (ValType::V128, 0x3f80_0000_ff80_0001, 0x7ff8_0000_0000_0000),
            (ValType::V128, 0xffc0_0000_0000_0000, 0x7ff8_0000_0000_0000),
            (ValType::V128, 0xfff0_0000_0000_0001, 0x7ff8_0000_0000_0000),
            (ValType::V128, 0xff80_0000_7f80_0000, 0xff80_0000_7f80_0000),
        ] {
            assert_eq!(canonical(ty, bits), expected, "{ty} {bits:#x}");
        }
    }

    #[test]
    fn floats_and_vectors_are_found_behind_values_of_two_slots() {
        use ValType::{F32, F64, I32, V128};
        assert_eq!(float_slots(&[I32, F64, V128, F32]), [(1, F64), (2, V128), (3, V128), (4, F32)]);
    }
}
