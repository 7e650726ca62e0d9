//! Branches, calls and returns.

use crate::faults::{Fault, faulty};
use crate::ir::{Cond, Emitter, Inst, Src};
use crate::ops::{IntCompareOp, UnaryOp};
use crate::sink::{Callee, FEW_VALUES, Label, Operand, Sink, Slot};
use crate::types::{FuncType, ValType};

use super::Selector;

impl<E: Emitter> Selector<'_, E> {
    pub(super) fn select_branch_if(&mut self, cond: Operand, negate: bool, target: Label) {
        if let Some(cond) = self.fused_cond(cond, negate) {
            self.pending = None;
            return self.emit_branch_if(cond, target);
        }
        let src = self.variable(ValType::I32, cond);
        let cond = if negate { Cond::Zero(src) } else { Cond::NonZero(src) };
        self.emit_branch_if(cond, target);
    }

    /// Returns the condition that the pending instruction computes, if a branch can absorb it.
    fn fused_cond(&self, operand: Operand, negate: bool) -> Option<Cond> {
        if !self.config.compare_branch_fusion {
            return None;
        }
        match *self.pending_for(operand)? {
            Inst::Binary { op, lhs, rhs, .. } => {
                let op = op.int_compare()?;
                if let Src::Imm(bits) = rhs
                    && !fits_branch(op.operand_type(), bits)
                    && !faulty(Fault::BranchImmediateWide)
                {
                    return None;
                }
                let negate = negate && !faulty(Fault::BranchNotNegated);
                let op = if negate { op.negated() } else { op };
                Some(match (op, rhs) {
                    (IntCompareOp::I32Eq, Src::Imm(0)) => Cond::Zero(lhs),
                    (IntCompareOp::I32Ne, Src::Imm(0)) => Cond::NonZero(lhs),
                    _ => Cond::Compare { op, lhs, rhs },
                })
            }
            Inst::Unary { op: UnaryOp::I32Eqz, src, .. } => {
                Some(if negate { Cond::NonZero(src) } else { Cond::Zero(src) })
            }
            Inst::Unary { op: UnaryOp::I64Eqz, src, .. } => {
                let op = if negate { IntCompareOp::I64Ne } else { IntCompareOp::I64Eq };
                Some(Cond::Compare { op, lhs: src, rhs: Src::Imm(0) })
            }
            _ => None,
        }
    }

    pub(super) fn select_return(&mut self, values: &[Operand]) {
        if let (&[value], &[ty]) = (values, &self.results[..])
            && ty.slots() == 1
        {
            let src = match value {
                Operand::Const { bits, .. } if self.config.immediate_operands => Src::Imm(bits),
                _ => self.variable(ty, value),
            };
            return self.emit(Inst::ReturnValue { ty, src });
        }
        let results = std::mem::take(&mut self.results);
        // A local that an earlier result overwrites is copied to its home first.
        let in_order = faulty(Fault::ReturnInOrder);
        let mut dst = Slot(0);
        for (&value, &ty) in values.iter().zip(&results) {
            if let Operand::Local { slot, home } = value
                && slot < dst
                && !in_order
            {
                self.select_copy(ty, home, value);
            }
            dst.0 += ty.slots();
        }
        let mut dst = Slot(0);
        let mut at = 0;
        while at < values.len() {
            let (value, ty) = (values[at], results[at]);
            let run = self.temporaries(&values[at..]);
            if run > FEW_VALUES {
                let types = &results[at..][..run];
                self.copy_slots(types, dst, value.home());
                dst.0 += types.iter().map(|ty| ty.slots()).sum::<u32>();
                at += run;
                continue;
            }
            match value {
                Operand::Local { slot, home } if slot < dst && !in_order => {
                    self.select_copy(ty, dst, Operand::Temp(home));
                }
                _ => self.select_copy(ty, dst, value),
            }
            dst.0 += ty.slots();
            at += 1;
        }
        self.results = results;
        self.emit(Inst::Return);
    }

    /// Returns how many of the values, from the first on, are temporaries. The homes of operands are adjacent.
    fn temporaries(&self, values: &[Operand]) -> usize {
        values.iter().take_while(|value| value.slot() == Some(value.home())).count()
    }

    /// Copies arguments to their homes.
    pub(super) fn place_arguments(&mut self, ty: &FuncType, args: &[Operand]) {
        for (&arg, &ty) in args.iter().zip(ty.params()) {
            if matches!(arg, Operand::Local { .. }) && faulty(Fault::ArgumentSkipped) {
                continue;
            }
            self.select_copy(ty, arg.home(), arg);
        }
    }

    pub(super) fn select_call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]) {
        self.place_arguments(ty, args);
        let link = Slot(base.0 + link_offset(ty));
        let inst = match callee {
            Callee::Direct(function) => Inst::Call { function, base, link },
            Callee::Indirect { table, type_index, index } => {
                let index = self.variable(self.table(table).index_type(), index);
                Inst::CallIndirect { table, type_index, index, base, link }
            }
        };
        self.emit(inst);
    }

    pub(super) fn select_return_call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]) {
        self.place_arguments(ty, args);
        let params = ty.param_slots();
        let link = link_offset(ty);
        let inst = match callee {
            Callee::Direct(function) => Inst::ReturnCall { function, base, params, link },
            Callee::Indirect { table, type_index, index } => {
                let index = self.variable(self.table(table).index_type(), index);
                Inst::ReturnCallIndirect { table, type_index, index, base, params, link }
            }
        };
        self.emit(inst);
    }
}

/// Returns the position of the link in the frame of a function of type `ty`.
fn link_offset(ty: &FuncType) -> u32 {
    ty.param_slots().max(ty.result_slots())
}

/// Whether a fused branch has a form for a comparison with the constant.
fn fits_branch(ty: ValType, bits: u64) -> bool {
    match ty {
        ValType::I32 => i16::try_from(bits as u32 as i32).is_ok(),
        ValType::I64 => i16::try_from(bits as i64).is_ok(),
        ValType::F32 | ValType::F64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => false,
    }
}
