//! Functions, as the host makes and calls them.

pub(crate) mod call;
#[cfg(feature = "async")]
pub(crate) mod future;
mod host;
mod into_func;
#[cfg(feature = "resumable")]
pub(crate) mod own_stack;
#[cfg(feature = "resumable")]
mod resumable;
mod slots;
mod typed;

use std::ptr::NonNull;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use riser_tiers_core::FuncInst;
use riser_translator::{FuncType, ValType};

pub use host::Caller;
pub(crate) use host::{HostFunc, HostInstance};
pub use into_func::IntoFunc;
#[cfg(feature = "resumable")]
pub use resumable::{
    ResumableCall, ResumableCallHostTrap, ResumableCallOutOfFuel, TypedResumableCall, TypedResumableCallHostTrap,
    TypedResumableCallOutOfFuel,
};
use slots::SlotList;
pub use slots::{WasmParams, WasmResults, WasmRet, WasmTy};
pub use typed::TypedFunc;

use crate::instance::InstanceData;
use crate::store::{Handle, StoreCore, StoreId};
use crate::{AsContext, AsContextMut, Val};

/// A function of a store: of an instance or of the host (core spec, section 4.2.6).
///
/// # Panics
///
/// All methods, if the function belongs to another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Func(pub(crate) Handle<FuncInst>);

impl Func {
    /// A host function of type `ty` that runs `func` on its arguments and results.
    ///
    /// The results are zero or null at first. A result of another type than `ty` says is an
    /// error of the call.
    ///
    /// # Panics
    ///
    /// If the type has more than 1000 parameters or results.
    pub fn new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Func {
        let mut store = store.as_context_mut();
        let host = host_func_of_values(store.engine(), ty, func);
        Arc::new(host).instantiate(store.core_mut())
    }

    /// A host function that runs a closure; its type is the closure's.
    ///
    /// # Panics
    ///
    /// If the closure returns an array of more than 1000 values.
    pub fn wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Func {
        let mut store = store.as_context_mut();
        let host = func.into_host_func(store.engine());
        Arc::new(host).instantiate(store.core_mut())
    }

    pub(crate) fn from_address(store: StoreId, address: NonNull<FuncInst>) -> Func {
        Func(Handle::new(store, address))
    }

    pub(crate) fn store(&self) -> StoreId {
        self.0.store
    }

    /// The bits of a reference to this function.
    pub(crate) fn to_slot(self) -> u64 {
        self.0.bits()
    }

    /// The type.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        self.ty_ref(store.as_context().core()).clone()
    }

    pub(crate) fn ty_ref<'a>(&self, store: &'a StoreCore) -> &'a FuncType {
        let func = self.0.get(store);
        // SAFETY: the store is borrowed, so that its instances and host functions are alive.
        unsafe {
            match InstanceData::of(func) {
                Some(instance) => instance.module().info().func_type(func.func_index()),
                None => HostInstance::of(func).ty(),
            }
        }
    }

    /// The host function that this is, if it is one.
    pub(crate) fn host<'a>(&self, store: &'a StoreCore) -> Option<&'a HostInstance> {
        let func = self.0.get(store);
        // SAFETY: as in `ty_ref`.
        unsafe { InstanceData::of(func).is_none().then(|| HostInstance::of(func)) }
    }

    /// Calls the function with `params` and leaves its results in `results`.
    ///
    /// # Errors
    ///
    /// If the call traps ([`crate::Trap`]), or a host function fails (its own error); a
    /// [`crate::WasmBacktrace`] is attached to either. If the number or a type of `params`, or the
    /// number of `results`, is not the function's.
    ///
    /// # Panics
    ///
    /// If a host function panics.
    pub fn call(&self, mut store: impl AsContextMut, params: &[Val], results: &mut [Val]) -> Result<()> {
        let mut store = store.as_context_mut();
        let func = self.0.address(store.core());
        let id = self.store();
        let core = store.core_ptr();
        // SAFETY: the function is of this store, which is borrowed exclusively; the arguments
        // are checked to be of its types. Types live as long as the store.
        unsafe {
            check_result_count(self, core.as_ref(), results)?;
            let ty = self.ty_ref(core.as_ref());
            let mut slots = call::slots(core, func)?;
            Val::all_to_slots(params, id, ty.params(), slots.as_mut())
                .context("arguments do not match the function's type")?;
            call::enter(core, func, slots.cast().as_ptr())?;
            let ty = self.ty_ref(core.as_ref());
            Val::all_from_slots(results, id, ty.results(), slots.as_ref());
        }
        Ok(())
    }

    /// The function as one of a type known in Rust.
    ///
    /// # Errors
    ///
    /// If it is of another type.
    pub fn typed<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
    ) -> Result<TypedFunc<Params, Results>> {
        let store = store.as_context();
        let ty = self.ty_ref(store.core());
        check::<Params>("parameters", ty.params()).context("failed to convert function to given type")?;
        check::<Results>("results", ty.results()).context("failed to convert function to given type")?;
        Ok(TypedFunc::new(*self))
    }
}

/// Checks that there are as many places as a function has results.
fn check_result_count(func: &Func, store: &StoreCore, results: &[Val]) -> Result<()> {
    let count = func.ty_ref(store).results().len();
    if results.len() != count {
        bail!("expected {count} results, got {}", results.len());
    }
    Ok(())
}

/// Checks that a function's parameters or results are those of a Rust type.
fn check<List: SlotList>(what: &str, actual: &[ValType]) -> Result<()> {
    if actual != List::TYPES {
        let list = |types: &[ValType]| types.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(", ");
        bail!("type mismatch with {what}: expected ({}), found ({})", list(List::TYPES), list(actual));
    }
    Ok(())
}

/// The host function for a closure over values.
pub(crate) fn host_func_of_values<T: 'static>(
    engine: &crate::Engine,
    ty: FuncType,
    func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
) -> HostFunc {
    let types = ty.clone();
    HostFunc::new(engine, ty, move |caller: Caller<'_, T>, mut slots| {
        let id = caller.store_id();
        let (params, results) = (types.params(), types.results());
        let mut values: Vec<Val> = params.iter().chain(results).map(|ty| Val::default_for_ty(*ty)).collect();
        let (args, outcome) = values.split_at_mut(params.len());
        Val::all_from_slots(args, id, params, slots.get());
        func(caller, args, outcome)?;
        Val::all_to_slots(outcome, id, results, slots.get())
            .context("function attempted to return an incompatible value")
    })
}
