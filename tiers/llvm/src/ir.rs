//! LLVM's IR, with the properties that all instructions of this tier share.
//!
//! A thin layer over `inkwell`: values have no names, instructions cannot fail to be built (the builder is always in a block, and types are
//! those of validated code), and an access to memory says which kind of memory it accesses.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::basic_block::BasicBlock;
use inkwell::builder::{Builder, BuilderError};
use inkwell::context::Context as Llvm;
use inkwell::debug_info::{
    AsDIScope, DIFlags, DIFlagsConstants, DIScope, DWARFEmissionKind, DWARFSourceLanguage, DebugInfoBuilder,
};
use inkwell::intrinsics::Intrinsic;
use inkwell::llvm_sys::core::LLVMBuildFreeze;
use inkwell::module::{FlagBehavior, Module};
use inkwell::types::{AnyType, BasicType, BasicTypeEnum, FunctionType};
use inkwell::values::{
    AsValueRef, BasicMetadataValueEnum, BasicValue, BasicValueEnum, CallSiteValue, FunctionValue, GlobalValue,
    InstructionOpcode, InstructionValue, IntValue, LLVMTailCallKind, MetadataValue, PointerValue,
};
use inkwell::{AddressSpace, FloatPredicate, GlobalVisibility, IntPredicate};
use riser_lowering::{Order, Region};
use riser_tiers_core::MAX_UNCHECKED_FRAME;
use riser_translator::TrapCode;

use crate::OptLevel;
use crate::cost::Size;

mod atomic;
mod vector;

pub(crate) use vector::Lanes;

/// A value of a machine type.
pub(crate) type Value<'c> = BasicValueEnum<'c>;

/// The symbol of the module's table of entries, an address for each function that it defines.
pub(crate) const ENTRIES: &str = "entries";

/// The symbol that stands for the way in which LLVM's code handles exceptions. Nothing refers to it in the end.
const PERSONALITY: &str = "personality";

/// The alignment of values in memory that take more than one slot.
const SLOT_BYTES: u32 = 8;

/// LLVM's encoding of effects on memory that is inaccessible otherwise: two bits, reads and writes, for each kind of memory.
const INACCESSIBLE_MEMORY: u64 = 0b11 << 2;

/// LLVM's encoding of reads of memory that arguments point to.
const READ_ARGUMENTS: u64 = 0b01;

/// An LLVM module being built.
pub(crate) struct Ir<'c> {
    pub(crate) llvm: &'c Llvm,
    pub(crate) module: Module<'c>,
    /// The level of the machine code.
    pub(crate) level: OptLevel,
    builder: Builder<'c>,
    /// Builds at the function's start.
    entry_builder: Builder<'c>,
    debug_info: DebugInfoBuilder<'c>,
    /// The scope that positions refer to.
    scope: Option<DIScope<'c>>,
    entries: Option<GlobalValue<'c>>,
    /// Whether there is a call in a position other than tail position.
    pub(crate) makes_calls: Cell<bool>,
    /// The number of instructions built for the function, and of targets of its conditional branches.
    instructions: Cell<u32>,
    ways: Cell<u32>,
    /// The size of the largest completed block, and the instruction count at the start of the current one.
    largest_block: Cell<u32>,
    block_begin: Cell<u32>,
    /// Constant vectors, with their bits.
    vectors: RefCell<HashMap<Value<'c>, u128>>,
    regions: [MetadataValue<'c>; 4],
    nothing: MetadataValue<'c>,
    tbaa: u32,
    invariant: u32,
    no_merge: Attribute,
    /// Attribute of a call that preserves no registers besides the frame and stack pointers.
    no_preserved_registers: Attribute,
    /// Attributes of code that only computes.
    pure: [Attribute; 3],
    /// Attributes of code that has an effect, though none on memory that other code sees.
    unnoticed: [Attribute; 3],
    /// Attributes of code that only computes, from memory that its arguments point to.
    reads_arguments: [Attribute; 3],
    /// Attribute of an argument that points to 64 bits.
    points_to_word: Attribute,
}

/// Unwraps a result of the builder, which cannot fail here.
fn built<T>(result: Result<T, BuilderError>) -> T {
    result.expect("the builder is in a block and the types fit")
}

impl<'c> Ir<'c> {
    pub(crate) fn new(llvm: &'c Llvm, level: OptLevel) -> Ir<'c> {
        let module = llvm.create_module("wasm");
        let number = |value| llvm.i32_type().const_int(value, false);
        module.add_basic_value_flag("Debug Info Version", FlagBehavior::Warning, number(3));
        // The last DWARF version whose line tables refer to no other section.
        module.add_basic_value_flag("Dwarf Version", FlagBehavior::Warning, number(4));
        let (debug_info, _) = module.create_debug_info_builder(
            true,
            DWARFSourceLanguage::C,
            "wasm",
            "",
            "riser",
            true,
            "",
            0,
            "",
            DWARFEmissionKind::LineTablesOnly,
            0,
            false,
            false,
            "",
            "",
        );
        let root = llvm.metadata_node(&[llvm.metadata_string("riser").into()]);
        let zero = llvm.i64_type().const_zero();
        let regions = ["memory", "global", "table", "runtime"].map(|name| {
            let ty = llvm.metadata_node(&[llvm.metadata_string(name).into(), root.into(), zero.into()]);
            llvm.metadata_node(&[ty.into(), ty.into(), zero.into()])
        });
        let attribute = |name, value| llvm.create_enum_attribute(Attribute::get_named_enum_kind_id(name), value);
        Ir {
            llvm,
            level,
            builder: llvm.create_builder(),
            entry_builder: llvm.create_builder(),
            module,
            debug_info,
            scope: None,
            entries: None,
            makes_calls: Cell::new(false),
            instructions: Cell::new(0),
            ways: Cell::new(0),
            largest_block: Cell::new(0),
            block_begin: Cell::new(0),
            vectors: RefCell::default(),
            regions,
            nothing: llvm.metadata_node(&[]),
            tbaa: llvm.get_kind_id("tbaa"),
            invariant: llvm.get_kind_id("invariant.load"),
            no_merge: attribute("nomerge", 0),
            no_preserved_registers: llvm.create_string_attribute("no_callee_saved_registers", ""),
            pure: [attribute("memory", 0), attribute("nounwind", 0), attribute("willreturn", 0)],
            unnoticed: [attribute("memory", INACCESSIBLE_MEMORY), attribute("nounwind", 0), attribute("willreturn", 0)],
            reads_arguments: [
                attribute("memory", READ_ARGUMENTS),
                attribute("nounwind", 0),
                attribute("willreturn", 0),
            ],
            points_to_word: llvm.create_type_attribute(
                Attribute::get_named_enum_kind_id("elementtype"),
                llvm.i64_type().as_any_type_enum(),
            ),
        }
    }

    /// Removes a function from the module, complete or not.
    pub(crate) fn remove(&mut self, function: FunctionValue<'c>) {
        self.scope = None;
        // SAFETY: nothing else refers to the function: functions call each other through the table of entries, or themselves.
        unsafe { function.delete() };
    }

    /// The size of the function so far.
    pub(crate) fn size(&self) -> Size {
        let instructions = self.instructions.get();
        let largest_block = self.largest_block.get().max(instructions - self.block_begin.get());
        Size { instructions, ways: self.ways.get(), largest_block }
    }

    /// Records the size of the block that has been completed.
    fn end_block(&self) {
        let end = self.instructions.get();
        self.largest_block.set(self.largest_block.get().max(end - self.block_begin.replace(end)));
    }

    fn count(&self) {
        self.instructions.set(self.instructions.get() + 1);
    }

    /// Begins a function, which can be found by its name. `context_bytes` is the size of the memory that its first parameter points to.
    /// The builder is then in the function's first block.
    pub(crate) fn begin(&mut self, name: &str, ty: FunctionType<'c>, context_bytes: u64) -> FunctionValue<'c> {
        self.makes_calls.set(false);
        self.instructions.set(0);
        self.ways.set(0);
        self.largest_block.set(0);
        self.block_begin.set(0);
        let function = self.module.add_function(name, ty, None);
        // Gives the function sections of its own, for code and for jump tables.
        function.as_global_value().set_comdat(self.module.get_or_insert_comdat(name));
        // Unwinding follows frame pointers. LLVM's tail call optimisation would lose frames; and code that LLVM recognises as a function of
        // the C library would become a call of that.
        let largest_frame = MAX_UNCHECKED_FRAME.to_string();
        let strings = [
            ("frame-pointer", "all"),
            ("disable-tail-calls", "true"),
            ("no-builtins", ""),
            // Functions that LLVM warns of are declined.
            ("warn-stack-size", &largest_frame),
        ];
        for (key, value) in strings {
            function.add_attribute(AttributeLoc::Function, self.llvm.create_string_attribute(key, value));
        }
        for name in ["nounwind", "noinline"] {
            let kind = Attribute::get_named_enum_kind_id(name);
            function.add_attribute(AttributeLoc::Function, self.llvm.create_enum_attribute(kind, 0));
        }
        for (name, value) in [("nonnull", 0), ("dereferenceable", context_bytes)] {
            let kind = Attribute::get_named_enum_kind_id(name);
            function.add_attribute(AttributeLoc::Param(0), self.llvm.create_enum_attribute(kind, value));
        }
        let info = &self.debug_info;
        let file = info.create_file("wasm", "");
        let no_type = info.create_subroutine_type(file, None, &[], DIFlags::PUBLIC);
        let scope = info.create_function(
            file.as_debug_info_scope(),
            name,
            None,
            file,
            0,
            no_type,
            false,
            true,
            0,
            DIFlags::PUBLIC,
            true,
        );
        function.set_subprogram(scope);
        self.scope = Some(scope.as_debug_info_scope());
        let entry = self.llvm.append_basic_block(function, "");
        let body = self.llvm.append_basic_block(function, "");
        self.entry_builder.position_at_end(entry);
        let end = built(self.entry_builder.build_unconditional_branch(body));
        self.entry_builder.position_before(&end);
        self.builder.position_at_end(body);
        // Otherwise this would be the previous function's location.
        self.builder.unset_current_debug_location();
        function
    }

    /// Completes the module.
    pub(crate) fn finish(&self) {
        self.debug_info.finalize();
    }

    /// Sets the position of the instructions to come: the wasm operator at `offset`.
    pub(crate) fn position(&self, offset: u32) {
        let Some(scope) = self.scope else { return };
        self.builder
            .set_current_debug_location(self.debug_info.create_debug_location(self.llvm, offset, 0, scope, None));
    }

    /// Appends a block to the current function.
    pub(crate) fn block(&self) -> BasicBlock<'c> {
        self.llvm.append_basic_block(self.current_block().get_parent().expect("the block is in a function"), "")
    }

    /// The block that is being built.
    pub(crate) fn current_block(&self) -> BasicBlock<'c> {
        self.builder.get_insert_block().expect("in a function")
    }

    /// Continues building in another block.
    pub(crate) fn go_on_in(&self, block: BasicBlock<'c>) {
        self.end_block();
        self.builder.position_at_end(block);
    }

    pub(crate) fn pointer_type(&self) -> BasicTypeEnum<'c> {
        self.llvm.ptr_type(AddressSpace::default()).into()
    }

    pub(crate) fn i32_type(&self) -> BasicTypeEnum<'c> {
        self.llvm.i32_type().into()
    }

    pub(crate) fn i64_type(&self) -> BasicTypeEnum<'c> {
        self.llvm.i64_type().into()
    }

    pub(crate) fn i32(&self, value: u32) -> Value<'c> {
        self.llvm.i32_type().const_int(value.into(), false).into()
    }

    pub(crate) fn i64(&self, value: u64) -> Value<'c> {
        self.llvm.i64_type().const_int(value, false).into()
    }

    /// A constant of type `ty` with these bits.
    pub(crate) fn constant(&self, ty: BasicTypeEnum<'c>, bits: u64) -> Value<'c> {
        match ty {
            BasicTypeEnum::IntType(ty) => ty.const_int(bits, false).into(),
            BasicTypeEnum::FloatType(float) => {
                let int = if float == self.llvm.f32_type() { self.i32(bits as u32) } else { self.i64(bits) };
                built(self.builder.build_bit_cast(int, float, ""))
            }
            BasicTypeEnum::VectorType(_) => self.vector_constant(bits.into()),
            other => unreachable!("{other} is no type of wasm values"),
        }
    }

    pub(crate) fn binary(&self, op: InstructionOpcode, lhs: Value<'c>, rhs: Value<'c>) -> Value<'c> {
        self.count();
        built(self.builder.build_binop(op, lhs, rhs, ""))
    }

    pub(crate) fn cast(&self, op: InstructionOpcode, value: Value<'c>, ty: BasicTypeEnum<'c>) -> Value<'c> {
        self.count();
        built(self.builder.build_cast(op, value, ty, ""))
    }

    pub(crate) fn zext(&self, value: Value<'c>, ty: BasicTypeEnum<'c>) -> Value<'c> {
        self.cast(InstructionOpcode::ZExt, value, ty)
    }

    /// An integer, zero-extended to a type that it may have already.
    pub(crate) fn extended(&self, value: Value<'c>, ty: BasicTypeEnum<'c>) -> Value<'c> {
        if value.get_type() == ty { value } else { self.zext(value, ty) }
    }

    pub(crate) fn compare(&self, predicate: IntPredicate, lhs: Value<'c>, rhs: Value<'c>) -> IntValue<'c> {
        self.count();
        built(self.builder.build_int_compare(predicate, lhs.into_int_value(), rhs.into_int_value(), ""))
    }

    pub(crate) fn compare_floats(&self, predicate: FloatPredicate, lhs: Value<'c>, rhs: Value<'c>) -> IntValue<'c> {
        built(self.builder.build_float_compare(predicate, lhs.into_float_value(), rhs.into_float_value(), ""))
    }

    pub(crate) fn is_null(&self, pointer: PointerValue<'c>) -> IntValue<'c> {
        built(self.builder.build_is_null(pointer, ""))
    }

    pub(crate) fn or(&self, lhs: IntValue<'c>, rhs: IntValue<'c>) -> IntValue<'c> {
        built(self.builder.build_or(lhs, rhs, ""))
    }

    pub(crate) fn and(&self, lhs: IntValue<'c>, rhs: IntValue<'c>) -> IntValue<'c> {
        built(self.builder.build_and(lhs, rhs, ""))
    }

    pub(crate) fn select(&self, cond: IntValue<'c>, if_true: Value<'c>, if_false: Value<'c>) -> Value<'c> {
        built(self.builder.build_select(cond, if_true, if_false, ""))
    }

    pub(crate) fn to_int(&self, pointer: PointerValue<'c>) -> Value<'c> {
        built(self.builder.build_ptr_to_int(pointer, self.llvm.i64_type(), "")).into()
    }

    /// An address, given as a pointer or as an integer.
    pub(crate) fn to_pointer(&self, value: Value<'c>) -> PointerValue<'c> {
        match value {
            BasicValueEnum::PointerValue(pointer) => pointer,
            other => self.cast(InstructionOpcode::IntToPtr, other, self.pointer_type()).into_pointer_value(),
        }
    }

    fn add_bytes(&self, builder: &Builder<'c>, base: PointerValue<'c>, offset: Value<'c>) -> PointerValue<'c> {
        self.count();
        // SAFETY: builds an instruction that computes an address, and promises nothing of it.
        built(unsafe { builder.build_gep(self.llvm.i8_type(), base, &[offset.into_int_value()], "") })
    }

    /// The address `offset` bytes beyond `base`.
    pub(crate) fn offset(&self, base: PointerValue<'c>, offset: Value<'c>) -> PointerValue<'c> {
        self.add_bytes(&self.builder, base, offset)
    }

    /// The address a fixed number of bytes beyond `base`.
    pub(crate) fn field(&self, base: PointerValue<'c>, offset: u64) -> PointerValue<'c> {
        if offset == 0 { base } else { self.offset(base, self.i64(offset)) }
    }

    /// Annotates an access to a linear memory.
    fn annotate_access(&self, access: InstructionValue<'c>, order: Order) {
        self.count();
        access.set_metadata(self.regions[Region::Memory as usize], self.tbaa).expect("a node");
        access.set_volatile(order == Order::Kept).expect("an access");
    }

    fn annotate(&self, access: impl BasicValue<'c>, region: Region, order: Order) {
        self.count();
        let access = access.as_instruction_value().expect("a load is an instruction");
        access.set_metadata(self.regions[region as usize], self.tbaa).expect("a node");
        match order {
            Order::Free => {}
            Order::Fixed => access.set_metadata(self.nothing, self.invariant).expect("a node"),
            Order::Kept => access.set_volatile(true).expect("an access"),
        }
    }

    pub(crate) fn load(&self, ty: BasicTypeEnum<'c>, at: PointerValue<'c>, region: Region, order: Order) -> Value<'c> {
        let value = built(self.builder.build_load(ty, at, ""));
        self.annotate(value, region, order);
        if ty.is_vector_type() {
            let access = value.as_instruction_value().expect("a load is an instruction");
            access.set_alignment(SLOT_BYTES).expect("a power of two");
        }
        value
    }

    pub(crate) fn store(&self, value: Value<'c>, at: PointerValue<'c>, region: Region, order: Order) {
        self.count();
        let store = built(self.builder.build_store(at, value));
        if value.is_vector_value() {
            store.set_alignment(SLOT_BYTES).expect("a power of two");
        }
        store.set_metadata(self.regions[region as usize], self.tbaa).expect("a node");
        store.set_volatile(order == Order::Kept).expect("an access");
    }

    /// A load from a linear memory, of any alignment.
    pub(crate) fn load_unaligned(&self, ty: BasicTypeEnum<'c>, at: PointerValue<'c>, order: Order) -> Value<'c> {
        let value = self.load(ty, at, Region::Memory, order);
        let access = value.as_instruction_value().expect("a load is an instruction");
        access.set_alignment(1).expect("a power of two");
        value
    }

    /// A store to a linear memory, of any alignment.
    pub(crate) fn store_unaligned(&self, value: Value<'c>, at: PointerValue<'c>, order: Order) {
        let store = built(self.builder.build_store(at, value));
        self.annotate_access(store, order);
        store.set_alignment(1).expect("a power of two");
    }

    /// A pointer that never changes, loaded at the function's start through fields at these offsets.
    pub(crate) fn load_at_entry(&self, base: PointerValue<'c>, offsets: &[usize]) -> PointerValue<'c> {
        offsets.iter().fold(base, |base, &offset| {
            let at = self.add_bytes(&self.entry_builder, base, self.i64(offset as u64));
            let value = built(self.entry_builder.build_load(self.pointer_type(), at, ""));
            self.annotate(value, Region::Runtime, Order::Fixed);
            value.into_pointer_value()
        })
    }

    /// A variable of the function, until LLVM turns it into SSA values.
    pub(crate) fn variable(&self, ty: BasicTypeEnum<'c>) -> PointerValue<'c> {
        built(self.entry_builder.build_alloca(ty, ""))
    }

    pub(crate) fn get_variable(&self, ty: BasicTypeEnum<'c>, variable: PointerValue<'c>) -> Value<'c> {
        self.count();
        built(self.builder.build_load(ty, variable, ""))
    }

    pub(crate) fn set_variable(&self, variable: PointerValue<'c>, value: Value<'c>) {
        self.count();
        built(self.builder.build_store(variable, value));
    }

    /// An array of slots in the function's frame, whose size is set once it is known.
    pub(crate) fn array(&self) -> PointerValue<'c> {
        built(self.entry_builder.build_array_alloca(self.llvm.i64_type(), self.slot_count(1), ""))
    }

    /// Sets the number of slots of an array.
    pub(crate) fn resize_array(&self, array: PointerValue<'c>, slots: u32) {
        let alloca = array.as_instruction().expect("an array is an instruction");
        alloca.set_operand(0, self.slot_count(slots));
    }

    /// Has LLVM write down the place of an array in the function's frame, under a number; see [`crate::stack_map::copies`].
    pub(crate) fn record_place(&self, number: u64, array: PointerValue<'c>) {
        const RECORD: &str = "llvm.experimental.stackmap";
        // The place is to be a constant distance from the frame pointer.
        let function = self.current_block().get_parent().expect("the block is in a function");
        function.add_attribute(AttributeLoc::Function, self.llvm.create_string_attribute("no-realign-stack", ""));
        let (i64, i32) = (self.llvm.i64_type(), self.llvm.i32_type());
        let ty = self.llvm.void_type().fn_type(&[i64.into(), i32.into()], true);
        let record = self.module.get_function(RECORD).unwrap_or_else(|| self.module.add_function(RECORD, ty, None));
        let arguments = [i64.const_int(number, false).into(), i32.const_zero().into(), array.into()];
        built(self.entry_builder.build_call(record, &arguments, ""));
    }

    fn slot_count(&self, slots: u32) -> IntValue<'c> {
        self.llvm.i32_type().const_int(slots.into(), false)
    }

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

    /// The value, hidden from LLVM's analyses.
    pub(crate) fn opaque(&self, value: Value<'c>) -> Value<'c> {
        let (ty, constraints) = match value.get_type() {
            BasicTypeEnum::FloatType(ty) => (ty.fn_type(&[ty.into()], false), "=x,0"),
            BasicTypeEnum::IntType(ty) => (ty.fn_type(&[ty.into()], false), "=r,0"),
            BasicTypeEnum::VectorType(ty) => (ty.fn_type(&[ty.into()], false), "=x,0"),
            other => unreachable!("{other} is no type of wasm values"),
        };
        let nothing = self.llvm.create_inline_asm(ty, String::new(), constraints.to_owned(), false, false, None, false);
        let call = built(self.builder.build_indirect_call(ty, nothing, &[value.into()], ""));
        for attribute in self.pure {
            call.add_attribute(AttributeLoc::Function, attribute);
        }
        call.try_as_basic_value().unwrap_basic()
    }

    /// All ones if `value` is below `bound`, else zero, without a branch. The result is hidden from LLVM's analyses: after a check that
    /// `value` is below `bound`, LLVM would rely on the check, and so does a processor that speculates.
    pub(crate) fn if_below(&self, value: Value<'c>, bound: Value<'c>) -> Value<'c> {
        self.machine_code("cmpq $2, $1\n\tsbbq $0, $0", "=r,r,r,~{flags}", value, bound)
    }

    /// As [`Ir::if_below`], for a value that may also be equal to the bound.
    pub(crate) fn if_not_above(&self, value: Value<'c>, bound: Value<'c>) -> Value<'c> {
        // The carry flag is set if the bound is below the value.
        self.machine_code("cmpq $1, $2\n\tsbbq $0, $0\n\tnotq $0", "=r,r,r,~{flags}", value, bound)
    }

    /// Inline assembly that computes a value of the operands' type, and has no other effect.
    fn machine_code(&self, code: &str, constraints: &str, a: Value<'c>, b: Value<'c>) -> Value<'c> {
        let ty = a.get_type().into_int_type();
        let ty = ty.fn_type(&[ty.into(), ty.into()], false);
        let code = self.llvm.create_inline_asm(ty, code.to_owned(), constraints.to_owned(), false, false, None, false);
        let call = built(self.builder.build_indirect_call(ty, code, &[a.into(), b.into()], ""));
        for attribute in self.pure {
            call.add_attribute(AttributeLoc::Function, attribute);
        }
        call.try_as_basic_value().unwrap_basic()
    }

    /// A loaded value for its users: keeps the load from becoming an operand of the instruction that consumes it. Otherwise a fault would
    /// be at the consumer's position, or at none if LLVM separates the two again.
    ///
    /// A load of an integer that has two uses never becomes an operand. From a load into an `xmm` register, LLVM may make a load of several
    /// lanes, at the position of a user that wants them, and redirect all uses to that.
    pub(crate) fn loaded(&self, value: Value<'c>) -> Value<'c> {
        match self.level {
            OptLevel::O0 => self.freeze(value),
            OptLevel::O1 | OptLevel::O2 | OptLevel::O3 if value.is_int_value() => {
                self.observe(value);
                value
            }
            OptLevel::O1 | OptLevel::O2 | OptLevel::O3 => self.opaque(value),
        }
    }

    /// The value itself, in an instruction that neither SSA construction nor instruction selection at level 0 looks through. It is a move
    /// between registers.
    pub(crate) fn freeze(&self, value: Value<'c>) -> Value<'c> {
        self.count();
        // SAFETY: the builder is in a block, and the value in its function; what is built has the value's type.
        unsafe { Value::new(LLVMBuildFreeze(self.builder.as_mut_ptr(), value.as_value_ref(), c"".as_ptr())) }
    }

    /// Uses an integer, without emitting an instruction.
    fn observe(&self, value: Value<'c>) {
        let ty = self.llvm.void_type().fn_type(&[value.get_type().into()], false);
        let nothing = self.llvm.create_inline_asm(ty, String::new(), "r".to_owned(), true, false, None, false);
        let call = built(self.builder.build_indirect_call(ty, nothing, &[value.into()], ""));
        for attribute in self.unnoticed {
            call.add_attribute(AttributeLoc::Function, attribute);
        }
    }

    /// Whether the stack pointer is below the address at `limit`. The stack pointer is fixed from the first instruction after the prologue
    /// on.
    pub(crate) fn is_stack_below(&self, limit: PointerValue<'c>) -> IntValue<'c> {
        let ty = self.llvm.i8_type().fn_type(&[self.pointer_type().into()], false);
        let (code, operands) = ("cmpq $1, %rsp".to_owned(), "={@ccb},*m".to_owned());
        let compare = self.llvm.create_inline_asm(ty, code, operands, false, false, None, false);
        let call = built(self.builder.build_indirect_call(ty, compare, &[limit.into()], ""));
        call.add_attribute(AttributeLoc::Param(0), self.points_to_word);
        for attribute in self.reads_arguments {
            call.add_attribute(AttributeLoc::Function, attribute);
        }
        let below = call.try_as_basic_value().unwrap_basic().into_int_value();
        self.compare(IntPredicate::NE, below.into(), self.llvm.i8_type().const_zero().into())
    }

    /// The frame pointer.
    pub(crate) fn frame_pointer(&self) -> Value<'c> {
        let frame = self.intrinsic("llvm.frameaddress", &[self.pointer_type()], &[self.i32(0)]);
        self.to_int(frame.expect("it has a result").into_pointer_value())
    }

    pub(crate) fn jump(&self, target: BasicBlock<'c>) {
        built(self.builder.build_unconditional_branch(target));
    }

    pub(crate) fn branch(&self, cond: IntValue<'c>, if_true: BasicBlock<'c>, if_false: BasicBlock<'c>) {
        self.conditional(cond, if_true, if_false);
    }

    fn conditional(
        &self,
        cond: IntValue<'c>,
        if_true: BasicBlock<'c>,
        if_false: BasicBlock<'c>,
    ) -> InstructionValue<'c> {
        self.count();
        self.ways.set(self.ways.get() + 1);
        built(self.builder.build_conditional_branch(cond, if_true, if_false))
    }

    /// A branch whose condition is likely to hold, or not to: with the weights that Clang gives to `__builtin_expect`.
    pub(crate) fn weighted_branch(
        &self,
        cond: IntValue<'c>,
        if_true: BasicBlock<'c>,
        if_false: BasicBlock<'c>,
        is_likely: bool,
    ) {
        const LIKELY: u32 = 2000;
        const UNLIKELY: u32 = 1;
        let weights = if is_likely { [LIKELY, UNLIKELY] } else { [UNLIKELY, LIKELY] };
        let [holds, fails] = weights.map(|weight| self.i32(weight).into());
        let name = self.llvm.metadata_string("branch_weights").into();
        let node = self.llvm.metadata_node(&[name, holds, fails]);
        let branch = self.conditional(cond, if_true, if_false);
        let kind = self.llvm.get_kind_id("prof");
        branch.set_metadata(node, kind).unwrap_or_else(|_| unreachable!("a branch may have metadata"));
    }

    /// Branches to the target that `index` selects; greater indices select the last target.
    pub(crate) fn switch(&self, index: Value<'c>, targets: &[BasicBlock<'c>]) {
        let Some((&default, rest)) = targets.split_last() else { return };
        self.instructions.set(self.instructions.get() + targets.len() as u32);
        self.ways.set(self.ways.get() + targets.len() as u32);
        let case = |number: usize| self.i32(number as u32).into_int_value();
        let cases: Vec<_> = rest.iter().enumerate().map(|(number, &block)| (case(number), block)).collect();
        built(self.builder.build_switch(index.into_int_value(), default, &cases));
    }

    /// As [`Ir::switch`], with a mask after the check: the table is filled up to a power of two, so that the processor never reads beyond
    /// its end.
    ///
    /// The check stays. A conditional move could replace it, but then the branch would be missing from the history by which processors
    /// predict the jump.
    pub(crate) fn guarded_switch(&self, index: Value<'c>, targets: &[BasicBlock<'c>]) {
        let Some((&default, rest)) = targets.split_last() else { return };
        let bound = self.i32(rest.len() as u32);
        let (within, nowhere) = (self.block(), self.block());
        self.branch(self.compare(IntPredicate::ULT, index, bound), within, default);
        self.builder.position_at_end(within);
        let entries = rest.len().next_power_of_two();
        let index = self.zext(index, self.i64_type());
        let index = self.machine_code("andq $2, $0", "=r,0,i,~{flags}", index, self.i64(entries as u64 - 1));
        let case = |number: usize| self.i64(number as u64).into_int_value();
        let filled = rest.iter().copied().chain(std::iter::repeat(default)).take(entries);
        let cases: Vec<_> = filled.enumerate().map(|(number, block)| (case(number), block)).collect();
        built(self.builder.build_switch(index.into_int_value(), nowhere, &cases));
        self.builder.position_at_end(nowhere);
        self.unreachable();
    }

    pub(crate) fn ret(&self, value: Option<Value<'c>>) {
        built(self.builder.build_return(value.as_ref().map(|value| value as &dyn BasicValue<'c>)));
    }

    pub(crate) fn unreachable(&self) {
        built(self.builder.build_unreachable());
    }

    /// Emits the trapping instruction, which contains the trap's number; `object.rs` finds it in the code.
    pub(crate) fn trap(&self, code: TrapCode) {
        let intrinsic = Intrinsic::find("llvm.ubsantrap").and_then(|it| it.get_declaration(&self.module, &[]));
        let function = intrinsic.unwrap_or_else(|| unreachable!("LLVM 19 has it"));
        let number = self.llvm.i8_type().const_int(code as u64, false);
        let call = built(self.builder.build_call(function, &[number.into()], ""));
        call.add_attribute(AttributeLoc::Function, self.no_merge);
        self.unreachable();
    }

    /// The type of a builtin that takes the context and 64-bit values.
    pub(crate) fn builtin_type(&self, arguments: usize, result: Option<BasicTypeEnum<'c>>) -> FunctionType<'c> {
        let mut params = vec![self.pointer_type().into()];
        params.extend(std::iter::repeat_n(inkwell::types::BasicMetadataTypeEnum::from(self.i64_type()), arguments));
        match result {
            Some(ty) => ty.fn_type(&params, false),
            None => self.llvm.void_type().fn_type(&params, false),
        }
    }
}
