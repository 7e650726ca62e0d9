//! Integer operations on two values.

use inkwell::IntPredicate;
use inkwell::values::InstructionOpcode;
use riser_lowering::Builder;
use riser_translator::TrapCode;
use riser_translator::ops::{IntBinaryOp, IntCompareOp};

use super::Lowering;
use crate::ir::Value;

impl<'c> Lowering<'_, 'c> {
    pub(super) fn int_compare(&mut self, op: IntCompareOp, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        let holds = self.compare(op, lhs, rhs);
        self.flag(holds)
    }

    pub(super) fn int_binary(&mut self, op: IntBinaryOp, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        use InstructionOpcode::*;
        use IntBinaryOp::*;
        match op {
            I32Add | I64Add => self.ir.binary(Add, lhs, rhs),
            I32Sub | I64Sub => self.ir.binary(Sub, lhs, rhs),
            I32Mul | I64Mul => self.ir.binary(Mul, lhs, rhs),
            I32And | I64And => self.ir.binary(And, lhs, rhs),
            I32Or | I64Or => self.ir.binary(Or, lhs, rhs),
            I32Xor | I64Xor => self.ir.binary(Xor, lhs, rhs),
            I32Shl | I64Shl => self.shift(Shl, lhs, rhs),
            I32ShrS | I64ShrS => self.shift(AShr, lhs, rhs),
            I32ShrU | I64ShrU => self.shift(LShr, lhs, rhs),
            I32Rotl | I64Rotl => self.rotate("llvm.fshl", lhs, rhs),
            I32Rotr | I64Rotr => self.rotate("llvm.fshr", lhs, rhs),
            I32DivS | I64DivS => {
                self.check_divisor(rhs);
                self.check_quotient(lhs, rhs);
                self.ir.binary(SDiv, lhs, rhs)
            }
            I32DivU | I64DivU => {
                self.check_divisor(rhs);
                self.ir.binary(UDiv, lhs, rhs)
            }
            I32RemS | I64RemS => {
                self.check_divisor(rhs);
                // The remainder by -1 equals that by 1, which is 0. LLVM's `srem` is undefined for
                // the smallest number and -1.
                let minus_one = self.ir.compare(IntPredicate::EQ, rhs, self.ir.constant(rhs.get_type(), u64::MAX));
                let rhs = self.ir.select(minus_one, self.ir.constant(rhs.get_type(), 1), rhs);
                self.ir.binary(SRem, lhs, rhs)
            }
            I32RemU | I64RemU => {
                self.check_divisor(rhs);
                self.ir.binary(URem, lhs, rhs)
            }
        }
    }

    /// Shifts modulo the width, as wasm does.
    fn shift(&mut self, op: InstructionOpcode, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        let ty = rhs.get_type();
        let mask = u64::from(ty.into_int_type().get_bit_width() - 1);
        let rhs = self.ir.binary(InstructionOpcode::And, rhs, self.ir.constant(ty, mask));
        self.ir.binary(op, lhs, rhs)
    }

    fn rotate(&mut self, intrinsic: &str, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        let value = self.ir.intrinsic(intrinsic, &[lhs.get_type()], &[lhs, lhs, rhs]);
        value.expect("a rotation has a result")
    }

    fn check_divisor(&mut self, rhs: Value<'c>) {
        self.here();
        let zero = self.ir.compare(IntPredicate::EQ, rhs, self.ir.constant(rhs.get_type(), 0));
        self.trap_if(zero, TrapCode::IntegerDivideByZero);
    }

    /// Traps for the smallest number divided by -1, whose quotient is not representable.
    fn check_quotient(&mut self, lhs: Value<'c>, rhs: Value<'c>) {
        let ty = lhs.get_type();
        let smallest = 1 << (ty.into_int_type().get_bit_width() - 1);
        let smallest = self.ir.compare(IntPredicate::EQ, lhs, self.ir.constant(ty, smallest));
        let minus_one = self.ir.compare(IntPredicate::EQ, rhs, self.ir.constant(ty, u64::MAX));
        let both = self.ir.and(smallest, minus_one);
        self.trap_if(both, TrapCode::IntegerOverflow);
    }
}

pub(super) fn condition(op: IntCompareOp) -> IntPredicate {
    use IntCompareOp::*;
    match op {
        I32Eq | I64Eq => IntPredicate::EQ,
        I32Ne | I64Ne => IntPredicate::NE,
        I32LtS | I64LtS => IntPredicate::SLT,
        I32LtU | I64LtU => IntPredicate::ULT,
        I32GtS | I64GtS => IntPredicate::SGT,
        I32GtU | I64GtU => IntPredicate::UGT,
        I32LeS | I64LeS => IntPredicate::SLE,
        I32LeU | I64LeU => IntPredicate::ULE,
        I32GeS | I64GeS => IntPredicate::SGE,
        I32GeU | I64GeU => IntPredicate::UGE,
    }
}
