//! Resumable calls: a call stops where a host function fails, or where its fuel is used up, and goes on later, in every mode.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::thread;

use riser::{
    AsContextMut, Caller, Config, Counter, Dispatch, Engine, Error, Func, Instance, Linker, Mode, Module, Result,
    ResumableCall, ResumableCallHostTrap, Store, Trap, TypedResumableCall, Val,
};

use crate::engines::{each, module};

mod fuel;

/// Asks the host for a number of numbers, one after another and deeper and deeper, and adds them up.
const ASKING: &str = r#"
    (module
      (import "host" "ask" (func $ask (param i32) (result i64)))
      (memory (export "memory") 1)
      (func $sum (export "sum") (param $n i32) (result i64)
        (local $vector v128)
        (local.set $vector (i64x2.splat (i64.extend_i32_u (local.get $n))))
        (if (i32.eqz (local.get $n)) (then (return (i64.const 0))))
        (i64.add
          (call $ask (local.get $n))
          (i64.add
            (i64.sub (i64x2.extract_lane 1 (local.get $vector)) (i64.extend_i32_u (local.get $n)))
            (call $sum (i32.sub (local.get $n) (i32.const 1))))))
      (func (export "loop") (param $n i32) (result i64)
        (local $sum i64)
        (loop $again
          (local.set $sum (i64.add (local.get $sum) (call $ask (local.get $n))))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
      (func (export "beyond") (param i32) (result i64)
        (drop (call $ask (i32.const 0)))
        (i64.load (local.get 0)))
      (func $deep (export "deep") (param i32) (result i64)
        (i64.add (call $ask (local.get 0)) (call $deep (i32.add (local.get 0) (i32.const 1)))))
      (func (export "plain") (param i32) (result i64) (i64.extend_i32_u (i32.mul (local.get 0) (local.get 0)))))
"#;

/// A store and an instance of [`ASKING`], whose host function `define` defines.
pub fn instance_of_asking(engine: &Engine, define: impl FnOnce(&mut Linker<u32>)) -> (Store<u32>, Instance) {
    let mut linker = Linker::new(engine);
    define(&mut linker);
    let mut store = Store::new(engine, 0);
    let instance = linker.instantiate(&mut store, &module(engine, ASKING)).expect("it fits");
    (store, instance)
}

/// A store and an instance of [`ASKING`], whose host function fails if its argument is even, and otherwise returns it.
fn asking(engine: &Engine) -> (Store<u32>, Instance) {
    let ask = |mut caller: Caller<'_, u32>, n: u32| -> Result<u64> {
        *caller.data_mut() += 1;
        if n.is_multiple_of(2) { Err(Error::msg(n.to_string())) } else { Ok(n.into()) }
    };
    instance_of_asking(engine, |linker| {
        linker.func_wrap("host", "ask", ask).expect("it is new");
    })
}

/// Begins a call that stops.
fn begin(store: &mut Store<u32>, instance: Instance, name: &str, n: i32) -> ResumableCallHostTrap {
    let func = instance.get_func(&mut *store, name).expect("it is exported");
    stopped(func.call_resumable(store, &[Val::I32(n)], &mut [Val::I64(0)]).expect("it stops"))
}

fn stopped(call: ResumableCall) -> ResumableCallHostTrap {
    match call {
        ResumableCall::HostTrap(stop) => stop,
        other => panic!("{other:?}"),
    }
}

/// Goes on with what the host function was asked for, once.
fn step(store: &mut Store<u32>, call: ResumableCallHostTrap) -> Result<ResumableCall, i64> {
    let asked: i64 = call.host_error().to_string().parse().expect("a number");
    let mut results = [Val::I64(-1)];
    match call.resume(store, &[Val::I64(asked)], &mut results).expect("it goes on") {
        ResumableCall::Finished => Err(results[0].unwrap_i64()),
        stopped => Ok(stopped),
    }
}

/// Goes on until the end, and returns the result.
fn finish(store: &mut Store<u32>, mut call: ResumableCallHostTrap) -> i64 {
    loop {
        match step(store, call) {
            Ok(next) => call = stopped(next),
            Err(result) => return result,
        }
    }
}

/// Calls a function that asks for nothing: it returns the square of `n`.
pub fn plain(store: &mut Store<u32>, instance: Instance, n: i32) -> i64 {
    instance.get_typed_func::<i32, i64>(&mut *store, "plain").expect("it is one").call(store, n).expect("it returns")
}

#[test]
fn a_call_goes_on_where_it_stopped() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, instance) = asking(engine);
            for function in ["sum", "loop"] {
                let call = begin(&mut store, instance, function, 100);
                assert_eq!(call.host_error().to_string(), "100", "{name}");
                assert_eq!(finish(&mut store, call), 5050, "{name} {function}");
            }
            assert_eq!(*store.data(), 200, "{name}");
            let call = begin(&mut store, instance, "loop", 20_000);
            assert_eq!(finish(&mut store, call), 200_010_000, "{name}");
        },
    );
}

#[test]
fn calls_go_on_in_any_order_and_the_store_is_used_meanwhile() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, instance) = asking(engine);
            let mut calls: Vec<_> = (0..5).map(|i| begin(&mut store, instance, "sum", 40 + 2 * i)).collect();
            let mut results = Vec::new();
            while !calls.is_empty() {
                assert_eq!(plain(&mut store, instance, 7), 49, "{name}");
                let call = calls.remove(calls.len() / 2);
                match step(&mut store, call) {
                    Ok(call) => calls.insert(0, stopped(call)),
                    Err(result) => results.push(result),
                }
                // A fault meanwhile is that of another call.
                let beyond = begin(&mut store, instance, "beyond", -8);
                let error = beyond.resume(&mut store, &[Val::I64(0)], &mut [Val::I64(0)]).unwrap_err();
                assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}");
            }
            results.sort_unstable();
            assert_eq!(results, [820, 903, 990, 1081, 1176], "{name}");
        },
    );
}

#[test]
fn a_call_can_be_dropped_unfinished() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, instance) = asking(engine);
            for _ in 0..3 {
                drop(begin(&mut store, instance, "sum", 30));
                let error = begin(&mut store, instance, "loop", 30).into_host_error();
                assert_eq!(error.to_string(), "30", "{name}");
            }
            let call = begin(&mut store, instance, "sum", 10);
            let elsewhere = begin(&mut store, instance, "sum", 12);
            assert_eq!(plain(&mut store, instance, 3), 9, "{name}");
            thread::spawn(|| drop(elsewhere)).join().expect("it returns");
            assert_eq!(finish(&mut store, call), 55, "{name}");
            let call = begin(&mut store, instance, "sum", 10);
            drop(store);
            assert_eq!(call.host_error().to_string(), "10", "{name}");
            drop(call);
        },
    );
}

#[test]
fn a_call_overflows_its_own_stack() {
    each(
        |config| {
            config.max_wasm_stack(128 << 10);
        },
        |name, engine| {
            let (mut store, instance) = asking(engine);
            let other = begin(&mut store, instance, "sum", 10);
            let mut call = begin(&mut store, instance, "deep", 0);
            let error = loop {
                match call.resume(&mut store, &[Val::I64(0)], &mut [Val::I64(0)]) {
                    Ok(next) => call = stopped(next),
                    Err(error) => break error,
                }
            };
            assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow), "{name}");
            assert_eq!(finish(&mut store, other), 55, "{name}");
            // The limits of the store's own stacks are in force again.
            let deep = instance.get_typed_func::<i32, i64>(&mut store, "deep").expect(name);
            assert_eq!(deep.call(&mut store, 1).unwrap_err().root_cause().to_string(), "2", "{name}");
        },
    );
}

#[test]
fn a_panic_of_a_host_function_resumes_where_the_call_goes_on() {
    each(
        |_| {},
        |name, engine| {
            let ask = |n: u32| -> Result<u64> { if n == 0 { panic!("zero") } else { Err(Error::msg("not zero")) } };
            let (mut store, instance) = instance_of_asking(engine, |linker| {
                linker.func_wrap("host", "ask", ask).expect("it is new");
            });
            let call = begin(&mut store, instance, "loop", 1);
            assert_eq!(finish_with(&mut store, call, 5), 5, "{name}");
            let call = begin(&mut store, instance, "deep", -1);
            let panics = catch_unwind(AssertUnwindSafe(|| {
                let _ = call.resume(&mut store, &[Val::I64(0)], &mut [Val::I64(0)]);
            }));
            assert_eq!(panics.unwrap_err().downcast_ref(), Some(&"zero"), "{name}");
            assert_eq!(plain(&mut store, instance, 5), 25, "{name}");
        },
    );
}

fn finish_with(store: &mut Store<u32>, call: ResumableCallHostTrap, value: i64) -> i64 {
    let mut results = [Val::I64(0)];
    match call.resume(store, &[Val::I64(value)], &mut results).expect("it goes on") {
        ResumableCall::Finished => results[0].unwrap_i64(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (mut store, instance) = asking(&Engine::default());
    let results = &mut [Val::I64(0)];
    let call = begin(&mut store, instance, "sum", 2);
    let error = call.resume(&mut store, &[Val::I32(0)], results).unwrap_err();
    assert!(format!("{error:#}").contains("expected i64, found i32"), "{error:#}");
    let call = begin(&mut store, instance, "sum", 2);
    assert!(call.resume(&mut store, &[], results).is_err());
    let call = begin(&mut store, instance, "sum", 2);
    assert!(call.resume(&mut store, &[Val::I64(0)], &mut []).is_err());

    let call = begin(&mut store, instance, "sum", 2);
    let mut other = Store::new(store.engine(), 0);
    let wrong = catch_unwind(AssertUnwindSafe(|| call.resume(&mut other, &[Val::I64(0)], results).is_ok()));
    assert!(wrong.is_err());

    assert_eq!(plain(&mut store, instance, 4), 16);
}

/// Two threads go on with the calls of a store in turn. Code traps, and overflows its stack, in another thread than it began in.
#[test]
fn calls_go_on_in_any_thread() {
    each(
        |config| {
            config.max_wasm_stack(128 << 10);
        },
        |name, engine| {
            let (mut store, instance) = asking(engine);
            let calls = vec![
                begin(&mut store, instance, "sum", 40),
                begin(&mut store, instance, "deep", 0),
                begin(&mut store, instance, "loop", 300),
            ];
            let (to_other, from_here) = channel();
            let (to_here, from_other) = channel();
            let turn = |(mut store, calls): (Store<u32>, Vec<ResumableCallHostTrap>)| {
                let mut left = Vec::new();
                for call in calls {
                    let asked: i64 = call.host_error().to_string().parse().expect("a number");
                    let mut results = [Val::I64(-1)];
                    match call.resume(&mut store, &[Val::I64(asked)], &mut results) {
                        Ok(ResumableCall::HostTrap(call)) => left.push(call),
                        Ok(ResumableCall::Finished) => {
                            assert!([820, 45150].contains(&results[0].unwrap_i64()), "{name}: {results:?}")
                        }
                        Err(error) => assert_eq!(error.downcast_ref(), Some(&Trap::StackOverflow), "{name}"),
                        Ok(other) => panic!("{name}: {other:?}"),
                    }
                }
                let beyond = begin(&mut store, instance, "beyond", -8);
                (store, left, beyond)
            };
            let end = |store: &mut Store<u32>, beyond: ResumableCallHostTrap| {
                let error = beyond.resume(&mut *store, &[Val::I64(0)], &mut [Val::I64(0)]).unwrap_err();
                assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}");
                assert_eq!(plain(store, instance, 3), 9, "{name}");
            };
            thread::scope(|scope| {
                scope.spawn(move || {
                    for (mut store, calls, beyond) in from_here {
                        end(&mut store, beyond);
                        to_here.send(turn((store, calls))).expect("it is awaited");
                    }
                });
                let mut calls = calls;
                while !calls.is_empty() {
                    to_other.send(turn((store, calls))).expect("it is awaited");
                    let (mut back, left, beyond) = from_other.recv().expect("it answers");
                    end(&mut back, beyond);
                    (store, calls) = (back, left);
                }
                drop(to_other);
            });
        },
    );
}

#[test]
fn typed_calls_and_calls_of_host_functions_are_resumable() {
    let (mut store, instance) = asking(&Engine::default());
    let sum = instance.get_typed_func::<i32, i64>(&mut store, "sum").expect("it is one");
    let mut call = sum.call_resumable(&mut store, 4).expect("it stops");
    let mut stops = 0;
    let result = loop {
        match call {
            TypedResumableCall::Finished(result) => break result,
            TypedResumableCall::HostTrap(stop) => {
                stops += 1;
                call = stop.resume(&mut store, &[Val::I64(100)]).expect("it goes on");
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((result, stops), (204, 2));

    let host = riser::Func::wrap(&mut store, || -> Result<i32> { Err(Error::msg("later")) });
    let results = &mut [Val::I32(0)];
    let stop = stopped(host.call_resumable(&mut store, &[], results).expect("it stops"));
    assert_eq!(stop.host_func(), host);
    assert!(matches!(stop.resume(&mut store, &[Val::I32(6)], results), Ok(ResumableCall::Finished)));
    assert_eq!(results[0].i32(), Some(6));
}

#[test]
fn nothing_stops_within_an_ordinary_call() {
    each(
        |_| {},
        |name, engine| {
            let mut linker = Linker::<Option<Instance>>::new(engine);
            linker.func_wrap("", "fail", || -> Result<()> { Err(Error::msg("inner")) }).expect("it is new");
            linker
                .func_wrap("", "call", |mut caller: Caller<'_, Option<Instance>>| -> Result<i32> {
                    let instance = caller.data().expect("it is there");
                    let inner = instance.get_typed_func::<(), ()>(&mut caller, "inner")?;
                    let error = inner.call(&mut caller, ()).unwrap_err();
                    // Instances that are made on the call's stacks run on the store's later.
                    let engine = caller.engine().clone();
                    let other = Module::new(&engine, r#"(module (func (export "f") (result i32) (i32.const 3)))"#)?;
                    *caller.data_mut() = Some(Instance::new(caller.as_context_mut(), &other, &[])?);
                    Err(error.context("outer"))
                })
                .expect("it is new");
            let text = r#"
                (module
                  (import "" "fail" (func $fail))
                  (import "" "call" (func $call (result i32)))
                  (func (export "inner") (call $fail))
                  (func (export "outer") (result i32) (i32.add (call $call) (i32.const 1))))
            "#;
            let mut store = Store::new(engine, None);
            let instance = linker.instantiate(&mut store, &module(engine, text)).expect(name);
            *store.data_mut() = Some(instance);
            let outer = instance.get_typed_func::<(), i32>(&mut store, "outer").expect(name);
            let TypedResumableCall::HostTrap(stop) = outer.call_resumable(&mut store, ()).expect(name) else {
                panic!("{name}: it does not stop");
            };
            assert_eq!(stop.host_error().to_string(), "outer", "{name}");
            let made = store.data().expect("it was made");
            let f = made.get_typed_func::<(), i32>(&mut store, "f").expect(name);
            assert_eq!(f.call(&mut store, ()).expect(name), 3, "{name}");
            let three = f.call(&mut store, ()).expect(name);
            let end = stop.resume(&mut store, &[Val::I32(three)]);
            assert!(matches!(end, Ok(TypedResumableCall::Finished(4))), "{name}: {end:?}");
        },
    );
}

/// The first instance of a store may be made by a call that has stacks of its own.
#[test]
fn an_instance_that_a_call_has_made_runs_after_it() {
    each(
        |_| {},
        |name, engine| {
            let guest = module(engine, r#"(module (func (export "f") (result i32) (i32.const 3)))"#);
            let mut store = Store::new(engine, None::<Instance>);
            let make = Func::wrap(&mut store, move |mut caller: Caller<'_, Option<Instance>>| -> Result<()> {
                let instance = Instance::new(&mut caller, &guest, &[])?;
                *caller.data_mut() = Some(instance);
                Ok(())
            });
            let call = make.call_resumable(&mut store, &[], &mut []).expect(name);
            assert!(matches!(call, ResumableCall::Finished), "{name}");
            let made = store.data().expect("it was made");
            let f = made.get_typed_func::<(), i32>(&mut store, "f").expect(name);
            assert_eq!(f.call(&mut store, ()).expect(name), 3, "{name}");
        },
    );
}

/// An exception that only a call refers to that has stopped.
#[test]
fn references_of_a_call_that_has_stopped_stay() {
    let text = r#"
        (module
          (import "host" "ask" (func $ask (param i32) (result i64)))
          (tag $e (param i32))
          (func (export "keep") (param $n i32) (result i64)
            (local $exn exnref)
            (block $h (result i32 exnref)
              (try_table (catch_ref $e $h) (throw $e (local.get $n)))
              unreachable)
            (local.set $exn)
            drop
            (drop (call $ask (i32.const 0)))
            (i64.extend_i32_u
              (block $again (result i32)
                (try_table (catch $e $again) (throw_ref (local.get $exn)))
                unreachable))))
    "#;
    each(
        |_| {},
        |name, engine| {
            let mut linker = Linker::new(engine);
            linker.func_wrap("host", "ask", |n: u32| -> Result<u64> { Err(Error::msg(n.to_string())) }).expect(name);
            let mut store = Store::new(engine, 0);
            let instance = linker.instantiate(&mut store, &module(engine, text)).expect(name);
            let calls: Vec<_> = (0..50).map(|n| begin(&mut store, instance, "keep", n)).collect();
            store.gc(None).expect(name);
            drop(begin(&mut store, instance, "keep", -1));
            for (n, call) in calls.into_iter().enumerate() {
                store.gc(None).expect(name);
                assert_eq!(finish_with(&mut store, call, 0), n as i64, "{name}");
            }
            // When all calls have ended, all exceptions are freed.
            store.gc(None).expect(name);
            assert_eq!(store.exception_bytes(), 0, "{name}");
        },
    );
}

/// An exception that an earlier call ended in, and that nobody has taken, is not what a host function throws that fails.
#[test]
fn a_call_stops_while_an_exception_is_pending() {
    let text = r#"
        (module
          (import "host" "ask" (func $ask (param i32) (result i64)))
          (tag $e)
          (func (export "throw") (throw $e))
          (func (export "once") (param i32) (result i64) (call $ask (local.get 0))))
    "#;
    each(
        |_| {},
        |name, engine| {
            let mut linker = Linker::new(engine);
            linker.func_wrap("host", "ask", |n: u32| -> Result<u64> { Err(Error::msg(n.to_string())) }).expect(name);
            let mut store = Store::new(engine, 0);
            let instance = linker.instantiate(&mut store, &module(engine, text)).expect(name);
            let throw = instance.get_typed_func::<(), ()>(&mut store, "throw").expect(name);
            throw.call(&mut store, ()).expect_err(name);
            assert!(store.has_pending_exception(), "{name}");
            let call = begin(&mut store, instance, "once", 7);
            assert_eq!(finish(&mut store, call), 7, "{name}");
        },
    );
}

#[test]
fn the_hook_for_calls_sees_every_part_of_a_call() {
    let (mut store, instance) = asking(&Engine::new(&Config::new()).expect("it works"));
    let (seen, log) = std::sync::mpsc::channel();
    let seen = std::sync::Mutex::new(seen);
    store.call_hook(move |_, what| {
        seen.lock().expect("it is free").send(format!("{what:?}")).expect("it is read");
        Ok(())
    });
    let call = begin(&mut store, instance, "loop", 2);
    assert_eq!(finish(&mut store, call), 3);
    let seen: Vec<String> = log.try_iter().collect();
    let [wasm, host] = [["CallingWasm", "ReturningFromWasm"], ["CallingHost", "ReturningFromHost"]];
    assert_eq!(seen, [wasm[0], host[0], host[1], wasm[1], wasm[0], host[0], host[1], wasm[1]]);
}

/// A call that goes on is at an instruction that its counter knows.
#[test]
fn a_counter_is_not_replaced_while_a_call_is_suspended() {
    let engine = Engine::new(Config::new().mode(Mode::Interp).dispatch(Dispatch::Profile)).expect("it is supported");
    let (mut store, instance) = asking(&engine);
    let counters = [(); 2].map(|()| Counter::new(1, |_, _, _| true));
    store.count_instructions(&counters[0]).expect("the engine counts");
    let call = begin(&mut store, instance, "loop", 2);
    let error = store.count_instructions(&counters[1]).expect_err("a call is suspended");
    assert!(error.to_string().contains("no call of it is suspended"), "{error}");
    assert_eq!(finish(&mut store, call), 3);
    store.count_instructions(&counters[1]).expect("it has ended");
}
