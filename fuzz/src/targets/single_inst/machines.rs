//! One module, instantiated under several configurations and in wasmi, to be called many times.

use std::cell::RefCell;

use riser::{Error, Func, Instance, Memory, Module, Store, Trap, Val, ValType, WasmBacktrace};

use crate::configurations::{Configuration, pooled};
use crate::coverage;
use crate::targets::Finding;

thread_local! {
    static ORACLE: wasmi::Engine = {
        let mut config = wasmi::Config::default();
        config.wasm_memory64(true).wasm_multi_memory(true).wasm_simd(true).wasm_relaxed_simd(false);
        wasmi::Engine::new(&config)
    };
}

/// The outcome of a call: a value, no value, or a trap.
pub type Outcome = Result<Option<u128>, Trap>;

/// An instance in Riser.
pub struct Machine {
    /// Its configuration.
    pub configuration: Configuration,
    store: Store<()>,
    functions: Vec<Func>,
    memories: Vec<Memory>,
    /// The error of the last call that trapped.
    last: RefCell<Option<Error>>,
}

/// An instance in wasmi.
pub struct Oracle {
    store: wasmi::Store<()>,
    functions: Vec<wasmi::Func>,
    memories: Vec<wasmi::Memory>,
}

/// All instances of a module.
pub struct Machines {
    /// The instances in Riser.
    pub riser: Vec<Machine>,
    /// The instance in wasmi, unless the module has an operation that it lacks, or for which it may compute other results.
    pub oracle: Option<Oracle>,
    /// The module.
    pub wasm: Vec<u8>,
}

impl Machines {
    /// Makes instances of a module without imports, with `functions` exported functions `f0` and so on, and `memories` exported
    /// memories `m0` and so on: in the reference configuration, in `configurations` and, unless the module is `ours` alone, in wasmi.
    pub fn new(
        text: &str,
        functions: usize,
        memories: usize,
        configurations: Vec<Configuration>,
        ours: bool,
    ) -> Result<Machines, Finding> {
        let wasm = wat::parse_str(text).map_err(|error| Finding::new(format!("{error}\n{text}")))?;
        let failed = |error: &dyn std::fmt::Display| Finding::in_module(format!("no instance: {error:#}"), &wasm);
        let reference = std::iter::once(Configuration::reference());
        let riser = reference
            .chain(configurations)
            .map(|configuration| Machine::new(&wasm, configuration, functions, memories))
            .collect::<Result<Vec<Machine>, Error>>()
            .map_err(|error| failed(&error))?;
        let oracle = match ours {
            true => None,
            false => Some(Oracle::new(&wasm, functions, memories).map_err(|error| failed(&error))?),
        };
        if let Ok(parsed) = riser_properties::parse(wasm.as_slice()) {
            coverage::note(&parsed);
        }
        Ok(Machines { riser, oracle, wasm })
    }

    /// A finding in this module.
    pub fn finding(&self, message: String) -> Finding {
        Finding::in_module(message, &self.wasm)
    }
}

impl Machine {
    fn new(wasm: &[u8], configuration: Configuration, functions: usize, memories: usize) -> Result<Machine, Error> {
        let module = Module::from_binary(&pooled(&configuration), wasm)?;
        let mut store = Store::try_new(module.engine(), ())?;
        if configuration.fuel {
            store.set_fuel(u64::MAX)?;
        }
        let instance = Instance::new(&mut store, &module, &[])?;
        let functions = (0..functions).filter_map(|number| instance.get_func(&store, &format!("f{number}"))).collect();
        let memories = (0..memories).filter_map(|number| instance.get_memory(&store, &format!("m{number}"))).collect();
        Ok(Machine { configuration, store, functions, memories, last: RefCell::new(None) })
    }

    /// Calls a function of at most one result.
    pub fn call(&mut self, function: usize, arguments: &[Val], result: Option<ValType>) -> Outcome {
        let mut results = [Val::I32(0)];
        let results = &mut results[..usize::from(result.is_some())];
        match self.functions[function].call(&mut self.store, arguments, results) {
            Ok(()) => Ok(results.first().map(bits)),
            Err(error) => {
                // An error that is no trap maps to a trap in which no operation may end.
                let trap = error.downcast_ref::<Trap>().copied().unwrap_or(Trap::Interrupt);
                self.last.replace(Some(error));
                Err(trap)
            }
        }
    }

    /// The place at which the last call trapped.
    pub fn place(&self) -> Option<(u32, Option<usize>)> {
        let error = self.last.borrow();
        let frames = error.as_ref()?.downcast_ref::<WasmBacktrace>()?.frames();
        frames.first().map(|frame| (frame.func_index(), frame.module_offset()))
    }

    /// The fuel that is left, if it is counted.
    pub fn fuel(&self) -> Option<u64> {
        self.store.get_fuel().ok()
    }

    /// The bytes of a memory.
    pub fn memory(&mut self, memory: usize) -> &mut [u8] {
        self.memories[memory].data_mut(&mut self.store)
    }
}

impl Oracle {
    fn new(wasm: &[u8], functions: usize, memories: usize) -> Result<Oracle, wasmi::Error> {
        ORACLE.with(|engine| {
            let module = wasmi::Module::new(engine, wasm)?;
            let mut store = wasmi::Store::new(engine, ());
            let instance = wasmi::Instance::new(&mut store, &module, &[])?;
            let functions = (0..functions).filter_map(|it| instance.get_func(&store, &format!("f{it}"))).collect();
            let memories = (0..memories).filter_map(|it| instance.get_memory(&store, &format!("m{it}"))).collect();
            Ok(Oracle { store, functions, memories })
        })
    }

    /// Calls a function of at most one result.
    pub fn call(&mut self, function: usize, arguments: &[(ValType, u128)], result: Option<ValType>) -> Outcome {
        let arguments: Vec<wasmi::Val> = arguments
            .iter()
            .map(|&(ty, bits)| match ty {
                ValType::I32 => wasmi::Val::I32(bits as i32),
                ValType::F32 => wasmi::Val::F32(wasmi::F32::from_bits(bits as u32)),
                ValType::F64 => wasmi::Val::F64(wasmi::F64::from_bits(bits as u64)),
                ValType::I64 => wasmi::Val::I64(bits as i64),
                ValType::V128 => wasmi::Val::V128(bits.into()),
                ValType::FuncRef => wasmi::Val::FuncRef(wasmi::Ref::Null),
                ValType::ExternRef => wasmi::Val::ExternRef(wasmi::Ref::Null),
                ValType::ExnRef => unreachable!("operations have no exceptions"),
            })
            .collect();
        let mut results = [wasmi::Val::I32(0)];
        let results = &mut results[..usize::from(result.is_some())];
        match self.functions[function].call(&mut self.store, &arguments, results) {
            Ok(()) => Ok(results.first().map(|result| match result {
                wasmi::Val::I32(value) => u128::from(*value as u32),
                wasmi::Val::I64(value) => u128::from(*value as u64),
                wasmi::Val::F32(value) => u128::from(value.to_bits()),
                wasmi::Val::F64(value) => u128::from(value.to_bits()),
                wasmi::Val::V128(value) => value.as_u128(),
                wasmi::Val::FuncRef(_) | wasmi::Val::ExternRef(_) => unreachable!("operations have no references"),
            })),
            Err(error) => Err(match error.as_trap_code().map(crate::oracle::trap) {
                Some(crate::observation::Ending::Trapped(trap)) => trap,
                _ => Trap::Interrupt,
            }),
        }
    }

    /// The bytes of a memory.
    pub fn memory(&mut self, memory: usize) -> &mut [u8] {
        self.memories[memory].data_mut(&mut self.store)
    }
}

/// A value's bits.
pub fn bits(val: &Val) -> u128 {
    match *val {
        Val::I32(value) => u128::from(value as u32),
        Val::I64(value) => u128::from(value as u64),
        Val::F32(bits) => u128::from(bits),
        Val::F64(bits) => u128::from(bits),
        Val::V128(value) => value.as_u128(),
        Val::FuncRef(_) | Val::ExternRef(_) | Val::ExnRef(_) => unreachable!("operations have no references"),
    }
}

/// A value as an argument.
pub fn val(ty: ValType, bits: u128) -> Val {
    match ty {
        ValType::I32 => Val::I32(bits as i32),
        ValType::I64 => Val::I64(bits as i64),
        ValType::F32 => Val::F32(bits as u32),
        ValType::F64 => Val::F64(bits as u64),
        ValType::V128 => Val::V128(bits.into()),
        ValType::FuncRef => Val::FuncRef(None),
        ValType::ExternRef => Val::ExternRef(None),
        ValType::ExnRef => Val::ExnRef(None),
    }
}
