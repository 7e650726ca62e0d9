//! Calls with more parameters and results than there are registers: every way to call, in every mode and between every pair of modes.

use std::fmt::Write as _;

use riser::{Config, Engine, Func, FuncType, Linker, Mode, Store, Val, ValType};

use crate::engines::{each_pair, instance_in, modes};

/// The functions of the second module that call one of the first, of the host or of their own module: names, and bodies. Each takes the
/// values `$gets`, and returns what the callee does: the same values in reverse.
const WAYS: &[(&str, &str)] = &[
    ("direct", "$gets (call $turn)"),
    ("indirect", "$gets (call_indirect $table (type $t) (i32.const 0))"),
    ("the own module's", "$gets (call $own)"),
    ("the host's", "$gets (call $host)"),
    ("the host's, by a tail call of the first module", "$gets (call_indirect $table (type $t) (i32.const 1))"),
    ("in tail position", "$gets (return_call $turn)"),
    ("indirect, in tail position", "$gets (return_call_indirect $table (type $t) (i32.const 0))"),
    ("the own module's, in tail position", "$gets (return_call $own)"),
    ("the host's, in tail position", "$gets (return_call $host)"),
    ("in a handler scope", "(block $h (try_table (catch_all $h) $gets (call $turn) (return))) unreachable"),
    (
        "indirect, in a handler scope",
        "(block $h (try_table (catch_all $h) $gets (call_indirect $table (type $t) (i32.const 1)) (return))) unreachable",
    ),
    (
        "thrown",
        "(block $h (type $caught)
           (try_table (type $t_results) (catch $e $h) $gets (call_indirect $table (type $t) (i32.const 2)))
           (return))
         $sets $turned",
    ),
];

/// The two modules, for values of these types.
fn texts(types: &[ValType]) -> [String; 2] {
    let names = |types: &mut dyn Iterator<Item = &ValType>| types.map(|ty| format!("{ty} ")).collect::<String>();
    let (params, results) = (names(&mut types.iter()), names(&mut types.iter().rev()));
    let locals = |instruction: &str, places: &mut dyn Iterator<Item = usize>| {
        places.map(|at| format!("({instruction} {at})")).collect::<String>()
    };
    let gets = locals("local.get", &mut (0..types.len()));
    let turned = locals("local.get", &mut (0..types.len()).rev());
    let sets = locals("local.set", &mut (0..types.len()).rev());
    let head = format!(
        r#"(type $t (func (param {params}) (result {results})))
           (type $t_results (func (result {results})))
           (type $caught (func (result {params})))
           (import "host" "turn" (func $host (type $t)))"#
    );
    let first = format!(
        r#"(module {head}
             (tag $e (export "tag") (param {params}))
             (table (export "table") 3 funcref)
             (elem (i32.const 0) $turn $tail $throw)
             (func $turn (export "turn") (type $t) {turned})
             (func $tail (type $t) {gets} (return_call $host))
             (func $throw (type $t) {gets} (throw $e)))"#
    );
    let mut second = format!(
        r#"(module {head}
             (import "first" "turn" (func $turn (type $t)))
             (import "first" "table" (table $table 3 funcref))
             (import "first" "tag" (tag $e (param {params})))
             (func $own (type $t) {turned})"#
    );
    for (name, body) in WAYS {
        let body = body.replace("$gets", &gets).replace("$sets", &sets).replace("$turned", &turned);
        write!(second, r#"(func (export "{name}") (type $t) {body})"#).expect("a string");
    }
    [first, second + ")"]
}

/// A value that is at this place only.
fn value(ty: ValType, at: usize) -> Val {
    let bits = at as u32;
    match ty {
        ValType::I32 => Val::I32(-1 - at as i32),
        ValType::I64 => Val::I64(i64::MIN + at as i64),
        ValType::F32 => Val::F32(0x7fc0_0001 + bits),
        ValType::F64 => Val::F64(0x7ff8_0000_0000_0001 + u64::from(bits)),
        ValType::V128 => Val::from(u128::MAX - at as u128),
        ValType::FuncRef => Val::FuncRef(None),
        ValType::ExternRef => Val::ExternRef(None),
        ValType::ExnRef => unreachable!("not among the types"),
    }
}

/// Calls by every way, from an instance in one mode to an instance in another.
fn call(engine: &Engine, modes: (Mode, Mode), types: &[ValType]) {
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new(engine);
    let ty = FuncType::new(types.iter().copied(), types.iter().rev().copied());
    let turn = Func::new(&mut store, ty, |_, arguments, results| {
        results.copy_from_slice(arguments);
        results.reverse();
        Ok(())
    });
    linker.define(&store, "host", "turn", turn).expect("defines");
    let [first, second] = texts(types);
    let first = instance_in(&mut store, &linker, modes.0, &first).expect("links");
    linker.instance(&mut store, "first", first).expect("defines");
    let second = instance_in(&mut store, &linker, modes.1, &second).expect("links");

    let arguments: Vec<Val> = types.iter().enumerate().map(|(at, &ty)| value(ty, at)).collect();
    let expected: Vec<Val> = arguments.iter().rev().copied().collect();
    for (name, _) in WAYS {
        let function = second.get_func(&mut store, name).expect("exported");
        let mut results = vec![Val::I32(0); types.len()];
        // Once more, when callers know the callee.
        for _ in 0..2 {
            function.call(&mut store, &arguments, &mut results).expect("returns");
            assert_eq!(format!("{results:?}"), format!("{expected:?}"), "{modes:?}, {} values: {name}", types.len());
        }
    }
}

const MIXED: [ValType; 7] =
    [ValType::I64, ValType::F32, ValType::V128, ValType::I32, ValType::F64, ValType::ExternRef, ValType::FuncRef];

/// So many values, of all types.
fn mixed(count: usize) -> Vec<ValType> {
    MIXED.into_iter().cycle().take(count).collect()
}

#[test]
fn calls_between_modes() {
    let engine = Engine::new(&Config::new()).expect("the default configuration works");
    // As many as registers hold; one integer, or one floating-point number, more; more of everything.
    let full = [[ValType::I32; 8], [ValType::F64; 8]].concat();
    for types in [full, vec![ValType::I32; 9], vec![ValType::F32; 9], mixed(20)] {
        each_pair(|a, b| call(&engine, (a, b), &types));
    }
}

#[test]
fn calls_with_as_many_values_as_there_may_be() {
    let engine = Engine::new(&Config::new()).expect("the default configuration works");
    for mode in modes() {
        // LLVM takes seconds for each function with so many.
        let count = if mode == riser::modes::LLVM_JIT { 100 } else { 1000 };
        call(&engine, (mode, mode), &mixed(count));
    }
}

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn calls_in_code_that_is_compiled_quickly() {
    let mut config = Config::new();
    config.tier_options(riser::fast_jit::Options::QUICK).expect("the machine is supported");
    let engine = Engine::new(&config).expect("supported");
    for count in [9, 20, 1000] {
        call(&engine, (riser::modes::FAST_JIT, riser::modes::FAST_JIT), &mixed(count));
        call(&engine, (riser::modes::FAST_JIT, Mode::Interp), &mixed(count));
    }
}
