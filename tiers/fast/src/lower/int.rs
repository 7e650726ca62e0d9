//! Integer operations on two values.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value};
use riser_lowering::Builder;
use riser_translator::ops::{IntBinaryOp, IntCompareOp};

use super::Lowering;

impl Lowering<'_, '_> {
    pub(super) fn int_compare(&mut self, op: IntCompareOp, lhs: Value, rhs: Value) -> Value {
        let holds = self.compare(op, lhs, rhs);
        self.flag(holds)
    }

    pub(super) fn int_binary(&mut self, op: IntBinaryOp, lhs: Value, rhs: Value) -> Value {
        use IntBinaryOp::*;
        let ins = self.builder.ins();
        match op {
            I32Add | I64Add => ins.iadd(lhs, rhs),
            I32Sub | I64Sub => ins.isub(lhs, rhs),
            I32Mul | I64Mul => ins.imul(lhs, rhs),
            I32And | I64And => ins.band(lhs, rhs),
            I32Or | I64Or => ins.bor(lhs, rhs),
            I32Xor | I64Xor => ins.bxor(lhs, rhs),
            I32Shl | I64Shl => ins.ishl(lhs, rhs),
            I32ShrS | I64ShrS => ins.sshr(lhs, rhs),
            I32ShrU | I64ShrU => ins.ushr(lhs, rhs),
            I32Rotl | I64Rotl => ins.rotl(lhs, rhs),
            I32Rotr | I64Rotr => ins.rotr(lhs, rhs),
            I32DivS | I64DivS => ins.sdiv(lhs, rhs),
            I32DivU | I64DivU => ins.udiv(lhs, rhs),
            I32RemS | I64RemS => ins.srem(lhs, rhs),
            I32RemU | I64RemU => ins.urem(lhs, rhs),
        }
    }
}

pub(super) fn condition(op: IntCompareOp) -> IntCC {
    use IntCompareOp::*;
    match op {
        I32Eq | I64Eq => IntCC::Equal,
        I32Ne | I64Ne => IntCC::NotEqual,
        I32LtS | I64LtS => IntCC::SignedLessThan,
        I32LtU | I64LtU => IntCC::UnsignedLessThan,
        I32GtS | I64GtS => IntCC::SignedGreaterThan,
        I32GtU | I64GtU => IntCC::UnsignedGreaterThan,
        I32LeS | I64LeS => IntCC::SignedLessThanOrEqual,
        I32LeU | I64LeU => IntCC::UnsignedLessThanOrEqual,
        I32GeS | I64GeS => IntCC::SignedGreaterThanOrEqual,
        I32GeU | I64GeU => IntCC::UnsignedGreaterThanOrEqual,
    }
}
