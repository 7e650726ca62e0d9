//! What C has to pass, or an error that says what is missing.

use anyhow::{Context as _, Result};
use riser::{Engine, Module};

use crate::object::Object;
use crate::standard::EngineBox;
use crate::store::StoreRef;

/// The engine.
///
/// # Errors
///
/// If the pointer is null.
pub fn engine(engine: Option<&EngineBox>) -> Result<&Engine> {
    Ok(&engine.context("the engine is null")?.0)
}

/// The store.
///
/// # Errors
///
/// If the pointer is null.
pub fn store(store: Option<&StoreRef>) -> Result<&StoreRef> {
    store.context("the store is null")
}

/// The module.
///
/// # Errors
///
/// If the pointer is null, or to something else.
pub fn module(module: Option<&Object>) -> Result<&Module> {
    module.and_then(Object::module).context("this is no module")
}
