//! wasmi, with its best dispatch, and with vectors. Settings: `lazy`, `lazy-translation` (functions are compiled when
//! they are called, or validated with the module and compiled then); otherwise all is done with the module.

use anyhow::{Result, anyhow, bail};
use wasmi::{Caller, CompilationMode, Config, Engine, Linker, Module, Store};

use crate::engines::{Loaded, cpu_time_ns};
use crate::host::{Host, MODULES, for_each_function};
use crate::programs;

pub struct Wasmi {
    config: Config,
    engine: Engine,
}

struct Program {
    module: Module,
}

impl Wasmi {
    /// wasmi with settings.
    pub fn new(settings: &[&str]) -> Result<Wasmi> {
        let mut config = Config::default();
        config.compilation_mode(CompilationMode::Eager);
        for &setting in settings {
            match setting {
                "lazy" => config.compilation_mode(CompilationMode::Lazy),
                "lazy-translation" => config.compilation_mode(CompilationMode::LazyTranslation),
                _ => bail!("wasmi has no setting `{setting}`"),
            };
        }
        config.wasm_simd(true);
        // As deep as Riser's value stack lets programs recurse.
        config.set_max_recursion_depth(1 << 20).set_max_stack_height(8 << 20);
        Ok(Wasmi { engine: Engine::new(&config), config })
    }
}

impl super::Engine for Wasmi {
    fn load(&self, _: &programs::Program, wasm: &[u8]) -> Result<Box<dyn Loaded>> {
        Ok(Box::new(Program { module: Module::new(&self.engine, wasm)? }))
    }

    fn compile(&self, wasm: &[u8]) -> Result<()> {
        // A new engine, because an engine keeps what it compiled.
        Module::new(&Engine::new(&self.config), wasm)?;
        Ok(())
    }
}

fn call(mut caller: Caller<'_, Host>, name: &str, args: &[i64]) -> Result<i32, wasmi::Error> {
    let memory = caller.get_export("memory").and_then(|memory| memory.into_memory());
    let memory = memory.ok_or_else(|| wasmi::Error::new("the program exports no memory"))?;
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
        linker.func_wrap(
            module,
            "proc_exit",
            |mut caller: Caller<'_, Host>, code: i32| -> Result<(), wasmi::Error> {
                caller.data_mut().exit = Some(code);
                Err(wasmi::Error::i32_exit(code))
            },
        )?;
    }
    Ok(linker)
}

impl Loaded for Program {
    fn run(&self, host: Host) -> Result<(Host, u64)> {
        let mut store = Store::new(self.module.engine(), host);
        let instance = linker(self.module.engine())?.instantiate_and_start(&mut store, &self.module)?;
        let start = instance.get_typed_func::<(), ()>(&store, "_start")?;
        let started = cpu_time_ns();
        let ended = start.call(&mut store, ());
        let time = cpu_time_ns() - started;
        let host = store.into_data();
        match ended {
            Err(error) if host.exit.is_none() => Err(anyhow!("{error}")),
            _ => Ok((host, time)),
        }
    }
}
