//! The encoding of each instruction.

use riser_translator::index::{FuncIndex, MemoryIndex};
use riser_translator::ir::{Addr, Cond, Dst, Inst, Src};
use riser_translator::ops::{BinaryOp, LoadOp, StoreOp};
use riser_translator::sink::{Catch, Label, Slot, SlotRange};
use riser_translator::types::ValType;

use super::{Encoder, defined_offset, fields, fields_half, halves};
use crate::forward::{Acc, Held};
use crate::tokens::{Token, form};
use crate::unwind::Landing;

/// Returns the token for a result or operand in the accumulator of its type.
fn by_acc_type(ty: ValType, int: Token, f32: Token, f64: Token) -> usize {
    match ty {
        ValType::F32 => f32 as usize,
        ValType::F64 => f64 as usize,
        ValType::I32 | ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => int as usize,
        ValType::V128 => unreachable!("vectors have no accumulator"),
    }
}

impl Encoder<'_> {
    /// Encodes one instruction.
    pub(super) fn encode(&mut self, inst: &Inst) {
        match *inst {
            Inst::Const { ty, dst, bits } => self.constant(ty, dst, bits),
            Inst::Copy { ty: ValType::V128, dst, src } => self.copy_vector(dst, src),
            Inst::Copy { ty: _, dst, src } => self.copy(dst, src),
            Inst::CopySlots { dst, src, count } => {
                let ends = halves(self.number(dst), self.number(src));
                self.long(Token::CopySlots as usize, ends, halves(count, 0));
                self.held = Held::default();
            }
            Inst::Unary { op, dst, src } => {
                let src = self.held.one(src, Acc::of(op.operand_type()));
                self.one_operand(form::unary(op) as usize, dst, src, Acc::of(op.result_type()));
            }
            Inst::RefIsNull { dst, src } => {
                let src = self.held.one(src, Acc::Int);
                self.one_operand(Token::RefIsNullSs as usize, dst, src, Acc::Int);
            }
            Inst::Binary { op, dst, lhs, rhs } => self.binary(op, dst, lhs, rhs),
            Inst::Select { ty: ValType::V128, dst, cond, if_true, if_false } => {
                self.select_vector(dst, cond, if_true, if_false);
            }
            Inst::Select { ty: _, dst, cond, if_true, if_false } => self.select(dst, cond, if_true, if_false),
            Inst::RefFunc { dst, function } => self.slot_and_index(Token::RefFunc, dst, function.as_u32()),
            Inst::GlobalGet { ty: ValType::V128, dst: Dst::Slot(slot), global } => {
                let field = self.write(slot);
                self.short(Token::GlobalGet128 as usize, fields_half(field, 0, global.as_u32()));
                self.finish_vector(slot);
            }
            Inst::GlobalSet { ty: ValType::V128, global, src: Src::Slot(slot) } => {
                let field = self.read_vector(slot, 0);
                self.short(Token::GlobalSet128 as usize, fields_half(field, 0, global.as_u32()));
            }
            Inst::GlobalGet { ty, dst, global } => match dst {
                Dst::Slot(slot) => {
                    let field = self.write(slot);
                    self.short(Token::GlobalGetS as usize, fields_half(field, 0, global.as_u32()));
                    self.finish(dst, Acc::Int);
                }
                Dst::Acc => {
                    let token = by_acc_type(ty, Token::GlobalGetA, Token::GlobalGetF32A, Token::GlobalGetF64A);
                    self.short(token, halves(0, global.as_u32()));
                    self.finish(dst, Acc::of(ty));
                }
            },
            Inst::GlobalSet { ty, global, src } => {
                let (field, token) = match self.held.one(src, Acc::of(ty)) {
                    Src::Slot(slot) => (self.read(slot, 0), Token::GlobalSetS as usize),
                    Src::Acc | Src::Imm(_) => {
                        (0, by_acc_type(ty, Token::GlobalSetA, Token::GlobalSetF32A, Token::GlobalSetF64A))
                    }
                };
                self.short(token, fields_half(field, 0, global.as_u32()));
            }
            Inst::Load { op, dst, memory, addr, offset } => self.load(op, dst, memory, addr, offset),
            Inst::Store { op, memory, addr, offset, value } => self.store(op, memory, addr, offset, value),
            Inst::MemorySize { memory, dst } => self.slot_and_index(Token::MemorySize, dst, memory.as_u32()),
            Inst::MemoryGrow { memory, dst, delta } => {
                let delta = self.read(delta, 1);
                let field = self.write(dst);
                self.short(Token::MemoryGrow as usize, fields_half(field, delta, memory.as_u32()));
                self.finish_slot(dst);
            }
            Inst::MemoryFill { memory, dst, value, len } => {
                self.bulk(Token::MemoryFill, [dst, value, len], memory.as_u32(), 0)
            }
            Inst::MemoryCopy { dst_memory, src_memory, dst, src, len } => {
                self.bulk(Token::MemoryCopy, [dst, src, len], dst_memory.as_u32(), src_memory.as_u32());
            }
            Inst::MemoryInit { memory, segment, dst, src, len } => {
                self.bulk(Token::MemoryInit, [dst, src, len], memory.as_u32(), segment.as_u32());
            }
            Inst::DataDrop { segment } => self.index_only(Token::DataDrop, segment.as_u32()),
            Inst::TableGet { table, dst, index } => {
                let index = self.read(index, 1);
                let field = self.write(dst);
                self.long(Token::TableGet as usize, fields([field, index, 0, 0]), halves(table.as_u32(), 0));
                self.finish_slot(dst);
            }
            Inst::TableSet { table, index, value } => {
                let (index, value) = (self.read(index, 0), self.read(value, 1));
                self.long(Token::TableSet as usize, fields([index, value, 0, 0]), halves(table.as_u32(), 0));
            }
            Inst::TableSize { table, dst } => {
                let field = self.write(dst);
                self.long(Token::TableSize as usize, fields([field, 0, 0, 0]), halves(table.as_u32(), 0));
                self.finish_slot(dst);
            }
            Inst::TableGrow { table, dst, init, delta } => {
                let (init, delta) = (self.read(init, 1), self.read(delta, 2));
                let field = self.write(dst);
                self.long(Token::TableGrow as usize, fields([field, init, delta, 0]), halves(table.as_u32(), 0));
                self.finish_slot(dst);
            }
            Inst::TableFill { table, dst, value, len } => {
                self.bulk(Token::TableFill, [dst, value, len], table.as_u32(), 0)
            }
            Inst::TableCopy { dst_table, src_table, dst, src, len } => {
                self.bulk(Token::TableCopy, [dst, src, len], dst_table.as_u32(), src_table.as_u32());
            }
            Inst::TableInit { table, segment, dst, src, len } => {
                self.bulk(Token::TableInit, [dst, src, len], table.as_u32(), segment.as_u32());
            }
            Inst::ElemDrop { segment } => self.index_only(Token::ElemDrop, segment.as_u32()),
            Inst::Branch { target } => self.branch(Token::Branch as usize, 0, 0, target),
            Inst::BranchIf { cond, target } => self.branch_if(cond, target),
            Inst::BranchTable { index, ref targets } => self.branch_table(index, targets),
            Inst::Return => self.short(Token::Return as usize, fields([self.frame.link().0 as u16, 0, 0, 0])),
            Inst::ReturnValue { ty, src } => self.return_value(ty, src),
            Inst::Call { function, base, link } => self.call(function, base, link),
            Inst::CallIndirect { table, type_index, index, base, link } => {
                let (field, token) = match self.held.one(index, Acc::Int) {
                    Src::Slot(slot) => (self.read(slot, 0), Token::CallIndirectS),
                    Src::Acc | Src::Imm(_) => (0, Token::CallIndirectA),
                };
                let frames = halves(self.number(base), self.number(link));
                self.long(token as usize, frames, fields_half(field, table.as_u32() as u16, type_index.as_u32()));
                self.held = Held::default();
            }
            Inst::ReturnCall { function, base, params, link } => {
                let frames = u64::from(self.number(base)) | u64::from(params) << 32 | u64::from(link) << 48;
                self.long(Token::ReturnCall as usize, frames, halves(function.as_u32(), self.frame.link().0));
            }
            Inst::ReturnCallIndirect { table, type_index, index, base, params, link } => {
                let (field, token) = match index {
                    Src::Slot(slot) => (self.read(slot, 0), Token::ReturnCallIndirectS),
                    Src::Acc | Src::Imm(_) => (0, Token::ReturnCallIndirectA),
                };
                let frames = u64::from(self.number(base)) | u64::from(params) << 32 | u64::from(link) << 48;
                self.long(token as usize, frames, fields_half(field, table.as_u32() as u16, type_index.as_u32()));
                self.buffers.words.push(halves(self.frame.link().0, 0));
            }
            Inst::VectorConst { dst, slots } => self.vector_const(dst, slots),
            Inst::Vector { op, dst, operands } => self.vector(op, dst, operands),
            Inst::Wide { op, dst, operands } => self.wide(op, dst, operands),
            Inst::Shuffle { dst, lhs, rhs, lanes } => self.shuffle(dst, lhs, rhs, lanes),
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
            Inst::VectorLoad { op, dst, memory, addr, offset } => self.vector_load(op, dst, memory, addr, offset),
            Inst::VectorStore { memory, addr, offset, value } => self.vector_store(memory, addr, offset, value),
            Inst::LoadLane { op, lane, dst, memory, addr, offset, vector } => {
                let (addr, vector) = (self.read(addr, 1), self.read_vector(vector, 2));
                let field = self.write(dst);
                self.long(form::load_lane(op) as usize, fields([field, addr, vector, lane.into()]), offset);
                self.buffers.words.push(halves(memory.as_u32(), 0));
                self.finish_vector(dst);
            }
            Inst::StoreLane { op, lane, memory, addr, offset, vector } => {
                let (addr, vector) = (self.read(addr, 0), self.read_vector(vector, 1));
                self.long(form::store_lane(op) as usize, fields([addr, vector, lane.into(), 0]), offset);
                self.buffers.words.push(halves(memory.as_u32(), 0));
            }
            Inst::Atomic { op, dst, memory, addr, offset, operands } => {
                self.atomic(op, dst, memory, addr, offset, operands);
            }
            Inst::AtomicFence => self.short(Token::AtomicFence as usize, 0),
            Inst::TryBegin { scope } => {
                let begun = self.buffers.handlers.begin(self.buffers.words.len() as u32);
                debug_assert_eq!(begun, scope, "scopes are numbered in the order in which they begin");
            }
            Inst::TryEnd { scope } => self.buffers.handlers.end(scope, self.buffers.words.len() as u32),
            Inst::Catch { scope, catch } => {
                let Catch { tag, payload, exn, target } = catch;
                let (payload, exn) = (self.number(payload), exn.map(|exn| self.number(exn)));
                self.buffers.handlers.catch(scope, Landing { tag, payload, exn, target: target.0 });
            }
            Inst::CatchEnd { scope, next } => self.buffers.handlers.catch_end(scope, next),
            Inst::Throw { tag, base } => self.short(Token::Throw as usize, halves(self.number(base), tag.as_u32())),
            Inst::ThrowRef { exn } => {
                let exn = self.read(exn, 0);
                self.short(Token::ThrowRef as usize, fields([exn, 0, 0, 0]));
            }
            Inst::Trap { code } => self.short(Token::Trap as usize, fields([code as u16, 0, 0, 0])),
            Inst::Fuel { units } => self.index_only(Token::Fuel, units),
            Inst::Epoch => {
                self.index_only(Token::Epoch, 0);
                self.held = Held::default();
            }
        }
    }

    fn constant(&mut self, ty: ValType, dst: Dst, bits: u64) {
        match dst {
            Dst::Acc => {
                self.long(by_acc_type(ty, Token::ConstAcc, Token::ConstAccF32, Token::ConstAccF64), 0, bits);
                self.finish(dst, Acc::of(ty));
            }
            Dst::Slot(slot) => {
                let field = self.write(slot);
                if let Ok(half) = u32::try_from(bits) {
                    self.short(Token::Const32 as usize, fields_half(field, 0, half));
                } else {
                    self.long(Token::Const64 as usize, fields([field, 0, 0, 0]), bits);
                }
                self.finish(dst, Acc::Int);
            }
        }
    }

    fn copy(&mut self, dst: Slot, src: Slot) {
        match (u16::try_from(self.number(dst)), u16::try_from(self.number(src))) {
            (Ok(to), Ok(from)) => {
                self.short(Token::Copy64 as usize, fields([to, from, 0, 0]));
                if self.forwarding {
                    self.held.put(Acc::Int, dst.into());
                }
            }
            // Copies reach far slots without scratch slots.
            _ => self.copy_far(self.number(dst), self.number(src), 1),
        }
    }

    /// Returns an operand's field and its place among the forms: 0 for a slot, 1 for the accumulator.
    #[inline]
    fn operand(&mut self, src: Src, index: u32) -> (u16, usize) {
        match src {
            Src::Slot(slot) => (self.read(slot, index), 0),
            Src::Acc | Src::Imm(_) => (0, 1),
        }
    }

    /// Returns the field of a destination; 0 for the accumulator.
    #[inline]
    fn destination(&mut self, dst: Dst) -> u16 {
        match dst {
            Dst::Slot(slot) => self.write(slot),
            Dst::Acc => 0,
        }
    }

    /// Completes an instruction that leaves its result in `acc`, and in a slot if `dst` is one.
    #[inline]
    fn finish(&mut self, dst: Dst, acc: Acc) {
        if self.forwarding {
            self.held.put(acc, dst);
        } else if let Dst::Slot(slot) = dst {
            self.finish_write(slot, 1);
        }
    }

    /// Completes an instruction that leaves its result in a slot, and the accumulators as they are.
    pub(super) fn finish_slot(&mut self, slot: Slot) {
        self.finish_slots(slot, 1);
    }

    /// As [`Encoder::finish_slot`], for a vector.
    pub(super) fn finish_vector(&mut self, slot: Slot) {
        self.finish_slots(slot, ValType::V128.slots());
    }

    /// As [`Encoder::finish_slot`], for a result of `slots` slots.
    pub(super) fn finish_slots(&mut self, slot: Slot, slots: u32) {
        if self.forwarding {
            self.held.overwrite(SlotRange::new(slot, slots));
        }
        self.finish_write(slot, slots);
    }

    /// Adds an instruction with the forms `Ss`, `Sa`, `As`, `Aa` from `first` on, whose result is in `acc`.
    fn one_operand(&mut self, first: usize, dst: Dst, src: Src, acc: Acc) {
        let (src, src_form) = self.operand(src, 1);
        let field = self.destination(dst);
        self.short(first + usize::from(dst == Dst::Acc) * 2 + src_form, fields([field, src, 0, 0]));
        self.finish(dst, acc);
    }

    fn binary(&mut self, op: BinaryOp, dst: Dst, lhs: Src, rhs: Src) {
        if let Src::Imm(bits) = lhs {
            return self.binary_of_immediate(op, dst, bits, rhs);
        }
        let (first, forms) = form::binary(op);
        // The order of the forms is: ss, as, (sa,) si, ai (, aa).
        let has_sa = form::has_right_acc(op);
        let acc = Acc::of(op.operand_type());
        let (lhs, rhs) = match rhs {
            Src::Slot(_) if lhs == rhs && form::has_both_acc(op) => {
                let both = self.held.one(lhs, acc);
                (both, both)
            }
            Src::Slot(_) if has_sa => self.held.two((lhs, acc), (rhs, acc)),
            Src::Acc => (lhs, rhs),
            Src::Slot(_) | Src::Imm(_) => (self.held.one(lhs, acc), rhs),
        };
        let (lhs_field, lhs_form) = self.operand(lhs, 1);
        let (rhs_field, place) = match rhs {
            Src::Slot(slot) => (self.read(slot, 2), lhs_form),
            Src::Acc if lhs == Src::Acc => (0, 5),
            Src::Acc => (0, 2),
            Src::Imm(_) => (0, 2 + usize::from(has_sa) + lhs_form),
        };
        let field = self.destination(dst);
        let token = form::nth(first, if dst == Dst::Acc { forms / 2 } else { 0 } + place);
        match rhs {
            Src::Imm(bits) if op.operand_type() == ValType::F64 => {
                self.long(token, fields([field, lhs_field, 0, 0]), bits);
            }
            Src::Imm(bits) => self.short(token, fields_half(field, lhs_field, bits as u32)),
            Src::Slot(_) | Src::Acc => self.short(token, fields([field, lhs_field, rhs_field, 0])),
        }
        self.finish(dst, Acc::of(op.result_type()));
    }

    /// Adds an operation on an immediate, as its left operand, and a variable.
    fn binary_of_immediate(&mut self, op: BinaryOp, dst: Dst, bits: u64, rhs: Src) {
        let acc = Acc::of(op.operand_type());
        let first = form::left_immediate(op).expect("IR has immediates on the left of these operations only");
        let (rhs_field, place) = self.operand(self.held.one(rhs, acc), 1);
        let field = self.destination(dst);
        let token = form::nth(first, if dst == Dst::Acc { 2 } else { 0 } + place);
        self.short(token, fields_half(field, rhs_field, bits as u32));
        self.finish(dst, acc);
    }

    fn select(&mut self, dst: Slot, cond: Src, if_true: Slot, if_false: Slot) {
        let (cond, token) = match self.held.one(cond, Acc::Int) {
            Src::Slot(slot) => (self.read(slot, 0), Token::SelectS),
            Src::Acc | Src::Imm(_) => (0, Token::SelectA),
        };
        let (if_true, if_false) = (self.read(if_true, 1), self.read(if_false, 2));
        let field = self.write(dst);
        self.short(token as usize, fields([field, cond, if_true, if_false]));
        self.finish(dst.into(), Acc::Int);
    }

    /// Adds an instruction with a destination slot and an index, which leaves the accumulators as they are.
    fn slot_and_index(&mut self, token: Token, dst: Slot, index: u32) {
        let field = self.write(dst);
        self.short(token as usize, fields_half(field, 0, index));
        self.finish_slot(dst);
    }

    /// Adds an instruction with an index and no slot.
    fn index_only(&mut self, token: Token, index: u32) {
        self.short(token as usize, halves(0, index));
    }

    /// Adds a bulk operation on three slots and two indices.
    fn bulk(&mut self, token: Token, slots: [Slot; 3], first: u32, second: u32) {
        let [a, b, c] = [0, 1, 2].map(|i| self.read(slots[i], i as u32));
        self.long(token as usize, fields([a, b, c, 0]), halves(first, second));
    }

    /// Whether accesses to the memory take the general forms: address and stored value in slots.
    #[inline]
    pub(super) fn general_access(&self, memory: MemoryIndex, offset: u64) -> bool {
        memory != MemoryIndex::ZERO || u32::try_from(offset).is_err() || !self.module.memory(memory).has_short_forms()
    }

    fn load(&mut self, op: LoadOp, dst: Dst, memory: MemoryIndex, addr: Addr, offset: u64) {
        if self.general_access(memory, offset) {
            return self.load_any(op, dst, memory, addr, offset);
        }
        // The order of the forms is: slot, accumulator, constant, sum of slot, sum of accumulator, index ss, as, sa.
        let (base, place, last) = match addr {
            Addr::Base(Src::Imm(address)) => (0, 2, Some(u64::from(address as u32) + offset)),
            Addr::Base(base) => {
                let (field, place) = self.operand(self.held.one(base, Acc::Int), 1);
                (field, place, None)
            }
            Addr::Sum { base, add } => {
                let (field, place) = self.operand(self.held.one(base, Acc::Int), 1);
                (field, 3 + place, Some(halves(add as u32, 0)))
            }
            Addr::Index { base, index } => {
                let (base, index) = self.held.two((base, Acc::Int), (index, Acc::Int));
                let (base, base_place) = self.operand(base, 1);
                let (index, index_place) = self.operand(index, 2);
                (base, 5 + base_place + 2 * index_place, Some(halves(index.into(), 0)))
            }
        };
        let field = self.destination(dst);
        let first = form::load(op, self.config.bounds);
        let token = form::nth(first, place + if dst == Dst::Acc { form::LOAD } else { 0 });
        let word = fields_half(field, base, offset as u32);
        match last {
            None => self.short(token, word),
            Some(last) => self.long(token, word, last),
        }
        self.finish(dst, Acc::of(op.result_type()));
    }

    #[cold]
    fn load_any(&mut self, op: LoadOp, dst: Dst, memory: MemoryIndex, addr: Addr, offset: u64) {
        let Addr::Base(Src::Slot(base)) = addr else {
            unreachable!("general accesses have plain slots as addresses");
        };
        let base = self.read(base, 1);
        let field = self.destination(dst);
        let token = form::nth(form::load_any(op), usize::from(dst == Dst::Acc));
        self.long(token, fields_half(field, base, memory.as_u32()), offset);
        self.finish(dst, Acc::of(op.result_type()));
    }

    fn store(&mut self, op: StoreOp, memory: MemoryIndex, addr: Addr, offset: u64, value: Src) {
        if self.general_access(memory, offset) {
            return self.store_any(op, memory, addr, offset, value);
        }
        let acc = Acc::of(op.value_type());
        // The order of the forms is: ss sa si as ai is, and the same for sums without the last.
        let (base, add, forms) = match addr {
            Addr::Base(Src::Imm(address)) => {
                let (value, _) = self.operand(value, 1);
                let token = form::nth(form::store(op, self.config.bounds), 5);
                return self.long(token, fields_half(0, value, offset as u32), u64::from(address as u32) + offset);
            }
            Addr::Base(base) => (base, None, 0),
            Addr::Sum { base, add } => (base, Some(add as u32), 6),
            Addr::Index { .. } => unreachable!("the address of a store is one variable"),
        };
        let (base, value) = self.held.two((base, Acc::Int), (value, acc));
        let (base_field, base_form) = self.operand(base, 0);
        let (value_field, value_form) = match value {
            Src::Imm(_) => (0, 2),
            Src::Slot(_) | Src::Acc => self.operand(value, 1),
        };
        let place = match (base_form, value_form) {
            (0, value) => value,
            (_, 0) => 3,
            (_, _) => 4,
        };
        let token = form::nth(form::store(op, self.config.bounds), forms + place);
        let word = fields_half(base_field, value_field, offset as u32);
        match (add, value) {
            (add, Src::Imm(bits)) => self.long(token, word, halves(add.unwrap_or(0), bits as u32)),
            (Some(add), _) => self.long(token, word, halves(add, 0)),
            (None, _) => self.short(token, word),
        }
    }

    #[cold]
    fn store_any(&mut self, op: StoreOp, memory: MemoryIndex, addr: Addr, offset: u64, value: Src) {
        let (Addr::Base(Src::Slot(base)), Src::Slot(value)) = (addr, value) else {
            unreachable!("general accesses have slots only");
        };
        let (base, value) = (self.read(base, 0), self.read(value, 1));
        self.long(form::store_any(op) as usize, fields_half(base, value, memory.as_u32()), offset);
    }

    /// Adds a branch whose target is the upper half of word 1.
    fn branch(&mut self, token: usize, a: u16, b: u16, target: Label) {
        let at = self.buffers.words.len() as u32;
        self.short(token, fields([a, b, 0, 0]));
        self.target(target, (at + 1) * 2 + 1, at);
    }

    fn branch_if(&mut self, cond: Cond, target: Label) {
        match cond {
            Cond::NonZero(src) => {
                let (field, place) = self.operand(self.held.one(src, Acc::Int), 0);
                self.branch(Token::BranchIfS as usize + place, field, 0, target);
            }
            Cond::Zero(src) => {
                let (field, place) = self.operand(self.held.one(src, Acc::Int), 0);
                self.branch(Token::BranchUnlessS as usize + place, field, 0, target);
            }
            Cond::Compare { op, lhs, rhs } => {
                // The order of the forms is: ss, as, si, ai.
                let (lhs, place) = self.operand(self.held.one(lhs, Acc::Int), 0);
                let (rhs, place) = match rhs {
                    Src::Imm(bits) => (bits as u16, place + 2),
                    Src::Slot(slot) => (self.read(slot, 1), place),
                    Src::Acc => unreachable!("the accumulator is the left operand of a comparison"),
                };
                self.branch(form::nth(form::branch(op), place), lhs, rhs, target);
            }
        }
    }

    fn branch_table(&mut self, index: Src, targets: &[Label]) {
        let (field, place) = self.operand(self.held.one(index, Acc::Int), 0);
        let at = self.buffers.words.len() as u32;
        self.short(Token::BranchTableS as usize + place, fields_half(field, 0, targets.len() as u32));
        let words = self.buffers.words.len() + targets.len().div_ceil(2);
        self.buffers.words.resize(words, 0);
        for (i, &target) in targets.iter().enumerate() {
            self.target(target, (at + 2) * 2 + i as u32, at);
        }
    }

    fn return_value(&mut self, ty: ValType, src: Src) {
        let link = self.frame.link().0 as u16;
        match self.held.one(src, Acc::of(ty)) {
            Src::Slot(slot) => {
                let field = self.read(slot, 0);
                self.short(Token::ReturnValueS as usize, fields([link, field, 0, 0]));
            }
            Src::Acc => {
                let token = by_acc_type(ty, Token::ReturnValueA, Token::ReturnF32A, Token::ReturnF64A);
                self.short(token, fields([link, 0, 0, 0]));
            }
            Src::Imm(bits) => self.long(Token::ReturnConst as usize, fields([link, 0, 0, 0]), bits),
        }
    }

    fn call(&mut self, function: FuncIndex, base: Slot, link: Slot) {
        let (token, operand) = match self.module.defined_function(function) {
            Some(defined) => (Token::CallDefined, defined_offset(defined)),
            None => (Token::CallImported, function.as_u32()),
        };
        self.long(token as usize, halves(self.number(base), self.number(link)), halves(operand, 0));
        self.held = Held::default();
    }
}
