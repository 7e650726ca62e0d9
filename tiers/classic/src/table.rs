//! Tables and references.
//!
//! As with addresses, an i32 index is zero-extended in its slot, so that 32-bit and
//! 64-bit tables share the code.

use riser_tiers_core::{FuncInst, Status};
use riser_translator::{ElemIndex, TableIndex, TrapCode, TypeIndex};

use crate::machine::Machine;

/// Decodes the immediates of an indirect call, pops the index, and returns the function to call.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn indirect_callee(m: &mut Machine) -> Result<*const FuncInst, TrapCode> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let type_index = TypeIndex::new(m.leb_u32());
        let table = TableIndex::new(m.leb_u32());
        let index = m.pop_bits();
        (*m.ctx()).indirect_callee(table, type_index, index)
    }
}

/// `table.get`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn get(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let table = TableIndex::new(m.leb_u32());
        let index = m.pop_bits();
        let element = (*m.ctx()).table(table).get(index).ok_or(TrapCode::TableOutOfBounds)?;
        m.push_bits(element);
    }
    Ok(())
}

/// `table.set`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn set(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let table = TableIndex::new(m.leb_u32());
        let value = m.pop_bits();
        let index = m.pop_bits();
        (*m.ctx()).table(table).set(index, value)
    }
}

/// `table.size`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn size(m: &mut Machine) {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let table = TableIndex::new(m.leb_u32());
        let elements = (*m.ctx()).table(table).len();
        m.push_bits(elements);
    }
}

/// `table.grow`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn grow(m: &mut Machine) -> Result<(), Status> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let table = TableIndex::new(m.leb_u32());
        let delta = m.pop_bits();
        let init = m.pop_bits();
        let old = (*m.ctx()).table_grow(table, init, delta)?;
        m.push_bits(old);
    }
    Ok(())
}

/// `table.fill`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn fill(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let table = TableIndex::new(m.leb_u32());
        let [dst, value, len] = m.pop3();
        (*m.ctx()).table_fill(table, dst, value, len)
    }
}

/// `table.copy`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn copy(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let dst_table = TableIndex::new(m.leb_u32());
        let src_table = TableIndex::new(m.leb_u32());
        let [dst, src, len] = m.pop3();
        (*m.ctx()).table_copy(dst_table, src_table, dst, src, len)
    }
}

/// `table.init`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn init(m: &mut Machine) -> Result<(), TrapCode> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        let segment = ElemIndex::new(m.leb_u32());
        let table = TableIndex::new(m.leb_u32());
        let [dst, src, len] = m.pop3();
        (*m.ctx()).table_init(table, segment, dst, src, len)
    }
}
