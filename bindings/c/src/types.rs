//! The types of values, imports and exports, as C sees them.

use riser::{FuncType, GlobalType, Limits as Bounds, MemoryType, Mutability, TableType, TagType};

use crate::vector::{Bytes, Item, Vector};

/// `wasm_valtype_t`.
#[derive(Clone)]
pub struct ValType(pub riser::ValType);

/// `wasm_valkind_t`, and the kinds that `riser.h` adds.
pub mod kind {
    pub const I32: u8 = 0;
    pub const I64: u8 = 1;
    pub const F32: u8 = 2;
    pub const F64: u8 = 3;
    pub const V128: u8 = 4;
    pub const EXTERNREF: u8 = 128;
    pub const FUNCREF: u8 = 129;
    pub const EXNREF: u8 = 130;
}

impl ValType {
    /// The type of this kind, if there is one.
    pub fn of_kind(kind: u8) -> Option<ValType> {
        Some(ValType(match kind {
            kind::I32 => riser::ValType::I32,
            kind::I64 => riser::ValType::I64,
            kind::F32 => riser::ValType::F32,
            kind::F64 => riser::ValType::F64,
            kind::V128 => riser::ValType::V128,
            kind::EXTERNREF => riser::ValType::ExternRef,
            kind::FUNCREF => riser::ValType::FuncRef,
            kind::EXNREF => riser::ValType::ExnRef,
            _ => return None,
        }))
    }

    /// The kind.
    pub fn kind(&self) -> u8 {
        match self.0 {
            riser::ValType::I32 => kind::I32,
            riser::ValType::I64 => kind::I64,
            riser::ValType::F32 => kind::F32,
            riser::ValType::F64 => kind::F64,
            riser::ValType::V128 => kind::V128,
            riser::ValType::ExternRef => kind::EXTERNREF,
            riser::ValType::FuncRef => kind::FUNCREF,
            riser::ValType::ExnRef => kind::EXNREF,
        }
    }
}

/// `wasm_limits_t`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Limits {
    min: u32,
    max: u32,
}

/// The maximum that stands for none.
const NO_MAXIMUM: u32 = u32::MAX;

impl Limits {
    /// The limits as C can say them: those that are too large for it are as large as can be.
    pub fn new(bounds: Bounds) -> Limits {
        let clamp = |size: u64| u32::try_from(size).unwrap_or(u32::MAX);
        Limits { min: clamp(bounds.min), max: bounds.max.map_or(NO_MAXIMUM, clamp) }
    }

    /// The minimum, and the maximum if there is one.
    pub fn bounds(self) -> (u32, Option<u32>) {
        (self.min, Some(self.max).filter(|&max| max != NO_MAXIMUM))
    }
}

/// Vectors of the types of a function's parameters and results.
#[derive(Clone)]
pub struct Signature {
    pub params: Vector<Item<ValType>>,
    pub results: Vector<Item<ValType>>,
}

impl Signature {
    fn new(ty: &FuncType) -> Signature {
        let vector = |types: &[riser::ValType]| -> Vector<Item<ValType>> {
            types.iter().map(|&ty| Some(Box::new(ValType(ty)))).collect::<Vec<_>>().into()
        };
        Signature { params: vector(ty.params()), results: vector(ty.results()) }
    }

    /// The type.
    pub fn ty(&self) -> FuncType {
        let types = |vector: &Vector<Item<ValType>>| {
            vector.as_slice().iter().flatten().map(|ty| ty.0).collect::<Vec<riser::ValType>>()
        };
        FuncType::new(types(&self.params), types(&self.results))
    }
}

/// `wasm_externtype_t`, and what it can be: `wasm_functype_t`, `wasm_globaltype_t`, `wasm_tabletype_t`, `wasm_memorytype_t`. C gets
/// parts of it by reference, so those are kept in C's form.
#[derive(Clone)]
pub enum ExternType {
    Func(Signature),
    Global { content: ValType, mutable: bool },
    Table { ty: TableType, element: ValType, limits: Limits },
    Memory { ty: MemoryType, limits: Limits },
    Tag(Signature),
}

/// `wasm_externkind_t`.
pub mod extern_kind {
    pub const FUNC: u8 = 0;
    pub const GLOBAL: u8 = 1;
    pub const TABLE: u8 = 2;
    pub const MEMORY: u8 = 3;
    pub const TAG: u8 = 4;
}

impl From<riser::ExternType> for ExternType {
    fn from(ty: riser::ExternType) -> ExternType {
        match ty {
            riser::ExternType::Func(ty) => ty.into(),
            riser::ExternType::Global(ty) => ty.into(),
            riser::ExternType::Table(ty) => ty.into(),
            riser::ExternType::Memory(ty) => ty.into(),
            riser::ExternType::Tag(ty) => ty.into(),
        }
    }
}

impl From<FuncType> for ExternType {
    fn from(ty: FuncType) -> ExternType {
        ExternType::Func(Signature::new(&ty))
    }
}

impl From<GlobalType> for ExternType {
    fn from(ty: GlobalType) -> ExternType {
        ExternType::Global { content: ValType(ty.content), mutable: ty.mutable }
    }
}

impl From<TableType> for ExternType {
    fn from(ty: TableType) -> ExternType {
        ExternType::Table { ty, element: ValType(ty.element), limits: Limits::new(ty.limits) }
    }
}

impl From<MemoryType> for ExternType {
    fn from(ty: MemoryType) -> ExternType {
        ExternType::Memory { ty, limits: Limits::new(ty.limits) }
    }
}

impl From<TagType> for ExternType {
    fn from(ty: TagType) -> ExternType {
        ExternType::Tag(Signature::new(ty.ty()))
    }
}

impl ExternType {
    /// The kind.
    pub fn kind(&self) -> u8 {
        match self {
            ExternType::Func(_) => extern_kind::FUNC,
            ExternType::Global { .. } => extern_kind::GLOBAL,
            ExternType::Table { .. } => extern_kind::TABLE,
            ExternType::Memory { .. } => extern_kind::MEMORY,
            ExternType::Tag(_) => extern_kind::TAG,
        }
    }

    /// The type of a function.
    pub fn func(&self) -> Option<FuncType> {
        if let ExternType::Func(signature) = self { Some(signature.ty()) } else { None }
    }

    /// The type of a global.
    pub fn global(&self) -> Option<GlobalType> {
        let ExternType::Global { content, mutable } = self else { return None };
        Some(GlobalType::new(content.0, if *mutable { Mutability::Var } else { Mutability::Const }))
    }

    /// The type of a table.
    pub fn table(&self) -> Option<TableType> {
        if let ExternType::Table { ty, .. } = self { Some(*ty) } else { None }
    }

    /// The type of a memory.
    pub fn memory(&self) -> Option<MemoryType> {
        if let ExternType::Memory { ty, .. } = self { Some(*ty) } else { None }
    }
}

/// `wasm_importtype_t`.
#[derive(Clone)]
pub struct ImportType {
    pub module: Bytes,
    pub name: Bytes,
    pub ty: Box<ExternType>,
}

/// `wasm_exporttype_t`.
#[derive(Clone)]
pub struct ExportType {
    pub name: Bytes,
    pub ty: Box<ExternType>,
}
