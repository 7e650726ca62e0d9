//! Tables and references.

use wasmparser::{HeapType, RefType};

use crate::error::TranslateError;
use crate::index::{ElemIndex, FuncIndex, TableIndex};
use crate::parse::ref_type;
use crate::sink::Sink;
use crate::types::ValType;

use super::Lowering;

impl<S: Sink> Lowering<'_, S> {
    fn index_type(&self, table: TableIndex) -> ValType {
        self.module.table(table).index_type()
    }

    pub(super) fn table_get(&mut self, table: TableIndex) {
        let (_, index) = self.stack.pop();
        let dst = self.stack.push_temp(self.module.table(table).element);
        self.sink.table_get(table, dst, index);
    }

    pub(super) fn table_set(&mut self, table: TableIndex) {
        let (index, value) = self.pop2();
        self.sink.table_set(table, index, value);
    }

    pub(super) fn table_size(&mut self, table: TableIndex) {
        let dst = self.stack.push_temp(self.index_type(table));
        self.sink.table_size(table, dst);
    }

    pub(super) fn table_grow(&mut self, table: TableIndex) {
        let (init, delta) = self.pop2();
        let dst = self.stack.push_temp(self.index_type(table));
        self.sink.table_grow(table, dst, init, delta);
    }

    pub(super) fn table_fill(&mut self, table: TableIndex) {
        let (dst, value, len) = self.pop3();
        self.sink.table_fill(table, dst, value, len);
    }

    pub(super) fn table_copy(&mut self, dst_table: TableIndex, src_table: TableIndex) {
        let (dst, src, len) = self.pop3();
        self.sink.table_copy(dst_table, src_table, dst, src, len);
    }

    pub(super) fn table_init(&mut self, segment: ElemIndex, table: TableIndex) {
        let (dst, src, len) = self.pop3();
        self.sink.table_init(table, segment, dst, src, len);
    }

    pub(super) fn ref_null(&mut self, ty: HeapType, offset: usize) -> Result<(), TranslateError> {
        let ty = match RefType::new(true, ty) {
            Some(ty) => ref_type(ty, offset)?,
            None => return Err(unsupported_heap_type(offset)),
        };
        self.constant(ty, 0);
        Ok(())
    }

    pub(super) fn ref_is_null(&mut self) {
        let (_, src) = self.stack.pop();
        let dst = self.stack.push_temp(ValType::I32);
        self.sink.ref_is_null(dst, src);
    }

    pub(super) fn ref_func(&mut self, function: FuncIndex) {
        let dst = self.stack.push_temp(ValType::FuncRef);
        self.sink.ref_func(dst, function);
    }
}

fn unsupported_heap_type(offset: usize) -> TranslateError {
    TranslateError::new(crate::ErrorKind::Unsupported, offset, "this heap type is not supported")
}
