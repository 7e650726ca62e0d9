//! The operators of a generated function, with their immediates.
//!
//! A body is a flat list, as in the binary format. Types are given by value. Indices into the module are plain numbers,
//! which [`Operator::indices`] enumerates for renumbering.

use riser_translator::ops::{
    AtomicOp, BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp,
    VectorOp, WideOp,
};
use riser_translator::types::{FuncType, ValType};

/// The immediates of a load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The memory's index.
    pub memory: u32,
    /// The constant that is added to the address.
    pub offset: u64,
    /// The binary logarithm of the promised alignment.
    pub align: u32,
}

/// A clause of a `try_table`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The tag of the exceptions that it catches; `None` if it catches all.
    pub tag: Option<u32>,
    /// Whether it brings a reference to the exception.
    pub reference: bool,
    /// The block that it goes to, counted from the one around the `try_table`.
    pub label: u32,
}

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `unreachable`
    Unreachable,
    /// `nop`
    Nop,
    /// `block`
    Block(FuncType),
    /// `loop`
    Loop(FuncType),
    /// `if`
    If(FuncType),
    /// `try_table`
    TryTable(FuncType, Vec<Clause>),
    /// `try`, of the legacy proposal
    Try(FuncType),
    /// `else`
    Else,
    /// `catch` of a `try`
    Catch(u32),
    /// `catch_all` of a `try`
    CatchAll,
    /// `end` of a block; the end of the body is implied.
    End,
    /// `delegate`, which ends a `try`; the label is counted from the block around that.
    Delegate(u32),
    /// `br`
    Br(u32),
    /// `br_if`
    BrIf(u32),
    /// `br_table`, with the default target last.
    BrTable(Vec<u32>),
    /// `return`
    Return,
    /// `call`
    Call(u32),
    /// `call_indirect`
    CallIndirect(u32, FuncType),
    /// `return_call`
    ReturnCall(u32),
    /// `return_call_indirect`
    ReturnCallIndirect(u32, FuncType),
    /// `throw`
    Throw(u32),
    /// `throw_ref`
    ThrowRef,
    /// `rethrow`, of what the `catch` or `catch_all` with this label has caught
    Rethrow(u32),
    /// `drop`
    Drop,
    /// `select`
    Select,
    /// `select` with a type
    TypedSelect(ValType),
    /// `local.get`
    LocalGet(u32),
    /// `local.set`
    LocalSet(u32),
    /// `local.tee`
    LocalTee(u32),
    /// `global.get`
    GlobalGet(u32),
    /// `global.set`
    GlobalSet(u32),
    /// The constant of a number type with the given slot bits.
    Const(ValType, u64),
    /// `ref.null`
    RefNull(ValType),
    /// `ref.is_null` on a reference of the type
    RefIsNull(ValType),
    /// `ref.func`
    RefFunc(u32),
    /// An operation on one value.
    Unary(UnaryOp),
    /// An operation on two values.
    Binary(BinaryOp),
    /// Wide arithmetic.
    Wide(WideOp),
    /// A load.
    Load(LoadOp, Access),
    /// A store.
    Store(StoreOp, Access),
    /// The constant vector with the given bits.
    VectorConst(u128),
    /// A vector operation without immediates.
    Vector(VectorOp),
    /// `i8x16.shuffle`
    Shuffle([u8; 16]),
    /// A read of the lane with the given number.
    ExtractLane(ExtractOp, u8),
    /// A write of the lane with the given number.
    ReplaceLane(ReplaceOp, u8),
    /// A load of a vector.
    VectorLoad(VectorLoadOp, Access),
    /// `v128.store`
    VectorStore(Access),
    /// A load of the lane with the given number.
    LoadLane(LoadLaneOp, u8, Access),
    /// A store of the lane with the given number.
    StoreLane(StoreLaneOp, u8, Access),
    /// An atomic operation.
    Atomic(AtomicOp, Access),
    /// `atomic.fence`
    AtomicFence,
    /// `memory.size`
    MemorySize(u32),
    /// `memory.grow`
    MemoryGrow(u32),
    /// `memory.fill`
    MemoryFill(u32),
    /// `memory.copy` between two memories
    MemoryCopy {
        /// The memory to copy to.
        dst: u32,
        /// The memory to copy from.
        src: u32,
    },
    /// `memory.init`
    MemoryInit {
        /// The memory.
        memory: u32,
        /// The data segment.
        segment: u32,
    },
    /// `data.drop`
    DataDrop(u32),
    /// `table.get`
    TableGet(u32),
    /// `table.set`
    TableSet(u32),
    /// `table.size`
    TableSize(u32),
    /// `table.grow`
    TableGrow(u32),
    /// `table.fill`
    TableFill(u32),
    /// `table.copy` between two tables
    TableCopy {
        /// The table to copy to.
        dst: u32,
        /// The table to copy from.
        src: u32,
    },
    /// `table.init`
    TableInit {
        /// The table.
        table: u32,
        /// The element segment.
        segment: u32,
    },
    /// `elem.drop`
    ElemDrop(u32),
}

/// The entities that an index counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Functions of the module.
    Functions,
    /// Tables of the module.
    Tables,
    /// Memories of the module.
    Memories,
    /// Tags of the module.
    Tags,
    /// Globals of the module.
    Globals,
    /// Data segments of the module.
    Data,
    /// Element segments of the module.
    Elements,
    /// Parameters and locals of the function.
    Locals,
    /// Open blocks, counted from the innermost.
    Labels,
}

impl Operator {
    /// Whether the operator opens a block.
    pub fn opens(&self) -> bool {
        self.block_type().is_some()
    }

    /// Whether the operator ends a block.
    pub fn closes(&self) -> bool {
        matches!(self, Operator::End | Operator::Delegate(_))
    }

    /// Whether the operator ends an arm of a block, and begins another one.
    pub fn divides(&self) -> bool {
        matches!(self, Operator::Else | Operator::Catch(_) | Operator::CatchAll)
    }

    /// The type of the block that the operator opens, if it opens one.
    pub fn block_type(&self) -> Option<&FuncType> {
        match self {
            Operator::Block(ty)
            | Operator::Loop(ty)
            | Operator::If(ty)
            | Operator::TryTable(ty, _)
            | Operator::Try(ty) => Some(ty),
            _ => None,
        }
    }

    /// Visits the indices among the immediates.
    pub fn indices(&mut self, visit: &mut dyn FnMut(Space, &mut u32)) {
        use Operator::*;
        match self {
            Br(depth) | BrIf(depth) | Delegate(depth) | Rethrow(depth) => visit(Space::Labels, depth),
            BrTable(depths) => depths.iter_mut().for_each(|depth| visit(Space::Labels, depth)),
            TryTable(_, clauses) => clauses.iter_mut().for_each(|Clause { tag, label, .. }| {
                tag.iter_mut().for_each(|tag| visit(Space::Tags, tag));
                visit(Space::Labels, label);
            }),
            Throw(tag) | Catch(tag) => visit(Space::Tags, tag),
            Call(function) | ReturnCall(function) | RefFunc(function) => visit(Space::Functions, function),
            LocalGet(local) | LocalSet(local) | LocalTee(local) => visit(Space::Locals, local),
            GlobalGet(global) | GlobalSet(global) => visit(Space::Globals, global),
            Load(_, Access { memory, .. })
            | Store(_, Access { memory, .. })
            | VectorLoad(_, Access { memory, .. })
            | VectorStore(Access { memory, .. })
            | LoadLane(_, _, Access { memory, .. })
            | StoreLane(_, _, Access { memory, .. })
            | Atomic(_, Access { memory, .. }) => visit(Space::Memories, memory),
            MemorySize(memory) | MemoryGrow(memory) | MemoryFill(memory) => visit(Space::Memories, memory),
            MemoryCopy { dst, src } => [dst, src].into_iter().for_each(|memory| visit(Space::Memories, memory)),
            MemoryInit { memory, segment } => {
                visit(Space::Memories, memory);
                visit(Space::Data, segment);
            }
            DataDrop(segment) => visit(Space::Data, segment),
            CallIndirect(table, _) | ReturnCallIndirect(table, _) => visit(Space::Tables, table),
            TableGet(table) | TableSet(table) | TableSize(table) | TableGrow(table) | TableFill(table) => {
                visit(Space::Tables, table);
            }
            TableCopy { dst, src } => [dst, src].into_iter().for_each(|table| visit(Space::Tables, table)),
            TableInit { table, segment } => {
                visit(Space::Tables, table);
                visit(Space::Elements, segment);
            }
            ElemDrop(segment) => visit(Space::Elements, segment),
            Unreachable | Nop | AtomicFence | Block(_) | Loop(_) | If(_) | Try(_) | Else | CatchAll | End | Return
            | ThrowRef | Drop | Select | TypedSelect(_) | Const(..) | RefNull(_) | RefIsNull(_) | Unary(_)
            | Binary(_) | Wide(_) | VectorConst(_) | Vector(_) | Shuffle(_) | ExtractLane(..) | ReplaceLane(..) => {}
        }
    }

    /// Whether an immediate is this index.
    pub fn uses(&self, space: Space, index: u32) -> bool {
        let mut found = false;
        // Visiting needs a mutable reference; the single walk over the immediates serves all purposes.
        self.clone().indices(&mut |other, at| found |= other == space && *at == index);
        found
    }
}
