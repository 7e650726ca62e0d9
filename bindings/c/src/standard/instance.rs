//! Instances.

use anyhow::{Context as _, Result, ensure};
use riser::{Extern, Instance};

use crate::failure::attempt;
use crate::object::{Entity, Object, of_extern};
use crate::store::StoreRef;
use crate::vector::{Item, Out, Vector, put};

/// The imports that C passes for a store.
///
/// # Errors
///
/// If one is missing, or belongs to another store.
pub fn imported(store: &StoreRef, imports: Option<&Vector<Item<Object>>>) -> Result<Vec<Extern>> {
    let imports = imports.map_or(&[][..], Vector::as_slice).iter().enumerate().map(|(number, import)| {
        let (of, item) =
            import.as_deref().and_then(Object::item).with_context(|| format!("import {number} is missing"))?;
        let is_here = StoreRef::same(of, store) || matches!(item, Extern::SharedMemory(_));
        ensure!(is_here, "import {number} belongs to another store");
        Ok(item)
    });
    imports.collect()
}

/// Instantiates a module.
///
/// # Errors
///
/// If this is no module, the imports are not what it needs, or its start function fails.
pub fn new(store: &StoreRef, module: Option<&Object>, imports: Option<&Vector<Item<Object>>>) -> Result<Object> {
    // C may delete its reference to the store in a host function that the start function calls.
    let store = &store.clone();
    let module = module.and_then(Object::module).context("there is no module to instantiate")?;
    let imports = imported(store, imports)?;
    let instance = Instance::new(store.context(), module, &imports)?;
    Ok(Object::InStore(store.clone(), Entity::Instance(instance)))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_instance_new(
    store: Option<&StoreRef>,
    module: Option<&Object>,
    imports: Option<&Vector<Item<Object>>>,
    trap: Out<'_, Item<Object>>,
) -> Item<Object> {
    let outcome = attempt(store, || new(store.context("there is no store")?, module, imports));
    let (instance, failure) = match outcome {
        Ok(instance) => (Some(instance), None),
        Err(failure) => (None, Some(Box::new(Object::Trap(failure)))),
    };
    put(trap, failure);
    instance.and_then(Object::boxed)
}

#[unsafe(no_mangle)]
extern "C" fn wasm_instance_exports(instance: Option<&Object>, out: Out<'_, Vector<Item<Object>>>) {
    let exports = instance.and_then(Object::instance).map(|(store, instance)| {
        let items: Vec<Extern> = instance.exports(store.context()).map(|export| export.into_extern()).collect();
        items.into_iter().map(|item| of_extern(store, item).boxed()).collect::<Vec<_>>()
    });
    put(out, exports.unwrap_or_default().into());
}
