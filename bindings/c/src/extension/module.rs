//! Modules: made with errors, from text and from files, and kept in files.

use std::ffi::c_char;

use anyhow::{Context as _, Result};
use riser::{Engine, Module};

use crate::failure::{Outcome, object_outcome, outcome};
use crate::object::Object;
use crate::standard::EngineBox;
use crate::standard::module::{deserialize, serialize};
use crate::text::{bytes, name, text};
use crate::vector::{Bytes, Item, Out, put};

fn engine(engine: Option<&EngineBox>) -> Result<&Engine> {
    Ok(&engine.context("the engine is null")?.0)
}

fn module(module: Option<&Object>) -> Result<&Module> {
    module.and_then(Object::module).context("this is no module")
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_module_new(
    of: Option<&EngineBox>,
    data: *const c_char,
    len: usize,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    // SAFETY: C passes as many bytes.
    object_outcome(None, out, || Ok(Module::new(engine(of)?, unsafe { bytes(data, len) })?.into()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_module_from_file(
    of: Option<&EngineBox>,
    path: *const c_char,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    // SAFETY: C passes a text.
    object_outcome(None, out, || Ok(Module::from_file(engine(of)?, unsafe { text(path, "the file's path") }?)?.into()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_module_validate(of: Option<&EngineBox>, data: *const c_char, len: usize) -> Outcome {
    // SAFETY: C passes as many bytes.
    outcome(None, || Module::validate(engine(of)?, unsafe { bytes(data, len) }))
}

#[unsafe(no_mangle)]
extern "C" fn riser_module_serialize(of: Option<&Object>, out: Out<'_, Bytes>) -> Outcome {
    let mut made = Vec::new();
    let result = outcome(None, || {
        made = serialize(module(of)?)?;
        Ok(())
    });
    put(out, made.into());
    result
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_module_deserialize(
    of: Option<&EngineBox>,
    data: *const c_char,
    len: usize,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    // SAFETY: C passes as many bytes, and vouches for them: the header says so.
    object_outcome(None, out, || Ok(unsafe { deserialize(engine(of)?, bytes(data, len)) }?.into()))
}

#[unsafe(no_mangle)]
extern "C" fn riser_module_name(of: Option<&Object>, out: Out<'_, Bytes>) -> bool {
    let name = of.and_then(Object::module).and_then(Module::name);
    put(out, name.map(|name| name.as_bytes().to_vec()).unwrap_or_default().into());
    name.is_some()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_wat2wasm(wat: *const c_char, len: usize, out: Out<'_, Bytes>) -> Outcome {
    let mut made = Vec::new();
    let result = outcome(None, || {
        // SAFETY: C passes a text of this length.
        made = wat::parse_str(unsafe { name(wat, len, "the text") }?)?;
        Ok(())
    });
    put(out, made.into());
    result
}
