//! The steps of a sequence: calls, and their expected outcomes.

use std::collections::BTreeMap;

use riser::modes::LLVM_JIT;
use riser::{Caller, Extern, Func, Instance, Linker, Mode, Module, Ref, Store, Trap, Val};

use super::shape::{self, Function, HOST, MAX_PAGES, Shape, TABLE};
use super::world::{Defined, FuncModel, InstanceModel, LinkerModel, ModuleModel, PreModel, StoreModel};
use super::{Sequence, attempt};

type Outcome = Result<(), String>;

/// Words of error messages, one of which has to explain why a mix-up is refused.
const REFUSALS: &[&str] = &["wrong store", "another store", "another engine", "cross-`"];

/// Checks an outcome: an error if the call mixes objects that do not belong together, success otherwise.
fn expect<R>(mixed: bool, what: &str, outcome: Result<R, String>) -> Result<Option<R>, String> {
    match outcome {
        Ok(_) if mixed => Err(format!("{what} mixes stores or engines, and is not refused")),
        Ok(result) => Ok(Some(result)),
        Err(why) if mixed && REFUSALS.iter().any(|refusal| why.contains(refusal)) => Ok(None),
        Err(why) => Err(format!("{what}: {why}")),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, actual: T, expected: T) -> Outcome {
    if actual == expected { Ok(()) } else { Err(format!("{what}: {actual:?}, not {expected:?}")) }
}

impl Sequence<'_> {
    pub(super) fn step(&mut self) -> Outcome {
        let number = self.choices.below(32);
        match number {
            // The step that is chosen once the input has ended.
            0..=5 => self.call(),
            6 => self.store(),
            7 => self.linker(),
            8 | 9 => self.define(),
            10 | 11 => self.module(),
            12..=14 => self.instantiate(),
            15 => self.instantiate_pre(),
            16 => self.instantiate_from_pre(),
            17 | 18 => self.get(),
            19 => self.host_function(),
            20 | 21 => self.exported(),
            22 => self.table(),
            23 | 24 => self.indirect(),
            25 | 26 => self.memory(),
            27 => self.global(),
            28 | 29 => self.mode(),
            30 => self.deep(),
            _ => {
                self.drop_something();
                self.check_usage()
            }
        }
    }

    /// The index of one of `count` things, if there are any.
    fn place(&mut self, count: usize) -> Option<usize> {
        (count > 0).then(|| self.choices.below(count as u32) as usize)
    }

    /// The indices of the store to use, of an instance, and of the instance's own store, which usually is
    /// the same.
    fn instance(&mut self) -> Option<(usize, usize, usize)> {
        let used = self.place(self.world.stores.len())?;
        let owner = if self.choices.one_in(8) { self.place(self.world.stores.len())? } else { used };
        let instance = self.place(self.world.stores[owner].instances.len())?;
        Some((used, instance, owner))
    }

    fn function(&mut self) -> Function {
        let ty = self.choices.pick(&self.types);
        Function { ty, tag: self.tag(), plus: 0 }
    }

    pub(super) fn store(&mut self) -> Outcome {
        let engine = self.choices.below(self.world.engines.len() as u32) as usize;
        self.log.push(format!("store of engine {engine}"));
        let number = self.world.store_numbers;
        self.world.store_numbers += 1;
        let store = Store::new(&self.world.engines[engine], ());
        self.world.stores.push(StoreModel { number, engine, store, instances: Vec::new() });
        Ok(())
    }

    pub(super) fn linker(&mut self) -> Outcome {
        let engine = self.choices.below(self.world.engines.len() as u32) as usize;
        self.log.push(format!("linker of engine {engine}"));
        let mut linker = Linker::new(&self.world.engines[engine]);
        linker.allow_shadowing(true);
        self.world.linkers.push(LinkerModel { engine, linker, defined: BTreeMap::new() });
        Ok(())
    }

    fn name(&mut self) -> String {
        format!("f{}", self.choices.below(3))
    }

    /// Defines a host function, or a function of a store.
    pub(super) fn define(&mut self) -> Outcome {
        let Some(at) = self.place(self.world.linkers.len()) else { return Ok(()) };
        let name = self.name();
        if self.choices.one_in(3) {
            let Some(func) = self.place(self.world.funcs.len()) else { return Ok(()) };
            let Some(store) = self.place(self.world.stores.len()) else { return Ok(()) };
            let (func, store, linker) =
                (&self.world.funcs[func], &self.world.stores[store], &mut self.world.linkers[at]);
            self.log.push(format!("define {name} of store {} in linker {at} by store {}", func.store, store.number));
            let mixed = func.store != store.number || store.engine != linker.engine;
            let outcome = attempt(|| linker.linker.define(&store.store, HOST, &name, func.func).map(|_| ()));
            if expect(mixed, "Linker::define", outcome)?.is_some() {
                let defined = Defined { function: func.function.clone(), store: Some(func.store) };
                linker.defined.insert(name, defined);
            }
            return Ok(());
        }
        let function = self.function();
        let linker = &mut self.world.linkers[at];
        self.log.push(format!("define host function {name} in linker {at}"));
        let defined = linker.linker.func_new(HOST, &name, function.ty.clone(), host(function.clone()));
        defined.map_err(|error| format!("Linker::func_new: {error:#}"))?;
        linker.defined.insert(name, Defined { function, store: None });
        Ok(())
    }

    pub(super) fn module(&mut self) -> Outcome {
        let engine = self.choices.below(self.world.engines.len() as u32) as usize;
        let own = self.function();
        let import = self.choices.one_in(2).then(|| (self.name(), self.choices.pick(&self.types)));
        let shape = Shape { own, import };
        self.log.push(format!("module of engine {engine}"));
        let module = Module::new(&self.world.engines[engine], shape.text());
        let module = module.map_err(|error| format!("Module::new: {error:#}\n{}", shape.text()))?;
        self.world.modules.push(ModuleModel { engine, module, shape });
        Ok(())
    }

    /// Instantiates a module, with the linker's definition of its import.
    pub(super) fn instantiate(&mut self) -> Outcome {
        let (Some(module), Some(linker), Some(at)) = (
            self.place(self.world.modules.len()),
            self.place(self.world.linkers.len()),
            self.place(self.world.stores.len()),
        ) else {
            return Ok(());
        };
        let (module, linker) = (&self.world.modules[module], &self.world.linkers[linker]);
        let store = &mut self.world.stores[at];
        self.log.push(format!(
            "instantiate a module of engine {} by a linker of {} in a store of {}",
            module.engine, linker.engine, store.engine
        ));
        let import = module.shape.import.as_ref().map(|(name, ty)| (ty, linker.defined.get(name)));
        let mut mixed = module.engine != linker.engine || store.engine != linker.engine;
        let mut import_of = None;
        if let Some((ty, defined)) = import {
            let fits = defined.filter(|defined| defined.function.ty == *ty);
            mixed |= defined.is_some_and(|defined| defined.store.is_some_and(|number| number != store.number));
            if fits.is_none() {
                let outcome = attempt(|| linker.linker.instantiate(&mut store.store, &module.module));
                return outcome.map_or(Ok(()), |_| Err("an import that is not there is linked".to_owned()));
            }
            import_of = fits.map(|defined| defined.function.clone());
        }
        let outcome = attempt(|| linker.linker.instantiate(&mut store.store, &module.module));
        if let Some(instance) = expect(mixed, "Linker::instantiate", outcome)? {
            store.instances.push(InstanceModel::new(instance, &module.shape, import_of));
        }
        Ok(())
    }

    fn instantiate_pre(&mut self) -> Outcome {
        let (Some(module), Some(linker)) = (self.place(self.world.modules.len()), self.place(self.world.linkers.len()))
        else {
            return Ok(());
        };
        let (module, linker) = (&self.world.modules[module], &self.world.linkers[linker]);
        self.log.push(format!("prepare a module of engine {} by a linker of {}", module.engine, linker.engine));
        let import = module.shape.import.as_ref();
        let defined = import.and_then(|(name, _)| linker.defined.get(name)).cloned();
        // A function of a store is checked at instantiation.
        let fits = import.is_none_or(|(_, ty)| {
            defined.as_ref().is_some_and(|defined| defined.store.is_some() || defined.function.ty == *ty)
        });
        let outcome = attempt(|| linker.linker.instantiate_pre(&module.module));
        if module.engine == linker.engine && !fits {
            return outcome.map_or(Ok(()), |_| Err("an import that is not there is linked".to_owned()));
        }
        if let Some(pre) = expect(module.engine != linker.engine, "Linker::instantiate_pre", outcome)? {
            let shape = module.shape.clone();
            self.world.pres.push(PreModel { engine: module.engine, pre, shape, import: defined });
        }
        Ok(())
    }

    fn instantiate_from_pre(&mut self) -> Outcome {
        let (Some(pre), Some(store)) = (self.place(self.world.pres.len()), self.place(self.world.stores.len())) else {
            return Ok(());
        };
        let (pre, store) = (&self.world.pres[pre], &mut self.world.stores[store]);
        self.log.push(format!("instantiate what is prepared in engine {} in a store of {}", pre.engine, store.engine));
        let of_store = pre.import.as_ref().and_then(|defined| defined.store);
        let mixed = pre.engine != store.engine || of_store.is_some_and(|number| number != store.number);
        let outcome = attempt(|| pre.pre.instantiate(&mut store.store));
        let wanted = pre.shape.import.as_ref().map(|(_, ty)| ty);
        if !mixed && wanted != pre.import.as_ref().map(|defined| &defined.function.ty) {
            return outcome.map_or(Ok(()), |_| Err("an import of another type is linked".to_owned()));
        }
        if let Some(instance) = expect(mixed, "InstancePre::instantiate", outcome)? {
            let import = pre.import.as_ref().map(|defined| defined.function.clone());
            store.instances.push(InstanceModel::new(instance, &pre.shape, import));
        }
        Ok(())
    }

    /// Gets a definition from a linker, or all of them.
    pub(super) fn get(&mut self) -> Outcome {
        let (Some(linker), Some(store)) = (self.place(self.world.linkers.len()), self.place(self.world.stores.len()))
        else {
            return Ok(());
        };
        let (name, all) = (self.name(), self.choices.one_in(3));
        let (linker, store) = (&self.world.linkers[linker], &mut self.world.stores[store]);
        self.log.push(format!("get {name} of a linker of engine {} for a store of {}", linker.engine, store.engine));
        let other = |defined: &Defined| defined.store.is_some_and(|number| number != store.number);
        let mixed = linker.engine != store.engine;
        let got: Vec<(String, Extern)> = if all {
            let mixed = mixed || linker.defined.values().any(other);
            let outcome = attempt(|| {
                let items = linker.linker.iter(&mut store.store).map(|(_, name, item)| (name.to_owned(), item));
                Ok(items.collect::<Vec<_>>())
            });
            let got = expect(mixed, "Linker::iter", outcome)?;
            same("Linker::iter: items", got.as_ref().map_or(linker.defined.len(), Vec::len), linker.defined.len())?;
            got.unwrap_or_default()
        } else {
            let mixed = mixed || linker.defined.get(&name).is_some_and(other);
            let outcome = attempt(|| Ok(linker.linker.get(&mut store.store, HOST, &name)));
            let got = expect(mixed, "Linker::get", outcome)?;
            let is_there = linker.defined.contains_key(&name);
            same("Linker::get: whether it is there", got.as_ref().is_none_or(Option::is_some), mixed || is_there)?;
            got.flatten().map(|item| (name, item)).into_iter().collect()
        };
        for (name, item) in got {
            let Some(func) = item.into_func() else { return Err("Linker::get: not a function".to_owned()) };
            let function = linker.defined[&name].function.clone();
            same("Func::ty", func.ty(&store.store), function.ty.clone())?;
            self.world.funcs.push(FuncModel { store: store.number, func, function });
        }
        Ok(())
    }

    fn host_function(&mut self) -> Outcome {
        let Some(store) = self.place(self.world.stores.len()) else { return Ok(()) };
        let function = self.function();
        let store = &mut self.world.stores[store];
        self.log.push(format!("host function in store {}", store.number));
        let func = Func::new(&mut store.store, function.ty.clone(), host(function.clone()));
        self.world.funcs.push(FuncModel { store: store.number, func, function });
        Ok(())
    }

    /// Gets an exported function.
    pub(super) fn exported(&mut self) -> Outcome {
        let Some((used, instance, owner)) = self.instance() else { return Ok(()) };
        let name = self.choices.pick(&["own", "imported", "through", "tail"]);
        self.log.push(format!("export {name}"));
        let model = &self.world.stores[owner].instances[instance];
        let function = match (name, &model.import) {
            ("own", _) => Some(model.shape.own.clone()),
            ("through", Some(import)) => Some(import.and(1)),
            (_, import) => import.clone(),
        };
        let (instance, store) = (model.instance, &self.world.stores[used]);
        let outcome = attempt(|| Ok(instance.get_func(&store.store, name)));
        if let Some(func) = expect(used != owner, "Instance::get_func", outcome)? {
            same("Instance::get_func: whether it is there", func.is_some(), function.is_some())?;
            if let (Some(func), Some(function)) = (func, function) {
                self.world.funcs.push(FuncModel { store: store.number, func, function });
            }
        }
        Ok(())
    }

    fn call(&mut self) -> Outcome {
        let (Some(func), Some(store)) = (self.place(self.world.funcs.len()), self.place(self.world.stores.len()))
        else {
            return Ok(());
        };
        let FuncModel { store: number, func, function } = &self.world.funcs[func];
        // Usually with the function's own store, if that still exists.
        let own = self.world.stores.iter().position(|it| it.number == *number);
        let store = own.filter(|_| !self.choices.one_in(8)).unwrap_or(store);
        let args = shape::args(&function.ty, self.choices);
        let store = &mut self.world.stores[store];
        self.log.push(format!("call a function of store {number} by store {}", store.number));
        let mut results = [Val::I64(0)];
        let outcome = attempt(|| func.call(&mut store.store, &args, &mut results));
        if expect(store.number != *number, "Func::call", outcome)?.is_some() {
            same("Func::call", results[0].i64(), Some(function.result(&args)))?;
            self.agreed += 1;
        }
        Ok(())
    }

    /// Sets or reads an element of a table.
    fn table(&mut self) -> Outcome {
        let Some((used, instance, owner)) = self.instance() else { return Ok(()) };
        let index = self.choices.below(TABLE as u32);
        let func = self.place(self.world.funcs.len()).filter(|_| !self.choices.one_in(4));
        let func = func.map(|func| &self.world.funcs[func]);
        let stores = &mut self.world.stores;
        let (number, target) = (stores[used].number, stores[owner].instances[instance].instance);
        self.log.push(format!("set element {index} of a table by store {number}"));
        let mixed = used != owner || func.is_some_and(|func| func.store != number);
        let store = &mut stores[used].store;
        let outcome = attempt(|| {
            let table = target.get_table(&mut *store, "table").expect("it is exported");
            table.set(store, index.into(), Ref::Func(func.map(|func| func.func)))
        });
        if expect(mixed, "Table::set", outcome)?.is_some() {
            let model = &mut stores[owner].instances[instance];
            model.table[index as usize] = func.map(|func| func.function.clone());
        }
        Ok(())
    }

    /// Makes an instance call a function of its table.
    fn indirect(&mut self) -> Outcome {
        let Some((used, instance, owner)) = self.instance() else { return Ok(()) };
        if used != owner {
            return Ok(());
        }
        let index = self.choices.below(TABLE as u32 + 1);
        let StoreModel { store, instances, .. } = &mut self.world.stores[owner];
        let model = &instances[instance];
        let mut args = shape::args(&model.shape.own.ty, self.choices);
        let expected = match model.table.get(index as usize) {
            None => Err(Trap::UndefinedElement),
            Some(None) => Err(Trap::UninitializedElement),
            Some(Some(function)) if function.ty != model.shape.own.ty => Err(Trap::IndirectCallTypeMismatch),
            Some(Some(function)) => Ok(Some(function.and(2).result(&args))),
        };
        self.log.push(format!("call element {index} of a table"));
        args.push(Val::I32(index as i32));
        let actual = exported(model.instance, store, "indirect", &args)?;
        self.agreed += u64::from(actual.is_ok());
        same("call_indirect", actual, expected)
    }

    /// Writes, reads or grows a memory, from within or from outside.
    fn memory(&mut self) -> Outcome {
        let Some((used, instance, owner)) = self.instance() else { return Ok(()) };
        let by_host = self.choices.one_in(2);
        let (what, value) = (self.choices.below(3), i64::from(self.choices.below(1 << 16)) + 1);
        let at = self.choices.pick(&[0, 8, 65528, 65536, 2 * 65536 - 8, 3 * 65536 - 8, 3 * 65536]);
        let target = self.world.stores[owner].instances[instance].instance;
        if used != owner {
            let store = &mut self.world.stores[used].store;
            let outcome = attempt(|| Ok(target.get_memory(store, "memory").is_some()));
            return expect(true, "Instance::get_memory", outcome).map(|_| ());
        }
        let StoreModel { store, instances, .. } = &mut self.world.stores[owner];
        let model = &mut instances[instance];
        self.log.push(format!("memory: {what} at {at}"));
        let Some(memory) = target.get_memory(&mut *store, "memory") else { return Err("no memory".to_owned()) };
        let inside = at + 8 <= model.pages * 65536;
        match what {
            0 => {
                let delta = value as u64 % 2 + 1;
                let old = model.pages;
                let grows = old + delta <= MAX_PAGES;
                let answer = if by_host {
                    memory.grow(&mut *store, delta).map_or(-1, |old| old as i32)
                } else {
                    let grown = exported_of(target, store, "grow", &[Val::I32(delta as i32)], Val::I32(0))?;
                    grown.map_err(|trap| format!("memory.grow: {trap}"))?.unwrap_i32()
                };
                same("grow", answer, if grows { old as i32 } else { -1 })?;
                model.pages += if grows { delta } else { 0 };
                same("Memory::size", memory.size(&*store), model.pages)
            }
            1 => {
                let stored = if by_host {
                    memory.write(&mut *store, at as usize, &value.to_le_bytes()).map_err(|_| Trap::MemoryOutOfBounds)
                } else {
                    let func = target.get_func(&mut *store, "store").expect("it is exported");
                    let result = func.call(&mut *store, &[Val::I32(at as i32), Val::I64(value)], &mut []);
                    result.map_err(|error| error.downcast_ref().copied().unwrap_or(Trap::Unreachable))
                };
                same("store", stored, if inside { Ok(()) } else { Err(Trap::MemoryOutOfBounds) })?;
                if inside {
                    model.memory.insert(at, value);
                }
                Ok(())
            }
            _ => {
                let loaded = if by_host {
                    let mut bytes = [0; 8];
                    let read = memory.read(&*store, at as usize, &mut bytes);
                    read.map(|()| Some(i64::from_le_bytes(bytes))).map_err(|_| Trap::MemoryOutOfBounds)
                } else {
                    exported(target, store, "load", &[Val::I32(at as i32)])?
                };
                let expected = model.memory.get(&at).copied().unwrap_or(0);
                same("load", loaded, if inside { Ok(Some(expected)) } else { Err(Trap::MemoryOutOfBounds) })
            }
        }
    }

    fn global(&mut self) -> Outcome {
        let Some((used, instance, owner)) = self.instance() else { return Ok(()) };
        let (by_host, value) = (self.choices.one_in(2), i64::from(self.choices.below(1000)));
        let target = self.world.stores[owner].instances[instance].instance;
        self.log.push("change a global".to_owned());
        let store = &mut self.world.stores[used].store;
        let outcome = attempt(|| Ok(target.get_global(store, "global").expect("it is exported")));
        let Some(global) = expect(used != owner, "Instance::get_global", outcome)? else { return Ok(()) };
        let StoreModel { store, instances, .. } = &mut self.world.stores[owner];
        let model = &mut instances[instance];
        if by_host {
            global.set(&mut *store, Val::I64(value)).map_err(|error| format!("Global::set: {error:#}"))?;
            model.global = value;
        } else {
            model.global = model.global.wrapping_add(value);
            let bumped = exported(target, store, "bump", &[Val::I64(value)])?;
            same("a global that is changed from within", bumped, Ok(Some(model.global)))?;
        }
        same("Global::get", global.get(&*store).i64(), Some(model.global))
    }

    fn mode(&mut self) -> Outcome {
        let Some((used, instance, owner)) = self.instance() else { return Ok(()) };
        let engine = &self.world.engines[self.world.stores[used].engine];
        let modes: Vec<Mode> =
            Mode::all().into_iter().filter(|&mode| mode != LLVM_JIT && engine.supports(mode)).collect();
        let mode = self.choices.pick(&modes);
        self.log.push(format!("an instance in {mode}"));
        let target = self.world.stores[owner].instances[instance].instance;
        let store = &mut self.world.stores[used].store;
        let outcome = attempt(|| target.set_mode(&mut *store, mode));
        if expect(used != owner, "Instance::set_mode", outcome)?.is_some() {
            same("Instance::mode", target.mode(&*store), mode)?;
        }
        Ok(())
    }

    /// Runs an endless recursion: it ends with the stack, and everything works afterwards.
    fn deep(&mut self) -> Outcome {
        let Some((used, instance, owner)) = self.instance() else { return Ok(()) };
        if used == owner {
            self.log.push("recurse".to_owned());
            let StoreModel { store, instances, .. } = &mut self.world.stores[owner];
            let ended = exported(instances[instance].instance, store, "deep", &[Val::I64(0)])?;
            same("endless recursion", ended, Err(Trap::StackOverflow))?;
        }
        Ok(())
    }

    /// Drops a store, a linker, a module or resolved imports. Returns whether there was anything to drop.
    pub(super) fn drop_something(&mut self) -> bool {
        let world = &self.world;
        let counts = [world.stores.len(), world.linkers.len(), world.modules.len(), world.pres.len()];
        let Some(mut place) = self.place(counts.iter().sum()) else { return false };
        for (kind, count) in counts.into_iter().enumerate() {
            if place < count {
                self.log.push(format!("drop {} {place}", ["store", "linker", "module", "what is prepared"][kind]));
                match kind {
                    0 => drop(self.world.stores.swap_remove(place)),
                    1 => drop(self.world.linkers.swap_remove(place)),
                    2 => drop(self.world.modules.swap_remove(place)),
                    _ => drop(self.world.pres.swap_remove(place)),
                }
                return true;
            }
            place -= count;
        }
        true
    }
}

impl InstanceModel {
    fn new(instance: Instance, shape: &Shape, import: Option<Function>) -> InstanceModel {
        InstanceModel {
            instance,
            shape: shape.clone(),
            import,
            global: 0,
            pages: 1,
            memory: BTreeMap::new(),
            table: vec![None; TABLE as usize],
        }
    }
}

/// The model's host function.
fn host(
    function: Function,
) -> impl Fn(Caller<'_, ()>, &[Val], &mut [Val]) -> riser::Result<()> + Send + Sync + 'static {
    move |_, args, results| {
        results[0] = Val::I64(function.result(args));
        Ok(())
    }
}

/// The result of an exported function, or its trap.
fn exported_of(
    instance: Instance,
    store: &mut Store<()>,
    name: &str,
    args: &[Val],
    result: Val,
) -> Result<Result<Val, Trap>, String> {
    let func = instance.get_func(&mut *store, name).ok_or_else(|| format!("`{name}` is not exported"))?;
    let mut results = [result];
    match func.call(&mut *store, args, &mut results) {
        Ok(()) => Ok(Ok(results[0])),
        Err(error) => error.downcast_ref().map(|&trap| Err(trap)).ok_or_else(|| format!("{name}: {error:#}")),
    }
}

fn exported(
    instance: Instance,
    store: &mut Store<()>,
    name: &str,
    args: &[Val],
) -> Result<Result<Option<i64>, Trap>, String> {
    Ok(exported_of(instance, store, name, args, Val::I64(0))?.map(|value| value.i64()))
}
