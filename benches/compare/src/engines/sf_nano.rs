//! Silverfir-nano: `sf-nano` is its interpreter, `sf-nano-jit` its compiler. Both make code as a module is instantiated.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow};
use sf_nano_core::value_type::ValueType;
use sf_nano_core::{Config, Engine, FunctionType, Import, Instance, Module, Tier, Value, WasmError};

use crate::engines::{Loaded, cpu_time_ns};
use crate::host::{Host, MODULES, for_each_function};
use crate::programs;

pub struct SfNano {
    engine: Engine,
}

struct Program {
    engine: Engine,
    wasm: Vec<u8>,
}

impl SfNano {
    pub fn new(tier: Tier) -> Result<SfNano> {
        let engine = Engine::new(Config::new().tier(tier));
        Ok(SfNano { engine: engine.map_err(|error| anyhow!("{error:?}"))? })
    }

    pub fn interpreter() -> Result<SfNano> {
        SfNano::new(Tier::Interp)
    }

    pub fn jit() -> Result<SfNano> {
        SfNano::new(Tier::Jit)
    }
}

impl super::Engine for SfNano {
    fn load(&self, _: &programs::Program, wasm: &[u8]) -> Result<Box<dyn Loaded>> {
        Ok(Box::new(Program { engine: self.engine.clone(), wasm: wasm.to_vec() }))
    }

    /// This reads and validates the module only.
    fn compile(&self, wasm: &[u8]) -> Result<()> {
        Module::new("main", wasm)?;
        Ok(())
    }

    fn without_vectors(&self) -> Option<&'static str> {
        Some("is compared in programs without vectors only")
    }
}

fn bits(value: &Value) -> i64 {
    match *value {
        Value::I32(value) => value.into(),
        Value::I64(value) => value,
        // WASI has integers only.
        _ => 0,
    }
}

fn imports(host: &Rc<RefCell<Host>>) -> Vec<Import> {
    let mut imports = Vec::new();
    for module in MODULES {
        // One expanded line, in short: `imports.push(Import::func_typed(module, "fd_close", .., type of fd_close))`.
        macro_rules! define {
            ($($name:ident($($arg:ident: $ty:ident),*);)*) => {$(
                let (shared, params) = (host.clone(), vec![$(kind!($ty)),*]);
                imports.push(Import::func_typed(module, stringify!($name), move |caller, args, results| {
                    let args: Vec<i64> = args.iter().map(bits).collect();
                    let memory = caller.memory_mut().ok_or_else(|| WasmError::trap("no memory is exported"))?;
                    results[0] = Value::I32(shared.borrow_mut().call(stringify!($name), &args, memory));
                    Ok(())
                }, FunctionType::new(params, vec![ValueType::I32])));
            )*};
        }
        macro_rules! kind {
            (i32) => {
                ValueType::I32
            };
            (i64) => {
                ValueType::I64
            };
        }
        for_each_function!(define);
        let shared = host.clone();
        let exit = move |_: &mut sf_nano_core::Caller<'_>, args: &[Value], _: &mut [Value]| {
            let code = bits(&args[0]) as i32;
            shared.borrow_mut().exit = Some(code);
            Err(WasmError::exit_with_code(code))
        };
        imports.push(Import::func_typed(module, "proc_exit", exit, FunctionType::new(vec![ValueType::I32], vec![])));
    }
    imports
}

impl Loaded for Program {
    fn run(&self, host: Host) -> Result<(Host, u64)> {
        let host = Rc::new(RefCell::new(host));
        let mut instance = Instance::new(&self.engine, &self.wasm, &imports(&host))?;
        let start = instance.get_func("_start").context("no export `_start`")?;
        let started = cpu_time_ns();
        let ended = instance.call(&start, &[], &mut []);
        let time = cpu_time_ns() - started;
        drop(instance);
        let host = Rc::try_unwrap(host).map_err(|_| anyhow!("an instance is still there"))?.into_inner();
        match ended {
            Err(error) if host.exit.is_none() => Err(error.into()),
            _ => Ok((host, time)),
        }
    }
}
