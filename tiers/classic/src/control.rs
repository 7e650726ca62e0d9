//! Branches, executed from the entries of the side table alone.

use crate::machine::Machine;
use crate::operator::Stop;
use crate::side_table::BranchEntry;

/// Moves `count` slots down the stack, from `src` to `dst`. Only the full variant moves more than
/// one.
///
/// # Safety
///
/// Both ranges are slots of the value stack, and `dst` is not above `src`.
#[inline(always)]
pub(crate) unsafe fn move_down<const FULL: bool>(src: *const u64, dst: *mut u64, count: usize) -> Result<(), Stop> {
    // SAFETY: the caller guarantees slots of the value stack, and that `dst` is not above `src`.
    unsafe {
        match count {
            0 => {}
            1 => *dst = *src,
            _ if FULL => std::ptr::copy(src, dst, count),
            _ => return Err(Stop::Full),
        }
    }
    Ok(())
}

/// Takes the branch that `entry` describes.
///
/// # Safety
///
/// The invariants of [`Machine`] hold, and `entry` belongs to the branch that is executed.
#[inline(always)]
pub(crate) unsafe fn take<const FULL: bool>(m: &mut Machine, entry: *const BranchEntry) -> Result<(), Stop> {
    // SAFETY: the side table was built for this code.
    unsafe {
        let BranchEntry { pc_delta, table_delta, keep, discard } = *entry;
        if discard != 0 {
            if !FULL {
                return Err(Stop::Full);
            }
            let dst = m.sp.sub(keep as usize + discard as usize);
            move_down::<FULL>(m.sp.sub(keep as usize), dst, keep as usize)?;
            m.sp = dst.add(keep as usize);
        }
        m.pc = m.at.offset(pc_delta as isize);
        m.branch = entry.offset(table_delta as isize);
    }
    Ok(())
}

/// Executes a branch with one entry. Takes it if `when`; otherwise continues after the immediate,
/// which is a label index or a block type.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn branch<const FULL: bool>(m: &mut Machine, when: bool) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode.
    unsafe {
        if when {
            take::<FULL>(m, m.branch)?;
        } else {
            m.skip_leb();
            m.branch = m.branch.add(1);
        }
    }
    Ok(())
}

/// `br_table`
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn branch_table<const FULL: bool>(m: &mut Machine) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine` hold; `pc` is just after the opcode. The side table has
    // an entry for each label, and for the default, which is the last.
    unsafe {
        let labels = m.leb_u32();
        let index = (m.pop::<i32>() as u32).min(labels);
        take::<FULL>(m, m.branch.add(index as usize))
    }
}
