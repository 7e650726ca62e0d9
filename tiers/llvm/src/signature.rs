//! How functions of this tier are called.
//!
//! A function whose arguments fit into registers, and that has at most one result, takes the context and its
//! parameters as the System V convention says; that is where the native convention has them as well, so that
//! its address serves both. Any other takes the context and an array of slots: its arguments, and its
//! results afterwards.
//!
//! LLVM has a call take the place of the function that makes it (`musttail`) only if the types of both are the same, or in a convention
//! that has callees pop something in any case. So a function with tail calls, and what it calls, is said to take
//! everything that there are registers for ([`jump_type`]): where the parameters are is the same.

use inkwell::context::Context as Llvm;
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum, FunctionType};
use riser_translator::{FuncType, ValType};

/// Integer arguments in registers, besides the context.
const INTEGERS: usize = 5;
/// Floating-point numbers and vectors among the arguments in registers.
const FLOATS: usize = 8;

/// Whether values of a type are in the registers that floating-point numbers are in.
pub(crate) const fn is_in_xmm(ty: ValType) -> bool {
    match ty {
        ValType::F32 | ValType::F64 | ValType::V128 => true,
        ValType::I32 | ValType::I64 | ValType::FuncRef | ValType::ExternRef => false,
    }
}

/// Whether functions of type `ty` take and return everything in registers.
pub(crate) fn in_registers(ty: &FuncType) -> bool {
    let floats = ty.params().iter().filter(|&&ty| is_in_xmm(ty)).count();
    let integers = ty.params().len() - floats;
    integers <= INTEGERS && floats <= FLOATS && ty.results().len() <= 1
}

/// Slots of an array that has first the arguments of a function, and then its results.
pub(crate) fn array_slots(ty: &FuncType) -> u32 {
    let slots = |types: &[ValType]| types.iter().map(|ty| ty.slots()).sum::<u32>();
    slots(ty.params()).max(slots(ty.results()))
}

/// Each of the types with the number of its slot.
pub(crate) fn slots(types: &[ValType]) -> impl Iterator<Item = (ValType, u32)> {
    types.iter().scan(0, |next, &ty| {
        let at = *next;
        *next += ty.slots();
        Some((ty, at))
    })
}

/// The machine type of values of a wasm type.
pub(crate) fn value_type(llvm: &Llvm, ty: ValType) -> BasicTypeEnum<'_> {
    match ty {
        ValType::I32 => llvm.i32_type().into(),
        ValType::I64 | ValType::FuncRef | ValType::ExternRef => llvm.i64_type().into(),
        ValType::F32 => llvm.f32_type().into(),
        ValType::F64 => llvm.f64_type().into(),
        ValType::V128 => llvm.i64_type().vec_type(2).into(),
    }
}

/// The type of functions of type `ty`, with pointers in front of the parameters.
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

/// Whether code that takes over frames of functions of type `ty` has the result in a register, or none; else it leaves the results in the
/// frame, from slot 0 on.
pub(crate) fn loop_in_registers(ty: &FuncType) -> bool {
    ty.results().len() <= 1
}

/// The type of code that takes over frames of functions of type `ty`: context, frame.
pub(crate) fn loop_type<'c>(llvm: &'c Llvm, ty: &FuncType) -> FunctionType<'c> {
    let results = FuncType::new([], ty.results().iter().copied());
    if loop_in_registers(ty) { register_type(llvm, &results, 2) } else { array_type(llvm) }
}

/// The type of functions, or code that takes over frames at a loop, with tail calls and at most one result: something in `r10`, the context, integers,
/// floating-point numbers, each with room for a vector.
pub(crate) fn jump_type<'c>(llvm: &'c Llvm, results: &[ValType]) -> FunctionType<'c> {
    let pointer = BasicMetadataTypeEnum::from(llvm.ptr_type(Default::default()));
    let mut params = vec![pointer; 2];
    params.extend([BasicMetadataTypeEnum::from(llvm.i64_type()); INTEGERS]);
    params.extend([BasicMetadataTypeEnum::from(llvm.f64_type().vec_type(2)); FLOATS]);
    function_type(llvm, &params, results)
}

/// For each of these types, which of the parameters of [`jump_type`] it is.
pub(crate) fn jump_params(types: &[ValType]) -> impl Iterator<Item = usize> {
    let (mut integer, mut float) = (2, 2 + INTEGERS);
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
