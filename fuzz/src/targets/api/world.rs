//! Everything that a sequence has made so far, each object with its model.

use std::collections::BTreeMap;

use riser::{Engine, Func, Instance, InstancePre, Linker, Module, Store};

use super::shape::{Function, Shape};

/// A store's number, which no other store of the sequence has or had.
pub type StoreNumber = usize;

/// The index of an engine; engines stay to the end.
pub type EngineNumber = usize;

/// A store with its contents.
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
    /// The values that are not zero, by address.
    pub memory: BTreeMap<u64, i64>,
    pub table: Vec<Option<Function>>,
}

/// A function of a store, which may already be gone.
pub struct FuncModel {
    pub store: StoreNumber,
    pub func: Func,
    pub function: Function,
}

/// A linker's definition of a name.
#[derive(Clone)]
pub struct Defined {
    pub function: Function,
    /// The function's store; `None` for a host function.
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

/// All objects of the sequence.
#[derive(Default)]
pub struct World {
    pub engines: Vec<Engine>,
    pub stores: Vec<StoreModel>,
    pub linkers: Vec<LinkerModel>,
    pub modules: Vec<ModuleModel>,
    pub pres: Vec<PreModel>,
    pub funcs: Vec<FuncModel>,
    /// The number of stores made so far.
    pub store_numbers: usize,
}

impl World {
    /// Whether no object is left for which an engine would hold anything.
    pub fn is_idle(&self, engine: EngineNumber) -> bool {
        let numbers = (self.stores.iter().map(|it| it.engine))
            .chain(self.linkers.iter().map(|it| it.engine))
            .chain(self.modules.iter().map(|it| it.engine))
            .chain(self.pres.iter().map(|it| it.engine));
        !numbers.into_iter().any(|number| number == engine)
    }
}
