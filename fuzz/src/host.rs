//! The imports of modules: functions, memories, tables and globals that behave the same in every engine.
//!
//! A host function's results are determined by its number and its arguments; now and then it fails, or throws an exception. A digest records all
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

/// How a host function ends that does not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returns values.
    Returned(Vec<Value>),
    /// It throws an exception.
    Threw(Thrown),
}

/// An exception that a host function throws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thrown {
    /// Which of the tags it has.
    pub tag: usize,
    digest: u64,
}

impl Thrown {
    /// Its fields, of these types.
    pub fn fields(&self, types: &[ValType]) -> Vec<Value> {
        numbers_for(types, self.digest)
    }
}

impl HostLog {
    /// Records a call of the host function that is import number `import`. It can throw exceptions of so many tags.
    ///
    /// # Errors
    ///
    /// The function's own error, for one in a dozen argument lists.
    pub fn call(
        &mut self,
        import: u32,
        arguments: &[Value],
        results: &[ValType],
        tags: usize,
    ) -> Result<Outcome, HostFailure> {
        let digest =
            arguments.iter().fold(u64::from(import), |digest, argument| mix_bits(digest, argument.canonical().bits));
        self.calls += 1;
        self.digest = mix(self.digest, digest);
        match digest % 12 {
            0 => Err(HostFailure),
            1 | 2 if tags > 0 => {
                let pick = (digest >> 8) as usize;
                Ok(Outcome::Threw(Thrown { tag: pick % tags, digest }))
            }
            _ => Ok(Outcome::Returned(numbers_for(results, digest))),
        }
    }
}

/// Values determined by a digest.
fn numbers_for(types: &[ValType], digest: u64) -> Vec<Value> {
    types.iter().zip(1..).map(|(&ty, number)| number_for(ty, mix(digest, number))).collect()
}

/// A value determined by a digest.
fn number_for(ty: ValType, digest: u64) -> Value {
    let bits = match ty {
        ValType::ExternRef => u128::from(digest) % (HOST_VALUES + 1),
        // References to exceptions come from the guest alone.
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
