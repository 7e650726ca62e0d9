//! Wide arithmetic.

use cranelift_codegen::ir::{InstBuilder, Value, types::I128};
use riser_translator::ops::WideOp;

use super::Lowering;

impl Lowering<'_, '_> {
    /// The two halves of the result, the lower first.
    pub(super) fn wide_values(&mut self, op: WideOp, operands: &[Value]) -> (Value, Value) {
        let mut wide = |low: usize| self.builder.ins().iconcat(operands[low], operands[low + 1]);
        let result = match op {
            WideOp::I64Add128 => {
                let (lhs, rhs) = (wide(0), wide(2));
                self.builder.ins().iadd(lhs, rhs)
            }
            WideOp::I64Sub128 => {
                let (lhs, rhs) = (wide(0), wide(2));
                self.builder.ins().isub(lhs, rhs)
            }
            // Cranelift makes one multiplication of it.
            WideOp::I64MulWideS => {
                let [lhs, rhs] = [0, 1].map(|at| self.builder.ins().sextend(I128, operands[at]));
                self.builder.ins().imul(lhs, rhs)
            }
            WideOp::I64MulWideU => {
                let [lhs, rhs] = [0, 1].map(|at| self.builder.ins().uextend(I128, operands[at]));
                self.builder.ins().imul(lhs, rhs)
            }
        };
        self.builder.ins().isplit(result)
    }
}
