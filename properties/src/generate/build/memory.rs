//! Memories: addresses that are mostly in bounds, loads, stores, bulk operations.

use riser_translator::ops::{BinaryOp, LoadOp, StoreOp};
use riser_translator::types::ValType;

use super::super::module::Placement;
use super::super::operator::Access;
use super::super::{Operator, value};
use super::body::Body;

/// The minimum size of every memory.
pub(super) const PAGE: u64 = 1 << 16;

impl Body<'_> {
    pub(super) fn any_memory(&mut self) -> u32 {
        self.choices.below(self.module.memories.len() as u32)
    }

    /// Pushes the size of a memory. Prefers a memory with 32-bit addresses, for an i32.
    pub(super) fn memory_size(&mut self) {
        let narrow = self.module.memories.iter().position(|memory| !memory.memory64);
        match narrow {
            Some(memory) => self.emit(Operator::MemorySize(memory as u32)),
            None => self.literal(ValType::I32),
        }
    }

    /// Returns the immediates of an access. Pushes its address.
    pub(super) fn access(&mut self, bytes: u32) -> Access {
        let memory = self.any_memory();
        let align = self.choices.below(bytes.ilog2() + 1);
        let offset = match self.choices.below(16) {
            0..8 => 0,
            8..11 => u64::from(self.choices.below(32)),
            11..14 => self.choices.pick(&[8, 40, 1000, 0x7fff, 0x8000]),
            14 => PAGE - 64,
            _ if self.choices.one_in(3) => {
                let widest = if self.memory(memory).memory64 { 1 << 32 } else { u64::from(u32::MAX) };
                self.choices.pick(&[u64::from(u32::MAX), 0x7fff_ffff, 0x8000_0000, PAGE, widest])
            }
            _ => 0,
        };
        self.address(memory, offset, u64::from(bytes));
        Access { memory, offset, align }
    }

    /// Pushes an address that, together with the offset, is in bounds most of the time.
    fn address(&mut self, memory: u32, offset: u64, bytes: u64) {
        let ty = self.memory(memory).address_type();
        let (add, sub, or) = if ty == ValType::I32 {
            (BinaryOp::I32Add, BinaryOp::I32Sub, BinaryOp::I32Or)
        } else {
            (BinaryOp::I64Add, BinaryOp::I64Sub, BinaryOp::I64Or)
        };
        let room = PAGE.saturating_sub(offset + bytes);
        let mask = (1 << room.checked_ilog2().unwrap_or(0)) - 1;
        match self.choices.below(if room < 256 { 4 } else { 16 }) {
            0..4 => {
                let place = u64::from(self.choices.below(64)).min(room);
                self.constant(ty, place);
            }
            4 | 5 => {
                // The address is at the end of the memory, or just beyond.
                let back = u64::from(self.choices.below(9));
                let beyond = if self.choices.one_in(8) { u64::from(self.choices.below(9)) } else { 0 };
                self.constant(ty, room.saturating_sub(back) + beyond);
            }
            6..11 => {
                self.operand(ty);
                self.mask(ty, mask);
            }
            11 | 12 => {
                self.leaf(ty);
                self.mask(ty, mask / 2);
                // The constant is sometimes too large for 16 bits with a sign.
                let constant = if self.choices.one_in(4) { room / 8 * 5 } else { u64::from(self.choices.below(128)) };
                self.constant(ty, constant);
                self.emit(Operator::Binary(add));
            }
            13 => {
                // The sum or the difference of two variables.
                let variable = self.any_variable(ty);
                if let Some(variable) = variable {
                    self.leaf(ty);
                    self.mask(ty, mask & 0x3f);
                    self.emit(Operator::LocalSet(variable));
                }
                self.leaf(ty);
                self.mask(ty, mask / 2);
                if let Some(variable) = variable {
                    self.constant(ty, 0x40);
                    self.emit(Operator::Binary(or));
                    self.emit(Operator::LocalGet(variable));
                    let op = if self.choices.one_in(2) { add } else { sub };
                    self.emit(Operator::Binary(op));
                }
            }
            14 => {
                // The sum wraps, or it is a difference.
                self.leaf(ty);
                self.mask(ty, mask & 0x7f8);
                self.constant(ty, 0x40);
                self.emit(Operator::Binary(or));
                let back = u64::from(self.choices.within(1, 0x40));
                if self.choices.one_in(4) {
                    self.constant(ty, back);
                    self.emit(Operator::Binary(sub));
                } else {
                    let back = back.wrapping_neg();
                    self.constant(ty, if ty == ValType::I32 { back & u64::from(u32::MAX) } else { back });
                    self.emit(Operator::Binary(add));
                }
            }
            _ if self.choices.one_in(3) => self.operand(ty),
            _ => {
                self.produce(ty);
                self.mask(ty, mask);
            }
        }
    }

    /// Pushes a value of the type from memory.
    pub(super) fn load_of(&mut self, ty: ValType) {
        if ty == ValType::V128 {
            return self.vector_load();
        }
        let Some(op) = self.choices.pick_where(LoadOp::ALL.iter().copied(), |op| op.result_type() == ty) else {
            return self.leaf(ty);
        };
        let access = self.access(op.access_bytes());
        self.emit(Operator::Load(op, access));
    }

    /// Stores a value.
    pub(super) fn store(&mut self) {
        let ty = self.any_number_type();
        let Some(op) = self.choices.pick_where(StoreOp::ALL.iter().copied(), |op| op.value_type() == ty) else {
            return;
        };
        let access = self.access(op.access_bytes());
        if self.choices.one_in(3) {
            self.literal(ty);
        } else {
            self.produce(ty);
        }
        self.emit(Operator::Store(op, access));
    }

    /// Stores the value of a local.
    pub(super) fn store_local(&mut self, local: u32) {
        let ty = self.locals[local as usize];
        if ty == ValType::V128 {
            return self.vector_store(|body| body.emit(Operator::LocalGet(local)));
        }
        let Some(op) = self.choices.pick_where(StoreOp::ALL.iter().copied(), |op| op.value_type() == ty) else {
            return;
        };
        let access = self.access(op.access_bytes());
        self.emit(Operator::LocalGet(local));
        self.emit(Operator::Store(op, access));
    }

    /// Pushes a length of a few bytes.
    pub(super) fn length(&mut self, ty: ValType, most: u32) {
        if self.choices.one_in(3) && most > 0 {
            self.leaf(ty);
            self.mask(ty, (1 << most.ilog2()) - 1);
        } else {
            let length = self.choices.below(most + 1);
            self.constant(ty, u64::from(length));
        }
    }

    /// Adds an operation on a whole memory, or on a range of it.
    pub(super) fn memory_operation(&mut self) {
        let memory = self.any_memory();
        let ty = self.memory(memory).address_type();
        match self.choices.below(8) {
            0 => self.emit(Operator::MemorySize(memory)),
            1 => {
                match self.choices.below(4) {
                    at @ (0 | 1) => {
                        let pages = if at == 0 { u64::from(self.choices.below(3)) } else { value(ty, self.choices) };
                        self.constant(ty, pages);
                    }
                    _ => {
                        self.leaf(ty);
                        self.mask(ty, 1);
                    }
                }
                self.emit(Operator::MemoryGrow(memory));
            }
            _ if !self.config.bulk => self.store(),
            2 | 3 => {
                self.address(memory, 0, 64);
                self.produce(ValType::I32);
                self.length(ty, 64);
                self.emit(Operator::MemoryFill(memory));
            }
            4 | 5 => {
                let src = self.any_memory();
                self.address(memory, 0, 64);
                self.apart(|body| body.address(src, 0, 64));
                self.length(ty.min(self.memory(src).address_type()), 64);
                self.emit(Operator::MemoryCopy { dst: memory, src });
            }
            _ => self.data_operation(memory),
        }
    }

    fn data_operation(&mut self, memory: u32) {
        let segment = self.choices.below(self.module.data.len() as u32);
        if self.choices.one_in(6) {
            return self.emit(Operator::DataDrop(segment));
        }
        let data = &self.module.data[segment as usize];
        // Active segments have been dropped by now.
        let passive = data.placement == Placement::Passive;
        let bytes = if passive || self.choices.one_in(8) { data.bytes.len() as u32 } else { 0 };
        self.address(memory, 0, u64::from(bytes));
        let from = self.choices.below(bytes + 1);
        self.constant(ValType::I32, u64::from(from));
        self.length(ValType::I32, bytes - from);
        self.emit(Operator::MemoryInit { memory, segment });
    }
}
