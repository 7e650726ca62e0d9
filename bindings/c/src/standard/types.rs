//! The types of values, imports and exports.

use riser::{FuncType, GlobalType, MemoryType, Mutability, TableType};

use crate::types::{ExportType, ExternType, ImportType, Limits, Signature, ValType};
use crate::vector::{Bytes, Item, Vector};

/// `wasm_mutability_t`.
const VAR: u8 = 1;

/// `valtype: ValType` makes `wasm_valtype_delete` and `wasm_valtype_copy`.
macro_rules! owned {
    ($($name:ident: $Type:ty;)*) => { pastey::paste! {$(
        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _delete>](ty: Item<$Type>) {
            drop(ty);
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _copy>](ty: Option<&$Type>) -> Item<$Type> {
            ty.map(|ty| Box::new(ty.clone()))
        }
    )*}};
}

owned! {
    valtype: ValType;
    functype: ExternType;
    globaltype: ExternType;
    tabletype: ExternType;
    memorytype: ExternType;
    externtype: ExternType;
    importtype: ImportType;
    exporttype: ExportType;
}

#[unsafe(no_mangle)]
extern "C" fn wasm_valtype_new(kind: u8) -> Item<ValType> {
    ValType::of_kind(kind).map(Box::new)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_valtype_kind(ty: Option<&ValType>) -> u8 {
    ty.map_or(0, ValType::kind)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_functype_new(
    params: Option<&mut Vector<Item<ValType>>>,
    results: Option<&mut Vector<Item<ValType>>>,
) -> Item<ExternType> {
    let take = |types: Option<&mut Vector<Item<ValType>>>| -> Option<Vec<riser::ValType>> {
        let types = types.map(std::mem::take).unwrap_or_default();
        types.as_slice().iter().map(|ty| ty.as_ref().map(|ty| ty.0)).collect()
    };
    let (params, results) = (take(params), take(results));
    Some(Box::new(FuncType::new(params?, results?).into()))
}

fn signature(ty: Option<&ExternType>) -> Option<&Signature> {
    if let Some(ExternType::Func(signature)) = ty { Some(signature) } else { None }
}

#[unsafe(no_mangle)]
extern "C" fn wasm_functype_params(ty: Option<&ExternType>) -> Option<&Vector<Item<ValType>>> {
    signature(ty).map(|it| &it.params)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_functype_results(ty: Option<&ExternType>) -> Option<&Vector<Item<ValType>>> {
    signature(ty).map(|it| &it.results)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_globaltype_new(content: Item<ValType>, mutability: u8) -> Item<ExternType> {
    let mutability = if mutability == VAR { Mutability::Var } else { Mutability::Const };
    content.map(|content| Box::new(GlobalType::new(content.0, mutability).into()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_globaltype_content(ty: Option<&ExternType>) -> Option<&ValType> {
    if let Some(ExternType::Global { content, .. }) = ty { Some(content) } else { None }
}

#[unsafe(no_mangle)]
extern "C" fn wasm_globaltype_mutability(ty: Option<&ExternType>) -> u8 {
    u8::from(matches!(ty, Some(ExternType::Global { mutable: true, .. })))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_tabletype_new(element: Item<ValType>, limits: Option<&Limits>) -> Item<ExternType> {
    let (min, max) = limits?.bounds();
    Some(Box::new(TableType::new(element?.0, min, max).into()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_tabletype_element(ty: Option<&ExternType>) -> Option<&ValType> {
    if let Some(ExternType::Table { element, .. }) = ty { Some(element) } else { None }
}

#[unsafe(no_mangle)]
extern "C" fn wasm_tabletype_limits(ty: Option<&ExternType>) -> Option<&Limits> {
    if let Some(ExternType::Table { limits, .. }) = ty { Some(limits) } else { None }
}

#[unsafe(no_mangle)]
extern "C" fn wasm_memorytype_new(limits: Option<&Limits>) -> Item<ExternType> {
    let (min, max) = limits?.bounds();
    Some(Box::new(MemoryType::new(min, max).into()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_memorytype_limits(ty: Option<&ExternType>) -> Option<&Limits> {
    if let Some(ExternType::Memory { limits, .. }) = ty { Some(limits) } else { None }
}

#[unsafe(no_mangle)]
extern "C" fn wasm_externtype_kind(ty: Option<&ExternType>) -> u8 {
    ty.map_or(0, ExternType::kind)
}

/// `functype => ExternType::Func(_)` makes `wasm_functype_as_externtype`, which is the same pointer, and `wasm_externtype_as_functype`, which is the
/// same pointer if it is one of this kind; both with `const` as well.
macro_rules! conversions {
    ($($name:ident => $kind:pat,)*) => { pastey::paste! {$(
        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _as_externtype>](ty: Option<&mut ExternType>) -> Option<&mut ExternType> {
            ty
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_ $name _as_externtype_const>](ty: Option<&ExternType>) -> Option<&ExternType> {
            ty
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_externtype_as_ $name>](ty: Option<&mut ExternType>) -> Option<&mut ExternType> {
            ty.filter(|ty| matches!(ty, $kind))
        }

        #[unsafe(no_mangle)]
        extern "C" fn [<wasm_externtype_as_ $name _const>](ty: Option<&ExternType>) -> Option<&ExternType> {
            ty.filter(|ty| matches!(ty, $kind))
        }
    )*}};
}

conversions! {
    functype => ExternType::Func(_),
    globaltype => ExternType::Global { .. },
    tabletype => ExternType::Table { .. },
    memorytype => ExternType::Memory { .. },
}

#[unsafe(no_mangle)]
extern "C" fn wasm_importtype_new(
    module: Option<&mut Bytes>,
    name: Option<&mut Bytes>,
    ty: Item<ExternType>,
) -> Item<ImportType> {
    let (module, name) = (module.map(std::mem::take), name.map(std::mem::take));
    Some(Box::new(ImportType { module: module?, name: name?, ty: ty? }))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_importtype_module(ty: Option<&ImportType>) -> Option<&Bytes> {
    ty.map(|ty| &ty.module)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_importtype_name(ty: Option<&ImportType>) -> Option<&Bytes> {
    ty.map(|ty| &ty.name)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_importtype_type(ty: Option<&ImportType>) -> Option<&ExternType> {
    ty.map(|ty| &*ty.ty)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_exporttype_new(name: Option<&mut Bytes>, ty: Item<ExternType>) -> Item<ExportType> {
    let name = name.map(std::mem::take);
    Some(Box::new(ExportType { name: name?, ty: ty? }))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_exporttype_name(ty: Option<&ExportType>) -> Option<&Bytes> {
    ty.map(|ty| &ty.name)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_exporttype_type(ty: Option<&ExportType>) -> Option<&ExternType> {
    ty.map(|ty| &*ty.ty)
}
