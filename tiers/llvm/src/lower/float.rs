//! Floating-point operations on two values.

use inkwell::FloatPredicate;
use inkwell::values::InstructionOpcode;
use riser_translator::ops::{FloatBinaryOp, FloatCompareOp};

use super::Lowering;
use crate::ir::Value;

impl<'c> Lowering<'_, 'c> {
    pub(super) fn float_binary(&mut self, op: FloatBinaryOp, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        use FloatBinaryOp::*;
        use InstructionOpcode::*;
        match op {
            F32Add | F64Add => self.ir.binary(FAdd, lhs, rhs),
            F32Sub | F64Sub => self.ir.binary(FSub, lhs, rhs),
            F32Mul | F64Mul => self.ir.binary(FMul, lhs, rhs),
            F32Div | F64Div => self.ir.binary(FDiv, lhs, rhs),
            F32Min | F64Min => self.choose(FloatPredicate::OLT, Or, lhs, rhs),
            F32Max | F64Max => self.choose(FloatPredicate::OGT, And, lhs, rhs),
            F32Copysign | F64Copysign => {
                let value = self.ir.intrinsic("llvm.copysign", &[lhs.get_type()], &[lhs, rhs]);
                value.expect("a sign's copy has a result")
            }
        }
    }

    pub(super) fn float_compare(&mut self, op: FloatCompareOp, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        use FloatCompareOp::*;
        let condition = match op {
            F32Eq | F64Eq => FloatPredicate::OEQ,
            F32Ne | F64Ne => FloatPredicate::UNE,
            F32Lt | F64Lt => FloatPredicate::OLT,
            F32Gt | F64Gt => FloatPredicate::OGT,
            F32Le | F64Le => FloatPredicate::OLE,
            F32Ge | F64Ge => FloatPredicate::OGE,
        };
        let holds = self.ir.compare_floats(condition, lhs, rhs);
        self.ir.zext(holds.into(), self.ir.i32_type())
    }

    /// The minimum or maximum. Equal numbers differ at most in their signs, which `of_equals` combines; the sum turns a NaN into a
    /// quiet one. LLVM's own operations may return an operand that is a signaling NaN.
    fn choose(
        &mut self,
        condition: FloatPredicate,
        of_equals: InstructionOpcode,
        lhs: Value<'c>,
        rhs: Value<'c>,
    ) -> Value<'c> {
        let ty = lhs.get_type();
        let bits = if ty == self.ir.llvm.f32_type().into() { self.ir.i32_type() } else { self.ir.i64_type() };
        let [lhs_bits, rhs_bits] = [lhs, rhs].map(|value| self.ir.cast(InstructionOpcode::BitCast, value, bits));
        let joined = self.ir.binary(of_equals, lhs_bits, rhs_bits);
        let joined = self.ir.cast(InstructionOpcode::BitCast, joined, ty);
        let sum = self.ir.binary(InstructionOpcode::FAdd, lhs, rhs);
        let first = self.ir.compare_floats(condition, lhs, rhs);
        let chosen = self.ir.select(first, lhs, rhs);
        let equal = self.ir.compare_floats(FloatPredicate::OEQ, lhs, rhs);
        let chosen = self.ir.select(equal, joined, chosen);
        let unordered = self.ir.compare_floats(FloatPredicate::UNO, lhs, rhs);
        self.ir.select(unordered, sum, chosen)
    }
}
