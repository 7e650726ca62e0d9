//! Vector operators: rows of the table of vector operations, constants and shuffles.

use wasmparser::MemArg;

use crate::ops::{ExtractOp, LoadLaneOp, ReplaceOp, StoreLaneOp, VectorLoadOp, VectorOp};
use crate::sink::{Operand, Sink};
use crate::types::ValType;

use super::Lowering;
use super::rows::VectorRow;

impl<S: Sink> Lowering<'_, S> {
    /// Lowers a vector operator.
    #[inline(always)]
    pub(super) fn vector(&mut self, row: VectorRow) {
        match row {
            VectorRow::Const(bits) => {
                let dst = self.stack.push_temp(ValType::V128);
                self.sink.vector_const(dst, bits);
            }
            VectorRow::Shuffle(lanes) => {
                let (lhs, rhs) = self.pop2();
                let dst = self.stack.push_temp(ValType::V128);
                self.sink.shuffle(dst, lhs, rhs, lanes);
            }
            VectorRow::Plain(op) => self.plain_vector(op),
            VectorRow::Extract(op, lane) => self.extract_lane(op, lane),
            VectorRow::Replace(op, lane) => self.replace_lane(op, lane),
            VectorRow::Load(op, memarg) => self.vector_load(op, memarg),
            VectorRow::Store(memarg) => {
                let (_, value) = self.stack.pop();
                let access = self.access(memarg);
                self.sink.vector_store(access, value);
            }
            VectorRow::LoadLane(op, memarg, lane) => self.load_lane(op, memarg, lane),
            VectorRow::StoreLane(op, memarg, lane) => self.store_lane(op, memarg, lane),
        }
    }

    // One function for all operations of a family, as for numeric operators.

    #[inline(never)]
    fn plain_vector(&mut self, op: VectorOp) {
        let count = op.operand_types().len();
        let mut operands = [Operand::Temp(self.stack.home(0)); 3];
        for operand in operands[..count].iter_mut().rev() {
            (_, *operand) = self.stack.pop();
        }
        let dst = self.stack.push_temp(op.result_type());
        self.sink.vector(op, dst, &operands[..count]);
    }

    #[inline(never)]
    fn extract_lane(&mut self, op: ExtractOp, lane: u8) {
        let (_, src) = self.stack.pop();
        let dst = self.stack.push_temp(op.result_type());
        self.sink.extract_lane(op, lane, dst, src);
    }

    #[inline(never)]
    fn replace_lane(&mut self, op: ReplaceOp, lane: u8) {
        let (vector, value) = self.pop2();
        let dst = self.stack.push_temp(ValType::V128);
        self.sink.replace_lane(op, lane, dst, vector, value);
    }

    #[inline(never)]
    fn vector_load(&mut self, op: VectorLoadOp, memarg: MemArg) {
        let access = self.access(memarg);
        let dst = self.stack.push_temp(ValType::V128);
        self.sink.vector_load(op, dst, access);
    }

    #[inline(never)]
    fn load_lane(&mut self, op: LoadLaneOp, memarg: MemArg, lane: u8) {
        let (_, vector) = self.stack.pop();
        let access = self.access(memarg);
        let dst = self.stack.push_temp(ValType::V128);
        self.sink.load_lane(op, lane, dst, access, vector);
    }

    #[inline(never)]
    fn store_lane(&mut self, op: StoreLaneOp, memarg: MemArg, lane: u8) {
        let (_, vector) = self.stack.pop();
        let access = self.access(memarg);
        self.sink.store_lane(op, lane, access, vector);
    }
}
