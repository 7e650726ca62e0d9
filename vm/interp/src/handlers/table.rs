//! Table instructions. Slots are the 16-bit fields of word 1; indices of tables
//! and segments are halves 2 and 3 (word 2).

use riser_translator::{ElemIndex, TableIndex, TrapCode};

use crate::regs::{Flow, Handler, Regs, trap_check};

/// `dst = table[index]`. Fields: dst, index.
pub(crate) struct TableGet;

impl Handler for TableGet {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let element = (*regs.cx).table(TableIndex::new(regs.field32(2))).get(regs.read(1));
            regs.write(0, trap_check!(element.ok_or(TrapCode::TableOutOfBounds)));
            regs.advance(3)
        }
    }
}

/// `table[index] = value`. Fields: index, value.
pub(crate) struct TableSet;

impl Handler for TableSet {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            trap_check!((*regs.cx).table(TableIndex::new(regs.field32(2))).set(regs.read(0), regs.read(1)));
            regs.advance(3)
        }
    }
}

/// `dst` = size. Fields: dst.
pub(crate) struct TableSize;

impl Handler for TableSize {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let size = (*regs.cx).table(TableIndex::new(regs.field32(2))).len();
            regs.write(0, size);
            regs.advance(3)
        }
    }
}

/// `dst` = old size or -1. Fields: dst, init, delta.
pub(crate) struct TableGrow;

impl Handler for TableGrow {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let old = (*regs.cx).table_grow(TableIndex::new(regs.field32(2)), regs.read(1), regs.read(2));
            regs.write(0, trap_check!(old));
            regs.advance(3)
        }
    }
}

/// Fill. Fields: dst, value, len.
pub(crate) struct TableFill;

impl Handler for TableFill {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let table = TableIndex::new(regs.field32(2));
            trap_check!((*regs.cx).table_fill(table, regs.read(0), regs.read(1), regs.read(2)));
            regs.advance(3)
        }
    }
}

/// Copy. Fields: dst, src, len; halves: dst table, src table.
pub(crate) struct TableCopy;

impl Handler for TableCopy {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let (to, from) = (TableIndex::new(regs.field32(2)), TableIndex::new(regs.field32(3)));
            trap_check!((*regs.cx).table_copy(to, from, regs.read(0), regs.read(1), regs.read(2)));
            regs.advance(3)
        }
    }
}

/// Init. Fields: dst, src, len; halves: table, segment.
pub(crate) struct TableInit;

impl Handler for TableInit {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let (table, segment) = (TableIndex::new(regs.field32(2)), ElemIndex::new(regs.field32(3)));
            trap_check!((*regs.cx).table_init(table, segment, regs.read(0), regs.read(1), regs.read(2)));
            regs.advance(3)
        }
    }
}

/// Drop a segment. Halves: -, segment.
pub(crate) struct ElemDrop;

impl Handler for ElemDrop {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            (*regs.cx).elem_drop(ElemIndex::new(regs.field32(1)));
            regs.advance(2)
        }
    }
}
