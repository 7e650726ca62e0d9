//! tinywasm. Its host functions get memory by copies only, so each call of one copies all of it there and back.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Result, anyhow};
use tinywasm::{Error, FuncContext, HostFunction, Imports, Module, ModuleInstance, Store};

use crate::engines::{Loaded, cpu_time_ns};
use crate::host::{Host, MODULES, for_each_function};
use crate::programs;

pub struct Tinywasm;

struct Program {
    module: Module,
}

impl super::Engine for Tinywasm {
    fn load(&self, _: &programs::Program, wasm: &[u8]) -> Result<Box<dyn Loaded>> {
        Ok(Box::new(Program { module: tinywasm::parse_bytes(wasm).map_err(|error| anyhow!("{error}"))? }))
    }

    fn compile(&self, wasm: &[u8]) -> Result<()> {
        tinywasm::parse_bytes(wasm).map(drop).map_err(|error| anyhow!("{error}"))
    }

    fn without_vectors(&self) -> Option<&'static str> {
        Some("is compared in programs without vectors only")
    }
}

fn call(mut context: FuncContext<'_>, host: &RefCell<Host>, name: &str, args: &[i64]) -> tinywasm::Result<i32> {
    let memory = context.memory("memory")?;
    let len = memory.len(context.store())?;
    let mut bytes = memory.read_vec(context.store(), 0, len)?;
    let result = host.borrow_mut().call(name, args, &mut bytes);
    memory.copy_from_slice(context.store_mut(), 0, &bytes)?;
    Ok(result)
}

fn imports(store: &mut Store, host: &Rc<RefCell<Host>>) -> Imports {
    let mut imports = Imports::new();
    for module in MODULES {
        // One expanded line, in short: `imports.define(module, "fd_close", HostFunction::from(store, |context, (a,)| ..))`.
        macro_rules! define {
            ($($name:ident($($arg:ident: $ty:ident),*);)*) => {$(
                let shared = host.clone();
                let func = HostFunction::from(store, move |context: FuncContext<'_>, ($($arg,)*): ($($ty,)*)| {
                    call(context, &shared, stringify!($name), &[$(i64::from($arg)),*])
                });
                imports.define(module, stringify!($name), func);
            )*};
        }
        for_each_function!(define);
        let shared = host.clone();
        let exit = HostFunction::from(store, move |_: FuncContext<'_>, code: i32| -> tinywasm::Result<()> {
            shared.borrow_mut().exit = Some(code);
            Err(Error::Other("exit".to_owned()))
        });
        imports.define(module, "proc_exit", exit);
    }
    imports
}

impl Loaded for Program {
    fn run(&self, host: Host) -> Result<(Host, u64)> {
        let host = Rc::new(RefCell::new(host));
        let mut store = Store::default();
        let imports = imports(&mut store, &host);
        let instance = ModuleInstance::instantiate(&mut store, &self.module, Some(imports));
        let instance = instance.map_err(|error| anyhow!("{error}"))?;
        let start = instance.func::<(), ()>(&store, "_start").map_err(|error| anyhow!("{error}"))?;
        let started = cpu_time_ns();
        let ended = start.call(&mut store, ());
        let time = cpu_time_ns() - started;
        drop((start, instance, store));
        let host = Rc::try_unwrap(host).map_err(|_| anyhow!("a store is still there"))?.into_inner();
        match ended {
            Err(error) if host.exit.is_none() => Err(anyhow!("{error}")),
            _ => Ok((host, time)),
        }
    }
}
