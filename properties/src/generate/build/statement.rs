//! Statements: the next operation on the present operands.

use riser_translator::ops::{BinaryOp, UnaryOp};
use riser_translator::types::ValType;

use super::super::Operator;
use super::body::Body;

/// The number of operands in a block above which some are consumed first.
const MOST_OPERANDS: usize = 14;

impl Body<'_> {
    /// Adds operators that keep the block's operands, and may add some.
    pub(super) fn statement(&mut self) {
        if self.operands_here().len() > MOST_OPERANDS {
            for _ in 0..MOST_OPERANDS / 2 {
                self.settle_top();
            }
        }
        if self.config.exceptions && self.choices.one_in(12) {
            return self.exception_statement();
        }
        match self.choices.below(64) {
            4..8 if self.config.vectors => self.vector_statement(),
            8..11 => self.unary_on_top(),
            11..17 => self.binary_on_top(),
            17..21 => self.assign(),
            21..24 => self.overwrite_pending(),
            24 => self.set_global(),
            25..27 if self.config.memory => {
                let ty = self.any_number_type();
                self.load_of(ty);
            }
            27..31 if self.config.memory => self.store(),
            31..33 => {
                let ty = self.any_type();
                self.operands(&[ty, ty]);
                self.condition();
                self.select(ty);
            }
            33..39 => self.branch_if(),
            39..42 if self.config.calls => self.call(),
            42..44 if self.config.calls && self.config.table => self.call_indirect(),
            44..54 if self.may_nest() => self.block(),
            54 if self.top().is_some() => self.emit_drop(),
            55..57 if self.config.memory => self.memory_operation(),
            57..59 if self.config.table => self.table_operation(),
            59 => self.settle_top(),
            60 if self.config.calls && self.config.tail_calls => self.tail_call(),
            61 if self.frames.len() > 1 || self.choices.one_in(8) => self.leave(),
            62 if self.config.atomics => self.atomic_statement(),
            62 => self.emit(Operator::Nop),
            _ => {
                let ty = self.any_type();
                self.produce(ty);
            }
        }
    }

    /// Adds several statements, as many as the budget allows.
    pub(super) fn statements(&mut self, most: u32) {
        let depth = std::mem::take(&mut self.depth);
        for _ in 0..self.choices.within(1, most) {
            if self.budget == 0 {
                break;
            }
            self.statement();
        }
        self.depth = depth;
    }

    pub(super) fn any_number_type(&mut self) -> ValType {
        self.choices.pick(self.config.number_types())
    }

    pub(super) fn any_type(&mut self) -> ValType {
        if self.config.references && self.choices.one_in(16) {
            self.choices.pick(super::reference_types(self.config))
        } else if self.config.vectors && self.choices.one_in(5) {
            ValType::V128
        } else {
            self.any_number_type()
        }
    }

    /// Puts a number on top of the stack. Returns its type.
    fn number_on_top(&mut self) -> ValType {
        if let Some(ty) = self.top()
            && !ty.is_ref()
            && ty != ValType::V128
        {
            return ty;
        }
        let ty = self.any_number_type();
        self.operand(ty);
        ty
    }

    fn unary_on_top(&mut self) {
        if self.top() == Some(ValType::V128) {
            return self.vector_on_top(1);
        }
        let ty = self.number_on_top();
        let numbers = self.config.number_types();
        let fits = |op: UnaryOp| op.operand_type() == ty && numbers.contains(&op.result_type());
        if let Some(op) = self.choices.pick_where(UnaryOp::ALL.iter().copied(), fits) {
            self.unary(op);
        }
    }

    fn binary_on_top(&mut self) {
        if self.top() == Some(ValType::V128) {
            return self.vector_on_top(2);
        }
        let ty = self.number_on_top();
        let fits = |op: BinaryOp| op.operand_type() == ty;
        let Some(op) = self.choices.pick_where(BinaryOp::ALL.iter().copied(), fits) else { return };
        if self.operands_here().ends_with(&[ty, ty]) && !self.choices.one_in(3) {
            self.apply(op);
        } else {
            self.binary(op);
        }
    }

    fn assign(&mut self) {
        let ty = self.top().unwrap_or(ValType::I32);
        self.operand(ty);
        match self.any_variable(ty) {
            Some(local) if self.choices.one_in(2) => self.emit(Operator::LocalTee(local)),
            Some(local) => self.emit(Operator::LocalSet(local)),
            None => {}
        }
    }

    /// Reads a local several times, and writes it before the reads are consumed.
    pub(super) fn overwrite_pending(&mut self) {
        let ty = self.any_type();
        let Some(local) = self.any_variable(ty) else { return self.leaf(ty) };
        for _ in 0..self.choices.within(1, 4) {
            self.emit(Operator::LocalGet(local));
            if self.choices.one_in(3) {
                let between = self.any_type();
                self.leaf(between);
            }
        }
        if self.choices.one_in(4) && self.may_nest() {
            self.block();
        }
        self.produce(ty);
        if self.choices.one_in(2) {
            self.emit(Operator::LocalTee(local));
            if let Some(other) = self.any_variable(ty) {
                self.emit(Operator::LocalTee(other));
            }
        } else {
            self.emit(Operator::LocalSet(local));
        }
    }

    fn set_global(&mut self) {
        let ty = self.top().unwrap_or(ValType::I32);
        self.operand(ty);
        if let Some(global) = self.any_global(ty, true) {
            self.emit(Operator::GlobalSet(global));
        }
    }

    /// Drops the top operand, if the block has one.
    pub(super) fn emit_drop(&mut self) {
        if let Some(ty) = self.top() {
            self.pop_all(&[ty]);
            self.append(Operator::Drop);
        }
    }

    /// Consumes the top operand, if there is one. Mostly that has an observable effect.
    pub(super) fn settle_top(&mut self) {
        let Some(ty) = self.top() else { return };
        match self.choices.below(10) {
            1..5 => {
                if let Some(local) = self.any_variable(ty) {
                    return self.emit(Operator::LocalSet(local));
                }
            }
            5..8 if self.config.globals => return self.mix_into_global(ty),
            8 if self.config.memory && !ty.is_ref() => {
                if let Some(local) = self.any_variable(ty) {
                    self.emit(Operator::LocalSet(local));
                    return self.store_local(local);
                }
            }
            _ => {}
        }
        self.emit_drop();
    }

    /// Consumes the top operand, and mixes it into a global, so that its value can be observed.
    fn mix_into_global(&mut self, ty: ValType) {
        if ty == ValType::V128 {
            return self.mix_vector_into_global();
        }
        let as_integer = match ty {
            ValType::F32 => Some(UnaryOp::I32ReinterpretF32),
            ValType::F64 => Some(UnaryOp::I64ReinterpretF64),
            ValType::I32 | ValType::I64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
                None
            }
        };
        if let Some(op) = as_integer {
            self.emit(Operator::Unary(op));
        }
        let mix = match ty {
            ValType::I32 | ValType::F32 => [BinaryOp::I32Add, BinaryOp::I32Xor, BinaryOp::I32Sub],
            ValType::I64 | ValType::F64 => [BinaryOp::I64Add, BinaryOp::I64Xor, BinaryOp::I64Sub],
            ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => return self.emit_drop(),
        };
        let op = self.choices.pick(&mix);
        match self.any_global(op.operand_type(), true) {
            Some(global) => {
                self.emit(Operator::GlobalGet(global));
                self.emit(Operator::Binary(op));
                self.emit(Operator::GlobalSet(global));
            }
            None => self.emit_drop(),
        }
    }

    /// Turns the block's operands into the results.
    pub(super) fn settle(&mut self, results: &[ValType]) {
        if self.frame().dead {
            // Everything below the known operands is polymorphic.
            while !results.ends_with(self.operands_here()) {
                self.settle_top();
            }
            return;
        }
        while !results.starts_with(self.operands_here()) {
            self.settle_top();
        }
        let have = self.operands_here().len();
        for &ty in &results[have..] {
            self.produce(ty);
        }
    }
}
