//! Labels, branches, metering.

use std::mem::offset_of;

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, JumpTableData, Value, types::I64};
use riser_lowering::Builder;
use riser_lowering::runtime::{builtin_or_trap, halves};
use riser_tiers_core::native::Builtins;
use riser_tiers_core::{RED_ZONE_SLOTS, StoreContext};
use riser_translator::sink::{Label, LabelKind, Operand, Slot};
use riser_translator::{TrapCode, ValType};

use super::{Lowering, value_type};
use crate::positions::user_trap;

impl Lowering<'_, '_> {
    /// The block of a label.
    pub(super) fn block(&mut self, label: Label) -> Block {
        let at = label.0 as usize;
        if at >= self.labels.len() {
            self.labels.resize(at + 1, None);
        }
        *self.labels[at].get_or_insert_with(|| self.builder.create_block())
    }

    /// The block of a label, for a branch to it.
    pub(super) fn branch_target(&mut self, label: Label) -> Block {
        self.budget.branch(label);
        self.block(label)
    }

    pub(super) fn bind_label(&mut self, label: Label, kind: LabelKind) {
        let block = self.block(label);
        if !self.ended {
            self.leave().jump(block, []);
        }
        self.builder.switch_to_block(block);
        self.last_load = None;
        self.forget_locals();
        self.budget.bind(label, kind);
        self.ended = false;
        // Branches to other labels come before the label, so its block is complete; a loop's block is sealed at the loop's end.
        if kind != LabelKind::Loop {
            self.builder.seal_block(block);
        }
    }

    /// Begins a loop header, whose safepoint has these operands. In OSR code for this loop, this is where slots of the frame become
    /// variables, on a second edge into the header. Only the locals and the operand stack are live, in their home slots.
    pub(super) fn enter_loop(&mut self, label: Label, operands: &mut dyn Iterator<Item = ValType>) {
        self.at_loop = true;
        self.poll_position = self.position;
        self.loop_operands.clear();
        let take_over = self.take_over.filter(|it| it.offset == self.position);
        if self.epoch || self.counters.is_some() || take_over.is_some() {
            self.loop_operands.extend(operands);
            self.budget.spend(self.locals.len() + self.loop_operands.len());
        }
        let Some(take_over) = take_over else { return };
        self.found_loop = true;
        let header = self.block(label);
        if !self.ended {
            self.leave().jump(header, []);
        }
        self.go_on_in(take_over.block);
        for (slot, ty) in self.canonical_slots().concat() {
            self.load_slot(take_over.frame, slot, ty);
        }
        // The code that follows, the loop itself, continues from here.
    }

    fn load_slot(&mut self, frame: Value, slot: Slot, ty: ValType) {
        let value = self.load_field(value_type(ty), frame, slot.0 as usize * 8);
        self.set(slot, value);
    }

    pub(super) fn conditional_branch(&mut self, cond: Operand, negate: bool, target: Label) {
        let cond = self.get(ValType::I32, cond);
        let target = self.branch_target(target);
        let next = self.builder.create_block();
        let (if_true, if_false) = if negate { (next, target) } else { (target, next) };
        self.leave().brif(cond, if_true, [], if_false, []);
        self.go_on_in(next);
    }

    pub(super) fn table_branch(&mut self, index: Operand, targets: &[Label]) {
        let index = self.get(ValType::I32, index);
        let blocks: Vec<Block> = targets.iter().map(|&label| self.branch_target(label)).collect();
        let Some((&default, rest)) = blocks.split_last() else { return };
        if rest.is_empty() {
            self.leave().jump(default, []);
        } else {
            let pool = &mut self.builder.func.dfg.value_lists;
            let mut call = |block: Block| cranelift_codegen::ir::BlockCall::new(block, [], pool);
            let default = call(default);
            let rest: Vec<_> = rest.iter().map(|&block| call(block)).collect();
            let table = self.builder.create_jump_table(JumpTableData::new(default, &rest));
            self.leave().br_table(index, table);
        }
        self.ended = true;
    }

    /// Charges fuel, or traps if less is left, with the fuel set to 0.
    pub(super) fn charge_fuel(&mut self, units: u32) {
        let store = self.store_context();
        let at = offset_of!(StoreContext, fuel);
        let fuel = self.load_field(I64, store, at);
        let units = self.builder.ins().iconst(I64, i64::from(units));
        let short = self.builder.ins().icmp(IntCC::UnsignedLessThan, fuel, units);
        let (out, next) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(out);
        self.leave().brif(short, out, [], next, []);
        self.go_on_in(out);
        // Reloaded, because cold blocks are at the function's end: the single-pass register allocator would keep a value that they use
        // allocated from here to there.
        let (none, store_again) = (self.builder.ins().iconst(I64, 0), self.store_context());
        self.store_field(none, store_again, at);
        self.builder.ins().trap(user_trap(TrapCode::OutOfFuel));
        self.go_on_in(next);
        let left = self.builder.ins().isub(fuel, units);
        self.store_field(left, store, at);
    }

    /// The slots of the canonical state at the last safepoint: the locals', and the operands'.
    fn canonical_slots(&self) -> [Vec<(Slot, ValType)>; 2] {
        let placed = |types: &[ValType], slot: &dyn Fn(u32) -> Slot| {
            let mut next = 0;
            let place = |&ty: &ValType| {
                let index = next;
                next += ty.slots();
                (slot(index), ty)
            };
            types.iter().map(place).collect()
        };
        let frame = self.frame;
        [placed(&self.locals, &|index| frame.local(index)), placed(&self.loop_operands, &|height| frame.temp(height))]
    }

    /// Saves the canonical state on top of the value stack, laid out like a frame of the register interpreter. Returns its address.
    pub(super) fn save_frame(&mut self, store: Value) -> Value {
        let slots = self.canonical_slots().concat();
        let base = self.load_field(I64, store, offset_of!(StoreContext, stack_top));
        let end = slots.iter().map(|(slot, ty)| slot.0 + ty.slots()).max();
        self.check_room(store, base, end.unwrap_or(0));
        for (slot, ty) in slots {
            self.save_slot(slot, ty, base, slot.0);
        }
        base
    }

    /// Calls the poll builtin, with the canonical state on top of the value stack, slot after slot.
    fn show_frame(&mut self, store: Value) {
        let [locals, operands] = self.canonical_slots();
        let count = |slots: &[(Slot, ValType)]| slots.iter().map(|(_, ty)| ty.slots()).sum::<u32>();
        let counts = [count(&locals), count(&operands)];
        let base = self.load_field(I64, store, offset_of!(StoreContext, stack_top));
        self.check_room(store, base, counts.iter().sum());
        let mut at = 0;
        for (slot, ty) in locals.into_iter().chain(operands) {
            self.save_slot(slot, ty, base, at);
            at += ty.slots();
        }
        let position = if self.at_loop { self.poll_position } else { self.start };
        let site = halves(self, self.index, position);
        let constants = [u32::from(self.at_loop), counts[0], counts[1]];
        let [is_loop, locals, operands] = constants.map(|value| self.builder.ins().iconst(I64, i64::from(value)));
        builtin_or_trap(self, offset_of!(Builtins, poll), &[site, is_loop, base, locals, operands]);
    }

    /// Stores a slot's value in slot number `at` from `base` on.
    fn save_slot(&mut self, slot: Slot, ty: ValType, base: Value, at: u32) {
        let value = self.get(ty, Operand::Temp(slot));
        let value = self.slot_bits(value);
        self.store_field(value, base, at as usize * 8);
    }

    /// Traps if `slots` slots do not fit into the value stack at `base`. A few always fit, because of the red zone.
    fn check_room(&mut self, store: Value, base: Value, slots: u32) {
        if slots as usize > RED_ZONE_SLOTS / 4 {
            let bytes = self.builder.ins().iconst(I64, i64::from(slots) * 8);
            let end = self.builder.ins().iadd(base, bytes);
            let limit = self.load_field(I64, store, offset_of!(StoreContext, stack_limit));
            let beyond = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
            self.builder.ins().trapnz(beyond, user_trap(TrapCode::StackOverflow));
        }
    }

    /// Polls the interrupt flag.
    pub(super) fn poll_epoch(&mut self) {
        let store = self.store_context();
        let epoch = self.load_fixed(I64, store, offset_of!(StoreContext, epoch));
        let now = self.load_field(I64, epoch, 0);
        let deadline = self.load_field(I64, store, offset_of!(StoreContext, epoch_deadline));
        let passed = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, now, deadline);
        let (poll, next) = (self.builder.create_block(), self.builder.create_block());
        self.builder.set_cold_block(poll);
        self.leave().brif(passed, poll, [], next, []);
        self.go_on_in(poll);
        // Reloaded, as in `charge_fuel`.
        let store_again = self.store_context();
        self.show_frame(store_again);
        self.leave().jump(next, []);
        self.go_on_in(next);
    }
}
