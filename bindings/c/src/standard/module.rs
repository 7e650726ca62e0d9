//! Modules.

use anyhow::Result;
use riser::{Engine, Module};

use crate::failure::attempt;
use crate::object::Object;
use crate::store::StoreRef;
use crate::types::{ExportType, ImportType};
use crate::vector::{Bytes, Item, Out, Vector, put};

/// `wasm_shared_module_t`.
struct SharedModule(Module);

#[unsafe(no_mangle)]
extern "C" fn wasm_module_new(store: Option<&StoreRef>, binary: Option<&Bytes>) -> Item<Object> {
    let (store, binary) = (store?, binary?);
    let module = attempt(None, || Module::from_binary(store.context().engine(), binary.as_slice())).ok()?;
    Object::from(module).boxed()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_module_validate(store: Option<&StoreRef>, binary: Option<&Bytes>) -> bool {
    let (Some(store), Some(binary)) = (store, binary) else { return false };
    attempt(None, || Module::validate(store.context().engine(), binary.as_slice())).is_ok()
}

fn name(name: &str) -> Bytes {
    name.as_bytes().to_vec().into()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_module_imports(module: Option<&Object>, out: Out<'_, Vector<Item<ImportType>>>) {
    let imports = module.and_then(Object::module).into_iter().flat_map(Module::imports).map(|import| {
        let ty = Box::new(import.ty().into());
        Some(Box::new(ImportType { module: name(import.module()), name: name(import.name()), ty }))
    });
    put(out, imports.collect::<Vec<_>>().into());
}

#[unsafe(no_mangle)]
extern "C" fn wasm_module_exports(module: Option<&Object>, out: Out<'_, Vector<Item<ExportType>>>) {
    let exports = module
        .and_then(Object::module)
        .into_iter()
        .flat_map(Module::exports)
        .map(|export| Some(Box::new(ExportType { name: name(export.name()), ty: Box::new(export.ty().into()) })));
    put(out, exports.collect::<Vec<_>>().into());
}

/// The module as bytes: with machine code, if the engine has a tier that makes it ahead of time, else as it came.
///
/// # Errors
///
/// If the tier fails.
pub fn serialize(module: &Module) -> Result<Vec<u8>> {
    let bytes = &module.info().bytes;
    match module.engine().supports(riser::Mode::Aot) {
        true => module.engine().precompile_module(bytes),
        false => Ok(bytes.to_vec()),
    }
}

/// The module that [`serialize`] made these bytes of.
///
/// # Errors
///
/// If they are no such bytes, or not for this engine.
///
/// # Safety
///
/// The bytes come from where the program's own code may come from: they may have machine code, which will run.
pub unsafe fn deserialize(engine: &Engine, bytes: &[u8]) -> Result<Module> {
    match Engine::detect_precompiled(bytes) {
        // SAFETY: by the contract of this function.
        true => unsafe { Module::deserialize(engine, bytes) },
        false => Module::from_binary(engine, bytes),
    }
}

#[unsafe(no_mangle)]
extern "C" fn wasm_module_serialize(module: Option<&Object>, out: Out<'_, Bytes>) {
    let module = module.and_then(Object::module);
    put(out, module.and_then(|module| attempt(None, || serialize(module)).ok()).unwrap_or_default().into());
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_module_deserialize(store: Option<&StoreRef>, bytes: Option<&Bytes>) -> Item<Object> {
    let (store, bytes) = (store?, bytes?);
    // SAFETY: C vouches for the bytes: the header says so.
    let module = attempt(None, || unsafe { deserialize(store.context().engine(), bytes.as_slice()) }).ok()?;
    Object::from(module).boxed()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_module_share(module: Option<&Object>) -> Item<SharedModule> {
    module.and_then(Object::module).map(|module| Box::new(SharedModule(module.clone())))
}

#[unsafe(no_mangle)]
extern "C" fn wasm_module_obtain(store: Option<&StoreRef>, module: Option<&SharedModule>) -> Item<Object> {
    let (store, module) = (store?, module?);
    if !Engine::same(store.context().engine(), module.0.engine()) {
        return None;
    }
    Object::from(module.0.clone()).boxed()
}

#[unsafe(no_mangle)]
extern "C" fn wasm_shared_module_delete(module: Item<SharedModule>) {
    drop(module);
}
