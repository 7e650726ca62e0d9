//! Modules whose imports have been looked up.

use std::fmt;
use std::marker::PhantomData;

use anyhow::Result;

use super::Definition;
use crate::instantiate::check_engine;
use crate::store::Invariant;
use crate::{AsContextMut, Extern, Instance, Module, Restored, Snapshot, StoreContextMut};

/// A module together with its imports, to be instantiated many times;
/// see [`crate::Linker::instantiate_pre`].
pub struct InstancePre<T> {
    module: Module,
    imports: Vec<Definition>,
    data: Invariant<T>,
}

impl<T> InstancePre<T> {
    pub(super) fn new(module: Module, imports: Vec<Definition>) -> InstancePre<T> {
        InstancePre { module, imports, data: PhantomData }
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The names of an import that belongs to one store, if there is one: then the module can be instantiated in that store only.
    pub fn bound_to_a_store(&self) -> Option<(&str, &str)> {
        let mut imports = self.module.info().imports.iter().zip(&self.imports);
        let (import, _) = imports.find(|(_, definition)| definition.is_bound())?;
        Some((&import.module, &import.name))
    }

    /// Instantiates the module.
    ///
    /// # Errors
    ///
    /// See [`Instance::new`].
    ///
    /// # Panics
    ///
    /// If an import belongs to another store, or the start function calls a host function that panics.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance>
    where
        T: 'static,
    {
        let mut store = store.as_context_mut();
        let imports = self.imports(&mut store)?;
        Instance::new(&mut store, &self.module, &imports)
    }

    /// As [`InstancePre::instantiate`], as a future; see [`Instance::new_async`].
    ///
    /// # Errors
    ///
    /// See [`Instance::new_async`].
    ///
    /// # Panics
    ///
    /// As for [`InstancePre::instantiate`].
    #[cfg(feature = "async")]
    pub async fn instantiate_async(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance>
    where
        T: 'static,
    {
        let mut store = store.as_context_mut();
        let imports = self.imports(&mut store)?;
        Instance::new_async(store, &self.module, &imports).await
    }

    /// Restores an instance of the module from a snapshot.
    ///
    /// # Errors
    ///
    /// See [`Snapshot::restore`].
    ///
    /// # Panics
    ///
    /// If an import belongs to another store.
    pub fn restore(&self, mut store: impl AsContextMut<Data = T>, snapshot: &Snapshot) -> Result<Restored>
    where
        T: 'static,
    {
        let mut store = store.as_context_mut();
        let imports = self.imports(&mut store)?;
        snapshot.restore(&mut store, &self.module, &imports)
    }

    /// The imports in a store.
    fn imports(&self, store: &mut StoreContextMut<'_, T>) -> Result<Vec<Extern>>
    where
        T: 'static,
    {
        check_engine(store.core(), &self.module)?;
        Ok(self.imports.iter().map(|definition| definition.in_store(store.core_mut())).collect())
    }
}

impl<T> Clone for InstancePre<T> {
    fn clone(&self) -> InstancePre<T> {
        InstancePre::new(self.module.clone(), self.imports.clone())
    }
}

impl<T> fmt::Debug for InstancePre<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstancePre").field("module", &self.module).finish_non_exhaustive()
    }
}
