//! Instances of one store in different modes: they call each other, trap through each other and
//! share memories, tables and globals.

use riser::modes::{CLASSIC, FAST_JIT, LLVM_JIT};
use riser::{Config, Engine, Error, Func, FuncType, Instance, Linker, Mode, Store, Trap, Val, ValType, WasmBacktrace};

use crate::engines::{each_pair, instance_in};

/// Calls through slot 0 of its table, which `ODD` fills.
pub const EVEN: &str = r#"
    (module
      (type $step (func (param i32) (result i32)))
      (table (export "table") 1 funcref)
      (func (export "even") (type $step)
        (if (result i32) (i32.eqz (local.get 0))
          (then (i32.const 1))
          (else (call_indirect (type $step) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))))
"#;

/// Calls `EVEN`.
pub const ODD: &str = r#"
    (module
      (type $step (func (param i32) (result i32)))
      (import "even" "table" (table 1 funcref))
      (import "even" "even" (func $even (type $step)))
      (func $odd (type $step)
        (if (result i32) (i32.eqz (local.get 0))
          (then (i32.const 0))
          (else (call $even (i32.sub (local.get 0) (i32.const 1))))))
      (elem (i32.const 0) $odd))
"#;

fn engine() -> Engine {
    Engine::new(&Config::new()).expect("the default configuration works")
}

/// Two instances: the second imports from the first, which is `first` to it.
fn linked(store: &mut Store<()>, modes: (Mode, Mode), first: &str, second: &str) -> (Instance, Instance) {
    let mut linker = Linker::new(store.engine());
    let first = instance_in(store, &linker, modes.0, first).expect("links");
    linker.instance(&mut *store, "first", first).expect("defines");
    let second = instance_in(store, &linker, modes.1, second).expect("links");
    (first, second)
}

#[test]
fn calls_return_values_of_all_types() {
    each_pair(|a, b| {
        let mut store = Store::new(&engine(), ());
        let (_, second) = linked(
            &mut store,
            (a, b),
            r#"
            (module
              (func (export "turn") (param i32 i64 f32 f64 externref) (result externref f64 f32 i64 i32)
                local.get 4 local.get 3 local.get 2 local.get 1 local.get 0))
            "#,
            r#"
            (module
              (import "first" "turn"
                (func $turn (param i32 i64 f32 f64 externref) (result externref f64 f32 i64 i32)))
              (func (export "there_and_back") (param i32 i64 f32 f64 externref)
                  (result externref f64 f32 i64 i32 i32)
                (local i32)
                (local.set 5 (i32.const 77))
                (call $turn (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))
                local.get 5))
            "#,
        );
        let function = second.get_func(&mut store, "there_and_back").expect("exported");
        let mut results = vec![Val::I32(0); 6];
        let arguments = [
            Val::I32(-1),
            Val::I64(i64::MIN),
            Val::F32(0x7fc0_0001),
            Val::F64(0x8000_0000_0000_0000),
            Val::ExternRef(None),
        ];
        function.call(&mut store, &arguments, &mut results).expect("returns");
        assert!(
            matches!(
                results[..],
                [
                    Val::ExternRef(None),
                    Val::F64(0x8000_0000_0000_0000),
                    Val::F32(0x7fc0_0001),
                    Val::I64(i64::MIN),
                    Val::I32(-1),
                    Val::I32(77)
                ]
            ),
            "{a}, {b}: {results:?}"
        );
    });
}

#[test]
fn calls_go_back_and_forth() {
    each_pair(|a, b| {
        let mut store = Store::new(&engine(), ());
        let mut linker = Linker::new(store.engine());
        let even = instance_in(&mut store, &linker, a, EVEN).expect("links");
        linker.instance(&mut store, "even", even).expect("defines");
        instance_in(&mut store, &linker, b, ODD).expect("links");
        let even = even.get_typed_func::<i32, i32>(&mut store, "even").expect("exported");
        for n in [0, 1, 2, 99, 100] {
            assert_eq!(even.call(&mut store, n).expect("returns"), i32::from(n % 2 == 0), "{a}, {b}: {n}");
        }
    });
}

#[test]
fn tail_calls_across_modes_take_no_stack() {
    assert_tail_calls_take_no_stack(&engine());
}

/// Tiers that are plugged in anew, with settings of their own, come behind the others.
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn tail_calls_take_no_stack_whichever_tier_is_plugged_in_last() {
    let mut config = Config::new();
    config.tier_options(riser::fast_jit::Options::QUICK).expect("the machine is supported");
    assert_tail_calls_take_no_stack(&Engine::new(&config).expect("supported"));
}

/// Parameters of functions that call each other in tail position, besides the first two, and their values: what fits into registers, and what
/// does not.
const MORE_PARAMETERS: &[(&str, &str, &str)] = &[
    ("", "", ""),
    ("f32 f64", "(local.get 2) (local.get 3)", "(f32.const 1.5) (f64.const 2.5)"),
    (
        "i64 i64 i64 i32 f32 i64",
        "(local.get 3) (local.get 2) (local.get 4) (local.get 5) (local.get 6) (local.get 7)",
        "(i64.const 1) (i64.const 2) (i64.const 3) (i32.const 4) (f32.const 5) (i64.const 6)",
    ),
];

#[track_caller]
fn assert_tail_calls_take_no_stack(engine: &Engine) {
    each_pair(|a, b| {
        for (types, arguments, values) in MORE_PARAMETERS {
            let mut store = Store::new(engine, ());
            let (first, _) = linked(
                &mut store,
                (a, b),
                &format!(
                    r#"
                    (module
                      (type $step (func (param i32 i64 {types}) (result i64)))
                      (table (export "table") 1 funcref)
                      (func $even (export "even") (type $step)
                        (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                        (return_call_indirect (type $step)
                          (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1)) {arguments}
                          (i32.const 0)))
                      (func (export "in tail position") (param i32) (result i64)
                        (return_call $even (local.get 0) (i64.const 0) {values}))
                      (func (export "in a frame") (param i32) (result i64)
                        (i64.add (i64.const 1) (call $even (local.get 0) (i64.const 0) {values}))))
                    "#
                ),
                &format!(
                    r#"
                    (module
                      (type $step (func (param i32 i64 {types}) (result i64)))
                      (import "first" "table" (table 1 funcref))
                      (import "first" "even" (func $even (type $step)))
                      (func $odd (type $step)
                        (return_call $even
                          (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 2)) {arguments}))
                      (elem (i32.const 0) $odd))
                    "#
                ),
            );
            for (name, expected) in [("in tail position", 1_500_000), ("in a frame", 1_500_001)] {
                let even = first.get_typed_func::<i32, i64>(&mut store, name).expect("exported");
                let result = even.call(&mut store, 1_000_000);
                let result = result.unwrap_or_else(|error| panic!("{a}, {b}, {types}, {name}: {error:?}"));
                assert_eq!(result, expected, "{a}, {b}, {types}, {name}");
            }
        }
    });
}

/// Function names of the backtrace, innermost first.
fn frames(error: &Error) -> Vec<String> {
    let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a trap has a backtrace");
    backtrace.frames().iter().map(|frame| frame.func_name().unwrap_or("?").to_owned()).collect()
}

#[test]
fn a_backtrace_has_the_frames_of_all_modes() {
    each_pair(|a, b| {
        let mut store = Store::new(&engine(), ());
        let (_, second) = linked(
            &mut store,
            (a, b),
            r#"
            (module $first
              (func $divide (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
              (func $middle (export "middle") (param i32) (result i32)
                (i32.add (i32.const 1) (call $divide (local.get 0)))))
            "#,
            r#"
            (module $second
              (import "first" "middle" (func $import (param i32) (result i32)))
              (func $inner (param i32) (result i32) (i32.add (i32.const 1) (call $import (local.get 0))))
              (func $outer (export "outer") (param i32) (result i32)
                (i32.add (i32.const 1) (call $inner (local.get 0)))))
            "#,
        );
        let outer = second.get_typed_func::<i32, i32>(&mut store, "outer").expect("exported");
        assert_eq!(outer.call(&mut store, 1).expect("returns"), 4);
        let error = outer.call(&mut store, 0).expect_err("divides by zero");
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::IntegerDivideByZero));
        assert_eq!(frames(&error), ["divide", "middle", "inner", "outer"], "{a}, {b}");
        let text = format!("{error:?}");
        assert!(text.contains("integer divide by zero") && text.contains("first!divide"), "{text}");
        assert_eq!(outer.call(&mut store, 1).expect("returns"), 4, "{a}, {b}: after the trap");
    });
}

#[test]
fn a_host_error_passes_through_all_modes() {
    each_pair(|a, b| {
        let mut store = Store::new(&engine(), ());
        let mut linker = Linker::new(store.engine());
        linker
            .func_wrap("host", "fail", || -> riser::Result<()> {
                Err(Error::msg("no luck").context("the host failed"))
            })
            .expect("defines");
        let first = instance_in(
            &mut store,
            &linker,
            a,
            r#"(module (import "host" "fail" (func $fail)) (func $first (export "first") (call $fail)))"#,
        );
        let first = first.expect("links");
        linker.instance(&mut store, "first", first).expect("defines");
        let second = instance_in(
            &mut store,
            &linker,
            b,
            r#"(module (import "first" "first" (func $first)) (func $second (export "second") (call $first)))"#,
        );
        let second = second.expect("links").get_typed_func::<(), ()>(&mut store, "second").expect("exported");
        let error = second.call(&mut store, ()).expect_err("fails");
        let text = format!("{error:?}");
        assert!(text.contains("the host failed") && text.contains("no luck"), "{a}, {b}: {text}");
        assert!(!error.is::<Trap>(), "{a}, {b}: {text}");
    });
}

#[test]
fn memories_grow_for_everyone() {
    each_pair(|a, b| {
        let mut store = Store::new(&engine(), ());
        // The first instance grows its memory by way of the second, and goes on to use it.
        let (first, _) = linked(
            &mut store,
            (a, b),
            r#"
            (module
              (memory (export "memory") 1)
              (table (export "table") 1 funcref)
              (func (export "use") (result i32 i32 i32 i32)
                (i32.store (i32.const 65532) (i32.const 11))
                (call_indirect (result i32) (i32.const 0))
                (i32.store (i32.const 131068) (i32.add (i32.load (i32.const 65536)) (i32.const 1)))
                (i32.load (i32.const 65532))
                (i32.load (i32.const 131068))
                (memory.size)))
            "#,
            r#"
            (module
              (import "first" "memory" (memory 1))
              (import "first" "table" (table 1 funcref))
              (func $grow (result i32)
                (memory.grow (i32.const 1))
                (i32.store (i32.const 65536) (i32.const 41)))
              (elem (i32.const 0) $grow))
            "#,
        );
        let function = first.get_typed_func::<(), (i32, i32, i32, i32)>(&mut store, "use").expect("exported");
        assert_eq!(function.call(&mut store, ()).expect("returns"), (1, 11, 42, 2), "{a}, {b}");
    });
}

#[test]
fn globals_and_tables_are_shared() {
    each_pair(|a, b| {
        let mut store = Store::new(&engine(), ());
        let (first, second) = linked(
            &mut store,
            (a, b),
            r#"
            (module
              (global (export "global") (mut i64) (i64.const 1))
              (table (export "table") 1 4 funcref)
              (func (export "call") (param i32) (result i64) (call_indirect (result i64) (local.get 0))))
            "#,
            r#"
            (module
              (import "first" "global" (global $global (mut i64)))
              (import "first" "table" (table $table 1 funcref))
              (elem declare func $next)
              (func $next (result i64)
                (global.set $global (i64.add (global.get $global) (i64.const 1)))
                (global.get $global))
              (func (export "add") (result i32) (table.grow $table (ref.func $next) (i32.const 1))))
            "#,
        );
        let add = second.get_typed_func::<(), i32>(&mut store, "add").expect("exported");
        let call = first.get_typed_func::<i32, i64>(&mut store, "call").expect("exported");
        assert_eq!(
            call.call(&mut store, 1).expect_err("undefined").downcast_ref::<Trap>(),
            Some(&Trap::UndefinedElement)
        );
        assert_eq!(add.call(&mut store, ()).expect("grows"), 1);
        assert_eq!(call.call(&mut store, 1).expect("calls"), 2);
        assert_eq!(
            call.call(&mut store, 0).expect_err("null").downcast_ref::<Trap>(),
            Some(&Trap::UninitializedElement)
        );
        let global = first.get_global(&mut store, "global").expect("exported");
        assert!(matches!(global.get(&mut store), Val::I64(2)), "{a}, {b}");
        global.set(&mut store, Val::I64(10)).expect("mutable");
        assert_eq!(call.call(&mut store, 1).expect("calls"), 11, "{a}, {b}");
    });
}

#[test]
fn a_host_function_in_a_table_is_called_by_all_modes() {
    each_pair(|a, b| {
        let mut store = Store::new(&engine(), ());
        let (first, second) = linked(
            &mut store,
            (a, b),
            r#"(module (table (export "table") 1 funcref))"#,
            r#"
            (module
              (import "first" "table" (table 1 funcref))
              (func (export "call") (param i32) (result i32)
                (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
              (func (export "tail") (param i32) (result i32)
                (return_call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))
            "#,
        );
        let ty = FuncType::new([ValType::I32], [ValType::I32]);
        let double = Func::new(&mut store, ty, |_, arguments, results| {
            let Val::I32(value) = arguments[0] else { panic!("called with its type") };
            results[0] = Val::I32(2 * value);
            Ok(())
        });
        let table = first.get_table(&mut store, "table").expect("exported");
        table.set(&mut store, 0, double.into()).expect("fits");
        for name in ["call", "tail"] {
            let function = second.get_typed_func::<i32, i32>(&mut store, name).expect("exported");
            assert_eq!(function.call(&mut store, 21).expect("returns"), 42, "{a}, {b}: {name}");
        }
    });
}

#[test]
fn an_instance_changes_its_mode_while_it_runs() {
    each_pair(|a, b| {
        // Calls `change` in the middle of a recursion and of a loop; frames of both modes return.
        const GUEST: &str = r#"
            (module
              (import "host" "change" (func $change))
              (memory (export "memory") 1)
              (func $sum (export "sum") (param i32) (result i32)
                (local $i i32) (local $sum i32)
                (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
                (loop $again
                  (local.set $sum (i32.add (local.get $sum) (i32.const 2)))
                  (if (i32.eq (local.get $i) (i32.and (local.get 0) (i32.const 7))) (then (call $change)))
                  (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8))))
                (i32.add (local.get $sum) (call $sum (i32.sub (local.get 0) (i32.const 1))))))
        "#;
        let mut store = Store::new(&engine(), None::<Instance>);
        let mut linker = Linker::new(store.engine());
        linker
            .func_wrap("host", "change", move |mut caller: riser::Caller<'_, Option<Instance>>| -> riser::Result<()> {
                let instance = (*caller.data()).expect("set below");
                let next = if instance.mode(&caller) == a { b } else { a };
                instance.set_mode(&mut caller, next)
            })
            .expect("defines");
        let instance = instance_in(&mut store, &linker, a, GUEST).expect("links");
        *store.data_mut() = Some(instance);
        let sum = instance.get_typed_func::<i32, i32>(&mut store, "sum").expect("exported");
        assert_eq!(sum.call(&mut store, 100).expect("returns"), 1600, "{a}, {b}");
        assert_eq!(instance.mode(&store), a, "{a}, {b}: after an even number of changes");
    });
}

#[test]
fn fuel_is_counted_across_modes() {
    let mut expected = None;
    each_pair(|a, b| {
        let mut config = Config::new();
        config.consume_fuel(true);
        let engine = Engine::new(&config).expect("fuel is supported");
        let mut store = Store::new(&engine, ());
        store.set_fuel(1_000_000).expect("fuel is on");
        let mut linker = Linker::new(&engine);
        let even = instance_in(&mut store, &linker, a, EVEN).expect("links");
        linker.instance(&mut store, "even", even).expect("defines");
        instance_in(&mut store, &linker, b, ODD).expect("links");
        let even = even.get_typed_func::<i32, i32>(&mut store, "even").expect("exported");
        assert_eq!(even.call(&mut store, 100).expect("returns"), 1);
        let left = store.get_fuel().expect("fuel is on");
        assert_eq!(*expected.get_or_insert(left), left, "{a}, {b}");

        store.set_fuel(500).expect("fuel is on");
        let error = even.call(&mut store, 100).expect_err("runs out");
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel), "{a}, {b}: {error:?}");
        assert_eq!(store.get_fuel().expect("fuel is on"), 0);
    });
}

#[test]
fn a_mode_that_is_not_there_is_an_error_that_says_what_to_do() {
    let engine = Engine::new(&Config::without_tiers()).expect("the register interpreter is always there");
    for mode in Mode::all().into_iter().filter(|&mode| mode != Mode::Interp) {
        let error = engine.set_default_mode(mode).expect_err("no tier is plugged in").to_string();
        // What is compiled in is not to be compiled in once more.
        let is_there = Engine::default().supports(mode);
        assert_eq!(error.contains("`Config::new`"), is_there, "{error}");
        let why = if cfg!(all(target_arch = "x86_64", target_os = "linux")) { "cargo feature" } else { "x86-64 Linux" };
        assert_eq!(error.contains(why), !is_there, "{error}");
        assert!(Engine::new(Config::without_tiers().mode(mode)).is_err());
    }
}

#[test]
fn engines_have_what_is_compiled_in() {
    let engines = [
        Engine::default(),
        Engine::new(&Config::default()).expect("the default is supported"),
        Engine::new(&Config::new()).expect("the default is supported"),
        Store::<()>::default().engine().clone(),
    ];
    for engine in engines {
        let supported: Vec<Mode> = Mode::all().into_iter().filter(|&mode| engine.supports(mode)).collect();
        let native = cfg!(all(target_arch = "x86_64", target_os = "linux"));
        let expected = Mode::all().into_iter().filter(|mode| match *mode {
            Mode::Interp => true,
            CLASSIC => cfg!(feature = "classic"),
            LLVM_JIT => native && cfg!(feature = "llvm"),
            FAST_JIT => native && cfg!(feature = "fast-jit"),
            Mode::Aot | Mode::MultiTier => native && (cfg!(feature = "fast-jit") || cfg!(feature = "llvm")),
            Mode::Tier(_) => false,
        });
        assert_eq!(supported, expected.collect::<Vec<_>>());
        let default = if engine.supports(Mode::MultiTier) { Mode::MultiTier } else { Mode::Interp };
        assert_eq!(engine.default_mode(), default);
    }
}
