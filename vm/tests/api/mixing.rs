//! What belongs to one store or engine, used with another: every function of the API refuses it and says so.

use std::panic::{AssertUnwindSafe, catch_unwind};

use riser_vm::{
    Engine, Extern, ExternRef, Func, FuncType, Global, GlobalType, Instance, InstancePre, Limits, Linker, Memory,
    Module, Ref, Result, Rooted, Store, Table, TableType, Val, ValType,
};

use crate::module;

const TEXT: &str = r#"(module
    (table (export "table") 1 funcref) (memory (export "memory") 1) (global (export "global") (mut funcref) (ref.null func))
    (func (export "f") (param funcref)))"#;

/// A store with an instance and host functions, and the same again of another engine.
struct Side {
    engine: Engine,
    module: Module,
    needs: Module,
    linker: Linker<()>,
    store: Store<()>,
    instance: Instance,
    func: Func,
    table: Table,
    memory: Memory,
    global: Global,
    value: Rooted<ExternRef>,
}

impl Side {
    fn new() -> Side {
        let engine = Engine::default();
        let module = module(&engine, TEXT);
        let needs = crate::module(&engine, r#"(module (import "host" "f" (func)) (func (export "") (call 0)))"#);
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "f", || {}).unwrap();
        linker.func_wrap("host", "", || {}).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let [func, table, memory, global] =
            ["f", "table", "memory", "global"].map(|name| instance.get_export(&store, name).unwrap());
        Side {
            func: func.into_func().unwrap(),
            table: table.into_table().unwrap(),
            memory: memory.into_memory().unwrap(),
            global: global.into_global().unwrap(),
            value: ExternRef::new(&mut store, 1).unwrap(),
            needs,
            engine,
            module,
            linker,
            store,
            instance,
        }
    }

    fn pre(&self) -> InstancePre<()> {
        self.linker.instantiate_pre(&self.needs).unwrap()
    }
}

/// What is said when `work` is refused, by an error or by a panic.
fn refusal<R>(work: impl FnOnce() -> Result<R>) -> String {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(_)) => "nothing".to_owned(),
        Ok(Err(error)) => format!("{error:#}"),
        Err(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => payload.downcast_ref::<&str>().map_or(String::new(), |&text| text.to_owned()),
        },
    }
}

const STORE: &str = "object used with the wrong store";
const VALUE: &str = "cross-`Store` values are not supported";
const REFERENCE: &str = "reference used with the wrong store";
const LINKER: &str = "the linker belongs to another engine";
const ENGINE: &str = "cross-`Engine` instantiation is not currently supported";

/// `name: MESSAGE, |a, b| call;` is a test that the call is refused with the message, by an error or a panic.
macro_rules! refused {
    ($($name:ident: $message:expr, |$a:ident, $b:ident| $call:expr;)*) => {$(
        #[test]
        fn $name() {
            let ($a, $b) = (&mut Side::new(), &mut Side::new());
            let said = refusal(|| $call);
            assert!(said.contains($message), "said: {said}");
        }
    )*};
}

/// For a function that has no error.
fn panics<R>(result: R) -> Result<R> {
    Ok(result)
}

const FUNCREF: GlobalType = GlobalType { content: ValType::FuncRef, mutable: true };

fn table_type() -> TableType {
    TableType { element: ValType::FuncRef, limits: Limits { min: 1, max: None }, table64: false }
}

// Engines: linkers, modules and host functions.
refused! {
    linker_get: LINKER, |a, b| panics(a.linker.get(&mut b.store, "host", "f"));
    linker_get_by_import: LINKER, |a, b| panics(a.linker.get_by_import(&mut b.store, &a.needs.imports().next().unwrap()));
    linker_iter: LINKER, |a, b| panics(a.linker.iter(&mut b.store).count());
    linker_get_default: LINKER, |a, b| a.linker.get_default(&mut b.store, "host");
    linker_get_default_that_is_not_defined: LINKER, |a, b| a.linker.get_default(&mut b.store, "nothing");
    linker_define: LINKER, |a, b| a.linker.define(&b.store, "m", "n", b.memory).map(|_| ());
    linker_instance: LINKER, |a, b| a.linker.instance(&mut b.store, "m", b.instance).map(|_| ());
    linker_module_reactor: LINKER, |a, b| a.linker.module(&mut b.store, "m", &a.module).map(|_| ());
    linker_module_command: LINKER, |a, b| a.linker.module(&mut b.store, "m", &a.needs).map(|_| ());
    linker_module_of_another_engine: LINKER, |a, b| a.linker.module(&mut a.store, "m", &b.needs).map(|_| ());
    linker_instantiate: LINKER, |a, b| a.linker.instantiate(&mut b.store, &a.needs);
    linker_instantiate_module: LINKER, |a, b| a.linker.instantiate(&mut a.store, &b.needs);
    linker_instantiate_pre: LINKER, |a, b| a.linker.instantiate_pre(&b.needs);
    linker_define_unknown_imports_as_traps: LINKER, |a, b| a.linker.define_unknown_imports_as_traps(&b.needs);
    instance_pre_instantiate: ENGINE, |a, b| a.pre().instantiate(&mut b.store);
    instance_new: ENGINE, |a, b| Instance::new(&mut b.store, &a.module, &[]);
}

/// What is refused leaves nothing behind: the other engine's store works as ever.
#[test]
fn a_refusal_leaves_the_store_as_it_was() {
    let (a, b) = (&mut Side::new(), &mut Side::new());
    for _ in 0..3 {
        refusal(|| a.pre().instantiate(&mut b.store));
        refusal(|| panics(a.linker.iter(&mut b.store).count()));
    }
    let func = b.linker.get(&mut b.store, "host", "f").unwrap().into_func().unwrap();
    // Functions are numbered in the order in which they came into their store.
    func.typed::<(), ()>(&b.store).unwrap().call(&mut b.store, ()).unwrap();
    b.pre().instantiate(&mut b.store).unwrap();
}

// Stores: what a linker has of one, used with another of the same engine.
refused! {
    linker_define_of_another_store: STORE, |a, b| a.linker.define(&a.store, "m", "n", b.memory).map(|_| ());
    linker_instance_of_another_store: STORE, |a, b| a.linker.instance(&mut a.store, "m", b.instance).map(|_| ());
    linker_get_of_another_store: STORE, |a, _b| {
        a.linker.define(&a.store, "m", "n", a.memory)?;
        panics(a.linker.get(Store::new(&a.engine, ()), "m", "n"))
    };
    linker_alias_of_another_store: STORE, |a, _b| {
        a.linker.define(&a.store, "m", "n", a.memory)?;
        a.linker.alias("m", "n", "o", "p")?;
        panics(a.linker.get(Store::new(&a.engine, ()), "o", "p"))
    };
    linker_iter_of_another_store: STORE, |a, _b| {
        a.linker.define(&a.store, "m", "n", a.memory)?;
        panics(a.linker.iter(Store::new(&a.engine, ())).count())
    };
    instance_pre_of_another_store: STORE, |a, _b| {
        a.linker.allow_shadowing(true).define(&a.store, "host", "f", a.func)?;
        a.pre_of_values()?.instantiate(Store::new(&a.engine, ()))
    };
}

impl Side {
    /// A module with the import that `linker_define` has changed.
    fn pre_of_values(&self) -> Result<InstancePre<()>> {
        let needs = module(&self.engine, r#"(module (import "host" "f" (func (param funcref))))"#);
        self.linker.instantiate_pre(&needs)
    }
}

// Instances and what they export.
refused! {
    instance_new_import: STORE, |a, b| Instance::new(&mut a.store, &a.needs, &[b.func.into()]);
    instance_module: STORE, |a, b| panics(a.instance.module(&b.store).name().is_some());
    instance_exports: STORE, |a, b| panics(a.instance.exports(&mut b.store).len());
    instance_get_export: STORE, |a, b| panics(a.instance.get_export(&b.store, "f"));
    instance_get_func: STORE, |a, b| panics(a.instance.get_func(&b.store, "f"));
    instance_get_typed_func: STORE, |a, b| a.instance.get_typed_func::<Option<Func>, ()>(&b.store, "f");
    instance_get_table: STORE, |a, b| panics(a.instance.get_table(&b.store, "table"));
    instance_get_memory: STORE, |a, b| panics(a.instance.get_memory(&b.store, "memory"));
    instance_get_global: STORE, |a, b| panics(a.instance.get_global(&b.store, "global"));
    instance_mode: STORE, |a, b| panics(a.instance.mode(&b.store));
    instance_set_mode: STORE, |a, b| a.instance.set_mode(&mut b.store, riser_vm::Mode::Interp);
    extern_ty: STORE, |a, b| panics(Extern::from(a.memory).ty(&b.store));
    export_ty: STORE, |a, b| panics(a.instance.exports(&mut a.store).next().unwrap().ty(&b.store));
}

// Functions: themselves, what they are given, and what they return.
refused! {
    func_ty: STORE, |a, b| panics(a.func.ty(&b.store));
    func_call: STORE, |a, b| a.func.call(&mut b.store, &[Val::FuncRef(None)], &mut []);
    func_call_argument: VALUE, |a, b| a.func.call(&mut a.store, &[b.func.into()], &mut []);
    func_typed: STORE, |a, b| a.func.typed::<Option<Func>, ()>(&b.store);
    typed_func_call: STORE, |a, b| a.func.typed::<Option<Func>, ()>(&a.store)?.call(&mut b.store, None);
    typed_func_call_argument: VALUE, |a, b| a.func.typed::<Option<Func>, ()>(&a.store)?.call(&mut a.store, Some(b.func));
    func_wrap_result: VALUE, |a, b| {
        let foreign = b.func;
        Func::wrap(&mut a.store, move || Some(foreign)).call(&mut a.store, &[], &mut [Val::null_func_ref()])
    };
    func_wrap_results: VALUE, |a, b| {
        let foreign = b.value;
        let func = Func::wrap(&mut a.store, move || (1, Some(foreign)));
        func.call(&mut a.store, &[], &mut [Val::I32(0), Val::null_extern_ref()])
    };
    func_new_result: VALUE, |a, b| {
        let foreign = Val::from(b.func);
        let func = Func::new(&mut a.store, FuncType::new([], [ValType::FuncRef]), move |_, _, results| {
            results[0] = foreign;
            Ok(())
        });
        func.call(&mut a.store, &[], &mut [Val::null_func_ref()])
    };
    linker_func_new_result: VALUE, |a, b| {
        let foreign = Val::from(b.value);
        a.linker.func_new("m", "n", FuncType::new([], [ValType::ExternRef]), move |_, _, results| {
            results[0] = foreign;
            Ok(())
        })?;
        let func = a.linker.get(&mut a.store, "m", "n").unwrap().into_func().unwrap();
        func.call(&mut a.store, &[], &mut [Val::null_extern_ref()])
    };
}

// Tables.
refused! {
    table_new: VALUE, |a, b| Table::new(&mut a.store, table_type(), b.func.into());
    table_ty: STORE, |a, b| panics(a.table.ty(&b.store));
    table_get: STORE, |a, b| panics(a.table.get(&b.store, 0));
    table_set: STORE, |a, b| a.table.set(&mut b.store, 0, Ref::Func(None));
    table_set_value: VALUE, |a, b| a.table.set(&mut a.store, 0, b.func.into());
    table_size: STORE, |a, b| panics(a.table.size(&b.store));
    table_grow: STORE, |a, b| a.table.grow(&mut b.store, 1, Ref::Func(None));
    table_grow_value: VALUE, |a, b| a.table.grow(&mut a.store, 1, b.func.into());
    table_fill: STORE, |a, b| a.table.fill(&mut b.store, 0, Ref::Func(None), 1);
    table_fill_value: VALUE, |a, b| a.table.fill(&mut a.store, 0, b.func.into(), 1);
    table_copy_from: STORE, |a, b| Table::copy(&mut a.store, &a.table, 0, &b.table, 0, 1);
    table_copy_to: STORE, |a, b| Table::copy(&mut a.store, &b.table, 0, &a.table, 0, 1);
}

// Globals, memories, references to host values.
refused! {
    global_new: VALUE, |a, b| Global::new(&mut a.store, FUNCREF, b.func.into());
    global_ty: STORE, |a, b| panics(a.global.ty(&b.store));
    global_get: STORE, |a, b| panics(a.global.get(&b.store));
    global_set: STORE, |a, b| a.global.set(&mut b.store, Val::null_func_ref());
    global_set_value: VALUE, |a, b| a.global.set(&mut a.store, b.func.into());
    memory_ty: STORE, |a, b| panics(a.memory.ty(&b.store));
    memory_read: STORE, |a, b| a.memory.read(&b.store, 0, &mut [0]).map_err(Into::into);
    memory_write: STORE, |a, b| a.memory.write(&mut b.store, 0, &[0]).map_err(Into::into);
    memory_data: STORE, |a, b| panics(a.memory.data(&b.store).len());
    memory_data_mut: STORE, |a, b| panics(a.memory.data_mut(&mut b.store).len());
    memory_data_and_store_mut: STORE, |a, b| panics(a.memory.data_and_store_mut(&mut b.store).0.len());
    memory_data_ptr: STORE, |a, b| panics(a.memory.data_ptr(&b.store));
    memory_data_size: STORE, |a, b| panics(a.memory.data_size(&b.store));
    memory_size: STORE, |a, b| panics(a.memory.size(&b.store));
    memory_grow: STORE, |a, b| a.memory.grow(&mut b.store, 0);
    extern_ref_data: REFERENCE, |a, b| a.value.data(&b.store).map(|_| ());
    extern_ref_data_mut: REFERENCE, |a, b| a.value.data_mut(&mut b.store).map(|_| ());
}
