//! Every operation computes what the operation table says, in every form and under every configuration.
//!
//! An input picks an operation and constants. A module then has one function for each form: where the operands come from (a
//! local, a constant, the accumulator, a slot of the operand stack), and what becomes of the result (returned, a local, a
//! branch's condition, stored, ...). Each is called with many operands under each configuration and in wasmi, and compared
//! with the operation's definition: `eval` for what computes, bytes of a model for what accesses memory.
//!
//! A case is one form with one tuple of operands, compared under all configurations.

mod access;
mod compute;
mod forms;
mod machines;

pub use forms::literal;

use riser::ValType;
use riser_translator::ops::{BinaryOp, LoadOp, StoreOp, UnaryOp};

use crate::mutate::Numbers;
use crate::value::{interesting, mix};

use super::{Finding, Verdict};

/// An operation of the table.
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
}

/// Every operation of the table.
pub fn operations() -> Vec<Operation> {
    let unary = UnaryOp::ALL.iter().map(|&op| Operation::Unary(op));
    let binary = BinaryOp::ALL.iter().map(|&op| Operation::Binary(op));
    let loads = LoadOp::ALL.iter().map(|&op| Operation::Load(op));
    let stores = StoreOp::ALL.iter().map(|&op| Operation::Store(op));
    unary.chain(binary).chain(loads).chain(stores).collect()
}

/// The property on the operation and operands that `data` stands for.
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

/// The property on one operation.
///
/// # Errors
///
/// If it does not compute what it should.
pub fn check(operation: Operation, operands: &mut Operands<'_>) -> Result<Verdict, Finding> {
    match operation {
        Operation::Unary(_) | Operation::Binary(_) => compute::check(operation, operands),
        Operation::Load(_) | Operation::Store(_) => access::check(operation, operands),
    }
}

/// Operands: two bytes of the input each, and more that follow from it when it has run out.
pub struct Operands<'a> {
    data: &'a [u8],
    more: Numbers,
}

impl<'a> Operands<'a> {
    /// The operands that `data` stands for.
    pub fn new(data: &'a [u8]) -> Operands<'a> {
        Operands { data, more: Numbers::new(super::digest(data)) }
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

    /// A value of a type, mostly an interesting one or next to one.
    fn value(&mut self, ty: ValType) -> u64 {
        let number = self.next();
        let list = interesting(ty);
        let near = list[number as usize / 8 % list.len()];
        let bits = match number % 8 {
            0..5 => near,
            5 => near.wrapping_add(1),
            6 => near.wrapping_sub(1),
            _ => mix(number, self.next()),
        };
        match ty {
            ValType::I32 | ValType::F32 => bits & 0xffff_ffff,
            _ => bits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_right() {
        for operation in operations() {
            check(operation, &mut Operands::new(b"seed")).unwrap_or_else(|finding| panic!("{operation:?}: {finding}"));
        }
    }
}
