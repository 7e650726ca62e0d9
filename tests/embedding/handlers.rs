//! Handlers in code of every tier: exceptions through frames of all kinds, and what frames hold when one is caught.

use std::time::{Duration, Instant};

use riser::policy::Policy;
use riser::{
    Config, Engine, Error, FrameInfo, Instance, Linker, Mode, Store, ThrownException, Trap, Val, WasmBacktrace,
};

use crate::engines::{each_pair, instance_in, modes};

/// What the instances of a chain share.
const SHARED: &str = r#"
    (module
        (table (export "table") 3 funcref)
        (tag (export "word") (param i64))
        (tag (export "other"))
        (tag (export "all") (param i32 i64 f32 f64 v128 i64)))
"#;

/// A link of a chain of calls, which goes on by the function in slot `NEXT` of the table, and is itself in slot `OWN`. What a call does
/// depends on its depth: it lets exceptions pass, catches them and throws others, returns or jumps. Values of all types are live over
/// each call, and are mixed into what the call returns or throws.
const LINK: &str = r#"
    (module
        (type $link (func (param i32 i64 f64) (result i64)))
        (type $many (func (param i32 i64 f64 i64 i64 i64 i64 i64 i64 f32) (result i64 i64 i64 i64 i64 i64 f64)))
        (import "shared" "table" (table 3 funcref))
        (import "shared" "word" (tag $word (param i64)))
        (import "shared" "other" (tag $other))
        (import "shared" "all" (tag $all (param i32 i64 f32 f64 v128 i64)))
        (elem (i32.const OWN) func $link)

        (func $mix (param i64 i64) (result i64)
            (i64.mul (i64.xor (i64.rotl (local.get 0) (i64.const 13)) (local.get 1)) (i64.const 0x9e3779b97f4a7c15)))
        (func $next (param $n i32) (param $a i64) (param $b f64) (result i64)
            (call_indirect (type $link)
                (i32.sub (local.get $n) (i32.const 1))
                (i64.add (i64.mul (local.get $a) (i64.const 5)) (i64.extend_i32_u (local.get $n)))
                (f64.add (local.get $b) (f64.const 0.5))
                (i32.const NEXT)))
        (func $many (type $many)
            (call $next (local.get 0) (local.get 1) (local.get 2))
            (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 8)
            (f64.add (local.get 2) (f64.promote_f32 (local.get 9))))

        (func $link (type $link) (param $n i32) (param $a i64) (param $b f64) (result i64)
            (local $v v128) (local $f f32) (local $x i64) (local $e exnref) (local $i i32) (local $c f64)
            (local.set $v (i64x2.replace_lane 1 (i64x2.splat (local.get $a)) (i64.const 77)))
            (local.set $f (f32.convert_i64_s (local.get $a)))
            (local.set $c (f64.mul (local.get $b) (f64.const 3)))
            (if (i32.eqz (local.get $n)) (then (throw $word (local.get $a))))
            (block $out (result i64)
              (block $caught_word (result i64)
                (block $0 (block $1 (block $2 (block $3 (block $4 (block $5 (block $6 (block $7 (block $8
                    (br_table $0 $1 $2 $3 $4 $5 $6 $7 $8 (i32.rem_u (local.get $n) (i32.const 9))))
                  ;; 8: many arguments and results, in a scope
                  (local.set $i (i32.const 8))
                  (try_table (catch $word $caught_word)
                    (call $many (local.get $n) (local.get $a) (local.get $b) (i64.const 1) (local.get $a) (i64.const 3)
                        (i64.const 4) (i64.const 5) (local.get $a) (local.get $f))
                    (local.set $c (f64.add (local.get $c)))
                    (local.set $x) (local.set $x (call $mix (local.get $x)))
                    (local.set $x (call $mix (local.get $x))) (local.set $x (call $mix (local.get $x)))
                    (local.set $x (call $mix (local.get $x)))
                    (br $out (call $mix (local.get $x)))))
                ;; 7: a tail call
                (return_call_indirect (type $link) (i32.sub (local.get $n) (i32.const 1)) (local.get $a) (local.get $b)
                    (i32.const NEXT)))
               ;; 6: a loop in a scope; the last iteration calls
               (local.set $i (i32.const 20))
               (try_table (catch $word $caught_word) (catch_all $5)
                 (loop $l
                   (local.set $x (call $mix (local.get $x) (i64.extend_i32_u (local.get $i))))
                   (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
                 (local.set $i (i32.const 6))
                 (br $out (call $next (local.get $n) (local.get $a) (local.get $b)))))
              ;; 5: catches what 4 throws
              (local.set $i (i32.const 5))
              (block $h (result i32 i64 f32 f64 v128 i64)
                (try_table (catch $all $h)
                  (br $out (call $next (local.get $n) (local.get $a) (local.get $b))))
                (unreachable))
              (local.set $x) (local.set $v (i64x2.add (local.get $v))) (local.set $c (f64.add (local.get $c)))
              (local.set $f (f32.add (local.get $f))) (local.set $x (i64.xor (local.get $x)))
              (i64.extend_i32_u) (br $out (i64.add (local.get $x))))
             ;; 4: an inner scope that catches something else
             (local.set $i (i32.const 4))
             (block $h (result exnref)
               (try_table (catch_all_ref $h)
                 (block $never
                   (try_table (catch $other $never)
                     (local.set $i (i32.const 44))
                     (br $out (call $next (local.get $n) (local.get $a) (local.get $b)))))
                 (unreachable))
               (unreachable))
             (local.set $e)
             (throw $all (local.get $i) (local.get $a) (local.get $f) (local.get $c) (local.get $v) (i64.const 9)))
            ;; 3: catches nothing that there is
            (block $h
              (try_table (catch $other $h)
                (local.set $i (i32.const 3))
                (br $out (call $next (local.get $n) (local.get $a) (local.get $b)))))
            (unreachable))
           ;; 2: throws again what it has caught, after others were thrown and caught
           (local.set $i (i32.const 2))
           (block $h (result i64 exnref)
             (try_table (catch_ref $word $h)
               (br $out (call $next (local.get $n) (local.get $a) (local.get $b))))
             (unreachable))
           (local.set $e) (local.set $x)
           (block $h (try_table (catch $other $h) (throw $other)))
           (if (i64.ge_s (local.get $x) (i64.const 0)) (then (throw_ref (local.get $e))))
           (throw $word (call $mix (local.get $x) (local.get $a))))
          ;; 1: catches and throws another
          (local.set $i (i32.const 1))
          (try_table (catch $word $caught_word)
            (br $out (call $next (local.get $n) (local.get $a) (local.get $b)))))
         ;; 0: no scope
         (br $out (call $next (local.get $n) (local.get $a) (local.get $b))))
        (local.set $x)
        (throw $word (call $mix (local.get $x) (i64.add (local.get $a)
            (i64.add (i64.extend_i32_u (local.get $i))
                (i64.xor (i64.trunc_sat_f64_s (local.get $c)) (i64x2.extract_lane 1 (local.get $v))))))))
       (i64.add (i64.extend_i32_u (local.get $i)))
       (i64.add (local.get $a))
       (i64.xor (i64.reinterpret_f64 (local.get $c)))
       (i64.xor (i64.extend_i32_u (i32.reinterpret_f32 (local.get $f))))
       (i64.xor (i64x2.extract_lane 0 (local.get $v)))
       (i64.rotl (i64.const 7)))

        (func (export "run") (param $n i32) (result i64)
            (local i64)
            (block $word (result i64)
                (block $all (result i32 i64 f32 f64 v128 i64)
                    (try_table (catch $word $word) (catch $all $all)
                        (return (call $link (local.get $n) (i64.const 3) (f64.const 0.25))))
                    (unreachable))
                (local.set 1) (drop) (drop) (drop) (local.set 1 (i64.xor (local.get 1)))
                (i64.extend_i32_u) (return (i64.add (local.get 1))))
            (i64.const 1)
            (i64.add))

        ;; As many times, and as deep; nothing of it stays on any stack.
        (func (export "often") (param $times i32) (param $n i32) (result i64)
            (local $sum i64)
            (loop $l
                (block $word (result i64)
                    (try_table (result i64) (catch $word $word)
                        (call $link (local.get $n) (i64.extend_i32_u (local.get $times)) (f64.const 0.25))))
                (local.set $sum (call $mix (local.get $sum)))
                (br_if $l (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
            (local.get $sum)))
"#;

/// A chain through two instances in these modes.
fn chain(engine: &Engine, a: Mode, b: Mode) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new(engine);
    let shared = instance_in(&mut store, &linker, Mode::Interp, SHARED).expect("links");
    linker.instance(&mut store, "shared", shared).expect("defines");
    let link = |own: &str, next: &str| LINK.replace("OWN", own).replace("NEXT", next);
    let first = instance_in(&mut store, &linker, a, &link("0", "1")).expect("links");
    instance_in(&mut store, &linker, b, &link("1", "0")).expect("links");
    (store, first)
}

fn results(engine: &Engine, a: Mode, b: Mode) -> Vec<i64> {
    let (mut store, first) = chain(engine, a, b);
    let run = first.get_typed_func::<i32, i64>(&mut store, "run").expect("exported");
    let mut results: Vec<i64> =
        (0..60).map(|n| run.call(&mut store, n).unwrap_or_else(|error| panic!("{a}, {b}, {n}: {error:?}"))).collect();
    let often = first.get_typed_func::<(i32, i32), i64>(&mut store, "often").expect("exported");
    results.push(often.call(&mut store, (300, 39)).expect("returns"));
    results
}

fn default_engine() -> Engine {
    Engine::new(&Config::new()).expect("the default configuration works")
}

#[test]
fn a_chain_has_the_same_results_in_any_two_modes() {
    let expected = results(&default_engine(), Mode::Interp, Mode::Interp);
    let mut different = expected.clone();
    different.sort_unstable();
    different.dedup();
    assert!(different.len() > 50, "the results tell depths apart: {expected:?}");
    each_pair(|a, b| assert_eq!(results(&default_engine(), a, b), expected, "{a}, {b}"));
}

#[test]
fn a_chain_has_the_same_results_as_functions_move_up() {
    let expected = results(&default_engine(), Mode::Interp, Mode::Interp);
    for threads in [0, 1] {
        let mut config = Config::new();
        config.tier_policy(Policy::at_once(threads));
        let engine = Engine::new(&config).expect("supported");
        assert_eq!(results(&engine, Mode::MultiTier, Mode::MultiTier), expected);
    }
}

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn a_chain_has_the_same_results_with_all_settings_of_compilers() {
    use riser::modes::FAST_JIT;
    let expected = results(&default_engine(), Mode::Interp, Mode::Interp);
    for &opt_level in riser::fast_jit::OptLevel::ALL {
        for &regalloc in riser::fast_jit::RegAlloc::ALL {
            let mut config = Config::new();
            config.tier_options(riser::fast_jit::Options { opt_level, regalloc }).expect("supported");
            let engine = Engine::new(&config).expect("supported");
            assert_eq!(results(&engine, FAST_JIT, FAST_JIT), expected, "{opt_level:?}, {regalloc:?}");
        }
    }
    #[cfg(feature = "llvm")]
    for &opt_level in riser::llvm::OptLevel::ALL {
        use riser::modes::LLVM_JIT;
        let mut config = Config::new();
        config.tier_options(riser::llvm::Options { opt_level }).expect("supported");
        let engine = Engine::new(&config).expect("supported");
        if engine.supports(LLVM_JIT) {
            assert_eq!(results(&engine, LLVM_JIT, LLVM_JIT), expected, "{opt_level:?}");
        }
    }
}

/// Recursion to a depth, at whose end an exception is thrown that the outermost frame catches.
const DEEP: &str = r#"
    (module
        (tag $t (param i32))
        (func $down (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (throw $t (i32.const 42))))
            (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (local.get 0)))
        (func $endless (param i32) (result i32)
            (i32.add (call $endless (local.get 0)) (local.get 0)))
        (func (export "deep") (param $times i32) (param $depth i32) (result i32)
            (local $sum i32)
            (loop $l
                (block $h (result i32)
                    (try_table (result i32) (catch $t $h) (call $down (local.get $depth))))
                (local.set $sum (i32.add (local.get $sum)))
                (br_if $l (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
            (local.get $sum))
        (func (export "overflows") (result i32)
            (block $h
                (try_table (result i32) (catch_all $h) (call $endless (i32.const 1)))
                (return))
            (i32.const -1))
        (func (export "thrown") (param $depth i32) (result i32) (call $down (local.get $depth))))
"#;

#[test]
fn deep_recursion_ends_in_a_handler_again_and_again() {
    for mode in modes() {
        let engine = default_engine();
        let mut store = Store::new(&engine, ());
        let instance = instance_in(&mut store, &Linker::new(&engine), mode, DEEP).expect("instantiates");
        let deep = instance.get_typed_func::<(i32, i32), i32>(&mut store, "deep").expect("exported");
        for (times, depth) in [(1, 0), (1, 1), (2000, 3), (100, 5000), (1, 5000)] {
            assert_eq!(deep.call(&mut store, (times, depth)).expect("returns"), 42 * times, "{mode}");
        }
        // A trap passes all handlers.
        let overflows = instance.get_typed_func::<(), i32>(&mut store, "overflows").expect("exported");
        let error: Error = overflows.call(&mut store, ()).expect_err("it has no end");
        assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::StackOverflow), "{mode}");
        // And what nobody catches leaves the guest.
        let thrown = instance.get_typed_func::<i32, i32>(&mut store, "thrown").expect("exported");
        let error = thrown.call(&mut store, 5000).expect_err("nobody catches it");
        assert!(error.is::<ThrownException>(), "{mode}: {error:?}");
        assert_eq!(deep.call(&mut store, (1, 5000)).expect("returns"), 42, "{mode}");
    }
}

/// Exceptions of which only frames have references, while many others come and go.
const HELD: &str = r#"
    (module
        (tag $t (param i64))
        (func $exception (param i64) (result exnref)
            (block $h (result exnref)
                (try_table (catch_all_ref $h) (throw $t (local.get 0)))
                (unreachable)))
        (func $payload (param exnref) (result i64)
            (block $h (result i64)
                (try_table (catch $t $h) (throw_ref (local.get 0)))
                (unreachable)))
        (func $hold (param $depth i32) (param $rounds i32) (result i64)
            (local $a exnref) (local $b exnref) (local $x i64)
            (local.set $a (call $exception (i64.extend_i32_u (local.get $depth))))
            (local.set $b (call $exception (i64.extend_i32_u (i32.mul (local.get $depth) (i32.const 1000)))))
            (if (local.get $depth)
                (then (local.set $x (call $hold (i32.sub (local.get $depth) (i32.const 1)) (local.get $rounds))))
                (else
                    (loop $l
                        (drop (call $exception (i64.const -1)))
                        (br_if $l (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))))
            (i64.add (local.get $x) (i64.add (call $payload (local.get $a)) (call $payload (local.get $b)))))
        (func (export "hold") (param i32 i32) (result i64) (call $hold (local.get 0) (local.get 1))))
"#;

#[test]
fn exceptions_that_frames_refer_to_stay() {
    for mode in modes() {
        let engine = default_engine();
        let mut store = Store::new(&engine, ());
        let instance = instance_in(&mut store, &Linker::new(&engine), mode, HELD).expect("instantiates");
        let hold = instance.get_typed_func::<(i32, i32), i64>(&mut store, "hold").expect("exported");
        let depth = 200;
        let sum = i64::from(depth * (depth + 1) / 2) * 1001;
        assert_eq!(hold.call(&mut store, (depth, 300_000)).expect("returns"), sum, "{mode}");
        // Others have been given back meanwhile.
        assert!(store.exception_bytes() < 4 << 20, "{mode}: {} bytes", store.exception_bytes());
    }
}

/// A loop in a scope, which throws in some iterations and catches outside of the loop.
const LOOP: &str = r#"
    (module
        (tag $t (param i32 f64))
        (func $step (param $i i32) (param $x f64) (result f64)
            (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 700)))
                (then (throw $t (local.get $i) (local.get $x))))
            (f64.add (local.get $x) (f64.const 1)))
        (func (export "sum") (param $n i32) (result f64)
            (local $i i32) (local $x f64) (local $v v128) (local $caught i32)
            (block $done
                (loop $again
                    (block $h (result i32 f64)
                        (try_table (catch $t $h)
                            (loop $next
                                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                                (br_if $done (i32.gt_u (local.get $i) (local.get $n)))
                                (local.set $v (i32x4.add (local.get $v) (i32x4.splat (i32.const 1))))
                                (local.set $x (call $step (local.get $i) (local.get $x)))
                                (br $next)))
                        (unreachable))
                    (local.set $x (f64.sub (f64.const 0.5)))
                    (local.set $caught (i32.add (i32.const 1) (i32.add (local.get $caught) (i32.sub (local.get $i)))))
                    (br $again)))
            (f64.add (local.get $x) (f64.convert_i32_u
                (i32.add (local.get $caught) (i32x4.extract_lane 2 (local.get $v)))))))
"#;

#[test]
fn code_takes_over_at_a_loop_in_a_scope() {
    let n = 5000;
    let caught = n / 700;
    let expected = f64::from(n - caught) - 0.5 * f64::from(caught) + f64::from(caught + n);
    let run = |engine: &Engine, mode: Mode| {
        let mut store = Store::new(engine, ());
        let instance = instance_in(&mut store, &Linker::new(engine), mode, LOOP).expect("instantiates");
        let sum = instance.get_typed_func::<i32, f64>(&mut store, "sum").expect("exported");
        assert_eq!(sum.call(&mut store, n).expect("returns"), expected, "{mode}");
    };
    for mode in modes() {
        run(&default_engine(), mode);
    }
    for (loops, up_loops) in [(1, 1), (50, 1000), (1000, 50), (2000, Policy::NEVER)] {
        let mut config = Config::new();
        let policy = Policy::at_once(0);
        config.tier_policy(Policy {
            call_threshold: Policy::NEVER,
            up_call_threshold: Policy::NEVER,
            loop_threshold: loops,
            up_loop_threshold: up_loops,
            ..policy
        });
        run(&Engine::new(&config).expect("supported"), Mode::MultiTier);
    }
}

/// An exception that leaves by way of frames with handlers that do not fit, after others were caught; `again` throws again what it has
/// caught; `trap` traps after an exception was caught.
const TRACES: &str = r#"
    (module
        (tag $t (param i64)) (tag $other)
        (func $throw (param i32)
            (drop (call $caught (i32.const 3)))
            (if (local.get 0) (then (throw $t (i64.const 5))))
            (unreachable))
        (func $caught (param i32) (result i64)
            (if (local.get 0) (then (return (call $caught (i32.sub (local.get 0) (i32.const 1))))))
            (block $h (result i64)
                (try_table (catch $t $h) (throw $t (i64.const 7)))
                (unreachable)))
        (func $passes (param i32)
            (block $h
                (try_table (catch $other $h)
                    (block $inner (result exnref)
                        (try_table (catch_ref $other $inner)
                            (call $throw (i32.const 1))
                            (call $throw (local.get 0)))
                        (unreachable))
                    (unreachable))
                (unreachable)))
        (func $through (param i32)
            (drop (call $caught (i32.const 1)))
            (call $passes (local.get 0)))
        (func (export "leaves") (block $h (try_table (catch $other $h) (call $through (i32.const 1)))))
        (func (export "again")
            (block $h (result exnref)
                (try_table (catch_all_ref $h) (call $through (i32.const 1)))
                (unreachable))
            (throw_ref))
        (func (export "trap") (block $h (try_table (catch_all $h) (call $throw (i32.const 0)))))
        (func (export "null") (block $h (try_table (catch_all $h) (throw_ref (ref.null exn))))))
"#;

#[test]
fn backtraces_are_the_same_in_every_mode() {
    let traces = |mode: Mode| {
        let engine = default_engine();
        let mut store = Store::new(&engine, ());
        let instance = instance_in(&mut store, &Linker::new(&engine), mode, TRACES).expect("instantiates");
        ["leaves", "again", "trap", "null", "leaves"].map(|name| {
            let function = instance.get_typed_func::<(), ()>(&mut store, name).expect("exported");
            let error = function.call(&mut store, ()).expect_err("it does not return");
            let trace = error.downcast_ref::<WasmBacktrace>().expect("it has a backtrace");
            let frame = |frame: &FrameInfo| (frame.func_name().map(str::to_owned), frame.module_offset());
            (trace.frames().iter().map(frame).collect::<Vec<_>>(), error.downcast_ref::<Trap>().copied())
        })
    };
    let expected = traces(Mode::Interp);
    let names = |frames: &[(Option<String>, Option<usize>)]| {
        frames.iter().map(|frame| frame.0.clone().expect("named")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        expected.each_ref().map(|(frames, _)| names(frames)),
        ["throw passes through leaves", "again", "throw trap", "null", "throw passes through leaves"]
    );
    assert_eq!(expected[3].1, Some(Trap::NullReference));
    for mode in modes() {
        assert_eq!(traces(mode), expected, "{mode}");
    }
}

/// Metering: charges and polls are those of the code that runs, whatever ends it.
#[test]
fn fuel_is_the_same_in_every_mode() {
    let left = |mode: Mode| {
        let mut config = Config::new();
        config.consume_fuel(true).epoch_interruption(true);
        let engine = Engine::new(&config).expect("supported");
        let mut store = Store::new(&engine, ());
        store.set_fuel(10_000_000).expect("fuel is counted");
        store.set_epoch_deadline(1);
        let instance = instance_in(&mut store, &Linker::new(&engine), mode, DEEP).expect("instantiates");
        let deep = instance.get_func(&mut store, "deep").expect("exported");
        let mut results = [Val::I32(0)];
        deep.call(&mut store, &[Val::I32(20), Val::I32(30)], &mut results).expect("returns");
        store.get_fuel().expect("fuel is counted")
    };
    let expected = left(Mode::Interp);
    assert!(expected < 9_999_000);
    for mode in modes() {
        assert_eq!(left(mode), expected, "{mode}");
    }
}

/// What a scope with very many clauses takes to compile is in proportion to them.
#[test]
fn clauses_may_be_very_many() {
    let (scopes, clauses) = (3, 8000);
    let mut text = String::from(
        r#"(module (tag $never) (tag $last) (func $throws (throw $last))
            (func (export "f") (result i32) block "#,
    );
    for scope in 0..scopes {
        let last = if scope == 0 { "$last" } else { "$never" };
        let others = format!("(catch $never {scope}) ").repeat(clauses - 1);
        text += &format!("try_table {others} (catch {last} {scope})\n");
    }
    text += &format!("call $throws {} (return (i32.const 7)) end (i32.const 9)))", "end ".repeat(scopes));
    for mode in modes() {
        let engine = default_engine();
        let mut store = Store::new(&engine, ());
        let started = Instant::now();
        let instance = instance_in(&mut store, &Linker::new(&engine), mode, &text).expect("instantiates");
        let f = instance.get_typed_func::<(), i32>(&mut store, "f").expect("exported");
        assert_eq!(f.call(&mut store, ()).expect("returns"), 9, "{mode}");
        let elapsed = started.elapsed();
        assert!(elapsed < Duration::from_secs(8), "{mode}: {elapsed:?}");
    }
}
