//! Branches: everything they need is in the side table's entry.

use crate::machine::Machine;
use crate::side_table::BranchEntry;

/// Moves `count` slots down the stack, from `src` to `dst`.
///
/// # Safety
///
/// Both ranges are slots of the value stack, and `dst` is not above `src`.
#[inline(always)]
pub(crate) unsafe fn move_down(src: *const u64, dst: *mut u64, count: usize) {
    // SAFETY: by the contract of this function.
    unsafe {
        match count {
            0 => {}
            1 => *dst = *src,
            _ => std::ptr::copy(src, dst, count),
        }
    }
}

/// Takes the branch of `entry`, whose opcode is at `at`.
///
/// # Safety
///
/// The invariants of [`Machine`] hold, and `entry` is of the branch at `at`.
#[inline(always)]
pub(crate) unsafe fn take(m: &mut Machine, entry: *const BranchEntry, at: *const u8) {
    // SAFETY: the side table was built for this code.
    unsafe {
        let BranchEntry { pc_delta, table_delta, keep, discard } = *entry;
        m.pc = at.offset(pc_delta as isize);
        m.branch = entry.offset(table_delta as isize);
        if discard != 0 {
            let src = m.sp.sub(keep as usize);
            let dst = src.sub(discard as usize);
            move_down(src, dst, keep as usize);
            m.sp = dst.add(keep as usize);
        }
    }
}

/// A branch at `at` with one entry, that is taken `when` a condition holds; else goes on
/// after the immediate, a label index or block type.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn branch(m: &mut Machine, when: bool, at: *const u8) {
    // SAFETY: by the contract of this function.
    unsafe {
        if when {
            take(m, m.branch, at);
        } else {
            m.skip_leb();
            m.branch = m.branch.add(1);
        }
    }
}

/// `br_table` at `at`.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn branch_table(m: &mut Machine, at: *const u8) {
    // SAFETY: by the contract of this function; the table has an entry for each label and
    // for the default, which is the last.
    unsafe {
        let labels = m.leb_u32();
        let index = (m.pop::<i32>() as u32).min(labels);
        take(m, m.branch.add(index as usize), at);
    }
}
