//! The pending instruction, and the conversion of operands to the forms that instructions take.

use std::mem::ManuallyDrop;

use crate::faults::{Fault, faulty};
use crate::ir::{Cond, Dst, Emitter, Inst, Src};
use crate::ops::UnaryOp;
use crate::sink::{Label, Operand, Slot, SlotRange};
use crate::types::ValType;

use super::Selector;

/// An instruction that has been selected, but not emitted.
pub(super) struct Pending {
    /// It has a result, or is a conditional branch. Such instructions own no memory.
    inst: ManuallyDrop<Inst>,
    /// The place of the instruction's result; for a branch, the accumulator, which nobody reads.
    result: Dst,
    /// The number of slots that the result takes.
    result_slots: u32,
    offset: u32,
}

impl Pending {
    /// Makes the instruction leave its result elsewhere. Returns `false` if it has no such form, or two results, of which each has a
    /// place of its own.
    fn set_result(&mut self, to: Dst) -> bool {
        let done = !matches!(*self.inst, Inst::Wide { .. }) && self.inst.set_result(to);
        if done {
            self.result = to;
        }
        done
    }
}

impl<E: Emitter> Selector<'_, E> {
    /// Emits the pending instruction.
    #[inline]
    pub(super) fn flush(&mut self) {
        if let Some(Pending { inst, offset, .. }) = &self.pending {
            self.emitter.inst(inst, *offset);
            self.pending = None;
            if let Some((target, offset)) = self.jump.take() {
                self.emitter.inst(&Inst::Branch { target }, offset);
            }
        }
    }

    /// Selects a conditional branch. It becomes pending, because an unconditional one may follow.
    #[inline(always)]
    pub(super) fn emit_branch_if(&mut self, cond: Cond, target: Label) {
        let inst = Inst::BranchIf { cond, target };
        if !self.config.branch_inversion {
            return self.emit(inst);
        }
        self.flush();
        let inst = ManuallyDrop::new(inst);
        self.pending = Some(Pending { inst, result: Dst::Acc, result_slots: 0, offset: self.offset });
    }

    /// Selects an unconditional branch. If it starts another round of a loop that the pending conditional branch leaves,
    /// the two change places, so that a round ends with one branch.
    pub(super) fn select_branch(&mut self, target: Label) {
        let Some((_, leaves)) = self.pending_branch() else { return self.emit(Inst::Branch { target }) };
        self.jump = Some((target, self.offset));
        // Loops are numbered in the order in which they are opened.
        let is_loop = |label| self.loops.binary_search(&label).is_ok();
        if is_loop(target) && !is_loop(leaves) {
            self.exchange_branches();
        }
    }

    /// Drops the unconditional branch that is held back if `next`, the label that is bound now, makes it unnecessary: it goes
    /// there, or the conditional branch around it does.
    pub(super) fn drop_jump(&mut self, next: Label) {
        let (Some((_, around)), Some((to, _))) = (self.pending_branch(), self.jump) else { return };
        if to != next {
            if around != next && !faulty(Fault::InvertedPastLabel) {
                return;
            }
            self.exchange_branches();
        }
        self.jump = None;
    }

    /// The condition and the target of the pending instruction, if that is a conditional branch.
    fn pending_branch(&self) -> Option<(Cond, Label)> {
        match *self.pending.as_ref()?.inst {
            Inst::BranchIf { cond, target } => Some((cond, target)),
            _ => None,
        }
    }

    /// Makes the pending conditional branch go where the unconditional one behind it goes, and the other way around.
    fn exchange_branches(&mut self) {
        if let (Some((cond, target)), Some((to, offset))) = (self.pending_branch(), self.jump)
            && let Some(pending) = &mut self.pending
        {
            let cond = if faulty(Fault::InvertedAsItWas) { cond } else { cond.negated() };
            *pending.inst = Inst::BranchIf { cond, target: to };
            self.jump = Some((target, offset));
        }
    }

    /// Selects an instruction. It is emitted after the pending one, and becomes pending itself if it has a result.
    ///
    /// Inlined, because callers know which instruction it is.
    #[inline(always)]
    pub(super) fn emit(&mut self, inst: Inst) {
        self.flush();
        if let Some((result, ty)) = inst.result() {
            let inst = ManuallyDrop::new(inst);
            self.pending = Some(Pending { inst, result, result_slots: ty.slots(), offset: self.offset });
        } else {
            self.emitter.inst(&inst, self.offset);
        }
    }

    /// Replaces the pending instruction by `inst`, which has absorbed it.
    #[inline(always)]
    pub(super) fn replace_pending(&mut self, inst: Inst) {
        self.pending = None;
        self.emit(inst);
    }

    /// Returns the pending instruction, if it computes the temporary that `operand` reads.
    #[inline]
    pub(super) fn pending_for(&self, operand: Operand) -> Option<&Inst> {
        let slot = match operand {
            Operand::Temp(slot) => slot,
            Operand::Local { slot, .. } if faulty(Fault::FoldsWhatLivesOn) => slot,
            Operand::Local { .. } | Operand::Const { .. } => return None,
        };
        let Pending { inst, result, .. } = self.pending.as_ref()?;
        (*result == Dst::Slot(slot)).then_some(inst)
    }

    /// Whether a copy or constant may be emitted before the pending instruction, and whether that pays, because the
    /// pending instruction may yet be absorbed.
    fn may_overtake(&self, ty: ValType, dst: Slot, src: Operand) -> bool {
        let Some(Pending { inst: pending, result: Dst::Slot(result), result_slots, .. }) = &self.pending else {
            return false;
        };
        let slots = |first| SlotRange::new(first, ty.slots());
        let computed = SlotRange::new(*result, *result_slots);
        let copied = src.slot().is_some_and(|src| computed.overlaps(slots(src)));
        self.overtaking
            && *result >= self.first_temp
            && !matches!(**pending, Inst::Copy { .. } | Inst::Const { .. })
            && !computed.overlaps(slots(dst))
            && (!copied || faulty(Fault::OvertakesResult))
            && !pending.reads_acc()
            && (!pending.reads_slots(slots(dst)) || faulty(Fault::OvertakesReader))
    }

    /// Emits a fuel charge. It is emitted before a pending comparison, which a branch may absorb. It may only overtake
    /// instructions that cannot trap: otherwise fuel would be charged that a trap leaves unused.
    pub(super) fn emit_fuel(&mut self, units: u32) {
        let inst = Inst::Fuel { units };
        match &self.pending {
            Some(Pending { inst: pending, .. })
                if !pending.reads_acc()
                    && match &**pending {
                        Inst::Binary { op, .. } => op.int_compare().is_some(),
                        Inst::Unary { op: UnaryOp::I32Eqz | UnaryOp::I64Eqz, .. } => true,
                        Inst::Load { .. } => faulty(Fault::FuelOvertakesTrap),
                        _ => false,
                    } =>
            {
                self.emitter.inst(&inst, self.offset);
            }
            _ => self.emit(inst),
        }
    }

    pub(super) fn select_copy(&mut self, ty: ValType, dst: Slot, src: Operand) {
        if src.slot() == Some(dst) {
            return;
        }
        if self.config.result_folding
            && self.pending_for(src).is_some()
            && let Some(pending) = &mut self.pending
            && pending.set_result(Dst::Slot(dst))
        {
            if faulty(Fault::FoldedOffset) {
                pending.offset = self.offset;
            }
            return;
        }
        let overtakes = self.may_overtake(ty, dst, src);
        match src {
            Operand::Const { bits, .. } => self.emit_copy(Inst::Const { ty, dst: Dst::Slot(dst), bits }, overtakes),
            Operand::Local { slot, .. } | Operand::Temp(slot) => {
                self.emit_copy(Inst::Copy { ty, dst, src: slot }, overtakes);
            }
        }
    }

    /// Emits a copy or constant, before the pending instruction if `overtakes`.
    #[inline(always)]
    fn emit_copy(&mut self, copy: Inst, overtakes: bool) {
        if overtakes {
            self.emitter.inst(&copy, self.offset);
        } else {
            self.emit(copy);
        }
    }

    /// Returns the operand. A constant is put into its home slot first.
    pub(super) fn materialise(&mut self, ty: ValType, operand: Operand) -> Operand {
        match operand {
            Operand::Const { home, .. } => {
                self.select_copy(ty, home, operand);
                Operand::Temp(home)
            }
            Operand::Local { .. } | Operand::Temp(_) => operand,
        }
    }

    /// Returns the slot of an operand that has to be in one.
    pub(super) fn slot(&mut self, ty: ValType, operand: Operand) -> Slot {
        match operand {
            Operand::Const { home, .. } => {
                self.materialise(ty, operand);
                home
            }
            Operand::Local { slot, .. } | Operand::Temp(slot) => slot,
        }
    }

    /// Returns an operand that may be in a slot or the accumulator.
    ///
    /// If it is the accumulator, the instruction has to be emitted next. So this has to be called for the last of its
    /// operands.
    pub(super) fn variable(&mut self, ty: ValType, operand: Operand) -> Src {
        let operand = self.materialise(ty, operand);
        if self.take_from_acc(operand) { Src::Acc } else { Src::Slot(self.slot(ty, operand)) }
    }

    /// Makes the pending instruction leave its result in the accumulator, for the consumer of `operand`. Returns
    /// `false` if `operand` is something else, or there is no such form.
    pub(super) fn take_from_acc(&mut self, operand: Operand) -> bool {
        self.config.accumulators
            && self.pending_for(operand).is_some()
            && self.pending.as_mut().is_some_and(|pending| pending.set_result(Dst::Acc))
    }
}

/// Whether instructions have an immediate form for a constant of type `ty`.
pub(super) fn fits_immediate(ty: ValType, bits: u64) -> bool {
    match ty {
        ValType::I64 => i32::try_from(bits as i64).is_ok(),
        ValType::I32 | ValType::F32 | ValType::F64 => true,
        ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => false,
    }
}
