//! makepad-stitch.
//!
//! When a function returns, stitch goes on with its caller's idea of where the memory is and how long: that of before the call.
//! Programs whose memory grows in a callee read and write what is freed, so they run as [`fixed_memory`] rewrites them.

use std::cell::RefCell;

use anyhow::{Context, Result, anyhow};
use makepad_stitch::{DecodeError, Engine, Func, Linker, Mem, Module, Store};

use crate::engines::{Loaded, cpu_time_ns, fixed_memory};
use crate::host::{Host, MODULES, for_each_function};
use crate::programs;

pub struct Stitch;

struct Program {
    engine: Engine,
    module: Module,
}

impl super::Engine for Stitch {
    fn load(&self, _: &programs::Program, wasm: &[u8]) -> Result<Box<dyn Loaded>> {
        let engine = Engine::new();
        let module = Module::new(&engine, &fixed_memory::rewrite(wasm)?).map_err(refused)?;
        Ok(Box::new(Program { engine, module }))
    }

    /// Stitch validates functions when they are first called: this only reads the module.
    fn compile(&self, wasm: &[u8]) -> Result<()> {
        Module::new(&Engine::new(), wasm).map(drop).map_err(refused)
    }

    fn without_vectors(&self) -> Option<&'static str> {
        Some("has no vector instructions")
    }
}

fn refused(error: DecodeError) -> anyhow::Error {
    anyhow!("{error}")
}

/// What host functions share. They get only the store, which has no place for it, and have
/// to be `Send`, which a handle of a memory is not; all runs are on one thread.
struct World {
    host: Host,
    memory: Mem,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

fn with_world<R>(act: impl FnOnce(&mut World) -> R) -> Option<R> {
    WORLD.with_borrow_mut(|world| world.as_mut().map(act))
}

fn call(store: &mut Store, name: &str, args: &[i64]) -> i32 {
    with_world(|world| world.host.call(name, args, world.memory.bytes_mut(store))).unwrap_or(-1)
}

fn linker(store: &mut Store) -> Linker {
    let mut linker = Linker::new();
    for module in MODULES {
        // One expanded line, in short: `linker.define(module, "fd_close", Func::wrap(store, |store, a: i32| ..))`.
        macro_rules! define {
            ($($name:ident($($arg:ident: $ty:ident),*);)*) => {$(
                let func = Func::wrap(store, |store: &mut Store, $($arg: $ty),*| -> i32 {
                    call(store, stringify!($name), &[$(i64::from($arg)),*])
                });
                linker.define(module, stringify!($name), func);
            )*};
        }
        for_each_function!(define);
        // An error would be the way to end a program, but stitch panics when a host function returns one. Compilers put
        // an `unreachable` behind a call that does not return, and that ends it.
        let exit = Func::wrap(store, |code: i32| {
            with_world(|world| world.host.exit = Some(code));
        });
        linker.define(module, "proc_exit", exit);
    }
    linker
}

impl Loaded for Program {
    fn run(&self, host: Host) -> Result<(Host, u64)> {
        let mut store = Store::new(self.engine.clone());
        let linker = linker(&mut store);
        let instance = linker.instantiate(&mut store, &self.module).map_err(|error| anyhow!("{error:?}"))?;
        let memory = instance.exported_mem("memory").context("no memory is exported")?;
        let start = instance.exported_func("_start").context("no export `_start`")?;
        WORLD.set(Some(World { host, memory }));
        let started = cpu_time_ns();
        let ended = start.call(&mut store, &[], &mut []);
        let time = cpu_time_ns() - started;
        let World { host, .. } = WORLD.take().context("the world is gone")?;
        match ended {
            Err(error) if host.exit.is_none() => Err(anyhow!("{error:?}")),
            _ => Ok((host, time)),
        }
    }
}
