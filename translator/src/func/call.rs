//! Calls.

use crate::index::{FuncIndex, TableIndex, TypeIndex};
use crate::sink::{Callee, LiveAtCall, Operand, Sink, Slot};
use crate::types::FuncType;

use super::Lowering;

impl<'a, S: Sink> Lowering<'a, S> {
    /// Pops the arguments of a call into the operand scratch; returns the home of the first.
    pub(super) fn pop_arguments(&mut self, ty: &FuncType) -> Slot {
        let first = self.stack.len() - ty.params().len();
        self.operands.clear();
        for index in first..self.stack.len() {
            self.operands.push(self.stack.last_read(index).1);
        }
        self.stack.truncate(first);
        self.stack.home(self.stack.height())
    }

    fn call_known(&mut self, callee: Callee, ty: &'a FuncType) {
        let base = self.pop_arguments(ty);
        self.throws();
        if self.sink.wants_calls() {
            self.sink.live_at_call(LiveAtCall { operands: &mut self.stack.operands(), results: ty.results() });
        }
        self.sink.call(callee, ty, base, self.operands);
        for &result in ty.results() {
            self.stack.push_temp(result);
        }
    }

    fn return_call_known(&mut self, callee: Callee, ty: &'a FuncType) {
        let base = self.pop_arguments(ty);
        self.sink.return_call(callee, ty, base, self.operands);
        self.reachable = false;
    }

    fn pop_index(&mut self) -> Operand {
        self.stack.pop().1
    }

    pub(super) fn call(&mut self, function: FuncIndex) {
        self.call_known(Callee::Direct(function), self.module.func_type(function));
    }

    pub(super) fn call_indirect(&mut self, type_index: TypeIndex, table: TableIndex) {
        let index = self.pop_index();
        let ty = self.module.ty(type_index);
        self.call_known(Callee::Indirect { table, type_index, index }, ty);
    }

    pub(super) fn return_call(&mut self, function: FuncIndex) {
        self.return_call_known(Callee::Direct(function), self.module.func_type(function));
    }

    pub(super) fn return_call_indirect(&mut self, type_index: TypeIndex, table: TableIndex) {
        let index = self.pop_index();
        let ty = self.module.ty(type_index);
        self.return_call_known(Callee::Indirect { table, type_index, index }, ty);
    }
}
