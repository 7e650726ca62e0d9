//! Atomic operators.

use cranelift_codegen::ir::{AtomicRmwOp, InstBuilder, MemFlagsData, Value};
use riser_lowering::atomic;
use riser_translator::ops::{AtomicKind, AtomicOp};
use riser_translator::sink::{Access, AtomicSink, Operand, Slot};

use super::vector::integer;
use super::{Lowering, value_type};

impl Lowering<'_, '_> {
    /// The flags and the address of an access.
    fn atomic_place(&mut self, access: Access, bytes: u32) -> (MemFlagsData, Value) {
        atomic::check_alignment(self, access, bytes);
        let (flags, at, offset) = self.store_place(access, bytes);
        (flags, if offset == 0 { at } else { self.builder.ins().iadd_imm_s(at, i64::from(offset)) })
    }

    fn read_modify_write(&mut self, op: AtomicOp, modify: AtomicRmwOp, access: Access, operand: Value) -> Value {
        let (flags, at) = self.atomic_place(access, op.access_bytes());
        self.builder.ins().atomic_rmw(integer(op.access_bytes()), flags, modify, at, operand)
    }

    /// The value that an access reads, if it does.
    fn atomic_value(&mut self, op: AtomicOp, access: Access, operands: &[Value]) -> Option<Value> {
        let ty = integer(op.access_bytes());
        Some(match op.kind() {
            AtomicKind::Load => {
                let (flags, at) = self.atomic_place(access, op.access_bytes());
                self.builder.ins().atomic_load(ty, flags, at)
            }
            AtomicKind::Store => {
                let (flags, at) = self.atomic_place(access, op.access_bytes());
                self.builder.ins().atomic_store(flags, operands[0], at);
                return None;
            }
            AtomicKind::Add => self.read_modify_write(op, AtomicRmwOp::Add, access, operands[0]),
            AtomicKind::Sub => self.read_modify_write(op, AtomicRmwOp::Sub, access, operands[0]),
            AtomicKind::And => self.read_modify_write(op, AtomicRmwOp::And, access, operands[0]),
            AtomicKind::Or => self.read_modify_write(op, AtomicRmwOp::Or, access, operands[0]),
            AtomicKind::Xor => self.read_modify_write(op, AtomicRmwOp::Xor, access, operands[0]),
            AtomicKind::Xchg => self.read_modify_write(op, AtomicRmwOp::Xchg, access, operands[0]),
            AtomicKind::Cmpxchg => {
                let (flags, at) = self.atomic_place(access, op.access_bytes());
                self.builder.ins().atomic_cas(flags, at, operands[0], operands[1])
            }
            AtomicKind::Wait | AtomicKind::Notify => unreachable!("{op} is no access"),
        })
    }
}

impl AtomicSink for Lowering<'_, '_> {
    fn atomic(&mut self, op: AtomicOp, dst: Option<Slot>, access: Access, operands: &[Operand]) {
        if matches!(op.kind(), AtomicKind::Wait | AtomicKind::Notify) {
            return atomic::call(self, op, dst, access, operands);
        }
        let ty = integer(op.access_bytes());
        let narrowed = |this: &mut Self, operand| {
            let value = this.get(op.value_type(), operand);
            if this.type_of(value) == ty { value } else { this.builder.ins().ireduce(ty, value) }
        };
        let operands: Vec<Value> = operands.iter().map(|&operand| narrowed(self, operand)).collect();
        if let (Some(value), Some(dst)) = (self.atomic_value(op, access, &operands), dst) {
            let wide = value_type(op.value_type());
            let value = if ty == wide { value } else { self.builder.ins().uextend(wide, value) };
            self.set(dst, value);
        }
    }

    fn atomic_fence(&mut self) {
        self.builder.ins().fence();
    }
}
