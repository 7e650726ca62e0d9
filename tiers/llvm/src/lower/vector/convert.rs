//! Conversions between lanes: widening, with computations on widened lanes, and between integers and floating-point numbers.

use inkwell::values::InstructionOpcode;
use inkwell::{FloatPredicate, IntPredicate};

use super::super::Lowering;
use crate::ir::{Lanes, Value};

/// Half of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// The first lanes.
    Low,
    /// The last lanes.
    High,
}

impl<'c> Lowering<'_, 'c> {
    /// Half of the lanes of a vector.
    fn half(&self, half: Half, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let x = self.ir.lanes(lanes, x);
        let count = lanes.count() / 2;
        let first = if half == Half::Low { 0 } else { count };
        self.ir.shuffle(x, x, first..first + count)
    }

    /// Half of the lanes of `x`, extended to `wide` ones.
    pub(super) fn extended(
        &self,
        extend: InstructionOpcode,
        half: Half,
        narrow: Lanes,
        wide: Lanes,
        x: Value<'c>,
    ) -> Value<'c> {
        self.ir.cast(extend, self.half(half, narrow, x), self.ir.lanes_type(wide).into())
    }

    /// The products of lanes that are extended first.
    pub(super) fn extended_product(
        &self,
        extend: InstructionOpcode,
        half: Half,
        narrow: Lanes,
        wide: Lanes,
        x: Value<'c>,
        y: Value<'c>,
    ) -> Value<'c> {
        let [x, y] = [x, y].map(|it| self.extended(extend, half, narrow, wide, it));
        self.ir.count_more(4);
        self.ir.binary(InstructionOpcode::Mul, x, y)
    }

    /// The sums of pairs of neighbouring bytes, signed or not, as sums of products with 1. The machine instruction takes its first operand
    /// as unsigned and its second as signed.
    pub(super) fn add_pairs_of_bytes(&self, x: Value<'c>, signed: bool) -> Value<'c> {
        let ones = self.ir.splat_constant(Lanes::I8, 1);
        let (unsigned, signed) = if signed { (ones, x) } else { (x, ones) };
        self.of_machine("llvm.x86.ssse3.pmadd.ub.sw.128", Lanes::I8, unsigned, signed)
    }

    /// The sums of pairs of neighbouring signed lanes of 16 bits.
    pub(super) fn add_signed_pairs(&self, x: Value<'c>) -> Value<'c> {
        self.of_machine("llvm.x86.sse2.pmadd.wd", Lanes::I16, x, self.ir.splat_constant(Lanes::I16, 1))
    }

    /// As above, for unsigned lanes.
    pub(super) fn add_unsigned_pairs(&self, x: Value<'c>) -> Value<'c> {
        let x = self.ir.lanes(Lanes::I32, x);
        let low = self.ir.binary(InstructionOpcode::And, x, self.ir.splat_constant(Lanes::I32, 0xffff));
        let high = self.ir.binary(InstructionOpcode::LShr, x, self.ir.splat_constant(Lanes::I32, 16));
        self.ir.binary(InstructionOpcode::Add, low, high)
    }

    /// The sums of the products of neighbouring signed bytes, as 16 bits; the one sum that is too large saturates.
    pub(super) fn dot_of_bytes(&self, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        let [low, high] = [Half::Low, Half::High].map(|half| {
            let [x, y] = [x, y].map(|it| self.extended(InstructionOpcode::SExt, half, Lanes::I8, Lanes::I16, it));
            self.of_machine("llvm.x86.sse2.pmadd.wd", Lanes::I16, x, y)
        });
        self.of_machine("llvm.x86.sse2.packssdw.128", Lanes::I32, low, high)
    }

    /// Truncates to signed integers, with saturation. The machine instruction returns the smallest integer for operands out of range. If
    /// the number is too large, all bits of that are flipped; for a NaN, it is replaced by zero.
    pub(super) fn trunc_signed(&self, x: Value<'c>) -> Value<'c> {
        let x = self.ir.lanes(Lanes::F32, x);
        let value = self.ir.compute("llvm.x86.sse2.cvttps2dq", &[], &[x]);
        let too_large = self.number(Lanes::F32, 2_147_483_648.0);
        let too_large = self.ir.compare_numbers(FloatPredicate::OGE, x, too_large);
        let value = self.ir.binary(InstructionOpcode::Xor, value, self.ir.mask(Lanes::F32, too_large));
        let is_number = self.ir.compare_numbers(FloatPredicate::ORD, x, x);
        self.ir.binary(InstructionOpcode::And, value, self.ir.mask(Lanes::F32, is_number))
    }

    /// Truncates to unsigned integers, with saturation: the sum of the part below 2^31 and the part above it, which saturates. A number
    /// from 2^31 on has exactly 2^31 as its lower part.
    pub(super) fn trunc_unsigned(&self, x: Value<'c>) -> Value<'c> {
        let x = self.ir.lanes(Lanes::F32, x);
        let zero = self.ir.splat_constant(Lanes::F32, 0);
        let x = self.ir.select_lanes(self.ir.compare_numbers(FloatPredicate::OGT, x, zero), x, zero);
        let half = self.number(Lanes::F32, 2_147_483_648.0);
        let above = self.ir.binary(InstructionOpcode::FSub, x, half);
        let too_large = self.ir.compare_numbers(FloatPredicate::OGE, above, half);
        let above = self.ir.compute("llvm.x86.sse2.cvttps2dq", &[], &[above]);
        let above = self.ir.binary(InstructionOpcode::Xor, above, self.ir.mask(Lanes::F32, too_large));
        let zero = self.ir.splat_constant(Lanes::I32, 0);
        let above = self.ir.select_lanes(self.ir.compare_lanes(IntPredicate::SGT, above, zero), above, zero);
        let below = self.ir.compute("llvm.x86.sse2.cvttps2dq", &[], &[x]);
        self.ir.binary(InstructionOpcode::Add, below, above)
    }

    /// Truncates to signed integers, with saturation. The machine instruction returns the smallest integer for operands out of range, which
    /// is correct for numbers that are too small. The others are brought into range first, by a minimum. If one of its operands is a NaN,
    /// the minimum is the second operand, here 0.
    pub(super) fn trunc_two_signed(&self, x: Value<'c>) -> Value<'c> {
        let x = self.ir.lanes(Lanes::F64, x);
        let is_number = self.ir.compare_numbers(FloatPredicate::ORD, x, x);
        let largest = self.number(Lanes::F64, 2_147_483_647.0);
        let largest = self.ir.lanes(Lanes::I64, largest);
        let most = self.ir.binary(InstructionOpcode::And, self.ir.mask(Lanes::F64, is_number), largest);
        let most = self.ir.lanes(Lanes::F64, most);
        let x = self.ir.select_lanes(self.ir.compare_numbers(FloatPredicate::OLT, x, most), x, most);
        self.ir.compute("llvm.x86.sse2.cvttpd2dq", &[], &[x])
    }

    /// Truncates to unsigned integers, with saturation: clamps the numbers and drops their fractions. In the sum with 2^52 the integer is
    /// then in the lowest bits.
    pub(super) fn trunc_two_unsigned(&self, x: Value<'c>) -> Value<'c> {
        let x = self.ir.lanes(Lanes::F64, x);
        let zero = self.ir.splat_constant(Lanes::F64, 0);
        let x = self.ir.select_lanes(self.ir.compare_numbers(FloatPredicate::OGT, x, zero), x, zero);
        let largest = self.number(Lanes::F64, 4_294_967_295.0);
        let x = self.ir.select_lanes(self.ir.compare_numbers(FloatPredicate::OLT, x, largest), x, largest);
        let x = self.ir.compute("llvm.trunc", &[self.ir.lanes_type(Lanes::F64).into()], &[x]);
        let sum = self.ir.binary(InstructionOpcode::FAdd, x, self.number(Lanes::F64, 4_503_599_627_370_496.0));
        let sum = self.ir.lanes(Lanes::I32, self.ir.vector(sum));
        self.ir.shuffle(sum, self.ir.splat_constant(Lanes::I32, 0), [0, 2, 4, 5])
    }

    /// A number in each lane.
    fn number(&self, lanes: Lanes, value: f64) -> Value<'c> {
        let bits = if lanes == Lanes::F32 { u64::from((value as f32).to_bits()) } else { value.to_bits() };
        self.ir.splat_constant(lanes, bits)
    }

    pub(super) fn converted(&self, signed: bool, x: Value<'c>) -> Value<'c> {
        self.ir.count_more(8);
        self.ir.cast(from_integers(signed), self.ir.lanes(Lanes::I32, x), self.ir.lanes_type(Lanes::F32).into())
    }

    pub(super) fn two_converted(&self, signed: bool, x: Value<'c>) -> Value<'c> {
        self.ir.count_more(4);
        let low = self.half(Half::Low, Lanes::I32, x);
        self.ir.cast(from_integers(signed), low, self.ir.lanes_type(Lanes::F64).into())
    }

    /// Hides the operand from LLVM, which would otherwise replace the demotion of a promoted value by the original, which may be a
    /// signaling NaN.
    pub(super) fn demoted(&self, x: Value<'c>) -> Value<'c> {
        let x = self.ir.unknown_numbers(Lanes::F64, x);
        let two = self.ir.cast(InstructionOpcode::FPTrunc, x, self.ir.some_lanes_type(Lanes::F32, 2).into());
        let zeros = self.ir.some_lanes_type(Lanes::F32, 2).const_zero().into();
        self.ir.shuffle(two, zeros, 0..4)
    }

    pub(super) fn promoted(&self, x: Value<'c>) -> Value<'c> {
        let low = self.half(Half::Low, Lanes::F32, x);
        self.ir.cast(InstructionOpcode::FPExt, low, self.ir.lanes_type(Lanes::F64).into())
    }
}

fn from_integers(signed: bool) -> InstructionOpcode {
    if signed { InstructionOpcode::SIToFP } else { InstructionOpcode::UIToFP }
}
