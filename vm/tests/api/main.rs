//! The embedding API, used as an embedder uses it.

mod host;
mod instantiation;
mod interrupts;
mod limits;
mod linking;
mod mixing;
mod modules;
mod objects;
mod shared_memories;
mod tiers;
mod traps;

use riser_vm::{Engine, Instance, Linker, Module, Result, Store};

/// A module from its text format.
fn module(engine: &Engine, text: &str) -> Module {
    let binary = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"));
    Module::new(engine, binary).unwrap_or_else(|error| panic!("{error:?}"))
}

/// A store with an instance of a module that imports nothing.
fn instance(text: &str) -> (Store<()>, Instance) {
    let engine = Engine::default();
    let module = module(&engine, text);
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap_or_else(|error| panic!("{error:?}"));
    (store, instance)
}

/// What instantiating a module in a fresh store ends in, with the imports that `define` defines.
fn link(text: &str, define: impl FnOnce(&mut Linker<()>)) -> (Store<()>, Result<Instance>) {
    let engine = Engine::default();
    let module = module(&engine, text);
    let mut linker = Linker::new(&engine);
    define(&mut linker);
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module);
    (store, instance)
}
