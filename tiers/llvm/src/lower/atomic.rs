//! Atomic operators.

use inkwell::AtomicRMWBinOp;
use inkwell::values::InstructionOpcode;
use riser_lowering::atomic;
use riser_translator::ops::{AtomicKind, AtomicOp};
use riser_translator::sink::{Access, AtomicSink, Operand, Slot};

use super::Lowering;
use crate::ir::Value;

impl<'c> Lowering<'_, 'c> {
    /// The value that an access reads, if it does.
    fn atomic_value(&mut self, op: AtomicOp, access: Access, operands: &[Value<'c>]) -> Option<Value<'c>> {
        let bytes = op.access_bytes();
        atomic::check_alignment(self, access, bytes);
        let (guarded, order) = self.guarded(access.memory);
        let at = self.address(access.memory, access.addr, access.offset, bytes);
        let modify = |op: AtomicRMWBinOp| self.ir.atomic_modify(op, at, operands[0], order);
        Some(match op.kind() {
            AtomicKind::Load => {
                let value = self.ir.atomic_load(self.accessed_type(op.value_type(), bytes), at, bytes, order);
                // Handled like other loads of so few bytes: see `loads.rs`.
                let value = self.ir.extended(value, self.value_type(op.value_type()));
                if guarded { self.ir.loaded(value) } else { value }
            }
            AtomicKind::Store => {
                self.ir.atomic_store(operands[0], at, bytes, order);
                return None;
            }
            AtomicKind::Add => modify(AtomicRMWBinOp::Add),
            AtomicKind::Sub => modify(AtomicRMWBinOp::Sub),
            AtomicKind::And => modify(AtomicRMWBinOp::And),
            AtomicKind::Or => modify(AtomicRMWBinOp::Or),
            AtomicKind::Xor => modify(AtomicRMWBinOp::Xor),
            AtomicKind::Xchg => modify(AtomicRMWBinOp::Xchg),
            AtomicKind::Cmpxchg => self.ir.atomic_compare_exchange(at, operands[0], operands[1], order),
            AtomicKind::Wait | AtomicKind::Notify => unreachable!("{op} is no access"),
        })
    }
}

impl AtomicSink for Lowering<'_, '_> {
    fn atomic(&mut self, op: AtomicOp, dst: Option<Slot>, access: Access, operands: &[Operand]) {
        if matches!(op.kind(), AtomicKind::Wait | AtomicKind::Notify) {
            return atomic::call(self, op, dst, access, operands);
        }
        let ty = self.accessed_type(op.value_type(), op.access_bytes());
        let operands: Vec<Value<'_>> = operands
            .iter()
            .map(|&operand| {
                let value = self.get(op.value_type(), operand);
                if value.get_type() == ty { value } else { self.ir.cast(InstructionOpcode::Trunc, value, ty) }
            })
            .collect();
        if let (Some(value), Some(dst)) = (self.atomic_value(op, access, &operands), dst) {
            let value = self.ir.extended(value, self.value_type(op.value_type()));
            self.set(dst, value);
        }
    }

    fn atomic_fence(&mut self) {
        self.ir.fence();
    }
}
