//! The mode `multi-tier` with all its steps: what moves up, when, and that nobody notices but by the events.

use std::sync::{Arc, Mutex};

use riser::modes::FAST_JIT;
use riser::policy::{Policy, ScheduleEntry, TierEventKind};
use riser::{Config, Engine, Instance, Mode, Module, Store, Val};

/// What was told of functions: what happened, to which function, in which mode, whether at a loop.
type Events = Arc<Mutex<Vec<(&'static str, u32, Mode, bool)>>>;

/// An engine that follows a schedule, on the thread that asks.
fn engine(schedule: &[&str]) -> (Engine, Events) {
    let events = Events::default();
    let schedule: Vec<ScheduleEntry> = schedule.iter().map(|line| line.parse().expect("an entry")).collect();
    let told = Arc::clone(&events);
    let observer = move |event: &riser::policy::TierEvent| {
        let what = match event.kind {
            TierEventKind::Requested => "requested",
            TierEventKind::Compiled { .. } => "compiled",
            TierEventKind::Declined(ref why) if why.to_string().contains("compiled for loops") => "not tried",
            TierEventKind::Declined(_) => "declined",
            TierEventKind::Entered => "entered",
        };
        told.lock().expect("nobody panics").push((
            what,
            event.function.as_u32(),
            event.tier,
            event.loop_offset.is_some(),
        ));
    };
    let mut config = Config::new();
    config.mode(Mode::MultiTier);
    config.tier_policy(Policy { threads: 0, schedule, observer: Some(Arc::new(observer)), ..Policy::default() });
    (Engine::new(&config).expect("supported"), events)
}

/// The functions that entered a step, whole or at a loop, in order.
fn entered(events: &Events) -> Vec<(u32, Mode, bool)> {
    let events = events.lock().expect("nobody panics");
    events
        .iter()
        .filter(|event| event.0 == "entered")
        .map(|&(_, function, mode, at_loop)| (function, mode, at_loop))
        .collect()
}

fn instance(engine: &Engine, module: &str) -> (Store<()>, Instance) {
    let module = Module::new(engine, module).expect("valid");
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
    (store, instance)
}

fn call(store: &mut Store<()>, instance: &Instance, function: &str, arguments: &[Val]) -> riser::Result<Vec<Val>> {
    let func = instance.get_func(&mut *store, function).expect("exported");
    let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
    func.call(store, arguments, &mut results)?;
    Ok(results)
}

fn i64(values: &[Val]) -> i64 {
    values[0].unwrap_i64()
}

/// Sums with everything that a frame can hold: parameters, locals of all types, operands below the loop.
const SUMS: &str = r#"
    (module
      (func $add (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
      (func (export "sum") (param $n i32) (param $scale f64) (result i64)
        (local $i i32) (local $sum i64) (local $f f32) (local $r funcref)
        (i64.const 1000000)
        (loop $next (param i64) (result i64)
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (local.set $f (f32.add (local.get $f) (f32.const 1)))
          (local.set $sum (call $add (local.get $sum)
            (i64.trunc_f64_s (f64.mul (local.get $scale) (f64.convert_i32_u (local.get $i))))))
          (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
        (i64.add (i64.add (local.get $sum)) (i64.trunc_f32_s (local.get $f))))
      (func (export "nested") (param $n i32) (result i64) (local $i i32) (local $j i32) (local $sum i64)
        (loop $outer
          (local.set $j (i32.const 0))
          (loop $inner
            (local.set $sum (i64.add (local.get $sum)
              (i64.extend_i32_u (i32.mul (local.get $i) (local.get $j)))))
            (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
          (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $sum)))
"#;

/// What `sum` answers.
fn sum(n: i64, scale: f64) -> i64 {
    1_000_000 + (1..=n).map(|i| (scale * i as f64) as i64).sum::<i64>() + n
}

#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
mod llvm {
    use riser::{Trap, WasmBacktrace};

    use super::*;

    const FAST: Mode = FAST_JIT;
    const LLVM: Mode = riser::modes::LLVM_JIT;

    #[test]
    fn a_function_moves_up_by_calls_and_is_called_where_it_is() {
        let (engine, events) = engine(&["0 fast-jit call 2", "0 llvm-jit call 3", "1 fast-jit call 2"]);
        let (mut store, instance) = instance(&engine, SUMS);
        for n in 1..20 {
            let results = call(&mut store, &instance, "sum", &[Val::I32(n), Val::from(3.0)]).expect("returns");
            assert_eq!(i64(&results), sum(i64::from(n), 3.0), "{n}");
        }
        // 1 is called a second time before it calls 0 a second time.
        assert_eq!(entered(&events), [(1, FAST, false), (0, FAST, false), (0, LLVM, false)]);
    }

    #[test]
    fn a_frame_is_taken_over_in_the_fast_jit_and_then_in_llvm() {
        let (engine, events) = engine(&["1 fast-jit loop 5", "1 llvm-jit loop 7"]);
        let (mut store, instance) = instance(&engine, SUMS);
        let results = call(&mut store, &instance, "sum", &[Val::I32(10_000), Val::from(2.5)]).expect("returns");
        assert_eq!(i64(&results), sum(10_000, 2.5));
        assert_eq!(entered(&events), [(1, FAST, false), (1, FAST, true), (1, LLVM, false), (1, LLVM, true)]);
        let results = call(&mut store, &instance, "sum", &[Val::I32(77), Val::from(0.5)]).expect("returns");
        assert_eq!(i64(&results), sum(77, 0.5));
    }

    #[test]
    fn a_frame_of_the_interpreter_is_taken_over_in_llvm() {
        let (engine, events) = engine(&["1 llvm-jit loop 5"]);
        let (mut store, instance) = instance(&engine, SUMS);
        let results = call(&mut store, &instance, "sum", &[Val::I32(1_000), Val::from(2.5)]).expect("returns");
        assert_eq!(i64(&results), sum(1_000, 2.5));
        assert_eq!(entered(&events), [(1, LLVM, false), (1, LLVM, true)]);
    }

    #[test]
    fn an_inner_loop_is_taken_over() {
        for count in [1, 2, 9, 10, 11, 100, 101] {
            let (engine, events) = engine(&["2 fast-jit loop 3", &format!("2 llvm-jit loop {count}")]);
            let (mut store, instance) = instance(&engine, SUMS);
            let results = call(&mut store, &instance, "nested", &[Val::I32(100)]).expect("returns");
            assert_eq!(i64(&results), 4950 * 4950);
            assert_eq!(entered(&events).last(), Some(&(2, LLVM, true)), "{count}");
        }
    }

    #[test]
    fn a_trap_in_a_frame_that_was_taken_over_is_where_it_is_and_the_frame_is_there_once() {
        let module = r#"
            (module
              (func (export "f") (param i32) (result i32) (call $g (local.get 0)))
              (func $g (param i32) (result i32) (local $i i32)
                (loop $next
                  (drop (i32.div_u (i32.const 1) (i32.sub (local.get 0) (local.get $i))))
                  (local.set $i (i32.add (local.get $i) (i32.const 1)))
                  (br $next))
                unreachable))
        "#;
        let place = |schedule: &[&str]| {
            let (engine, events) = engine(schedule);
            let (mut store, instance) = instance(&engine, module);
            let error = call(&mut store, &instance, "f", &[Val::I32(500)]).expect_err("traps");
            let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a trap has a backtrace");
            let frames: Vec<_> =
                backtrace.frames().iter().map(|frame| (frame.func_index(), frame.module_offset())).collect();
            (*error.downcast_ref::<Trap>().expect("a trap"), frames, entered(&events).len())
        };
        let (trap, frames, _) = place(&["9 fast-jit call 1"]);
        assert_eq!((trap, frames.len()), (Trap::IntegerDivideByZero, 2));
        assert_eq!(place(&["1 llvm-jit loop 3"]), (trap, frames.clone(), 2));
        assert_eq!(place(&["1 fast-jit loop 3", "1 llvm-jit loop 3"]), (trap, frames.clone(), 4));
        let (calls, loops) = ("0 fast-jit call 1", "1 fast-jit call 1");
        assert_eq!(place(&[calls, loops, "1 llvm-jit loop 3"]), (trap, frames, 4));
    }

    #[test]
    fn functions_with_many_parameters_or_results_move_up_too() {
        let module = r#"
            (module
              (func $many (param i64 i64 i64 i64 i64 i64 i64) (result i64)
                (i64.sub (i64.add (local.get 0) (local.get 6)) (local.get 3)))
              (func $two (param $n i32) (result i64 i64) (local $sum i64)
                (loop $next
                  (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $n))))
                  (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $sum) (i64.const 7))
              (func $ten (param $n i32) (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (local $sum i64)
                (loop $next
                  (local.set $sum (i64.add (local.get $sum) (i64.const 1)))
                  (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
                (local.get $sum) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)
                (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9) (i64.sub (i64.const 0) (local.get $sum)))
              (func $in_tail_position (param $n i32) (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
                (return_call $ten (local.get $n)))
              (func (export "f") (param $n i32) (result i64)
                (call $in_tail_position (local.get $n))
                i64.add i64.add i64.add i64.add i64.add i64.add i64.add i64.add i64.add
                (i64.add (call $two (local.get $n)))
                i64.add
                (call $many (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4)
                  (i64.const 5) (i64.const 6) (i64.const 7))
                i64.add))
        "#;
        for schedule in [
            &["0 fast-jit call 1", "0 llvm-jit call 2", "1 fast-jit call 2", "1 llvm-jit call 2", "4 fast-jit call 3"]
                [..],
            &["0 llvm-jit call 1", "1 llvm-jit loop 3", "4 fast-jit call 3", "4 llvm-jit call 3"],
            &["1 fast-jit loop 3", "1 llvm-jit loop 3", "4 llvm-jit call 2"],
            &["0 llvm-jit call 1", "1 llvm-jit call 1", "4 fast-jit call 1"],
            &["2 fast-jit loop 3", "2 llvm-jit loop 3", "3 fast-jit call 2", "4 llvm-jit call 4"],
            &["2 fast-jit call 1", "2 llvm-jit loop 3", "3 llvm-jit call 2", "4 fast-jit call 2", "0 llvm-jit call 1"],
        ] {
            let (engine, events) = engine(schedule);
            let (mut store, instance) = instance(&engine, module);
            for n in [10, 20, 30, 40, 50, 60, 70, 80] {
                let results = call(&mut store, &instance, "f", &[Val::I32(n)]).expect("returns");
                let n = i64::from(n);
                assert_eq!(i64(&results), n * (n + 1) / 2 + 7 + 4 + 44, "{schedule:?}");
            }
            assert!(entered(&events).iter().any(|&(_, mode, _)| mode == LLVM), "{schedule:?}");
        }
    }

    #[test]
    fn what_a_step_declines_stays_where_it_is_and_is_asked_for_once() {
        // Neither takes a function of more than 16000 slots.
        let module = &format!(
            r#"
            (module
              (func $down (export "down") (param i32) (result i32) (local {})
                (local.set 16001 (i32.const 42))
                (if (result i32) (local.get 0)
                  (then (return_call $down (i32.sub (local.get 0) (i32.const 1))))
                  (else (local.get 16001)))))
            "#,
            "i32 ".repeat(16_001)
        );
        let (engine, events) = engine(&["down fast-jit call 1", "down llvm-jit call 1"]);
        let (mut store, instance) = instance(&engine, module);
        for _ in 0..3 {
            let results = call(&mut store, &instance, "down", &[Val::I32(1000)]).expect("returns");
            assert_eq!(results[0].unwrap_i32(), 42);
        }
        assert_eq!(entered(&events), []);
        let told = events.lock().expect("nobody panics");
        let of_fast: Vec<_> = told.iter().filter(|event| event.2 == FAST).map(|event| event.0).collect();
        assert_eq!(of_fast, ["requested", "declined"]);
    }

    #[test]
    fn instances_in_other_modes_have_code_of_their_own() {
        let (engine, _) = engine(&["0 fast-jit call 1", "0 llvm-jit call 1", "1 fast-jit call 1"]);
        let module = Module::new(&engine, SUMS).expect("valid");
        for mode in [Mode::MultiTier, FAST, LLVM, Mode::Interp, Mode::MultiTier] {
            engine.set_default_mode(mode).expect("supported");
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
            for n in 1..10 {
                let results = call(&mut store, &instance, "sum", &[Val::I32(n), Val::from(3.0)]).expect("returns");
                assert_eq!(i64(&results), sum(i64::from(n), 3.0), "{mode} {n}");
            }
        }
    }
}

#[test]
fn without_llvm_a_schedule_cannot_ask_for_it() {
    let mut config = Config::new();
    config.tier_policy(Policy { schedule: vec!["f llvm-jit call 1".parse().expect("an entry")], ..Policy::default() });
    let engine = Engine::new(&config);
    match cfg!(feature = "llvm") {
        true => assert!(engine.is_ok()),
        false => {
            let error = format!("{:#}", engine.expect_err("there is no such tier"));
            assert!(error.contains("schedule") && error.contains("`llvm`"), "{error}");
        }
    }
}

#[test]
fn a_frame_is_taken_over_in_the_fast_jit() {
    let (engine, events) = engine(&["1 fast-jit loop 5"]);
    let (mut store, instance) = instance(&engine, SUMS);
    let results = call(&mut store, &instance, "sum", &[Val::I32(10_000), Val::from(2.5)]).expect("returns");
    assert_eq!(i64(&results), sum(10_000, 2.5));
    assert_eq!(entered(&events), [(1, FAST_JIT, false), (1, FAST_JIT, true)]);
}

/// A function of a thousand frames, each of which is in another loop. From each loop all of the function can be reached.
#[test]
fn loops_are_compiled_in_proportion_to_the_module() {
    const LOOPS: usize = 200;
    // More than after a loop that was declined until another one asks.
    const ITERATIONS: usize = 70_000;
    let mut module = String::from(
        r#"(module (func $f (export "f") (param $k i32) (result i64) (local $i i32) (local $x i64)
            (if (local.get $k) (then (local.set $x (call $f (i32.sub (local.get $k) (i32.const 1))))))
            (loop $again (block $out"#,
    );
    (0..LOOPS).rev().for_each(|at| module += &format!("(block $b{at} "));
    let targets: String = (0..LOOPS).map(|at| format!("$b{at} ")).collect();
    module += &format!("(br_table {targets} $out (local.get $k))");
    for at in 0..LOOPS {
        module += &format!(
            ") (loop $l{at}
                (local.set $x (i64.add (i64.mul (local.get $x) (i64.const 31)) (i64.const {at})))
                (br_if $l{at} (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {ITERATIONS}))))
            (br $out)"
        );
    }
    module += ") (br_if $again (i64.eq (local.get $x) (i64.const 1)))) (local.get $x)))";
    let argument = [Val::I32(LOOPS as i32 - 1)];
    let (engine, events) = engine(&["0 fast-jit loop 10"]);
    let (mut store, instance) = instance(&engine, &module);
    let results = call(&mut store, &instance, "f", &argument).expect("returns");
    let step = |x: i64, at: i64| x.wrapping_mul(31).wrapping_add(at);
    let expected = (0..LOOPS as i64).fold(0, |x, at| (0..ITERATIONS).fold(x, |x, _| step(x, at)));
    assert_eq!(i64(&results), expected);
    let told = events.lock().expect("nobody panics");
    let of_loops = |what: &str| told.iter().filter(|event| event.0 == what && event.3).count();
    let (tried, not_tried) = (of_loops("compiled") + of_loops("declined"), of_loops("not tried"));
    assert_eq!(tried + not_tried, LOOPS);
    assert!((8..LOOPS / 3).contains(&tried), "{tried} loops were compiled, or declined after that");
}

/// Who asks for code is in the middle of a guest's.
#[test]
fn an_observers_panic_ends_with_its_call() {
    const MODULE: &str = r#"
        (module (func (export "run") (param i32) (result i32)
            (loop $again (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 0)))
    "#;
    for threads in [0, 1] {
        let mut config = Config::new();
        config.mode(Mode::MultiTier);
        let observer = |event: &riser::policy::TierEvent| panic!("of {}", event.function);
        config.tier_policy(Policy { observer: Some(Arc::new(observer)), ..Policy::at_once(threads) });
        let (mut store, instance) = instance(&Engine::new(&config).expect("supported"), MODULE);
        for _ in 0..10 {
            let results = call(&mut store, &instance, "run", &[Val::I32(100_000)]).expect("it returns");
            assert_eq!(results[0].i32(), Some(0));
        }
    }
}
