//! Memories.

use inkwell::types::BasicTypeEnum;
use inkwell::values::{InstructionOpcode, PointerValue};
use riser_lowering::runtime::wide;
use riser_lowering::{Order, memory};
use riser_translator::ops::{LoadOp, StoreOp};
use riser_translator::sink::{Operand, Slot};
use riser_translator::{MemoryIndex, ValType};

use super::Lowering;

impl<'c> Lowering<'_, 'c> {
    /// Whether bounds checks of a memory are left to guard pages, and how its accesses may move. Those of shared memories stay as they
    /// are, because LLVM would conclude from them that no other thread writes there.
    pub(super) fn guarded(&mut self, memory: MemoryIndex) -> (bool, Order) {
        let guarded = memory::is_guarded(self, memory);
        (guarded, if guarded || memory::is_shared(self, memory) { Order::Kept } else { Order::Free })
    }

    /// The address of an access, in bounds or in the guard pages.
    pub(super) fn address(&mut self, memory: MemoryIndex, addr: Operand, offset: u64, bytes: u32) -> PointerValue<'c> {
        let addr = wide(self, memory::address_type(self, memory), addr);
        self.here();
        self.accesses_memory |= memory::is_guarded(self, memory);
        let in_bounds = memory::check(self, memory, addr, offset, bytes);
        let base = memory::base(self, memory);
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
    pub(super) fn accessed_type(&self, ty: ValType, bytes: u32) -> BasicTypeEnum<'c> {
        match ty {
            ValType::I32 | ValType::I64 => match bytes {
                1 => self.ir.llvm.i8_type().into(),
                2 => self.ir.llvm.i16_type().into(),
                4 => self.ir.i32_type(),
                _ => self.value_type(ty),
            },
            ValType::F32 | ValType::F64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
                self.value_type(ty)
            }
        }
    }

    pub(super) fn lower_load(&mut self, op: LoadOp, dst: Slot, memory: MemoryIndex, addr: Operand, offset: u64) {
        use LoadOp::*;
        let (guarded, order) = self.guarded(memory);
        let at = self.address(memory, addr, offset, op.access_bytes());
        let (ty, bytes) = (op.result_type(), op.access_bytes());
        let value = self.ir.load_unaligned(self.accessed_type(ty, bytes), at, order);
        let value = match op {
            I32Load | I64Load | F32Load | F64Load => value,
            I32Load8S | I32Load16S | I64Load8S | I64Load16S | I64Load32S => {
                self.ir.cast(InstructionOpcode::SExt, value, self.value_type(ty))
            }
            I32Load8U | I32Load16U | I64Load8U | I64Load16U | I64Load32U => self.ir.zext(value, self.value_type(ty)),
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
}
