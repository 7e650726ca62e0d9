//! Vectors in IR that was changed by hand: each slot of one counts.

use crate::by_hand::{accepted_in, rejected_in};

const MODULE: &str = "(module
  (memory 1)
  (global $g (mut v128) (v128.const i64x2 1 2))
  (func $add (param v128 v128) (result v128)
    (i32x4.add (local.get 0) (local.get 1)))
  (func $carry (param i32 v128 v128) (result v128)
    (block $out (result v128)
      (drop (br_if $out (local.get 1) (local.get 0)))
      (i8x16.swizzle (local.get 2) (local.get 1))))
  (func $memory (param i32 v128)
    (v128.store offset=16 (local.get 0) (v128.load8x8_s (local.get 0)))
    (v128.store16_lane offset=2 7 (local.get 0) (v128.load32_lane 3 (local.get 0) (local.get 1))))
  (func $swap (param v128 v128) (result v128 v128)
    (local.get 1) (local.get 0))
  (func $lanes (param v128 i64) (result i64)
    (i64x2.extract_lane 1
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
        (i64x2.replace_lane 0 (local.get 0) (local.get 1))
        (v128.const i64x2 3 4))))
  (func $global (param v128)
    (global.get $g)
    (global.set $g (v128.not (local.get 0)))
    (global.set $g))
  (func $call (param i64 v128) (result v128)
    (call $add (local.get 1) (v128.const i64x2 0 5)))
  (func $declared (result v128) (local v128)
    (local.get 0))
  (func $choose (param v128 v128 i32) (result v128)
    (select (local.get 0) (local.get 1) (local.get 2))))";

fn accepted(name: &str, items: &str) {
    accepted_in(MODULE, name, items);
}

#[track_caller]
fn rejected(name: &str, from: &str, to: &str, error: &str) {
    rejected_in(MODULE, name, from, to, error);
}

#[test]
fn vectors_may_take_other_ways() {
    accepted(
        "add",
        "0x75  t0 = v128.copy l0
         0x75  t2 = v128.copy l2
         0x72  t0 = i32x4.add t0, t2
         0x75  l0 = v128.copy t0
         0x75  return",
    );
    // Slot by slot, or both slots at once.
    accepted(
        "call",
        "0x103  t2 = v128.copy l1
         0x103  copy_slots dst=t0 src=t2 count=2
         0xf1  t2 = v128.const 0x0 0x5
         0x103  call 0 base=t0 link=t4
         0x105  l0 = v128.copy t0
         0x105  return",
    );
    accepted(
        "lanes",
        "0xb8  t2 = v128.const 0x3 0x4
         0xb5  t0 = i64x2.replace_lane 0, l0, l2
         0xca  t2 = i8x16.shuffle t0, t2 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
         0xdc  t0 = i64x2.extract_lane 1, t2
         0xdf  return i64 t0",
    );
}

/// Half a vector is none, whichever way it got lost.
#[test]
fn halves_of_vectors_are_missed() {
    rejected(
        "call",
        "t0 = v128.copy l1",
        "t0 = i64.copy l1",
        "function 6 at 0x103, item 2: t1 should hold l2 and holds nothing, in `call 0 base=t0 link=t4`",
    );
    rejected(
        "carry",
        "t0 = v128.copy l1",
        "t1 = i64.copy l2",
        "function 1 at 0x7e, item 2: t0 should hold l1 and holds nothing, in `branch L1`",
    );
    rejected(
        "declared",
        "r0 = v128.copy l0",
        "r1 = i64.copy l1",
        "function 7 at 0x10c, item 1: r0 should hold v128.const 0x0 0x0 and holds nothing, in `return`",
    );
    rejected(
        "choose",
        "v128.select l4, l0, l2",
        "i64.select l4, l0, l2",
        "function 8 at 0x116, item 1: l0 should hold (select l0 l2 (i32.ne l4 0)) and holds (halves (select l0 l2 (i32.ne l4 0)) l1), in `return`",
    );
}

/// What overlaps a vector overwrites it.
#[test]
fn overwritten_slots_are_seen() {
    // The second slot is written.
    rejected(
        "global",
        "  0xe8",
        "  0xe6  t1 = i64.const 7\n  0xe8",
        "function 5 at 0xea, item 4: t0 should hold (global.get 0) and holds (halves (global.get 0) 7), in `v128.global.set 0, t0`",
    );
    // A vector begins in the second slot of another.
    rejected(
        "global",
        "t2 = v128.not l0",
        "t1 = v128.not l0",
        "function 5 at 0xe8, item 2: t3 should hold (high (v128.not l0)) and holds nothing, in `v128.global.set 0, t2`",
    );
    rejected(
        "memory",
        "  0xa2",
        "  0x9d  t2 = i32.copy l0\n  0xa2",
        "function 2 at 0xa2, item 4: t1 should hold (v128.load32_lane 3)@0x9d and holds (halves (v128.load32_lane 3)@0x9d l0), in `v128.store16_lane 7, [l0] offset=2, t1`",
    );
    // Moves that overwrite what is still to be read, by one slot.
    rejected(
        "swap",
        "t2 = v128.copy l0\n  0xae  l0",
        "t2 = v128.copy l0\n  0xae  l1",
        "function 3 at 0xae, item 3: l0 should hold l2 and holds (halves l0 l2), in `return`",
    );
}

#[test]
fn vector_operations_that_differ_are_shown() {
    rejected(
        "add",
        "i32x4.add l0, l2",
        "i32x4.add l2, l0",
        "function 0 at 0x75, item 1: l0 should hold (i32x4.add l0 l2) and holds (i32x4.add l2 l0), in `return`",
    );
    rejected(
        "add",
        "i32x4.add l0, l2",
        "i32x4.add l0, l1",
        "function 0 at 0x75, item 1: l0 should hold (i32x4.add l0 l2) and holds (i32x4.add l0 l1), in `return`",
    );
    rejected(
        "lanes",
        "0x3 0x4",
        "0x3 0x5",
        "function 4 at 0xdf, item 4: t0 should hold (i64x2.extract_lane 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (i64x2.replace_lane 0 l0 l2) (v128.const 0x3 0x4))) and holds (i64x2.extract_lane 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (i64x2.replace_lane 0 l0 l2) (v128.const 0x3 0x5))), in `return i64 t0`",
    );
    rejected(
        "lanes",
        "replace_lane 0",
        "replace_lane 1",
        "function 4 at 0xdf, item 4: t0 should hold (i64x2.extract_lane 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (i64x2.replace_lane 0 l0 l2) (v128.const 0x3 0x4))) and holds (i64x2.extract_lane 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (i64x2.replace_lane 1 l0 l2) (v128.const 0x3 0x4))), in `return i64 t0`",
    );
    rejected(
        "lanes",
        "extract_lane 1",
        "extract_lane 0",
        "function 4 at 0xdf, item 4: t0 should hold (i64x2.extract_lane 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (i64x2.replace_lane 0 l0 l2) (v128.const 0x3 0x4))) and holds (i64x2.extract_lane 0 (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (i64x2.replace_lane 0 l0 l2) (v128.const 0x3 0x4))), in `return i64 t0`",
    );
    rejected(
        "lanes",
        "22 23",
        "22 22",
        "function 4 at 0xdf, item 4: t0 should hold (i64x2.extract_lane 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (i64x2.replace_lane 0 l0 l2) (v128.const 0x3 0x4))) and holds (i64x2.extract_lane 1 (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 22 (i64x2.replace_lane 0 l0 l2) (v128.const 0x3 0x4))), in `return i64 t0`",
    );
    rejected(
        "declared",
        "r0 = v128.copy l0",
        "r0 = v128.const 0x0 0x1",
        "function 7 at 0x10c, item 1: r0 should hold v128.const 0x0 0x0 and holds v128.const 0x0 0x1, in `return`",
    );
    rejected(
        "memory",
        "load8x8_s",
        "load8x8_u",
        "function 2 at 0x8f, item 0: wasm has `v128.load8x8_s l0` here, in `t1 = v128.load8x8_u [l0]`",
    );
    rejected(
        "memory",
        "load32_lane 3",
        "load32_lane 2",
        "function 2 at 0x9d, item 2: wasm has `v128.load32_lane 3 l0 l1` here, in `t1 = v128.load32_lane 2, [l0], l1`",
    );
    rejected(
        "memory",
        "offset=16, t1",
        "offset=16, l1",
        "function 2 at 0x93, item 1: l1 should hold v128.load8x8_s@0x8f and holds l1, in `v128.store [l0] offset=16, l1`",
    );
    rejected(
        "memory",
        "  0x9d",
        "  0x9c",
        "function 2 at 0x9d, item 2: v128.load32_lane 3 comes from 0x9d and says 0x9c, in `t1 = v128.load32_lane 3, [l0], l1`",
    );
    rejected(
        "memory",
        "  0x93  v128.store [l0] offset=16, t1\n",
        "",
        "function 2 at 0x93, item 1: wasm has `v128.store offset=16 l0 v128.load8x8_s@0x8f` here, in `t1 = v128.load32_lane 3, [l0], l1`",
    );
    rejected(
        "global",
        "v128.global.set 0, t0",
        "v128.global.set 0, t2",
        "function 5 at 0xea, item 3: t2 should hold (global.get 0) and holds (v128.not l0), in `v128.global.set 0, t2`",
    );
    rejected(
        "global",
        "v128.global.set 0, t0",
        "v128.global.set 0, acc",
        "function 5 at 0xea, item 3: acc is read and holds nothing, in `v128.global.set 0, acc`",
    );
}

/// A vector below the operands of a call, which the callee's frame overlaps by one slot.
#[test]
fn calls_that_overlap_a_vector_are_seen() {
    let module = "(module
      (func $zero (result v128) (v128.const i64x2 0 0))
      (func $not (param v128) (result v128)
        (v128.not (local.get 0))
        (call $zero)
        (i8x16.add)))";
    rejected_in(
        module,
        "not",
        "call 0 base=t2 link=t4",
        "call 0 base=t1 link=t3\n  0x37  t2 = v128.copy t1",
        "function 1 at 0x3b, item 4: l0 should hold (i8x16.add (v128.not l0) (call 0)@0x37) and holds (i8x16.add (halves (v128.not l0) (call 0)@0x37) (call 0)@0x37), in `return`",
    );
}
