//! Floating-point lanes. Their arithmetic is that of the scalar operations, so that NaNs are the same.
//!
//! The scalar minimum, maximum and roundings branch. That suits one value, but keeps the compiler from vectorising
//! several. Here they compute every case and select, with the same results.

use std::array::from_fn;

use super::{f32x4, f64x2, i32x4, i64x2};
use crate::semantics as scalar;

/// Defines an operation for both shapes that applies the scalar operation to each lane:
/// `f32x4_add = f32_add, f64x2_add = f64_add (a, b);`.
macro_rules! scalar_lanes {
    ($($(#[$doc:meta])* $f32x4:ident = $f32w:ident, $f64x2:ident = $f64w:ident $args:tt;)*) => {
        $(
            scalar_lanes!(@one $(#[$doc])* $f32x4 f32x4 $f32w $args);
            scalar_lanes!(@one $(#[$doc])* $f64x2 f64x2 $f64w $args);
        )*
    };
    (@one $(#[$doc:meta])* $name:ident $lanes:ident $scalar:ident ($($arg:ident),*)) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($($arg: $lanes),*) -> $lanes {
            from_fn(|lane| scalar::$scalar($($arg[lane]),*))
        }
    };
}

scalar_lanes! {
    /// `fadd`
    f32x4_add = f32_add, f64x2_add = f64_add (a, b);
    /// `fsub`
    f32x4_sub = f32_sub, f64x2_sub = f64_sub (a, b);
    /// `fmul`
    f32x4_mul = f32_mul, f64x2_mul = f64_mul (a, b);
    /// `fdiv`
    f32x4_div = f32_div, f64x2_div = f64_div (a, b);
    /// `fabs`
    f32x4_abs = f32_abs, f64x2_abs = f64_abs (a);
    /// `fneg`
    f32x4_neg = f32_neg, f64x2_neg = f64_neg (a);
    /// `fsqrt`
    f32x4_sqrt = f32_sqrt, f64x2_sqrt = f64_sqrt (a);
}

/// Whether the target has instructions that round to an integer. If it has, the scalar operations use them.
const ROUNDS: bool = cfg!(any(not(target_arch = "x86_64"), target_feature = "sse4.1"));

/// Defines the operations without branches for lanes of `$float`, whose significand
/// has `$bits` explicit bits.
macro_rules! selecting {
    ($lanes:ident of $float:ident, $bits:literal: $rounded:ident $min:ident $max:ident
        $ceil:ident = $scalar_ceil:ident, $floor:ident = $scalar_floor:ident,
        $trunc:ident = $scalar_trunc:ident, $nearest:ident = $scalar_nearest:ident) => {
        /// Rounds to the nearest integer, ties to even, and lets `adjust` move that to the required side. The sign is
        /// that of `a`, also for zero. A value without a fraction stays the same; a NaN is quieted.
        #[inline(always)]
        fn $rounded(a: $float, adjust: impl FnOnce($float) -> $float) -> $float {
            // Numbers of at least this magnitude have no fractions, so a sum of this magnitude is rounded to an
            // integer.
            const WHOLE: $float = (1_u64 << $bits) as $float;
            let whole = WHOLE.copysign(a);
            let rounded = adjust(a + whole - whole).copysign(a);
            let quiet = $float::from_bits(a.to_bits() | 1 << ($bits - 1));
            let kept = if a.is_nan() { quiet } else { a };
            if a.abs() < WHOLE { rounded } else { kept }
        }

        lanewise! {
            /// `fmin`; -0 is smaller than +0.
            (a, b) {
                let nan = a + b;
                let equal = $float::from_bits(a.to_bits() | b.to_bits());
                let lesser = if a < b { a } else { b };
                let ordered = if a == b { equal } else { lesser };
                if a.is_nan() | b.is_nan() { nan } else { ordered }
            } {
                $min($lanes) -> $lanes;
            }
            /// `fmax`; -0 is smaller than +0.
            (a, b) {
                let nan = a + b;
                let equal = $float::from_bits(a.to_bits() & b.to_bits());
                let greater = if a > b { a } else { b };
                let ordered = if a == b { equal } else { greater };
                if a.is_nan() | b.is_nan() { nan } else { ordered }
            } {
                $max($lanes) -> $lanes;
            }
            /// `fceil`
            (a) {
                if ROUNDS {
                    scalar::$scalar_ceil(a)
                } else {
                    $rounded(a, |near| {
                        let above = near + 1.0;
                        if near < a { above } else { near }
                    })
                }
            } {
                $ceil($lanes) -> $lanes;
            }
            /// `ffloor`
            (a) {
                if ROUNDS {
                    scalar::$scalar_floor(a)
                } else {
                    $rounded(a, |near| {
                        let below = near - 1.0;
                        if near > a { below } else { near }
                    })
                }
            } {
                $floor($lanes) -> $lanes;
            }
            /// `ftrunc`
            (a) {
                if ROUNDS {
                    scalar::$scalar_trunc(a)
                } else {
                    $rounded(a, |near| {
                        let near = near.abs();
                        let below = near - 1.0;
                        if near > a.abs() { below } else { near }
                    })
                }
            } {
                $trunc($lanes) -> $lanes;
            }
            /// `fnearest`: to the nearest integer, ties to the even one.
            (a) { if ROUNDS { scalar::$scalar_nearest(a) } else { $rounded(a, |near| near) } } {
                $nearest($lanes) -> $lanes;
            }
        }
    };
}

selecting! {
    f32x4 of f32, 23: f32_rounded f32x4_min f32x4_max f32x4_ceil = f32_ceil, f32x4_floor = f32_floor,
    f32x4_trunc = f32_trunc, f32x4_nearest = f32_nearest
}
selecting! {
    f64x2 of f64, 52: f64_rounded f64x2_min f64x2_max f64x2_ceil = f64_ceil, f64x2_floor = f64_floor,
    f64x2_trunc = f64_trunc, f64x2_nearest = f64_nearest
}

lanewise! {
    /// `fpmin`: `b` if it is smaller, else `a`, with every bit.
    (a, b) { if b < a { b } else { a } } {
        f32x4_pmin(f32x4) -> f32x4;
        f64x2_pmin(f64x2) -> f64x2;
    }
    /// `fpmax`: `b` if it is greater, else `a`, with every bit.
    (a, b) { if a < b { b } else { a } } {
        f32x4_pmax(f32x4) -> f32x4;
        f64x2_pmax(f64x2) -> f64x2;
    }

    /// `feq`
    (a, b) { if a == b { -1 } else { 0 } } {
        f32x4_eq(f32x4) -> i32x4;
        f64x2_eq(f64x2) -> i64x2;
    }
    /// `fne`
    (a, b) { if a != b { -1 } else { 0 } } {
        f32x4_ne(f32x4) -> i32x4;
        f64x2_ne(f64x2) -> i64x2;
    }
    /// `flt`
    (a, b) { if a < b { -1 } else { 0 } } {
        f32x4_lt(f32x4) -> i32x4;
        f64x2_lt(f64x2) -> i64x2;
    }
    /// `fgt`
    (a, b) { if a > b { -1 } else { 0 } } {
        f32x4_gt(f32x4) -> i32x4;
        f64x2_gt(f64x2) -> i64x2;
    }
    /// `fle`
    (a, b) { if a <= b { -1 } else { 0 } } {
        f32x4_le(f32x4) -> i32x4;
        f64x2_le(f64x2) -> i64x2;
    }
    /// `fge`
    (a, b) { if a >= b { -1 } else { 0 } } {
        f32x4_ge(f32x4) -> i32x4;
        f64x2_ge(f64x2) -> i64x2;
    }
}
