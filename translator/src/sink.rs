//! The sink, which the translator drives.
//!
//! The function translator ([`crate::func`]) walks a body once and reports it as calls of [`Sink`], one method per
//! operation family, with typed operations and with [`Operand`]s in place of the wasm operand stack. Each sink uses the
//! calls in its own way: [`crate::select::Selector`] turns them into register IR, a compiled tier into SSA.
//!
//! # What a sink may rely on
//!
//! * Slots are assigned by [`FrameLayout`]. The home of the operand at height `h` (counted in slots) is
//!   `frame.temp(h)`, whichever operator produced it.
//! * An [`Operand::Temp`] is read once: after the call that names it, its value is dead, unless the same call writes
//!   the slot anew. A temporary that stays live after a read (the values of a `br_if`, copied for the branch and still
//!   there if it is not taken) is passed as an [`Operand::Local`] that is its own home.
//! * More than [`FEW_VALUES`] adjacent values move in one piece ([`Sink::copy_slots`]), so that the cost of a branch of
//!   a few bytes does not depend on how many values it carries.
//! * At every [`LabelKind::Join`] and [`LabelKind::Loop`] label the machine state is canonical: locals are in their
//!   slots, every operand is in its home slot, and nothing else is live. A [`LabelKind::Skip`] label has exactly one
//!   forward branch to it, a [`Sink::branch_if`] or [`Sink::branch_table`], and the state of that branch.
//! * Only reachable code is reported, and every reported label is bound exactly once. A label that no branch goes to is
//!   not reported, except for loop headers: when they are bound, it is not known yet whether a branch goes back to
//!   them.

use std::fmt;

use crate::index::{DataIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex};
use crate::ops::{
    AtomicOp, BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp,
    VectorOp, WideOp,
};
use crate::probe::{Point, ProbeSite};
use crate::trap::TrapCode;
use crate::types::{FuncType, ValType};

/// Slots of the frame that hold the link to the caller: the return address, the caller's frame, the caller's context.
pub const LINK_SLOTS: u32 = 3;

/// The number of values up to which a branch or return copies its values one by one. A branch takes few bytes, and may
/// carry a thousand values each time.
pub const FEW_VALUES: usize = 4;

/// A 64-bit slot of the current frame, counted from the frame pointer. A vector takes two adjacent slots, with its
/// lower half in the first, and is named by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

/// Adjacent slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRange {
    first: Slot,
    count: u32,
}

impl SlotRange {
    /// Returns the range of `count` slots from `first` on.
    pub const fn new(first: Slot, count: u32) -> SlotRange {
        SlotRange { first, count }
    }

    /// Whether the slot is in the range.
    #[inline]
    pub const fn contains(self, slot: Slot) -> bool {
        self.first.0 <= slot.0 && slot.0 - self.first.0 < self.count
    }

    /// Whether the ranges have a slot in common.
    #[inline]
    pub const fn overlaps(self, other: SlotRange) -> bool {
        self.first.0 < other.first.0 + other.count && other.first.0 < self.first.0 + self.count
    }
}

/// A place in the code of one function that branches can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub u32);

/// The layout of a frame.
///
/// ```text
/// 0 ............ args .... link .................... temps ......
/// [ parameters | (room for results) | link (3) | locals | operand stack ]
/// ```
///
/// Parameters and results share the first `max(params, results)` slots. These also belong to the caller's operand
/// stack: a caller leaves arguments where the callee has its parameters, and finds the results in the same place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameLayout {
    /// Slots of the parameters.
    pub params: u32,
    /// Slots of the results.
    pub results: u32,
    /// Slots of the parameters and the declared locals together.
    pub locals: u32,
}

impl FrameLayout {
    /// The first slot of the link to the caller: `max(params, results)`.
    pub const fn link(self) -> Slot {
        Slot(if self.params > self.results { self.params } else { self.results })
    }

    /// Returns the slot of the local whose first slot has the given index among the locals' slots.
    pub const fn local(self, index: u32) -> Slot {
        if index < self.params { Slot(index) } else { Slot(self.link().0 + LINK_SLOTS + index - self.params) }
    }

    /// Returns the home slot of the operand that has `height` slots of the operand stack below it.
    pub const fn temp(self, height: u32) -> Slot {
        Slot(self.link().0 + LINK_SLOTS + (self.locals - self.params) + height)
    }

    /// Returns the role of a slot: the inverse of [`FrameLayout::local`] and [`FrameLayout::temp`].
    pub const fn role(self, slot: Slot) -> SlotRole {
        let link = self.link().0;
        let first_temp = self.temp(0).0;
        if slot.0 < self.params {
            SlotRole::Local(slot.0)
        } else if slot.0 < link {
            SlotRole::Result(slot.0)
        } else if slot.0 < link + LINK_SLOTS {
            SlotRole::Link(slot.0 - link)
        } else if slot.0 < first_temp {
            SlotRole::Local(slot.0 - link - LINK_SLOTS + self.params)
        } else {
            SlotRole::Temp(slot.0 - first_temp)
        }
    }
}

/// The role of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotRole {
    /// A parameter or local, by its index among the locals' slots.
    Local(u32),
    /// A result slot beyond the parameters.
    Result(u32),
    /// A word of the link to the caller.
    Link(u32),
    /// An operand, by its height in slots.
    Temp(u32),
}

impl fmt::Display for SlotRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SlotRole::Local(index) => write!(f, "l{index}"),
            SlotRole::Result(index) => write!(f, "r{index}"),
            SlotRole::Link(index) => write!(f, "link{index}"),
            SlotRole::Temp(height) => write!(f, "t{height}"),
        }
    }
}

/// An operand of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A local, read in its own slot; or a temporary that stays live, whose `slot` is its `home`.
    Local {
        /// The local's slot.
        slot: Slot,
        /// The operand's home slot, which may hold a copy.
        home: Slot,
    },
    /// A temporary in its home slot; this is its only read.
    Temp(Slot),
    /// A constant. References: null is 0.
    Const {
        /// The value's slot bits (32-bit values zero-extended).
        bits: u64,
        /// The operand's home slot, which may hold a copy.
        home: Slot,
    },
}

impl Operand {
    /// The home slot of the operand.
    pub const fn home(self) -> Slot {
        match self {
            Operand::Local { home, .. } | Operand::Temp(home) | Operand::Const { home, .. } => home,
        }
    }

    /// The slot that holds the value; `None` for a constant.
    pub const fn slot(self) -> Option<Slot> {
        match self {
            Operand::Local { slot, .. } | Operand::Temp(slot) => Some(slot),
            Operand::Const { .. } => None,
        }
    }
}

/// The kind of a label that is bound, and the state there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// The end of a block, or the start of an `else`; reached by forward branches; the state is canonical.
    Join,
    /// A loop header, reached by falling in and by backward branches; the state is canonical.
    Loop,
    /// A detour for the moves of one way out of a branch, or the end of such a detour. It is reached by one forward
    /// branch (perhaps through several targets of its table), and has the state of that.
    Skip,
}

/// A function that is about to be translated.
#[derive(Clone, Copy, Debug)]
pub struct FuncHeader<'a> {
    /// The function's index.
    pub index: FuncIndex,
    /// The function's type.
    pub ty: &'a FuncType,
    /// Type of each local, parameters first.
    pub locals: &'a [ValType],
    /// The frame.
    pub frame: FrameLayout,
}

/// The callee of a call, as far as it is known statically.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of the module.
    Direct(FuncIndex),
    /// The element of `table` that `index` selects, checked against `type_index`.
    Indirect {
        /// The table.
        table: TableIndex,
        /// The expected type.
        type_index: TypeIndex,
        /// The element's index, an i32 (an i64 for 64-bit tables).
        index: Operand,
    },
}

/// The place in a memory that a vector or atomic operator accesses: `memory[addr + offset]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The memory.
    pub memory: MemoryIndex,
    /// The address: i32 or i64, as the memory's type says.
    pub addr: Operand,
    /// The constant part of the address.
    pub offset: u64,
}

/// What is live over a call, apart from the locals.
pub struct LiveAtCall<'a> {
    /// The operands below the arguments, from the bottom, with their types.
    pub operands: &'a mut dyn Iterator<Item = (ValType, Operand)>,
    /// The types of the call's results.
    pub results: &'a [ValType],
}

/// What a probe sees, for its lists of the same names ([`ProbeSite`]).
pub struct SeenByProbe<'a> {
    /// Types of the operands that it sees, from the bottom.
    pub operands: &'a mut dyn Iterator<Item = ValType>,
    /// The slots below each reference that legacy handlers keep among them.
    pub hidden: &'a mut dyn Iterator<Item = u32>,
}

impl fmt::Debug for SeenByProbe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenByProbe").finish_non_exhaustive()
    }
}

impl fmt::Debug for LiveAtCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveAtCall").field("results", &self.results).finish_non_exhaustive()
    }
}

/// A family of operators that an engine may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Vector operators: [`VectorSink`].
    Vectors,
    /// Atomic operators: [`AtomicSink`].
    Atomics,
    /// Operators that throw and catch exceptions: [`ExceptionSink`].
    Exceptions,
}

impl Family {
    /// The family's name, in the plural.
    pub const fn name(self) -> &'static str {
        match self {
            Family::Vectors => "vectors",
            Family::Atomics => "atomic operators",
            Family::Exceptions => "exceptions",
        }
    }
}

/// The part of a [`Sink`] that is told of operators that it does not take. By default all methods of a family say that the
/// engine lacks it, so that an engine can gain one family after the other.
pub trait FamilySink {
    /// Reports that the engine lacks a family. What the sink has received of the function is useless then. It gives the
    /// reason where it reports that it [gave up](Sink::gives_up).
    fn lacks(&mut self, family: Family);
}

/// A handler scope: a stretch of code whose exceptions are handled alike. Scopes nest. They are numbered in the order in which
/// they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(pub u32);

/// A clause of a handler scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Catch {
    /// The tag of the exceptions that it catches; `None` if it catches all.
    pub tag: Option<TagIndex>,
    /// Where the first value of the payload goes, and the others behind it. A clause that catches all leaves the payload
    /// where it is.
    pub payload: Slot,
    /// Where the reference to the exception goes, if anywhere.
    pub exn: Option<Slot>,
    /// Where to continue.
    pub target: Label,
}

impl Catch {
    /// The slot in which the handler that the clause goes to keeps the reference as long as it runs, for `rethrow`. Only a legacy `try`
    /// has such handlers: the reference is below the payload, where wasm does not see it.
    pub fn kept(&self) -> Option<Slot> {
        self.exn.filter(|&exn| exn < self.payload)
    }
}

/// The part of a [`Sink`] that receives exceptions, of both kinds: `try_table`, and the legacy `try` with `catch` and
/// `delegate` (core spec, section 4.6.3 "Control Instructions").
///
/// [`Sink::call`], [`ExceptionSink::throw`] and [`ExceptionSink::throw_ref`] throw. What they throw is handled by the innermost
/// scope that has begun and not ended, by the first of its clauses that fits; if none fits, by the scope that comes after it
/// ([`ExceptionSink::catch_end`]), and so on; after the last, by the function's caller. Tail calls are outside of all scopes.
/// Traps are never handled.
///
/// For each scope the calls are, in this order: [`ExceptionSink::try_begin`]; [`ExceptionSink::try_end`], at which the scopes that
/// have begun in it have ended; [`ExceptionSink::catch`], once for each clause; [`ExceptionSink::catch_end`]. Code may come
/// between them: that of the scope, then the handlers of a legacy `try`.
///
/// A clause continues at a label of the kinds [`LabelKind::Join`] or [`LabelKind::Loop`], in that label's canonical state:
///
/// * Locals have the values that they have at the throwing operator.
/// * The label's operands are those that were on the stack when the label's block began, which have been in their homes since,
///   and above them what the clause brings: the payload and the reference, whose slots the clause names. These are the homes
///   of the label's uppermost operands, so nothing has to move.
///
/// Whoever unwinds to the frame writes these slots, or code in front of the label does.
pub trait ExceptionSink: FamilySink {
    /// A scope begins here, inside of those that have begun and not ended.
    fn try_begin(&mut self, scope: Scope) {
        let _ = scope;
        self.lacks(Family::Exceptions);
    }
    /// The scope, which is the innermost, ends here.
    fn try_end(&mut self, scope: Scope) {
        let _ = scope;
        self.lacks(Family::Exceptions);
    }
    /// The next clause of the scope. There are clauses only if something in the scope throws, and only those that an exception
    /// may reach. If the target is a loop, it is not closed yet; any other target is bound later. The place in the code means
    /// nothing; it may be unreachable.
    fn catch(&mut self, scope: Scope, catch: Catch) {
        let _ = (scope, catch);
        self.lacks(Family::Exceptions);
    }
    /// The scope has no more clauses. What they do not catch is handled by the clauses of `next`, of which none has been
    /// reported yet, or by the function's caller. The place in the code means nothing.
    fn catch_end(&mut self, scope: Scope, next: Option<Scope>) {
        let _ = (scope, next);
        self.lacks(Family::Exceptions);
    }
    /// Throw a new exception. `args` are the payload, operands with homes in consecutive slots from `base` on.
    fn throw(&mut self, tag: TagIndex, base: Slot, args: &[Operand]) {
        let _ = (tag, base, args);
        self.lacks(Family::Exceptions);
    }
    /// Throw the exception that `exn` refers to, or trap ([`TrapCode::NullReference`]) if it is null.
    fn throw_ref(&mut self, exn: Operand) {
        let _ = exn;
        self.lacks(Family::Exceptions);
    }
}

/// The part of a [`Sink`] that receives vector operators (core spec, section 2.4.3 "Vector Instructions").
///
/// No operand is a constant vector: constants are in slots, where [`VectorSink::vector_const`] has put them. The
/// operation determines the type of a lane's operand, and of the value in memory.
pub trait VectorSink: FamilySink {
    /// `dst = bits`; lane 0 is lowest.
    fn vector_const(&mut self, dst: Slot, bits: u128) {
        let _ = (dst, bits);
        self.lacks(Family::Vectors);
    }
    /// `dst = op(operands)`, as many as the operation takes.
    fn vector(&mut self, op: VectorOp, dst: Slot, operands: &[Operand]) {
        let _ = (op, dst, operands);
        self.lacks(Family::Vectors);
    }
    /// `dst` = 8-bit lanes of `lhs` followed by `rhs`, selected by the numbers in `lanes`.
    fn shuffle(&mut self, dst: Slot, lhs: Operand, rhs: Operand, lanes: [u8; 16]) {
        let _ = (dst, lhs, rhs, lanes);
        self.lacks(Family::Vectors);
    }
    /// `dst = src[lane]`.
    fn extract_lane(&mut self, op: ExtractOp, lane: u8, dst: Slot, src: Operand) {
        let _ = (op, lane, dst, src);
        self.lacks(Family::Vectors);
    }
    /// `dst = vector` with `value` in a lane.
    fn replace_lane(&mut self, op: ReplaceOp, lane: u8, dst: Slot, vector: Operand, value: Operand) {
        let _ = (op, lane, dst, vector, value);
        self.lacks(Family::Vectors);
    }
    /// `dst = op(memory[..])`.
    fn vector_load(&mut self, op: VectorLoadOp, dst: Slot, access: Access) {
        let _ = (op, dst, access);
        self.lacks(Family::Vectors);
    }
    /// `memory[..] = value`.
    fn vector_store(&mut self, access: Access, value: Operand) {
        let _ = (access, value);
        self.lacks(Family::Vectors);
    }
    /// `dst = vector` with `memory[..]` in a lane.
    fn load_lane(&mut self, op: LoadLaneOp, lane: u8, dst: Slot, access: Access, vector: Operand) {
        let _ = (op, lane, dst, access, vector);
        self.lacks(Family::Vectors);
    }
    /// `memory[..] = vector[lane]`.
    fn store_lane(&mut self, op: StoreLaneOp, lane: u8, access: Access, vector: Operand) {
        let _ = (op, lane, access, vector);
        self.lacks(Family::Vectors);
    }
}

/// The part of a [`Sink`] that receives atomic operators.
///
/// All of them are in one order for all threads (sequential consistency). An address, with the offset, that is not a multiple of
/// [`AtomicOp::access_bytes`] traps, with [`TrapCode::HeapMisaligned`] even if it is also out of bounds.
pub trait AtomicSink: FamilySink {
    /// `dst = op(memory[..], operands)`, as many operands as the operation takes; `dst` is there if it has a result.
    fn atomic(&mut self, op: AtomicOp, dst: Option<Slot>, access: Access, operands: &[Operand]) {
        let _ = (op, dst, access, operands);
        self.lacks(Family::Atomics);
    }
    /// `atomic.fence`
    fn atomic_fence(&mut self) {
        self.lacks(Family::Atomics);
    }
}

/// Receives a function's translation, in the order of the code. Vector operators have a trait of their own,
/// [`VectorSink`], and so have atomic ones, [`AtomicSink`], and exceptions, [`ExceptionSink`].
///
/// Memory, table and address operands are i32 or i64 according to the memory or table, whose type the sink knows from
/// the module.
pub trait Sink: VectorSink + AtomicSink + ExceptionSink {
    /// Begins a function. Always the first call.
    fn begin(&mut self, func: &FuncHeader<'_>);

    /// Ends the function, whose operand stack took at most `max_temps` slots. Always the last call.
    fn end(&mut self, max_temps: u32);

    /// Whether the sink gives up. The translation then ends with an error, and without [`Sink::end`]. Calls for the rest of the
    /// current operator may still follow, though not all of them: what the sink has received is useless.
    fn gives_up(&self) -> bool {
        false
    }

    /// The following calls come from the wasm operator at `offset` bytes from the start of the module.
    fn position(&mut self, offset: u32);

    /// Binds `label` here. `operands` are the types of the operand stack from the bottom.
    fn bind(&mut self, label: Label, kind: LabelKind, operands: &mut dyn Iterator<Item = ValType>);

    /// Whether the sink takes probes ([`crate::probe`]).
    fn is_probing(&self) -> bool {
        false
    }

    /// Whom a probe at a point of the function is for, at the operator at this offset; 0 if there is to be none.
    fn choice(&self, point: &Point, at: u32) -> u64 {
        let _ = (point, at);
        0
    }

    /// A probe that is chosen, without the lists of what it sees. The state is canonical here.
    fn probe(&mut self, site: ProbeSite, seen: SeenByProbe<'_>) {
        let _ = (site, seen);
    }

    /// No more branches to the loop header `label` follow. Useful to sinks that build SSA form.
    fn close_loop(&mut self, label: Label) {
        let _ = label;
    }

    /// Go to `label`.
    fn branch(&mut self, target: Label);
    /// Go to `label` if `cond` (i32) is not zero; with `negate`, if it is zero.
    fn branch_if(&mut self, cond: Operand, negate: bool, target: Label);
    /// Go to the label that `index` (i32) selects; the last is the default.
    fn branch_table(&mut self, index: Operand, targets: &[Label]);
    /// Return `values`.
    fn ret(&mut self, values: &[Operand]);
    /// Trap.
    fn trap(&mut self, code: TrapCode);
    /// Charge `units` of fuel for the straight-line code that ends here.
    fn fuel(&mut self, units: u32);
    /// Poll the interrupt flag.
    fn epoch(&mut self);

    /// Whether the sink is to be told what is live at calls.
    fn wants_calls(&self) -> bool {
        false
    }

    /// A call follows, over which this is live. Only for sinks that want to be told.
    fn live_at_call(&mut self, live: LiveAtCall<'_>) {
        let _ = live;
    }

    /// Call. `args` are the operands, with homes in consecutive slots from `base` on. The results go to the same slots.
    fn call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]);
    /// Tail call.
    fn return_call(&mut self, callee: Callee, ty: &FuncType, base: Slot, args: &[Operand]);

    /// `dst = src`.
    fn copy(&mut self, ty: ValType, dst: Slot, src: Operand);
    /// Copies values of these types, in consecutive slots from `src` on, to the slots from `dst` on. `dst` is below
    /// `src`. The values stay live, except where the copies overwrite them.
    fn copy_slots(&mut self, types: &[ValType], dst: Slot, src: Slot) {
        let mut at = 0;
        for &ty in types {
            let from = Slot(src.0 + at);
            self.copy(ty, Slot(dst.0 + at), Operand::Local { slot: from, home: from });
            at += ty.slots();
        }
    }
    /// `dst = if cond (i32) != 0 { if_true } else { if_false }`.
    fn select(&mut self, ty: ValType, dst: Slot, cond: Operand, if_true: Operand, if_false: Operand);
    /// `dst = op(src)`.
    fn unary(&mut self, op: UnaryOp, dst: Slot, src: Operand);
    /// `dst = op(lhs, rhs)`.
    fn binary(&mut self, op: BinaryOp, dst: Slot, lhs: Operand, rhs: Operand);

    /// `dst` and the slot after it = `op(operands)`, the lower half first; as many operands as the operation takes, all i64.
    fn wide(&mut self, op: WideOp, dst: Slot, operands: &[Operand]);

    /// `dst = globals[global]`.
    fn global_get(&mut self, ty: ValType, dst: Slot, global: GlobalIndex);
    /// `globals[global] = src`.
    fn global_set(&mut self, ty: ValType, global: GlobalIndex, src: Operand);

    /// `dst = memory[addr + offset]`.
    fn load(&mut self, op: LoadOp, dst: Slot, memory: MemoryIndex, addr: Operand, offset: u64);
    /// `memory[addr + offset] = value`.
    fn store(&mut self, op: StoreOp, memory: MemoryIndex, addr: Operand, offset: u64, value: Operand);
    /// `dst` = size in pages.
    fn memory_size(&mut self, memory: MemoryIndex, dst: Slot);
    /// `dst` = old size in pages, or -1.
    fn memory_grow(&mut self, memory: MemoryIndex, dst: Slot, delta_pages: Operand);
    /// `memory.fill`.
    fn memory_fill(&mut self, memory: MemoryIndex, dst: Operand, value: Operand, len: Operand);
    /// `memory.copy`.
    fn memory_copy(
        &mut self,
        dst_memory: MemoryIndex,
        src_memory: MemoryIndex,
        dst: Operand,
        src: Operand,
        len: Operand,
    );
    /// `memory.init`.
    fn memory_init(&mut self, memory: MemoryIndex, segment: DataIndex, dst: Operand, src: Operand, len: Operand);
    /// `data.drop`.
    fn data_drop(&mut self, segment: DataIndex);

    /// `dst = table[index]`.
    fn table_get(&mut self, table: TableIndex, dst: Slot, index: Operand);
    /// `table[index] = value`.
    fn table_set(&mut self, table: TableIndex, index: Operand, value: Operand);
    /// `dst` = size in elements.
    fn table_size(&mut self, table: TableIndex, dst: Slot);
    /// `dst` = old size in elements, or -1.
    fn table_grow(&mut self, table: TableIndex, dst: Slot, init: Operand, delta: Operand);
    /// `table.fill`.
    fn table_fill(&mut self, table: TableIndex, dst: Operand, value: Operand, len: Operand);
    /// `table.copy`.
    fn table_copy(&mut self, dst_table: TableIndex, src_table: TableIndex, dst: Operand, src: Operand, len: Operand);
    /// `table.init`.
    fn table_init(&mut self, table: TableIndex, segment: ElemIndex, dst: Operand, src: Operand, len: Operand);
    /// `elem.drop`.
    fn elem_drop(&mut self, segment: ElemIndex);

    /// `dst = ref.func function`.
    fn ref_func(&mut self, dst: Slot, function: FuncIndex);
    /// `dst = src is null` (i32).
    fn ref_is_null(&mut self, dst: Slot, src: Operand);
}
