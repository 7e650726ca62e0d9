//! Functions whose type is known in Rust.

use std::fmt;
use std::marker::PhantomData;

use anyhow::Result;

use super::slots::{SlotList, WasmParams, WasmResults};
use super::{Func, call};
use crate::AsContextMut;

/// A function with parameters `Params` and results `Results`, so that calls need no check of types.
pub struct TypedFunc<Params, Results> {
    func: Func,
    types: PhantomData<fn(Params) -> Results>,
}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    /// Wraps `func`, which is known to have these types.
    pub(super) fn new(func: Func) -> TypedFunc<Params, Results> {
        TypedFunc { func, types: PhantomData }
    }

    /// The function.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls the function.
    ///
    /// # Errors
    ///
    /// If the call traps ([`crate::Trap`]), or a host function fails (its own error); a
    /// [`crate::WasmBacktrace`] is attached to either. If an argument belongs to another store.
    ///
    /// # Panics
    ///
    /// If the function belongs to another store, or a host function panics.
    #[inline]
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> Result<Results> {
        let mut store = store.as_context_mut();
        let func = self.func.0.address(store.core());
        let id = self.func.store();
        let core = store.core_ptr();
        // SAFETY: the function is of this store, which is borrowed exclusively; the arguments
        // are of its types, and the results of the call as well.
        unsafe {
            let mut slots = call::slots(core, func)?;
            params.into_slots(id, slots.as_mut())?;
            call::enter(core, func, slots.cast().as_ptr())?;
            Ok(<Results as SlotList>::from_slots(id, slots.as_ref()))
        }
    }
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

impl<Params, Results> fmt::Debug for TypedFunc<Params, Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}
