//! Everything that a sequence has made so far, each thing beside its model.

use std::collections::BTreeMap;

use riser::{Engine, Func, Instance, InstancePre, Linker, Module, Store};

use super::shape::{Function, Shape};

/// A number that no other store of the sequence has, or had.
pub type StoreNumber = usize;

/// An engine, by its place; engines stay to the end.
pub type EngineNumber = usize;

/// A store, with what is in it.
pub struct StoreModel {
    pub number: StoreNumber,
    pub engine: EngineNumber,
    pub store: Store<()>,
    pub instances: Vec<InstanceModel>,
}

/// An instance.
pub struct InstanceModel {
    pub instance: Instance,
    pub shape: Shape,
    pub import: Option<Function>,
    pub global: i64,
    pub pages: u64,
    /// What is not zero.
    pub memory: BTreeMap<u64, i64>,
    pub table: Vec<Option<Function>>,
}

/// A function of a store that may be gone.
pub struct FuncModel {
    pub store: StoreNumber,
    pub func: Func,
    pub function: Function,
}

/// What a linker has under a name.
#[derive(Clone)]
pub struct Defined {
    pub function: Function,
    /// The store that it is in; `None` for a host function.
    pub store: Option<StoreNumber>,
}

pub struct LinkerModel {
    pub engine: EngineNumber,
    pub linker: Linker<()>,
    pub defined: BTreeMap<String, Defined>,
}

pub struct ModuleModel {
    pub engine: EngineNumber,
    pub module: Module,
    pub shape: Shape,
}

pub struct PreModel {
    pub engine: EngineNumber,
    pub pre: InstancePre<()>,
    pub shape: Shape,
    pub import: Option<Defined>,
}

/// All of it.
#[derive(Default)]
pub struct World {
    pub engines: Vec<Engine>,
    pub stores: Vec<StoreModel>,
    pub linkers: Vec<LinkerModel>,
    pub modules: Vec<ModuleModel>,
    pub pres: Vec<PreModel>,
    pub funcs: Vec<FuncModel>,
    /// How many stores there have been.
    pub store_numbers: usize,
}

impl World {
    /// Whether an engine has nothing left that it would hold something for.
    pub fn is_idle(&self, engine: EngineNumber) -> bool {
        let numbers = (self.stores.iter().map(|it| it.engine))
            .chain(self.linkers.iter().map(|it| it.engine))
            .chain(self.modules.iter().map(|it| it.engine))
            .chain(self.pres.iter().map(|it| it.engine));
        !numbers.into_iter().any(|number| number == engine)
    }
}
