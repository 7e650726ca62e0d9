//! Tables.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types::I32, types::I64};
use riser_tiers_core::native::Builtins;
use riser_tiers_core::{Context, Table};
use riser_translator::sink::{Operand, Slot};
use riser_translator::{ElemIndex, TableIndex, TrapCode, ValType};

use super::{Lowering, Region, value_type};
use crate::positions::user_trap;

impl Lowering<'_, '_> {
    fn index_type(&self, table: TableIndex) -> ValType {
        self.module.table(table).index_type()
    }

    /// The address of an element; traps with `out_of_bounds` if there is none. The address and the size of a table are
    /// constant if its type says that it cannot grow.
    pub(super) fn element(&mut self, table: TableIndex, index: Operand, out_of_bounds: TrapCode) -> Value {
        let limits = self.module.table(table).limits;
        let fixed = limits.max == Some(limits.min);
        let index = self.get_wide(self.index_type(table), index);
        let at = self.load_pointer(offset_of!(Context, tables), table.as_u32());
        let len = match fixed {
            true => self.builder.ins().iconst(I64, limits.min as i64),
            false => self.load_field(I64, at, Table::LEN_OFFSET),
        };
        let beyond = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, len);
        self.builder.ins().trapnz(beyond, user_trap(out_of_bounds));
        let index = if self.spectre_guards {
            // Use element 0; in an empty table, there is no data to leak.
            let first = self.builder.ins().iconst(I64, 0);
            self.builder.ins().select_spectre_guard(beyond, first, index)
        } else {
            index
        };
        let elements = match fixed {
            true => self.load_fixed(I64, at, Table::ELEMENTS_OFFSET),
            false => self.load_field(I64, at, Table::ELEMENTS_OFFSET),
        };
        let three = self.builder.ins().iconst(I64, 3);
        let offset = self.builder.ins().ishl(index, three);
        self.builder.ins().iadd(elements, offset)
    }

    pub(super) fn lower_table_get(&mut self, table: TableIndex, dst: Slot, index: Operand) {
        let element = self.element(table, index, TrapCode::TableOutOfBounds);
        let flags = self.in_region(MemFlagsData::trusted(), Region::Table);
        let value = self.builder.ins().load(I64, flags, element, 0);
        self.set(dst, value);
    }

    pub(super) fn lower_table_set(&mut self, table: TableIndex, index: Operand, value: Operand) {
        let element = self.element(table, index, TrapCode::TableOutOfBounds);
        let value = self.get(ValType::FuncRef, value);
        let flags = self.in_region(MemFlagsData::trusted(), Region::Table);
        self.builder.ins().store(flags, value, element, 0);
    }

    pub(super) fn lower_table_size(&mut self, table: TableIndex, dst: Slot) {
        let at = self.load_pointer(offset_of!(Context, tables), table.as_u32());
        let len = self.load_field(I64, at, Table::LEN_OFFSET);
        let len = match self.index_type(table) {
            ValType::I32 => self.builder.ins().ireduce(I32, len),
            _ => len,
        };
        self.set(dst, len);
    }

    pub(super) fn lower_table_grow(&mut self, table: TableIndex, dst: Slot, init: Operand, delta: Operand) {
        let ty = self.index_type(table);
        let index = self.builder.ins().iconst(I64, i64::from(table.as_u32()));
        let arguments = [index, self.get(ValType::FuncRef, init), self.get_wide(ty, delta)];
        self.builtin_or_trap(offset_of!(Builtins, table_grow), &arguments);
        let old = self.value_left(value_type(ty));
        self.set(dst, old);
    }

    pub(super) fn lower_table_fill(&mut self, table: TableIndex, dst: Operand, value: Operand, len: Operand) {
        let ty = self.index_type(table);
        let index = self.builder.ins().iconst(I64, i64::from(table.as_u32()));
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
