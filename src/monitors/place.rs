//! Places of modules, as reports name them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::translator::Shown;
use crate::translator::module::ModuleInfo;
use crate::{Event, FuncIndex, Module};

/// A function of a module: the module's number among those seen, and the function's index in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Function {
    pub(super) module: usize,
    pub(super) index: FuncIndex,
}

/// A place of a function: an offset in its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) function: Function,
    pub(super) offset: usize,
}

/// The modules seen, in order.
#[derive(Default)]
pub(super) struct Modules {
    /// By the address of the module's description, which the module keeps in place.
    numbers: HashMap<usize, usize>,
    modules: Vec<Module>,
    /// The address that was looked for last, and its number: most events are in the same module as the one before.
    last: Option<(usize, usize)>,
}

impl Modules {
    /// The number of a module.
    fn number(&mut self, module: &Module) -> usize {
        let address = Arc::as_ptr(module.info()).addr();
        if let Some((last, number)) = self.last
            && last == address
        {
            return number;
        }
        let number = *self.numbers.entry(address).or_insert_with(|| {
            self.modules.push(module.clone());
            self.modules.len() - 1
        });
        self.last = Some((address, number));
        number
    }

    /// The function that an event is in.
    pub(super) fn function(&mut self, event: &Event<'_>) -> Function {
        Function { module: self.number(event.module()), index: event.function() }
    }

    /// The place that an event is at.
    pub(super) fn place(&mut self, event: &Event<'_>) -> Place {
        Place { function: self.function(event), offset: event.offset() }
    }

    /// The modules with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Module)> {
        self.modules.iter().enumerate()
    }

    /// A function's name, with that of its module if there are several.
    pub(super) fn name(&self, function: Function) -> String {
        let module = &self.modules[function.module];
        let name = name(module.info(), function.index);
        match module.name().filter(|_| self.modules.len() > 1) {
            Some(module) => format!("{}!{name}", Shown(module)),
            None => name,
        }
    }

    /// A place: the function, the offset, and the place in the source if that is known.
    pub(super) fn describe(&self, place: Place) -> String {
        let name = self.name(place.function);
        let symbols = self.modules[place.function.module].symbols(place.offset);
        match symbols.first() {
            Some(symbol) if symbol.line().is_some() => format!("{name} {:#x} ({symbol})", place.offset),
            _ => format!("{name} {:#x}", place.offset),
        }
    }
}

/// A function's name, or its index.
pub(super) fn name(info: &ModuleInfo, function: FuncIndex) -> String {
    match info.func_name(function) {
        Some(name) => Shown(name).to_string(),
        None => format!("<wasm function {function}>"),
    }
}
