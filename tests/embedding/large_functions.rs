//! Functions whose frames exceed what an instruction's slot fields can name.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use riser::{Config, Instance, Module, Store};

use crate::engines;

/// The most locals that a function may have.
const LOCALS: u32 = 50_000;
/// Operands on the stack at once; together with the locals more than 2^16.
const OPERANDS: u32 = 20_000;

/// A function that keeps `OPERANDS` different operands above `LOCALS` locals, and then consumes them by
/// arithmetic, comparisons, memory accesses, selects, calls and branches.
fn module() -> String {
    let mut wat = String::from(
        "(module (memory 1) (global $g (mut i64) (i64.const 3))
          (func $mix (param i32 i32) (result i32)
            (i32.xor (i32.mul (local.get 0) (i32.const 31)) (local.get 1)))
          (func $pair (param i32) (result i32 i32)
            (i32.add (local.get 0) (i32.const 1)) (i32.sub (local.get 0) (i32.const 1)))
          (func (export \"run\") (param $x i32) (result i32) (local ",
    );
    wat.push_str(&"i32 ".repeat(LOCALS as usize - 1));
    wat.push_str(")\n(local.set 49999 (local.get $x)) (local.set 40000 (i32.const 77))\n");
    for i in 0..OPERANDS {
        writeln!(wat, "(i32.add (local.get {}) (i32.const {i}))", if i % 2 == 0 { 49_999 } else { 40_000 })
            .expect("strings take everything");
    }
    for i in 1..OPERANDS {
        wat.push_str(match i % 9 {
            0 => "i32.add\n",
            1 => "call $mix\n",
            2 => "i32.lt_s (if (result i32) (then (i32.const 5)) (else (local.get 49999)))\n",
            3 => "i32.rotl local.tee 49998 drop local.get 49998\n",
            4 => {
                "local.set 49997 (local.set 49996) (i32.store (i32.const 16) (local.get 49997))
                 (i32.add (local.get 49996) (i32.load (i32.const 16)))\n"
            }
            5 => "(select (local.get 40000)) call $pair i32.xor\n",
            6 => "(block (param i32 i32) (result i32) i32.sub (br_if 0 (local.get 49998)) (i32.add (i32.const 9)))\n",
            7 => "i32.and i64.extend_i32_s global.get $g i64.mul i32.wrap_i64\n",
            _ => "i32.xor f64.convert_i32_s (f64.mul (f64.const 1.5)) i32.trunc_sat_f64_s\n",
        });
    }
    wat.push_str("))");
    wat
}

#[test]
fn frames_beyond_sixteen_bits_of_slots() {
    let wat = module();
    let mut expected = None;
    engines::each(
        |config| _ = config.max_wasm_stack(16 << 20),
        |name, engine| {
            let module = Module::new(engine, &wat).expect(name);
            let mut store = Store::new(engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect(name);
            let run = instance.get_typed_func::<i32, i32>(&mut store, "run").expect(name);
            let results: Vec<i32> =
                [0, 1, -5, 123_456_789].iter().map(|&x| run.call(&mut store, x).expect(name)).collect();
            assert!(results.windows(2).all(|two| two[0] != two[1]), "{name}: {results:?}");
            assert_eq!(*expected.get_or_insert_with(|| results.clone()), results, "{name}");
        },
    );
}

/// Code that keeps a copy of its frame asks at each loop which locals the loop writes.
#[test]
fn many_locals_over_many_loops_take_no_long_with_snapshots() {
    let (locals, loops) = (8000, 60_000);
    let sets: String = (1..=locals).map(|at| format!("(local.set {at} (local.get 0))")).collect();
    let text = format!(
        r#"(module (func $none) (func (export "f") (param i32) (result i32) (local {}) {sets} (call $none) {} (local.get {locals})))"#,
        "i32 ".repeat(locals),
        "(loop)".repeat(loops),
    );
    takes_no_long("loops behind locals", &text, |config| _ = config.snapshots(true), [5, 5]);
}

/// Compiles and calls functions that make more than linear work for a compiler that takes no care, in every mode.
#[test]
fn shapes_that_compilers_are_slow_on_take_no_long() {
    let (loops, locals) = (160, 500);
    let adds: String =
        (1..=locals).map(|at| format!("(local.set {at} (i32.add (local.get {at}) (i32.const 1)))")).collect();
    let nested = format!(
        r#"(module (func (export "f") (param i32) (result i32) (local {}) {} {adds} {} (local.get 1)))"#,
        "i32 ".repeat(locals),
        "(loop ".repeat(loops),
        "(br_if 0 (local.get 0)))".repeat(loops),
    );
    let fills = format!(
        r#"(module (memory 1) (func (export "f") (param i32) (result i32) {} (i32.const 1)))"#,
        "(memory.fill (local.get 0) (i32.const 1) (i32.const 0))".repeat(20_000),
    );
    for (shape, text) in [("loops with locals", nested), ("operators that may fail", fills)] {
        takes_no_long(shape, &text, |_| (), [0, 1]);
    }
}

/// Checks that a module with a function `f` is compiled and called in little time, in every mode, and what `f` makes of a number.
fn takes_no_long(shape: &str, text: &str, adjust: impl Fn(&mut Config), [number, expected]: [i32; 2]) {
    engines::each(adjust, |name, engine| {
        let started = Instant::now();
        let module = Module::new(engine, text).expect(name);
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect(name);
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").expect(name);
        assert_eq!(f.call(&mut store, number).expect(name), expected, "{name}: {shape}");
        let elapsed = started.elapsed();
        assert!(elapsed < Duration::from_secs(8), "{name}: {shape}: {elapsed:?}");
    });
}
