//! Atomic operators. Their operands and results are in slots.

use crate::faults::{Fault, faulty};
use crate::ir::{Emitter, Inst};
use crate::ops::AtomicOp;
use crate::sink::{Access, AtomicSink, Operand, Slot};

use super::Selector;

impl<E: Emitter> AtomicSink for Selector<'_, E> {
    fn atomic(&mut self, op: AtomicOp, dst: Option<Slot>, access: Access, operands: &[Operand]) {
        let addr = self.address_slot(access);
        let mut slots = [Slot(0); AtomicOp::MOST_OPERANDS];
        for ((slot, &operand), &ty) in slots.iter_mut().zip(operands).zip(op.operand_types()) {
            *slot = self.slot(ty, operand);
        }
        if operands.len() == 2 && faulty(Fault::AtomicOperandsSwapped) {
            slots.swap(0, 1);
        }
        let Access { memory, offset, .. } = access;
        self.emit(Inst::Atomic { op, dst, memory, addr, offset, operands: slots });
    }

    fn atomic_fence(&mut self) {
        self.emit(Inst::AtomicFence);
    }
}
