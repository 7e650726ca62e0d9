//! Atomic operations on memories, for code that does not have instructions of its own for them.

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

use riser_translator::ops::{AtomicKind, AtomicOp};
use riser_translator::{MemoryIndex, TrapCode};

use crate::{Context, Memory, Status};

impl Memory {
    /// The place of an atomic access of `bytes` bytes at `address + offset`.
    ///
    /// # Errors
    ///
    /// [`TrapCode::HeapMisaligned`], also if it is out of bounds as well; [`TrapCode::MemoryOutOfBounds`].
    #[inline(always)]
    fn atomic_place(&self, address: u64, offset: u64, bytes: u64) -> Result<*mut u8, TrapCode> {
        if !address.wrapping_add(offset).is_multiple_of(bytes) {
            return Err(TrapCode::HeapMisaligned);
        }
        let start = address.checked_add(offset).ok_or(TrapCode::MemoryOutOfBounds)?;
        match start.checked_add(bytes) {
            Some(end) if end <= self.len_bytes() => Ok(self.base().wrapping_add(start as usize)),
            _ => Err(TrapCode::MemoryOutOfBounds),
        }
    }
}

/// Executes an operation on the value at `at`. Returns the result as slot bits, or 0 if it has none.
///
/// # Safety
///
/// `at` is aligned, and so many bytes there as the operation accesses are within a memory of a store that lives.
#[inline(always)]
unsafe fn access(op: AtomicOp, at: *mut u8, operands: [u64; AtomicOp::MOST_OPERANDS]) -> u64 {
    const ORDER: Ordering = Ordering::SeqCst;
    macro_rules! access {
        ($Atomic:ident of $int:ident) => {{
            // SAFETY: by the contract of this function. Code accesses the memory in no other way than by machine instructions.
            let cell = unsafe { $Atomic::from_ptr(at.cast()) };
            let [operand, replacement] = operands.map(|operand| operand as $int);
            let result = match op.kind() {
                AtomicKind::Load => cell.load(ORDER),
                AtomicKind::Store => {
                    cell.store(operand, ORDER);
                    0
                }
                AtomicKind::Add => cell.fetch_add(operand, ORDER),
                AtomicKind::Sub => cell.fetch_sub(operand, ORDER),
                AtomicKind::And => cell.fetch_and(operand, ORDER),
                AtomicKind::Or => cell.fetch_or(operand, ORDER),
                AtomicKind::Xor => cell.fetch_xor(operand, ORDER),
                AtomicKind::Xchg => cell.swap(operand, ORDER),
                AtomicKind::Cmpxchg => {
                    cell.compare_exchange(operand, replacement, ORDER, ORDER).unwrap_or_else(|stored| stored)
                }
                AtomicKind::Wait | AtomicKind::Notify => unreachable!("{op} is no access"),
            };
            u64::from(result)
        }};
    }
    match op.access_bytes() {
        1 => access!(AtomicU8 of u8),
        2 => access!(AtomicU16 of u16),
        4 => access!(AtomicU32 of u32),
        _ => access!(AtomicU64 of u64),
    }
}

/// Atomic operations of running code.
impl Context {
    /// Executes an operation at `address + offset`. Returns the result as slot bits, or any bits if it has none.
    ///
    /// # Errors
    ///
    /// [`TrapCode::HeapMisaligned`], [`TrapCode::MemoryOutOfBounds`], and [`TrapCode::AtomicWaitNonSharedMemory`].
    ///
    /// # Safety
    ///
    /// The index is valid in the module, the store is alive, and none of its memories is borrowed.
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
        let at = memory.atomic_place(address, offset, op.access_bytes().into())?;
        match op.kind() {
            AtomicKind::Wait => Err(TrapCode::AtomicWaitNonSharedMemory.into()),
            // Nobody waits there.
            AtomicKind::Notify => Ok(0),
            AtomicKind::Load
            | AtomicKind::Store
            | AtomicKind::Add
            | AtomicKind::Sub
            | AtomicKind::And
            | AtomicKind::Or
            | AtomicKind::Xor
            | AtomicKind::Xchg
            | AtomicKind::Cmpxchg => {
                // SAFETY: aligned and in bounds.
                Ok(unsafe { access(op, at, operands) })
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
            if matches!(op.kind(), AtomicKind::Wait | AtomicKind::Notify) {
                continue;
            }
            for stored in values {
                for operand in values {
                    // The operand is what is expected, in every second case.
                    for operands in [[operand, 7], [stored, operand]] {
                        let mut word = stored;
                        // SAFETY: the word is aligned for every width, and ours.
                        let result = unsafe { access(op, (&raw mut word).cast(), operands) };
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
