//! Vector operations for which processors need fewer instructions than the compiler makes of the semantics.
//!
//! The functions of this module are those of [`semantics`](riser_translator::semantics), some of them replaced by
//! versions for any x86-64 processor. The operations in [`sse41`] are for processors that have SSE4.1, and with it
//! SSSE3. They have handlers of their own, which the encoder prefers on such processors. Their instructions are inline
//! assembly, since handlers are compiled for any processor. Every function computes the same as the function of that
//! name in the semantics; `vm/interp/tests/lanes.rs` compares them.

#[cfg(not(target_arch = "x86_64"))]
pub(super) use riser_translator::semantics::*;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::*;

/// The operations that have a second handler, for processors with SSE4.1.
macro_rules! for_each_sse41_operation {
    ($mac:ident) => {
        $mac! {
            I8x16Abs I16x8Abs I32x4Abs F32x4Ceil F32x4Floor F32x4Trunc
            F32x4Nearest F64x2Ceil F64x2Floor F64x2Trunc F64x2Nearest I64x2Eq
            I8x16MinS I8x16MaxS I16x8MinU I16x8MaxU I32x4MinS I32x4MinU
            I32x4MaxS I32x4MaxU I32x4Mul I16x8NarrowI32x4U I8x16Swizzle I8x16RelaxedSwizzle
        }
    };
}
pub(super) use for_each_sse41_operation;

/// Vectors, as they are in a register.
#[cfg(target_arch = "x86_64")]
pub(super) mod register {
    use std::arch::x86_64::{__m128, __m128d, __m128i};
    use std::mem::transmute;

    /// A vector of any lanes.
    pub trait Register: Copy {
        fn to_register(self) -> __m128i;
        fn of_register(register: __m128i) -> Self;
    }

    macro_rules! registers {
        ($($Vector:ty)*) => {
            $(impl Register for $Vector {
                #[inline(always)]
                fn to_register(self) -> __m128i {
                    // SAFETY: both are any 128 bits.
                    unsafe { transmute::<$Vector, __m128i>(self) }
                }
                #[inline(always)]
                fn of_register(register: __m128i) -> $Vector {
                    // SAFETY: both are any 128 bits.
                    unsafe { transmute::<__m128i, $Vector>(register) }
                }
            })*
        };
    }

    registers!([i8; 16] [u8; 16] [i16; 8] [u16; 8] [i32; 4] [u32; 4] [i64; 2] [u64; 2] [f32; 4] [f64; 2] u128 __m128 __m128d);

    impl Register for __m128i {
        #[inline(always)]
        fn to_register(self) -> __m128i {
            self
        }
        #[inline(always)]
        fn of_register(register: __m128i) -> __m128i {
            register
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(missing_docs, reason = "the names are those of the semantics")]
pub mod x86 {
    use std::arch::x86_64::*;

    // The definitions below take precedence over these.
    pub use riser_translator::semantics::*;

    use super::register::Register;

    /// Defines functions on arrays of lanes by functions on registers: by `{ instructions }`, or by
    /// `= functions of this module`.
    macro_rules! lanes {
        ($($name:ident($($arg:ident: $Arg:ty),*) -> $Result:ty $({ $body:expr })? $(= $safe:expr)?;)*) => {
            $(
                #[inline(always)]
                pub fn $name($($arg: $Arg),*) -> $Result {
                    $(let $arg = $arg.to_register();)*
                    $(
                        // SAFETY: every x86-64 processor has the instructions.
                        let result = unsafe { $body };
                    )?
                    $(let result = $safe;)?
                    <$Result>::of_register(result)
                }
            )*
        };
    }

    lanes! {
        v128_bitselect(a: u64x2, b: u64x2, mask: u64x2) -> u64x2 = select(mask, a, b);
        i8x16_relaxed_laneselect(a: i8x16, b: i8x16, mask: i8x16) -> i8x16 = select(mask, a, b);
        i16x8_relaxed_laneselect(a: i16x8, b: i16x8, mask: i16x8) -> i16x8 = select(mask, a, b);
        i32x4_relaxed_laneselect(a: i32x4, b: i32x4, mask: i32x4) -> i32x4 = select(mask, a, b);
        i64x2_relaxed_laneselect(a: i64x2, b: i64x2, mask: i64x2) -> i64x2 = select(mask, a, b);
        i32x4_dot_i16x8_s(a: i16x8, b: i16x8) -> i32x4 { _mm_madd_epi16(a, b) };
        i64x2_extmul_low_i32x4_u(a: u32x4, b: u32x4) -> u64x2 { _mm_mul_epu32(low(a), low(b)) };
        i64x2_extmul_high_i32x4_u(a: u32x4, b: u32x4) -> u64x2 { _mm_mul_epu32(high(a), high(b)) };
        i64x2_extmul_low_i32x4_s(a: i32x4, b: i32x4) -> i64x2 = signed_product(low(a), low(b));
        i64x2_extmul_high_i32x4_s(a: i32x4, b: i32x4) -> i64x2 = signed_product(high(a), high(b));
        i32x4_trunc_sat_f32x4_s(a: f32x4) -> i32x4 { truncated(_mm_castsi128_ps(a)) };
        i32x4_relaxed_trunc_f32x4_s(a: f32x4) -> i32x4 { truncated(_mm_castsi128_ps(a)) };
        i32x4_trunc_sat_f32x4_u(a: f32x4) -> u32x4 { truncated_unsigned(_mm_castsi128_ps(a)) };
        i32x4_relaxed_trunc_f32x4_u(a: f32x4) -> u32x4 { truncated_unsigned(_mm_castsi128_ps(a)) };
    }

    /// 2^31
    const HALF: f32 = 2_147_483_648.0;

    /// Truncates towards zero, with saturation. The instruction converts a number out of range to the least integer. If
    /// the number is too large, inverting all bits makes that the greatest one.
    #[inline(always)]
    fn truncated(a: __m128) -> __m128i {
        // SAFETY: every x86-64 processor has the instructions.
        unsafe {
            let number = _mm_and_ps(a, _mm_cmpord_ps(a, a));
            let above = _mm_castps_si128(_mm_cmpge_ps(number, _mm_set1_ps(HALF)));
            _mm_xor_si128(_mm_cvttps_epi32(number), above)
        }
    }

    /// As `truncated`, to unsigned integers: the sum of the number converted as a signed integer and of what exceeds
    /// 2^31, converted as another one.
    #[inline(always)]
    fn truncated_unsigned(a: __m128) -> __m128i {
        // SAFETY: as above.
        unsafe {
            let (zero, half) = (_mm_setzero_ps(), _mm_set1_ps(HALF));
            // `max` returns its second operand if the first is not a number.
            let number = _mm_max_ps(a, zero);
            let beyond = _mm_sub_ps(number, half);
            let above = _mm_castps_si128(_mm_cmpge_ps(beyond, half));
            let more = _mm_xor_si128(_mm_cvttps_epi32(beyond), above);
            let more = _mm_and_si128(more, _mm_castps_si128(_mm_cmpge_ps(beyond, zero)));
            _mm_add_epi32(_mm_cvttps_epi32(number), more)
        }
    }

    /// Selects bits: of `a` where `mask` is set, else of `b`.
    #[inline(always)]
    fn select(mask: __m128i, a: __m128i, b: __m128i) -> __m128i {
        // SAFETY: every x86-64 processor has the instructions.
        unsafe { _mm_or_si128(_mm_and_si128(mask, a), _mm_andnot_si128(mask, b)) }
    }

    /// Returns the lower two lanes of 32 bits, each in both halves of a lane of 64.
    #[inline(always)]
    fn low(a: __m128i) -> __m128i {
        // SAFETY: as above.
        unsafe { _mm_shuffle_epi32(a, 0b01_01_00_00) }
    }

    /// As `low`, for the upper two lanes.
    #[inline(always)]
    fn high(a: __m128i) -> __m128i {
        // SAFETY: as above.
        unsafe { _mm_shuffle_epi32(a, 0b11_11_10_10) }
    }

    /// Multiplies lanes of 64 bits whose halves both hold the same signed factor. The unsigned product counts a
    /// negative factor as 2^32 more, which adds the other factor to the upper half. That is subtracted again.
    #[inline(always)]
    fn signed_product(a: __m128i, b: __m128i) -> __m128i {
        // SAFETY: as above.
        unsafe {
            let too_much =
                _mm_add_epi32(_mm_and_si128(_mm_srai_epi32(a, 31), b), _mm_and_si128(_mm_srai_epi32(b, 31), a));
            _mm_sub_epi64(_mm_mul_epu32(a, b), _mm_slli_epi64(too_much, 32))
        }
    }

    /// `bitmask`
    #[inline(always)]
    pub fn i8x16_bitmask(a: i8x16) -> i32 {
        // SAFETY: as above.
        unsafe { _mm_movemask_epi8(a.to_register()) }
    }

    /// `bitmask`
    #[inline(always)]
    pub fn i16x8_bitmask(a: i16x8) -> i32 {
        // SAFETY: as above.
        unsafe { _mm_movemask_epi8(_mm_packs_epi16(a.to_register(), _mm_setzero_si128())) }
    }

    /// `bitmask`
    #[inline(always)]
    pub fn i32x4_bitmask(a: i32x4) -> i32 {
        // SAFETY: as above.
        unsafe { _mm_movemask_ps(_mm_castsi128_ps(a.to_register())) }
    }

    /// `bitmask`
    #[inline(always)]
    pub fn i64x2_bitmask(a: i64x2) -> i32 {
        // SAFETY: as above.
        unsafe { _mm_movemask_pd(_mm_castsi128_pd(a.to_register())) }
    }

    /// Defines loads that extend. They interleave the lanes with zeros, or with themselves and then shift them down.
    macro_rules! extending {
        ($($signed:ident -> $Signed:ty, $unsigned:ident -> $Unsigned:ty: $unpack:ident $shift:ident $bits:literal;)*) => {
            $(
                /// `load_extend`
                #[inline(always)]
                pub fn $signed(stored: u64) -> $Signed {
                    // SAFETY: as above.
                    unsafe {
                        let lanes = _mm_cvtsi64_si128(stored as i64);
                        <$Signed>::of_register($shift($unpack(lanes, lanes), $bits))
                    }
                }

                /// `load_extend`
                #[inline(always)]
                pub fn $unsigned(stored: u64) -> $Unsigned {
                    // SAFETY: as above.
                    unsafe {
                        let lanes = _mm_cvtsi64_si128(stored as i64);
                        <$Unsigned>::of_register($unpack(lanes, _mm_setzero_si128()))
                    }
                }
            )*
        };
    }

    extending! {
        v128_load8x8_s -> i16x8, v128_load8x8_u -> u16x8: _mm_unpacklo_epi8 _mm_srai_epi16 8;
        v128_load16x4_s -> i32x4, v128_load16x4_u -> u32x4: _mm_unpacklo_epi16 _mm_srai_epi32 16;
    }

    /// Returns 32 bytes that are zero except for a lane of all ones, `BYTES` bytes wide from byte 16 on. The 16 bytes
    /// from byte `16 - n` on are a mask for the lane at byte `n`.
    const fn ones<const BYTES: usize>() -> [u8; 32] {
        let mut bytes = [0; 32];
        let mut at = 16;
        while at < 16 + BYTES {
            bytes[at] = 0xff;
            at += 1;
        }
        bytes
    }

    /// Replaces a lane of `vector` by that lane of `value`. Writes the vector as a whole, because a vector that is
    /// written in parts is slow to read.
    #[inline(always)]
    fn in_lane<const BYTES: usize>(vector: __m128i, lane: u8, value: __m128i) -> __m128i {
        const { assert!(BYTES.is_power_of_two() && BYTES <= 8) };
        struct Ones<const BYTES: usize>;
        impl<const BYTES: usize> Ones<BYTES> {
            const BYTES: &'static [u8; 32] = &ones::<BYTES>();
        }
        let start = 16 - usize::from(lane) * BYTES % 16;
        // SAFETY: `start` is from 1 to 16, so that 16 bytes follow. Every x86-64 processor has the instructions.
        let mask = unsafe { _mm_loadu_si128(Ones::<BYTES>::BYTES.as_ptr().add(start).cast()) };
        select(mask, value, vector)
    }

    macro_rules! in_lanes {
        ($($replace:ident $Vector:ty, $Value:ty: $splat:ident $bytes:literal;)*) => {
            $(
                /// `replace_lane`
                #[inline(always)]
                pub fn $replace(vector: $Vector, lane: u8, value: $Value) -> $Vector {
                    // SAFETY: every x86-64 processor has the instructions.
                    let value = unsafe { $splat(value as _) };
                    <$Vector>::of_register(in_lane::<$bytes>(vector.to_register(), lane, value.to_register()))
                }
            )*
        };
    }

    in_lanes! {
        i8x16_replace_lane i8x16, i32: _mm_set1_epi8 1;
        i16x8_replace_lane i16x8, i32: _mm_set1_epi16 2;
        i32x4_replace_lane i32x4, i32: _mm_set1_epi32 4;
        i64x2_replace_lane i64x2, i64: _mm_set1_epi64x 8;
        f32x4_replace_lane f32x4, f32: _mm_set1_ps 4;
        f64x2_replace_lane f64x2, f64: _mm_set1_pd 8;
    }

    /// Defines loads of a lane.
    macro_rules! lane_loads {
        ($($load:ident $Vector:ty, $Stored:ty as $Lane:ty: $splat:ident $bytes:literal;)*) => {
            $(
                /// `load_lane`
                #[inline(always)]
                pub fn $load(stored: $Stored, lane: u8, vector: $Vector) -> $Vector {
                    // SAFETY: as above.
                    let value = unsafe { $splat(stored as $Lane) };
                    <$Vector>::of_register(in_lane::<$bytes>(vector.to_register(), lane, value))
                }
            )*
        };
    }

    lane_loads! {
        v128_load8_lane u8x16, u8 as i8: _mm_set1_epi8 1;
        v128_load16_lane u16x8, u16 as i16: _mm_set1_epi16 2;
        v128_load32_lane u32x4, u32 as i32: _mm_set1_epi32 4;
        v128_load64_lane u64x2, u64 as i64: _mm_set1_epi64x 8;
    }
}

/// Operations for processors that have SSE4.1, which other processors need many instructions for.
#[cfg(all(target_arch = "x86_64", not(miri)))]
pub(super) mod sse41 {
    use std::arch::asm;
    use std::arch::x86_64::{__m128i, _mm_adds_epu8, _mm_or_si128, _mm_set1_epi8, _mm_sub_epi8};

    use riser_translator::ops::VectorOp;
    use riser_translator::semantics::u8x16;

    use crate::handlers::op::{Operation, VectorFn};
    use crate::regs::{InSlots, Regs};

    use super::register::Register;

    /// Whether this processor has the instructions that this module uses.
    pub fn is_there() -> bool {
        is_x86_feature_detected!("sse4.1")
    }

    /// Defines operations on one or two vectors, by one instruction each.
    macro_rules! instructions {
        ($($Op:ident $count:tt $instruction:literal;)*) => {
            $(
                pub struct $Op;
                impl Operation<VectorOp> for $Op {
                    const OP: VectorOp = VectorOp::$Op;
                }
                impl VectorFn for $Op {
                    type Out = u128;
                    #[inline(always)]
                    unsafe fn apply(regs: &Regs) -> u128 {
                        // SAFETY: by the contract of this function; the processor has the instruction.
                        unsafe { instructions!(@$count regs $instruction) }
                    }
                }
            )*
        };
        (@unary $regs:ident $instruction:literal) => {{
            let mut vector = u128::get($regs.field_slot(1)).to_register();
            asm!($instruction, a = inout(xmm_reg) vector, options(pure, nomem, nostack, preserves_flags));
            u128::of_register(vector)
        }};
        (@binary $regs:ident $instruction:literal) => {{
            let mut lhs = u128::get($regs.field_slot(1)).to_register();
            let rhs = u128::get($regs.field_slot(2)).to_register();
            asm!($instruction, a = inout(xmm_reg) lhs, b = in(xmm_reg) rhs,
                options(pure, nomem, nostack, preserves_flags));
            u128::of_register(lhs)
        }};
    }

    instructions! {
        I8x16Abs unary "pabsb {a}, {a}";
        I16x8Abs unary "pabsw {a}, {a}";
        I32x4Abs unary "pabsd {a}, {a}";
        F32x4Ceil unary "roundps {a}, {a}, 10";
        F32x4Floor unary "roundps {a}, {a}, 9";
        F32x4Trunc unary "roundps {a}, {a}, 11";
        F32x4Nearest unary "roundps {a}, {a}, 8";
        F64x2Ceil unary "roundpd {a}, {a}, 10";
        F64x2Floor unary "roundpd {a}, {a}, 9";
        F64x2Trunc unary "roundpd {a}, {a}, 11";
        F64x2Nearest unary "roundpd {a}, {a}, 8";
        I64x2Eq binary "pcmpeqq {a}, {b}";
        I8x16MinS binary "pminsb {a}, {b}";
        I8x16MaxS binary "pmaxsb {a}, {b}";
        I16x8MinU binary "pminuw {a}, {b}";
        I16x8MaxU binary "pmaxuw {a}, {b}";
        I32x4MinS binary "pminsd {a}, {b}";
        I32x4MinU binary "pminud {a}, {b}";
        I32x4MaxS binary "pmaxsd {a}, {b}";
        I32x4MaxU binary "pmaxud {a}, {b}";
        I32x4Mul binary "pmulld {a}, {b}";
        I16x8NarrowI32x4U binary "packusdw {a}, {b}";
    }

    /// Returns the lanes of `a` that `indices` select, and zero for indices with the highest bit set.
    #[inline(always)]
    fn shuffled(a: __m128i, indices: __m128i) -> __m128i {
        let mut vector = a;
        // SAFETY: the processor has the instruction.
        unsafe {
            asm!("pshufb {a}, {b}", a = inout(xmm_reg) vector, b = in(xmm_reg) indices,
                options(pure, nomem, nostack, preserves_flags));
        }
        vector
    }

    /// `swizzle`: the addition sets the highest bit of an index that is out of range.
    #[inline(always)]
    pub fn i8x16_swizzle(a: u8x16, indices: u8x16) -> u8x16 {
        // SAFETY: every x86-64 processor has the instructions.
        let indices = unsafe { _mm_adds_epu8(indices.to_register(), _mm_set1_epi8(0x70)) };
        u8x16::of_register(shuffled(a.to_register(), indices))
    }

    /// `shuffle` of two vectors.
    #[inline(always)]
    pub fn i8x16_shuffle(lanes: [u8; 16], a: u8x16, b: u8x16) -> u8x16 {
        // SAFETY: as above.
        unsafe {
            let lanes = lanes.to_register();
            let of_a = shuffled(a.to_register(), _mm_adds_epu8(lanes, _mm_set1_epi8(0x70)));
            let of_b = shuffled(b.to_register(), _mm_sub_epi8(lanes, _mm_set1_epi8(16)));
            u8x16::of_register(_mm_or_si128(of_a, of_b))
        }
    }

    macro_rules! swizzles {
        ($($Op:ident)*) => {
            $(
                pub struct $Op;
                impl Operation<VectorOp> for $Op {
                    const OP: VectorOp = VectorOp::$Op;
                }
                impl VectorFn for $Op {
                    type Out = u8x16;
                    #[inline(always)]
                    unsafe fn apply(regs: &Regs) -> u8x16 {
                        // SAFETY: by the contract of this function.
                        let (a, indices) = unsafe { (u8x16::get(regs.field_slot(1)), u8x16::get(regs.field_slot(2))) };
                        i8x16_swizzle(a, indices)
                    }
                }
            )*
        };
    }

    swizzles!(I8x16Swizzle I8x16RelaxedSwizzle);
}

/// Other builds use the operations for every processor.
#[cfg(not(all(target_arch = "x86_64", not(miri))))]
pub(super) mod sse41 {
    pub use riser_translator::semantics::i8x16_shuffle;

    macro_rules! operations {
        ($($Op:ident)*) => { pub use crate::handlers::op::{$($Op),*}; };
    }
    super::for_each_sse41_operation!(operations);

    /// Whether this processor has the instructions: never, in this build.
    pub fn is_there() -> bool {
        false
    }
}
