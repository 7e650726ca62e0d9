//! A module's description: its sections, decoded and validated, and the positions of the functions' bodies. Code is not
//! translated here.

mod memory_type;

use std::ops::Range;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::bytes::SharedBytes;
use crate::features::Features;
use crate::index::{DefinedFuncIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex};
use crate::types::{FuncType, ValType};

pub use memory_type::{InvalidMemoryType, MemoryType, MemoryTypeBuilder};

/// Lower and upper bound of a memory (in pages) or a table (in elements).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Initial size.
    pub min: u64,
    /// Largest size, if declared.
    pub max: Option<u64>,
}

/// A table's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableType {
    /// Type of the elements: a reference type.
    pub element: ValType,
    /// Size in elements.
    pub limits: Limits,
    /// Whether indices are 64 bits wide.
    pub table64: bool,
}

impl TableType {
    /// The type of indices, and of sizes in elements.
    pub const fn index_type(self) -> ValType {
        if self.table64 { ValType::I64 } else { ValType::I32 }
    }
}

impl TableType {
    /// A table with 32-bit indices, of `minimum` to `maximum` elements of the reference type `element`.
    pub const fn new(element: ValType, minimum: u32, maximum: Option<u32>) -> TableType {
        let max = match maximum {
            Some(maximum) => Some(maximum as u64),
            None => None,
        };
        TableType { element, limits: Limits { min: minimum as u64, max }, table64: false }
    }

    /// A table with 64-bit indices; otherwise as [`TableType::new`].
    pub const fn new64(element: ValType, minimum: u64, maximum: Option<u64>) -> TableType {
        TableType { element, limits: Limits { min: minimum, max: maximum }, table64: true }
    }

    /// The type of the elements: a reference type.
    pub const fn element(&self) -> ValType {
        self.element
    }

    /// Whether indices are 64 bits wide.
    pub const fn is_64(&self) -> bool {
        self.table64
    }

    /// Initial number of elements.
    pub const fn minimum(&self) -> u64 {
        self.limits.min
    }

    /// Largest number of elements, if declared.
    pub const fn maximum(&self) -> Option<u64> {
        self.limits.max
    }
}

/// Whether a global can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutability {
    /// The global keeps its initial value.
    Const,
    /// The global can be set.
    Var,
}

/// A global's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalType {
    /// Type of the value.
    pub content: ValType,
    /// Whether the global can be set.
    pub mutable: bool,
}

impl GlobalType {
    /// A global of values of type `content`.
    pub const fn new(content: ValType, mutability: Mutability) -> GlobalType {
        GlobalType { content, mutable: matches!(mutability, Mutability::Var) }
    }

    /// The type of the value.
    pub const fn content(&self) -> ValType {
        self.content
    }

    /// Whether the global can be set.
    pub const fn mutability(&self) -> Mutability {
        if self.mutable { Mutability::Var } else { Mutability::Const }
    }
}

/// A tag's type: the payload of its exceptions, as the parameters of a function type without results.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TagType {
    ty: FuncType,
}

impl TagType {
    /// A tag of exceptions whose payload are the parameters of `ty`.
    pub const fn new(ty: FuncType) -> TagType {
        TagType { ty }
    }

    /// The function type.
    pub const fn ty(&self) -> &FuncType {
        &self.ty
    }
}

/// The type that an import requires, or that an export has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A global.
    Global(GlobalType),
    /// A tag.
    Tag(TagType),
}

/// Accessors by kind: `fn func(&self) -> Option<&FuncType>` and `fn unwrap_func(&self) -> &FuncType`.
macro_rules! accessors {
    ($($Kind:ident $name:ident $unwrap:ident $Type:ty;)*) => {
        impl ExternType {$(
            #[doc = concat!("The type of the ", stringify!($name), ", if this is that of one.")]
            pub fn $name(&self) -> Option<&$Type> {
                if let ExternType::$Kind(ty) = self { Some(ty) } else { None }
            }

            #[doc = concat!("The type of the ", stringify!($name), ".")]
            ///
            /// # Panics
            ///
            /// If this is the type of something else.
            pub fn $unwrap(&self) -> &$Type {
                self.$name().unwrap_or_else(|| panic!("expected the type of a {}, found {self:?}", stringify!($name)))
            }
        )*}

        $(impl From<$Type> for ExternType {
            fn from(ty: $Type) -> ExternType {
                ExternType::$Kind(ty)
            }
        })*
    };
}

accessors! {
    Func func unwrap_func FuncType;
    Table table unwrap_table TableType;
    Memory memory unwrap_memory MemoryType;
    Global global unwrap_global GlobalType;
    Tag tag unwrap_tag TagType;
}

/// An entity of one of the module's index spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityIndex {
    /// A function.
    Func(FuncIndex),
    /// A table.
    Table(TableIndex),
    /// A memory.
    Memory(MemoryIndex),
    /// A global.
    Global(GlobalIndex),
    /// A tag.
    Tag(TagIndex),
}

/// An import: two names and the entity that it defines. Imports come first in each index space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Name of the module to import from. Imports of one group of a compact import section share it.
    pub module: Arc<str>,
    /// Name within that module.
    pub name: Box<str>,
    /// The entity.
    pub entity: EntityIndex,
}

/// A step of a constant expression (with extended-const), which is executed on a small stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstOp {
    /// Push slot bits (null references are 0).
    Value(u64),
    /// Push the two slots of a vector.
    Vector([u64; 2]),
    /// Push a global's value.
    GlobalGet(GlobalIndex),
    /// Push a reference to a function.
    RefFunc(FuncIndex),
    /// Pop two, push the 32-bit sum.
    I32Add,
    /// Pop two, push the 32-bit difference.
    I32Sub,
    /// Pop two, push the 32-bit product.
    I32Mul,
    /// Pop two, push the sum.
    I64Add,
    /// Pop two, push the difference.
    I64Sub,
    /// Pop two, push the product.
    I64Mul,
}

/// A constant expression: a valid sequence of steps that leaves one value.
pub type ConstExpr = SmallVec<[ConstOp; 1]>;

/// The use of a segment, whose target is named by a `T`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SegmentMode<T> {
    /// Copied to a memory or table at instantiation, then dropped.
    Active {
        /// The memory or table.
        target: T,
        /// The place to copy it to.
        offset: ConstExpr,
    },
    /// Used by `memory.init` or `table.init`.
    Passive,
    /// Declares functions for `ref.func`; dropped at instantiation.
    Declared,
}

/// An element segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementSegment {
    /// The use of the segment.
    pub mode: SegmentMode<TableIndex>,
    /// Type of the elements.
    pub element: ValType,
    /// The elements.
    pub items: ElementItems,
}

/// The elements of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElementItems {
    /// References to functions.
    Functions(Box<[FuncIndex]>),
    /// Constant expressions.
    Expressions(Box<[ConstExpr]>),
}

/// A data segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSegment {
    /// The use of the segment.
    pub mode: SegmentMode<MemoryIndex>,
    /// The bytes, as a range of the module's bytes.
    pub range: Range<u32>,
}

/// A function that the module defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuncBody {
    /// The body (locals and code), as a range of the module's bytes.
    pub range: Range<u32>,
}

/// Advice on a conditional branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BranchHint {
    /// The function.
    pub function: FuncIndex,
    /// The position of the `if` or `br_if`, in bytes from the start of the function's body.
    pub offset: u32,
    /// Whether the condition is likely not to be zero; otherwise it is likely to be zero.
    pub is_taken: bool,
}

/// A custom section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomSection {
    /// Its name, as a range of the module's bytes, UTF-8.
    pub name: Range<u32>,
    /// The contents, as a range of the module's bytes.
    pub data: Range<u32>,
}

/// A decoded module.
///
/// Everything except the function bodies has been validated. Bodies are validated when they are translated, eagerly or
/// at first use, as the loader was configured.
#[derive(Debug, PartialEq, Eq)]
pub struct ModuleInfo {
    /// The proposals that the module may use.
    pub features: Features,
    /// The module's bytes. They are kept because tiers translate functions again when they need them.
    pub bytes: SharedBytes,
    /// The module's name, from the name section.
    pub name: Option<Box<str>>,
    /// The type section.
    pub types: Vec<FuncType>,
    /// Imports in order.
    pub imports: Vec<Import>,
    /// Type of each function of the index space, imports first.
    pub functions: Vec<TypeIndex>,
    /// Number of imported functions.
    pub imported_functions: u32,
    /// Tables of the index space, imports first.
    pub tables: Vec<TableType>,
    /// Initial element of each defined table that has one.
    pub table_inits: Vec<Option<ConstExpr>>,
    /// Number of imported tables.
    pub imported_tables: u32,
    /// Memories of the index space, imports first.
    pub memories: Vec<MemoryType>,
    /// Number of imported memories.
    pub imported_memories: u32,
    /// Globals of the index space, imports first.
    pub globals: Vec<GlobalType>,
    /// Initial value of each defined global.
    pub global_inits: Vec<ConstExpr>,
    /// Number of imported globals.
    pub imported_globals: u32,
    /// Type of each tag of the index space, imports first.
    pub tags: Vec<TypeIndex>,
    /// Number of imported tags.
    pub imported_tags: u32,
    /// Exports in order.
    pub exports: Vec<(Box<str>, EntityIndex)>,
    /// Each function that is exported, and the number of its first export, sorted by function index.
    pub function_exports: Vec<(FuncIndex, u32)>,
    /// The start function.
    pub start: Option<FuncIndex>,
    /// Element segments.
    pub elements: Vec<ElementSegment>,
    /// Data segments.
    pub data: Vec<DataSegment>,
    /// Bodies of the defined functions.
    pub bodies: Vec<FuncBody>,
    /// Where the contents of the code section start in the module's bytes. Addresses in DWARF are relative to that.
    pub code_start: u32,
    /// Function names from the name section, sorted by function index: ranges of the module's bytes, UTF-8.
    pub function_names: Vec<(FuncIndex, Range<u32>)>,
    /// Hints for branches, by function and offset; none if branch hinting is off.
    pub branch_hints: Vec<BranchHint>,
    /// Custom sections in order.
    pub custom_sections: Vec<CustomSection>,
}

impl ModuleInfo {
    /// The type of the function with the given index.
    ///
    /// # Panics
    ///
    /// If there is no such function.
    pub fn func_type(&self, function: FuncIndex) -> &FuncType {
        self.ty(self.type_index(function))
    }

    /// The index of the type of the function with the given index.
    ///
    /// # Panics
    ///
    /// If there is no such function.
    #[inline]
    pub fn type_index(&self, function: FuncIndex) -> TypeIndex {
        self.functions[function.index()]
    }

    /// The type of the table with the given index.
    ///
    /// # Panics
    ///
    /// If there is no such table.
    #[inline]
    pub fn table(&self, index: TableIndex) -> &TableType {
        &self.tables[index.index()]
    }

    /// The type of the memory with the given index.
    ///
    /// # Panics
    ///
    /// If there is no such memory.
    #[inline]
    pub fn memory(&self, index: MemoryIndex) -> &MemoryType {
        &self.memories[index.index()]
    }

    /// The type of the global with the given index.
    ///
    /// # Panics
    ///
    /// If there is no such global.
    #[inline]
    pub fn global(&self, index: GlobalIndex) -> &GlobalType {
        &self.globals[index.index()]
    }

    /// The type of the tag with the given index: the payload of its exceptions are the parameters.
    ///
    /// # Panics
    ///
    /// If there is no such tag.
    pub fn tag_type(&self, tag: TagIndex) -> &FuncType {
        self.ty(self.tags[tag.index()])
    }

    /// The function type with the given index.
    ///
    /// # Panics
    ///
    /// If there is no such type.
    #[inline]
    pub fn ty(&self, index: TypeIndex) -> &FuncType {
        &self.types[index.index()]
    }

    /// The function's name, if the name section has one, else the name of its first export.
    pub fn func_name(&self, function: FuncIndex) -> Option<&str> {
        match self.function_names.binary_search_by_key(&function, |(index, _)| *index) {
            Ok(at) => {
                let Range { start, end } = self.function_names[at].1;
                str::from_utf8(self.bytes.get(start as usize..end as usize)?).ok()
            }
            Err(_) => {
                let at = self.function_exports.binary_search_by_key(&function, |(index, _)| *index).ok()?;
                Some(&self.exports[self.function_exports[at].1 as usize].0)
            }
        }
    }

    /// The hints for branches of a function, in the order of their offsets.
    pub fn branch_hints(&self, function: FuncIndex) -> &[BranchHint] {
        let first = self.branch_hints.partition_point(|hint| hint.function < function);
        let hints = &self.branch_hints[first..];
        &hints[..hints.partition_point(|hint| hint.function == function)]
    }

    /// The first custom section with the given name.
    pub fn custom_section(&self, name: &str) -> Option<&CustomSection> {
        self.custom_sections.iter().find(|section| {
            let Range { start, end } = section.name;
            self.bytes.get(start as usize..end as usize) == Some(name.as_bytes())
        })
    }

    /// Returns the function's index among the functions that the module defines; `None` for an import.
    pub fn defined_function(&self, function: FuncIndex) -> Option<DefinedFuncIndex> {
        function.among_defined(self.imported_functions)
    }

    /// Returns the function's index in the function index space.
    pub fn func_index(&self, defined: DefinedFuncIndex) -> FuncIndex {
        defined.in_space(self.imported_functions)
    }

    /// The functions that the module defines.
    pub fn defined_functions(&self) -> impl ExactSizeIterator<Item = FuncIndex> + DoubleEndedIterator + Clone + use<> {
        FuncIndex::first(self.functions.len()).skip(self.imported_functions as usize)
    }

    /// The bytes of the body of the function with the given index; `None` for an import.
    pub fn body_bytes(&self, function: FuncIndex) -> Option<&[u8]> {
        let body = self.bodies.get(self.defined_function(function)?.index())?;
        self.bytes.get(body.range.start as usize..body.range.end as usize)
    }

    /// Returns the type of an entity of the module.
    ///
    /// # Panics
    ///
    /// If the entity is not of this module.
    pub fn extern_type(&self, entity: EntityIndex) -> ExternType {
        match entity {
            EntityIndex::Func(index) => ExternType::Func(self.func_type(index).clone()),
            EntityIndex::Table(index) => ExternType::Table(*self.table(index)),
            EntityIndex::Memory(index) => ExternType::Memory(*self.memory(index)),
            EntityIndex::Global(index) => ExternType::Global(*self.global(index)),
            EntityIndex::Tag(index) => ExternType::Tag(TagType::new(self.tag_type(index).clone())),
        }
    }
}
