//! Host values.

use riser::ExternRef;

use crate::object::{Entity, Object};
use crate::store::StoreRef;
use crate::vector::Item;

#[unsafe(no_mangle)]
extern "C" fn wasm_foreign_new(store: Option<&StoreRef>) -> Item<Object> {
    let store = store?;
    let value = ExternRef::new(store.context(), ()).ok()?;
    Object::InStore(store.clone(), Entity::Foreign(value)).boxed()
}
