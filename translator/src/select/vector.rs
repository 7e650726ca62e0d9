//! Vector operators. Their operands and results are in slots, since there is no accumulator for vectors.

use crate::faults::{Fault, faulty};
use crate::ir::{Emitter, Inst};
use crate::ops::{ExtractOp, LoadLaneOp, ReplaceOp, StoreLaneOp, VectorLoadOp, VectorOp};
use crate::sink::{Access, Operand, Slot, VectorSink};
use crate::types::ValType;

use super::Selector;

impl<E: Emitter> Selector<'_, E> {
    /// Returns the slot that holds an access's address.
    pub(super) fn address_slot(&mut self, access: Access) -> Slot {
        self.slot(self.memory(access.memory).address_type(), access.addr)
    }

    fn vector_slot(&mut self, vector: Operand) -> Slot {
        self.slot(ValType::V128, vector)
    }
}

impl<E: Emitter> VectorSink for Selector<'_, E> {
    fn vector_const(&mut self, dst: Slot, bits: u128) {
        self.emit(Inst::VectorConst { dst, slots: [bits as u64, (bits >> 64) as u64] });
    }

    fn vector(&mut self, op: VectorOp, dst: Slot, operands: &[Operand]) {
        let mut slots = [Slot(0); 3];
        for ((slot, &operand), &ty) in slots.iter_mut().zip(operands).zip(op.operand_types()) {
            *slot = self.slot(ty, operand);
        }
        if operands.len() == 2 && faulty(Fault::VectorOperandsSwapped) {
            slots.swap(0, 1);
        }
        self.emit(Inst::Vector { op, dst, operands: slots });
    }

    fn shuffle(&mut self, dst: Slot, lhs: Operand, rhs: Operand, lanes: [u8; 16]) {
        let (lhs, rhs) = (self.vector_slot(lhs), self.vector_slot(rhs));
        let (lhs, rhs) = if faulty(Fault::ShuffleSwapped) { (rhs, lhs) } else { (lhs, rhs) };
        self.emit(Inst::Shuffle { dst, lhs, rhs, lanes });
    }

    fn extract_lane(&mut self, op: ExtractOp, lane: u8, dst: Slot, src: Operand) {
        let src = self.vector_slot(src);
        let lane = if faulty(Fault::LaneLost) { 0 } else { lane };
        self.emit(Inst::ExtractLane { op, lane, dst, src });
    }

    fn replace_lane(&mut self, op: ReplaceOp, lane: u8, dst: Slot, vector: Operand, value: Operand) {
        let (vector, value) = (self.vector_slot(vector), self.slot(op.value_type(), value));
        self.emit(Inst::ReplaceLane { op, lane, dst, vector, value });
    }

    fn vector_load(&mut self, op: VectorLoadOp, dst: Slot, access: Access) {
        let addr = self.address_slot(access);
        let Access { memory, offset, .. } = access;
        self.emit(Inst::VectorLoad { op, dst, memory, addr, offset });
    }

    fn vector_store(&mut self, access: Access, value: Operand) {
        let (addr, value) = (self.address_slot(access), self.vector_slot(value));
        let Access { memory, offset, .. } = access;
        self.emit(Inst::VectorStore { memory, addr, offset, value });
    }

    fn load_lane(&mut self, op: LoadLaneOp, lane: u8, dst: Slot, access: Access, vector: Operand) {
        let (addr, vector) = (self.address_slot(access), self.vector_slot(vector));
        let Access { memory, offset, .. } = access;
        self.emit(Inst::LoadLane { op, lane, dst, memory, addr, offset, vector });
    }

    fn store_lane(&mut self, op: StoreLaneOp, lane: u8, access: Access, vector: Operand) {
        let (addr, vector) = (self.address_slot(access), self.vector_slot(vector));
        let Access { memory, offset, .. } = access;
        self.emit(Inst::StoreLane { op, lane, memory, addr, offset, vector });
    }
}
