//! A module with every operation in every form that wasm can ask for. It shows which
//! instructions of the interpreter nothing is ever translated to.

use std::fmt::Write as _;

use riser_translator::ops::{
    AtomicOp, BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp,
    VectorOp, WideOp,
};
use riser_translator::types::ValType;
use riser_vm::Dispatch;
use riser_vm::inspect::handlers;

use crate::{Names, check, check_with};

/// Locals of each type, of which every function has two.
fn locals(ty: ValType) -> [&'static str; 2] {
    match ty {
        ValType::I32 => ["$i", "$j"],
        ValType::I64 => ["$l", "$m"],
        ValType::F32 => ["$f", "$g"],
        ValType::F64 => ["$d", "$e"],
        ValType::V128 => ["$v", "$w"],
        ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
            unreachable!("operations are of numbers and vectors")
        }
    }
}

const DECLARED: &str = "(local $i i32) (local $j i32) (local $l i64) (local $m i64) \
                        (local $f f32) (local $g f32) (local $d f64) (local $e f64) (local $v v128) (local $w v128)";

/// An operand that stays where it is.
fn slot(ty: ValType) -> String {
    format!("(local.get {})", locals(ty)[0])
}

/// An operand for an accumulator: one that has just been computed.
fn acc(ty: ValType) -> String {
    computed(ty, &slot(ty))
}

fn computed(ty: ValType, operand: &str) -> String {
    let op = if matches!(ty, ValType::I32 | ValType::I64) { "clz" } else { "neg" };
    format!("({ty}.{op} {operand})")
}

fn imm(ty: ValType) -> String {
    format!("({ty}.const 7)")
}

/// Statements that leave the value in a slot, and in an accumulator.
fn to_slot_and_acc(ty: ValType, value: &str) -> String {
    let to = locals(ty)[1];
    format!("(local.set {to} {value}) (local.set {to} {})\n", computed(ty, value))
}

/// Addresses with all forms of loads and stores: in a slot, the accumulator, constant, sums.
fn addresses() -> [String; 5] {
    let i32 = ValType::I32;
    let sum = |base: String| format!("(i32.add {base} (i32.const 8))");
    [slot(i32), acc(i32), "(i32.const 64)".to_owned(), sum(slot(i32)), sum(acc(i32))]
}

/// Statements for the rows of the operation table.
fn operations() -> String {
    let mut wat = String::new();
    for op in UnaryOp::ALL {
        for operand in [slot(op.operand_type()), acc(op.operand_type())] {
            wat += &to_slot_and_acc(op.result_type(), &format!("({op} {operand})"));
        }
    }
    for &op in BinaryOp::ALL {
        let ty = op.operand_type();
        let (slot, acc, imm) = (|| slot(ty), || acc(ty), || imm(ty));
        for (lhs, rhs) in [
            (slot(), slot()),
            (acc(), slot()),
            (slot(), acc()),
            (slot(), imm()),
            (acc(), imm()),
            (imm(), slot()),
            (imm(), acc()),
        ] {
            let value = format!("({op} {lhs} {rhs})");
            wat += &to_slot_and_acc(op.result_type(), &value);
            if op.int_compare().is_some() {
                writeln!(wat, "(block (br_if 0 {value}))").expect("strings take everything");
            }
        }
    }
    // An operand on the right that is in its slot, and still in the accumulator.
    let held = |ty: ValType| {
        let local = locals(ty)[1];
        (format!("(local.set {local} {})", computed(ty, &slot(ty))), format!("(local.get {local})"))
    };
    for &op in BinaryOp::ALL {
        let (before, operand) = held(op.operand_type());
        let value = format!("({op} {} {operand})", slot(op.operand_type()));
        wat += &(before + &to_slot_and_acc(op.result_type(), &value));
        // The same operand twice, for each of the two places of the result.
        let value = format!("({op} {operand} {operand})");
        for value in [value.clone(), computed(op.result_type(), &value)] {
            let (before, _) = held(op.operand_type());
            writeln!(wat, "{before} (local.set {} {value})", locals(op.result_type())[1])
                .expect("strings take everything");
        }
    }
    for op in LoadOp::ALL {
        for address in addresses() {
            wat += &to_slot_and_acc(op.result_type(), &format!("({op} offset=3 {address})"));
        }
        let (before, index) = held(ValType::I32);
        for (base, index) in [(slot(ValType::I32), slot(ValType::I32)), (acc(ValType::I32), slot(ValType::I32))] {
            wat += &to_slot_and_acc(op.result_type(), &format!("({op} offset=3 (i32.add {base} {index}))"));
        }
        let value = format!("({op} offset=3 (i32.add {} {index}))", slot(ValType::I32));
        for value in [value.clone(), computed(op.result_type(), &value)] {
            writeln!(wat, "{before} (local.set {} {value})", locals(op.result_type())[1])
                .expect("strings take everything");
        }
        wat += &to_slot_and_acc(op.result_type(), &format!("({op} $other {})", slot(ValType::I32)));
        wat += &to_slot_and_acc(op.result_type(), &format!("({op} $long (i64.const 16))"));
    }
    for op in StoreOp::ALL {
        let ty = op.value_type();
        for address in addresses() {
            for value in [slot(ty), acc(ty), imm(ty)] {
                writeln!(wat, "({op} offset=3 {address} {value})").expect("strings take everything");
            }
        }
        let (before, operand) = held(ty);
        writeln!(wat, "{before} ({op} offset=3 {} {operand})", &addresses()[3]).expect("strings take everything");
        writeln!(wat, "({op} $other {} {})", slot(ValType::I32), acc(ty)).expect("strings take everything");
    }
    wat
}

/// Statements for the vector operators.
fn vectors() -> String {
    let vector = slot(ValType::V128);
    let mut wat = String::new();
    let mut set = |ty: ValType, value: &str| {
        writeln!(wat, "(local.set {} {value})", locals(ty)[1]).expect("strings take everything");
    };
    for op in VectorOp::ALL {
        let operands: String = op.operand_types().iter().map(|&ty| slot(ty)).collect();
        set(op.result_type(), &format!("({op} {operands})"));
    }
    for op in WideOp::ALL {
        let operands = slot(ValType::I64).repeat(op.operands());
        set(ValType::I64, &format!("(i64.xor ({op} {operands}))"));
    }
    for op in ExtractOp::ALL {
        set(op.result_type(), &format!("({op} 1 {vector})"));
    }
    for op in ReplaceOp::ALL {
        set(ValType::V128, &format!("({op} 1 {vector} {})", slot(op.value_type())));
    }
    for op in VectorLoadOp::ALL {
        set(ValType::V128, &format!("({op} offset=3 {})", slot(ValType::I32)));
        set(ValType::V128, &format!("({op} $other {})", slot(ValType::I32)));
    }
    for op in LoadLaneOp::ALL {
        set(ValType::V128, &format!("({op} offset=3 1 {} {vector})", slot(ValType::I32)));
    }
    set(ValType::V128, &format!("(i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 31 {vector} {vector})"));
    set(ValType::V128, "(v128.const i64x2 1 2)");
    set(ValType::V128, &vector);
    set(ValType::V128, "(global.get $gv)");
    for condition in [slot(ValType::I32), acc(ValType::I32)] {
        set(ValType::V128, &format!("(select (result v128) {vector} (local.get $w) {condition})"));
    }
    for op in StoreLaneOp::ALL {
        writeln!(wat, "({op} offset=3 1 {} {vector})", slot(ValType::I32)).expect("strings take everything");
    }
    for memory in ["$first offset=3", "$other"] {
        writeln!(wat, "(v128.store {memory} {} {vector})", slot(ValType::I32)).expect("strings take everything");
    }
    wat + "(global.set $gv (local.get $w))"
}

/// Everything that is no row of the operation table.
const REST: &str = r#"
  (func $values (param i32) (result i32 i64)
    (global.set $gi (i32.clz (global.get $gi))) (global.set $gi (i32.const 1)) (global.set $gi (local.get 0))
    (global.set $gf (f32.neg (global.get $gf)))
    (global.set $gd (f64.neg (global.get $gd)))
    (global.set $gr (ref.func $values))
    (local.get 0) (i64.const 0x100000000))
  (func $many (param i64) (result i64 i64 i64 i64 i64)
    (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (br_if 0 (i32.wrap_i64 (local.get 0))))
  (func $slot (param i64) (result i64) (local.get 0))
  (func $acc (param i64) (result i64) (i64.clz (local.get 0)))
  (func $acc_f32 (param f32) (result f32) (f32.neg (local.get 0)))
  (func $acc_f64 (param f64) (result f64) (f64.neg (local.get 0)))
  (func $constant (result f64) (f64.const 2.5))
  (func $constants (result i64 f32 f64)
    (i64.clz (i64.const 1)) (f32.neg (f32.const 1)) (f64.neg (f64.const 1)))
  (func $references (param $r funcref) (param $i i32) (result i32)
    (local.set $i (ref.is_null (local.get $r))) (local.set $i (ref.is_null (global.get $gr)))
    (local.set $i (i32.clz (ref.is_null (local.get $r)))) (local.set $i (i32.clz (ref.is_null (global.get $gr))))
    (table.set $t (local.get $i) (table.get $t (local.get $i)))
    (local.set $i (table.grow $t (local.get $r) (table.size $t)))
    (table.fill $t (i32.const 0) (local.get $r) (i32.const 1))
    (table.copy $t $u (i32.const 0) (i32.const 0) (i32.const 1))
    (table.init $t $elements (i32.const 0) (i32.const 0) (i32.const 1))
    (elem.drop $elements)
    (local.get $i))
  (func $memory (param $i i32)
    (local.set $i (memory.grow (memory.size)))
    (memory.fill (local.get $i) (i32.const 1) (i32.const 2))
    (memory.copy $other $long (local.get $i) (i64.const 1) (i32.const 2))
    (memory.init $data (local.get $i) (i32.const 0) (i32.const 2))
    (data.drop $data))
  (func $control (param $i i32) (param $j i32) (result i32)
    (block $b
      (br_if $b (local.get $i)) (br_if $b (i32.clz (local.get $i)))
      (br_if $b (i32.eqz (local.get $i))) (br_if $b (i32.eqz (i32.clz (local.get $i))))
      (if (local.get $i) (then (br $b)))
      (block $c (br_table $b $c (local.get $i)))
      (block $c (br_table $b $c $b (i32.clz (local.get $i))))
      (loop $l (br_if $l (i32.lt_s (local.get $i) (local.get $j))))
      (unreachable))
    (local.set $i (select (local.get $i) (local.get $j) (local.get $i)))
    (select (local.get $i) (local.get $j) (i32.clz (local.get $i))))
  (func $calls (param $i i32) (result i32 i64)
    (call $log (local.get $i))
    (drop (drop (call $values (local.get $i))))
    (drop (drop (call_indirect $t (param i32) (result i32 i64) (i32.const 3) (local.get $i))))
    (call_indirect $u (param i32) (result i32 i64) (i32.const 3) (i32.clz (local.get $i))))
  (func (param $i i32) (result i32 i64) (return_call $values (local.get $i)))
  (func (param $i i32) (return_call $log (local.get $i)))
  (func (param $i i32) (result i32 i64)
    (return_call_indirect $t (param i32) (result i32 i64) (i32.const 3) (local.get $i)))
  (func (param $i i32) (result i32 i64)
    (return_call_indirect $u (param i32) (result i32 i64) (i32.const 3) (i32.clz (local.get $i))))
  (tag $tag (param i32 i64))
  (func (param $i i32) (result i32 i64 exnref)
    (try_table (catch_ref $tag 0)
      (call $log (local.get $i))
      (throw $tag (local.get $i) (i64.const 5)))
    (unreachable))
  (func (param $e exnref) (throw_ref (local.get $e)))
"#;

/// Statements for the atomic operators.
fn atomics() -> String {
    let mut wat = String::from("(atomic.fence)");
    for op in AtomicOp::ALL {
        let operands: String = op.operand_types().iter().map(|&ty| slot(ty)).collect();
        for place in [format!("offset=8 {}", slot(ValType::I32)), format!("$other {}", slot(ValType::I32))] {
            let code = format!("({op} {place} {operands})");
            let _ = match op.result_type() {
                Some(ty) => writeln!(wat, "(local.set {} {code})", locals(ty)[1]),
                None => writeln!(wat, "{code}"),
            };
        }
    }
    wat
}

/// A module with all forms.
pub fn all_forms() -> Vec<u8> {
    let (operations, vectors, atomics) = (operations(), vectors(), atomics());
    let wat = format!(
        r#"(module
          (import "env" "log" (func $log (param i32)))
          (memory $first 1) (memory $other 1) (memory $long i64 1)
          (table $t 10 funcref) (table $u 10 funcref)
          (elem $elements func $values) (data $data "abc")
          (global $gi (mut i32) (i32.const 0)) (global $gf (mut f32) (f32.const 0))
          (global $gd (mut f64) (f64.const 0)) (global $gr (mut funcref) (ref.null func))
          (global $gv (mut v128) (v128.const i64x2 0 0))
          (func {DECLARED} {operations})
          (func {DECLARED} {vectors})
          (func {DECLARED} {atomics})
          {REST})"#
    );
    wat::parse_str(&wat).unwrap_or_else(|error| panic!("{error}"))
}

/// A function that has more slots than fields can name: operands and results of all kinds are far.
pub fn far() -> Vec<u8> {
    let locals = "i64 ".repeat(49_997);
    let deep = "(i64.add (local.get $p) (i64.const 1))\n".repeat(20_000);
    // These take one operand and leave all others as they are.
    let shallow = "(i64.xor) (global.get $g) (i64.mul) (i64.const 9) (i64.sub) (i64.load (i32.wrap_i64))
        (i64.add128 (local.get $p) (local.get $p) (local.get $p)) (i64.xor) (i64.mul_wide_u (local.get $p)) (i64.sub)
        (i64.eqz) (if (result i64) (then (i64.const 3)) (else (local.get $p)))
        (i64.store (i32.const 8) (i64.clz (local.get $p))) (i32.wrap_i64) (i64.load) (local.get $p)
        (select (i32.const 1)) (call $pair) (i64.shl) (local.tee $p)
        (i64.store (i32.wrap_i64 (local.get $p)) (i64.const -1)) (drop (i64.load $other (i32.wrap_i64 (local.get $p))))
        (i64.store $other (i32.wrap_i64 (local.get $p)) (i64.clz (local.get $p)))
        (drop (i64.atomic.rmw.cmpxchg $other (i32.const 8) (local.get $p) (i64.clz (local.get $p))))
        (drop (memory.grow (memory.size))) (memory.fill (i32.const 1) (i32.const 2) (i32.const 3))
        (memory.copy $other 0 (i32.const 1) (i32.const 2) (i32.const 3))
        (table.set $t (i32.const 1) (table.get $t (i32.const 2))) (drop (table.grow $t (ref.null func) (table.size $t)))
        (table.fill $t (i32.const 1) (ref.func $pair) (i32.const 3))
        (drop (ref.is_null (global.get $r))) (global.set $g (i64.ctz (local.get $p)))
        (drop (drop (call_indirect $t (param i64) (result i64 i64) (local.get $p) (i32.const 3))))
        (block (br_if 0 (i64.lt_s (i64.clz (local.get $p)) (i64.ctz (local.get $p)))))
        (block (br_if 0 (i64.eqz (i64.clz (local.get $p))))) (block (br_table 0 0 0 (i32.wrap_i64 (local.get $p))))
        (drop (f64.add (f64.convert_i64_s (local.get $p)) (f64.const 0.5)))
        (local.set $v (i8x16.shl (v128.bitselect (i64x2.splat (local.get $p)) (global.get $gv) (local.get $v)) (i32.const 1)))
        (drop (i64x2.extract_lane 1 (v128.not (local.get $v)))) (global.set $gv (v128.not (local.get $v)))
        (v128.store (i32.const 8) (v128.load8_lane 3 (i32.const 8) (v128.load (i32.const 16))))
        (drop (select (result v128) (local.get $v) (v128.const i64x2 3 4) (i64.eqz (local.get $p))))\n"
        .repeat(300);
    let rest = "i64.add\n".repeat(20_000 - 300 - 1);
    let wat = format!(
        "(module (memory 1) (memory $other 1) (table $t 10 funcref) (elem declare func $pair)
          (global $g (mut i64) (i64.const 3)) (global $r (mut funcref) (ref.null func))
          (global $gv (mut v128) (v128.const i64x2 5 6))
          (func $pair (param i64) (result i64 i64) (local.get 0) (local.get 0))
          (func (param $p i64) (result i64) (local {locals}) (local $v v128)\n{deep}{shallow}{rest}))"
    );
    wat::parse_str(&wat).unwrap_or_else(|error| panic!("{error}"))
}

#[cfg(target_arch = "x86_64")]
fn has_sse41() -> bool {
    is_x86_feature_detected!("sse4.1")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_sse41() -> bool {
    false
}

/// Whether nothing is ever translated to the instruction of this name, on this machine.
fn is_dead(name: &str, all: &[&str]) -> bool {
    // Of an operation that has an instruction for some processors, the other is for the others.
    let is_better = name.ends_with("Sse41");
    let has_better = all.contains(&&*format!("{name}Sse41"));
    if is_better || has_better {
        return is_better != has_sse41();
    }
    let stores = ["Si", "Ai", "SumSi", "SumAi"].into_iter().flat_map(|form| {
        let op = StoreOp::F64Store;
        [format!("{op:?}{form}"), format!("Guarded{op:?}{form}")]
    });
    // These are no function's.
    ["Halt", "Translate", "Native", "Heat", "Probe"].contains(&name) || stores.into_iter().any(|dead| dead == name)
}

#[test]
fn every_instruction_is_decoded_but_the_dead() {
    let mut names = Names::new();
    check("all forms", &all_forms(), &mut names);
    check_far(&mut names);
    let all = handlers(Dispatch::CallLoop);
    let singles: Vec<&str> = all.iter().map(|it| it.name).filter(|it| !it.contains("Then")).collect();
    let of_none: Vec<&str> = singles.iter().copied().filter(|it| !names.contains(it)).collect();
    let dead: Vec<&str> = singles.iter().copied().filter(|it| is_dead(it, &singles)).collect();
    assert_eq!(of_none, dead, "instructions that no module has, and those that should be");
}

fn check_far(names: &mut Names) {
    let module = riser_translator::parse_module(&*far()).unwrap_or_else(|error| panic!("{error}"));
    for config in [riser_vm::TranslatorConfig::optimized(), riser_vm::TranslatorConfig::naive()] {
        let mut far_names = Names::new();
        check_with("far", &module, &config, &mut far_names);
        assert!(far_names.contains("CopyFar"), "the function is not far");
        names.extend(far_names);
    }
}
