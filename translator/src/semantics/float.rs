//! Floating-point arithmetic and comparisons (core spec, section 4.3.3
//! "Floating-Point Operations").
//!
//! `abs`, `neg` and `copysign` change the sign bit alone. Every other operation with a NaN operand returns a quiet NaN.
//! The machine's arithmetic does so by itself.
//!
//! The x86-64 baseline has no instruction that rounds to an integer. The compiler calls a library function instead,
//! which costs an interpreter more than the call. So rounding is done by additions, unless the target has something
//! better.

/// Defines an operation for both widths. The row
///
/// ```text
/// f32_add f64_add (a, b) -> same { a + b }
/// ```
///
/// expands to
///
/// ```text
/// pub fn f32_add(a: f32, b: f32) -> f32 { a + b }
/// pub fn f64_add(a: f64, b: f64) -> f64 { a + b }
/// ```
///
/// Results are `same` as the operands, or a `bool` (an `i32` of 0 or 1).
macro_rules! float_operations {
    ($($(#[$doc:meta])* $f32w:ident $f64w:ident $args:tt -> $result:ident $body:block)*) => {
        $(
            float_operations!(@$result $(#[$doc])* $f32w f32 $args $body);
            float_operations!(@$result $(#[$doc])* $f64w f64 $args $body);
        )*
    };
    (@same $(#[$doc:meta])* $name:ident $float:ident ($($arg:ident),*) $body:block) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($($arg: $float),*) -> $float $body
    };
    (@bool $(#[$doc:meta])* $name:ident $float:ident ($($arg:ident),*) $body:block) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($($arg: $float),*) -> i32 {
            i32::from($body)
        }
    };
}

/// Operations on floats that the standard library does not have.
trait Float: Sized {
    /// Returns this NaN with its quiet bit set, and payload and sign unchanged.
    fn quieted(self) -> Self;

    /// Returns `result`, which was computed from this value; if this value is a NaN, returns it quieted instead.
    fn quiet_or(self, result: Self) -> Self;

    /// Rounds to the nearest integer, ties to even, and lets `adjust` move that to the required side. The sign is that
    /// of the operand, also for zero. A value without a fraction stays the same; a NaN is quieted.
    fn rounded(self, adjust: impl FnOnce(Self) -> Self) -> Self;

    /// Returns the bitwise or: for two zeros, -0 if one of them is.
    fn or_bits(self, other: Self) -> Self;

    /// Returns the bitwise and: for two zeros, +0 if one of them is.
    fn and_bits(self, other: Self) -> Self;
}

/// Implements [`Float`] for `$float`, whose significand has `$bits` explicit bits.
macro_rules! impl_float {
    ($float:ident, $bits:literal) => {
        impl Float for $float {
            #[inline(always)]
            fn quieted(self) -> $float {
                $float::from_bits(self.to_bits() | 1 << ($bits - 1))
            }

            #[inline(always)]
            fn quiet_or(self, result: $float) -> $float {
                if self.is_nan() { self.quieted() } else { result }
            }

            #[inline(always)]
            fn rounded(self, adjust: impl FnOnce($float) -> $float) -> $float {
                // Numbers of at least this magnitude have no fractions, so a sum of this magnitude is rounded to an
                // integer.
                const WHOLE: $float = (1_u64 << $bits) as $float;
                if self.abs() < WHOLE {
                    let whole = WHOLE.copysign(self);
                    adjust(self + whole - whole).copysign(self)
                } else {
                    self.quiet_or(self)
                }
            }

            #[inline(always)]
            fn or_bits(self, other: $float) -> $float {
                $float::from_bits(self.to_bits() | other.to_bits())
            }

            #[inline(always)]
            fn and_bits(self, other: $float) -> $float {
                $float::from_bits(self.to_bits() & other.to_bits())
            }
        }
    };
}

impl_float!(f32, 23);
impl_float!(f64, 52);

/// Whether the target has instructions that round to an integer.
const ROUNDS: bool = cfg!(any(not(target_arch = "x86_64"), target_feature = "sse4.1"));

float_operations! {
    /// `fadd`
    f32_add f64_add (a, b) -> same { a + b }
    /// `fsub`
    f32_sub f64_sub (a, b) -> same { a - b }
    /// `fmul`
    f32_mul f64_mul (a, b) -> same { a * b }
    /// `fdiv`
    f32_div f64_div (a, b) -> same { a / b }

    /// `fmin`; -0 is smaller than +0.
    f32_min f64_min (a, b) -> same {
        if a < b {
            a
        } else if b < a {
            b
        } else if a == b {
            a.or_bits(b)
        } else {
            a + b
        }
    }
    /// `fmax`; -0 is smaller than +0.
    f32_max f64_max (a, b) -> same {
        if a > b {
            a
        } else if b > a {
            b
        } else if a == b {
            a.and_bits(b)
        } else {
            a + b
        }
    }
    /// `fcopysign`
    f32_copysign f64_copysign (a, b) -> same { a.copysign(b) }

    /// `feq`
    f32_eq f64_eq (a, b) -> bool { a == b }
    /// `fne`
    f32_ne f64_ne (a, b) -> bool { a != b }
    /// `flt`
    f32_lt f64_lt (a, b) -> bool { a < b }
    /// `fgt`
    f32_gt f64_gt (a, b) -> bool { a > b }
    /// `fle`
    f32_le f64_le (a, b) -> bool { a <= b }
    /// `fge`
    f32_ge f64_ge (a, b) -> bool { a >= b }

    /// `fabs`
    f32_abs f64_abs (a) -> same { a.abs() }
    /// `fneg`
    f32_neg f64_neg (a) -> same { -a }
    /// `fceil`
    f32_ceil f64_ceil (a) -> same {
        if ROUNDS { a.quiet_or(a.ceil()) } else { a.rounded(|near| if near < a { near + 1.0 } else { near }) }
    }
    /// `ffloor`
    f32_floor f64_floor (a) -> same {
        if ROUNDS { a.quiet_or(a.floor()) } else { a.rounded(|near| if near > a { near - 1.0 } else { near }) }
    }
    /// `ftrunc`
    f32_trunc f64_trunc (a) -> same {
        if ROUNDS {
            a.quiet_or(a.trunc())
        } else {
            a.rounded(|near| if near.abs() > a.abs() { near.abs() - 1.0 } else { near })
        }
    }
    /// `fnearest`: to the nearest integer, ties to the even one.
    f32_nearest f64_nearest (a) -> same {
        if ROUNDS { a.quiet_or(a.round_ties_even()) } else { a.rounded(|near| near) }
    }
    /// `fsqrt`
    f32_sqrt f64_sqrt (a) -> same { a.sqrt() }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    const SIGNALLING32: u32 = 0x7fa0_0001;
    const SIGNALLING64: u64 = 0x7ff4_0000_0000_0001;

    fn is_quiet32(value: f32) -> bool {
        value.is_nan() && value.to_bits() & 1 << 22 != 0
    }

    fn is_quiet64(value: f64) -> bool {
        value.is_nan() && value.to_bits() & 1 << 51 != 0
    }

    #[test]
    fn a_signalling_nan_comes_out_quiet() {
        let nan = black_box(f32::from_bits(SIGNALLING32));
        for unary in [f32_ceil, f32_floor, f32_trunc, f32_nearest, f32_sqrt] {
            assert!(is_quiet32(unary(nan)));
        }
        for binary in [f32_add, f32_sub, f32_mul, f32_div, f32_min, f32_max] {
            assert!(is_quiet32(binary(nan, black_box(1.0))));
            assert!(is_quiet32(binary(black_box(1.0), nan)));
        }
        let nan = black_box(f64::from_bits(SIGNALLING64));
        for unary in [f64_ceil, f64_floor, f64_trunc, f64_nearest, f64_sqrt] {
            assert!(is_quiet64(unary(nan)));
        }
        for binary in [f64_add, f64_sub, f64_mul, f64_div, f64_min, f64_max] {
            assert!(is_quiet64(binary(nan, black_box(1.0))));
            assert!(is_quiet64(binary(black_box(1.0), nan)));
        }
    }

    /// Values around which the result of rounding changes, and their neighbours, of both signs.
    fn edges64() -> impl Iterator<Item = f64> {
        let halves = (0..70).flat_map(|power| {
            let two = f64::from(power).exp2();
            [two / 4.0, two - 0.5, two, two + 0.5, two + 1.5]
        });
        let all = halves.chain([0.0, f64::MIN_POSITIVE, f64::from_bits(1), f64::MAX, f64::INFINITY, f64::NAN]);
        all.flat_map(|value| [value.next_down(), value, value.next_up()]).flat_map(|value| [value, -value])
    }

    /// A sequence of bits without a pattern.
    fn scattered() -> impl Iterator<Item = u64> {
        (0..200_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left((n % 64) as u32))
    }

    #[test]
    fn rounding_is_that_of_the_library_bit_by_bit() {
        type Pair<T> = (fn(T) -> T, fn(T) -> T);
        let of64: [Pair<f64>; 4] = [
            (f64_ceil, f64::ceil),
            (f64_floor, f64::floor),
            (f64_trunc, f64::trunc),
            (f64_nearest, f64::round_ties_even),
        ];
        for value in edges64().chain(scattered().map(f64::from_bits)) {
            for (ours, library) in of64 {
                let expected = if value.is_nan() { value.quieted() } else { library(value) };
                assert_eq!(ours(black_box(value)).to_bits(), expected.to_bits(), "{value:e}");
            }
        }
        let of32: [Pair<f32>; 4] = [
            (f32_ceil, f32::ceil),
            (f32_floor, f32::floor),
            (f32_trunc, f32::trunc),
            (f32_nearest, f32::round_ties_even),
        ];
        let edges32 = edges64().map(|value| value as f32).flat_map(|value| [value.next_down(), value, value.next_up()]);
        for value in edges32.chain(scattered().map(|bits| f32::from_bits((bits >> 16) as u32))) {
            for (ours, library) in of32 {
                let expected = if value.is_nan() { value.quieted() } else { library(value) };
                assert_eq!(ours(black_box(value)).to_bits(), expected.to_bits(), "{value:e}");
            }
        }
    }

    #[test]
    fn sign_operations_keep_the_other_bits_of_a_nan() {
        let nan = black_box(f32::from_bits(SIGNALLING32));
        assert_eq!(f32_neg(nan).to_bits(), SIGNALLING32 | 1 << 31);
        assert_eq!(f32_abs(f32_neg(nan)).to_bits(), SIGNALLING32);
        assert_eq!(f32_copysign(nan, -0.0).to_bits(), SIGNALLING32 | 1 << 31);
        let nan = black_box(f64::from_bits(SIGNALLING64));
        assert_eq!(f64_neg(nan).to_bits(), SIGNALLING64 | 1 << 63);
        assert_eq!(f64_abs(f64_neg(nan)).to_bits(), SIGNALLING64);
        assert_eq!(f64_copysign(nan, -0.0).to_bits(), SIGNALLING64 | 1 << 63);
    }

    #[test]
    fn min_and_max_order_the_zeros() {
        for (a, b) in [(0.0, -0.0), (-0.0, 0.0)] {
            assert!(f32_min(a, b).is_sign_negative());
            assert!(f32_max(a, b).is_sign_positive());
        }
        for (a, b) in [(0.0, -0.0), (-0.0, 0.0)] {
            assert!(f64_min(a, b).is_sign_negative());
            assert!(f64_max(a, b).is_sign_positive());
        }
        assert_eq!((f32_min(-1.5, 2.0), f32_max(-1.5, 2.0)), (-1.5, 2.0));
        assert_eq!((f64_min(7.0, 7.0), f64_max(7.0, f64::INFINITY)), (7.0, f64::INFINITY));
    }

    #[test]
    fn nearest_rounds_ties_to_even_and_keeps_the_sign_of_zero() {
        assert_eq!((f32_nearest(0.5), f32_nearest(1.5), f32_nearest(-2.5)), (0.0, 2.0, -2.0));
        assert_eq!((f64_nearest(0.5), f64_nearest(3.5), f64_nearest(4.5)), (0.0, 4.0, 4.0));
        assert!(f32_nearest(-0.4).is_sign_negative());
        assert!(f64_ceil(-0.4).is_sign_negative());
        assert!(f64_trunc(-0.4).is_sign_negative());
        assert_eq!((f32_floor(-0.4), f32_ceil(0.4), f32_trunc(-1.9)), (-1.0, 1.0, -1.0));
    }

    #[test]
    fn comparisons_with_nan_are_false_except_ne() {
        for compare in [f32_eq, f32_lt, f32_gt, f32_le, f32_ge] {
            assert_eq!(compare(f32::NAN, 1.0), 0);
            assert_eq!(compare(1.0, f32::NAN), 0);
        }
        assert_eq!((f32_ne(f32::NAN, f32::NAN), f64_ne(f64::NAN, 0.0)), (1, 1));
        assert_eq!((f64_eq(0.0, -0.0), f64_lt(-0.0, 0.0)), (1, 0));
    }
}
