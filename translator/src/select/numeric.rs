//! Unary and binary operations.

use crate::ir::{Dst, Emitter, Inst, Src};
use crate::ops::{BinaryOp, UnaryOp};
use crate::sink::{Operand, Slot};

use super::Selector;
use super::window::fits_immediate;

impl<E: Emitter> Selector<'_, E> {
    pub(super) fn select_unary(&mut self, op: UnaryOp, dst: Slot, src: Operand) {
        if op == UnaryOp::I32Eqz
            && let Some(negated) = self.negated_pending(src, dst)
        {
            return self.replace_pending(negated);
        }
        let src = self.variable(op.operand_type(), src);
        self.emit(Inst::Unary { op, dst: dst.into(), src });
    }

    /// The opposite of the pending comparison, if that is what `operand` reads.
    fn negated_pending(&self, operand: Operand, dst: Slot) -> Option<Inst> {
        if !self.config.compare_branch_fusion {
            return None;
        }
        let dst = Dst::Slot(dst);
        match *self.pending_for(operand)? {
            Inst::Binary { op, lhs, rhs, .. } => {
                let op = op.int_compare()?.negated().into();
                Some(Inst::Binary { op, dst, lhs, rhs })
            }
            Inst::Unary { op: UnaryOp::I32Eqz, src, .. } if self.config.immediate_operands => {
                Some(Inst::Binary { op: BinaryOp::I32Ne, dst, lhs: src, rhs: Src::Imm(0) })
            }
            Inst::Unary { op: UnaryOp::I64Eqz, src, .. } if self.config.immediate_operands => {
                Some(Inst::Binary { op: BinaryOp::I64Ne, dst, lhs: src, rhs: Src::Imm(0) })
            }
            _ => None,
        }
    }

    pub(super) fn select_binary(&mut self, op: BinaryOp, dst: Slot, lhs: Operand, rhs: Operand) {
        let ty = op.operand_type();
        let is_const = |operand: Operand| matches!(operand, Operand::Const { .. });
        // A constant goes to the right, where it may be an immediate.
        let (op, lhs, rhs) = match op.swapped() {
            Some(swapped) if is_const(lhs) && !is_const(rhs) => (swapped, rhs, lhs),
            _ => (op, lhs, rhs),
        };
        let lhs = self.materialise(ty, lhs);
        if let Operand::Const { bits, .. } = rhs
            && self.config.immediate_operands
            && fits_immediate(ty, bits)
        {
            let lhs = self.variable(ty, lhs);
            return self.emit(Inst::Binary { op, dst: dst.into(), lhs, rhs: Src::Imm(bits) });
        }
        let rhs = self.materialise(ty, rhs);
        // The pending temporary goes to the left, where it may be the accumulator.
        let acc_on_the_right = self.config.accumulators && self.pending_for(rhs).is_some();
        let (op, lhs, rhs) = match op.swapped() {
            Some(swapped) if acc_on_the_right => (swapped, rhs, lhs),
            _ => (op, lhs, rhs),
        };
        let (lhs, rhs) = if op.swapped().is_none() && acc_on_the_right {
            (Src::Slot(self.slot(ty, lhs)), self.variable(ty, rhs))
        } else {
            (self.variable(ty, lhs), Src::Slot(self.slot(ty, rhs)))
        };
        self.emit(Inst::Binary { op, dst: dst.into(), lhs, rhs });
    }
}
