//! What costs LLVM more than linear time is recognised, and given less of it.

use std::fmt::Write as _;

use riser::llvm::{OptLevel, Options};
use riser::modes::LLVM_JIT;
use riser::policy::Policy;
use riser::{Bounds, Compilation, Config, Engine, Instance, Mode, Module, Store, Val};

fn engine(mode: Mode, set: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::new();
    config.mode(mode);
    set(&mut config);
    Engine::new(&config).expect("supported")
}

fn call(engine: &Engine, module: &Module, function: &str, argument: i32) -> i32 {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[]).expect("instantiates");
    let f = instance.get_typed_func::<i32, i32>(&mut store, function).expect("exported");
    f.call(&mut store, argument).expect("returns")
}

/// A function with one operator after the other on its parameter: `operators` says which, by their numbers.
fn function(count: usize, before: &str, operators: impl Fn(usize) -> String, after: &str) -> String {
    let mut text = format!(r#"(module (memory 1) (func (export "f") (param i32) (result i32) (local i32) {before}"#);
    for number in 0..count {
        write!(text, " {}", operators(number)).expect("a string");
    }
    text + after + "))"
}

/// Branches to one block, each by a comparison of the same value.
fn branches(count: usize) -> String {
    let branch = |number| format!("(br_if 0 (i32.eq (local.get 0) (i32.const {})))", number * 7 + 1);
    function(count, "(block", branch, "(return (i32.const 1))) (i32.const 2)")
}

/// What LLVM would take too long for gets code of level 0, or stays where it is, if there is machine code of it.
#[test]
fn a_costly_function_gets_less_or_stays_below() {
    let text = branches(8001);
    let alone = engine(LLVM_JIT, |_| ());
    let module = Module::new(&alone, &text).expect("valid");
    assert_eq!([call(&alone, &module, "f", 0), call(&alone, &module, "f", 8)], [1, 2]);
    assert_eq!(module.bailouts(LLVM_JIT), []);

    let policy = Policy { threads: 0, call_threshold: 1, up_call_threshold: 1, ..Policy::default() };
    let tiers = engine(Mode::MultiTier, |config| {
        config.tier_policy(policy);
    });
    let module = Module::new(&tiers, &text).expect("valid");
    let mut store = Store::new(&tiers, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f").expect("exported");
    for _ in 0..3000 {
        assert_eq!(f.call(&mut store, 8).expect("returns"), 2);
    }
    let why: Vec<String> = module.bailouts(Mode::MultiTier).iter().map(|(_, why)| why.to_string()).collect();
    assert!(why.len() == 1 && why[0].contains("LLVM would take too long"), "{why:?}");
}

/// What takes long at level 0, too, is declined, with the reason; half of it is not.
#[test]
fn a_function_that_takes_too_long_at_any_level_is_declined() {
    let module = |count| {
        let text = function(
            count,
            "",
            |_| "(if (local.get 0) (then (local.set 0 (i32.const 0))))".to_owned(),
            "(local.get 0)",
        );
        let engine = engine(LLVM_JIT, |config| {
            config.compilation(Compilation::Eager);
        });
        let module = Module::new(&engine, &text).expect("valid");
        assert_eq!(call(&engine, &module, "f", 8), 0);
        module.bailouts(LLVM_JIT)
    };
    assert!(module(20_000).is_empty());
    let why: Vec<String> = module(60_000).iter().map(|(_, why)| why.to_string()).collect();
    assert!(why.len() == 1 && why[0].contains("compiling it would take too long"), "{why:?}");
}

/// Functions without branches, few of whose bytes are many instructions, or whose values take all registers, are as others.
#[test]
fn small_functions_compute_what_others_do() {
    let mut text = String::from("(module (memory 1) (global $g (mut i32) (i32.const 0))");
    for number in 0..40 {
        write!(
            text,
            r#"(func (export "sum{number}") (param i32) (result i32)
                (i32.store offset={number} (i32.const 8) (local.get 0))
                (i32.add (i32.load16_s offset={number} (i32.const 8)) (i32.load8_u offset={number} (local.get 0))))
            (func (export "far{number}") (param i32) (result i32) (i32.load offset=65533 (local.get 0)))
            (func (export "root{number}") (param i32) (result i32)
                (i32.trunc_sat_f64_s (f64.mul (f64.sqrt (f64.convert_i32_u (local.get 0))) (f64.const {number}.5))))
            (func (export "deep{number}") (param i32) (result i32) {} {})
            (func (export "set{number}") (param i32) (result i32)
                (global.set $g (i32.popcnt (local.get 0))) (i32.clz (global.get $g)))"#,
            "(local.get 0)".repeat(20),
            "(i32.const 3) (i32.rotl) (i32.mul)".repeat(10) + &"(i32.sub)".repeat(9),
        )
        .expect("a string");
    }
    text.push(')');
    let outcomes = |engine: Engine| {
        let module = Module::new(&engine, &text).expect("valid");
        assert_eq!(module.bailouts(LLVM_JIT), []);
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
        let mut outcomes = Vec::new();
        for number in 0..40 {
            for name in ["sum", "far", "root", "deep", "set"] {
                let f = instance.get_func(&mut store, &format!("{name}{number}")).expect("exported");
                for argument in [0, 1, 77, 65_530, -5] {
                    let mut results = [Val::I32(0)];
                    outcomes.push(match f.call(&mut store, &[Val::I32(argument)], &mut results) {
                        Ok(()) => format!("{:?}", results[0]),
                        Err(error) => format!("{error:#}"),
                    });
                }
            }
        }
        outcomes
    };
    let expected = outcomes(engine(Mode::Interp, |_| ()));
    assert!(expected.iter().any(|outcome| outcome.contains("out of bounds")), "some trap");
    let eager = engine(LLVM_JIT, |config| {
        config.compilation(Compilation::Eager);
    });
    assert_eq!(outcomes(eager), expected);
    assert_eq!(outcomes(engine(LLVM_JIT, |_| ())), expected);
}

/// Several functions are in one LLVM module when all are compiled; each gets its own constants, tables and positions of traps.
#[test]
fn functions_that_are_compiled_together_are_as_those_that_are_not() {
    let mut text = String::from("(module (memory 1)");
    for number in 0..150 {
        let cases: String = (0..9).map(|case| format!("(i32.const {})", number * case + 3)).collect();
        write!(
            text,
            r#"(func (export "number{number}") (param i32) (result i32)
                (if (i32.eq (local.get 0) (i32.const 90)) (then (return (i32.load offset=65536 (i32.const {number})))))
                (if (i32.eq (local.get 0) (i32.const 91)) (then (return (i32.div_u (i32.const 1) (i32.const 0)))))
                (if (i32.gt_u (local.get 0) (i32.const 50))
                    (then (return (call $f{number} (i32.const {number})))))
                (block (block (block (block (block (block (br_table 0 1 2 3 4 5 (local.get 0)))
                    (return (i32.const {number}))) (return (i32.mul (local.get 0) (i32.const 3))))
                    (return (call $f{number} (i32.const 7)))) (return (i32.const 5))) (return (i32.const {number}1)))
                (i32.add (i32.trunc_sat_f64_s (f64.mul (f64.convert_i32_s (local.get 0)) (f64.const {number}.25)))
                    (i32.trunc_sat_f32_s (f32.add (f32.convert_i32_s (local.get 0)) (f32.const {number}.5)))))
            (func $f{number} (param i32) (result i32) (local i32)
                {cases} (drop (drop (drop (drop (drop (drop (drop (drop)))))))) (local.set 1)
                (i32.trunc_sat_f64_s (f64.neg (f64.copysign (f64.const 1{number}.5)
                    (f64.convert_i32_s (i32.sub (local.get 1) (local.get 0)))))))"#
        )
        .expect("a string");
    }
    text.push(')');
    let interp = engine(Mode::Interp, |_| ());
    let eager = engine(LLVM_JIT, |config| {
        config.compilation(Compilation::Eager);
    });
    let kept = engine(Mode::Aot, |config| {
        config.ahead_of_time_tier(LLVM_JIT);
    });
    let outcomes = |engine: &Engine| {
        let module = Module::new(engine, &text).expect("valid");
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
        let mut outcomes = Vec::new();
        for number in 0..150 {
            let f = instance.get_func(&mut store, &format!("number{number}")).expect("exported");
            for argument in [0, 1, 2, 3, 4, 5, 40, 60, 90, 91] {
                let mut results = [Val::I32(0)];
                outcomes.push(match f.call(&mut store, &[Val::I32(argument)], &mut results) {
                    Ok(()) => format!("{:?}", results[0]),
                    Err(error) => format!("{error:#}"),
                });
            }
        }
        outcomes
    };
    let expected = outcomes(&interp);
    assert!(expected.iter().filter(|outcome| outcome.contains("divi")).count() >= 150, "{:?}", &expected[..10]);
    assert_eq!(outcomes(&eager), expected);
    assert_eq!(outcomes(&kept), expected);
}

/// CPU time of this thread in seconds.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the system tells");
    let nanoseconds: f64 = text.split(' ').next().and_then(|it| it.parse().ok()).expect("a number");
    nanoseconds / 1e9
}

/// A call of two bytes can move a thousand values from one array to another.
#[test]
fn calls_with_many_values_do_not_cost_more_than_a_function_may() {
    let values = "i32 ".repeat(1000);
    let gets: String = (0..1000).map(|local| format!("local.get {local} ")).collect();
    let text = format!(
        r#"(module (type $values (func (param {values}) (result {values})))
            (func $same (type $values) (if (i32.eqz (local.get 0)) (then unreachable)) {gets})
            (func (export "f") (param i32) (result i32)
                {} call $same call $same {} local.get 0 i32.add))"#,
        "local.get 0 ".repeat(1000),
        "drop ".repeat(999),
    );
    let engine = engine(LLVM_JIT, |config| {
        config.compilation(Compilation::Eager);
    });
    let started = cpu_seconds();
    let module = Module::new(&engine, &text).expect("valid");
    let seconds = cpu_seconds() - started;
    assert_eq!(module.bailouts(LLVM_JIT), []);
    assert_eq!(call(&engine, &module, "f", 3), 6);
    assert!(seconds < 2.0, "{seconds} s");
}

/// A single operator can move a thousand values for each of its bytes. A tier gives up in its middle.
#[test]
fn one_operator_does_not_cost_more_than_a_function_may() {
    let values = "i32 ".repeat(1000);
    let drops = "drop ".repeat(999);
    let stubs = 6000;
    // Each target has its values elsewhere.
    let table = format!(
        r#"(module (type $values (func (result {values})))
            (func (export "f") (param i32) (result i32)
                i32.const 5 {} i32.const 7 {} local.get 0 br_table {} {} {drops}
                i32.add))"#,
        "block (type $values) ".repeat(stubs),
        "local.get 0 ".repeat(1000),
        (0..stubs).map(|depth| format!("{depth} ")).collect::<String>(),
        "end ".repeat(stubs),
    );
    let clauses = format!(
        r#"(module (type $values (func (result {values}))) (tag $t (param {values})) (func $g)
            (func (export "f") (param i32) (result i32)
                block (type $values)
                    try_table {} call $g end
                    (i32.add (local.get 0) (i32.const 5)) return
                end
                {drops}))"#,
        "(catch $t 0) ".repeat(4000),
    );
    for (name, text, result) in [("br_table", table, 8), ("try_table", clauses, 8)] {
        let engine = engine(LLVM_JIT, |config| {
            config.compilation(Compilation::Eager);
        });
        let started = cpu_seconds();
        let module = Module::new(&engine, &text).expect("valid");
        let seconds = cpu_seconds() - started;
        assert_eq!(call(&engine, &module, "f", 3), result, "{name}");
        assert!(seconds < 2.0, "{name}: {seconds} s");
    }
}

/// Consecutive loops that count by the same variable, by another step each: what LLVM proves of the last takes what it proves of all in front.
#[test]
fn loops_that_count_by_one_variable_take_little() {
    for count in [12, 16, 24, 48] {
        let counter = |number| {
            let step = 3 * number + 1;
            format!(
                "(loop (local.set 1 (i32.add (local.get 1) (i32.load8_u (local.get 0))))
                    (br_if 0 (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const {step}))) (i32.const 0))))"
            )
        };
        let text = function(count, "", counter, "(local.get 1)");
        for opt_level in [OptLevel::O2, OptLevel::O3] {
            let engine = engine(LLVM_JIT, |config| {
                config.compilation(Compilation::Eager).bounds(Bounds::Explicit);
                config.tier_options(Options { opt_level }).expect("the machine is supported");
            });
            let started = cpu_seconds();
            Module::new(&engine, &text).expect("valid");
            let seconds = cpu_seconds() - started;
            assert!(seconds < 3.0, "{count} loops take {seconds} s at {opt_level:?}");
        }
    }
}

/// Shapes of which LLVM makes more than linear work. What they take is where the bounds come from.
#[test]
#[ignore = "full run: takes a minute"]
fn no_shape_takes_long() {
    let many = |count: usize| {
        let one = |number| {
            format!(
                r#"(func (export "f{number}") (param i32) (result i32) (i32.add (local.get 0) (i32.const {number})))"#
            )
        };
        format!("(module {})", (0..count).map(one).collect::<String>())
    };
    let n = 20_000;
    let shapes: [(&str, String); 10] = [
        ("dependent loads", function(n, "local.get 0", |_| "i32.load".to_owned(), "")),
        ("multiplications", function(n, "local.get 0", |_| "local.get 0 i32.mul local.get 0 i32.xor".to_owned(), "")),
        (
            "stores",
            function(
                n,
                "",
                |at| format!("(i32.store offset={at} (local.get 0) (i32.load (local.get 0)))"),
                "(i32.const 0)",
            ),
        ),
        ("branches to one block", branches(n)),
        (
            "nested blocks",
            format!(
                "{}local.get 0 {}))",
                function(n, "", |_| "block (result i32)".to_owned(), "").trim_end_matches("))"),
                "local.get 0 br_if 0 end ".repeat(n)
            ),
        ),
        (
            "nested conditions",
            format!(
                "{}local.get 0 {}))",
                function(n, "", |_| "local.get 0 if (result i32)".to_owned(), "").trim_end_matches("))"),
                "else local.get 0 end ".repeat(n)
            ),
        ),
        (
            "loops",
            function(
                n,
                "",
                |_| "(loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))".to_owned(),
                "(local.get 0)",
            ),
        ),
        ("conversions", function(n, "local.get 0", |_| "f64.convert_i32_s i32.trunc_sat_f64_s".to_owned(), "")),
        (
            "calls",
            function(
                n,
                "",
                |_| "(local.set 0 (call $g (local.get 0)))".to_owned(),
                "(local.get 0)) (func $g (param i32) (result i32) (local.get 0)",
            ),
        ),
        ("functions", many(n)),
    ];
    for (name, text) in shapes {
        let engine = engine(LLVM_JIT, |config| {
            config.compilation(Compilation::Eager);
        });
        let started = cpu_seconds();
        Module::new(&engine, &text).expect("valid");
        let seconds = cpu_seconds() - started;
        println!("{name:<24} {seconds:>6.2} s");
        // Several times what it takes on a machine with nothing else to do.
        assert!(seconds < if name == "functions" { 6.0 } else { 3.0 }, "{name}: {seconds} s");
    }
}
