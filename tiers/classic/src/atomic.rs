//! Atomic operators. The number after their prefix is decoded as they run: they take long in any case.

use riser_tiers_core::{Context, Status};
use riser_translator::ops::AtomicOp;
use riser_translator::{MemoryIndex, for_each_atomic_operation};

use crate::machine::{Machine, long_leb_u64};
use crate::memory::HAS_MEMORY_INDEX;

/// Where the machine is after an operator, and how that ended.
struct Executed {
    pc: *const u8,
    sp: *mut u64,
    status: Status,
}

/// The operation with this number after the prefix; `None` for `atomic.fence`.
fn operation(number: u64) -> Option<AtomicOp> {
    macro_rules! numbers {
        (atomic { $($A:ident $a:literal $a_c:literal $a_k:ident($a_m:ident) -> $a_v:ident;)* }) => {
            $(if number == $a_c & 0xfff {
                return Some(AtomicOp::$A);
            })*
        };
    }
    for_each_atomic_operation!(numbers);
    None
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
        let Some(op) = operation(number) else {
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
