//! Floating-point operations on two values.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Value, types::I32};
use riser_translator::ops::BinaryOp;

use super::Lowering;

impl Lowering<'_, '_> {
    pub(super) fn float_binary(&mut self, op: BinaryOp, lhs: Value, rhs: Value) -> Value {
        use BinaryOp::*;
        let ins = self.builder.ins();
        let condition = match op {
            F32Add | F64Add => return ins.fadd(lhs, rhs),
            F32Sub | F64Sub => return ins.fsub(lhs, rhs),
            F32Mul | F64Mul => return ins.fmul(lhs, rhs),
            F32Div | F64Div => return ins.fdiv(lhs, rhs),
            F32Min | F64Min => return ins.fmin(lhs, rhs),
            F32Max | F64Max => return ins.fmax(lhs, rhs),
            F32Copysign | F64Copysign => return ins.fcopysign(lhs, rhs),
            F32Eq | F64Eq => FloatCC::Equal,
            F32Ne | F64Ne => FloatCC::NotEqual,
            F32Lt | F64Lt => FloatCC::LessThan,
            F32Gt | F64Gt => FloatCC::GreaterThan,
            F32Le | F64Le => FloatCC::LessThanOrEqual,
            F32Ge | F64Ge => FloatCC::GreaterThanOrEqual,
            other => unreachable!("{other} is no floating-point operation"),
        };
        let holds = ins.fcmp(condition, lhs, rhs);
        self.builder.ins().uextend(I32, holds)
    }
}
