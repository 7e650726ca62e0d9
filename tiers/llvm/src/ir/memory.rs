//! Addresses, accesses to memory, and the variables and arrays of a function's frame.

use inkwell::attributes::AttributeLoc;
use inkwell::builder::Builder;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValue, BasicValueEnum, InstructionOpcode, InstructionValue, IntValue, PointerValue};
use riser_lowering::{Order, Region};

use super::{Ir, Value, built};

/// The alignment of values in memory that take more than one slot.
const SLOT_BYTES: u32 = 8;

impl<'c> Ir<'c> {
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
    pub(super) fn annotate_access(&self, access: InstructionValue<'c>, order: Order) {
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
}
