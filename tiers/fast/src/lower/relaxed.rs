//! Relaxed vector operators.
//!
//! They have the results of the deterministic profile, or, as [`CompileRequest::relaxed_simd_deterministic`] says, those
//! that the processor computes in an instruction or two. The specification has a list of results for each kind of
//! operator. The second ones are the machine's own, for all operators of a kind: no kind mixes the two. Those of the
//! LLVM tier are the same.
//!
//! Unsigned truncations have no instruction before AVX-512, and any shorter sequence than that of the strict ones would
//! return other numbers than saturation or the largest one, which is what compilers document. So they are strict, too.
//!
//! [`CompileRequest::relaxed_simd_deterministic`]: riser_tiers_core::CompileRequest::relaxed_simd_deterministic

use cranelift_codegen::ir::{
    InstBuilder, Type, Value,
    types::{F32X4, F64X2, I8X16, I16X8, I32, I32X4, I64X2},
};
use riser_translator::sink::Operand;

use super::Lowering;

/// The number of bits by which the sign of a 16-bit lane is shifted over all of it.
const SIGN: i64 = 15;

impl Lowering<'_, '_> {
    /// Numbers from 16 to 127 select 0, or count modulo 16.
    pub(super) fn relaxed_swizzle(&mut self, operands: &[Operand]) -> Value {
        let strict = self.body.relaxed_simd_deterministic;
        self.of_two(
            I8X16,
            operands,
            |ins, lhs, rhs| if strict { ins.swizzle(lhs, rhs) } else { ins.x86_pshufb(lhs, rhs) },
        )
    }

    /// All bits of the mask decide, or the highest one of each lane.
    pub(super) fn relaxed_laneselect(&mut self, lanes: Type, operands: &[Operand]) -> Value {
        if self.body.relaxed_simd_deterministic {
            let [a, b, mask] = self.vectors(I8X16, operands);
            return self.builder.ins().bitselect(mask, a, b);
        }
        let [a, b, mask] = self.vectors(lanes, operands);
        if lanes != I16X8 {
            return self.builder.ins().blendv(mask, a, b);
        }
        // There is no instruction for lanes of 16 bits, and the one for bytes would look at each byte's highest bit.
        let sign = self.builder.ins().iconst(I32, SIGN);
        let mask = self.builder.ins().sshr(mask, sign);
        let [a, b, mask] = [a, b, mask].map(|vector| self.with_lanes(I8X16, vector));
        self.builder.ins().blendv(mask, a, b)
    }

    /// The product of two smallest numbers saturates, or wraps.
    pub(super) fn relaxed_q15mulr(&mut self, operands: &[Operand]) -> Value {
        let strict = self.body.relaxed_simd_deterministic;
        self.of_two(
            I16X8,
            operands,
            |ins, lhs, rhs| {
                if strict { ins.sqmul_round_sat(lhs, rhs) } else { ins.x86_pmulhrsw(lhs, rhs) }
            },
        )
    }

    /// Sums of two products, which saturate. The bytes of `rhs` are signed, or unsigned.
    pub(super) fn relaxed_dot(&mut self, lhs: Value, rhs: Value) -> Value {
        if self.body.relaxed_simd_deterministic {
            self.saturating_dot(lhs, rhs)
        } else {
            self.builder.ins().x86_pmaddubsw(lhs, rhs)
        }
    }

    /// For zeros of both signs, and for NaNs, a strict minimum, or the first operand.
    pub(super) fn relaxed_min(&mut self, lanes: Type, operands: &[Operand]) -> Value {
        if self.body.relaxed_simd_deterministic {
            self.of_two(lanes, operands, |ins, lhs, rhs| ins.fmin(lhs, rhs))
        } else {
            self.pseudo_min(lanes, operands)
        }
    }

    /// As [`Lowering::relaxed_min`], for a maximum.
    pub(super) fn relaxed_max(&mut self, lanes: Type, operands: &[Operand]) -> Value {
        if self.body.relaxed_simd_deterministic {
            self.of_two(lanes, operands, |ins, lhs, rhs| ins.fmax(lhs, rhs))
        } else {
            self.pseudo_max(lanes, operands)
        }
    }

    /// The product is rounded, or it is not. Without an instruction for that, Cranelift would call a library.
    pub(super) fn relaxed_madd(&mut self, a: Value, b: Value, c: Value) -> Value {
        if !self.body.relaxed_simd_deterministic && self.isa.has_native_fma() {
            return self.builder.ins().fma(a, b, c);
        }
        let product = self.builder.ins().fmul(a, b);
        self.builder.ins().fadd(product, c)
    }

    /// What is out of range saturates, or is the smallest number.
    pub(super) fn relaxed_trunc(&mut self, operands: &[Operand]) -> Value {
        let strict = self.body.relaxed_simd_deterministic;
        self.of_one(F32X4, operands, |ins, src| {
            if strict { ins.fcvt_to_sint_sat(I32X4, src) } else { ins.x86_cvtt2dq(I32X4, src) }
        })
    }

    /// Truncates two numbers, to be narrowed. What is out of range of 32 bits, if the operator is relaxed, is as in
    /// [`Lowering::relaxed_trunc`].
    pub(super) fn trunc_two(&mut self, relaxed: bool, operands: &[Operand]) -> Value {
        let strict = !relaxed || self.body.relaxed_simd_deterministic;
        self.of_one(F64X2, operands, |ins, src| {
            if strict { ins.fcvt_to_sint_sat(I64X2, src) } else { ins.x86_cvtt2dq(I64X2, src) }
        })
    }
}
