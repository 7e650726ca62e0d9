//! Counting: what is counted in each run, and the names that belong to the counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use super::code::Function;
use super::{By, Level};
use crate::cli::program::{Host, Watch};
use crate::listing::WasmText;
use crate::translator::FuncIndex;
use crate::{Config, Counter, Dispatch, Mode, Module, Store, TranslatorConfig};

/// Counts the instructions of all stores of a program.
pub struct Count {
    level: Level,
    switches: TranslatorConfig,
    counter: Counter,
    functions: Arc<Functions>,
}

impl Count {
    /// Counts sequences of `length` instructions, or operators, of code made with these switches.
    pub fn new(level: Level, by: Option<By>, length: usize, switches: TranslatorConfig) -> Count {
        let functions =
            Arc::new(Functions { reads_wasm: level == Level::Wasm || by == Some(By::Loop), known: Mutex::default() });
        let selecting = Arc::clone(&functions);
        let counter = Counter::new(length, move |module, function, word| match level {
            Level::Code => true,
            Level::Wasm => selecting.get(module, function).is_ok_and(|it| it.counts_operator(word)),
        });
        Count { level, switches, counter, functions }
    }

    /// The counts of the stores that are gone.
    pub fn counter(&self) -> &Counter {
        &self.counter
    }

    /// What is known of the functions.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }
}

impl Watch for Count {
    fn configure(&self, config: &mut Config) {
        let switches = match self.level {
            Level::Code => self.switches,
            // Every operator becomes an instruction of its own.
            Level::Wasm => TranslatorConfig::naive(),
        };
        config.mode(Mode::Interp).dispatch(Dispatch::Profile).translator(switches);
    }

    fn prepare(&self, store: &mut Store<Host>) -> Result<()> {
        store.count_instructions(&self.counter)
    }
}

/// What is known of the functions of all modules; found out when it is needed.
pub struct Functions {
    reads_wasm: bool,
    known: Mutex<HashMap<usize, OfModule>>,
}

/// The functions of a module, which is kept alive, so that its address stays its own.
struct OfModule {
    module: Module,
    functions: HashMap<FuncIndex, Arc<Function>>,
}

impl Functions {
    /// What is known of a function.
    pub fn get(&self, module: &Module, index: FuncIndex) -> Result<Arc<Function>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let address = std::ptr::from_ref(&**module.info()).addr();
        let of_module = match known.get_mut(&address) {
            Some(of_module) => of_module,
            None => {
                let functions = self.read(module)?;
                known.entry(address).or_insert(OfModule { module: module.clone(), functions })
            }
        };
        if let Some(function) = of_module.functions.get(&index) {
            return Ok(Arc::clone(function));
        }
        let function = Arc::new(Function::new(&of_module.module, index, None)?);
        of_module.functions.insert(index, Arc::clone(&function));
        Ok(function)
    }

    /// All functions of a module with their operators, if those are needed; the text of a module is made at once.
    fn read(&self, module: &Module) -> Result<HashMap<FuncIndex, Arc<Function>>> {
        if !self.reads_wasm {
            return Ok(HashMap::new());
        }
        let text = WasmText::new(module.info())?;
        let defined = module.info().defined_functions();
        defined.map(|index| Ok((index, Arc::new(Function::new(module, index, Some(&text))?)))).collect()
    }
}
