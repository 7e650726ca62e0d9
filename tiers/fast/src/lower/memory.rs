//! Memories.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types::I32, types::I64};
use riser_tiers_core::native::Builtins;
use riser_tiers_core::{Context, Memory};
use riser_translator::ops::{LoadOp, StoreOp};
use riser_translator::sink::{Operand, Slot};
use riser_translator::{DataIndex, MemoryIndex, TrapCode, ValType};

use super::{Lowering, Region, value_type};
use crate::positions::{access_trap, user_trap};

const PAGE_SHIFT: i64 = 16;

/// The bytes that an access covers: equal places are the same bytes as long as none of the values changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    memory: MemoryIndex,
    addr: Address,
    offset: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Address {
    Constant(u64),
    Value(Value),
}

/// A load that may trap.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// The load's number among the accesses.
    number: usize,
    /// The place and the type, if the load reads a whole register.
    whole: Option<(Place, ValType)>,
}

impl Lowering<'_, '_> {
    fn address_type(&self, memory: MemoryIndex) -> ValType {
        self.module.memory(memory).address_type()
    }

    /// Whether bounds checks of a memory are left to guard pages.
    fn is_guarded(&self, memory: MemoryIndex) -> bool {
        self.guard_pages && !self.module.memory(memory).memory64
    }

    /// The first byte's address. A guarded memory's is fixed, and loaded once.
    fn memory_base(&mut self, memory: MemoryIndex) -> Value {
        if !self.is_guarded(memory) {
            let at = self.memory(memory);
            return self.load_field(I64, at, Memory::BASE_OFFSET);
        }
        if let Some(&(_, base)) = self.memory_bases.iter().find(|(index, _)| *index == memory) {
            return base;
        }
        let base = self.at_entry(|cursor, context| {
            let flags = MemFlagsData::trusted().with_readonly().with_can_move();
            if memory == MemoryIndex::ZERO {
                return cursor.ins().load(I64, flags, context, offset_of!(Context, memory0_base) as i32);
            }
            let memories = cursor.ins().load(I64, flags, context, offset_of!(Context, memories) as i32);
            let at = cursor.ins().load(I64, flags, memories, memory.as_u32() as i32 * 8);
            cursor.ins().load(I64, flags, at, Memory::BASE_OFFSET as i32)
        });
        self.memory_bases.push((memory, base));
        base
    }

    fn memory(&mut self, memory: MemoryIndex) -> Value {
        if memory == MemoryIndex::ZERO {
            self.load_fixed(I64, self.context, offset_of!(Context, memory0))
        } else {
            self.load_pointer(offset_of!(Context, memories), memory.as_u32())
        }
    }

    /// The place of an access at `addr + offset`.
    pub(super) fn place(&mut self, memory: MemoryIndex, addr: Operand, offset: u64) -> Place {
        let addr = match addr {
            Operand::Const { bits, .. } => Address::Constant(bits),
            _ => Address::Value(self.get(self.address_type(memory), addr)),
        };
        Place { memory, addr, offset }
    }

    /// The address and displacement of `bytes` bytes at a place, in bounds or in the guard pages.
    pub(super) fn reach(&mut self, Place { memory, addr, offset }: Place, bytes: u32) -> (Value, i32) {
        let memory64 = self.module.memory(memory).memory64;
        let addr = match addr {
            Address::Constant(bits) => self.builder.ins().iconst(I64, bits as i64),
            Address::Value(addr) if memory64 => addr,
            Address::Value(addr) => self.builder.ins().uextend(I64, addr),
        };
        let mut wrong = None;
        if !self.is_guarded(memory) {
            let out_of_bounds = user_trap(TrapCode::MemoryOutOfBounds);
            let at = self.memory(memory);
            let len = self.load_field(I64, at, Memory::LEN_OFFSET);
            // An end beyond 2^64 is out of bounds of any memory.
            let last = offset.saturating_add(u64::from(bytes));
            let last = self.builder.ins().iconst(I64, last as i64);
            let end = if memory64 {
                self.builder.ins().uadd_overflow_trap(addr, last, out_of_bounds)
            } else {
                self.builder.ins().iadd(addr, last)
            };
            let beyond = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, end, len);
            self.builder.ins().trapnz(beyond, out_of_bounds);
            if self.spectre_guards {
                // If the sum has wrapped, the code has trapped, or this is speculation past the trap.
                let wraps = memory64.then(|| self.builder.ins().icmp(IntCC::UnsignedLessThan, end, addr));
                wrong = Some(wraps.map_or(beyond, |wraps| self.builder.ins().bor(beyond, wraps)));
            }
        }
        let base = self.memory_base(memory);
        let (at, offset) = match i32::try_from(offset) {
            Ok(offset) => (self.builder.ins().iadd(base, addr), offset),
            Err(_) => {
                let offset = self.builder.ins().iconst(I64, offset as i64);
                let addr = self.builder.ins().iadd(addr, offset);
                (self.builder.ins().iadd(base, addr), 0)
            }
        };
        (wrong.map_or(at, |wrong| self.null_if(wrong, at)), offset)
    }

    /// Selects `at`, or null if `wrong` holds. The code has checked that it does not: the selection is for a processor that
    /// speculates past the check.
    fn null_if(&mut self, wrong: Value, at: Value) -> Value {
        let null = self.builder.ins().iconst(I64, 0);
        self.builder.ins().select_spectre_guard(wrong, null, at)
    }

    /// Gives the current operator's access a number.
    pub(super) fn number_access(&mut self) -> usize {
        self.accesses.push(self.position);
        self.accesses.len() - 1
    }

    pub(super) fn access_flags(&mut self, number: usize) -> MemFlagsData {
        self.in_region(MemFlagsData::new().with_trap_code(Some(access_trap(number))), Region::Memory)
    }

    /// Records that the access is a load that may trap, and does not read a whole register.
    pub(super) fn loads(&mut self, number: usize) {
        self.last_load = Some(Load { number, whole: None });
    }

    pub(super) fn lower_load(&mut self, op: LoadOp, dst: Slot, memory: MemoryIndex, addr: Operand, offset: u64) {
        use LoadOp::*;
        let place = self.place(memory, addr, offset);
        let (at, offset) = self.reach(place, op.access_bytes());
        let number = self.number_access();
        let flags = self.access_flags(number);
        let ty = value_type(op.result_type());
        let ins = self.builder.ins();
        let value = match op {
            I32Load | I64Load | F32Load | F64Load => ins.load(ty, flags, at, offset),
            I32Load8S | I64Load8S => ins.sload8(ty, flags, at, offset),
            I32Load8U | I64Load8U => ins.uload8(ty, flags, at, offset),
            I32Load16S | I64Load16S => ins.sload16(ty, flags, at, offset),
            I32Load16U | I64Load16U => ins.uload16(ty, flags, at, offset),
            I64Load32S => ins.sload32(flags, at, offset),
            I64Load32U => ins.uload32(flags, at, offset),
        };
        let whole = matches!(op, I32Load | I64Load).then_some((place, op.result_type()));
        self.last_load = Some(Load { number, whole });
        self.set(dst, value);
    }

    pub(super) fn lower_store(&mut self, op: StoreOp, memory: MemoryIndex, addr: Operand, offset: u64, value: Operand) {
        use StoreOp::*;
        let value = self.get(op.value_type(), value);
        let place = self.place(memory, addr, offset);
        let whole = matches!(op, I32Store | I64Store).then_some((place, op.value_type()));
        let (at, offset) = self.reach(place, op.access_bytes());
        // A store of a whole register can become one instruction with the load of the stored value, if both are at the same
        // place. That instruction traps in its load: if the load succeeds, so does the store.
        let load = self.last_load.take().filter(|load| load.whole.is_some() && load.whole == whole);
        let number = load.map_or_else(|| self.number_access(), |load| load.number);
        let flags = self.access_flags(number);
        let ins = self.builder.ins();
        match op {
            I32Store | I64Store | F32Store | F64Store => ins.store(flags, value, at, offset),
            I32Store8 | I64Store8 => ins.istore8(flags, value, at, offset),
            I32Store16 | I64Store16 => ins.istore16(flags, value, at, offset),
            I64Store32 => ins.istore32(flags, value, at, offset),
        };
    }

    pub(super) fn lower_memory_size(&mut self, memory: MemoryIndex, dst: Slot) {
        let at = self.memory(memory);
        let len = self.load_field(I64, at, Memory::LEN_OFFSET);
        let shift = self.builder.ins().iconst(I64, PAGE_SHIFT);
        let pages = self.builder.ins().ushr(len, shift);
        let pages = match self.address_type(memory) {
            ValType::I32 => self.builder.ins().ireduce(I32, pages),
            _ => pages,
        };
        self.set(dst, pages);
    }

    pub(super) fn lower_memory_grow(&mut self, memory: MemoryIndex, dst: Slot, delta: Operand) {
        let ty = self.address_type(memory);
        let delta = self.get_wide(ty, delta);
        let index = self.builder.ins().iconst(I64, i64::from(memory.as_u32()));
        self.builtin_or_trap(offset_of!(Builtins, memory_grow), &[index, delta]);
        let old = self.value_left(value_type(ty));
        self.set(dst, old);
    }

    /// Packs two indices into one argument.
    pub(super) fn halves(&mut self, lower: u32, upper: u32) -> Value {
        self.builder.ins().iconst(I64, (u64::from(lower) | u64::from(upper) << 32) as i64)
    }

    pub(super) fn lower_memory_fill(&mut self, memory: MemoryIndex, dst: Operand, value: Operand, len: Operand) {
        let ty = self.address_type(memory);
        let index = self.builder.ins().iconst(I64, i64::from(memory.as_u32()));
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

    /// Arguments of the builtin that copies between two memories or two tables, whose addresses have these types.
    pub(super) fn copy_arguments(
        &mut self,
        (to, from): (u32, u32),
        (to_type, from_type): (ValType, ValType),
        dst: Operand,
        src: Operand,
        len: Operand,
    ) -> [Value; 4] {
        // The length has the narrower type.
        let len_type = if to_type == ValType::I32 { to_type } else { from_type };
        [
            self.halves(to, from),
            self.get_wide(to_type, dst),
            self.get_wide(from_type, src),
            self.get_wide(len_type, len),
        ]
    }

    /// Arguments of the builtin that copies from a segment to a memory or table, whose addresses have type `ty`.
    pub(super) fn init_arguments(
        &mut self,
        (to, segment): (u32, u32),
        ty: ValType,
        dst: Operand,
        src: Operand,
        len: Operand,
    ) -> [Value; 4] {
        [
            self.halves(to, segment),
            self.get_wide(ty, dst),
            self.get_wide(ValType::I32, src),
            self.get_wide(ValType::I32, len),
        ]
    }
}
