//! Calls.
//!
//! A function of the same module is called directly, with the same context. Any other function is found as a
//! [`FuncInst`](riser_tiers_core::FuncInst) and called by its `native`. Before such a call the code records the calling instance in
//! the store, in case the callee is the host.

use cranelift_codegen::ir::{ExtFuncData, ExternalName, FuncRef, InstBuilder, SigRef, UserExternalName, Value};
use riser_lowering::call;
use riser_translator::sink::{Callee, Operand, Slot};
use riser_translator::{DefinedFuncIndex, FuncIndex, FuncType, TypeIndex};

use super::{Lowering, native_signature};

/// The target of a call.
enum Target {
    /// A function of the module.
    Function(FuncRef),
    /// Code: its signature, its address, and its first argument.
    Code(SigRef, Value, Value),
}

impl Lowering<'_, '_> {
    fn signature(&mut self, type_index: TypeIndex) -> SigRef {
        let (module, builder) = (self.module, &mut self.builder);
        let import = || builder.import_signature(native_signature(module.ty(type_index)));
        *self.signatures.entry(type_index).or_insert_with(import)
    }

    /// A function that the module defines.
    fn defined_function(&mut self, function: FuncIndex, defined: DefinedFuncIndex) -> FuncRef {
        if let Some(&known) = self.functions.get(&defined) {
            return known;
        }
        let signature = self.signature(self.module.type_index(function));
        let name = self.builder.func.declare_imported_user_function(UserExternalName::new(0, defined.as_u32()));
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
                    let func = call::instance(self, function);
                    self.function_instance(func, self.module.type_index(function))
                }
            },
            Callee::Indirect { table, type_index, index } => {
                let func = call::checked_element(self, table, type_index, index);
                self.function_instance(func, type_index)
            }
        }
    }

    /// The code of a function of any instance, tier or host.
    fn function_instance(&mut self, func: Value, type_index: TypeIndex) -> Target {
        let (code, first) = call::native_code(self, func);
        Target::Code(self.signature(type_index), code, first)
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
        call::set_results(self, base, ty.results(), &results);
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
