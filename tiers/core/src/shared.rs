//! Shared memories: linear memories that several stores, and so several threads, use at the same time.
//!
//! The bytes never move: address space for the largest size is reserved when the memory is made. The length only grows. It is
//! published with release ordering once the new pages are accessible, and read with acquire ordering. In each store that uses it, a
//! [`Memory`](crate::Memory) stands for the shared memory.
//!
//! Guests race for the bytes as they like: that is what shared memories are for. The engine accesses them by machine code, by
//! atomic and volatile accesses, and by the copies of bulk operations, and never makes a reference to them.

use std::cell::UnsafeCell;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use riser_translator::TrapCode;
use riser_translator::module::MemoryType;
use riser_translator::ops::{AtomicOp, WaitResult};

use crate::memory::{Memory, grown, no_room};
use crate::reservation::Reservation;
use crate::{atomic, waiters};

/// A shared memory.
#[derive(Debug)]
pub struct SharedMemory {
    /// First byte.
    base: *mut u8,
    /// Size in bytes.
    len_bytes: AtomicU64,
    /// The type; the limits are those declared.
    ty: MemoryType,
    /// Whether bounds checks may be left to guard pages.
    is_guarded: bool,
    /// The address space, locked while the memory grows.
    reservation: Mutex<Reservation>,
}

// SAFETY: the base belongs to the reservation, which may be sent.
unsafe impl Send for SharedMemory {}
// SAFETY: the length is atomic, growing takes the lock, and the bytes are given out in cells only.
unsafe impl Sync for SharedMemory {}

impl SharedMemory {
    /// A zeroed memory of `ty.limits.min` pages, of a type with a maximum. With `guarded`, it has guard pages if its type can be
    /// guarded.
    ///
    /// # Errors
    ///
    /// If the system has no room for it.
    pub fn new(ty: MemoryType, guarded: bool) -> io::Result<SharedMemory> {
        let bytes = |pages: u64| {
            let bytes = pages.checked_mul(ty.page_size()).ok_or_else(no_room)?;
            usize::try_from(bytes).map_err(|_| no_room())
        };
        let len_bytes = bytes(ty.limits.min)?;
        let is_guarded = guarded && ty.can_be_guarded();
        let mut reservation = match is_guarded {
            true => Memory::reserve_guarded()?,
            false => Reservation::new(bytes(ty.limits.max.unwrap_or(ty.limits.min))?)?,
        };
        reservation.commit(len_bytes)?;
        let base = reservation.base();
        let (len_bytes, reservation) = (AtomicU64::new(len_bytes as u64), Mutex::new(reservation));
        Ok(SharedMemory { base, len_bytes, ty, is_guarded, reservation })
    }

    /// The type, with the limits as declared.
    pub fn ty(&self) -> &MemoryType {
        &self.ty
    }

    /// The first byte.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// Whether bounds checks may be left to guard pages.
    pub fn is_guarded(&self) -> bool {
        self.is_guarded
    }

    /// The length in bytes, as code reads it.
    pub(crate) fn len(&self) -> &AtomicU64 {
        &self.len_bytes
    }

    /// Size in bytes.
    pub fn len_bytes(&self) -> u64 {
        self.len_bytes.load(Ordering::Acquire)
    }

    /// Size in pages.
    pub fn pages(&self) -> u64 {
        self.len_bytes() >> self.ty.page_size_log2
    }

    /// The contents. Other threads may write them at any time.
    pub fn data(&self) -> &[UnsafeCell<u8>] {
        // SAFETY: so many bytes are accessible, and stay so. Cells make no claim about their contents.
        unsafe { std::slice::from_raw_parts(self.base.cast(), self.len_bytes() as usize) }
    }

    /// Adds `delta` pages of zeros if there are `old` pages now. Returns whether there were.
    ///
    /// # Errors
    ///
    /// If the type or the system does not allow it; the memory is then unchanged.
    pub fn grow_from(&self, old: u64, delta: u64) -> io::Result<bool> {
        let mut reservation = self.lock();
        if self.pages() != old {
            return Ok(false);
        }
        let (len, to) = ((old << self.ty.page_size_log2) as usize, grown(&self.ty, old, delta)?);
        if to > reservation.bytes() {
            return Err(no_room());
        }
        // Pages of wasm may be smaller than those of the system: the one that the memory ends in is accessible already.
        let from = len - len % Reservation::page_bytes();
        reservation.commit_from(from, to - from)?;
        self.len_bytes.store(to as u64, Ordering::Release);
        Ok(true)
    }

    /// Adds `delta` pages of zeros. Returns the old size in pages.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::grow_from`].
    pub fn grow(&self, delta: u64) -> io::Result<u64> {
        loop {
            let old = self.pages();
            if self.grow_from(old, delta)? {
                return Ok(old);
            }
        }
    }

    /// The place of an atomic access of `bytes` bytes at an address.
    ///
    /// # Errors
    ///
    /// As [`Memory::atomic_place`].
    fn place(&self, address: u64, bytes: u64) -> Result<*mut u8, TrapCode> {
        atomic::place(self.base, self.len_bytes(), address, 0, bytes)
    }

    /// Wakes those who wait at an address and came first, at most `count` of them. Returns how many.
    ///
    /// # Errors
    ///
    /// [`TrapCode::HeapMisaligned`], [`TrapCode::MemoryOutOfBounds`].
    pub fn atomic_notify(&self, address: u64, count: u32) -> Result<u32, TrapCode> {
        Ok(waiters::notify(self.place(address, 4)?.addr(), count))
    }

    /// Waits to be woken at an address if the 32-bit number there is `expected`, for `timeout` if there is one.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::atomic_notify`].
    pub fn atomic_wait32(
        &self,
        address: u64,
        expected: u32,
        timeout: Option<Duration>,
    ) -> Result<WaitResult, TrapCode> {
        let at = self.place(address, 4)?;
        // SAFETY: aligned and in bounds.
        Ok(unsafe { self.wait_forever(AtomicOp::MemoryAtomicWait32, at, expected.into(), timeout) })
    }

    /// As [`SharedMemory::atomic_wait32`], with a 64-bit number.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::atomic_notify`].
    pub fn atomic_wait64(
        &self,
        address: u64,
        expected: u64,
        timeout: Option<Duration>,
    ) -> Result<WaitResult, TrapCode> {
        let at = self.place(address, 8)?;
        // SAFETY: aligned and in bounds.
        Ok(unsafe { self.wait_forever(AtomicOp::MemoryAtomicWait64, at, expected, timeout) })
    }

    /// # Safety
    ///
    /// As for [`SharedMemory::wait`].
    unsafe fn wait_forever(&self, op: AtomicOp, at: *mut u8, expected: u64, timeout: Option<Duration>) -> WaitResult {
        let never = || Ok::<(), Infallible>(());
        // SAFETY: by the contract of this function.
        let result = unsafe { self.wait(op, at, expected, timeout, None, never) };
        result.unwrap_or_else(|never| match never {})
    }

    /// Waits at `at` as an operation does. Every `slice`, if there is one, `interrupted` may end the wait.
    ///
    /// # Errors
    ///
    /// That of `interrupted`.
    ///
    /// # Safety
    ///
    /// `at` is aligned, and in the memory.
    pub(crate) unsafe fn wait<E>(
        &self,
        op: AtomicOp,
        at: *mut u8,
        expected: u64,
        timeout: Option<Duration>,
        slice: Option<Duration>,
        interrupted: impl FnMut() -> Result<(), E>,
    ) -> Result<WaitResult, E> {
        let is_expected = || {
            // SAFETY: by the contract of this function.
            let stored = unsafe {
                match op.access_bytes() {
                    4 => AtomicU32::from_ptr(at.cast()).load(Ordering::SeqCst).into(),
                    _ => AtomicU64::from_ptr(at.cast()).load(Ordering::SeqCst),
                }
            };
            stored == expected & op.mask()
        };
        waiters::wait(at.addr(), is_expected, timeout, slice, interrupted)
    }

    fn lock(&self) -> MutexGuard<'_, Reservation> {
        self.reservation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
