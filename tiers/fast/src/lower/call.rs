//! Calls.
//!
//! A function of the same module is called directly, with the same context. Any other function is found as a
//! [`FuncInst`] and called by [`FuncInst::native`]. Before such a call the code records the calling instance in
//! the store, in case the callee is the host.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    ExtFuncData, ExternalName, FuncRef, InstBuilder, MemFlagsData, SigRef, UserExternalName, Value, types::I32,
    types::I64,
};
use riser_lowering::{Region, table};
use riser_tiers_core::{Context, FuncInst, StoreContext};
use riser_translator::sink::{Callee, Operand, Slot};
use riser_translator::{FuncType, TrapCode};

use super::{Lowering, native_signature};
use crate::positions::user_trap;

/// The target of a call.
enum Target {
    /// A function of the module.
    Function(FuncRef),
    /// Code: its signature, its address, and its first argument.
    Code(SigRef, Value, Value),
}

impl Lowering<'_, '_> {
    fn signature(&mut self, type_index: u32) -> SigRef {
        let (module, builder) = (self.module, &mut self.builder);
        let import = || builder.import_signature(native_signature(&module.types[type_index as usize]));
        *self.signatures.entry(type_index).or_insert_with(import)
    }

    /// A function that the module defines.
    fn defined_function(&mut self, function: u32, defined: u32) -> FuncRef {
        if let Some(&known) = self.functions.get(&defined) {
            return known;
        }
        let signature = self.signature(self.module.functions[function as usize]);
        let name = self.builder.func.declare_imported_user_function(UserExternalName::new(0, defined));
        let data = ExtFuncData { name: ExternalName::user(name), signature, colocated: true, patchable: false };
        let known = self.builder.import_function(data);
        self.functions.insert(defined, known);
        known
    }

    fn target(&mut self, callee: Callee) -> Target {
        match callee {
            Callee::Direct(function) => match self.module.defined_function(function) {
                Some(defined) => Target::Function(self.defined_function(function, defined)),
                None => {
                    let func = self.load_pointer(offset_of!(Context, functions), function);
                    self.function_instance(func, self.module.functions[function as usize])
                }
            },
            Callee::Indirect { table, type_index, index } => {
                let func = self.checked_element(table, type_index, index);
                self.function_instance(func, type_index)
            }
        }
    }

    /// The code of a function of any instance, tier or host.
    fn function_instance(&mut self, func: Value, type_index: u32) -> Target {
        let store = self.store_context();
        self.store_field(self.context, store, offset_of!(StoreContext, caller));
        let code = self.load_field(I64, func, offset_of!(FuncInst, native));
        let first = self.load_field(I64, func, offset_of!(FuncInst, native_context));
        Target::Code(self.signature(type_index), code, first)
    }

    /// The function that `call_indirect` calls.
    fn checked_element(&mut self, table: u32, type_index: u32, index: Operand) -> Value {
        let element = table::element(self, table, index, TrapCode::UndefinedElement);
        let flags = self.in_region(MemFlagsData::trusted(), Region::Table);
        let func = self.builder.ins().load(I64, flags, element, 0);
        let ids = self.load_fixed(I64, self.context, offset_of!(Context, type_ids));
        let expected = self.load_fixed(I32, ids, type_index as usize * 4);
        // For null, which is address 0, this load faults.
        let flags = MemFlagsData::trusted().with_trap_code(Some(user_trap(TrapCode::UninitializedElement)));
        let actual = self.builder.ins().load(I32, flags, func, offset_of!(FuncInst, type_id) as i32);
        let differs = self.builder.ins().icmp(IntCC::NotEqual, actual, expected);
        self.builder.ins().trapnz(differs, user_trap(TrapCode::IndirectCallTypeMismatch));
        func
    }

    fn arguments(&mut self, first: Value, ty: &FuncType, args: &[Operand]) -> Vec<Value> {
        self.body.budget.spend(args.len() + ty.results().len());
        let mut values = Vec::with_capacity(args.len() + 1);
        values.push(first);
        for (&ty, &operand) in ty.params().iter().zip(args) {
            let value = self.get(ty, operand);
            values.push(value);
        }
        values
    }

    pub(super) fn lower_call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]) {
        let call = match self.target(callee) {
            Target::Function(function) => {
                let values = self.arguments(self.context, ty, args);
                self.builder.ins().call(function, &values)
            }
            Target::Code(signature, code, first) => {
                let values = self.arguments(first, ty, args);
                self.builder.ins().call_indirect(signature, code, &values)
            }
        };
        let results = self.builder.inst_results(call).to_vec();
        let mut slot = base;
        for (value, ty) in results.into_iter().zip(ty.results()) {
            self.set(slot, value);
            slot.0 += ty.slots();
        }
    }

    pub(super) fn lower_return_call(&mut self, callee: Callee, ty: &FuncType, args: &[Operand]) {
        match self.target(callee) {
            Target::Function(function) => {
                let values = self.arguments(self.context, ty, args);
                self.builder.ins().return_call(function, &values);
            }
            Target::Code(signature, code, first) => {
                let values = self.arguments(first, ty, args);
                self.builder.ins().return_call_indirect(signature, code, &values);
            }
        }
        self.body.ended = true;
    }
}
