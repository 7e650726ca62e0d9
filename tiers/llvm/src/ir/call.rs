//! Calls.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::basic_block::BasicBlock;
use inkwell::intrinsics::Intrinsic;
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum, FunctionType};
use inkwell::values::{
    BasicMetadataValueEnum, CallSiteValue, InstructionOpcode, IntValue, LLVMTailCallKind, PointerValue,
};
use inkwell::{AddressSpace, GlobalVisibility};
use riser_lowering::{Order, Region};

use super::{ENTRIES, Ir, Value, built};

/// The symbol that stands for the way in which LLVM's code handles exceptions. Nothing refers to it in the end.
const PERSONALITY: &str = "personality";

impl<'c> Ir<'c> {
    /// The entry of a function of the module, by its 64-bit index among those that are defined.
    pub(crate) fn entry_of(&mut self, defined: Value<'c>) -> PointerValue<'c> {
        let entries = *self.entries.get_or_insert_with(|| {
            let pointer = self.llvm.ptr_type(AddressSpace::default());
            let entries = self.module.add_global(pointer.array_type(0), None, ENTRIES);
            // Within reach of a displacement.
            entries.set_visibility(GlobalVisibility::Hidden);
            entries
        });
        let offset = self.binary(InstructionOpcode::Shl, defined, self.i64(3));
        let at = self.offset(entries.as_pointer_value(), offset);
        self.load(self.pointer_type(), at, Region::Runtime, Order::Free).into_pointer_value()
    }

    fn call(
        &self,
        ty: FunctionType<'c>,
        code: PointerValue<'c>,
        arguments: &[Value<'c>],
        landing: Option<BasicBlock<'c>>,
    ) -> CallSiteValue<'c> {
        self.makes_calls.set(true);
        let Some(landing) = landing else { return self.build_call(ty, code, arguments) };
        self.instructions.set(self.instructions.get() + 1 + arguments.len() as u32);
        self.ways.set(self.ways.get() + 1);
        let next = self.block();
        let call = built(self.builder.build_indirect_invoke(ty, code, arguments, next, landing, ""));
        call.add_attribute(AttributeLoc::Function, self.no_merge);
        call.add_attribute(AttributeLoc::Function, self.no_preserved_registers);
        self.go_on_in(next);
        call
    }

    /// Makes a block for a call to go on in that ends in an exception; `dispatch` is the block after it.
    ///
    /// Each call has a block of its own. What LLVM copies on the way to `dispatch`, such as constants that are values of locals there, it
    /// copies in that block; it has no place on an edge that several calls share, and would do it in front of each call.
    ///
    /// The unwinder restores the frame and stack pointers only, so a call that may go on here preserves no other register: what is live
    /// afterwards is in the frame ([`crate::unwind`]).
    pub(crate) fn landing(&self, dispatch: BasicBlock<'c>) -> BasicBlock<'c> {
        let here = self.current_block();
        let function = here.get_parent().expect("the block is in a function");
        // LLVM would make a plain call of a call of the function itself.
        function.remove_enum_attribute(AttributeLoc::Function, Attribute::get_named_enum_kind_id("nounwind"));
        // The distance between stack pointer and frame pointer is to be a constant.
        function.add_attribute(AttributeLoc::Function, self.llvm.create_string_attribute("no-realign-stack", ""));
        let personality = self
            .module
            .get_function(PERSONALITY)
            .unwrap_or_else(|| self.module.add_function(PERSONALITY, self.llvm.void_type().fn_type(&[], false), None));
        function.set_personality_function(personality);
        let landing = self.block();
        self.builder.position_at_end(landing);
        let registers = self.llvm.struct_type(&[self.pointer_type(), self.i32_type()], false);
        built(self.builder.build_landing_pad(registers, personality, &[], true, ""));
        self.jump(dispatch);
        self.builder.position_at_end(here);
        landing
    }

    fn build_call(&self, ty: FunctionType<'c>, code: PointerValue<'c>, arguments: &[Value<'c>]) -> CallSiteValue<'c> {
        self.instructions.set(self.instructions.get() + 1 + arguments.len() as u32);
        let arguments: Vec<BasicMetadataValueEnum<'c>> = arguments.iter().map(|&it| it.into()).collect();
        let call = built(self.builder.build_indirect_call(ty, code, &arguments, ""));
        // Calls at different positions are never merged.
        call.add_attribute(AttributeLoc::Function, self.no_merge);
        call
    }

    /// Calls code in the System V convention. If the call ends in an exception, `landing` is next, if there is such a block.
    pub(crate) fn call_code(
        &self,
        ty: FunctionType<'c>,
        code: PointerValue<'c>,
        arguments: &[Value<'c>],
        landing: Option<BasicBlock<'c>>,
    ) -> Option<Value<'c>> {
        self.call(ty, code, arguments, landing).try_as_basic_value().basic()
    }

    /// Calls code that preserves all general registers, which LLVM has as the convention `preserve_most`.
    pub(crate) fn call_preserving(&self, ty: FunctionType<'c>, code: PointerValue<'c>, arguments: &[Value<'c>]) {
        const PRESERVE_MOST: u32 = 14;
        self.call(ty, code, arguments, None).set_call_convention(PRESERVE_MOST);
    }

    /// Tail-calls code in place of the function; `ty` is the type of both.
    pub(crate) fn tail_call(&self, ty: FunctionType<'c>, code: PointerValue<'c>, arguments: &[Value<'c>]) {
        let call = self.build_call(ty, code, arguments);
        call.set_tail_call_kind(LLVMTailCallKind::LLVMTailCallKindMustTail);
        self.ret(call.try_as_basic_value().basic());
    }

    /// The difference of 64-bit integers, and whether the first was less. As a subtraction and a comparison, code generation would make one of
    /// them, and look at the whole function again for each.
    pub(crate) fn subtract_with_borrow(&self, lhs: Value<'c>, rhs: Value<'c>) -> (Value<'c>, IntValue<'c>) {
        let both = self.intrinsic("llvm.usub.with.overflow", &[lhs.get_type()], &[lhs, rhs]);
        let both = both.expect("it has a result").into_struct_value();
        self.count();
        let part = |index| built(self.builder.build_extract_value(both, index, ""));
        (part(0), part(1).into_int_value())
    }

    /// Calls an intrinsic of LLVM, for the given types.
    pub(crate) fn intrinsic(
        &self,
        name: &str,
        types: &[BasicTypeEnum<'c>],
        arguments: &[Value<'c>],
    ) -> Option<Value<'c>> {
        let intrinsic = Intrinsic::find(name).and_then(|it| it.get_declaration(&self.module, types));
        let function = intrinsic.unwrap_or_else(|| unreachable!("LLVM 19 has {name}"));
        let arguments: Vec<BasicMetadataValueEnum<'c>> = arguments.iter().map(|&it| it.into()).collect();
        built(self.builder.build_call(function, &arguments, "")).try_as_basic_value().basic()
    }

    /// The type of a builtin that takes the context and 64-bit values.
    pub(crate) fn builtin_type(&self, arguments: usize, result: Option<BasicTypeEnum<'c>>) -> FunctionType<'c> {
        let mut params = vec![self.pointer_type().into()];
        params.extend(std::iter::repeat_n(BasicMetadataTypeEnum::from(self.i64_type()), arguments));
        match result {
            Some(ty) => ty.fn_type(&params, false),
            None => self.llvm.void_type().fn_type(&params, false),
        }
    }
}
