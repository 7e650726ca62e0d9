//! Access to what is outside of the function: the context, the store, and the builtins.

use std::iter;
use std::mem::offset_of;

use cranelift_codegen::ir::{
    AbiParam, AliasRegionData, GlobalValueData, Inst, InstBuilder as _, MemFlagsData, SigRef, Signature, Value,
    types::I64,
};
use cranelift_codegen::isa::CallConv;
use riser_lowering::{Builder, Order, Region};
use riser_tiers_core::{Context, StoreContext};
use riser_translator::ValType;

use super::Lowering;
use crate::signature::value_type;

/// What the signature of a builtin depends on.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct BuiltinType {
    convention: CallConv,
    /// The number of 64-bit arguments behind the context.
    arguments: usize,
    result: Option<ValType>,
}

impl Lowering<'_, '_> {
    pub(super) fn in_region(&mut self, flags: MemFlagsData, region: Region) -> MemFlagsData {
        let description = match region {
            Region::Memory => "memory",
            Region::Global => "global",
            Region::Table => "table",
            Region::Runtime => return flags,
        };
        let number = region as usize;
        let builder = &mut self.builder;
        let region = *self.regions[number].get_or_insert_with(|| {
            builder
                .func
                .dfg
                .alias_regions
                .insert(AliasRegionData { user_id: number as u32, description: description.into() })
        });
        flags.with_alias_region(Some(region))
    }

    /// Loads the address of a builtin, at the call: hoisted out of a loop, the address would occupy a register
    /// all through the loop.
    pub(super) fn builtin_code(&mut self, builtin: usize) -> Value {
        let path = [offset_of!(Context, store), offset_of!(StoreContext, builtins), builtin];
        path.into_iter()
            .fold(self.context, |base, offset| self.load_address(base, offset, Region::Runtime, Order::Free))
    }

    fn builtin_signature(&mut self, ty: BuiltinType) -> SigRef {
        if let Some((_, known)) = self.builtin_signatures.iter().find(|(it, _)| *it == ty) {
            return *known;
        }
        let mut signature = Signature::new(ty.convention);
        signature.params.extend(iter::repeat_n(AbiParam::new(I64), 1 + ty.arguments));
        signature.returns.extend(ty.result.map(|ty| AbiParam::new(value_type(ty))));
        let made = self.builder.import_signature(signature);
        self.builtin_signatures.push((ty, made));
        made
    }

    /// Calls a builtin with the context and 64-bit values.
    pub(super) fn call_builtin(
        &mut self,
        convention: CallConv,
        builtin: usize,
        arguments: &[Value],
        result: Option<ValType>,
    ) -> Inst {
        let code = self.builtin_code(builtin);
        let signature = self.builtin_signature(BuiltinType { convention, arguments: arguments.len(), result });
        let all: Vec<Value> = iter::once(self.context).chain(arguments.iter().copied()).collect();
        self.builder.ins().call_indirect(signature, code, &all)
    }

    /// Defines the limit with which the prologue compares the stack pointer.
    pub(super) fn check_stack(&mut self) {
        let func = &mut self.builder.func;
        let flags = func.dfg.mem_flags.insert(MemFlagsData::trusted().with_readonly());
        let flags = flags.expect("the first flags of a function");
        let context = func.create_global_value(GlobalValueData::VMContext);
        let mut load = |base, offset: usize| {
            let offset = (offset as i32).into();
            func.create_global_value(GlobalValueData::Load { base, offset, global_type: I64, flags })
        };
        let store = load(context, offset_of!(Context, store));
        let limit = load(store, offset_of!(StoreContext, native_limit));
        func.stack_limit = Some(limit);
    }
}
