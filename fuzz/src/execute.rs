//! Runs a module in Riser and records what can be observed.
//!
//! Takes an engine, a module and the [calls](crate::plan) to make, and returns an [`Observation`]. Imports are those of
//! [`crate::host`]. Every run ends, whatever the module does: calls have fuel, and memories and tables are small. An
//! engine that counts no fuel may only be used for calls that are known to end.

use std::sync::{Arc, Mutex};

use riser::{
    AsContext, AsContextMut, Caller, Engine, Error, ExnRef, Extern, ExternRef, ExternType, Func, FuncType, Global,
    Instance, Memory, Module, Ref, Result, Rooted, SharedMemory, SnapshotError, Store, StoreLimits, StoreLimitsBuilder,
    Table, Tag, TagType, ThrownException, TranslateError, Trap, Val, ValType, WasmBacktrace,
};
use riser_translator::FuncIndex;
use riser_translator::module::{EntityIndex, ModuleInfo};

use crate::configurations::modes;
use crate::host::{self, HostFailure, HostLog, Outcome};
use crate::observation::{Ending, Observation, Place, Snapshot, State, Step};
use crate::plan::{FUEL, HOST_VALUES, MEMORY_BYTES, PlannedCall, TABLE_ELEMENTS};
use crate::value::{FunctionIdentity, Value};

/// The data of a store, for its host functions.
struct Host {
    log: HostLog,
    limits: StoreLimits,
    values: Vec<Rooted<ExternRef>>,
    /// The tags of exceptions that host functions throw, if the module has tags: those that it imports, and one that it does not know.
    tags: Vec<Tag>,
    /// The instances whose modes change at calls of the host.
    changing: Vec<Instance>,
}

/// An instance, with the identities of functions that leave it.
struct Run {
    store: Store<Host>,
    /// Functions with an index in the module's index space.
    functions: Vec<(Func, FuncIndex)>,
}

/// The limits of the store of a run.
pub fn limits() -> StoreLimits {
    StoreLimitsBuilder::new().memory_size(MEMORY_BYTES).table_elements(TABLE_ELEMENTS).build()
}

/// Makes an instance of the module and makes these calls, which are the first ones of [`crate::plan::calls`]. With
/// `changing`, the instance changes its mode meanwhile.
///
/// # Errors
///
/// If there is no room for a store.
pub fn run(module: &Module, calls: &[PlannedCall], changing: bool) -> Result<Observation> {
    let mut run = Run::new(module.engine())?;
    let (instance, mut observation) = run.begin(module)?;
    if let Some(instance) = instance {
        run.store.data_mut().changing = changing.then_some(instance).into_iter().collect();
        run.go_on(&instance, calls, &mut observation, || false)?;
    }
    Ok(observation)
}

/// As [`run`], for a module that is [two](crate::linked), the library first. `whole` describes the module that they were.
///
/// # Errors
///
/// If there is no room for a store.
pub fn run_linked(
    modules: [&Module; 2],
    whole: &ModuleInfo,
    calls: &[PlannedCall],
    changing: bool,
) -> Result<Observation> {
    let mut run = Run::new(modules[0].engine())?;
    set_fuel(&mut run.store, FUEL)?;
    let instances = run.link(modules);
    let mut observation = Observation::default();
    observation.steps.push(run.step(instances.as_ref().map(|_| Vec::new())));
    if let Ok(instances) = instances {
        let [_, main] = instances;
        run.find_exports(whole, &main);
        run.store.data_mut().changing = if changing { instances.to_vec() } else { Vec::new() };
        run.go_on(&main, calls, &mut observation, || false)?;
    }
    Ok(observation)
}

/// A run that was stopped at a safepoint.
pub struct Stopped {
    /// The snapshot, or why there is none.
    pub snapshot: Result<riser::Snapshot, SnapshotError>,
    /// What was observed before.
    before: Observation,
    log: HostLog,
}

/// As [`run`], up to the safepoint that is reached in these calls after `safepoints` others. `None` if the run ends before. The engine has
/// to interrupt.
///
/// # Errors
///
/// If there is no room for a store.
pub fn run_to_safepoint(module: &Module, calls: &[PlannedCall], safepoints: u64) -> Result<Option<Stopped>> {
    let mut run = Run::new(module.engine())?;
    run.store.set_epoch_deadline(u64::MAX);
    let (Some(instance), mut observation) = run.begin(module)? else { return Ok(None) };
    let taken = Arc::new(Mutex::new(None));
    let place = Arc::clone(&taken);
    run.store.on_snapshot(move |store, snapshot| {
        *place.lock().expect("nothing panics here") = Some((snapshot, store.data().log));
        Err(Error::msg("stopped"))
    })?;
    run.store.request_snapshot_after(safepoints);
    run.go_on(&instance, calls, &mut observation, || taken.lock().expect("nothing panics here").is_some())?;
    let taken = taken.lock().expect("nothing panics here").take();
    Ok(taken.map(|(snapshot, log)| Stopped { snapshot, before: observation, log }))
}

/// Goes on with a run that was stopped, of which there is a snapshot, to the end of the calls.
///
/// # Errors
///
/// If the snapshot cannot be restored.
pub fn run_on(module: &Module, calls: &[PlannedCall], stopped: &Stopped) -> Result<Observation> {
    let Ok(snapshot) = &stopped.snapshot else { return Err(Error::msg("there is no snapshot")) };
    let mut run = Run::new(module.engine())?;
    let imports = run.imports(module)?;
    run.store.data_mut().log = stopped.log;
    let restored = snapshot.restore(&mut run.store, module, &imports)?;
    let instance = restored.instance();
    run.find_exports(module.info(), &instance);
    let results = restored.resume(&mut run.store);
    let results = results.map(|all| all.iter().map(|it| value(&run.store, it, &run.functions)).collect());
    let mut observation = stopped.before.clone();
    observation.steps.push(run.step(results.as_ref().map(Vec::clone)));
    run.go_on(&instance, calls, &mut observation, || false)?;
    Ok(observation)
}

/// Makes an instance of the module and these calls, and captures the instance between two calls. `None` if there is no instance.
///
/// # Errors
///
/// If there is no room for a store.
pub fn captured_idle(module: &Module, calls: &[PlannedCall]) -> Result<Option<riser::Snapshot>> {
    let mut run = Run::new(module.engine())?;
    run.store.set_epoch_deadline(u64::MAX);
    let (Some(instance), mut observation) = run.begin(module)? else { return Ok(None) };
    run.go_on(&instance, calls, &mut observation, || false)?;
    Ok(instance.snapshot(&run.store).ok())
}

/// What is captured of an instance that has just been restored.
///
/// # Errors
///
/// If it cannot be restored, or captured.
pub fn captured_again(module: &Module, snapshot: &riser::Snapshot) -> Result<riser::Snapshot> {
    let mut run = Run::new(module.engine())?;
    let imports = run.imports(module)?;
    let restored = snapshot.restore(&mut run.store, module, &imports)?;
    Ok(restored.instance().snapshot(&run.store)?)
}

/// Makes host values, which are their numbers, part of the store's snapshots.
pub fn store_host_values<T>(store: &mut Store<T>) {
    store.set_extern_codec(
        |value| match value.downcast_ref::<u64>() {
            Some(number) => Ok(number.to_le_bytes().to_vec()),
            None => Err(Error::msg("this is no number")),
        },
        |bytes| match bytes.try_into() {
            Ok(bytes) => Ok(Box::new(u64::from_le_bytes(bytes))),
            Err(_) => Err(Error::msg("a number has eight bytes")),
        },
    );
}

impl Run {
    fn new(engine: &Engine) -> Result<Run> {
        let (log, limits) = (HostLog::default(), limits());
        let mut store =
            Store::try_new(engine, Host { log, limits, values: Vec::new(), tags: Vec::new(), changing: Vec::new() })?;
        store.limiter(|host| &mut host.limits);
        store_host_values(&mut store);
        Ok(Run { store, functions: Vec::new() })
    }

    /// The host value with a number; 0 is null.
    fn host_value(&mut self, number: u64) -> Result<Option<Rooted<ExternRef>>> {
        while self.store.data().values.len() < HOST_VALUES as usize {
            let next = self.store.data().values.len() as u64 + 1;
            let value = ExternRef::new(&mut self.store, next)?;
            self.store.data_mut().values.push(value);
        }
        Ok(number.checked_sub(1).and_then(|index| self.store.data().values.get(index as usize).copied()))
    }

    /// The first step: makes an instance, unless that fails.
    fn begin(&mut self, module: &Module) -> Result<(Option<Instance>, Observation)> {
        set_fuel(&mut self.store, FUEL)?;
        let instance = self.imports(module).and_then(|imports| Instance::new(&mut self.store, module, &imports));
        let mut observation = Observation::default();
        observation.steps.push(self.step(instance.as_ref().map(|_| Vec::new())));
        if let Ok(instance) = &instance {
            self.find_exports(module.info(), instance);
        }
        Ok((instance.ok(), observation))
    }

    /// Makes an instance of the library, and one of the module that imports from it.
    fn link(&mut self, [library, main]: [&Module; 2]) -> Result<[Instance; 2]> {
        let imports = self.imports(library)?;
        let library = Instance::new(&mut self.store, library, &imports)?;
        let export = |import: riser::ImportType<'_>| library.get_export(&self.store, import.name());
        let exports: Option<Vec<Extern>> = main.imports().map(export).collect();
        let exports = exports.ok_or_else(|| Error::msg("the library lacks an export"))?;
        let main = Instance::new(&mut self.store, main, &exports)?;
        Ok([library, main])
    }

    /// Notes the functions that an instance exports, by their indices in the module.
    fn find_exports(&mut self, info: &ModuleInfo, instance: &Instance) {
        for (name, entity) in &info.exports {
            if let EntityIndex::Func(index) = entity
                && let Some(func) = instance.get_func(&self.store, name)
            {
                self.functions.push((func, *index));
            }
        }
    }

    /// Makes the calls that have not been made yet, until one is stopped, whose step is left out.
    fn go_on(
        &mut self,
        instance: &Instance,
        calls: &[PlannedCall],
        observation: &mut Observation,
        is_stopped: impl Fn() -> bool,
    ) -> Result<()> {
        let plentiful = calls.iter().take_while(|call| call.fuel >= FUEL).count();
        // The first step is the instantiation.
        for (number, call) in calls.iter().enumerate().skip(observation.steps.len() - 1) {
            if number == plentiful {
                observation.snapshots.push(self.snapshot(instance, observation.steps.len()));
            }
            change_mode(&mut self.store)?;
            let results = self.call(instance, call);
            if is_stopped() {
                return Ok(());
            }
            observation.steps.push(self.step(results.as_ref().map(Vec::clone)));
        }
        observation.snapshots.push(self.snapshot(instance, observation.steps.len()));
        Ok(())
    }

    /// The imports of an instance of the module.
    fn imports(&mut self, module: &Module) -> Result<Vec<Extern>> {
        self.host_value(0)?;
        if !module.info().tags.is_empty() {
            let unknown = Tag::new(&mut self.store, &TagType::new(FuncType::new([ValType::I32], [])))?;
            self.store.data_mut().tags = vec![unknown];
        }
        let mut imports = Vec::new();
        for (import, place) in module.imports().zip(&module.info().imports) {
            let item = self.import(place.entity, &import.ty())?;
            if let (Extern::Func(func), EntityIndex::Func(index)) = (&item, place.entity) {
                self.functions.push((*func, index));
            }
            if let Extern::Tag(tag) = item {
                self.store.data_mut().tags.push(tag);
            }
            imports.push(item);
        }
        Ok(imports)
    }

    /// The value of an import.
    fn import(&mut self, entity: EntityIndex, ty: &ExternType) -> Result<Extern> {
        let number = host::number(entity);
        Ok(match ty {
            ExternType::Func(ty) => {
                let results_ty = ty.clone();
                Func::new(&mut self.store, ty.clone(), move |mut caller: Caller<'_, Host>, arguments, results| {
                    // The host does not distinguish functions that pass through it.
                    let arguments: Vec<Value> = arguments.iter().map(|it| value(&caller, it, &[])).collect();
                    change_mode(&mut caller)?;
                    let tags = caller.data().tags.len();
                    match caller.data_mut().log.call(number, &arguments, results_ty.results(), tags)? {
                        Outcome::Returned(values) => {
                            for (result, value) in results.iter_mut().zip(values) {
                                *result = to_val(value, &caller.data().values, |_| None);
                            }
                            Ok(())
                        }
                        Outcome::Threw(thrown) => {
                            let tag = caller.data().tags[thrown.tag];
                            let fields = thrown.fields(tag.ty(&caller).ty().params());
                            let fields: Vec<Val> =
                                fields.iter().map(|&value| to_val(value, &caller.data().values, |_| None)).collect();
                            let exception = ExnRef::new(&mut caller, &tag, &fields)?;
                            Ok(caller.as_context_mut().throw(exception)?)
                        }
                    }
                })
                .into()
            }
            ExternType::Global(ty) => {
                let value = to_val(host::global(number, ty.content), &self.store.data().values, |_| None);
                Global::new(&mut self.store, *ty, value)?.into()
            }
            ExternType::Memory(ty) if ty.shared => SharedMemory::limited(&mut self.store, *ty)?.into(),
            ExternType::Memory(ty) => {
                let memory = Memory::new(&mut self.store, *ty)?;
                let room = memory.data_size(&self.store).min(host::MEMORY_START.len());
                memory.write(&mut self.store, 0, &host::MEMORY_START[..room])?;
                memory.into()
            }
            ExternType::Table(ty) => {
                let null = match ty.element {
                    ValType::ExternRef => Ref::Extern(None),
                    ValType::ExnRef => Ref::Exn(None),
                    ValType::FuncRef | ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => {
                        Ref::Func(None)
                    }
                };
                Table::new(&mut self.store, *ty, null)?.into()
            }
            ExternType::Tag(ty) => Tag::new(&mut self.store, ty)?.into(),
        })
    }

    fn call(&mut self, instance: &Instance, call: &PlannedCall) -> Result<Vec<Value>> {
        let Some(func) = instance.get_func(&self.store, &call.function) else {
            return Err(Error::msg("there is no such function"));
        };
        let named = |index: FuncIndex| self.functions.iter().find(|(_, other)| *other == index).map(|(func, _)| *func);
        let values = &self.store.data().values;
        let arguments: Vec<Val> = call.arguments.iter().map(|&value| to_val(value, values, named)).collect();
        let mut results = vec![Val::I32(0); func.ty(&self.store).results().len()];
        set_fuel(&mut self.store, call.fuel)?;
        func.call(&mut self.store, &arguments, &mut results)?;
        Ok(results.iter().map(|result| value(&self.store, result, &self.functions)).collect())
    }

    fn step(&self, outcome: Result<Vec<Value>, &Error>) -> Step {
        let (ending, places) = match outcome {
            Ok(values) => (Ending::Returned(values), Vec::new()),
            Err(error) => {
                let thrown = error.downcast_ref::<ThrownException>();
                let ending = match (error.downcast_ref::<Trap>(), error.downcast_ref::<HostFailure>(), thrown) {
                    (Some(trap), _, _) => Ending::Trapped(*trap),
                    (None, Some(_), _) => Ending::HostFailed,
                    (None, None, Some(thrown)) => Ending::Threw(thrown.to_string()),
                    (None, None, None) => Ending::Refused(match error.downcast_ref::<TranslateError>() {
                        Some(error) => error.to_string(),
                        None => format!("{error:#}"),
                    }),
                };
                let frames = error.downcast_ref::<WasmBacktrace>().map_or(&[][..], WasmBacktrace::frames);
                // The depth of the stack depends on the mode.
                let keep = if ending == Ending::Trapped(Trap::StackOverflow) { 0 } else { Step::PLACES };
                let place = |frame: &riser::FrameInfo| Place {
                    function: FuncIndex::new(frame.func_index()),
                    offset: frame.module_offset(),
                };
                (ending, frames.iter().take(keep).map(place).collect())
            }
        };
        Step { ending, places, fuel: self.store.get_fuel().ok(), host: self.store.data().log }
    }

    fn snapshot(&mut self, instance: &Instance, after: usize) -> Snapshot {
        let exports: Vec<(Box<str>, Extern)> =
            instance.exports(&mut self.store).map(|export| (export.name().into(), export.into_extern())).collect();
        let exports = exports.into_iter().filter_map(|(name, item)| Some((name, self.state(item)?))).collect();
        Snapshot { after, exports }
    }

    fn state(&self, item: Extern) -> Option<State> {
        Some(match item {
            Extern::Func(_) | Extern::Tag(_) => return None,
            Extern::Global(global) => State::Global(value(&self.store, &global.get(&self.store), &self.functions)),
            Extern::Memory(memory) => {
                State::Memory(memory.size(&self.store), without_zeros(memory.data(&self.store)).to_vec())
            }
            Extern::SharedMemory(memory) => {
                // SAFETY: no code runs meanwhile.
                let bytes: Vec<u8> = memory.data().iter().map(|byte| unsafe { *byte.get() }).collect();
                State::Memory(memory.size(), without_zeros(&bytes).to_vec())
            }
            Extern::Table(table) => {
                let element = |index| {
                    let element = table.get(&self.store, index).expect("the index is within the size");
                    value(&self.store, &Val::from(element), &self.functions)
                };
                let mut elements: Vec<Value> = (0..table.size(&self.store)).map(element).collect();
                let used = elements.iter().rposition(|element| element.bits != 0).map_or(0, |last| last + 1);
                elements.truncate(used);
                State::Table(table.size(&self.store), elements)
            }
        })
    }
}

/// Sets the fuel of a store, if its engine counts any.
fn set_fuel(store: &mut Store<Host>, fuel: u64) -> Result<()> {
    if store.get_fuel().is_ok() { store.set_fuel(fuel) } else { Ok(()) }
}

/// Switches the instances that change their modes: the first one to the next mode, the second one to the one after that.
fn change_mode(mut store: impl AsContextMut<Data = Host>) -> Result<()> {
    let mut store = store.as_context_mut();
    let modes = modes();
    for (number, instance) in store.data().changing.clone().into_iter().enumerate() {
        let now = modes.iter().position(|&mode| mode == instance.mode(&store)).unwrap_or_default();
        instance.set_mode(&mut store, modes[(now + 1 + number) % modes.len()])?;
    }
    Ok(())
}

/// The bytes up to the last one that is not zero.
pub fn without_zeros(bytes: &[u8]) -> &[u8] {
    const CHUNK: usize = 4096;
    let mut end = bytes.len();
    while end >= CHUNK && bytes[end - CHUNK..end] == [0; CHUNK] {
        end -= CHUNK;
    }
    let used = bytes[..end].iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    &bytes[..used]
}

/// The observed form of a store's value.
fn value(store: impl AsContext<Data = Host>, val: &Val, functions: &[(Func, FuncIndex)]) -> Value {
    let store = store.as_context();
    let bits = match *val {
        Val::I32(value) => u128::from(value as u32),
        Val::I64(value) => u128::from(value as u64),
        Val::F32(bits) => u128::from(bits),
        Val::F64(bits) => u128::from(bits),
        Val::V128(value) => value.as_u128(),
        Val::FuncRef(None) | Val::ExternRef(None) | Val::ExnRef(None) => 0,
        // Exceptions have no identity that two runs have in common.
        Val::ExnRef(Some(_)) => 1,
        Val::FuncRef(Some(func)) => match functions.iter().find(|(other, _)| *other == func) {
            Some((_, index)) => FunctionIdentity::Index(*index).bits(),
            None => {
                let ty = func.ty(store);
                FunctionIdentity::Unknown(ty.params().len(), ty.results().len()).bits()
            }
        },
        // A value that comes from a snapshot is another one with this number.
        Val::ExternRef(Some(reference)) => {
            let value = reference.data(store).ok().flatten();
            value.and_then(|value| value.downcast_ref::<u64>()).map_or(u128::MAX, |&number| number.into())
        }
    };
    Value { ty: val.ty(), bits }
}

/// The value in a store whose host values are `values`.
fn to_val(value: Value, values: &[Rooted<ExternRef>], function: impl Fn(FuncIndex) -> Option<Func>) -> Val {
    match value.ty {
        ValType::I32 => Val::I32(value.bits as i32),
        ValType::I64 => Val::I64(value.bits as i64),
        ValType::F32 => Val::F32(value.bits as u32),
        ValType::F64 => Val::F64(value.bits as u64),
        ValType::V128 => Val::V128(value.bits.into()),
        ValType::FuncRef => Val::FuncRef(FunctionIdentity::index(value.bits).and_then(function)),
        ValType::ExternRef => {
            let index = value.bits.checked_sub(1).and_then(|index| usize::try_from(index).ok());
            Val::ExternRef(index.and_then(|index| values.get(index).copied()))
        }
        ValType::ExnRef => Val::ExnRef(None),
    }
}
