//! Conversions between value types (core spec, section 4.3.4 "Conversions").

use crate::trap::TrapCode;

/// `wrap`
#[inline(always)]
pub fn i32_wrap_i64(a: i64) -> i32 {
    a as i32
}

/// `extend_s`
#[inline(always)]
pub fn i64_extend_i32_s(a: i32) -> i64 {
    a.into()
}

/// `extend_u`
#[inline(always)]
pub fn i64_extend_i32_u(a: i32) -> i64 {
    a.cast_unsigned().into()
}

/// Defines truncations that trap. The row
///
/// ```text
/// i32_trunc_f32_u(f32) -> u32 as i32, above -1.0, below 4294967296.0;
/// ```
///
/// expands to
///
/// ```text
/// pub fn i32_trunc_f32_u(a: f32) -> Result<i32, TrapCode> {
///     if a > -1.0 && a < 4294967296.0 { Ok(a as u32 as i32) } else { Err(..) }
/// }
/// ```
///
/// Both bounds are exclusive and representable in the operand's type, and are the closest ones out of range: if the
/// smallest integer minus one has no exact representation, the bound is the next float below the smallest integer.
macro_rules! truncations {
    ($($name:ident($float:ident) -> $int:ident as $result:ident, above $low:literal, below $high:literal;)*) => {
        $(
            /// `trunc`
            ///
            /// # Errors
            ///
            /// The operand is a NaN, or its integer part is not representable.
            #[inline(always)]
            pub fn $name(a: $float) -> Result<$result, TrapCode> {
                if a > $low && a < $high {
                    Ok(a as $int as $result)
                } else if a.is_nan() {
                    Err(TrapCode::InvalidConversionToInteger)
                } else {
                    Err(TrapCode::IntegerOverflow)
                }
            }
        )*
    };
}

truncations! {
    i32_trunc_f32_s(f32) -> i32 as i32, above -2147483904.0, below 2147483648.0;
    i32_trunc_f32_u(f32) -> u32 as i32, above -1.0, below 4294967296.0;
    i32_trunc_f64_s(f64) -> i32 as i32, above -2147483649.0, below 2147483648.0;
    i32_trunc_f64_u(f64) -> u32 as i32, above -1.0, below 4294967296.0;
    i64_trunc_f32_s(f32) -> i64 as i64, above -9223373136366403584.0, below 9223372036854775808.0;
    i64_trunc_f32_u(f32) -> u64 as i64, above -1.0, below 18446744073709551616.0;
    i64_trunc_f64_s(f64) -> i64 as i64, above -9223372036854777856.0, below 9223372036854775808.0;
    i64_trunc_f64_u(f64) -> u64 as i64, above -1.0, below 18446744073709551616.0;
}

/// Defines conversions that are a chain of Rust's casts, which saturate from
/// float to integer (NaN becomes 0) and round to nearest, ties to even, from
/// integer to float. The row
///
/// ```text
/// /// `convert_u`
/// f32_convert_i32_u(i32) -> f32, through u32;
/// ```
///
/// expands to
///
/// ```text
/// /// `convert_u`
/// pub fn f32_convert_i32_u(a: i32) -> f32 { a as u32 as f32 }
/// ```
macro_rules! casts {
    ($($(#[$doc:meta])* $name:ident($operand:ident) -> $result:ident, through $middle:ident;)*) => {
        $(
            $(#[$doc])*
            #[inline(always)]
            pub fn $name(a: $operand) -> $result {
                a as $middle as $result
            }
        )*
    };
}

casts! {
    /// `trunc_sat_s`
    i32_trunc_sat_f32_s(f32) -> i32, through i32;
    /// `trunc_sat_u`
    i32_trunc_sat_f32_u(f32) -> i32, through u32;
    /// `trunc_sat_s`
    i32_trunc_sat_f64_s(f64) -> i32, through i32;
    /// `trunc_sat_u`
    i32_trunc_sat_f64_u(f64) -> i32, through u32;
    /// `trunc_sat_s`
    i64_trunc_sat_f32_s(f32) -> i64, through i64;
    /// `trunc_sat_u`
    i64_trunc_sat_f32_u(f32) -> i64, through u64;
    /// `trunc_sat_s`
    i64_trunc_sat_f64_s(f64) -> i64, through i64;
    /// `trunc_sat_u`
    i64_trunc_sat_f64_u(f64) -> i64, through u64;
    /// `convert_s`
    f32_convert_i32_s(i32) -> f32, through i32;
    /// `convert_u`
    f32_convert_i32_u(i32) -> f32, through u32;
    /// `convert_s`
    f32_convert_i64_s(i64) -> f32, through i64;
    /// `convert_u`
    f32_convert_i64_u(i64) -> f32, through u64;
    /// `convert_s`
    f64_convert_i32_s(i32) -> f64, through i32;
    /// `convert_u`
    f64_convert_i32_u(i32) -> f64, through u32;
    /// `convert_s`
    f64_convert_i64_s(i64) -> f64, through i64;
    /// `convert_u`
    f64_convert_i64_u(i64) -> f64, through u64;
}

/// `demote`; the machine's conversion quiets a signalling NaN.
#[inline(always)]
pub fn f32_demote_f64(a: f64) -> f32 {
    a as f32
}

/// `promote`; the machine's conversion quiets a signalling NaN.
#[inline(always)]
pub fn f64_promote_f32(a: f32) -> f64 {
    a.into()
}

/// `reinterpret`
#[inline(always)]
pub fn i32_reinterpret_f32(a: f32) -> i32 {
    a.to_bits().cast_signed()
}

/// `reinterpret`
#[inline(always)]
pub fn i64_reinterpret_f64(a: f64) -> i64 {
    a.to_bits().cast_signed()
}

/// `reinterpret`
#[inline(always)]
pub fn f32_reinterpret_i32(a: i32) -> f32 {
    f32::from_bits(a.cast_unsigned())
}

/// `reinterpret`
#[inline(always)]
pub fn f64_reinterpret_i64(a: i64) -> f64 {
    f64::from_bits(a.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::hint::black_box;

    use super::*;

    /// Checks one truncation against the definition, computed in 128 bits, at every bound of every integer type and the
    /// adjacent floats.
    fn check_bounds<F: Copy + Into<f64>, I: PartialEq + Debug>(
        truncate: fn(F) -> Result<I, TrapCode>,
        next_up: fn(F) -> F,
        next_down: fn(F) -> F,
        from_f64: fn(f64) -> F,
        convert: fn(i128) -> Option<I>,
    ) {
        for magnitude in [0.0, 0.5, 1.0, 1.5, 31f64.exp2(), 32f64.exp2(), 63f64.exp2(), 64f64.exp2()] {
            for signed in [magnitude, -magnitude, magnitude - 1.0, -magnitude - 1.0] {
                let exact = from_f64(signed);
                for operand in [exact, next_up(exact), next_down(exact)] {
                    let wide: f64 = operand.into();
                    let expected = convert(wide as i128).ok_or(TrapCode::IntegerOverflow);
                    assert_eq!(truncate(operand), expected, "{wide}");
                }
            }
        }
        for infinity in [f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(truncate(from_f64(infinity)), Err(TrapCode::IntegerOverflow));
        }
        assert_eq!(truncate(from_f64(f64::NAN)), Err(TrapCode::InvalidConversionToInteger));
    }

    fn check_f32<I: PartialEq + Debug>(truncate: fn(f32) -> Result<I, TrapCode>, convert: fn(i128) -> Option<I>) {
        check_bounds(truncate, f32::next_up, f32::next_down, |a| a as f32, convert);
    }

    fn check_f64<I: PartialEq + Debug>(truncate: fn(f64) -> Result<I, TrapCode>, convert: fn(i128) -> Option<I>) {
        check_bounds(truncate, f64::next_up, f64::next_down, |a| a, convert);
    }

    #[test]
    fn truncations_trap_exactly_out_of_range() {
        let signed32 = |a| i32::try_from(a).ok();
        let unsigned32 = |a| u32::try_from(a).ok().map(u32::cast_signed);
        let signed64 = |a| i64::try_from(a).ok();
        let unsigned64 = |a| u64::try_from(a).ok().map(u64::cast_signed);
        check_f32(i32_trunc_f32_s, signed32);
        check_f32(i32_trunc_f32_u, unsigned32);
        check_f32(i64_trunc_f32_s, signed64);
        check_f32(i64_trunc_f32_u, unsigned64);
        check_f64(i32_trunc_f64_s, signed32);
        check_f64(i32_trunc_f64_u, unsigned32);
        check_f64(i64_trunc_f64_s, signed64);
        check_f64(i64_trunc_f64_u, unsigned64);
    }

    #[test]
    fn saturating_truncations_clamp() {
        assert_eq!(i32_trunc_sat_f32_s(f32::NAN), 0);
        assert_eq!(i32_trunc_sat_f64_s(-1e10), i32::MIN);
        assert_eq!(i32_trunc_sat_f64_u(1e10), -1);
        assert_eq!(i32_trunc_sat_f32_u(-5.0), 0);
        assert_eq!(i64_trunc_sat_f32_s(f32::INFINITY), i64::MAX);
        assert_eq!(i64_trunc_sat_f64_u(f64::INFINITY), -1);
        assert_eq!(i64_trunc_sat_f64_s(-1.9), -1);
        assert_eq!(i64_trunc_sat_f32_u(f32::NEG_INFINITY), 0);
    }

    #[test]
    fn integers_round_to_the_nearest_float_once() {
        assert_eq!(f32_convert_i32_s(16_777_217), 16_777_216.0);
        assert_eq!(f32_convert_i32_u(-1), 4_294_967_296.0);
        // A detour through f64 would round twice, to 0x1.000002p+62.
        assert_eq!(f32_convert_i64_s(0x4000_0040_0000_0000), 62f32.exp2());
        assert_eq!(f32_convert_i64_s(0x4000_0040_0000_0001), 62f32.exp2().next_up());
        assert_eq!(f64_convert_i64_u(-1), 64f64.exp2());
        assert_eq!(f64_convert_i32_u(-1), 4_294_967_295.0);
    }

    #[test]
    fn demotion_and_promotion_quiet_nans() {
        let nan = black_box(f64::from_bits(0x7ff4_0000_2000_0000));
        assert_ne!(f32_demote_f64(nan).to_bits() & 1 << 22, 0);
        assert!(f32_demote_f64(nan).is_nan());
        let nan = black_box(f32::from_bits(0x7fa0_0001));
        assert_ne!(f64_promote_f32(nan).to_bits() & 1 << 51, 0);
        assert!(f64_promote_f32(nan).is_nan());
    }

    #[test]
    fn integer_conversions_extend_and_wrap() {
        assert_eq!(i32_wrap_i64(0x1_ffff_ffff), -1);
        assert_eq!(i64_extend_i32_s(-1), -1);
        assert_eq!(i64_extend_i32_u(-1), 0xffff_ffff);
    }

    #[test]
    fn reinterpretation_keeps_every_bit() {
        assert_eq!(i32_reinterpret_f32(f32_reinterpret_i32(0x7fa0_0001)), 0x7fa0_0001);
        assert_eq!(i64_reinterpret_f64(f64_reinterpret_i64(-1)), -1);
    }
}
