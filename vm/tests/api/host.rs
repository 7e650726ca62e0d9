//! Host functions: what they get, how they fail, and how they call back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{anyhow, bail};
use riser_vm::{
    Caller, Engine, Extern, Func, FuncType, Instance, Linker, Result, Store, Trap, Val, ValType, WasmBacktrace,
};

use crate::{instance, link, module};

#[test]
fn closures_take_and_return_every_type() {
    let text = r#"(module
        (import "" "mix" (func $mix (param i32 i64 f32 f64) (result f64 f32 i64 i32)))
        (func (export "run") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
            (call $mix (local.get 0) (local.get 1) (local.get 2) (local.get 3))))"#;
    let (mut store, instance) = link(text, |linker| {
        linker.func_wrap("", "mix", |a: i32, b: u64, c: f32, d: f64| (d, c, b, a)).unwrap();
    });
    let run =
        instance.unwrap().get_typed_func::<(i32, i64, f32, f64), (f64, f32, i64, i32)>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, (-1, i64::MIN, 1.5, -2.5)).unwrap(), (-2.5, 1.5, i64::MIN, -1));
}

#[test]
fn closures_take_sixteen_parameters() {
    let params = "i32 ".repeat(16);
    let gets: String = (0..16).map(|i| format!("(local.get {i})")).collect();
    let text = format!(
        r#"(module (import "" "f" (func $f (param {params}) (result i64)))
           (func (export "run") (param {params}) (result i64) (call $f {gets})))"#
    );
    let (mut store, instance) = link(&text, |linker| {
        #[expect(clippy::too_many_arguments, reason = "the most there can be")]
        fn digits(
            a: i32,
            b: i32,
            c: i32,
            d: i32,
            e: i32,
            f: i32,
            g: i32,
            h: i32,
            i: i32,
            j: i32,
            k: i32,
            l: i32,
            m: i32,
            n: i32,
            o: i32,
            p: i32,
        ) -> i64 {
            [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p].iter().fold(0, |sum, x| sum * 16 + i64::from(*x))
        }
        linker.func_wrap("", "f", digits).unwrap();
    });
    let run = instance.unwrap().get_func(&mut store, "run").unwrap();
    let args: Vec<Val> = (0..16).map(Val::I32).collect();
    let mut results = [Val::I64(0)];
    run.call(&mut store, &args, &mut results).unwrap();
    assert_eq!(results[0].unwrap_i64(), 0x0123_4567_89ab_cdef);
}

#[test]
fn callers_reach_data_and_exports() {
    let engine = Engine::default();
    let text = r#"(module
        (import "" "log" (func $log (param i32 i32)))
        (memory (export "memory") 1)
        (data (i32.const 8) "hello")
        (func (export "run") (call $log (i32.const 8) (i32.const 5))))"#;
    let mut linker = Linker::<Vec<String>>::new(&engine);
    let log = |mut caller: Caller<'_, Vec<String>>, at: u32, len: u32| -> Result<()> {
        let Some(Extern::Memory(memory)) = caller.get_export("memory") else { bail!("no memory") };
        assert!(caller.get_export("absent").is_none());
        let (bytes, lines) = memory.data_and_store_mut(&mut caller);
        let text = bytes.get(at as usize..).and_then(|bytes| bytes.get(..len as usize));
        lines.push(std::str::from_utf8(text.ok_or_else(|| anyhow!("out of bounds"))?)?.to_owned());
        Ok(())
    };
    linker.func_wrap("", "log", log).unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &module(&engine, text)).unwrap();
    let run = instance.get_typed_func::<(), ()>(&mut store, "run").unwrap();
    run.call(&mut store, ()).unwrap();
    run.call(&mut store, ()).unwrap();
    assert_eq!(store.into_data(), ["hello", "hello"]);
}

#[test]
fn host_errors_come_out_with_a_backtrace() {
    let text = r#"(module $guest
        (import "" "fail" (func $fail))
        (func $inner (call $fail))
        (func (export "run") (call $inner)))"#;
    let (mut store, instance) = link(text, |linker| {
        linker.func_wrap("", "fail", || -> Result<()> { Err(std::io::Error::other("disk on fire").into()) }).unwrap();
    });
    let run = instance.unwrap().get_typed_func::<(), ()>(&mut store, "run").unwrap();
    for _ in 0..2 {
        let error = run.call(&mut store, ()).unwrap_err();
        assert_eq!(error.downcast_ref::<std::io::Error>().unwrap().to_string(), "disk on fire");
        assert!(error.downcast_ref::<Trap>().is_none());
        let names: Vec<_> = backtrace(&error).frames().iter().map(|frame| frame.func_name()).collect();
        assert_eq!(names, [Some("inner"), Some("run")]);
    }
}

#[test]
fn hosts_may_end_wasm_with_a_trap() {
    let (mut store, instance) =
        link(r#"(module (import "" "f" (func $f)) (func (export "run") (call $f)))"#, |linker| {
            linker.func_wrap("", "f", || -> Result<()> { Err(Trap::IntegerOverflow.into()) }).unwrap();
        });
    let run = instance.unwrap().get_typed_func::<(), ()>(&mut store, "run").unwrap();
    assert_eq!(trap(&run.call(&mut store, ()).unwrap_err()), Trap::IntegerOverflow);
}

#[test]
fn panics_pass_through_wasm_and_leave_the_store_usable() {
    let text = r#"(module
        (import "" "boom" (func $boom (param i32)))
        (func (export "run") (param i32) (result i32) (call $boom (local.get 0)) (i32.const 7)))"#;
    let (mut store, instance) = link(text, |linker| {
        linker
            .func_wrap("", "boom", |value: i32| {
                if value == 0 {
                    std::panic::resume_unwind(Box::new("boom"));
                }
            })
            .unwrap();
    });
    let run = instance.unwrap().get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    for _ in 0..3 {
        let payload = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, 0))).unwrap_err();
        assert_eq!(*payload.downcast_ref::<&str>().unwrap(), "boom");
        assert_eq!(run.call(&mut store, 1).unwrap(), 7);
    }
}

#[test]
fn panics_pass_through_nested_activations() {
    let text = r#"(module
        (import "" "again" (func $again (param i32)))
        (func (export "run") (param i32) (call $again (local.get 0))))"#;
    let (mut store, instance) = link(text, |linker| {
        let again = |mut caller: Caller<'_, ()>, depth: i32| {
            if depth == 0 {
                std::panic::resume_unwind(Box::new(5_u8));
            }
            let run = caller.get_export("run").unwrap().into_func().unwrap();
            run.typed::<i32, ()>(&caller).unwrap().call(&mut caller, depth - 1).unwrap();
        };
        linker.func_wrap("", "again", again).unwrap();
    });
    let run = instance.unwrap().get_typed_func::<i32, ()>(&mut store, "run").unwrap();
    let payload = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, 10))).unwrap_err();
    assert_eq!(*payload.downcast_ref::<u8>().unwrap(), 5);
}

/// `fac` calls itself by way of the host. The host's call must not overwrite the frames below it.
#[test]
fn hosts_call_back_into_wasm() {
    let text = r#"(module
        (import "" "call" (func $call (param i64) (result i64)))
        (func (export "fac") (param $n i64) (result i64)
            (local $keep i64)
            (local.set $keep (i64.mul (local.get $n) (i64.const 3)))
            (if (i64.eqz (local.get $n)) (then (return (i64.const 1))))
            (i64.mul
                (i64.div_u (local.get $keep) (i64.const 3))
                (call $call (i64.sub (local.get $n) (i64.const 1))))))"#;
    let (mut store, instance) = link(text, |linker| {
        let call = |mut caller: Caller<'_, ()>, n: i64| -> Result<i64> {
            let fac = caller.get_export("fac").unwrap().into_func().unwrap();
            fac.typed::<i64, i64>(&caller)?.call(&mut caller, n)
        };
        linker.func_wrap("", "call", call).unwrap();
    });
    let fac = instance.unwrap().get_typed_func::<i64, i64>(&mut store, "fac").unwrap();
    assert_eq!(fac.call(&mut store, 20).unwrap(), 2_432_902_008_176_640_000);
}

#[test]
fn backtraces_cover_nested_activations() {
    let text = r#"(module
        (import "" "call" (func $call))
        (func $outer (export "outer") (call $call))
        (func $inner (export "inner") unreachable))"#;
    let (mut store, instance) = link(text, |linker| {
        let call = |mut caller: Caller<'_, ()>| -> Result<()> {
            let inner = caller.get_export("inner").unwrap().into_func().unwrap();
            inner.call(&mut caller, &[], &mut [])
        };
        linker.func_wrap("", "call", call).unwrap();
    });
    let outer = instance.unwrap().get_typed_func::<(), ()>(&mut store, "outer").unwrap();
    let error = outer.call(&mut store, ()).unwrap_err();
    assert_eq!(trap(&error), Trap::Unreachable);
    let names: Vec<_> = backtrace(&error).frames().iter().map(|frame| frame.func_name()).collect();
    assert_eq!(names, [Some("inner"), Some("outer")]);
}

/// A host that handles an error of wasm leaves no frames behind for the next one.
#[test]
fn handled_errors_leave_no_trace() {
    let text = r#"(module
        (import "" "try" (func $try))
        (func $run (export "run") (call $try) (drop (i32.div_u (i32.const 1) (i32.const 0))))
        (func (export "inner") unreachable))"#;
    let (mut store, instance) = link(text, |linker| {
        let attempt = |mut caller: Caller<'_, ()>| {
            let inner = caller.get_export("inner").unwrap().into_func().unwrap();
            assert_eq!(trap(&inner.call(&mut caller, &[], &mut []).unwrap_err()), Trap::Unreachable);
        };
        linker.func_wrap("", "try", attempt).unwrap();
    });
    let run = instance.unwrap().get_typed_func::<(), ()>(&mut store, "run").unwrap();
    let error = run.call(&mut store, ()).unwrap_err();
    assert_eq!(trap(&error), Trap::IntegerDivideByZero);
    assert_eq!(backtrace(&error).frames().len(), 1);
}

#[test]
fn recursion_through_the_host_overflows_cleanly() {
    let text = r#"(module (import "" "call" (func $call)) (func (export "run") (call $call)))"#;
    let (mut store, instance) = link(text, |linker| {
        let call = |mut caller: Caller<'_, ()>| -> Result<()> {
            let run = caller.get_export("run").unwrap().into_func().unwrap();
            run.call(&mut caller, &[], &mut [])
        };
        linker.func_wrap("", "call", call).unwrap();
    });
    let run = instance.unwrap().get_typed_func::<(), ()>(&mut store, "run").unwrap();
    for _ in 0..2 {
        assert_eq!(trap(&run.call(&mut store, ()).unwrap_err()), Trap::StackOverflow);
    }
}

#[test]
fn functions_on_slots() {
    let text = r#"(module
        (import "" "divmod" (func $divmod (param i64 i32) (result i64 i64 i32)))
        (func (export "run") (param i64 i32) (result i64 i64 i32)
            (call $divmod (local.get 0) (local.get 1))))"#;
    let ty = FuncType::new([ValType::I64, ValType::I32], [ValType::I64, ValType::I64, ValType::I32]);
    let (mut store, instance) = link(text, |linker| {
        linker
            .func_raw("", "divmod", ty, |_, slots| {
                let [a, b, c] = slots else { bail!("{} slots", slots.len()) };
                let (n, d) = (*a, *b);
                (*a, *b, *c) = (n / d, n % d, 1);
                Ok(())
            })
            .unwrap();
    });
    let run = instance.unwrap().get_typed_func::<(u64, u32), (u64, u64, i32)>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, (47, 10)).unwrap(), (4, 7, 1));
}

/// What is above a result of 32 bits is no part of it.
#[test]
fn functions_on_slots_may_leave_anything_above_narrow_results() {
    let text = r#"(module
        (import "" "numbers" (func $numbers (result i64 i32 f32)))
        (table 4 funcref)
        (func (export "run") (result i64 i64 i32)
            (local $index i32) (local $wide i64)
            (drop (call $numbers))
            (local.set $index)
            (local.set $wide)
            (drop (table.get (local.get $index)))
            (local.get $wide)
            (i64.extend_i32_u (local.get $index))
            (table.size)))"#;
    let ty = FuncType::new([], [ValType::I64, ValType::I32, ValType::F32]);
    let (mut store, instance) = link(text, |linker| {
        linker
            .func_raw("", "numbers", ty, |_, slots| {
                slots.copy_from_slice(&[u64::MAX, 7 << 32 | 3, u64::MAX]);
                Ok(())
            })
            .unwrap();
    });
    let run = instance.unwrap().get_typed_func::<(), (u64, u64, i32)>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), (u64::MAX, 3, 4));
}

#[test]
fn functions_on_values_are_checked() {
    let mut store = Store::<()>::default();
    let ty = FuncType::new([ValType::I32], [ValType::F64]);
    let good = Func::new(&mut store, ty.clone(), |_, params, results| {
        results[0] = Val::from(f64::from(params[0].unwrap_i32()) / 2.0);
        Ok(())
    });
    let mut results = [Val::I32(0)];
    good.call(&mut store, &[Val::I32(3)], &mut results).unwrap();
    assert_eq!(results[0].unwrap_f64(), 1.5);

    let bad = Func::new(&mut store, ty, |_, _, results| {
        results[0] = Val::I64(1);
        Ok(())
    });
    let error = format!("{:#}", bad.call(&mut store, &[Val::I32(3)], &mut results).unwrap_err());
    assert!(error.contains("expected f64, found i64"), "{error}");
}

#[test]
fn calls_check_arguments_and_results() {
    let (mut store, instance) = instance(r#"(module (func (export "f") (param i32) (result i64) (i64.const 1)))"#);
    let f = instance.get_func(&mut store, "f").unwrap();
    for (params, results, message) in [
        (&[][..], 1, "expected 1 values, found 0"),
        (&[Val::I64(0)][..], 1, "expected i32, found i64"),
        (&[Val::I32(0)][..], 0, "expected 1 results, got 0"),
    ] {
        let mut results = vec![Val::I32(0); results];
        let error = format!("{:#}", f.call(&mut store, params, &mut results).unwrap_err());
        assert!(error.contains(message), "{error}");
    }
    for error in [
        f.typed::<(), i64>(&store).unwrap_err(),
        f.typed::<i32, i32>(&store).unwrap_err(),
        f.typed::<i32, (i64, i64)>(&store).unwrap_err(),
        instance.get_typed_func::<f32, i64>(&mut store, "f").unwrap_err(),
    ] {
        assert!(format!("{error:#}").contains("to given type: type mismatch with"), "{error:#}");
    }
    let error = instance.get_typed_func::<i32, i64>(&mut store, "g").unwrap_err();
    assert_eq!(error.to_string(), "failed to find function export `g`");
    assert_eq!(f.ty(&store).to_string(), "(i32) -> (i64)");
}

#[test]
fn functions_of_the_host_can_be_called_by_the_host() {
    let mut store = Store::new(&Engine::default(), 40);
    let add = Func::wrap(&mut store, |mut caller: Caller<'_, i32>, by: i32| {
        assert!(caller.get_export("anything").is_none());
        *caller.data_mut() += by;
        *caller.data()
    });
    assert_eq!(add.typed::<i32, i32>(&store).unwrap().call(&mut store, 2).unwrap(), 42);
    let fail = Func::wrap(&mut store, || -> Result<i32> { bail!("no") });
    let error = fail.call(&mut store, &[], &mut [Val::I32(0)]).unwrap_err();
    assert_eq!(error.to_string(), "no");
    assert!(error.downcast_ref::<WasmBacktrace>().is_none());
}

#[test]
fn functions_pass_as_references() {
    let text = r#"(module
        (import "" "pick" (func $pick (param funcref funcref i32) (result funcref)))
        (table 1 funcref)
        (type $thunk (func (result i32)))
        (func $one (result i32) (i32.const 1))
        (func $two (result i32) (i32.const 2))
        (elem declare func $one $two)
        (func (export "run") (param i32) (result i32)
            (table.set (i32.const 0) (call $pick (ref.func $one) (ref.func $two) (local.get 0)))
            (call_indirect (type $thunk) (i32.const 0))))"#;
    let (mut store, instance) = link(text, |linker| {
        let pick = |a: Option<Func>, b: Option<Func>, which: i32| match which {
            1 => a,
            2 => b,
            _ => None,
        };
        linker.func_wrap("", "pick", pick).unwrap();
    });
    let run = instance.unwrap().get_typed_func::<i32, i32>(&mut store, "run").unwrap();
    assert_eq!(run.call(&mut store, 1).unwrap(), 1);
    assert_eq!(run.call(&mut store, 2).unwrap(), 2);
    assert_eq!(trap(&run.call(&mut store, 3).unwrap_err()), Trap::UninitializedElement);
}

#[test]
fn references_to_other_stores_are_refused() {
    let engine = Engine::default();
    let text = r#"(module
        (import "" "f" (func $f (result funcref)))
        (func (export "run") (drop (call $f)))
        (func (export "take") (param funcref)))"#;
    let mut elsewhere = Store::new(&engine, ());
    let foreign = Func::wrap(&mut elsewhere, || {});
    let mut linker = Linker::new(&engine);
    linker.func_wrap("", "f", move || Some(foreign)).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module(&engine, text)).unwrap();

    let run = instance.get_func(&mut store, "run").unwrap();
    let error = run.call(&mut store, &[], &mut []).unwrap_err();
    assert!(format!("{error:#}").contains("cross-`Store`"), "{error:#}");
    let take = instance.get_typed_func::<Option<Func>, ()>(&mut store, "take").unwrap();
    let error = take.call(&mut store, Some(foreign)).unwrap_err();
    assert!(format!("{error:#}").contains("cross-`Store`"), "{error:#}");
}

#[test]
#[should_panic = "object used with the wrong store"]
fn functions_of_other_stores_panic() {
    let (_store, instance) = instance(r#"(module (func (export "f")))"#);
    let mut other = Store::<()>::default();
    instance.get_func(&mut other, "f");
}

#[test]
#[should_panic = "object used with the wrong store"]
fn imports_of_other_stores_panic() {
    let engine = Engine::default();
    let f = Func::wrap(Store::new(&engine, ()), || {});
    let mut store = Store::new(&engine, ());
    let module = module(&engine, r#"(module (import "" "" (func)))"#);
    let _ = Instance::new(&mut store, &module, &[f.into()]);
}

pub(crate) fn trap(error: &anyhow::Error) -> Trap {
    *error.downcast_ref::<Trap>().unwrap_or_else(|| panic!("not a trap: {error:?}"))
}

pub(crate) fn backtrace(error: &anyhow::Error) -> &WasmBacktrace {
    error.downcast_ref().unwrap_or_else(|| panic!("no backtrace: {error:?}"))
}
