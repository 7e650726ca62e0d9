//! Host functions: closures that wasm can call.
//!
//! A [`HostFunc`] belongs to no store; putting it into one makes a [`HostInstance`]
//! with a [`FuncInst`] whose entry is compiled for the closure's type. The entry
//! catches panics, so that none unwinds through wasm's frames.

use std::any::Any;
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use riser_tiers_core::{Context, FuncInst, SlotEntry, Status};
use riser_translator::FuncType;

use super::call::{run_host, settle_call};
#[cfg(feature = "resumable")]
use super::own_stack::suspend_at_host;
use crate::instance::InstanceData;
use crate::monitor::{self, EventSet};
use crate::store::hooks::on_call;
use crate::store::{StoreCore, StoreId, StoreInner};
use crate::types::RegisteredTypes;
use crate::{
    AsContext, AsContextMut, CallHook, Engine, Extern, Func, GcHeapOutOfMemory, StoreContext, StoreContextMut,
};

/// The most parameters, or results, of a host function: as many as wasm allows.
const MOST_VALUES: usize = 1000;

/// The slots of a host function's arguments, and then of its results, in the store's value stack.
///
/// They are borrowed for a moment only: while the host function's own calls run, the store reads its whole stack, for references to
/// exceptions.
pub(crate) struct HostSlots(NonNull<[u64]>);

impl HostSlots {
    /// The slots. Nothing of them may be held over a call into the store.
    #[inline]
    pub(crate) fn get(&mut self) -> &mut [u64] {
        // SAFETY: `host_entry` made this of slots of the running call. Whoever has the caller's store to call into it does not have this.
        unsafe { self.0.as_mut() }
    }
}

/// A host function, as a linker keeps it.
pub struct HostFunc {
    /// The function's type.
    ty: RegisteredTypes,
    /// Compiled for the type of `closure`.
    entry: SlotEntry,
    closure: Box<dyn Any + Send + Sync>,
}

/// A host function in a store.
pub(crate) struct HostInstance {
    inst: FuncInst,
    store: NonNull<StoreCore>,
    host: Arc<HostFunc>,
    /// The names by which a module imported it first: those of the module, and of the function in it. Only kept for monitors.
    name: OnceLock<[Box<str>; 2]>,
}

impl HostFunc {
    /// Makes a function that runs `closure` on its slots. The arguments are in the first ones, where the closure has to
    /// leave the results. There are as many slots as the larger of both takes.
    ///
    /// # Panics
    ///
    /// If the type has more than 1000 parameters or results.
    pub(crate) fn new<T, F>(engine: &Engine, ty: FuncType, closure: F) -> HostFunc
    where
        T: 'static,
        F: Fn(Caller<'_, T>, HostSlots) -> Result<()> + Send + Sync + 'static,
    {
        assert!(
            ty.params().len() <= MOST_VALUES && ty.results().len() <= MOST_VALUES,
            "functions have at most {MOST_VALUES} parameters and {MOST_VALUES} results"
        );
        let ty = RegisteredTypes::of_host(engine, ty);
        HostFunc { ty, entry: host_entry::<T, F>, closure: Box::new(closure) }
    }

    pub(crate) fn ty(&self) -> &FuncType {
        &self.ty.types()[0]
    }

    /// Puts the function into a store whose data is of the closure's type.
    ///
    /// # Panics
    ///
    /// If the store belongs to another engine, in which the type would have another number.
    pub(crate) fn instantiate(self: &Arc<HostFunc>, store: &mut StoreCore) -> Func {
        assert!(Engine::same(self.ty.engine(), &store.engine), "host function used with a store of another engine");
        let is_monitored = store.engine.config().monitors.want(EventSet::HOST);
        let inst = FuncInst {
            entry: Cell::new(if is_monitored { monitor::call } else { self.entry }),
            code: Cell::new(ptr::null()),
            context: ptr::null_mut(),
            tier_data: Cell::new(ptr::null()),
            native: Cell::new(ptr::null()),
            native_context: Cell::new(ptr::null()),
            store: store.context.owner.cast(),
            type_id: self.ty.numbers()[0],
            index: store.objects.host_functions.len() as u32,
            param_slots: self.ty().param_slots(),
            result_slots: self.ty().result_slots(),
        };
        let id = store.id;
        // The context's pointer covers the whole store; the reference at hand may cover its core alone.
        let owner = NonNull::new(store.context.owner.cast()).expect("a store knows its address");
        let instance = HostInstance { inst, store: owner, host: Arc::clone(self), name: OnceLock::new() };
        let instance = store.objects.host_functions.add(instance);
        // SAFETY: just added, and alive as long as the store.
        let func = unsafe {
            (*instance.as_ptr()).inst.tier_data.set(instance.as_ptr().cast_const().cast());
            (*instance.as_ptr()).inst.forget_native();
            NonNull::new_unchecked(&raw mut (*instance.as_ptr()).inst)
        };
        Func::from_address(id, func)
    }
}

impl HostInstance {
    /// The host function behind `func`.
    ///
    /// # Safety
    ///
    /// `func` is a host function, and its store is alive as long as the result is used.
    pub(crate) unsafe fn of<'a>(func: &FuncInst) -> &'a HostInstance {
        // SAFETY: `instantiate` set the pointer; the store is alive as long as the result is used.
        unsafe { &*func.tier_data.get().cast() }
    }

    pub(crate) fn ty(&self) -> &FuncType {
        self.host.ty()
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.host.ty.engine()
    }

    pub(crate) fn store(&self) -> NonNull<StoreCore> {
        self.store
    }

    /// The names by which a module imported it first, if the engine has monitors of host functions.
    pub(crate) fn name(&self) -> Option<&[Box<str>; 2]> {
        self.name.get()
    }

    /// Notes the names by which a module imports it.
    pub(crate) fn set_name(&self, module: &str, name: &str) {
        self.name.get_or_init(|| [module.into(), name.into()]);
    }

    /// Runs the function.
    ///
    /// # Safety
    ///
    /// See [`SlotEntry`]; `callee` is this function.
    pub(crate) unsafe fn run(&self, callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status {
        // SAFETY: by the contract of this function.
        unsafe { (self.host.entry)(callee, caller, slots) }
    }
}

/// The entry of host functions whose closure is an `F`.
unsafe extern "C" fn host_entry<T, F>(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status
where
    T: 'static,
    F: Fn(Caller<'_, T>, HostSlots) -> Result<()> + Send + Sync + 'static,
{
    // SAFETY: the callee is a host function of a live store with data of type T, made by
    // `HostFunc::new` for F, and `slots` are its arguments in that store's value stack. While the
    // closure runs, frames of the host's calls lie above them.
    unsafe {
        let callee = &*callee;
        let instance = HostInstance::of(callee);
        let store = instance.store.cast::<StoreInner<T>>();
        let closure = &*ptr::from_ref(&*instance.host.closure).cast::<F>();
        let context = &raw mut (*store.as_ptr()).core.context;

        let len = callee.link_slot() as usize;
        let free = slots.add(len);
        let roots = (*context).exceptions.roots();
        let slots = NonNull::slice_from_raw_parts(NonNull::new_unchecked(slots), len);
        let caller = Caller { store: StoreContextMut::from_raw(store), caller };
        let outcome = run_host(context, free, || {
            on_call(instance.store, CallHook::CallingHost, free)?;
            let result = closure(caller, HostSlots(slots));
            on_call(instance.store, CallHook::ReturningFromHost, free)?;
            result
        });
        (*context).exceptions.forget_roots(roots);

        #[cfg(feature = "resumable")]
        let outcome = match outcome {
            Ok(Err(error)) => Ok(suspend_at_host(instance.store, error, callee, slots)),
            outcome => outcome,
        };
        settle_call(&mut *context, outcome)
    }
}

/// What a host function sees of its caller: the store, and the calling instance.
pub struct Caller<'a, T: 'static> {
    store: StoreContextMut<'a, T>,
    /// Null if the host called.
    caller: *mut Context,
}

// SAFETY: as the borrow of the store; the instance is of the store.
unsafe impl<T: Send> Send for Caller<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Caller<'_, T> {}

impl<'a, T> Caller<'a, T> {
    /// The calling instance's export with the given name; `None` if there is none or the host called.
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        if self.caller.is_null() {
            return None;
        }
        // SAFETY: the instance is alive with its store, and its context's owner.
        let instance = unsafe { &*(*self.caller).owner.cast::<InstanceData>() };
        instance.export(self.store.core().id, name)
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// The host's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }

    /// Gives back the exceptions that nothing refers to any more; see [`crate::Store::gc`].
    ///
    /// # Errors
    ///
    /// None at present.
    pub fn gc(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.store.gc(why)
    }

    /// Fuel left; see [`crate::Store::get_fuel`].
    ///
    /// # Errors
    ///
    /// If the engine does not consume fuel.
    pub fn get_fuel(&self) -> Result<u64> {
        self.store.get_fuel()
    }

    /// Sets the fuel left; see [`crate::Store::set_fuel`].
    ///
    /// # Errors
    ///
    /// If the engine does not consume fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.store.set_fuel(fuel)
    }

    /// The store's identity, which references are checked against.
    pub(crate) fn store_id(&self) -> StoreId {
        self.store.core().id
    }

    pub(crate) fn into_store(self) -> StoreContextMut<'a, T> {
        self.store
    }
}

impl<T: 'static> AsContext for Caller<'_, T> {
    type Data = T;
    fn as_context(&self) -> StoreContext<'_, T> {
        self.store.as_context()
    }
}

impl<T: 'static> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.store.as_context_mut()
    }
}
