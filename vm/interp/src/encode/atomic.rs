//! Encodes atomic instructions.

use riser_translator::index::MemoryIndex;
use riser_translator::ops::AtomicOp;
use riser_translator::sink::Slot;

use super::{Encoder, fields, halves};
use crate::tokens::form;

impl Encoder<'_> {
    pub(super) fn atomic(
        &mut self,
        op: AtomicOp,
        dst: Option<Slot>,
        memory: MemoryIndex,
        addr: Slot,
        offset: u64,
        operands: [Slot; AtomicOp::MOST_OPERANDS],
    ) {
        let addr = self.read(addr, 1);
        let mut read = [0; AtomicOp::MOST_OPERANDS];
        for (at, field) in read[..op.operand_types().len()].iter_mut().enumerate() {
            *field = self.read(operands[at], 2 + at as u32);
        }
        let [first, second] = read;
        let field = dst.map_or(0, |dst| self.write(dst));
        self.long(form::atomic(op) as usize, fields([field, addr, first, second]), offset);
        self.buffers.words.push(halves(memory.as_u32(), 0));
        if let Some(dst) = dst {
            self.finish_slot(dst);
        }
    }
}
