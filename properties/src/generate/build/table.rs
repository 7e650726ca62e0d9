//! Tables of functions.

use riser_translator::types::ValType;

use super::super::module::Placement;
use super::super::{Operator, value};
use super::TABLE_SIZE;
use super::body::Body;

impl Body<'_> {
    fn any_table(&mut self) -> u32 {
        self.choices.below(self.module.tables.len() as u32)
    }

    /// Pushes the size of a table with 32-bit indices, or another i32.
    pub(super) fn table_size(&mut self) {
        let table = self.any_table();
        if self.table(table).table64 {
            return self.literal(ValType::I32);
        }
        self.emit(Operator::TableSize(table));
    }

    /// Pushes an index at which the table has `count` elements, most of the time.
    fn table_index(&mut self, table: u32, count: u32) {
        let ty = self.table(table).index_type();
        let last = TABLE_SIZE.saturating_sub(count);
        match self.choices.below(8) {
            0..4 => {
                let index = self.choices.below(last + 1);
                self.constant(ty, u64::from(index));
            }
            4..7 => {
                self.operand(ty);
                self.mask(ty, if last == 0 { 0 } else { (1 << last.ilog2()) - 1 });
            }
            _ => {
                let index = u64::from(self.choices.within(last, last + 2));
                // The low half of an index may be that of one in bounds.
                let far = ty == ValType::I64 && self.choices.one_in(3);
                let high = if far { self.choices.pick(&[1 << 32, 1 << 63]) } else { 0 };
                self.constant(ty, high | index);
            }
        }
    }

    /// Adds an operation on one element, or on several.
    pub(super) fn table_operation(&mut self) {
        let table = self.any_table();
        let ty = self.table(table).index_type();
        match self.choices.below(10) {
            0 => self.emit(Operator::TableSize(table)),
            1 | 2 => {
                self.table_index(table, 1);
                self.emit(Operator::TableGet(table));
            }
            3 | 4 => {
                self.table_index(table, 1);
                self.leaf(ValType::FuncRef);
                self.emit(Operator::TableSet(table));
            }
            5 => {
                self.leaf(ValType::FuncRef);
                if ty == ValType::I64 && self.choices.one_in(4) {
                    let count = value(ty, self.choices);
                    self.constant(ty, count);
                } else {
                    self.length(ty, 3);
                }
                self.emit(Operator::TableGrow(table));
            }
            _ if !self.config.bulk => self.emit(Operator::TableSize(table)),
            6 => {
                self.table_index(table, 3);
                self.leaf(ValType::FuncRef);
                self.length(ty, 3);
                self.emit(Operator::TableFill(table));
            }
            7 => {
                let src = self.source_of_copy(table);
                self.table_index(table, 4);
                self.apart(|body| body.table_index(src, 4));
                self.length(ty.min(self.table(src).index_type()), 4);
                self.emit(Operator::TableCopy { dst: table, src });
            }
            _ => self.element_operation(table),
        }
    }

    /// Picks a table to copy from: often one with indices of the other width.
    fn source_of_copy(&mut self, dst: u32) -> u32 {
        let tables = &self.module.tables;
        let is_other = |src: u32| tables[src as usize].table64 != tables[dst as usize].table64;
        let other = self.choices.pick_where(0..tables.len() as u32, is_other);
        match other {
            Some(src) if self.choices.one_in(2) => src,
            Some(_) | None => self.any_table(),
        }
    }

    fn element_operation(&mut self, table: u32) {
        let segment = self.choices.below(self.module.elements.len() as u32);
        if self.choices.one_in(4) {
            return self.emit(Operator::ElemDrop(segment));
        }
        let elements = &self.module.elements[segment as usize];
        let passive = elements.placement == Placement::Passive;
        let count = if passive || self.choices.one_in(8) { elements.functions.len() as u32 } else { 0 };
        self.table_index(table, count);
        let from = self.choices.below(count + 1);
        self.constant(ValType::I32, u64::from(from));
        self.length(ValType::I32, count - from);
        self.emit(Operator::TableInit { table, segment });
    }
}
