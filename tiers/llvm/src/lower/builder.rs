//! The primitives of the sequences that compiling tiers share.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::values::{InstructionOpcode, IntValue, PointerValue};
use riser_lowering::{Body, Builder, Order, Region};
use riser_tiers_core::native::Builtins;
use riser_translator::module::ModuleInfo;
use riser_translator::ops::IntCompareOp;
use riser_translator::sink::{Operand, Slot};
use riser_translator::{TrapCode, ValType};

use super::Lowering;
use super::int::condition;
use crate::ir::Value;

/// LLVM makes a jump table for this many targets or more; fewer are compared one by one.
const MIN_TABLE: usize = 4;

impl<'c> Builder for Lowering<'_, 'c> {
    type Value = Value<'c>;
    type Address = PointerValue<'c>;
    type Block = BasicBlock<'c>;
    type Condition = IntValue<'c>;
    /// All ones if the access is in bounds, else zero.
    type Guard = Value<'c>;

    fn module(&self) -> &ModuleInfo {
        self.module
    }

    fn body(&mut self) -> &mut Body<PointerValue<'c>, BasicBlock<'c>> {
        &mut self.body
    }

    fn context(&self) -> PointerValue<'c> {
        self.context
    }

    fn get(&mut self, ty: ValType, operand: Operand) -> Value<'c> {
        Lowering::get(self, ty, operand)
    }

    fn set(&mut self, slot: Slot, value: Value<'c>) {
        Lowering::set(self, slot, value);
    }

    fn i64(&mut self, value: u64) -> Value<'c> {
        self.ir.i64(value)
    }

    fn extend(&mut self, value: Value<'c>) -> Value<'c> {
        self.ir.zext(value, self.ir.i64_type())
    }

    fn wrap(&mut self, value: Value<'c>) -> Value<'c> {
        self.ir.cast(InstructionOpcode::Trunc, value, self.ir.i32_type())
    }

    fn slot_bits(&mut self, value: Value<'c>) -> Value<'c> {
        let ty = value.get_type();
        if ty == self.ir.i32_type() {
            self.extend(value)
        } else if ty == self.value_type(ValType::F32) {
            let bits = self.ir.cast(InstructionOpcode::BitCast, value, self.ir.i32_type());
            self.extend(bits)
        } else {
            value
        }
    }

    fn subtract(&mut self, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        self.ir.binary(InstructionOpcode::Sub, lhs, rhs)
    }

    fn take_off(&mut self, value: Value<'c>, amount: u64) -> (Value<'c>, IntValue<'c>) {
        self.ir.subtract_with_borrow(value, self.ir.i64(amount))
    }

    fn low_bits(&mut self, value: Value<'c>, bits: u32) -> Value<'c> {
        self.ir.binary(InstructionOpcode::And, value, self.ir.i64((1 << bits) - 1))
    }

    fn shift_right(&mut self, value: Value<'c>, bits: u32) -> Value<'c> {
        self.ir.binary(InstructionOpcode::LShr, value, self.ir.i64(bits.into()))
    }

    fn compare(&mut self, op: IntCompareOp, lhs: Value<'c>, rhs: Value<'c>) -> IntValue<'c> {
        self.ir.compare(condition(op), lhs, rhs)
    }

    fn is_true(&mut self, value: Value<'c>) -> IntValue<'c> {
        self.ir.compare(IntPredicate::NE, value, self.ir.i32(0))
    }

    fn flag(&mut self, condition: IntValue<'c>) -> Value<'c> {
        self.ir.zext(condition.into(), self.ir.i32_type())
    }

    fn address_bits(&mut self, address: PointerValue<'c>) -> Value<'c> {
        self.ir.to_int(address)
    }

    fn add_bytes(&mut self, base: PointerValue<'c>, bytes: u64) -> PointerValue<'c> {
        self.ir.field(base, bytes)
    }

    fn item(&mut self, array: PointerValue<'c>, index: Value<'c>) -> PointerValue<'c> {
        let offset = self.ir.binary(InstructionOpcode::Shl, index, self.ir.i64(3));
        self.ir.offset(array, offset)
    }

    fn load(&mut self, ty: ValType, base: PointerValue<'c>, offset: usize, region: Region, order: Order) -> Value<'c> {
        let at = self.ir.field(base, offset as u64);
        self.ir.load(self.value_type(ty), at, region, order)
    }

    fn load_address(
        &mut self,
        base: PointerValue<'c>,
        offset: usize,
        region: Region,
        order: Order,
    ) -> PointerValue<'c> {
        let at = self.ir.field(base, offset as u64);
        self.ir.load(self.ir.pointer_type(), at, region, order).into_pointer_value()
    }

    fn store(&mut self, value: Value<'c>, base: PointerValue<'c>, offset: usize, region: Region, order: Order) {
        let at = self.ir.field(base, offset as u64);
        self.ir.store(value, at, region, order);
    }

    fn store_address(&mut self, address: PointerValue<'c>, base: PointerValue<'c>, offset: usize) {
        self.store(address.into(), base, offset, Region::Runtime, Order::Free);
    }

    fn load_at_entry(&mut self, path: &[usize]) -> PointerValue<'c> {
        self.ir.load_at_entry(self.context, path)
    }

    fn store_context_again(&mut self, store: PointerValue<'c>) -> PointerValue<'c> {
        store
    }

    fn trap(&mut self, code: TrapCode) {
        self.ir.trap(code);
    }

    fn trap_if(&mut self, condition: IntValue<'c>, code: TrapCode) {
        let (trap, next) = (self.ir.block(), self.ir.block());
        self.ir.branch(condition, trap, next);
        self.ir.go_on_in(trap);
        self.ir.trap(code);
        self.ir.go_on_in(next);
    }

    fn check_null(&mut self, reference: PointerValue<'c>, code: TrapCode) {
        let is_null = self.ir.is_null(reference);
        self.trap_if(is_null, code);
    }

    fn load_checked(&mut self, ty: ValType, reference: PointerValue<'c>, offset: usize, _code: TrapCode) -> Value<'c> {
        // What it loads may be fixed, but the load must not move before the check for null.
        self.load(ty, reference, offset, Region::Runtime, Order::Free)
    }

    fn guard_index(&mut self, index: Value<'c>, len: Value<'c>, _beyond: IntValue<'c>) -> Value<'c> {
        let mask = self.ir.if_below(index, len);
        self.ir.binary(InstructionOpcode::And, index, mask)
    }

    fn check_access(&mut self, addr: Value<'c>, last: Value<'c>, len: Value<'c>, may_wrap: bool) -> Option<Value<'c>> {
        let end = self.ir.binary(InstructionOpcode::Add, addr, last);
        let mut beyond = self.ir.compare(IntPredicate::UGT, end, len);
        if may_wrap {
            let wraps = self.ir.compare(IntPredicate::ULT, end, addr);
            beyond = self.ir.or(beyond, wraps);
        }
        self.trap_if(beyond, TrapCode::MemoryOutOfBounds);
        if !self.body.spectre_guards {
            return None;
        }
        let fits = self.ir.if_not_above(end, len);
        // A sum that has wrapped is below the address.
        let wraps = may_wrap.then(|| self.ir.if_not_above(addr, end));
        Some(wraps.map_or(fits, |it| self.ir.binary(InstructionOpcode::And, fits, it)))
    }

    fn builtin(&mut self, builtin: usize, arguments: &[Value<'c>], result: Option<ValType>) -> Option<Value<'c>> {
        let (code, all) = self.builtin_call(builtin, arguments);
        let ty = self.ir.builtin_type(arguments.len(), result.map(|ty| self.value_type(ty)));
        self.ir.call_code(ty, code, &all, None)
    }

    fn preserving_builtin(&mut self, builtin: usize, arguments: &[Value<'c>]) {
        let (code, all) = self.builtin_call(builtin, arguments);
        self.ir.call_preserving(self.ir.builtin_type(arguments.len(), None), code, &all);
    }

    fn raise(&mut self, status: Value<'c>, landing: Option<BasicBlock<'c>>) {
        let raise = self.builtin_code(offset_of!(Builtins, raise));
        let ty = self.ir.llvm.void_type().fn_type(&[self.ir.i32_type().into()], false);
        self.ir.call_code(ty, raise, &[status], landing);
        self.ir.unreachable();
    }

    fn pass_on(&mut self) {
        let pass_on = self.builtin_code(offset_of!(Builtins, pass_on));
        self.ir.call_code(self.ir.llvm.void_type().fn_type(&[], false), pass_on, &[], None);
        self.ir.unreachable();
    }

    /// The stores are volatile, because nothing that LLVM knows of reads what they store.
    fn keep(&mut self, values: &[(Slot, Value<'c>)]) {
        let (array, mut slots) = self.copy.unwrap_or_else(|| (self.ir.array(), 1));
        for &(slot, value) in values {
            self.store(value, array, slot.0 as usize * 8, Region::Runtime, Order::Kept);
            slots = slots.max(slot.0 + if value.is_vector_value() { 2 } else { 1 });
        }
        self.copy = Some((array, slots));
    }

    fn block(&mut self) -> BasicBlock<'c> {
        self.ir.block()
    }

    /// LLVM sees by itself which blocks end in a trap.
    fn rare_block(&mut self) -> BasicBlock<'c> {
        self.ir.block()
    }

    fn landing(&mut self, dispatch: BasicBlock<'c>) -> BasicBlock<'c> {
        self.ir.landing(dispatch)
    }

    fn go_on_in(&mut self, block: BasicBlock<'c>) {
        Lowering::go_on_in(self, block);
    }

    fn jump(&mut self, block: BasicBlock<'c>) {
        self.ir.jump(block);
    }

    fn branch(&mut self, condition: IntValue<'c>, if_true: BasicBlock<'c>, if_false: BasicBlock<'c>) {
        self.ir.branch(condition, if_true, if_false);
    }

    fn hinted_branch(
        &mut self,
        condition: IntValue<'c>,
        if_true: BasicBlock<'c>,
        if_false: BasicBlock<'c>,
        is_likely: Option<bool>,
    ) {
        match is_likely {
            Some(is_likely) => self.ir.weighted_branch(condition, if_true, if_false, is_likely),
            None => self.ir.branch(condition, if_true, if_false),
        }
    }

    fn switch(&mut self, index: Value<'c>, targets: &[BasicBlock<'c>]) {
        if self.body.spectre_guards && targets.len() > MIN_TABLE {
            self.ir.guarded_switch(index, targets);
        } else {
            self.ir.switch(index, targets);
        }
    }

    fn return_values(&mut self, values: &[Value<'c>]) {
        let Some(array) = self.array else {
            self.ir.ret(values.first().copied());
            return;
        };
        let types = std::mem::take(&mut self.body.results);
        self.store_slots(values, &types, array);
        self.body.results = types;
        self.ir.ret(None);
    }
}
