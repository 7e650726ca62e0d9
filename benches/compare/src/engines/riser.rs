//! Riser. Settings, in any order:
//!
//! | word | |
//! |---|---|
//! | a dispatch strategy | as `--dispatch` has them |
//! | a bounds strategy | as `--bounds` has them |
//! | `naive`, `naive+SWITCH+SWITCH` | none of the translator's optimisations, or only some |
//! | `-SWITCH` | without this one |
//! | `none`, `speed`, `single-pass`, `backtracking` | the Fast JIT's settings, as `--fast-jit-opt` and `--fast-jit-regalloc` have them |
//! | `0`, `1`, `2`, `3` | LLVM's setting, as `--llvm-opt` has it; `2` unless given |
//! | `fast-jit`, `llvm-jit` | who compiles ahead of time in the mode `aot`; LLVM unless given |
//! | `lazy`, `lazy-translation` | compiled when called; otherwise with the module |

use anyhow::{Result, ensure};
use riser::fast_jit::{OptLevel, Options, RegAlloc};
use riser::llvm;
use riser::modes::LLVM_JIT;
use riser::{Bounds, Caller, Compilation, Config, Dispatch, Engine, Linker, Mode, Module, Store, TranslatorConfig};

use crate::engines::{Loaded, cpu_time_ns};
use crate::host::{Host, MODULES, for_each_function};
use crate::programs;

pub struct Riser {
    engine: Engine,
}

struct Program {
    module: Module,
}

impl Riser {
    /// Riser in a mode, with settings.
    pub fn new(mode: &str, settings: &[&str]) -> Result<Riser> {
        let mut config = Config::new();
        let mut translator = TranslatorConfig::optimized();
        let mut fast_jit = Options::default();
        let mut llvm = llvm::Options::default();
        let mut ahead = LLVM_JIT;
        config.compilation(Compilation::Eager).mode(mode.parse::<Mode>()?);
        for &setting in settings {
            if let Ok(dispatch) = setting.parse::<Dispatch>() {
                config.dispatch(dispatch);
            } else if let Ok(bounds) = setting.parse::<Bounds>() {
                config.bounds(bounds);
            } else if let Ok(opt_level) = setting.parse::<OptLevel>() {
                fast_jit.opt_level = opt_level;
            } else if let Ok(regalloc) = setting.parse::<RegAlloc>() {
                fast_jit.regalloc = regalloc;
            } else if let Ok(opt_level) = setting.parse::<llvm::OptLevel>() {
                llvm.opt_level = opt_level;
            } else if let Ok(tier) = setting.parse::<Mode>() {
                ahead = tier;
            } else if setting == "lazy" {
                config.compilation(Compilation::Lazy);
            } else if setting == "lazy-translation" {
                config.compilation(Compilation::LazyTranslation);
            } else if let Some(off) = setting.strip_prefix('-') {
                ensure!(translator.set(off, false), "there is no switch `{off}`");
            } else {
                let mut parts = setting.split('+');
                ensure!(parts.next() == Some("naive"), "Riser has no setting `{setting}`");
                translator = TranslatorConfig::naive();
                for on in parts {
                    ensure!(translator.set(on, true), "there is no switch `{on}`");
                }
            }
        }
        config.translator(translator);
        config.tier_options(fast_jit)?;
        config.tier_options(llvm)?;
        config.ahead_of_time_tier(ahead);
        Ok(Riser { engine: Engine::new(&config)? })
    }
}

impl super::Engine for Riser {
    fn load(&self, _: &programs::Program, wasm: &[u8]) -> Result<Box<dyn Loaded>> {
        Ok(Box::new(Program { module: Module::new(&self.engine, wasm)? }))
    }

    fn compile(&self, wasm: &[u8]) -> Result<()> {
        Module::new(&self.engine, wasm)?;
        Ok(())
    }
}

fn call(mut caller: Caller<'_, Host>, name: &str, args: &[i64]) -> Result<i32> {
    let memory = caller.get_export("memory").and_then(|memory| memory.into_memory());
    let memory = memory.ok_or_else(|| anyhow::anyhow!("the program exports no memory"))?;
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
        linker.func_wrap(module, "proc_exit", |mut caller: Caller<'_, Host>, code: i32| -> Result<()> {
            caller.data_mut().exit = Some(code);
            Err(anyhow::anyhow!("exit"))
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
            Err(error) if host.exit.is_none() => Err(error),
            _ => Ok((host, time)),
        }
    }
}
