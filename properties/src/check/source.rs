//! Types of the blocks of a wasm body.

use wasmparser::BlockType;

use riser_translator::index::TypeIndex;
use riser_translator::module::ModuleInfo;
use riser_translator::parse::val_type;
use riser_translator::types::ValType;

/// Parameters and results of a block; `None` for types that are not supported.
pub(super) fn block_types(module: &ModuleInfo, ty: BlockType) -> Option<(&[ValType], &[ValType])> {
    Some(match ty {
        BlockType::Empty => (&[], &[]),
        BlockType::Type(ty) => (&[], single(val_type(ty, 0).ok()?)),
        BlockType::FuncType(index) => {
            let ty = module.ty(TypeIndex::new(index));
            (ty.params(), ty.results())
        }
    })
}

/// Returns a list of one type.
const fn single(ty: ValType) -> &'static [ValType] {
    match ty {
        ValType::I32 => &[ValType::I32],
        ValType::I64 => &[ValType::I64],
        ValType::F32 => &[ValType::F32],
        ValType::F64 => &[ValType::F64],
        ValType::V128 => &[ValType::V128],
        ValType::FuncRef => &[ValType::FuncRef],
        ValType::ExternRef => &[ValType::ExternRef],
        ValType::ExnRef => &[ValType::ExnRef],
    }
}
