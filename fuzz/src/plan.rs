//! The plan of calls to make in a module: a fixed sequence, determined by the module alone.
//!
//! Nothing else decides what is run, so a module in a file is a complete test case. Arguments are interesting numbers and,
//! for references, null, functions of the module and host values. Each call has its own fuel. The last round of calls has
//! little, so that running out of fuel is compared, too.

use riser::ValType;
use riser_translator::FuncIndex;
use riser_translator::module::{EntityIndex, ModuleInfo};

use crate::value::{FunctionIdentity, Value, mix, picked};

/// Fuel of instantiation and of each call.
pub const FUEL: u64 = 4_000;

/// Largest size of a memory in bytes.
pub const MEMORY_BYTES: usize = 8 << 16;

/// Largest size of a table in elements.
pub const TABLE_ELEMENTS: usize = 2_000;

/// The number of host values that arguments and results of imports can be, counted from 1.
pub const HOST_VALUES: u128 = 3;

/// The number of rounds of calls: each calls every function once.
const ROUNDS: u64 = 3;

/// The most functions that are called.
const FUNCTIONS: usize = 12;

/// A call.
#[derive(Clone, Debug)]
pub struct PlannedCall {
    /// The export.
    pub function: Box<str>,
    /// Arguments.
    pub arguments: Vec<Value>,
    /// The call's fuel.
    pub fuel: u64,
}

/// The calls to make in a module.
pub fn calls(module: &ModuleInfo) -> Vec<PlannedCall> {
    let exported = |(name, entity): &(Box<str>, EntityIndex)| match entity {
        EntityIndex::Func(index) => Some((name.clone(), *index)),
        _ => None,
    };
    let functions: Vec<(Box<str>, FuncIndex)> = module.exports.iter().filter_map(exported).take(FUNCTIONS).collect();
    let mut calls = Vec::new();
    for round in 0..ROUNDS {
        for (number, (name, index)) in functions.iter().enumerate() {
            let mut digest = mix(round, number as u64);
            let params = module.func_type(*index).params().iter();
            let arguments = params
                .map(|&ty| {
                    digest = mix(digest, 1);
                    Value { ty, bits: argument(ty, digest, &functions) }
                })
                .collect();
            let fuel = if round + 1 == ROUNDS { digest % 64 } else { FUEL };
            calls.push(PlannedCall { function: name.clone(), arguments, fuel });
        }
    }
    calls
}

fn argument(ty: ValType, digest: u64, functions: &[(Box<str>, FuncIndex)]) -> u128 {
    let (kind, pick) = (digest % 8, digest >> 8);
    match ty {
        ValType::FuncRef if kind < 3 => 0,
        ValType::FuncRef => FunctionIdentity::Index(functions[pick as usize % functions.len()].1).bits(),
        ValType::ExternRef => u128::from(pick) % (HOST_VALUES + 1),
        ValType::ExnRef => 0,
        // Small numbers serve as counters and addresses.
        ValType::I32 | ValType::I64 if kind < 3 => u128::from(pick) % 40,
        ValType::I32 | ValType::F32 if kind == 3 => u128::from(pick) & 0xffff_ffff,
        ValType::I64 | ValType::F64 if kind == 3 => mix(pick, 2).into(),
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => picked(ty, pick),
    }
}
