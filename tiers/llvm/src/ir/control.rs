//! The ends of blocks.

use inkwell::IntPredicate;
use inkwell::attributes::AttributeLoc;
use inkwell::basic_block::BasicBlock;
use inkwell::intrinsics::Intrinsic;
use inkwell::values::{BasicValue, InstructionValue, IntValue};
use riser_translator::TrapCode;

use super::{Ir, Value, built};

impl<'c> Ir<'c> {
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
}
