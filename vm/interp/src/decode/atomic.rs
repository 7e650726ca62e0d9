//! The decoding of atomic instructions: the inverse of the encoder's file of the same name.

use riser_translator::ir::Inst;
use riser_translator::ops::AtomicOp;
use riser_translator::sink::Slot;

use super::Decoder;
use super::operands::{Checked, unused};

impl Decoder<'_> {
    pub(super) fn atomic(&mut self, op: AtomicOp) -> Checked<Inst> {
        let [dst, addr, fields @ ..] = self.fields::<4>()?;
        let (memory, offset) = self.any_access()?;
        let addr = self.read(addr)?;
        let mut operands = [Slot(0); AtomicOp::MOST_OPERANDS];
        for (at, field) in fields.into_iter().enumerate() {
            if at < op.operand_types().len() {
                operands[at] = self.read(field)?;
            } else {
                unused(field)?;
            }
        }
        let dst = match op.result_type() {
            Some(_) => Some(self.write(dst)?),
            None => {
                unused(dst)?;
                None
            }
        };
        Ok(Inst::Atomic { op, dst, memory, addr, offset, operands })
    }
}
