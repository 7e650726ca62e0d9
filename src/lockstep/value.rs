//! Values in the form in which they are compared and printed: a type and bits.

use std::fmt;

use super::nan::canonical;
use crate::{Val, ValType};

/// A value. A reference has bits that do not depend on addresses; 0 is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The type.
    pub ty: ValType,
    /// The bits; a 32-bit value is zero-extended.
    pub bits: u128,
}

impl Value {
    /// Takes the value of type `ty` from the front of `slots`.
    pub(super) fn take(ty: ValType, slots: &mut impl Iterator<Item = u64>) -> Option<Value> {
        let mut bits = 0;
        for slot in 0..ty.slots() {
            bits |= u128::from(slots.next()?) << (64 * slot);
        }
        Some(Value { ty, bits })
    }

    /// The value of a call's result or a global. For references, only records whether they are null.
    pub(super) fn of(value: &Val) -> Value {
        let bits = match *value {
            Val::I32(value) => u128::from(value as u32),
            Val::I64(value) => u128::from(value as u64),
            Val::F32(bits) => u128::from(bits),
            Val::F64(bits) => u128::from(bits),
            Val::V128(bits) => bits.as_u128(),
            Val::FuncRef(func) => u128::from(func.is_some()),
            Val::ExternRef(reference) => u128::from(reference.is_some()),
            Val::ExnRef(reference) => u128::from(reference.is_some()),
        };
        Value { ty: value.ty(), bits }
    }

    /// The value, with a NaN replaced by the canonical one; for a vector, half by half
    /// ([`super::nan`]).
    pub(super) fn with_canonical_nan(self) -> Value {
        let Value { ty, bits } = self;
        let half = |slot: u32| u128::from(canonical(ty, (bits >> (64 * slot)) as u64)) << (64 * slot);
        Value { ty, bits: (0..ty.slots()).fold(0, |bits, slot| bits | half(slot)) }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.bits;
        let number = match self.ty {
            ValType::I32 => (bits as u32 as i32).to_string(),
            ValType::I64 => (bits as u64 as i64).to_string(),
            // The shortest decimal that converts back to the same number; the bits distinguish NaNs
            // and zeros.
            ValType::F32 => format!("{:?}", f32::from_bits(bits as u32)),
            ValType::F64 => format!("{:?}", f64::from_bits(bits as u64)),
            ValType::FuncRef | ValType::ExternRef | ValType::ExnRef if bits == 0 => return f.pad("null"),
            ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => return f.pad(&format!("{bits:#x}")),
            // As in the text format, with lane 0 first.
            ValType::V128 => {
                let [a, b, c, d] = [0, 32, 64, 96].map(|at| (bits >> at) as u32);
                return f.pad(&format!("i32x4 {a:#010x} {b:#010x} {c:#010x} {d:#010x}"));
            }
        };
        if bits < 10 && matches!(self.ty, ValType::I32 | ValType::I64) {
            return f.pad(&number);
        }
        // The bits also show garbage above a 32-bit value.
        f.pad(&format!("{number} ({bits:#x})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_as_numbers_and_bits() {
        for (ty, bits, expected) in [
            (ValType::I32, 7, "7"),
            (ValType::I32, 0xffff_fffb, "-5 (0xfffffffb)"),
            (ValType::I32, 0x1_0000_0001, "1 (0x100000001)"),
            (ValType::I64, 255, "255 (0xff)"),
            (ValType::F32, 0x3fc0_0000, "1.5 (0x3fc00000)"),
            (ValType::F64, 0xfff8_0000_0000_0001, "NaN (0xfff8000000000001)"),
            (ValType::V128, 0xffff_ffff << 96 | 0x3f80_0000, "i32x4 0x3f800000 0x00000000 0x00000000 0xffffffff"),
            (ValType::FuncRef, 0, "null"),
            (ValType::FuncRef, 0x1_0000_0003, "0x100000003"),
        ] {
            assert_eq!(Value { ty, bits }.to_string(), expected);
        }
    }

    #[test]
    fn nans_become_canonical() {
        let made = |ty, bits| Value { ty, bits }.with_canonical_nan().bits;
        assert_eq!(made(ValType::F32, 0xffc0_0001), 0x7fc0_0000);
        assert_eq!(made(ValType::I32, 0xffc0_0001), 0xffc0_0001);
        assert_eq!(made(ValType::V128, 0xffc0_0001 << 64 | 5), 0x7ff8_0000_0000_0000 << 64 | 5);
    }

    #[test]
    fn values_are_taken_from_slots() {
        let mut slots = [1, 2, 3].into_iter();
        assert_eq!(Value::take(ValType::I64, &mut slots), Some(Value { ty: ValType::I64, bits: 1 }));
        assert_eq!(Value::take(ValType::V128, &mut slots), Some(Value { ty: ValType::V128, bits: 3 << 64 | 2 }));
        assert_eq!(Value::take(ValType::I32, &mut slots), None);
    }
}
