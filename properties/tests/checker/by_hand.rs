//! IR that was changed by hand: what may be different, and what the checker says of what may not.

use riser_properties::check::check;
use riser_translator::ir::{Function, Verifier, parse};
use riser_translator::{ParsedModule, TranslatorConfig};

use crate::{text_module, translate};

const MODULE: &str = "(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func $store (param i32 i32)
    (i32.store (i32.add (local.get 0) (i32.const 8)) (i32.add (local.get 1) (i32.const 5)))
    (i32.store (local.get 0) (local.get 1)))
  (func $carry (param i32 i32) (result i32)
    (block $out (result i32)
      (drop (br_if $out (local.get 0) (i32.lt_u (local.get 0) (local.get 1))))
      (i32.mul (local.get 1) (i32.const 3))))
  (func $choose (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.const 7))
      (else (i32.div_s (i32.const 8) (local.get 0)))))
  (func $global (param i32) (result i32)
    (global.get $g)
    (global.set $g (local.get 0))
    (i32.sub (global.get $g)))
  (func $table (param i32) (result i32)
    (block $a (result i32)
      (block $b (result i32)
        (br_table $a $b $a $a (i32.const 5) (local.get 0)))
      (drop) (i32.const 9)))
  (func $loop (param i32) (result i32)
    (loop $next
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $next (local.get 0)))
    (call $choose (local.get 0)))
  (func $unused (param i32) (result i32)
    (drop (i32.clz (local.get 0)))
    (select (i32.const 1) (i32.const 2) (i32.eqz (i32.eqz (local.get 0)))))
  (func $early (param i32) (result i32)
    (br_if 0 (i32.const 1) (local.get 0))
    (drop)
    (i32.const 2)))";

const CONFIG: TranslatorConfig = TranslatorConfig::optimized();

/// The module, and the IR of one of its functions.
fn function(module: &str, name: &str) -> (ParsedModule, Function) {
    let module = text_module(module);
    let is_wanted = |ir: &Function| module.info().func_name(ir.index) == Some(name);
    let ir = translate(&module, &CONFIG).into_iter().find(is_wanted).expect("it is there");
    (module, ir)
}

fn accepted(name: &str, items: &str) {
    accepted_in(MODULE, name, items);
}

/// Checks that a function of a module may have this IR.
#[track_caller]
pub fn accepted_in(module: &str, name: &str, items: &str) {
    let (module, original) = function(module, name);
    let text = format!("func {} {}\ntemps {}\n{items}", original.index, original.ty, original.max_temps.max(3));
    let ir = parse::parse(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
    assert_eq!(check(&module, &ir, &CONFIG), Ok(()), "in\n{ir}");
    let mut verifier = Verifier::new(module.info());
    ir.replay(&mut verifier);
    assert_eq!(verifier.errors(), [], "in\n{ir}");
}

#[track_caller]
fn rejected(name: &str, from: &str, to: &str, error: &str) {
    rejected_in(MODULE, name, from, to, error);
}

/// Checks what is said of the translator's IR with a part of its text replaced.
#[track_caller]
pub fn rejected_in(module: &str, name: &str, from: &str, to: &str, error: &str) {
    let (module, ir) = function(module, name);
    let text = ir.to_string();
    assert!(text.contains(from), "there is no {from} in\n{text}");
    let ir = parse::parse(&text.replacen(from, to, 1)).unwrap_or_else(|error| panic!("{error} in\n{text}"));
    match check(&module, &ir, &CONFIG) {
        Ok(()) => panic!("accepted:\n{ir}"),
        Err(actual) => assert_eq!(actual.to_string(), error, "in\n{ir}"),
    }
}

#[test]
fn operands_may_be_swapped() {
    accepted(
        "store",
        "0x3d  acc = i32.const 8
         0x3d  t0 = i32.add acc, l0
         0x42  t1 = i32.const 5
         0x42  acc = i32.add t1, l1
         0x43  i32.store [t0], acc
         0x4a  i32.store [l0], l1
         0x4d  return",
    );
}

#[test]
fn additions_may_be_part_of_an_access() {
    accepted(
        "store",
        "0x42  t2 = i32.add l1, 5
         0x43  i32.store [l0 + 8], t2
         0x4a  i32.store [l0], l1
         0x4d  return",
    );
}

#[test]
fn conditions_may_be_put_in_other_ways() {
    for branch in [
        "branch_if i32.ge_u l0, l1",
        "branch_if i32.le_u l1, l0",
        "t1 = i32.lt_u l0, l1\n0x59 branch_if not t1",
        "t1 = i32.lt_u l0, l1\n0x59 acc = i32.eqz t1\n0x59 branch_if acc",
        "t1 = i32.ge_u l0, l1\n0x59 branch_if i32.ne t1, 0",
    ] {
        accepted(
            "carry",
            &format!(
                "0x59  {branch} -> L2
                 0x59  t0 = i32.copy l0
                 0x59  branch L1
                 L2: skip (i32)
                 0x60  t0 = i32.mul l1, 3
                 L1: join (i32)
                 0x62  return i32 t0"
            ),
        );
    }
}

#[test]
fn detours_may_be_out_of_line() {
    accepted(
        "carry",
        "0x59  branch_if i32.lt_u l0, l1 -> L2
         0x60  t0 = i32.mul l1, 3
         0x60  branch L1
         L2: skip (i32)
         0x59  t0 = i32.copy l0
         L1: join (i32)
         0x62  return i32 t0",
    );
}

#[test]
fn both_ways_of_a_branch_may_be_in_line() {
    accepted(
        "choose",
        "0x67  branch_if l0 -> L9
         0x67  branch L1
         L9: skip ()
         0x6b  t0 = i32.const 7
         0x6b  branch L2
         L1: join ()
         0x70  t0 = i32.const 8
         0x70  t0 = i32.div_s t0, l0
         L2: join (i32)
         0x72  return i32 t0",
    );
}

#[test]
fn tables_may_be_shorter_or_longer_and_moves_shared() {
    for targets in ["L1 L2 L1", "L1 L2 L1 L1", "L1 L2 L1 L1 L1"] {
        accepted(
            "table",
            &format!(
                "0x87  t0 = i32.const 5
                 0x89  branch_table l0 -> {targets}
                 L2: join (i32)
                 0x93  t0 = i32.const 9
                 L1: join (i32)
                 0x94  return i32 t0"
            ),
        );
    }
}

#[test]
fn all_returns_may_be_one() {
    accepted(
        "early",
        "0xc0  t0 = i32.const 1
         0xc0  branch_if l0 -> L1
         0xc5  t0 = i32.const 2
         L1: join (i32)
         0xc5  return i32 t0",
    );
}

#[test]
fn what_nobody_uses_may_be_missing_and_selections_turned_round() {
    accepted(
        "unused",
        "0xb8  t0 = i32.const 1
         0xb8  t1 = i32.const 2
         0xb7  acc = i32.eqz l0
         0xb8  t0 = i32.select acc, t1, t0
         0xb9  return i32 t0",
    );
}

#[test]
fn globals_may_be_read_late_but_not_too_late() {
    accepted(
        "global",
        "0x75  t1 = i32.global.get 0
         0x75  t0 = i32.global.get 0
         0x79  i32.global.set 0, l0
         0x7b  t2 = i32.global.get 0
         0x7d  t0 = i32.sub t1, t2
         0x7e  return i32 t0",
    );
    rejected(
        "global",
        "acc = i32.sub t0, acc",
        "t0 = i32.global.get 0\n0x7d acc = i32.sub t0, t0",
        "function 3 at 0x7e, item 5: acc should hold (i32.sub (global.get 0) (global.get 0 after (global.set 0)@0x79)) and holds (i32.sub (global.get 0 after (global.set 0)@0x79) (global.get 0 after (global.set 0)@0x79)), in `return i32 acc`",
    );
}

#[test]
fn values_that_differ_are_shown() {
    rejected(
        "store",
        "[t0], acc",
        "[l0], acc",
        "function 0 at 0x43, item 2: l0 should hold (i32.add l0 8) and holds l0, in `i32.store [l0], acc`",
    );
    rejected(
        "store",
        "l1, 5",
        "l1, 6",
        "function 0 at 0x43, item 2: acc should hold (i32.add l1 5) and holds (i32.add l1 6), in `i32.store [t0], acc`",
    );
    rejected(
        "store",
        "[l0], l1",
        "[l0], t2",
        "function 0 at 0x4a, item 3: t2 should hold l1 and holds nothing, in `i32.store [l0], t2`",
    );
    rejected(
        "store",
        "[l0], l1",
        "[l0 + -4], l1",
        "function 0 at 0x4a, item 3: the address should be l0 and is (i32.add l0 -4), in `i32.store [l0 + -4], l1`",
    );
    rejected(
        "carry",
        "i32.copy l0",
        "i32.copy l1",
        "function 1 at 0x59, item 2: t0 should hold l0 and holds l1, in `branch L1`",
    );
    rejected(
        "carry",
        "i32.ge_u l0, l1",
        "i32.ge_u l1, l0",
        "function 1 at 0x59, item 0: the condition should be (i32.lt_u l0 l1) and is (i32.le_u l0 l1), in `branch_if i32.ge_u l1, l0 -> L2`",
    );
    rejected(
        "choose",
        "i32.const 7",
        "i32.const 8",
        "function 2 at 0x6b, item 2: t0 should hold i32.const 7 and holds i32.const 8, in `branch L2`",
    );
    rejected(
        "choose",
        "acc = i32.const 8",
        "acc = i64.const 8",
        "function 2 at 0x70, item 5: acc should hold i32.const 8 and holds i64.const 8, in `t0 = i32.div_s acc, l0`",
    );
    rejected(
        "loop",
        "call 2 base=t0 link=t1",
        "call 2 base=t1 link=t2",
        "function 5 at 0xa7, item 4: t1 should hold (i32.sub l0 1) and holds nothing, in `call 2 base=t1 link=t2`",
    );
    rejected(
        "loop",
        "return i32 t0",
        "return i32 t1",
        "function 5 at 0xa9, item 5: t1 should hold (call 2)@0xa7 and holds nothing, in `return i32 t1`",
    );
    rejected(
        "loop",
        "  0x9d  l0 = i32.sub l0, 1\n",
        "",
        "function 5 at 0xa2, item 1: the condition should be (i32.ne (i32.sub l0 1) 0) and is (i32.ne l0 0), in `branch_if l0 -> L1`",
    );
    rejected(
        "loop",
        "0x9d  l0 = ",
        "0x9d  t0 = ",
        "function 5 at 0xa2, item 2: the condition should be (i32.ne (i32.sub l0 1) 0) and is (i32.ne l0 0), in `branch_if l0 -> L1`",
    );
    rejected(
        "early",
        "return i32 2",
        "return i32 3",
        "function 7 at 0xc5, item 3: the immediate should be i32.const 2 and is i32.const 3, in `return i32 3`",
    );
}

#[test]
fn effects_that_differ_are_shown() {
    rejected(
        "store",
        "  0x4a  i32.store [l0], l1\n",
        "",
        "function 0 at 0x4a, item 3: wasm has `i32.store l0 l1` here, in `return`",
    );
    rejected(
        "store",
        "0x4a",
        "0x48",
        "function 0 at 0x4a, item 3: i32.store comes from 0x4a and says 0x48, in `i32.store [l0], l1`",
    );
    rejected(
        "store",
        "  0x4d",
        "  0x4a  i32.store [l0], l1\n  0x4d",
        "function 0 at 0x4d, item 4: wasm returns here, in `i32.store [l0], l1`",
    );
    rejected(
        "store",
        "i32.store [l0], l1",
        "i32.store [l0] offset=4, l1",
        "function 0 at 0x4a, item 3: wasm has `i32.store l0 l1` here, in `i32.store [l0] offset=4, l1`",
    );
    rejected("store", "  0x4d  return\n", "", "function 0 at 0x4d: the IR ends where wasm has a return");
    rejected(
        "store",
        "  0x4d  return\n",
        "  0x4d  return\n  0x4d  return\n",
        "function 0 at 0x4d, item 5: the IR goes on where the wasm body ends, in `return`",
    );
    rejected(
        "loop",
        "base=t0 link=t1",
        "base=t0 link=t2",
        "function 5 at 0xa7, item 4: this is not the layout of a call of type (i32) -> (i32), in `call 2 base=t0 link=t2`",
    );
    rejected(
        "loop",
        "  0xa2",
        "  0xa2  fuel 1\n  0xa2",
        "function 5 at 0xa2, item 2: wasm has a branch to the loop at 0x97 if (i32.ne (i32.sub l0 1) 0) here, in `fuel 1`",
    );
    rejected(
        "loop",
        "t0 = i32.copy l0",
        "link0 = i32.copy l0",
        "function 5 at 0xa4, item 3: link0 is written, in `link0 = i32.copy l0`",
    );
}

#[test]
fn branches_that_differ_are_shown() {
    rejected(
        "choose",
        "branch L2",
        "branch L1",
        "function 2 at 0x6b, item 2: wasm goes to the end of the block at 0x67, and L1 stands for the else of the if at 0x67, in `branch L1`",
    );
    rejected("choose", "branch L2", "branch L3", "function 2 at 0x6b, item 2: L3 is not bound, in `branch L3`");
    rejected(
        "choose",
        "branch_if not",
        "branch_if",
        "function 2 at 0x67, item 0: the condition should be (i32.eq l0 0) and is its opposite, in `branch_if l0 -> L1`",
    );
    rejected("carry", "ge_u", "lt_u", "function 1 at 0x59, item 5: t0 should hold l0 and holds (i32.mul l1 3), at L1");
    rejected(
        "table",
        "L3 L4 L3 L3",
        "L3 L3 L3 L3",
        "function 4 at 0x89, item 0: L3 should lead to the end of the block at 0x83 for index 1, in `branch_table l0 -> L3 L3 L3 L3`",
    );
    rejected(
        "table",
        "L3 L4 L3 L3",
        "L4 L3 L4 L4",
        "function 4 at 0x8f, item 7: this is the end of the block at 0x83, and the label stands for the end of the block at 0x81, at L2",
    );
    rejected("loop", "L1: loop", "L1: join", "function 5 at 0x97, item 0: wasm has the loop at 0x97 here, at L1");
    rejected(
        "loop",
        "L1: loop ()",
        "L1: loop (i32)",
        "function 5 at 0x97, item 0: wasm has other operands here, at L1",
    );
    rejected(
        "loop",
        "L1: loop ()\n",
        "",
        "function 5 at 0x97, item 1: wasm has the loop at 0x97 here, in `branch_if l0 -> L1`",
    );
    rejected(
        "early",
        "L1: skip",
        "L1: join",
        "function 7 at 0xc0, item 0: the condition should be (i32.ne l0 0) and is its opposite, in `branch_if not l0 -> L1`",
    );
    rejected(
        "early",
        "L1: skip (i32)",
        "L1: skip ()",
        "function 7 at 0xc0, item 2: wasm has other operands here, at L1",
    );
}
