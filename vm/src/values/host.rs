//! Host values as references.

use std::any::Any;

use anyhow::{Result, ensure};

use super::rooted::{Rooted, Sealed};
use crate::store::{StoreCore, StoreId};
use crate::{AsContextMut, StoreContext, StoreContextMut};

/// A host value that wasm can hold and pass around, but not inspect.
///
/// It belongs to a store and lives as long as the store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExternRef {
    store: StoreId,
    /// The bits in a slot, never 0.
    number: u64,
}

impl ExternRef {
    /// Puts a host value into the store.
    ///
    /// # Errors
    ///
    /// None at present.
    pub fn new(mut store: impl AsContextMut, value: impl Any + Send + Sync) -> Result<Rooted<ExternRef>> {
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        core.externs.push(Box::new(value));
        Ok(Rooted::new(ExternRef { store: core.id, number: core.externs.len() as u64 }))
    }

    /// The host value.
    ///
    /// # Errors
    ///
    /// If the reference belongs to another store.
    pub fn data<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> Result<Option<&'a (dyn Any + Send + Sync)>> {
        let core = store.into().core();
        self.check(core)?;
        Ok(core.externs.get(self.number as usize - 1).map(|value| &**value))
    }

    /// The host value.
    ///
    /// # Errors
    ///
    /// If the reference belongs to another store.
    pub fn data_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut (dyn Any + Send + Sync)>> {
        let (core, _) = store.into().split();
        self.check(core)?;
        Ok(core.externs.get_mut(self.number as usize - 1).map(|value| &mut **value))
    }

    pub(crate) fn store(&self) -> StoreId {
        self.store
    }

    pub(crate) fn to_slot(reference: Option<Rooted<ExternRef>>) -> u64 {
        reference.map_or(0, |reference| reference.number)
    }

    pub(crate) fn from_slot(store: StoreId, bits: u64) -> Option<Rooted<ExternRef>> {
        (bits != 0).then_some(Rooted::new(ExternRef { store, number: bits }))
    }
}

impl Sealed for ExternRef {
    fn check(&self, core: &StoreCore) -> Result<()> {
        ensure!(self.store == core.id, "reference used with the wrong store");
        Ok(())
    }
}
