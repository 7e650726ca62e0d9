//! The distance of a module from the smallest one.
//!
//! Operators count most. Among them, those that say less about values count less: zero less than another constant, a
//! constant less than a local, and no operator less than any.

use riser_translator::types::{FuncType, ValType};

use super::super::Module;
use super::super::module::Placement;
use super::super::operator::{Access, Operator};

/// The weight of a module.
pub(super) fn weight(module: &Module) -> u64 {
    let functions = module
        .functions
        .iter()
        .map(|function| 100 + signature(&function.ty) + 5 * function.locals.len() as u64 + operators(&function.body));
    let globals = module.globals.iter().map(|global| 50 + operators(&global.init));
    let data = module.data.iter().map(|data| 20 + placement(&data.placement) + data.bytes.len() as u64);
    let elements = module.elements.iter().map(|elements| {
        let functions = elements.functions.iter().flatten().count();
        20 + placement(&elements.placement) + (elements.functions.len() + functions) as u64
    });
    let tags = module.tags.iter().map(|ty| 50 + signature(ty));
    let spaces = 50 * (module.memories.len() + module.tables.len()) as u64;
    spaces + functions.chain(tags).chain(globals).chain(data).chain(elements).sum::<u64>()
}

fn operators(operators: &[Operator]) -> u64 {
    operators.iter().map(operator).sum()
}

fn placement(placement: &Placement) -> u64 {
    match placement {
        Placement::Active(_, offset) => operators(offset),
        Placement::Passive => 0,
    }
}

fn signature(ty: &FuncType) -> u64 {
    60 * (ty.params().len() + ty.results().len()) as u64
}

fn operator(operator: &Operator) -> u64 {
    match operator {
        Operator::Drop => 8,
        Operator::Const(ty, bits) => 10 + constant(*ty, *bits),
        Operator::VectorConst(bits) => 10 + vector(*bits),
        Operator::RefNull(_) => 10,
        Operator::Unreachable => 11,
        Operator::LocalGet(_) => 12 + CONSTANT,
        Operator::GlobalGet(_) | Operator::RefFunc(_) => 14 + CONSTANT,
        Operator::End | Operator::Else => 1,
        Operator::Catch(_) | Operator::CatchAll | Operator::Delegate(_) => 5,
        Operator::Block(ty) => 20 + signature(ty),
        Operator::If(ty) => 21 + signature(ty),
        Operator::Loop(ty) => 22 + signature(ty),
        Operator::TryTable(ty, clauses) => 24 + signature(ty) + 5 * clauses.len() as u64,
        Operator::Try(ty) => 24 + signature(ty),
        Operator::CallIndirect(_, ty) | Operator::ReturnCallIndirect(_, ty) => 30 + signature(ty),
        Operator::BrTable(depths) => 30 + 2 * depths.len() as u64,
        Operator::TypedSelect(_) => 31,
        Operator::Load(op, access) => 30 + self::access(access, op.access_bytes()),
        Operator::Store(op, access) => 30 + self::access(access, op.access_bytes()),
        Operator::Shuffle(lanes) => 30 + lanes.iter().filter(|lane| **lane != 0).count() as u64,
        Operator::ExtractLane(_, lane) | Operator::ReplaceLane(_, lane) => 30 + u64::from(*lane),
        Operator::VectorLoad(op, access) => 30 + self::access(access, op.access_bytes()),
        Operator::VectorStore(access) => 30 + self::access(access, VECTOR_BYTES),
        Operator::LoadLane(op, lane, access) => 30 + u64::from(*lane) + self::access(access, op.access_bytes()),
        Operator::StoreLane(op, lane, access) => 30 + u64::from(*lane) + self::access(access, op.access_bytes()),
        Operator::Atomic(op, access) => 30 + self::access(access, op.access_bytes()),
        _ => 30,
    }
}

/// An upper bound for the weight of a constant's value.
const CONSTANT: u64 = 66;

/// The weight of a constant's value.
pub(super) fn constant(ty: ValType, bits: u64) -> u64 {
    let magnitude = |number: i64| match number {
        0 => 0,
        1 => 1,
        _ => 1 + u64::from(64 - number.unsigned_abs().leading_zeros()) + u64::from(number < 0),
    };
    let float = |number: f64| match number {
        _ if number.is_nan() => CONSTANT,
        _ if number == number.trunc() && number.abs() < 1e18 => {
            magnitude(number as i64) + u64::from(number == 0.0 && number.is_sign_negative())
        }
        _ => CONSTANT - 1,
    };
    match ty {
        ValType::I32 => magnitude(i64::from(bits as i32)),
        ValType::F32 => float(f64::from(f32::from_bits(bits as u32))),
        ValType::F64 => float(f64::from_bits(bits)),
        _ => magnitude(bits as i64).min(CONSTANT),
    }
}

/// The weight of a constant vector's value, by the number of its bits: [`CONSTANT`] at most.
fn vector(bits: u128) -> u64 {
    u64::from(128 - bits.leading_zeros()).div_ceil(2)
}

/// The number of bytes that a vector takes in memory.
pub(super) const VECTOR_BYTES: u32 = size_of::<u128>() as u32;

fn access(access: &Access, bytes: u32) -> u64 {
    u64::from(64 - access.offset.leading_zeros()) + u64::from(bytes.ilog2() - access.align)
}
