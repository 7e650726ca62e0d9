//! What is peculiar to the LLVM tier: its conventions for calls, where its traps are, what it declines.

use riser::llvm::{OptLevel, Options};
use riser::modes::LLVM_JIT;
use riser::{Bounds, Config, Engine, Instance, Linker, Mode, Module, Store, Trap, Val, WasmBacktrace};

/// Engines at every level with both ways to keep accesses in bounds, and their names.
fn engines() -> impl Iterator<Item = (String, Engine)> {
    OptLevel::ALL.iter().flat_map(|&opt_level| {
        Bounds::ALL.iter().map(move |&bounds| {
            let mut config = Config::new();
            config.mode(LLVM_JIT).bounds(bounds);
            config.tier_options(Options { opt_level }).expect("the machine is supported");
            (format!("O{} {bounds}", opt_level.name()), Engine::new(&config).expect("supported"))
        })
    })
}

fn interpreter() -> Engine {
    let mut config = Config::new();
    config.mode(Mode::Interp);
    Engine::new(&config).expect("supported")
}

/// Where a call traps: the trap, and function and offset of each frame.
type Place = (Trap, Vec<(u32, Option<usize>)>);

fn place(engine: &Engine, module: &str, function: &str, arguments: &[Val]) -> Place {
    let module = Module::new(engine, module).expect("valid");
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
    let func = instance.get_func(&mut store, function).expect("exported");
    let mut results = vec![Val::I32(0); func.ty(&store).results().len()];
    let error = func.call(&mut store, arguments, &mut results).expect_err("traps");
    let backtrace = error.downcast_ref::<WasmBacktrace>().expect("a trap has a backtrace");
    let frames = backtrace.frames().iter().map(|frame| (frame.func_index(), frame.module_offset())).collect();
    (*error.downcast_ref::<Trap>().expect("a trap"), frames)
}

/// Functions that trap in places that LLVM would take for one, or would move.
const TRAPS: &str = r#"
    (module
      (memory 1)
      (global $g (mut i32) (i32.const 0))
      (table 2 funcref)
      ;; The same trap at two places.
      (func (export "two unreachables") (param i32) (result i32)
        (if (local.get 0) (then unreachable) (else unreachable)) (i32.const 1))
      (func (export "two divisions") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.div_u (i32.const 7) (i32.sub (local.get 0) (i32.const 1))))
          (else (i32.div_u (i32.const 9) (local.get 0)))))
      ;; The same access on both ways.
      (func (export "two loads") (param i32) (result i32)
        (if (result i32) (i32.and (local.get 0) (i32.const 1))
          (then (i32.add (i32.load (i32.or (local.get 0) (i32.const 0x20000))) (i32.const 3)))
          (else (i32.mul (i32.load (i32.or (local.get 0) (i32.const 0x20000))) (i32.const 5)))))
      (func (export "two stores") (param i32) (result i32)
        (if (i32.and (local.get 0) (i32.const 1))
          (then (i32.store offset=0x20000 (local.get 0) (i32.const 1)))
          (else (i32.store offset=0x20000 (local.get 0) (i32.const 1))))
        (i32.const 1))
      ;; A load that becomes an operand of what consumes it.
      (func (export "load and add") (param i32) (result i32)
        (i32.add (local.get 0) (i32.load offset=0x20000 (local.get 0))))
      (func (export "load and wrap") (param i32) (result i32)
        (i32.add (local.get 0) (i32.wrap_i64 (i64.load offset=0x20000 (local.get 0)))))
      (func (export "load and convert") (param i32) (result i32)
        (i32.trunc_sat_f64_s (f64.convert_i32_s (i32.load offset=0x20000 (local.get 0)))))
      (func (export "load, add, store") (param i32) (result i32)
        (i32.store offset=0x20000 (local.get 0)
          (i32.add (i32.load offset=0x20000 (local.get 0)) (i32.const 1)))
        (i32.const 1))
      (func (export "load and compare") (param i32) (result i32)
        (if (result i32) (i32.eq (i32.load8_u offset=0x20000 (local.get 0)) (i32.const 7))
          (then (i32.const 1)) (else (i32.const 2))))
      ;; A modification that changes nothing, which LLVM makes a load of.
      (func (export "or with zero") (param i32) (result i32)
        (i32.eqz (i32.atomic.rmw8.or_u offset=0x20000 (i32.shl (local.get 0) (i32.const 2)) (i32.const 0))))
      (func (export "and with all bits") (param i32) (result i32)
        (i32.eqz (i32.atomic.rmw.and offset=0x20000 (i32.shl (local.get 0) (i32.const 2)) (i32.const -1))))
      (func (export "sum of bits beyond the byte") (param i32) (result i32)
        (i32.lt_u (i32.atomic.rmw8.add_u offset=0x20000 (local.get 0) (i32.const 0x100)) (i32.const 5)))
      (func (export "exclusive or with a zero from a local") (param i32) (result i32) (local i32)
        (i32.add (local.get 0) (i32.wrap_i64
          (i64.atomic.rmw8.xor_u offset=0x20000 (local.get 0) (i64.extend_i32_u (local.get 1))))))
      ;; Nobody needs the value.
      (func (export "dropped load") (param i32) (result i32)
        (drop (i64.load offset=0x20000 (local.get 0))) (i32.const 1))
      (func (export "dropped division") (param i32) (result i32)
        (drop (i32.rem_s (i32.const 1) (i32.and (local.get 0) (i32.const 0)))) (i32.const 1))
      (func (export "dropped conversion") (param i32) (result i32)
        (drop (i32.trunc_f32_u (f32.div (f32.convert_i32_s (local.get 0)) (f32.const 0)))) (i32.const 1))
      (func (export "table") (param i32) (result i32)
        (drop (table.get 0 (i32.add (local.get 0) (i32.const 2)))) (i32.const 1))
      (func (export "null") (param i32) (result i32)
        (call_indirect (result i32) (i32.and (local.get 0) (i32.const 1))))
      ;; In a call, in tail position and not.
      (func $inner (param i32) (result i32) (i32.load offset=0x20000 (local.get 0)))
      (func (export "call in tail position") (param i32) (result i32) (call $inner (local.get 0)))
      (func (export "call") (param i32) (result i32) (i32.add (call $inner (local.get 0)) (i32.const 1)))
      (func $deep (export "recursion") (param i32) (result i32)
        (if (result i32) (i32.gt_u (local.get 0) (i32.const 9)) (then (unreachable))
          (else (call $deep (i32.add (local.get 0) (i32.const 1)))))))
"#;

#[test]
fn traps_are_where_the_interpreter_has_them() {
    let names: Vec<&str> = TRAPS.split("(export \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.len() > 15);
    for (engine_name, engine) in engines() {
        for name in &names {
            for argument in [0, 1] {
                let arguments = [Val::I32(argument)];
                let expected = place(&interpreter(), TRAPS, name, &arguments);
                let found = place(&engine, TRAPS, name, &arguments);
                assert_eq!(found, expected, "{engine_name}: {name}({argument})");
            }
        }
    }
}

/// What has been stored is there after a trap, and nothing else.
#[test]
fn effects_before_a_trap_are_seen() {
    let text = r#"
        (module
          (memory (export "memory") 1)
          (global (export "g") (mut i32) (i32.const 0))
          (func (export "f") (param i32) (result i32)
            (local $i i32)
            (loop $next
              (global.set 0 (local.get $i))
              (i32.store (local.get $i) (local.get $i))
              (drop (i32.load (i32.mul (local.get $i) (i32.const 16))))
              (local.set $i (i32.add (local.get $i) (i32.const 4)))
              (br_if $next (i32.lt_u (local.get $i) (local.get 0))))
            (global.set 0 (i32.const -1))
            (i32.store (i32.const 0) (i32.const -1))
            (i32.const 1)))
    "#;
    for (name, engine) in engines() {
        let module = Module::new(&engine, text).expect("valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f").expect("exported");
        f.call(&mut store, 10_000).expect_err("traps");
        // The first of the addresses that is beyond the end.
        let last = 4096;
        let global = instance.get_global(&mut store, "g").expect("exported");
        assert!(matches!(global.get(&mut store), Val::I32(value) if value == last), "{name}");
        let memory = instance.get_memory(&mut store, "memory").expect("exported");
        let word = |at: usize| u32::from_le_bytes(memory.data(&store)[at..at + 4].try_into().expect("four bytes"));
        assert_eq!([0, 4, 4092, 4096, 4100].map(word), [0, 4, 4092, 4096, 0], "{name}");
    }
}

/// A function of a type that has nothing in registers, called directly, through the table, as an import, and by itself.
#[test]
fn functions_of_any_type_are_called() {
    let params = "(param i32 i64 f32 f64 i32 i64 f32 f64 i32 i64 i32 i64 f64 f64 f64 f64 f64 f64 f32)";
    let results = "(result f64 i32 i64 f32)";
    let pass = (0..19).map(|index| format!("(local.get {index})")).collect::<String>();
    let own = format!(
        r#"
        (module
          (type $t (func {params} {results}))
          (import "" "f" (func $imported (type $t)))
          (table (export "t") 2 funcref)
          (elem (i32.const 0) $defined $imported)
          (func $defined (export "defined") (type $t)
            (f64.add (local.get 3) (local.get 17))
            (i32.sub (local.get 10) (local.get 0))
            (i64.mul (local.get 11) (local.get 1))
            (f32.sub (local.get 18) (local.get 2)))
          (func (export "direct") (type $t) {pass} (call $defined))
          (func (export "import") (type $t) {pass} (call $imported))
          (func (export "table") (type $t) {pass} (call_indirect (type $t) (i32.const 0)))
          (func (export "table of imports") (type $t) {pass} (call_indirect (type $t) (i32.const 1)))
          (func $again (export "itself") (type $t)
            (if (i32.gt_s (local.get 8) (i32.const 0))
              (then (local.set 8 (i32.sub (local.get 8) (i32.const 1))) {pass} (call $again) (return)))
            {pass} (call $defined)))
        "#
    );
    let arguments: Vec<Val> = [
        Val::I32(1),
        Val::I64(2),
        Val::F32(3f32.to_bits()),
        Val::F64(4f64.to_bits()),
        Val::I32(5),
        Val::I64(6),
        Val::F32(7f32.to_bits()),
        Val::F64(8f64.to_bits()),
        Val::I32(9),
        Val::I64(10),
        Val::I32(-11),
        Val::I64(-12),
    ]
    .into_iter()
    .chain((13..19).map(|number| Val::F64(f64::from(number).to_bits())))
    .chain([Val::F32(19f32.to_bits())])
    .collect();
    let expected = "[F64(22), I32(-12), I64(-24), F32(16)]";
    for (name, engine) in engines() {
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, &own).expect("valid");
        // The import is the function of another instance, of each mode.
        for mode in [LLVM_JIT, Mode::Interp] {
            let host = format!("(module (func (export \"f\") {params} {results} {}))", body());
            let other = Module::new(&engine, host).expect("valid");
            let other = Instance::new(&mut store, &other, &[]).expect("instantiates");
            other.set_mode(&mut store, mode).expect("supported");
            let mut linker = Linker::new(&engine);
            linker.instance(&mut store, "", other).expect("defines");
            let instance = linker.instantiate(&mut store, &module).expect("links");
            for export in ["defined", "direct", "import", "table", "table of imports", "itself"] {
                let func = instance.get_func(&mut store, export).expect("exported");
                let mut values = vec![Val::I32(0); 4];
                func.call(&mut store, &arguments, &mut values).expect("returns");
                assert_eq!(show(&values), expected, "{name}: {export}, {mode}");
            }
        }
    }
}

fn body() -> &'static str {
    "(f64.add (local.get 3) (local.get 17)) (i32.sub (local.get 10) (local.get 0)) \
     (i64.mul (local.get 11) (local.get 1)) (f32.sub (local.get 18) (local.get 2))"
}

fn show(values: &[Val]) -> String {
    let each: Vec<String> = values
        .iter()
        .map(|value| match value {
            Val::I32(value) => format!("I32({value})"),
            Val::I64(value) => format!("I64({value})"),
            Val::F32(bits) => format!("F32({})", f32::from_bits(*bits)),
            Val::F64(bits) => format!("F64({})", f64::from_bits(*bits)),
            other => format!("{other:?}"),
        })
        .collect();
    format!("[{}]", each.join(", "))
}

/// Functions that call each other in tail position, with what is in registers, and what is not, on either side.
#[test]
fn tail_calls_take_no_stack() {
    let text = r#"
        (module
          (type $step (func (param i64) (result i64)))
          (table funcref (elem $by_table))
          (func $count (export "count") (param i64) (result i64)
            (if (i64.eqz (local.get 0)) (then (return (i64.const 7))))
            (return_call $floats (i64.sub (local.get 0) (i64.const 1)) (f32.const 1.5) (i32.const 3) (f64.const 2.5)))
          (func $floats (param i64 f32 i32 f64) (result i64)
            (if (f32.ne (local.get 1) (f32.const 1.5)) (then unreachable))
            (if (i32.ne (local.get 2) (i32.const 3)) (then unreachable))
            (if (f64.ne (local.get 3) (f64.const 2.5)) (then unreachable))
            (return_call_indirect (type $step) (local.get 0) (i32.const 0)))
          (func $by_table (param i64) (result i64)
            (return_call $many (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (local.get 0)))
          (func $many (param i64 i64 i64 i64 i64 i64) (result i64)
            (if (i64.ne (local.get 4) (i64.const 5)) (then unreachable))
            (return_call $count (local.get 5)))
          (func (export "calls") (param i64) (result i64) (i64.add (i64.const 1) (call $count (local.get 0))))
          (func $pair (param i64 i64) (result i64 i64)
            (if (i64.eqz (local.get 0)) (then (return (local.get 1) (i64.const 9))))
            (return_call $pair (i64.sub (local.get 0) (i64.const 1)) (i64.add (local.get 1) (i64.const 2))))
          (func (export "pairs") (param i64) (result i64) (i64.sub (call $pair (local.get 0) (i64.const 0)))))
    "#;
    for (name, engine) in engines() {
        let module = Module::new(&engine, text).expect("valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
        for (export, expected) in [("count", 7), ("calls", 8), ("pairs", 2_000_000 - 9)] {
            let function = instance.get_typed_func::<i64, i64>(&mut store, export).expect("exported");
            let result = function.call(&mut store, 1_000_000);
            assert_eq!(
                result.unwrap_or_else(|error| panic!("{name}, {export}: {error:?}")),
                expected,
                "{name}, {export}"
            );
        }
        assert_eq!(module.bailouts(LLVM_JIT), [], "{name}");
    }
}

/// Of operations that LLVM takes for no operation, a signaling NaN comes out quiet.
#[test]
fn signaling_nans_become_quiet() {
    let operations = [
        "(f64.mul (local.get 0) (f64.const 1))",
        "(f64.div (local.get 0) (f64.const 1))",
        "(f64.add (local.get 0) (f64.const -0))",
        "(f64.sub (local.get 0) (f64.const 0))",
        "(f64.sub (f64.const -0) (local.get 0))",
        "(f64.mul (local.get 0) (f64.const -1))",
        "(f64.min (local.get 0) (local.get 0))",
        "(f64.max (local.get 0) (f64.const -inf))",
        "(f64.mul (local.get 0) (local.get $one))",
        "(f64.add (local.get 0) (local.get $zero))",
        "(f64.mul (local.get 0) (f64.reinterpret_i64 (i64.const 0x3ff0000000000000)))",
        "(f64.promote_f32 (f32.demote_f64 (local.get 0)))",
    ];
    for (name, engine) in engines() {
        for operation in operations {
            let text = format!(
                r#"(module (func (export "f") (param f64) (result f64) (local $one f64) (local $zero f64)
                     (local.set $one (f64.const 1)) {operation}))"#
            );
            let module = Module::new(&engine, text).expect("valid");
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
            let f = instance.get_func(&mut store, "f").expect("exported");
            let mut result = [Val::I32(0)];
            f.call(&mut store, &[Val::F64(0x7ff4_0000_0000_0000)], &mut result).expect("returns");
            let Val::F64(bits) = result[0] else { panic!("{:?}", result[0]) };
            assert!(f64::from_bits(bits).is_nan() && bits & (1 << 51) != 0, "{name}: {operation}: {bits:#x}");
        }
    }
}

/// Functions that give a number of 32 bits as it is, but for a signaling NaN, by arithmetic with 1 or 0.
const IDENTITIES: &str = r#"
    (module
      (global $half (mut f32) (f32.const 0.5))
      (memory 1)
      (func (export "a sum") (param f32) (result f32)
        (f32.mul (local.get 0) (f32.add (f32.const 0.5) (f32.const 0.5))))
      (func (export "a difference") (param f32) (result f32)
        (f32.sub (local.get 0) (f32.sub (f32.const 0.5) (f32.const 0.5))))
      (func (export "a sum of locals") (param f32) (result f32) (local $half f32)
        (local.set $half (f32.const 0.5))
        (f32.div (local.get 0) (f32.add (local.get $half) (local.get $half))))
      (func (export "a sign") (param f32) (result f32)
        (f32.div (local.get 0) (f32.abs (f32.const -1))))
      (func (export "a root") (param f32) (result f32)
        (f32.mul (f32.sqrt (f32.const 1)) (local.get 0)))
      (func (export "an integer") (param f32) (result f32)
        (f32.mul (local.get 0) (f32.convert_i32_u (i32.const 1))))
      (func (export "an integer's difference") (param f32) (result f32) (local $one i64)
        (local.set $one (i64.const 1))
        (f32.mul (local.get 0) (f32.convert_i64_s (i64.sub (i64.const 2) (local.get $one)))))
      (func (export "bits") (param f32) (result f32)
        (f32.mul (local.get 0) (f32.reinterpret_i32 (i32.const 0x3f800000))))
      (func (export "a demotion") (param f32) (result f32)
        (f32.mul (local.get 0) (f32.demote_f64 (f64.const 1))))
      (func (export "a promotion") (param f32) (result f32)
        (f32.demote_f64 (f64.mul (f64.promote_f32 (local.get 0)) (f64.promote_f32 (f32.const 1)))))
      (func (export "a global") (param f32) (result f32)
        (global.set $half (f32.const 0.5))
        (f32.mul (local.get 0) (f32.add (global.get $half) (global.get $half))))
      (func (export "memory") (param f32) (result f32)
        (f32.store (i32.const 8) (f32.const 1))
        (f32.mul (local.get 0) (f32.load (i32.const 8))))
      (func (export "a choice") (param f32) (result f32)
        (f32.mul (local.get 0)
          (f32.add (f32.const 0.5) (select (f32.const 0.5) (f32.const 0.5) (i32.reinterpret_f32 (local.get 0))))))
      (func (export "a maximum") (param f32) (result f32)
        (f32.mul (local.get 0) (f32.max (f32.const 1) (f32.const -3))))
      (func (export "an equality") (param f32) (result f32) (local $one f32)
        (local.set $one (f32.convert_i32_s (i32.or (i32.const 1) (i32.reinterpret_f32 (f32.sub (local.get 0) (local.get 0))))))
        (if (f32.eq (local.get $one) (f32.const 1))
          (then (return (f32.mul (local.get 0) (local.get $one)))))
        (f32.mul (local.get 0) (f32.const 1)))
      (func (export "a loop") (param f32) (result f32) (local $one f32) (local $count i32)
        (local.set $one (f32.const 0.25))
        (loop
          (local.set $one (f32.mul (local.get $one) (f32.const 2)))
          (br_if 0 (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const 2))))
        (f32.mul (local.get 0) (local.get $one))))
"#;

/// Arithmetic makes a signaling NaN quiet (4.3.3, "NaN propagation"), also where LLVM could find out that it does nothing else.
#[test]
fn arithmetic_makes_nans_quiet() {
    const SIGNALING: u32 = 0x7fa0_0000;
    const QUIET: u32 = 0x0040_0000;
    for (name, engine) in engines() {
        let module = Module::new(&engine, IDENTITIES).expect("valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("instantiates");
        let names: Vec<String> = module.exports().map(|export| export.name().to_owned()).collect();
        for function in &names {
            let func = instance.get_func(&mut store, function).expect("exported");
            let mut call = |bits: u32| {
                let mut results = [Val::I32(0)];
                func.call(&mut store, &[Val::F32(bits)], &mut results).expect("returns");
                results[0].unwrap_f32().to_bits()
            };
            assert_eq!(call(2.5f32.to_bits()), 2.5f32.to_bits(), "{name}: {function}");
            let bits = call(SIGNALING);
            assert!(f32::from_bits(bits).is_nan() && bits & QUIET != 0, "{name}: {function} gives {bits:#x}");
        }
    }
}
