//! Vectors: operations, lanes, and transfers between vectors and memory.

use riser_translator::ops::{ExtractOp, LoadLaneOp, ReplaceOp, StoreLaneOp, VectorLoadOp, VectorOp};
use riser_translator::types::{FuncType, ValType};

use super::super::Operator;
use super::body::Body;

const V128: ValType = ValType::V128;

impl Body<'_> {
    /// Whether values of the type may be computed.
    fn has_type(&self, ty: ValType) -> bool {
        ty == V128 || self.config.number_types().contains(&ty)
    }

    /// Picks an operation that fits, if there is one.
    fn any_vector_op(&mut self, fits: impl Fn(VectorOp) -> bool) -> Option<VectorOp> {
        let all: Vec<VectorOp> = VectorOp::ALL
            .iter()
            .copied()
            .filter(|op| self.config.relaxed_vectors || !op.is_relaxed())
            .filter(|op| op.operand_types().iter().all(|ty| self.has_type(*ty)) && fits(*op))
            .collect();
        (!all.is_empty()).then(|| self.choices.pick(&all))
    }

    /// Adds a statement with vectors.
    pub(super) fn vector_statement(&mut self) {
        match self.choices.below(14) {
            8..14 if self.may_hold_kernel() => self.kernel(),
            0 | 1 => self.produce(V128),
            2 | 3 => {
                let operands = self.choices.within(1, 3) as usize;
                self.operand(V128);
                self.vector_on_top(operands);
            }
            4 => {
                let ty = self.any_number_type();
                self.number_of_vector(ty);
            }
            5 if self.config.memory => self.vector_load(),
            6 | 7 if self.config.memory => self.vector_store(|body| body.produce(V128)),
            _ => {
                self.operands(&[V128, V128]);
                self.condition();
                self.select(V128);
            }
        }
    }

    /// Pushes a vector.
    pub(super) fn vector_expression(&mut self) {
        match self.choices.below(16) {
            0..4 => self.leaf(V128),
            10 => {
                self.produce(V128);
                self.produce(V128);
                self.shuffle();
            }
            11 => {
                self.produce(V128);
                self.replace_lane();
            }
            12 | 13 if self.config.memory => self.vector_load(),
            14 => {
                self.produce(V128);
                self.produce(V128);
                self.condition();
                self.select(V128);
            }
            15 if self.may_nest() => self.block_of(FuncType::new([], [V128])),
            _ => match self.any_vector_op(|op| op.result_type() == V128) {
                Some(op) => {
                    for &ty in op.operand_types() {
                        self.produce(ty);
                    }
                    self.emit(Operator::Vector(op));
                }
                None => self.leaf(V128),
            },
        }
    }

    /// Pushes a number that is computed from a vector.
    pub(super) fn number_of_vector(&mut self, ty: ValType) {
        let op = self.any_vector_op(|op| op.result_type() == ty);
        match op.filter(|_| self.choices.one_in(2)) {
            Some(op) => {
                for &operand in op.operand_types() {
                    self.produce(operand);
                }
                self.emit(Operator::Vector(op));
            }
            None => {
                self.produce(V128);
                self.extract_lane(ty);
            }
        }
    }

    /// Applies to the vector on top an operation with about `operands` operands.
    pub(super) fn vector_on_top(&mut self, operands: usize) {
        match self.choices.below(8) {
            0..6 => {
                let fits =
                    |op: VectorOp| op.operand_types().first() == Some(&V128) && op.operand_types().len() == operands;
                let Some(op) = self.any_vector_op(fits) else { return };
                self.vector_operation(op);
            }
            6 => {
                self.operands(&[V128, V128]);
                self.shuffle();
            }
            _ if operands == 1 => {
                let ty = self.any_number_type();
                self.operand(V128);
                self.extract_lane(ty);
            }
            _ => {
                self.operand(V128);
                self.replace_lane();
            }
        }
    }

    /// Applies an operation to the vector on top and others. Some of these may be on the stack already, or be the same
    /// local.
    fn vector_operation(&mut self, op: VectorOp) {
        let types = op.operand_types();
        if self.operands_here().ends_with(types) && !self.choices.one_in(3) {
            return self.emit(Operator::Vector(op));
        }
        if self.operands_here().is_empty() {
            self.operand(types[0]);
        }
        for &ty in &types[1..] {
            match (self.choices.below(4), self.operators.last()) {
                (0, Some(&Operator::LocalGet(local))) if self.locals[local as usize] == ty => {
                    self.emit(Operator::LocalGet(local));
                }
                (0 | 1, _) => self.literal(ty),
                (2, _) => self.leaf(ty),
                _ => self.produce(ty),
            }
        }
        self.emit(Operator::Vector(op));
    }

    /// Shuffles the two vectors on top, with or without a regular pattern.
    pub(super) fn shuffle(&mut self) {
        let lanes = match self.choices.below(4) {
            0 => std::array::from_fn(|lane| lane as u8),
            1 => {
                // A pattern with a constant step from lane to lane, as in reversals, rotations and interleaving.
                let (first, step) = (self.choices.below(32), self.choices.below(32));
                std::array::from_fn(|lane| ((first + step * lane as u32) % 32) as u8)
            }
            2 => [self.choices.below(32) as u8; 16],
            _ => std::array::from_fn(|_| self.choices.below(32) as u8),
        };
        self.emit(Operator::Shuffle(lanes));
    }

    /// Turns the vector on top into a number.
    fn extract_lane(&mut self, ty: ValType) {
        let Some(op) = self.choices.pick_where(ExtractOp::ALL.iter().copied(), |op| op.result_type() == ty) else {
            self.emit_drop();
            return self.literal(ty);
        };
        let lane = self.lane(op.lanes());
        self.emit(Operator::ExtractLane(op, lane));
    }

    /// Replaces a lane of the vector on top.
    fn replace_lane(&mut self) {
        let numbers = self.config.number_types();
        let fits = |op: ReplaceOp| numbers.contains(&op.value_type());
        let Some(op) = self.choices.pick_where(ReplaceOp::ALL.iter().copied(), fits) else { return };
        let lane = self.lane(op.lanes());
        if self.choices.one_in(2) {
            self.literal(op.value_type());
        } else {
            self.produce(op.value_type());
        }
        self.emit(Operator::ReplaceLane(op, lane));
    }

    pub(super) fn lane(&mut self, lanes: u8) -> u8 {
        self.choices.below(lanes.into()) as u8
    }

    /// Pushes a vector that is loaded from memory, as a whole or in part.
    pub(super) fn vector_load(&mut self) {
        if self.choices.one_in(4) {
            let op = self.choices.pick(LoadLaneOp::ALL);
            let lane = self.lane(op.lanes());
            let access = self.access(op.access_bytes());
            self.produce(V128);
            return self.emit(Operator::LoadLane(op, lane, access));
        }
        // Half of the loads read all bytes.
        let op = if self.choices.one_in(2) { self.choices.pick(VectorLoadOp::ALL) } else { VectorLoadOp::V128Load };
        let access = self.access(op.access_bytes());
        self.emit(Operator::VectorLoad(op, access));
    }

    /// Stores a vector, which `push` pushes, as a whole or in part.
    pub(super) fn vector_store(&mut self, push: impl FnOnce(&mut Self)) {
        if self.choices.one_in(3) {
            let op = self.choices.pick(StoreLaneOp::ALL);
            let lane = self.lane(op.lanes());
            let access = self.access(op.access_bytes());
            push(self);
            return self.emit(Operator::StoreLane(op, lane, access));
        }
        let access = self.access(size_of::<u128>() as u32);
        push(self);
        self.emit(Operator::VectorStore(access));
    }

    /// Consumes the vector on top, and mixes it into a global, so that its value can be observed.
    pub(super) fn mix_vector_into_global(&mut self) {
        let op = self.choices.pick(&[VectorOp::V128Xor, VectorOp::I8x16Add, VectorOp::I64x2Sub]);
        match self.any_global(V128, true) {
            Some(global) => {
                self.emit(Operator::GlobalGet(global));
                self.emit(Operator::Vector(op));
                self.emit(Operator::GlobalSet(global));
            }
            None => self.emit_drop(),
        }
    }
}
