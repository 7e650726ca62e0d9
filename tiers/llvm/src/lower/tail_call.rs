//! Calls in tail position.
//!
//! If the function and its callee take and return everything in registers, and the callee belongs to the same instance, the call is a jump
//! through the module's table of entries. If the callee may belong to any instance or tier, the call is a jump to [`FuncInst::native`]. Any
//! other call goes through [`Builtins::tail_copied`]. If its frame is the only one in the activation, that leaves the call to whoever
//! entered the activation; otherwise it is an ordinary call, of which there can be one for each frame.

use std::mem::offset_of;

use inkwell::types::{BasicTypeEnum, FunctionType};
use inkwell::values::{FunctionValue, InstructionOpcode, PointerValue};
use riser_lowering::runtime::{load_fixed, raise_unless_returned};
use riser_lowering::{Builder, call};
use riser_tiers_core::native::Builtins;
use riser_tiers_core::{CodeTables, Context, FuncInst};
use riser_translator::sink::{Callee, Operand};
use riser_translator::{FuncIndex, FuncType, ValType};

use super::Lowering;
use crate::ir::{Lanes, Value};
use crate::signature::{array_slots, in_registers, jump_params};

impl<'c> Lowering<'_, 'c> {
    /// The arguments of a function that has the type [`super::signature::jump_type`].
    pub(super) fn jump_arguments(&mut self, function: FunctionValue<'c>, ty: &FuncType) -> Vec<Value<'c>> {
        let argument = |(ty, at)| {
            let value = function.get_nth_param(at as u32).expect("the function has all parameters");
            match ty {
                ValType::I32 => self.ir.cast(InstructionOpcode::Trunc, value, self.ir.i32_type()),
                ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => value,
                ValType::F32 => self.ir.extract(self.ir.lanes(Lanes::F32, value), 0),
                ValType::F64 => self.ir.extract(self.ir.lanes(Lanes::F64, value), 0),
                ValType::V128 => self.ir.vector(value),
            }
        };
        ty.params().iter().copied().zip(jump_params(ty.params())).map(argument).collect()
    }

    pub(super) fn lower_tail_call(&mut self, callee: Callee, ty: &FuncType, args: &[Operand]) {
        let arguments = self.call_arguments(ty, args);
        let jump_type = self.jump_type.filter(|_| in_registers(ty));
        match (callee, jump_type) {
            (Callee::Direct(function), Some(jump_type)) => match self.module.defined_function(function) {
                Some(defined) => {
                    let code = self.ir.entry_of(self.ir.i64(defined.as_u32().into()));
                    self.jump(jump_type, code, self.context, ty, &arguments);
                }
                None => {
                    let func = self.function_instance(function);
                    self.jump_to_instance(jump_type, func, ty, &arguments);
                }
            },
            (Callee::Direct(function), None) => {
                let func = self.function_instance(function);
                self.leave_call(func, ty, &arguments);
            }
            (Callee::Indirect { table, type_index, index }, _) => {
                let func = call::checked_element(self, table, type_index, index);
                match jump_type {
                    Some(jump_type) => {
                        let (code, other) = self.own_code(func);
                        self.jump(jump_type, code, self.context, ty, &arguments);
                        self.go_on_in(other);
                        self.jump_to_instance(jump_type, func, ty, &arguments);
                    }
                    None => self.leave_call(func, ty, &arguments),
                }
            }
        }
    }

    /// A function's instance.
    pub(super) fn function_instance(&mut self, function: FuncIndex) -> PointerValue<'c> {
        match self.module.defined_function(function) {
            Some(defined) => {
                let all = load_fixed(self, self.context, offset_of!(Context, defined));
                self.ir.field(all, u64::from(defined.as_u32()) * size_of::<FuncInst>() as u64)
            }
            None => call::instance(self, function),
        }
    }

    fn jump_to_instance(
        &mut self,
        jump_type: FunctionType<'c>,
        func: PointerValue<'c>,
        ty: &FuncType,
        arguments: &[Value<'c>],
    ) {
        let (code, first) = call::native_code(self, func);
        self.jump(jump_type, code, first, ty, arguments);
    }

    /// Tail-calls code in place of the function, with `first` in the place of the context.
    fn jump(
        &mut self,
        jump_type: FunctionType<'c>,
        code: PointerValue<'c>,
        first: PointerValue<'c>,
        ty: &FuncType,
        arguments: &[Value<'c>],
    ) {
        let undefined = |ty| match ty {
            BasicTypeEnum::IntType(ty) => ty.get_undef().into(),
            BasicTypeEnum::VectorType(ty) => ty.get_undef().into(),
            _ => self.context.get_type().get_undef().into(),
        };
        let params = jump_type.get_param_types().into_iter();
        let params = params.map(|ty| BasicTypeEnum::try_from(ty).expect("all are machine types"));
        let mut all: Vec<Value<'c>> = params.map(undefined).collect();
        all[0] = first.into();
        for ((&value, ty), at) in arguments.iter().zip(ty.params()).zip(jump_params(ty.params())) {
            all[at] = match ty {
                ValType::I32 => self.ir.zext(value, self.ir.i64_type()),
                ValType::I64 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => value,
                // The other lanes have no meaning. This emits no instruction: both values are in the same register.
                ValType::F32 => self.ir.lanes(Lanes::F64, self.ir.first_lane(Lanes::F32, value)),
                ValType::F64 => self.ir.first_lane(Lanes::F64, value),
                ValType::V128 => self.ir.retyped(value, self.ir.lanes_type(Lanes::F64).into()),
            };
        }
        self.ir.tail_call(jump_type, code, &all);
    }

    /// Leaves the call to whoever entered the activation, or makes it and returns. In that case the frame still exists, but backtraces omit
    /// it.
    fn leave_call(&mut self, func: PointerValue<'c>, ty: &FuncType, arguments: &[Value<'c>]) {
        self.ir.position(CodeTables::NO_POSITION);
        let array = self.array(array_slots(ty));
        self.store_slots(arguments, ty.params(), array);
        let tail_copied = self.builtin_code(offset_of!(Builtins, tail_copied));
        let pointer = self.ir.pointer_type().into();
        let builtin = self.ir.llvm.i32_type().fn_type(&[pointer; 4], false);
        let frame = self.ir.to_pointer(self.ir.frame_pointer());
        let all = [func.into(), self.context.into(), array.into(), frame.into()];
        if let Some(status) = self.ir.call_code(builtin, tail_copied, &all, None) {
            raise_unless_returned(self, status, None);
        }
        let values = self.load_slots(ty.results(), array);
        self.return_values(&values);
    }
}
