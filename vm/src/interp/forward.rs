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
use riser_translator::sink::Slot;
use riser_translator::types::ValType;

use super::tokens::form;

/// The accumulators.
#[derive(Clone, Copy)]
enum Acc {
    Int,
    F32,
    F64,
}

impl Acc {
    /// The accumulator of values of a type.
    fn of(ty: ValType) -> Acc {
        match ty {
            ValType::F32 => Acc::F32,
            ValType::F64 => Acc::F64,
            _ => Acc::Int,
        }
    }
}

/// Which slots have their values in the accumulators.
#[derive(Clone, Copy, Default)]
pub(super) struct Held([Option<Slot>; 3]);

impl Held {
    /// Whether the accumulator holds the value of what `src` reads.
    fn has(&self, src: Src, acc: Acc) -> bool {
        matches!(src, Src::Slot(slot) if self.0[acc as usize] == Some(slot))
    }

    /// The instruction with an operand that an accumulator holds taken from there, if there is one and the
    /// instruction has such a form. The instruction is no access in the general form.
    pub fn forward(&self, inst: &Inst) -> Option<Inst> {
        let mut reads_held = false;
        for (src, _) in inst.sources() {
            match src {
                Src::Acc => return None,
                Src::Slot(slot) => reads_held |= self.0.contains(&Some(slot)),
                Src::Imm(_) => {}
            }
        }
        let mut forwarded = reads_held.then(|| inst.clone())?;
        let (src, _) = operands(&mut forwarded).into_iter().flatten().find(|(src, acc)| self.has(**src, *acc))?;
        *src = Src::Acc;
        Some(forwarded)
    }

    /// Makes operands that [`Held::forward`] took from an accumulator slots again.
    pub fn restore(&self, inst: &mut Inst) {
        for (src, acc) in operands(inst).into_iter().flatten() {
            if let (Src::Acc, Some(slot)) = (*src, self.0[acc as usize]) {
                *src = Src::Slot(slot);
            }
        }
    }

    /// Goes on behind an instruction.
    pub fn step(&mut self, inst: &Inst) {
        if matches!(inst, Inst::Call { .. } | Inst::CallIndirect { .. } | Inst::Epoch) {
            *self = Held::default();
        }
        let acc = match *inst {
            // Whatever the type, the bits go through the accumulator for integers.
            Inst::Const { dst: Dst::Slot(_), .. }
            | Inst::GlobalGet { dst: Dst::Slot(_), .. }
            | Inst::Copy { .. }
            | Inst::Select { .. }
            | Inst::RefIsNull { .. } => Some(Acc::Int),
            Inst::Const { ty, .. } | Inst::GlobalGet { ty, .. } => Some(Acc::of(ty)),
            Inst::Unary { op, .. } => Some(Acc::of(op.result_type())),
            Inst::Binary { op, .. } => Some(Acc::of(op.result_type())),
            Inst::Load { op, .. } => Some(Acc::of(op.result_type())),
            _ => None,
        };
        let put = inst.result().and_then(|(dst, _)| match dst {
            Dst::Slot(slot) => Some(slot),
            Dst::Acc => None,
        });
        for held in &mut self.0 {
            *held = held.filter(|slot| Some(*slot) != put);
        }
        if let Some(acc) = acc {
            self.0[acc as usize] = put;
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
