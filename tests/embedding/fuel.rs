//! Fuel is the same in every mode and under every setting.

use riser::{Engine, Instance, Module, Store, Trap, Val};

use crate::engines::{each, instance, module};

/// Calls, loops, branches, memory and table operations, traps: `run(kind, n)`.
pub const PROGRAM: &str = r#"
    (module
      (memory 1)
      (table 8 funcref)
      (elem (table 0) (i32.const 0) func $add_one $twice)
      (type $unary (func (param i32) (result i32)))
      (global $count (mut i32) (i32.const 0))
      (func $add_one (type $unary) (i32.add (local.get 0) (i32.const 1)))
      (func $twice (type $unary) (i32.shl (local.get 0) (i32.const 1)))
      (func $fibonacci (param i32) (result i32)
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
          (then (local.get 0))
          (else
            (i32.add
              (call $fibonacci (i32.sub (local.get 0) (i32.const 1)))
              (call $fibonacci (i32.sub (local.get 0) (i32.const 2)))))))
      (func $loop (param i32) (result i32)
        (local $sum i32)
        (block $done
          (loop $again
            (br_if $done (i32.eqz (local.get 0)))
            (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get 0) (i32.const 3))))
            (i32.store (i32.and (local.get $sum) (i32.const 0xfffc)) (local.get 0))
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br $again)))
        (local.get $sum))
      (func $switch (param i32) (result i32)
        (local $i i32) (local $r i32)
        (loop $next
          (block $out
            (block $c (block $b (block $a
              (br_table $a $b $c (i32.rem_u (local.get $i) (i32.const 4))))
              (local.set $r (i32.add (local.get $r) (i32.const 1)))
              (br $out))
              (local.set $r (i32.xor (local.get $r) (i32.const 255)))
              (br $out))
            (local.set $r (call_indirect (type $unary) (local.get $r) (i32.and (local.get $i) (i32.const 1)))))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0))))
        (local.get $r))
      (func $bulk (param i32) (result i32)
        (memory.fill (i32.const 16) (i32.const 0x5a) (local.get 0))
        (memory.copy (i32.const 1024) (i32.const 16) (local.get 0))
        (drop (memory.grow (i32.const 1)))
        (drop (table.grow (ref.null func) (i32.const 1)))
        (select (i32.load (i32.const 1024)) (memory.size) (local.get 0)))
      (func $divide (param i32) (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.div_u (i32.const 100) (local.get 0)))
      (func $tail (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 9))))
        (return_call $tail (i32.sub (local.get 0) (i32.const 1))))
      (func $dead (param i32) (result i32)
        (block $b (result i32)
          (br $b (local.get 0))
          (i32.add (i32.const 1) (i32.const 2))
          drop)
        (nop)
        return
        unreachable)
      (func (export "run") (param $kind i32) (param $n i32) (result i32)
        (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
          (br_table $0 $1 $2 $3 $4 $5 $6 $7 (local.get $kind)))
          (return (call $fibonacci (local.get $n))))
          (return (call $loop (local.get $n))))
          (return (call $switch (local.get $n))))
          (return (call $bulk (local.get $n))))
          (return (call $divide (local.get $n))))
          (return (call $tail (local.get $n))))
          (return (call $dead (local.get $n))))
        (drop (i32.load offset=65530 (local.get $n)))
        (i32.const 0)))
"#;

/// Kinds and numbers to call it with.
pub const CALLS: &[(i32, i32)] =
    &[(0, 12), (1, 0), (1, 50), (2, 40), (3, 100), (3, 70_000), (4, 5), (4, 0), (5, 30), (6, 3), (7, 2), (7, 200_000)];

/// What a call with `fuel` comes to, and the fuel that is left.
fn outcome(program: &Module, kind: i32, n: i32, fuel: u64) -> (Result<i32, Trap>, u64) {
    let mut store = Store::new(program.engine(), ());
    let instance = Instance::new(&mut store, program, &[]).expect("the program has no imports");
    store.set_fuel(fuel).expect("fuel is on");
    let run = instance.get_func(&mut store, "run").expect("exported");
    let mut results = [Val::I32(0)];
    let result = match run.call(&mut store, &[Val::I32(kind), Val::I32(n)], &mut results) {
        Ok(()) => Ok(results[0].i32().expect("an i32")),
        Err(error) => Err(*error.downcast_ref::<Trap>().unwrap_or_else(|| panic!("{error:?}"))),
    };
    (result, store.get_fuel().expect("fuel is on"))
}

#[test]
fn every_mode_consumes_the_same_fuel() {
    const ENOUGH: u64 = 1_000_000;
    let mut expected = None;
    each(
        |config| {
            config.consume_fuel(true);
        },
        |name, engine| {
            let program = module(engine, PROGRAM);
            let outcomes: Vec<_> = CALLS.iter().map(|&(kind, n)| outcome(&program, kind, n, ENOUGH)).collect();
            for (call, (result, left)) in CALLS.iter().zip(&outcomes) {
                assert!(*left < ENOUGH, "{name}: {call:?} consumes fuel");
                assert_ne!(*result, Err(Trap::OutOfFuel), "{name}: {call:?}");
            }
            match &expected {
                None => expected = Some((name.to_owned(), outcomes)),
                Some((reference, expected)) => {
                    for ((call, outcome), expected) in CALLS.iter().zip(&outcomes).zip(expected) {
                        assert_eq!(outcome, expected, "{call:?}: {name}, {reference}");
                    }
                }
            }
        },
    );
}

#[test]
fn fuel_runs_out_at_the_same_amount() {
    let mut expected = None;
    each(
        |config| {
            config.consume_fuel(true);
        },
        |name, engine| {
            let program = module(engine, PROGRAM);
            let mut outcomes = Vec::new();
            for (kind, n) in [(0, 4), (1, 4), (2, 5), (5, 3)] {
                for fuel in (0..100).step_by(3) {
                    let (result, left) = outcome(&program, kind, n, fuel);
                    outcomes.push((kind, fuel, result, left));
                }
            }
            assert!(outcomes.iter().any(|(_, _, result, _)| *result == Err(Trap::OutOfFuel)), "{name}");
            assert!(outcomes.iter().any(|(_, _, result, _)| result.is_ok()), "{name}");
            match &expected {
                None => expected = Some((name.to_owned(), outcomes)),
                Some((reference, expected)) => {
                    for (outcome, expected) in outcomes.iter().zip(expected) {
                        assert_eq!(outcome, expected, "(kind, fuel, result, left): {name}, {reference}");
                    }
                }
            }
        },
    );
}

#[test]
fn an_endless_loop_ends_when_fuel_does() {
    each(
        |config| {
            config.consume_fuel(true);
        },
        |name, engine| {
            let mut store = Store::new(engine, ());
            let instance = instance(&mut store, r#"(module (func (export "spin") (loop $again (br $again))))"#);
            store.set_fuel(100_000).expect("fuel is on");
            let spin = instance.get_typed_func::<(), ()>(&mut store, "spin").expect("exported");
            let error = spin.call(&mut store, ()).expect_err(name);
            assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::OutOfFuel), "{name}: {error:?}");
            assert_eq!(store.get_fuel().expect("fuel is on"), 0, "{name}");
            store.set_fuel(100_000).expect("fuel is on");
            assert!(spin.call(&mut store, ()).is_err(), "{name}: the store goes on");
        },
    );
}

#[test]
fn fuel_is_off_unless_configured() {
    let mut store = Store::new(&Engine::new(&riser::Config::new()).expect("the default works"), ());
    assert!(store.set_fuel(1).is_err());
    assert!(store.get_fuel().is_err());
}
