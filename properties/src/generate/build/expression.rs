//! Values: expressions of a given type, and operands that are on the stack already or have to be computed.

use riser_translator::ops::{BinaryOp, UnaryOp, WideOp};
use riser_translator::types::{FuncType, ValType};

use super::super::{Operator, value, vector};
use super::body::Body;

/// The nesting depth at which expressions consist of leaves only.
const DEEPEST: u32 = 4;

impl Body<'_> {
    /// Puts values of these types on top of the stack. Operands that are there may serve as the first of them.
    pub(super) fn operands(&mut self, types: &[ValType]) {
        let here = self.operands_here();
        let fits = |count: &usize| *count <= here.len() && here.ends_with(&types[..*count]);
        let mut have = (0..=types.len()).rev().find(fits).unwrap_or(0);
        if have > 0 && self.choices.one_in(5) {
            have = 0;
        }
        for &ty in &types[have..] {
            // In dead code the stack is polymorphic, so that nothing has to be pushed.
            if self.at_polymorphic_base() && self.choices.one_in(3) {
                continue;
            }
            self.produce(ty);
        }
    }

    /// Provides an operand of the type: the top one, or a new one.
    pub(super) fn operand(&mut self, ty: ValType) {
        self.operands(&[ty]);
    }

    /// Pushes a value of the type.
    pub(super) fn produce(&mut self, ty: ValType) {
        self.depth += 1;
        self.apart(|body| body.expression(ty));
        self.depth -= 1;
    }

    fn expression(&mut self, ty: ValType) {
        if self.depth > DEEPEST || self.budget < 4 || ty.is_ref() {
            return self.leaf(ty);
        }
        if ty == ValType::V128 {
            return self.vector_expression();
        }
        let numbers = self.config.number_types();
        match self.choices.below(16) {
            5 if self.config.memory && self.config.atomics => self.atomic_of(ty),
            6 if ty == ValType::I64 && self.config.wide_arithmetic => self.wide(),
            7 if self.config.vectors => self.number_of_vector(ty),
            8..10 => {
                let fits = |op: UnaryOp| op.result_type() == ty && numbers.contains(&op.operand_type());
                let Some(op) = self.choices.pick_where(UnaryOp::ALL.iter().copied(), fits) else {
                    return self.leaf(ty);
                };
                self.produce(op.operand_type());
                self.unary(op);
            }
            10..13 => {
                let fits = |op: BinaryOp| op.result_type() == ty && numbers.contains(&op.operand_type());
                let Some(op) = self.choices.pick_where(BinaryOp::ALL.iter().copied(), fits) else {
                    return self.leaf(ty);
                };
                self.produce(op.operand_type());
                self.binary(op);
            }
            13 if self.config.memory => self.load_of(ty),
            14 => {
                self.produce(ty);
                self.produce(ty);
                self.condition();
                self.select(ty);
            }
            15 if self.may_nest() => self.block_of(FuncType::new([], [ty])),
            _ => self.leaf(ty),
        }
    }

    /// Pushes what comes of wide arithmetic, both halves in one.
    fn wide(&mut self) {
        let op = self.choices.pick(WideOp::ALL);
        for _ in 0..op.operands() {
            self.produce(ValType::I64);
        }
        self.emit(Operator::Wide(op));
        let op = self.choices.pick(&[BinaryOp::I64Xor, BinaryOp::I64Add, BinaryOp::I64Rotl]);
        self.emit(Operator::Binary(op));
    }

    /// Pushes a value of the type by one operator.
    pub(super) fn leaf(&mut self, ty: ValType) {
        match self.choices.below(16) {
            0..9 => {
                if let Some(local) = self.any_local(ty) {
                    return self.emit(Operator::LocalGet(local));
                }
            }
            9..11 => {
                if let Some(global) = self.any_global(ty, false) {
                    return self.emit(Operator::GlobalGet(global));
                }
            }
            11 => {
                if ty == ValType::I32 && self.config.table && self.choices.one_in(3) {
                    return self.table_size();
                }
                if ty == ValType::I32 && self.config.memory {
                    return self.memory_size();
                }
            }
            _ => {}
        }
        self.literal(ty);
    }

    /// Pushes a constant of the type.
    pub(super) fn literal(&mut self, ty: ValType) {
        match ty {
            ValType::FuncRef if !self.choices.one_in(3) => {
                let function = self.choices.below(self.module.functions.len() as u32);
                self.emit(Operator::RefFunc(function));
            }
            ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => self.emit(Operator::RefNull(ty)),
            ValType::V128 => {
                let bits = vector(self.choices);
                self.emit(Operator::VectorConst(bits));
            }
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => {
                let bits = value(ty, self.choices);
                self.constant(ty, bits);
            }
        }
    }

    /// Picks a local of the type.
    pub(super) fn any_local(&mut self, ty: ValType) -> Option<u32> {
        let locals = &self.locals;
        self.choices.pick_where(0..locals.len() as u32, |local| locals[local as usize] == ty)
    }

    /// Picks a local of the type that may be written.
    pub(super) fn any_variable(&mut self, ty: ValType) -> Option<u32> {
        self.any_local(ty).filter(|local| !self.counters.contains(local))
    }

    /// Picks a global of the type; with `set`, one that can be set.
    pub(super) fn any_global(&mut self, ty: ValType, set: bool) -> Option<u32> {
        let (globals, guard) = (&self.module.globals, self.guard);
        self.choices.pick_where(0..globals.len() as u32, |at| {
            let global = &globals[at as usize];
            global.ty == ty && (!set || global.mutable && guard != Some(at))
        })
    }

    /// Applies the operation to the top of the stack.
    pub(super) fn unary(&mut self, op: UnaryOp) {
        // Most conversions that can trap get an operand in range.
        let traps = op.eval(f64::NAN.to_bits()).is_err() || op.eval(u64::from(f32::NAN.to_bits())).is_err();
        if traps && !self.choices.one_in(8) {
            let convert =
                if op.operand_type() == ValType::F32 { UnaryOp::F32ConvertI32U } else { UnaryOp::F64ConvertI32U };
            self.discard();
            self.leaf(ValType::I32);
            self.mask(ValType::I32, 0x7fff);
            self.emit(Operator::Unary(convert));
        }
        self.emit(Operator::Unary(op));
    }

    /// Applies the operation to the top of the stack and another operand, which is pushed; or to a constant and the top
    /// of the stack.
    pub(super) fn binary(&mut self, op: BinaryOp) {
        let ty = op.operand_type();
        match self.choices.below(12) {
            0..4 => self.literal(ty),
            4 => {
                // The constant is the left operand.
                self.discard();
                self.literal(ty);
                self.leaf(ty);
            }
            5 => {
                self.discard();
                self.literal(ty);
                self.literal(ty);
            }
            6 => {
                // Both operands are the same local.
                self.discard();
                self.leaf(ty);
                match self.operators.last() {
                    Some(Operator::LocalGet(local)) => self.emit(Operator::LocalGet(*local)),
                    _ => self.leaf(ty),
                }
            }
            _ => self.produce(ty),
        }
        self.apply(op);
    }

    /// Applies the operation to the two top operands.
    pub(super) fn apply(&mut self, op: BinaryOp) {
        let ty = op.operand_type();
        // Most divisors are not zero.
        if op.eval(1, 0).is_err() && !self.choices.one_in(12) {
            let or = if ty == ValType::I32 { BinaryOp::I32Or } else { BinaryOp::I64Or };
            match self.operators.last_mut() {
                Some(Operator::Const(_, bits)) => *bits |= 1,
                _ => {
                    self.constant(ty, 1);
                    self.emit(Operator::Binary(or));
                }
            }
        }
        self.emit(Operator::Binary(op));
    }

    /// Removes the top operand. If it was computed by a single operator without effects, removes that; otherwise
    /// consumes the operand.
    fn discard(&mut self) {
        if self.operands_here().is_empty() {
            return;
        }
        match self.operators.last() {
            Some(Operator::LocalGet(_) | Operator::Const(..) | Operator::GlobalGet(_) | Operator::VectorConst(_)) => {
                self.operators.pop();
                self.stack.pop();
            }
            _ => self.settle_top(),
        }
    }

    /// Masks the top operand, mostly to its remainder modulo a power of two.
    pub(super) fn mask(&mut self, ty: ValType, mask: u64) {
        self.constant(ty, mask);
        self.emit(Operator::Binary(if ty == ValType::I32 { BinaryOp::I32And } else { BinaryOp::I64And }));
    }

    /// Pushes an i32 that is sometimes zero and sometimes not.
    pub(super) fn condition(&mut self) {
        self.apart(Self::truth);
    }

    fn truth(&mut self) {
        match self.choices.below(12) {
            0..6 => {
                let numbers = self.config.number_types();
                let fits = |op: BinaryOp| is_comparison(op) && numbers.contains(&op.operand_type());
                let op = self.choices.pick_where(BinaryOp::ALL.iter().copied(), fits).unwrap_or(BinaryOp::I32Eq);
                self.leaf(op.operand_type());
                self.binary(op);
            }
            6..8 => {
                let op = self.choices.pick(&[UnaryOp::I32Eqz, UnaryOp::I64Eqz]);
                self.produce(op.operand_type());
                self.emit(Operator::Unary(op));
            }
            8 if self.config.references || self.config.table => {
                let ty = if self.config.references && self.choices.one_in(3) {
                    let all = super::reference_types(self.config);
                    if self.config.exceptions { self.choices.pick(&all[1..]) } else { ValType::ExternRef }
                } else {
                    ValType::FuncRef
                };
                self.leaf(ty);
                self.emit(Operator::RefIsNull(ty));
            }
            9 => {
                self.leaf(ValType::I32);
                self.mask(ValType::I32, 1);
            }
            _ => self.produce(ValType::I32),
        }
        for _ in 0..self.choices.below(8).saturating_sub(5) {
            self.emit(Operator::Unary(UnaryOp::I32Eqz));
        }
    }

    /// Selects between two operands of the type. The condition is on top.
    pub(super) fn select(&mut self, ty: ValType) {
        if ty.is_ref() || self.choices.one_in(4) {
            return self.emit(Operator::TypedSelect(ty));
        }
        self.pop_all(&[ty, ty, ValType::I32]);
        self.stack.push(ty);
        self.append(Operator::Select);
    }
}

/// Whether the operation is a comparison.
fn is_comparison(op: BinaryOp) -> bool {
    op.int_compare().is_some() || op.operand_type() != op.result_type()
}
