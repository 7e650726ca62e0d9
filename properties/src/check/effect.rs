//! Effects: everything that a program does other than computing values.
//!
//! An effect is an [`Action`], which says what is done, and operands. Everything that can trap is an effect, and
//! everything that writes to something other than the frame. Both sides have to produce the same effects in the same
//! order. Branches and returns are effects, too, and are handled with control flow.
//!
//! The [`Log`] numbers the effects, names them for messages, and tracks when a place that can be read without trapping
//! was last written.

use std::collections::HashMap;
use std::fmt;

use wasmparser::{MemArg, Operator};

use riser_translator::func::rows::{AtomicRow, Row, VectorRow, atomic_row, row, vector_row};
use riser_translator::index::{
    DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex,
};
use riser_translator::ir::Inst;
use riser_translator::module::ModuleInfo;
use riser_translator::ops::{AtomicOp, BinaryOp, LoadLaneOp, LoadOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp};
use riser_translator::trap::TrapCode;
use riser_translator::types::ValType;

use super::term::Place;

/// The callee of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callee {
    Direct(FuncIndex),
    Indirect { table: TableIndex, type_index: TypeIndex },
}

/// The kind of an effect, without its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Unary(UnaryOp),
    Binary(BinaryOp),
    GlobalSet(GlobalIndex),
    Load { op: LoadOp, memory: MemoryIndex, offset: u64 },
    Store { op: StoreOp, memory: MemoryIndex, offset: u64 },
    VectorLoad { op: VectorLoadOp, memory: MemoryIndex, offset: u64 },
    VectorStore { memory: MemoryIndex, offset: u64 },
    LoadLane { op: LoadLaneOp, lane: u8, memory: MemoryIndex, offset: u64 },
    StoreLane { op: StoreLaneOp, lane: u8, memory: MemoryIndex, offset: u64 },
    Atomic { op: AtomicOp, memory: MemoryIndex, offset: u64 },
    AtomicFence,
    MemoryGrow(MemoryIndex),
    MemoryFill(MemoryIndex),
    MemoryCopy { dst: MemoryIndex, src: MemoryIndex },
    MemoryInit { memory: MemoryIndex, segment: DataIndex },
    DataDrop(DataIndex),
    TableGet(TableIndex),
    TableSet(TableIndex),
    TableGrow(TableIndex),
    TableFill(TableIndex),
    TableCopy { dst: TableIndex, src: TableIndex },
    TableInit { table: TableIndex, segment: ElemIndex },
    ElemDrop(ElemIndex),
    Call(Callee),
    ReturnCall(Callee),
    Throw(TagIndex),
    ThrowRef,
    Trap(TrapCode),
    Fuel(u32),
    Epoch,
}

impl Action {
    /// Returns the effect of an instruction; `None` if it only computes, branches or returns.
    pub(super) fn of(inst: &Inst) -> Option<Action> {
        Some(match *inst {
            Inst::Unary { op, .. } if op.traps() => Action::Unary(op),
            Inst::Binary { op, .. } if op.traps() => Action::Binary(op),
            Inst::GlobalSet { global, .. } => Action::GlobalSet(global),
            Inst::Load { op, memory, offset, .. } => Action::Load { op, memory, offset },
            Inst::Store { op, memory, offset, .. } => Action::Store { op, memory, offset },
            Inst::VectorLoad { op, memory, offset, .. } => Action::VectorLoad { op, memory, offset },
            Inst::VectorStore { memory, offset, .. } => Action::VectorStore { memory, offset },
            Inst::LoadLane { op, lane, memory, offset, .. } => Action::LoadLane { op, lane, memory, offset },
            Inst::StoreLane { op, lane, memory, offset, .. } => Action::StoreLane { op, lane, memory, offset },
            Inst::Atomic { op, memory, offset, .. } => Action::Atomic { op, memory, offset },
            Inst::AtomicFence => Action::AtomicFence,
            Inst::MemoryGrow { memory, .. } => Action::MemoryGrow(memory),
            Inst::MemoryFill { memory, .. } => Action::MemoryFill(memory),
            Inst::MemoryCopy { dst_memory, src_memory, .. } => Action::MemoryCopy { dst: dst_memory, src: src_memory },
            Inst::MemoryInit { memory, segment, .. } => Action::MemoryInit { memory, segment },
            Inst::DataDrop { segment } => Action::DataDrop(segment),
            Inst::TableGet { table, .. } => Action::TableGet(table),
            Inst::TableSet { table, .. } => Action::TableSet(table),
            Inst::TableGrow { table, .. } => Action::TableGrow(table),
            Inst::TableFill { table, .. } => Action::TableFill(table),
            Inst::TableCopy { dst_table, src_table, .. } => Action::TableCopy { dst: dst_table, src: src_table },
            Inst::TableInit { table, segment, .. } => Action::TableInit { table, segment },
            Inst::ElemDrop { segment } => Action::ElemDrop(segment),
            Inst::Call { function, .. } => Action::Call(Callee::Direct(function)),
            Inst::CallIndirect { table, type_index, .. } => Action::Call(Callee::Indirect { table, type_index }),
            Inst::ReturnCall { function, .. } => Action::ReturnCall(Callee::Direct(function)),
            Inst::ReturnCallIndirect { table, type_index, .. } => {
                Action::ReturnCall(Callee::Indirect { table, type_index })
            }
            Inst::Throw { tag, .. } => Action::Throw(tag),
            Inst::ThrowRef { .. } => Action::ThrowRef,
            Inst::Trap { code } => Action::Trap(code),
            Inst::Fuel { units } => Action::Fuel(units),
            Inst::Epoch => Action::Epoch,
            Inst::Unary { .. }
            | Inst::Binary { .. }
            | Inst::Wide { .. }
            | Inst::Const { .. }
            | Inst::Copy { .. }
            | Inst::CopySlots { .. }
            | Inst::Select { .. }
            | Inst::RefIsNull { .. }
            | Inst::RefFunc { .. }
            | Inst::VectorConst { .. }
            | Inst::Vector { .. }
            | Inst::Shuffle { .. }
            | Inst::ExtractLane { .. }
            | Inst::ReplaceLane { .. }
            | Inst::GlobalGet { .. }
            | Inst::MemorySize { .. }
            | Inst::TableSize { .. }
            | Inst::Branch { .. }
            | Inst::BranchIf { .. }
            | Inst::BranchTable { .. }
            | Inst::TryBegin { .. }
            | Inst::TryEnd { .. }
            | Inst::Catch { .. }
            | Inst::CatchEnd { .. }
            | Inst::Return
            | Inst::ReturnValue { .. } => return None,
        })
    }

    /// Returns the effect of a wasm operator other than calls and control, with the number of its operands and the type
    /// of its result; `None` if it has no effect.
    pub(super) fn of_operator(
        operator: &Operator<'_>,
        module: &ModuleInfo,
    ) -> Option<(Action, usize, Option<ValType>)> {
        Some(match *operator {
            Operator::GlobalSet { global_index } => (Action::GlobalSet(GlobalIndex::new(global_index)), 1, None),
            Operator::MemoryGrow { mem } => {
                let memory = MemoryIndex::new(mem);
                (Action::MemoryGrow(memory), 1, Some(module.memory(memory).address_type()))
            }
            Operator::MemoryFill { mem } => (Action::MemoryFill(MemoryIndex::new(mem)), 3, None),
            Operator::MemoryCopy { dst_mem, src_mem } => {
                (Action::MemoryCopy { dst: MemoryIndex::new(dst_mem), src: MemoryIndex::new(src_mem) }, 3, None)
            }
            Operator::MemoryInit { data_index, mem } => {
                (Action::MemoryInit { memory: MemoryIndex::new(mem), segment: DataIndex::new(data_index) }, 3, None)
            }
            Operator::DataDrop { data_index } => (Action::DataDrop(DataIndex::new(data_index)), 0, None),
            Operator::TableGet { table } => {
                let table = TableIndex::new(table);
                (Action::TableGet(table), 1, Some(module.table(table).element))
            }
            Operator::TableSet { table } => (Action::TableSet(TableIndex::new(table)), 2, None),
            Operator::TableGrow { table } => {
                let table = TableIndex::new(table);
                (Action::TableGrow(table), 2, Some(module.table(table).index_type()))
            }
            Operator::TableFill { table } => (Action::TableFill(TableIndex::new(table)), 3, None),
            Operator::TableCopy { dst_table, src_table } => {
                (Action::TableCopy { dst: TableIndex::new(dst_table), src: TableIndex::new(src_table) }, 3, None)
            }
            Operator::TableInit { elem_index, table } => {
                (Action::TableInit { table: TableIndex::new(table), segment: ElemIndex::new(elem_index) }, 3, None)
            }
            Operator::ElemDrop { elem_index } => (Action::ElemDrop(ElemIndex::new(elem_index)), 0, None),
            ref other => match row(other) {
                None => {
                    return vector_row(other).and_then(of_vector_row).or_else(|| atomic_row(other).map(of_atomic_row));
                }
                Some(Row::Unary(op)) if op.traps() => (Action::Unary(op), 1, Some(op.result_type())),
                Some(Row::Binary(op)) if op.traps() => (Action::Binary(op), 2, Some(op.result_type())),
                Some(Row::Load(op, memarg)) => {
                    let (memory, offset) = place(memarg);
                    (Action::Load { op, memory, offset }, 1, Some(op.result_type()))
                }
                Some(Row::Store(op, memarg)) => {
                    let (memory, offset) = place(memarg);
                    (Action::Store { op, memory, offset }, 2, None)
                }
                Some(Row::Unary(_) | Row::Binary(_) | Row::Wide(_)) => return None,
            },
        })
    }

    /// Whether the wasm operator of the effect can be observed, because a trap or a backtrace shows where the effect
    /// happened.
    pub(super) const fn is_traced(self) -> bool {
        !matches!(self, Action::GlobalSet(_) | Action::DataDrop(_) | Action::ElemDrop(_) | Action::AtomicFence)
    }

    /// Returns the place that the effect writes. A call may write any place.
    const fn writes(self) -> Option<Place> {
        match self {
            Action::GlobalSet(global) => Some(Place::Global(global)),
            Action::MemoryGrow(memory) => Some(Place::MemorySize(memory)),
            Action::TableGrow(table) => Some(Place::TableSize(table)),
            // What is in memories and tables is read by effects only, which stay in order.
            Action::Unary(_)
            | Action::Binary(_)
            | Action::Load { .. }
            | Action::Store { .. }
            | Action::VectorLoad { .. }
            | Action::VectorStore { .. }
            | Action::LoadLane { .. }
            | Action::StoreLane { .. }
            | Action::Atomic { .. }
            | Action::AtomicFence
            | Action::MemoryFill(_)
            | Action::MemoryCopy { .. }
            | Action::MemoryInit { .. }
            | Action::DataDrop(_)
            | Action::TableGet(_)
            | Action::TableSet(_)
            | Action::TableFill(_)
            | Action::TableCopy { .. }
            | Action::TableInit { .. }
            | Action::ElemDrop(_)
            | Action::Call(_)
            | Action::ReturnCall(_)
            | Action::Throw(_)
            | Action::ThrowRef
            | Action::Trap(_)
            | Action::Fuel(_)
            | Action::Epoch => None,
        }
    }
}

/// The memory that an operator accesses, and the constant part of the address.
fn place(memarg: MemArg) -> (MemoryIndex, u64) {
    (MemoryIndex::new(memarg.memory), memarg.offset)
}

/// As `of_operator`, for an atomic operator.
fn of_atomic_row(row: AtomicRow) -> (Action, usize, Option<ValType>) {
    match row {
        AtomicRow::Fence => (Action::AtomicFence, 0, None),
        AtomicRow::Access(op, memarg) => {
            let (memory, offset) = place(memarg);
            (Action::Atomic { op, memory, offset }, 1 + op.operand_types().len(), op.result_type())
        }
    }
}

/// As `of_operator`, for a vector operator.
fn of_vector_row(row: VectorRow) -> Option<(Action, usize, Option<ValType>)> {
    const VECTOR: Option<ValType> = Some(ValType::V128);
    Some(match row {
        VectorRow::Load(op, memarg) => {
            let (memory, offset) = place(memarg);
            (Action::VectorLoad { op, memory, offset }, 1, VECTOR)
        }
        VectorRow::Store(memarg) => {
            let (memory, offset) = place(memarg);
            (Action::VectorStore { memory, offset }, 2, None)
        }
        VectorRow::LoadLane(op, memarg, lane) => {
            let (memory, offset) = place(memarg);
            (Action::LoadLane { op, lane, memory, offset }, 2, VECTOR)
        }
        VectorRow::StoreLane(op, memarg, lane) => {
            let (memory, offset) = place(memarg);
            (Action::StoreLane { op, lane, memory, offset }, 2, None)
        }
        VectorRow::Const(_)
        | VectorRow::Shuffle(_)
        | VectorRow::Plain(_)
        | VectorRow::Extract(..)
        | VectorRow::Replace(..) => return None,
    })
}

/// The effects so far, which the wasm body and the IR have in common.
#[derive(Default)]
pub(super) struct Log {
    effects: Vec<(Action, u32)>,
    /// The version of every place: one more than the number of the last effect that may write any place.
    all: u32,
    versions: HashMap<Place, u32>,
}

impl Log {
    /// Adds the effect of the wasm operator at `offset`. Returns its number.
    pub(super) fn push(&mut self, action: Action, offset: u32) -> u32 {
        let number = self.effects.len() as u32;
        self.effects.push((action, offset));
        if let Action::Call(_) = action {
            self.all = number + 1;
        } else if let Some(place) = action.writes() {
            self.versions.insert(place, number + 1);
        }
        number
    }

    /// Starts again at a label: version 0 of a place is its value there.
    pub(super) fn restart(&mut self) {
        self.all = 0;
        self.versions.clear();
    }

    /// The version of a place.
    pub(super) fn version(&self, place: Place) -> u32 {
        self.versions.get(&place).map_or(self.all, |version| self.all.max(*version))
    }

    /// Returns the effect with the given number, and the wasm operator's offset.
    pub(super) fn get(&self, number: u32) -> (Action, u32) {
        self.effects[number as usize]
    }
}

/// Writes a memory's or table's index unless it is 0, as in the text form of the IR.
fn index(f: &mut fmt::Formatter<'_>, name: &str, index: u32) -> fmt::Result {
    if index == 0 { Ok(()) } else { write!(f, " {name}={index}") }
}

fn access(f: &mut fmt::Formatter<'_>, memory: MemoryIndex, offset: u64) -> fmt::Result {
    if offset != 0 {
        write!(f, " offset={offset}")?;
    }
    index(f, "memory", memory.as_u32())
}

impl fmt::Display for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Callee::Direct(function) => write!(f, " {function}"),
            Callee::Indirect { table, type_index } => write!(f, "_indirect table={table} type={type_index}"),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Action::Unary(op) => op.fmt(f),
            Action::Binary(op) => op.fmt(f),
            Action::GlobalSet(global) => write!(f, "global.set {global}"),
            Action::Load { op, memory, offset } => {
                op.fmt(f)?;
                access(f, memory, offset)
            }
            Action::Store { op, memory, offset } => {
                op.fmt(f)?;
                access(f, memory, offset)
            }
            Action::VectorLoad { op, memory, offset } => {
                op.fmt(f)?;
                access(f, memory, offset)
            }
            Action::VectorStore { memory, offset } => {
                f.write_str("v128.store")?;
                access(f, memory, offset)
            }
            Action::LoadLane { op, lane, memory, offset } => {
                write!(f, "{op} {lane}")?;
                access(f, memory, offset)
            }
            Action::StoreLane { op, lane, memory, offset } => {
                write!(f, "{op} {lane}")?;
                access(f, memory, offset)
            }
            Action::Atomic { op, memory, offset } => {
                op.fmt(f)?;
                access(f, memory, offset)
            }
            Action::AtomicFence => f.write_str("atomic.fence"),
            Action::MemoryGrow(memory) => write!(f, "memory.grow {memory}"),
            Action::MemoryFill(memory) => write!(f, "memory.fill {memory}"),
            Action::MemoryCopy { dst, src } => write!(f, "memory.copy {dst} {src}"),
            Action::MemoryInit { memory, segment } => write!(f, "memory.init {memory} {segment}"),
            Action::DataDrop(segment) => write!(f, "data.drop {segment}"),
            Action::TableGet(table) => write!(f, "table.get {table}"),
            Action::TableSet(table) => write!(f, "table.set {table}"),
            Action::TableGrow(table) => write!(f, "table.grow {table}"),
            Action::TableFill(table) => write!(f, "table.fill {table}"),
            Action::TableCopy { dst, src } => write!(f, "table.copy {dst} {src}"),
            Action::TableInit { table, segment } => write!(f, "table.init {table} {segment}"),
            Action::ElemDrop(segment) => write!(f, "elem.drop {segment}"),
            Action::Call(callee) => write!(f, "call{callee}"),
            Action::ReturnCall(callee) => write!(f, "return_call{callee}"),
            Action::Throw(tag) => write!(f, "throw {tag}"),
            Action::ThrowRef => f.write_str("throw_ref"),
            Action::Trap(code) => write!(f, "trap \"{code}\""),
            Action::Fuel(units) => write!(f, "fuel {units}"),
            Action::Epoch => f.write_str("epoch"),
        }
    }
}
