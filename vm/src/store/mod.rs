//! Stores: the host's data, and all the objects of instances.
//!
//! A store owns its objects until it is dropped; nothing is freed before. It belongs to one thread at a time, and
//! everything in it is reached through a borrow of the store, so that the objects need no locks.

mod arena;
mod context;
mod fuel;
mod growth;
mod handle;
pub(crate) mod hooks;

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, offset_of};
use std::ptr::NonNull;

use anyhow::{Context as _, Result, ensure};
use riser_tiers_core as plug;
use riser_tiers_core::ValueStack;
use riser_translator::ValType;
use riser_translator::module::ModuleInfo;
use riser_translator::safepoint::Safepoint;

use crate::counts::Counter;
use crate::func::HostInstance;
use crate::instance::InstanceData;
use crate::observe::{self, Observation};
use crate::sample::Sampler;
use crate::snapshot::{ExternCodec, Snapshots};
use crate::{Engine, GcHeapOutOfMemory, Instance, WasmBacktrace, monitor, tiering};

pub(crate) use arena::Arena;
pub use context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use growth::Growth;
pub(crate) use growth::no_room;
pub(crate) use handle::{Handle, StoreId};
pub use hooks::{CallHook, UpdateDeadline};

/// An invariant type parameter of host functions: a type that contains it cannot stand for one with a subtype or
/// supertype of `T`, because closures made for the one would run on the other.
pub(crate) type Invariant<T> = PhantomData<fn(T) -> T>;

/// A store: it holds instances, and the host's data `T`, which host functions can reach.
pub struct Store<T: 'static> {
    inner: NonNull<StoreInner<T>>,
    owned: PhantomData<Box<StoreInner<T>>>,
    data: Invariant<T>,
}

// SAFETY: a store owns everything that it points to, and all of that may be sent: the host's closures and references
// are `Send`, and nothing outside of the store uses pointers into it on its own.
unsafe impl<T: Send> Send for Store<T> {}
// SAFETY: objects can only be read through a shared reference.
unsafe impl<T: Sync> Sync for Store<T> {}

/// A store's contents. The core comes first, so that a pointer to one is a pointer to the other.
#[repr(C)]
pub(crate) struct StoreInner<T> {
    pub(crate) core: StoreCore,
    pub(crate) data: T,
}

/// A store without the host's data.
#[repr(C)]
pub(crate) struct StoreCore {
    /// The part that running code sees. It comes first, as `owner` requires.
    pub(crate) context: plug::StoreContext,
    pub(crate) id: StoreId,
    pub(crate) engine: Engine,
    pub(crate) objects: Objects,
    /// Host values of `externref`s: the reference with number `i + 1` stands for item `i`.
    pub(crate) externs: Vec<Box<dyn Any + Send + Sync>>,
    /// How they become bytes of snapshots, and come back.
    pub(crate) extern_codec: Option<ExternCodec>,
    /// The epoch from which on code is interrupted.
    pub(crate) deadline: u64,
    /// The observer of the safepoints that code passes.
    pub(crate) observation: Observation,
    /// What gets samples of where code is.
    pub(crate) sampler: Option<Sampler>,
    /// What gets snapshots, and when.
    pub(crate) snapshots: Snapshots,
    /// What gets the counts of executed instructions, if they are counted.
    pub(crate) counter: Option<Counter>,
    /// What the host has to say at calls and at the deadline.
    pub(crate) hooks: hooks::Hooks,
    /// What the objects take, and may take.
    pub(crate) growth: Growth,
    /// What suspends the call whose code is running, if it can be.
    #[cfg(feature = "resumable")]
    pub(crate) suspender: Option<crate::func::own_stack::Suspender>,
    /// The task that the call is polled with whose code is running, if that is a future.
    #[cfg(feature = "async")]
    pub(crate) task: Option<crate::func::own_stack::Task>,
    /// How code gets the store's fuel.
    #[cfg(feature = "async")]
    ration: fuel::Ration,
    /// The value stack, once it has been reserved.
    stack: Option<ValueStack>,
}

/// The instances of a module in a store.
pub(crate) struct OfModule {
    /// The first one.
    pub(crate) first: NonNull<InstanceData>,
    /// Whether there are others.
    pub(crate) has_others: bool,
}

/// The objects of a store.
pub(crate) struct Objects {
    pub(crate) instances: Arena<InstanceData>,
    /// The instances of each module, by the address of the module's information, which the first one keeps alive.
    pub(crate) by_module: HashMap<*const ModuleInfo, OfModule>,
    pub(crate) host_functions: Arena<HostInstance>,
    pub(crate) memories: Arena<plug::Memory>,
    /// Those of them that stand for a shared memory, by its address, which they keep alive.
    shared_memories: HashMap<*const plug::SharedMemory, NonNull<plug::Memory>>,
    pub(crate) tables: Arena<plug::Table>,
    pub(crate) globals: Arena<plug::Global>,
    pub(crate) tags: Arena<plug::TagInst>,
    /// The memory 0 of instances without memories.
    no_memory: Arena<plug::Memory>,
    /// The register interpreter's state; exactly one.
    #[expect(dead_code, reason = "owns what running code has a pointer to")]
    interpreter: Arena<riser_interp::State>,
}

impl<T> Store<T> {
    /// Makes an empty store. The value stack is reserved when the first instance is made or the first function called;
    /// these fail if the system has no room for it.
    pub fn new(engine: &Engine, data: T) -> Store<T> {
        const { assert!(offset_of!(StoreInner<T>, core) == 0 && offset_of!(StoreCore, context) == 0) };
        let core = StoreCore::new(engine);
        let inner = NonNull::from(Box::leak(Box::new(StoreInner { core, data })));
        // SAFETY: just made.
        unsafe { (*inner.as_ptr()).core.context.owner = inner.as_ptr().cast() };
        Store { inner, owned: PhantomData, data: PhantomData }
    }

    /// Makes an empty store, and reserves its value stack.
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

    /// Drops the store except for the host's data.
    pub fn into_data(self) -> T {
        let store = ManuallyDrop::new(self);
        // SAFETY: made from a box, and `store` is not dropped.
        unsafe { Box::from_raw(store.inner.as_ptr()) }.data
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.as_context().engine()
    }

    /// Gives back the exceptions that nothing refers to any more. Everything else is freed with the store. Code does so itself
    /// when there are many.
    ///
    /// # Errors
    ///
    /// None at present.
    pub fn gc(&mut self, why: Option<&GcHeapOutOfMemory<()>>) -> Result<()> {
        self.as_context_mut().gc(why)
    }

    /// Sets the fuel that code of this store has left. At first there is none.
    ///
    /// Fuel is charged per wasm operator, the same in every mode. When it runs out, code ends in
    /// [`crate::Trap::OutOfFuel`], except that a resumable call stops.
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

    /// Makes code of this store end in [`crate::Trap::Interrupt`] after `ticks_beyond_current` calls of
    /// [`Engine::increment_epoch`]. Without a deadline it ends at once, provided that the engine interrupts at all
    /// ([`crate::Config::epoch_interruption`]).
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.as_context_mut().set_epoch_deadline(ticks_beyond_current);
    }

    /// Makes code of this store call `observer` at every function entry and loop header that it passes from now on,
    /// with the function's instance and the canonical state of the frame. The calls are the same in every mode and
    /// under every setting. An error that the observer returns ends the code, as an error of a host function does.
    ///
    /// Code that the observer itself calls is not observed. The deadline ([`Store::set_epoch_deadline`]) still holds.
    /// There is one observer; setting another replaces it.
    ///
    /// References are replaced by numbers that do not depend on addresses: the number of a function identifies it and
    /// its instance in the store.
    ///
    /// # Errors
    ///
    /// If the engine does not interrupt ([`crate::Config::epoch_interruption`]): code then has no polls to call the
    /// observer from.
    pub fn on_safepoint(
        &mut self,
        mut observer: impl FnMut(StoreContextMut<'_, T>, Instance, &Safepoint) -> Result<()> + Send + Sync + 'static,
    ) -> Result<()> {
        self.as_context_mut().core_mut().observe(Box::new(move |store, instance, safepoint| {
            // SAFETY: the store is the one that this observer was set in, with data of type T, and nothing else uses it
            // during the call, by the contract of observers.
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

impl Drop for StoreCore {
    fn drop(&mut self) {
        self.deliver_counts();
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
        let state = riser_interp::State::new(config.dispatch, config.interpreter_bounds(), tiering::INTERPRETER);
        let context = plug::StoreContext {
            // `stack_top` is beyond the limit until there is a stack.
            stack_limit: std::ptr::null_mut(),
            stack_top: std::ptr::dangling_mut(),
            fuel: 0,
            out_of_fuel: fuel::out_of_fuel,
            // SAFETY: the epoch is the engine's, which the store keeps alive.
            epoch: unsafe { plug::Epoch::new(engine.epoch()) },
            epoch_deadline: 0,
            polls: config.translator.epoch,
            most_frames: plug::StoreContext::MAX_FRAMES,
            left: std::ptr::null(),
            host_calls: 0,
            polled: observe::polled,
            probed: monitor::probed,
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
            exception: std::ptr::null_mut(),
            exceptions: plug::Exceptions::new(),
            exception_roots,
            own_stacks: std::sync::Arc::default(),
            owner: std::ptr::null_mut(),
        };
        let objects = Objects {
            instances: Arena::new(),
            by_module: HashMap::new(),
            host_functions: Arena::new(),
            memories: Arena::new(),
            shared_memories: HashMap::new(),
            tables: Arena::new(),
            globals: Arena::new(),
            tags: Arena::new(),
            no_memory: Arena::new(),
            interpreter,
        };
        let growth = Growth::new(engine);
        let engine = engine.clone();
        StoreCore {
            context,
            id: StoreId::unique(),
            engine,
            objects,
            externs: Vec::new(),
            extern_codec: None,
            deadline: 0,
            observation: Observation::None,
            sampler: None,
            snapshots: Snapshots::default(),
            counter: None,
            hooks: hooks::Hooks::default(),
            growth,
            #[cfg(feature = "resumable")]
            suspender: None,
            #[cfg(feature = "async")]
            task: None,
            #[cfg(feature = "async")]
            ration: fuel::Ration::default(),
            stack: None,
        }
    }

    /// Reserves the value stack, unless that has been done.
    ///
    /// # Errors
    ///
    /// If the system has no room for it.
    pub(crate) fn reserve_stack(&mut self) -> Result<()> {
        if self.stack.is_none() {
            let stack = self.new_stack()?;
            (self.context.stack_limit, self.context.stack_top) = (stack.limit(), stack.base());
            self.stack = Some(stack);
        }
        Ok(())
    }

    /// Gives back the exceptions that nothing refers to.
    fn collect(&mut self) {
        let context = &raw mut self.context;
        // SAFETY: the store is alive, and what its code still uses is below `stack_top`.
        unsafe { plug::StoreContext::collect_exceptions(context, &[], (*context).stack_top) };
    }

    /// Reserves a value stack.
    ///
    /// # Errors
    ///
    /// If the system has no room for it.
    pub(crate) fn new_stack(&self) -> Result<ValueStack> {
        let slots = self.engine.config().max_wasm_stack / size_of::<u64>();
        ValueStack::new(slots).context("failed to reserve the value stack")
    }

    /// Exchanges the value stack for another one.
    #[cfg(feature = "resumable")]
    pub(crate) fn exchange_stack(&mut self, stack: &mut Option<ValueStack>) {
        std::mem::swap(&mut self.stack, stack);
    }

    /// Whether there is code of the store on its stacks.
    pub(crate) fn is_running(&self) -> bool {
        !self.context.activation.is_null() || self.slots_below(self.context.stack_top) > 0
    }

    /// Whether code of the store runs, or a call of it is suspended.
    pub(crate) fn has_frames(&self) -> bool {
        self.is_running() || self.context.has_own_stacks()
    }

    /// The number of slots of the value stack below one of its slots.
    pub(crate) fn slots_below(&self, slot: *const u64) -> usize {
        self.stack.as_ref().map_or(0, |stack| (slot.addr() - stack.base().addr()) / size_of::<u64>())
    }

    pub(crate) fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.note_requests();
        self.deadline = self.context.now().saturating_add(ticks_beyond_current);
        self.set_polls();
    }

    fn observe(&mut self, observer: observe::Observer) -> Result<()> {
        ensure!(self.engine.config().translator.epoch, "epoch interruption is not configured in this store");
        self.observation = Observation::new(observer);
        self.set_polls();
        Ok(())
    }

    pub(crate) fn sample(&mut self, take: Box<dyn FnMut(WasmBacktrace) -> Result<()> + Send + Sync>) -> Result<()> {
        ensure!(self.engine.config().translator.epoch, "epoch interruption is not configured in this store");
        self.sampler = Some(Sampler::new(take, self.context.now()));
        self.set_polls();
        Ok(())
    }

    /// Sets the deadline of polls such that they call the VM when there is something to do.
    pub(crate) fn set_polls(&mut self) {
        // A request that comes after this look at the epoch makes another step of it.
        let now = self.context.now();
        self.note_requests();
        let next = self.sampler.as_ref().map_or(u64::MAX, |sampler| sampler.next).min(self.snapshots.next(now));
        self.context.epoch_deadline = if self.observation.is_none() { self.deadline.min(next) } else { 0 };
    }

    /// Returns the memory of no bytes that serves as memory 0 of instances without memories.
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

/// Whether a faulting access goes beyond the end of a memory of the store.
///
/// # Safety
///
/// The store is alive, and its thread is running code of it.
unsafe fn is_beyond_memory(store: *mut plug::StoreContext, address: usize) -> bool {
    // SAFETY: the store is alive, and its thread is running code of it; the owner of a store's context is the store.
    unsafe {
        let core = &*(*store).owner.cast::<StoreCore>();
        core.objects.memories.iter().any(|memory| (*memory.as_ptr()).is_beyond(address))
    }
}

/// Visits the words of the store that may be references to exceptions: [`plug::StoreContext::exception_roots`].
///
/// # Safety
///
/// The store is alive, and `top` is in its value stack, or that is not reserved yet.
unsafe fn exception_roots(store: *mut plug::StoreContext, top: *const u64, visit: &mut dyn FnMut(&[u64])) {
    // SAFETY: the owner of a store's context is the store, whose objects are alive. The value stack is mapped memory, initialised
    // to zeros.
    unsafe {
        let core = &*(*store).owner.cast::<StoreCore>();
        if let Some(stack) = &core.stack {
            let used = top.offset_from_unsigned(stack.base());
            visit(std::slice::from_raw_parts(stack.base(), used));
        }
        for global in core.objects.globals.iter().map(|global| global.as_ref()) {
            if global.ty.content == ValType::ExnRef {
                visit(&global.slots);
            }
        }
        for table in core.objects.tables.iter().map(|table| table.as_ref()) {
            if table.ty().element == ValType::ExnRef {
                visit(table.elements());
            }
        }
    }
}
