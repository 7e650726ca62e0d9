//! Calls: how the callee is found, and what is recorded for it.
//!
//! How it is called is the tiers' own.

use std::mem::offset_of;

use riser_tiers_core::{Context, FuncInst, StoreContext};
use riser_translator::ops::IntCompareOp;
use riser_translator::sink::{Operand, Slot};
use riser_translator::{FuncIndex, TableIndex, TrapCode, TypeIndex, ValType};

use crate::runtime::{load_fixed, load_pointer, store_context};
use crate::table::element;
use crate::{Builder, Order, Region, slots};

/// The [`FuncInst`] of a function, by its index.
pub fn instance<B: Builder>(b: &mut B, function: FuncIndex) -> B::Address {
    load_pointer(b, offset_of!(Context, functions), function.as_u32())
}

/// The [`FuncInst`] that `call_indirect` calls.
pub fn checked_element<B: Builder>(b: &mut B, table: TableIndex, type_index: TypeIndex, index: Operand) -> B::Address {
    let element = element(b, table, index, TrapCode::UndefinedElement);
    let func = b.load_address(element, 0, Region::Table, Order::Free);
    b.check_null(func, TrapCode::UninitializedElement);
    let ids = load_fixed(b, b.context(), offset_of!(Context, type_ids));
    let expected = b.load(ValType::I32, ids, type_index.index() * 4, Region::Runtime, Order::Fixed);
    let actual = b.load_checked(ValType::I32, func, offset_of!(FuncInst, type_id), TrapCode::UninitializedElement);
    let differs = b.compare(IntCompareOp::I32Ne, actual, expected);
    b.trap_if(differs, TrapCode::IndirectCallTypeMismatch);
    func
}

/// Records the calling instance in the store, in case the callee is the host.
fn note_caller<B: Builder>(b: &mut B) {
    let store = store_context(b);
    b.store_address(b.context(), store, offset_of!(StoreContext, caller));
}

/// The code of a function of any instance, tier or host, and the first argument that it takes. It is to be called next.
pub fn native_code<B: Builder>(b: &mut B, func: B::Address) -> (B::Address, B::Address) {
    note_caller(b);
    let code = b.load_address(func, offset_of!(FuncInst, native), Region::Runtime, Order::Free);
    let first = b.load_address(func, offset_of!(FuncInst, native_context), Region::Runtime, Order::Free);
    (code, first)
}

/// Sets slots from `base` on to the results of a call, which have these types.
pub fn set_results<B: Builder>(b: &mut B, base: Slot, types: &[ValType], results: &[B::Value]) {
    for (&value, (_, at)) in results.iter().zip(slots(types)) {
        b.set(Slot(base.0 + at), value);
    }
}
