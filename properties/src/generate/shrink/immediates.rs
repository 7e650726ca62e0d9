//! Simplifies immediates.

use riser_translator::types::ValType;

use super::super::operator::{Access, Operator};
use super::Proposal;
use super::splice::zero;
use super::typing::Typed;
use super::weight::VECTOR_BYTES;

/// The number of ways to simplify an operator.
const WAYS: usize = 5;

/// Proposes the module with one immediate simplified.
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
        // The dead code behind it may need only one operand to be valid as live code.
        Operator::Unreachable => {
            let types = [ValType::I32, ValType::I64, ValType::F32, ValType::F64, ValType::V128];
            zero(Some(types[way]))
        }
        _ if way == 4 => return None,
        Operator::Const(ty, bits) => Operator::Const(*ty, simpler_constant(*ty, *bits, way)),
        Operator::Load(op, access) => Operator::Load(*op, simpler_access(*access, op.access_bytes(), way)),
        Operator::Store(op, access) => Operator::Store(*op, simpler_access(*access, op.access_bytes(), way)),
        Operator::BrTable(depths) if depths.len() > 1 => {
            let last = depths.len() - 1;
            let kept = [last..last + 1, depths.len() / 2..last + 1, 1..last + 1, 0..last];
            Operator::BrTable(depths[kept[way].clone()].to_vec())
        }
        Operator::VectorConst(bits) => Operator::VectorConst(simpler_vector(*bits, way)),
        Operator::Shuffle(lanes) => Operator::Shuffle(simpler_lanes(*lanes, way)?),
        Operator::ExtractLane(op, lane) => Operator::ExtractLane(*op, simpler_lane(*lane, way)?),
        Operator::ReplaceLane(op, lane) => Operator::ReplaceLane(*op, simpler_lane(*lane, way)?),
        Operator::VectorLoad(op, access) => Operator::VectorLoad(*op, simpler_access(*access, op.access_bytes(), way)),
        Operator::VectorStore(access) => Operator::VectorStore(simpler_access(*access, VECTOR_BYTES, way)),
        Operator::LoadLane(op, lane, access) => {
            let lane = if way < 2 { 0 } else { *lane };
            Operator::LoadLane(*op, lane, simpler_access(*access, op.access_bytes(), way))
        }
        Operator::StoreLane(op, lane, access) => {
            let lane = if way < 2 { 0 } else { *lane };
            Operator::StoreLane(*op, lane, simpler_access(*access, op.access_bytes(), way))
        }
        Operator::Atomic(op, access) => {
            let simpler = simpler_access(*access, op.access_bytes(), way);
            // The alignment of an atomic operation is its width.
            Operator::Atomic(*op, Access { align: access.align, ..simpler })
        }
        Operator::TypedSelect(_) if way == 0 => Operator::Select,
        Operator::TryTable(ty, clauses) => match (way, clauses.len()) {
            (0, _) | (_, 0) => Operator::Block(ty.clone()),
            (_, count) => {
                let mut fewer = clauses.clone();
                fewer.remove([0, count / 2, count - 1][way - 1]);
                Operator::TryTable(ty.clone(), fewer)
            }
        },
        Operator::Try(ty) | Operator::Loop(ty) if way == 0 => Operator::Block(ty.clone()),
        Operator::Delegate(_) if way == 0 => Operator::End,
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

fn simpler_vector(bits: u128, way: usize) -> u128 {
    match way {
        0 => 0,
        1 => 1,
        2 => bits & u128::from(u64::MAX),
        _ => bits >> 8,
    }
}

fn simpler_lanes(lanes: [u8; 16], way: usize) -> Option<[u8; 16]> {
    match way {
        0 => Some([0; 16]),
        1 => {
            // Sets the last lane that is not 0 to 0.
            let mut simpler = lanes;
            *simpler.iter_mut().rfind(|lane| **lane != 0)? = 0;
            Some(simpler)
        }
        _ => None,
    }
}

fn simpler_lane(lane: u8, way: usize) -> Option<u8> {
    match way {
        0 => Some(0),
        1 => Some(lane / 2),
        _ => None,
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
