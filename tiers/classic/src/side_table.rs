//! The side table: information that branches need and the bytecode lacks.
//!
//! One pass over a body, before the function's first call, records for each branch its target and its effect on the
//! operand stack. The entries are in the order of the code. Running code has a pointer to the entry of the next branch
//! ahead, and the entry of a taken branch says how far that pointer moves. So branches never search, and need not know
//! their own number. (Titzer, "A fast in-place interpreter for WebAssembly", OOPSLA 2022.)
//!
//! `if` (which may continue after `else` or `end`), `else` (which continues after `end`), `br` and `br_if` own one entry
//! each; `br_table` owns one per target, with the default last. Unreachable operators own none.
//!
//! A vector takes two slots, which the bytecode does not always show either: `drop` and `select` are the same for all
//! types, and so are accesses of locals and globals; and a local after a vector is not in the slot of its index. The pass
//! knows the types, and lists which of these operators have to be replaced, by opcodes that the binary format does not
//! use. In functions without vectors, there are none.

mod exception;

use riser_tiers_core::Bailout;
use riser_translator::func::rows::{AtomicRow, Row, VectorRow, atomic_row, row, vector_row};
use riser_translator::module::ModuleInfo;
use riser_translator::sink::Scope;
use riser_translator::{FuncIndex, FuncType, GlobalIndex, TagIndex, TypeIndex, ValType};
use wasmparser::{BlockType, Operator, OperatorsReader};

use crate::opcode;
use exception::Role;
pub(crate) use exception::{Handlers, Landing, Reference};

/// Slots of a vector.
const VECTOR: u32 = 2;

/// The effect of one branch.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BranchEntry {
    /// Distance in bytes from the branch's opcode to the operator that runs next.
    pub(crate) pc_delta: i32,
    /// Distance in entries from this entry to the next branch's, after the branch was taken.
    pub(crate) table_delta: i32,
    /// Number of slots on top of the operand stack that the target keeps.
    pub(crate) keep: u32,
    /// Number of slots below those that are discarded.
    pub(crate) discard: u32,
}

/// The side table of a function.
#[derive(Debug)]
pub(crate) struct SideTable {
    /// The entries, in order of the code.
    pub(crate) branches: Box<[BranchEntry]>,
    /// The greatest height of the operand stack, in slots.
    pub(crate) max_height: u32,
    /// The operators to replace: the offset of each, and its new opcode.
    pub(crate) replaced: Vec<(usize, u8)>,
    /// The handler scopes.
    pub(crate) handlers: Handlers,
    /// The greatest number of handlers of legacy exceptions that are open at the same time.
    pub(crate) most_handlers: u32,
}

/// The slots of locals in the frame.
#[derive(Debug, Default)]
pub(crate) struct Locals {
    /// The runs from the first vector on. The locals before it are in the slots of their indices.
    runs: Box<[Run]>,
}

/// Adjacent locals of one size. A few bytes can declare many locals, so storing a place for each would be out of
/// proportion.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// The first local.
    first: u32,
    /// The slot at which it starts.
    slot: u32,
    /// How many slots each takes.
    size: u32,
}

impl Locals {
    /// Lays out groups of locals, each given as a count and a size in slots. Also returns how many slots all locals take.
    ///
    /// # Errors
    ///
    /// The first error among the groups.
    pub(crate) fn new<E>(groups: impl Iterator<Item = Result<(u32, u32), E>>) -> Result<(Locals, u32), E> {
        let (mut first, mut slot) = (0, 0);
        let mut runs: Vec<Run> = Vec::new();
        for group in groups {
            let (count, size) = group?;
            let before = runs.last().map_or(1, |last| last.size);
            if count > 0 && before != size {
                runs.push(Run { first, slot, size });
            }
            first += count;
            slot += count * size;
        }
        Ok((Locals { runs: runs.into() }, slot))
    }

    /// The slot at which a local starts, and its size in slots.
    pub(crate) fn place(&self, index: u32) -> (u32, u32) {
        let next = self.runs.partition_point(|run| run.first <= index);
        match next.checked_sub(1) {
            Some(at) => {
                let Run { first, slot, size } = self.runs[at];
                (slot + (index - first) * size, size)
            }
            None => (index, 1),
        }
    }
}

impl SideTable {
    /// Builds the side table of a function of type `ty` from the operators of its valid body.
    ///
    /// Branches to a loop go to its first operator, or with `poll_loops` to the `loop` operator itself, so that every
    /// iteration executes it.
    pub(crate) fn build(
        module: &ModuleInfo,
        ty: &FuncType,
        locals: &Locals,
        operators: &mut OperatorsReader<'_>,
        poll_loops: bool,
    ) -> Result<SideTable, Bailout> {
        let mut builder = Builder {
            module,
            locals,
            poll_loops,
            branches: Vec::new(),
            replaced: Vec::new(),
            labels: Vec::new(),
            height: 0,
            max_height: 0,
            vectors: Vec::new(),
            live: true,
            handlers: Handlers::default(),
            open_handlers: 0,
            most_handlers: 0,
        };
        builder.labels.push(Label::new(0, None, 0, ty.result_slots(), true));
        while !operators.eof() {
            let (operator, at) = operators.read_with_offset().map_err(malformed)?;
            builder.visit(&operator, at, operators.original_position())?;
        }
        let Builder { branches, max_height, replaced, handlers, most_handlers, .. } = builder;
        Ok(SideTable { branches: branches.into(), max_height, replaced, handlers, most_handlers })
    }
}

/// What goes forward to a target that is not yet known.
enum Pending {
    /// A branch.
    Branch {
        /// Index of its entry.
        entry: usize,
        /// Offset of its opcode.
        at: usize,
    },
    /// A clause of a handler scope.
    Clause {
        /// The scope.
        scope: Scope,
        /// The clause's number in it.
        number: usize,
    },
}

/// An open block.
struct Label {
    /// Height of the operand stack below the block's parameters.
    height: u32,
    /// The block's type; `None` for the function's body, after which nothing runs.
    ty: Option<BlockType>,
    /// Slots of the parameters.
    params: u32,
    /// Slots of the results.
    results: u32,
    /// The target of branches to the label, and the number of entries before it; `None` while the target is ahead.
    target: Option<(usize, usize)>,
    /// Branches to the label that wait for its position.
    pending: Vec<Pending>,
    /// The branch from `if` around the first arm, until its target is known.
    skip: Option<Pending>,
    /// Whether the block's start can be reached.
    live: bool,
    /// What it has to do with exceptions.
    role: Role,
}

impl Label {
    fn new(height: u32, ty: Option<BlockType>, params: u32, results: u32, live: bool) -> Label {
        Label { height, ty, params, results, target: None, pending: Vec::new(), skip: None, live, role: Role::Plain }
    }
}

struct Builder<'a> {
    module: &'a ModuleInfo,
    locals: &'a Locals,
    poll_loops: bool,
    branches: Vec<BranchEntry>,
    replaced: Vec<(usize, u8)>,
    labels: Vec<Label>,
    /// Height of the operand stack, in slots; meaningless where code is not `live`.
    height: u32,
    max_height: u32,
    /// The positions of reachable vectors on the operand stack: the height below each.
    vectors: Vec<u32>,
    /// Whether the current operator can be reached.
    live: bool,
    handlers: Handlers,
    /// The number of handlers of legacy exceptions that are open.
    open_handlers: u32,
    /// The greatest number of them.
    most_handlers: u32,
}

impl Builder<'_> {
    /// Processes the operator that extends from offset `at` to `next`.
    fn visit(&mut self, operator: &Operator<'_>, at: usize, next: usize) -> Result<(), Bailout> {
        match *operator {
            Operator::Block { blockty } => {
                self.open(blockty)?;
            }
            Operator::Loop { blockty } => {
                let target = if self.poll_loops { at } else { next };
                let entries = self.branches.len();
                self.open(blockty)?.target = Some((target, entries));
            }
            Operator::If { blockty } => {
                self.pop(1);
                let skip = self.live.then(|| self.entry(0, 0, at));
                self.open(blockty)?.skip = skip;
            }
            Operator::Else => {
                let leave = self.live.then(|| self.entry(0, 0, at));
                let label = self.labels.last_mut().ok_or_else(unbalanced)?;
                label.pending.extend(leave);
                let (live, height, ty) = (label.live, label.height, label.ty);
                if let Some(skip) = label.skip.take() {
                    self.resolve(&skip, next, self.branches.len());
                }
                self.restore(live, height);
                self.push_params(ty);
            }
            Operator::End => self.close(at, next)?,
            Operator::Br { relative_depth } => {
                self.branch(relative_depth, at)?;
                self.live = false;
            }
            Operator::BrIf { relative_depth } => {
                self.pop(1);
                self.branch(relative_depth, at)?;
            }
            Operator::BrTable { ref targets } => {
                self.pop(1);
                for target in targets.targets() {
                    self.branch(target.map_err(malformed)?, at)?;
                }
                self.branch(targets.default(), at)?;
                self.live = false;
            }
            Operator::TryTable { ref try_table } => self.try_table(try_table.ty, &try_table.catches, at, next)?,
            Operator::Try { blockty } => self.try_(blockty, next)?,
            Operator::Catch { tag_index } => self.catch(Some(TagIndex::new(tag_index)), at, next)?,
            Operator::CatchAll => self.catch(None, at, next)?,
            Operator::Delegate { relative_depth } => self.delegate(relative_depth, at, next)?,
            Operator::Rethrow { relative_depth } => self.rethrow(relative_depth, at)?,
            Operator::Throw { .. }
            | Operator::ThrowRef
            | Operator::Return
            | Operator::Unreachable
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => self.live = false,
            Operator::Call { function_index } => {
                self.call(self.module.func_type(FuncIndex::new(function_index)), 0);
            }
            Operator::CallIndirect { type_index, .. } => {
                self.call(self.module.ty(TypeIndex::new(type_index)), 1);
            }
            Operator::Drop => {
                let slots = self.top_slots(0);
                self.replace_vector(slots, at, opcode::VectorDrop);
                self.pop(slots);
            }
            Operator::Select => self.select(at, opcode::VectorSelect),
            Operator::TypedSelect { .. } => self.select(at, opcode::VectorTypedSelect),
            Operator::LocalGet { local_index } => {
                let slots = self.local(local_index, at, opcode::VectorLocalGet, opcode::MovedLocalGet);
                self.push(slots);
            }
            Operator::LocalSet { local_index } => {
                let slots = self.local(local_index, at, opcode::VectorLocalSet, opcode::MovedLocalSet);
                self.pop(slots);
            }
            Operator::LocalTee { local_index } => {
                self.local(local_index, at, opcode::VectorLocalTee, opcode::MovedLocalTee);
            }
            Operator::GlobalGet { global_index } => {
                let slots = self.module.global(GlobalIndex::new(global_index)).content.slots();
                self.replace_vector(slots, at, opcode::VectorGlobalGet);
                self.push(slots);
            }
            Operator::GlobalSet { global_index } => {
                let slots = self.module.global(GlobalIndex::new(global_index)).content.slots();
                self.replace_vector(slots, at, opcode::VectorGlobalSet);
                self.pop(slots);
            }
            ref other => {
                let (pops, push) = stack_effect(other).ok_or_else(|| Bailout::Unsupported(format!("{other:?}")))?;
                self.pop(pops);
                self.push(push);
            }
        }
        Ok(())
    }

    /// Opens a block; its parameters are on the operand stack.
    fn open(&mut self, ty: BlockType) -> Result<&mut Label, Bailout> {
        let (params, results) = match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(result) => (0, slots(result)),
            BlockType::FuncType(index) => {
                let ty = self.module.ty(TypeIndex::new(index));
                (ty.param_slots(), ty.result_slots())
            }
        };
        let height = if self.live { self.height - params } else { 0 };
        self.labels.push(Label::new(height, Some(ty), params, results, self.live));
        Ok(self.labels.last_mut().expect("just pushed"))
    }

    /// Closes the innermost block at its `end`.
    fn close(&mut self, at: usize, next: usize) -> Result<(), Bailout> {
        let label = self.labels.pop().ok_or_else(unbalanced)?;
        self.end_role(&label.role, at)?;
        // A branch to the body's label is a return: it goes to the body's `end`.
        let target = if self.labels.is_empty() { at } else { next };
        for branch in label.pending.iter().chain(&label.skip) {
            self.resolve(branch, target, self.branches.len());
        }
        self.restore(label.live, label.height);
        match label.ty {
            None | Some(BlockType::Empty) => {}
            Some(BlockType::Type(result)) => self.push(slots(result)),
            Some(BlockType::FuncType(index)) => self.push_all(self.module.ty(TypeIndex::new(index)).results()),
        }
        Ok(())
    }

    /// Emits the entry of a branch to the label at `depth`.
    fn branch(&mut self, depth: u32, at: usize) -> Result<(), Bailout> {
        if !self.live {
            return Ok(());
        }
        let index = self.labels.len().checked_sub(1 + depth as usize).ok_or_else(unbalanced)?;
        let label = &self.labels[index];
        let keep = if label.target.is_some() { label.params } else { label.results };
        let discard = self.height - keep - label.height;
        let target = label.target;
        let pending = self.entry(keep, discard, at);
        match target {
            Some((target, entries)) => self.resolve(&pending, target, entries),
            None => self.labels[index].pending.push(pending),
        }
        Ok(())
    }

    /// Emits an entry whose target is not yet known.
    fn entry(&mut self, keep: u32, discard: u32, at: usize) -> Pending {
        self.branches.push(BranchEntry { pc_delta: 0, table_delta: 0, keep, discard });
        Pending::Branch { entry: self.branches.len() - 1, at }
    }

    /// Sets the target of a branch or clause: offset `target`, with `entries` entries before it.
    fn resolve(&mut self, pending: &Pending, target: usize, entries: usize) {
        match *pending {
            Pending::Branch { entry: number, at } => {
                let entry = &mut self.branches[number];
                entry.pc_delta = target.wrapping_sub(at) as i32;
                entry.table_delta = entries.wrapping_sub(number) as i32;
            }
            Pending::Clause { scope, number } => {
                let landing = self.handlers.clause_mut(scope, number);
                (landing.target, landing.entries) = (target as u32, entries as u32);
            }
        }
    }

    /// Processes a call that takes `extra` operands besides the arguments.
    fn call(&mut self, ty: &FuncType, extra: u32) {
        self.pop(ty.param_slots() + extra);
        self.push_all(ty.results());
    }

    /// Processes a `select` at offset `at`; `vector` replaces it if its operands are vectors.
    fn select(&mut self, at: usize, vector: u32) {
        let slots = self.top_slots(1);
        self.replace_vector(slots, at, vector);
        self.pop(1 + slots);
    }

    /// Processes an access of a local by the operator at offset `at`. Replaces the operator by `vector` if the local is a
    /// vector, and by `moved` if it is not in the slot of its index. Returns how many slots the local takes.
    fn local(&mut self, index: u32, at: usize, vector: u32, moved: u32) -> u32 {
        let (slot, slots) = self.locals.place(index);
        if slots == VECTOR {
            self.replace(at, vector);
        } else if slot != index {
            self.replace(at, moved);
        }
        slots
    }

    /// Replaces the operator at offset `at` if its value takes the slots of a vector.
    fn replace_vector(&mut self, slots: u32, at: usize, opcode: u32) {
        if slots == VECTOR {
            self.replace(at, opcode);
        }
    }

    /// Replaces the operator at offset `at`, if it can be reached.
    fn replace(&mut self, at: usize, opcode: u32) {
        if self.live {
            self.replaced.push((at, opcode as u8));
        }
    }

    /// The number of slots of the operand that has `above` slots above it.
    fn top_slots(&self, above: u32) -> u32 {
        match self.vectors.last() {
            Some(below) if self.live && below + VECTOR + above == self.height => VECTOR,
            _ => 1,
        }
    }

    /// Continues at a point where nothing is on the operand stack above `height`.
    fn restore(&mut self, live: bool, height: u32) {
        self.live = live;
        self.height = height;
        self.forget_popped();
    }

    /// Pops operands that take `slots` slots, where code can be reached.
    fn pop(&mut self, slots: u32) {
        if self.live {
            self.height -= slots;
            self.forget_popped();
        }
    }

    /// Forgets vectors that are no longer on the operand stack.
    fn forget_popped(&mut self) {
        while self.live && self.vectors.last().is_some_and(|&below| below >= self.height) {
            self.vectors.pop();
        }
    }

    /// Pushes an operand that takes `slots` slots, if any, where code can be reached.
    fn push(&mut self, slots: u32) {
        if self.live {
            if slots == VECTOR {
                self.vectors.push(self.height);
            }
            self.height += slots;
            self.max_height = self.max_height.max(self.height);
        }
    }

    /// Pushes operands, where code can be reached.
    fn push_all(&mut self, types: &[ValType]) {
        for ty in types {
            self.push(ty.slots());
        }
    }

    /// Pushes the parameters of a block.
    fn push_params(&mut self, ty: Option<BlockType>) {
        match ty {
            None | Some(BlockType::Empty | BlockType::Type(_)) => {}
            Some(BlockType::FuncType(index)) => self.push_all(self.module.ty(TypeIndex::new(index)).params()),
        }
    }
}

/// The number of slots of a value.
pub(crate) fn slots(ty: wasmparser::ValType) -> u32 {
    use wasmparser::ValType::{F32, F64, I32, I64, Ref, V128};
    match ty {
        V128 => VECTOR,
        I32 | I64 | F32 | F64 | Ref(_) => 1,
    }
}

fn malformed(error: wasmparser::BinaryReaderError) -> Bailout {
    Bailout::Unsupported(error.to_string())
}

fn unbalanced() -> Bailout {
    Bailout::Unsupported("blocks do not nest".to_owned())
}

/// Returns how many slots an operator pops and pushes; `None` for operators whose effect depends on types.
fn stack_effect(operator: &Operator<'_>) -> Option<(u32, u32)> {
    if let Some(row) = row(operator) {
        return Some(match row {
            Row::Unary(_) | Row::Load(..) => (1, 1),
            Row::Binary(_) => (2, 1),
            Row::Store(..) => (2, 0),
            Row::Wide(op) => (op.operands() as u32, 2),
        });
    }
    if let Some(row) = vector_row(operator) {
        return Some(vector_effect(row));
    }
    if let Some(row) = atomic_row(operator) {
        return Some(match row {
            AtomicRow::Fence => (0, 0),
            AtomicRow::Access(op, _) => (1 + op.operand_types().len() as u32, op.result_type().is_some().into()),
        });
    }
    Some(match operator {
        Operator::Nop | Operator::DataDrop { .. } | Operator::ElemDrop { .. } => (0, 0),
        Operator::I32Const { .. }
        | Operator::I64Const { .. }
        | Operator::F32Const { .. }
        | Operator::F64Const { .. }
        | Operator::RefNull { .. }
        | Operator::RefFunc { .. }
        | Operator::MemorySize { .. }
        | Operator::TableSize { .. } => (0, 1),
        Operator::RefIsNull | Operator::MemoryGrow { .. } | Operator::TableGet { .. } => (1, 1),
        Operator::TableSet { .. } => (2, 0),
        Operator::TableGrow { .. } => (2, 1),
        Operator::MemoryInit { .. }
        | Operator::MemoryCopy { .. }
        | Operator::MemoryFill { .. }
        | Operator::TableInit { .. }
        | Operator::TableCopy { .. }
        | Operator::TableFill { .. } => (3, 0),
        _ => return None,
    })
}

/// Returns how many slots a vector operator pops and pushes.
fn vector_effect(row: VectorRow) -> (u32, u32) {
    match row {
        VectorRow::Const(_) => (0, VECTOR),
        VectorRow::Shuffle(_) => (2 * VECTOR, VECTOR),
        VectorRow::Plain(op) => (op.operand_types().iter().map(|ty| ty.slots()).sum(), op.result_type().slots()),
        VectorRow::Extract(op, _) => (VECTOR, op.result_type().slots()),
        VectorRow::Replace(op, _) => (VECTOR + op.value_type().slots(), VECTOR),
        VectorRow::Load(..) => (1, VECTOR),
        VectorRow::Store(_) | VectorRow::StoreLane(..) => (1 + VECTOR, 0),
        VectorRow::LoadLane(..) => (1 + VECTOR, VECTOR),
    }
}

#[cfg(test)]
mod tests;
