//! The encoding of vector instructions.

use riser_translator::ir::{Inst, Src};
use riser_translator::sink::Slot;
use riser_translator::types::ValType;

use super::{Encoder, fields, fields_half, halves};
use crate::interp::dispatch::Bounds;
use crate::interp::forward::Acc;
use crate::interp::lanes::sse41;
use crate::interp::tokens::{Token, form};

impl Encoder<'_> {
    /// Encodes a vector instruction.
    ///
    /// # Panics
    ///
    /// If the instruction is another.
    pub(super) fn vector(&mut self, inst: &Inst) {
        match *inst {
            Inst::VectorConst { dst, slots } => {
                let field = self.write(dst);
                self.long(Token::VectorConst as usize, fields([field, 0, 0, 0]), slots[0]);
                self.buffers.words.push(slots[1]);
                self.finish_vector(dst);
            }
            Inst::Vector { op, dst, operands } => {
                let mut words = [0; 4];
                for (at, &ty) in op.operand_types().iter().enumerate() {
                    words[at + 1] = self.read_value(ty, operands[at], at as u32);
                }
                words[0] = self.write(dst);
                let better = form::vector_sse41(op).filter(|_| sse41::is_there());
                self.short(better.unwrap_or_else(|| form::vector(op)) as usize, fields(words));
                self.finish_value(op.result_type(), dst);
            }
            Inst::Shuffle { dst, lhs, rhs, lanes } => {
                let (lhs, rhs) = (self.read_vector(lhs, 1), self.read_vector(rhs, 2));
                let field = self.write(dst);
                let lanes = u128::from_le_bytes(lanes);
                let token = if sse41::is_there() { Token::ShuffleSse41 } else { Token::Shuffle };
                self.long(token as usize, fields([field, lhs, rhs, 0]), lanes as u64);
                self.buffers.words.push((lanes >> 64) as u64);
                self.finish_vector(dst);
            }
            Inst::ExtractLane { op, lane, dst, src } => {
                let src = self.read_vector(src, 1);
                let field = self.write(dst);
                self.short(form::extract(op) as usize, fields([field, src, lane.into(), 0]));
                self.finish_slot(dst);
            }
            Inst::ReplaceLane { op, lane, dst, vector, value } => {
                let (vector, value) = (self.read_vector(vector, 1), self.read(value, 2));
                let field = self.write(dst);
                self.short(form::replace(op) as usize, fields([field, vector, value, lane.into()]));
                self.finish_vector(dst);
            }
            Inst::VectorLoad { op, dst, memory, addr, offset } => {
                let addr = self.read(addr, 1);
                let field = self.write(dst);
                let bounds = self.bounds_of(memory, offset);
                self.access(form::vector_load(op, bounds), bounds, [field, addr], memory, offset);
                self.finish_vector(dst);
            }
            Inst::VectorStore { memory, addr, offset, value } => {
                let (addr, value) = (self.read(addr, 0), self.read_vector(value, 1));
                let bounds = self.bounds_of(memory, offset);
                self.access(form::vector_store(bounds), bounds, [addr, value], memory, offset);
            }
            Inst::LoadLane { op, lane, dst, memory, addr, offset, vector } => {
                let (addr, vector) = (self.read(addr, 1), self.read_vector(vector, 2));
                let field = self.write(dst);
                let words = fields([field, addr, vector, lane.into()]);
                self.long(form::load_lane(op) as usize, words, offset);
                self.buffers.words.push(halves(memory, 0));
                self.finish_vector(dst);
            }
            Inst::StoreLane { op, lane, memory, addr, offset, vector } => {
                let (addr, vector) = (self.read(addr, 0), self.read_vector(vector, 1));
                self.long(form::store_lane(op) as usize, fields([addr, vector, lane.into(), 0]), offset);
                self.buffers.words.push(halves(memory, 0));
            }
            _ => unreachable!("not a vector instruction"),
        }
    }

    /// The copy of a vector.
    pub(super) fn copy_vector(&mut self, dst: Slot, src: Slot) {
        match (u16::try_from(self.number(dst)), u16::try_from(self.number(src))) {
            (Ok(to), Ok(from)) => {
                self.short(Token::Copy128 as usize, fields([to, from, 0, 0]));
                self.finish_vector(dst);
            }
            // Far slots need no detour here.
            _ => self.copy_far_vector(self.number(dst), self.number(src)),
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
    fn bounds_of(&self, memory: u32, offset: u64) -> Option<Bounds> {
        (!self.general_access(memory, offset)).then_some(self.config.bounds)
    }

    /// An access with two fields.
    fn access(&mut self, token: Token, bounds: Option<Bounds>, [a, b]: [u16; 2], memory: u32, offset: u64) {
        match bounds {
            Some(_) => self.short(token as usize, fields_half(a, b, offset as u32)),
            None => self.long(token as usize, fields_half(a, b, memory), offset),
        }
    }

    /// What follows an instruction that leaves a value of type `ty` in a slot, and the accumulators as they are.
    fn finish_value(&mut self, ty: ValType, dst: Slot) {
        if ty == ValType::V128 { self.finish_vector(dst) } else { self.finish_slot(dst) }
    }
}
