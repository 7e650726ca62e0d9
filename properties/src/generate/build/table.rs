//! Tables of functions.

use riser_translator::types::ValType;

use super::super::Operator;
use super::super::module::Placement;
use super::TABLE_SIZE;
use super::body::Body;

impl Body<'_> {
    fn any_table(&mut self) -> u32 {
        self.choices.below(self.module.tables.len() as u32)
    }

    /// Pushes the size of a table.
    pub(super) fn table_size(&mut self) {
        let table = self.any_table();
        self.emit(Operator::TableSize(table));
    }

    /// Pushes an index at which the table has `count` elements, most of the time.
    fn table_index(&mut self, count: u32) {
        let last = TABLE_SIZE.saturating_sub(count);
        match self.choices.below(8) {
            0..4 => {
                let index = self.choices.below(last + 1);
                self.constant(ValType::I32, u64::from(index));
            }
            4..7 => {
                self.operand(ValType::I32);
                self.mask(ValType::I32, if last == 0 { 0 } else { (1 << last.ilog2()) - 1 });
            }
            _ => {
                let index = self.choices.within(last, last + 2);
                self.constant(ValType::I32, u64::from(index));
            }
        }
    }

    /// Adds an operation on one element, or on several.
    pub(super) fn table_operation(&mut self) {
        let table = self.any_table();
        match self.choices.below(10) {
            0 => self.emit(Operator::TableSize(table)),
            1 | 2 => {
                self.table_index(1);
                self.emit(Operator::TableGet(table));
            }
            3 | 4 => {
                self.table_index(1);
                self.leaf(ValType::FuncRef);
                self.emit(Operator::TableSet(table));
            }
            5 => {
                self.leaf(ValType::FuncRef);
                self.length(ValType::I32, 3);
                self.emit(Operator::TableGrow(table));
            }
            _ if !self.config.bulk => self.table_size(),
            6 => {
                self.table_index(3);
                self.leaf(ValType::FuncRef);
                self.length(ValType::I32, 3);
                self.emit(Operator::TableFill(table));
            }
            7 => {
                let src = self.any_table();
                self.table_index(4);
                self.apart(|body| body.table_index(4));
                self.length(ValType::I32, 4);
                self.emit(Operator::TableCopy { dst: table, src });
            }
            _ => self.element_operation(table),
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
        self.table_index(count);
        let from = self.choices.below(count + 1);
        self.constant(ValType::I32, u64::from(from));
        self.length(ValType::I32, count - from);
        self.emit(Operator::TableInit { table, segment });
    }
}
