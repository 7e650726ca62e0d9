//! The operators of the operation table: numeric operators, loads and stores. Wide arithmetic is in [`super::wide`].

use crate::index::MemoryIndex;
use crate::ops::{BinaryOp, LoadOp, StoreOp, UnaryOp};
use crate::sink::Sink;

use super::Lowering;
use super::rows::Row;

impl<S: Sink> Lowering<'_, S> {
    /// Lowers an operator of the operation table.
    #[inline(always)]
    pub(super) fn numeric(&mut self, row: Row) {
        match row {
            Row::Unary(op) => self.unary(op),
            Row::Binary(op) => self.binary(op),
            Row::Load(op, memarg) => self.load(op, MemoryIndex::new(memarg.memory), memarg.offset),
            Row::Store(op, memarg) => self.store(op, MemoryIndex::new(memarg.memory), memarg.offset),
            Row::Wide(op) => self.wide(op),
        }
    }

    // Each family has one function for all its operations: here, little code is fast code.

    #[inline(never)]
    fn unary(&mut self, op: UnaryOp) {
        let (_, src) = self.stack.pop();
        let dst = self.stack.push_temp(op.result_type());
        self.sink.unary(op, dst, src);
    }

    #[inline(never)]
    fn binary(&mut self, op: BinaryOp) {
        let (lhs, rhs) = self.pop2();
        let dst = self.stack.push_temp(op.result_type());
        self.sink.binary(op, dst, lhs, rhs);
    }

    #[inline(never)]
    fn load(&mut self, op: LoadOp, memory: MemoryIndex, offset: u64) {
        let (_, addr) = self.stack.pop();
        let dst = self.stack.push_temp(op.result_type());
        self.sink.load(op, dst, memory, addr, offset);
    }

    #[inline(never)]
    fn store(&mut self, op: StoreOp, memory: MemoryIndex, offset: u64) {
        let (addr, value) = self.pop2();
        self.sink.store(op, memory, addr, offset, value);
    }
}
