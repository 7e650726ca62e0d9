//! Relaxed operations according to the deterministic profile: the first of the behaviours that the specification lists
//! (core spec, section 4.3 "Relaxed Operations").

use std::array::from_fn;

use super::{
    f32x4, f32x4_max, f32x4_min, f64x2, f64x2_max, f64x2_min, i8x16, i8x16_swizzle, i16x8, i16x8_q15mulr_sat_s, i32x4,
    i32x4_add, i32x4_extadd_pairwise_i16x8_s, i32x4_trunc_sat_f32x4_s, i32x4_trunc_sat_f32x4_u,
    i32x4_trunc_sat_f64x2_s_zero, i32x4_trunc_sat_f64x2_u_zero, i64x2, u8x16, u32x4,
};
use crate::semantics as scalar;

/// Defines operations that equal other operations under the deterministic profile:
/// `i8x16_relaxed_swizzle(a: u8x16, b: u8x16) -> u8x16 = i8x16_swizzle;`.
macro_rules! same {
    ($($name:ident($($arg:ident: $lanes:ident),*) -> $result:ident = $other:ident;)*) => {
        $(
            #[doc = concat!("As [`", stringify!($other), "`].")]
            #[inline(always)]
            pub fn $name($($arg: $lanes),*) -> $result {
                $other($($arg),*)
            }
        )*
    };
}

same! {
    i8x16_relaxed_swizzle(a: u8x16, indices: u8x16) -> u8x16 = i8x16_swizzle;
    i32x4_relaxed_trunc_f32x4_s(a: f32x4) -> i32x4 = i32x4_trunc_sat_f32x4_s;
    i32x4_relaxed_trunc_f32x4_u(a: f32x4) -> u32x4 = i32x4_trunc_sat_f32x4_u;
    i32x4_relaxed_trunc_f64x2_s_zero(a: f64x2) -> i32x4 = i32x4_trunc_sat_f64x2_s_zero;
    i32x4_relaxed_trunc_f64x2_u_zero(a: f64x2) -> u32x4 = i32x4_trunc_sat_f64x2_u_zero;
    f32x4_relaxed_min(a: f32x4, b: f32x4) -> f32x4 = f32x4_min;
    f32x4_relaxed_max(a: f32x4, b: f32x4) -> f32x4 = f32x4_max;
    f64x2_relaxed_min(a: f64x2, b: f64x2) -> f64x2 = f64x2_min;
    f64x2_relaxed_max(a: f64x2, b: f64x2) -> f64x2 = f64x2_max;
    i16x8_relaxed_q15mulr_s(a: i16x8, b: i16x8) -> i16x8 = i16x8_q15mulr_sat_s;
}

lanewise! {
    /// `relaxed_madd`: not fused, so the product is rounded.
    (a, b, c) { scalar::f32_add(scalar::f32_mul(a, b), c) } {
        f32x4_relaxed_madd(f32x4) -> f32x4;
    }
    /// `relaxed_madd`: not fused, so the product is rounded.
    (a, b, c) { scalar::f64_add(scalar::f64_mul(a, b), c) } {
        f64x2_relaxed_madd(f64x2) -> f64x2;
    }
    /// `relaxed_nmadd`: `relaxed_madd` with `a` negated.
    (a, b, c) { scalar::f32_add(scalar::f32_mul(scalar::f32_neg(a), b), c) } {
        f32x4_relaxed_nmadd(f32x4) -> f32x4;
    }
    /// `relaxed_nmadd`: `relaxed_madd` with `a` negated.
    (a, b, c) { scalar::f64_add(scalar::f64_mul(scalar::f64_neg(a), b), c) } {
        f64x2_relaxed_nmadd(f64x2) -> f64x2;
    }
    /// `relaxed_laneselect`: as `bitselect`, even if the bits of a lane of `mask` differ.
    (a, b, mask) { a & mask | b & !mask } {
        i8x16_relaxed_laneselect(i8x16) -> i8x16;
        i16x8_relaxed_laneselect(i16x8) -> i16x8;
        i32x4_relaxed_laneselect(i32x4) -> i32x4;
        i64x2_relaxed_laneselect(i64x2) -> i64x2;
    }
}

/// `relaxed_dot`: both operands are signed, and the sum of two products saturates.
#[inline(always)]
pub fn i16x8_relaxed_dot_i8x16_i7x16_s(a: i8x16, b: i8x16) -> i16x8 {
    let product = |lane: usize| i16::from(a[lane]) * i16::from(b[lane]);
    from_fn(|lane| product(2 * lane).saturating_add(product(2 * lane + 1)))
}

/// `relaxed_dot_add`: the pairwise sums of `relaxed_dot`, after its saturation, plus `c`.
#[inline(always)]
pub fn i32x4_relaxed_dot_i8x16_i7x16_add_s(a: i8x16, b: i8x16, c: i32x4) -> i32x4 {
    i32x4_add(i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b)), c)
}
