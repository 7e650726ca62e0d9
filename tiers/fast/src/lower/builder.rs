//! The primitives of the sequences that compiling tiers share.

use std::mem::offset_of;

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, Block, BlockCall, InstBuilder, InstructionData, JumpTableData, MemFlagsData, Opcode, Signature,
    SourceLoc, Type, Value,
    types::{F32, I32, I64},
};
use cranelift_codegen::isa::CallConv;
use riser_lowering::runtime::store_context;
use riser_lowering::{Body, Builder, Order, Region};
use riser_tiers_core::native::Builtins;
use riser_translator::module::ModuleInfo;
use riser_translator::ops::IntCompareOp;
use riser_translator::sink::{Operand, Slot};
use riser_translator::{TrapCode, ValType};

use super::Lowering;
use super::call::Code;
use super::int::condition;
use crate::positions::user_trap;
use crate::signature::{slot_flags, store_slots, value_type};

impl Lowering<'_, '_> {
    /// The flags of an access to a value of type `ty`. Cranelift keeps stores, and accesses in order with calls, so
    /// [`Order::Kept`] needs no flag. For loads, see `load`.
    fn flags(&mut self, ty: Type, region: Region, order: Order) -> MemFlagsData {
        let flags = match order {
            Order::Free | Order::Kept => slot_flags(ty),
            Order::Fixed => slot_flags(ty).with_readonly().with_can_move(),
        };
        self.in_region(flags, region)
    }
}

impl Builder for Lowering<'_, '_> {
    type Value = Value;
    type Address = Value;
    type Block = Block;
    type Condition = Value;
    /// Whether the access is out of bounds.
    type Guard = Value;

    fn module(&self) -> &ModuleInfo {
        self.module
    }

    fn body(&mut self) -> &mut Body<Value, Block> {
        &mut self.body
    }

    fn context(&self) -> Value {
        self.context
    }

    fn get(&mut self, ty: ValType, operand: Operand) -> Value {
        Lowering::get(self, ty, operand)
    }

    fn set(&mut self, slot: Slot, value: Value) {
        Lowering::set(self, slot, value);
    }

    fn i64(&mut self, value: u64) -> Value {
        self.builder.ins().iconst(I64, value as i64)
    }

    fn extend(&mut self, value: Value) -> Value {
        self.builder.ins().uextend(I64, value)
    }

    fn wrap(&mut self, value: Value) -> Value {
        self.builder.ins().ireduce(I32, value)
    }

    fn slot_bits(&mut self, value: Value) -> Value {
        match self.type_of(value) {
            I32 => self.extend(value),
            F32 => {
                let bits = self.builder.ins().bitcast(I32, MemFlagsData::new(), value);
                self.extend(bits)
            }
            _ => value,
        }
    }

    fn subtract(&mut self, lhs: Value, rhs: Value) -> Value {
        self.builder.ins().isub(lhs, rhs)
    }

    fn take_off(&mut self, value: Value, amount: u64) -> (Value, Value) {
        let amount_value = self.i64(amount);
        let left = self.subtract(value, amount_value);
        // One register for both: what was there is not needed to see that it was less.
        let most = self.i64(u64::MAX - amount);
        (left, self.compare(IntCompareOp::I64GtU, left, most))
    }

    fn low_bits(&mut self, value: Value, bits: u32) -> Value {
        let mask = self.i64((1 << bits) - 1);
        self.builder.ins().band(value, mask)
    }

    fn shift_right(&mut self, value: Value, bits: u32) -> Value {
        let bits = self.i64(bits.into());
        self.builder.ins().ushr(value, bits)
    }

    fn compare(&mut self, op: IntCompareOp, lhs: Value, rhs: Value) -> Value {
        self.builder.ins().icmp(condition(op), lhs, rhs)
    }

    /// Cranelift's branches and selections take any integer.
    fn is_true(&mut self, value: Value) -> Value {
        value
    }

    fn flag(&mut self, condition: Value) -> Value {
        self.builder.ins().uextend(I32, condition)
    }

    fn address_bits(&mut self, address: Value) -> Value {
        address
    }

    fn add_bytes(&mut self, base: Value, bytes: u64) -> Value {
        let bytes = self.i64(bytes);
        self.builder.ins().iadd(base, bytes)
    }

    fn item(&mut self, array: Value, index: Value) -> Value {
        let three = self.i64(3);
        let offset = self.builder.ins().ishl(index, three);
        self.builder.ins().iadd(array, offset)
    }

    fn load(&mut self, ty: ValType, base: Value, offset: usize, region: Region, order: Order) -> Value {
        let ty = value_type(ty);
        let flags = self.flags(ty, region, order);
        if order == Order::Kept {
            // Other threads write there: what an earlier load has read, even one before a loop, does not stand for this one.
            self.builder.ins().sequence_point();
        }
        self.builder.ins().load(ty, flags, base, offset as i32)
    }

    fn load_address(&mut self, base: Value, offset: usize, region: Region, order: Order) -> Value {
        self.load(ValType::I64, base, offset, region, order)
    }

    fn store(&mut self, value: Value, base: Value, offset: usize, region: Region, order: Order) {
        let flags = self.flags(self.type_of(value), region, order);
        self.builder.ins().store(flags, value, base, offset as i32);
    }

    fn store_address(&mut self, address: Value, base: Value, offset: usize) {
        self.store(address, base, offset, Region::Runtime, Order::Free);
    }

    fn load_at_entry(&mut self, path: &[usize]) -> Value {
        let flags = self.flags(I64, Region::Runtime, Order::Fixed);
        let mut cursor = FuncCursor::new(self.builder.func).at_first_insertion_point(self.entry);
        cursor.set_srcloc(SourceLoc::default());
        path.iter().fold(self.context, |base, &offset| cursor.ins().load(I64, flags, base, offset as i32))
    }

    /// Cold blocks are at the function's end: the single-pass register allocator would keep a value that they use allocated
    /// from here to there.
    fn store_context_again(&mut self, _store: Value) -> Value {
        store_context(self)
    }

    fn trap(&mut self, code: TrapCode) {
        self.builder.ins().trap(user_trap(code));
    }

    fn trap_if(&mut self, condition: Value, code: TrapCode) {
        self.builder.ins().trapnz(condition, user_trap(code));
    }

    /// An access to a field of null, which is address 0, faults.
    fn check_null(&mut self, _reference: Value, _code: TrapCode) {}

    fn load_checked(&mut self, ty: ValType, reference: Value, offset: usize, code: TrapCode) -> Value {
        let flags = MemFlagsData::trusted().with_trap_code(Some(user_trap(code)));
        self.builder.ins().load(value_type(ty), flags, reference, offset as i32)
    }

    fn guard_index(&mut self, index: Value, _len: Value, beyond: Value) -> Value {
        let first = self.i64(0);
        self.builder.ins().select_spectre_guard(beyond, first, index)
    }

    fn check_access(&mut self, addr: Value, last: Value, len: Value, may_wrap: bool) -> Option<Value> {
        let out_of_bounds = user_trap(TrapCode::MemoryOutOfBounds);
        let end = if may_wrap {
            self.builder.ins().uadd_overflow_trap(addr, last, out_of_bounds)
        } else {
            self.builder.ins().iadd(addr, last)
        };
        let beyond = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, end, len);
        self.builder.ins().trapnz(beyond, out_of_bounds);
        if !self.body.spectre_guards {
            return None;
        }
        // If the sum has wrapped, the code has trapped, or this is speculation past the trap.
        let wraps = may_wrap.then(|| self.builder.ins().icmp(IntCC::UnsignedLessThan, end, addr));
        Some(wraps.map_or(beyond, |wraps| self.builder.ins().bor(beyond, wraps)))
    }

    fn builtin(&mut self, builtin: usize, arguments: &[Value], result: Option<ValType>) -> Option<Value> {
        let call = self.call_builtin(CallConv::SystemV, builtin, arguments, result);
        result.map(|_| self.builder.inst_results(call)[0])
    }

    fn preserving_builtin(&mut self, builtin: usize, arguments: &[Value]) {
        self.call_builtin(CallConv::PreserveAll, builtin, arguments, None);
    }

    fn raise(&mut self, status: Value, landing: Option<Block>) {
        let raise = self.builtin_code(offset_of!(Builtins, raise));
        // It does not return, and a status is in the same register in either convention. To Cranelift, a call preserves registers on its
        // edge for exceptions unless it is in this one; the unwinder preserves none.
        let convention = if landing.is_some() { CallConv::Tail } else { CallConv::SystemV };
        let mut signature = Signature::new(convention);
        signature.params.push(AbiParam::new(I32));
        let signature = self.builder.import_signature(signature);
        self.call_code(Code::At(signature, raise), &[status], landing);
        self.trap(TrapCode::Unreachable);
    }

    fn pass_on(&mut self) {
        let pass_on = self.builtin_code(offset_of!(Builtins, pass_on));
        let signature = self.builder.import_signature(Signature::new(CallConv::SystemV));
        self.call_code(Code::At(signature, pass_on), &[], None);
        self.trap(TrapCode::Unreachable);
    }

    fn keep(&mut self, values: &[(Slot, Value)]) {
        self.store_copy(values);
    }

    fn block(&mut self) -> Block {
        self.builder.create_block()
    }

    fn rare_block(&mut self) -> Block {
        let block = self.builder.create_block();
        self.set_rare(block);
        block
    }

    /// An edge for exceptions may lead anywhere.
    fn landing(&mut self, dispatch: Block) -> Block {
        dispatch
    }

    fn go_on_in(&mut self, block: Block) {
        Lowering::go_on_in(self, block);
    }

    fn jump(&mut self, block: Block) {
        self.leave().jump(block, []);
    }

    /// Cranelift's SSA builder does not learn of this edge. So it looks for slots on the usual way only, and makes no block parameter for
    /// each slot at each safepoint, only to find that both edges pass the same value.
    fn rejoin(&mut self, block: Block) {
        let end = self.leave().trap(user_trap(TrapCode::Unreachable));
        let dfg = &mut self.builder.func.dfg;
        let destination = BlockCall::new(block, [], &mut dfg.value_lists);
        dfg.insts[end] = InstructionData::Jump { opcode: Opcode::Jump, destination };
    }

    fn branch(&mut self, condition: Value, if_true: Block, if_false: Block) {
        self.leave().brif(condition, if_true, [], if_false, []);
    }

    /// Cranelift puts the second successor behind the branch, and the first one behind all that follows the second, unless that leads to
    /// it. So `next` comes last of all where it ends in a jump back. A [rare block](Builder::rare_block) that may not come last is not cold.
    fn branch_unless(&mut self, condition: Value, target: Block, next: Block, _is_likely: Option<bool>) {
        if self.builder.func.layout.is_cold(next) || self.may_come_last() {
            self.branch(condition, next, target);
        } else {
            let condition = self.builder.ins().icmp_imm_s(IntCC::Equal, condition, 0);
            self.branch(condition, target, next);
        }
    }

    /// Cranelift knows no likelihoods, only blocks that are rarely reached.
    fn hinted_branch(&mut self, condition: Value, if_true: Block, if_false: Block, _is_likely: Option<bool>) {
        self.branch(condition, if_true, if_false);
    }

    fn switch(&mut self, index: Value, targets: &[Block]) {
        let Some((&default, rest)) = targets.split_last() else { return };
        if rest.is_empty() {
            self.jump(default);
            return;
        }
        let pool = &mut self.builder.func.dfg.value_lists;
        let mut call = |block: Block| BlockCall::new(block, [], pool);
        let default = call(default);
        let rest: Vec<_> = rest.iter().map(|&block| call(block)).collect();
        let table = self.builder.create_jump_table(JumpTableData::new(default, &rest));
        self.leave().br_table(index, table);
    }

    fn return_values(&mut self, values: &[Value]) {
        match self.result_array {
            Some(array) => {
                store_slots(&mut self.builder, &self.body.results, values, array);
                self.builder.ins().return_(&[]);
            }
            None => {
                self.builder.ins().return_(values);
            }
        }
    }
}
