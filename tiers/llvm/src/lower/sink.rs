//! The sink: lowers the function as the translator reports it. Longer operators are in the files of their
//! chapters.

use inkwell::IntPredicate;
use riser_lowering::control::{block_of, set_locals};
use riser_tiers_core::Context;
use riser_translator::ops::{BinaryOp, BinarySection, LoadOp, StoreOp, UnaryOp, WideOp};
use riser_translator::sink::{
    Callee, Catch, ExceptionSink, Family, FamilySink, FuncHeader, Label, LabelKind, LiveAtCall, Operand, Scope, Sink,
    Slot,
};
use riser_translator::{
    DataIndex, ElemIndex, FuncIndex, FuncType, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TrapCode, ValType,
    makes_tail_calls,
};

use super::{COPIES_A_CHAIN, Lowering, SEEN_COPIES, function_name};
use crate::OptLevel;
use crate::ir::Value;
use crate::signature::{array_type, in_registers, jump_type, loop_in_registers, loop_type, register_type};

impl FamilySink for Lowering<'_, '_> {
    fn lacks(&mut self, family: Family) {
        unreachable!("{} are lowered", family.name());
    }
}

impl ExceptionSink for Lowering<'_, '_> {
    riser_lowering::shared_exceptions!();
}

impl<'c> Sink for Lowering<'_, 'c> {
    fn begin(&mut self, header: &FuncHeader<'_>) {
        self.body.begin(header);
        if self.gives_up() {
            return;
        }
        let registers = in_registers(header.ty);
        let may_jump = if self.take_over.is_some() { loop_in_registers(header.ty) } else { registers };
        if may_jump && makes_tail_calls(self.module, header.index) {
            self.jump_type = Some(jump_type(self.ir.llvm, header.ty.results()));
        }
        let ty = match (self.jump_type, self.take_over) {
            (Some(ty), _) => ty,
            (None, Some(_)) => loop_type(self.ir.llvm, header.ty),
            (None, None) if registers => register_type(self.ir.llvm, header.ty, 1),
            (None, None) => array_type(self.ir.llvm),
        };
        let jumps = self.jump_type.is_some();
        let function = self.ir.begin(&function_name(self.number), ty, size_of::<Context>() as u64);
        self.function = Some(function);
        let mut parameters = function.get_param_iter();
        let mut next = || parameters.next().expect("the function has all parameters");
        self.context = next().into_pointer_value();
        let arguments: Vec<Value<'c>> = if self.take_over.is_some() {
            let frame = self.ir.to_pointer(next());
            self.begin_take_over(frame);
            Vec::new()
        } else if jumps {
            self.jump_arguments(function, header.ty)
        } else if registers {
            header.ty.params().iter().map(|_| next()).collect()
        } else {
            let array = next().into_pointer_value();
            self.array = Some(array);
            self.load_slots(header.ty.params(), array)
        };
        set_locals(self, header, &arguments);
    }

    fn end(&mut self, _max_temps: u32) {}

    fn gives_up(&self) -> bool {
        self.bailout.is_some()
            || self.ir.size().is_too_large(self.is_above)
            || self.costs_too_much()
            || self.body.budget.is_exceeded()
    }

    fn position(&mut self, offset: u32) {
        self.body.position = offset;
        self.here();
        if self.body.start == 0 {
            self.body.start = offset;
            self.begin_stack_check();
        }
    }

    fn bind(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>) {
        if kind == LabelKind::Loop {
            let takes_over = self.take_over.is_some_and(|it| it.offset == self.body.position);
            self.body.begin_loop(operands, takes_over);
            self.enter_loop(label);
        }
        let is_entered = kind == LabelKind::Loop && self.take_over.is_some_and(|it| it.offset == self.body.position);
        self.body.bind(label, kind, is_entered);
        let block = block_of(self, label);
        if !self.body.ended {
            self.ir.jump(block);
        }
        self.go_on_in(block);
    }

    fn close_loop(&mut self, _label: Label) {
        self.body.end_loop();
    }

    fn trap(&mut self, code: TrapCode) {
        self.ir.trap(code);
        self.body.ended = true;
    }

    fn call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]) {
        self.body.budget.spend(args.len() + ty.results().len());
        self.lower_call(callee, ty, base, args);
    }

    fn return_call(&mut self, callee: Callee, ty: &FuncType, _base: Slot, args: &[Operand]) {
        self.body.budget.spend(args.len() + ty.results().len());
        self.lower_tail_call(callee, ty, args);
        self.body.ended = true;
    }

    fn copy(&mut self, ty: ValType, dst: Slot, src: Operand) {
        self.body.budget.spend(1);
        let mut value = self.get(ty, src);
        self.copies += 1;
        if self.ir.level == OptLevel::O0 {
            value = self.ir.freeze(value);
        } else if self.copies > SEEN_COPIES && self.copies.is_multiple_of(COPIES_A_CHAIN) {
            value = self.ir.opaque(value);
        }
        self.set(dst, value);
    }

    fn select(&mut self, ty: ValType, dst: Slot, cond: Operand, if_true: Operand, if_false: Operand) {
        let cond = self.get(ValType::I32, cond);
        let cond = self.ir.compare(IntPredicate::NE, cond, self.ir.i32(0));
        let (if_true, if_false) = (self.get(ty, if_true), self.get(ty, if_false));
        let value = self.ir.select(cond, if_true, if_false);
        self.set(dst, value);
    }

    fn unary(&mut self, op: UnaryOp, dst: Slot, src: Operand) {
        let operand = self.get(op.operand_type(), src);
        let value = self.unary_value(op, operand);
        self.set(dst, value);
    }

    fn binary(&mut self, op: BinaryOp, dst: Slot, lhs: Operand, rhs: Operand) {
        let ty = op.operand_type();
        let section = op.section();
        let (lhs, rhs) = match section {
            BinarySection::Float(op) => self.factors(ty, op, lhs, rhs),
            BinarySection::Int(_) | BinarySection::IntCompare(_) | BinarySection::FloatCompare(_) => {
                (self.get(ty, lhs), self.get(ty, rhs))
            }
        };
        let value = match section {
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
