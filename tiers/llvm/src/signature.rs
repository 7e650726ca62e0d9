//! The calling conventions of functions of this tier.
//!
//! A function whose arguments fit into registers, and that has at most one result, takes the context and its parameters as the System V
//! convention says. The native convention has them in the same places, so the function's address serves both. Any other function takes the
//! context and an array of slots, which contains its arguments and later its results.
//!
//! LLVM makes a call replace its caller (`musttail`) only if the types of both are the same, or in a convention in which callees always pop
//! their arguments. So a function with tail calls, and its callees, are declared to take as many parameters as there are registers
//! ([`jump_type`]); the places of the actual parameters are the same.

use inkwell::context::Context as Llvm;
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum, FunctionType};
use riser_translator::{FuncType, ValType};

/// Integer arguments in registers, besides the context.
const INTEGERS: usize = 5;
/// Floating-point and vector arguments in registers.
const FLOATS: usize = 8;

/// Whether values of a type are in the registers of floating-point numbers.
pub(crate) const fn is_in_xmm(ty: ValType) -> bool {
    match ty {
        ValType::F32 | ValType::F64 | ValType::V128 => true,
        ValType::I32 | ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => false,
    }
}

/// Whether functions of type `ty` take and return everything in registers.
pub(crate) fn in_registers(ty: &FuncType) -> bool {
    let floats = ty.params().iter().filter(|&&ty| is_in_xmm(ty)).count();
    let integers = ty.params().len() - floats;
    integers <= INTEGERS && floats <= FLOATS && ty.results().len() <= 1
}

/// The size in slots of an array for a function's arguments, and later its results.
pub(crate) fn array_slots(ty: &FuncType) -> u32 {
    let slots = |types: &[ValType]| types.iter().map(|ty| ty.slots()).sum::<u32>();
    slots(ty.params()).max(slots(ty.results()))
}

/// The machine type of values of a wasm type.
pub(crate) fn value_type(llvm: &Llvm, ty: ValType) -> BasicTypeEnum<'_> {
    match ty {
        ValType::I32 => llvm.i32_type().into(),
        ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => llvm.i64_type().into(),
        ValType::F32 => llvm.f32_type().into(),
        ValType::F64 => llvm.f64_type().into(),
        ValType::V128 => llvm.i64_type().vec_type(2).into(),
    }
}

/// The type of functions of type `ty`, with `pointers` pointers before the parameters: the context, and in OSR code the frame.
pub(crate) fn register_type<'c>(llvm: &'c Llvm, ty: &FuncType, pointers: usize) -> FunctionType<'c> {
    let mut params: Vec<BasicMetadataTypeEnum<'c>> = vec![llvm.ptr_type(Default::default()).into(); pointers];
    params.extend(ty.params().iter().map(|&ty| BasicMetadataTypeEnum::from(value_type(llvm, ty))));
    function_type(llvm, &params, ty.results())
}

/// The type of functions with these parameters that return the first of the results, if there is one.
fn function_type<'c>(llvm: &'c Llvm, params: &[BasicMetadataTypeEnum<'c>], results: &[ValType]) -> FunctionType<'c> {
    match results {
        [] => llvm.void_type().fn_type(params, false),
        &[result, ..] => value_type(llvm, result).fn_type(params, false),
    }
}

/// Whether OSR code for functions of type `ty` returns its result in a register, or has none. Otherwise it leaves the results in the frame,
/// from slot 0 on.
pub(crate) fn loop_in_registers(ty: &FuncType) -> bool {
    ty.results().len() <= 1
}

/// The type of OSR code that takes over frames of functions of type `ty`: context, frame.
pub(crate) fn loop_type<'c>(llvm: &'c Llvm, ty: &FuncType) -> FunctionType<'c> {
    let results = FuncType::new([], ty.results().iter().copied());
    if loop_in_registers(ty) { register_type(llvm, &results, 2) } else { array_type(llvm) }
}

/// The type of functions and OSR code with tail calls and at most one result: the context, integers, and floating-point numbers, each
/// with room for a vector.
pub(crate) fn jump_type<'c>(llvm: &'c Llvm, results: &[ValType]) -> FunctionType<'c> {
    let mut params = vec![BasicMetadataTypeEnum::from(llvm.ptr_type(Default::default()))];
    params.extend([BasicMetadataTypeEnum::from(llvm.i64_type()); INTEGERS]);
    params.extend([BasicMetadataTypeEnum::from(llvm.f64_type().vec_type(2)); FLOATS]);
    function_type(llvm, &params, results)
}

/// For each of these types, the index of its parameter in [`jump_type`].
pub(crate) fn jump_params(types: &[ValType]) -> impl Iterator<Item = usize> {
    let (mut integer, mut float) = (1, 1 + INTEGERS);
    types.iter().map(move |ty| {
        let next = if is_in_xmm(*ty) { &mut float } else { &mut integer };
        *next += 1;
        *next - 1
    })
}

/// The type of functions that take the context and an array.
pub(crate) fn array_type(llvm: &Llvm) -> FunctionType<'_> {
    let pointer = llvm.ptr_type(Default::default()).into();
    llvm.void_type().fn_type(&[pointer, pointer], false)
}
