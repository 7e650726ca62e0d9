//! Memories.

use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types::I64};
use riser_lowering::{Region, memory};
use riser_translator::ops::{LoadOp, StoreOp};
use riser_translator::sink::{Operand, Slot};
use riser_translator::{MemoryIndex, ValType};

use super::Lowering;
use crate::positions::access_trap;
use crate::signature::value_type;

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
    /// The place of an access at `addr + offset`.
    pub(super) fn place(&mut self, memory: MemoryIndex, addr: Operand, offset: u64) -> Place {
        let addr = match addr {
            Operand::Const { bits, .. } => Address::Constant(bits),
            Operand::Local { .. } | Operand::Temp(_) => {
                Address::Value(self.get(memory::address_type(self, memory), addr))
            }
        };
        Place { memory, addr, offset }
    }

    /// The address and displacement of `bytes` bytes at a place, in bounds or in the guard pages.
    pub(super) fn reach(&mut self, Place { memory, addr, offset }: Place, bytes: u32) -> (Value, i32) {
        let memory64 = memory::address_type(self, memory) == ValType::I64;
        let addr = match addr {
            Address::Constant(bits) => self.builder.ins().iconst(I64, bits as i64),
            Address::Value(addr) if memory64 => addr,
            Address::Value(addr) => self.builder.ins().uextend(I64, addr),
        };
        let wrong = memory::check(self, memory, addr, offset, bytes);
        let base = memory::base(self, memory);
        // A guarded address has no displacement: null and a displacement could be an address of the host's.
        let (at, offset) = match i32::try_from(offset) {
            Ok(offset) if offset == 0 || wrong.is_none() => (self.builder.ins().iadd(base, addr), offset),
            Ok(_) | Err(_) => {
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
        self.accesses.push(self.body.position);
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
}
