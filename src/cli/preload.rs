//! `--preload`: modules that are there before the program, for it to import from.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, Result};

use crate::translator::Shown;
use crate::translator::module::ModuleInfo;
use crate::wasi;
use crate::{InstancePre, Linker, Module, Store, UnknownImportError};

use super::stats::{Stats, Value};
use super::{cause, names};

/// A module's file, and the name by which others import from it.
#[derive(Clone, Debug)]
pub struct Preload {
    name: String,
    file: PathBuf,
}

impl Preload {
    /// The module's file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// From `NAME=FILE`.
    pub fn parse(text: &str) -> Result<Preload, String> {
        match text.split_once('=') {
            None => Err("there is no `=`; write NAME=FILE, such as env=library.wasm".to_owned()),
            Some((_, "")) => Err("there is no file after `=`; write NAME=FILE, such as env=library.wasm".to_owned()),
            Some((name, file)) => Ok(Preload { name: name.to_owned(), file: file.into() }),
        }
    }
}

impl fmt::Display for Preload {
    /// As it is given on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.file.display())
    }
}

/// The modules, in the order in which they are to be instantiated.
pub struct Preloads<'a>(Vec<(&'a Preload, Module)>);

/// The names of what there is to import: module and item.
fn names_of<T: 'static>(store: &mut Store<T>, linker: &Linker<T>) -> Vec<(String, String)> {
    linker.iter(store).map(|(module, name, _)| (module.to_owned(), name.to_owned())).collect()
}

impl<'a> Preloads<'a> {
    /// Loads the modules by `load`.
    pub fn load(preloads: &'a [Preload], load: impl Fn(&Path) -> Result<Module>) -> Result<Preloads<'a>> {
        let loaded = preloads.iter().map(|preload| {
            let Preload { name, file } = preload;
            let module =
                load(file).with_context(|| format!("cannot preload `{}` as `{}`", file.display(), Shown(name)))?;
            Ok((preload, module))
        });
        Ok(Preloads(loaded.collect::<Result<_>>()?))
    }

    /// Whether one of them has this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(preload, _)| preload.name == name)
    }

    /// What is in the modules.
    pub fn infos(&self) -> impl Iterator<Item = &ModuleInfo> {
        self.0.iter().map(|(_, module)| &**module.info())
    }

    /// Instantiates each module with what `linker` has, and adds its exports.
    pub fn define<T: 'static>(&self, store: &mut Store<T>, linker: &mut Linker<T>) -> Result<()> {
        for (index, (Preload { name, file }, module)) in self.0.iter().enumerate() {
            // What is exported under WASI's name takes the place of WASI's functions.
            linker.allow_shadowing([wasi::MODULE, wasi::UNSTABLE_MODULE].contains(&&**name));
            let result = linker.module(&mut *store, name, module).map(drop);
            result
                .map_err(|error| self.explain(error, index, module, &names_of(store, linker)))
                .with_context(|| format!("cannot preload `{}` as `{}`", file.display(), Shown(name)))?;
        }
        linker.allow_shadowing(false);
        Ok(())
    }

    /// The program, to be instantiated after all of these, with what `linker` has.
    pub fn program<T: 'static>(
        &self,
        store: &mut Store<T>,
        linker: &Linker<T>,
        program: &Module,
    ) -> Result<InstancePre<T>> {
        let result = linker.instantiate_pre(program);
        result.map_err(|error| self.explain(error, self.0.len(), program, &names_of(store, linker)))
    }

    /// Says what to do about an import of `importer` that is not defined when the first `defined` modules are, and `names` besides; other
    /// errors stay as they are.
    fn explain(&self, error: Error, defined: usize, importer: &Module, names: &[(String, String)]) -> Error {
        let Some(import) = error.downcast_ref::<UnknownImportError>() else { return error };
        let (from, name) = (Shown(import.module()), Shown(import.name()));
        let (before, after) = self.0.split_at(defined);
        let found: Vec<_> = before.iter().filter(|(preload, _)| preload.name == import.module()).collect();
        let what_to_do = if !found.is_empty() {
            let files: Vec<String> = found.iter().map(|(preload, _)| format!("`{}`", preload.file.display())).collect();
            let exports = found.iter().flat_map(|(_, module)| module.exports());
            let exports: Vec<String> = exports.map(|export| export.name().to_owned()).collect();
            let near = names::nearest(import.name(), exports.iter().map(|name| &**name));
            format!("no `{name}` is exported by {}, preloaded as `{from}`{near}", files.join(" or "))
        } else if after.iter().any(|(preload, _)| preload.name == import.module()) {
            format!("`{from}` is not there yet: put its `--preload` before that of what imports from it")
        } else if names.iter().any(|(module, _)| module == import.module()) {
            let there = names.iter().filter(|(module, _)| module == import.module()).map(|(_, name)| &**name);
            format!("`{from}` is there, but has no `{name}`{}", names::nearest(import.name(), there))
        } else if imports_threads(importer) && !names.iter().any(|(module, _)| module == "wasi") {
            "it starts threads: `-S threads` lets it, and gives it a shared memory".to_owned()
        } else if let Some(cause) = cause::of_imports(importer.info().imports.iter().map(|it| (&*it.module, &*it.name)))
        {
            cause.to_owned()
        } else if import.module().is_empty() {
            "nothing is there to import from the module with the empty name: `--preload =FILE` takes a module for it"
                .to_owned()
        } else {
            format!("nothing is there to import from `{from}`: `--preload {from}=FILE` takes a module for it")
        };
        error.context(what_to_do)
    }

    /// Notes what has been made of each module.
    pub fn add_to(&self, stats: &mut Stats) {
        for (Preload { name, file }, module) in &self.0 {
            stats.add("preload", Value::Text(format!("{}={}", Shown(name), file.display())));
            stats.add_module(module);
        }
    }
}

/// Whether a module imports what starts a thread.
fn imports_threads(module: &Module) -> bool {
    module.info().imports.iter().any(|import| (&*import.module, &*import.name) == ("wasi", "thread-spawn"))
}
