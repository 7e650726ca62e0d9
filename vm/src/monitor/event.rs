//! Events in the code.

use riser_translator::probe::{AccessKind, Bulk, Point};
use riser_translator::{FuncIndex, MemoryIndex};

use super::{Value, Values};
use crate::Module;
use crate::instance::InstanceData;
use crate::store::StoreId;

/// Code gets to a place: which it is, and what is there.
pub struct Event<'a> {
    pub(super) instance: &'a InstanceData,
    pub(super) store: StoreId,
    pub(super) function: FuncIndex,
    pub(super) point: Point,
    pub(super) offset: u32,
    pub(super) frame: usize,
    pub(super) locals: Values<'a>,
    pub(super) operands: Values<'a>,
}

/// A stretch of a memory that an operator is about to access. It may be out of bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemoryAccess {
    /// The memory's index in the module.
    pub memory: MemoryIndex,
    /// The first byte, with the constant part of the address.
    pub address: u64,
    /// The number of bytes.
    pub bytes: u64,
    /// Whether it reads or writes.
    pub kind: AccessKind,
}

impl<'a> Event<'a> {
    /// The module that the code is of.
    pub fn module(&self) -> &'a Module {
        self.instance.module()
    }

    /// The index of the function in its module.
    pub fn function(&self) -> FuncIndex {
        self.function
    }

    /// The function's name, if it has one.
    pub fn name(&self) -> Option<&'a str> {
        self.module().info().func_name(self.function)
    }

    /// What happens there.
    pub fn point(&self) -> Point {
        self.point
    }

    /// The offset in bytes from the start of the module: that of the operator, for an entry of the body's first operator,
    /// for an exit of its last one.
    pub fn offset(&self) -> usize {
        self.offset as usize
    }

    /// A number for the store, which no other store of the process has or had.
    pub fn store(&self) -> u64 {
        self.store.number()
    }

    /// The number of the instance in its store, counted from 0.
    pub fn instance(&self) -> u32 {
        self.instance.number()
    }

    /// The position of the frame in its store. A callee's is greater than its caller's, and the same if it was called in
    /// tail position. So a frame whose position is at most that of another has replaced it: however that one ended.
    pub fn frame(&self) -> usize {
        self.frame
    }

    /// The locals, parameters first.
    pub fn locals(&self) -> Values<'a> {
        self.locals
    }

    /// The operands from the bottom; at an exit, the results.
    pub fn operands(&self) -> Values<'a> {
        self.operands
    }

    /// Whether the branch is going to be taken: whether the condition of a `br_if` or `if` is not zero. `None` elsewhere.
    pub fn taken(&self) -> Option<bool> {
        match (self.point, self.operands.last()) {
            (Point::Branch, Some(Value::I32(condition))) => Some(condition != 0),
            _ => None,
        }
    }

    /// The number of the target that a `br_table` is going to choose; that of the default is the number of others. `None`
    /// elsewhere.
    pub fn target(&self) -> Option<u32> {
        match (self.point, self.operands.last()) {
            (Point::BranchTable { targets }, Some(Value::I32(index))) => Some(targets.min(index as u32)),
            _ => None,
        }
    }

    /// What the operator is going to access: one stretch of memory, or two for `memory.copy`, of which the first is read.
    /// Nothing if it is no operator that does.
    pub fn accesses(&self) -> impl Iterator<Item = MemoryAccess> + use<> {
        let slot = |above| self.operands.slot_from_top(above).unwrap_or(0);
        let bulk = |memory, above, kind| MemoryAccess { memory, address: slot(above), bytes: slot(0), kind };
        let accesses = match self.point {
            Point::Access(access) => {
                let address = slot(access.slots_above).saturating_add(access.offset);
                let (memory, bytes, kind) = (access.memory, access.bytes.into(), access.kind);
                [Some(MemoryAccess { memory, address, bytes, kind }), None]
            }
            Point::Bulk(Bulk::Fill(memory) | Bulk::Init(memory)) => [Some(bulk(memory, 2, AccessKind::Write)), None],
            Point::Bulk(Bulk::Copy { to, from }) => {
                [Some(bulk(from, 1, AccessKind::Read)), Some(bulk(to, 2, AccessKind::Write))]
            }
            Point::Entry
            | Point::Exit
            | Point::Loop
            | Point::Branch
            | Point::BranchTable { .. }
            | Point::Call { .. }
            | Point::CallIndirect { .. }
            | Point::Operator => [None, None],
        };
        accesses.into_iter().flatten()
    }

    /// The bytes of a memory of the instance. `None` if the module has no such memory, or if it is shared: other threads may
    /// be writing it.
    pub fn memory(&self, memory: MemoryIndex) -> Option<&'a [u8]> {
        // SAFETY: whoever makes an event sees to it that no code of the store runs as long as the event exists.
        unsafe { super::fire::memory(self.instance, memory) }
    }
}
