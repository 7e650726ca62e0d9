//! Atomic operators.

use inkwell::AtomicRMWBinOp;
use inkwell::values::InstructionOpcode;
use riser_lowering::atomic;
use riser_translator::ops::{AtomicAccess, AtomicKind, AtomicOp};
use riser_translator::sink::{Access, AtomicSink, Operand, Slot};

use super::Lowering;
use crate::ir::Value;

impl<'c> Lowering<'_, 'c> {
    /// The value that an access reads, if it does.
    fn atomic_value(
        &mut self,
        op: AtomicOp,
        kind: AtomicAccess,
        access: Access,
        operands: &[Value<'c>],
    ) -> Option<Value<'c>> {
        let bytes = op.access_bytes();
        atomic::check_alignment(self, access, bytes);
        let (guarded, order) = self.guarded(access.memory);
        let at = self.address(access.memory, access.addr, access.offset, bytes);
        let modify = |op: AtomicRMWBinOp| self.ir.atomic_modify(op, at, operands[0], order);
        Some(match kind {
            AtomicAccess::Load => {
                let value = self.ir.atomic_load(self.accessed_type(op.value_type(), bytes), at, bytes, order);
                // Handled like other loads of so few bytes: see `loads.rs`.
                let value = self.ir.extended(value, self.value_type(op.value_type()));
                if guarded { self.ir.loaded(value) } else { value }
            }
            AtomicAccess::Store => {
                self.ir.atomic_store(operands[0], at, bytes, order);
                return None;
            }
            AtomicAccess::Add => modify(AtomicRMWBinOp::Add),
            AtomicAccess::Sub => modify(AtomicRMWBinOp::Sub),
            AtomicAccess::And => modify(AtomicRMWBinOp::And),
            AtomicAccess::Or => modify(AtomicRMWBinOp::Or),
            AtomicAccess::Xor => modify(AtomicRMWBinOp::Xor),
            AtomicAccess::Xchg => modify(AtomicRMWBinOp::Xchg),
            AtomicAccess::Cmpxchg => self.ir.atomic_compare_exchange(at, operands[0], operands[1], order),
        })
    }
}

/// Whether an access may turn out to write what it has read, whatever that is. If LLVM knows so, it makes a load of it when instructions
/// are selected. A load may become an operand of the instruction that consumes it, and a fault would be at that one's position.
fn may_change_nothing(op: AtomicOp, kind: AtomicAccess, operand: Operand) -> bool {
    match kind {
        AtomicAccess::Load | AtomicAccess::Store | AtomicAccess::Xchg | AtomicAccess::Cmpxchg => false,
        AtomicAccess::Add | AtomicAccess::Sub | AtomicAccess::And | AtomicAccess::Or | AtomicAccess::Xor => {
            match operand {
                Operand::Const { bits, .. } => [0, op.mask()].contains(&(bits & op.mask())),
                Operand::Local { .. } | Operand::Temp(_) => true,
            }
        }
    }
}

impl AtomicSink for Lowering<'_, '_> {
    fn atomic(&mut self, op: AtomicOp, dst: Option<Slot>, access: Access, operands: &[Operand]) {
        let AtomicKind::Access(kind) = op.kind() else {
            return atomic::call(self, op, dst, access, operands);
        };
        let ty = self.accessed_type(op.value_type(), op.access_bytes());
        let operands: Vec<Value<'_>> = operands
            .iter()
            .map(|&operand| {
                let mut value = self.get(op.value_type(), operand);
                if may_change_nothing(op, kind, operand) {
                    value = self.ir.opaque(value);
                }
                if value.get_type() == ty { value } else { self.ir.cast(InstructionOpcode::Trunc, value, ty) }
            })
            .collect();
        if let (Some(value), Some(dst)) = (self.atomic_value(op, kind, access, &operands), dst) {
            let value = self.ir.extended(value, self.value_type(op.value_type()));
            self.set(dst, value);
        }
    }

    fn atomic_fence(&mut self) {
        self.ir.fence();
    }
}
