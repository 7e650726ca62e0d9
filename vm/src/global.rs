//! Globals, as the host sees them.

use anyhow::{Result, ensure};
use riser_tiers_core as plug;
use riser_translator::module::GlobalType;

use crate::store::Handle;
use crate::{AsContext, AsContextMut, Val};

/// A global (core spec, section 4.2.9).
///
/// # Panics
///
/// All methods, if the global belongs to another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Global(pub(crate) Handle<plug::Global>);

impl Global {
    /// A global with the given value.
    ///
    /// # Errors
    ///
    /// If the value is not of the global's type.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, value: Val) -> Result<Global> {
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        let mut global = plug::Global::new(ty, [0; 2]);
        value.to_slots(core.id, ty.content, &mut global.slots)?;
        let global = core.objects.globals.add(global);
        Ok(Global(Handle::new(core.id, global)))
    }

    /// The type.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        self.0.get(store.as_context().core()).ty
    }

    /// The value.
    pub fn get(&self, store: impl AsContext) -> Val {
        let store = store.as_context();
        let global = self.0.get(store.core());
        Val::from_slots(self.0.store, global.ty.content, &global.slots)
    }

    /// Sets the value.
    ///
    /// # Errors
    ///
    /// If the global cannot be set, or the value is not of its type.
    pub fn set(&self, mut store: impl AsContextMut, value: Val) -> Result<()> {
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        let id = core.id;
        let global = self.0.get_mut(core);
        ensure!(global.ty.mutable, "immutable global cannot be set");
        value.to_slots(id, global.ty.content, &mut global.slots)
    }
}
