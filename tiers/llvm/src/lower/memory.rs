//! Memories.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{InstructionOpcode, PointerValue};
use riser_tiers_core::native::Builtins;
use riser_tiers_core::{Context, Memory};
use riser_translator::ops::{LoadOp, StoreOp};
use riser_translator::sink::{Operand, Slot};
use riser_translator::{DataIndex, MemoryIndex, TrapCode, ValType};

use super::Lowering;
use crate::ir::{Order, Value};

const PAGE_SHIFT: u64 = 16;

impl<'c> Lowering<'_, 'c> {
    fn address_type(&self, memory: MemoryIndex) -> ValType {
        self.module.memory(memory).address_type()
    }

    /// Whether bounds checks of a memory are left to guard pages, and how its accesses may move.
    pub(super) fn guarded(&self, memory: MemoryIndex) -> (bool, Order) {
        match self.guard_pages && !self.module.memory(memory).memory64 {
            true => (true, Order::Kept),
            false => (false, Order::Free),
        }
    }

    /// The first byte's address. A guarded memory's is fixed, and loaded once.
    fn memory_base(&mut self, memory: MemoryIndex) -> PointerValue<'c> {
        if !self.guarded(memory).0 {
            let at = self.memory(memory);
            return self.load_address(at, Memory::BASE_OFFSET);
        }
        if let Some(&(_, base)) = self.memory_bases.iter().find(|(index, _)| *index == memory) {
            return base;
        }
        let base = if memory == MemoryIndex::ZERO {
            self.ir.load_at_entry(self.context, &[offset_of!(Context, memory0_base) as u64])
        } else {
            let path =
                [offset_of!(Context, memories) as u64, u64::from(memory.as_u32()) * 8, Memory::BASE_OFFSET as u64];
            self.ir.load_at_entry(self.context, &path)
        };
        self.memory_bases.push((memory, base));
        base
    }

    fn memory(&mut self, memory: MemoryIndex) -> PointerValue<'c> {
        if memory == MemoryIndex::ZERO {
            self.load_fixed(self.context, offset_of!(Context, memory0))
        } else {
            self.load_pointer(offset_of!(Context, memories), memory.as_u32())
        }
    }

    /// The address of an access, in bounds or in the guard pages.
    pub(super) fn address(&mut self, memory: MemoryIndex, addr: Operand, offset: u64, bytes: u32) -> PointerValue<'c> {
        let memory64 = self.module.memory(memory).memory64;
        let addr = self.get_wide(self.address_type(memory), addr);
        self.here();
        let mut in_bounds = None;
        if self.guarded(memory).0 {
            self.accesses_memory = true;
        } else {
            let at = self.memory(memory);
            let len = self.load_field(self.ir.i64_type(), at, Memory::LEN_OFFSET);
            // An end beyond 2^64 is out of bounds of any memory.
            let last = self.ir.i64(offset.saturating_add(u64::from(bytes)));
            let end = self.ir.binary(InstructionOpcode::Add, addr, last);
            let mut beyond = self.ir.compare(IntPredicate::UGT, end, len);
            if memory64 {
                let wraps = self.ir.compare(IntPredicate::ULT, end, addr);
                beyond = self.ir.or(beyond, wraps);
            }
            self.trap_if(beyond, TrapCode::MemoryOutOfBounds);
            if self.spectre_guards {
                let fits = self.ir.if_not_above(end, len);
                // A sum that has wrapped is below the address.
                let wraps = memory64.then(|| self.ir.if_not_above(addr, end));
                in_bounds = Some(wraps.map_or(fits, |it| self.ir.binary(InstructionOpcode::And, fits, it)));
            }
        }
        let base = self.memory_base(memory);
        let at = self.ir.offset(base, addr);
        let at = self.ir.field(at, offset);
        match in_bounds {
            Some(mask) => {
                let at = self.ir.binary(InstructionOpcode::And, self.ir.to_int(at), mask);
                self.ir.to_pointer(at)
            }
            None => at,
        }
    }

    /// The type of `bytes` bytes of a value of type `ty`.
    fn accessed_type(&self, ty: ValType, bytes: u32) -> BasicTypeEnum<'c> {
        match (ty, bytes) {
            (_, 1) => self.ir.llvm.i8_type().into(),
            (_, 2) => self.ir.llvm.i16_type().into(),
            (ValType::I64, 4) => self.ir.i32_type(),
            _ => self.value_type(ty),
        }
    }

    pub(super) fn lower_load(&mut self, op: LoadOp, dst: Slot, memory: MemoryIndex, addr: Operand, offset: u64) {
        use LoadOp::*;
        let (guarded, order) = self.guarded(memory);
        let at = self.address(memory, addr, offset, op.access_bytes());
        let (ty, bytes) = (op.result_type(), op.access_bytes());
        let value = self.ir.load_unaligned(self.accessed_type(ty, bytes), at, order);
        let signed = matches!(op, I32Load8S | I32Load16S | I64Load8S | I64Load16S | I64Load32S);
        let value = match op {
            I32Load | I64Load | F32Load | F64Load => value,
            _ if signed => self.ir.cast(InstructionOpcode::SExt, value, self.value_type(ty)),
            _ => self.ir.zext(value, self.value_type(ty)),
        };
        let value = if guarded { self.ir.loaded(value) } else { value };
        self.set(dst, value);
    }

    pub(super) fn lower_store(&mut self, op: StoreOp, memory: MemoryIndex, addr: Operand, offset: u64, value: Operand) {
        let (_, order) = self.guarded(memory);
        let value = self.get(op.value_type(), value);
        let at = self.address(memory, addr, offset, op.access_bytes());
        let ty = self.accessed_type(op.value_type(), op.access_bytes());
        let value = if ty == value.get_type() { value } else { self.ir.cast(InstructionOpcode::Trunc, value, ty) };
        self.ir.store_unaligned(value, at, order);
    }

    pub(super) fn lower_memory_size(&mut self, memory: MemoryIndex, dst: Slot) {
        let at = self.memory(memory);
        let len = self.load_field(self.ir.i64_type(), at, Memory::LEN_OFFSET);
        let pages = self.ir.binary(InstructionOpcode::LShr, len, self.ir.i64(PAGE_SHIFT));
        let pages = self.narrow(pages, self.address_type(memory));
        self.set(dst, pages);
    }

    /// A size, in the address type `ty` of the memory or table.
    pub(super) fn narrow(&mut self, size: Value<'c>, ty: ValType) -> Value<'c> {
        match ty {
            ValType::I32 => self.ir.cast(InstructionOpcode::Trunc, size, self.ir.i32_type()),
            _ => size,
        }
    }

    pub(super) fn lower_memory_grow(&mut self, memory: MemoryIndex, dst: Slot, delta: Operand) {
        let ty = self.address_type(memory);
        let delta = self.get_wide(ty, delta);
        let index = self.ir.i64(memory.as_u32().into());
        self.builtin_or_trap(offset_of!(Builtins, memory_grow), &[index, delta]);
        let old = self.value_left(self.value_type(ty));
        self.set(dst, old);
    }

    /// Packs two indices into one argument.
    pub(super) fn halves(&mut self, lower: u32, upper: u32) -> Value<'c> {
        self.ir.i64(u64::from(lower) | u64::from(upper) << 32)
    }

    pub(super) fn lower_memory_fill(&mut self, memory: MemoryIndex, dst: Operand, value: Operand, len: Operand) {
        let ty = self.address_type(memory);
        let index = self.ir.i64(memory.as_u32().into());
        let arguments = [index, self.get_wide(ty, dst), self.get_wide(ValType::I32, value), self.get_wide(ty, len)];
        self.builtin_or_trap(offset_of!(Builtins, memory_fill), &arguments);
    }

    pub(super) fn lower_memory_copy(
        &mut self,
        to: MemoryIndex,
        from: MemoryIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) {
        let types = (self.address_type(to), self.address_type(from));
        let arguments = self.copy_arguments((to.as_u32(), from.as_u32()), types, dst, src, len);
        self.builtin_or_trap(offset_of!(Builtins, memory_copy), &arguments);
    }

    pub(super) fn lower_memory_init(
        &mut self,
        memory: MemoryIndex,
        segment: DataIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) {
        let arguments =
            self.init_arguments((memory.as_u32(), segment.as_u32()), self.address_type(memory), dst, src, len);
        self.builtin_or_trap(offset_of!(Builtins, memory_init), &arguments);
    }

    /// Arguments of the builtin that copies between two memories or two tables, whose addresses have these
    /// types.
    pub(super) fn copy_arguments(
        &mut self,
        (to, from): (u32, u32),
        (to_type, from_type): (ValType, ValType),
        dst: Operand,
        src: Operand,
        len: Operand,
    ) -> [Value<'c>; 4] {
        // The length has the narrower type.
        let len_type = if to_type == ValType::I32 { to_type } else { from_type };
        [
            self.halves(to, from),
            self.get_wide(to_type, dst),
            self.get_wide(from_type, src),
            self.get_wide(len_type, len),
        ]
    }

    /// Arguments of the builtin that copies from a segment to a memory or table, whose addresses have type
    /// `ty`.
    pub(super) fn init_arguments(
        &mut self,
        (to, segment): (u32, u32),
        ty: ValType,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) -> [Value<'c>; 4] {
        [
            self.halves(to, segment),
            self.get_wide(ty, dst),
            self.get_wide(ValType::I32, src),
            self.get_wide(ValType::I32, len),
        ]
    }
}
