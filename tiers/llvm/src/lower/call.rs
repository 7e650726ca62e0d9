//! Calls.
//!
//! A function of the same instance is called through the module's table of entries, with the same context; so is a function from a table
//! that turns out to belong to the same instance. The function itself is called directly. Any other function is found as a [`FuncInst`] and
//! called by [`FuncInst::native`]. Before such a call, the code records the calling instance in the store, in case the callee is the host.
//! Functions that do not take everything in registers get an array ([`super::signature`]); if they are found as a [`FuncInst`], they are
//! called by their slots. In a handler scope, a call has a second edge for exceptions.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::values::{InstructionOpcode, PointerValue};
use riser_lowering::runtime::raise_unless_returned;
use riser_lowering::{Builder, Order, Region, call, exception};
use riser_tiers_core::FuncInst;
use riser_tiers_core::native::Builtins;
use riser_translator::sink::{Callee, Operand, Slot};
use riser_translator::{FuncIndex, FuncType, ValType};

use super::Lowering;
use crate::ir::Value;
use crate::signature::{array_slots, array_type, in_registers, register_type};

/// The target of a call.
enum Target<'c> {
    /// Code of the module, which takes this instance's context.
    Code(PointerValue<'c>),
    /// A function instance.
    Instance(PointerValue<'c>),
}

impl<'c> Lowering<'_, 'c> {
    fn direct_target(&mut self, function: FuncIndex) -> Target<'c> {
        match (self.module.defined_function(function), self.function) {
            (Some(_), Some(this))
                if function == self.body.index && self.take_over.is_none() && self.jump_type.is_none() =>
            {
                Target::Code(this.as_global_value().as_pointer_value())
            }
            (Some(defined), _) => Target::Code(self.ir.entry_of(self.ir.i64(defined.as_u32().into()))),
            (None, _) => Target::Instance(self.function_instance(function)),
        }
    }

    /// The arguments of a call that is to be built next.
    pub(super) fn call_arguments(&mut self, ty: &FuncType, args: &[Operand]) -> Vec<Value<'c>> {
        let arguments = ty.params().iter().zip(args).map(|(&ty, &arg)| self.get(ty, arg)).collect();
        self.here();
        arguments
    }

    pub(super) fn lower_call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]) {
        let arguments = self.call_arguments(ty, args);
        match callee {
            Callee::Direct(function) => {
                let target = self.direct_target(function);
                self.call_target(target, ty, base, &arguments);
            }
            Callee::Indirect { table, type_index, index } => {
                let func = call::checked_element(self, table, type_index, index);
                self.call_element(func, ty, base, &arguments);
            }
        }
    }

    /// Calls a function that was found in a table. If it belongs to this very instance, which is likely, it is called through the table of
    /// entries: that needs no note of the caller, and one load less.
    fn call_element(&mut self, func: PointerValue<'c>, ty: &FuncType, base: Slot, arguments: &[Value<'c>]) {
        let (code, other) = self.own_code(func);
        let next = self.ir.block();
        self.call_target(Target::Code(code), ty, base, arguments);
        self.ir.jump(next);
        self.go_on_in(other);
        self.call_target(Target::Instance(func), ty, base, arguments);
        self.ir.jump(next);
        self.go_on_in(next);
    }

    /// The code of a function if it belongs to this very instance; building continues there. Also returns the block for any other function.
    pub(super) fn own_code(&mut self, func: PointerValue<'c>) -> (PointerValue<'c>, BasicBlock<'c>) {
        let context = self.load_address(func, offset_of!(FuncInst, context), Region::Runtime, Order::Free);
        let (context, own_context) = (self.ir.to_int(context), self.ir.to_int(self.context));
        let is_own = self.ir.compare(IntPredicate::EQ, context, own_context);
        let (own, other) = (self.ir.block(), self.ir.block());
        self.ir.branch(is_own, own, other);
        self.go_on_in(own);
        let index = self.load(ValType::I32, func, offset_of!(FuncInst, index), Region::Runtime, Order::Free);
        // In 32 bits, so that the subtraction does not become part of the displacement, which has to lead into the table.
        let defined = self.ir.binary(InstructionOpcode::Sub, index, self.ir.i32(self.module.imported_functions));
        let defined = self.ir.zext(defined, self.ir.i64_type());
        (self.ir.entry_of(defined), other)
    }

    fn call_target(&mut self, target: Target<'c>, ty: &FuncType, base: Slot, arguments: &[Value<'c>]) {
        if in_registers(ty) {
            let result = self.call_in_registers(target, ty, arguments);
            if let Some(value) = result {
                self.set(base, value);
            }
        } else {
            self.call_by_array(target, ty, base, arguments);
        }
    }

    fn call_in_registers(&mut self, target: Target<'c>, ty: &FuncType, arguments: &[Value<'c>]) -> Option<Value<'c>> {
        let (code, first) = match target {
            Target::Code(code) => (code, self.context),
            Target::Instance(func) => call::native_code(self, func),
        };
        let landing = exception::landing(self);
        let mut all = vec![first.into()];
        all.extend(arguments);
        self.ir.call_code(register_type(self.ir.llvm, ty, 1), code, &all, landing)
    }

    fn call_by_array(&mut self, target: Target<'c>, ty: &FuncType, base: Slot, arguments: &[Value<'c>]) {
        let array = self.array(array_slots(ty));
        self.store_slots(arguments, ty.params(), array);
        let landing = exception::landing(self);
        match target {
            Target::Code(code) => {
                self.ir.call_code(array_type(self.ir.llvm), code, &[self.context.into(), array.into()], landing);
            }
            Target::Instance(func) => {
                let call_copied = self.builtin_code(offset_of!(Builtins, call_copied));
                let pointer = self.ir.pointer_type().into();
                let ty = self.ir.llvm.i32_type().fn_type(&[pointer; 3], false);
                let arguments = [func.into(), self.context.into(), array.into()];
                if let Some(status) = self.ir.call_code(ty, call_copied, &arguments, None) {
                    raise_unless_returned(self, status, landing);
                }
            }
        }
        let values = self.load_slots(ty.results(), array);
        call::set_results(self, base, ty.results(), &values);
    }

    /// The array for a call, with at least `slots` slots. All calls of a function share one array, since they use it one after the other.
    pub(super) fn array(&mut self, slots: u32) -> PointerValue<'c> {
        let (array, most) = self.call_array.get_or_insert_with(|| (self.ir.array(), slots));
        *most = slots.max(*most);
        *array
    }
}
