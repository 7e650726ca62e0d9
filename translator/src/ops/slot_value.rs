//! The representation of values in 64-bit slots: the canonical form that the interpreters, constant folding, snapshots
//! and host calls share.

use crate::trap::TrapCode;
use crate::types::ValType;

/// A Rust type that represents a WebAssembly value type.
///
/// 32-bit values are zero-extended, so that equal values have equal slots.
pub trait SlotValue: Copy {
    /// The WebAssembly type.
    const TYPE: ValType;

    /// The value kept in a slot with these bits; ignores the upper half for 32-bit types.
    fn from_slot(bits: u64) -> Self;

    /// The bits of a slot that keeps this value.
    fn to_slot(self) -> u64;
}

impl SlotValue for i32 {
    const TYPE: ValType = ValType::I32;
    #[inline(always)]
    fn from_slot(bits: u64) -> i32 {
        bits as i32
    }
    #[inline(always)]
    fn to_slot(self) -> u64 {
        u64::from(self as u32)
    }
}

impl SlotValue for i64 {
    const TYPE: ValType = ValType::I64;
    #[inline(always)]
    fn from_slot(bits: u64) -> i64 {
        bits as i64
    }
    #[inline(always)]
    fn to_slot(self) -> u64 {
        self as u64
    }
}

impl SlotValue for f32 {
    const TYPE: ValType = ValType::F32;
    #[inline(always)]
    fn from_slot(bits: u64) -> f32 {
        f32::from_bits(bits as u32)
    }
    #[inline(always)]
    fn to_slot(self) -> u64 {
        u64::from(f32::to_bits(self))
    }
}

impl SlotValue for f64 {
    const TYPE: ValType = ValType::F64;
    #[inline(always)]
    fn from_slot(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    #[inline(always)]
    fn to_slot(self) -> u64 {
        f64::to_bits(self)
    }
}

/// The result of a function of [`crate::semantics`]: a value, or a value unless it traps.
pub trait Outcome {
    /// The value's type.
    type Value: SlotValue;

    /// Whether it may be a trap.
    const TRAPS: bool;

    /// The value, or the trap in its place.
    ///
    /// # Errors
    ///
    /// The trap that the operation ended in.
    fn outcome(self) -> Result<Self::Value, TrapCode>;
}

impl<T: SlotValue> Outcome for T {
    type Value = T;
    const TRAPS: bool = false;
    #[inline(always)]
    fn outcome(self) -> Result<T, TrapCode> {
        Ok(self)
    }
}

impl<T: SlotValue> Outcome for Result<T, TrapCode> {
    type Value = T;
    const TRAPS: bool = true;
    #[inline(always)]
    fn outcome(self) -> Result<T, TrapCode> {
        self
    }
}
