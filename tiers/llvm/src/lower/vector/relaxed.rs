//! Relaxed operators.
//!
//! They have the results of the deterministic profile, or, as [`CompileRequest::relaxed_simd_deterministic`] says, those that the processor
//! computes in an instruction or two. The specification has a list of results for each kind of operator. The second ones are the machine's
//! own, for all operators of a kind. Those of the Fast JIT are the same; there it says why unsigned truncations are always strict
//! (`tiers/fast/src/lower/relaxed.rs`).
//!
//! [`CompileRequest::relaxed_simd_deterministic`]: riser_tiers_core::CompileRequest::relaxed_simd_deterministic

use inkwell::FloatPredicate::{OGT, OLT};
use inkwell::values::InstructionOpcode::{AShr, And, Or};

use super::super::Lowering;
use crate::ir::{Lanes, Value};

impl<'c> Lowering<'_, 'c> {
    /// Numbers from 16 to 127 select 0, or count modulo 16.
    pub(super) fn relaxed_swizzle(&self, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        if self.body.relaxed_simd_deterministic {
            self.swizzle(x, y)
        } else {
            self.of_machine("llvm.x86.ssse3.pshuf.b.128", Lanes::I8, x, y)
        }
    }

    /// All bits of the mask decide, or the highest one of each lane.
    pub(super) fn relaxed_laneselect(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>, mask: Value<'c>) -> Value<'c> {
        if self.body.relaxed_simd_deterministic {
            return self.bit_select(x, y, mask);
        }
        match lanes {
            Lanes::I8 => self.blend("llvm.x86.sse41.pblendvb", Lanes::I8, x, y, mask),
            // There is no instruction for lanes of 16 bits, and the one for bytes would look at each byte's highest bit.
            Lanes::I16 => {
                let signs = self.ir.splat_constant(Lanes::I16, 15);
                let mask = self.lanewise(AShr, Lanes::I16, mask, self.ir.vector(signs));
                self.blend("llvm.x86.sse41.pblendvb", Lanes::I8, x, y, mask)
            }
            Lanes::I32 | Lanes::F32 => self.blend("llvm.x86.sse41.blendvps", Lanes::F32, x, y, mask),
            Lanes::I64 | Lanes::F64 => self.blend("llvm.x86.sse41.blendvpd", Lanes::F64, x, y, mask),
        }
    }

    /// The lanes of `x` where the mask's highest bit is set, else those of `y`. The machine instruction takes them the other way round.
    fn blend(&self, name: &str, lanes: Lanes, x: Value<'c>, y: Value<'c>, mask: Value<'c>) -> Value<'c> {
        let value = self.ir.compute(name, &[], &[y, x, mask].map(|it| self.ir.lanes(lanes, it)));
        self.ir.vector(value)
    }

    /// The product of two smallest numbers saturates, or wraps.
    pub(super) fn relaxed_q15mulr(&self, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        if self.body.relaxed_simd_deterministic {
            self.q15mulr(x, y)
        } else {
            self.of_machine("llvm.x86.ssse3.pmul.hr.sw.128", Lanes::I16, x, y)
        }
    }

    /// Sums of two products, which saturate. The bytes of `y` are signed, or unsigned.
    pub(super) fn relaxed_dot(&self, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        if self.body.relaxed_simd_deterministic {
            self.dot_of_bytes(x, y)
        } else {
            self.of_machine("llvm.x86.ssse3.pmadd.ub.sw.128", Lanes::I8, y, x)
        }
    }

    /// For zeros of both signs, and for NaNs, a strict minimum, or the first operand.
    pub(super) fn relaxed_min(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        if self.body.relaxed_simd_deterministic {
            self.extreme(OLT, Or, lanes, x, y)
        } else {
            self.pseudo_min(lanes, x, y)
        }
    }

    /// As [`Lowering::relaxed_min`], for a maximum.
    pub(super) fn relaxed_max(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        if self.body.relaxed_simd_deterministic {
            self.extreme(OGT, And, lanes, x, y)
        } else {
            self.pseudo_max(lanes, x, y)
        }
    }

    /// Whether products are not rounded. Without an instruction for that, LLVM would call a library.
    fn fuses(&self) -> bool {
        !self.body.relaxed_simd_deterministic && self.has_fma
    }

    /// The product is rounded, or it is not.
    pub(super) fn relaxed_madd(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>, z: Value<'c>) -> Value<'c> {
        if self.fuses() {
            let x = self.ir.numbers(lanes, x);
            self.fused(lanes, x, y, z)
        } else {
            self.product_and_sum(lanes, x, y, z)
        }
    }

    /// As [`Lowering::relaxed_madd`], with `x` negated.
    pub(super) fn relaxed_nmadd(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>, z: Value<'c>) -> Value<'c> {
        if self.fuses() {
            let x = self.ir.negated(self.ir.numbers(lanes, x));
            self.fused(lanes, x, y, z)
        } else {
            let negated = self.float_neg(lanes, x);
            self.product_and_sum(lanes, negated, y, z)
        }
    }

    fn fused(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>, z: Value<'c>) -> Value<'c> {
        let (y, z) = (self.ir.numbers(lanes, y), self.ir.numbers(lanes, z));
        let value = self.ir.compute("llvm.fma", &[self.ir.lanes_type(lanes).into()], &[x, y, z]);
        self.ir.vector(value)
    }

    /// What is out of range saturates, or is the smallest number.
    pub(super) fn relaxed_trunc(&self, x: Value<'c>) -> Value<'c> {
        if self.body.relaxed_simd_deterministic {
            return self.trunc_signed(x);
        }
        self.ir.compute("llvm.x86.sse2.cvttps2dq", &[], &[self.ir.lanes(Lanes::F32, x)])
    }

    /// As [`Lowering::relaxed_trunc`], of two numbers.
    pub(super) fn relaxed_trunc_two(&self, x: Value<'c>) -> Value<'c> {
        if self.body.relaxed_simd_deterministic {
            return self.trunc_two_signed(x);
        }
        self.ir.compute("llvm.x86.sse2.cvttpd2dq", &[], &[self.ir.lanes(Lanes::F64, x)])
    }
}
