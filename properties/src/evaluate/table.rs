//! Tables: accesses, bulk operations, and the callees of indirect calls.

use std::ops::Range;

use riser_translator::index::{ElemIndex, FuncIndex, TableIndex, TypeIndex};
use riser_translator::module::{ModuleInfo, TableType};
use riser_translator::trap::TrapCode;

use super::Limits;
use super::memory::{minus_one, range};
use super::state::State;

impl State {
    fn table_range(&self, table: TableIndex, index: u64, len: u64) -> Result<Range<usize>, TrapCode> {
        range(index, len, self.tables[table.index()].len(), TrapCode::TableOutOfBounds)
    }

    pub(super) fn table_get(&self, table: TableIndex, index: u64) -> Result<u64, TrapCode> {
        let at = self.table_range(table, index, 1)?.start;
        Ok(self.tables[table.index()][at])
    }

    pub(super) fn table_set(&mut self, table: TableIndex, index: u64, value: u64) -> Result<(), TrapCode> {
        let at = self.table_range(table, index, 1)?.start;
        self.tables[table.index()][at] = value;
        Ok(())
    }

    pub(super) fn table_size(&self, table: TableIndex) -> u64 {
        self.tables[table.index()].len() as u64
    }

    /// Grows a table by elements `init`. Returns the result as slot bits.
    pub(super) fn table_grow(
        &mut self,
        table: TableIndex,
        ty: TableType,
        init: u64,
        delta: u64,
        limits: &Limits,
    ) -> u64 {
        let old = self.table_size(table);
        let most = ty.limits.max.unwrap_or(u64::MAX).min(limits.elements);
        match old.checked_add(delta) {
            Some(new) if new <= most => {
                self.tables[table.index()].resize(new as usize, init);
                old
            }
            _ => minus_one(ty.index_type()),
        }
    }

    pub(super) fn table_fill(&mut self, table: TableIndex, dst: u64, value: u64, len: u64) -> Result<(), TrapCode> {
        let dst = self.table_range(table, dst, len)?;
        self.tables[table.index()][dst].fill(value);
        Ok(())
    }

    pub(super) fn table_copy(
        &mut self,
        (dst_table, dst): (TableIndex, u64),
        (src_table, src): (TableIndex, u64),
        len: u64,
    ) -> Result<(), TrapCode> {
        let src = self.table_range(src_table, src, len)?;
        let dst = self.table_range(dst_table, dst, len)?;
        let elements = self.tables[src_table.index()][src].to_vec();
        self.tables[dst_table.index()][dst].copy_from_slice(&elements);
        Ok(())
    }

    pub(super) fn table_init(
        &mut self,
        table: TableIndex,
        segment: ElemIndex,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), TrapCode> {
        let segment = &self.elements[segment.index()];
        let src = range(src, len, segment.len(), TrapCode::TableOutOfBounds)?;
        let dst = self.table_range(table, dst, len)?;
        self.tables[table.index()][dst].copy_from_slice(&segment[src]);
        Ok(())
    }

    pub(super) fn elem_drop(&mut self, segment: ElemIndex) {
        self.elements[segment.index()].clear();
    }

    /// Returns the callee of an indirect call.
    pub(super) fn callee(
        &self,
        module: &ModuleInfo,
        table: TableIndex,
        type_index: TypeIndex,
        index: u64,
    ) -> Result<FuncIndex, TrapCode> {
        let element = self.table_get(table, index).map_err(|_| TrapCode::UndefinedElement)?;
        let function = FuncIndex::new(element.checked_sub(1).ok_or(TrapCode::UninitializedElement)? as u32);
        if module.func_type(function) != module.ty(type_index) {
            return Err(TrapCode::IndirectCallTypeMismatch);
        }
        Ok(function)
    }
}
