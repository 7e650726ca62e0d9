//! What modules import and export: functions, tables, memories, globals and tags of a store.

use riser_translator::module::ExternType;

use crate::Engine;
use crate::store::StoreCore;
use crate::{AsContext, Func, Global, Memory, SharedMemory, Table, Tag};

/// A function, table, memory, global or tag of a store, or a shared memory of an engine.
#[derive(Clone, Debug)]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A global.
    Global(Global),
    /// A table.
    Table(Table),
    /// A memory.
    Memory(Memory),
    /// A shared memory.
    SharedMemory(SharedMemory),
    /// A tag.
    Tag(Tag),
}

impl Extern {
    /// The function, if this is one.
    pub fn into_func(self) -> Option<Func> {
        if let Extern::Func(func) = self { Some(func) } else { None }
    }

    /// The global, if this is one.
    pub fn into_global(self) -> Option<Global> {
        if let Extern::Global(global) = self { Some(global) } else { None }
    }

    /// The table, if this is one.
    pub fn into_table(self) -> Option<Table> {
        if let Extern::Table(table) = self { Some(table) } else { None }
    }

    /// The memory, if this is one.
    pub fn into_memory(self) -> Option<Memory> {
        if let Extern::Memory(memory) = self { Some(memory) } else { None }
    }

    /// The shared memory, if this is one.
    pub fn into_shared_memory(self) -> Option<SharedMemory> {
        if let Extern::SharedMemory(memory) = self { Some(memory) } else { None }
    }

    /// The tag, if this is one.
    pub fn into_tag(self) -> Option<Tag> {
        if let Extern::Tag(tag) = self { Some(tag) } else { None }
    }

    /// The type. For memories and tables, the limits are those declared.
    ///
    /// # Panics
    ///
    /// If this belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        match self {
            Extern::Func(func) => ExternType::Func(func.ty(store)),
            Extern::Global(global) => ExternType::Global(global.ty(store)),
            Extern::Table(table) => ExternType::Table(table.ty(store)),
            Extern::Memory(memory) => ExternType::Memory(memory.ty(store)),
            Extern::SharedMemory(memory) => ExternType::Memory(memory.ty()),
            Extern::Tag(tag) => ExternType::Tag(tag.ty(store)),
        }
    }

    /// Checks that this may be used with a store.
    ///
    /// # Panics
    ///
    /// If it belongs to another store, or to another engine.
    pub(crate) fn assert_is_of(&self, store: &StoreCore) {
        match self {
            Extern::Func(func) => func.store().assert_is(store),
            Extern::Global(global) => global.0.store.assert_is(store),
            Extern::Table(table) => table.0.store.assert_is(store),
            Extern::Memory(memory) => memory.0.store.assert_is(store),
            Extern::SharedMemory(memory) => {
                assert!(Engine::same(memory.engine(), &store.engine), "shared memory used with the wrong engine");
            }
            Extern::Tag(tag) => tag.0.store.assert_is(store),
        }
    }
}

impl From<Func> for Extern {
    fn from(func: Func) -> Extern {
        Extern::Func(func)
    }
}

impl From<Global> for Extern {
    fn from(global: Global) -> Extern {
        Extern::Global(global)
    }
}

impl From<Table> for Extern {
    fn from(table: Table) -> Extern {
        Extern::Table(table)
    }
}

impl From<Memory> for Extern {
    fn from(memory: Memory) -> Extern {
        Extern::Memory(memory)
    }
}

impl From<SharedMemory> for Extern {
    fn from(memory: SharedMemory) -> Extern {
        Extern::SharedMemory(memory)
    }
}

impl From<Tag> for Extern {
    fn from(tag: Tag) -> Extern {
        Extern::Tag(tag)
    }
}

/// An export of an instance.
#[derive(Clone, Debug)]
pub struct Export<'instance> {
    name: &'instance str,
    definition: Extern,
}

impl<'instance> Export<'instance> {
    pub(crate) fn new(name: &'instance str, definition: Extern) -> Export<'instance> {
        Export { name, definition }
    }

    /// The name.
    pub fn name(&self) -> &'instance str {
        self.name
    }

    /// The type.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        self.definition.ty(store)
    }

    /// What is exported.
    pub fn into_extern(self) -> Extern {
        self.definition
    }

    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        self.definition.into_func()
    }

    /// The table, if it is one.
    pub fn into_table(self) -> Option<Table> {
        self.definition.into_table()
    }

    /// The memory, if it is one.
    pub fn into_memory(self) -> Option<Memory> {
        self.definition.into_memory()
    }

    /// The shared memory, if it is one.
    pub fn into_shared_memory(self) -> Option<SharedMemory> {
        self.definition.into_shared_memory()
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        self.definition.into_global()
    }

    /// The tag, if it is one.
    pub fn into_tag(self) -> Option<Tag> {
        self.definition.into_tag()
    }
}
