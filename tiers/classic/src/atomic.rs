//! Atomic operators. The number after their prefix is decoded as they run: they take long in any case.

use riser_tiers_core::{Context, Status};
use riser_translator::MemoryIndex;
use riser_translator::ops::AtomicOp;

use crate::machine::{Machine, long_leb_u64};
use crate::memory::HAS_MEMORY_INDEX;
use crate::opcode;

/// Where the machine is after an operator, and how that ended.
struct Executed {
    pc: *const u8,
    sp: *mut u64,
    status: Status,
}

/// Executes the operator whose number is at `pc`.
///
/// # Safety
///
/// The code is valid, its operands are below `sp`, and `context` is that of its instance.
#[inline(never)]
unsafe fn execute_at(pc: *const u8, mut sp: *mut u64, context: *mut Context) -> Executed {
    // SAFETY: by the contract of this function.
    unsafe {
        let (number, pc) = long_leb_u64(pc);
        let Some(op) = AtomicOp::from_opcode(opcode::AtomicPrefix << 12 | number as u32) else {
            // The one operator without a row: `atomic.fence`.
            std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
            return Executed { pc: pc.add(1), sp, status: Status::RETURNED };
        };
        let (flags, mut pc) = long_leb_u64(pc);
        let mut memory = 0;
        if flags & u64::from(HAS_MEMORY_INDEX) != 0 {
            (memory, pc) = long_leb_u64(pc);
        }
        let (offset, pc) = long_leb_u64(pc);
        let count = op.operand_types().len();
        sp = sp.sub(1 + count);
        let mut operands = [0; AtomicOp::MOST_OPERANDS];
        for (at, operand) in operands[..count].iter_mut().enumerate() {
            *operand = *sp.add(1 + at);
        }
        let status = match (*context).memory_atomic(op, MemoryIndex::new(memory as u32), *sp, offset, operands) {
            Ok(result) => {
                if op.result_type().is_some() {
                    *sp = result;
                    sp = sp.add(1);
                }
                Status::RETURNED
            }
            Err(status) => status,
        };
        Executed { pc, sp, status }
    }
}

/// Executes the operator whose number, after the prefix, is at the machine's `pc`.
///
/// # Safety
///
/// The invariants of [`Machine`] hold.
#[inline(always)]
pub(crate) unsafe fn execute(m: &mut Machine) -> Result<(), Status> {
    // SAFETY: the invariants of `Machine`.
    unsafe {
        let Executed { pc, sp, status } = execute_at(m.pc, m.sp, m.ctx());
        if !status.is_returned() {
            return Err(status);
        }
        (m.pc, m.sp) = (pc, sp);
        // After a wait the memory may be another one.
        m.refresh_memory();
    }
    Ok(())
}
