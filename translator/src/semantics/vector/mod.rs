//! Vector semantics (core spec, section 4.3 "Numerics", lane by lane): each operation once, as a small pure function on
//! arrays of lanes.
//!
//! Lane 0 comes first; in memory and in the bits of a vector it is the lowest. The functions are loops of constant
//! length without branches. The compiler turns them into vector instructions where they are inlined between a load and
//! a store of whole arrays.

#![expect(non_camel_case_types, reason = "the specification's names of shapes")]

/// Sixteen signed bytes.
pub type i8x16 = [i8; 16];
/// Sixteen unsigned bytes.
pub type u8x16 = [u8; 16];
/// Eight signed 16-bit integers.
pub type i16x8 = [i16; 8];
/// Eight unsigned 16-bit integers.
pub type u16x8 = [u16; 8];
/// Four signed 32-bit integers.
pub type i32x4 = [i32; 4];
/// Four unsigned 32-bit integers.
pub type u32x4 = [u32; 4];
/// Two signed 64-bit integers.
pub type i64x2 = [i64; 2];
/// Two unsigned 64-bit integers.
pub type u64x2 = [u64; 2];
/// Four 32-bit floats.
pub type f32x4 = [f32; 4];
/// Two 64-bit floats.
pub type f64x2 = [f64; 2];
/// A vector as its bits.
pub type v128 = u128;

/// Defines operations that compute each lane from the corresponding lanes of the operands, with one line of
/// documentation each. The rows
///
/// ```text
/// /// `iadd`
/// (a, b) { a.wrapping_add(b) } {
///     i8x16_add(i8x16) -> i8x16;
///     i16x8_add(i16x8) -> i16x8;
/// }
/// ```
///
/// expand to
///
/// ```text
/// /// `iadd`
/// pub fn i8x16_add(a: i8x16, b: i8x16) -> i8x16 { /* each lane: */ a.wrapping_add(b) }
/// /// `iadd`
/// pub fn i16x8_add(a: i16x8, b: i16x8) -> i16x8 { /* each lane: */ a.wrapping_add(b) }
/// ```
macro_rules! lanewise {
    ($(#[doc = $doc:literal] $args:tt $body:block { $($name:ident($lanes:ident) -> $result:ident;)* })*) => {
        $($(lanewise!(@one $doc $name $lanes $result $args $body);)*)*
    };
    (@one $doc:literal $name:ident $lanes:ident $result:ident ($($arg:ident),*) $body:block) => {
        #[doc = $doc]
        #[inline(always)]
        pub fn $name($($arg: $lanes),*) -> $result {
            // The loop is written out: the library's, if it is not inlined, needs the operands in memory.
            let mut result = <$result>::default();
            let mut lane = 0;
            while lane < result.len() {
                $(let $arg = $arg[lane];)*
                result[lane] = $body;
                lane += 1;
            }
            result
        }
    };
}

mod convert;
mod float;
mod int;
mod lanes;
mod relaxed;

pub use convert::*;
pub use float::*;
pub use int::*;
pub use lanes::*;
pub use relaxed::*;
