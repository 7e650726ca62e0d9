//! Imports and exports, whatever they are.

use riser::Extern;

use crate::object::Object;
use crate::types::{ExternType, extern_kind};
use crate::vector::Item;

#[unsafe(no_mangle)]
extern "C" fn wasm_extern_kind(item: Option<&Object>) -> u8 {
    item.and_then(Object::item).map_or(0, |(_, item)| match item {
        Extern::Func(_) => extern_kind::FUNC,
        Extern::Global(_) => extern_kind::GLOBAL,
        Extern::Table(_) => extern_kind::TABLE,
        Extern::Memory(_) | Extern::SharedMemory(_) => extern_kind::MEMORY,
        Extern::Tag(_) => extern_kind::TAG,
    })
}

#[unsafe(no_mangle)]
extern "C" fn wasm_extern_type(item: Option<&Object>) -> Item<ExternType> {
    let (store, item) = item?.item()?;
    Some(Box::new(item.ty(store.context()).into()))
}
