//! Uniform access to the operands and results of instructions.

use std::slice;

use smallvec::SmallVec;

use super::{Addr, Cond, Dst, Inst, Src};
use crate::index::{MemoryIndex, TableIndex};
use crate::module::ModuleInfo;
use crate::sink::{Label, SlotRange};
use crate::types::ValType;

/// The type of an operand, as far as the instruction itself determines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperandType {
    /// A value type.
    Value(ValType),
    /// Two values of type i64, in slots next to each other; of results only.
    Pair,
    /// The address type of a memory.
    Address(MemoryIndex),
    /// The narrower of the address types of two memories.
    CommonAddress(MemoryIndex, MemoryIndex),
    /// The index type of a table.
    Index(TableIndex),
    /// The narrower of the index types of two tables.
    CommonIndex(TableIndex, TableIndex),
    /// The element type of a table.
    Element(TableIndex),
}

impl OperandType {
    /// The number of slots that a value of the type takes.
    #[inline]
    pub const fn slots(self) -> u32 {
        match self {
            OperandType::Value(ty) => ty.slots(),
            OperandType::Pair => 2,
            OperandType::Address(_)
            | OperandType::CommonAddress(..)
            | OperandType::Index(_)
            | OperandType::CommonIndex(..)
            | OperandType::Element(_) => 1,
        }
    }

    /// How many values it is.
    #[inline]
    pub const fn values(self) -> u32 {
        match self {
            OperandType::Pair => 2,
            OperandType::Value(_)
            | OperandType::Address(_)
            | OperandType::CommonAddress(..)
            | OperandType::Index(_)
            | OperandType::CommonIndex(..)
            | OperandType::Element(_) => 1,
        }
    }

    /// The type of the value, or of each of them, in a given module.
    ///
    /// # Panics
    ///
    /// If the module does not have the memory or table.
    pub fn resolve(self, module: &ModuleInfo) -> ValType {
        let address = |memory: MemoryIndex| module.memory(memory).address_type();
        let index = |table: TableIndex| module.table(table).index_type();
        match self {
            OperandType::Value(ty) => ty,
            OperandType::Pair => ValType::I64,
            OperandType::Address(memory) => address(memory),
            // The ordering of types puts `i32` first.
            OperandType::CommonAddress(a, b) => address(a).min(address(b)),
            OperandType::Index(table) => index(table),
            OperandType::CommonIndex(a, b) => index(a).min(index(b)),
            OperandType::Element(table) => module.table(table).element,
        }
    }
}

/// The operands of an instruction. Most instructions have two or fewer.
pub type Sources = SmallVec<[(Src, OperandType); 3]>;

impl Inst {
    /// Returns the place and the type of the instruction's result. Results of calls are not included.
    #[inline(always)]
    pub fn result(&self) -> Option<(Dst, OperandType)> {
        use OperandType::{Address, Element, Index, Pair, Value};
        Some(match *self {
            Inst::Const { ty, dst, .. } | Inst::GlobalGet { ty, dst, .. } => (dst, Value(ty)),
            Inst::Unary { op, dst, .. } => (dst, Value(op.result_type())),
            Inst::Binary { op, dst, .. } => (dst, Value(op.result_type())),
            Inst::Wide { dst, .. } => (Dst::Slot(dst), Pair),
            Inst::RefIsNull { dst, .. } => (dst, Value(ValType::I32)),
            Inst::Load { op, dst, .. } => (dst, Value(op.result_type())),
            Inst::Copy { ty, dst, .. } | Inst::Select { ty, dst, .. } => (Dst::Slot(dst), Value(ty)),
            Inst::RefFunc { dst, .. } => (Dst::Slot(dst), Value(ValType::FuncRef)),
            Inst::MemorySize { memory, dst } | Inst::MemoryGrow { memory, dst, .. } => {
                (Dst::Slot(dst), Address(memory))
            }
            Inst::TableGet { table, dst, .. } => (Dst::Slot(dst), Element(table)),
            Inst::TableSize { table, dst } | Inst::TableGrow { table, dst, .. } => (Dst::Slot(dst), Index(table)),
            Inst::Vector { op, dst, .. } => (Dst::Slot(dst), Value(op.result_type())),
            Inst::ExtractLane { op, dst, .. } => (Dst::Slot(dst), Value(op.result_type())),
            Inst::VectorConst { dst, .. }
            | Inst::Shuffle { dst, .. }
            | Inst::ReplaceLane { dst, .. }
            | Inst::VectorLoad { dst, .. }
            | Inst::LoadLane { dst, .. } => (Dst::Slot(dst), Value(ValType::V128)),
            Inst::Atomic { op, dst, .. } => (Dst::Slot(dst?), Value(op.result_type()?)),
            Inst::CopySlots { .. }
            | Inst::AtomicFence
            | Inst::GlobalSet { .. }
            | Inst::VectorStore { .. }
            | Inst::StoreLane { .. }
            | Inst::Store { .. }
            | Inst::MemoryFill { .. }
            | Inst::MemoryCopy { .. }
            | Inst::MemoryInit { .. }
            | Inst::DataDrop { .. }
            | Inst::TableSet { .. }
            | Inst::TableFill { .. }
            | Inst::TableCopy { .. }
            | Inst::TableInit { .. }
            | Inst::ElemDrop { .. }
            | Inst::Branch { .. }
            | Inst::BranchIf { .. }
            | Inst::BranchTable { .. }
            | Inst::Return
            | Inst::ReturnValue { .. }
            | Inst::Call { .. }
            | Inst::CallIndirect { .. }
            | Inst::ReturnCall { .. }
            | Inst::ReturnCallIndirect { .. }
            | Inst::TryBegin { .. }
            | Inst::TryEnd { .. }
            | Inst::Catch { .. }
            | Inst::CatchEnd { .. }
            | Inst::Throw { .. }
            | Inst::ThrowRef { .. }
            | Inst::Trap { .. }
            | Inst::Fuel { .. }
            | Inst::Epoch => return None,
        })
    }

    /// Makes the instruction leave its result elsewhere. Returns `false` if it has no such form.
    pub fn set_result(&mut self, to: Dst) -> bool {
        match self {
            // Vectors have no accumulator.
            Inst::GlobalGet { ty: ValType::V128, .. } if to == Dst::Acc => false,
            Inst::Const { dst, .. }
            | Inst::GlobalGet { dst, .. }
            | Inst::Unary { dst, .. }
            | Inst::Binary { dst, .. }
            | Inst::RefIsNull { dst, .. }
            | Inst::Load { dst, .. } => {
                *dst = to;
                true
            }
            Inst::Copy { dst, .. }
            | Inst::Select { dst, .. }
            | Inst::RefFunc { dst, .. }
            | Inst::MemorySize { dst, .. }
            | Inst::MemoryGrow { dst, .. }
            | Inst::TableGet { dst, .. }
            | Inst::TableSize { dst, .. }
            | Inst::TableGrow { dst, .. }
            | Inst::Wide { dst, .. }
            | Inst::VectorConst { dst, .. }
            | Inst::Vector { dst, .. }
            | Inst::Shuffle { dst, .. }
            | Inst::ExtractLane { dst, .. }
            | Inst::ReplaceLane { dst, .. }
            | Inst::VectorLoad { dst, .. }
            | Inst::LoadLane { dst, .. }
            | Inst::Atomic { dst: Some(dst), .. } => match to {
                Dst::Slot(to) => {
                    *dst = to;
                    true
                }
                Dst::Acc => false,
            },
            Inst::Atomic { dst: None, .. }
            | Inst::CopySlots { .. }
            | Inst::AtomicFence
            | Inst::GlobalSet { .. }
            | Inst::VectorStore { .. }
            | Inst::StoreLane { .. }
            | Inst::Store { .. }
            | Inst::MemoryFill { .. }
            | Inst::MemoryCopy { .. }
            | Inst::MemoryInit { .. }
            | Inst::DataDrop { .. }
            | Inst::TableSet { .. }
            | Inst::TableFill { .. }
            | Inst::TableCopy { .. }
            | Inst::TableInit { .. }
            | Inst::ElemDrop { .. }
            | Inst::Branch { .. }
            | Inst::BranchIf { .. }
            | Inst::BranchTable { .. }
            | Inst::Return
            | Inst::ReturnValue { .. }
            | Inst::Call { .. }
            | Inst::CallIndirect { .. }
            | Inst::ReturnCall { .. }
            | Inst::ReturnCallIndirect { .. }
            | Inst::TryBegin { .. }
            | Inst::TryEnd { .. }
            | Inst::Catch { .. }
            | Inst::CatchEnd { .. }
            | Inst::Throw { .. }
            | Inst::ThrowRef { .. }
            | Inst::Trap { .. }
            | Inst::Fuel { .. }
            | Inst::Epoch => false,
        }
    }

    /// Returns the labels that the instruction may branch to. Where exceptions go is not among them.
    pub fn targets_mut(&mut self) -> &mut [Label] {
        match self {
            Inst::Branch { target } | Inst::BranchIf { target, .. } => slice::from_mut(target),
            Inst::BranchTable { targets, .. } => targets,
            Inst::Const { .. }
            | Inst::Copy { .. }
            | Inst::CopySlots { .. }
            | Inst::Unary { .. }
            | Inst::Binary { .. }
            | Inst::Wide { .. }
            | Inst::Select { .. }
            | Inst::RefIsNull { .. }
            | Inst::RefFunc { .. }
            | Inst::VectorConst { .. }
            | Inst::Vector { .. }
            | Inst::Shuffle { .. }
            | Inst::ExtractLane { .. }
            | Inst::ReplaceLane { .. }
            | Inst::VectorLoad { .. }
            | Inst::VectorStore { .. }
            | Inst::LoadLane { .. }
            | Inst::StoreLane { .. }
            | Inst::Atomic { .. }
            | Inst::AtomicFence
            | Inst::GlobalGet { .. }
            | Inst::GlobalSet { .. }
            | Inst::Load { .. }
            | Inst::Store { .. }
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
            | Inst::Return
            | Inst::ReturnValue { .. }
            | Inst::Call { .. }
            | Inst::CallIndirect { .. }
            | Inst::ReturnCall { .. }
            | Inst::ReturnCallIndirect { .. }
            | Inst::TryBegin { .. }
            | Inst::TryEnd { .. }
            | Inst::Catch { .. }
            | Inst::CatchEnd { .. }
            | Inst::Throw { .. }
            | Inst::ThrowRef { .. }
            | Inst::Trap { .. }
            | Inst::Fuel { .. }
            | Inst::Epoch => &mut [],
        }
    }

    /// Returns the operands that the instruction names. The arguments of calls, the payload of an [`Inst::Throw`], the
    /// values of an [`Inst::Return`] and the slots that [`Inst::CopySlots`] copies are not named; the instruction's definition says where they are.
    pub fn sources(&self) -> Sources {
        self.with_sources(SmallVec::from_slice)
    }

    /// Calls `look` with the operands of [`Inst::sources`]. Inlined, so that operands that `look` ignores cost nothing.
    #[inline(always)]
    fn with_sources<R>(&self, look: impl FnOnce(&[(Src, OperandType)]) -> R) -> R {
        use OperandType::{Address, CommonAddress, CommonIndex, Element, Index, Value};
        const I32: OperandType = Value(ValType::I32);
        const VECTOR: OperandType = Value(ValType::V128);
        const I64: OperandType = Value(ValType::I64);
        let slot = Src::Slot;
        match *self {
            Inst::Copy { ty, src, .. } => look(&[(slot(src), Value(ty))]),
            Inst::Unary { op, src, .. } => look(&[(src, Value(op.operand_type()))]),
            Inst::Binary { op, lhs, rhs, .. } => {
                let ty = Value(op.operand_type());
                look(&[(lhs, ty), (rhs, ty)])
            }
            Inst::Select { ty, cond, if_true, if_false, .. } => {
                look(&[(cond, I32), (slot(if_true), Value(ty)), (slot(if_false), Value(ty))])
            }
            // The operand may be of any reference type; the verifier makes an exception for it.
            Inst::RefIsNull { src, .. } => look(&[(src, Value(ValType::FuncRef))]),
            Inst::GlobalSet { ty, src, .. } | Inst::ReturnValue { ty, src } => look(&[(src, Value(ty))]),
            Inst::Load { memory, addr: Addr::Index { base, index }, .. } => {
                look(&[(base, Address(memory)), (index, Address(memory))])
            }
            Inst::Load { memory, addr, .. } => look(&[(addr.base(), Address(memory))]),
            Inst::Store { op, memory, addr, value, .. } => {
                look(&[(addr.base(), Address(memory)), (value, Value(op.value_type()))])
            }
            Inst::MemoryGrow { memory, delta, .. } => look(&[(slot(delta), Address(memory))]),
            Inst::MemoryFill { memory, dst, value, len } => {
                look(&[(slot(dst), Address(memory)), (slot(value), I32), (slot(len), Address(memory))])
            }
            Inst::MemoryCopy { dst_memory, src_memory, dst, src, len } => look(&[
                (slot(dst), Address(dst_memory)),
                (slot(src), Address(src_memory)),
                (slot(len), CommonAddress(dst_memory, src_memory)),
            ]),
            Inst::MemoryInit { memory, dst, src, len, .. } => {
                look(&[(slot(dst), Address(memory)), (slot(src), I32), (slot(len), I32)])
            }
            Inst::TableGet { table, index, .. } => look(&[(slot(index), Index(table))]),
            Inst::TableSet { table, index, value } => {
                look(&[(slot(index), Index(table)), (slot(value), Element(table))])
            }
            Inst::TableGrow { table, init, delta, .. } => {
                look(&[(slot(init), Element(table)), (slot(delta), Index(table))])
            }
            Inst::TableFill { table, dst, value, len } => {
                look(&[(slot(dst), Index(table)), (slot(value), Element(table)), (slot(len), Index(table))])
            }
            Inst::TableCopy { dst_table, src_table, dst, src, len } => look(&[
                (slot(dst), Index(dst_table)),
                (slot(src), Index(src_table)),
                (slot(len), CommonIndex(dst_table, src_table)),
            ]),
            Inst::TableInit { table, dst, src, len, .. } => {
                look(&[(slot(dst), Index(table)), (slot(src), I32), (slot(len), I32)])
            }
            Inst::BranchIf { cond, .. } => match cond {
                Cond::NonZero(src) | Cond::Zero(src) => look(&[(src, I32)]),
                Cond::Compare { op, lhs, rhs } => {
                    let ty = Value(op.operand_type());
                    look(&[(lhs, ty), (rhs, ty)])
                }
            },
            Inst::BranchTable { index, .. } => look(&[(index, I32)]),
            Inst::Vector { op, operands, .. } => {
                let types = op.operand_types();
                let mut sources = [(slot(operands[0]), VECTOR); 3];
                for ((source, &operand), &ty) in sources.iter_mut().zip(&operands).zip(types) {
                    *source = (slot(operand), Value(ty));
                }
                look(&sources[..types.len()])
            }
            Inst::Wide { op, operands, .. } => {
                let sources = operands.map(|operand| (slot(operand), I64));
                look(&sources[..op.operands()])
            }
            Inst::Shuffle { lhs, rhs, .. } => look(&[(slot(lhs), VECTOR), (slot(rhs), VECTOR)]),
            Inst::ExtractLane { src, .. } => look(&[(slot(src), VECTOR)]),
            Inst::ReplaceLane { op, vector, value, .. } => {
                look(&[(slot(vector), VECTOR), (slot(value), Value(op.value_type()))])
            }
            Inst::VectorLoad { memory, addr, .. } => look(&[(slot(addr), Address(memory))]),
            Inst::VectorStore { memory, addr, value: vector, .. }
            | Inst::LoadLane { memory, addr, vector, .. }
            | Inst::StoreLane { memory, addr, vector, .. } => {
                look(&[(slot(addr), Address(memory)), (slot(vector), VECTOR)])
            }
            Inst::ThrowRef { exn } => look(&[(slot(exn), Value(ValType::ExnRef))]),
            Inst::Atomic { op, memory, addr, operands: [first, second], .. } => {
                let types = op.operand_types();
                let ty = |at: usize| Value(types.get(at).copied().unwrap_or(ValType::I32));
                let sources = [(slot(addr), Address(memory)), (slot(first), ty(0)), (slot(second), ty(1))];
                look(&sources[..1 + types.len()])
            }
            Inst::CallIndirect { table, index, .. } | Inst::ReturnCallIndirect { table, index, .. } => {
                look(&[(index, Index(table))])
            }
            Inst::Const { .. }
            | Inst::AtomicFence
            | Inst::CopySlots { .. }
            | Inst::VectorConst { .. }
            | Inst::RefFunc { .. }
            | Inst::GlobalGet { .. }
            | Inst::MemorySize { .. }
            | Inst::DataDrop { .. }
            | Inst::TableSize { .. }
            | Inst::ElemDrop { .. }
            | Inst::Branch { .. }
            | Inst::Return
            | Inst::Call { .. }
            | Inst::ReturnCall { .. }
            | Inst::TryBegin { .. }
            | Inst::TryEnd { .. }
            | Inst::Catch { .. }
            | Inst::CatchEnd { .. }
            | Inst::Throw { .. }
            | Inst::Trap { .. }
            | Inst::Fuel { .. }
            | Inst::Epoch => look(&[]),
        }
    }

    /// Whether an operand is in one of the slots.
    #[inline(always)]
    pub fn reads_slots(&self, slots: SlotRange) -> bool {
        self.with_sources(|sources| {
            sources.iter().any(|&(src, ty)| match src {
                Src::Slot(slot) => SlotRange::new(slot, ty.slots()).overlaps(slots),
                Src::Acc | Src::Imm(_) => false,
            })
        })
    }

    /// Whether the instruction reads an operand from the accumulator.
    #[inline(always)]
    pub fn reads_acc(&self) -> bool {
        self.with_sources(|sources| sources.iter().any(|&(src, _)| src == Src::Acc))
    }
}

impl Addr {
    /// The operand part of the address; of two, the left one.
    pub const fn base(self) -> Src {
        match self {
            Addr::Base(base) | Addr::Sum { base, .. } | Addr::Index { base, .. } => base,
        }
    }
}
