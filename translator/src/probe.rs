//! Probes: places of a function at which code reports its state, for monitors.
//!
//! A function has a probe at each of the [`Point`]s that a [`Chooser`] chooses. The probe of an operator comes before the
//! operator takes effect, and after its fuel has been charged. At a probe the state is canonical, as at a
//! [safepoint](crate::safepoint): every local and every operand is in its slot. So code between two probes keeps its
//! optimisations, and code without probes is the same as ever.
//!
//! A [`ProbeMap`](crate::probe_map::ProbeMap) lists the probes of a function, with the types of the values there. Emitters
//! that put probes into code say so ([`Emitter::is_probing`](crate::ir::Emitter::is_probing)). Everything else is compiled
//! without a trace of them.

use std::fmt;

use crate::index::{FuncIndex, MemoryIndex, TableIndex, TypeIndex};
use crate::types::ValType;

/// A place of a function, by what happens there. Each operator is one point, except for the `end` of the function, which
/// is none of its own: the function's exit stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// The entry of the function: parameters are in place, other locals are zero, there are no operands.
    Entry,
    /// The exit of the function, however it returns. The operands are the results. Tail calls, traps and exceptions leave
    /// a function without it.
    Exit,
    /// A loop header, reached by falling in or by a branch back.
    Loop,
    /// `if` or `br_if`. The topmost operand is the condition.
    Branch,
    /// `br_table`. The topmost operand is the index.
    BranchTable {
        /// The number of targets, without the default.
        targets: u32,
    },
    /// `call` or `return_call`. The topmost operands are the arguments.
    Call {
        /// The function that is called.
        callee: FuncIndex,
        /// Whether it is a tail call.
        tail: bool,
    },
    /// `call_indirect` or `return_call_indirect`. The topmost operand is the index, and below it are the arguments.
    CallIndirect {
        /// The table.
        table: TableIndex,
        /// The expected type.
        ty: TypeIndex,
        /// Whether it is a tail call.
        tail: bool,
    },
    /// A load, a store or an atomic operator.
    Access(Access),
    /// `memory.fill`, `memory.copy` or `memory.init`. The topmost operands are destination, source or value, and length.
    Bulk(Bulk),
    /// Any other operator.
    Operator,
}

/// An operator that accesses a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// The memory.
    pub memory: MemoryIndex,
    /// The constant part of the address.
    pub offset: u64,
    /// The number of bytes that it accesses.
    pub bytes: u32,
    /// What it does with them.
    pub kind: AccessKind,
    /// The slots of the operands above the address.
    pub slots_above: u32,
}

/// What an operator does with the memory that it accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccessKind {
    /// It reads.
    Read,
    /// It writes.
    Write,
    /// It does both, atomically.
    ReadWrite,
}

/// An operator on a stretch of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bulk {
    /// `memory.fill`
    Fill(MemoryIndex),
    /// `memory.copy`
    Copy {
        /// The memory that is written.
        to: MemoryIndex,
        /// The memory that is read.
        from: MemoryIndex,
    },
    /// `memory.init`
    Init(MemoryIndex),
}

/// Chooses the probes of functions.
pub trait Chooser {
    /// Whom the probe at a point of a function is for: a number of the chooser's, or 0 for no probe. The offset is in bytes
    /// from the start of the module: that of the operator, for an entry of the body's first operator, for an exit of its
    /// last one.
    fn choose(&self, function: FuncIndex, point: &Point, offset: u32) -> u64;
}

/// A probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeSite {
    /// What happens there.
    pub point: Point,
    /// The offset that the [chooser](Chooser::choose) was given.
    pub offset: u32,
    /// The offset of the operator that it is at: for an exit, the one that returns.
    pub at: u32,
    /// What the chooser answered, not 0.
    pub chosen: u64,
    /// Slots of the operand stack below the first operand.
    pub height: u32,
    /// Types of the operand stack from the bottom; for an exit, of the results.
    pub operands: Vec<ValType>,
    /// References to exceptions that a legacy handler keeps among the operands in register code: the slots of the operand
    /// stack below each. They are not in `operands`.
    pub hidden: Vec<u32>,
}

impl fmt::Display for AccessKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AccessKind::Read => "read",
            AccessKind::Write => "write",
            AccessKind::ReadWrite => "read-write",
        })
    }
}
