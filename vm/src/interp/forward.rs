//! Forwarding: operands that are still in an accumulator.
//!
//! An instruction that puts its result into a slot leaves it in the accumulator of its type, too, which costs
//! nothing: it is in a machine register anyway. While it is there, an instruction that reads the slot
//! takes the form that reads the accumulator. That saves the machine the way through memory, which is
//! longer than most operations.
//!
//! The register IR knows nothing of it: the encoder chooses the forms, and the decoder gives the
//! slots back. Both go through a function in order and keep in mind what each accumulator holds. A form
//! for the accumulator means the slot last put, unless the accumulator has been the result's only
//! place since: those are the forms that the IR has asked for.

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
    /// The accumulator of values of a type.
    #[inline]
    pub const fn of(ty: ValType) -> Acc {
        match ty {
            ValType::F32 => Acc::F32,
            ValType::F64 => Acc::F64,
            // Vectors have none; where their type stands for an accumulator, nothing is in it.
            ValType::I32 | ValType::I64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef => Acc::Int,
        }
    }
}

/// No slot: frames are smaller.
const NONE: Slot = Slot(u32::MAX);

/// Which slots have their values in the accumulators.
#[derive(Clone, Copy)]
pub(super) struct Held([Slot; 3]);

impl Default for Held {
    fn default() -> Held {
        Held([NONE; 3])
    }
}

impl Held {
    /// An operand that has a form in the accumulator `acc`: taken from there if it is there.
    #[inline]
    pub fn one(&self, src: Src, acc: Acc) -> Src {
        if src == Src::Slot(self.0[acc as usize]) { Src::Acc } else { src }
    }

    /// Two operands that have such forms, as long as the other is not there; the first is preferred, because others
    /// wait for it.
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

    /// Makes operands that were taken from an accumulator slots again.
    pub fn restore(&self, inst: &mut Inst) {
        for (src, acc) in operands(inst).into_iter().flatten() {
            let slot = self.0[acc as usize];
            if *src == Src::Acc && slot != NONE {
                *src = Src::Slot(slot);
            }
        }
    }

    /// Goes on behind an instruction that leaves a result in `acc`, and in a slot if `dst` is one.
    #[inline]
    pub fn put(&mut self, acc: Acc, dst: Dst) {
        let slot = match dst {
            Dst::Slot(slot) => slot,
            Dst::Acc => NONE,
        };
        self.overwrite(SlotRange::new(slot, 1));
        self.0[acc as usize] = slot;
    }

    /// Goes on behind an instruction that writes slots, and leaves the accumulators as they are.
    #[inline]
    pub fn overwrite(&mut self, slots: SlotRange) {
        for held in &mut self.0 {
            *held = if slots.contains(*held) { NONE } else { *held };
        }
    }

    /// Goes on behind an instruction.
    pub fn step(&mut self, inst: &Inst) {
        match *inst {
            Inst::Call { .. } | Inst::CallIndirect { .. } | Inst::Epoch | Inst::CopySlots { .. } => {
                *self = Held::default();
            }
            Inst::GlobalGet { ty: ValType::V128, dst: Dst::Slot(dst), .. }
            | Inst::Copy { ty: ValType::V128, dst, .. }
            | Inst::Select { ty: ValType::V128, dst, .. } => self.overwrite(SlotRange::new(dst, 2)),
            // Whatever the type, the bits go through the accumulator for integers.
            Inst::Const { dst: dst @ Dst::Slot(_), .. }
            | Inst::GlobalGet { dst: dst @ Dst::Slot(_), .. }
            | Inst::RefIsNull { dst, .. } => self.put(Acc::Int, dst),
            Inst::Copy { dst, .. } | Inst::Select { dst, .. } => self.put(Acc::Int, dst.into()),
            Inst::Const { ty, dst, .. } | Inst::GlobalGet { ty, dst, .. } => self.put(Acc::of(ty), dst),
            Inst::Unary { op, dst, .. } => self.put(Acc::of(op.result_type()), dst),
            Inst::Binary { op, dst, .. } => self.put(Acc::of(op.result_type()), dst),
            Inst::Load { op, dst, .. } => self.put(Acc::of(op.result_type()), dst),
            _ => {
                if let Some((Dst::Slot(slot), ty)) = inst.result() {
                    self.overwrite(SlotRange::new(slot, ty.slots()));
                }
            }
        }
    }
}

/// The operands that have a form in the accumulator, as long as no other operand is there; those first
/// that others wait for.
fn operands(inst: &mut Inst) -> [Option<(&mut Src, Acc)>; 2] {
    match inst {
        Inst::Unary { op, src, .. } => [Some((src, Acc::of(op.operand_type()))), None],
        Inst::Binary { op, lhs, rhs, .. } => {
            let acc = Acc::of(op.operand_type());
            [Some((lhs, acc)), form::has_right_acc(*op).then_some((rhs, acc))]
        }
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
        _ => [None, None],
    }
}

/// The base of an address.
fn base(addr: &mut Addr) -> Option<(&mut Src, Acc)> {
    match addr {
        Addr::Base(base) | Addr::Sum { base, .. } => Some((base, Acc::Int)),
    }
}
