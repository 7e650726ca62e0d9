//! Atomic operators. The accesses themselves are the tiers' own.

use std::mem::offset_of;

use riser_tiers_core::native::Builtins;
use riser_translator::TrapCode;
use riser_translator::ops::{AtomicOp, IntCompareOp};
use riser_translator::sink::{Access, Operand, Slot};

use crate::Builder;
use crate::memory::address_type;
use crate::runtime::{builtin_or_trap, halves, value_left, wide};

/// Checks that the place of an access of `bytes` bytes is a multiple of that.
pub fn check_alignment<B: Builder>(b: &mut B, access: Access, bytes: u32) {
    if bytes == 1 {
        return;
    }
    let ty = address_type(b, access.memory);
    let mut addr = wide(b, ty, access.addr);
    if !access.offset.is_multiple_of(bytes.into()) {
        let back = b.i64(access.offset.wrapping_neg());
        addr = b.subtract(addr, back);
    }
    let low = b.low_bits(addr, bytes.ilog2());
    let zero = b.i64(0);
    let misaligned = b.compare(IntCompareOp::I64Ne, low, zero);
    b.trap_if(misaligned, TrapCode::HeapMisaligned);
}

/// An operation that the runtime executes: one that waits or notifies.
pub fn call<B: Builder>(b: &mut B, op: AtomicOp, dst: Option<Slot>, access: Access, operands: &[Operand]) {
    let Access { memory, addr, offset } = access;
    let ty = address_type(b, memory);
    let indices = halves(b, memory.as_u32(), op as u32);
    let mut arguments = vec![indices, wide(b, ty, addr), b.i64(offset)];
    for (&operand, &ty) in operands.iter().zip(op.operand_types()) {
        arguments.push(wide(b, ty, operand));
    }
    while arguments.len() < 3 + AtomicOp::MOST_OPERANDS {
        arguments.push(b.i64(0));
    }
    builtin_or_trap(b, offset_of!(Builtins, memory_atomic), &arguments);
    if let (Some(dst), Some(ty)) = (dst, op.result_type()) {
        let result = value_left(b, ty);
        b.set(dst, result);
    }
}
