//! Converts wasmparser's types to Riser's.

use crate::error::{ErrorKind, TranslateError};
use crate::module::{GlobalType, Limits, MemoryType, TableType};
use crate::types::{FuncType, ValType};

/// Converts a value type; `offset` is its position, for the error.
///
/// # Errors
///
/// If it is a reference type that is not supported.
pub fn val_type(ty: wasmparser::ValType, offset: usize) -> Result<ValType, TranslateError> {
    Ok(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) => ref_type(ty, offset)?,
    })
}

/// Converts a reference type; `offset` is its position, for the error.
///
/// # Errors
///
/// If it is not supported.
pub fn ref_type(ty: wasmparser::RefType, offset: usize) -> Result<ValType, TranslateError> {
    match ty {
        wasmparser::RefType::FUNCREF => Ok(ValType::FuncRef),
        wasmparser::RefType::EXTERNREF => Ok(ValType::ExternRef),
        wasmparser::RefType::EXNREF => Ok(ValType::ExnRef),
        // Null, with a type of its own.
        wasmparser::RefType::NULLEXNREF => Ok(ValType::ExnRef),
        _ => {
            let message = format!("the reference type {ty} is not supported");
            Err(TranslateError::new(ErrorKind::Unsupported, offset, message))
        }
    }
}

pub(super) fn func_type(ty: &wasmparser::FuncType, offset: usize) -> Result<FuncType, TranslateError> {
    let list =
        |types: &[wasmparser::ValType]| types.iter().map(|&ty| val_type(ty, offset)).collect::<Result<Vec<_>, _>>();
    Ok(FuncType::new(list(ty.params())?, list(ty.results())?))
}

pub(super) fn table_type(ty: &wasmparser::TableType, offset: usize) -> Result<TableType, TranslateError> {
    Ok(TableType {
        element: ref_type(ty.element_type, offset)?,
        limits: Limits { min: ty.initial, max: ty.maximum },
        table64: ty.table64,
    })
}

pub(super) fn memory_type(ty: &wasmparser::MemoryType) -> MemoryType {
    MemoryType {
        limits: Limits { min: ty.initial, max: ty.maximum },
        memory64: ty.memory64,
        shared: ty.shared,
        // The validator has found it to be 0 or 16.
        page_size_log2: ty.page_size_log2.map_or(MemoryType::DEFAULT_PAGE_SIZE_LOG2, |log2| log2 as u8),
    }
}

pub(super) fn global_type(ty: &wasmparser::GlobalType, offset: usize) -> Result<GlobalType, TranslateError> {
    Ok(GlobalType { content: val_type(ty.content_type, offset)?, mutable: ty.mutable })
}
