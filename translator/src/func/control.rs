//! Blocks and branches.
//!
//! # Joins
//!
//! A label requires the canonical state: every operand in its home slot. The operands below a block are flushed once,
//! where the block is entered. A branch then has to move only the label's own values, from the top of the stack down to
//! their homes at the label. Moving them in ascending order is safe, since none moves up. If no branch goes to the end
//! of a block, there is no join, and pending operands stay pending.
//!
//! # Conditional branches
//!
//! A `br_if` with values to move becomes a branch around the moves and an unconditional branch:
//!
//! ```text
//!     branch_if not cond -> skip
//!     moves
//!     branch -> target
//! skip:
//! ```
//!
//! If the branch is not taken, the values are still on the stack. The moves therefore read them in place. That is for
//! few values. Many values are first flushed to their homes, once for all branches, and move from there in one piece,
//! if they have to at all. For a `br_table`, the moves for each target are in a stub of its own behind the table;
//! targets without moves need no stub.
//!
//! A branch to the function's own label is a return. A clause of a handler scope may lead there, to a return at the end.

use wasmparser::{BlockType, BrTable, FrameKind};

use crate::error::TranslateError;
use crate::faults::{Fault, faulty};
use crate::index::{TagIndex, TypeIndex};
use crate::module::ModuleInfo;
use crate::parse::val_type;
use crate::probe::Point;
use crate::sink::{FEW_VALUES, Label, LabelKind, Operand, Scope, Sink, Slot};
use crate::trap::TrapCode;
use crate::types::ValType;

use super::{Lowering, reading};

/// The type of a block.
#[derive(Clone, Copy)]
pub(super) enum Signature {
    /// A type from nothing to at most one value.
    Result(Option<ValType>),
    /// A type of the type section.
    Type(TypeIndex),
}

impl Signature {
    fn params<'a>(&'a self, module: &'a ModuleInfo) -> &'a [ValType] {
        match self {
            Signature::Result(_) => &[],
            Signature::Type(index) => module.ty(*index).params(),
        }
    }

    fn results<'a>(&'a self, module: &'a ModuleInfo) -> &'a [ValType] {
        match self {
            Signature::Result(ty) => ty.as_slice(),
            Signature::Type(index) => module.ty(*index).results(),
        }
    }
}

/// The kind of an open block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Block,
    Loop,
    /// An `if`; `else_label` is the target if the condition is zero.
    If {
        else_label: Label,
    },
    /// A `try_table`: its scope is open, in the scope `outer`. Its clauses begin at an index of those that are kept.
    TryTable {
        outer: Option<Scope>,
        clauses: usize,
    },
    /// A legacy `try` before its first clause: its scope is open, in the scope `outer`.
    Try {
        outer: Option<Scope>,
    },
    /// A handler of a legacy `try`, whose scope has ended. The lowest operand is the exception's reference.
    Catch {
        scope: Scope,
    },
}

/// An open block.
#[derive(Clone, Copy)]
pub(super) struct ControlFrame {
    pub(super) kind: Kind,
    signature: Signature,
    /// The target of branches to the block.
    pub(super) label: Label,
    /// Whether any branch or clause goes to it.
    pub(super) used: bool,
    /// The target of the current `br_table` for this block, if it has one: `label`, or a stub.
    table_label: Option<Label>,
    /// The number of entries of the operand stack below the block's parameters.
    pub(super) base: usize,
    /// The number of slots of the operand stack below the block's parameters.
    pub(super) base_height: u32,
    /// The innermost handler scope that is open where the block's label is: its own, if it has one.
    pub(super) scope: Option<Scope>,
}

impl ControlFrame {
    /// Types of the values that a branch to the block carries.
    fn label_types<'a>(&'a self, module: &'a ModuleInfo) -> &'a [ValType] {
        match self.kind {
            Kind::Loop => self.signature.params(module),
            Kind::Function
            | Kind::Block
            | Kind::If { .. }
            | Kind::TryTable { .. }
            | Kind::Try { .. }
            | Kind::Catch { .. } => self.signature.results(module),
        }
    }

    /// Types of the block's results.
    pub(super) fn results<'a>(&'a self, module: &'a ModuleInfo) -> &'a [ValType] {
        self.signature.results(module)
    }
}

impl<S: Sink> Lowering<'_, S> {
    pub(super) fn block_signature(&self, ty: BlockType, offset: usize) -> Result<Signature, TranslateError> {
        Ok(match ty {
            BlockType::Empty => Signature::Result(None),
            BlockType::Type(ty) => Signature::Result(Some(val_type(ty, offset)?)),
            BlockType::FuncType(index) => Signature::Type(TypeIndex::new(index)),
        })
    }

    pub(super) fn new_label(&mut self) -> Label {
        let label = Label(self.next_label);
        self.next_label += 1;
        label
    }

    /// Opens a block whose parameters are on the stack, in their homes.
    pub(super) fn open(&mut self, kind: Kind, signature: Signature, label: Label) {
        let params = signature.params(self.module);
        let base = self.stack.len() - params.len();
        let params_above = if faulty(Fault::BaseHeightWithParams) { 0 } else { slots(params) };
        let base_height = self.stack.height() - params_above;
        let scope = self.scope;
        let frame = ControlFrame { kind, signature, label, used: false, table_label: None, base, base_height, scope };
        self.control.push(frame);
    }

    pub(super) fn bind(&mut self, label: Label, kind: LabelKind) {
        self.sink.bind(label, kind, &mut self.stack.types());
    }

    /// Copies every operand to its home, except if the fault is active.
    pub(super) fn flush_unless(&mut self, fault: Fault) {
        if !faulty(fault) {
            self.stack.flush(self.sink);
        }
    }

    pub(super) fn enter_function(&mut self, type_index: TypeIndex) {
        if self.config.epoch {
            self.sink.epoch();
        }
        let label = self.new_label();
        let signature = Signature::Type(type_index);
        let kind = Kind::Function;
        let (used, table_label, base, base_height, scope) = (false, None, 0, 0, None);
        let frame = ControlFrame { kind, signature, label, used, table_label, base, base_height, scope };
        self.control.push(frame);
    }

    pub(super) fn block(&mut self, signature: Signature) {
        self.flush_unless(Fault::NoFlushAtBlock);
        let label = self.new_label();
        self.open(Kind::Block, signature, label);
    }

    pub(super) fn loop_(&mut self, signature: Signature, offset: usize) {
        self.flush_unless(Fault::NoFlushAtLoop);
        let label = self.new_label();
        self.bind(label, LabelKind::Loop);
        self.probe_here(Point::Loop, offset as u32);
        if self.config.epoch {
            self.sink.epoch();
        }
        self.open(Kind::Loop, signature, label);
    }

    pub(super) fn if_(&mut self, signature: Signature) {
        let (_, cond) = self.stack.pop();
        self.stack.flush(self.sink);
        let else_label = self.new_label();
        let label = self.new_label();
        self.sink.branch_if(cond, true, else_label);
        self.open(Kind::If { else_label }, signature, label);
    }

    pub(super) fn else_(&mut self) {
        let mut frame = self.pop_control();
        if let Kind::If { else_label } = frame.kind {
            if self.reachable {
                self.flush_unless(Fault::NoFlushAtElse);
                self.sink.branch(frame.label);
                frame.used = true;
            }
            self.join(&frame, else_label, frame.signature.params(self.module));
        }
        self.control.push(ControlFrame { kind: Kind::Block, ..frame });
    }

    pub(super) fn end(&mut self) {
        if let Kind::Catch { scope } = self.control[self.control.len() - 1].kind {
            return self.end_catch(scope);
        }
        let frame = self.pop_control();
        let results = frame.signature.results(self.module);
        match frame.kind {
            Kind::Function => {
                if self.reachable {
                    self.ret(self.stack.len() - results.len(), false);
                }
                self.reachable = false;
                if frame.used {
                    // Clauses lead here; branches return where they are.
                    self.join(&frame, frame.label, results);
                    self.ret(self.stack.len() - results.len(), false);
                    self.reachable = false;
                }
                return;
            }
            Kind::If { else_label } => {
                // There is no `else`: the parameters, which are in their homes, are the results.
                if self.reachable {
                    self.stack.flush(self.sink);
                }
                self.join(&frame, else_label, results);
            }
            Kind::Loop => {
                self.sink.close_loop(frame.label);
                return;
            }
            Kind::TryTable { outer, clauses } => self.end_try_table(self.own_scope(&frame), outer, clauses),
            Kind::Try { outer } => self.end_try(self.own_scope(&frame), outer),
            Kind::Block | Kind::Catch { .. } => {}
        }
        self.join_if_used(&frame);
    }

    /// The scope of a `try_table` or `try`.
    pub(super) fn own_scope(&self, frame: &ControlFrame) -> Scope {
        frame.scope.expect("these blocks have scopes")
    }

    /// Binds the label of a block that ends, if anything goes there.
    pub(super) fn join_if_used(&mut self, frame: &ControlFrame) {
        if frame.used {
            if self.reachable {
                self.flush_unless(Fault::NoFlushAtJoin);
            }
            self.join(frame, frame.label, frame.results(self.module));
        }
    }

    pub(super) fn pop_control(&mut self) -> ControlFrame {
        let frame = self.control[self.control.len() - 1];
        self.control.truncate(self.control.len() - 1);
        frame
    }

    /// Binds a label of a block. The operand stack there is the block's base and `values`, all in their homes.
    pub(super) fn join(&mut self, frame: &ControlFrame, label: Label, values: &[ValType]) {
        self.stack.truncate(frame.base);
        for &ty in values {
            self.stack.push_temp(ty);
        }
        self.bind(label, LabelKind::Join);
        self.reachable = true;
    }

    /// Skips an operator in unreachable code, of which only the structure of blocks matters.
    pub(super) fn skipped_operator(&mut self, operator: &wasmparser::Operator<'_>, offset: usize) {
        use wasmparser::Operator;
        let opened = match operator {
            Operator::Block { .. } | Operator::TryTable { .. } => FrameKind::Block,
            Operator::Loop { .. } => FrameKind::Loop,
            Operator::If { .. } => FrameKind::If,
            Operator::Try { .. } => FrameKind::LegacyTry,
            Operator::End
            | Operator::Else
            | Operator::Catch { .. }
            | Operator::CatchAll
            | Operator::Delegate { .. } => return self.skipped_end(operator, offset),
            _ => return,
        };
        self.unreachable_blocks.push(opened);
    }

    /// An operator in unreachable code that ends a block, or a part of one.
    fn skipped_end(&mut self, operator: &wasmparser::Operator<'_>, offset: usize) {
        use wasmparser::Operator;
        if let Some(innermost) = self.unreachable_blocks.last_mut() {
            match operator {
                Operator::Else => *innermost = FrameKind::Else,
                Operator::Catch { .. } => *innermost = FrameKind::LegacyCatch,
                Operator::CatchAll => *innermost = FrameKind::LegacyCatchAll,
                _ => {
                    self.unreachable_blocks.pop();
                }
            }
            return;
        }
        self.sink.position(offset as u32);
        self.offset = offset as u32;
        match *operator {
            Operator::Else => self.else_(),
            Operator::Catch { tag_index } => self.catch(Some(TagIndex::new(tag_index))),
            Operator::CatchAll => self.catch(None),
            Operator::Delegate { relative_depth } => self.delegate(relative_depth),
            _ => self.end(),
        }
    }

    /// The kind of the innermost block, of those that the reader tells apart; `None` behind the body.
    #[inline]
    pub(super) fn innermost(&self) -> Option<FrameKind> {
        if let Some(&innermost) = self.unreachable_blocks.last() {
            return Some(innermost);
        }
        Some(match self.control.last()?.kind {
            Kind::If { .. } => FrameKind::If,
            Kind::Try { .. } => FrameKind::LegacyTry,
            Kind::Catch { .. } => FrameKind::LegacyCatch,
            Kind::Function | Kind::Block | Kind::Loop | Kind::TryTable { .. } => FrameKind::Block,
        })
    }

    /// Returns the index in the control stack of the block that a branch of the given depth goes to.
    pub(super) fn target(&self, depth: u32) -> usize {
        self.control.len() - 1 - depth as usize
    }

    /// Returns the index of the lowest operand that a branch to `frame` carries.
    fn first_carried(&self, frame: &ControlFrame) -> usize {
        self.stack.len() - frame.label_types(self.module).len()
    }

    /// Whether a branch to `frame` needs moves before the jump.
    fn needs_moves(&self, frame: &ControlFrame) -> bool {
        let at_home = self.stack.is_at_home(self.first_carried(frame), frame.base_height);
        frame.kind == Kind::Function || !(at_home || faulty(Fault::MovesForgotten))
    }

    /// Moves the label's values and branches; with `lives_on`, the values are needed elsewhere, too.
    pub(super) fn leave(&mut self, target: usize, lives_on: bool) {
        let frame = self.control[target];
        if frame.kind == Kind::Function {
            return self.ret(self.first_carried(&frame), lives_on);
        }
        self.move_values(target, lives_on);
        self.control[target].used = true;
        self.sink.branch(frame.label);
    }

    /// Moves the values of a label, which is not the function's, to their homes there.
    pub(super) fn move_values(&mut self, target: usize, lives_on: bool) {
        let frame = self.control[target];
        let first = self.first_carried(&frame);
        let types = frame.label_types(self.module);
        // All values move by the same distance.
        let distance = self.stack.home(self.stack.height() - slots(types)).0 - self.stack.home(frame.base_height).0;
        let mut index = first;
        while index < self.stack.len() {
            let top_first = faulty(Fault::MovesFromTheTop);
            let one_by_one = top_first || faulty(Fault::MovesOneByOne);
            let run = if one_by_one { 0 } else { self.stack.temps_from(index) };
            if run > FEW_VALUES {
                let src = self.stack.home_of(index);
                if distance != 0 {
                    self.sink.copy_slots(&types[index - first..][..run], Slot(src.0 - distance), src);
                }
                index += run;
                continue;
            }
            let at = if top_first { first + self.stack.len() - 1 - index } else { index };
            let (ty, value) = self.read(at, lives_on);
            let dst = Slot(value.home().0 - distance);
            if value.slot() != Some(dst) {
                self.sink.copy(ty, dst, value);
            }
            index += 1;
        }
    }

    /// Prepares for a branch that may carry operands to `frame`, which may be needed afterwards as well. Many operands
    /// are flushed to their homes, so that no branch has to do that again.
    fn settle(&mut self, frame: &ControlFrame) {
        if frame.label_types(self.module).len() > FEW_VALUES && !faulty(Fault::MovesOneByOne) {
            self.stack.flush(self.sink);
        }
    }

    fn read(&self, index: usize, lives_on: bool) -> (ValType, Operand) {
        if lives_on { self.stack.read_in_place(index) } else { self.stack.last_read(index) }
    }

    /// Returns from the function with the operands from index `first` up.
    fn ret(&mut self, first: usize, lives_on: bool) {
        self.probe_exit(first);
        self.operands.clear();
        for index in first..self.stack.len() {
            let (_, value) = self.read(index, lives_on);
            self.operands.push(value);
        }
        self.sink.ret(self.operands);
    }

    pub(super) fn br(&mut self, depth: u32) {
        self.leave(self.target(depth), false);
        self.reachable = false;
    }

    pub(super) fn br_if(&mut self, depth: u32) {
        let (_, cond) = self.stack.pop();
        let target = self.target(depth);
        let frame = self.control[target];
        self.settle(&frame);
        if self.needs_moves(&frame) {
            let skip = self.new_label();
            self.sink.branch_if(cond, true, skip);
            self.leave(target, true);
            self.bind(skip, LabelKind::Skip);
        } else {
            self.control[target].used = true;
            self.sink.branch_if(cond, false, frame.label);
        }
    }

    pub(super) fn br_table(&mut self, table: &BrTable<'_>) -> Result<(), TranslateError> {
        let (_, index) = self.stack.pop();
        self.labels.clear();
        self.table_targets.clear();
        // All targets take the same number of values.
        let default = self.control[self.target(table.default())];
        self.settle(&default);
        for depth in table.targets().chain(std::iter::once(Ok(table.default()))) {
            let target = self.target(depth.map_err(reading)?);
            let label = self.table_label(target);
            self.labels.push(label);
        }
        if let [.., before, default] = &mut self.labels[..]
            && faulty(Fault::TableDefaultLost)
        {
            *default = *before;
        }
        self.sink.branch_table(index, self.labels);
        for at in 0..self.table_targets.len() {
            // Each may move many values.
            if self.sink.gives_up() {
                break;
            }
            let target = self.table_targets[at];
            if let Some(stub) = self.control[target].table_label.take()
                && stub != self.control[target].label
            {
                self.bind(stub, LabelKind::Skip);
                self.leave(target, true);
            }
        }
        self.reachable = false;
        Ok(())
    }

    /// Returns the target of a `br_table` for a block: a stub if values have to move, else the block's label.
    fn table_label(&mut self, target: usize) -> Label {
        let frame = self.control[target];
        if let Some(label) = frame.table_label {
            return label;
        }
        let label = if self.needs_moves(&frame) {
            self.new_label()
        } else {
            self.control[target].used = true;
            frame.label
        };
        self.control[target].table_label = Some(label);
        self.table_targets.push(target);
        label
    }

    pub(super) fn unreachable(&mut self) {
        self.sink.trap(TrapCode::Unreachable);
        self.reachable = false;
    }
}

fn slots(types: &[ValType]) -> u32 {
    types.iter().map(|ty| ty.slots()).sum()
}
