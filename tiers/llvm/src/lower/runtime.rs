//! Access to what is outside of the function: the context, the store, and the builtins.

use std::mem::offset_of;

use inkwell::values::PointerValue;
use riser_lowering::runtime::{load_fixed, store_context};
use riser_lowering::{Builder, Order, Region, slots};
use riser_tiers_core::StoreContext;
use riser_translator::{TrapCode, ValType};

use super::{Lowering, StackCheck};
use crate::ir::Value;

impl<'c> Lowering<'_, 'c> {
    /// Stores values of these types in the slots of an array.
    pub(super) fn store_slots(&mut self, values: &[Value<'c>], types: &[ValType], array: PointerValue<'c>) {
        for (&value, (_, slot)) in values.iter().zip(slots(types)) {
            let value = self.slot_bits(value);
            self.store(value, array, slot as usize * 8, Region::Runtime, Order::Free);
        }
    }

    /// Loads the values of these types from an array.
    pub(super) fn load_slots(&mut self, types: &[ValType], array: PointerValue<'c>) -> Vec<Value<'c>> {
        let load = |(ty, slot)| self.load(ty, array, slot as usize * 8, Region::Runtime, Order::Free);
        slots(types).map(load).collect()
    }

    /// Loads the address of a builtin.
    pub(super) fn builtin_code(&mut self, builtin: usize) -> PointerValue<'c> {
        let store = store_context(self);
        let builtins = load_fixed(self, store, offset_of!(StoreContext, builtins));
        load_fixed(self, builtins, builtin)
    }

    /// The address of a builtin and all its arguments, for a call at the current operator.
    pub(super) fn builtin_call(
        &mut self,
        builtin: usize,
        arguments: &[Value<'c>],
    ) -> (PointerValue<'c>, Vec<Value<'c>>) {
        self.here();
        let code = self.builtin_code(builtin);
        (code, std::iter::once(self.context.into()).chain(arguments.iter().copied()).collect())
    }

    /// Reserves a place for a native stack check, at the current operator.
    pub(super) fn begin_stack_check(&mut self) {
        let (place, next) = (self.ir.current_block(), self.ir.block());
        self.stack_checks.push(StackCheck { place, next, position: self.body.position });
        self.ir.go_on_in(next);
    }

    /// Builds the native stack checks, which trap if the function has no stack left: if the stack pointer, which by then is below the
    /// function's whole frame, is below the limit. A function that calls nothing has no check: below the limit there is room for its frame,
    /// whose size is bounded ([`riser_tiers_core::UNCHECKED_BYTES`]).
    pub(super) fn complete_stack_checks(&mut self) {
        for StackCheck { place, next, position } in std::mem::take(&mut self.stack_checks) {
            self.ir.go_on_in(place);
            self.ir.position(position);
            if self.ir.makes_calls.get() {
                let store = store_context(self);
                let limit = self.ir.field(store, offset_of!(StoreContext, native_limit) as u64);
                let below = self.ir.is_stack_below(limit);
                self.trap_if(below, TrapCode::StackOverflow);
            }
            self.ir.jump(next);
        }
    }
}
