//! Terms: the knowledge about a value without executing anything.
//!
//! Terms are hash-consed: two values that are known to be equal have the same [`TermId`]. [`Terms::unary`] and similar
//! methods build terms, and apply the equalities that instruction selection may use:
//!
//! * `o(a, b)` is `o'(b, a)` for an operation that has a [`swapped`](BinaryOp::swapped) form;
//! * `eqz(x)` is `x == 0`, and the negation of an integer comparison is the opposite one;
//! * `b != 0` is `b` for every value that is 0 or 1: comparisons and `ref.is_null`;
//! * `select(c, a, b)` is `select(eqz(c), b, a)`.
//!
//! Each equality holds for all values, so equal terms always mean equal values; the converse is not claimed. Constants
//! are not folded. An instruction that computes several operations at once is the composition of their terms. So a
//! later fusion needs no rule here unless it uses a new equality, which belongs in [`Terms::binary`].
//!
//! # Vectors
//!
//! A vector is one term, but takes two slots, each with a term of its own. The first slot's is the vector's term
//! ([`Terms::low`]), the second slot's is its upper half ([`Terms::high`]). [`Terms::halves`] makes a vector of two
//! slots: the same vector if both are halves of one, else another. So if half of a vector is overwritten or moved, a
//! read of the whole shows it.

use std::collections::HashMap;

use riser_translator::index::{FuncIndex, GlobalIndex, MemoryIndex, TableIndex};
use riser_translator::ops::{BinaryOp, ExtractOp, ReplaceOp, UnaryOp, VectorOp, WideOp};
use riser_translator::sink::Slot;
use riser_translator::types::ValType;

/// A term of an arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TermId(u32);

/// The definition of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Term {
    /// A constant, as slot bits.
    Const { ty: ValType, bits: u64 },
    /// A constant vector, as the bits of its two slots.
    VectorConst([u64; 2]),
    /// The contents of the slot at the last label, or at the function's entry. For a vector, the contents of both
    /// slots.
    Entry(Slot),
    /// An operation that cannot trap.
    Unary(UnaryOp, TermId),
    /// An operation that cannot trap.
    Binary(BinaryOp, TermId, TermId),
    /// A selection by `cond`, which is 0 or 1.
    Select { cond: TermId, if_true: TermId, if_false: TermId },
    /// A vector operation. The first operand stands for those that it does not take.
    Vector(VectorOp, [TermId; 3]),
    /// Lanes of two vectors, by their numbers.
    Shuffle { lhs: TermId, rhs: TermId, lanes: [u8; 16] },
    /// A lane of a vector.
    ExtractLane(ExtractOp, u8, TermId),
    /// A vector with a value in one lane.
    ReplaceLane { op: ReplaceOp, lane: u8, vector: TermId, value: TermId },
    /// Wide arithmetic: both halves of the result; operands that it does not take are the first one.
    Wide(WideOp, [TermId; WideOp::MOST_OPERANDS]),
    /// The lower half of the result of wide arithmetic, as its first slot has it.
    Low(TermId),
    /// The upper half of a vector or of the result of wide arithmetic, as its second slot has it.
    High(TermId),
    /// A vector whose two slots are not halves of one vector.
    Halves { low: TermId, high: TermId },
    /// A reference to a function.
    RefFunc(FuncIndex),
    /// Whether a reference is null.
    RefIsNull(TermId),
    /// The value of a place. The last effect that may have written it is the one before `version`.
    Read { place: Place, version: u32 },
    /// A result of the effect with number `effect`.
    Result { effect: u32, index: u32 },
}

/// A place that can be read without trapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// A global.
    Global(GlobalIndex),
    /// The size of a memory.
    MemorySize(MemoryIndex),
    /// The size of a table.
    TableSize(TableIndex),
}

/// The arena of all terms.
#[derive(Default)]
pub(super) struct Terms {
    terms: Vec<Term>,
    ids: HashMap<Term, TermId>,
}

impl Terms {
    /// The term with this id.
    pub(super) fn get(&self, id: TermId) -> Term {
        self.terms[id.0 as usize]
    }

    /// Returns a term to which no equality applies.
    pub(super) fn plain(&mut self, term: Term) -> TermId {
        *self.ids.entry(term).or_insert_with(|| {
            self.terms.push(term);
            TermId(self.terms.len() as u32 - 1)
        })
    }

    /// Returns a constant. Null is the same constant for all reference types.
    pub(super) fn constant(&mut self, ty: ValType, bits: u64) -> TermId {
        let ty = if ty.is_ref() { ValType::FuncRef } else { ty };
        self.plain(Term::Const { ty, bits })
    }

    /// Returns the initial value of a declared local.
    pub(super) fn zero(&mut self, ty: ValType) -> TermId {
        match ty {
            ValType::V128 => self.plain(Term::VectorConst([0; 2])),
            ValType::I32
            | ValType::I64
            | ValType::F32
            | ValType::F64
            | ValType::FuncRef
            | ValType::ExternRef
            | ValType::ExnRef => self.constant(ty, 0),
        }
    }

    /// Returns a vector operation on as many operands as it takes.
    pub(super) fn vector(&mut self, op: VectorOp, operands: &[TermId]) -> TermId {
        let operand = |at: usize| operands.get(at).copied().unwrap_or(operands[0]);
        self.plain(Term::Vector(op, [operand(0), operand(1), operand(2)]))
    }

    /// Wide arithmetic on as many operands as it takes: the two halves of the result.
    pub(super) fn wide(&mut self, op: WideOp, operands: &[TermId]) -> [TermId; 2] {
        let operands = std::array::from_fn(|at| operands.get(at).copied().unwrap_or(operands[0]));
        let both = self.plain(Term::Wide(op, operands));
        [self.plain(Term::Low(both)), self.plain(Term::High(both))]
    }

    /// What the first slot of a vector has; of any other value, what its slot has.
    pub(super) fn low(&self, value: TermId) -> TermId {
        match self.get(value) {
            Term::Halves { low, .. } => low,
            _ => value,
        }
    }

    /// Returns the contents of the second slot of a vector.
    pub(super) fn high(&mut self, vector: TermId) -> TermId {
        match self.get(vector) {
            Term::Halves { high, .. } => high,
            Term::Entry(first) => self.plain(Term::Entry(Slot(first.0 + 1))),
            _ => self.plain(Term::High(vector)),
        }
    }

    /// Returns the vector in two slots.
    pub(super) fn halves(&mut self, low: TermId, high: TermId) -> TermId {
        if self.high(low) == high { low } else { self.plain(Term::Halves { low, high }) }
    }

    pub(super) fn unary(&mut self, op: UnaryOp, operand: TermId) -> TermId {
        match op {
            UnaryOp::I32Eqz => self.not(operand),
            UnaryOp::I64Eqz => {
                let zero = self.constant(ValType::I64, 0);
                self.binary(BinaryOp::I64Eq, operand, zero)
            }
            _ => self.plain(Term::Unary(op, operand)),
        }
    }

    pub(super) fn binary(&mut self, op: BinaryOp, lhs: TermId, rhs: TermId) -> TermId {
        let (op, lhs, rhs) = self.in_order(op, lhs, rhs);
        if self.get(rhs) == (Term::Const { ty: ValType::I32, bits: 0 }) {
            match op {
                BinaryOp::I32Ne if self.is_truth(lhs) => return lhs,
                BinaryOp::I32Eq => {
                    if let Term::Binary(op, a, b) = self.get(lhs)
                        && let Some(compare) = op.int_compare()
                    {
                        return self.binary(compare.negated().into(), a, b);
                    }
                }
                _ => {}
            }
        }
        self.plain(Term::Binary(op, lhs, rhs))
    }

    pub(super) fn select(&mut self, cond: TermId, if_true: TermId, if_false: TermId) -> TermId {
        let cond = self.truth(cond);
        // Uses the older one of a condition and its opposite.
        let opposite = self.not(cond);
        self.plain(if opposite < cond {
            Term::Select { cond: opposite, if_true: if_false, if_false: if_true }
        } else {
            Term::Select { cond, if_true, if_false }
        })
    }

    /// Returns whether an i32 is not zero, as 0 or 1.
    pub(super) fn truth(&mut self, value: TermId) -> TermId {
        let zero = self.constant(ValType::I32, 0);
        self.binary(BinaryOp::I32Ne, value, zero)
    }

    /// Returns whether an i32 is zero, as 0 or 1.
    pub(super) fn not(&mut self, value: TermId) -> TermId {
        let zero = self.constant(ValType::I32, 0);
        self.binary(BinaryOp::I32Eq, value, zero)
    }

    /// Picks one of two ways to write an operation, always the same one: constants are on the right, older terms on the
    /// left.
    fn in_order(&self, op: BinaryOp, lhs: TermId, rhs: TermId) -> (BinaryOp, TermId, TermId) {
        let rank = |id: TermId| (matches!(self.get(id), Term::Const { .. }), id);
        match op.swapped() {
            Some(swapped) if (rank(rhs), swapped) < (rank(lhs), op) => (swapped, rhs, lhs),
            _ => (op, lhs, rhs),
        }
    }

    /// Whether a value is 0 or 1.
    fn is_truth(&self, value: TermId) -> bool {
        match self.get(value) {
            Term::Binary(op, ..) => is_comparison(op),
            Term::RefIsNull(_) => true,
            _ => false,
        }
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    let of_floats = matches!(op.operand_type(), ValType::F32 | ValType::F64) && op.result_type() == ValType::I32;
    op.int_compare().is_some() || of_floats
}
