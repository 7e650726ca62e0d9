//! Table instances (core spec, section 4.2.7) and the operations on them.

use riser_translator::TrapCode;
use riser_translator::module::TableType;

use crate::{Context, FuncInst, Limits};

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
    /// Keeps the elements.
    storage: Vec<u64>,
}

impl Table {
    /// Where the address of the first element is, for machine code.
    pub const ELEMENTS_OFFSET: usize = std::mem::offset_of!(Table, elements);
    /// Where the number of elements is, for machine code.
    pub const LEN_OFFSET: usize = std::mem::offset_of!(Table, len);

    /// A table of `ty.limits.min` elements `init`; `None` if the system has no room for it.
    pub fn new(ty: TableType, init: u64) -> Option<Table> {
        let len = usize::try_from(ty.limits.min).ok()?;
        let mut storage = Vec::new();
        storage.try_reserve_exact(len).ok()?;
        storage.resize(len, init);
        Some(Table { elements: storage.as_mut_ptr(), len: len as u64, ty, storage })
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
        &self.storage
    }

    /// The elements.
    #[inline]
    pub fn elements_mut(&mut self) -> &mut [u64] {
        &mut self.storage
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

    /// Adds `delta` elements `init`. Answers the old number of elements, or `None` if
    /// the type's or the store's limits, or memory, do not allow it.
    pub fn grow(&mut self, delta: u64, init: u64, limits: &Limits) -> Option<u64> {
        let old = self.len;
        let new = old.checked_add(delta)?;
        let type_max = if self.ty.table64 { u64::MAX } else { u64::from(u32::MAX) };
        if new > self.ty.limits.max.unwrap_or(type_max).min(limits.table_elements) {
            return None;
        }
        let more = usize::try_from(delta).ok()?;
        self.storage.try_reserve(more).ok()?;
        self.storage.resize(self.storage.len() + more, init);
        self.elements = self.storage.as_mut_ptr();
        self.len = new;
        Some(old)
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
/// For all: indices are valid in the module, the store is alive, and no reference to
/// a table of it is in use.
impl Context {
    /// `table.grow`: the old size, or -1 of the table's index type.
    ///
    /// # Errors
    ///
    /// Only where the store's limits say that failing to grow traps.
    ///
    /// # Safety
    ///
    /// See the block.
    pub unsafe fn table_grow(&self, table: u32, init: u64, delta: u64) -> Result<u64, TrapCode> {
        // SAFETY: by the contract of this function.
        let (table, store) = unsafe { (self.table(table), self.store_mut()) };
        match table.grow(delta, init, &store.limits) {
            Some(old) => Ok(old),
            None if store.limits.trap_on_grow_failure => Err(TrapCode::TableOutOfBounds),
            None if table.ty.table64 => Ok(u64::MAX),
            None => Ok(u64::from(u32::MAX)),
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
    pub unsafe fn table_fill(&self, table: u32, dst: u64, value: u64, len: u64) -> Result<(), TrapCode> {
        // SAFETY: by the contract of this function.
        let table = unsafe { self.table(table) };
        let span = span(dst, len, table.len).ok_or(TrapCode::TableOutOfBounds)?;
        table.storage[span].fill(value);
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
        dst_table: u32,
        src_table: u32,
        dst: u64,
        src: u64,
        len: u64,
    ) -> Result<(), TrapCode> {
        // SAFETY: by the contract of this function; only addresses are kept of the first.
        let (from, from_len) = unsafe { self.table(src_table) }.parts();
        // SAFETY: by the contract of this function.
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
    pub unsafe fn table_init(&self, table: u32, segment: u32, dst: u64, src: u64, len: u64) -> Result<(), TrapCode> {
        // SAFETY: by the contract of this function.
        let (table, segment) = unsafe { (self.table(table), &*self.elements.add(segment as usize)) };
        let src = span(src, len, segment.len).ok_or(TrapCode::TableOutOfBounds)?;
        let dst = span(dst, len, table.len).ok_or(TrapCode::TableOutOfBounds)?;
        // SAFETY: both spans are in bounds; a segment is no table.
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
    pub unsafe fn elem_drop(&self, segment: u32) {
        // SAFETY: by the contract of this function.
        unsafe { (*self.elements.add(segment as usize)).len = 0 };
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
    pub unsafe fn indirect_callee(&self, table: u32, type_index: u32, index: u64) -> Result<*const FuncInst, TrapCode> {
        // SAFETY: by the contract of this function.
        let element = unsafe { self.table(table) }.get(index).ok_or(TrapCode::UndefinedElement)?;
        if element == 0 {
            return Err(TrapCode::UninitializedElement);
        }
        let callee = element as *const FuncInst;
        // SAFETY: a funcref that is not null is the address of a function of the store.
        if unsafe { (*callee).type_id != *self.type_ids.add(type_index as usize) } {
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
