//! Floating-point lanes.

use inkwell::FloatPredicate;
use inkwell::values::InstructionOpcode;

use super::super::Lowering;
use crate::ir::{Lanes, Value};

impl<'c> Lowering<'_, 'c> {
    /// Sums, products and the like.
    pub(super) fn arithmetic(&self, op: InstructionOpcode, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        self.ir.vector(self.ir.binary(op, self.ir.numbers(lanes, x), self.ir.numbers(lanes, y)))
    }

    /// A rounded product, and the sum of that and `z`, which is rounded again.
    pub(super) fn product_and_sum(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>, z: Value<'c>) -> Value<'c> {
        let product = self.arithmetic(InstructionOpcode::FMul, lanes, x, y);
        self.arithmetic(InstructionOpcode::FAdd, lanes, product, z)
    }

    /// One of LLVM's own functions, all of which make a signaling NaN quiet.
    pub(super) fn of_number(&self, name: &str, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let value = self.ir.compute(name, &[self.ir.lanes_type(lanes).into()], &[self.ir.lanes(lanes, x)]);
        self.ir.vector(value)
    }

    pub(super) fn compare_numbers(&self, holds: FloatPredicate, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        let holds = self.ir.compare_numbers(holds, self.ir.lanes(lanes, x), self.ir.lanes(lanes, y));
        self.ir.mask(lanes, holds)
    }

    /// Without the sign, also of NaNs.
    pub(super) fn float_abs(&self, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let magnitude = self.ir.splat_constant(lanes.integers(), u64::MAX >> (65 - lanes.bits()));
        self.ir.binary(InstructionOpcode::And, self.ir.lanes(lanes.integers(), x), magnitude)
    }

    /// With the other sign, also of NaNs.
    pub(super) fn float_neg(&self, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let sign = self.ir.splat_constant(lanes.integers(), 1 << (lanes.bits() - 1));
        self.ir.vector(self.ir.binary(InstructionOpcode::Xor, self.ir.lanes(lanes.integers(), x), sign))
    }

    /// The minimum or maximum. Of equal numbers, or if one is a NaN, either instruction of the machine answers its second operand: so the two
    /// ways round agree, or what differs is the sign, which `of_equals` joins, or it is no number: then the sum is a quiet NaN.
    pub(super) fn extreme(
        &self,
        condition: FloatPredicate,
        of_equals: InstructionOpcode,
        lanes: Lanes,
        x: Value<'c>,
        y: Value<'c>,
    ) -> Value<'c> {
        let (x, y) = (self.ir.numbers(lanes, x), self.ir.numbers(lanes, y));
        let one = self.ir.select_lanes(self.ir.compare_numbers(condition, x, y), x, y);
        let other = self.ir.select_lanes(self.ir.compare_numbers(condition, y, x), y, x);
        let joined = self.lanewise(of_equals, Lanes::I64, self.ir.vector(one), self.ir.vector(other));
        let joined = self.ir.lanes(lanes, joined);
        let sum = self.ir.binary(InstructionOpcode::FAdd, x, y);
        self.ir.select_lanes(self.ir.compare_numbers(FloatPredicate::UNO, x, y), sum, joined)
    }

    /// `y` where the condition holds of it and `x`, else `x`; with all bits.
    pub(super) fn second_if(&self, condition: FloatPredicate, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        let (x, y) = (self.ir.lanes(lanes, x), self.ir.lanes(lanes, y));
        self.ir.select_lanes(self.ir.compare_numbers(condition, y, x), y, x)
    }
}
