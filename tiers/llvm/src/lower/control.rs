//! Labels, branches, metering.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::values::{InstructionOpcode, PointerValue};
use riser_lowering::runtime::{builtin_or_trap, halves};
use riser_lowering::{Order, Region};
use riser_tiers_core::native::Builtins;
use riser_tiers_core::{RED_ZONE_SLOTS, StoreContext};
use riser_translator::sink::{Label, Operand, Slot};
use riser_translator::{TrapCode, ValType};

use super::{Lowering, TakeOver};
use crate::ir::Value;
use crate::signature::slots;

/// LLVM makes a jump table for this many targets or more; fewer are compared one by one.
const MIN_TABLE: usize = 4;

impl<'c> Lowering<'_, 'c> {
    /// The block of a label.
    pub(super) fn block(&mut self, label: Label) -> BasicBlock<'c> {
        let at = label.0 as usize;
        if at >= self.labels.len() {
            self.labels.resize(at + 1, None);
        }
        *self.labels[at].get_or_insert_with(|| self.ir.block())
    }

    /// The block of a label, for a branch to it.
    pub(super) fn branch_target(&mut self, label: Label) -> BasicBlock<'c> {
        self.budget.branch(label);
        self.block(label)
    }

    /// Begins OSR code, which takes over the frame at `frame`. The code that follows, up to the loop, is unreachable.
    pub(super) fn begin_take_over(&mut self, frame: PointerValue<'c>) {
        let (block, before) = (self.ir.block(), self.ir.block());
        if let Some(take_over) = &mut self.take_over {
            (take_over.block, take_over.frame) = (Some(block), frame);
        }
        if self.results.len() > 1 {
            self.array = Some(frame);
        }
        self.ir.jump(block);
        self.go_on_in(before);
    }

    /// Begins a loop header. In OSR code for this loop, this is where slots of the frame become variables, on a second edge
    /// into the header. Only the locals and the operand stack are live, in their home slots.
    pub(super) fn enter_loop(&mut self, label: Label) {
        let Some(TakeOver { block: Some(block), frame, .. }) = self.take_over.filter(|it| it.offset == self.position)
        else {
            return;
        };
        self.found_loop = true;
        let header = self.block(label);
        if !self.ended {
            self.ir.jump(header);
        }
        self.go_on_in(block);
        self.here();
        self.begin_stack_check();
        let layout = self.frame;
        let locals: Vec<_> = slots(&self.locals).map(|(ty, index)| (layout.local(index), ty)).collect();
        let operands: Vec<_> = slots(&self.loop_operands).map(|(ty, height)| (layout.temp(height), ty)).collect();
        for (slot, ty) in locals.into_iter().chain(operands) {
            let value = self.load_field(self.value_type(ty), frame, slot.0 as usize * 8);
            self.set(slot, value);
        }
        // The code that follows, the loop itself, continues from here.
    }

    /// Returns values, which have the types of the function's results.
    pub(super) fn return_values(&mut self, values: &[Value<'c>]) {
        let Some(array) = self.array else {
            self.ir.ret(values.first().copied());
            return;
        };
        let types = std::mem::take(&mut self.results);
        self.store_slots(values, &types, array);
        self.results = types;
        self.ir.ret(None);
    }

    pub(super) fn conditional_branch(&mut self, cond: Operand, negate: bool, target: Label) {
        let cond = self.get(ValType::I32, cond);
        let target = self.branch_target(target);
        let next = self.ir.block();
        let (if_true, if_false) = if negate { (next, target) } else { (target, next) };
        let holds = self.ir.compare(IntPredicate::NE, cond, self.ir.i32(0));
        self.ir.branch(holds, if_true, if_false);
        self.go_on_in(next);
    }

    pub(super) fn table_branch(&mut self, index: Operand, targets: &[Label]) {
        let index = self.get(ValType::I32, index);
        let blocks: Vec<_> = targets.iter().map(|&label| self.branch_target(label)).collect();
        if self.body.spectre_guards && blocks.len() > MIN_TABLE {
            self.ir.guarded_switch(index, &blocks);
        } else {
            self.ir.switch(index, &blocks);
        }
        self.ended = true;
    }

    /// Charges fuel, or traps if less is left, with the fuel set to 0.
    pub(super) fn charge_fuel(&mut self, units: u32) {
        self.here();
        let store = self.store_context();
        let at = self.ir.field(store, offset_of!(StoreContext, fuel) as u64);
        let fuel = self.ir.load(self.ir.i64_type(), at, Region::Runtime, Order::Free);
        let units = self.ir.i64(units.into());
        let short = self.ir.compare(IntPredicate::ULT, fuel, units);
        let (out, next) = (self.ir.block(), self.ir.block());
        self.ir.branch(short, out, next);
        self.go_on_in(out);
        self.ir.store(self.ir.i64(0), at, Region::Runtime, Order::Kept);
        self.ir.trap(TrapCode::OutOfFuel);
        self.go_on_in(next);
        let left = self.ir.binary(InstructionOpcode::Sub, fuel, units);
        self.ir.store(left, at, Region::Runtime, Order::Kept);
    }

    /// Calls the poll builtin, with the canonical state, all that is live at a safepoint, on top of the value stack.
    fn show_frame(&mut self, store: PointerValue<'c>) {
        let base = self.load_field(self.ir.pointer_type(), store, offset_of!(StoreContext, stack_top));
        let base = base.into_pointer_value();
        self.check_room(store, base);
        let (frame, mut at) = (self.frame, 0);
        let (locals, operands) = (std::mem::take(&mut self.locals), std::mem::take(&mut self.loop_operands));
        let mut save = |this: &mut Self, slot: Slot, ty: ValType| {
            let value = this.get(ty, Operand::Temp(slot));
            this.store_slot(value, base, at);
            at += ty.slots();
        };
        let mut index = 0;
        for &ty in &locals {
            save(self, frame.local(index), ty);
            index += ty.slots();
        }
        let mut height = 0;
        for &ty in &operands {
            save(self, frame.temp(height), ty);
            height += ty.slots();
        }
        (self.locals, self.loop_operands) = (locals, operands);
        let position = if self.at_loop { self.poll_position } else { self.start };
        let site = halves(self, self.index, position);
        let base = self.ir.to_int(base);
        let [is_loop, locals, operands] =
            [u64::from(self.at_loop), u64::from(index), u64::from(height)].map(|value| self.ir.i64(value));
        builtin_or_trap(self, offset_of!(Builtins, poll), &[site, is_loop, base, locals, operands]);
    }

    /// Traps if the canonical state does not fit into the value stack at `base`. A few slots always fit, because of the red
    /// zone.
    fn check_room(&mut self, store: PointerValue<'c>, base: PointerValue<'c>) {
        let types = self.locals.iter().chain(&self.loop_operands);
        let slots: u32 = types.map(|ty| ty.slots()).sum();
        if slots as usize > RED_ZONE_SLOTS / 4 {
            let end = self.ir.field(base, u64::from(slots) * 8);
            let end = self.ir.to_int(end);
            let limit = self.load_field(self.ir.i64_type(), store, offset_of!(StoreContext, stack_limit));
            let beyond = self.ir.compare(IntPredicate::UGT, end, limit);
            self.trap_if(beyond, TrapCode::StackOverflow);
        }
    }

    /// Polls the interrupt flag.
    pub(super) fn poll_epoch(&mut self) {
        let store = self.store_context();
        let epoch = self.load_fixed(store, offset_of!(StoreContext, epoch));
        // Other threads write the epoch.
        let now = self.ir.load(self.ir.i64_type(), epoch, Region::Runtime, Order::Kept);
        let deadline = self.load_field(self.ir.i64_type(), store, offset_of!(StoreContext, epoch_deadline));
        let passed = self.ir.compare(IntPredicate::UGE, now, deadline);
        let (poll, next) = (self.ir.block(), self.ir.block());
        self.ir.branch(passed, poll, next);
        self.go_on_in(poll);
        self.show_frame(store);
        self.ir.jump(next);
        self.go_on_in(next);
    }
}
