//! The runtime context of an instance.

use riser_translator::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex};

use crate::{FuncInst, Global, Memory, StoreContext, Table, TagInst};

/// A data or element segment. Dropping a segment makes it empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Segment<T> {
    /// First item.
    pub items: *const T,
    /// Number of items.
    pub len: u64,
}

impl<T> Segment<T> {
    /// A segment of the items of `slice`, which must outlive all uses.
    pub fn new(slice: &[T]) -> Segment<T> {
        Segment { items: slice.as_ptr(), len: slice.len() as u64 }
    }
}

/// The block that the code of an instance works with. One per instance, at a fixed address.
///
/// All arrays have as many items as the module's index spaces, so an index of a validated module
/// needs no check.
#[repr(C)]
#[derive(Debug)]
pub struct Context {
    /// Memory 0, or a memory of no bytes if the module has none.
    pub memory0: *mut Memory,
    /// The first byte of memory 0, if that is a guarded memory, which never moves; else null.
    pub memory0_base: *mut u8,
    /// Functions that the module defines, in order, as an array.
    pub defined: *const FuncInst,
    /// The value stack's limit; the same as the store's.
    pub stack_limit: *mut u64,
    /// Globals of the index space.
    pub globals: *const *mut Global,
    /// Functions of the index space.
    pub functions: *const *const FuncInst,
    /// Tables of the index space.
    pub tables: *const *mut Table,
    /// Memories of the index space.
    pub memories: *const *mut Memory,
    /// Tags of the index space.
    pub tags: *const *const TagInst,
    /// Engine-wide type numbers of the module's types.
    pub type_ids: *const u32,
    /// The store.
    pub store: *mut StoreContext,
    /// Data segments.
    pub data: *mut Segment<u8>,
    /// Element segments, as reference bits.
    pub elements: *mut Segment<u64>,
    /// Number of imported functions: `functions[imported_functions + i]` is `defined[i]`.
    pub imported_functions: u32,
    /// The VM's own instance; not for tiers.
    pub owner: *const (),
}

impl Context {
    /// The store.
    ///
    /// # Safety
    ///
    /// The store is alive, and no other reference to its context is in use.
    #[expect(clippy::mut_from_ref, reason = "the context is a block of pointers shared by all running code")]
    #[inline(always)]
    pub unsafe fn store_mut(&self) -> &mut StoreContext {
        // SAFETY: the caller guarantees that the store is alive, and that its context is not
        // otherwise borrowed.
        unsafe { &mut *self.store }
    }

    /// The function with an index of the module.
    ///
    /// # Safety
    ///
    /// The index is valid and the store alive.
    #[inline(always)]
    pub unsafe fn function(&self, index: FuncIndex) -> *const FuncInst {
        // SAFETY: the caller guarantees that the index is valid and the store alive.
        unsafe { *self.functions.add(index.index()) }
    }

    /// The table with an index of the module.
    ///
    /// # Safety
    ///
    /// The index is valid, the store alive, and no other reference to the table in use.
    #[expect(clippy::mut_from_ref, reason = "the context is a block of pointers shared by all running code")]
    #[inline(always)]
    pub unsafe fn table(&self, index: TableIndex) -> &mut Table {
        // SAFETY: the caller guarantees that the index is valid, the store alive, and the table not
        // otherwise borrowed.
        unsafe { &mut **self.tables.add(index.index()) }
    }

    /// The memory with an index of the module.
    ///
    /// # Safety
    ///
    /// The index is valid, the store alive, and no other reference to the memory in use.
    #[expect(clippy::mut_from_ref, reason = "the context is a block of pointers shared by all running code")]
    #[inline(always)]
    pub unsafe fn memory(&self, index: MemoryIndex) -> &mut Memory {
        // SAFETY: the caller guarantees that the index is valid, the store alive, and the memory not
        // otherwise borrowed.
        unsafe { &mut **self.memories.add(index.index()) }
    }

    /// The global with an index of the module.
    ///
    /// # Safety
    ///
    /// The index is valid and the store alive.
    #[inline(always)]
    pub unsafe fn global(&self, index: GlobalIndex) -> *mut Global {
        // SAFETY: the caller guarantees that the index is valid and the store alive.
        unsafe { *self.globals.add(index.index()) }
    }
}
