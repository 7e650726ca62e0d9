//! Calls.
//!
//! A function of the same module is called directly, with the same context. Any other function is found as a
//! [`FuncInst`](riser_tiers_core::FuncInst) and called by its `native`. Before such a call the code records the calling instance in
//! the store, in case the callee is the host. In a handler scope, a call ends its block, and has a second edge for exceptions.
//!
//! Results beyond the registers come back in an array of the frame, which all calls of the function share: they are loaded right after the
//! call.

use cranelift_codegen::ir::{
    Block, BlockArg, BlockCall, ExceptionTableData, ExceptionTableItem, ExtFuncData, ExternalName, FuncRef,
    InstBuilder, SigRef, StackSlot, StackSlotData, StackSlotKind, Type, UserExternalName, Value, types::I64,
};
use riser_lowering::{call, exception};
use riser_translator::sink::{Callee, Operand, Slot};
use riser_translator::{DefinedFuncIndex, FuncIndex, FuncType, TypeIndex, ValType};

use super::Lowering;
use crate::signature::{array_bytes, load_slots, native_signature, results_in_array};

/// The alignment of the array for results, as a power of two.
const ALIGN_SHIFT: u8 = 3;

/// Code to call.
#[derive(Clone, Copy)]
pub(super) enum Code {
    /// A function of the module.
    Function(FuncRef),
    /// A signature and an address.
    At(SigRef, Value),
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

    /// The code of a callee, and its first argument.
    fn target(&mut self, callee: Callee) -> (Code, Value) {
        match callee {
            Callee::Direct(function) => match self.module.defined_function(function) {
                Some(defined) => (Code::Function(self.defined_function(function, defined)), self.context),
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
    fn function_instance(&mut self, func: Value, type_index: TypeIndex) -> (Code, Value) {
        let (code, first) = call::native_code(self, func);
        (Code::At(self.signature(type_index), code), first)
    }

    /// The array for the results of a call.
    fn call_array(&mut self, types: &[ValType]) -> StackSlot {
        let builder = &mut self.builder;
        let array = *self.call_array.get_or_insert_with(|| {
            builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, 0, ALIGN_SHIFT))
        });
        let size = &mut builder.func.sized_stack_slots[array].size;
        *size = array_bytes(types).max(*size);
        array
    }

    /// What the code is called with: `first`, the address of the array for the results if there is one, and the arguments.
    fn arguments(&mut self, first: Value, array: Option<Value>, ty: &FuncType, args: &[Operand]) -> Vec<Value> {
        self.body.budget.spend(args.len() + ty.results().len());
        let mut values = Vec::with_capacity(args.len() + 2);
        values.push(first);
        values.extend(array);
        for (&ty, &operand) in ty.params().iter().zip(args) {
            let value = self.get(ty, operand);
            values.push(value);
        }
        values
    }

    /// Calls code. If it ends in an exception, the block `landing` is next, if there is one; the code's convention is that of wasm functions
    /// then, in which the unwinder preserves no registers. Returns the results.
    pub(super) fn call_code(&mut self, code: Code, arguments: &[Value], landing: Option<Block>) -> Vec<Value> {
        let Some(landing) = landing else {
            let call = match code {
                Code::Function(function) => self.builder.ins().call(function, arguments),
                Code::At(signature, address) => self.builder.ins().call_indirect(signature, address, arguments),
            };
            return self.builder.inst_results(call).to_vec();
        };
        // The call ends the block. The next block has the results as parameters.
        let signature = match code {
            Code::Function(function) => self.builder.func.dfg.ext_funcs[function].signature,
            Code::At(signature, _) => signature,
        };
        let returns = &self.builder.func.dfg.signatures[signature].returns;
        let types: Vec<Type> = returns.iter().map(|it| it.value_type).collect();
        let next = self.builder.create_block();
        let results: Vec<Value> = types.iter().map(|&ty| self.builder.append_block_param(next, ty)).collect();
        let returned = (0..types.len() as u32).map(BlockArg::TryCallRet);
        let pool = &mut self.builder.func.dfg.value_lists;
        let (next_call, landing) = (BlockCall::new(next, returned, pool), BlockCall::new(landing, [], pool));
        let edges = ExceptionTableData::new(signature, next_call, [ExceptionTableItem::Default(landing)]);
        let edges = self.builder.func.dfg.exception_tables.push(edges);
        match code {
            Code::Function(function) => self.leave().try_call(function, arguments, edges),
            Code::At(_, address) => self.leave().try_call_indirect(address, arguments, edges),
        };
        self.go_on_in(next);
        results
    }

    pub(super) fn lower_call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]) {
        let (code, first) = self.target(callee);
        let array = results_in_array(ty.results()).then(|| self.call_array(ty.results()));
        let address = array.map(|array| self.builder.ins().stack_addr(I64, array, 0));
        let values = self.arguments(first, address, ty, args);
        let landing = exception::landing(self);
        let mut results = self.call_code(code, &values, landing);
        if let Some(array) = array {
            let address = self.builder.ins().stack_addr(I64, array, 0);
            results = load_slots(&mut self.builder, ty.results(), address);
        }
        call::set_results(self, base, ty.results(), &results);
    }

    pub(super) fn lower_return_call(&mut self, callee: Callee, ty: &FuncType, args: &[Operand]) {
        let (code, first) = self.target(callee);
        // The callee has the same results.
        let values = self.arguments(first, self.result_array, ty, args);
        match code {
            Code::Function(function) => self.builder.ins().return_call(function, &values),
            Code::At(signature, address) => self.builder.ins().return_call_indirect(signature, address, &values),
        };
        self.body.ended = true;
    }
}
