//! Modules: made with errors, from text and from files, and kept in files.

use std::ffi::c_char;

use anyhow::Result;
use riser::Module;

use super::given::{engine, module};
use crate::failure::{Outcome, outcome, outcome_into};
use crate::object::Object;
use crate::standard::EngineBox;
use crate::standard::module::{deserialize, serialize};
use crate::text::{bytes, name, text};
use crate::vector::{Bytes, Item, Out, put};

/// Puts a module where C wants it.
fn module_outcome(out: Out<'_, Item<Object>>, make: impl FnOnce() -> Result<Module>) -> Outcome {
    outcome_into(None, out, || Ok(Object::from(make()?).boxed()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_module_new(
    of: Option<&EngineBox>,
    data: *const c_char,
    len: usize,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    // SAFETY: C passes as many bytes.
    module_outcome(out, || Module::new(engine(of)?, unsafe { bytes(data, len) }))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_module_from_file(
    of: Option<&EngineBox>,
    path: *const c_char,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    // SAFETY: C passes a text.
    module_outcome(out, || Module::from_file(engine(of)?, unsafe { text(path, "the file's path") }?))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_module_validate(of: Option<&EngineBox>, data: *const c_char, len: usize) -> Outcome {
    // SAFETY: C passes as many bytes.
    outcome(None, || Module::validate(engine(of)?, unsafe { bytes(data, len) }))
}

#[unsafe(no_mangle)]
extern "C" fn riser_module_serialize(of: Option<&Object>, out: Out<'_, Bytes>) -> Outcome {
    outcome_into(None, out, || Ok(serialize(module(of)?)?.into()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_module_deserialize(
    of: Option<&EngineBox>,
    data: *const c_char,
    len: usize,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    // SAFETY: C passes as many bytes, and vouches for them: the header says so.
    module_outcome(out, || unsafe { deserialize(engine(of)?, bytes(data, len)) })
}

#[unsafe(no_mangle)]
extern "C" fn riser_module_name(of: Option<&Object>, out: Out<'_, Bytes>) -> bool {
    let name = of.and_then(Object::module).and_then(Module::name);
    put(out, name.map(|name| name.as_bytes().to_vec()).unwrap_or_default().into());
    name.is_some()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_wat2wasm(wat: *const c_char, len: usize, out: Out<'_, Bytes>) -> Outcome {
    // SAFETY: C passes a text of this length.
    outcome_into(None, out, || Ok(wat::parse_str(unsafe { name(wat, len, "the text") }?)?.into()))
}
