//! Memory instances (core spec, section 4.2.8) and the operations on them.
//!
//! A 32-bit memory reserves 8 GiB of address space and a guard of 64 KiB, so that
//! every `address + offset` of 32 bits each lands in the reservation, and makes
//! accessible what the memory's size says: an access past the end faults. Growing
//! moves nothing. A 64-bit memory reserves what it has and some more, is always
//! checked explicitly, and may move when it grows.

use std::io;
use std::ptr;

use riser_translator::TrapCode;
use riser_translator::module::MemoryType;

use crate::{Context, Limits};

/// Size of a wasm page.
pub const PAGE_BYTES: u64 = 65_536;

/// Address space of a 32-bit memory: where a 32-bit address plus a 32-bit offset can reach.
pub const RESERVATION_BYTES: usize = 8 << 30;

/// Guard after the reservation: more than the widest access.
pub const GUARD_BYTES: usize = 65_536;

/// A range of address space from mmap, accessible up to some point.
#[derive(Debug)]
pub struct Reservation {
    base: *mut u8,
    bytes: usize,
}

// SAFETY: the range is owned, like a box.
unsafe impl Send for Reservation {}
// SAFETY: shared access does nothing.
unsafe impl Sync for Reservation {}

impl Reservation {
    /// Size of a page of the system.
    pub fn page_bytes() -> usize {
        // SAFETY: no preconditions.
        unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
    }

    /// Reserves `bytes` (rounded up to pages) of address space, not accessible.
    ///
    /// # Errors
    ///
    /// If the system has no such range.
    pub fn new(bytes: usize) -> io::Result<Reservation> {
        let bytes = bytes.max(1).next_multiple_of(Reservation::page_bytes());
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a fresh anonymous mapping.
        let base = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Reservation { base: base.cast(), bytes })
    }

    /// Makes the first `bytes` accessible, zeroed where they were not.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    ///
    /// # Panics
    ///
    /// If that is more than was reserved.
    pub fn commit(&mut self, bytes: usize) -> io::Result<()> {
        self.commit_from(0, bytes)
    }

    /// Makes `bytes` from `start`, a multiple of the page's size, accessible, zeroed where they were not.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    ///
    /// # Panics
    ///
    /// If that is more than was reserved.
    pub fn commit_from(&mut self, start: usize, bytes: usize) -> io::Result<()> {
        assert!(start.checked_add(bytes).is_some_and(|end| end <= self.bytes));
        if bytes == 0 {
            return Ok(());
        }
        // SAFETY: within our own mapping.
        let result = unsafe { libc::mprotect(self.base.add(start).cast(), bytes, libc::PROT_READ | libc::PROT_WRITE) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Gives memory of `bytes` from `start`, both multiples of the page's size, back to the system: the next access finds zeros.
    ///
    /// # Panics
    ///
    /// If that is more than was reserved.
    pub fn discard(&mut self, start: usize, bytes: usize) {
        assert!(start.checked_add(bytes).is_some_and(|end| end <= self.bytes));
        // SAFETY: within our own mapping; nobody has a reference to what is in it. If it fails, the memory stays as it is.
        unsafe { libc::madvise(self.base.add(start).cast(), bytes, libc::MADV_DONTNEED) };
    }

    /// The first byte.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// How many bytes are reserved.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: our own mapping, used by nobody any more.
        unsafe { libc::munmap(self.base.cast(), self.bytes) };
    }
}

/// A linear memory.
#[repr(C)]
#[derive(Debug)]
pub struct Memory {
    /// First byte. Fixed for 32-bit memories; a 64-bit memory may move when it grows.
    base: *mut u8,
    /// Size in bytes.
    len_bytes: u64,
    /// The type; the limits are those declared.
    ty: MemoryType,
    reservation: Reservation,
}

impl Memory {
    /// Where the address of the first byte is, for machine code.
    pub const BASE_OFFSET: usize = std::mem::offset_of!(Memory, base);
    /// Where the size in bytes is, for machine code.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(Memory, len_bytes);

    /// A zeroed memory of `ty.limits.min` pages.
    ///
    /// # Errors
    ///
    /// If the system has no room for it.
    pub fn new(ty: MemoryType) -> io::Result<Memory> {
        let too_large = || io::Error::from(io::ErrorKind::OutOfMemory);
        let len_bytes = ty.limits.min.checked_mul(PAGE_BYTES).ok_or_else(too_large)?;
        let len = usize::try_from(len_bytes).map_err(|_| too_large())?;
        let reserve = if ty.memory64 {
            len.checked_add(GUARD_BYTES).ok_or_else(too_large)?
        } else {
            RESERVATION_BYTES + GUARD_BYTES
        };
        let mut reservation = Reservation::new(reserve)?;
        reservation.commit(len)?;
        Ok(Memory { base: reservation.base(), len_bytes, ty, reservation })
    }

    /// A memory of no bytes that reserves nothing to speak of: memory 0 of modules without one.
    ///
    /// # Errors
    ///
    /// If the system has no room for a page.
    pub fn none() -> io::Result<Memory> {
        let limits = riser_translator::module::Limits { min: 0, max: Some(0) };
        Memory::new(MemoryType { limits, memory64: true })
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
        self.len_bytes
    }

    /// Size in pages.
    #[inline]
    pub fn pages(&self) -> u64 {
        self.len_bytes / PAGE_BYTES
    }

    /// The contents.
    pub fn data(&self) -> &[u8] {
        // SAFETY: `base` and `len_bytes` describe accessible, initialised bytes.
        unsafe { std::slice::from_raw_parts(self.base, self.len_bytes as usize) }
    }

    /// The contents.
    pub fn data_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and the memory is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.base, self.len_bytes as usize) }
    }

    /// Adds `delta` zeroed pages. Answers the old size in pages, or `None` if the type's
    /// or the store's limits, or the system, do not allow it.
    pub fn grow(&mut self, delta: u64, limits: &Limits) -> Option<u64> {
        let old = self.pages();
        let new = old.checked_add(delta)?;
        let type_max = if self.ty.memory64 { 1 << 48 } else { 65_536 };
        if new > self.ty.limits.max.unwrap_or(type_max).min(type_max) {
            return None;
        }
        let new_bytes = new.checked_mul(PAGE_BYTES)?;
        if new_bytes > limits.memory_bytes {
            return None;
        }
        if delta == 0 {
            return Some(old);
        }
        let new_len = usize::try_from(new_bytes).ok()?;
        if new_len.checked_add(GUARD_BYTES)? > self.reservation.bytes() {
            self.relocate(new_len)?;
        } else {
            self.reservation.commit(new_len).ok()?;
        }
        self.len_bytes = new_bytes;
        Some(old)
    }

    /// Moves a 64-bit memory to a reservation with room for `new_len` bytes and as much again.
    fn relocate(&mut self, new_len: usize) -> Option<()> {
        let mut reservation = Reservation::new(new_len.checked_mul(2)?.checked_add(GUARD_BYTES)?).ok()?;
        reservation.commit(new_len).ok()?;
        // SAFETY: the old contents fit into the accessible part of the new range.
        unsafe { ptr::copy_nonoverlapping(self.base, reservation.base(), self.len_bytes as usize) };
        self.base = reservation.base();
        self.reservation = reservation;
        Some(())
    }

    /// The address of `len` bytes at `start`, if they are within the memory.
    #[inline]
    fn span(&self, start: u64, len: u64) -> Result<*mut u8, TrapCode> {
        match start.checked_add(len) {
            Some(end) if end <= self.len_bytes => Ok(self.base.wrapping_add(start as usize)),
            _ => Err(TrapCode::MemoryOutOfBounds),
        }
    }
}

/// Memory operations of running code.
///
/// # Safety
///
/// For all: indices are valid in the module, the store is alive, and no reference to
/// a memory of it is in use.
impl Context {
    /// `memory.grow`: the old size in pages, or -1 of the memory's address type.
    ///
    /// # Errors
    ///
    /// Only where the store's limits say that failing to grow traps.
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn memory_grow(&self, memory: u32, delta: u64) -> Result<u64, TrapCode> {
        // SAFETY: by the contract of this function.
        let (memory, store) = unsafe { (self.memory(memory), self.store_mut()) };
        match memory.grow(delta, &store.limits) {
            Some(old) => Ok(old),
            None if store.limits.trap_on_grow_failure => Err(TrapCode::MemoryOutOfBounds),
            None if memory.ty.memory64 => Ok(u64::MAX),
            None => Ok(u64::from(u32::MAX)),
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
    pub unsafe fn memory_fill(&self, memory: u32, dst: u64, value: u64, len: u64) -> Result<(), TrapCode> {
        // SAFETY: by the contract of this function.
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
        dst_memory: u32,
        src_memory: u32,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), TrapCode> {
        // SAFETY: by the contract of this function.
        let from = unsafe { self.memory(src_memory) }.span(src, len)?;
        // SAFETY: by the contract of this function.
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
    pub unsafe fn memory_init(&self, memory: u32, segment: u32, dst: u64, src: u64, len: u64) -> Result<(), TrapCode> {
        // SAFETY: by the contract of this function.
        let (memory, segment) = unsafe { (self.memory(memory), &*self.data.add(segment as usize)) };
        if src.checked_add(len).is_none_or(|end| end > segment.len) {
            return Err(TrapCode::MemoryOutOfBounds);
        }
        let to = memory.span(dst, len)?;
        // SAFETY: both in bounds; a segment is no memory.
        unsafe { ptr::copy_nonoverlapping(segment.items.add(src as usize), to, len as usize) };
        Ok(())
    }

    /// `data.drop`.
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn data_drop(&self, segment: u32) {
        // SAFETY: by the contract of this function.
        unsafe { (*self.data.add(segment as usize)).len = 0 };
    }
}
