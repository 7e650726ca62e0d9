//! Memories: accesses and bulk operations.

use std::ops::Range;

use riser_translator::index::{DataIndex, MemoryIndex};
use riser_translator::module::{MemoryType, ModuleInfo};
use riser_translator::ops::{AtomicKind, AtomicOp, LoadOp, StoreOp};
use riser_translator::trap::TrapCode;
use riser_translator::types::ValType;

use super::Limits;
use super::state::State;

/// Returns the `len` places from `start` on, which have to be below `size`; otherwise fails with `code`.
pub(super) fn range(start: u64, len: u64, size: usize, code: TrapCode) -> Result<Range<usize>, TrapCode> {
    match start.checked_add(len) {
        // Both fit, as `size` does.
        Some(end) if end <= size as u64 => Ok(start as usize..end as usize),
        _ => Err(code),
    }
}

impl State {
    fn memory_range(&self, memory: MemoryIndex, address: u64, len: u64) -> Result<Range<usize>, TrapCode> {
        range(address, len, self.memories[memory.index()].len(), TrapCode::MemoryOutOfBounds)
    }

    /// Returns the place of an access at an address and offset.
    fn access(&self, memory: MemoryIndex, address: u64, offset: u64, len: u32) -> Result<Range<usize>, TrapCode> {
        let address = address.checked_add(offset).ok_or(TrapCode::MemoryOutOfBounds)?;
        self.memory_range(memory, address, u64::from(len))
    }

    pub(super) fn load(&self, op: LoadOp, memory: MemoryIndex, address: u64, offset: u64) -> Result<u64, TrapCode> {
        let stored = self.load_bits(memory, address, offset, op.access_bytes())?;
        Ok(op.eval(stored as u64))
    }

    pub(super) fn store(
        &mut self,
        op: StoreOp,
        memory: MemoryIndex,
        address: u64,
        offset: u64,
        value: u64,
    ) -> Result<(), TrapCode> {
        self.store_bits(memory, address, offset, op.access_bytes(), op.eval(value).into())
    }

    /// Loads the bytes of an access, the first byte lowest.
    pub(super) fn load_bits(&self, memory: MemoryIndex, address: u64, offset: u64, len: u32) -> Result<u128, TrapCode> {
        let range = self.access(memory, address, offset, len)?;
        let mut bytes = [0; 16];
        bytes[..range.len()].copy_from_slice(&self.memories[memory.index()][range]);
        Ok(u128::from_le_bytes(bytes))
    }

    /// Stores the lowest bytes of an access.
    pub(super) fn store_bits(
        &mut self,
        memory: MemoryIndex,
        address: u64,
        offset: u64,
        len: u32,
        bits: u128,
    ) -> Result<(), TrapCode> {
        let range = self.access(memory, address, offset, len)?;
        let bytes = &bits.to_le_bytes()[..range.len()];
        self.memories[memory.index()][range].copy_from_slice(bytes);
        Ok(())
    }

    /// Executes an atomic operation. Returns the result as slot bits, or any bits if it has none.
    pub(super) fn atomic(
        &mut self,
        op: AtomicOp,
        memory: MemoryIndex,
        address: u64,
        offset: u64,
        operands: [u64; AtomicOp::MOST_OPERANDS],
    ) -> Result<u64, TrapCode> {
        if !address.wrapping_add(offset).is_multiple_of(op.access_bytes().into()) {
            return Err(TrapCode::HeapMisaligned);
        }
        let stored = self.load_bits(memory, address, offset, op.access_bytes())? as u64;
        match op.kind() {
            // The other kind could wait for ever, so no generated module does.
            AtomicKind::Wait => Err(TrapCode::AtomicWaitNonSharedMemory),
            // Nobody else is there to wake.
            AtomicKind::Notify => Ok(0),
            AtomicKind::Access(_) => {
                if let Some(written) = op.written(stored, operands) {
                    self.store_bits(memory, address, offset, op.access_bytes(), written.into())?;
                }
                Ok(stored)
            }
        }
    }

    pub(super) fn memory_size(&self, memory: MemoryIndex, ty: MemoryType) -> u64 {
        self.memories[memory.index()].len() as u64 >> ty.page_size_log2
    }

    /// Grows a memory. Returns the result as slot bits.
    pub(super) fn memory_grow(&mut self, memory: MemoryIndex, ty: MemoryType, delta: u64, limits: &Limits) -> u64 {
        let old = self.memory_size(memory, ty);
        let most = ty.limits.max.unwrap_or(u64::MAX).min(limits.most_pages(ty));
        match old.checked_add(delta) {
            Some(new) if new <= most => {
                self.memories[memory.index()].resize((new * ty.page_size()) as usize, 0);
                old
            }
            _ => minus_one(ty.address_type()),
        }
    }

    pub(super) fn memory_fill(&mut self, memory: MemoryIndex, dst: u64, value: u64, len: u64) -> Result<(), TrapCode> {
        let dst = self.memory_range(memory, dst, len)?;
        self.memories[memory.index()][dst].fill(value as u8);
        Ok(())
    }

    pub(super) fn memory_copy(
        &mut self,
        (dst_memory, dst): (MemoryIndex, u64),
        (src_memory, src): (MemoryIndex, u64),
        len: u64,
    ) -> Result<(), TrapCode> {
        let src = self.memory_range(src_memory, src, len)?;
        let dst = self.memory_range(dst_memory, dst, len)?;
        let bytes = self.memories[src_memory.index()][src].to_vec();
        self.memories[dst_memory.index()][dst].copy_from_slice(&bytes);
        Ok(())
    }

    /// Initialises a range from a data segment, which is a range of the module's bytes, `module`.
    pub(super) fn memory_init(
        &mut self,
        module: &[u8],
        memory: MemoryIndex,
        segment: DataIndex,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), TrapCode> {
        let segment = self.data[segment.index()].clone();
        let src = range(src, len, segment.len(), TrapCode::MemoryOutOfBounds)?;
        let dst = self.memory_range(memory, dst, len)?;
        let segment = &module[segment.start as usize..segment.end as usize];
        self.memories[memory.index()][dst].copy_from_slice(&segment[src]);
        Ok(())
    }

    pub(super) fn data_drop(&mut self, segment: DataIndex) {
        self.data[segment.index()] = 0..0;
    }
}

/// Returns a sum as an address in slot bits. `add` is the constant part. The sum wraps as addresses of the memory do.
pub(super) fn sum(module: &ModuleInfo, memory: MemoryIndex, base: u64, add: i32) -> u64 {
    let sum = base.wrapping_add_signed(i64::from(add));
    if module.memory(memory).memory64 { sum } else { u64::from(sum as u32) }
}

/// The result of growing when it fails.
pub(super) fn minus_one(ty: ValType) -> u64 {
    if ty == ValType::I64 { u64::MAX } else { u64::from(u32::MAX) }
}
