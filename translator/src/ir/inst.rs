//! Instructions of the register IR.
//!
//! An instruction names its operands by slot, accumulator or immediate. The combinations that exist are part of the
//! IR's definition, stated at each variant. The selector produces no others, the verifier accepts no others, and the
//! interpreter has a handler for each.
//!
//! The accumulators (one for integers and references, one for `f32`, one for
//! `f64`) carry a temporary from the instruction that computes it to the very
//! next instruction. They are dead at labels, calls and traps.

use crate::index::{DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex};
use crate::ops::{
    AtomicOp, BinaryOp, ExtractOp, IntCompareOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp,
    VectorLoadOp, VectorOp, WideOp,
};
use crate::sink::{Catch, Label, Scope, Slot};
use crate::trap::TrapCode;
use crate::types::ValType;

/// The place that an instruction reads an operand from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Src {
    /// A slot of the frame.
    Slot(Slot),
    /// The accumulator of the operand's type, written by the instruction before.
    Acc,
    /// A constant, as slot bits.
    Imm(u64),
}

/// The place that an instruction writes its result to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dst {
    /// A slot of the frame.
    Slot(Slot),
    /// The accumulator of the result's type, read by the instruction after.
    Acc,
}

impl From<Slot> for Dst {
    fn from(slot: Slot) -> Dst {
        Dst::Slot(slot)
    }
}

/// How a load or store computes its address, before the constant offset is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Addr {
    /// The operand itself.
    Base(Src),
    /// `base + add`, wrapping in the memory's address type; `base` is a slot or the
    /// accumulator, and `add` is between -2^31 and 2^31 - 1.
    Sum {
        /// The variable part.
        base: Src,
        /// The constant part.
        add: i32,
    },
    /// `base + index`, wrapping in the memory's address type; `base` is a slot or the accumulator, `index` a slot. Of
    /// loads only.
    Index {
        /// The left part.
        base: Src,
        /// The right part.
        index: Src,
    },
}

/// When a conditional branch is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cond {
    /// The i32 is not zero. Slot or accumulator.
    NonZero(Src),
    /// The i32 is zero. Slot or accumulator.
    Zero(Src),
    /// The comparison holds. `lhs`: slot or accumulator. `rhs`: slot, or an immediate
    /// between -2^15 and 2^15 - 1 (sign-extended to the operand type).
    Compare {
        /// The comparison.
        op: IntCompareOp,
        /// Left operand.
        lhs: Src,
        /// Right operand.
        rhs: Src,
    },
}

impl Cond {
    /// The condition that holds when this one does not.
    pub const fn negated(self) -> Cond {
        match self {
            Cond::NonZero(src) => Cond::Zero(src),
            Cond::Zero(src) => Cond::NonZero(src),
            Cond::Compare { op, lhs, rhs } => Cond::Compare { op: op.negated(), lhs, rhs },
        }
    }
}

/// An instruction of the register IR.
///
/// Vectors take two slots, are named by the first, and are never in accumulators. No instruction's result overlaps a
/// part of another value that is still live.
///
/// Unless said otherwise a [`Src`] is a slot or the accumulator, at most one
/// operand is the accumulator, and a plain [`Slot`] is just that.
#[expect(missing_docs, reason = "each variant's line says what its fields are")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Inst {
    /// `dst = bits`.
    Const { ty: ValType, dst: Dst, bits: u64 },
    /// `dst = src`.
    Copy { ty: ValType, dst: Slot, src: Slot },
    /// Copies `count` slots from `src` on to the slots from `dst` on. `dst` is below `src`; the two ranges may overlap.
    CopySlots { dst: Slot, src: Slot, count: u32 },
    /// `dst = op(src)`.
    Unary { op: UnaryOp, dst: Dst, src: Src },
    /// `dst = op(lhs, rhs)`. One of them may be an immediate, `lhs` only of operations that
    /// [take one](BinaryOp::takes_left_immediate): any for 32-bit types and `f64`,
    /// between -2^31 and 2^31 - 1 for `i64`. For an operation that has a
    /// [`swapped`](BinaryOp::swapped) form, only `lhs` may be the accumulator.
    Binary { op: BinaryOp, dst: Dst, lhs: Src, rhs: Src },
    /// `dst` and the slot after it = `op(operands)`, the lower half first; operands that the operation does not take are slot 0.
    Wide { op: WideOp, dst: Slot, operands: [Slot; WideOp::MOST_OPERANDS] },
    /// `dst = cond != 0 ? if_true : if_false`.
    Select { ty: ValType, dst: Slot, cond: Src, if_true: Slot, if_false: Slot },
    /// `dst = src is null`.
    RefIsNull { dst: Dst, src: Src },
    /// `dst = ref.func function`.
    RefFunc { dst: Slot, function: FuncIndex },

    /// `dst` = a vector constant, given as its two slots.
    VectorConst { dst: Slot, slots: [u64; 2] },
    /// `dst = op(operands)`. Operands that the operation does not take are slot 0.
    Vector { op: VectorOp, dst: Slot, operands: [Slot; 3] },
    /// `dst` = 8-bit lanes of `lhs` followed by `rhs`, selected by number.
    Shuffle { dst: Slot, lhs: Slot, rhs: Slot, lanes: [u8; 16] },
    /// `dst = src[lane]`.
    ExtractLane { op: ExtractOp, lane: u8, dst: Slot, src: Slot },
    /// `dst = vector` with `value` in a lane.
    ReplaceLane { op: ReplaceOp, lane: u8, dst: Slot, vector: Slot, value: Slot },
    /// `dst = op(memory[addr + offset])`.
    VectorLoad { op: VectorLoadOp, dst: Slot, memory: MemoryIndex, addr: Slot, offset: u64 },
    /// `memory[addr + offset] = value`, of 16 bytes.
    VectorStore { memory: MemoryIndex, addr: Slot, offset: u64, value: Slot },
    /// `dst = vector` with `memory[addr + offset]` in a lane.
    LoadLane { op: LoadLaneOp, lane: u8, dst: Slot, memory: MemoryIndex, addr: Slot, offset: u64, vector: Slot },
    /// `memory[addr + offset] = vector[lane]`.
    StoreLane { op: StoreLaneOp, lane: u8, memory: MemoryIndex, addr: Slot, offset: u64, vector: Slot },

    /// `dst = op(memory[addr + offset], operands)`; `dst` is there if the operation has a result. Operands that it does not take are slot 0.
    Atomic {
        op: AtomicOp,
        dst: Option<Slot>,
        memory: MemoryIndex,
        addr: Slot,
        offset: u64,
        operands: [Slot; AtomicOp::MOST_OPERANDS],
    },
    /// `atomic.fence`.
    AtomicFence,

    /// `dst = globals[global]`.
    GlobalGet { ty: ValType, dst: Dst, global: GlobalIndex },
    /// `globals[global] = src`.
    GlobalSet { ty: ValType, global: GlobalIndex, src: Src },

    /// `dst = memory[addr + offset]`. The base may be an immediate. For any memory except a 32-bit memory 0, and for
    /// offsets of 2^32 and more, it is a slot.
    Load { op: LoadOp, dst: Dst, memory: MemoryIndex, addr: Addr, offset: u64 },
    /// `memory[addr + offset] = value`. The address is as for loads. If the base is a slot or the accumulator, `value`
    /// may be an immediate (between -2^31 and 2^31 - 1 for `i64`, not for `f64`). If the base is an immediate, or has
    /// to be a plain slot, `value` is a slot.
    Store { op: StoreOp, memory: MemoryIndex, addr: Addr, offset: u64, value: Src },
    /// `dst` = size of the memory in pages.
    MemorySize { memory: MemoryIndex, dst: Slot },
    /// `dst` = size in pages before growing by `delta`, or -1.
    MemoryGrow { memory: MemoryIndex, dst: Slot, delta: Slot },
    /// Fill `len` bytes at `dst` with the low byte of `value`.
    MemoryFill { memory: MemoryIndex, dst: Slot, value: Slot, len: Slot },
    /// Copy `len` bytes from `src` to `dst`.
    MemoryCopy { dst_memory: MemoryIndex, src_memory: MemoryIndex, dst: Slot, src: Slot, len: Slot },
    /// Copy `len` bytes from `src` of a data segment to `dst`.
    MemoryInit { memory: MemoryIndex, segment: DataIndex, dst: Slot, src: Slot, len: Slot },
    /// Drop a data segment.
    DataDrop { segment: DataIndex },

    /// `dst = table[index]`.
    TableGet { table: TableIndex, dst: Slot, index: Slot },
    /// `table[index] = value`.
    TableSet { table: TableIndex, index: Slot, value: Slot },
    /// `dst` = size of the table in elements.
    TableSize { table: TableIndex, dst: Slot },
    /// `dst` = size in elements before growing by `delta` elements `init`, or -1.
    TableGrow { table: TableIndex, dst: Slot, init: Slot, delta: Slot },
    /// Fill `len` elements at `dst` with `value`.
    TableFill { table: TableIndex, dst: Slot, value: Slot, len: Slot },
    /// Copy `len` elements from `src` to `dst`.
    TableCopy { dst_table: TableIndex, src_table: TableIndex, dst: Slot, src: Slot, len: Slot },
    /// Copy `len` elements from `src` of an element segment to `dst`.
    TableInit { table: TableIndex, segment: ElemIndex, dst: Slot, src: Slot, len: Slot },
    /// Drop an element segment.
    ElemDrop { segment: ElemIndex },

    /// Go to `target`.
    Branch { target: Label },
    /// Go to `target` if `cond` holds.
    BranchIf { cond: Cond, target: Label },
    /// Go to the target that `index` selects; the last is the default.
    BranchTable { index: Src, targets: Box<[Label]> },
    /// Return; the results are in slots 0 and up.
    Return,
    /// Return one value that takes one slot: from a slot, the accumulator or an immediate.
    ReturnValue { ty: ValType, src: Src },
    /// Call. Arguments and results are in slots from `base` on, and the link of the callee's frame in three slots from
    /// `link` on.
    Call { function: FuncIndex, base: Slot, link: Slot },
    /// Call the element of `table` that `index` selects, checked against `type_index`.
    CallIndirect { table: TableIndex, type_index: TypeIndex, index: Src, base: Slot, link: Slot },
    /// Tail call: `params` slots of arguments from `base` replace the frame.
    /// `link` is the link's place in the callee's frame.
    ReturnCall { function: FuncIndex, base: Slot, params: u32, link: u32 },
    /// Tail call through a table.
    ReturnCallIndirect { table: TableIndex, type_index: TypeIndex, index: Src, base: Slot, params: u32, link: u32 },
    /// A handler scope begins, as [`ExceptionSink::try_begin`](crate::sink::ExceptionSink::try_begin) says. This and the next
    /// three are marks, which may be where control does not reach.
    TryBegin { scope: Scope },
    /// The innermost handler scope ends.
    TryEnd { scope: Scope },
    /// The next clause of a handler scope.
    Catch { scope: Scope, catch: Catch },
    /// A handler scope has no more clauses, and is followed by `next`.
    CatchEnd { scope: Scope, next: Option<Scope> },
    /// Throw a new exception, whose payload is in slots from `base` on.
    Throw { tag: TagIndex, base: Slot },
    /// Throw the exception that a reference refers to.
    ThrowRef { exn: Slot },
    /// Trap.
    Trap { code: TrapCode },
    /// Charge fuel.
    Fuel { units: u32 },
    /// Poll the interrupt flag.
    Epoch,
}
