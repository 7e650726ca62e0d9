//! Values of a guest, as monitors see them.

use std::fmt;

use riser_translator::ValType;

use crate::V128;

/// A value of a guest. Of a reference a monitor learns only whether it is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// An `i32`.
    I32(i32),
    /// An `i64`.
    I64(i64),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
    /// A `v128`.
    V128(V128),
    /// A reference.
    Ref {
        /// Its type.
        ty: ValType,
        /// Whether it is null.
        is_null: bool,
    },
}

/// Values of a guest, in order.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    types: &'a [ValType],
    /// The slots of all values, in two parts. No value is in both.
    slots: [&'a [u64]; 2],
}

impl<'a> Values<'a> {
    pub(super) fn new(types: &'a [ValType], slots: [&'a [u64]; 2]) -> Values<'a> {
        Values { types, slots }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// Their types.
    pub fn types(&self) -> &'a [ValType] {
        self.types
    }

    /// The value with a number, counted from 0.
    pub fn get(&self, index: usize) -> Option<Value> {
        let ty = *self.types.get(index)?;
        Some(self.value(ty, slots(&self.types[..index])))
    }

    /// The last value: of operands, the topmost.
    pub fn last(&self) -> Option<Value> {
        self.get(self.len().checked_sub(1)?)
    }

    /// The values.
    pub fn iter(&self) -> impl Iterator<Item = Value> + use<'a> {
        let this = *self;
        this.types.iter().scan(0, move |at, ty| {
            let value = this.value(*ty, *at);
            *at += ty.slots() as usize;
            Some(value)
        })
    }

    /// The bits of the slot that has `above` slots above it.
    pub(super) fn slot_from_top(&self, above: u32) -> Option<u64> {
        let total = self.slots[0].len() + self.slots[1].len();
        total.checked_sub(1 + above as usize).map(|at| self.slot(at))
    }

    fn slot(&self, at: usize) -> u64 {
        let [first, second] = self.slots;
        first.get(at).or_else(|| second.get(at - first.len())).copied().unwrap_or(0)
    }

    fn value(&self, ty: ValType, at: usize) -> Value {
        let bits = self.slot(at);
        match ty {
            ValType::I32 => Value::I32(bits as i32),
            ValType::I64 => Value::I64(bits as i64),
            ValType::F32 => Value::F32(bits as u32),
            ValType::F64 => Value::F64(bits),
            ValType::V128 => Value::V128(V128::from(u128::from(bits) | u128::from(self.slot(at + 1)) << 64)),
            ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => Value::Ref { ty, is_null: bits == 0 },
        }
    }
}

fn slots(types: &[ValType]) -> usize {
    types.iter().map(|ty| ty.slots() as usize).sum()
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Value::I32(value) => value.fmt(f),
            Value::I64(value) => value.fmt(f),
            Value::F32(bits) => f32::from_bits(bits).fmt(f),
            Value::F64(bits) => f64::from_bits(bits).fmt(f),
            Value::V128(value) => write!(f, "{:#034x}", value.as_u128()),
            Value::Ref { ty, is_null: true } => write!(f, "<null {ty}>"),
            Value::Ref { ty, is_null: false } => write!(f, "<{ty}>"),
        }
    }
}

impl fmt::Display for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            value.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_takes_two_slots() {
        let types = [ValType::I32, ValType::V128, ValType::FuncRef];
        let values = Values::new(&types, [&[7], &[1, 2, 0]]);
        assert_eq!(values.get(0), Some(Value::I32(7)));
        assert_eq!(values.get(1), Some(Value::V128(V128::from(1 | 2 << 64))));
        assert_eq!(values.last(), Some(Value::Ref { ty: ValType::FuncRef, is_null: true }));
        assert_eq!(values.get(3), None);
        assert_eq!(values.iter().count(), 3);
        assert_eq!(values.to_string(), "7, 0x00000000000000020000000000000001, <null funcref>");
        assert_eq!((values.slot_from_top(2), values.slot_from_top(9)), (Some(1), None));
    }
}
