//! Instruction bodies by family. Each is a type that implements [`Handler`](super::regs::Handler). It is generic over
//! the operation and the operands' places, so that one body of a few lines covers a family.

pub(super) mod atomic;
pub(super) mod call;
pub(super) mod control;
pub(super) mod exception;
pub(super) mod memory;
pub(super) mod numeric;
pub(super) mod op;
pub(super) mod reference;
pub(super) mod table;
pub(super) mod vector;
