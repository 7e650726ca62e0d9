//! Terms: what is known of a value without running anything.
//!
//! Terms are hash-consed: two values that are known to be equal are the same
//! [`TermId`]. A term is built by [`Terms::unary`] and its like, which apply the
//! equalities that instruction selection may use:
//!
//! * `o(a, b)` is `o'(b, a)` for an operation with a [`swapped`](BinaryOp::swapped) form;
//! * `eqz(x)` is `x == 0`, and the negation of an integer comparison is the opposite one;
//! * `b != 0` is `b` for whatever is 0 or 1: comparisons and `ref.is_null`;
//! * `select(c, a, b)` is `select(eqz(c), b, a)`.
//!
//! Each holds for all values, so that equal terms always mean equal values; the
//! converse is not claimed. Nothing is folded. An instruction that computes several
//! operations at once is the composition of their terms: a later fusion needs no
//! rule here unless it uses a new equality, which belongs into [`Terms::binary`].
//!
//! # Vectors
//!
//! A vector is one term, and in two slots. Each slot has a term of its own: the first that of the
//! vector ([`Terms::low`]), the second its upper half ([`Terms::high`]). Two slots are a
//! vector again by [`Terms::halves`]: the same one if both are halves of one, else another. So whatever
//! overwrites or moves half of a vector is seen by what reads the whole.

use std::collections::HashMap;

use riser_translator::ops::{BinaryOp, ExtractOp, ReplaceOp, UnaryOp, VectorOp, WideOp};
use riser_translator::sink::Slot;
use riser_translator::types::ValType;

/// A term of an arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TermId(u32);

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Term {
    /// A constant, as slot bits.
    Const { ty: ValType, bits: u64 },
    /// A constant vector, as the bits of its two slots.
    VectorConst([u64; 2]),
    /// What the slot held at the last label, or at the function's entry; of a vector, what both did.
    Entry(Slot),
    /// An operation that cannot trap.
    Unary(UnaryOp, TermId),
    /// An operation that cannot trap.
    Binary(BinaryOp, TermId, TermId),
    /// `cond`, which is 0 or 1, decides.
    Select { cond: TermId, if_true: TermId, if_false: TermId },
    /// A vector operation; operands that it does not take are the first one.
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
    /// A vector of two slots that are not halves of one.
    Halves { low: TermId, high: TermId },
    /// A reference to a function.
    RefFunc(u32),
    /// Whether a reference is null.
    RefIsNull(TermId),
    /// What is in a place that was last written by the effect before `version`.
    Read { place: Place, version: u32 },
    /// A result of the effect with number `effect`.
    Result { effect: u32, index: u32 },
}

/// What can be read without trapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// A global.
    Global(u32),
    /// The size of a memory.
    MemorySize(u32),
    /// The size of a table.
    TableSize(u32),
}

/// The arena.
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

    /// A term to which no equality applies.
    pub(super) fn plain(&mut self, term: Term) -> TermId {
        *self.ids.entry(term).or_insert_with(|| {
            self.terms.push(term);
            TermId(self.terms.len() as u32 - 1)
        })
    }

    /// A constant. Null is the same for all types of references.
    pub(super) fn constant(&mut self, ty: ValType, bits: u64) -> TermId {
        let ty = if ty.is_ref() { ValType::FuncRef } else { ty };
        self.plain(Term::Const { ty, bits })
    }

    /// What a local that was never set holds.
    pub(super) fn zero(&mut self, ty: ValType) -> TermId {
        match ty {
            ValType::V128 => self.plain(Term::VectorConst([0; 2])),
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::FuncRef | ValType::ExternRef => {
                self.constant(ty, 0)
            }
        }
    }

    /// A vector operation on as many operands as it takes.
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

    /// What the second slot of a vector has.
    pub(super) fn high(&mut self, vector: TermId) -> TermId {
        match self.get(vector) {
            Term::Halves { high, .. } => high,
            Term::Entry(first) => self.plain(Term::Entry(Slot(first.0 + 1))),
            _ => self.plain(Term::High(vector)),
        }
    }

    /// The vector in two slots.
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
        // Of a condition and its opposite, the older.
        let opposite = self.not(cond);
        self.plain(if opposite < cond {
            Term::Select { cond: opposite, if_true: if_false, if_false: if_true }
        } else {
            Term::Select { cond, if_true, if_false }
        })
    }

    /// Whether an i32 is not zero, as 0 or 1.
    pub(super) fn truth(&mut self, value: TermId) -> TermId {
        let zero = self.constant(ValType::I32, 0);
        self.binary(BinaryOp::I32Ne, value, zero)
    }

    /// Whether an i32 is zero, as 0 or 1.
    pub(super) fn not(&mut self, value: TermId) -> TermId {
        let zero = self.constant(ValType::I32, 0);
        self.binary(BinaryOp::I32Eq, value, zero)
    }

    /// Of two ways to write an operation, always the same: constants are on the right,
    /// older terms on the left.
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
