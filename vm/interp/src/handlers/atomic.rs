//! Atomic instructions. Operands are in slots, and bounds are checked under both bounds strategies: an access of this kind takes
//! longer than the check.

use std::marker::PhantomData;
use std::sync::atomic::{Ordering, fence};

use riser_tiers_core::{Context, Status};
use riser_translator::MemoryIndex;
use riser_translator::ops::{AtomicKind, AtomicOp};

use crate::handlers::op::Operation;
use crate::regs::{Flow, Handler, Regs, trap_check};

/// `dst = op(memory[address + offset], operands)`, of any memory. Fields: dst, address, operands; offset in word 2; half 4: memory.
pub(crate) struct Atomic<Op>(PhantomData<Op>);

impl<Op: Operation<AtomicOp>> Handler for Atomic<Op> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let count = const { Op::OP.operand_types().len() };
            let first = if count > 0 { regs.read(2) } else { 0 };
            let second = if count > 1 { regs.read(3) } else { 0 };
            let memory = MemoryIndex::new(regs.field32(4));
            let result = trap_check!(perform::<Op>(regs.cx, memory, regs.read(1), regs.word(2), first, second));
            if const { Op::OP.result_type().is_some() } {
                regs.write(0, result);
            }
            if matches!(Op::OP.kind(), AtomicKind::Wait) {
                // The host may have run.
                regs.reload_memory();
            }
            regs.advance(4)
        }
    }
}

/// The operation. Not inlined: the loop of the strategy `switch` would contain all of them, and take the compiler twice as long.
///
/// # Safety
///
/// As for [`Context::memory_atomic`].
#[inline(never)]
unsafe fn perform<Op: Operation<AtomicOp>>(
    cx: *const Context,
    memory: MemoryIndex,
    address: u64,
    offset: u64,
    first: u64,
    second: u64,
) -> Result<u64, Status> {
    // SAFETY: by the contract of this function.
    unsafe { (*cx).memory_atomic(Op::OP, memory, address, offset, [first, second]) }
}

/// `atomic.fence`.
pub(crate) struct Fence;

impl Handler for Fence {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        fence(Ordering::SeqCst);
        // SAFETY: by the contract of this function.
        unsafe { regs.advance(2) }
    }
}
