//! Wasmtime, with either of its compilers: `wasmtime` is Cranelift, which optimises for speed unless a setting says
//! `none` and allocates registers by backtracking unless one says `single-pass`; `winch` the baseline compiler;
//! `pulley` Wasmtime's interpreter, whose bytecode Cranelift makes.
//! All else is as it comes: guard pages, backtraces, neither fuel nor interruption. Both compile eagerly, on one thread.

use anyhow::{Result, bail};
use wasmtime::{Caller, Config, Engine, Linker, Module, OptLevel, RegallocAlgorithm, Store, Strategy};

use crate::engines::{Loaded, cpu_time_ns};
use crate::host::{Host, MODULES, for_each_function};
use crate::programs;

pub struct Wasmtime {
    engine: Engine,
}

struct Program {
    module: Module,
}

impl Wasmtime {
    /// Wasmtime with Cranelift.
    pub fn cranelift(settings: &[&str]) -> Result<Wasmtime> {
        let mut config = Config::new();
        config.strategy(Strategy::Cranelift).cranelift_opt_level(OptLevel::Speed);
        for &setting in settings {
            match setting {
                "none" => config.cranelift_opt_level(OptLevel::None),
                "single-pass" => config.cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass),
                _ => bail!("Wasmtime has no setting `{setting}`"),
            };
        }
        Ok(Wasmtime { engine: Engine::new(&config)? })
    }

    /// Wasmtime with Pulley.
    #[cfg(feature = "pulley")]
    pub fn pulley() -> Result<Wasmtime> {
        let mut config = Config::new();
        config.target("pulley64")?.strategy(Strategy::Cranelift).cranelift_opt_level(OptLevel::Speed);
        Ok(Wasmtime { engine: Engine::new(&config)? })
    }

    /// Wasmtime with Winch.
    pub fn winch() -> Result<Wasmtime> {
        Ok(Wasmtime { engine: Engine::new(Config::new().strategy(Strategy::Winch))? })
    }
}

impl super::Engine for Wasmtime {
    fn load(&self, _: &programs::Program, wasm: &[u8]) -> Result<Box<dyn Loaded>> {
        Ok(Box::new(Program { module: Module::new(&self.engine, wasm)? }))
    }

    fn compile(&self, wasm: &[u8]) -> Result<()> {
        Module::new(&self.engine, wasm)?;
        Ok(())
    }
}

fn call(mut caller: Caller<'_, Host>, name: &str, args: &[i64]) -> wasmtime::Result<i32> {
    let memory = caller.get_export("memory").and_then(|memory| memory.into_memory());
    let memory = memory.ok_or_else(|| wasmtime::Error::msg("the program exports no memory"))?;
    let (bytes, host) = memory.data_and_store_mut(&mut caller);
    Ok(host.call(name, args, bytes))
}

fn linker(engine: &Engine) -> Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    for module in MODULES {
        // One expanded line: `linker.func_wrap(module, "fd_close", |caller: Caller<'_, Host>, a: i32| call(..))?;`
        macro_rules! define {
            ($($name:ident($($arg:ident: $ty:ident),*);)*) => {
                $(linker.func_wrap(module, stringify!($name), |caller: Caller<'_, Host>, $($arg: $ty),*| {
                    call(caller, stringify!($name), &[$(i64::from($arg)),*])
                })?;)*
            };
        }
        for_each_function!(define);
        linker.func_wrap(module, "proc_exit", |mut caller: Caller<'_, Host>, code: i32| -> wasmtime::Result<()> {
            caller.data_mut().exit = Some(code);
            Err(wasmtime::Error::msg("exit"))
        })?;
    }
    Ok(linker)
}

impl Loaded for Program {
    fn run(&self, host: Host) -> Result<(Host, u64)> {
        let mut store = Store::new(self.module.engine(), host);
        let instance = linker(self.module.engine())?.instantiate(&mut store, &self.module)?;
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
        let started = cpu_time_ns();
        let ended = start.call(&mut store, ());
        let time = cpu_time_ns() - started;
        let host = store.into_data();
        match ended {
            Err(error) if host.exit.is_none() => Err(error.into()),
            _ => Ok((host, time)),
        }
    }
}
