//! Stores: the host's data and every object that instances consist of.
//!
//! A store owns its objects until it is dropped; nothing is collected before. It
//! belongs to one thread at a time, and everything in it is reached through a borrow
//! of the store, so that the objects need no locks.

mod arena;
mod context;
mod growth;
mod handle;

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, offset_of};
use std::ptr::NonNull;

use anyhow::{Context as _, Result, ensure};
use riser_tiers_core as plug;
use riser_tiers_core::ValueStack;
use riser_translator::module::ModuleInfo;
use riser_translator::safepoint::Safepoint;

use crate::func::HostInstance;
use crate::instance::InstanceData;
use crate::observe::{self, Observation};
use crate::{Engine, Instance, interp, tiering};

pub(crate) use arena::Arena;
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use growth::Growth;
pub(crate) use handle::{Handle, StoreId};

/// A type parameter that host functions take: a type that has it stands for exactly that one, and for no subtype or supertype, because
/// closures made for the one would run on the other.
pub(crate) type Invariant<T> = PhantomData<fn(T) -> T>;

/// A store: where instances live, with the host's data `T`, which host functions can reach.
pub struct Store<T: 'static> {
    inner: NonNull<StoreInner<T>>,
    owned: PhantomData<Box<StoreInner<T>>>,
    data: Invariant<T>,
}

// SAFETY: a store owns what it points to, all of which may be sent: the host's closures and
// references are `Send`, and nothing outside of the store points into it for use on its own.
unsafe impl<T: Send> Send for Store<T> {}
// SAFETY: by a shared reference objects can only be read.
unsafe impl<T: Sync> Sync for Store<T> {}

/// A store's contents. The core comes first: a pointer to one is a pointer to the other.
#[repr(C)]
pub(crate) struct StoreInner<T> {
    pub(crate) core: StoreCore,
    pub(crate) data: T,
}

/// All of a store but the host's data.
#[repr(C)]
pub(crate) struct StoreCore {
    /// What running code sees. Comes first, as `owner` says.
    pub(crate) context: plug::StoreContext,
    pub(crate) id: StoreId,
    pub(crate) engine: Engine,
    pub(crate) objects: Objects,
    /// Host values that `externref`s stand for: number `i + 1` is item `i`.
    pub(crate) externs: Vec<Box<dyn Any + Send + Sync>>,
    /// The epoch from which on code is interrupted.
    pub(crate) deadline: u64,
    /// Who sees the safepoints that code passes.
    pub(crate) observation: Observation,
    /// What the objects take, and may take.
    pub(crate) growth: Growth,
    /// The value stack, once something needs it.
    stack: Option<ValueStack>,
}

/// The objects of a store.
pub(crate) struct Objects {
    pub(crate) instances: Arena<InstanceData>,
    /// An instance of each module, by the address of the module's information, which the instance keeps alive.
    pub(crate) by_module: HashMap<*const ModuleInfo, NonNull<InstanceData>>,
    pub(crate) host_functions: Arena<HostInstance>,
    pub(crate) memories: Arena<plug::Memory>,
    pub(crate) tables: Arena<plug::Table>,
    pub(crate) globals: Arena<plug::Global>,
    /// Memory 0 of instances that have none.
    no_memory: Arena<plug::Memory>,
    /// What the register interpreter keeps; one.
    #[expect(dead_code, reason = "owns what running code has a pointer to")]
    interpreter: Arena<interp::State>,
}

impl<T> Store<T> {
    /// An empty store. Its value stack is reserved when the first instance is made or the first function called, which is an
    /// error if the system has no room for it.
    pub fn new(engine: &Engine, data: T) -> Store<T> {
        const { assert!(offset_of!(StoreInner<T>, core) == 0 && offset_of!(StoreCore, context) == 0) };
        let core = StoreCore::new(engine);
        let inner = NonNull::from(Box::leak(Box::new(StoreInner { core, data })));
        // SAFETY: just made.
        unsafe { (*inner.as_ptr()).core.context.owner = inner.as_ptr().cast() };
        Store { inner, owned: PhantomData, data: PhantomData }
    }

    /// An empty store, with its value stack.
    ///
    /// # Errors
    ///
    /// If the system has no room for the value stack.
    pub fn try_new(engine: &Engine, data: T) -> Result<Store<T>> {
        let mut store = Store::new(engine, data);
        store.as_context_mut().core_mut().reserve_stack()?;
        Ok(store)
    }

    /// The host's data.
    pub fn data(&self) -> &T {
        // SAFETY: owned, and borrowed with the store.
        unsafe { &(*self.inner.as_ptr()).data }
    }

    /// The host's data.
    pub fn data_mut(&mut self) -> &mut T {
        // SAFETY: owned, and borrowed with the store.
        unsafe { &mut (*self.inner.as_ptr()).data }
    }

    /// Drops the store but for the host's data.
    pub fn into_data(self) -> T {
        let store = ManuallyDrop::new(self);
        // SAFETY: made from a box, and `store` is not dropped.
        unsafe { Box::from_raw(store.inner.as_ptr()) }.data
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.as_context().engine()
    }

    /// Sets the fuel that code of this store has left, which is none at first.
    ///
    /// Fuel is priced per wasm operator, the same in every mode. When it runs out, code ends
    /// in [`crate::Trap::OutOfFuel`].
    ///
    /// # Errors
    ///
    /// If the engine does not consume fuel ([`crate::Config::consume_fuel`]).
    pub fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.as_context_mut().set_fuel(fuel)
    }

    /// Fuel left.
    ///
    /// # Errors
    ///
    /// If the engine does not consume fuel ([`crate::Config::consume_fuel`]).
    pub fn get_fuel(&self) -> Result<u64> {
        self.as_context().get_fuel()
    }

    /// From `ticks_beyond_current` calls of [`Engine::increment_epoch`] on, code of this store ends in
    /// [`crate::Trap::Interrupt`]. Without a deadline that is at once, provided that the
    /// engine interrupts at all ([`crate::Config::epoch_interruption`]).
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.as_context_mut().set_epoch_deadline(ticks_beyond_current);
    }

    /// Has `observer` called at every function entry and loop header that code of this store
    /// passes from now on, with the instance whose function it is and the canonical state of the
    /// frame: the same calls in every mode and under every setting. An error that it returns ends
    /// the code, as that of a host function does.
    ///
    /// Code that the observer itself calls is not observed. The deadline holds as ever
    /// ([`Store::set_epoch_deadline`]). There is one observer; setting another replaces it.
    ///
    /// References are numbers that do not depend on addresses: that of a function says which
    /// function of which of the store's instances it is.
    ///
    /// # Errors
    ///
    /// If the engine does not interrupt ([`crate::Config::epoch_interruption`]): code then has no
    /// place to call the observer from.
    pub fn on_safepoint(
        &mut self,
        mut observer: impl FnMut(StoreContextMut<'_, T>, Instance, &Safepoint) -> Result<()> + Send + Sync + 'static,
    ) -> Result<()> {
        self.as_context_mut().core_mut().observe(Box::new(move |store, instance, safepoint| {
            // SAFETY: the store is the one that this observer was set in, with data of type T, and
            // nothing else uses it meanwhile, by the contract of observers.
            observer(unsafe { StoreContextMut::from_raw(store.cast()) }, instance, safepoint)
        }))
    }
}

impl<T> Drop for Store<T> {
    fn drop(&mut self) {
        // SAFETY: made from a box, and freed only here or in `into_data`.
        drop(unsafe { Box::from_raw(self.inner.as_ptr()) });
    }
}

impl<T: Default> Default for Store<T> {
    fn default() -> Store<T> {
        Store::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data", self.data()).finish_non_exhaustive()
    }
}

impl StoreCore {
    fn new(engine: &Engine) -> StoreCore {
        let mut interpreter = Arena::new();
        let config = engine.config();
        let state = interp::State::new(config.dispatch, config.interpreter_bounds(), tiering::INTERPRETER);
        let context = plug::StoreContext {
            // Beyond the limit, until there is a stack.
            stack_limit: std::ptr::null_mut(),
            stack_top: std::ptr::dangling_mut(),
            fuel: 0,
            epoch: engine.epoch(),
            epoch_deadline: 0,
            polled: observe::polled,
            native_limit: 0,
            interpreter: interpreter.add(state).as_ptr().cast(),
            tail_callee: std::ptr::null(),
            frames: Vec::new(),
            omitted_frames: 0,
            pending: None,
            prepare: tiering::prepare,
            resolve_native: tiering::resolve_native,
            find_function: tiering::find_function,
            hot: tiering::hot_native,
            builtins: plug::BUILTINS,
            activation: std::ptr::null_mut(),
            native_stack: None,
            native_stack_bytes: [engine.config().max_wasm_stack, engine.config().host_stack],
            is_beyond_memory,
            caller: std::ptr::null_mut(),
            value: 0,
            grow_memory: growth::grow_memory,
            grow_table: growth::grow_table,
            owner: std::ptr::null_mut(),
        };
        let objects = Objects {
            instances: Arena::new(),
            by_module: HashMap::new(),
            host_functions: Arena::new(),
            memories: Arena::new(),
            tables: Arena::new(),
            globals: Arena::new(),
            no_memory: Arena::new(),
            interpreter,
        };
        let engine = engine.clone();
        StoreCore {
            context,
            id: StoreId::unique(),
            engine,
            objects,
            externs: Vec::new(),
            deadline: 0,
            observation: Observation::None,
            growth: Growth::new(),
            stack: None,
        }
    }

    /// Makes sure that there is a value stack.
    ///
    /// # Errors
    ///
    /// If the system has no room for it.
    pub(crate) fn reserve_stack(&mut self) -> Result<()> {
        if self.stack.is_none() {
            let slots = self.engine.config().max_wasm_stack / size_of::<u64>();
            let stack = ValueStack::new(slots).context("failed to reserve the value stack")?;
            (self.context.stack_limit, self.context.stack_top) = (stack.limit(), stack.base());
            self.stack = Some(stack);
        }
        Ok(())
    }

    fn fuel(&self) -> Result<u64> {
        ensure!(self.engine.config().translator.fuel, "fuel is not configured in this store");
        Ok(self.context.fuel)
    }

    fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        ensure!(self.engine.config().translator.fuel, "fuel is not configured in this store");
        self.context.fuel = fuel;
        Ok(())
    }

    fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.deadline = self.context.now().saturating_add(ticks_beyond_current);
        self.set_polls();
    }

    fn observe(&mut self, observer: observe::Observer) -> Result<()> {
        ensure!(self.engine.config().translator.epoch, "epoch interruption is not configured in this store");
        self.observation = Observation::new(observer);
        self.set_polls();
        Ok(())
    }

    /// Makes polls find their epoch passed when there is something to do.
    fn set_polls(&mut self) {
        self.context.epoch_deadline = if self.observation.is_none() { self.deadline } else { 0 };
    }

    /// The memory of no bytes that is memory 0 of instances that have none.
    ///
    /// # Errors
    ///
    /// If the system has no room.
    pub(crate) fn no_memory(&mut self) -> Result<NonNull<plug::Memory>> {
        if let Some(memory) = self.objects.no_memory.first() {
            return Ok(memory);
        }
        let memory = plug::Memory::none().context("failed to allocate an empty memory")?;
        Ok(self.objects.no_memory.add(memory))
    }
}

/// Whether an access faults because it is beyond the end of a memory of the store.
///
/// # Safety
///
/// The store is alive, and its thread is in code of it.
unsafe fn is_beyond_memory(store: *mut plug::StoreContext, address: usize) -> bool {
    // SAFETY: by the contract of this function; the owner of a store's context is the store.
    unsafe {
        let core = &*(*store).owner.cast::<StoreCore>();
        core.objects.memories.iter().any(|memory| (*memory.as_ptr()).is_beyond(address))
    }
}
