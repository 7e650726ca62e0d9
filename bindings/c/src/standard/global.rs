//! Globals.

use riser::Global;

use crate::failure::attempt;
use crate::object::{Entity, Object};
use crate::store::StoreRef;
use crate::types::ExternType;
use crate::val::Val;
use crate::vector::{Item, Out, put};

#[unsafe(no_mangle)]
extern "C" fn wasm_global_new(store: Option<&StoreRef>, ty: Option<&ExternType>, value: Option<&Val>) -> Item<Object> {
    let (store, ty) = (store?, ty?.global()?);
    let value = match value {
        Some(value) => value.get().ok()?,
        None => riser::Val::default_for_ty(ty.content),
    };
    let global = attempt(None, || Global::new(store.context(), ty, value)).ok()?;
    Object::InStore(store.clone(), Entity::Global(global)).boxed()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_global_type(global: Option<&Object>) -> Item<ExternType> {
    let (store, global) = global?.global()?;
    Some(Box::new(global.ty(store.context()).into()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_global_get(global: Option<&Object>, out: Out<'_, Val>) {
    let value = global.and_then(Object::global).map(|(store, global)| Val::new(store, global.get(store.context())));
    put(out, value.unwrap_or_default());
}

#[unsafe(no_mangle)]
extern "C" fn wasm_global_set(global: Option<&Object>, value: Option<&Val>) {
    if let (Some((store, global)), Some(value)) = (global.and_then(Object::global), value) {
        // The header has no way to say that a global cannot be set, or not to this; `riser_global_set` has.
        let _ = attempt(None, || global.set(store.context(), value.get()?));
    }
}
