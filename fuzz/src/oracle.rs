//! Runs a module in another engine, wasmi, and records what can be observed.
//!
//! The imports and calls are those of [`crate::execute`]. There are no places and no fuel in the [`Observation`], because
//! these are specific to Riser. A module that the other engine does not accept has no observation.

use riser::{Trap, ValType};
use riser_translator::module::{EntityIndex, ModuleInfo};
use riser_translator::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex};
use wasmi::{
    Caller, Config, Engine, Error, Extern, ExternRef, ExternType, Func, Global, Instance, Memory, Module, Mutability,
    Ref, Store, StoreLimits, StoreLimitsBuilder, Table, TrapCode, Val,
};

use crate::execute::without_zeros;
use crate::host::{self, HostFailure, HostLog, Outcome};
use crate::observation::{Ending, Observation, Snapshot, State, Step};
use crate::plan::{self, HOST_VALUES, MEMORY_BYTES, PlannedCall, TABLE_ELEMENTS};
use crate::value::{FunctionIdentity, Value};

/// Fuel of the other engine: more than any call needs that does not run out of Riser's fuel.
const FUEL: u64 = 2_000_000;

impl wasmi::errors::HostError for HostFailure {}

struct Host {
    log: HostLog,
    limits: StoreLimits,
}

/// The other engine. Cheap to clone.
#[derive(Clone)]
pub struct Oracle {
    engine: Engine,
}

impl Default for Oracle {
    fn default() -> Oracle {
        Oracle::new()
    }
}

impl Oracle {
    /// The engine, with all features of Riser except relaxed SIMD, for which other engines may compute other results, and atomic
    /// operators, which it lacks.
    pub fn new() -> Oracle {
        let mut config = Config::default();
        config
            .wasm_custom_page_sizes(true)
            .wasm_multi_memory(true)
            .wasm_memory64(true)
            .wasm_tail_call(true)
            .wasm_extended_const(true);
        config.wasm_wide_arithmetic(true).wasm_simd(true).wasm_relaxed_simd(false);
        config.consume_fuel(true).set_max_recursion_depth(100_000).set_max_stack_height(64 << 20);
        Oracle { engine: Engine::new(&config) }
    }

    /// Instantiates the module, and calls its exports as in those of [`plan::calls`] that have enough fuel: at most `steps`
    /// steps, at least 1, including the instantiation. `None` if the engine does not accept the module.
    pub fn execute(&self, wasm: &[u8], info: &ModuleInfo, steps: usize) -> Option<Observation> {
        let module = Module::new(&self.engine, wasm).ok()?;
        let limits = StoreLimitsBuilder::new().memory_size(MEMORY_BYTES).table_elements(TABLE_ELEMENTS).build();
        let store = Store::new(&self.engine, Host { log: HostLog::default(), limits });
        let mut run = Run { store, functions: Vec::new() };
        run.store.limiter(|host| &mut host.limits);
        Some(run.all(&module, info, steps))
    }
}

struct Run {
    store: Store<Host>,
    functions: Vec<(Func, FuncIndex)>,
}

impl Run {
    fn all(&mut self, module: &Module, info: &ModuleInfo, steps: usize) -> Observation {
        let mut observation = Observation::default();
        let instance = self.instantiate(module);
        observation.steps.push(self.step(instance.as_ref().map(|_| Vec::new())));
        let Ok(instance) = instance else { return observation };
        for (name, entity) in &info.exports {
            if let EntityIndex::Func(index) = entity
                && let Some(func) = instance.get_func(&self.store, name)
            {
                self.functions.push((func, *index));
            }
        }
        let calls = plan::calls(info).into_iter().take_while(|call| call.fuel >= plan::FUEL);
        let calls: Vec<PlannedCall> = calls.collect();
        for call in calls.iter().take(steps - 1) {
            let results = self.call(&instance, call);
            observation.steps.push(self.step(results.as_ref().map(Vec::clone)));
        }
        if observation.steps.len() <= calls.len() {
            return observation;
        }
        let state = |(name, entity): &(Box<str>, EntityIndex)| match entity {
            EntityIndex::Func(_) => None,
            _ => Some((name.clone(), self.state(instance.get_export(&self.store, name)?)?)),
        };
        let exports = info.exports.iter().filter_map(state).collect();
        observation.snapshots.push(Snapshot { after: observation.steps.len(), exports });
        observation
    }

    fn instantiate(&mut self, module: &Module) -> Result<Instance, Error> {
        self.store.set_fuel(FUEL)?;
        let types: Vec<ExternType> = module.imports().map(|import| import.ty().clone()).collect();
        let (mut functions, mut tables, mut memories, mut globals) = (0.., 0.., 0.., 0..);
        let mut imports = Vec::new();
        for ty in &types {
            // The kinds are not in the module's order, but the types of each kind are.
            let entity = match ty {
                ExternType::Func(_) => functions.next().map(FuncIndex::new).map(EntityIndex::Func),
                ExternType::Table(_) => tables.next().map(TableIndex::new).map(EntityIndex::Table),
                ExternType::Memory(_) => memories.next().map(MemoryIndex::new).map(EntityIndex::Memory),
                ExternType::Global(_) => globals.next().map(GlobalIndex::new).map(EntityIndex::Global),
            };
            let Some(entity) = entity else { continue };
            let item = self.import(host::number(entity), ty)?;
            if let (Extern::Func(func), EntityIndex::Func(index)) = (item, entity) {
                self.functions.push((func, index));
            }
            imports.push(item);
        }
        Instance::new(&mut self.store, module, &imports)
    }

    fn import(&mut self, number: u32, ty: &ExternType) -> Result<Extern, Error> {
        Ok(match ty {
            ExternType::Func(ty) => {
                let types: Vec<ValType> = ty.results().iter().map(|&ty| val_type(ty)).collect();
                Func::new(&mut self.store, ty.clone(), move |mut caller: Caller<'_, Host>, arguments, results| {
                    let arguments: Vec<Value> = arguments.iter().map(|it| value(&caller, it, &[])).collect();
                    let outcome = caller.data_mut().log.call(number, &arguments, &types, 0).map_err(Error::host)?;
                    let Outcome::Returned(values) = outcome else { unreachable!("there are no tags") };
                    for (result, value) in results.iter_mut().zip(values) {
                        *result = to_val(&mut caller, value, |_| None);
                    }
                    Ok(())
                })
                .into()
            }
            ExternType::Global(ty) => {
                let value = host::global(number, val_type(ty.content()));
                let value = to_val(&mut self.store, value, |_| None);
                let mutability = if ty.mutability().is_mut() { Mutability::Var } else { Mutability::Const };
                Global::new(&mut self.store, value, mutability).into()
            }
            ExternType::Memory(ty) => {
                let memory = Memory::new(&mut self.store, *ty)?;
                let room = memory.data_size(&self.store).min(host::MEMORY_START.len());
                memory.data_mut(&mut self.store)[..room].copy_from_slice(&host::MEMORY_START[..room]);
                memory.into()
            }
            ExternType::Table(ty) => Table::new(&mut self.store, *ty, Val::default(ty.element()))?.into(),
        })
    }

    fn call(&mut self, instance: &Instance, call: &PlannedCall) -> Result<Vec<Value>, Error> {
        let Some(func) = instance.get_func(&self.store, &call.function) else {
            return Err(Error::new("there is no such function"));
        };
        let functions = &self.functions;
        let named = |index: FuncIndex| functions.iter().find(|(_, other)| *other == index).map(|(func, _)| *func);
        let store = &mut self.store;
        let arguments: Vec<Val> = call.arguments.iter().map(|&value| to_val(&mut *store, value, named)).collect();
        let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
        store.set_fuel(FUEL)?;
        func.call(&mut *store, &arguments, &mut results)?;
        Ok(results.iter().map(|result| value(&*store, result, functions)).collect())
    }

    fn step(&self, outcome: Result<Vec<Value>, &Error>) -> Step {
        let ending = match outcome {
            Ok(values) => Ending::Returned(values),
            Err(error) => match (error.as_trap_code(), error.downcast_ref::<HostFailure>()) {
                (Some(code), _) => trap(code),
                (None, Some(_)) => Ending::HostFailed,
                (None, None) => Ending::Refused(error.to_string()),
            },
        };
        Step { ending, places: Vec::new(), fuel: None, host: self.store.data().log }
    }

    fn state(&self, item: Extern) -> Option<State> {
        Some(match item {
            Extern::Func(_) => return None,
            Extern::Global(global) => State::Global(value(&self.store, &global.get(&self.store), &self.functions)),
            Extern::Memory(memory) => {
                State::Memory(memory.size(&self.store), without_zeros(memory.data(&self.store)).to_vec())
            }
            Extern::Table(table) => {
                let elements = (0..table.size(&self.store)).filter_map(|index| table.get(&self.store, index));
                let mut elements: Vec<Value> =
                    elements.map(|element| value(&self.store, &element, &self.functions)).collect();
                let used = elements.iter().rposition(|element| element.bits != 0).map_or(0, |last| last + 1);
                elements.truncate(used);
                State::Table(table.size(&self.store), elements)
            }
        })
    }
}

/// Riser's name of a trap.
pub(crate) fn trap(code: TrapCode) -> Ending {
    Ending::Trapped(match code {
        TrapCode::UnreachableCodeReached => Trap::Unreachable,
        TrapCode::MemoryOutOfBounds => Trap::MemoryOutOfBounds,
        TrapCode::TableOutOfBounds => Trap::TableOutOfBounds,
        TrapCode::IndirectCallToNull => Trap::UninitializedElement,
        TrapCode::IntegerDivisionByZero => Trap::IntegerDivideByZero,
        TrapCode::IntegerOverflow => Trap::IntegerOverflow,
        TrapCode::BadConversionToInteger => Trap::InvalidConversionToInteger,
        TrapCode::StackOverflow => Trap::StackOverflow,
        TrapCode::BadSignature => Trap::IndirectCallTypeMismatch,
        TrapCode::OutOfFuel => Trap::OutOfFuel,
        TrapCode::GrowthOperationLimited => return Ending::Refused(code.to_string()),
    })
}

fn val_type(ty: wasmi::ValType) -> ValType {
    match ty {
        wasmi::ValType::I32 => ValType::I32,
        wasmi::ValType::I64 => ValType::I64,
        wasmi::ValType::F32 => ValType::F32,
        wasmi::ValType::F64 => ValType::F64,
        wasmi::ValType::V128 => ValType::V128,
        wasmi::ValType::FuncRef => ValType::FuncRef,
        wasmi::ValType::ExternRef => ValType::ExternRef,
    }
}

fn value(store: impl wasmi::AsContext<Data = Host>, val: &Val, functions: &[(Func, FuncIndex)]) -> Value {
    let bits = match val {
        Val::I32(value) => u128::from(*value as u32),
        Val::I64(value) => u128::from(*value as u64),
        Val::F32(value) => u128::from(value.to_bits()),
        Val::F64(value) => u128::from(value.to_bits()),
        Val::V128(value) => value.as_u128(),
        Val::FuncRef(Ref::Null) | Val::ExternRef(Ref::Null) => 0,
        // Handles cannot be compared; their debug form contains the function's number in the store.
        Val::FuncRef(Ref::Val(func)) => {
            let name = format!("{func:?}");
            match functions.iter().find(|(other, _)| format!("{other:?}") == name) {
                Some((_, index)) => FunctionIdentity::Index(*index).bits(),
                None => {
                    let ty = func.ty(&store);
                    FunctionIdentity::Unknown(ty.params().len(), ty.results().len()).bits()
                }
            }
        }
        Val::ExternRef(Ref::Val(reference)) => {
            reference.data(store.as_context()).downcast_ref::<u128>().copied().unwrap_or(u128::MAX)
        }
    };
    Value { ty: val_type(val.ty()), bits }
}

fn to_val(
    store: impl wasmi::AsContextMut<Data = Host>,
    value: Value,
    function: impl Fn(FuncIndex) -> Option<Func>,
) -> Val {
    match value.ty {
        ValType::I32 => Val::I32(value.bits as i32),
        ValType::I64 => Val::I64(value.bits as i64),
        ValType::F32 => Val::F32(wasmi::F32::from_bits(value.bits as u32)),
        ValType::F64 => Val::F64(wasmi::F64::from_bits(value.bits as u64)),
        ValType::V128 => Val::V128(value.bits.into()),
        ValType::FuncRef => {
            Val::FuncRef(FunctionIdentity::index(value.bits).and_then(function).map_or(Ref::Null, Ref::Val))
        }
        ValType::ExternRef if value.bits == 0 || value.bits > HOST_VALUES => Val::ExternRef(Ref::Null),
        ValType::ExternRef => Val::ExternRef(Ref::Val(ExternRef::new(store, value.bits))),
        ValType::ExnRef => unreachable!("wasmi has no exceptions"),
    }
}
