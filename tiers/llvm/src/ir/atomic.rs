//! Atomic accesses to linear memories, all of them sequentially consistent.

use inkwell::AtomicOrdering::SequentiallyConsistent;
use inkwell::AtomicRMWBinOp;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValue, PointerValue};
use riser_lowering::{Order, Region};

use super::{Ir, Value, built};

impl<'c> Ir<'c> {
    /// A load of `bytes` bytes.
    pub(crate) fn atomic_load(
        &self,
        ty: BasicTypeEnum<'c>,
        at: PointerValue<'c>,
        bytes: u32,
        order: Order,
    ) -> Value<'c> {
        let value = self.load(ty, at, Region::Memory, order);
        let access = value.as_instruction_value().expect("a load is an instruction");
        access.set_alignment(bytes).expect("a power of two");
        access.set_atomic_ordering(SequentiallyConsistent).expect("an ordering of loads");
        value
    }

    /// A store of `bytes` bytes.
    pub(crate) fn atomic_store(&self, value: Value<'c>, at: PointerValue<'c>, bytes: u32, order: Order) {
        let access = built(self.builder.build_store(at, value));
        self.annotate_access(access, order);
        access.set_alignment(bytes).expect("a power of two");
        access.set_atomic_ordering(SequentiallyConsistent).expect("an ordering of stores");
    }

    /// Modifies a value in memory. Returns what it was.
    pub(crate) fn atomic_modify(
        &self,
        op: AtomicRMWBinOp,
        at: PointerValue<'c>,
        operand: Value<'c>,
        order: Order,
    ) -> Value<'c> {
        let value = built(self.builder.build_atomicrmw(op, at, operand.into_int_value(), SequentiallyConsistent));
        self.annotate_access(value.as_instruction().expect("it is an instruction"), order);
        value.into()
    }

    /// Replaces a value in memory if it is the one expected. Returns what it was.
    pub(crate) fn atomic_compare_exchange(
        &self,
        at: PointerValue<'c>,
        expected: Value<'c>,
        replacement: Value<'c>,
        order: Order,
    ) -> Value<'c> {
        let ordering = SequentiallyConsistent;
        let both = built(self.builder.build_cmpxchg(at, expected, replacement, ordering, ordering));
        self.annotate_access(both.as_instruction_value().expect("it is an instruction"), order);
        built(self.builder.build_extract_value(both, 0, ""))
    }

    /// Keeps accesses before it apart from those after it.
    pub(crate) fn fence(&self) {
        self.count();
        built(self.builder.build_fence(SequentiallyConsistent, false, ""));
    }
}
