//! Safepoints: metering, and frames that the VM or other code sees.

use std::mem::offset_of;

use riser_tiers_core::native::Builtins;
use riser_tiers_core::{RED_ZONE_SLOTS, StoreContext};
use riser_translator::ops::IntCompareOp;
use riser_translator::sink::{Operand, Slot};
use riser_translator::{TrapCode, ValType};

use crate::control::rarely;
use crate::runtime::{builtin_or_trap, halves, load_fixed, load_word, store_context};
use crate::{Builder, Order, Region};

/// Charges fuel. If less was left, so that there is an overflow, the builtin says how the code goes on.
pub fn charge_fuel<B: Builder>(b: &mut B, units: u32) {
    let store = store_context(b);
    let at = offset_of!(StoreContext, fuel);
    let fuel = load_word(b, store, at);
    let (left, short) = b.take_off(fuel, units.into());
    b.store(left, store, at, Region::Runtime, Order::Kept);
    let next = rarely(b, short);
    let charge = b.i64(units.into());
    b.preserving_builtin(offset_of!(Builtins, out_of_fuel), &[charge]);
    b.rejoin(next);
    b.go_on_in(next);
}

/// Polls the interrupt flag.
pub fn poll_epoch<B: Builder>(b: &mut B) {
    let store = store_context(b);
    let epoch = load_fixed(b, store, offset_of!(StoreContext, epoch));
    // Other threads write the epoch.
    let now = b.load(ValType::I64, epoch, 0, Region::Runtime, Order::Kept);
    let deadline = load_word(b, store, offset_of!(StoreContext, epoch_deadline));
    let passed = b.compare(IntCompareOp::I64GeU, now, deadline);
    let next = rarely(b, passed);
    let store_again = b.store_context_again(store);
    show_frame(b, store_again);
    b.rejoin(next);
    b.go_on_in(next);
}

/// Calls the poll builtin, with the canonical state on top of the value stack, slot after slot.
fn show_frame<B: Builder>(b: &mut B, store: B::Address) {
    let [locals, operands] = b.body().canonical_slots();
    let count = |slots: &[(Slot, ValType)]| slots.iter().map(|(_, ty)| ty.slots()).sum::<u32>();
    let counts = [count(&locals), count(&operands)];
    let base = free_stack(b, store, counts.iter().sum());
    let mut at = 0;
    for (slot, ty) in locals.into_iter().chain(operands) {
        save_slot(b, slot, ty, base, at);
        at += ty.slots();
    }
    let body = b.body();
    let (index, last_loop) = (body.index, body.last_loop);
    let position = last_loop.unwrap_or(body.start);
    let site = halves(b, index.as_u32(), position);
    let base = b.address_bits(base);
    let [is_loop, locals, operands] =
        [u32::from(last_loop.is_some()), counts[0], counts[1]].map(|value| b.i64(value.into()));
    builtin_or_trap(b, offset_of!(Builtins, poll), &[site, is_loop, base, locals, operands]);
}

/// Saves the canonical state on top of the value stack, laid out like a frame of the register interpreter. Returns its
/// address.
pub fn save_frame<B: Builder>(b: &mut B, store: B::Address) -> B::Address {
    let slots = b.body().canonical_slots().concat();
    let end = slots.iter().map(|(slot, ty)| slot.0 + ty.slots()).max();
    let base = free_stack(b, store, end.unwrap_or(0));
    for (slot, ty) in slots {
        save_slot(b, slot, ty, base, slot.0);
    }
    base
}

/// The top of the value stack. Traps if `slots` slots do not fit above it; a few always fit, because of the red zone.
pub(crate) fn free_stack<B: Builder>(b: &mut B, store: B::Address, slots: u32) -> B::Address {
    let base = b.load_address(store, offset_of!(StoreContext, stack_top), Region::Runtime, Order::Free);
    if slots as usize > RED_ZONE_SLOTS / 4 {
        let end = b.add_bytes(base, u64::from(slots) * 8);
        let end = b.address_bits(end);
        let limit = load_word(b, store, offset_of!(StoreContext, stack_limit));
        let beyond = b.compare(IntCompareOp::I64GtU, end, limit);
        b.trap_if(beyond, TrapCode::StackOverflow);
    }
    base
}

/// Stores a slot's value in slot number `at` from `base` on.
fn save_slot<B: Builder>(b: &mut B, slot: Slot, ty: ValType, base: B::Address, at: u32) {
    let value = b.get(ty, Operand::Temp(slot));
    let value = b.slot_bits(value);
    b.store(value, base, at as usize * 8, Region::Runtime, Order::Free);
}

/// Takes over a frame, laid out like one of the register interpreter, at the loop that begins: the slots that are live there
/// get the frame's values.
pub fn take_over<B: Builder>(b: &mut B, frame: B::Address) {
    for (slot, ty) in b.body().canonical_slots().concat() {
        let value = b.load(ty, frame, slot.0 as usize * 8, Region::Runtime, Order::Free);
        b.set(slot, value);
    }
}
