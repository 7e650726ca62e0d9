//! Encodes the vector instructions that take more than a few lines.

use riser_translator::index::MemoryIndex;
use riser_translator::ir::Src;
use riser_translator::ops::{VectorLoadOp, VectorOp, WideOp};
use riser_translator::sink::Slot;
use riser_translator::types::ValType;

use super::{Encoder, fields, fields_half};
use crate::dispatch::Bounds;
use crate::forward::Acc;
use crate::lanes::sse41;
use crate::tokens::{Token, form};

impl Encoder<'_> {
    pub(super) fn vector_const(&mut self, dst: Slot, slots: [u64; 2]) {
        let field = self.write(dst);
        self.long(Token::VectorConst as usize, fields([field, 0, 0, 0]), slots[0]);
        self.buffers.words.push(slots[1]);
        self.finish_vector(dst);
    }

    pub(super) fn vector(&mut self, op: VectorOp, dst: Slot, operands: [Slot; 3]) {
        let mut words = [0; 4];
        for (at, &ty) in op.operand_types().iter().enumerate() {
            words[at + 1] = self.read_slots(operands[at], ty.slots(), at as u32);
        }
        words[0] = self.write(dst);
        let better = form::vector_sse41(op).filter(|_| sse41::is_there());
        self.short(better.unwrap_or_else(|| form::vector(op)) as usize, fields(words));
        self.finish_slots(dst, op.result_type().slots());
    }

    pub(super) fn wide(&mut self, op: WideOp, dst: Slot, operands: [Slot; WideOp::MOST_OPERANDS]) {
        let mut read = [0; WideOp::MOST_OPERANDS];
        for (at, field) in read[..op.operands()].iter_mut().enumerate() {
            *field = self.read(operands[at], at as u32);
        }
        let [a, b, c, d] = read;
        let field = self.write(dst);
        self.long(form::wide(op) as usize, fields([field, a, b, c]), d.into());
        self.finish_slots(dst, 2);
    }

    pub(super) fn shuffle(&mut self, dst: Slot, lhs: Slot, rhs: Slot, lanes: [u8; 16]) {
        let (lhs, rhs) = (self.read_vector(lhs, 1), self.read_vector(rhs, 2));
        let field = self.write(dst);
        let lanes = u128::from_le_bytes(lanes);
        let token = if sse41::is_there() { Token::ShuffleSse41 } else { Token::Shuffle };
        self.long(token as usize, fields([field, lhs, rhs, 0]), lanes as u64);
        self.buffers.words.push((lanes >> 64) as u64);
        self.finish_vector(dst);
    }

    pub(super) fn vector_load(&mut self, op: VectorLoadOp, dst: Slot, memory: MemoryIndex, addr: Slot, offset: u64) {
        let addr = self.read(addr, 1);
        let field = self.write(dst);
        let bounds = self.bounds_of(memory, offset);
        self.access(form::vector_load(op, bounds), bounds, [field, addr], memory, offset);
        self.finish_vector(dst);
    }

    pub(super) fn vector_store(&mut self, memory: MemoryIndex, addr: Slot, offset: u64, value: Slot) {
        let (addr, value) = (self.read(addr, 0), self.read_vector(value, 1));
        let bounds = self.bounds_of(memory, offset);
        self.access(form::vector_store(bounds), bounds, [addr, value], memory, offset);
    }

    /// Adds a copy of a vector.
    pub(super) fn copy_vector(&mut self, dst: Slot, src: Slot) {
        match (u16::try_from(self.number(dst)), u16::try_from(self.number(src))) {
            (Ok(to), Ok(from)) => {
                self.short(Token::Copy128 as usize, fields([to, from, 0, 0]));
                self.finish_vector(dst);
            }
            // Copies reach far slots without scratch slots.
            _ => self.copy_far(self.number(dst), self.number(src), ValType::V128.slots()),
        }
    }

    pub(super) fn select_vector(&mut self, dst: Slot, cond: Src, if_true: Slot, if_false: Slot) {
        let (cond, token) = match self.held.one(cond, Acc::Int) {
            Src::Slot(slot) => (self.read(slot, 0), Token::Select128S),
            Src::Acc | Src::Imm(_) => (0, Token::Select128A),
        };
        let (if_true, if_false) = (self.read_vector(if_true, 1), self.read_vector(if_false, 2));
        let field = self.write(dst);
        self.short(token as usize, fields([field, cond, if_true, if_false]));
        self.finish_vector(dst);
    }

    /// How the bounds of an access are checked; `None` if it takes the general form.
    fn bounds_of(&self, memory: MemoryIndex, offset: u64) -> Option<Bounds> {
        (!self.general_access(memory, offset)).then_some(self.config.bounds)
    }

    /// Adds an access with two fields.
    fn access(&mut self, token: Token, bounds: Option<Bounds>, [a, b]: [u16; 2], memory: MemoryIndex, offset: u64) {
        match bounds {
            Some(_) => self.short(token as usize, fields_half(a, b, offset as u32)),
            None => self.long(token as usize, fields_half(a, b, memory.as_u32()), offset),
        }
    }
}
