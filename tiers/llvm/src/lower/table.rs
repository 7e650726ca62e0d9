//! Tables.

use std::mem::offset_of;

use riser_tiers_core::native::Builtins;
use riser_tiers_core::{Context, Table};
use riser_translator::sink::{Operand, Slot};
use riser_translator::{ElemIndex, TableIndex, TrapCode, ValType};

use super::Lowering;
use crate::ir::{Order, Region};

impl Lowering<'_, '_> {
    fn index_type(&self, table: TableIndex) -> ValType {
        self.module.table(table).index_type()
    }

    pub(super) fn lower_table_get(&mut self, table: TableIndex, dst: Slot, index: Operand) {
        let index = self.get_wide(self.index_type(table), index);
        self.here();
        let element = self.checked_address(table, index, TrapCode::TableOutOfBounds);
        let value = self.ir.load(self.ir.i64_type(), element, Region::Table, Order::Free);
        self.set(dst, value);
    }

    pub(super) fn lower_table_set(&mut self, table: TableIndex, index: Operand, value: Operand) {
        let index = self.get_wide(self.index_type(table), index);
        self.here();
        let element = self.checked_address(table, index, TrapCode::TableOutOfBounds);
        let value = self.get(ValType::FuncRef, value);
        self.here();
        self.ir.store(value, element, Region::Table, Order::Kept);
    }

    pub(super) fn lower_table_size(&mut self, table: TableIndex, dst: Slot) {
        let at = self.load_pointer(offset_of!(Context, tables), table.as_u32());
        let len = self.load_field(self.ir.i64_type(), at, Table::LEN_OFFSET);
        let len = self.narrow(len, self.index_type(table));
        self.set(dst, len);
    }

    pub(super) fn lower_table_grow(&mut self, table: TableIndex, dst: Slot, init: Operand, delta: Operand) {
        let ty = self.index_type(table);
        let index = self.ir.i64(table.as_u32().into());
        let arguments = [index, self.get(ValType::FuncRef, init), self.get_wide(ty, delta)];
        self.builtin_or_trap(offset_of!(Builtins, table_grow), &arguments);
        let old = self.value_left(self.value_type(ty));
        self.set(dst, old);
    }

    pub(super) fn lower_table_fill(&mut self, table: TableIndex, dst: Operand, value: Operand, len: Operand) {
        let ty = self.index_type(table);
        let index = self.ir.i64(table.as_u32().into());
        let arguments = [index, self.get_wide(ty, dst), self.get(ValType::FuncRef, value), self.get_wide(ty, len)];
        self.builtin_or_trap(offset_of!(Builtins, table_fill), &arguments);
    }

    pub(super) fn lower_table_copy(
        &mut self,
        to: TableIndex,
        from: TableIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) {
        let types = (self.index_type(to), self.index_type(from));
        let arguments = self.copy_arguments((to.as_u32(), from.as_u32()), types, dst, src, len);
        self.builtin_or_trap(offset_of!(Builtins, table_copy), &arguments);
    }

    pub(super) fn lower_table_init(
        &mut self,
        table: TableIndex,
        segment: ElemIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) {
        let arguments = self.init_arguments((table.as_u32(), segment.as_u32()), self.index_type(table), dst, src, len);
        self.builtin_or_trap(offset_of!(Builtins, table_init), &arguments);
    }
}
