//! Table instances (core spec, section 4.2.7) and the operations on them.
//!
//! A large table takes memory only for elements that have been written: its elements are in a mapping of zeros, and zero is
//! null.

use std::io;

use riser_translator::module::TableType;
use riser_translator::{ElemIndex, TableIndex, TrapCode, TypeIndex};

use crate::reservation::Reservation;
use crate::{Context, FuncInst, Status};

/// A table: reference bits, and its type.
#[repr(C)]
#[derive(Debug)]
pub struct Table {
    /// First element.
    elements: *mut u64,
    /// Number of elements.
    len: u64,
    /// The type; the limits are those declared.
    ty: TableType,
    /// Owns the elements.
    storage: Storage,
}

/// The memory of a table's elements.
#[derive(Debug)]
enum Storage {
    Heap(Vec<u64>),
    /// Null is zero, so pages of elements take memory only once another value has been written there. Everything after the last
    /// element is zero.
    Mapped(Reservation),
}

/// The size in bytes from which on elements are mapped.
const MAPPED_BYTES: usize = 64 << 10;

impl Storage {
    /// Empty storage, with room for `len` elements.
    fn new(len: usize) -> io::Result<Storage> {
        let bytes = len.checked_mul(size_of::<u64>()).ok_or(io::ErrorKind::OutOfMemory)?;
        if bytes >= MAPPED_BYTES {
            return Ok(Storage::Mapped(Reservation::accessible(bytes)?));
        }
        Ok(Storage::Heap(Vec::with_capacity(len)))
    }

    /// Grows the storage from `old` to `len` elements; the new ones are `init`.
    fn grow(&mut self, old: usize, len: usize, init: u64) -> io::Result<()> {
        let bytes = len.checked_mul(size_of::<u64>()).ok_or(io::ErrorKind::OutOfMemory)?;
        if let Storage::Heap(elements) = self {
            if bytes < MAPPED_BYTES {
                elements.resize(len, init);
                return Ok(());
            }
            let mapped = Reservation::accessible(bytes)?;
            // SAFETY: there is room for all elements, and both ranges are our own.
            unsafe { mapped.base().cast::<u64>().copy_from_nonoverlapping(elements.as_ptr(), old) };
            *self = Storage::Mapped(mapped);
        }
        if let Storage::Mapped(elements) = self {
            elements.extend(bytes)?;
            if init != 0 {
                // SAFETY: there is room for `len` elements, and they are borrowed exclusively.
                let all = unsafe { std::slice::from_raw_parts_mut(elements.base().cast::<u64>(), len) };
                all[old..].fill(init);
            }
        }
        Ok(())
    }

    fn elements(&mut self) -> *mut u64 {
        match self {
            Storage::Heap(elements) => elements.as_mut_ptr(),
            Storage::Mapped(elements) => elements.base().cast(),
        }
    }
}

impl Table {
    /// Offset of the address of the first element, for machine code.
    pub const ELEMENTS_OFFSET: usize = std::mem::offset_of!(Table, elements);
    /// Offset of the number of elements, for machine code.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(Table, len);

    /// A table of `ty.limits.min` elements, all `init`.
    ///
    /// # Errors
    ///
    /// If the system has no room for it.
    pub fn new(ty: TableType, init: u64) -> io::Result<Table> {
        let len = usize::try_from(ty.limits.min).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let mut storage = Storage::new(len)?;
        storage.grow(0, len, init)?;
        Ok(Table { elements: storage.elements(), len: len as u64, ty, storage })
    }

    /// The type, with the limits as declared.
    pub fn ty(&self) -> &TableType {
        &self.ty
    }

    /// Number of elements.
    #[inline(always)]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The elements.
    #[inline]
    pub fn elements(&self) -> &[u64] {
        // SAFETY: `elements` and `len` describe `storage`.
        unsafe { std::slice::from_raw_parts(self.elements, self.len as usize) }
    }

    /// The elements.
    #[inline]
    pub fn elements_mut(&mut self) -> &mut [u64] {
        // SAFETY: as above, and the table is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.elements, self.len as usize) }
    }

    /// The element at `index`.
    #[inline(always)]
    pub fn get(&self, index: u64) -> Option<u64> {
        // SAFETY: `elements` and `len` describe `storage`.
        (index < self.len).then(|| unsafe { *self.elements.add(index as usize) })
    }

    /// Sets the element at `index`.
    ///
    /// # Errors
    ///
    /// [`TrapCode::TableOutOfBounds`].
    #[inline(always)]
    pub fn set(&mut self, index: u64, value: u64) -> Result<(), TrapCode> {
        if index >= self.len {
            return Err(TrapCode::TableOutOfBounds);
        }
        // SAFETY: checked above; `elements` and `len` describe `storage`.
        unsafe { *self.elements.add(index as usize) = value };
        Ok(())
    }

    /// The most elements that the type allows.
    fn max_len(&self) -> u64 {
        let most = if self.ty.table64 { u64::MAX } else { u64::from(u32::MAX) };
        self.ty.limits.max.map_or(most, |max| max.min(most))
    }

    /// Adds elements `init` up to a length of `len`, which is not below the current length.
    ///
    /// # Errors
    ///
    /// If the type or the system does not allow it; the table is then unchanged.
    pub fn grow_to(&mut self, len: u64, init: u64) -> io::Result<()> {
        if len > self.max_len() {
            return Err(io::Error::other("Table maximum size exceeded"));
        }
        let new = usize::try_from(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
        self.storage.grow(self.len as usize, new, init)?;
        (self.elements, self.len) = (self.storage.elements(), len);
        Ok(())
    }
}

/// `start..start + len` as indices, if that is within `0..bound`.
fn span(start: u64, len: u64, bound: u64) -> Option<std::ops::Range<usize>> {
    let end = start.checked_add(len)?;
    (end <= bound).then_some(start as usize..end as usize)
}

/// Table operations of running code.
///
/// # Safety
///
/// For all of them: indices are valid in the module, the store is alive, and none of its tables is borrowed.
impl Context {
    /// `table.grow`: the old size, or -1 of the table's index type.
    ///
    /// # Errors
    ///
    /// Only if the host turns a failure to grow into the end of the code.
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn table_grow(&self, table: TableIndex, init: u64, delta: u64) -> Result<u64, Status> {
        // SAFETY: the caller guarantees a valid index, a live store, and that its tables are not borrowed.
        unsafe {
            let table = *self.tables.add(table.index());
            Ok(match ((*self.store).grow_table)(self.store, table, delta, init)? {
                Some(old) => old,
                None if (*table).ty.table64 => u64::MAX,
                None => u64::from(u32::MAX),
            })
        }
    }

    /// `table.fill`.
    ///
    /// # Errors
    ///
    /// [`TrapCode::TableOutOfBounds`].
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn table_fill(&self, table: TableIndex, dst: u64, value: u64, len: u64) -> Result<(), TrapCode> {
        // SAFETY: the caller guarantees a valid index, a live store, and that its tables are not borrowed.
        let table = unsafe { self.table(table) };
        let span = span(dst, len, table.len).ok_or(TrapCode::TableOutOfBounds)?;
        table.elements_mut()[span].fill(value);
        Ok(())
    }

    /// `table.copy`.
    ///
    /// # Errors
    ///
    /// [`TrapCode::TableOutOfBounds`].
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn table_copy(
        &self,
        dst_table: TableIndex,
        src_table: TableIndex,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), TrapCode> {
        // SAFETY: the caller guarantees valid indices, a live store, and that its tables are not borrowed; only addresses of the
        // first table are kept.
        let (from, from_len) = unsafe { self.table(src_table) }.parts();
        // SAFETY: as above.
        let (to, to_len) = unsafe { self.table(dst_table) }.parts();
        let src = span(src, len, from_len).ok_or(TrapCode::TableOutOfBounds)?;
        let dst = span(dst, len, to_len).ok_or(TrapCode::TableOutOfBounds)?;
        // SAFETY: both spans are in bounds; they may overlap.
        unsafe { std::ptr::copy(from.add(src.start), to.add(dst.start), src.len()) };
        Ok(())
    }

    /// `table.init`.
    ///
    /// # Errors
    ///
    /// [`TrapCode::TableOutOfBounds`].
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn table_init(
        &self,
        table: TableIndex,
        segment: ElemIndex,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), TrapCode> {
        // SAFETY: the caller guarantees valid indices, a live store, and that its tables are not borrowed.
        let (table, segment) = unsafe { (self.table(table), &*self.elements.add(segment.index())) };
        let src = span(src, len, segment.len).ok_or(TrapCode::TableOutOfBounds)?;
        let dst = span(dst, len, table.len).ok_or(TrapCode::TableOutOfBounds)?;
        // SAFETY: both spans are in bounds; a segment never overlaps a table.
        unsafe {
            std::ptr::copy_nonoverlapping(segment.items.add(src.start), table.elements.add(dst.start), src.len())
        };
        Ok(())
    }

    /// `elem.drop`.
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn elem_drop(&self, segment: ElemIndex) {
        // SAFETY: the caller guarantees a valid index and a live store.
        unsafe { (*self.elements.add(segment.index())).len = 0 };
    }

    /// The function that `call_indirect` calls.
    ///
    /// # Errors
    ///
    /// [`TrapCode::UndefinedElement`], [`TrapCode::UninitializedElement`] or
    /// [`TrapCode::IndirectCallTypeMismatch`].
    ///
    /// # Safety
    ///
    /// See the block.
    #[inline(always)]
    pub unsafe fn indirect_callee(
        &self,
        table: TableIndex,
        type_index: TypeIndex,
        index: u64,
    ) -> Result<*const FuncInst, TrapCode> {
        // SAFETY: the caller guarantees valid indices, a live store, and that its tables are not borrowed.
        let element = unsafe { self.table(table) }.get(index).ok_or(TrapCode::UndefinedElement)?;
        if element == 0 {
            return Err(TrapCode::UninitializedElement);
        }
        let callee = element as *const FuncInst;
        // SAFETY: a non-null funcref is the address of a function of the store.
        if unsafe { (*callee).type_id != *self.type_ids.add(type_index.index()) } {
            return Err(TrapCode::IndirectCallTypeMismatch);
        }
        Ok(callee)
    }
}

impl Table {
    fn parts(&mut self) -> (*mut u64, u64) {
        (self.elements, self.len)
    }
}
