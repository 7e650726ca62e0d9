//! An engine holds function types and the code between functions for those that use them, and no longer.

use riser::modes::{FAST_JIT, LLVM_JIT};
use riser::{Caller, Engine, EngineUsage, FuncType, Instance, Linker, Mode, Module, Result, Store, Val, ValType};

use crate::engines::{each, instance, modes};

/// Whether machine code runs in a mode as soon as it is called.
fn is_native(mode: Mode) -> bool {
    matches!(mode, FAST_JIT | LLVM_JIT | Mode::Aot)
}

const TEXT: &str = r#"(module
    (import "host" "f" (func $f (param i64 f64) (result i64)))
    (func (export "call") (param i64 f64 i32) (result i64) (call $f (local.get 0) (local.get 1))))"#;

#[test]
fn an_engine_holds_nothing_for_what_is_gone() {
    each(
        |_| {},
        |name, engine| {
            let mut linker = Linker::new(engine);
            linker.func_wrap("host", "f", |a: i64, b: f64| a + b as i64).expect(name);
            assert_eq!(engine.usage().function_types, 1, "{name}");
            let module = Module::new(engine, TEXT).expect(name);
            assert_eq!(engine.usage().function_types, 2, "{name}: one type is the host function's");
            let mut store = Store::new(engine, ());
            let instance = linker.instantiate(&mut store, &module).expect(name);
            drop((linker, module));
            // The store keeps what its functions need.
            let call = instance.get_typed_func::<(i64, f64, i32), i64>(&mut store, "call").expect(name);
            assert_eq!(call.call(&mut store, (40, 2.0, 0)).expect(name), 42, "{name}");
            let usage = engine.usage();
            assert_eq!(usage.function_types, 2, "{name}");
            if is_native(engine.default_mode()) {
                assert!(usage.trampolines >= 2 && usage.trampoline_bytes > 0, "{name}: {usage:?}");
            }
            drop(store);
            assert_eq!(engine.usage(), EngineUsage::default(), "{name}");
        },
    );
}

/// What one module used is there for the next one, and for as long as one of them is.
#[test]
fn trampolines_are_shared() {
    for mode in modes().into_iter().filter(|&mode| is_native(mode)) {
        let engine = Engine::new(riser::Config::new().mode(mode)).expect("the mode is supported");
        let text = r#"(module (func (export "f") (param i64 f64) (result i64) (local.get 0)))"#;
        let run = || {
            let mut store = Store::new(&engine, ());
            let f = instance(&mut store, text).get_typed_func::<(i64, f64), i64>(&mut store, "f").expect("exported");
            assert_eq!(f.call(&mut store, (7, 0.0)).expect("returns"), 7);
            store
        };
        let first = run();
        let usage = engine.usage();
        let second = run();
        assert_eq!(engine.usage(), usage, "{mode}");
        drop(first);
        assert_eq!(engine.usage(), usage, "{mode}");
        drop(run());
        assert_eq!(engine.usage(), usage, "{mode}");
        drop(second);
        assert_eq!(engine.usage(), EngineUsage::default(), "{mode}");
    }
}

/// Engines of one configuration have the same tiers.
#[test]
fn the_end_of_an_engine_leaves_others_what_they_share() {
    for mode in modes() {
        let mut config = riser::Config::new();
        config.mode(mode);
        let engine = || Engine::new(&config).expect("the mode is supported");
        let (first, second) = (engine(), engine());
        let start = |engine: &Engine| {
            let mut store = Store::new(engine, ());
            let mut linker = Linker::new(engine);
            linker.func_wrap("host", "f", |a: i64, b: f64| a + b as i64).expect("defines");
            let instance = linker.instantiate(&mut store, &Module::new(engine, TEXT).expect("valid")).expect("links");
            (store, instance)
        };
        let call = |(store, instance): &mut (Store<()>, Instance)| {
            let call = instance.get_typed_func::<(i64, f64, i32), i64>(&mut *store, "call").expect("exported");
            assert_eq!(call.call(store, (40, 2.0, 0)).expect("returns"), 42, "{mode}");
        };
        let (mut a, mut b) = (start(&first), start(&second));
        call(&mut a);
        call(&mut b);
        drop((a, first));
        call(&mut b);
    }
}

/// A number that is free again stands for another type: not in a store that still has functions of the first.
#[test]
fn numbers_of_types_are_not_mixed_up() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let text = |result: &str, value: &str| {
                format!(
                    r#"(module (type $t (func (param i32 i32) (result {result}))) (table (export "table") 1 funcref)
                    (func (export "f") (type $t) ({result}.const {value}))
                    (func (export "call") (result {result}) (call_indirect (type $t) (i32.const 0) (i32.const 0) (i32.const 0))))"#
                )
            };
            let first = instance(&mut store, &text("i64", "1"));
            for (result, value, ty) in
                [("f64", "2", ValType::F64), ("f32", "3", ValType::F32), ("i32", "4", ValType::I32)]
            {
                // A store that comes and goes, with a type of its own.
                instance(&mut Store::new(engine, ()), "(module (func (param f32 f32 f32)))");
                let second = instance(&mut store, &text(result, value));
                let table = first.get_table(&mut store, "table").expect(name);
                let call = first.get_func(&mut store, "call").expect(name);
                let f = second.get_func(&mut store, "f").expect(name);
                table.set(&mut store, 0, f.into()).expect(name);
                let error = call.call(&mut store, &[], &mut [Val::I64(0)]).expect_err(name);
                assert_eq!(error.downcast_ref(), Some(&riser::Trap::IndirectCallTypeMismatch), "{name}: {ty}");
                let own = first.get_func(&mut store, "f").expect(name);
                table.set(&mut store, 0, own.into()).expect(name);
                let mut result = [Val::I64(0)];
                call.call(&mut store, &[], &mut result).expect(name);
                assert_eq!(result[0].i64(), Some(1), "{name}");
            }
        },
    );
}

/// A guest with many wide types, all called: the store that it is in, and the size of its module in bytes.
fn attack(engine: &Engine, round: usize, types: usize) -> (Store<()>, usize) {
    let mut text = String::from("(module ");
    for number in round * types..(round + 1) * types {
        let bits: String = (0..12).map(|bit| if number >> bit & 1 == 1 { "i32 " } else { "f64 " }).collect();
        text += &format!("(func (export \"f{number}\") (param {}{bits}))", "i64 ".repeat(900));
    }
    let module = Module::new(engine, text + ")").expect("valid");
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("links");
    for number in round * types..(round + 1) * types {
        let f = instance.get_func(&mut store, &format!("f{number}")).expect("exported");
        let args: Vec<Val> = f.ty(&store).params().iter().map(|&ty| Val::default_for_ty(ty)).collect();
        f.call(&mut store, &args, &mut []).expect("returns");
    }
    (store, module.info().bytes.len())
}

/// That a function of a type that nobody has used so far is compiled and calls the host.
fn works(engine: &Engine, mode: Mode) {
    let mut linker = Linker::<()>::new(engine);
    let ty = FuncType::new([ValType::F32, ValType::I64], [ValType::I64]);
    fn second(_: Caller<'_, ()>, args: &[Val], results: &mut [Val]) -> Result<()> {
        results[0] = args[1];
        Ok(())
    }
    linker.func_new("host", "f", ty, second).expect("defines");
    let text = r#"(module (import "host" "f" (func $f (param f32 i64) (result i64)))
        (func (export "f") (param i64 f32 i32) (result i64) (call $f (local.get 1) (local.get 0))))"#;
    let module = Module::new(engine, text).expect("valid");
    let mut store = Store::new(engine, ());
    let instance = linker.instantiate(&mut store, &module).expect("links");
    let f = instance.get_typed_func::<(i64, f32, i32), i64>(&mut store, "f").expect("exported");
    assert_eq!(f.call(&mut store, (5, 0.0, 0)).expect("returns"), 5);
    let statistics = module.statistics();
    let compiled = statistics.tiers.iter().find(|tier| tier.mode == mode).expect("the tier is there");
    assert_eq!((compiled.compiled, compiled.bailouts), (1, 0), "{mode}");
}

#[test]
fn a_guest_takes_trampolines_in_proportion_to_its_module_and_gives_them_back() {
    for mode in [FAST_JIT, LLVM_JIT].into_iter().filter(|mode| modes().contains(mode)) {
        let engine = Engine::new(riser::Config::new().mode(mode)).expect("the mode is supported");
        for round in 0..2 {
            let (store, bytes) = attack(&engine, round, 20);
            let usage = engine.usage();
            assert!(usage.trampoline_bytes < 64 * bytes, "{mode}: {usage:?} for {bytes} bytes of wasm");
            drop(store);
            assert_eq!(engine.usage(), EngineUsage::default(), "{mode}");
        }
        works(&engine, mode);
    }
}

/// As many as the types of four modules can be, at a time.
#[test]
#[ignore = "full run: compiles four thousand functions with a thousand parameters each"]
fn no_number_of_trampolines_is_too_large() {
    for mode in [FAST_JIT, LLVM_JIT].into_iter().filter(|mode| modes().contains(mode)) {
        let engine = Engine::new(riser::Config::new().mode(mode)).expect("the mode is supported");
        let guests: Vec<_> = (0..4).map(|round| attack(&engine, round, 1000)).collect();
        if mode == FAST_JIT {
            assert!(engine.usage().trampoline_bytes > 16 << 20, "{:?}", engine.usage());
        }
        works(&engine, mode);
        drop(guests);
        assert_eq!(engine.usage(), EngineUsage::default(), "{mode}");
        works(&engine, mode);
    }
}
