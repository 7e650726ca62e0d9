//! Linkers.

use std::cell::{Ref, RefCell};
use std::ffi::{c_char, c_void};
use std::rc::Rc;

use anyhow::{Context as _, Result, ensure};
use riser::{Extern, InstancePre, Linker, Module};

use super::given::{module, store};
use crate::caller::{CallbackWithCaller, Code, host_func};
use crate::failure::{Outcome, outcome, outcome_into};
use crate::info::{Finalizer, Info};
use crate::object::{Entity, Object, of_extern};
use crate::standard::EngineBox;
use crate::store::{Data, StoreRef};
use crate::text::name;
use crate::types::ExternType;
use crate::vector::{Item, Out};

/// `riser_linker_t`. C may use it, and delete it, in what it calls: in host functions, and in finalizers.
pub(super) struct LinkerBox(Rc<RefCell<Definitions>>);

/// What a linker defines may belong to a store, the same for all; that is kept alive with it.
struct Definitions {
    linker: Linker<Data>,
    store: Option<StoreRef>,
}

impl Definitions {
    /// Checks that all definitions can be used with a store.
    fn check(&self, store: &StoreRef) -> Result<()> {
        let is_of_store = self.store.as_ref().is_none_or(|kept| StoreRef::same(kept, store));
        ensure!(is_of_store, "the linker has definitions of another store");
        Ok(())
    }

    /// Defines what belongs to a store.
    fn define(&mut self, store: &StoreRef, define: impl FnOnce(&mut Linker<Data>) -> Result<()>) -> Result<()> {
        self.check(store)?;
        // A part may be defined when the rest fails.
        self.store.get_or_insert_with(|| store.clone());
        define(&mut self.linker)
    }
}

impl LinkerBox {
    /// The definitions, to be used with a store.
    fn of(&self, store: &StoreRef) -> Result<Ref<'_, Definitions>> {
        let definitions = self.0.try_borrow().ok().context(IN_USE)?;
        definitions.check(store)?;
        Ok(definitions)
    }

    /// A module with its imports, to be instantiated while the linker is used for something else.
    pub(super) fn ready(&self, store: &StoreRef, module: &Module) -> Result<InstancePre<Data>> {
        self.of(store)?.linker.instantiate_pre(module)
    }
}

/// A host function, or a finalizer, has used the linker that it was called by.
const IN_USE: &str = "the linker is in use";

/// The linker that C has passed.
pub(super) fn linker(linker: Option<&LinkerBox>) -> Result<&LinkerBox> {
    linker.context("the linker is null")
}

#[unsafe(no_mangle)]
extern "C" fn riser_linker_new(engine: Option<&EngineBox>) -> Item<LinkerBox> {
    engine.map(|engine| {
        let definitions = Definitions { linker: Linker::new(&engine.0), store: None };
        Box::new(LinkerBox(Rc::new(RefCell::new(definitions))))
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_linker_delete(linker: Item<LinkerBox>) {
    drop(linker);
}

#[unsafe(no_mangle)]
extern "C" fn riser_linker_allow_shadowing(linker: Option<&LinkerBox>, allow: bool) {
    // While it is in use, it stays as it is: there is no error to return.
    if let Some(Ok(mut definitions)) = linker.map(|it| it.0.try_borrow_mut()) {
        definitions.linker.allow_shadowing(allow);
    }
}

/// Changes a linker that is there.
fn with(of: Option<&LinkerBox>, work: impl FnOnce(&mut Definitions) -> Result<()>) -> Outcome {
    outcome(None, || {
        // C may delete its linker in a finalizer of what is replaced.
        let definitions = linker(of)?.0.clone();
        let mut definitions = definitions.try_borrow_mut().ok().context(IN_USE)?;
        work(&mut definitions)
    })
}

/// The names of a module and of an item in it.
///
/// # Safety
///
/// The pointers are to texts of these lengths, or null.
unsafe fn names<'a>(of: (*const c_char, usize), item: (*const c_char, usize)) -> Result<(&'a str, &'a str)> {
    // SAFETY: by the contract of this function.
    unsafe { Ok((name(of.0, of.1, "the module's name")?, name(item.0, item.1, "the item's name")?)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_linker_define(
    linker: Option<&LinkerBox>,
    module: *const c_char,
    module_len: usize,
    item: *const c_char,
    item_len: usize,
    definition: Option<&Object>,
) -> Outcome {
    with(linker, |linker| {
        // SAFETY: C passes names of these lengths.
        let (module, name) = unsafe { names((module, module_len), (item, item_len)) }?;
        let (store, item) = definition.and_then(Object::item).context("this is nothing that a module can import")?;
        let define =
            |linker: &mut Linker<Data>, item: Extern| linker.define(store.context(), module, name, item).map(drop);
        match item {
            // It is of no store.
            Extern::SharedMemory(_) => define(&mut linker.linker, item),
            item => linker.define(store, |linker| define(linker, item)),
        }
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_linker_define_func(
    linker: Option<&LinkerBox>,
    module: *const c_char,
    module_len: usize,
    item: *const c_char,
    item_len: usize,
    ty: Option<&ExternType>,
    callback: Option<CallbackWithCaller>,
    env: *mut c_void,
    finalizer: Finalizer,
) -> Outcome {
    let env = Info::new(env, finalizer);
    with(linker, |linker| {
        // SAFETY: C passes names of these lengths.
        let (module, name) = unsafe { names((module, module_len), (item, item_len)) }?;
        let ty = ty.and_then(ExternType::func).context("this is no function type")?;
        let call = host_func(&ty, Code::WithCaller(callback.context("the callback is null")?), env);
        linker.linker.func_new(module, name, ty, call)?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_linker_define_instance(
    linker: Option<&LinkerBox>,
    module: *const c_char,
    module_len: usize,
    instance: Option<&Object>,
) -> Outcome {
    with(linker, |linker| {
        // SAFETY: C passes a name of this length.
        let module = unsafe { name(module, module_len, "the module's name") }?;
        let (store, instance) = instance.and_then(Object::instance).context("this is no instance")?;
        linker.define(store, |linker| linker.instance(store.context(), module, instance).map(drop))
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_linker_define_module(
    into: Option<&LinkerBox>,
    of: Option<&StoreRef>,
    as_name: *const c_char,
    as_name_len: usize,
    made_of: Option<&Object>,
) -> Outcome {
    outcome(of, || {
        // SAFETY: C passes a name of this length.
        let as_name = unsafe { name(as_name, as_name_len, "the module's name") }?;
        let (store, module) = (store(of)?.clone(), module(made_of)?);
        let linker = LinkerBox(linker(into)?.0.clone());
        // A reactor is initialised. While it runs, nothing can be defined: the copy would not have it.
        let with_module = {
            let definitions = linker.of(&store)?;
            let mut copy = definitions.linker.clone();
            copy.module(store.context(), as_name, module)?;
            copy
        };
        let mut definitions = linker.0.try_borrow_mut().ok().context(IN_USE)?;
        definitions.define(&store, |linker| {
            *linker = with_module;
            Ok(())
        })
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_linker_define_wasi(linker: Option<&LinkerBox>) -> Outcome {
    with(linker, |linker| riser::wasi::add_to_linker(&mut linker.linker, Data::wasi))
}

#[unsafe(no_mangle)]
extern "C" fn riser_linker_define_unknown_imports_as_traps(linker: Option<&LinkerBox>, of: Option<&Object>) -> Outcome {
    with(linker, |linker| linker.linker.define_unknown_imports_as_traps(module(of)?))
}

#[unsafe(no_mangle)]
extern "C" fn riser_linker_instantiate(
    with: Option<&LinkerBox>,
    of: Option<&StoreRef>,
    made_of: Option<&Object>,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    outcome_into(of, out, || {
        // C may delete its reference to the store, and the linker, in a host function that the start function calls.
        let store = store(of)?.clone();
        let instance = linker(with)?.ready(&store, module(made_of)?)?.instantiate(store.context())?;
        Ok(Object::InStore(store, Entity::Instance(instance)).boxed())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_linker_get(
    with: Option<&LinkerBox>,
    of: Option<&StoreRef>,
    module: *const c_char,
    module_len: usize,
    item: *const c_char,
    item_len: usize,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    outcome_into(None, out, || {
        // SAFETY: C passes names of these lengths.
        let (module, name) = unsafe { names((module, module_len), (item, item_len)) }?;
        let (linker, store) = (linker(with)?, store(of)?);
        let item = linker.of(store)?.linker.get(store.context(), module, name);
        Ok(of_extern(store, item.with_context(|| format!("the linker has no `{module}::{name}`"))?).boxed())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn riser_linker_get_default(
    with: Option<&LinkerBox>,
    of: Option<&StoreRef>,
    module: *const c_char,
    module_len: usize,
    out: Out<'_, Item<Object>>,
) -> Outcome {
    outcome_into(None, out, || {
        // SAFETY: C passes a name of this length.
        let module = unsafe { name(module, module_len, "the module's name") }?;
        let (linker, store) = (linker(with)?, store(of)?);
        let func = linker.of(store)?.linker.get_default(store.context(), module)?;
        Ok(Object::InStore(store.clone(), Entity::Func(func)).boxed())
    })
}
