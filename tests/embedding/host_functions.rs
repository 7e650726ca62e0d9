//! Host functions that fail, panic and call back.

use std::iter::repeat_n;
use std::panic::{AssertUnwindSafe, catch_unwind};

use riser::{Caller, Error, Extern, Func, FuncType, Linker, Store, Trap, ValType, WasmBacktrace};

use crate::engines::{each, module};

#[derive(Debug, PartialEq)]
struct Refused(i32);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refused {}", self.0)
    }
}

impl std::error::Error for Refused {}

const GUEST: &str = r#"
    (module
      (import "host" "f" (func $f (param i32) (result i32)))
      (memory (export "memory") 1)
      (global $before (export "before") (mut i32) (i32.const 0))
      (global $after (export "after") (mut i32) (i32.const 0))
      (func $inner (param i32) (result i32)
        (global.set $before (i32.add (global.get $before) (i32.const 1)))
        (call $f (local.get 0))
        (global.set $after (i32.add (global.get $after) (i32.const 1))))
      (func (export "run") (param i32) (result i32)
        (i32.add (i32.const 100) (call $inner (local.get 0))))
      (func (export "plus_one") (param i32) (result i32)
        (i32.add (local.get 0) (i32.const 1)))
      (func (export "trap") (param i32) (result i32) unreachable))
"#;

/// A store, and the guest's function `run`, with `f` as the host's function.
fn guest(
    engine: &riser::Engine,
    f: impl Fn(Caller<'_, Vec<i32>>, i32) -> riser::Result<i32> + Send + Sync + 'static,
) -> (Store<Vec<i32>>, riser::Instance, riser::TypedFunc<i32, i32>) {
    let mut store = Store::new(engine, Vec::new());
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "f", f).expect("defines");
    let instance = linker.instantiate(&mut store, &module(engine, GUEST)).expect("links");
    let run = instance.get_typed_func(&mut store, "run").expect("exported");
    (store, instance, run)
}

#[test]
fn host_functions_use_the_stores_data_and_the_callers_memory() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, instance, run) = guest(engine, |mut caller, value| {
                caller.data_mut().push(value);
                let Some(Extern::Memory(memory)) = caller.get_export("memory") else { panic!("exported") };
                memory.write(&mut caller, 65532, &value.to_le_bytes())?;
                Ok(2 * value)
            });
            assert_eq!(run.call(&mut store, 7).expect(name), 114, "{name}");
            assert_eq!(run.call(&mut store, 8).expect(name), 116, "{name}");
            assert_eq!(store.data()[..], [7, 8], "{name}");
            let memory = instance.get_memory(&mut store, "memory").expect("exported");
            assert_eq!(memory.data(&store)[65532..], 8_i32.to_le_bytes(), "{name}");
        },
    );
}

#[test]
fn an_error_reaches_the_outer_caller_as_it_is() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, instance, run) = guest(engine, |_, value| match value {
                0 => Ok(0),
                _ => Err(Error::new(Refused(value)).context("while asking")),
            });
            let error = run.call(&mut store, 5).expect_err(name);
            assert_eq!(error.downcast_ref::<Refused>(), Some(&Refused(5)), "{name}: {error:?}");
            assert!(!error.is::<Trap>(), "{name}: {error:?}");
            assert!(error.is::<WasmBacktrace>(), "{name}: {error:?}");
            for (global, value) in [("before", 1), ("after", 0)] {
                let global = instance.get_global(&mut store, global).expect("exported");
                assert_eq!(global.get(&mut store).i32(), Some(value), "{name}");
            }
            assert_eq!(run.call(&mut store, 0).expect(name), 100, "{name}: after the error");
        },
    );
}

#[test]
fn a_host_function_can_trap() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, _, run) = guest(engine, |_, _| Err(Trap::TableOutOfBounds.into()));
            let error = run.call(&mut store, 5).expect_err(name);
            assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::TableOutOfBounds), "{name}: {error:?}");
        },
    );
}

#[test]
fn a_panic_reaches_the_outer_caller_with_its_payload() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, _, run) = guest(engine, |_, value| match value {
                0 => Ok(0),
                _ => std::panic::panic_any(Refused(value)),
            });
            let payload = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, 5))).expect_err(name);
            assert_eq!(payload.downcast_ref::<Refused>(), Some(&Refused(5)), "{name}");
            assert_eq!(run.call(&mut store, 0).expect(name), 100, "{name}: after the panic");
        },
    );
}

#[test]
fn host_functions_call_back() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, _, run) = guest(engine, |mut caller, value| {
                let export = |caller: &mut Caller<'_, Vec<i32>>, name| {
                    caller.get_export(name).and_then(Extern::into_func).expect("exported").typed::<i32, i32>(caller)
                };
                let plus_one = export(&mut caller, "plus_one")?;
                let mut result = plus_one.call(&mut caller, value)?;
                if value > 0 {
                    let run = export(&mut caller, "run")?;
                    result += run.call(&mut caller, value - 1)?;
                } else {
                    // The outer activations go on after a trap of an inner one.
                    let trap = export(&mut caller, "trap")?;
                    let error = trap.call(&mut caller, 0).expect_err("traps");
                    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
                }
                caller.data_mut().push(value);
                Ok(result)
            });
            // run(n) = 100 + (n + 1) + run(n - 1), run(0) = 101.
            assert_eq!(run.call(&mut store, 3).expect(name), 101 + 102 + 103 + 104, "{name}");
            assert_eq!(store.data()[..], [0, 1, 2, 3], "{name}");
        },
    );
}

#[test]
fn a_wrong_call_is_an_error() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, instance, _) = guest(engine, |_, value| Ok(value));
            assert!(instance.get_typed_func::<i64, i32>(&mut store, "run").is_err(), "{name}");
            let run = instance.get_func(&mut store, "run").expect("exported");
            let mut results = [riser::Val::I32(0)];
            assert!(run.call(&mut store, &[], &mut results).is_err(), "{name}: no argument");
            assert!(run.call(&mut store, &[riser::Val::I64(0)], &mut results).is_err(), "{name}: wrong type");
            assert!(run.call(&mut store, &[riser::Val::I32(0)], &mut []).is_err(), "{name}: no place for the result");
        },
    );
}

/// A host function has as many parameters and results as wasm can name, whatever their types.
#[test]
fn a_host_function_has_at_most_a_thousand_values() {
    let mut store = Store::<()>::default();
    for ty in [ValType::I32, ValType::V128] {
        let of = |params, results| FuncType::new(repeat_n(ty, params), repeat_n(ty, results));
        let mut make = |ty| catch_unwind(AssertUnwindSafe(|| Func::new(&mut store, ty, |_, _, _| Ok(()))));
        assert!(make(of(1000, 1000)).is_ok());
        for (params, results) in [(1001, 0), (0, 1001)] {
            let panic = make(of(params, results)).expect_err("it is too many");
            let message = panic.downcast_ref::<String>().expect("a message");
            assert_eq!(message, "functions have at most 1000 parameters and 1000 results");
        }
    }
}
