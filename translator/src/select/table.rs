//! Table operations. Their operands are plain slots.

use crate::index::{ElemIndex, TableIndex};
use crate::ir::{Emitter, Inst};
use crate::module::TableType;
use crate::sink::{Operand, Slot};
use crate::types::ValType;

use super::Selector;

impl<E: Emitter> Selector<'_, E> {
    pub(super) fn table(&self, table: TableIndex) -> TableType {
        *self.module.table(table)
    }

    pub(super) fn select_table_get(&mut self, table: TableIndex, dst: Slot, index: Operand) {
        let index = self.slot(self.table(table).index_type(), index);
        self.emit(Inst::TableGet { table, dst, index });
    }

    pub(super) fn select_table_set(&mut self, table: TableIndex, index: Operand, value: Operand) {
        let index = self.slot(self.table(table).index_type(), index);
        let value = self.slot(self.table(table).element, value);
        self.emit(Inst::TableSet { table, index, value });
    }

    pub(super) fn select_table_grow(&mut self, table: TableIndex, dst: Slot, init: Operand, delta: Operand) {
        let init = self.slot(self.table(table).element, init);
        let delta = self.slot(self.table(table).index_type(), delta);
        self.emit(Inst::TableGrow { table, dst, init, delta });
    }

    pub(super) fn select_table_fill(&mut self, table: TableIndex, dst: Operand, value: Operand, len: Operand) {
        let index = self.table(table).index_type();
        let dst = self.slot(index, dst);
        let value = self.slot(self.table(table).element, value);
        let len = self.slot(index, len);
        self.emit(Inst::TableFill { table, dst, value, len });
    }

    pub(super) fn select_table_copy(
        &mut self,
        dst_table: TableIndex,
        src_table: TableIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) {
        let dst_type = self.table(dst_table).index_type();
        let src_type = self.table(src_table).index_type();
        let dst = self.slot(dst_type, dst);
        let src = self.slot(src_type, src);
        let len = self.slot(dst_type.min(src_type), len);
        self.emit(Inst::TableCopy { dst_table, src_table, dst, src, len });
    }

    pub(super) fn select_table_init(
        &mut self,
        table: TableIndex,
        segment: ElemIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) {
        let dst = self.slot(self.table(table).index_type(), dst);
        let src = self.slot(ValType::I32, src);
        let len = self.slot(ValType::I32, len);
        self.emit(Inst::TableInit { table, segment, dst, src, len });
    }
}
