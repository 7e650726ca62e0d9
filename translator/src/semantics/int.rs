//! Integer arithmetic, comparisons and sign extension (core spec, section 4.3.2
//! "Integer Operations").
//!
//! Both widths share one row each, on the signed Rust type; unsigned operations reinterpret the bits. Shift and
//! rotation counts are taken modulo the width.

use crate::trap::TrapCode;

/// Defines an operation for both widths. The row
///
/// ```text
/// i32_add i64_add (a, b) -> same { a.wrapping_add(b) }
/// ```
///
/// expands to
///
/// ```text
/// pub fn i32_add(a: i32, b: i32) -> i32 { a.wrapping_add(b) }
/// pub fn i64_add(a: i64, b: i64) -> i64 { a.wrapping_add(b) }
/// ```
///
/// Results are `same` as the operands, a `bool` (an `i32` of 0 or 1), or
/// `checked` (`same`, or a trap).
macro_rules! int_operations {
    ($($(#[$doc:meta])* $f32w:ident $f64w:ident $args:tt -> $result:ident $body:block)*) => {
        $(
            int_operations!(@$result $(#[$doc])* $f32w i32 $args $body);
            int_operations!(@$result $(#[$doc])* $f64w i64 $args $body);
        )*
    };
    (@same $(#[$doc:meta])* $name:ident $int:ident ($($arg:ident),*) $body:block) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($($arg: $int),*) -> $int $body
    };
    (@bool $(#[$doc:meta])* $name:ident $int:ident ($($arg:ident),*) $body:block) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($($arg: $int),*) -> i32 {
            i32::from($body)
        }
    };
    (@checked $(#[$doc:meta])* $name:ident $int:ident ($($arg:ident),*) $body:block) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name($($arg: $int),*) -> Result<$int, TrapCode> $body
    };
}

int_operations! {
    /// `iadd`
    i32_add i64_add (a, b) -> same { a.wrapping_add(b) }
    /// `isub`
    i32_sub i64_sub (a, b) -> same { a.wrapping_sub(b) }
    /// `imul`
    i32_mul i64_mul (a, b) -> same { a.wrapping_mul(b) }
    /// `iand`
    i32_and i64_and (a, b) -> same { a & b }
    /// `ior`
    i32_or i64_or (a, b) -> same { a | b }
    /// `ixor`
    i32_xor i64_xor (a, b) -> same { a ^ b }
    /// `ishl`
    i32_shl i64_shl (a, b) -> same { a.wrapping_shl(b as u32) }
    /// `ishr_s`
    i32_shr_s i64_shr_s (a, b) -> same { a.wrapping_shr(b as u32) }
    /// `ishr_u`
    i32_shr_u i64_shr_u (a, b) -> same {
        a.cast_unsigned().wrapping_shr(b as u32).cast_signed()
    }
    /// `irotl`
    i32_rotl i64_rotl (a, b) -> same { a.rotate_left(b as u32) }
    /// `irotr`
    i32_rotr i64_rotr (a, b) -> same { a.rotate_right(b as u32) }

    /// `idiv_s`
    ///
    /// # Errors
    ///
    /// Division by zero; overflow, when the smallest integer is divided by -1.
    i32_div_s i64_div_s (a, b) -> checked {
        if b == 0 {
            return Err(TrapCode::IntegerDivideByZero);
        }
        a.checked_div(b).ok_or(TrapCode::IntegerOverflow)
    }
    /// `idiv_u`
    ///
    /// # Errors
    ///
    /// Division by zero.
    i32_div_u i64_div_u (a, b) -> checked {
        match a.cast_unsigned().checked_div(b.cast_unsigned()) {
            Some(quotient) => Ok(quotient.cast_signed()),
            None => Err(TrapCode::IntegerDivideByZero),
        }
    }
    /// `irem_s`; the smallest integer modulo -1 is 0.
    ///
    /// # Errors
    ///
    /// Division by zero.
    i32_rem_s i64_rem_s (a, b) -> checked {
        if b == 0 {
            return Err(TrapCode::IntegerDivideByZero);
        }
        Ok(a.wrapping_rem(b))
    }
    /// `irem_u`
    ///
    /// # Errors
    ///
    /// Division by zero.
    i32_rem_u i64_rem_u (a, b) -> checked {
        match a.cast_unsigned().checked_rem(b.cast_unsigned()) {
            Some(remainder) => Ok(remainder.cast_signed()),
            None => Err(TrapCode::IntegerDivideByZero),
        }
    }

    /// `ieq`
    i32_eq i64_eq (a, b) -> bool { a == b }
    /// `ine`
    i32_ne i64_ne (a, b) -> bool { a != b }
    /// `ilt_s`
    i32_lt_s i64_lt_s (a, b) -> bool { a < b }
    /// `ilt_u`
    i32_lt_u i64_lt_u (a, b) -> bool { a.cast_unsigned() < b.cast_unsigned() }
    /// `igt_s`
    i32_gt_s i64_gt_s (a, b) -> bool { a > b }
    /// `igt_u`
    i32_gt_u i64_gt_u (a, b) -> bool { a.cast_unsigned() > b.cast_unsigned() }
    /// `ile_s`
    i32_le_s i64_le_s (a, b) -> bool { a <= b }
    /// `ile_u`
    i32_le_u i64_le_u (a, b) -> bool { a.cast_unsigned() <= b.cast_unsigned() }
    /// `ige_s`
    i32_ge_s i64_ge_s (a, b) -> bool { a >= b }
    /// `ige_u`
    i32_ge_u i64_ge_u (a, b) -> bool { a.cast_unsigned() >= b.cast_unsigned() }

    /// `iclz`
    i32_clz i64_clz (a) -> same { a.leading_zeros() as _ }
    /// `ictz`
    i32_ctz i64_ctz (a) -> same { a.trailing_zeros() as _ }
    /// `ipopcnt`
    i32_popcnt i64_popcnt (a) -> same { a.count_ones() as _ }
    /// `ieqz`
    i32_eqz i64_eqz (a) -> bool { a == 0 }
    /// `iextend8_s`
    i32_extend8_s i64_extend8_s (a) -> same { (a as i8).into() }
    /// `iextend16_s`
    i32_extend16_s i64_extend16_s (a) -> same { (a as i16).into() }
}

/// `iextend32_s`
#[inline(always)]
pub fn i64_extend32_s(a: i64) -> i64 {
    (a as i32).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_and_rotations_mask_their_count() {
        assert_eq!(i32_shl(1, 33), 2);
        assert_eq!(i32_shl(1, -1), i32::MIN);
        assert_eq!(i32_shr_s(-8, 33), -4);
        assert_eq!(i32_shr_u(-1, 63), 1);
        assert_eq!(i64_shl(1, 65), 2);
        assert_eq!(i64_shl(1, 1 << 32), 1);
        assert_eq!(i64_shr_s(i64::MIN, 127), -1);
        assert_eq!(i64_shr_u(-1, 127), 1);
        assert_eq!(i32_rotl(i32::MIN, 33), 1);
        assert_eq!(i32_rotr(1, 33), i32::MIN);
        assert_eq!(i64_rotl(i64::MIN, 65), 1);
        assert_eq!(i64_rotr(1, -63), i64::MIN);
    }

    #[test]
    fn signed_division_traps_on_zero_and_overflow() {
        assert_eq!(i32_div_s(-7, 2), Ok(-3));
        assert_eq!(i32_div_s(1, 0), Err(TrapCode::IntegerDivideByZero));
        assert_eq!(i32_div_s(i32::MIN, -1), Err(TrapCode::IntegerOverflow));
        assert_eq!(i64_div_s(i64::MIN, 0), Err(TrapCode::IntegerDivideByZero));
        assert_eq!(i64_div_s(i64::MIN, -1), Err(TrapCode::IntegerOverflow));
        assert_eq!(i64_div_s(i64::MIN, 2), Ok(i64::MIN / 2));
    }

    #[test]
    fn signed_remainder_takes_the_sign_of_the_dividend_and_never_overflows() {
        assert_eq!(i32_rem_s(-7, 2), Ok(-1));
        assert_eq!(i32_rem_s(7, -2), Ok(1));
        assert_eq!(i32_rem_s(i32::MIN, -1), Ok(0));
        assert_eq!(i64_rem_s(i64::MIN, -1), Ok(0));
        assert_eq!(i64_rem_s(1, 0), Err(TrapCode::IntegerDivideByZero));
    }

    #[test]
    fn unsigned_division_reads_the_operands_as_unsigned() {
        assert_eq!(i32_div_u(-1, 2), Ok(i32::MAX));
        assert_eq!(i32_div_u(i32::MIN, -1), Ok(0));
        assert_eq!(i32_div_u(1, 0), Err(TrapCode::IntegerDivideByZero));
        assert_eq!(i64_rem_u(-1, 10), Ok(5));
        assert_eq!(i64_rem_u(1, 0), Err(TrapCode::IntegerDivideByZero));
    }

    #[test]
    fn comparisons_are_zero_or_one() {
        assert_eq!((i32_lt_s(-1, 0), i32_lt_u(-1, 0)), (1, 0));
        assert_eq!((i64_ge_s(-1, 0), i64_ge_u(-1, 0)), (0, 1));
        assert_eq!((i32_le_u(-1, -1), i32_gt_u(-1, 1)), (1, 1));
        assert_eq!((i32_eqz(0), i64_eqz(1 << 32)), (1, 0));
    }

    #[test]
    fn bit_counts_of_zero_are_the_width() {
        assert_eq!((i32_clz(0), i32_ctz(0), i32_popcnt(-1)), (32, 32, 32));
        assert_eq!((i64_clz(0), i64_ctz(0), i64_popcnt(-1)), (64, 64, 64));
        assert_eq!((i32_clz(1), i64_ctz(i64::MIN)), (31, 63));
    }

    #[test]
    fn extensions_ignore_the_upper_bits() {
        assert_eq!(i32_extend8_s(0x1234_5680), -128);
        assert_eq!(i32_extend16_s(0x1234_7fff), 0x7fff);
        assert_eq!(i64_extend8_s(0x7f), 0x7f);
        assert_eq!(i64_extend16_s(0xffff_8000), -0x8000);
        assert_eq!(i64_extend32_s(0x1_8000_0000), i64::from(i32::MIN));
    }
}
