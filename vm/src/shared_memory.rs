//! Shared memories, as the host sees them.

use std::cell::UnsafeCell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use riser_tiers_core as plug;
use riser_translator::module::MemoryType;

use crate::store::no_room;
use crate::{AsContextMut, Engine, Trap, WaitResult};

/// A linear memory that several stores, and so several threads, use at the same time.
///
/// It belongs to an engine, and to no store. A clone is the same memory. It is freed with the last clone and the last store
/// that uses it.
#[derive(Clone)]
pub struct SharedMemory {
    engine: Engine,
    memory: Arc<plug::SharedMemory>,
}

impl SharedMemory {
    /// Makes a shared memory of zeros. Its type is that of a shared memory ([`MemoryType::shared`]).
    ///
    /// # Errors
    ///
    /// If the type is not valid, or the system has no room for it.
    pub fn new(engine: &Engine, ty: MemoryType) -> Result<SharedMemory> {
        ensure!(ty.shared, "shared memory must have the `shared` flag enabled on its memory type");
        ty.check()?;
        let guarded = engine.has_guard_pages();
        let memory = plug::SharedMemory::new(ty, guarded).with_context(|| no_room(&ty, guarded))?;
        Ok(SharedMemory { engine: engine.clone(), memory: Arc::new(memory) })
    }

    /// As [`SharedMemory::new`], if the limits of a store allow it. So does the store of a module that defines one.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::new`]; if the store's limits do not allow it.
    pub fn limited(mut store: impl AsContextMut, ty: MemoryType) -> Result<SharedMemory> {
        store.as_context_mut().core_mut().make_memory(ty, |engine| SharedMemory::new(engine, ty))
    }

    pub(crate) fn from_inner(engine: &Engine, memory: &Arc<plug::SharedMemory>) -> SharedMemory {
        SharedMemory { engine: engine.clone(), memory: Arc::clone(memory) }
    }

    pub(crate) fn inner(&self) -> &Arc<plug::SharedMemory> {
        &self.memory
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The type, with the limits as declared.
    pub fn ty(&self) -> MemoryType {
        *self.memory.ty()
    }

    /// Size in pages of 64 KiB, at this moment.
    pub fn size(&self) -> u64 {
        self.memory.pages()
    }

    /// Size in bytes, at this moment.
    pub fn data_size(&self) -> usize {
        self.memory.len_bytes() as usize
    }

    /// All bytes that there are at this moment. Other threads may read and write them at any time, so access them atomically
    /// where that matters.
    pub fn data(&self) -> &[UnsafeCell<u8>] {
        self.memory.data()
    }

    /// Adds `delta` pages of zeros and returns the old size in pages. No store's limits are asked.
    ///
    /// # Errors
    ///
    /// If the type or the system does not allow it.
    pub fn grow(&self, delta: u64) -> Result<u64> {
        self.memory.grow(delta).with_context(|| format!("failed to grow memory by `{delta}`"))
    }

    /// Wakes those who wait at an address and came first, at most `count` of them: `memory.atomic.notify`. Returns how many.
    ///
    /// # Errors
    ///
    /// If the address is no multiple of 4, or there is nothing.
    pub fn atomic_notify(&self, addr: u64, count: u32) -> Result<u32, Trap> {
        self.memory.atomic_notify(addr, count)
    }

    /// Waits to be woken at an address if the number there is `expected`, no longer than `timeout`: `memory.atomic.wait32`.
    ///
    /// # Errors
    ///
    /// If the address is no multiple of 4, or there is nothing.
    pub fn atomic_wait32(&self, addr: u64, expected: u32, timeout: Option<Duration>) -> Result<WaitResult, Trap> {
        self.memory.atomic_wait32(addr, expected, timeout)
    }

    /// Waits to be woken at an address if the number there is `expected`, no longer than `timeout`: `memory.atomic.wait64`.
    ///
    /// # Errors
    ///
    /// If the address is no multiple of 8, or there is nothing.
    pub fn atomic_wait64(&self, addr: u64, expected: u64, timeout: Option<Duration>) -> Result<WaitResult, Trap> {
        self.memory.atomic_wait64(addr, expected, timeout)
    }
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMemory").field("ty", &self.ty()).field("size", &self.size()).finish_non_exhaustive()
    }
}
