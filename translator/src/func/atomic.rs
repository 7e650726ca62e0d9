//! Atomic operators.

use crate::ops::AtomicOp;
use crate::sink::{Operand, Sink};

use super::Lowering;
use super::rows::AtomicRow;

impl<S: Sink> Lowering<'_, S> {
    /// Lowers an atomic operator.
    #[cold]
    #[inline(never)]
    pub(super) fn atomic(&mut self, row: AtomicRow) {
        let (op, memarg) = match row {
            AtomicRow::Fence => return self.sink.atomic_fence(),
            AtomicRow::Access(op, memarg) => (op, memarg),
        };
        let mut operands = [Operand::Temp(self.stack.home(0)); AtomicOp::MOST_OPERANDS];
        let operands = &mut operands[..op.operand_types().len()];
        for operand in operands.iter_mut().rev() {
            (_, *operand) = self.stack.pop();
        }
        let access = self.access(memarg);
        let dst = op.result_type().map(|ty| self.stack.push_temp(ty));
        self.sink.atomic(op, dst, access, operands);
    }
}
