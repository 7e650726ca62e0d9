//! Floating-point operations on two values.

use inkwell::FloatPredicate;
use inkwell::values::InstructionOpcode;
use riser_translator::ValType;
use riser_translator::ops::{FloatBinaryOp, FloatCompareOp};
use riser_translator::sink::Operand;

use super::Lowering;
use crate::ir::Value;

impl<'c> Lowering<'_, 'c> {
    /// The operands of an operation on numbers of a type. Arithmetic with one constant has no known result, so LLVM may see the constant,
    /// and read it from memory where it is used. But there are constants that arithmetic leaves any number as it is with.
    pub(super) fn factors(
        &mut self,
        ty: ValType,
        op: FloatBinaryOp,
        lhs: Operand,
        rhs: Operand,
    ) -> (Value<'c>, Value<'c>) {
        use FloatBinaryOp::*;
        let computes = match op {
            F32Add | F64Add | F32Sub | F64Sub | F32Mul | F64Mul | F32Div | F64Div => true,
            // One of these has constants as results, for some values of the other operand.
            F32Min | F64Min | F32Max | F64Max | F32Copysign | F64Copysign => false,
        };
        let mut operand = |it: Operand, beside: Operand| match (it, beside) {
            (Operand::Const { bits, .. }, Operand::Local { .. } | Operand::Temp(_))
                if computes && !is_neutral(ty, bits) =>
            {
                self.ir.constant(self.value_type(ty), bits)
            }
            _ => self.get(ty, it),
        };
        (operand(lhs, rhs), operand(rhs, lhs))
    }

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

/// Whether arithmetic with a constant may be the identity, or its negation.
fn is_neutral(ty: ValType, bits: u64) -> bool {
    let number = if ty == ValType::F32 { f64::from(f32::from_bits(bits as u32)) } else { f64::from_bits(bits) };
    number == 0.0 || number.abs() == 1.0
}
