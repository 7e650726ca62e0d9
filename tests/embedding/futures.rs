//! Calls that are futures: what they wait for, who polls them, and what is left when they are dropped.

use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use riser::{
    Caller, Config, Engine, Error, Extern, Func, FuncType, Instance, Linker, Module, Result, Store, Trap,
    TypedResumableCall, UpdateDeadline, Val, ValType, WasmBacktrace,
};

use crate::engines::{each, each_pair, instance_in, modes, module};
use crate::resumable::{instance_of_asking, plain};

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(AtomicU32);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Polls once. Whoever is pending has asked to be woken.
fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    let bell = Arc::new(Bell::default());
    let outcome = future.poll(&mut Context::from_waker(&Waker::from(Arc::clone(&bell))));
    assert_eq!(outcome.is_pending(), bell.0.load(Ordering::Relaxed) > 0);
    outcome
}

/// Polls to the end. Returns the output, and how many polls that took.
fn finish<F: Future>(future: F) -> (F::Output, u32) {
    let mut future = pin!(future);
    let mut polls = 0;
    loop {
        polls += 1;
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return (output, polls);
        }
    }
}

/// Is pending so many times.
struct Turns(u32);

impl Future for Turns {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        task.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Counts itself in, and out when it is dropped.
struct Guest<'a>(&'a AtomicU32);

impl<'a> Guest<'a> {
    fn new(count: &'a AtomicU32) -> Guest<'a> {
        count.fetch_add(1, Ordering::Relaxed);
        Guest(count)
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A store and an instance of the module that asks, whose host function waits `n % 3` turns, adds one to the host's data, and returns `n`.
fn asking(engine: &Engine) -> (Store<u32>, Instance) {
    instance_of_asking(engine, |linker| {
        let ask = linker.func_wrap_async("host", "ask", |mut caller: Caller<'_, u32>, (n,): (u32,)| {
            Box::new(async move {
                Turns(n % 3).await;
                *caller.data_mut() += 1;
                u64::from(n)
            })
        });
        ask.expect("it is new");
    })
}

#[test]
fn a_call_waits_for_the_futures_of_host_functions() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, instance) = asking(engine);
            for function in ["sum", "loop"] {
                let func = instance.get_typed_func::<i32, i64>(&mut store, function).expect(name);
                let (result, polls) = finish(func.call_async(&mut store, 100));
                assert_eq!(result.expect(name), 5050, "{name} {function}");
                assert_eq!(polls, 1 + (1..=100).map(|n| n % 3).sum::<u32>(), "{name} {function}");

                let (func, mut results) = (instance.get_func(&mut store, function).expect(name), [Val::I64(0)]);
                finish(func.call_async(&mut store, &[Val::I32(7)], &mut results)).0.expect(name);
                assert_eq!(results[0].i64(), Some(28), "{name} {function}");
            }
            assert_eq!(*store.data(), 214, "{name}");
            // A call that waits for nothing is ready at once.
            let func = instance.get_typed_func::<i32, i64>(&mut store, "plain").expect(name);
            let (result, polls) = finish(func.call_async(&mut store, 9));
            assert_eq!((result.expect(name), polls), (81, 1), "{name}");
            assert_eq!(plain(&mut store, instance, 5), 25, "{name}");
        },
    );
}

/// Each poll is in a thread of its own. Code traps, overflows its stack and throws in another thread than it began in.
#[test]
fn a_call_is_polled_in_any_thread() {
    each(
        |config| {
            config.max_wasm_stack(128 << 10);
        },
        |name, engine| {
            let (mut store, instance) = asking(engine);
            let mut run = |function: &str, n: i32| {
                let func = instance.get_typed_func::<i32, i64>(&mut store, function).expect(name);
                let mut future = Box::pin(func.call_async(&mut store, n));
                let mut polls = 0;
                loop {
                    polls += 1;
                    let once = || poll(future.as_mut());
                    let outcome = thread::scope(|scope| scope.spawn(once).join().expect("it returns"));
                    if let Poll::Ready(result) = outcome {
                        return (result, polls);
                    }
                }
            };
            assert!(matches!(run("sum", 20), (Ok(210), 22)), "{name}");
            assert!(matches!(run("loop", 20), (Ok(210), 22)), "{name}");
            // It asks for 0, which takes one poll; the others ask for something that takes several.
            let (error, _) = run("beyond", -8);
            assert_eq!(error.unwrap_err().downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}");
            let (error, polls) = run("deep", 1);
            assert_eq!(error.unwrap_err().downcast_ref(), Some(&Trap::StackOverflow), "{name}");
            assert!(polls > 100, "{name}: {polls}");
            assert_eq!(plain(&mut store, instance, 5), 25, "{name}");
        },
    );
}

/// A host function's future calls the guest by a future, of another mode, and so on; and a store within a store.
#[test]
fn futures_nest_in_every_mixture_of_modes() {
    let text = r#"
        (module
          (import "host" "down" (func $down (param i32) (result i32)))
          (import "host" "wait" (func $wait (param i32)))
          (func (export "run") (param $n i32) (result i32)
            (call $wait (i32.const 1))
            (if (result i32) (local.get $n)
              (then (i32.add (call $down (i32.sub (local.get $n) (i32.const 1))) (i32.const 1)))
              (else (i32.const 100)))))
    "#;
    each_pair(|a, b| {
        let name = &format!("{a} and {b}");
        let engine = Engine::default();
        let guests = Arc::new(AtomicU32::new(0));
        let mut linker = Linker::<Vec<Instance>>::new(&engine);
        let counted = Arc::clone(&guests);
        linker
            .func_wrap_async("host", "down", move |mut caller: Caller<'_, Vec<Instance>>, (n,): (i32,)| {
                let counted = Arc::clone(&counted);
                Box::new(async move {
                    let _guest = Guest::new(&counted);
                    let instance = caller.data()[n as usize % 2];
                    let run = instance.get_typed_func::<i32, i32>(&mut caller, "run")?;
                    run.call_async(&mut caller, n).await
                })
            })
            .expect(name);
        let inner = Engine::default();
        linker
            .func_wrap_async("host", "wait", move |_: Caller<'_, Vec<Instance>>, (n,): (u32,)| {
                let (mut store, instance) = asking(&inner);
                Box::new(async move {
                    // A call of another store waits within this one.
                    let sum = instance.get_typed_func::<i32, i64>(&mut store, "sum")?;
                    let sum = sum.call_async(&mut store, 4).await?;
                    assert_eq!(sum, 10);
                    Turns(n).await;
                    Ok::<(), Error>(())
                })
            })
            .expect(name);
        let mut store = Store::new(&engine, Vec::new());
        let instances = [a, b].map(|mode| instance_in(&mut store, &linker, mode, text).expect(name));
        *store.data_mut() = instances.to_vec();
        let run = instances[0].get_typed_func::<i32, i32>(&mut store, "run").expect(name);
        let (result, polls) = finish(run.call_async(&mut store, 6));
        assert_eq!((result.expect(name), polls), (106, 1 + 7 * 5), "{name}");
        assert_eq!(guests.load(Ordering::Relaxed), 0, "{name}");

        // Dropped after each number of polls, whatever the depth.
        for last in 0..polls {
            let mut future = Box::pin(run.call_async(&mut store, 6));
            (0..last).for_each(|_| assert!(poll(future.as_mut()).is_pending()));
            assert_eq!(guests.load(Ordering::Relaxed), last.saturating_sub(1) / 5, "{name}: {last}");
            drop(future);
            assert_eq!(guests.load(Ordering::Relaxed), 0, "{name}: {last}");
        }
        let (result, _) = finish(run.call_async(&mut store, 3));
        assert_eq!(result.expect(name), 103, "{name}");
    });
}

/// What a host function has when the call is dropped: its future's drop can use the store, and call the guest.
#[test]
fn a_dropped_call_ends() {
    struct Last<'a>(Caller<'a, u32>, Option<Func>);

    impl Drop for Last<'_> {
        fn drop(&mut self) {
            *self.0.data_mut() += 1000;
            if let Some(func) = self.1 {
                let mut results = [Val::I64(0)];
                func.call(&mut self.0, &[Val::I32(3)], &mut results).expect("it returns");
                assert_eq!(results[0].i64(), Some(9));
                // A call that is a future is polled with a task of its own.
                let sum = func.typed::<i32, i64>(&self.0).expect("it is one");
                assert_eq!(finish(sum.call_async(&mut self.0, 4)).0.expect("it returns"), 16);
            }
        }
    }

    each(
        |_| {},
        |name, engine| {
            let (mut store, instance) = instance_of_asking(engine, |linker| {
                linker
                    .func_wrap_async("host", "ask", |mut caller: Caller<'_, u32>, (n,): (u32,)| {
                        Box::new(async move {
                            let plain = caller.get_export("plain").and_then(Extern::into_func);
                            let mut last = Last(caller, plain);
                            Turns(n).await;
                            // It is not dropped.
                            *last.0.data_mut() -= 1000;
                            1_u64
                        })
                    })
                    .expect(name);
            });
            for function in ["sum", "loop", "beyond"] {
                let func = instance.get_typed_func::<i32, i64>(&mut store, function).expect(name);
                for polls in 0..6 {
                    let begun = *store.data();
                    let mut future = Box::pin(func.call_async(&mut store, 3));
                    let mut is_ready = false;
                    for _ in 0..polls {
                        is_ready = is_ready || poll(future.as_mut()).is_ready();
                    }
                    drop(future);
                    let ended = u32::from(polls > 0 && !is_ready) * 1000;
                    assert_eq!(*store.data(), begun + ended, "{name}: {function}, {polls}");
                    assert_eq!(plain(&mut store, instance, 6), 36, "{name}");
                }
            }
            // A future that is forgotten does nothing any more.
            let func = instance.get_typed_func::<i32, i64>(&mut store, "sum").expect(name);
            let begun = *store.data();
            let mut future = Box::pin(func.call_async(&mut store, 3));
            assert!(poll(future.as_mut()).is_pending());
            mem::forget(future);
            assert_eq!(plain(&mut store, instance, 6), 36, "{name}");
            assert_eq!(finish(func.call_async(&mut store, 2)).0.expect(name), 2, "{name}");
            assert_eq!(*store.data(), begun, "{name}");
        },
    );
}

#[test]
fn panics_of_futures_resume_where_the_call_is_polled_or_dropped() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            if !thread::panicking() {
                panic!("in the drop");
            }
        }
    }

    each(
        |_| {},
        |name, engine| {
            let (mut store, instance) = instance_of_asking(engine, |linker| {
                linker
                    .func_wrap_async("host", "ask", |_: Caller<'_, u32>, (n,): (u32,)| {
                        Box::new(async move {
                            let bomb = Bomb;
                            Turns(n).await;
                            assert_ne!(n, 1, "in the future");
                            mem::forget(bomb);
                            1_u64
                        })
                    })
                    .expect(name);
            });
            let sum = instance.get_typed_func::<i32, i64>(&mut store, "sum").expect(name);
            let message = |payload: Box<dyn std::any::Any + Send>| match payload.downcast::<String>() {
                Ok(text) => *text,
                Err(payload) => (*payload.downcast::<&str>().expect("a text")).to_owned(),
            };
            let polled = catch_unwind(AssertUnwindSafe(|| finish(sum.call_async(&mut store, 3)).0.is_ok()));
            assert!(message(polled.unwrap_err()).contains("in the future"), "{name}");
            assert_eq!(plain(&mut store, instance, 4), 16, "{name}");

            let mut future = Box::pin(sum.call_async(&mut store, 3));
            assert!(poll(future.as_mut()).is_pending());
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
            assert_eq!(message(dropped.unwrap_err()), "in the drop", "{name}");
            assert_eq!(plain(&mut store, instance, 4), 16, "{name}");
        },
    );
}

#[test]
fn errors_of_futures_are_those_of_the_call() {
    each(
        |_| {},
        |name, engine| {
            let (mut store, instance) = instance_of_asking(engine, |linker| {
                linker
                    .func_wrap_async("host", "ask", |_: Caller<'_, u32>, (n,): (u32,)| {
                        Box::new(async move {
                            Turns(1).await;
                            if n == 1 { Err(Error::msg("one")) } else { Ok(u64::from(n)) }
                        })
                    })
                    .expect(name);
            });
            let sum = instance.get_typed_func::<i32, i64>(&mut store, "sum").expect(name);
            let error = finish(sum.call_async(&mut store, 3)).0.unwrap_err();
            assert_eq!(error.root_cause().to_string(), "one", "{name}");
            let backtrace: &WasmBacktrace = error.downcast_ref().expect(name);
            assert_eq!(backtrace.frames().len(), 3, "{name}");

            // Who is no future cannot wait.
            let error = sum.call(&mut store, 3).unwrap_err();
            assert!(error.root_cause().to_string().contains("call_async"), "{name}: {error:?}");
            let error = sum.call_resumable(&mut store, 3).expect(name);
            let TypedResumableCall::HostTrap(stop) = error else { panic!("{name}: {error:?}") };
            assert!(stop.host_error().to_string().contains("call_async"), "{name}");
            drop(stop);

            // An ordinary call within a future is one.
            let outer = Func::wrap_async(&mut store, move |mut caller: Caller<'_, u32>, ()| {
                Box::new(async move {
                    Turns(1).await;
                    sum.call(&mut caller, 3)
                })
            });
            let outer = outer.typed::<(), i64>(&store).expect(name);
            let (error, polls) = finish(outer.call_async(&mut store, ()));
            let error = error.unwrap_err();
            assert!(error.root_cause().to_string().contains("call_async"), "{name}: {error:?}");
            assert_eq!(polls, 2, "{name}");
        },
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let engine = Engine::default();
    let (mut store, instance) = asking(&engine);
    let sum = instance.get_func(&mut store, "sum").expect("it is exported");
    let (result, _) = finish(sum.call_async(&mut store, &[Val::I64(1)], &mut [Val::I64(0)]));
    assert!(format!("{:#}", result.unwrap_err()).contains("expected i32, found i64"));
    assert!(finish(sum.call_async(&mut store, &[Val::I32(1)], &mut [])).0.is_err());
    let mut other = Store::new(&engine, 0);
    let wrong = catch_unwind(AssertUnwindSafe(|| {
        finish(sum.call_async(&mut other, &[Val::I32(1)], &mut [Val::I64(0)])).0.is_ok()
    }));
    assert!(wrong.is_err());
    assert!(store.fuel_async_yield_interval(Some(1)).is_err(), "there is no fuel");
    let mut metered = Store::new(&Engine::new(Config::new().consume_fuel(true)).expect("it works"), ());
    assert!(metered.fuel_async_yield_interval(Some(0)).is_err());

    // A result of another type than the function says.
    let ty = FuncType::new([], [ValType::I32]);
    let wrong = Func::new_async(&mut store, ty, |_, _, results| {
        Box::new(async move {
            results[0] = Val::I64(1);
            Ok(())
        })
    });
    let (result, _) = finish(wrong.call_async(&mut store, &[], &mut [Val::I32(0)]));
    assert!(format!("{:#}", result.unwrap_err()).contains("incompatible"));
}

#[test]
fn functions_on_values_and_start_functions_wait() {
    let text = r#"
        (module
          (import "host" "pair" (func $pair (param i32 f64) (result f64 i32)))
          (global $g (export "g") (mut f64) (f64.const 0))
          (func $start
            (local f64)
            (call $pair (i32.const 2) (f64.const 0.5))
            drop
            (global.set $g))
          (start $start))
    "#;
    each(
        |_| {},
        |name, engine| {
            let mut linker = Linker::<u32>::new(engine);
            let ty = FuncType::new([ValType::I32, ValType::F64], [ValType::F64, ValType::I32]);
            linker
                .func_new_async("host", "pair", ty, |mut caller, params, results| {
                    Box::new(async move {
                        Turns(params[0].unwrap_i32() as u32).await;
                        *caller.data_mut() += 1;
                        results[0] = Val::F64((params[1].unwrap_f64() * 2.0).to_bits());
                        results[1] = params[0];
                        Ok(())
                    })
                })
                .expect(name);
            let module = module(engine, text);
            let pre = linker.instantiate_pre(&module).expect(name);
            let mut store = Store::new(engine, 0);
            let pair = linker.get(&mut store, "host", "pair").expect(name);
            for way in 0..3 {
                let (instance, polls) = match way {
                    0 => finish(linker.instantiate_async(&mut store, &module)),
                    1 => finish(pre.instantiate_async(&mut store)),
                    _ => finish(Instance::new_async(&mut store, &module, std::slice::from_ref(&pair))),
                };
                assert_eq!(polls, 3, "{name}");
                let global = instance.expect(name).get_global(&mut store, "g").expect(name);
                assert_eq!(global.get(&mut store).f64(), Some(1.0), "{name}");
            }
            assert_eq!(*store.data(), 3, "{name}");
            let error = linker.instantiate(&mut store, &module).unwrap_err();
            assert!(error.root_cause().to_string().contains("instantiate_async"), "{name}: {error:?}");
            // Dropped meanwhile.
            let mut future = Box::pin(pre.instantiate_async(&mut store));
            assert!(poll(future.as_mut()).is_pending());
            drop(future);
            assert_eq!(*store.data(), 3, "{name}");
        },
    );
}

/// A loop that turns so often, and what it computes.
const TURNS: &str = r#"
    (module
      (func (export "turn") (param $n i32) (result i32)
        (local $sum i32)
        (loop $again
          (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $n) (i32.const 3))))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))
"#;

#[test]
fn calls_yield_when_fuel_is_used() {
    let mut expected = None;
    each(
        |config| {
            config.consume_fuel(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = Instance::new(&mut store, &module(engine, TURNS), &[]).expect(name);
            let turn = instance.get_typed_func::<i32, i32>(&mut store, "turn").expect(name);
            store.set_fuel(1_000_000).expect(name);
            let whole = turn.call(&mut store, 1000).expect(name);
            let used = 1_000_000 - store.get_fuel().expect(name);

            store.fuel_async_yield_interval(Some(500)).expect(name);
            store.set_fuel(used + 7).expect(name);
            let (result, polls) = finish(turn.call_async(&mut store, 1000));
            assert_eq!(result.expect(name), whole, "{name}");
            assert_eq!(store.get_fuel().expect(name), 7, "{name}");
            assert!(u64::from(polls) >= used / 510 && u64::from(polls) <= used / 500 + 1, "{name}: {polls}");
            assert_eq!(*expected.get_or_insert(polls), polls, "{name}");

            // All fuel is the limit, as otherwise, and ordinary calls do not yield.
            store.set_fuel(used - 1).expect(name);
            let error = finish(turn.call_async(&mut store, 1000)).0.unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel), "{name}");
            assert_eq!(store.get_fuel().expect(name), 0, "{name}");
            store.set_fuel(used).expect(name);
            assert_eq!(turn.call(&mut store, 1000).expect(name), whole, "{name}");
            assert_eq!(store.get_fuel().expect(name), 0, "{name}");
            // A call that can stop does so at the end of all fuel.
            store.set_fuel(used - 1).expect(name);
            let call = turn.call_resumable(&mut store, 1000).expect(name);
            let TypedResumableCall::OutOfFuel(stop) = call else { panic!("{name}: {call:?}") };
            assert!(store.get_fuel().expect(name) < stop.required_fuel(), "{name}");
            store.set_fuel(u64::MAX).expect(name);
            let end = stop.resume(&mut store).expect(name);
            assert!(matches!(end, TypedResumableCall::Finished(sum) if sum == whole), "{name}");
            assert!(store.get_fuel().expect(name) > u64::MAX - 100, "{name}");
            // Dropped where it has yielded.
            let mut future = Box::pin(turn.call_async(&mut store, 1000));
            assert!(poll(future.as_mut()).is_pending());
            drop(future);
            store.fuel_async_yield_interval(None).expect(name);
            assert_eq!(finish(turn.call_async(&mut store, 1000)).1, 1, "{name}");
        },
    );
}

#[test]
fn calls_yield_at_the_deadline() {
    each(
        |config| {
            config.epoch_interruption(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, 0_u32);
            let instance = Instance::new(&mut store, &module(engine, TURNS), &[]).expect(name);
            let turn = instance.get_typed_func::<i32, i32>(&mut store, "turn").expect(name);
            store.set_epoch_deadline(1);
            let whole = turn.call(&mut store, 100).expect(name);

            // With no tick between, every poll of the flag yields.
            store.epoch_deadline_async_yield_and_update(0);
            store.set_epoch_deadline(0);
            let (result, polls) = finish(turn.call_async(&mut store, 100));
            assert_eq!(result.expect(name), whole, "{name}");
            assert!(polls > 100, "{name}: {polls}");
            let error = turn.call(&mut store, 100).unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt), "{name}: who cannot yield ends");

            // One tick, one yield.
            store.epoch_deadline_async_yield_and_update(1);
            store.set_epoch_deadline(1);
            engine.increment_epoch();
            assert_eq!(finish(turn.call_async(&mut store, 100)).1, 2, "{name}");
            assert_eq!(finish(turn.call_async(&mut store, 100)).1, 1, "{name}");

            // The host says so, now and then, in any thread.
            store.epoch_deadline_callback(|mut store| {
                *store.data_mut() += 1;
                Ok(match *store.data() {
                    20 => UpdateDeadline::Interrupt,
                    n if n % 2 == 0 => UpdateDeadline::Continue(0),
                    _ => UpdateDeadline::Yield(0),
                })
            });
            store.set_epoch_deadline(0);
            let mut future = Box::pin(turn.call_async(&mut store, 100));
            let mut polls = 0;
            let end = loop {
                polls += 1;
                let once = || poll(future.as_mut());
                match thread::scope(|scope| scope.spawn(once).join().expect("it returns")) {
                    Poll::Pending => {}
                    Poll::Ready(end) => break end,
                }
            };
            drop(future);
            assert_eq!(end.unwrap_err().downcast_ref(), Some(&Trap::Interrupt), "{name}");
            assert_eq!((polls, *store.data()), (11, 20), "{name}");
            // Dropped where it has yielded.
            let mut future = Box::pin(turn.call_async(&mut store, 100));
            assert!(poll(future.as_mut()).is_pending());
            drop(future);
            assert_eq!(*store.data(), 21, "{name}");
        },
    );
}

/// Panics when it is woken.
struct Broken;

impl Wake for Broken {
    fn wake(self: Arc<Self>) {
        panic!("broken")
    }
}

/// A call that yields wakes its task, by whatever code that is.
#[test]
fn a_wakers_panic_ends_the_call() {
    each(
        |config| {
            config.consume_fuel(true).epoch_interruption(true);
        },
        |name, engine| {
            for by_fuel in [false, true] {
                let mut store = Store::new(engine, ());
                let instance = Instance::new(&mut store, &module(engine, TURNS), &[]).expect(name);
                let turn = instance.get_typed_func::<i32, i32>(&mut store, "turn").expect(name);
                store.set_fuel(1_000_000).expect(name);
                store.fuel_async_yield_interval(by_fuel.then_some(500)).expect(name);
                store.epoch_deadline_async_yield_and_update(0);
                store.set_epoch_deadline(by_fuel.into());
                let mut future = Box::pin(turn.call_async(&mut store, 1000));
                let waker = Waker::from(Arc::new(Broken));
                let polled = || future.as_mut().poll(&mut Context::from_waker(&waker));
                let panic = catch_unwind(AssertUnwindSafe(polled)).expect_err(name);
                assert_eq!(panic.downcast_ref(), Some(&"broken"), "{name}");
                drop(future);
                store.set_epoch_deadline(1);
                assert!(turn.call(&mut store, 10).is_ok(), "{name}");
            }
        },
    );
}

/// Stores of every mode take turns.
#[test]
fn endless_calls_share_a_thread() {
    let engine = Engine::new(Config::new().consume_fuel(true)).expect("it works");
    let text = r#"
        (module
          (import "host" "turn" (func $turn))
          (func (export "spin") (loop $again (call $turn) (br $again))))
    "#;
    let mut linker = Linker::<u32>::new(&engine);
    linker.func_wrap("host", "turn", |mut caller: Caller<'_, u32>| *caller.data_mut() += 1).expect("it is new");
    let mut stores: Vec<_> = modes()
        .into_iter()
        .map(|mode| {
            let mut store = Store::new(&engine, 0);
            store.set_fuel(u64::MAX).expect("fuel is on");
            store.fuel_async_yield_interval(Some(100)).expect("fuel is on");
            let instance = instance_in(&mut store, &linker, mode, text).expect("it fits");
            (store, instance)
        })
        .collect();
    let mut futures: Vec<Pin<Box<dyn Future<Output = Result<()>> + Send + '_>>> = Vec::new();
    for (store, instance) in &mut stores {
        let spin = instance.get_typed_func::<(), ()>(&mut *store, "spin").expect("it is one");
        futures.push(Box::pin(async move { spin.call_async(store, ()).await }));
    }
    for _ in 0..50 {
        for future in &mut futures {
            assert!(poll(future.as_mut()).is_pending());
        }
    }
    drop(futures);
    let turns: Vec<u32> = stores.iter().map(|(store, _)| *store.data()).collect();
    assert!(turns.iter().all(|&count| count == turns[0] && count > 1000), "{turns:?}");
}

/// Exceptions that nothing refers to are given back also while a call is a future.
#[test]
fn exceptions_are_given_back_meanwhile() {
    let text = r#"
        (module
          (import "host" "wait" (func $wait))
          (tag $e (param i64))
          (func (export "run") (param $n i32) (result i64)
            (local $sum i64) (local $kept exnref)
            (block $first (result i64 exnref)
              (try_table (catch_ref $e $first) (throw $e (i64.const 5)))
              unreachable)
            (local.set $kept)
            drop
            (call $wait)
            (loop $again
              (block $h (result i64 exnref)
                (try_table (catch_ref $e $h) (throw $e (i64.extend_i32_u (local.get $n))))
                unreachable)
              drop
              (local.set $sum (i64.add (local.get $sum)))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (call $wait)
            (block $again (result i64)
              (try_table (catch $e $again) (throw_ref (local.get $kept)))
              unreachable)
            (i64.add (local.get $sum))))
    "#;
    each(
        |_| {},
        |name, engine| {
            let mut linker = Linker::<u32>::new(engine);
            linker.func_wrap_async("host", "wait", |_: Caller<'_, u32>, ()| Box::new(Turns(2))).expect(name);
            let mut store = Store::new(engine, 0);
            let instance = linker.instantiate(&mut store, &module(engine, text)).expect(name);
            let run = instance.get_typed_func::<i32, i64>(&mut store, "run").expect(name);
            let (result, polls) = finish(run.call_async(&mut store, 100_000));
            assert_eq!((result.expect(name), polls), (5_000_050_005, 5), "{name}");
            assert!(store.exception_bytes() < 2 << 20, "{name}: {}", store.exception_bytes());
            store.gc(None).expect(name);
            assert_eq!(store.exception_bytes(), 0, "{name}");
        },
    );
}

/// The compiler accepts what users of wasmtime write.
#[test]
fn the_shapes_of_wasmtimes_users_compile() {
    async fn run(engine: &Engine, module: &Module) -> Result<i32> {
        let mut linker: Linker<String> = Linker::new(engine);
        linker.func_wrap_async("host", "len", |caller, (): ()| {
            Box::new(async move {
                let len = caller.data().len() as i32;
                Turns(2).await;
                Ok::<_, Error>(len)
            })
        })?;
        let mut store = Store::new(engine, String::from("twelve bytes"));
        let instance = linker.instantiate_async(&mut store, module).await?;
        let len = instance.get_typed_func::<(), i32>(&mut store, "len")?;
        len.call_async(&mut store, ()).await
    }
    let mut config = Config::new();
    config.async_support(true);
    let engine = Engine::new(&config).expect("it works");
    let text = r#"(module (import "host" "len" (func (result i32))) (export "len" (func 0)))"#;
    let module = module(&engine, text);
    let future: Pin<Box<dyn Future<Output = Result<i32>> + Send>> =
        Box::pin(async move { run(&engine, &module).await });
    assert_eq!(thread::spawn(|| finish(future).0).join().expect("it returns").expect("it works"), 12);
}
