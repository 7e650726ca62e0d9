//! Values that the specification singles out.

use riser_translator::ops::VectorValue;
use riser_translator::semantics::{self, *};

#[test]
fn saturating_arithmetic_ends_at_the_limits() {
    assert_eq!(i8x16_add_sat_s([127; 16], [1; 16]), [127; 16]);
    assert_eq!(i8x16_sub_sat_s([-128; 16], [1; 16]), [-128; 16]);
    assert_eq!(i8x16_add_sat_u([255; 16], [255; 16]), [255; 16]);
    assert_eq!(i16x8_sub_sat_u([0; 8], [1; 8]), [0; 8]);
    assert_eq!(i16x8_add_sat_s([i16::MIN; 8], [-1; 8]), [i16::MIN; 8]);
    assert_eq!(i8x16_abs([-128; 16]), [-128; 16]);
    assert_eq!(i64x2_neg([i64::MIN, 1]), [i64::MIN, -1]);
}

#[test]
fn shift_counts_are_modulo_the_lanes_width() {
    assert_eq!(i8x16_shl([1; 16], 9), [2; 16]);
    assert_eq!(i8x16_shr_s([-128; 16], -1), [-1; 16]);
    assert_eq!(i16x8_shr_u([0x8000; 8], 31), [1; 8]);
    assert_eq!(i32x4_shl([1; 4], 32), [1; 4]);
    assert_eq!(i64x2_shr_s([i64::MIN; 2], 127), [-1; 2]);
    assert_eq!(i64x2_shr_u([u64::MAX; 2], 64), [u64::MAX; 2]);
}

#[test]
fn narrowing_takes_signed_lanes() {
    let mut expected = [0x80_u8; 16];
    (expected[0], expected[1], expected[2]) = (0, 255, 255);
    expected[8..].fill(0);
    assert_eq!(i8x16_narrow_i16x8_u([-1, 255, 256, 128, 128, 128, 128, 128], [i16::MIN; 8]), expected);
    assert_eq!(
        i16x8_narrow_i32x4_s([32767, 32768, -32768, -32769], [0, 1, -1, i32::MIN]),
        [32767, 32767, -32768, -32768, 0, 1, -1, -32768]
    );
    assert_eq!(i16x8_narrow_i32x4_u([65535, 65536, -1, i32::MAX], [0; 4]), [65535, 65535, 0, 65535, 0, 0, 0, 0]);
    assert_eq!(i8x16_narrow_i16x8_s([300; 8], [-300; 8])[7..9], [127, -128]);
}

#[test]
fn rounding_products_and_means_round_up() {
    assert_eq!(i16x8_q15mulr_sat_s([i16::MIN; 8], [i16::MIN; 8]), [i16::MAX; 8]);
    assert_eq!(i16x8_q15mulr_sat_s([i16::MIN; 8], [i16::MAX; 8]), [-32767; 8]);
    assert_eq!(i16x8_q15mulr_sat_s([1; 8], [0x4000; 8]), [1; 8]);
    assert_eq!(i16x8_q15mulr_sat_s([-1; 8], [0x4000; 8]), [0; 8]);
    assert_eq!(i8x16_avgr_u([255; 16], [254; 16]), [255; 16]);
    assert_eq!(i16x8_avgr_u([0; 8], [1; 8]), [1; 8]);
    assert_eq!(i8x16_popcnt([0x55; 16]), [4; 16]);
}

#[test]
fn widening_products_and_sums_hold_every_result() {
    assert_eq!(i16x8_extmul_low_i8x16_s([-128; 16], [-128; 16]), [16384; 8]);
    assert_eq!(i16x8_extmul_high_i8x16_u([255; 16], [255; 16]), [65025; 8]);
    assert_eq!(i64x2_extmul_high_i32x4_u([0, 0, u32::MAX, 1], [0, 0, u32::MAX, 2]), [0xffff_fffe_0000_0001, 2]);
    assert_eq!(i64x2_extmul_low_i32x4_s([i32::MIN, -1, 0, 0], [i32::MIN, 1, 0, 0]), [1 << 62, -1]);
    assert_eq!(i16x8_extadd_pairwise_i8x16_s([-128; 16]), [-256; 8]);
    assert_eq!(i32x4_extadd_pairwise_i16x8_u([65535; 8]), [131_070; 4]);
    assert_eq!(i32x4_extend_high_i16x8_s([0, 0, 0, 0, -1, 2, -3, 4]), [-1, 2, -3, 4]);
    assert_eq!(i32x4_dot_i16x8_s([1, 2, 3, 4, 5, 6, 7, 8], [1; 8]), [3, 7, 11, 15]);
    assert_eq!(i32x4_dot_i16x8_s([i16::MIN; 8], [i16::MIN; 8]), [i32::MIN; 4]);
}

#[test]
fn tests_look_at_every_lane() {
    let one = |place: usize| {
        let mut bytes = [0_i8; 16];
        bytes[place] = -128;
        bytes
    };
    for place in 0..16 {
        assert_eq!(i8x16_bitmask(one(place)), 1 << place);
        assert_eq!(v128_any_true(u64x2::from_bits(VectorValue::to_bits(one(place)))), 1);
        assert_eq!(i8x16_all_true(one(place).map(|byte| !byte >> 7)), 0);
    }
    assert_eq!(i16x8_bitmask([-1, 0, 0, 0, 0, 0, 0, i16::MIN]), 0x81);
    assert_eq!((i16x8_bitmask([-1; 8]), i8x16_bitmask([-1; 16]), i16x8_bitmask([0x00ff; 8])), (0xff, 0xffff, 0));
    assert_eq!((i32x4_bitmask([-1, 1, -1, 1]), i64x2_bitmask([1, -1])), (5, 2));
    assert_eq!((v128_any_true([0; 2]), i64x2_all_true([1, 1 << 62]), i32x4_all_true([1, 1, 0, 1])), (0, 1, 0));
}

#[test]
fn swizzles_out_of_range_are_zero() {
    let a = std::array::from_fn(|lane| 100 + lane as u8);
    let indices = [0, 15, 16, 31, 127, 128, 255, 1, 2, 3, 4, 5, 6, 7, 8, 240];
    let expected = [100, 115, 0, 0, 0, 0, 0, 101, 102, 103, 104, 105, 106, 107, 108, 0];
    assert_eq!(i8x16_swizzle(a, indices), expected);
    assert_eq!(i8x16_relaxed_swizzle(a, indices), expected);
}

#[test]
fn truncations_saturate() {
    let nan = f32::NAN;
    assert_eq!(i32x4_trunc_sat_f32x4_s([nan, f32::INFINITY, f32::NEG_INFINITY, -1.9]), [0, i32::MAX, i32::MIN, -1]);
    assert_eq!(i32x4_trunc_sat_f32x4_u([nan, f32::INFINITY, -5.0, 4_294_967_040.0]), [0, u32::MAX, 0, 4_294_967_040]);
    assert_eq!(i32x4_trunc_sat_f64x2_s_zero([2_147_483_648.0, -2_147_483_648.9]), [i32::MAX, i32::MIN, 0, 0]);
    assert_eq!(i32x4_trunc_sat_f64x2_u_zero([4_294_967_295.9, -0.9]), [u32::MAX, 0, 0, 0]);
    assert_eq!(i32x4_relaxed_trunc_f32x4_s([nan, 3e9, -3e9, 1.5]), [0, i32::MAX, i32::MIN, 1]);
}

#[test]
fn floats_convert_by_their_lower_lanes() {
    assert_eq!(f64x2_convert_low_i32x4_u([u32::MAX, 1, 7, 7]), [4_294_967_295.0, 1.0]);
    assert_eq!(f64x2_convert_low_i32x4_s([i32::MIN, -1, 7, 7]), [-2_147_483_648.0, -1.0]);
    assert_eq!(f32x4_convert_i32x4_s([16_777_217, -1, 0, i32::MAX]), [16_777_216.0, -1.0, 0.0, 2_147_483_648.0]);
    assert_eq!(f32x4_convert_i32x4_u([u32::MAX, 16_777_219, 0, 1]), [4_294_967_296.0, 16_777_220.0, 0.0, 1.0]);
    assert_eq!(
        f32x4_demote_f64x2_zero([0.1, 1e300]).map(f32::to_bits),
        [0.1_f32, f32::INFINITY, 0.0, 0.0].map(f32::to_bits)
    );
    assert_eq!(f64x2_promote_low_f32x4([0.5, -0.0, 9.0, 9.0]).map(f64::to_bits), [0.5, -0.0].map(f64::to_bits));
}

#[test]
fn minima_and_maxima_order_zeros_and_keep_nans() {
    let bits = |lanes: f32x4| lanes.map(f32::to_bits);
    let (a, b) = ([0.0, -0.0, f32::NAN, 1.0], [-0.0, 0.0, 1.0, f32::NAN]);
    let (min, max) = (f32x4_min(a, b), f32x4_max(a, b));
    assert_eq!((bits(min)[..2].to_vec(), bits(max)[..2].to_vec()), (vec![1 << 31; 2], vec![0; 2]));
    assert!(min[2..].iter().chain(&max[2..]).all(|lane| lane.is_nan()));
    // The pseudo-operations return the first operand unless the second is strictly beyond it.
    assert_eq!((bits(f32x4_pmin(a, b)), bits(f32x4_pmax(a, b))), (bits(a), bits(a)));
    assert_eq!((f64x2_pmin([2.0, 1.0], [1.0, 2.0]), f64x2_pmax([2.0, 1.0], [1.0, 2.0])), ([1.0; 2], [2.0; 2]));
    let signalling = f32::from_bits(0x7fa0_0001);
    assert_eq!(bits(f32x4_pmin([signalling; 4], [1.0; 4])), [0x7fa0_0001; 4]);
}

#[test]
fn nearest_rounds_ties_to_even() {
    assert_eq!(f32x4_nearest([0.5, 1.5, 2.5, -3.5]), [0.0, 2.0, 2.0, -4.0]);
    assert_eq!(f64x2_nearest([4.5, -0.4]).map(f64::to_bits), [4.0, -0.0].map(f64::to_bits));
    assert_eq!(f32x4_trunc([-1.9, 1.9, -0.5, 0.5]).map(f32::to_bits), [-1.0, 1.0, -0.0, 0.0_f32].map(f32::to_bits));
    assert_eq!((f64x2_ceil([0.1, -1.9]), f64x2_floor([0.1, -1.9])), ([1.0, -1.0], [0.0, -2.0]));
}

#[test]
fn relaxed_operations_are_those_of_the_deterministic_profile() {
    // 2^128 * 2 is infinite before the sum, where a fused operation ends at the largest float.
    assert_eq!(f32x4_relaxed_madd([f32::MAX; 4], [2.0; 4], [-f32::MAX; 4]), [f32::INFINITY; 4]);
    let (x, y) = (1.0 + 22_f32.exp2().recip(), 1.0 + 15_f32.exp2().recip());
    let rounded = -(1.0 + 22_f32.exp2().recip() + 15_f32.exp2().recip());
    assert_eq!(f32x4_relaxed_madd([x; 4], [y; 4], [rounded; 4]), [0.0; 4]);
    assert_eq!(f32x4_relaxed_nmadd([-x; 4], [y; 4], [rounded; 4]), [0.0; 4]);
    assert_eq!(f64x2_relaxed_nmadd([2.0; 2], [3.0; 2], [7.0; 2]), [1.0; 2]);
    assert_eq!(i16x8_relaxed_q15mulr_s([i16::MIN; 8], [i16::MIN; 8]), [i16::MAX; 8]);
    assert_eq!(i8x16_relaxed_laneselect([0x12; 16], [0x34; 16], [0x0f; 16]), [0x32; 16]);
    assert_eq!(f32x4_relaxed_min([0.0; 4], [-0.0; 4]).map(f32::to_bits), [1 << 31; 4]);
    // Both signed; the sum of two products saturates, the sums of four are exact.
    assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s([-128; 16], [-127; 16]), [32512; 8]);
    assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s([-128; 16], [-128; 16]), [32767; 8]);
    assert_eq!(i32x4_relaxed_dot_i8x16_i7x16_add_s([-128; 16], [-127; 16], [1, 2, 3, 4]), [65025, 65026, 65027, 65028]);
    assert_eq!(i32x4_relaxed_dot_i8x16_i7x16_add_s([0; 16], [0; 16], [i32::MIN; 4]), [i32::MIN; 4]);
    assert_eq!(
        semantics::i32x4_relaxed_dot_i8x16_i7x16_add_s([127; 16], [127; 16], [i32::MAX; 4]),
        [i32::MIN + 64515; 4]
    );
}
