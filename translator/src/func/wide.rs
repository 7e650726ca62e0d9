//! Wide arithmetic: operators that have two results.

use crate::ops::WideOp;
use crate::sink::{Operand, Sink};
use crate::types::ValType;

use super::Lowering;

impl<S: Sink> Lowering<'_, S> {
    /// Lowers an operator of wide arithmetic.
    #[cold]
    #[inline(never)]
    pub(super) fn wide(&mut self, op: WideOp) {
        let mut operands = [Operand::Temp(self.stack.home(0)); WideOp::MOST_OPERANDS];
        let operands = &mut operands[..op.operands()];
        for operand in operands.iter_mut().rev() {
            (_, *operand) = self.stack.pop();
        }
        let dst = self.stack.push_temp(ValType::I64);
        self.stack.push_temp(ValType::I64);
        self.sink.wide(op, dst, operands);
    }
}
