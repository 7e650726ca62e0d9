//! Plainer immediates.

use riser_translator::types::ValType;

use super::super::operator::{Access, Operator};
use super::Proposal;
use super::typing::Typed;

/// How many ways there are to simplify an operator.
const WAYS: usize = 4;

/// The module with one immediate simplified.
pub(super) fn simplify(typed: &Typed, place: usize) -> Proposal {
    let Some((function, at)) = typed.operator_at(place / WAYS) else { return Proposal::End };
    match simpler(&typed.body(function)[at], place % WAYS) {
        Some(operator) => {
            let mut module = typed.module().clone();
            module.functions[function].body[at] = operator;
            Proposal::Module(module)
        }
        None => Proposal::Nothing,
    }
}

fn simpler(operator: &Operator, way: usize) -> Option<Operator> {
    Some(match operator {
        Operator::Const(ty, bits) => Operator::Const(*ty, simpler_constant(*ty, *bits, way)),
        Operator::Load(op, access) => Operator::Load(*op, simpler_access(*access, op.access_bytes(), way)),
        Operator::Store(op, access) => Operator::Store(*op, simpler_access(*access, op.access_bytes(), way)),
        Operator::BrTable(depths) if depths.len() > 1 => {
            let last = depths.len() - 1;
            let kept = [last..last + 1, depths.len() / 2..last + 1, 1..last + 1, 0..last];
            Operator::BrTable(depths[kept[way].clone()].to_vec())
        }
        // Dead code may need no more than one operand to come alive.
        Operator::Unreachable => {
            let types = [ValType::I32, ValType::I64, ValType::F32, ValType::F64];
            Operator::Const(types[way], 0)
        }
        Operator::TypedSelect(_) if way == 0 => Operator::Select,
        Operator::Loop(ty) if way == 0 => Operator::Block(ty.clone()),
        _ => return None,
    })
}

fn simpler_constant(ty: ValType, bits: u64, way: usize) -> u64 {
    match (ty, way) {
        (_, 0) => 0,
        (ValType::I32 | ValType::I64, 1) => 1,
        (ValType::I32, 2) => u64::from((bits as i32).wrapping_neg() as u32),
        (ValType::I32, _) => u64::from((bits as i32 / 2) as u32),
        (ValType::I64, 2) => (bits as i64).wrapping_neg() as u64,
        (ValType::F32, 1) => u64::from(1f32.to_bits()),
        (ValType::F32, 2) => u64::from(f32::from_bits(bits as u32).trunc().to_bits()),
        (ValType::F32, _) => u64::from((f32::from_bits(bits as u32) / 2.0).trunc().to_bits()),
        (ValType::F64, 1) => 1f64.to_bits(),
        (ValType::F64, 2) => f64::from_bits(bits).trunc().to_bits(),
        (ValType::F64, _) => (f64::from_bits(bits) / 2.0).trunc().to_bits(),
        _ => (bits as i64 / 2) as u64,
    }
}

fn simpler_access(access: Access, bytes: u32, way: usize) -> Access {
    match way {
        0 => Access { offset: 0, align: bytes.ilog2(), ..access },
        1 => Access { align: bytes.ilog2(), ..access },
        2 => Access { offset: 0, ..access },
        _ => Access { offset: access.offset / 2, ..access },
    }
}
