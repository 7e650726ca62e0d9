//! Memory instances (core spec, section 4.2.8) and the operations on them.
//!
//! A *guarded* memory, which has 32-bit addresses and pages of 64 KiB, reserves 8 GiB of address space plus a guard of 64 KiB, so that every sum
//! of a 32-bit address and a 32-bit offset lies in the reservation. Only the memory's current size is accessible, so an access past the end faults.
//! Growing does not move it. Any other memory reserves its size, or somewhat more once it has grown; its accesses are always checked
//! explicitly, and it may move when it grows.
//!
//! An engine's settings decide whether the memories of its stores that can be guarded are: all of them, or none.

use std::io;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use riser_translator::module::MemoryType;
use riser_translator::{DataIndex, MemoryIndex, TrapCode};

use crate::reservation::Reservation;
use crate::{Context, SharedMemory, Status};

/// Address space of a guarded memory: where a 32-bit address plus a 32-bit offset can reach.
pub const RESERVATION_BYTES: usize = 8 << 30;

/// Guard after the reservation: larger than the widest access.
pub const GUARD_BYTES: usize = 65_536;

/// A linear memory, or what stands in a store for a shared one.
#[repr(C)]
#[derive(Debug)]
pub struct Memory {
    /// First byte. Fixed for guarded and for shared memories; another may move when it grows.
    base: *mut u8,
    /// Size in bytes; 0 for a shared memory.
    len_bytes: u64,
    /// The size in bytes of a shared memory, which other threads may enlarge; null for others.
    shared_len: *const AtomicU64,
    /// The type; the limits are those declared.
    ty: MemoryType,
    /// Whether bounds checks may be left to guard pages.
    is_guarded: bool,
    space: Space,
}

/// Where a memory's bytes are.
#[derive(Debug)]
enum Space {
    /// In address space of its own.
    Own(Reservation),
    /// In a shared memory.
    Shared(Arc<SharedMemory>),
}

/// The size in bytes of a memory of the type that grows from `old` pages by `delta`.
///
/// # Errors
///
/// If the type does not allow it, or no system has room for it.
pub(crate) fn grown(ty: &MemoryType, old: u64, delta: u64) -> io::Result<usize> {
    let most = ty.most_pages();
    let most = ty.limits.max.map_or(most, |max| max.min(most));
    match old.checked_add(delta) {
        Some(pages) if pages <= most => {
            let bytes = pages.checked_mul(ty.page_size()).ok_or_else(no_room)?;
            usize::try_from(bytes).map_err(|_| no_room())
        }
        _ => Err(io::Error::other("Memory maximum size exceeded")),
    }
}

pub(crate) fn no_room() -> io::Error {
    io::ErrorKind::OutOfMemory.into()
}

impl Memory {
    /// Offset of the address of the first byte, for machine code.
    pub const BASE_OFFSET: usize = std::mem::offset_of!(Memory, base);
    /// Offset of the size in bytes, for machine code.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(Memory, len_bytes);

    /// Offset of the address of the size in bytes of a shared memory, for machine code.
    pub const SHARED_LEN_OFFSET: usize = std::mem::offset_of!(Memory, shared_len);

    /// A zeroed memory of `ty.limits.min` pages, which is not shared. With `guarded`, it has guard pages if its type can be guarded.
    ///
    /// # Errors
    ///
    /// If the system has no room for it.
    pub fn new(ty: MemoryType, guarded: bool) -> io::Result<Memory> {
        let len_bytes = ty.limits.min.checked_mul(ty.page_size()).ok_or_else(no_room)?;
        let len = usize::try_from(len_bytes).map_err(|_| no_room())?;
        let is_guarded = guarded && ty.can_be_guarded();
        let reservation = if is_guarded {
            let mut reservation = Memory::reserve_guarded()?;
            reservation.commit(len)?;
            reservation
        } else {
            Reservation::accessible(len)?
        };
        let (base, shared_len, space) = (reservation.base(), ptr::null(), Space::Own(reservation));
        Ok(Memory { base, len_bytes, shared_len, ty, is_guarded, space })
    }

    /// What stands in a store for a shared memory.
    pub fn of_shared(memory: Arc<SharedMemory>) -> Memory {
        let (base, ty, is_guarded) = (memory.base(), *memory.ty(), memory.is_guarded());
        let shared_len = ptr::from_ref(memory.len());
        Memory { base, len_bytes: 0, shared_len, ty, is_guarded, space: Space::Shared(memory) }
    }

    /// The shared memory that this stands for, if it is one.
    pub fn shared(&self) -> Option<&Arc<SharedMemory>> {
        match &self.space {
            Space::Own(_) => None,
            Space::Shared(memory) => Some(memory),
        }
    }

    /// Reserves the address space of a guarded memory.
    ///
    /// # Errors
    ///
    /// If the system has no such range.
    pub fn reserve_guarded() -> io::Result<Reservation> {
        Reservation::new(RESERVATION_BYTES + GUARD_BYTES)
    }

    /// An empty memory that reserves only a page: memory 0 of modules without one.
    ///
    /// # Errors
    ///
    /// If the system has no room for a page.
    pub fn none() -> io::Result<Memory> {
        Memory::new(MemoryType::new64(0, Some(0)), false)
    }

    /// The type, with the limits as declared.
    pub fn ty(&self) -> &MemoryType {
        &self.ty
    }

    /// The first byte.
    #[inline(always)]
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// Size in bytes.
    #[inline(always)]
    pub fn len_bytes(&self) -> u64 {
        if self.shared_len.is_null() {
            return self.len_bytes;
        }
        // SAFETY: the length belongs to the shared memory that this stands for, and keeps alive.
        unsafe { &*self.shared_len }.load(std::sync::atomic::Ordering::Acquire)
    }

    /// Size in pages.
    #[inline]
    pub fn pages(&self) -> u64 {
        self.len_bytes() >> self.ty.page_size_log2
    }

    /// Whether an access to this address faults because it is beyond the end of a guarded memory, within its reservation.
    #[inline]
    pub fn is_beyond(&self, address: usize) -> bool {
        let offset = address.wrapping_sub(self.base.addr());
        self.is_guarded
            && match &self.space {
                Space::Own(reservation) => offset < reservation.bytes() && offset as u64 >= self.len_bytes,
                // It was beyond the end when it faulted. Another thread may have moved the end since.
                Space::Shared(_) => offset < RESERVATION_BYTES + GUARD_BYTES,
            }
    }

    /// The contents.
    ///
    /// # Panics
    ///
    /// If the memory is shared: other threads may write it at any time.
    pub fn data(&self) -> &[u8] {
        assert!(self.shared_len.is_null(), "the memory is shared");
        // SAFETY: `base` and `len_bytes` describe accessible, initialised bytes.
        unsafe { std::slice::from_raw_parts(self.base, self.len_bytes as usize) }
    }

    /// The contents.
    ///
    /// # Panics
    ///
    /// As [`Memory::data`].
    pub fn data_mut(&mut self) -> &mut [u8] {
        assert!(self.shared_len.is_null(), "the memory is shared");
        // SAFETY: as above, and the memory is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.base, self.len_bytes as usize) }
    }

    /// The first byte's address if it is fixed, which is so for guarded memories.
    pub fn fixed_base(&self) -> Option<*mut u8> {
        self.is_guarded.then_some(self.base)
    }

    /// Adds `delta` zeroed pages if there are `old` now, as there are unless another thread has made a shared memory grow. Returns
    /// whether there were.
    ///
    /// # Errors
    ///
    /// If the type or the system does not allow it; the memory is then unchanged.
    pub fn grow_from(&mut self, old: u64, delta: u64) -> io::Result<bool> {
        let reservation = match &mut self.space {
            Space::Own(reservation) => reservation,
            Space::Shared(memory) => return memory.grow_from(old, delta),
        };
        let len = grown(&self.ty, old, delta)?;
        if self.is_guarded {
            reservation.commit(len)?;
        } else {
            reservation.extend(len)?;
            self.base = reservation.base();
        }
        self.len_bytes = len as u64;
        Ok(true)
    }

    /// The address of `len` bytes at `start`, if they are within the memory.
    #[inline]
    fn span(&self, start: u64, len: u64) -> Result<*mut u8, TrapCode> {
        match start.checked_add(len) {
            Some(end) if end <= self.len_bytes() => Ok(self.base.wrapping_add(start as usize)),
            _ => Err(TrapCode::MemoryOutOfBounds),
        }
    }
}

/// Memory operations of running code.
///
/// # Safety
///
/// For all of them: indices are valid in the module, the store is alive, and none of its memories is borrowed.
impl Context {
    /// `memory.grow`: the old size in pages, or -1 of the memory's address type.
    ///
    /// # Errors
    ///
    /// Only if the host turns a failure to grow into the end of the code.
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn memory_grow(&self, memory: MemoryIndex, delta: u64) -> Result<u64, Status> {
        // SAFETY: the caller guarantees a valid index, a live store, and that its memories are not borrowed.
        unsafe {
            let memory = *self.memories.add(memory.index());
            Ok(match ((*self.store).grow_memory)(self.store, memory, delta)? {
                Some(old) => old,
                None if (*memory).ty.memory64 => u64::MAX,
                None => u64::from(u32::MAX),
            })
        }
    }

    /// `memory.fill`.
    ///
    /// # Errors
    ///
    /// [`TrapCode::MemoryOutOfBounds`].
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn memory_fill(&self, memory: MemoryIndex, dst: u64, value: u64, len: u64) -> Result<(), TrapCode> {
        // SAFETY: the caller guarantees a valid index, a live store, and that its memories are not borrowed.
        let to = unsafe { self.memory(memory) }.span(dst, len)?;
        // SAFETY: in bounds.
        unsafe { ptr::write_bytes(to, value as u8, len as usize) };
        Ok(())
    }

    /// `memory.copy`.
    ///
    /// # Errors
    ///
    /// [`TrapCode::MemoryOutOfBounds`].
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn memory_copy(
        &self,
        dst_memory: MemoryIndex,
        src_memory: MemoryIndex,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), TrapCode> {
        // SAFETY: the caller guarantees valid indices, a live store, and that its memories are not borrowed.
        let from = unsafe { self.memory(src_memory) }.span(src, len)?;
        // SAFETY: as above.
        let to = unsafe { self.memory(dst_memory) }.span(dst, len)?;
        // SAFETY: both in bounds; they may overlap.
        unsafe { ptr::copy(from, to, len as usize) };
        Ok(())
    }

    /// `memory.init`.
    ///
    /// # Errors
    ///
    /// [`TrapCode::MemoryOutOfBounds`].
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn memory_init(
        &self,
        memory: MemoryIndex,
        segment: DataIndex,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), TrapCode> {
        // SAFETY: the caller guarantees valid indices, a live store, and that its memories are not borrowed.
        let (memory, segment) = unsafe { (self.memory(memory), &*self.data.add(segment.index())) };
        if src.checked_add(len).is_none_or(|end| end > segment.len) {
            return Err(TrapCode::MemoryOutOfBounds);
        }
        let to = memory.span(dst, len)?;
        // SAFETY: both are in bounds; a segment never overlaps a memory.
        unsafe { ptr::copy_nonoverlapping(segment.items.add(src as usize), to, len as usize) };
        Ok(())
    }

    /// `data.drop`.
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn data_drop(&self, segment: DataIndex) {
        // SAFETY: the caller guarantees a valid index and a live store.
        unsafe { (*self.data.add(segment.index())).len = 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_within_the_types_and_do_not_wrap() {
        let narrow = MemoryType::new(1, None);
        assert_eq!(grown(&narrow, 1, 2).ok(), Some(3 * 65_536));
        assert_eq!(grown(&narrow, 1, 65_535).ok(), Some(1 << 32));
        assert!(grown(&narrow, 1, 65_536).is_err() && grown(&narrow, 1, u64::MAX).is_err());
        assert!(grown(&MemoryType::new(1, Some(2)), 2, 1).is_err());
        let wide = MemoryType::new64(1, None);
        assert_eq!(grown(&wide, 0, (1 << 48) - 1).ok(), Some(u64::MAX as usize - 65_535));
        assert!(grown(&wide, 1, (1 << 48) - 1).is_err(), "2^64 bytes");
        assert!(grown(&wide, 1, 1 << 48).is_err());
    }
}
