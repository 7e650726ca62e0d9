//! What a module says about itself: imports, exports, custom sections, and what it needs.

use std::fmt;

use riser_translator::module::{EntityIndex, ExternType, ModuleInfo};

use super::Module;

impl Module {
    /// The name that the module gives itself.
    pub fn name(&self) -> Option<&str> {
        self.info().name.as_deref()
    }

    /// The imports, in order.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> + '_ {
        self.info().imports.iter().map(|import| ImportType {
            module: &import.module,
            name: &import.name,
            entity: import.entity,
            info: self.info(),
        })
    }

    /// The exports, in order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> + '_ {
        self.info().exports.iter().map(|(name, entity)| ExportType { name, entity: *entity, info: self.info() })
    }

    /// The type of the export with the given name.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        self.export(name).map(|entity| self.info().extern_type(entity))
    }

    /// The custom sections, in order.
    pub fn custom_sections(&self) -> impl ExactSizeIterator<Item = CustomSection<'_>> + '_ {
        let info = self.info();
        let bytes = |range: &std::ops::Range<u32>| &info.bytes[range.start as usize..range.end as usize];
        info.custom_sections.iter().map(move |section| CustomSection {
            // The name was checked when the module was parsed.
            name: std::str::from_utf8(bytes(&section.name)).unwrap_or_default(),
            data: bytes(&section.data),
        })
    }

    /// What an instance of the module needs, besides what it imports.
    pub fn resources_required(&self) -> ResourcesRequired {
        let info = self.info();
        let memories = &info.memories[info.imported_memories as usize..];
        let tables = &info.tables[info.imported_tables as usize..];
        ResourcesRequired {
            num_memories: memories.len() as u32,
            max_initial_memory_size: memories.iter().map(|ty| ty.minimum()).max(),
            num_tables: tables.len() as u32,
            max_initial_table_size: tables.iter().map(|ty| ty.minimum()).max(),
        }
    }
}

/// What an instance of a module needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourcesRequired {
    /// The number of memories.
    pub num_memories: u32,
    /// The largest initial size of a memory in pages; `None` if there is no memory.
    pub max_initial_memory_size: Option<u64>,
    /// The number of tables.
    pub num_tables: u32,
    /// The largest initial size of a table in elements; `None` if there is no table.
    pub max_initial_table_size: Option<u64>,
}

/// A custom section of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomSection<'module> {
    name: &'module str,
    data: &'module [u8],
}

impl<'module> CustomSection<'module> {
    /// The name.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// The contents.
    pub fn data(&self) -> &'module [u8] {
        self.data
    }
}

/// An import of a module.
#[derive(Clone, Copy)]
pub struct ImportType<'module> {
    module: &'module str,
    name: &'module str,
    entity: EntityIndex,
    info: &'module ModuleInfo,
}

impl<'module> ImportType<'module> {
    /// The name of the module to import from.
    pub fn module(&self) -> &'module str {
        self.module
    }

    /// The name within that module.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// The type.
    pub fn ty(&self) -> ExternType {
        self.info.extern_type(self.entity)
    }
}

impl fmt::Debug for ImportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("ImportType");
        out.field("module", &self.module).field("name", &self.name).field("ty", &self.ty()).finish()
    }
}

/// An export of a module.
#[derive(Clone, Copy)]
pub struct ExportType<'module> {
    name: &'module str,
    entity: EntityIndex,
    info: &'module ModuleInfo,
}

impl<'module> ExportType<'module> {
    /// The name.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// The type.
    pub fn ty(&self) -> ExternType {
        self.info.extern_type(self.entity)
    }
}

impl fmt::Debug for ExportType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportType").field("name", &self.name).field("ty", &self.ty()).finish()
    }
}
