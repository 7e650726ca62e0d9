//! Tables.

use std::mem::offset_of;

use riser_tiers_core::native::Builtins;
use riser_tiers_core::{Context, Table};
use riser_translator::module::TableType;
use riser_translator::ops::IntCompareOp;
use riser_translator::sink::{Operand, Slot};
use riser_translator::{ElemIndex, TableIndex, TrapCode, ValType};

use crate::runtime::{self, builtin_or_trap, load_pointer, load_word, narrow, value_left, wide};
use crate::{Builder, Order, Region};

fn table_type<B: Builder>(b: &B, table: TableIndex) -> TableType {
    *b.module().table(table)
}

fn index_type<B: Builder>(b: &B, table: TableIndex) -> ValType {
    table_type(b, table).index_type()
}

/// The address of an element; traps with `out_of_bounds` if there is none.
pub(crate) fn element<B: Builder>(b: &mut B, table: TableIndex, index: Operand, out_of_bounds: TrapCode) -> B::Address {
    let TableType { limits, .. } = table_type(b, table);
    // Of a table that cannot grow, address and size are constant.
    let is_fixed = limits.max == Some(limits.min);
    let index = wide(b, index_type(b, table), index);
    let at = load_pointer(b, offset_of!(Context, tables), table.as_u32());
    let len = if is_fixed { b.i64(limits.min) } else { load_word(b, at, Table::LEN_OFFSET) };
    let beyond = b.compare(IntCompareOp::I64GeU, index, len);
    b.trap_if(beyond, out_of_bounds);
    let index = if b.body().spectre_guards { b.guard_index(index, len, beyond) } else { index };
    let order = if is_fixed { Order::Fixed } else { Order::Free };
    let elements = b.load_address(at, Table::ELEMENTS_OFFSET, Region::Runtime, order);
    b.item(elements, index)
}

/// `table.get`.
pub fn get<B: Builder>(b: &mut B, table: TableIndex, dst: Slot, index: Operand) {
    let element = element(b, table, index, TrapCode::TableOutOfBounds);
    let value = b.load(ValType::FuncRef, element, 0, Region::Table, Order::Free);
    b.set(dst, value);
}

/// `table.set`.
pub fn set<B: Builder>(b: &mut B, table: TableIndex, index: Operand, value: Operand) {
    let element = element(b, table, index, TrapCode::TableOutOfBounds);
    let value = b.get(ValType::FuncRef, value);
    b.store(value, element, 0, Region::Table, Order::Kept);
}

/// `table.size`.
pub fn size<B: Builder>(b: &mut B, table: TableIndex, dst: Slot) {
    let at = load_pointer(b, offset_of!(Context, tables), table.as_u32());
    let len = load_word(b, at, Table::LEN_OFFSET);
    let len = narrow(b, index_type(b, table), len);
    b.set(dst, len);
}

/// `table.grow`.
pub fn grow<B: Builder>(b: &mut B, table: TableIndex, dst: Slot, init: Operand, delta: Operand) {
    let ty = index_type(b, table);
    let arguments = [b.i64(table.as_u32().into()), b.get(ValType::FuncRef, init), wide(b, ty, delta)];
    builtin_or_trap(b, offset_of!(Builtins, table_grow), &arguments);
    let old = value_left(b, ty);
    b.set(dst, old);
}

/// `table.fill`.
pub fn fill<B: Builder>(b: &mut B, table: TableIndex, dst: Operand, value: Operand, len: Operand) {
    let ty = index_type(b, table);
    let arguments = [b.i64(table.as_u32().into()), wide(b, ty, dst), b.get(ValType::FuncRef, value), wide(b, ty, len)];
    builtin_or_trap(b, offset_of!(Builtins, table_fill), &arguments);
}

/// `table.copy`. The operands are destination, source, length.
pub fn copy<B: Builder>(b: &mut B, to: TableIndex, from: TableIndex, operands: [Operand; 3]) {
    let (to, from) = ((to.as_u32(), index_type(b, to)), (from.as_u32(), index_type(b, from)));
    runtime::copy(b, offset_of!(Builtins, table_copy), to, from, operands);
}

/// `table.init`. The operands are destination, source, length.
pub fn init<B: Builder>(b: &mut B, table: TableIndex, segment: ElemIndex, operands: [Operand; 3]) {
    let to = (table.as_u32(), index_type(b, table));
    runtime::init(b, offset_of!(Builtins, table_init), to, segment.as_u32(), operands);
}

/// `elem.drop`.
pub fn drop_elements<B: Builder>(b: &mut B, segment: ElemIndex) {
    runtime::drop_segment(b, offset_of!(Builtins, elem_drop), segment.as_u32());
}
