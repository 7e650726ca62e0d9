//! Integer lanes: arithmetic, comparisons, shifts, tests and bitwise operations.

use std::array::from_fn;

use super::{i8x16, i16x8, i32x4, i64x2, u8x16, u16x8, u32x4, u64x2};

lanewise! {
    /// `iadd`
    (a, b) { a.wrapping_add(b) } {
        i8x16_add(i8x16) -> i8x16;
        i16x8_add(i16x8) -> i16x8;
        i32x4_add(i32x4) -> i32x4;
        i64x2_add(i64x2) -> i64x2;
    }
    /// `isub`
    (a, b) { a.wrapping_sub(b) } {
        i8x16_sub(i8x16) -> i8x16;
        i16x8_sub(i16x8) -> i16x8;
        i32x4_sub(i32x4) -> i32x4;
        i64x2_sub(i64x2) -> i64x2;
    }
    /// `imul`
    (a, b) { a.wrapping_mul(b) } {
        i16x8_mul(i16x8) -> i16x8;
        i32x4_mul(i32x4) -> i32x4;
        i64x2_mul(i64x2) -> i64x2;
    }
    /// `iadd_sat_s`, `iadd_sat_u`: by the type of the lanes.
    (a, b) { a.saturating_add(b) } {
        i8x16_add_sat_s(i8x16) -> i8x16;
        i8x16_add_sat_u(u8x16) -> u8x16;
        i16x8_add_sat_s(i16x8) -> i16x8;
        i16x8_add_sat_u(u16x8) -> u16x8;
    }
    /// `isub_sat_s`, `isub_sat_u`: by the type of the lanes.
    (a, b) { a.saturating_sub(b) } {
        i8x16_sub_sat_s(i8x16) -> i8x16;
        i8x16_sub_sat_u(u8x16) -> u8x16;
        i16x8_sub_sat_s(i16x8) -> i16x8;
        i16x8_sub_sat_u(u16x8) -> u16x8;
    }
    /// `imin_s`, `imin_u`: by the type of the lanes.
    (a, b) { a.min(b) } {
        i8x16_min_s(i8x16) -> i8x16;
        i8x16_min_u(u8x16) -> u8x16;
        i16x8_min_s(i16x8) -> i16x8;
        i16x8_min_u(u16x8) -> u16x8;
        i32x4_min_s(i32x4) -> i32x4;
        i32x4_min_u(u32x4) -> u32x4;
    }
    /// `imax_s`, `imax_u`: by the type of the lanes.
    (a, b) { a.max(b) } {
        i8x16_max_s(i8x16) -> i8x16;
        i8x16_max_u(u8x16) -> u8x16;
        i16x8_max_s(i16x8) -> i16x8;
        i16x8_max_u(u16x8) -> u16x8;
        i32x4_max_s(i32x4) -> i32x4;
        i32x4_max_u(u32x4) -> u32x4;
    }
    /// `iavgr_u`: the mean, rounded up.
    (a, b) { ((u32::from(a) + u32::from(b) + 1) >> 1) as _ } {
        i8x16_avgr_u(u8x16) -> u8x16;
        i16x8_avgr_u(u16x8) -> u16x8;
    }
    /// `iq15mulr_sat_s`: the product of fixed-point numbers with 15 fraction bits, rounded; saturates at 1.
    (a, b) { ((i32::from(a) * i32::from(b) + (1 << 14)) >> 15).min(i16::MAX.into()) as i16 } {
        i16x8_q15mulr_sat_s(i16x8) -> i16x8;
    }
    /// `iabs`; the smallest integer stays.
    (a) { a.wrapping_abs() } {
        i8x16_abs(i8x16) -> i8x16;
        i16x8_abs(i16x8) -> i16x8;
        i32x4_abs(i32x4) -> i32x4;
        i64x2_abs(i64x2) -> i64x2;
    }
    /// `ineg`
    (a) { a.wrapping_neg() } {
        i8x16_neg(i8x16) -> i8x16;
        i16x8_neg(i16x8) -> i16x8;
        i32x4_neg(i32x4) -> i32x4;
        i64x2_neg(i64x2) -> i64x2;
    }
    /// `ipopcnt`
    (a) { a.count_ones() as u8 } {
        i8x16_popcnt(u8x16) -> u8x16;
    }

    /// `ieq`
    (a, b) { if a == b { -1 } else { 0 } } {
        i8x16_eq(i8x16) -> i8x16;
        i16x8_eq(i16x8) -> i16x8;
        i32x4_eq(i32x4) -> i32x4;
        i64x2_eq(i64x2) -> i64x2;
    }
    /// `ine`
    (a, b) { if a != b { -1 } else { 0 } } {
        i8x16_ne(i8x16) -> i8x16;
        i16x8_ne(i16x8) -> i16x8;
        i32x4_ne(i32x4) -> i32x4;
        i64x2_ne(i64x2) -> i64x2;
    }
    /// `ilt_s`, `ilt_u`: by the type of the lanes.
    (a, b) { if a < b { -1 } else { 0 } } {
        i8x16_lt_s(i8x16) -> i8x16;
        i8x16_lt_u(u8x16) -> i8x16;
        i16x8_lt_s(i16x8) -> i16x8;
        i16x8_lt_u(u16x8) -> i16x8;
        i32x4_lt_s(i32x4) -> i32x4;
        i32x4_lt_u(u32x4) -> i32x4;
        i64x2_lt_s(i64x2) -> i64x2;
    }
    /// `igt_s`, `igt_u`: by the type of the lanes.
    (a, b) { if a > b { -1 } else { 0 } } {
        i8x16_gt_s(i8x16) -> i8x16;
        i8x16_gt_u(u8x16) -> i8x16;
        i16x8_gt_s(i16x8) -> i16x8;
        i16x8_gt_u(u16x8) -> i16x8;
        i32x4_gt_s(i32x4) -> i32x4;
        i32x4_gt_u(u32x4) -> i32x4;
        i64x2_gt_s(i64x2) -> i64x2;
    }
    /// `ile_s`, `ile_u`: by the type of the lanes.
    (a, b) { if a <= b { -1 } else { 0 } } {
        i8x16_le_s(i8x16) -> i8x16;
        i8x16_le_u(u8x16) -> i8x16;
        i16x8_le_s(i16x8) -> i16x8;
        i16x8_le_u(u16x8) -> i16x8;
        i32x4_le_s(i32x4) -> i32x4;
        i32x4_le_u(u32x4) -> i32x4;
        i64x2_le_s(i64x2) -> i64x2;
    }
    /// `ige_s`, `ige_u`: by the type of the lanes.
    (a, b) { if a >= b { -1 } else { 0 } } {
        i8x16_ge_s(i8x16) -> i8x16;
        i8x16_ge_u(u8x16) -> i8x16;
        i16x8_ge_s(i16x8) -> i16x8;
        i16x8_ge_u(u16x8) -> i16x8;
        i32x4_ge_s(i32x4) -> i32x4;
        i32x4_ge_u(u32x4) -> i32x4;
        i64x2_ge_s(i64x2) -> i64x2;
    }

    /// `inot`
    (a) { !a } {
        v128_not(u64x2) -> u64x2;
    }
    /// `iand`
    (a, b) { a & b } {
        v128_and(u64x2) -> u64x2;
    }
    /// `iandnot`: the second operand is inverted.
    (a, b) { a & !b } {
        v128_andnot(u64x2) -> u64x2;
    }
    /// `ior`
    (a, b) { a | b } {
        v128_or(u64x2) -> u64x2;
    }
    /// `ixor`
    (a, b) { a ^ b } {
        v128_xor(u64x2) -> u64x2;
    }
    /// `ibitselect`: bits of `a` where `mask` has ones, of `b` elsewhere.
    (a, b, mask) { a & mask | b & !mask } {
        v128_bitselect(u64x2) -> u64x2;
    }
}

/// Defines shifts of all lanes by one count, which is taken modulo the lane's
/// width: `i8x16_shl(i8x16) by wrapping_shl;`.
macro_rules! shifts {
    ($(#[doc = $doc:literal] $($name:ident($lanes:ident) by $shift:ident;)*)*) => {
        $($(shifts!(@one $doc $name $lanes $shift);)*)*
    };
    (@one $doc:literal $name:ident $lanes:ident $shift:ident) => {
        #[doc = $doc]
        #[inline(always)]
        pub fn $name(a: $lanes, count: i32) -> $lanes {
            let count = count.cast_unsigned();
            from_fn(|lane| a[lane].$shift(count))
        }
    };
}

shifts! {
    /// `ishl`
    i8x16_shl(i8x16) by wrapping_shl;
    i16x8_shl(i16x8) by wrapping_shl;
    i32x4_shl(i32x4) by wrapping_shl;
    i64x2_shl(i64x2) by wrapping_shl;
    /// `ishr_s`, `ishr_u`: by the type of the lanes.
    i8x16_shr_s(i8x16) by wrapping_shr;
    i8x16_shr_u(u8x16) by wrapping_shr;
    i16x8_shr_s(i16x8) by wrapping_shr;
    i16x8_shr_u(u16x8) by wrapping_shr;
    i32x4_shr_s(i32x4) by wrapping_shr;
    i32x4_shr_u(u32x4) by wrapping_shr;
    i64x2_shr_s(i64x2) by wrapping_shr;
    i64x2_shr_u(u64x2) by wrapping_shr;
}

/// Defines tests that no lane is zero: `i8x16_all_true(i8x16);`.
macro_rules! all_true {
    ($($name:ident($lanes:ident);)*) => {
        $(
            /// `iall_true`: whether no lane is zero.
            #[inline(always)]
            pub fn $name(a: $lanes) -> i32 {
                a.iter().fold(1, |all, &lane| all & i32::from(lane != 0))
            }
        )*
    };
}

all_true! {
    i8x16_all_true(i8x16);
    i16x8_all_true(i16x8);
    i32x4_all_true(i32x4);
    i64x2_all_true(i64x2);
}

/// `ivbitmask`: the sign bits, lane 0's the lowest.
#[inline(always)]
pub fn i8x16_bitmask(a: i8x16) -> i32 {
    let half = |first: usize| {
        let bytes = u64::from_le_bytes(from_fn(|lane| a[first + lane].cast_unsigned()));
        // Bit 8 * i times bit 56 - 7 * i is bit 56 + i. Every other product is a different bit, outside of the top
        // byte.
        ((bytes >> 7 & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56) as i32
    };
    half(0) | half(8) << 8
}

/// `ivbitmask`: the sign bits, lane 0's the lowest.
#[inline(always)]
pub fn i16x8_bitmask(a: i16x8) -> i32 {
    let half = |first: usize| {
        let place = |lane: usize| u64::from(a[first + lane].cast_unsigned()) << (16 * lane);
        let words = place(0) | place(1) | place(2) | place(3);
        // Bit 16 * i times bit 48 - 15 * i is bit 48 + i. Every other product is a different bit, below or above.
        ((words >> 15 & 0x0001_0001_0001_0001).wrapping_mul(0x0001_0002_0004_0008) >> 48) as i32
    };
    half(0) | half(4) << 4
}

/// Defines bit masks of few lanes: `i32x4_bitmask(i32x4);`.
macro_rules! bitmasks {
    ($($name:ident($lanes:ident);)*) => {
        $(
            /// `ivbitmask`: the sign bits, lane 0's the lowest.
            #[inline(always)]
            pub fn $name(a: $lanes) -> i32 {
                a.iter().enumerate().fold(0, |mask, (lane, &value)| mask | i32::from(value < 0) << lane)
            }
        )*
    };
}

bitmasks! {
    i32x4_bitmask(i32x4);
    i64x2_bitmask(i64x2);
}

/// `vany_true`: whether any bit is set.
#[inline(always)]
pub fn v128_any_true(a: u64x2) -> i32 {
    i32::from(a[0] | a[1] != 0)
}
