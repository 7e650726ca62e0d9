//! Linkers: definitions by name, for the imports of modules.

mod command;
mod error;
mod pre;

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use riser_translator::module::ExternType;
use riser_translator::{FuncType, Shown, ValType};
use smallvec::SmallVec;

#[cfg(feature = "async")]
use crate::func::future;
use crate::func::{HostFunc, host_func_of_values};
use crate::instantiate::check_import;
use crate::store::{Invariant, StoreCore};
use crate::{
    AsContext, AsContextMut, Caller, Engine, Extern, Global, ImportType, Instance, IntoFunc, Memory, Module,
    SharedMemory, Table, Val,
};

#[cfg(feature = "async")]
use crate::{WasmParams, WasmRet};

pub use error::UnknownImportError;
pub use pre::InstancePre;

/// Definitions that modules can import. Each has two names: a module's and an item's.
///
/// Host functions belong to the linker and can be used with any number of stores whose data
/// is a `T`; other definitions belong to one store.
pub struct Linker<T> {
    engine: Engine,
    modules: HashMap<Arc<str>, HashMap<Arc<str>, Definition>>,
    allow_shadowing: bool,
    data: Invariant<T>,
}

const OTHER_ENGINE: &str = "the linker belongs to another engine";

/// The definition that a name stands for.
#[derive(Clone)]
pub(crate) enum Definition {
    /// An item of a store.
    Extern(Extern),
    /// A host function, which is put into each store that uses it.
    Host(Arc<HostFunc>),
}

impl Definition {
    /// Returns the definition as an item of a store.
    ///
    /// # Panics
    ///
    /// If the definition belongs to another store, or to another engine than the store.
    pub(crate) fn in_store(&self, store: &mut StoreCore) -> Extern {
        match self {
            Definition::Extern(item) => {
                item.assert_is_of(store);
                item.clone()
            }
            Definition::Host(func) => func.instantiate(store).into(),
        }
    }

    /// Whether the definition belongs to one store.
    fn is_bound(&self) -> bool {
        match self {
            Definition::Extern(Extern::SharedMemory(_)) | Definition::Host(_) => false,
            Definition::Extern(
                Extern::Func(_) | Extern::Global(_) | Extern::Table(_) | Extern::Memory(_) | Extern::Tag(_),
            ) => true,
        }
    }

    /// Checks that a host function has the type that a module expects. Other definitions are checked in their store.
    fn check(&self, import: &ImportType<'_>) -> Result<()> {
        match self {
            Definition::Extern(_) => Ok(()),
            Definition::Host(func) => {
                check_import(import.module(), import.name(), &import.ty(), &ExternType::Func(func.ty().clone()))
            }
        }
    }
}

impl<T> Linker<T> {
    /// A linker without definitions.
    pub fn new(engine: &Engine) -> Linker<T> {
        Linker { engine: engine.clone(), modules: HashMap::new(), allow_shadowing: false, data: PhantomData }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether a name may be defined again. Off at first.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    /// Defines an item of a store.
    ///
    /// # Errors
    ///
    /// If the name is defined already, and shadowing not allowed; if the store is of another engine.
    ///
    /// # Panics
    ///
    /// If `item` belongs to another store.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self>
    where
        T: 'static,
    {
        let (item, store) = (item.into(), store.as_context());
        item.assert_is_of(store.core());
        self.check_engine(store.engine())?;
        self.insert(module, name, Definition::Extern(item))
    }

    /// Defines an item of a store for imports from a module without a name.
    ///
    /// # Errors
    ///
    /// As for [`Linker::define`].
    ///
    /// # Panics
    ///
    /// As for [`Linker::define`].
    pub fn define_name(
        &mut self,
        store: impl AsContext<Data = T>,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self>
    where
        T: 'static,
    {
        self.define(store, "", name, item)
    }

    /// Defines a host function of type `ty` that runs `func` on its arguments and results; see [`crate::Func::new`].
    ///
    /// # Errors
    ///
    /// If the name is defined already, and shadowing not allowed.
    ///
    /// # Panics
    ///
    /// If the type has more than 1000 parameters or results.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<&mut Self>
    where
        T: 'static,
    {
        let host = host_func_of_values(&self.engine, ty, func);
        self.insert(module, name, Definition::Host(Arc::new(host)))
    }

    /// Defines a host function that runs a closure; its type is the closure's.
    ///
    /// # Errors
    ///
    /// If the name is defined already, and shadowing not allowed.
    ///
    /// # Panics
    ///
    /// If the closure returns an array of more than 1000 values.
    pub fn func_wrap<Params, Args>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Args>,
    ) -> Result<&mut Self> {
        let host = func.into_host_func(&self.engine);
        self.insert(module, name, Definition::Host(Arc::new(host)))
    }

    /// Defines a host function that is a future, which `func` makes at each call; its type is the closure's. See
    /// [`crate::Func::wrap_async`].
    ///
    /// # Errors
    ///
    /// If the name is defined already, and shadowing not allowed.
    ///
    /// # Panics
    ///
    /// If the closure takes or returns an array of more than 1000 values.
    #[cfg(feature = "async")]
    pub fn func_wrap_async<F, Params, Ret>(&mut self, module: &str, name: &str, func: F) -> Result<&mut Self>
    where
        T: Send + 'static,
        Params: WasmParams,
        Ret: WasmRet,
        F: for<'a> Fn(Caller<'a, T>, Params) -> Box<dyn Future<Output = Ret> + Send + 'a> + Send + Sync + 'static,
    {
        let host = future::host_func_of_futures(&self.engine, func);
        self.insert(module, name, Definition::Host(Arc::new(host)))
    }

    /// Defines a host function of type `ty` that is a future, which `func` makes at each call, of its arguments and results; see
    /// [`crate::Func::new_async`].
    ///
    /// # Errors
    ///
    /// If the name is defined already, and shadowing not allowed.
    ///
    /// # Panics
    ///
    /// If the type has more than 1000 parameters or results.
    #[cfg(feature = "async")]
    pub fn func_new_async<F>(&mut self, module: &str, name: &str, ty: FuncType, func: F) -> Result<&mut Self>
    where
        T: Send + 'static,
        F: for<'a> Fn(Caller<'a, T>, &'a [Val], &'a mut [Val]) -> Box<dyn Future<Output = Result<()>> + Send + 'a>
            + Send
            + Sync
            + 'static,
    {
        let host = future::host_func_of_value_futures(&self.engine, ty, func);
        self.insert(module, name, Definition::Host(Arc::new(host)))
    }

    /// Defines a host function of type `ty` that runs `func` on its slots.
    ///
    /// The slice has `max(parameters, results)` slots. The arguments are there from index 0 on, and the function has to
    /// leave the results there. A slot holds the value's bits, arguments of 32 bits zero-extended; a v128 takes two. The upper halves of
    /// results of 32 bits do not matter.
    ///
    /// # Errors
    ///
    /// If the name is defined already and shadowing not allowed, or if there are references among the results, which
    /// this function could not check.
    ///
    /// # Panics
    ///
    /// If the type has more than 1000 parameters or results.
    pub fn func_raw(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &mut [u64]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<&mut Self>
    where
        T: 'static,
    {
        if ty.results().iter().any(|ty| ty.is_ref()) {
            bail!("`{}::{}`: a host function on slots cannot return references", Shown(module), Shown(name));
        }
        // Code relies on zeros above values of 32 bits.
        let mut narrow = Vec::new();
        let mut at = 0;
        for result in ty.results() {
            if matches!(result, ValType::I32 | ValType::F32) {
                narrow.push(at);
            }
            at += result.slots() as usize;
        }
        let host = HostFunc::new(&self.engine, ty, move |caller: Caller<'_, T>, mut slots| {
            // A copy, which the function may keep while it calls into the store.
            let mut values: SmallVec<[u64; 16]> = SmallVec::from_slice(slots.get());
            func(caller, &mut values)?;
            narrow.iter().for_each(|&at| values[at] &= u64::from(u32::MAX));
            slots.get().copy_from_slice(&values);
            Ok(())
        });
        self.insert(module, name, Definition::Host(Arc::new(host)))
    }

    /// Defines all exports of an instance under the module name `module_name`.
    ///
    /// # Errors
    ///
    /// If a name is defined already, and shadowing not allowed; if the store is of another engine.
    ///
    /// # Panics
    ///
    /// If the instance belongs to another store.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        instance: Instance,
    ) -> Result<&mut Self>
    where
        T: 'static,
    {
        let mut store = store.as_context_mut();
        self.check_engine(store.engine())?;
        for export in instance.exports(&mut store) {
            self.insert(module_name, export.name(), Definition::Extern(export.into_extern()))?;
        }
        Ok(self)
    }

    /// Defines `as_module::as_name` as the same item as `module::name`.
    ///
    /// # Errors
    ///
    /// If there is no `module::name`, or the new name is defined already and shadowing not allowed.
    pub fn alias(&mut self, module: &str, name: &str, as_module: &str, as_name: &str) -> Result<&mut Self> {
        let definition = self.definition(module, name).cloned();
        let definition =
            definition.with_context(|| format!("no item named `{}::{}` defined", Shown(module), Shown(name)))?;
        self.insert(as_module, as_name, definition)
    }

    /// Defines all items of `module` under the module name `as_module` as well.
    ///
    /// # Errors
    ///
    /// If there is no such module, or a new name is defined already and shadowing not allowed.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<()> {
        let items = self.modules.get(module).with_context(|| format!("no module named `{}` defined", Shown(module)))?;
        for (name, definition) in items.clone() {
            self.insert(as_module, &name, definition)?;
        }
        Ok(())
    }

    /// Defines each function that `module` imports and that is not defined yet, as a host function that fails.
    ///
    /// # Errors
    ///
    /// If an import without a definition is not a function; if the module is of another engine.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> Result<()>
    where
        T: 'static,
    {
        self.check_engine(module.engine())?;
        for import in module.imports() {
            if self.definition(import.module(), import.name()).is_some() {
                continue;
            }
            let error = UnknownImportError::new(&import);
            let ExternType::Func(ty) = import.ty() else { return Err(error.into()) };
            self.func_new(import.module(), import.name(), ty, move |_, _, _| Err(error.clone().into()))?;
        }
        Ok(())
    }

    /// Defines each item that `module` imports and that is not defined yet: a function as a host function whose results are zero
    /// or null, a memory, a table or a global as a new one of the store, with its least size, and zero or null.
    ///
    /// # Errors
    ///
    /// If an import without a definition is a tag; if the store has no room; if the module is of another engine.
    pub fn define_unknown_imports_as_default_values(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<()>
    where
        T: 'static,
    {
        let mut store = store.as_context_mut();
        self.check_engine(store.engine())?;
        self.check_engine(module.engine())?;
        for import in module.imports() {
            if self.definition(import.module(), import.name()).is_some() {
                continue;
            }
            let (module, name) = (import.module(), import.name());
            let item = match import.ty() {
                ExternType::Func(ty) => {
                    // The results are zero or null at first.
                    self.func_new(module, name, ty, |_, _, _| Ok(()))?;
                    continue;
                }
                ExternType::Memory(ty) if ty.shared => SharedMemory::limited(&mut store, ty)?.into(),
                ExternType::Memory(ty) => Memory::new(&mut store, ty)?.into(),
                ExternType::Table(ty) => {
                    Table::new(&mut store, ty, Val::default_for_ty(ty.element).unwrap_ref())?.into()
                }
                ExternType::Global(ty) => Global::new(&mut store, ty, Val::default_for_ty(ty.content))?.into(),
                ExternType::Tag(_) => return Err(UnknownImportError::new(&import).into()),
            };
            self.insert(module, name, Definition::Extern(item))?;
        }
        Ok(())
    }

    /// Instantiates `module` with imports taken from this linker.
    ///
    /// # Errors
    ///
    /// If an import is not defined ([`UnknownImportError`]) or not of the right type, and
    /// those of [`Instance::new`].
    ///
    /// # Panics
    ///
    /// If a definition belongs to another store, or the start function calls a host function that panics.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>, module: &Module) -> Result<Instance>
    where
        T: 'static,
    {
        let mut store = store.as_context_mut();
        self.check_engine(store.engine())?;
        let imports = self.imports(module, |definition| definition.in_store(store.core_mut()))?;
        Instance::new(&mut store, module, &imports)
    }

    /// As [`Linker::instantiate`], as a future; see [`Instance::new_async`].
    ///
    /// # Errors
    ///
    /// As for [`Linker::instantiate`] and [`Instance::new_async`].
    ///
    /// # Panics
    ///
    /// As for [`Linker::instantiate`].
    #[cfg(feature = "async")]
    pub async fn instantiate_async(&self, mut store: impl AsContextMut<Data = T>, module: &Module) -> Result<Instance>
    where
        T: 'static,
    {
        let mut store = store.as_context_mut();
        self.check_engine(store.engine())?;
        let imports = self.imports(module, |definition| definition.in_store(store.core_mut()))?;
        Instance::new_async(store, module, &imports).await
    }

    /// Looks up the imports of `module`, so that it can be instantiated many times.
    ///
    /// # Errors
    ///
    /// If an import is not defined ([`UnknownImportError`]), or a host function of the linker is not of the right type.
    /// The types of other definitions are checked when an instance is made, as memories and tables may grow until then.
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre<T>>
    where
        T: 'static,
    {
        let imports = self.imports(module, Definition::clone)?;
        Ok(InstancePre::new(module.clone(), imports))
    }

    /// Returns the definition of `module::name`.
    ///
    /// # Panics
    ///
    /// If the definition belongs to another store, or the store is of another engine.
    pub fn get(&self, mut store: impl AsContextMut<Data = T>, module: &str, name: &str) -> Option<Extern>
    where
        T: 'static,
    {
        let mut store = store.as_context_mut();
        self.assert_engine(store.engine());
        Some(self.definition(module, name)?.in_store(store.core_mut()))
    }

    /// Returns the definition for an import.
    ///
    /// # Panics
    ///
    /// If the definition belongs to another store, or the store is of another engine.
    pub fn get_by_import(&self, store: impl AsContextMut<Data = T>, import: &ImportType<'_>) -> Option<Extern>
    where
        T: 'static,
    {
        self.get(store, import.module(), import.name())
    }

    /// Returns all definitions, in no particular order.
    ///
    /// # Panics
    ///
    /// If the store is of another engine. The iterator panics if a definition belongs to another store.
    pub fn iter<'a: 'p, 'p>(
        &'a self,
        mut store: impl AsContextMut<Data = T> + 'p,
    ) -> impl Iterator<Item = (&'a str, &'a str, Extern)> + 'p
    where
        T: 'static,
    {
        self.assert_engine(store.as_context().engine());
        self.modules.iter().flat_map(|(module, items)| items.iter().map(move |item| (module, item))).map(
            move |(module, (name, definition))| {
                let item = definition.in_store(store.as_context_mut().core_mut());
                (&**module, &**name, item)
            },
        )
    }

    /// Calls `pick` with the definition of each import of a module, and returns the results.
    fn imports<R>(&self, module: &Module, mut pick: impl FnMut(&Definition) -> R) -> Result<Vec<R>> {
        self.check_engine(module.engine())?;
        let imports = module.imports().map(|import| {
            let definition = self.definition(import.module(), import.name());
            let definition = definition.ok_or_else(|| UnknownImportError::new(&import))?;
            definition.check(&import)?;
            Ok(pick(definition))
        });
        imports.collect()
    }

    fn check_engine(&self, engine: &Engine) -> Result<()> {
        if !Engine::same(engine, &self.engine) {
            bail!("{OTHER_ENGINE}");
        }
        Ok(())
    }

    fn assert_engine(&self, engine: &Engine) {
        assert!(Engine::same(engine, &self.engine), "{OTHER_ENGINE}");
    }

    fn definition(&self, module: &str, name: &str) -> Option<&Definition> {
        self.modules.get(module)?.get(name)
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition) -> Result<&mut Self> {
        if !self.allow_shadowing && self.definition(module, name).is_some() {
            return Err(anyhow!("import of `{}::{}` defined twice", Shown(module), Shown(name)));
        }
        if !self.modules.contains_key(module) {
            self.modules.insert(module.into(), HashMap::new());
        }
        if let Some(items) = self.modules.get_mut(module) {
            items.insert(name.into(), definition);
        }
        Ok(self)
    }
}

impl<T> Clone for Linker<T> {
    fn clone(&self) -> Linker<T> {
        Linker {
            engine: self.engine.clone(),
            modules: self.modules.clone(),
            allow_shadowing: self.allow_shadowing,
            data: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.modules.iter().flat_map(|(module, items)| items.keys().map(move |name| (module, name)));
        f.debug_set().entries(names.map(|(module, name)| format!("{module}::{name}"))).finish()
    }
}
