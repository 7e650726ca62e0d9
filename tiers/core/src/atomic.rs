//! Atomic operations on memories, for code that does not have instructions of its own for them.

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use riser_translator::ops::{AtomicAccess, AtomicKind, AtomicOp};
use riser_translator::{MemoryIndex, TrapCode};

use crate::{Context, Memory, Status, StoreContext, waiters};

/// How often a thread that waits looks whether it is interrupted.
const WAIT_SLICE: Duration = Duration::from_millis(10);

/// The place of an atomic access of `bytes` bytes at `address + offset` of a memory.
///
/// # Errors
///
/// [`TrapCode::HeapMisaligned`], also if it is out of bounds as well; [`TrapCode::MemoryOutOfBounds`].
#[inline(always)]
pub(crate) fn place(base: *mut u8, len: u64, address: u64, offset: u64, bytes: u64) -> Result<*mut u8, TrapCode> {
    if !address.wrapping_add(offset).is_multiple_of(bytes) {
        return Err(TrapCode::HeapMisaligned);
    }
    let start = address.checked_add(offset).ok_or(TrapCode::MemoryOutOfBounds)?;
    match len.checked_sub(bytes) {
        Some(last) if start <= last => Ok(base.wrapping_add(start as usize)),
        _ => Err(TrapCode::MemoryOutOfBounds),
    }
}

/// Executes an access to the value of `bytes` bytes at `at`. Returns the result as slot bits, or 0 if it has none.
///
/// # Safety
///
/// `at` is aligned, and so many bytes there are within a memory of a store that lives.
#[inline(always)]
unsafe fn execute(access: AtomicAccess, bytes: u32, at: *mut u8, operands: [u64; AtomicOp::MOST_OPERANDS]) -> u64 {
    const ORDER: Ordering = Ordering::SeqCst;
    macro_rules! execute {
        ($Atomic:ident of $int:ident) => {{
            // SAFETY: by the contract of this function. Code accesses the memory in no other way than by machine instructions.
            let cell = unsafe { $Atomic::from_ptr(at.cast()) };
            let (operand, replacement) = (operands[0] as $int, operands[1] as $int);
            let result = match access {
                AtomicAccess::Load => cell.load(ORDER),
                AtomicAccess::Store => {
                    cell.store(operand, ORDER);
                    0
                }
                AtomicAccess::Add => cell.fetch_add(operand, ORDER),
                AtomicAccess::Sub => cell.fetch_sub(operand, ORDER),
                AtomicAccess::And => cell.fetch_and(operand, ORDER),
                AtomicAccess::Or => cell.fetch_or(operand, ORDER),
                AtomicAccess::Xor => cell.fetch_xor(operand, ORDER),
                AtomicAccess::Xchg => cell.swap(operand, ORDER),
                AtomicAccess::Cmpxchg => {
                    cell.compare_exchange(operand, replacement, ORDER, ORDER).unwrap_or_else(|stored| stored)
                }
            };
            u64::from(result)
        }};
    }
    match bytes {
        1 => execute!(AtomicU8 of u8),
        2 => execute!(AtomicU16 of u16),
        4 => execute!(AtomicU32 of u32),
        _ => execute!(AtomicU64 of u64),
    }
}

/// Waits for running code. Polls the interrupt flag meanwhile, if the code polls it.
///
/// # Safety
///
/// The store is alive, and runs code; `at` is aligned and in the memory, which is the store's. References to the memory are not used
/// afterwards.
#[cold]
#[inline(never)]
unsafe fn wait(
    store: *mut StoreContext,
    op: AtomicOp,
    memory: *const Memory,
    at: *mut u8,
    expected: u64,
    timeout: u64,
) -> Result<u64, Status> {
    // The host may run, so no reference to what is in the store is in use then.
    // SAFETY: by the contract of this function.
    let shared = unsafe { (*memory).shared().cloned() };
    let Some(shared) = shared else { return Err(TrapCode::AtomicWaitNonSharedMemory.into()) };
    // A negative time never ends.
    let timeout = i64::try_from(timeout).is_ok().then(|| Duration::from_nanos(timeout));
    // SAFETY: by the contract of this function.
    unsafe {
        let slice = (*store).polls.then_some(WAIT_SLICE);
        let interrupted = || {
            if !(*store).check_epoch() {
                return Ok(());
            }
            match ((*store).polled)(store, None) {
                Status::RETURNED => Ok(()),
                status => Err(status),
            }
        };
        let result = shared.wait(op, at, expected, timeout, slice, interrupted)?;
        Ok(result as u64)
    }
}

/// Atomic operations of running code.
impl Context {
    /// Executes an operation at `address + offset`. Returns the result as slot bits, or any bits if it has none.
    ///
    /// # Errors
    ///
    /// [`TrapCode::HeapMisaligned`], [`TrapCode::MemoryOutOfBounds`], [`TrapCode::AtomicWaitNonSharedMemory`]; what interrupts the code
    /// while it waits.
    ///
    /// # Safety
    ///
    /// The index is valid in the module, the store is alive, and none of its memories is borrowed. While code waits, the host may run:
    /// base and length of memories have to be reloaded afterwards.
    #[inline(always)]
    pub unsafe fn memory_atomic(
        &self,
        op: AtomicOp,
        memory: MemoryIndex,
        address: u64,
        offset: u64,
        operands: [u64; AtomicOp::MOST_OPERANDS],
    ) -> Result<u64, Status> {
        // SAFETY: the caller guarantees a valid index, a live store, and that its memories are not borrowed.
        let memory = unsafe { self.memory(memory) };
        let at = place(memory.base(), memory.len_bytes(), address, offset, op.access_bytes().into())?;
        match op.kind() {
            AtomicKind::Wait => {
                // SAFETY: the store is alive, and the place is aligned and in bounds.
                unsafe { wait(self.store, op, memory, at, operands[0], operands[1]) }
            }
            AtomicKind::Notify if memory.ty().shared => Ok(waiters::notify(at.addr(), operands[0] as u32).into()),
            // Nobody waits there.
            AtomicKind::Notify => Ok(0),
            AtomicKind::Access(access) => {
                // SAFETY: aligned and in bounds.
                Ok(unsafe { execute(access, op.access_bytes(), at, operands) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each operation does to a machine word what its semantics say.
    #[test]
    fn accesses_follow_the_semantics() {
        let values = [0, 1, 0x80, 0xff, 0x1234, 0xffff, 0x8000_0000, u32::MAX.into(), 0x0123_4567_89ab_cdef, u64::MAX];
        for &op in AtomicOp::ALL {
            let AtomicKind::Access(access) = op.kind() else { continue };
            for stored in values {
                for operand in values {
                    // The operand is what is expected, in every second case.
                    for operands in [[operand, 7], [stored, operand]] {
                        let mut word = stored;
                        // SAFETY: the word is aligned for every width, and ours.
                        let result = unsafe { execute(access, op.access_bytes(), (&raw mut word).cast(), operands) };
                        let written = op.written(stored, operands).unwrap_or(stored);
                        assert_eq!(word, stored & !op.mask() | written & op.mask(), "{op} {stored:#x} {operands:#x?}");
                        if op.result_type().is_some() {
                            assert_eq!(result, stored & op.mask(), "{op} {stored:#x} {operands:#x?}");
                        }
                    }
                }
            }
        }
    }
}
