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
use inkwell::module::{FlagBehavior, Module};
use inkwell::types::{AnyType, BasicTypeEnum, FunctionType};
use inkwell::values::{
    BasicValueEnum, FunctionValue, GlobalValue, InstructionOpcode, IntValue, MetadataValue, PointerValue,
};
use inkwell::{AddressSpace, FloatPredicate, IntPredicate};
use riser_tiers_core::MAX_UNCHECKED_FRAME;

use crate::OptLevel;
use crate::cost::Size;

mod assembly;
mod atomic;
mod call;
mod control;
mod memory;
mod vector;

pub(crate) use vector::Lanes;

/// A value of a machine type.
pub(crate) type Value<'c> = BasicValueEnum<'c>;

/// The symbol of the module's table of entries, an address for each function that it defines.
pub(crate) const ENTRIES: &str = "entries";

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
    /// The number of its loops.
    loops: Cell<u32>,
    /// The number of its blocks, and of its variables that are set in several.
    blocks: Cell<u32>,
    variables: Cell<u32>,
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
            loops: Cell::new(0),
            blocks: Cell::new(0),
            variables: Cell::new(0),
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
        let [ways, loops, blocks, variables] =
            [&self.ways, &self.loops, &self.blocks, &self.variables].map(|count| count.get());
        Size { instructions, ways, loops, largest_block, blocks, variables }
    }

    /// Counts a variable of the function that is set in several blocks.
    pub(crate) fn count_variable(&self) {
        self.variables.set(self.variables.get() + 1);
    }

    /// Counts a loop of the function.
    pub(crate) fn begin_loop(&self) {
        self.loops.set(self.loops.get() + 1);
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
        self.loops.set(0);
        self.blocks.set(0);
        self.variables.set(0);
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
        self.blocks.set(self.blocks.get() + 1);
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
}
