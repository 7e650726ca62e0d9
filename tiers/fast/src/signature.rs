//! The native calling convention, in Cranelift's terms.
//!
//! A function takes the context and its parameters, and returns its results, as Cranelift's `tail` convention lays them out. That convention
//! returns values in registers only. A function with more results than there are registers takes the address of an array after the context,
//! and leaves all its results there, each in its slot. A tail call passes the address on.

use cranelift_codegen::ir::{
    AbiParam, ArgumentPurpose, InstBuilder, MemFlagsData, Signature, Type, Value,
    types::{F32, F64, I8X16, I32, I64},
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;
use riser_translator::{FuncType, ValType};

pub(crate) const SLOT_BYTES: u32 = 8;

/// Registers for results: so many integers, and so many floating-point numbers and vectors.
const RESULT_REGISTERS: usize = 8;

/// The machine type of values of a wasm type.
pub(crate) fn value_type(ty: ValType) -> Type {
    match ty {
        ValType::I32 => I32,
        ValType::F32 => F32,
        ValType::F64 => F64,
        ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => I64,
        ValType::V128 => I8X16,
    }
}

/// Whether functions with these results leave them in an array.
pub(crate) fn results_in_array(types: &[ValType]) -> bool {
    let integers = types.iter().filter(|&&ty| value_type(ty).is_int()).count();
    integers.max(types.len() - integers) > RESULT_REGISTERS
}

/// The signature of functions of type `ty`.
pub(crate) fn native_signature(ty: &FuncType) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature.params.push(AbiParam::special(I64, ArgumentPurpose::VMContext));
    let values = |types: &[ValType]| types.iter().map(|&ty| AbiParam::new(value_type(ty))).collect::<Vec<_>>();
    if results_in_array(ty.results()) {
        signature.params.push(AbiParam::new(I64));
    } else {
        signature.returns = values(ty.results());
    }
    signature.params.extend(values(ty.params()));
    signature
}

/// The signature of OSR code that takes over frames of functions with these results: its parameter is the frame's address.
pub(crate) fn loop_signature(results: &[ValType]) -> Signature {
    native_signature(&FuncType::new([ValType::I64], results.iter().copied()))
}

/// Flags of accesses to slots: aligned, except for vectors, whose slots have the alignment of other slots.
pub(crate) fn slot_flags(ty: Type) -> MemFlagsData {
    if ty.is_vector() { MemFlagsData::new().with_notrap() } else { MemFlagsData::trusted() }
}

/// The size of an array for values of these types.
pub(crate) fn array_bytes(types: &[ValType]) -> u32 {
    SLOT_BYTES * types.iter().map(|ty| ty.slots()).sum::<u32>()
}

/// The offset in bytes of each value in an array for values of these types.
fn offsets(types: &[ValType]) -> impl Iterator<Item = (Type, i32)> {
    riser_lowering::slots(types).map(|(ty, slot)| (value_type(ty), (SLOT_BYTES * slot) as i32))
}

/// Loads values of these types from their slots.
pub(crate) fn load_slots(builder: &mut FunctionBuilder<'_>, types: &[ValType], base: Value) -> Vec<Value> {
    offsets(types).map(|(ty, offset)| builder.ins().load(ty, slot_flags(ty), base, offset)).collect()
}

/// Stores values of these types in their slots; 32-bit values are zero-extended.
pub(crate) fn store_slots(builder: &mut FunctionBuilder<'_>, types: &[ValType], values: &[Value], base: Value) {
    for (&value, (ty, offset)) in values.iter().zip(offsets(types)) {
        let bits = match ty {
            I32 => builder.ins().uextend(I64, value),
            F32 => {
                let bits = builder.ins().bitcast(I32, MemFlagsData::new(), value);
                builder.ins().uextend(I64, bits)
            }
            _ => value,
        };
        builder.ins().store(slot_flags(ty), bits, base, offset);
    }
}
