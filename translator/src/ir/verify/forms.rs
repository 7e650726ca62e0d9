//! The operand forms that an instruction may have, as stated at each variant of [`Inst`].

use crate::index::MemoryIndex;
use crate::ir::{Addr, Cond, Inst, Src};
use crate::module::ModuleInfo;
use crate::types::ValType;

/// Checks the forms of an instruction's operands.
pub(super) fn check(inst: &Inst, module: &ModuleInfo) -> Result<(), &'static str> {
    if inst.sources().iter().filter(|(src, _)| *src == Src::Acc).count() > 1 {
        return Err("two operands are the accumulator");
    }
    match *inst {
        Inst::Binary { op, lhs, rhs, .. } => {
            if op.takes_left_immediate() && matches!(lhs, Src::Imm(_)) {
                not_immediate(rhs)?;
            } else {
                not_immediate(lhs)?;
            }
            if op.swapped().is_some() && rhs == Src::Acc {
                return Err("the accumulator is the right operand of an operation with a swapped form");
            }
            fits(lhs, op.operand_type())?;
            fits(rhs, op.operand_type())
        }
        Inst::Unary { src, .. }
        | Inst::Select { cond: src, .. }
        | Inst::RefIsNull { src, .. }
        | Inst::GlobalSet { src, .. }
        | Inst::BranchTable { index: src, .. }
        | Inst::CallIndirect { index: src, .. }
        | Inst::ReturnCallIndirect { index: src, .. } => not_immediate(src),
        Inst::Load { memory, addr, offset, .. } => address(module, memory, addr, offset),
        Inst::Store { op, memory, addr, offset, value } => {
            address(module, memory, addr, offset)?;
            if let Addr::Index { .. } = addr {
                return Err("the address of a store is the sum of two variables");
            }
            let only_slot = matches!(addr.base(), Src::Imm(_)) || !has_all_forms(module, memory, offset);
            match value {
                Src::Slot(_) => Ok(()),
                Src::Imm(_) | Src::Acc if only_slot => Err("the value of this store has to be in a slot"),
                Src::Imm(_) if op.value_type() == ValType::F64 => Err("an f64 is stored from an immediate"),
                Src::Imm(_) | Src::Acc => fits(value, op.value_type()),
            }
        }
        Inst::BranchIf { cond, .. } => match cond {
            Cond::NonZero(src) | Cond::Zero(src) => not_immediate(src),
            Cond::Compare { op, lhs, rhs } => {
                not_immediate(lhs)?;
                match rhs {
                    Src::Slot(_) => Ok(()),
                    Src::Acc => Err("the accumulator is the right operand of a branch"),
                    Src::Imm(bits) => {
                        let value = match op.operand_type() {
                            ValType::I32 => i64::from(bits as u32 as i32),
                            ValType::I64 => bits as i64,
                            ValType::F32
                            | ValType::F64
                            | ValType::V128
                            | ValType::FuncRef
                            | ValType::ExternRef
                            | ValType::ExnRef => return Err("a branch compares integers only"),
                        };
                        i16::try_from(value).map(drop).map_err(|_| "the immediate of a branch is out of range")
                    }
                }
            }
        },
        Inst::Const { ty: ValType::V128, .. } => Err("a vector is a constant of one slot"),
        Inst::Shuffle { lanes, .. } if lanes.iter().any(|&lane| lane >= 32) => Err("a lane is out of range"),
        Inst::ExtractLane { op, lane, .. } => in_range(lane, op.lanes()),
        Inst::ReplaceLane { op, lane, .. } => in_range(lane, op.lanes()),
        Inst::LoadLane { op, lane, .. } => in_range(lane, op.lanes()),
        Inst::StoreLane { op, lane, .. } => in_range(lane, op.lanes()),
        Inst::Atomic { op, dst, .. } if dst.is_some() != op.result_type().is_some() => {
            Err("an atomic operation has a result that it should not have, or lacks it")
        }
        Inst::Const { .. }
        | Inst::Atomic { .. }
        | Inst::AtomicFence
        | Inst::Copy { .. }
        | Inst::CopySlots { .. }
        | Inst::Wide { .. }
        | Inst::RefFunc { .. }
        | Inst::VectorConst { .. }
        | Inst::Vector { .. }
        | Inst::Shuffle { .. }
        | Inst::VectorLoad { .. }
        | Inst::VectorStore { .. }
        | Inst::GlobalGet { .. }
        | Inst::MemorySize { .. }
        | Inst::MemoryGrow { .. }
        | Inst::MemoryFill { .. }
        | Inst::MemoryCopy { .. }
        | Inst::MemoryInit { .. }
        | Inst::DataDrop { .. }
        | Inst::TableGet { .. }
        | Inst::TableSet { .. }
        | Inst::TableSize { .. }
        | Inst::TableGrow { .. }
        | Inst::TableFill { .. }
        | Inst::TableCopy { .. }
        | Inst::TableInit { .. }
        | Inst::ElemDrop { .. }
        | Inst::Branch { .. }
        | Inst::Return
        | Inst::ReturnValue { .. }
        | Inst::Call { .. }
        | Inst::ReturnCall { .. }
        | Inst::TryBegin { .. }
        | Inst::TryEnd { .. }
        | Inst::Catch { .. }
        | Inst::CatchEnd { .. }
        | Inst::Throw { .. }
        | Inst::ThrowRef { .. }
        | Inst::Trap { .. }
        | Inst::Fuel { .. }
        | Inst::Epoch => Ok(()),
    }
}

fn in_range(lane: u8, lanes: u8) -> Result<(), &'static str> {
    if lane < lanes { Ok(()) } else { Err("a lane is out of range") }
}

fn has_all_forms(module: &ModuleInfo, memory: MemoryIndex, offset: u64) -> bool {
    memory == MemoryIndex::ZERO && module.memory(memory).has_short_forms() && u32::try_from(offset).is_ok()
}

fn address(module: &ModuleInfo, memory: MemoryIndex, addr: Addr, offset: u64) -> Result<(), &'static str> {
    match addr {
        Addr::Base(Src::Slot(_)) => Ok(()),
        _ if !has_all_forms(module, memory, offset) => Err("the address of this access has to be in a slot"),
        Addr::Base(_) => Ok(()),
        Addr::Sum { base, .. } => not_immediate(base),
        Addr::Index { base, index: Src::Slot(_) } => not_immediate(base),
        Addr::Index { .. } => Err("the right part of an address is not in a slot"),
    }
}

fn not_immediate(src: Src) -> Result<(), &'static str> {
    match src {
        Src::Imm(_) => Err("an operand is an immediate that must not be"),
        Src::Slot(_) | Src::Acc => Ok(()),
    }
}

/// Whether an operand, if it is an immediate, is in the range for its type.
fn fits(src: Src, ty: ValType) -> Result<(), &'static str> {
    let Src::Imm(bits) = src else { return Ok(()) };
    match ty {
        ValType::I64 if i32::try_from(bits as i64).is_err() => Err("an i64 immediate is out of range"),
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => Ok(()),
        ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
            Err("an operand of this type has no immediate form")
        }
    }
}
