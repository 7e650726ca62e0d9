//! Loads, stores and bulk memory operations.

use crate::faults::{Fault, faulty};
use crate::index::{DataIndex, MemoryIndex};
use crate::ir::{Addr, Emitter, Inst, Src};
use crate::ops::{BinaryOp, LoadOp, StoreOp};
use crate::sink::{Operand, Slot};
use crate::types::ValType;

use super::Selector;
use super::window::fits_immediate;

impl<E: Emitter> Selector<'_, E> {
    /// Whether an access has the forms for a memory 0 that guard pages can bound; otherwise its operands are plain slots.
    fn has_all_forms(&self, memory: MemoryIndex, offset: u64) -> bool {
        memory == MemoryIndex::ZERO && u32::try_from(offset).is_ok() && self.memory(memory).has_short_forms()
    }

    /// As [`Selector::address`], for a load: its address may also be the sum of two variables.
    #[inline(always)]
    fn load_address(&mut self, addr: Operand) -> Addr {
        if self.config.index_folding
            && let Some(&Inst::Binary { op, lhs: base @ (Src::Slot(_) | Src::Acc), rhs: index @ Src::Slot(_), .. }) =
                self.pending_for(addr)
            && (op == BinaryOp::I32Add || (op == BinaryOp::I32Sub && faulty(Fault::IndexAbsorbsSub)))
        {
            // As below.
            self.pending = None;
            // The accumulator is never the index.
            let index = if faulty(Fault::IndexIsBase) && base != Src::Acc { base } else { index };
            return Addr::Index { base, index };
        }
        self.address(addr)
    }

    /// Selects the address of an access that has all forms. As for [`Selector::variable`], the access has to be the
    /// next instruction that is emitted.
    #[inline(always)]
    fn address(&mut self, addr: Operand) -> Addr {
        if let Operand::Const { bits, .. } = addr
            && self.config.address_folding
        {
            return Addr::Base(Src::Imm(bits));
        }
        if self.config.address_folding
            && let Some(&Inst::Binary { op, lhs: base, rhs: Src::Imm(add), .. }) = self.pending_for(addr)
            && (op == BinaryOp::I32Add || (op == BinaryOp::I32Sub && faulty(Fault::AddressAbsorbsSub)))
        {
            let add = if faulty(Fault::AddressTruncated) { add as i16 as i32 } else { add as i32 };
            // The addition is absorbed. If `base` is the accumulator, the instruction before has written it.
            self.pending = None;
            return Addr::Sum { base, add };
        }
        Addr::Base(self.variable(ValType::I32, addr))
    }

    fn plain_address(&mut self, memory: MemoryIndex, addr: Operand) -> Addr {
        Addr::Base(Src::Slot(self.slot(self.memory(memory).address_type(), addr)))
    }

    pub(super) fn select_load(&mut self, op: LoadOp, dst: Slot, memory: MemoryIndex, addr: Operand, offset: u64) {
        if self.has_all_forms(memory, offset) {
            let addr = self.load_address(addr);
            self.emit(Inst::Load { op, dst: dst.into(), memory, addr, offset });
        } else {
            let addr = self.plain_address(memory, addr);
            self.emit(Inst::Load { op, dst: dst.into(), memory, addr, offset });
        }
    }

    pub(super) fn select_store(
        &mut self,
        op: StoreOp,
        memory: MemoryIndex,
        addr: Operand,
        offset: u64,
        value: Operand,
    ) {
        let ty = op.value_type();
        if !self.has_all_forms(memory, offset) {
            let value = Src::Slot(self.slot(ty, value));
            let addr = self.plain_address(memory, addr);
            return self.emit(Inst::Store { op, memory, addr, offset, value });
        }
        let constant_address = matches!(addr, Operand::Const { .. }) && self.config.address_folding;
        let (addr, value) = match value {
            Operand::Const { bits, .. }
                if self.config.immediate_operands
                    && !constant_address
                    && ty != ValType::F64
                    && fits_immediate(ty, bits) =>
            {
                (self.address(addr), Src::Imm(bits))
            }
            _ if constant_address => {
                let value = Src::Slot(self.slot(ty, value));
                (self.address(addr), value)
            }
            _ => {
                let value = self.materialise(ty, value);
                let addr = self.materialise(ValType::I32, addr);
                if self.pending_for(value).is_some() {
                    let addr = Addr::Base(Src::Slot(self.slot(ValType::I32, addr)));
                    (addr, self.variable(ty, value))
                } else {
                    (self.address(addr), Src::Slot(self.slot(ty, value)))
                }
            }
        };
        self.emit(Inst::Store { op, memory, addr, offset, value });
    }

    pub(super) fn select_memory_fill(&mut self, memory: MemoryIndex, dst: Operand, value: Operand, len: Operand) {
        let address = self.memory(memory).address_type();
        let dst = self.slot(address, dst);
        let value = self.slot(ValType::I32, value);
        let len = self.slot(address, len);
        self.emit(Inst::MemoryFill { memory, dst, value, len });
    }

    pub(super) fn select_memory_copy(
        &mut self,
        dst_memory: MemoryIndex,
        src_memory: MemoryIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) {
        let dst_type = self.memory(dst_memory).address_type();
        let src_type = self.memory(src_memory).address_type();
        let dst = self.slot(dst_type, dst);
        let src = self.slot(src_type, src);
        let len = self.slot(dst_type.min(src_type), len);
        self.emit(Inst::MemoryCopy { dst_memory, src_memory, dst, src, len });
    }

    pub(super) fn select_memory_init(
        &mut self,
        memory: MemoryIndex,
        segment: DataIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) {
        let dst = self.slot(self.memory(memory).address_type(), dst);
        let src = self.slot(ValType::I32, src);
        let len = self.slot(ValType::I32, len);
        self.emit(Inst::MemoryInit { memory, segment, dst, src, len });
    }
}
