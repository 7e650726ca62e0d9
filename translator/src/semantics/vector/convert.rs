//! Conversions between shapes: to wider and narrower integers, widening products and sums, and between integers and
//! floats.

use std::array::from_fn;

use super::{f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, u8x16, u16x8, u32x4, u64x2};
use crate::semantics as scalar;

/// Defines the widening operations on one shape: its halves, the products of its halves, and the sums of its pairs.
/// Lanes are signed or unsigned as their type is.
///
/// Nothing overflows: the wide lanes hold every product and every sum.
macro_rules! widenings {
    ($($lanes:ident to $wide:ident of $int:ident: $extend_low:ident $extend_high:ident
        $extmul_low:ident $extmul_high:ident $($extadd:ident)?;)*) => {
        $(
            /// `extend_low`
            #[inline(always)]
            pub fn $extend_low(a: $lanes) -> $wide {
                from_fn(|lane| a[lane].into())
            }

            /// `extend_high`
            #[inline(always)]
            pub fn $extend_high(a: $lanes) -> $wide {
                from_fn(|lane| a[a.len() / 2 + lane].into())
            }

            /// `extmul_low`
            #[inline(always)]
            pub fn $extmul_low(a: $lanes, b: $lanes) -> $wide {
                from_fn(|lane| $int::from(a[lane]) * $int::from(b[lane]))
            }

            /// `extmul_high`
            #[inline(always)]
            pub fn $extmul_high(a: $lanes, b: $lanes) -> $wide {
                from_fn(|lane| $int::from(a[a.len() / 2 + lane]) * $int::from(b[b.len() / 2 + lane]))
            }

            $(
                /// `extadd_pairwise`
                #[inline(always)]
                pub fn $extadd(a: $lanes) -> $wide {
                    from_fn(|lane| $int::from(a[2 * lane]) + $int::from(a[2 * lane + 1]))
                }
            )?
        )*
    };
}

widenings! {
    i8x16 to i16x8 of i16: i16x8_extend_low_i8x16_s i16x8_extend_high_i8x16_s
        i16x8_extmul_low_i8x16_s i16x8_extmul_high_i8x16_s i16x8_extadd_pairwise_i8x16_s;
    u8x16 to u16x8 of u16: i16x8_extend_low_i8x16_u i16x8_extend_high_i8x16_u
        i16x8_extmul_low_i8x16_u i16x8_extmul_high_i8x16_u i16x8_extadd_pairwise_i8x16_u;
    i16x8 to i32x4 of i32: i32x4_extend_low_i16x8_s i32x4_extend_high_i16x8_s
        i32x4_extmul_low_i16x8_s i32x4_extmul_high_i16x8_s i32x4_extadd_pairwise_i16x8_s;
    u16x8 to u32x4 of u32: i32x4_extend_low_i16x8_u i32x4_extend_high_i16x8_u
        i32x4_extmul_low_i16x8_u i32x4_extmul_high_i16x8_u i32x4_extadd_pairwise_i16x8_u;
    i32x4 to i64x2 of i64: i64x2_extend_low_i32x4_s i64x2_extend_high_i32x4_s
        i64x2_extmul_low_i32x4_s i64x2_extmul_high_i32x4_s;
    u32x4 to u64x2 of u64: i64x2_extend_low_i32x4_u i64x2_extend_high_i32x4_u
        i64x2_extmul_low_i32x4_u i64x2_extmul_high_i32x4_u;
}

/// Defines saturating conversions of two vectors to one of narrower lanes, `a`'s first. The wide lanes are signed, even
/// if the narrow ones are not.
macro_rules! narrowings {
    ($($name:ident($wide:ident) -> $narrow:ident of $int:ident;)*) => {
        $(
            /// `narrow`
            #[inline(always)]
            pub fn $name(a: $wide, b: $wide) -> $narrow {
                from_fn(|lane| {
                    let value = if lane < a.len() { a[lane] } else { b[lane - a.len()] };
                    value.clamp($int::MIN.into(), $int::MAX.into()) as $int
                })
            }
        )*
    };
}

narrowings! {
    i8x16_narrow_i16x8_s(i16x8) -> i8x16 of i8;
    i8x16_narrow_i16x8_u(i16x8) -> u8x16 of u8;
    i16x8_narrow_i32x4_s(i32x4) -> i16x8 of i16;
    i16x8_narrow_i32x4_u(i32x4) -> u16x8 of u16;
}

/// `dot_s`: the sums of pairs of products. The sum wraps if all four factors are the smallest integer.
#[inline(always)]
pub fn i32x4_dot_i16x8_s(a: i16x8, b: i16x8) -> i32x4 {
    let product = |lane: usize| i32::from(a[lane]) * i32::from(b[lane]);
    from_fn(|lane| product(2 * lane).wrapping_add(product(2 * lane + 1)))
}

lanewise! {
    /// `trunc_sat_s`
    (a) { scalar::i32_trunc_sat_f32_s(a) } {
        i32x4_trunc_sat_f32x4_s(f32x4) -> i32x4;
    }
    /// `trunc_sat_u`
    (a) { scalar::i32_trunc_sat_f32_u(a).cast_unsigned() } {
        i32x4_trunc_sat_f32x4_u(f32x4) -> u32x4;
    }
    /// `convert_s`
    (a) { scalar::f32_convert_i32_s(a) } {
        f32x4_convert_i32x4_s(i32x4) -> f32x4;
    }
    /// `convert_u`
    (a) { scalar::f32_convert_i32_u(a.cast_signed()) } {
        f32x4_convert_i32x4_u(u32x4) -> f32x4;
    }
}

/// `trunc_sat_s`; the upper lanes are zero.
#[inline(always)]
pub fn i32x4_trunc_sat_f64x2_s_zero(a: f64x2) -> i32x4 {
    let [low, high] = a.map(scalar::i32_trunc_sat_f64_s);
    [low, high, 0, 0]
}

/// `trunc_sat_u`; the upper lanes are zero.
#[inline(always)]
pub fn i32x4_trunc_sat_f64x2_u_zero(a: f64x2) -> u32x4 {
    let [low, high] = a.map(|value| scalar::i32_trunc_sat_f64_u(value).cast_unsigned());
    [low, high, 0, 0]
}

/// `convert_s` of the lower lanes.
#[inline(always)]
pub fn f64x2_convert_low_i32x4_s(a: i32x4) -> f64x2 {
    from_fn(|lane| scalar::f64_convert_i32_s(a[lane]))
}

/// `convert_u` of the lower lanes.
#[inline(always)]
pub fn f64x2_convert_low_i32x4_u(a: u32x4) -> f64x2 {
    from_fn(|lane| scalar::f64_convert_i32_u(a[lane].cast_signed()))
}

/// `demote`; the upper lanes are zero.
#[inline(always)]
pub fn f32x4_demote_f64x2_zero(a: f64x2) -> f32x4 {
    let [low, high] = a.map(scalar::f32_demote_f64);
    [low, high, 0.0, 0.0]
}

/// `promote` of the lower lanes.
#[inline(always)]
pub fn f64x2_promote_low_f32x4(a: f32x4) -> f64x2 {
    from_fn(|lane| scalar::f64_promote_f32(a[lane]))
}
