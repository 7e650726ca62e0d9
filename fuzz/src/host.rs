//! The imports of modules: functions, memories, tables and globals that behave the same in every engine.
//!
//! A host function's results are determined by its number and its arguments; now and then it fails. A digest records all
//! calls, and is part of the observation. In it, NaNs count as one value, because engines may differ in them; NaNs in vectors
//! do not.

use std::fmt;

use riser::ValType;
use riser_translator::module::EntityIndex;

use crate::plan::HOST_VALUES;
use crate::value::{Value, mix, mix_bits, picked};

/// The error of a host function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostFailure;

impl fmt::Display for HostFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a host function fails")
    }
}

impl std::error::Error for HostFailure {}

/// What the host functions of a store have recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostLog {
    /// Number of calls.
    pub calls: u64,
    /// Digest of their arguments.
    pub digest: u64,
}

impl HostLog {
    /// Records a call of the host function that is import number `import`, and returns its results.
    ///
    /// # Errors
    ///
    /// The function's own error, for one in a dozen argument lists.
    pub fn call(&mut self, import: u32, arguments: &[Value], results: &[ValType]) -> Result<Vec<Value>, HostFailure> {
        let digest =
            arguments.iter().fold(u64::from(import), |digest, argument| mix_bits(digest, argument.canonical().bits));
        self.calls += 1;
        self.digest = mix(self.digest, digest);
        if digest % 12 == 0 {
            return Err(HostFailure);
        }
        Ok(results.iter().zip(1..).map(|(&ty, number)| number_for(ty, mix(digest, number))).collect())
    }
}

/// A value determined by a digest.
fn number_for(ty: ValType, digest: u64) -> Value {
    let bits = match ty {
        ValType::ExternRef => u128::from(digest) % (HOST_VALUES + 1),
        // The host has no exceptions.
        ValType::ExnRef => 0,
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 | ValType::FuncRef => {
            picked(ty, digest)
        }
    };
    Value { ty, bits }.canonical()
}

/// The number of an import: its index in the index space of its kind, since not every engine keeps the order of kinds.
pub fn number(entity: EntityIndex) -> u32 {
    match entity {
        EntityIndex::Func(index) => index.as_u32(),
        EntityIndex::Memory(index) => index.as_u32(),
        EntityIndex::Table(index) => index.as_u32(),
        EntityIndex::Global(index) => index.as_u32(),
        EntityIndex::Tag(index) => index.as_u32(),
    }
}

/// The value of an imported global.
pub fn global(import: u32, ty: ValType) -> Value {
    match ty {
        // Imported globals are often offsets of segments.
        ValType::I32 | ValType::I64 => Value { ty, bits: u128::from(import) },
        ValType::F32 | ValType::F64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
            number_for(ty, mix(u64::from(import), 7))
        }
    }
}

/// The first bytes of an imported memory.
pub const MEMORY_START: &[u8] = b"\x01\x02\x03\x04\xff\xfe\xfd\xfc\x80\0\0\0\0\0\xf0\x7f";
