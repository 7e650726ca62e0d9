//! Floating-point operations on two values.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Value, types::I32};
use riser_translator::ops::{FloatBinaryOp, FloatCompareOp};

use super::Lowering;

impl Lowering<'_, '_> {
    pub(super) fn float_binary(&mut self, op: FloatBinaryOp, lhs: Value, rhs: Value) -> Value {
        use FloatBinaryOp::*;
        let ins = self.builder.ins();
        match op {
            F32Add | F64Add => ins.fadd(lhs, rhs),
            F32Sub | F64Sub => ins.fsub(lhs, rhs),
            F32Mul | F64Mul => ins.fmul(lhs, rhs),
            F32Div | F64Div => ins.fdiv(lhs, rhs),
            F32Min | F64Min => ins.fmin(lhs, rhs),
            F32Max | F64Max => ins.fmax(lhs, rhs),
            F32Copysign | F64Copysign => ins.fcopysign(lhs, rhs),
        }
    }

    pub(super) fn float_compare(&mut self, op: FloatCompareOp, lhs: Value, rhs: Value) -> Value {
        use FloatCompareOp::*;
        let condition = match op {
            F32Eq | F64Eq => FloatCC::Equal,
            F32Ne | F64Ne => FloatCC::NotEqual,
            F32Lt | F64Lt => FloatCC::LessThan,
            F32Gt | F64Gt => FloatCC::GreaterThan,
            F32Le | F64Le => FloatCC::LessThanOrEqual,
            F32Ge | F64Ge => FloatCC::GreaterThanOrEqual,
        };
        let holds = self.builder.ins().fcmp(condition, lhs, rhs);
        self.builder.ins().uextend(I32, holds)
    }
}
