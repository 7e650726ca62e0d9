//! Wide arithmetic.

use crate::faults::{Fault, faulty};
use crate::ir::{Emitter, Inst};
use crate::ops::WideOp;
use crate::sink::{Operand, Slot};
use crate::types::ValType;

use super::Selector;

impl<E: Emitter> Selector<'_, E> {
    pub(super) fn select_wide(&mut self, op: WideOp, dst: Slot, operands: &[Operand]) {
        let mut slots = [Slot(0); WideOp::MOST_OPERANDS];
        for (slot, &operand) in slots.iter_mut().zip(operands) {
            *slot = self.slot(ValType::I64, operand);
        }
        if faulty(Fault::WideOperandsSwapped) {
            slots.swap(0, 1);
        }
        self.emit(Inst::Wide { op, dst, operands: slots });
    }
}
