//! Linear memories, as the host sees them.

use std::fmt;

use anyhow::{Context as _, Result, ensure};
use riser_tiers_core as plug;
use riser_translator::module::MemoryType;

use crate::store::Handle;
use crate::{AsContext, AsContextMut, StoreContext, StoreContextMut};

/// A linear memory (core spec, section 4.2.8) of one store. Those that several stores use are [`crate::SharedMemory`].
///
/// # Panics
///
/// All methods, if the memory belongs to another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Memory(pub(crate) Handle<plug::Memory>);

/// The error for an access beyond the end of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryAccessError;

impl fmt::Display for MemoryAccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of bounds memory access")
    }
}

impl std::error::Error for MemoryAccessError {}

/// Returns the range of `len` bytes from `offset` on.
fn span(offset: usize, len: usize) -> Result<std::ops::Range<usize>, MemoryAccessError> {
    Ok(offset..offset.checked_add(len).ok_or(MemoryAccessError)?)
}

impl Memory {
    /// Makes a memory of zeros.
    ///
    /// # Errors
    ///
    /// If the type is not valid, the store's limits do not allow it, or the system has no room for it.
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> Result<Memory> {
        ensure!(!ty.shared, "shared memories must be created through `SharedMemory`");
        ty.check()?;
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        let memory = core.add_memory(ty)?;
        Ok(Memory(Handle::new(core.id, memory)))
    }

    /// The type, with the limits as declared.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        *self.0.get(store.as_context().core()).ty()
    }

    /// Copies the bytes at `offset` into `buffer`.
    ///
    /// # Errors
    ///
    /// If the memory has no such bytes.
    pub fn read(&self, store: impl AsContext, offset: usize, buffer: &mut [u8]) -> Result<(), MemoryAccessError> {
        let store = store.as_context();
        let bytes = self.data(store).get(span(offset, buffer.len())?).ok_or(MemoryAccessError)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }

    /// Copies `buffer` to the bytes at `offset`.
    ///
    /// # Errors
    ///
    /// If the memory has no such bytes.
    pub fn write(&self, mut store: impl AsContextMut, offset: usize, buffer: &[u8]) -> Result<(), MemoryAccessError> {
        let store = store.as_context_mut();
        let bytes = self.data_mut(store).get_mut(span(offset, buffer.len())?).ok_or(MemoryAccessError)?;
        bytes.copy_from_slice(buffer);
        Ok(())
    }

    /// All bytes.
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        self.0.get(store.into().core()).data()
    }

    /// All bytes.
    pub fn data_mut<'a, T: 'static>(&self, store: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        self.data_and_store_mut(store).0
    }

    /// All bytes, and the host's data.
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let (core, data) = store.into().split();
        (self.0.get_mut(core).data_mut(), data)
    }

    /// The address of the first byte; valid until the memory next grows.
    pub fn data_ptr(&self, store: impl AsContext) -> *mut u8 {
        self.0.get(store.as_context().core()).base()
    }

    /// Size in bytes.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        self.0.get(store.as_context().core()).len_bytes() as usize
    }

    /// Size of a page in bytes.
    pub fn page_size(&self, store: impl AsContext) -> u64 {
        self.ty(store).page_size()
    }

    /// The base-2 logarithm of the size of a page in bytes.
    pub fn page_size_log2(&self, store: impl AsContext) -> u8 {
        self.ty(store).page_size_log2()
    }

    /// Size in pages.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.0.get(store.as_context().core()).pages()
    }

    /// Adds `delta` pages of zeros and returns the old size in pages.
    ///
    /// # Errors
    ///
    /// If the type's or the store's limits, or the system, do not allow it; an error of the store's limiter.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64> {
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        let memory = self.0.address(core);
        // SAFETY: the memory is the store's, which is borrowed exclusively.
        let old = unsafe { core.grow_memory(memory, delta) }?;
        old.with_context(|| format!("failed to grow memory by `{delta}`"))
    }
}
