//! Property: every operation computes what the operation table says, in every form and under every configuration.
//!
//! An input picks an operation and constants. A module then has one function for each form: the sources of the operands (a local, a
//! constant, the accumulator, a slot of the operand stack), and the use of the result (returned, set to a local, a branch's
//! condition, stored, ...). Each function is called with many operands under each configuration and in wasmi. The results are
//! compared with the operation's definition: `eval` for computations, a model's bytes for memory accesses. Relaxed SIMD operations
//! are not compared with wasmi's, which may compute something else, and atomic ones are not, because it has none.
//!
//! A case is one form with one tuple of operands, compared under all configurations.

mod access;
mod compute;
mod forms;
mod machines;

use std::sync::LazyLock;

pub use forms::literal;

use riser::ValType;
use riser_translator::ops::{
    AtomicOp, BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp, VectorOp,
};

use crate::configurations::{Configuration, Rotation};
use crate::mutate::Numbers;
use crate::value::{SHAPES, Shape, interesting, mix, vector};

use super::{Finding, Verdict};

/// Chooses among the configurations whose instances stay in their mode.
static ROTATION: LazyLock<Rotation> = LazyLock::new(|| Rotation::new(|configuration| !configuration.changing));

/// One of so many inputs runs in LLVM's code, too. LLVM takes some thirty times as long for an input as all other modes together.
const INPUTS_FOR_LLVM: u64 = 16;

/// An operation of the tables, or one of vectors that has an immediate of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// On one value.
    Unary(UnaryOp),
    /// On two values.
    Binary(BinaryOp),
    /// From memory.
    Load(LoadOp),
    /// To memory.
    Store(StoreOp),
    /// On one to three values, vectors or not.
    Vector(VectorOp),
    /// `i8x16.shuffle`
    Shuffle,
    /// A read of a lane.
    Extract(ExtractOp),
    /// A write of a lane.
    Replace(ReplaceOp),
    /// A vector from memory.
    VectorLoad(VectorLoadOp),
    /// `v128.store`
    VectorStore,
    /// A lane from memory.
    LoadLane(LoadLaneOp),
    /// A lane to memory.
    StoreLane(StoreLaneOp),
    /// In memory, with other threads in mind.
    Atomic(AtomicOp),
}

/// Every operation.
pub fn operations() -> Vec<Operation> {
    let unary = UnaryOp::ALL.iter().map(|&op| Operation::Unary(op));
    let binary = BinaryOp::ALL.iter().map(|&op| Operation::Binary(op));
    let loads = LoadOp::ALL.iter().map(|&op| Operation::Load(op));
    let stores = StoreOp::ALL.iter().map(|&op| Operation::Store(op));
    let vectors = VectorOp::ALL.iter().map(|&op| Operation::Vector(op));
    let extracts = ExtractOp::ALL.iter().map(|&op| Operation::Extract(op));
    let replaces = ReplaceOp::ALL.iter().map(|&op| Operation::Replace(op));
    let vector_loads = VectorLoadOp::ALL.iter().map(|&op| Operation::VectorLoad(op));
    let load_lanes = LoadLaneOp::ALL.iter().map(|&op| Operation::LoadLane(op));
    let store_lanes = StoreLaneOp::ALL.iter().map(|&op| Operation::StoreLane(op));
    let scalars = unary.chain(binary).chain(loads).chain(stores);
    let lanes = extracts.chain(replaces).chain(load_lanes).chain(store_lanes);
    let atomics = AtomicOp::ALL.iter().map(|&op| Operation::Atomic(op));
    let others = [Operation::Shuffle, Operation::VectorStore];
    scalars.chain(vectors).chain(lanes).chain(vector_loads).chain(atomics).chain(others).collect()
}

/// The property for the operation and operands that `data` stands for.
///
/// # Errors
///
/// If an operation does not compute what it should.
pub fn single_inst(data: &[u8]) -> Result<Verdict, Finding> {
    let mut operands = Operands::new(data);
    let operations = operations();
    let operation = operations[operands.next() as usize % operations.len()];
    check(operation, &mut operands)
}

/// The property for one operation.
///
/// # Errors
///
/// If it does not compute what it should.
pub fn check(operation: Operation, operands: &mut Operands<'_>) -> Result<Verdict, Finding> {
    match operation {
        Operation::Unary(_)
        | Operation::Binary(_)
        | Operation::Vector(_)
        | Operation::Shuffle
        | Operation::Extract(_)
        | Operation::Replace(_) => compute::check(operation, operands),
        Operation::Load(_)
        | Operation::Store(_)
        | Operation::VectorLoad(_)
        | Operation::VectorStore
        | Operation::LoadLane(_)
        | Operation::StoreLane(_)
        | Operation::Atomic(_) => access::check(operation, operands),
    }
}

/// Operands: two bytes of the input each, and further ones that are derived from the input once it has run out.
pub struct Operands<'a> {
    data: &'a [u8],
    more: Numbers,
    /// Whether LLVM compiles the operation, too.
    llvm: bool,
}

impl<'a> Operands<'a> {
    /// The operands that `data` stands for.
    pub fn new(data: &'a [u8]) -> Operands<'a> {
        let digest = super::digest(data);
        Operands { data, more: Numbers::new(digest), llvm: digest.is_multiple_of(INPUTS_FOR_LLVM) }
    }

    /// The configurations, besides the reference, that `pick` chooses.
    fn configurations(&self, pick: u64) -> Vec<Configuration> {
        let pick = pick as usize;
        if self.llvm { ROTATION.of_case(pick).collect() } else { ROTATION.without_llvm(pick).collect() }
    }

    fn next(&mut self) -> u64 {
        match *self.data {
            [low, high, ref rest @ ..] => {
                self.data = rest;
                u64::from(low) | u64::from(high) << 8
            }
            _ => self.more.number() & 0xffff,
        }
    }

    /// A value of a type, mostly an interesting one or a neighbour of one. A vector mostly has lanes of `shape`, if that is given.
    fn value(&mut self, ty: ValType, shape: Option<Shape>) -> u128 {
        let number = self.next();
        if ty == ValType::V128 {
            let any = SHAPES[number as usize / 4 % SHAPES.len()];
            return vector(shape.filter(|_| !number.is_multiple_of(4)).unwrap_or(any), mix(number, self.next()));
        }
        let list = interesting(ty);
        let near = list[number as usize / 8 % list.len()];
        let bits = match number % 8 {
            0..5 => near,
            5 => near.wrapping_add(1),
            6 => near.wrapping_sub(1),
            _ => mix(number, self.next()),
        };
        match ty {
            ValType::I32 | ValType::F32 => u128::from(bits) & 0xffff_ffff,
            ValType::I64 | ValType::F64 => bits.into(),
            ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
                unreachable!("{ty} is no number")
            }
        }
    }
}

/// The shape of an operation's vector operands: the last one in its name, if there is one.
fn shape(mnemonic: &str) -> Option<Shape> {
    const NAMES: [&str; 6] = ["i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"];
    let named = NAMES.iter().zip(SHAPES).filter_map(|(name, &shape)| Some((mnemonic.rfind(name)?, shape)));
    named.max_by_key(|(at, _)| *at).map(|(_, shape)| shape)
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn shapes_are_those_of_operands() {
        assert_eq!(shape("i32x4.trunc_sat_f64x2_u_zero"), Some((64, ValType::F64)));
        assert_eq!(shape("i32x4.relaxed_dot_i8x16_i7x16_add_s"), Some((8, ValType::I32)));
        assert_eq!(shape("v128.any_true"), None);
    }

    /// Every fourth operation, a few of them in LLVM's code; with `RISER_FULL` all of both. The specification's suite runs each operation in
    /// every mode.
    #[test]
    fn operations_are_right() {
        let full = std::env::var_os("RISER_FULL").is_some_and(|value| !value.is_empty());
        let operations: Vec<Operation> = operations().into_iter().step_by(if full { 1 } else { 4 }).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(&operation) = operations.get(number) else { break };
                let seed = number.to_le_bytes();
                let operands = Operands::new(&seed);
                check(operation, &mut Operands { llvm: full || operands.llvm, ..operands })
                    .unwrap_or_else(|finding| panic!("{operation:?}: {finding}"));
            }
        };
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    }
}
