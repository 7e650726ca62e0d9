//! Deep recursion is a clean trap, and the store goes on.

use riser::{Func, Linker, Store, Trap, WasmBacktrace};

use crate::engines::{each, instance, instance_in, modes};

const DEPTH: i32 = 10_000_000;

const COUNT: &str = r#"
    (module
      (func $count (export "count") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (call $count (i32.sub (local.get 0) (i32.const 1)))))
          (else (i32.const 0))))
      (table funcref (elem $count))
      (func $indirect (export "indirect") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then
            (i32.add (i32.const 1)
              (call_indirect (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))
          (else (i32.const 0))))
      (elem (i32.const 0) $indirect)
      (func $wide (export "wide") (param i32 i64 i64 i64 i64 i64 i64 i64 i64) (result i32)
        (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
        (call $wide
          (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4)
          (local.get 5) (local.get 6) (local.get 7) (local.get 8))))
"#;

#[test]
fn ten_million_calls_deep_is_a_trap() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(&mut store, COUNT);
            for function in ["count", "indirect"] {
                let function = instance.get_typed_func::<i32, i32>(&mut store, function).expect(name);
                assert_eq!(function.call(&mut store, 1000).expect(name), 1000, "{name}");
                let error = function.call(&mut store, DEPTH).expect_err(name);
                assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{name}: {error:?}");
                assert_eq!(function.call(&mut store, 1000).expect(name), 1000, "{name}: after the trap");
            }
            let wide = instance.get_func(&mut store, "wide").expect(name);
            let mut arguments = vec![riser::Val::I32(0)];
            arguments.resize(9, riser::Val::I64(0));
            let error = wide.call(&mut store, &arguments, &mut [riser::Val::I32(0)]).expect_err(name);
            assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{name}: {error:?}");
        },
    );
}

#[test]
fn backtraces_count_the_frames_that_they_leave_out() {
    const CALLS: i32 = 5000;
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(
                &mut store,
                r#"(module
                     (func $down (export "down") (param i32)
                       (if (i32.eqz (local.get 0)) (then unreachable))
                       (call $down (i32.sub (local.get 0) (i32.const 1)))))"#,
            );
            let down = instance.get_typed_func::<i32, ()>(&mut store, "down").expect(name);
            let error = down.call(&mut store, CALLS).expect_err(name);
            let backtrace = error.downcast_ref::<WasmBacktrace>().expect(name);
            assert!(!backtrace.frames().is_empty(), "{name}");
            let frames = backtrace.frames().len() as u64 + backtrace.omitted_frames();
            assert_eq!(frames, CALLS as u64 + 1, "{name}");
        },
    );
}

#[test]
fn the_stack_is_as_deep_as_configured() {
    for megabytes in [1, 64] {
        each(
            |config| {
                config.max_wasm_stack(megabytes << 20);
            },
            |name, engine| {
                let mut store = Store::new(engine, ());
                let instance = instance(&mut store, COUNT);
                let count = instance.get_typed_func::<i32, i32>(&mut store, "count").expect(name);
                // A frame takes at least two slots and at most sixteen.
                let frames = (megabytes << 20) / 8 / 16;
                assert_eq!(count.call(&mut store, frames as i32).expect(name), frames as i32, "{name}");
                assert!(count.call(&mut store, 16 * frames as i32).is_err(), "{name}");
            },
        );
    }
}

#[test]
fn tail_calls_take_no_stack() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(
                &mut store,
                r#"
            (module
              (type $step (func (param i32 i64) (result i64)))
              (table funcref (elem $odd))
              (func $even (export "even") (param i32 i64) (result i64)
                (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
                (return_call_indirect (type $step)
                  (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1)) (i32.const 0)))
              (func $odd (param i32 i64) (result i64)
                (return_call $even (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 2)))))
            "#,
            );
            let even = instance.get_typed_func::<(i32, i64), i64>(&mut store, "even").expect(name);
            assert_eq!(even.call(&mut store, (1_000_000, 0)).expect(name), 1_500_000, "{name}");
        },
    );
}

#[test]
fn recursion_through_the_host_is_a_trap() {
    each(
        |_| {},
        |name, engine| {
            let mut store = Store::new(engine, None::<Func>);
            let mut linker = Linker::new(engine);
            linker
                .func_wrap(
                    "host",
                    "again",
                    |mut caller: riser::Caller<'_, Option<Func>>, left: i32| -> riser::Result<i32> {
                        let function = (*caller.data()).expect("set below").typed::<i32, i32>(&caller)?;
                        function.call(&mut caller, left)
                    },
                )
                .expect(name);
            let module = crate::engines::module(
                engine,
                r#"
            (module
              (import "host" "again" (func $again (param i32) (result i32)))
              (func (export "count") (param i32) (result i32)
                (if (result i32) (local.get 0)
                  (then (i32.add (i32.const 1) (call $again (i32.sub (local.get 0) (i32.const 1)))))
                  (else (i32.const 0)))))
            "#,
            );
            let instance = linker.instantiate(&mut store, &module).expect(name);
            let count = instance.get_func(&mut store, "count");
            *store.data_mut() = count;
            let count = instance.get_typed_func::<i32, i32>(&mut store, "count").expect(name);
            assert_eq!(count.call(&mut store, 20).expect(name), 20, "{name}");
            let error = count.call(&mut store, DEPTH).expect_err(name);
            assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{name}: {error:?}");
            assert_eq!(count.call(&mut store, 20).expect(name), 20, "{name}: after the trap");
        },
    );
}

#[test]
fn recursion_across_modes_is_a_trap() {
    for (a, b) in [(0, 1), (1, 0)] {
        let modes = modes();
        if modes.len() < 2 {
            return;
        }
        let (a, b) = (modes[a], modes[b]);
        let engine = riser::Engine::new(&riser::Config::new()).expect("the default configuration works");
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let first = instance_in(&mut store, &linker, a, crate::mixed_modes::EVEN).expect("links");
        linker.instance(&mut store, "even", first).expect("defines");
        instance_in(&mut store, &linker, b, crate::mixed_modes::ODD).expect("links");
        let even = first.get_typed_func::<i32, i32>(&mut store, "even").expect("exported");
        assert_eq!(even.call(&mut store, 101).expect("returns"), 0);
        let error = even.call(&mut store, DEPTH).expect_err("traps");
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{a}, {b}: {error:?}");
        assert_eq!(even.call(&mut store, 100).expect("returns"), 1, "after the trap");
    }
}

#[test]
fn frames_of_any_size_end_in_a_trap() {
    let params = |n| "i64 ".repeat(n);
    let arguments = |n| (0..n).map(|i| format!("(local.get {i})")).collect::<String>();
    // Calls itself with many locals; with many parameters; with many results; from a high operand stack.
    let locals = |n| format!("(func $f (export \"f\") (local {}) (call $f))", params(n));
    let programs = [
        locals(100),
        locals(5_000),
        locals(49_000),
        format!(
            "(func $g (param {0}) (call $g {1})) (func (export \"f\") (local {0}) (call $g {1}))",
            params(1000),
            arguments(1000)
        ),
        format!(
            "(func $g (result {0}) (call $g)) (func (export \"f\") (call $g) {1})",
            params(1000),
            "drop ".repeat(1000)
        ),
        format!("(func $f (export \"f\") {} (call $f) {})", "(i64.const 1)".repeat(9000), "drop ".repeat(9000)),
        format!(
            "(func $f (export \"f\") (local i64) {} (call $f) {})",
            "(local.tee 0 (i64.add (local.get 0) (i64.const 1)))".repeat(3000),
            "drop ".repeat(3000)
        ),
    ];
    for program in programs {
        for stack in [64 << 10, 1 << 20, 8 << 20] {
            each(
                |config| {
                    config.max_wasm_stack(stack);
                },
                |name, engine| {
                    let mut store = Store::new(engine, ());
                    let instance = instance(&mut store, &format!("(module {program})"));
                    let f = instance.get_typed_func::<(), ()>(&mut store, "f").expect("exported");
                    let error = f.call(&mut store, ()).expect_err(name);
                    let trap = error.downcast_ref::<Trap>();
                    assert_eq!(trap, Some(&Trap::StackOverflow), "{name}: {:.60}: {error:?}", program);
                },
            );
        }
    }
}
