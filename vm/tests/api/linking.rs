//! Linkers, import matching, and modules as definitions.

use riser_vm::{
    Caller, Engine, Extern, Func, Global, GlobalType, Instance, Linker, Memory, MemoryType, Mutability, Ref,
    SharedMemory, Store, Table, TableType, UnknownImportError, Val, ValType,
};

use crate::{link, module};

#[test]
fn missing_imports_are_named() {
    let (_, result) = link(r#"(module (import "env" "read" (func (param i32 i64) (result f32))))"#, |_| {});
    let error = result.unwrap_err();
    let unknown = error.downcast_ref::<UnknownImportError>().unwrap();
    assert_eq!((unknown.module(), unknown.name()), ("env", "read"));
    let expected = "unknown import: `env::read` has not been defined (expected func (i32, i64) -> (f32))";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn incompatible_imports_say_what_was_found() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let memory = MemoryType::new(1, Some(3));
    let memory = Memory::new(&mut store, memory).unwrap();
    let table = TableType::new(ValType::FuncRef, 2, None);
    let table = Table::new(&mut store, table, Ref::Func(None)).unwrap();
    let global = GlobalType::new(ValType::I32, Mutability::Var);
    let global = Global::new(&mut store, global, Val::I32(1)).unwrap();
    let func = Func::wrap(&mut store, |_: i32| 1_i64);
    let items: [Extern; 4] = [memory.into(), table.into(), global.into(), func.into()];
    let [memory, table, global, func] = items;

    let mut check = |item: &Extern, import: &str, expected: Option<&str>| {
        let module = module(&engine, &format!(r#"(module (import "m" "n" ({import})))"#));
        let mut linker = Linker::new(&engine);
        linker.define(&store, "m", "n", item.clone()).unwrap();
        match (linker.instantiate(&mut store, &module), expected) {
            (Ok(_), None) => {}
            (Err(error), Some(expected)) => assert_eq!(
                format!("{error:#}"),
                format!("incompatible import type for `m::n`: types incompatible: {expected}")
            ),
            (result, _) => panic!("{import}: {result:?}"),
        }
    };
    check(&memory, "memory 1 3", None);
    check(&memory, "memory 0 4", None);
    check(&memory, "memory 1", None);
    check(&memory, "memory 2 3", Some("expected memory 2 3, found memory 1 3"));
    check(&memory, "memory 1 2", Some("expected memory 1 2, found memory 1 3"));
    check(&memory, "memory i64 1 3", Some("expected memory i64 1 3, found memory 1 3"));
    check(&memory, "func", Some("expected func () -> (), found memory 1 3"));
    let shared = SharedMemory::new(&engine, MemoryType::shared(1, 3)).unwrap().into();
    check(&memory, "memory 1 3 shared", Some("expected memory 1 3 shared, found memory 1 3"));
    check(&shared, "memory 1 3", Some("expected memory 1 3, found memory 1 3 shared"));
    check(&shared, "memory 0 4 shared", None);
    check(&shared, "memory 2 3 shared", Some("expected memory 2 3 shared, found memory 1 3 shared"));
    check(&table, "table 2 funcref", None);
    check(&table, "table 1 funcref", None);
    check(&table, "table 2 externref", Some("expected table 2 externref, found table 2 funcref"));
    check(&table, "table 0 4 funcref", Some("expected table 0 4 funcref, found table 2 funcref"));
    check(&global, "global (mut i32)", None);
    check(&global, "global i32", Some("expected global i32, found global (mut i32)"));
    check(&global, "global (mut i64)", Some("expected global (mut i64), found global (mut i32)"));
    check(&func, "func (param i32) (result i64)", None);
    check(&func, "func (param i32)", Some("expected func (i32) -> (), found func (i32) -> (i64)"));
}

/// What counts is how large an imported memory is now.
#[test]
fn grown_memories_match_by_their_size() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = MemoryType::new(1, None);
    let memory = Memory::new(&mut store, ty).unwrap();
    let two = module(&engine, r#"(module (import "" "" (memory 2)))"#);
    assert!(Instance::new(&mut store, &two, &[memory.into()]).is_err());
    memory.grow(&mut store, 1).unwrap();
    Instance::new(&mut store, &two, &[memory.into()]).unwrap();
    assert_eq!(memory.ty(&store), ty);
}

#[test]
fn host_functions_are_checked_without_a_store() {
    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("m", "f", |_: f32| {}).unwrap();
    let module = module(&engine, r#"(module (import "m" "f" (func (param f64))))"#);
    let error = format!("{:#}", linker.instantiate_pre(&module).unwrap_err());
    assert!(error.contains("expected func (f64) -> (), found func (f32) -> ()"), "{error}");
}

#[test]
fn names_are_defined_once_unless_shadowing_is_allowed() {
    let engine = Engine::default();
    let mut linker = Linker::<()>::new(&engine);
    linker.func_wrap("m", "f", || 1).unwrap();
    let error = linker.func_wrap("m", "f", || 2).unwrap_err();
    assert_eq!(error.to_string(), "import of `m::f` defined twice");
    linker.allow_shadowing(true).func_wrap("m", "f", || 3).unwrap();
    let mut store = Store::new(&engine, ());
    let f = linker.get(&mut store, "m", "f").unwrap().into_func().unwrap();
    assert_eq!(f.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 3);
    assert!(linker.get(&mut store, "m", "g").is_none());
}

#[test]
fn aliases_and_instances() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let exporter =
        module(&engine, r#"(module (func (export "one") (result i32) (i32.const 1)) (memory (export "m") 1))"#);
    let exporter = linker.instantiate(&mut store, &exporter).unwrap();
    linker.instance(&mut store, "lib", exporter).unwrap();
    linker.alias("lib", "one", "env", "uno").unwrap();
    linker.alias_module("lib", "copy").unwrap();
    assert!(linker.alias("lib", "two", "env", "dos").is_err());
    assert!(linker.alias_module("nothing", "copy").is_err());
    assert_eq!(linker.iter(&mut store).count(), 5);
    let text = r#"(module
        (import "env" "uno" (func $uno (result i32)))
        (import "copy" "one" (func $one (result i32)))
        (import "copy" "m" (memory 1))
        (func (export "run") (result i32) (i32.add (call $uno) (call $one))))"#;
    let instance = linker.instantiate(&mut store, &module(&engine, text)).unwrap();
    assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "run").unwrap().call(&mut store, ()).unwrap(), 2);
}

#[test]
fn linkers_serve_many_stores() {
    let engine = Engine::default();
    let mut linker = Linker::<u32>::new(&engine);
    linker
        .func_wrap("", "next", |mut caller: Caller<'_, u32>| {
            *caller.data_mut() += 1;
            *caller.data()
        })
        .unwrap();
    let text = r#"(module (import "" "next" (func $next (result i32)))
        (func (export "run") (result i32) (drop (call $next)) (call $next)))"#;
    let pre = linker.instantiate_pre(&module(&engine, text)).unwrap();
    for start in [0, 10] {
        let mut store = Store::new(&engine, start);
        let instance = pre.instantiate(&mut store).unwrap();
        let run = instance.get_typed_func::<(), u32>(&mut store, "run").unwrap();
        assert_eq!(run.call(&mut store, ()).unwrap(), start + 2);
    }
}

#[test]
fn unknown_imports_can_be_traps() {
    let text = r#"(module
        (import "a" "known" (func $known (result i32)))
        (import "a" "unknown" (func $unknown (param i64) (result f32)))
        (func (export "good") (result i32) (call $known))
        (func (export "bad") (drop (call $unknown (i64.const 1)))))"#;
    let engine = Engine::default();
    let module = module(&engine, text);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("a", "known", || 5).unwrap();
    linker.define_unknown_imports_as_traps(&module).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(instance.get_typed_func::<(), i32>(&mut store, "good").unwrap().call(&mut store, ()).unwrap(), 5);
    let bad = instance.get_typed_func::<(), ()>(&mut store, "bad").unwrap();
    let error = bad.call(&mut store, ()).unwrap_err();
    assert_eq!(error.downcast_ref::<UnknownImportError>().unwrap().name(), "unknown");
}

#[test]
fn reactors_are_initialized_and_commands_run_afresh() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let counter = |start: &str| {
        let text = format!(
            r#"(module
                (global $n (mut i32) (i32.const 0))
                (func (export "{start}") (global.set $n (i32.const 10)))
                (func (export "next") (result i32)
                    (global.set $n (i32.add (global.get $n) (i32.const 1)))
                    (global.get $n)))"#
        );
        module(&engine, &text)
    };
    linker.module(&mut store, "reactor", &counter("_initialize")).unwrap();
    linker.module(&mut store, "command", &counter("_start")).unwrap();
    let mut next = |module: &str| {
        let next = linker.get(&mut store, module, "next").unwrap().into_func().unwrap();
        next.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap()
    };
    assert_eq!([next("reactor"), next("reactor")], [11, 12]);
    assert_eq!([next("command"), next("command")], [1, 1]);
    for module in ["command", "reactor", "nothing"] {
        linker.get_default(&mut store, module).unwrap().call(&mut store, &[], &mut []).unwrap();
    }
}

#[test]
fn what_runs_a_module_is_a_function() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let global = |name: &str| module(&engine, &format!(r#"(module (global (export "{name}") i32 (i32.const 1)))"#));
    linker.module(&mut store, "default", &global("")).unwrap();
    linker.module(&mut store, "start", &global("_start")).unwrap();
    for (module, message) in
        [("default", "default export in 'default' is not"), ("start", "`_start` in 'start' is not")]
    {
        let error = linker.get_default(&mut store, module).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    for start in ["_start", ""] {
        let both = format!(r#"(module (func (export "{start}")) (func (export "_initialize")))"#);
        let error = linker.module(&mut store, "both", &module(&engine, &both)).map(drop).unwrap_err();
        assert!(error.to_string().contains("cannot be both"), "{error}");
    }
}

#[test]
fn engines_do_not_mix() {
    let (ours, theirs) = (Engine::default(), Engine::default());
    let module = module(&ours, "(module)");
    assert!(Instance::new(Store::new(&theirs, ()), &module, &[]).is_err());
    assert!(Linker::new(&theirs).instantiate(Store::new(&theirs, ()), &module).is_err());
    assert!(Linker::new(&ours).instantiate(Store::new(&theirs, ()), &module).is_err());
    assert!(Instance::new(Store::new(&ours, ()), &module, &[]).is_ok());
}
