//! Access to what is outside of the function: the context, the store, and the builtins.

use std::mem::offset_of;

use inkwell::types::BasicTypeEnum;
use inkwell::values::PointerValue;
use riser_lowering::{Builder, Order, Region, slots};
use riser_tiers_core::{Context, StoreContext};
use riser_translator::{TrapCode, ValType};

use super::{Lowering, StackCheck};
use crate::ir::Value;

impl<'c> Lowering<'_, 'c> {
    /// Loads a pointer that never changes while the instance lives.
    pub(super) fn load_fixed(&mut self, base: PointerValue<'c>, offset: usize) -> PointerValue<'c> {
        let at = self.ir.field(base, offset as u64);
        self.ir.load(self.ir.pointer_type(), at, Region::Runtime, Order::Fixed).into_pointer_value()
    }

    pub(super) fn load_field(&mut self, ty: BasicTypeEnum<'c>, base: PointerValue<'c>, offset: usize) -> Value<'c> {
        let at = self.ir.field(base, offset as u64);
        self.ir.load(ty, at, Region::Runtime, Order::Free)
    }

    /// Loads a field that contains a pointer.
    pub(super) fn load_address(&mut self, base: PointerValue<'c>, offset: usize) -> PointerValue<'c> {
        self.load_field(self.ir.pointer_type(), base, offset).into_pointer_value()
    }

    /// Stores a value in a slot of an array.
    pub(super) fn store_slot(&mut self, value: Value<'c>, array: PointerValue<'c>, slot: u32) {
        let value = self.slot_bits(value);
        let at = self.ir.field(array, u64::from(slot) * 8);
        self.ir.store(value, at, Region::Runtime, Order::Free);
    }

    /// Stores values of these types in an array.
    pub(super) fn store_slots(&mut self, values: &[Value<'c>], types: &[ValType], array: PointerValue<'c>) {
        for (&value, (_, slot)) in values.iter().zip(slots(types)) {
            self.store_slot(value, array, slot);
        }
    }

    /// Loads the values of these types from an array.
    pub(super) fn load_slots(&mut self, types: &[ValType], array: PointerValue<'c>) -> Vec<Value<'c>> {
        let load = |(ty, slot)| self.load_field(self.value_type(ty), array, slot as usize * 8);
        slots(types).map(load).collect()
    }

    /// Loads an item of one of the context's arrays of pointers.
    pub(super) fn load_pointer(&mut self, array: usize, index: u32) -> PointerValue<'c> {
        let array = self.load_fixed(self.context, array);
        self.load_fixed(array, index as usize * 8)
    }

    pub(super) fn store_context(&mut self) -> PointerValue<'c> {
        self.load_fixed(self.context, offset_of!(Context, store))
    }

    /// Loads the address of a builtin.
    pub(super) fn builtin_code(&mut self, builtin: usize) -> PointerValue<'c> {
        let store = self.store_context();
        let builtins = self.load_fixed(store, offset_of!(StoreContext, builtins));
        self.load_fixed(builtins, builtin)
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
                let store = self.store_context();
                let limit = self.ir.field(store, offset_of!(StoreContext, native_limit) as u64);
                let below = self.ir.is_stack_below(limit);
                self.trap_if(below, TrapCode::StackOverflow);
            }
            self.ir.jump(next);
        }
    }
}
