//! The sink: lowers the function as the translator reports it. Longer operators are in the files of their
//! chapters.

use cranelift_codegen::ir::{InstBuilder, SourceLoc};
use cranelift_codegen::settings::RegallocAlgorithm;
use riser_lowering::control::{block_of, set_locals};
use riser_translator::ops::{BinaryOp, BinarySection, LoadOp, StoreOp, UnaryOp, WideOp};
use riser_translator::sink::{
    Callee, Catch, ExceptionSink, Family, FamilySink, FuncHeader, Label, LabelKind, LiveAtCall, Operand, Scope, Sink,
    Slot,
};
use riser_translator::{
    DataIndex, ElemIndex, FuncIndex, FuncType, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TrapCode, ValType,
};

use super::Lowering;
use crate::positions::user_trap;
use crate::signature::{loop_signature, native_signature, results_in_array};

impl FamilySink for Lowering<'_, '_> {
    fn lacks(&mut self, family: Family) {
        unreachable!("{} are lowered", family.name());
    }
}

impl ExceptionSink for Lowering<'_, '_> {
    riser_lowering::shared_exceptions!();
}

impl Sink for Lowering<'_, '_> {
    fn begin(&mut self, header: &FuncHeader<'_>) {
        self.body.begin(header);
        if self.gives_up() {
            return;
        }
        self.builder.func.signature = match self.take_over {
            None => native_signature(header.ty),
            Some(_) => loop_signature(header.ty.results()),
        };
        self.check_stack();
        self.builder.append_block_params_for_function_params(self.entry);
        self.go_on_in(self.entry);
        let parameters = self.builder.block_params(self.entry).to_vec();
        self.context = parameters[0];
        let mut parameters = &parameters[1..];
        if results_in_array(header.ty.results()) {
            self.result_array = Some(parameters[0]);
            parameters = &parameters[1..];
        }
        if self.isa.flags().regalloc_algorithm() == RegallocAlgorithm::SinglePass {
            self.declare_homes(header.frame, header.locals);
        }
        if let Some(take_over) = &mut self.take_over {
            take_over.frame = parameters[0];
            parameters = &[];
            self.builder.ins().jump(take_over.block, []);
            // The code before the loop, which is unreachable.
            let before = self.builder.create_block();
            self.go_on_in(before);
        }
        set_locals(self, header, parameters);
        if self.take_over.is_none() {
            self.count_call(header.ty);
        }
    }

    fn end(&mut self, _max_temps: u32) {}

    fn gives_up(&self) -> bool {
        self.too_many_slots || self.body.budget.is_exceeded()
    }

    fn position(&mut self, offset: u32) {
        if self.body.start == 0 {
            self.body.start = offset;
        }
        self.body.position = offset;
        self.builder.set_srcloc(SourceLoc::new(offset));
    }

    fn bind(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        if kind == LabelKind::Loop {
            self.enter_loop(label, operands);
        }
        self.bind_label(label, kind);
        if kind == LabelKind::Loop {
            self.count_iteration();
        }
    }

    fn close_loop(&mut self, label: Label) {
        self.body.end_loop();
        let block = block_of(self, label);
        self.builder.seal_block(block);
    }

    fn trap(&mut self, code: TrapCode) {
        self.builder.ins().sequence_point();
        self.builder.ins().trap(user_trap(code));
        self.body.ended = true;
    }

    fn call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]) {
        self.lower_call(callee, ty, base, args);
    }

    fn return_call(&mut self, callee: Callee, ty: &FuncType, _base: Slot, args: &[Operand]) {
        self.lower_return_call(callee, ty, args);
    }

    fn copy(&mut self, ty: ValType, dst: Slot, src: Operand) {
        self.body.budget.spend(1);
        let value = self.get(ty, src);
        self.set(dst, value);
    }

    fn select(&mut self, ty: ValType, dst: Slot, cond: Operand, if_true: Operand, if_false: Operand) {
        let cond = self.get(ValType::I32, cond);
        let (if_true, if_false) = (self.get(ty, if_true), self.get(ty, if_false));
        let value = self.builder.ins().select(cond, if_true, if_false);
        self.set(dst, value);
    }

    fn unary(&mut self, op: UnaryOp, dst: Slot, src: Operand) {
        let src = self.get(op.operand_type(), src);
        if op.traps() {
            self.keep_apart();
        }
        let value = self.unary_value(op, src);
        self.set(dst, value);
    }

    fn binary(&mut self, op: BinaryOp, dst: Slot, lhs: Operand, rhs: Operand) {
        let ty = op.operand_type();
        let (lhs, rhs) = (self.get(ty, lhs), self.get(ty, rhs));
        if op.traps() {
            self.keep_apart();
        }
        let value = match op.section() {
            BinarySection::Int(op) => self.int_binary(op, lhs, rhs),
            BinarySection::IntCompare(op) => self.int_compare(op, lhs, rhs),
            BinarySection::Float(op) => self.float_binary(op, lhs, rhs),
            BinarySection::FloatCompare(op) => self.float_compare(op, lhs, rhs),
        };
        self.set(dst, value);
    }

    fn wide(&mut self, op: WideOp, dst: Slot, operands: &[Operand]) {
        let operands: Vec<_> = operands.iter().map(|&operand| self.get(ValType::I64, operand)).collect();
        let (low, high) = self.wide_values(op, &operands);
        self.set(dst, low);
        self.set(Slot(dst.0 + 1), high);
    }

    fn load(&mut self, op: LoadOp, dst: Slot, memory: MemoryIndex, addr: Operand, offset: u64) {
        self.lower_load(op, dst, memory, addr, offset);
    }

    fn store(&mut self, op: StoreOp, memory: MemoryIndex, addr: Operand, offset: u64, value: Operand) {
        self.lower_store(op, memory, addr, offset, value);
    }

    riser_lowering::shared_operators!();
}
