//! Traps: their codes, places and backtraces.

use riser_translator::FuncIndex;
use riser_vm::{Bounds, Config, Dispatch, Engine, Instance, Store, Trap, WasmBacktrace};

use crate::host::{backtrace, trap};
use crate::{instance, module};

/// Engines with every dispatch and bounds strategy.
fn engines() -> impl Iterator<Item = Engine> {
    let bounds = Bounds::ALL.iter().filter(|bounds| bounds.is_supported());
    bounds.flat_map(|bounds| {
        let engine = |dispatch: &Dispatch| Engine::new(Config::new().bounds(*bounds).dispatch(*dispatch)).unwrap();
        Dispatch::ALL.iter().map(engine)
    })
}

#[test]
fn every_way_to_trap() {
    let text = r#"(module
        (memory 1)
        (table $t 2 funcref)
        (type $v (func))
        (type $i (func (result i32)))
        (elem (i32.const 0) $f)
        (func $f)
        (func (export "unreachable") unreachable)
        (func (export "load") (drop (i32.load (i32.const 65533))))
        (func (export "load far") (drop (i64.load offset=4294967295 (i32.const -1))))
        (func (export "store") (i64.store (i32.const 65529) (i64.const 0)))
        (func (export "fill") (memory.fill (i32.const 65535) (i32.const 0) (i32.const 2)))
        (func (export "table") (drop (table.get $t (i32.const 2))))
        (func (export "undefined") (call_indirect (type $v) (i32.const 2)))
        (func (export "null") (call_indirect (type $v) (i32.const 1)))
        (func (export "type") (drop (call_indirect (type $i) (i32.const 0))))
        (func (export "zero") (drop (i64.rem_u (i64.const 1) (i64.const 0))))
        (func (export "overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
        (func (export "nan") (drop (i32.trunc_f32_s (f32.const nan))))
        (func $recurse (export "stack") (call $recurse)))"#;
    let expected = [
        ("unreachable", Trap::Unreachable),
        ("load", Trap::MemoryOutOfBounds),
        ("load far", Trap::MemoryOutOfBounds),
        ("store", Trap::MemoryOutOfBounds),
        ("fill", Trap::MemoryOutOfBounds),
        ("table", Trap::TableOutOfBounds),
        ("undefined", Trap::UndefinedElement),
        ("null", Trap::UninitializedElement),
        ("type", Trap::IndirectCallTypeMismatch),
        ("zero", Trap::IntegerDivideByZero),
        ("overflow", Trap::IntegerOverflow),
        ("nan", Trap::InvalidConversionToInteger),
        ("stack", Trap::StackOverflow),
    ];
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module(&engine, text), &[]).unwrap();
        for (name, code) in expected {
            let func = instance.get_typed_func::<(), ()>(&mut store, name).unwrap();
            let error = func.call(&mut store, ()).unwrap_err();
            assert_eq!(trap(&error), code, "{name} with {:?}", engine.config());
            assert_eq!(error.root_cause().to_string(), code.message());
            assert_eq!(backtrace(&error).frames()[0].func_index(), func_index(&instance, &store, name));
        }
    }
}

fn func_index(instance: &Instance, store: &Store<()>, name: &str) -> u32 {
    let position = instance.module(store).exports().position(|export| export.name() == name).unwrap();
    // `$f` comes before the exports.
    position as u32 + 1
}

#[test]
fn backtraces_say_where() {
    let text = r#"(module $m
        (func $a (export "a") (nop) (call 1))
        (func (param i32) (call $c (i32.const 0)))
        (func $c (param i32) (drop (i32.div_u (i32.const 1) (local.get 0)))))"#
        .replace("(call 1)", "(call 1 (i32.const 1))");
    for engine in engines() {
        let module = module(&engine, &text);
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let error = instance.get_typed_func::<(), ()>(&mut store, "a").unwrap().call(&mut store, ()).unwrap_err();
        let frames = backtrace(&error).frames();
        let indices: Vec<_> = frames.iter().map(|frame| frame.func_index()).collect();
        assert_eq!(indices, [2, 1, 0]);
        // Bodies start with the number of locals (0); the operators are counted from there.
        let offsets: Vec<_> = frames.iter().map(|frame| frame.func_offset()).collect();
        assert_eq!(offsets, [Some(5), Some(3), Some(4)], "{:?}", engine.config());
        let body = module.info().body_bytes(FuncIndex::new(2)).unwrap();
        assert_eq!(body[5], 0x6e, "i32.div_u");
    }
}

#[test]
fn backtraces_read_as_wasmtime_writes_them() {
    let (mut store, instance) = instance(
        r#"(module $app
            (func (export "run") (call $leaf))
            (func $leaf (call 2))
            (func unreachable))"#,
    );
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    let text: Vec<_> = error.chain().map(ToString::to_string).collect();
    let offsets: Vec<_> = backtrace(&error).frames().iter().map(|frame| frame.module_offset().unwrap()).collect();
    let expected = format!(
        "error while executing at wasm backtrace:\n    0: {:#8x} - app!<wasm function 2>\n    1: {:#8x} - app!leaf\n    \
         2: {:#8x} - app!run",
        offsets[0], offsets[1], offsets[2],
    );
    assert_eq!(text, [expected.as_str(), "unreachable"]);
}

#[test]
fn deep_backtraces_are_cut() {
    let (mut store, instance) = instance(r#"(module (func $f (export "f") (call $f)))"#);
    let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
    for _ in 0..2 {
        let error = f.call(&mut store, ()).unwrap_err();
        assert_eq!(trap(&error), Trap::StackOverflow);
        let backtrace: &WasmBacktrace = backtrace(&error);
        assert_eq!(backtrace.frames().len(), 64);
        // A function that cannot be entered is at its first operator, as in the other modes; here that is the call.
        assert_eq!(backtrace.frames()[0].module_offset(), backtrace.frames()[1].module_offset());
        assert!(backtrace.omitted_frames() > 0);
        assert!(error.to_string().lines().count() < 80);
    }
}

/// The depth depends on the configured size of the stack and on nothing else.
#[test]
fn stack_size_is_configurable() {
    let text = r#"(module
        (func $f (export "f") (param i32) (result i32)
            (if (result i32) (i32.eqz (local.get 0))
                (then (i32.const 0))
                (else (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))))))"#;
    let depth = |bytes: usize, n: i32| {
        let engine = Engine::new(Config::new().max_wasm_stack(bytes)).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module(&engine, text), &[]).unwrap();
        instance.get_typed_func::<i32, i32>(&mut store, "f").unwrap().call(&mut store, n)
    };
    assert_eq!(depth(1 << 20, 1000).unwrap(), 1000);
    assert_eq!(trap(&depth(1 << 12, 1000).unwrap_err()), Trap::StackOverflow);
    assert_eq!(trap(&depth(1 << 20, 1_000_000).unwrap_err()), Trap::StackOverflow);
    assert_eq!(depth(1 << 28, 1_000_000).unwrap(), 1_000_000);
}

/// A thread of Rust's default stack size has room for what the default configuration allows.
#[test]
fn deep_recursion_is_a_trap_on_small_threads() {
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(|| {
            let (mut store, instance) = instance(r#"(module (func $f (export "f") (call $f)))"#);
            let f = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
            assert_eq!(trap(&f.call(&mut store, ()).unwrap_err()), Trap::StackOverflow);
        })
        .unwrap()
        .join()
        .unwrap();
}
