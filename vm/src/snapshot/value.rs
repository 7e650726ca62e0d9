//! Values in snapshots.

use std::fmt;

use riser_translator::{FuncIndex, ValType};

/// A value in a snapshot. Floats are given by their bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredValue {
    /// An i32.
    I32(u32),
    /// An i64.
    I64(u64),
    /// An f32.
    F32(u32),
    /// An f64.
    F64(u64),
    /// A v128.
    V128(u128),
    /// A funcref: null, or a function of the module's index space.
    FuncRef(Option<FuncIndex>),
    /// An externref: null, or the number of a value of the host among [those of the snapshot](super::Snapshot::externs).
    ExternRef(Option<u32>),
    /// An exnref: null, or the number of an exception among [those of the snapshot](super::Snapshot::exceptions).
    ExnRef(Option<u32>),
}

impl StoredValue {
    /// The type.
    pub fn ty(self) -> ValType {
        match self {
            StoredValue::I32(_) => ValType::I32,
            StoredValue::I64(_) => ValType::I64,
            StoredValue::F32(_) => ValType::F32,
            StoredValue::F64(_) => ValType::F64,
            StoredValue::V128(_) => ValType::V128,
            StoredValue::FuncRef(_) => ValType::FuncRef,
            StoredValue::ExternRef(_) => ValType::ExternRef,
            StoredValue::ExnRef(_) => ValType::ExnRef,
        }
    }

    /// The index or the number of what this refers to, if it is a reference that is not null.
    pub(super) fn reference(self) -> Option<u32> {
        match self {
            StoredValue::FuncRef(function) => function.map(FuncIndex::as_u32),
            StoredValue::ExternRef(number) | StoredValue::ExnRef(number) => number,
            StoredValue::I32(_)
            | StoredValue::I64(_)
            | StoredValue::F32(_)
            | StoredValue::F64(_)
            | StoredValue::V128(_) => None,
        }
    }
}

impl fmt::Display for StoredValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            StoredValue::I32(bits) => write!(f, "i32 {bits:#x}"),
            StoredValue::I64(bits) => write!(f, "i64 {bits:#x}"),
            StoredValue::F32(bits) => write!(f, "f32 {bits:#x}"),
            StoredValue::F64(bits) => write!(f, "f64 {bits:#x}"),
            StoredValue::V128(bits) => write!(f, "v128 {bits:#x}"),
            StoredValue::FuncRef(Some(function)) => write!(f, "funcref {function}"),
            StoredValue::FuncRef(None) => f.write_str("funcref null"),
            StoredValue::ExternRef(Some(value)) => write!(f, "externref {value}"),
            StoredValue::ExternRef(None) => f.write_str("externref null"),
            StoredValue::ExnRef(Some(exception)) => write!(f, "exnref {exception}"),
            StoredValue::ExnRef(None) => f.write_str("exnref null"),
        }
    }
}
