//! Access to what is outside of the function: the context, the store, and the builtins.

use std::mem::offset_of;

use cranelift_codegen::ir::{AliasRegionData, GlobalValueData, InstBuilder, MemFlagsData, Type, Value, types::I64};
use riser_lowering::Region;
use riser_tiers_core::{Context, StoreContext};

use super::Lowering;
use super::vector::slot_flags;

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
        let store = self.load_field(I64, self.context, offset_of!(Context, store));
        let builtins = self.load_field(I64, store, offset_of!(StoreContext, builtins));
        self.load_field(I64, builtins, builtin)
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
