//! `riser lockstep`, and the library behind it.

use std::path::Path;

use riser::lockstep::{Call, End, Options, Report, Side, run};
use riser::translator::FuncIndex;
use riser::{Config, Mode, SafepointKind, Trap, Val};

use crate::programs::{FOLDER, for_each_program};
use crate::settings::one_in;
use crate::{Guest, modes, riser};

const SUM: &str = r#"(module
  (memory (export "memory") 1)
  (global $calls (export "calls") (mut i32) (i32.const 0))
  (func $mix (param $x i32) (param $k i64) (result i32) (local $y f64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $y (f64.convert_i32_s (local.get $x)))
    (i32.add (i32.trunc_f64_s (f64.mul (local.get $y) (f64.const 1.5))) (i32.wrap_i64 (local.get $k))))
  (func (export "run") (param $n i32) (result i32) (local $sum i32) (local $i i32)
    (loop $again
      (local.set $sum (i32.xor (local.get $sum) (call $mix (local.get $i) (i64.extend_i32_u (local.get $sum)))))
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $sum))
      (br_if $again (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $sum)))
"#;

/// The modes, each against the register interpreter.
fn pairs() -> Vec<[String; 2]> {
    modes().into_iter().map(|mode| [mode, "interp".to_owned()]).collect()
}

#[test]
fn programs_run_alike() {
    let settings = [
        "dispatch=switch,bounds=guard",
        "dispatch=call-loop,off=accumulators+result-folding",
        "dispatch=direct-tail,compile=eager",
        "dispatch=token-tail,naive",
    ];
    // The interpreter in each setting, and every other mode against one of them.
    let modes = modes();
    let others = modes.iter().filter(|mode| *mode != "interp").zip(settings.iter().cycle());
    let pairs: Vec<_> =
        settings.iter().map(|setting| ("interp", setting)).chain(others.map(|(a, b)| (&**a, b))).collect();
    for_each_program(|at, program, scale| {
        for (a, setting) in one_in(6, &pairs, at) {
            let b = format!("interp,{setting}");
            let file = format!("{program}.wasm");
            let arguments = ["lockstep", "--a", a, "--b", &b, "--limit", "300000", &file, scale];
            let outcome = riser(Path::new(FOLDER), &arguments);
            assert_eq!(outcome.code, Some(0), "{program}: {outcome:#?}");
            assert!(outcome.stdout.contains(" safepoints alike, both "), "{program}: {outcome:#?}");
        }
    });
}

#[test]
fn ends_are_alike() {
    let guest = Guest::new(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (func $see (param i64))
            (func (export "host") (result i32)
                (drop (call $random (i32.const 3) (i32.const 13)))
                (call $see (i64.load (i32.const 8)))
                (drop (call $time (i32.const 0) (i64.const 0) (i32.const 16)))
                (call $see (i64.load (i32.const 16)))
                (i32.store (i32.const 0) (i32.const 3))
                (i32.store (i32.const 4) (i32.const 13))
                (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
            (func (export "exit") (call $exit (i32.const 7)))
            (func (export "divide") (param i32) (result i32)
                (loop (result i32)
                    (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                    (drop (i32.div_u (i32.const 5) (local.get 0)))
                    (br 0)))
            (func (export "load") (param i32) (result f64) (f64.load offset=8 (i32.add (local.get 0) (i32.const 4))))
            (func (export "convert") (param f32) (result i32) (i32.trunc_f32_s (local.get 0)))
            (func (export "pair") (result i64 f32) (i64.const -1) (f32.const 1.5))
            (func (export "forever") (loop $again (br $again)))
            (func (export "_start") (call $exit (i32.const 0))))"#,
    );
    for [a, b] in pairs() {
        for (arguments, expected) in [
            (&["--invoke", "host", "guest.wat"][..], "3 safepoints alike, both returned 0, 13 bytes of output alike"),
            (&["--invoke", "exit", "guest.wat"], "1 safepoints alike, both exited with code 7"),
            (&["--invoke", "divide", "guest.wat", "3"], "4 safepoints alike, both trapped at 0x"),
            (&["--invoke", "divide", "guest.wat", "3"], " of function 7: integer divide by zero"),
            (&["--invoke", "load", "guest.wat", "65524"], " of function 8: out of bounds memory access"),
            (&["--invoke", "convert", "guest.wat", "NaN"], "invalid conversion to integer"),
            (&["--invoke", "pair", "guest.wat"], "both returned -1 (0xffffffffffffffff), 1.5 (0x3fc00000)"),
            (&["--invoke", "forever", "--fuel", "5000", "guest.wat"], "all fuel consumed by WebAssembly"),
            (&["--invoke", "forever", "--limit", "1000000", "guest.wat"], "1000000 safepoints alike, both stopped"),
            (&["guest.wat", "an argument"], "1 safepoints alike, both exited with code 0"),
        ] {
            let outcome = guest.riser(&[&["lockstep", "--a", &a, "--b", &b], arguments].concat());
            assert_eq!(outcome.code, Some(0), "{outcome:#?}");
            assert!(outcome.stdout.starts_with(&format!("A: {a}\nB: {b}\n")), "{outcome:#?}");
            assert!(outcome.stdout.contains(expected), "`{expected}` is missing: {outcome:#?}");
        }
    }
}

#[test]
fn a_divergence_is_shown_with_its_code() {
    let guest = Guest::new(SUM);
    std::fs::write(guest.file("other.wat"), SUM.replace("1.5", "1.25")).expect("the folder is writable");
    let flags = [
        "lockstep",
        "--a",
        "interp,naive",
        "--b",
        "interp",
        "--b-file",
        "other.wat",
        "--invoke",
        "run",
        "guest.wat",
        "9",
    ];
    let outcome = guest.riser(&flags);
    outcome.assert_failure(1, &["the sides differ"]);
    let expected = include_str!("lockstep.txt");
    assert_eq!(outcome.stdout, expected, "{}", outcome.stdout);
}

#[test]
fn wrong_uses_are_errors() {
    let guest = Guest::new(SUM);
    for (arguments, code, message) in [
        (&["--b", "interp,dispatch=goto", "guest.wat"][..], 2, "invalid value 'goto'"),
        (&["--a", "slow", "guest.wat"], 2, "invalid value 'slow'"),
        (&["--invoke", "none", "guest.wat"], 1, "`guest.wat` exports no function `none`"),
        (&["--invoke", "run", "guest.wat"], 1, "the function takes 1 argument (i32), and 0 are given"),
        (&["guest.wat"], 1, "the module exports no function `_start`"),
        (&["missing.wat"], 1, "cannot read `missing.wat`"),
    ] {
        guest.riser(&[&["lockstep"], arguments].concat()).assert_failure(code, &[message]);
    }
    Guest::new(r#"(module (import "env" "f" (func)) (func (export "_start")))"#)
        .riser(&["lockstep", "guest.wat"])
        .assert_failure(1, &["unknown import"]);
}

/// A side that calls `run` of a module in the text format.
fn side(text: &str, arguments: &[i32]) -> Side {
    let arguments = arguments.iter().map(|&argument| Val::I32(argument)).collect();
    let mut config = Config::new();
    config.mode(Mode::Interp);
    let module = wat::parse_str(text).expect("valid").into();
    Side { config, module, call: Call::Export { name: "run".to_owned(), arguments } }
}

fn lockstep(a: &Side, b: &Side) -> Report {
    run(a, b, &Options::default()).expect("both sides can be set up")
}

#[test]
fn sides_with_different_arguments_diverge_at_once() {
    let (a, b) = (side(SUM, &[3]), side(SUM, &[4]));
    let report = lockstep(&a, &b);
    assert!(!report.is_alike());
    assert_eq!((report.safepoints, &report.last_alike, &report.ends), (0, &None, &[None, None]));
    let divergence = report.divergence.as_ref().expect("they diverge");
    let (at_a, at_b) = (divergence.a.as_ref().expect("A runs"), divergence.b.as_ref().expect("B runs"));
    assert_eq!((at_a.kind, &at_a.locals[..], &at_b.locals[..]), (SafepointKind::Entry, &[3, 0, 0][..], &[4, 0, 0][..]));
    let text = report.print(&a, &b, ["three", "four"]).expect("the modules can be read");
    assert!(text.contains("\n! local 0 $n i32    3           4\n  local 1 $sum i32  0           0\n"), "{text}");
    assert!(text.contains("register IR of A and B"), "{text}");
    assert!(text.contains("\n  AB "), "{text}");
}

#[test]
fn a_divergence_far_into_a_run_is_found() {
    // The sides differ by one bit, in a turn that is several batches away.
    let text = |turn: u32| {
        format!(
            r#"(module (func (export "run") (local i32 i64)
                (loop $again
                    (local.set 0 (i32.add (local.get 0) (i32.const 1)))
                    (local.set 1 (i64.or (local.get 1) (i64.extend_i32_u (i32.eq (local.get 0) (i32.const {turn})))))
                    (br $again))))"#
        )
    };
    let (a, b) = (side(&text(123_456), &[]), side(&text(123_457), &[]));
    let report = lockstep(&a, &b);
    // The entry, and the turns up to and with the one that does it.
    assert_eq!(report.safepoints, 1 + 123_456);
    let divergence = report.divergence.expect("they diverge");
    assert_eq!(divergence.index, report.safepoints);
    assert_eq!(divergence.a.map(|at| at.locals), Some(vec![123_456, 1]));
    assert_eq!(divergence.b.map(|at| at.locals), Some(vec![123_456, 0]));
    assert_eq!(report.last_alike.map(|at| at.locals), Some(vec![123_455, 0]));
}

#[test]
fn a_side_that_ends_first_diverges() {
    let text = |divisor: &str| {
        format!(
            r#"(module (func $next (param i32)) (func (export "run") (param i32) (result i32)
                (local.set 0 (i32.div_u (i32.const 100) {divisor}))
                (call $next (i32.const 1))
                (local.get 0)))"#
        )
    };
    let (a, b) = (side(&text("(i32.and (local.get 0) (i32.const 0))"), &[5]), side(&text("(i32.const 5)"), &[5]));
    for (a, b, ended) in [(&a, &b, 0), (&b, &a, 1)] {
        let report = lockstep(a, b);
        assert_eq!(report.safepoints, 1);
        let end = report.ends[ended].as_ref().map(|ended| &ended.end);
        let Some(&End::Trapped { trap: Trap::IntegerDivideByZero, place: Some((function, _)) }) = end else {
            panic!("{end:?}");
        };
        assert_eq!(function, FuncIndex::new(1));
        assert!(report.ends[1 - ended].is_none());
        let text = report.print(a, b, ["one", "other"]).expect("the modules can be read");
        let letter = ["A", "B"][ended];
        assert!(text.contains(&format!("\n{letter} trapped at 0x")), "{text}");
        let marked = text.lines().filter(|line| line.trim_start().starts_with(&format!("{letter}   ")));
        assert_eq!(marked.filter(|line| line.contains("i32.div_u")).count(), 2, "{text}");
        let other = ["B", "A"][ended];
        assert!(text.contains(&format!("\n{other} goes on\n  function     0 $next\n")), "{text}");
    }
}

#[test]
fn sides_that_end_differently_are_told_apart() {
    let text = |global: u32, byte: u32, result: u32| {
        format!(
            r#"(module (memory (export "memory") 1) (global (export "g") (mut i64) (i64.const 0))
                (func (export "run") (result i32)
                    (global.set 0 (i64.const {global}))
                    (i32.store8 (i32.const 5000) (i32.const {byte}))
                    (i32.const {result})))"#
        )
    };
    let a = side(&text(1, 2, 3), &[]);
    for (other, expected) in [
        (text(1, 2, 4), "end: A returned 3, B returned 4"),
        (text(1, 9, 3), "memory `memory` from 0x1000 on: A 65536 bytes, B 65536 bytes"),
        (text(8, 2, 3), "global `g`: A 1, B 8"),
    ] {
        let b = side(&other, &[]);
        let report = lockstep(&a, &b);
        assert!(report.divergence.is_none() && !report.is_alike());
        let text = report.print(&a, &b, ["a", "b"]).expect("the modules can be read");
        let expected = format!("1 safepoints alike, but the sides end differently\n  {expected}\n\nlast safepoint");
        assert!(text.contains(&expected), "{text}");
    }
    assert!(lockstep(&a, &a).is_alike());
}

#[test]
fn nans_are_alike_where_that_is_asked_for() {
    let text = |sign: &str| {
        format!(
            r#"(module (global (export "g") (mut f64) (f64.const {sign}nan:0x8000000000001))
                (func (export "run") (result f32 i32) (local f64 i32)
                    (local.set 0 (f64.const {sign}nan:0x8000000000001))
                    (f32.const {sign}nan:0x400001)
                    (loop $again (param f32) (result f32)
                        (br_if $again (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 3))))
                    (local.get 1)))"#
        )
    };
    let (a, b) = (side(&text(""), &[]), side(&text("-"), &[]));
    let exact = lockstep(&a, &b);
    assert_eq!((exact.safepoints, exact.divergence.is_some()), (1, true));
    let options = Options { canonical_nans: true, ..Options::default() };
    let canonical = run(&a, &b, &options).expect("both sides can be set up");
    assert!(canonical.is_alike(), "{canonical:#?}");
    assert_eq!(canonical.safepoints, 4);
}

/// In `$last`, a lane that is out of range is zero by the deterministic profile, and another lane on most processors.
const RELAXED: &str = r#"(module
  (func $first (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $middle (param i32) (result i32) (call $first (i32.mul (local.get 0) (i32.const 3))))
  (func $last (param i32) (result i32)
    (i32x4.extract_lane 0 (i8x16.relaxed_swizzle
      (i32x4.splat (call $middle (local.get 0))) (i8x16.splat (i32.add (local.get 0) (i32.const 13))))))
  (func (export "run") (param i32) (result i32) (call $first (call $last (local.get 0)))))"#;

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn a_difference_is_narrowed_down_to_a_compiled_function() {
    let guest = Guest::new(RELAXED);
    let bisect = |b: &str| {
        guest.riser(&["lockstep", "--bisect", "--a", "classic", "--b", b, "--invoke", "run", "guest.wat", "7"])
    };
    let outcome = bisect("fast-jit,relaxed-simd=machine");
    outcome.assert_failure(1, &["the sides differ"]);
    let last = outcome.stdout.lines().last().unwrap_or_default().trim();
    let sentence = "In function 2 $last, the Fast JIT from `fast-jit-opt=none` on makes the difference, at safepoint ";
    assert!(outcome.stdout.contains(sentence), "{outcome:#?}");
    // The command that it ends with shows the difference.
    let again: Vec<&str> = last.split_whitespace().skip(1).collect();
    assert!(again.contains(&"guest.wat") && last.contains(",tier-filter=2 "), "{outcome:#?}");
    let again = guest.riser(&again);
    again.assert_failure(1, &["the sides differ"]);
    assert!(again.stdout.contains("3 $last") || again.stdout.contains("$first"), "{again:#?}");
}

#[test]
fn sides_that_are_alike_are_not_narrowed_down() {
    let guest = Guest::new(RELAXED);
    let outcome = guest.riser(&["lockstep", "--bisect", "--invoke", "run", "guest.wat", "7"]);
    outcome.assert_success("--a classic --b interp: alike\n");
    let outcome = guest.riser(&["lockstep", "--bisect", "--b-file", "guest.wat", "guest.wat"]);
    outcome.assert_failure(2, &["'--bisect' cannot be used with '--b-file <FILE>'"]);
}

#[test]
fn a_filter_leaves_other_functions_without_optimisation() {
    let guest = Guest::new(RELAXED);
    // The words of this strategy are no addresses.
    let dump = ["dump-code", "guest.wat", "--func", "first", "--dispatch", "switch"];
    let code = |flags: &[&str]| guest.riser(&[&dump, flags].concat()).stdout;
    let (optimised, naive) = (code(&[]), code(&["--translator-naive"]));
    assert_ne!(optimised, naive);
    assert_eq!(code(&["--translator-filter", "first"]), optimised);
    assert_eq!(code(&["--translator-filter", "middle,2"]), naive);
    let outcome = guest.riser(&["dump-code", "guest.wat", "--translator-filter", "fist"]);
    outcome.assert_failure(1, &["`--translator-filter`", "did you mean `first`?"]);
    for b in ["interp,translator-filter=middle", "multi-tier,tier-calls=1,tier-threads=0,translator-filter=0"] {
        let outcome = guest.riser(&["lockstep", "--b", b, "--invoke", "run", "guest.wat", "7"]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    }
}

/// What these handlers have caught is among the operands, though the classic interpreter keeps it apart.
#[test]
fn handlers_of_legacy_exceptions_are_compared() {
    let guest = Guest::new(
        r#"(module
          (tag $e (param i32))
          (func (export "f") (result i32) (local funcref) (local $i i32)
            try (result i32)
              i32.const 7
              throw $e
            catch $e
              loop $again
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $i) (i32.const 3)))
              end
              local.get $i
              i32.add
            end))"#,
    );
    for [a, b] in pairs() {
        let outcome = guest.riser(&["lockstep", "--a", &a, "--b", &b, "--invoke", "f", "guest.wat"]);
        assert_eq!(outcome.code, Some(0), "{a} {b}: {outcome:#?}");
    }
}
