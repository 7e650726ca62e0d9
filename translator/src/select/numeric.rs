//! Unary and binary operations.

use crate::faults::{Fault, faulty};
use crate::ir::{Dst, Emitter, Inst, Src};
use crate::ops::{BinaryOp, UnaryOp};
use crate::sink::{Operand, Slot};
use crate::types::ValType;

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

    /// Returns the opposite of the pending comparison, if `operand` reads that.
    fn negated_pending(&self, operand: Operand, dst: Slot) -> Option<Inst> {
        if !self.config.compare_branch_fusion {
            return None;
        }
        let dst = Dst::Slot(dst);
        match *self.pending_for(operand)? {
            Inst::Binary { op, lhs, rhs, .. } => {
                let compare = op.int_compare()?;
                let op = if faulty(Fault::EqzNotNegated) { compare } else { compare.negated() }.into();
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

    /// Returns the operation that takes the operands in the opposite order, if there is one.
    fn swapped(&self, op: BinaryOp) -> Option<BinaryOp> {
        if faulty(Fault::SubCommutes) && matches!(op, BinaryOp::I32Sub | BinaryOp::I64Sub) {
            return Some(op);
        }
        let swapped = op.swapped()?;
        Some(if faulty(Fault::ComparisonNotSwapped) { op } else { swapped })
    }

    pub(super) fn select_binary(&mut self, op: BinaryOp, dst: Slot, lhs: Operand, rhs: Operand) {
        let ty = op.operand_type();
        let is_const = |operand: Operand| matches!(operand, Operand::Const { .. });
        // A constant becomes the right operand, where it may be an immediate.
        let (op, lhs, rhs) = match self.swapped(op) {
            Some(swapped) if is_const(lhs) && !is_const(rhs) => (swapped, rhs, lhs),
            _ => (op, lhs, rhs),
        };
        if let Operand::Const { bits, .. } = lhs
            && op.takes_left_immediate()
            && !is_const(rhs)
            && self.config.immediate_operands
            && fits_immediate(ty, bits)
        {
            let rhs = self.variable(ty, rhs);
            return self.emit(Inst::Binary { op, dst: dst.into(), lhs: Src::Imm(bits), rhs });
        }
        let lhs = self.materialise(ty, lhs);
        if let Operand::Const { bits, .. } = rhs
            && self.config.immediate_operands
            && (fits_immediate(ty, bits) || faulty(Fault::ImmediateTruncated))
        {
            let truncated = ty == ValType::I64 && faulty(Fault::ImmediateTruncated);
            let bits = if truncated { bits as i32 as u64 } else { bits };
            let lhs = self.variable(ty, lhs);
            return self.emit(Inst::Binary { op, dst: dst.into(), lhs, rhs: Src::Imm(bits) });
        }
        let rhs = if faulty(Fault::ConstantBetween) { rhs } else { self.materialise(ty, rhs) };
        // The pending temporary becomes the left operand, where it may be the accumulator.
        let acc_on_the_right = self.config.accumulators && self.pending_for(rhs).is_some();
        let (op, lhs, rhs) = match self.swapped(op) {
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
