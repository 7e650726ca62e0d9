//! Instances of modules.

use std::cell::Cell;
use std::ptr::NonNull;

use anyhow::{Context as _, Result};
use riser_tiers_core as plug;
use riser_tiers_core::{FuncInst, Mode, Segment};
use riser_translator::Shown;
use riser_translator::module::EntityIndex;

use crate::store::{Handle, StoreCore, StoreId};
use crate::{
    AsContext, AsContextMut, Export, Extern, Func, Global, Memory, Module, SharedMemory, Snapshot, SnapshotError,
    StoreContext, StoreContextMut, Table, Tag, TypedFunc, WasmParams, WasmResults, instantiate, snapshot, tiering,
};

/// An instance of a module in a store (core spec, section 4.2.5).
///
/// # Panics
///
/// All methods, if the instance belongs to another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instance(pub(crate) Handle<InstanceData>);

/// An instance: the context of its code, and what the context points to.
pub(crate) struct InstanceData {
    pub(crate) context: plug::Context,
    pub(crate) parts: Parts,
    /// The number of instances that the store had before.
    number: u32,
    module: Module,
    mode: Cell<Mode>,
}

/// The objects that a context points to, each in the order of its index space.
pub(crate) struct Parts {
    /// The functions that the module defines.
    pub(crate) defined: Box<[FuncInst]>,
    pub(crate) functions: Box<[*const FuncInst]>,
    pub(crate) tables: Box<[*mut plug::Table]>,
    pub(crate) memories: Box<[*mut plug::Memory]>,
    pub(crate) globals: Box<[*mut plug::Global]>,
    pub(crate) tags: Box<[*const plug::TagInst]>,
    pub(crate) data: Box<[Segment<u8>]>,
    pub(crate) elements: Box<[Segment<u64>]>,
    /// The elements of the segments, which `elements` points to.
    pub(crate) _element_items: Box<[Box<[u64]>]>,
}

impl InstanceData {
    pub(crate) fn new(number: u32, module: Module, mode: Mode, context: plug::Context, parts: Parts) -> InstanceData {
        InstanceData { context, parts, number, module, mode: Cell::new(mode) }
    }

    /// The instance that a function belongs to; `None` for a host function.
    ///
    /// # Safety
    ///
    /// The function belongs to a store that is alive as long as the result is used.
    pub(crate) unsafe fn of<'a>(func: &FuncInst) -> Option<&'a InstanceData> {
        // SAFETY: the store is alive; the owner of a context is its instance.
        unsafe { func.context.as_ref().map(|context| &*context.owner.cast()) }
    }

    /// The number of instances that the store had before.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    pub(crate) fn module(&self) -> &Module {
        &self.module
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode.get()
    }

    pub(crate) fn mode_cell(&self) -> &Cell<Mode> {
        &self.mode
    }

    /// The functions that the module defines.
    pub(crate) fn defined(&self) -> &[FuncInst] {
        &self.parts.defined
    }

    /// The export with the given name.
    pub(crate) fn export(&self, store: StoreId, name: &str) -> Option<Extern> {
        self.module.export(name).map(|entity| self.entity(store, entity))
    }

    /// Returns an entity of the module as this instance has it.
    pub(crate) fn entity(&self, store: StoreId, entity: EntityIndex) -> Extern {
        fn handle<T>(store: StoreId, pointer: *mut T) -> Handle<T> {
            Handle::new(store, NonNull::new(pointer).expect("instances have all their objects"))
        }
        let parts = &self.parts;
        match entity {
            EntityIndex::Func(index) => {
                let func = NonNull::new(parts.functions[index.index()].cast_mut());
                Extern::Func(Func::from_address(store, func.expect("instances have all their functions")))
            }
            EntityIndex::Table(index) => Extern::Table(Table(handle(store, parts.tables[index.index()]))),
            EntityIndex::Memory(index) => {
                let memory = parts.memories[index.index()];
                // SAFETY: memories of the store live as long as it does, which owns this instance.
                match unsafe { &*memory }.shared() {
                    Some(shared) => Extern::SharedMemory(SharedMemory::from_inner(self.module.engine(), shared)),
                    None => Extern::Memory(Memory(handle(store, memory))),
                }
            }
            EntityIndex::Global(index) => Extern::Global(Global(handle(store, parts.globals[index.index()]))),
            EntityIndex::Tag(index) => Extern::Tag(Tag(handle(store, parts.tags[index.index()].cast_mut()))),
        }
    }
}

impl Instance {
    /// Instantiates a module (core spec, section 4.5.4) with `imports` in the order of [`Module::imports`].
    ///
    /// # Errors
    ///
    /// If the imports are not what the module needs, the store's limits do not allow the instance, or the system has no
    /// room for it. If an active segment does not fit ([`crate::Trap`]) or the start function fails; whatever has been
    /// initialised by then stays initialised.
    ///
    /// # Panics
    ///
    /// If an import belongs to another store, or a host function that the start function calls panics.
    pub fn new(mut store: impl AsContextMut, module: &Module, imports: &[Extern]) -> Result<Instance> {
        let mut store = store.as_context_mut();
        instantiate::instantiate(&mut store, module, imports)
    }

    /// As [`Instance::new`], as a future, which runs the start function as [`Func::call_async`] does.
    ///
    /// # Errors
    ///
    /// As for [`Instance::new`] and [`Func::call_async`].
    ///
    /// # Panics
    ///
    /// As for [`Instance::new`].
    #[cfg(feature = "async")]
    pub async fn new_async(mut store: impl AsContextMut, module: &Module, imports: &[Extern]) -> Result<Instance> {
        instantiate::instantiate_async(store.as_context_mut(), module, imports).await
    }

    /// The module.
    pub fn module<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a Module {
        self.0.get(store.into().core()).module()
    }

    /// The exports, in the module's order.
    pub fn exports<'a, T: 'static>(
        &'a self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a>> + 'a {
        let (core, _) = store.into().split();
        let (id, data) = (core.id, self.0.get(core));
        data.module.info().exports.iter().map(move |(name, entity)| Export::new(name, data.entity(id, *entity)))
    }

    /// Takes a snapshot of the instance while no code of its store runs: of memories, globals, tables and dropped segments. It has no
    /// frames. Works in every mode, and without [`crate::Config::epoch_interruption`].
    ///
    /// An instance that has been initialised once can be restored any number of times, in this store's engine or another, by
    /// [`InstancePre::restore`](crate::InstancePre::restore) or [`Snapshot::restore`].
    ///
    /// # Errors
    ///
    /// [`SnapshotError::Running`] if code of the store runs, as in a host function that it has called; others if the state has something
    /// that a snapshot cannot contain.
    pub fn snapshot(&self, store: impl AsContext) -> Result<Snapshot, SnapshotError> {
        let store = store.as_context();
        snapshot::idle(store.core(), self.0.get(store.core()))
    }

    /// The export with the given name.
    pub fn get_export(&self, store: impl AsContext, name: &str) -> Option<Extern> {
        self.export(store.as_context().core(), name)
    }

    /// The exported function with the given name.
    pub fn get_func(&self, store: impl AsContext, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// The exported function with the given name, as one of a type known in Rust.
    ///
    /// # Errors
    ///
    /// If there is none, or it is of another type.
    pub fn get_typed_func<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>> {
        let func =
            self.get_func(&store, name).with_context(|| format!("failed to find function export `{}`", Shown(name)))?;
        func.typed(&store).with_context(|| format!("failed to convert function `{}` to given type", Shown(name)))
    }

    /// The exported table with the given name.
    pub fn get_table(&self, store: impl AsContext, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// The exported shared memory with the given name.
    pub fn get_shared_memory(&self, store: impl AsContext, name: &str) -> Option<SharedMemory> {
        self.get_export(store, name)?.into_shared_memory()
    }

    /// The exported memory with the given name, which is not shared.
    pub fn get_memory(&self, store: impl AsContext, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// The exported global with the given name.
    pub fn get_global(&self, store: impl AsContext, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }

    /// The exported tag with the given name.
    pub fn get_tag(&self, store: impl AsContext, name: &str) -> Option<Tag> {
        self.get_export(store, name)?.into_tag()
    }

    /// Makes the instance's functions run in `mode`, each from its next call on.
    ///
    /// # Errors
    ///
    /// If the engine does not support the mode; the message says what would make it so.
    pub fn set_mode(&self, mut store: impl AsContextMut, mode: Mode) -> Result<()> {
        let mut store = store.as_context_mut();
        let core = store.core_mut();
        core.engine.check_mode(mode)?;
        tiering::set_mode(self.0.get(core), mode);
        Ok(())
    }

    /// The mode that the instance's functions run in.
    pub fn mode(&self, store: impl AsContext) -> Mode {
        self.0.get(store.as_context().core()).mode()
    }

    fn export(&self, core: &StoreCore, name: &str) -> Option<Extern> {
        self.0.get(core).export(core.id, name)
    }
}
