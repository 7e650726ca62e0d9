//! Atomic operators.

use cranelift_codegen::ir::{AtomicRmwOp, InstBuilder, MemFlagsData, Value};
use riser_lowering::atomic;
use riser_translator::ops::{AtomicAccess, AtomicKind, AtomicOp};
use riser_translator::sink::{Access, AtomicSink, Operand, Slot};

use super::Lowering;
use super::vector::integer;
use crate::signature::value_type;

impl Lowering<'_, '_> {
    /// The flags and the address of an access.
    fn atomic_place(&mut self, access: Access, bytes: u32) -> (MemFlagsData, Value) {
        atomic::check_alignment(self, access, bytes);
        let (flags, at, offset) = self.store_place(access, bytes);
        (flags, if offset == 0 { at } else { self.builder.ins().iadd_imm_s(at, i64::from(offset)) })
    }

    /// The value that an access reads, if it does.
    fn atomic_value(&mut self, op: AtomicOp, kind: AtomicAccess, access: Access, operands: &[Value]) -> Option<Value> {
        let ty = integer(op.access_bytes());
        let (flags, at) = self.atomic_place(access, op.access_bytes());
        let modify = match kind {
            AtomicAccess::Load => return Some(self.builder.ins().atomic_load(ty, flags, at)),
            AtomicAccess::Store => {
                self.builder.ins().atomic_store(flags, operands[0], at);
                return None;
            }
            AtomicAccess::Cmpxchg => return Some(self.builder.ins().atomic_cas(flags, at, operands[0], operands[1])),
            AtomicAccess::Add => AtomicRmwOp::Add,
            AtomicAccess::Sub => AtomicRmwOp::Sub,
            AtomicAccess::And => AtomicRmwOp::And,
            AtomicAccess::Or => AtomicRmwOp::Or,
            AtomicAccess::Xor => AtomicRmwOp::Xor,
            AtomicAccess::Xchg => AtomicRmwOp::Xchg,
        };
        Some(self.builder.ins().atomic_rmw(ty, flags, modify, at, operands[0]))
    }
}

impl AtomicSink for Lowering<'_, '_> {
    fn atomic(&mut self, op: AtomicOp, dst: Option<Slot>, access: Access, operands: &[Operand]) {
        let AtomicKind::Access(kind) = op.kind() else {
            return atomic::call(self, op, dst, access, operands);
        };
        let ty = integer(op.access_bytes());
        let narrowed = |this: &mut Self, operand| {
            let value = this.get(op.value_type(), operand);
            if this.type_of(value) == ty { value } else { this.builder.ins().ireduce(ty, value) }
        };
        let operands: Vec<Value> = operands.iter().map(|&operand| narrowed(self, operand)).collect();
        if let (Some(value), Some(dst)) = (self.atomic_value(op, kind, access, &operands), dst) {
            let wide = value_type(op.value_type());
            let value = if ty == wide { value } else { self.builder.ins().uextend(wide, value) };
            self.set(dst, value);
        }
    }

    fn atomic_fence(&mut self) {
        self.builder.ins().fence();
    }
}
