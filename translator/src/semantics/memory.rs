//! Conversions between values and their representation in a linear memory (core spec, sections 4.6.7 "Memory
//! Instructions"): loads extend, stores wrap, and floats are moved as bits, so that NaN payloads survive.
//!
//! The bytes themselves are little-endian. Reading and writing them is left to the code that has the memory.

/// Defines loads: `i32_load8_s(i8) -> i32;` expands to
/// `pub fn i32_load8_s(stored: i8) -> i32 { stored as i32 }`, where Rust's cast
/// extends by the sign of the stored type.
macro_rules! loads {
    ($($name:ident($stored:ident) -> $value:ident;)*) => {
        $(
            #[doc = concat!("The `", stringify!($value), "` for a stored `", stringify!($stored), "`.")]
            #[inline(always)]
            pub fn $name(stored: $stored) -> $value {
                stored as $value
            }
        )*
    };
}

/// Defines stores: `i32_store8(i32) -> u8;` expands to
/// `pub fn i32_store8(value: i32) -> u8 { value as u8 }`.
macro_rules! stores {
    ($($name:ident($value:ident) -> $stored:ident;)*) => {
        $(
            #[doc = concat!("The `", stringify!($stored), "` to store for an `", stringify!($value), "`.")]
            #[inline(always)]
            pub fn $name(value: $value) -> $stored {
                value as $stored
            }
        )*
    };
}

loads! {
    i32_load(u32) -> i32;
    i64_load(u64) -> i64;
    i32_load8_s(i8) -> i32;
    i32_load8_u(u8) -> i32;
    i32_load16_s(i16) -> i32;
    i32_load16_u(u16) -> i32;
    i64_load8_s(i8) -> i64;
    i64_load8_u(u8) -> i64;
    i64_load16_s(i16) -> i64;
    i64_load16_u(u16) -> i64;
    i64_load32_s(i32) -> i64;
    i64_load32_u(u32) -> i64;
}

stores! {
    i32_store(i32) -> u32;
    i64_store(i64) -> u64;
    i32_store8(i32) -> u8;
    i32_store16(i32) -> u16;
    i64_store8(i64) -> u8;
    i64_store16(i64) -> u16;
    i64_store32(i64) -> u32;
}

/// Returns the `f32` with the stored bits.
#[inline(always)]
pub fn f32_load(stored: u32) -> f32 {
    f32::from_bits(stored)
}

/// Returns the `f64` with the stored bits.
#[inline(always)]
pub fn f64_load(stored: u64) -> f64 {
    f64::from_bits(stored)
}

/// Returns the bits to store for an `f32`.
#[inline(always)]
pub fn f32_store(value: f32) -> u32 {
    value.to_bits()
}

/// Returns the bits to store for an `f64`.
#[inline(always)]
pub fn f64_store(value: f64) -> u64 {
    value.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_extend_by_their_sign() {
        assert_eq!((i32_load8_s(-1), i32_load8_u(0xff)), (-1, 0xff));
        assert_eq!((i32_load16_s(-2), i32_load16_u(0xfffe)), (-2, 0xfffe));
        assert_eq!((i64_load8_s(i8::MIN), i64_load8_u(0x80)), (-128, 128));
        assert_eq!((i64_load16_s(-1), i64_load16_u(0xffff)), (-1, 0xffff));
        assert_eq!((i64_load32_s(-1), i64_load32_u(u32::MAX)), (-1, 0xffff_ffff));
        assert_eq!((i32_load(u32::MAX), i64_load(u64::MAX)), (-1, -1));
    }

    #[test]
    fn stores_wrap() {
        assert_eq!((i32_store8(0x1234), i32_store16(-1)), (0x34, 0xffff));
        assert_eq!((i64_store8(-1), i64_store16(0x1_0001), i64_store32(-1)), (0xff, 1, u32::MAX));
        assert_eq!((i32_store(-1), i64_store(-1)), (u32::MAX, u64::MAX));
    }

    #[test]
    fn floats_keep_their_bits() {
        assert_eq!(f32_store(f32_load(0x7fa0_0001)), 0x7fa0_0001);
        assert_eq!(f64_store(f64_load(0x7ff4_0000_0000_0001)), 0x7ff4_0000_0000_0001);
    }
}
