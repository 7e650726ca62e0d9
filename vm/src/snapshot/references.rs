//! The references of a program that is being restored: indices and numbers of a snapshot to bits in slots.

use riser_tiers_core::FuncInst;
use riser_translator::{FuncIndex, ValType};

use super::{SnapshotError, StoredValue};

type Result<T> = std::result::Result<T, SnapshotError>;

/// What references of a snapshot can be to.
pub(super) struct References<'a> {
    /// The functions of the instance.
    pub(super) functions: &'a [*const FuncInst],
    /// Slot bits of references to values of the host.
    pub(super) externs: Vec<u64>,
    /// Slot bits of references to the exceptions that have been made so far.
    pub(super) exceptions: Vec<u64>,
}

impl References<'_> {
    /// The slot bits of a reference to a function.
    fn function(&self, function: FuncIndex) -> Result<u64> {
        let found = self.functions.get(function.index()).map(|&func| func as u64);
        found.ok_or_else(|| SnapshotError::mismatch(format!("the module has no function {function}")))
    }

    /// The slot bits of a reference to a value of the host.
    fn value(&self, number: u32) -> Result<u64> {
        let found = self.externs.get(number as usize).copied();
        found.ok_or_else(|| SnapshotError::mismatch(format!("there is no value {number} of the host")))
    }

    /// The slot bits of a reference to an exception.
    fn exception(&self, number: u32) -> Result<u64> {
        let found = self.exceptions.get(number as usize).copied();
        found.ok_or_else(|| SnapshotError::mismatch(format!("there is no exception {number} before")))
    }

    /// The bits of a value in slots.
    pub(super) fn slots(&self, value: StoredValue) -> Result<[u64; 2]> {
        Ok(match value {
            StoredValue::I32(bits) | StoredValue::F32(bits) => [bits.into(), 0],
            StoredValue::I64(bits) | StoredValue::F64(bits) => [bits, 0],
            StoredValue::V128(bits) => [bits as u64, (bits >> 64) as u64],
            StoredValue::FuncRef(Some(function)) => [self.function(function)?, 0],
            StoredValue::ExternRef(Some(value)) => [self.value(value)?, 0],
            StoredValue::ExnRef(Some(exception)) => [self.exception(exception)?, 0],
            StoredValue::FuncRef(None) | StoredValue::ExternRef(None) | StoredValue::ExnRef(None) => [0, 0],
        })
    }

    /// The slot bits of the element that a table of this type has, given as [`TableRun`](super::TableRun) has it.
    pub(super) fn element(&self, ty: ValType, number: u32) -> Result<u64> {
        match ty {
            ValType::ExternRef => self.value(number),
            ValType::ExnRef => self.exception(number),
            ValType::FuncRef => self.function(FuncIndex::new(number)),
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => {
                Err(SnapshotError::mismatch(format!("a table of {} has no elements", ty.name())))
            }
        }
    }

    /// The slots of values, which have to be of these types.
    pub(super) fn all_slots(&self, values: &[StoredValue], types: &[ValType]) -> Result<Vec<u64>> {
        if !values.iter().map(|value| value.ty()).eq(types.iter().copied()) {
            return Err(SnapshotError::mismatch("the types of the values are not those of the frame or the tag there"));
        }
        let mut all = Vec::with_capacity(values.len());
        for value in values {
            let bits = self.slots(*value)?;
            all.extend_from_slice(&bits[..value.ty().slots() as usize]);
        }
        Ok(all)
    }
}
