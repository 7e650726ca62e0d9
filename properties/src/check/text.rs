//! Text forms of slots and terms, for messages.
//!
//! The name of a slot in a term stands for the slot's contents at the last label, or at the function's entry. The
//! result of an effect is shown as the effect and the offset of its wasm operator: `i32.load@0x2a`. Deeply nested terms
//! are truncated.

use std::fmt;

use riser_translator::sink::FrameLayout;
use riser_translator::types::ValType;

use super::effect::Log;
use super::term::{Place, Term, TermId, Terms};

/// The depth to which a term is shown.
const DEPTH: u32 = 5;

/// A term for display.
#[derive(Clone, Copy)]
pub(super) struct TermText<'a> {
    terms: &'a Terms,
    log: &'a Log,
    frame: FrameLayout,
    id: TermId,
    depth: u32,
}

impl<'a> TermText<'a> {
    pub(super) fn new(terms: &'a Terms, log: &'a Log, frame: FrameLayout, id: TermId) -> TermText<'a> {
        TermText { terms, log, frame, id, depth: DEPTH }
    }

    fn inner(self, id: TermId) -> TermText<'a> {
        TermText { id, depth: self.depth - 1, ..self }
    }

    /// Names an effect.
    fn effect(self, f: &mut fmt::Formatter<'_>, number: u32) -> fmt::Result {
        let (action, offset) = self.log.get(number);
        let action = action.to_string();
        if action.contains(' ') { write!(f, "({action})@{offset:#x}") } else { write!(f, "{action}@{offset:#x}") }
    }
}

impl fmt::Display for TermText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |id| self.inner(id);
        let applied = |f: &mut fmt::Formatter<'_>, op: &dyn fmt::Display, operands: &[TermId]| {
            write!(f, "({op}")?;
            operands.iter().try_for_each(|&operand| write!(f, " {}", of(operand)))?;
            f.write_str(")")
        };
        match self.terms.get(self.id) {
            Term::Const { ty, bits } => {
                // The type of a constant within a term follows from the operation.
                if self.depth == DEPTH {
                    write!(f, "{ty}.const ")?;
                }
                constant(f, ty, bits)
            }
            Term::VectorConst([low, high]) if self.depth == DEPTH => write!(f, "v128.const {low:#x} {high:#x}"),
            Term::VectorConst([low, high]) => write!(f, "(v128.const {low:#x} {high:#x})"),
            Term::Entry(slot) => self.frame.role(slot).fmt(f),
            Term::RefFunc(function) => write!(f, "(ref.func {function})"),
            Term::Read { place, version } => {
                match place {
                    Place::Global(global) => write!(f, "(global.get {global}")?,
                    Place::MemorySize(memory) => write!(f, "(memory.size {memory}")?,
                    Place::TableSize(table) => write!(f, "(table.size {table}")?,
                }
                if let Some(before) = version.checked_sub(1) {
                    f.write_str(" after ")?;
                    self.effect(f, before)?;
                }
                f.write_str(")")
            }
            Term::Result { effect, index } => {
                self.effect(f, effect)?;
                if index == 0 { Ok(()) } else { write!(f, "#{index}") }
            }
            _ if self.depth == 0 => f.write_str("(...)"),
            Term::Unary(op, operand) => write!(f, "({op} {})", of(operand)),
            Term::Binary(op, lhs, rhs) => write!(f, "({op} {} {})", of(lhs), of(rhs)),
            Term::Select { cond, if_true, if_false } => {
                write!(f, "(select {} {} {})", of(if_true), of(if_false), of(cond))
            }
            Term::Vector(op, operands) => applied(f, &op, &operands[..op.operand_types().len()]),
            Term::Shuffle { lhs, rhs, lanes } => {
                f.write_str("(i8x16.shuffle")?;
                lanes.iter().try_for_each(|lane| write!(f, " {lane}"))?;
                write!(f, " {} {})", of(lhs), of(rhs))
            }
            Term::ExtractLane(op, lane, vector) => write!(f, "({op} {lane} {})", of(vector)),
            Term::ReplaceLane { op, lane, vector, value } => write!(f, "({op} {lane} {} {})", of(vector), of(value)),
            Term::Wide(op, operands) => applied(f, &op, &operands[..op.operands()]),
            Term::Low(both) => write!(f, "(low {})", of(both)),
            Term::High(vector) => write!(f, "(high {})", of(vector)),
            Term::Halves { low, high } => write!(f, "(halves {} {})", of(low), of(high)),
            Term::RefIsNull(operand) => write!(f, "(ref.is_null {})", of(operand)),
        }
    }
}

fn constant(f: &mut fmt::Formatter<'_>, ty: ValType, bits: u64) -> fmt::Result {
    match ty {
        // Bits that are not those of a slot are shown unchanged.
        ValType::I32 | ValType::F32 if bits > u64::from(u32::MAX) => write!(f, "{bits:#x}"),
        ValType::I32 => write!(f, "{}", bits as i32),
        ValType::I64 => write!(f, "{}", bits as i64),
        ValType::F32 if f32::from_bits(bits as u32).is_nan() => write!(f, "nan:{bits:#x}"),
        ValType::F32 => write!(f, "{:?}", f32::from_bits(bits as u32)),
        ValType::F64 if f64::from_bits(bits).is_nan() => write!(f, "nan:{bits:#x}"),
        ValType::F64 => write!(f, "{:?}", f64::from_bits(bits)),
        ValType::FuncRef | ValType::ExternRef | ValType::ExnRef if bits == 0 => f.write_str("null"),
        ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => write!(f, "{bits}"),
    }
}
