//! Kernels: vectors as compilers use them, in several operators that belong together.
//!
//! Single random operators hardly ever add up to a loop over an array, or to a vector that lives across a call. Each
//! kernel is one such thing, with random operations, places and lengths. It leaves its result on the stack.

use riser_translator::ops::{BinaryOp, LoadLaneOp, LoadOp, StoreLaneOp, UnaryOp, VectorLoadOp, VectorOp};
use riser_translator::types::{FuncType, ValType};

use super::super::Operator;
use super::super::operator::Access;
use super::body::{Body, Target};

const I32: ValType = ValType::I32;
const V128: ValType = ValType::V128;

/// The bytes of a vector.
const BYTES: u32 = 16;
/// The deepest nesting of blocks in a kernel.
const NESTING: usize = 3;

/// Operations that join two vectors.
const JOINS: &[VectorOp] = &[
    VectorOp::V128Xor,
    VectorOp::I8x16Add,
    VectorOp::I16x8Sub,
    VectorOp::I32x4Add,
    VectorOp::I64x2Sub,
    VectorOp::F32x4Add,
    VectorOp::F64x2Mul,
    VectorOp::I8x16MaxU,
];

/// Products of two vectors, and the sums of those.
const PRODUCTS: &[(VectorOp, VectorOp)] = &[
    (VectorOp::I32x4DotI16x8S, VectorOp::I32x4Add),
    (VectorOp::F32x4Mul, VectorOp::F32x4Add),
    (VectorOp::F64x2Mul, VectorOp::F64x2Add),
    (VectorOp::I16x8Mul, VectorOp::I16x8AddSatS),
    (VectorOp::I64x2ExtMulLowI32x4U, VectorOp::I64x2Add),
    (VectorOp::I16x8Q15MulrSatS, VectorOp::I16x8Add),
    (VectorOp::I16x8RelaxedDotI8x16I7x16S, VectorOp::I16x8Add),
];

/// Comparisons of bytes.
const COMPARISONS: &[VectorOp] = &[VectorOp::I8x16Eq, VectorOp::I8x16LtS, VectorOp::I8x16GeU, VectorOp::I8x16Ne];

/// An array in a memory.
#[derive(Clone, Copy)]
struct Array {
    memory: u32,
    offset: u64,
}

impl Array {
    fn access(self, align: u32) -> Access {
        Access { memory: self.memory, offset: self.offset, align }
    }
}

impl Body<'_> {
    /// Whether a kernel may be added here.
    pub(super) fn may_hold_kernel(&self) -> bool {
        self.may_nest() && self.frames.len() + NESTING <= self.config.nesting as usize + 1
    }

    /// Adds a kernel.
    pub(super) fn kernel(&mut self) {
        match self.choices.below(8) {
            1 => self.merge_by_if(),
            2 => self.merge_by_table(),
            3 if self.config.calls => self.across_call(),
            4 if self.config.memory => self.scan(),
            5 if self.config.memory => self.shuffle_array(),
            6 | 7 if self.config.memory => self.reduce(),
            _ => self.rotate(),
        }
    }

    /// Adds a local with a vector.
    fn new_vector(&mut self) -> u32 {
        let local = self.new_local(V128);
        self.produce(V128);
        self.emit(Operator::LocalSet(local));
        local
    }

    /// Picks an array, which now and then begins just before the end of the memory.
    fn array(&mut self) -> Array {
        let memory = self.any_memory();
        let offset = match self.choices.below(16) {
            15 => super::memory::PAGE - u64::from(self.choices.below(10 * BYTES)),
            0..8 => u64::from(self.choices.below(8)) * 8,
            _ => u64::from(self.choices.below(3000)),
        };
        Array { memory, offset }
    }

    /// A number of rounds of a loop: mostly few, sometimes enough that the loop is hot.
    fn rounds(&mut self) -> u32 {
        if self.choices.one_in(4) { self.choices.within(20, 40) } else { self.choices.within(1, 6) }
    }

    /// Pushes the address of an element: the value of a local.
    fn push_address(&mut self, array: Array, at: u32) {
        self.emit(Operator::LocalGet(at));
        if self.memory(array.memory).memory64 {
            self.emit(Operator::Unary(UnaryOp::I64ExtendI32U));
        }
    }

    /// Pushes the vector at an element.
    fn push_element(&mut self, array: Array, at: u32) {
        self.push_address(array, at);
        let align = self.choices.below(5);
        self.emit(Operator::VectorLoad(VectorLoadOp::V128Load, array.access(align)));
    }

    /// Ends the round of a loop: adds `step` to the counter, and repeats the loop while that is below `limit`.
    fn advance(&mut self, at: u32, step: u32, limit: u32) {
        self.push_advanced(at, step, limit);
        self.emit(Operator::Binary(BinaryOp::I32LtU));
        self.branch(0);
    }

    fn enter_loop(&mut self, ty: &FuncType) {
        self.enter(Operator::Loop(ty.clone()), Target::Reserved);
    }

    /// Joins the two vectors on top.
    fn join(&mut self) {
        let op = self.choices.pick(JOINS);
        self.emit(Operator::Vector(op));
    }

    /// Joins the vectors in locals.
    fn join_all(&mut self, locals: &[u32]) {
        for (number, &local) in locals.iter().enumerate() {
            self.emit(Operator::LocalGet(local));
            if number > 0 {
                self.join();
            }
        }
    }

    /// Adds statements at random, now and then.
    fn perhaps_statements(&mut self) {
        if self.choices.one_in(4) {
            self.statements(2);
        }
    }

    /// A loop that sums vectors from memory, or products of them, and one that sums the bytes behind them. The sum is in
    /// a local, or on the stack as the loop's parameter.
    fn reduce(&mut self) {
        let (one, other) = (self.array(), self.array());
        let (rounds, rest) = (self.rounds(), self.choices.within(1, BYTES - 1));
        let (sum, at) = (self.new_vector(), self.new_counter(0));
        let products: Vec<_> =
            PRODUCTS.iter().copied().filter(|(op, _)| self.config.relaxed_vectors || !op.is_relaxed()).collect();
        let (product, add) = self.choices.pick(&products);
        let multiplies = self.choices.one_in(2);
        let carried = self.choices.one_in(2);
        let ty = if carried { FuncType::new([V128], [V128]) } else { FuncType::new([], []) };
        if carried {
            self.emit(Operator::LocalGet(sum));
        }
        self.enter_loop(&ty);
        if !carried {
            self.emit(Operator::LocalGet(sum));
        }
        self.push_element(one, at);
        if multiplies {
            self.push_element(other, at);
            self.emit(Operator::Vector(product));
        }
        self.emit(Operator::Vector(add));
        if !carried {
            self.emit(Operator::LocalSet(sum));
        }
        self.perhaps_statements();
        self.operands(ty.params());
        self.advance(at, BYTES, rounds * BYTES);
        self.exit(&ty);
        if !carried {
            self.emit(Operator::LocalGet(sum));
        }

        let (bytes, nothing) = (self.new_local(I32), FuncType::new([], []));
        self.enter_loop(&nothing);
        self.emit(Operator::LocalGet(bytes));
        self.push_address(one, at);
        self.emit(Operator::Load(LoadOp::I32Load8U, one.access(0)));
        self.emit(Operator::Binary(BinaryOp::I32Add));
        self.emit(Operator::LocalSet(bytes));
        self.advance(at, 1, rounds * BYTES + rest);
        self.exit(&nothing);
        self.emit(Operator::LocalGet(bytes));
        self.emit(Operator::Vector(VectorOp::I32x4Splat));
        self.emit(Operator::Vector(add));
    }

    /// A loop that looks for a byte that compares in some way, and leaves its address, or -1.
    fn scan(&mut self) {
        let array = self.array();
        let rounds = self.rounds();
        let (needle, mask, at) = (self.new_local(V128), self.new_local(I32), self.new_counter(0));
        let (found, nothing) = (FuncType::new([], [I32]), FuncType::new([], []));
        let compare = self.choices.pick(COMPARISONS);
        self.leaf(I32);
        self.emit(Operator::Vector(VectorOp::I8x16Splat));
        self.emit(Operator::LocalSet(needle));
        self.enter(Operator::Block(found.clone()), Target::Forward);
        self.enter_loop(&nothing);
        self.push_element(array, at);
        self.emit(Operator::LocalGet(needle));
        self.emit(Operator::Vector(compare));
        self.emit(Operator::Vector(VectorOp::I8x16Bitmask));
        self.emit(Operator::LocalTee(mask));
        self.enter(Operator::If(nothing.clone()), Target::Forward);
        self.emit(Operator::LocalGet(at));
        self.emit(Operator::LocalGet(mask));
        self.emit(Operator::Unary(UnaryOp::I32Ctz));
        self.emit(Operator::Binary(BinaryOp::I32Add));
        self.append(Operator::Br(2));
        self.die();
        self.exit(&nothing);
        self.advance(at, BYTES, rounds * BYTES);
        self.exit(&nothing);
        self.constant(I32, u64::from(u32::MAX));
        self.exit(&found);
    }

    /// A loop that loads vectors and lanes, changes their order, and stores vectors and lanes.
    fn shuffle_array(&mut self) {
        let (from, to) = (self.array(), self.array());
        let rounds = self.rounds();
        let (vector, at, nothing) = (self.new_vector(), self.new_counter(0), FuncType::new([], []));
        let (load, store) = (self.choices.pick(LoadLaneOp::ALL), self.choices.pick(StoreLaneOp::ALL));
        let relaxed = self.config.relaxed_vectors && self.choices.one_in(2);
        let swizzle = if relaxed { VectorOp::I8x16RelaxedSwizzle } else { VectorOp::I8x16Swizzle };
        self.enter_loop(&nothing);
        self.push_address(from, at);
        self.emit(Operator::LocalGet(vector));
        let lane = self.lane(load.lanes());
        self.emit(Operator::LoadLane(load, lane, from.access(0)));
        self.push_element(from, at);
        self.shuffle();
        if self.choices.one_in(2) {
            self.leaf(V128)
        } else {
            self.push_element(to, at)
        }
        self.emit(Operator::Vector(swizzle));
        self.emit(Operator::LocalSet(vector));
        self.push_address(to, at);
        self.emit(Operator::LocalGet(vector));
        self.emit(Operator::VectorStore(to.access(0)));
        self.push_address(to, at);
        self.emit(Operator::LocalGet(vector));
        let lane = self.lane(store.lanes());
        self.emit(Operator::StoreLane(store, lane, to.access(0)));
        self.advance(at, BYTES, rounds * BYTES);
        self.exit(&nothing);
        self.emit(Operator::LocalGet(vector));
    }

    /// Vectors in locals, on the stack and in a global, over a call.
    fn across_call(&mut self) {
        let mut vectors = Vec::new();
        for _ in 0..self.choices.within(2, 6) {
            vectors.push(self.new_vector());
        }
        let pending = self.choices.pick(&vectors);
        self.emit(Operator::LocalGet(pending));
        self.join_all(&vectors);
        let global = self.any_global(V128, true);
        if let Some(global) = global {
            self.emit(Operator::LocalGet(pending));
            self.emit(Operator::GlobalSet(global));
        }
        let height = self.stack.len();
        let through_table = self.config.table && self.choices.one_in(3);
        self.apart(|body| if through_table { body.call_indirect() } else { body.call() });
        while self.stack.len() > height {
            self.settle_top();
        }
        self.join_all(&vectors);
        if let Some(global) = global {
            self.emit(Operator::GlobalGet(global));
            self.join();
        }
        self.join();
        self.join();
    }

    /// Two vectors, which the arms of an `if` leave in different order.
    fn merge_by_if(&mut self) {
        let [one, other] = [self.new_vector(), self.new_vector()];
        let ty = FuncType::new([], [V128, V128]);
        self.condition();
        self.enter(Operator::If(ty.clone()), Target::Forward);
        self.emit(Operator::LocalGet(one));
        self.emit(Operator::LocalGet(other));
        self.otherwise(&ty);
        self.emit(Operator::LocalGet(other));
        self.emit(Operator::LocalGet(one));
        if self.choices.one_in(2) {
            self.literal(V128);
            self.join();
        }
        self.exit(&ty);
        self.join();
    }

    /// A branch table with a vector, to nested blocks that each go on to compute with it.
    fn merge_by_table(&mut self) {
        let ty = FuncType::new([], [V128]);
        for _ in 0..NESTING {
            self.enter(Operator::Block(ty.clone()), Target::Forward);
        }
        self.produce(V128);
        self.produce(I32);
        self.mask(I32, 3);
        let count = self.choices.within(1, 5);
        let targets = (0..=count).map(|_| self.choices.below(NESTING as u32)).collect();
        self.append(Operator::BrTable(targets));
        self.die();
        self.exit(&ty);
        for _ in 1..NESTING {
            self.leaf(V128);
            self.join();
            self.exit(&ty);
        }
    }

    /// A loop through whose rounds vectors move from local to local, while reads of them are pending.
    fn rotate(&mut self) {
        let mut vectors = Vec::new();
        for _ in 0..self.choices.within(2, 5) {
            vectors.push(self.new_vector());
        }
        let rounds = self.rounds();
        let (at, nothing) = (self.new_counter(0), FuncType::new([], []));
        self.enter_loop(&nothing);
        for &local in &vectors[1..] {
            self.emit(Operator::LocalGet(local));
        }
        self.join_all(&vectors[..2]);
        for &local in vectors.iter().rev() {
            self.emit(Operator::LocalSet(local));
        }
        self.perhaps_statements();
        self.advance(at, 1, rounds);
        self.exit(&nothing);
        self.join_all(&vectors);
    }
}
