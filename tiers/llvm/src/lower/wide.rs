//! Wide arithmetic.

use inkwell::values::InstructionOpcode;
use riser_translator::ops::WideOp;

use super::Lowering;
use crate::ir::Value;

impl<'c> Lowering<'_, 'c> {
    /// The two halves of the result, the lower first.
    pub(super) fn wide_values(&mut self, op: WideOp, operands: &[Value<'c>]) -> (Value<'c>, Value<'c>) {
        use InstructionOpcode::{Add, LShr, Mul, Or, SExt, Shl, Sub, Trunc, ZExt};
        let wide = self.ir.llvm.i128_type().into();
        let half = self.ir.constant(wide, 64);
        let extend = |op, at: usize| self.ir.cast(op, operands[at], wide);
        let join = |low: usize| self.ir.binary(Or, self.ir.binary(Shl, extend(ZExt, low + 1), half), extend(ZExt, low));
        let result = match op {
            WideOp::I64Add128 => self.ir.binary(Add, join(0), join(2)),
            WideOp::I64Sub128 => self.ir.binary(Sub, join(0), join(2)),
            WideOp::I64MulWideS => self.ir.binary(Mul, extend(SExt, 0), extend(SExt, 1)),
            WideOp::I64MulWideU => self.ir.binary(Mul, extend(ZExt, 0), extend(ZExt, 1)),
        };
        let high = self.ir.binary(LShr, result, half);
        let [low, high] = [result, high].map(|value| self.ir.cast(Trunc, value, self.ir.i64_type()));
        (low, high)
    }
}
