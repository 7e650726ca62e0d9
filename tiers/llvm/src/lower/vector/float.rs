//! Floating-point lanes.

use inkwell::FloatPredicate;
use inkwell::values::InstructionOpcode;

use super::super::Lowering;
use crate::ir::{Lanes, Value};

impl<'c> Lowering<'_, 'c> {
    /// Sums, products and similar operations.
    pub(super) fn arithmetic(&self, op: InstructionOpcode, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        self.ir.vector(self.ir.binary(op, self.ir.numbers(lanes, x), self.ir.numbers(lanes, y)))
    }

    /// A rounded product, added to `z` and rounded again.
    pub(super) fn product_and_sum(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>, z: Value<'c>) -> Value<'c> {
        let product = self.arithmetic(InstructionOpcode::FMul, lanes, x, y);
        self.arithmetic(InstructionOpcode::FAdd, lanes, product, z)
    }

    /// Calls an intrinsic of LLVM; all of these turn a signaling NaN into a quiet one.
    pub(super) fn of_number(&self, name: &str, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let value = self.ir.compute(name, &[self.ir.lanes_type(lanes).into()], &[self.ir.lanes(lanes, x)]);
        self.ir.vector(value)
    }

    pub(super) fn compare_numbers(&self, holds: FloatPredicate, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        let holds = self.ir.compare_numbers(holds, self.ir.lanes(lanes, x), self.ir.lanes(lanes, y));
        self.ir.mask(lanes, holds)
    }

    /// The numbers without their signs, NaNs too.
    pub(super) fn float_abs(&self, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let magnitude = self.ir.splat_constant(lanes.integers(), u64::MAX >> (65 - lanes.bits()));
        self.ir.binary(InstructionOpcode::And, self.ir.lanes(lanes.integers(), x), magnitude)
    }

    /// The numbers with their signs flipped, NaNs too.
    pub(super) fn float_neg(&self, lanes: Lanes, x: Value<'c>) -> Value<'c> {
        let sign = self.ir.splat_constant(lanes.integers(), 1 << (lanes.bits() - 1));
        self.ir.vector(self.ir.binary(InstructionOpcode::Xor, self.ir.lanes(lanes.integers(), x), sign))
    }

    /// The minimum or maximum. For equal numbers, and for a NaN, the machine instruction returns its second operand. So it is used both
    /// ways round. If the results differ, they are zeros with different signs, which `of_equals` combines; or one operand is a NaN, and
    /// then the result is the sum, a quiet NaN.
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

    /// `y` where it is less than `x`, else `x`, with all bits unchanged: the machine instruction returns its first operand only where that is
    /// less. At level 0, LLVM would not find it for every comparison and selection that mean the same.
    pub(super) fn pseudo_min(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        self.of_machine(if lanes == Lanes::F32 { "llvm.x86.sse.min.ps" } else { "llvm.x86.sse2.min.pd" }, lanes, y, x)
    }

    /// As [`Lowering::pseudo_min`], where `y` is greater.
    pub(super) fn pseudo_max(&self, lanes: Lanes, x: Value<'c>, y: Value<'c>) -> Value<'c> {
        self.of_machine(if lanes == Lanes::F32 { "llvm.x86.sse.max.ps" } else { "llvm.x86.sse2.max.pd" }, lanes, y, x)
    }
}
