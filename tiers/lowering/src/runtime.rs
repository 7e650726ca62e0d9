//! Access to what is outside of the function: the context, the store, and the builtins.

use std::mem::offset_of;

use riser_tiers_core::{Context, Status, StoreContext};
use riser_translator::ValType;
use riser_translator::sink::Operand;

use crate::control::rarely;
use crate::{Builder, Order, Region};

/// Loads an address in a field that never changes while the instance lives.
pub fn load_fixed<B: Builder>(b: &mut B, base: B::Address, offset: usize) -> B::Address {
    b.load_address(base, offset, Region::Runtime, Order::Fixed)
}

/// Loads a field of 64 bits.
pub(crate) fn load_word<B: Builder>(b: &mut B, base: B::Address, offset: usize) -> B::Value {
    b.load(ValType::I64, base, offset, Region::Runtime, Order::Free)
}

/// Loads an item of one of the context's arrays of pointers.
pub(crate) fn load_pointer<B: Builder>(b: &mut B, array: usize, index: u32) -> B::Address {
    let array = load_fixed(b, b.context(), array);
    load_fixed(b, array, index as usize * 8)
}

/// The address of the store's context.
pub fn store_context<B: Builder>(b: &mut B) -> B::Address {
    load_fixed(b, b.context(), offset_of!(Context, store))
}

/// An address, an index or a size of type `ty`, extended to 64 bits.
pub fn wide<B: Builder>(b: &mut B, ty: ValType, operand: Operand) -> B::Value {
    if let Operand::Const { bits, .. } = operand {
        return b.i64(bits);
    }
    let value = b.get(ty, operand);
    if ty == ValType::I32 { b.extend(value) } else { value }
}

/// A size of 64 bits, in the address type of the memory or table.
pub(crate) fn narrow<B: Builder>(b: &mut B, ty: ValType, size: B::Value) -> B::Value {
    if ty == ValType::I32 { b.wrap(size) } else { size }
}

/// Two indices that share an argument.
pub fn halves<B: Builder>(b: &mut B, lower: u32, upper: u32) -> B::Value {
    b.i64(u64::from(lower) | u64::from(upper) << 32)
}

/// Calls a builtin that returns a status, and ends the activation if that is not `RETURNED`.
pub fn builtin_or_trap<B: Builder>(b: &mut B, builtin: usize, arguments: &[B::Value]) {
    if let Some(status) = b.builtin(builtin, arguments, Some(ValType::I32)) {
        raise_unless_returned(b, status, None);
    }
}

/// Raises a status if it is not `RETURNED`: the activation ends, or the code goes on in the block `landing` if that is given and there is
/// an exception.
pub fn raise_unless_returned<B: Builder>(b: &mut B, status: B::Value, landing: Option<B::Block>) {
    // That is 0.
    const _: () = assert!(Status::RETURNED.0 == 0);
    let failed = b.is_true(status);
    let next = rarely(b, failed);
    b.raise(status, landing);
    b.go_on_in(next);
}

/// The value that a builtin left in the store.
pub(crate) fn value_left<B: Builder>(b: &mut B, ty: ValType) -> B::Value {
    let store = store_context(b);
    b.load(ty, store, offset_of!(StoreContext, value), Region::Runtime, Order::Free)
}

/// Calls a builtin that copies between two memories or two tables, whose addresses have these types.
pub(crate) fn copy<B: Builder>(
    b: &mut B,
    builtin: usize,
    (to, to_type): (u32, ValType),
    (from, from_type): (u32, ValType),
    [dst, src, len]: [Operand; 3],
) {
    // The length has the narrower type.
    let len_type = if to_type == ValType::I32 { to_type } else { from_type };
    let arguments = [halves(b, to, from), wide(b, to_type, dst), wide(b, from_type, src), wide(b, len_type, len)];
    builtin_or_trap(b, builtin, &arguments);
}

/// Calls a builtin that copies from a segment to a memory or table, whose addresses have type `ty`.
pub(crate) fn init<B: Builder>(
    b: &mut B,
    builtin: usize,
    (to, ty): (u32, ValType),
    segment: u32,
    [dst, src, len]: [Operand; 3],
) {
    let (src_type, len_type) = (ValType::I32, ValType::I32);
    let arguments = [halves(b, to, segment), wide(b, ty, dst), wide(b, src_type, src), wide(b, len_type, len)];
    builtin_or_trap(b, builtin, &arguments);
}

/// Calls a builtin that drops a segment.
pub(crate) fn drop_segment<B: Builder>(b: &mut B, builtin: usize, segment: u32) {
    let segment = b.i64(segment.into());
    b.builtin(builtin, &[segment], None);
}
