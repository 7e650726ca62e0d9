//! Whole modules as definitions: commands and reactors.
//!
//! The convention is WASI's: a module that exports `_start`, or the default function `""`,
//! is a *command*, whose functions each run in an instance of their own; any other is a
//! *reactor*, instantiated once, and initialised by its `_initialize` if it has one. No
//! module can be both.

use anyhow::{Context as _, Result, ensure};
use riser_translator::Shown;
use riser_translator::module::ExternType;

use super::Linker;
use crate::{AsContextMut, Extern, Func, Module};

impl<T: 'static> Linker<T> {
    /// Defines the exports of `module` under the module name `module_name`. Treats the module as a command or a
    /// reactor, according to its exports.
    ///
    /// # Errors
    ///
    /// Those of [`Linker::instantiate`]; if a name is defined already, and shadowing not allowed; if the module is a
    /// command and exports a function `_initialize`; or if that has parameters or results, or fails.
    ///
    /// # Panics
    ///
    /// See [`Linker::instantiate`].
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        module: &Module,
    ) -> Result<&mut Self> {
        let mut store = store.as_context_mut();
        self.check_engine(store.engine())?;
        if is_command(module) {
            ensure!(
                !exports_function(module, "_initialize"),
                "the module is a command and has the function `_initialize` of a reactor: it cannot be both"
            );
            return self.command(module_name, module);
        }
        let instance = self.instantiate(&mut store, module)?;
        if let Some(Extern::Func(initialize)) = instance.get_export(&mut store, "_initialize") {
            let initialize =
                initialize.typed::<(), ()>(&store).context("loading the Reactor initialization function")?;
            initialize.call(&mut store, ()).context("calling the Reactor initialization function")?;
        }
        self.instance(store, module_name, instance)
    }

    /// Defines a command's functions, each of which makes a new instance at every call.
    fn command(&mut self, module_name: &str, module: &Module) -> Result<&mut Self> {
        let command = self.instantiate_pre(module)?;
        for export in module.exports() {
            let ExternType::Func(ty) = export.ty() else { continue };
            let (command, name) = (command.clone(), export.name().to_owned());
            self.func_new(module_name, export.name(), ty, move |mut caller, params, results| {
                let instance = command.instantiate(&mut caller)?;
                let func = instance.get_func(&mut caller, &name).context("a command's export is its instance's")?;
                func.call(&mut caller, params, results)
            })?;
        }
        Ok(self)
    }

    /// Returns the function that runs a module: `""`, or `_start`, or one that does nothing.
    ///
    /// # Errors
    ///
    /// If `module::""`, or without that `module::_start`, is not a function.
    ///
    /// # Panics
    ///
    /// If the function belongs to another store, or the store is of another engine.
    pub fn get_default(&self, mut store: impl AsContextMut<Data = T>, module: &str) -> Result<Func> {
        let mut store = store.as_context_mut();
        for (name, what) in [("", "default export"), ("_start", "`_start`")] {
            if let Some(item) = self.get(&mut store, module, name) {
                return item.into_func().with_context(|| format!("{what} in '{}' is not a function", Shown(module)));
            }
        }
        Ok(Func::wrap(&mut store, || {}))
    }
}

fn is_command(module: &Module) -> bool {
    ["_start", ""].iter().any(|name| exports_function(module, name))
}

fn exports_function(module: &Module, name: &str) -> bool {
    matches!(module.get_export(name), Some(ExternType::Func(_)))
}
