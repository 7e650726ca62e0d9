//! Resumable calls that stop where their fuel is used up.

use riser::{Caller, Config, Engine, Instance, Linker, Result, ResumableCall, Store, Trap, TypedResumableCall, Val};

use crate::engines::{each, each_pair, instance, instance_in, module};
use crate::fuel::{CALLS, PROGRAM};
use crate::hooks::{CHANGED, change, changed};

/// Goes on with a call whenever its fuel is used up, with just what it needs. Returns what it comes to, and what it needed each time.
fn refuel<T>(store: &mut Store<T>, mut call: Result<ResumableCall>, results: &mut [Val]) -> (Result<()>, Vec<u64>) {
    let mut needed = Vec::new();
    loop {
        match call {
            Ok(ResumableCall::OutOfFuel(stop)) => {
                needed.push(stop.required_fuel());
                store.set_fuel(stop.required_fuel()).expect("fuel is on");
                call = stop.resume(&mut *store, results);
            }
            Ok(ResumableCall::Finished) => return (Ok(()), needed),
            Ok(other) => panic!("{other:?}"),
            Err(error) => return (Err(error), needed),
        }
    }
}

#[test]
fn a_call_stops_at_every_charge_of_fuel() {
    let mut expected = None;
    each(
        |config| {
            config.consume_fuel(true);
        },
        |name, engine| {
            let program = module(engine, PROGRAM);
            let mut all = Vec::new();
            for &(kind, n) in CALLS {
                // What an ordinary call comes to, with enough fuel.
                let [mut store, mut other] = [(); 2].map(|()| Store::new(engine, ()));
                let instance = Instance::new(&mut store, &program, &[]).expect(name);
                store.set_fuel(1_000_000).expect(name);
                let (run, mut whole) = (instance.get_func(&mut store, "run").expect(name), [Val::I32(0)]);
                let outcome = run.call(&mut store, &[Val::I32(kind), Val::I32(n)], &mut whole);
                let used = 1_000_000 - store.get_fuel().expect(name);

                let instance = Instance::new(&mut other, &program, &[]).expect(name);
                let (run, mut results) = (instance.get_func(&mut other, "run").expect(name), [Val::I32(0)]);
                let call = run.call_resumable(&mut other, &[Val::I32(kind), Val::I32(n)], &mut results);
                let (end, needed) = refuel(&mut other, call, &mut results);
                assert_eq!(needed.iter().sum::<u64>(), used, "{name}: {kind}, {n}");
                assert_eq!(other.get_fuel().expect(name), 0, "{name}");
                let trap = |result: Result<()>| result.map_err(|error| error.downcast_ref::<Trap>().copied());
                assert_eq!(results[0].i32(), whole[0].i32(), "{name}: {kind}, {n}");
                let (end, outcome) = (trap(end), trap(outcome));
                assert_eq!(end, outcome, "{name}: {kind}, {n}");
                all.push((needed, results[0].i32(), end));
            }
            match &expected {
                None => expected = Some(all),
                Some(expected) => assert_eq!(all, *expected, "{name}"),
            }
        },
    );
}

/// Values of every kind that are needed after a charge, and memory that the host changes meanwhile.
const HELD: &str = r#"
    (module
      (memory (export "memory") 1 4)
      (tag $e (param f64))
      (func (export "run") (param $n i32) (param $x f64) (param $f f32) (result f64)
        (local $v v128) (local $sum f64) (local $r externref)
        (local.set $v (f64x2.splat (local.get $x)))
        (loop $again
          (local.set $sum
            (f64.add
              (f64.mul (local.get $x) (f64.const 0.5))
              (block $b (result f64)
                (drop (br_if $b (f64x2.extract_lane 1 (local.get $v)) (f32.lt (local.get $f) (f32.add (local.get $f) (f32.const 1)))))
                (f64.const 100))))
          (local.set $v (f64x2.add (local.get $v) (f64x2.splat (local.get $sum))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br_if $again (i32.and (i32.ne (local.get $n) (i32.const 0)) (i64.ne (i64.extend_i32_s (local.get $n)) (i64.const -1)))))
        (f64.add
          (f64.convert_i32_u (i32.load (i32.const 131072)))
          (block $h (result f64)
            (try_table (catch $e $h)
              (if (i32.eqz (local.get $n)) (then (throw $e (f64x2.extract_lane 0 (local.get $v))))))
            unreachable)))
      (func (export "beyond") (param $n i32) (result i32)
        (loop $again
          (drop (i32.load (i32.mul (local.get $n) (i32.const 65536))))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br $again))
        unreachable))
"#;

#[test]
fn what_code_holds_is_there_after_a_stop() {
    each(
        |config| {
            config.consume_fuel(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = Instance::new(&mut store, &module(engine, HELD), &[]).expect(name);
            let memory = instance.get_memory(&mut store, "memory").expect(name);
            let run = instance.get_typed_func::<(i32, f64, f32), f64>(&mut store, "run").expect(name);
            let mut call = run.call_resumable(&mut store, (4, 3.0, 0.25)).expect(name);
            let mut stops = 0;
            let result = loop {
                match call {
                    TypedResumableCall::Finished(result) => break result,
                    TypedResumableCall::OutOfFuel(stop) => {
                        stops += 1;
                        if stops == 3 {
                            memory.grow(&mut store, 2).expect(name);
                            memory.write(&mut store, 131_072, &7_u32.to_le_bytes()).expect(name);
                        }
                        // With too little, it stops again.
                        store.set_fuel(stop.required_fuel() - 1).expect(name);
                        let required = stop.required_fuel();
                        let TypedResumableCall::OutOfFuel(stop) = stop.resume(&mut store).expect(name) else {
                            panic!("{name}: it goes on")
                        };
                        assert_eq!(stop.required_fuel(), required, "{name}");
                        assert_eq!(store.get_fuel().expect(name), required - 1, "{name}");
                        store.set_fuel(required).expect(name);
                        call = stop.resume(&mut store).expect(name);
                    }
                    other => panic!("{name}: {other:?}"),
                }
            };
            assert!(stops > 10, "{name}: {stops}");
            let expected = (0..4).fold(3.0, |v, _| v + (3.0 * 0.5 + v));
            assert_eq!(result, expected + 7.0, "{name}");

            // The bounds are those that the host has moved, and a fault is a trap of this call.
            let beyond = instance.get_func(&mut store, "beyond").expect(name);
            let results = &mut [Val::I32(0)];
            store.set_fuel(0).expect(name);
            let mut call = beyond.call_resumable(&mut store, &[Val::I32(0)], results);
            for grow in [true, false, false] {
                let Ok(ResumableCall::OutOfFuel(stop)) = call else { panic!("{name}: {call:?}") };
                if grow {
                    memory.grow(&mut store, 1).expect(name);
                }
                store.set_fuel(stop.required_fuel()).expect(name);
                call = stop.resume(&mut store, results);
            }
            let (end, needed) = refuel(&mut store, call, results);
            let error = end.expect_err(name);
            assert_eq!(error.downcast_ref(), Some(&Trap::MemoryOutOfBounds), "{name}");
            assert_eq!(needed.len(), 1, "{name}: {needed:?}");
        },
    );
}

/// Code of two modes stops for fuel, whichever calls the other, with a host function in between that does not let it stop.
#[test]
fn every_mixture_of_modes_stops_for_fuel() {
    let mut expected = None;
    each_pair(|a, b| {
        let name = &format!("{a} calls {b}");
        let engine = Engine::new(Config::new().consume_fuel(true)).expect(name);
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let leaf = r#"
            (module (func (export "leaf") (param i32) (result i32)
              (local $i i32)
              (loop $again
                (local.set $i (i32.add (local.get $i) (local.get 0)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 9))))
              (local.get $i)))
        "#;
        let root = r#"
            (module
              (import "b" "leaf" (func $leaf (param i32) (result i32)))
              (import "host" "leaf" (func $host (param i32) (result i32)))
              (func $root (export "root") (param i32) (result i32)
                (if (i32.eqz (local.get 0)) (then (return (call $host (i32.const 2)))))
                (i32.add (call $leaf (local.get 0)) (call $root (i32.sub (local.get 0) (i32.const 1))))))
        "#;
        let inner = instance_in(&mut store, &linker, b, leaf).expect(name);
        linker.instance(&mut store, "b", inner).expect(name);
        let leaf = inner.get_typed_func::<i32, i32>(&mut store, "leaf").expect(name);
        let host = move |mut caller: Caller<'_, ()>, n: i32| -> Result<i32> {
            // Nothing stops in here, and there is no fuel left.
            let error = leaf.call(&mut caller, n).expect_err("there is no fuel");
            assert_eq!(error.downcast_ref(), Some(&Trap::OutOfFuel));
            caller.set_fuel(1000)?;
            let result = leaf.call(&mut caller, n)?;
            caller.set_fuel(0)?;
            Ok(result)
        };
        linker.func_wrap("host", "leaf", host).expect(name);
        let instance = instance_in(&mut store, &linker, a, root).expect(name);
        let root = instance.get_func(&mut store, "root").expect(name);
        let mut results = [Val::I32(0)];
        let call = root.call_resumable(&mut store, &[Val::I32(5)], &mut results);
        let (end, needed) = refuel(&mut store, call, &mut results);
        end.expect(name);
        assert_eq!(results[0].i32(), Some(10 + 12 + 9 + 10 + 9 + 10), "{name}");
        assert_eq!(*expected.get_or_insert_with(|| needed.clone()), needed, "{name}");
        assert!(needed.len() > 30, "{name}: {needed:?}");

        // Dropped where it stopped, within both.
        let call = root.call_resumable(&mut store, &[Val::I32(5)], &mut results);
        let Ok(ResumableCall::OutOfFuel(stop)) = call else { panic!("{name}: {call:?}") };
        store.set_fuel(12).expect(name);
        drop(stop.resume(&mut store, &mut results).expect(name));
        store.set_fuel(1000).expect(name);
        assert_eq!(leaf.call(&mut store, 4).expect(name), 12, "{name}");
    });
}

#[test]
fn code_sees_what_the_host_changes_while_the_fuel_is_out() {
    each(
        |config| {
            config.consume_fuel(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(&mut store, CHANGED);
            let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect(name);
            let exports = changed(&store, instance);
            let mut stops = 0;
            let mut call = run.call_resumable(&mut store, 20).expect(name);
            let sum = loop {
                match call {
                    TypedResumableCall::Finished(sum) => break sum,
                    TypedResumableCall::OutOfFuel(stop) => {
                        stops += 1;
                        change(&mut store, &exports).expect(name);
                        store.set_fuel(stop.required_fuel()).expect("the engine consumes fuel");
                        call = stop.resume(&mut store).expect(name);
                    }
                    call => panic!("{name}: {call:?}"),
                }
            };
            assert_eq!(sum, 210, "{name}");
            assert!(stops >= 20, "{name}: {stops}");
        },
    );
}
