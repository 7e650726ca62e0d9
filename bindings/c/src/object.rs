//! What C can refer to: one type behind `wasm_ref_t`, `wasm_extern_t`, `wasm_func_t` and all the others.

use std::hash::{Hash, Hasher};
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use riser::{ExnRef, Extern, ExternRef, Func, Global, Instance, Memory, Module, Rooted, SharedMemory, Table, Tag};

use crate::failure::Failure;
use crate::info::Info;
use crate::store::StoreRef;

/// Something that C can refer to. A clone is another reference to the same.
#[derive(Clone)]
pub enum Object {
    /// Something in a store.
    InStore(StoreRef, Entity),
    /// A module.
    Module(Arc<ModuleObject>),
    /// A trap.
    Trap(Arc<Failure>),
    /// A vector, which is a value too large for C's type of values.
    Vector(u128),
}

/// A module, and what C has attached to it.
pub struct ModuleObject {
    /// The module.
    pub module: Module,
    /// What C has attached to it.
    pub info: Mutex<Option<Info>>,
}

/// Something in a store.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Entity {
    Func(Func),
    Global(Global),
    Table(Table),
    Memory(Memory),
    Shared(Shared),
    Tag(Tag),
    Instance(Instance),
    Foreign(Rooted<ExternRef>),
    Exn(Rooted<ExnRef>),
}

/// A shared memory, which is the same as another if its bytes are.
#[derive(Clone)]
pub struct Shared(pub SharedMemory);

impl PartialEq for Shared {
    fn eq(&self, other: &Shared) -> bool {
        ptr::eq(self.0.data().as_ptr(), other.0.data().as_ptr())
    }
}

impl Eq for Shared {}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.data().as_ptr().hash(state);
    }
}

impl From<Module> for Object {
    fn from(module: Module) -> Object {
        Object::Module(Arc::new(ModuleObject { module, info: Mutex::new(None) }))
    }
}

/// What an instance exports.
pub fn of_extern(store: &StoreRef, item: Extern) -> Object {
    let entity = match item {
        Extern::Func(func) => Entity::Func(func),
        Extern::Global(global) => Entity::Global(global),
        Extern::Table(table) => Entity::Table(table),
        Extern::Memory(memory) => Entity::Memory(memory),
        Extern::SharedMemory(memory) => Entity::Shared(Shared(memory)),
        Extern::Tag(tag) => Entity::Tag(tag),
    };
    Object::InStore(store.clone(), entity)
}

/// The parts of an object of a kind: `func: Func` makes `fn func(&self) -> Option<(&StoreRef, Func)>`.
macro_rules! parts {
    ($($name:ident: $Kind:ident;)*) => {$(
        #[doc = concat!("The store, and what is in it, if it is of this kind: `", stringify!($Kind), "`.")]
        pub fn $name(&self) -> Option<(&StoreRef, $Kind)> {
            match self {
                Object::InStore(store, Entity::$Kind(it)) => Some((store, *it)),
                _ => None,
            }
        }
    )*};
}

impl Object {
    parts! {
        func: Func;
        global: Global;
        table: Table;
        instance: Instance;
    }

    /// The object, for C.
    pub fn boxed(self) -> Option<Box<Object>> {
        Some(Box::new(self))
    }

    /// The module, if this is one.
    pub fn module(&self) -> Option<&Module> {
        if let Object::Module(it) = self { Some(&it.module) } else { None }
    }

    /// The trap, if this is one.
    pub fn trap(&self) -> Option<&Arc<Failure>> {
        if let Object::Trap(it) = self { Some(it) } else { None }
    }

    /// The store, and what a module can import, if this is that.
    pub fn item(&self) -> Option<(&StoreRef, Extern)> {
        let Object::InStore(store, entity) = self else { return None };
        let item = match entity {
            Entity::Func(func) => Extern::Func(*func),
            Entity::Global(global) => Extern::Global(*global),
            Entity::Table(table) => Extern::Table(*table),
            Entity::Memory(memory) => Extern::Memory(*memory),
            Entity::Shared(Shared(memory)) => Extern::SharedMemory(memory.clone()),
            Entity::Tag(tag) => Extern::Tag(*tag),
            Entity::Instance(_) | Entity::Foreign(_) | Entity::Exn(_) => return None,
        };
        Some((store, item))
    }

    /// Whether this is a memory, shared or not.
    pub fn is_memory(&self) -> bool {
        matches!(self, Object::InStore(_, Entity::Memory(_) | Entity::Shared(_)))
    }

    /// Whether this is a host value.
    pub fn is_foreign(&self) -> bool {
        matches!(self, Object::InStore(_, Entity::Foreign(_)))
    }

    /// Whether both are references to the same.
    pub fn same(&self, other: &Object) -> bool {
        match (self, other) {
            (Object::InStore(_, one), Object::InStore(_, other)) => one == other,
            (Object::Module(one), Object::Module(other)) => Module::same(&one.module, &other.module),
            (Object::Trap(one), Object::Trap(other)) => Arc::ptr_eq(one, other),
            (Object::Vector(one), Object::Vector(other)) => one == other,
            (Object::InStore(..) | Object::Module(_) | Object::Trap(_) | Object::Vector(_), _) => false,
        }
    }

    /// Uses what C has attached to the object.
    pub fn with_info<R>(&self, use_info: impl FnOnce(&mut Option<Info>) -> R) -> R {
        match self {
            Object::InStore(store, entity) => {
                let mut context = store.context();
                let mut info = context.data_mut().infos.remove(entity);
                let result = use_info(&mut info);
                if let Some(info) = info {
                    context.data_mut().infos.insert(entity.clone(), info);
                }
                result
            }
            Object::Module(it) => use_info(&mut locked(&it.info)),
            Object::Trap(it) => use_info(&mut locked(&it.info)),
            Object::Vector(_) => use_info(&mut None),
        }
    }
}

fn locked(info: &Mutex<Option<Info>>) -> MutexGuard<'_, Option<Info>> {
    info.lock().unwrap_or_else(PoisonError::into_inner)
}
