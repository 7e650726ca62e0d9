//! Imports and exports, whatever they are.

use crate::object::Object;
use crate::types::ExternType;
use crate::vector::Item;

/// The type of an import or export.
fn ty(item: &Object) -> Option<ExternType> {
    item.item().map(|(store, item)| item.ty(store.context()).into())
}

#[unsafe(no_mangle)]
extern "C" fn wasm_extern_kind(item: Option<&Object>) -> u8 {
    item.and_then(ty).map_or(0, |ty| ty.kind())
}

#[unsafe(no_mangle)]
extern "C" fn wasm_extern_type(item: Option<&Object>) -> Item<ExternType> {
    item.and_then(ty).map(Box::new)
}
