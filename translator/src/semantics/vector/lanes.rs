//! Operations that move lanes: splats, single lanes, shuffles, and the transfers between vectors and memory.
//!
//! Validated code only names lanes that the shape has. The functions take the lane modulo the number of lanes, so that
//! they cannot panic.

use std::array::from_fn;

use super::{f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, u8x16, u16x8, u32x4, u64x2, v128};

/// Defines splats, which wrap: `i8x16_splat(i32) -> i8x16 of i8;`.
macro_rules! splats {
    ($($name:ident($value:ident) -> $lanes:ident of $lane:ident;)*) => {
        $(
            /// `splat`
            #[inline(always)]
            pub fn $name(value: $value) -> $lanes {
                from_fn(|_| value as $lane)
            }
        )*
    };
}

splats! {
    i8x16_splat(i32) -> i8x16 of i8;
    i16x8_splat(i32) -> i16x8 of i16;
    i32x4_splat(i32) -> i32x4 of i32;
    i64x2_splat(i64) -> i64x2 of i64;
    f32x4_splat(f32) -> f32x4 of f32;
    f64x2_splat(f64) -> f64x2 of f64;
    v128_load8_splat(u8) -> u8x16 of u8;
    v128_load16_splat(u16) -> u16x8 of u16;
    v128_load32_splat(u32) -> u32x4 of u32;
    v128_load64_splat(u64) -> u64x2 of u64;
}

/// Defines reads of one lane, extended by the sign of its type:
/// `i8x16_extract_lane_s(i8x16) -> i32;`.
macro_rules! extracts {
    ($($name:ident($lanes:ident) -> $value:ident;)*) => {
        $(
            /// `extract_lane`
            #[inline(always)]
            pub fn $name(vector: $lanes, lane: u8) -> $value {
                vector[usize::from(lane) % vector.len()] as $value
            }
        )*
    };
}

extracts! {
    i8x16_extract_lane_s(i8x16) -> i32;
    i8x16_extract_lane_u(u8x16) -> i32;
    i16x8_extract_lane_s(i16x8) -> i32;
    i16x8_extract_lane_u(u16x8) -> i32;
    i32x4_extract_lane(i32x4) -> i32;
    i64x2_extract_lane(i64x2) -> i64;
    f32x4_extract_lane(f32x4) -> f32;
    f64x2_extract_lane(f64x2) -> f64;
    v128_store8_lane(u8x16) -> u8;
    v128_store16_lane(u16x8) -> u16;
    v128_store32_lane(u32x4) -> u32;
    v128_store64_lane(u64x2) -> u64;
}

/// Defines writes of one lane, wrapped: `i8x16_replace_lane(i8x16, i32) of i8;`.
macro_rules! replaces {
    ($($name:ident($lanes:ident, $value:ident) of $int:ident;)*) => {
        $(
            /// `replace_lane`
            #[inline(always)]
            pub fn $name(mut vector: $lanes, lane: u8, value: $value) -> $lanes {
                let count = vector.len();
                vector[usize::from(lane) % count] = value as $int;
                vector
            }
        )*
    };
}

replaces! {
    i8x16_replace_lane(i8x16, i32) of i8;
    i16x8_replace_lane(i16x8, i32) of i16;
    i32x4_replace_lane(i32x4, i32) of i32;
    i64x2_replace_lane(i64x2, i64) of i64;
    f32x4_replace_lane(f32x4, f32) of f32;
    f64x2_replace_lane(f64x2, f64) of f64;
}

/// Defines loads of one lane: `v128_load8_lane(u8) -> u8x16;`.
macro_rules! lane_loads {
    ($($name:ident($stored:ident) -> $lanes:ident;)*) => {
        $(
            /// `load_lane`
            #[inline(always)]
            pub fn $name(stored: $stored, lane: u8, mut vector: $lanes) -> $lanes {
                let count = vector.len();
                vector[usize::from(lane) % count] = stored;
                vector
            }
        )*
    };
}

lane_loads! {
    v128_load8_lane(u8) -> u8x16;
    v128_load16_lane(u16) -> u16x8;
    v128_load32_lane(u32) -> u32x4;
    v128_load64_lane(u64) -> u64x2;
}

/// Defines loads of narrow lanes, extended by the sign of their type, of `$bits`
/// bits: `v128_load8x8_s -> i16x8 of i8, 8;`.
macro_rules! extending_loads {
    ($($name:ident -> $wide:ident of $int:ident, $bits:literal;)*) => {
        $(
            /// `load_extend`
            #[inline(always)]
            pub fn $name(stored: u64) -> $wide {
                from_fn(|lane| ((stored >> ($bits * lane)) as $int).into())
            }
        )*
    };
}

extending_loads! {
    v128_load8x8_s -> i16x8 of i8, 8;
    v128_load8x8_u -> u16x8 of u8, 8;
    v128_load16x4_s -> i32x4 of i16, 16;
    v128_load16x4_u -> u32x4 of u16, 16;
    v128_load32x2_s -> i64x2 of i32, 32;
    v128_load32x2_u -> u64x2 of u32, 32;
}

/// `load`
#[inline(always)]
pub fn v128_load(stored: u128) -> v128 {
    stored
}

/// `store`
#[inline(always)]
pub fn v128_store(vector: v128) -> u128 {
    vector
}

/// `load_zero`: lane 0; the others are zero.
#[inline(always)]
pub fn v128_load32_zero(stored: u32) -> u32x4 {
    [stored, 0, 0, 0]
}

/// `load_zero`: lane 0; the other is zero.
#[inline(always)]
pub fn v128_load64_zero(stored: u64) -> u64x2 {
    [stored, 0]
}

/// `swizzle`: the lanes of `a` that `indices` name; zero for those out of range.
#[inline(always)]
pub fn i8x16_swizzle(a: u8x16, indices: u8x16) -> u8x16 {
    indices.map(|index| {
        let lane = a[usize::from(index) % a.len()];
        if index < 16 { lane } else { 0 }
    })
}

/// `shuffle`: the lanes of `a`, then `b`, that `lanes` name.
#[inline(always)]
pub fn i8x16_shuffle(lanes: [u8; 16], a: u8x16, b: u8x16) -> u8x16 {
    let mut both = [0; 32];
    both[..16].copy_from_slice(&a);
    both[16..].copy_from_slice(&b);
    lanes.map(|lane| both[usize::from(lane) % both.len()])
}
