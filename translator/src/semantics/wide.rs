//! Wide arithmetic: integers of 128 bits in two halves, the lower first.

fn join(low: i64, high: i64) -> i128 {
    i128::from(high) << 64 | i128::from(low.cast_unsigned())
}

fn halves(value: i128) -> [i64; 2] {
    [value as i64, (value >> 64) as i64]
}

/// The sum, modulo 2^128.
#[inline(always)]
pub fn i64_add128(lhs_low: i64, lhs_high: i64, rhs_low: i64, rhs_high: i64) -> [i64; 2] {
    halves(join(lhs_low, lhs_high).wrapping_add(join(rhs_low, rhs_high)))
}

/// The difference, modulo 2^128.
#[inline(always)]
pub fn i64_sub128(lhs_low: i64, lhs_high: i64, rhs_low: i64, rhs_high: i64) -> [i64; 2] {
    halves(join(lhs_low, lhs_high).wrapping_sub(join(rhs_low, rhs_high)))
}

/// The whole product of two signed integers.
#[inline(always)]
pub fn i64_mul_wide_s(lhs: i64, rhs: i64) -> [i64; 2] {
    halves(i128::from(lhs) * i128::from(rhs))
}

/// The whole product of two unsigned integers.
#[inline(always)]
pub fn i64_mul_wide_u(lhs: i64, rhs: i64) -> [i64; 2] {
    halves((u128::from(lhs.cast_unsigned()) * u128::from(rhs.cast_unsigned())).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_and_borrows_go_up() {
        assert_eq!(i64_add128(-1, 5, 1, 7), [0, 13]);
        assert_eq!(i64_add128(-1, -1, 1, 0), [0, 0]);
        assert_eq!(i64_sub128(0, 5, 1, 1), [-1, 3]);
        assert_eq!(i64_sub128(0, 0, 1, 0), [-1, -1]);
    }

    #[test]
    fn products_are_whole() {
        assert_eq!(i64_mul_wide_s(-1, -1), [1, 0]);
        assert_eq!(i64_mul_wide_u(-1, -1), [1, -2]);
        assert_eq!(i64_mul_wide_s(i64::MIN, i64::MIN), [0, 1 << 62]);
        assert_eq!(i64_mul_wide_s(i64::MIN, 2), [0, -1]);
        assert_eq!(i64_mul_wide_u(i64::MIN, 2), [0, 1]);
    }
}
