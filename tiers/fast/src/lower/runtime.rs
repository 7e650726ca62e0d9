//! Access to what is outside of the function: the context, the store, and the builtins.

use std::mem::offset_of;

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{
    AbiParam, AliasRegionData, GlobalValueData, InstBuilder, MemFlagsData, Signature, SourceLoc, Type, Value,
    types::{I32, I64},
};
use cranelift_codegen::isa::CallConv;
use riser_tiers_core::native::Builtins;
use riser_tiers_core::{Context, Status, StoreContext};
use riser_translator::TrapCode;

use super::vector::slot_flags;
use super::{Lowering, Region};
use crate::positions::user_trap;

impl Lowering<'_, '_> {
    /// Loads a field of an object that never changes while the instance lives.
    pub(super) fn load_fixed(&mut self, ty: Type, base: Value, offset: usize) -> Value {
        let flags = slot_flags(ty).with_readonly().with_can_move();
        self.builder.ins().load(ty, flags, base, offset as i32)
    }

    pub(super) fn load_field(&mut self, ty: Type, base: Value, offset: usize) -> Value {
        self.builder.ins().load(ty, slot_flags(ty), base, offset as i32)
    }

    pub(super) fn store_field(&mut self, value: Value, base: Value, offset: usize) {
        let flags = slot_flags(self.type_of(value));
        self.builder.ins().store(flags, value, base, offset as i32);
    }

    /// Loads an item of one of the context's arrays of pointers.
    pub(super) fn load_pointer(&mut self, array: usize, index: u32) -> Value {
        let array = self.load_fixed(I64, self.context, array);
        self.load_fixed(I64, array, index as usize * 8)
    }

    pub(super) fn store_context(&mut self) -> Value {
        self.load_fixed(I64, self.context, offset_of!(Context, store))
    }

    pub(super) fn in_region(&mut self, flags: MemFlagsData, region: Region) -> MemFlagsData {
        let description = match region {
            Region::Memory => "memory",
            Region::Global => "global",
            Region::Table => "table",
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

    /// Builds instructions at the function's start.
    pub(super) fn at_entry<R>(&mut self, build: impl FnOnce(&mut FuncCursor<'_>, Value) -> R) -> R {
        let mut cursor = FuncCursor::new(self.builder.func).at_first_insertion_point(self.entry);
        cursor.set_srcloc(SourceLoc::default());
        build(&mut cursor, self.context)
    }

    /// Loads the address of a builtin, at the call: hoisted out of a loop, the address would occupy a register
    /// all through the loop.
    fn builtin_code(&mut self, builtin: usize) -> Value {
        let store = self.load_field(I64, self.context, offset_of!(Context, store));
        let builtins = self.load_field(I64, store, offset_of!(StoreContext, builtins));
        self.load_field(I64, builtins, builtin)
    }

    /// Calls a builtin that takes the context and 64-bit values. The result, if there is one, has type `result`.
    pub(super) fn builtin(&mut self, builtin: usize, arguments: &[Value], result: Option<Type>) -> Option<Value> {
        let code = self.builtin_code(builtin);
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.push(AbiParam::new(I64));
        signature.params.extend(arguments.iter().map(|_| AbiParam::new(I64)));
        signature.returns.extend(result.map(AbiParam::new));
        let signature = self.builder.import_signature(signature);
        let mut all = vec![self.context];
        all.extend(arguments);
        let call = self.builder.ins().call_indirect(signature, code, &all);
        result.map(|_| self.builder.inst_results(call)[0])
    }

    /// As [`Lowering::builtin`], for a builtin that can trap.
    pub(super) fn builtin_or_trap(&mut self, builtin: usize, arguments: &[Value]) {
        if let Some(status) = self.builtin(builtin, arguments, Some(I32)) {
            self.raise_unless_returned(status);
        }
    }

    /// Ends the activation if `status` is not `RETURNED`.
    pub(super) fn raise_unless_returned(&mut self, status: Value) {
        let (failed, next) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(failed);
        self.leave().brif(status, failed, [], next, []);
        self.go_on_in(failed);
        let raise = self.builtin_code(offset_of!(Builtins, raise));
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.push(AbiParam::new(I32));
        let signature = self.builder.import_signature(signature);
        self.builder.ins().call_indirect(signature, raise, &[status]);
        self.builder.ins().trap(user_trap(TrapCode::Unreachable));
        self.go_on_in(next);
    }

    /// The value that a builtin left in the store.
    pub(super) fn value_left(&mut self, ty: Type) -> Value {
        let store = self.store_context();
        self.load_field(ty, store, offset_of!(StoreContext, value))
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

/// Machine code compares a status with 0 to see whether the call returned.
const _: () = assert!(Status::RETURNED.0 == 0);
