//! Tables, as the host sees them.

use anyhow::{Context as _, Result, ensure};
use riser_tiers_core as plug;
use riser_translator::TrapCode;
use riser_translator::module::TableType;

use crate::store::{Handle, StoreCore};
use crate::{AsContext, AsContextMut, Ref};

/// A table of references (core spec, section 4.2.7).
///
/// # Panics
///
/// All methods, if the table belongs to another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Table(pub(crate) Handle<plug::Table>);

/// Returns `start..start + len` as indices, if that is within `0..bound`.
fn span(start: u64, len: u64, bound: u64) -> Result<std::ops::Range<usize>, TrapCode> {
    match start.checked_add(len) {
        Some(end) if end <= bound => Ok(start as usize..end as usize),
        _ => Err(TrapCode::TableOutOfBounds),
    }
}

impl Table {
    /// Makes a table of elements `init`.
    ///
    /// # Errors
    ///
    /// If the type is not valid or `init` not of the elements' type, or if the store's limits do
    /// not allow it or the system has no room for it.
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Table> {
        ensure!(ty.element.is_ref(), "a table's elements are references, not {}", ty.element);
        ensure!(ty.limits.max.is_none_or(|max| ty.limits.min <= max), "size minimum must not be greater than maximum");
        let size = ty.limits.max.unwrap_or(ty.limits.min);
        ensure!(ty.table64 || size <= u32::MAX.into(), "table size must be at most 2^32 - 1 elements");
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        let init = init.to_element(core.id, ty.element)?;
        let table = core.add_table(ty, init)?;
        Ok(Table(Handle::new(core.id, table)))
    }

    /// The type, with the limits as declared.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        *self.0.get(store.as_context().core()).ty()
    }

    /// The element at `index`; `None` if there is none.
    pub fn get(&self, store: impl AsContext, index: u64) -> Option<Ref> {
        let store = store.as_context();
        let table = self.0.get(store.core());
        table.get(index).map(|bits| Ref::from_element(self.0.store, table.ty().element, bits))
    }

    /// Sets the element at `index`.
    ///
    /// # Errors
    ///
    /// If there is no such element, or `value` is not of the elements' type.
    pub fn set(&self, mut store: impl AsContextMut, index: u64, value: Ref) -> Result<()> {
        let mut store = store.as_context_mut();
        let bits = self.element(store.core(), value)?;
        self.0.get_mut(store.core_mut()).set(index, bits)?;
        Ok(())
    }

    /// Number of elements.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.0.get(store.as_context().core()).len()
    }

    /// Adds `delta` elements `init` and returns the old number of elements.
    ///
    /// # Errors
    ///
    /// If the type's or the store's limits, or the system, do not allow it, or if `init` is not of the elements' type;
    /// an error of the store's limiter.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Ref) -> Result<u64> {
        let mut store = store.as_context_mut();
        let bits = self.element(store.core(), init)?;
        let core = store.core_mut();
        let table = self.0.address(core);
        // SAFETY: the table is the store's, which is borrowed exclusively.
        let old = unsafe { core.grow_table(table, delta, bits) }?;
        old.with_context(|| format!("failed to grow table by `{delta}`"))
    }

    /// Sets `len` elements from `dst` on to `value`.
    ///
    /// # Errors
    ///
    /// If there are no such elements, or `value` is not of the elements' type.
    pub fn fill(&self, mut store: impl AsContextMut, dst: u64, value: Ref, len: u64) -> Result<()> {
        let mut store = store.as_context_mut();
        let bits = self.element(store.core(), value)?;
        let table = self.0.get_mut(store.core_mut());
        let span = span(dst, len, table.len())?;
        table.elements_mut()[span].fill(bits);
        Ok(())
    }

    /// Copies `len` elements of `src_table` from `src_index` on to `dst_table` at `dst_index`;
    /// the ranges may overlap.
    ///
    /// # Errors
    ///
    /// If there are no such elements, or the tables' elements differ in type.
    pub fn copy(
        mut store: impl AsContextMut,
        dst_table: &Table,
        dst_index: u64,
        src_table: &Table,
        src_index: u64,
        len: u64,
    ) -> Result<()> {
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        let (src, dst) = (src_table.0.get(core), dst_table.0.get(core));
        ensure!(src.ty().element == dst.ty().element, "the tables' elements differ in type");
        let src_span = span(src_index, len, src.len())?;
        let dst_span = span(dst_index, len, dst.len())?;
        if src_table == dst_table {
            dst_table.0.get_mut(core).elements_mut().copy_within(src_span, dst_span.start);
        } else {
            let elements = src.elements()[src_span].to_vec();
            dst_table.0.get_mut(core).elements_mut()[dst_span].copy_from_slice(&elements);
        }
        Ok(())
    }

    /// Returns the bits of `value` as an element of this table.
    fn element(&self, core: &StoreCore, value: Ref) -> Result<u64> {
        value.to_element(core.id, self.0.get(core).ty().element)
    }
}
