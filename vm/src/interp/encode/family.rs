//! The encoding of each instruction.

use riser_translator::ir::{Addr, Cond, Dst, Inst, Src};
use riser_translator::ops::{BinaryOp, LoadOp, StoreOp};
use riser_translator::sink::{Label, Slot};
use riser_translator::types::ValType;

use super::{Encoder, defined_offset};
use crate::interp::tokens::{Token, form};

/// The token for a result or operand in the accumulator of its type.
fn by_acc_type(ty: ValType, int: Token, f32: Token, f64: Token) -> usize {
    match ty {
        ValType::F32 => f32 as usize,
        ValType::F64 => f64 as usize,
        _ => int as usize,
    }
}

impl Encoder<'_> {
    /// Encodes one instruction.
    pub(super) fn encode(&mut self, inst: &Inst) {
        match *inst {
            Inst::Const { ty, dst, bits } => self.constant(ty, dst, bits),
            Inst::Copy { ty: _, dst, src } => self.copy(dst, src),
            Inst::Unary { op, dst, src } => {
                let first = form::unary(op);
                self.one_operand(form::nth(first, 0), dst, src);
            }
            Inst::RefIsNull { dst, src } => self.one_operand(Token::RefIsNullSs as usize, dst, src),
            Inst::Binary { op, dst, lhs, rhs } => self.binary(op, dst, lhs, rhs),
            Inst::Select { ty: _, dst, cond, if_true, if_false } => self.select(dst, cond, if_true, if_false),
            Inst::RefFunc { dst, function } => self.slot_and_index(Token::RefFunc, dst, function),
            Inst::GlobalGet { ty, dst, global } => match dst {
                Dst::Slot(slot) => self.slot_and_index(Token::GlobalGetS, slot, global),
                Dst::Acc => {
                    self.head(by_acc_type(ty, Token::GlobalGetA, Token::GlobalGetF32A, Token::GlobalGetF64A));
                    self.halves(0, global);
                }
            },
            Inst::GlobalSet { ty, global, src } => {
                let (field, token) = match src {
                    Src::Slot(slot) => (self.read(slot, 0), Token::GlobalSetS as usize),
                    _ => (0, by_acc_type(ty, Token::GlobalSetA, Token::GlobalSetF32A, Token::GlobalSetF64A)),
                };
                self.head(token);
                self.fields_half(field, 0, global);
            }
            Inst::Load { op, dst, memory, addr, offset } => self.load(op, dst, memory, addr, offset),
            Inst::Store { op, memory, addr, offset, value } => self.store(op, memory, addr, offset, value),
            Inst::MemorySize { memory, dst } => self.slot_and_index(Token::MemorySize, dst, memory),
            Inst::MemoryGrow { memory, dst, delta } => {
                let delta = self.read(delta, 1);
                let field = self.write(dst);
                self.head(Token::MemoryGrow as usize);
                self.fields_half(field, delta, memory);
                self.finish_write(dst);
            }
            Inst::MemoryFill { memory, dst, value, len } => self.bulk(Token::MemoryFill, [dst, value, len], memory, 0),
            Inst::MemoryCopy { dst_memory, src_memory, dst, src, len } => {
                self.bulk(Token::MemoryCopy, [dst, src, len], dst_memory, src_memory);
            }
            Inst::MemoryInit { memory, segment, dst, src, len } => {
                self.bulk(Token::MemoryInit, [dst, src, len], memory, segment);
            }
            Inst::DataDrop { segment } => self.index_only(Token::DataDrop, segment),
            Inst::TableGet { table, dst, index } => {
                let index = self.read(index, 1);
                let field = self.write(dst);
                self.head(Token::TableGet as usize);
                self.fields([field, index, 0, 0]);
                self.halves(table, 0);
                self.finish_write(dst);
            }
            Inst::TableSet { table, index, value } => {
                let (index, value) = (self.read(index, 0), self.read(value, 1));
                self.head(Token::TableSet as usize);
                self.fields([index, value, 0, 0]);
                self.halves(table, 0);
            }
            Inst::TableSize { table, dst } => {
                let field = self.write(dst);
                self.head(Token::TableSize as usize);
                self.fields([field, 0, 0, 0]);
                self.halves(table, 0);
                self.finish_write(dst);
            }
            Inst::TableGrow { table, dst, init, delta } => {
                let (init, delta) = (self.read(init, 1), self.read(delta, 2));
                let field = self.write(dst);
                self.head(Token::TableGrow as usize);
                self.fields([field, init, delta, 0]);
                self.halves(table, 0);
                self.finish_write(dst);
            }
            Inst::TableFill { table, dst, value, len } => self.bulk(Token::TableFill, [dst, value, len], table, 0),
            Inst::TableCopy { dst_table, src_table, dst, src, len } => {
                self.bulk(Token::TableCopy, [dst, src, len], dst_table, src_table);
            }
            Inst::TableInit { table, segment, dst, src, len } => {
                self.bulk(Token::TableInit, [dst, src, len], table, segment);
            }
            Inst::ElemDrop { segment } => self.index_only(Token::ElemDrop, segment),
            Inst::Branch { target } => self.branch(Token::Branch as usize, 0, 0, target),
            Inst::BranchIf { cond, target } => self.branch_if(cond, target),
            Inst::BranchTable { index, ref targets } => self.branch_table(index, targets),
            Inst::Return => {
                self.head(Token::Return as usize);
                self.fields([self.frame.link().0 as u16, 0, 0, 0]);
            }
            Inst::ReturnValue { ty, src } => self.return_value(ty, src),
            Inst::Call { function, base, link } => self.call(function, base, link),
            Inst::CallIndirect { table, type_index, index, base, link } => {
                let (field, token) = match index {
                    Src::Slot(slot) => (self.read(slot, 0), Token::CallIndirectS),
                    _ => (0, Token::CallIndirectA),
                };
                self.head(token as usize);
                self.halves(self.number(base), self.number(link));
                self.fields_half(field, table as u16, type_index);
            }
            Inst::ReturnCall { function, base, params, link } => {
                self.head(Token::ReturnCall as usize);
                self.buffers.words.push(u64::from(self.number(base)) | u64::from(params) << 32 | u64::from(link) << 48);
                self.halves(function, self.frame.link().0);
            }
            Inst::ReturnCallIndirect { table, type_index, index, base, params, link } => {
                let (field, token) = match index {
                    Src::Slot(slot) => (self.read(slot, 0), Token::ReturnCallIndirectS),
                    _ => (0, Token::ReturnCallIndirectA),
                };
                self.head(token as usize);
                self.buffers.words.push(u64::from(self.number(base)) | u64::from(params) << 32 | u64::from(link) << 48);
                self.fields_half(field, table as u16, type_index);
                self.halves(self.frame.link().0, 0);
            }
            Inst::Trap { code } => {
                self.head(Token::Trap as usize);
                self.fields([code as u16, 0, 0, 0]);
            }
            Inst::Fuel { units } => self.index_only(Token::Fuel, units),
            Inst::Epoch => self.index_only(Token::Epoch, 0),
        }
    }

    fn constant(&mut self, ty: ValType, dst: Dst, bits: u64) {
        match dst {
            Dst::Acc => {
                self.head(by_acc_type(ty, Token::ConstAcc, Token::ConstAccF32, Token::ConstAccF64));
                self.buffers.words.push(0);
                self.buffers.words.push(bits);
            }
            Dst::Slot(slot) => {
                let field = self.write(slot);
                if let Ok(half) = u32::try_from(bits) {
                    self.head(Token::Const32 as usize);
                    self.fields_half(field, 0, half);
                } else {
                    self.head(Token::Const64 as usize);
                    self.fields([field, 0, 0, 0]);
                    self.buffers.words.push(bits);
                }
                self.finish_write(slot);
            }
        }
    }

    fn copy(&mut self, dst: Slot, src: Slot) {
        match (u16::try_from(self.number(dst)), u16::try_from(self.number(src))) {
            (Ok(dst), Ok(src)) => {
                self.head(Token::Copy64 as usize);
                self.fields([dst, src, 0, 0]);
            }
            // Far slots need no detour here.
            _ => self.copy_far(self.number(dst), self.number(src)),
        }
    }

    /// An operand and its place among the forms: 0 for a slot, 1 for the accumulator.
    fn operand(&mut self, src: Src, index: u32) -> (u16, usize) {
        match src {
            Src::Slot(slot) => (self.read(slot, index), 0),
            _ => (0, 1),
        }
    }

    /// The field of a destination; 0 for the accumulator.
    fn destination(&mut self, dst: Dst) -> u16 {
        match dst {
            Dst::Slot(slot) => self.write(slot),
            Dst::Acc => 0,
        }
    }

    fn finish_destination(&mut self, dst: Dst) {
        if let Dst::Slot(slot) = dst {
            self.finish_write(slot);
        }
    }

    /// An instruction with the forms `Ss`, `Sa`, `As`, `Aa` from `first` on.
    fn one_operand(&mut self, first: usize, dst: Dst, src: Src) {
        let (src, src_form) = self.operand(src, 1);
        let field = self.destination(dst);
        self.head(first + usize::from(dst == Dst::Acc) * 2 + src_form);
        self.fields([field, src, 0, 0]);
        self.finish_destination(dst);
    }

    fn binary(&mut self, op: BinaryOp, dst: Dst, lhs: Src, rhs: Src) {
        let (first, forms) = form::binary(op);
        let (lhs_field, lhs_form) = self.operand(lhs, 1);
        let rhs_field = match rhs {
            Src::Slot(slot) => self.read(slot, 2),
            _ => 0,
        };
        let field = self.destination(dst);
        // The order of the forms is: ss, as, (sa,) si, ai.
        let has_sa = form::has_right_acc(op);
        let place = match (lhs_form, rhs) {
            (0, Src::Slot(_)) => 0,
            (_, Src::Slot(_)) => 1,
            (_, Src::Acc) => 2,
            (lhs, Src::Imm(_)) => 2 + usize::from(has_sa) + lhs,
        };
        self.head(form::nth(first, if dst == Dst::Acc { forms / 2 } else { 0 } + place));
        match rhs {
            Src::Imm(bits) if op.operand_type() == ValType::F64 => {
                self.fields([field, lhs_field, 0, 0]);
                self.buffers.words.push(bits);
            }
            Src::Imm(bits) => self.fields_half(field, lhs_field, bits as u32),
            _ => self.fields([field, lhs_field, rhs_field, 0]),
        }
        self.finish_destination(dst);
    }

    fn select(&mut self, dst: Slot, cond: Src, if_true: Slot, if_false: Slot) {
        let (cond, token) = match cond {
            Src::Slot(slot) => (self.read(slot, 0), Token::SelectS),
            _ => (0, Token::SelectA),
        };
        let (if_true, if_false) = (self.read(if_true, 1), self.read(if_false, 2));
        let field = self.write(dst);
        self.head(token as usize);
        self.fields([field, cond, if_true, if_false]);
        self.finish_write(dst);
    }

    /// An instruction with a destination slot and an index.
    fn slot_and_index(&mut self, token: Token, dst: Slot, index: u32) {
        let field = self.write(dst);
        self.head(token as usize);
        self.fields_half(field, 0, index);
        self.finish_write(dst);
    }

    /// An instruction with an index and no slot.
    fn index_only(&mut self, token: Token, index: u32) {
        self.head(token as usize);
        self.halves(0, index);
    }

    /// A bulk operation on three slots and two indices.
    fn bulk(&mut self, token: Token, slots: [Slot; 3], first: u32, second: u32) {
        let [a, b, c] = [0, 1, 2].map(|i| self.read(slots[i], i as u32));
        self.head(token as usize);
        self.fields([a, b, c, 0]);
        self.halves(first, second);
    }

    /// Whether the instruction is an access in a general form.
    pub(super) fn is_general(&self, inst: &Inst) -> bool {
        match *inst {
            Inst::Load { memory, offset, .. } | Inst::Store { memory, offset, .. } => {
                self.general_access(memory, offset)
            }
            _ => false,
        }
    }

    /// Whether accesses to the memory take the general forms: address and stored value in slots.
    fn general_access(&self, memory: u32, offset: u64) -> bool {
        memory != 0 || self.module.memories[0].memory64 || u32::try_from(offset).is_err()
    }

    fn load(&mut self, op: LoadOp, dst: Dst, memory: u32, addr: Addr, offset: u64) {
        if self.general_access(memory, offset) {
            let Addr::Base(Src::Slot(base)) = addr else {
                unreachable!("general accesses have plain slots as addresses");
            };
            let base = self.read(base, 1);
            let field = self.destination(dst);
            self.head(form::nth(form::load_any(op), usize::from(dst == Dst::Acc)));
            self.fields_half(field, base, memory);
            self.buffers.words.push(offset);
            self.finish_destination(dst);
            return;
        }
        // The order of the forms is: slot, accumulator, constant, sum of slot, sum of accumulator.
        let (base, place) = match addr {
            Addr::Base(Src::Imm(_)) => (0, 2),
            Addr::Base(base) => self.operand(base, 1),
            Addr::Sum { base, .. } => {
                let (field, place) = self.operand(base, 1);
                (field, 3 + place)
            }
        };
        let field = self.destination(dst);
        let first = form::load(op, self.config.bounds);
        self.head(form::nth(first, place + if dst == Dst::Acc { 5 } else { 0 }));
        self.fields_half(field, base, offset as u32);
        match addr {
            Addr::Base(Src::Imm(address)) => self.buffers.words.push(u64::from(address as u32) + offset),
            Addr::Base(_) => {}
            Addr::Sum { add, .. } => self.halves(add as u32, 0),
        }
        self.finish_destination(dst);
    }

    fn store(&mut self, op: StoreOp, memory: u32, addr: Addr, offset: u64, value: Src) {
        if self.general_access(memory, offset) {
            let (Addr::Base(Src::Slot(base)), Src::Slot(value)) = (addr, value) else {
                unreachable!("general accesses have slots only");
            };
            let (base, value) = (self.read(base, 0), self.read(value, 1));
            self.head(form::store_any(op) as usize);
            self.fields_half(base, value, memory);
            self.buffers.words.push(offset);
            return;
        }
        let (base, add, base_form) = match addr {
            Addr::Base(Src::Imm(_)) => (0, 0, 2),
            Addr::Base(base) => {
                let (field, place) = self.operand(base, 0);
                (field, 0, place)
            }
            Addr::Sum { base, add } => {
                let (field, place) = self.operand(base, 0);
                (field, add as u32, 3 + place)
            }
        };
        let (value_field, value_form) = match value {
            Src::Imm(_) => (0, 2),
            _ => self.operand(value, 1),
        };
        // The order of the forms is: ss sa si as ai is, and the same for sums without the last.
        let place = match (base_form % 3, value_form) {
            (0, value) => value,
            (1, 0) => 3,
            (1, _) => 4,
            (_, _) => 5,
        } + if base_form >= 3 { 6 } else { 0 };
        self.head(form::nth(form::store(op, self.config.bounds), place));
        self.fields_half(base, value_field, offset as u32);
        match (addr, value) {
            (Addr::Base(Src::Imm(address)), _) => self.buffers.words.push(u64::from(address as u32) + offset),
            (_, Src::Imm(bits)) => self.halves(add, bits as u32),
            (Addr::Sum { .. }, _) => self.halves(add, 0),
            _ => {}
        }
    }

    /// A branch whose target is the upper half of word 1.
    fn branch(&mut self, token: usize, a: u16, b: u16, target: Label) {
        let at = self.head(token) as u32;
        self.fields([a, b, 0, 0]);
        self.target(target, (at + 1) * 2 + 1, at);
    }

    fn branch_if(&mut self, cond: Cond, target: Label) {
        match cond {
            Cond::NonZero(src) => {
                let (field, place) = self.operand(src, 0);
                self.branch(Token::BranchIfS as usize + place, field, 0, target);
            }
            Cond::Zero(src) => {
                let (field, place) = self.operand(src, 0);
                self.branch(Token::BranchUnlessS as usize + place, field, 0, target);
            }
            Cond::Compare { op, lhs, rhs } => {
                // The order of the forms is: ss, as, si, ai.
                let (lhs, place) = self.operand(lhs, 0);
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
        let (field, place) = self.operand(index, 0);
        let at = self.head(Token::BranchTableS as usize + place) as u32;
        self.fields_half(field, 0, targets.len() as u32);
        for _ in 0..targets.len().div_ceil(2) {
            self.buffers.words.push(0);
        }
        for (i, &target) in targets.iter().enumerate() {
            self.target(target, (at + 2) * 2 + i as u32, at);
        }
    }

    fn return_value(&mut self, ty: ValType, src: Src) {
        let link = self.frame.link().0 as u16;
        match src {
            Src::Slot(slot) => {
                let field = self.read(slot, 0);
                self.head(Token::ReturnValueS as usize);
                self.fields([link, field, 0, 0]);
            }
            Src::Acc => {
                self.head(by_acc_type(ty, Token::ReturnValueA, Token::ReturnF32A, Token::ReturnF64A));
                self.fields([link, 0, 0, 0]);
            }
            Src::Imm(bits) => {
                self.head(Token::ReturnConst as usize);
                self.fields([link, 0, 0, 0]);
                self.buffers.words.push(bits);
            }
        }
    }

    fn call(&mut self, function: u32, base: Slot, link: Slot) {
        let (token, operand) = match self.module.defined_function(function) {
            Some(defined) => (Token::CallDefined, defined_offset(defined)),
            None => (Token::CallImported, function),
        };
        self.head(token as usize);
        self.halves(self.number(base), self.number(link));
        self.halves(operand, 0);
    }
}
