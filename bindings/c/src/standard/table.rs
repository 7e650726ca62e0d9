//! Tables.

use anyhow::{Context as _, Result};
use riser::{Ref, Table, ValType};

use crate::failure::attempt;
use crate::object::{Entity, Object};
use crate::store::StoreRef;
use crate::types::ExternType;
use crate::val::{Val, reference};
use crate::vector::Item;

/// An element of this type.
fn element(object: Option<&Object>, ty: ValType) -> Result<Ref> {
    reference(object, ty)?.ref_().context("a table's elements are references")
}

#[unsafe(no_mangle)]
extern "C" fn wasm_table_new(store: Option<&StoreRef>, ty: Option<&ExternType>, init: Option<&Object>) -> Item<Object> {
    let (store, ty) = (store?, ty?.table()?);
    let table = attempt(None, || Table::new(store.context(), ty, element(init, ty.element)?)).ok()?;
    Object::InStore(store.clone(), Entity::Table(table)).boxed()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_table_type(table: Option<&Object>) -> Item<ExternType> {
    let (store, table) = table?.table()?;
    Some(Box::new(table.ty(store.context()).into()))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_table_get(table: Option<&Object>, index: u32) -> Item<Object> {
    let (store, table) = table?.table()?;
    let element = table.get(store.context(), u64::from(index))?;
    Val::new(store, element.into()).object().cloned()?.boxed()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_table_set(table: Option<&Object>, index: u32, value: Option<&Object>) -> bool {
    let Some((store, table)) = table.and_then(Object::table) else { return false };
    let set = || table.set(store.context(), u64::from(index), element(value, table.ty(store.context()).element)?);
    attempt(None, set).is_ok()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_table_size(table: Option<&Object>) -> u32 {
    let size = table.and_then(Object::table).map_or(0, |(store, table)| table.size(store.context()));
    u32::try_from(size).unwrap_or(u32::MAX)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_table_grow(table: Option<&Object>, delta: u32, init: Option<&Object>) -> bool {
    let Some((store, table)) = table.and_then(Object::table) else { return false };
    let grow = || table.grow(store.context(), u64::from(delta), element(init, table.ty(store.context()).element)?);
    attempt(None, grow).is_ok()
}
