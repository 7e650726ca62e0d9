//! Instances, and their modes.

use std::ffi::c_char;
use std::ptr;

use anyhow::Context as _;

use super::engine::mode;
use super::given;
use crate::failure::{Outcome, outcome, outcome_into};
use crate::object::{Object, of_extern};
use crate::standard::instance::new;
use crate::store::StoreRef;
use crate::text::{lasting, name};
use crate::vector::{Item, Out, Vector};

#[unsafe(no_mangle)]
extern "C" fn riser_instance_new(
    store: Option<&StoreRef>,
    module: Option<&Object>,
    imports: Option<&Vector<Item<Object>>>,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    outcome_into(store, out, || Ok(new(given::store(store)?, module, imports)?.boxed()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_instance_export_get(
    instance: Option<&Object>,
    export: *const c_char,
    len: usize,
) -> Item<Object> {
    let (store, instance) = instance?.instance()?;
    // SAFETY: C passes a name of this length.
    let export = unsafe { name(export, len, "the export's name") }.ok()?;
    of_extern(store, instance.get_export(store.context(), export)?).boxed()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_instance_set_mode(instance: Option<&Object>, name: *const c_char) -> Outcome {
    outcome(None, || {
        let (store, instance) = instance.and_then(Object::instance).context("this is no instance")?;
        // SAFETY: C passes a name.
        instance.set_mode(store.context(), unsafe { mode(name) }?)
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_instance_mode(instance: Option<&Object>) -> *const c_char {
    let instance = instance.and_then(Object::instance);
    instance.map_or(ptr::null(), |(store, instance)| lasting(instance.mode(store.context()).name()))
}
