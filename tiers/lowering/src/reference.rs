//! Globals and references.

use std::mem::offset_of;

use riser_tiers_core::Context;
use riser_translator::ops::IntCompareOp;
use riser_translator::sink::{Operand, Slot};
use riser_translator::{FuncIndex, GlobalIndex, ValType};

use crate::call::instance;
use crate::runtime::load_pointer;
use crate::{Builder, Order, Region};

/// `global.get`.
pub fn global_get<B: Builder>(b: &mut B, ty: ValType, dst: Slot, global: GlobalIndex) {
    let at = load_pointer(b, offset_of!(Context, globals), global.as_u32());
    let order = if b.module().global(global).mutable { Order::Free } else { Order::Fixed };
    let value = b.load(ty, at, 0, Region::Global, order);
    b.set(dst, value);
}

/// `global.set`.
pub fn global_set<B: Builder>(b: &mut B, ty: ValType, global: GlobalIndex, src: Operand) {
    let at = load_pointer(b, offset_of!(Context, globals), global.as_u32());
    let value = b.get(ty, src);
    let value = b.slot_bits(value);
    b.store(value, at, 0, Region::Global, Order::Kept);
}

/// `ref.func`.
pub fn func<B: Builder>(b: &mut B, dst: Slot, function: FuncIndex) {
    let func = instance(b, function);
    let value = b.address_bits(func);
    b.set(dst, value);
}

/// `ref.is_null`.
pub fn is_null<B: Builder>(b: &mut B, dst: Slot, src: Operand) {
    let reference = b.get(ValType::FuncRef, src);
    let null = b.i64(0);
    let is_null = b.compare(IntCompareOp::I64Eq, reference, null);
    let value = b.flag(is_null);
    b.set(dst, value);
}
