//! Instantiation: the order of its steps, and what is left when one fails.

use riser_vm::{
    Engine, Global, GlobalType, Instance, Memory, MemoryType, Mutability, Ref, Store, Table, TableType, Trap, Val,
    ValType,
};

use crate::host::{backtrace, trap};
use crate::{instance, link, module};

#[test]
fn start_functions_run() {
    let (mut store, instance) = instance(
        r#"(module
            (global $g (export "g") (mut i32) (i32.const 1))
            (func $start (global.set $g (i32.const 2)))
            (start $start))"#,
    );
    assert_eq!(instance.get_global(&mut store, "g").unwrap().get(&mut store).unwrap_i32(), 2);
}

#[test]
fn start_functions_may_trap() {
    let (_, result) = link(r#"(module (func $s unreachable) (start $s))"#, |_| {});
    let error = result.unwrap_err();
    assert_eq!(trap(&error), Trap::Unreachable);
    assert_eq!(backtrace(&error).frames().len(), 1);
}

#[test]
fn start_functions_may_be_imported() {
    let (_, result) = link(r#"(module (import "" "s" (func $s)) (start $s))"#, |linker| {
        linker.func_wrap("", "s", || -> riser_vm::Result<()> { anyhow::bail!("no start") }).unwrap();
    });
    assert_eq!(result.unwrap_err().to_string(), "no start");
}

#[test]
fn constants_are_computed() {
    let (mut store, instance) = instance(
        r#"(module
            (global (export "b") i32 (i32.mul (i32.sub (i32.const -3) (i32.const 4)) (i32.const 5)))
            (global (export "c") i64 (i64.add (i64.const 1) (i64.mul (i64.const -2) (i64.const 3))))
            (global (export "f") f32 (f32.const 1.5))
            (global (export "r") funcref (ref.func $f))
            (global (export "n") externref (ref.null extern))
            (memory (export "m") 1)
            (data (i32.add (i32.const -35) (i32.const 135)) "x")
            (func $f (export "func") (result i32) (i32.const 9)))"#,
    );
    let mut global = |name| instance.get_global(&mut store, name).unwrap().get(&mut store);
    assert_eq!(global("b").unwrap_i32(), -35);
    assert_eq!(global("c").unwrap_i64(), -5);
    assert_eq!(global("f").unwrap_f32(), 1.5);
    let f = *global("r").unwrap_funcref().unwrap();
    assert!(global("n").unwrap_externref().is_none());
    assert_eq!(f, instance.get_func(&mut store, "func").unwrap());
    assert_eq!(f.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 9);
    assert_eq!(instance.get_memory(&mut store, "m").unwrap().data(&store)[100], b'x');
}

/// Segments are copied one after the other, up to the first that does not fit; what was copied
/// stays, and so do functions that are in a table by then.
#[test]
fn failed_segments_leave_what_was_before() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = MemoryType::new(1, None);
    let memory = Memory::new(&mut store, ty).unwrap();
    let ty = TableType::new(ValType::FuncRef, 2, None);
    let table = Table::new(&mut store, ty, Ref::Func(None)).unwrap();
    let text = |second: &str, third: &str| {
        format!(
            r#"(module
                (import "" "m" (memory 1))
                (import "" "t" (table 2 funcref))
                (elem (i32.const 0) $f)
                {second}
                (data (i32.const 0) "abc")
                {third}
                (data (i32.const 4) "d")
                (func $f (result i32) (i32.const 6)))"#
        )
    };
    let mut check = |text: String, code| {
        let error = Instance::new(&mut store, &module(&engine, &text), &[memory.into(), table.into()]).unwrap_err();
        assert_eq!(trap(&error), code);
        (memory.data(&store)[..5].to_vec(), table.get(&store, 0))
    };
    let (bytes, element) = check(text("(elem (i32.const 2) $f)", ""), Trap::TableOutOfBounds);
    assert_eq!(bytes, [0; 5]);
    assert!(element.is_some_and(|element| !element.is_null()));
    let (bytes, element) = check(text("", r#"(data (i32.const 65535) "xy")"#), Trap::MemoryOutOfBounds);
    assert_eq!(bytes, *b"abc\0\0");
    let func = *element.unwrap().as_func().unwrap().unwrap();
    assert_eq!(func.typed::<(), i32>(&store).unwrap().call(&mut store, ()).unwrap(), 6);
}

#[test]
fn active_and_declared_segments_are_dropped() {
    let (mut store, instance) = instance(
        r#"(module
            (memory 1)
            (table 2 funcref)
            (data $active (i32.const 0) "a")
            (data $passive "p")
            (elem $active (i32.const 0) func $f)
            (elem $passive func $f)
            (elem $declared declare func $f)
            (func $f)
            (func (export "data") (memory.init $active (i32.const 0) (i32.const 0) (i32.const 1)))
            (func (export "elem") (table.init $active (i32.const 0) (i32.const 0) (i32.const 1)))
            (func (export "declared") (table.init $declared (i32.const 0) (i32.const 0) (i32.const 1)))
            (func (export "passive")
                (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 1))
                (table.init $passive (i32.const 0) (i32.const 0) (i32.const 1))))"#,
    );
    let mut call = |name| instance.get_typed_func::<(), ()>(&mut store, name).unwrap().call(&mut store, ());
    assert_eq!(trap(&call("data").unwrap_err()), Trap::MemoryOutOfBounds);
    assert_eq!(trap(&call("elem").unwrap_err()), Trap::TableOutOfBounds);
    assert_eq!(trap(&call("declared").unwrap_err()), Trap::TableOutOfBounds);
    call("passive").unwrap();
}

#[test]
fn constants_read_imported_globals() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let text = r#"(module
        (import "" "base" (global $base i32))
        (memory (export "m") 1)
        (global (export "next") i32 (i32.add (global.get $base) (i32.const 1)))
        (data (global.get $base) "ab"))"#;
    let ty = GlobalType::new(ValType::I32, Mutability::Const);
    let base = Global::new(&mut store, ty, Val::I32(500)).unwrap();
    let instance = Instance::new(&mut store, &module(&engine, text), &[base.into()]).unwrap();
    assert_eq!(instance.get_global(&mut store, "next").unwrap().get(&mut store).unwrap_i32(), 501);
    assert_eq!(&instance.get_memory(&mut store, "m").unwrap().data(&store)[499..503], b"\0ab\0");
}

#[test]
fn instances_share_what_they_import() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let exporter = r#"(module
        (memory (export "m") 1)
        (global $g (export "g") (mut i32) (i32.const 0))
        (func (export "get") (result i32) (i32.add (global.get $g) (i32.load (i32.const 0)))))"#;
    let importer = r#"(module
        (import "" "m" (memory 1))
        (import "" "g" (global $g (mut i32)))
        (import "" "get" (func $get (result i32)))
        (func (export "run") (result i32)
            (global.set $g (i32.const 40))
            (i32.store (i32.const 0) (i32.const 2))
            (call $get)))"#;
    let exporter = Instance::new(&mut store, &module(&engine, exporter), &[]).unwrap();
    let imports: Vec<_> = exporter.exports(&mut store).map(|export| export.into_extern()).collect();
    let importer = Instance::new(&mut store, &module(&engine, importer), &imports).unwrap();
    let run = importer.get_typed_func::<(), i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), 42);
    let g = exporter.get_global(&mut store, "g").unwrap();
    g.set(&mut store, Val::I32(8)).unwrap();
    let get = exporter.get_typed_func::<(), i32>(&mut store, "get").unwrap();
    assert_eq!(get.call(&mut store, ()).unwrap(), 10);
}

#[test]
fn the_number_of_imports_is_checked() {
    let engine = Engine::default();
    let module = module(&engine, r#"(module (import "" "" (func)))"#);
    let error = Instance::new(Store::new(&engine, ()), &module, &[]).unwrap_err();
    assert_eq!(error.to_string(), "expected 1 imports, found 0");
}
