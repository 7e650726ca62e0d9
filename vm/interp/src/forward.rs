//! Forwarding: operands are taken from the accumulator that still holds them.
//!
//! An instruction that puts its result into a slot also leaves it in the accumulator of the result's type. That costs
//! nothing, because the result is in a machine register anyway. As long as it is there, an instruction that reads the
//! slot uses the form that reads the accumulator instead. That saves the way through memory, which takes longer than
//! most operations.
//!
//! The register IR does not show this: the encoder chooses the forms, and the decoder restores the slots. Both go
//! through a function in order and keep track of what each accumulator holds. A form for the accumulator stands for the
//! slot that was last put into it. The exception is an accumulator that is the only place of the last result: the IR
//! itself has asked for that form.

use riser_translator::ir::{Addr, Cond, Dst, Inst, Src};
use riser_translator::sink::{Slot, SlotRange};
use riser_translator::types::ValType;

use super::tokens::form;

/// The accumulators.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Acc {
    Int,
    F32,
    F64,
}

impl Acc {
    /// Returns the accumulator for values of a type.
    #[inline]
    pub const fn of(ty: ValType) -> Acc {
        match ty {
            ValType::F32 => Acc::F32,
            ValType::F64 => Acc::F64,
            // Vectors have no accumulator; where their type stands for one, it holds no slot.
            ValType::I32 | ValType::I64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
                Acc::Int
            }
        }
    }
}

/// Stands for no slot: frames are smaller.
const NONE: Slot = Slot(u32::MAX);

/// The slot whose value each accumulator holds.
#[derive(Clone, Copy)]
pub(super) struct Held([Slot; 3]);

impl Default for Held {
    fn default() -> Held {
        Held([NONE; 3])
    }
}

impl Held {
    /// Takes an operand from the accumulator `acc`, if its value is there. The operand has a form for that.
    #[inline]
    pub fn one(&self, src: Src, acc: Acc) -> Src {
        if src == Src::Slot(self.0[acc as usize]) { Src::Acc } else { src }
    }

    /// Takes one of two operands from its accumulator, if its value is there. There is no form with both in
    /// accumulators, except for float operations whose operands are one slot. The first one is preferred, because other
    /// operations wait for it.
    #[inline]
    pub fn two(&self, first: (Src, Acc), second: (Src, Acc)) -> (Src, Src) {
        if first.0 == Src::Acc || second.0 == Src::Acc {
            return (first.0, second.0);
        }
        match self.one(first.0, first.1) {
            Src::Acc => (Src::Acc, second.0),
            first => (first, self.one(second.0, second.1)),
        }
    }

    /// Turns operands that were taken from an accumulator back into slots.
    pub fn restore(&self, inst: &mut Inst) {
        for (src, acc) in operands(inst).into_iter().flatten() {
            let slot = self.0[acc as usize];
            if *src == Src::Acc && slot != NONE {
                *src = Src::Slot(slot);
            }
        }
    }

    /// Notes an instruction that leaves a result in `acc`, and in a slot if `dst` is one.
    #[inline]
    pub fn put(&mut self, acc: Acc, dst: Dst) {
        let slot = match dst {
            Dst::Slot(slot) => slot,
            Dst::Acc => NONE,
        };
        self.overwrite(SlotRange::new(slot, 1));
        self.0[acc as usize] = slot;
    }

    /// Notes an instruction that writes slots, and leaves the accumulators as they are.
    #[inline]
    pub fn overwrite(&mut self, slots: SlotRange) {
        for held in &mut self.0 {
            *held = if slots.contains(*held) { NONE } else { *held };
        }
    }

    /// Notes the effect of an instruction.
    pub fn step(&mut self, inst: &Inst) {
        match *inst {
            Inst::Call { .. } | Inst::CallIndirect { .. } | Inst::Epoch | Inst::CopySlots { .. } => {
                *self = Held::default();
            }
            Inst::GlobalGet { ty: ValType::V128, dst: Dst::Slot(dst), .. }
            | Inst::Copy { ty: ValType::V128, dst, .. }
            | Inst::Select { ty: ValType::V128, dst, .. } => self.overwrite(SlotRange::new(dst, 2)),
            // The bits go through the accumulator for integers, whatever their type.
            Inst::Const { dst: dst @ Dst::Slot(_), .. }
            | Inst::GlobalGet { dst: dst @ Dst::Slot(_), .. }
            | Inst::RefIsNull { dst, .. } => self.put(Acc::Int, dst),
            Inst::Copy { dst, .. } | Inst::Select { dst, .. } => self.put(Acc::Int, dst.into()),
            Inst::Const { ty, dst, .. } | Inst::GlobalGet { ty, dst, .. } => self.put(Acc::of(ty), dst),
            Inst::Unary { op, dst, .. } => self.put(Acc::of(op.result_type()), dst),
            Inst::Binary { op, dst, .. } => self.put(Acc::of(op.result_type()), dst),
            Inst::Load { op, dst, .. } => self.put(Acc::of(op.result_type()), dst),
            // These leave the accumulators as they are, and so do those below. Behind what does not go on comes a label, where none holds a slot.
            Inst::Wide { .. }
            | Inst::RefFunc { .. }
            | Inst::MemorySize { .. }
            | Inst::MemoryGrow { .. }
            | Inst::TableGet { .. }
            | Inst::TableSize { .. }
            | Inst::TableGrow { .. }
            | Inst::Vector { .. }
            | Inst::ExtractLane { .. }
            | Inst::VectorConst { .. }
            | Inst::Shuffle { .. }
            | Inst::ReplaceLane { .. }
            | Inst::VectorLoad { .. }
            | Inst::LoadLane { .. }
            | Inst::Atomic { .. } => {
                if let Some((Dst::Slot(slot), ty)) = inst.result() {
                    self.overwrite(SlotRange::new(slot, ty.slots()));
                }
            }
            Inst::VectorStore { .. }
            | Inst::StoreLane { .. }
            | Inst::AtomicFence
            | Inst::GlobalSet { .. }
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
            | Inst::ReturnCall { .. }
            | Inst::ReturnCallIndirect { .. }
            | Inst::TryBegin { .. }
            | Inst::TryEnd { .. }
            | Inst::Catch { .. }
            | Inst::CatchEnd { .. }
            | Inst::Throw { .. }
            | Inst::ThrowRef { .. }
            | Inst::Trap { .. }
            | Inst::Fuel { .. } => {}
        }
    }
}

/// Returns the operands that have a form for the accumulator, as long as no other operand is there. The preferred one
/// comes first.
fn operands(inst: &mut Inst) -> [Option<(&mut Src, Acc)>; 2] {
    match inst {
        Inst::Unary { op, src, .. } => [Some((src, Acc::of(op.operand_type()))), None],
        Inst::Binary { op, lhs, rhs, .. } => {
            let acc = Acc::of(op.operand_type());
            [Some((lhs, acc)), form::has_right_acc(*op).then_some((rhs, acc))]
        }
        Inst::Load { addr: Addr::Index { base, index }, .. } => [Some((base, Acc::Int)), Some((index, Acc::Int))],
        Inst::Load { addr, .. } => [base(addr), None],
        Inst::Store { op, addr, value, .. } => {
            let constant = matches!(addr.base(), Src::Imm(_));
            [base(addr), (!constant).then_some((value, Acc::of(op.value_type())))]
        }
        Inst::BranchIf { cond: Cond::NonZero(src) | Cond::Zero(src), .. }
        | Inst::Select { cond: src, .. }
        | Inst::BranchTable { index: src, .. }
        | Inst::RefIsNull { src, .. } => [Some((src, Acc::Int)), None],
        Inst::BranchIf { cond: Cond::Compare { lhs, .. }, .. } => [Some((lhs, Acc::Int)), None],
        Inst::GlobalSet { ty: ValType::V128, .. } => [None, None],
        Inst::GlobalSet { ty, src, .. } | Inst::ReturnValue { ty, src } => [Some((src, Acc::of(*ty))), None],
        Inst::CallIndirect { index, .. } => [Some((index, Acc::Int)), None],
        Inst::Const { .. }
        | Inst::Copy { .. }
        | Inst::CopySlots { .. }
        | Inst::Wide { .. }
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
        | Inst::Call { .. }
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
        | Inst::Epoch => [None, None],
    }
}

/// Returns the base of an address.
fn base(addr: &mut Addr) -> Option<(&mut Src, Acc)> {
    match addr {
        Addr::Base(base) | Addr::Sum { base, .. } | Addr::Index { base, .. } => Some((base, Acc::Int)),
    }
}
