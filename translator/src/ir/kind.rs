//! What instructions do, in broad terms: for profiles and other readers that ask about many instructions at once.

use super::{Cond, Inst};
use crate::ops::AtomicKind;
use crate::types::ValType;

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Computes, copies, or reads or writes state other than a memory's bytes: variables, tables, a memory's size.
    Compute,
    /// Reads a number of bytes of a memory that the instruction determines.
    Load {
        /// How many.
        bytes: u32,
    },
    /// Writes a number of bytes of a memory that the instruction determines.
    Store {
        /// How many.
        bytes: u32,
    },
    /// Reads or writes bytes of a memory, or both, in the order that all threads see.
    Atomic {
        /// How many.
        bytes: u32,
    },
    /// Reads or writes as many bytes of a memory as an operand says.
    Bulk,
    /// Goes elsewhere, always.
    Branch,
    /// Goes elsewhere or to what is behind it.
    BranchIf {
        /// Whether it goes elsewhere if the operator's condition holds; otherwise it does if that does not hold.
        taken_if: bool,
    },
    /// Calls.
    Call {
        /// Through a table.
        is_indirect: bool,
    },
    /// Calls in place of the running function.
    ReturnCall {
        /// Through a table.
        is_indirect: bool,
    },
    /// Returns.
    Return,
    /// Throws an exception.
    Throw,
    /// Traps.
    Trap,
    /// Charges fuel, or polls the interrupt flag.
    Poll,
    /// Does nothing when it is reached.
    Mark,
}

impl Inst {
    /// What the instruction does.
    pub fn kind(&self) -> Kind {
        match *self {
            Inst::Load { op, .. } => Kind::Load { bytes: op.access_bytes() },
            Inst::VectorLoad { op, .. } => Kind::Load { bytes: op.access_bytes() },
            Inst::LoadLane { op, .. } => Kind::Load { bytes: op.access_bytes() },
            Inst::Store { op, .. } => Kind::Store { bytes: op.access_bytes() },
            Inst::VectorStore { .. } => Kind::Store { bytes: ValType::V128.slots() * size_of::<u64>() as u32 },
            Inst::StoreLane { op, .. } => Kind::Store { bytes: op.access_bytes() },
            Inst::Atomic { op, .. } => match op.kind() {
                AtomicKind::Access(_) | AtomicKind::Wait => Kind::Atomic { bytes: op.access_bytes() },
                AtomicKind::Notify => Kind::Compute,
            },
            Inst::MemoryFill { .. } | Inst::MemoryCopy { .. } | Inst::MemoryInit { .. } => Kind::Bulk,
            Inst::Branch { .. } | Inst::BranchTable { .. } => Kind::Branch,
            Inst::BranchIf { cond, .. } => Kind::BranchIf {
                taken_if: match cond {
                    Cond::NonZero(_) | Cond::Compare { .. } => true,
                    Cond::Zero(_) => false,
                },
            },
            Inst::Call { .. } => Kind::Call { is_indirect: false },
            Inst::CallIndirect { .. } => Kind::Call { is_indirect: true },
            Inst::ReturnCall { .. } => Kind::ReturnCall { is_indirect: false },
            Inst::ReturnCallIndirect { .. } => Kind::ReturnCall { is_indirect: true },
            Inst::Return | Inst::ReturnValue { .. } => Kind::Return,
            Inst::Throw { .. } | Inst::ThrowRef { .. } => Kind::Throw,
            Inst::Trap { .. } => Kind::Trap,
            Inst::Fuel { .. } | Inst::Epoch => Kind::Poll,
            Inst::TryBegin { .. } | Inst::TryEnd { .. } | Inst::Catch { .. } | Inst::CatchEnd { .. } => Kind::Mark,
            Inst::Const { .. }
            | Inst::Copy { .. }
            | Inst::CopySlots { .. }
            | Inst::Unary { .. }
            | Inst::Binary { .. }
            | Inst::Wide { .. }
            | Inst::Select { .. }
            | Inst::RefIsNull { .. }
            | Inst::RefFunc { .. }
            | Inst::VectorConst { .. }
            | Inst::Vector { .. }
            | Inst::Shuffle { .. }
            | Inst::ExtractLane { .. }
            | Inst::ReplaceLane { .. }
            | Inst::AtomicFence
            | Inst::GlobalGet { .. }
            | Inst::GlobalSet { .. }
            | Inst::MemorySize { .. }
            | Inst::MemoryGrow { .. }
            | Inst::DataDrop { .. }
            | Inst::TableGet { .. }
            | Inst::TableSet { .. }
            | Inst::TableSize { .. }
            | Inst::TableGrow { .. }
            | Inst::TableFill { .. }
            | Inst::TableCopy { .. }
            | Inst::TableInit { .. }
            | Inst::ElemDrop { .. } => Kind::Compute,
        }
    }
}

impl Kind {
    /// Whether control goes on behind the instruction and nowhere else, unless it traps. Behind a call and a poll, control goes
    /// on after something else has run.
    pub const fn goes_on(self) -> bool {
        match self {
            Kind::Compute | Kind::Load { .. } | Kind::Store { .. } | Kind::Atomic { .. } | Kind::Bulk | Kind::Mark => {
                true
            }
            Kind::Branch
            | Kind::BranchIf { .. }
            | Kind::Call { .. }
            | Kind::ReturnCall { .. }
            | Kind::Return
            | Kind::Throw
            | Kind::Trap
            | Kind::Poll => false,
        }
    }
}
