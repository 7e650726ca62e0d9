//! What processors compute of vectors, beside the semantics.

#![cfg(target_arch = "x86_64")]

use riser_translator::ops::VectorValue;
use riser_translator::semantics;

use riser_interp::inspect::lanes as x86;

/// Lanes of every width with extreme values, and bits without a pattern.
const VECTORS: [u128; 9] = [
    0,
    u128::MAX,
    0x80ff_7f00_0180_ff7f_8000_0000_7fff_ffff,
    0x8000_8000_8000_8000_7fff_7fff_7fff_7fff,
    0x8000_0000_0000_0000_8000_0000_8000_0000,
    0x7fff_ffff_ffff_ffff_7fff_ffff_7fff_ffff,
    0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10,
    0xdead_beef_0bad_f00d_1234_5678_9abc_def0,
    0x7fc0_0000_ff80_0000_3ff0_0000_0000_0001,
];

fn values<T: VectorValue>() -> impl Iterator<Item = T> {
    VECTORS.into_iter().map(T::from_bits)
}

fn bits<T: VectorValue>(value: T) -> u128 {
    VectorValue::to_bits(value)
}

fn one<A: VectorValue, R: VectorValue>(ours: fn(A) -> R, theirs: fn(A) -> R) {
    values().for_each(|a| assert_eq!(bits(ours(a)), bits(theirs(a))));
}

fn two<A: VectorValue, B: VectorValue, R: VectorValue>(ours: fn(A, B) -> R, theirs: fn(A, B) -> R) {
    values().for_each(|a| values().for_each(|b| assert_eq!(bits(ours(a, b)), bits(theirs(a, b)))));
}

fn select<A: VectorValue>(ours: fn(A, A, A) -> A, theirs: fn(A, A, A) -> A) {
    values().for_each(|a| two_of(a, ours, theirs));
}

fn two_of<A: VectorValue>(a: A, ours: fn(A, A, A) -> A, theirs: fn(A, A, A) -> A) {
    values().for_each(|b| values().for_each(|c| assert_eq!(bits(ours(a, b, c)), bits(theirs(a, b, c)))));
}

fn lane<A: VectorValue, V: VectorValue>(lanes: u8, ours: fn(A, u8, V) -> A, theirs: fn(A, u8, V) -> A) {
    for at in 0..lanes {
        values().for_each(|a| values().for_each(|v| assert_eq!(bits(ours(a, at, v)), bits(theirs(a, at, v)))));
    }
}

fn extend<R: VectorValue>(ours: fn(u64) -> R, theirs: fn(u64) -> R) {
    VECTORS.into_iter().for_each(|stored| assert_eq!(bits(ours(stored as u64)), bits(theirs(stored as u64))));
}

fn load<S: TryFrom<u128>, A: VectorValue>(lanes: u8, mask: u128, ours: fn(S, u8, A) -> A, theirs: fn(S, u8, A) -> A) {
    let stored = |bits: u128| S::try_from(bits & mask).unwrap_or_else(|_| panic!("the mask is that of the type"));
    for at in 0..lanes {
        for bits_stored in VECTORS {
            let same =
                |a: A| assert_eq!(bits(ours(stored(bits_stored), at, a)), bits(theirs(stored(bits_stored), at, a)));
            values().for_each(same);
        }
    }
}

#[test]
fn processors_do_what_the_semantics_say() {
    select(x86::v128_bitselect, semantics::v128_bitselect);
    select(x86::i8x16_relaxed_laneselect, semantics::i8x16_relaxed_laneselect);
    select(x86::i16x8_relaxed_laneselect, semantics::i16x8_relaxed_laneselect);
    select(x86::i32x4_relaxed_laneselect, semantics::i32x4_relaxed_laneselect);
    select(x86::i64x2_relaxed_laneselect, semantics::i64x2_relaxed_laneselect);
    two(x86::i32x4_dot_i16x8_s, semantics::i32x4_dot_i16x8_s);
    two(x86::i64x2_extmul_low_i32x4_u, semantics::i64x2_extmul_low_i32x4_u);
    two(x86::i64x2_extmul_high_i32x4_u, semantics::i64x2_extmul_high_i32x4_u);
    two(x86::i64x2_extmul_low_i32x4_s, semantics::i64x2_extmul_low_i32x4_s);
    two(x86::i64x2_extmul_high_i32x4_s, semantics::i64x2_extmul_high_i32x4_s);
    one(x86::i32x4_trunc_sat_f32x4_s, semantics::i32x4_trunc_sat_f32x4_s);
    one(x86::i32x4_trunc_sat_f32x4_u, semantics::i32x4_trunc_sat_f32x4_u);
    one(x86::i32x4_relaxed_trunc_f32x4_s, semantics::i32x4_relaxed_trunc_f32x4_s);
    one(x86::i32x4_relaxed_trunc_f32x4_u, semantics::i32x4_relaxed_trunc_f32x4_u);
    for bits in
        [0x4eff_ffff_u32, 0x4f00_0000, 0x4f7f_ffff, 0x4f80_0000, 0xcf00_0000, 0xcf00_0001, 0x7fc0_0000, 0xbf80_0000]
    {
        let lanes = [f32::from_bits(bits), -0.5, 1.9, f32::INFINITY];
        assert_eq!(x86::i32x4_trunc_sat_f32x4_s(lanes), semantics::i32x4_trunc_sat_f32x4_s(lanes), "{bits:#x}");
        assert_eq!(x86::i32x4_trunc_sat_f32x4_u(lanes), semantics::i32x4_trunc_sat_f32x4_u(lanes), "{bits:#x}");
    }
    one(x86::i8x16_bitmask, semantics::i8x16_bitmask);
    one(x86::i16x8_bitmask, semantics::i16x8_bitmask);
    one(x86::i32x4_bitmask, semantics::i32x4_bitmask);
    one(x86::i64x2_bitmask, semantics::i64x2_bitmask);
    extend(x86::v128_load8x8_s, semantics::v128_load8x8_s);
    extend(x86::v128_load8x8_u, semantics::v128_load8x8_u);
    extend(x86::v128_load16x4_s, semantics::v128_load16x4_s);
    extend(x86::v128_load16x4_u, semantics::v128_load16x4_u);
    lane(16, x86::i8x16_replace_lane, semantics::i8x16_replace_lane);
    lane(8, x86::i16x8_replace_lane, semantics::i16x8_replace_lane);
    lane(4, x86::i32x4_replace_lane, semantics::i32x4_replace_lane);
    lane(2, x86::i64x2_replace_lane, semantics::i64x2_replace_lane);
    lane(4, x86::f32x4_replace_lane, semantics::f32x4_replace_lane);
    lane(2, x86::f64x2_replace_lane, semantics::f64x2_replace_lane);
    load(16, 0xff, x86::v128_load8_lane, semantics::v128_load8_lane);
    load(8, 0xffff, x86::v128_load16_lane, semantics::v128_load16_lane);
    load(4, 0xffff_ffff, x86::v128_load32_lane, semantics::v128_load32_lane);
    load(2, u64::MAX.into(), x86::v128_load64_lane, semantics::v128_load64_lane);
}
