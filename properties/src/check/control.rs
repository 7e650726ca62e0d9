//! Blocks, and the labels that branches to them go to.
//!
//! A branch of the wasm body goes to a [`Dest`], its counterpart in the IR to a label ([`super::branch`]). The first
//! branch to a label determines what the label stands for. This is checked when the walk reaches that place of the
//! body: the label has to be bound there, and nowhere else. A loop header comes before its branches, and always has a
//! label.

use std::fmt;

use wasmparser::Operator;

use riser_translator::ir::{Inst, Item};
use riser_translator::sink::{LabelKind, Scope, Slot};
use riser_translator::types::{FuncType, ValType};

use super::CheckError;
use super::effect::Action;
use super::source::block_types;
use super::walk::Checker;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Block,
    Loop,
    If,
    TryTable,
    Try,
    /// A handler of a legacy `try`. The lowest operand is the reference to the exception.
    Catch,
}

/// An open block.
pub(super) struct Frame<'a> {
    pub(super) kind: Kind,
    /// Offset of the operator that opens it.
    pub(super) offset: u32,
    params: &'a [ValType],
    pub(super) results: &'a [ValType],
    /// The number of operands below the parameters.
    pub(super) base: usize,
    /// The home of the lowest parameter.
    pub(super) home: Slot,
    /// The number of labels that stand for the block's end.
    pub(super) end_labels: u32,
    /// The number of labels that stand for the `else`.
    pub(super) else_labels: u32,
    /// Its handler scope, if it has one.
    pub(super) scope: Option<Scope>,
    /// The innermost handler scope that is open around it.
    pub(super) outer: Option<Scope>,
    /// The clauses of a `try_table`.
    pub(super) clauses: Vec<wasmparser::Catch>,
    /// The number of handlers so far.
    pub(super) handlers: u32,
}

/// A part of a block that branches go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The end.
    End,
    /// The `else`, or the end of an `if` without one, to which its condition branches.
    Else,
    /// The header of a loop.
    Header,
    /// The handler with this number.
    Handler(u32),
}

/// A place of the wasm body that branches go to. Blocks are identified by their offsets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Dest {
    block: u32,
    part: Part,
}

impl fmt::Display for Dest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::End => write!(f, "the end of the block at {:#x}", self.block),
            Part::Else => write!(f, "the else of the if at {:#x}", self.block),
            Part::Header => write!(f, "the loop at {:#x}", self.block),
            Part::Handler(number) => write!(f, "handler {number} of the try at {:#x}", self.block),
        }
    }
}

impl Dest {
    /// The handler with a number, of the `try` at an offset.
    pub(super) fn handler(block: u32, number: u32) -> Dest {
        Dest { block, part: Part::Handler(number) }
    }
}

impl<'a> Frame<'a> {
    /// A block without labels and clauses.
    fn new(
        kind: Kind,
        offset: u32,
        (params, results): (&'a [ValType], &'a [ValType]),
        (base, home): (usize, Slot),
        outer: Option<Scope>,
    ) -> Frame<'a> {
        let (end_labels, else_labels, scope, clauses, handlers) = (0, 0, None, Vec::new(), 0);
        Frame { kind, offset, params, results, base, home, end_labels, else_labels, scope, outer, clauses, handlers }
    }

    pub(super) fn dest(&self, part: Part) -> Dest {
        Dest { block: self.offset, part }
    }

    /// The part of the block that a branch to it goes to.
    pub(super) fn target(&self) -> Part {
        if self.kind == Kind::Loop { Part::Header } else { Part::End }
    }

    /// Types of the values that a branch to a part of the block carries.
    pub(super) fn carried(&self, part: Part) -> &'a [ValType] {
        match part {
            Part::End => self.results,
            Part::Else | Part::Header => self.params,
            // What a handler gets is not carried by branches.
            Part::Handler(_) => &[],
        }
    }
}

impl<'a> Checker<'a> {
    pub(super) fn enter_function(&mut self, ty: &'a FuncType) -> Result<(), CheckError> {
        // The locals are declared before the first operator, so that no other block has this offset.
        let offset = self.offset - 1;
        let home = self.state.frame.temp(0);
        self.control.push(Frame::new(Kind::Function, offset, (&[], ty.results()), (0, home), None));
        if self.config.epoch {
            self.act(Action::Epoch, &[])?;
        }
        Ok(())
    }

    /// Checks that the IR ends where the wasm body does.
    pub(super) fn finish(&mut self) -> Result<(), CheckError> {
        self.pass_detours();
        match self.at < self.ir.items.len() {
            true => Err(self.error(Some(self.at), "the IR goes on where the wasm body ends")),
            false => Ok(()),
        }
    }

    pub(super) fn control_operator(&mut self, operator: &Operator<'_>) -> Result<(), CheckError> {
        match *operator {
            Operator::Block { blockty } => self.open(Kind::Block, blockty),
            Operator::Loop { blockty } => {
                self.open(Kind::Loop, blockty)?;
                self.bind_header()
            }
            Operator::If { blockty } => {
                let cond = self.pop()?;
                self.open(Kind::If, blockty)?;
                let leaves = self.state.terms.not(cond);
                self.branch_if(leaves, self.control.len() - 1, Part::Else)
            }
            Operator::Else => self.else_(),
            Operator::End => self.end(),
            Operator::Br { relative_depth } => self.br(relative_depth),
            Operator::Return => self.br(self.control.len() as u32 - 1),
            Operator::BrIf { relative_depth } => {
                let cond = self.pop()?;
                let leaves = self.state.terms.truth(cond);
                let block = self.block(relative_depth);
                self.branch_if(leaves, block, self.control[block].target())
            }
            Operator::BrTable { ref targets } => self.br_table(targets),
            ref other => Err(self.error(None, format!("the operator {other:?} is not supported"))),
        }
    }

    pub(super) fn open(&mut self, kind: Kind, ty: wasmparser::BlockType) -> Result<(), CheckError> {
        let Some((params, results)) = block_types(self.module, ty) else {
            return Err(self.error(None, "this block type is not supported"));
        };
        let base = self.state.len() - params.len();
        let slots: u32 = params.iter().map(|ty| ty.slots()).sum();
        let home = self.state.frame.temp(self.state.height() - slots);
        let offset = self.offset;
        self.control.push(Frame::new(kind, offset, (params, results), (base, home), self.scope));
        Ok(())
    }

    /// Returns the index in the control stack of the block that a branch of the given depth goes to.
    pub(super) fn block(&self, depth: u32) -> usize {
        self.control.len() - 1 - depth as usize
    }

    /// Binds the label of a loop header, which the IR always has.
    fn bind_header(&mut self) -> Result<(), CheckError> {
        let dest = self.control[self.control.len() - 1].dest(Part::Header);
        let at = self.next_label(&dest)?;
        if let Item::Label { label, kind: LabelKind::Loop, .. } = &self.ir.items[at] {
            if let Some(other) = self.destinations.insert(*label, dest) {
                return Err(self.error(Some(at), format!("a branch leads here, and wasm's to {other}")));
            }
            self.settle(at)?;
        } else {
            return Err(self.error(Some(at), format!("wasm has {dest} here")));
        }
        if self.config.epoch {
            self.act(Action::Epoch, &[])?;
        }
        Ok(())
    }

    fn else_(&mut self) -> Result<(), CheckError> {
        let at = self.control.len() - 1;
        if self.live {
            self.leave(at, Part::End)?;
        }
        let labels = std::mem::take(&mut self.control[at].else_labels);
        let Frame { offset, base, params, .. } = self.control[at];
        self.control[at].kind = Kind::Block;
        self.live = false;
        self.bind(labels, &[Dest { block: offset, part: Part::Else }], base, params)
    }

    fn end(&mut self) -> Result<(), CheckError> {
        let at = self.control.len() - 1;
        if self.live && self.branches_to_end(at)? {
            self.leave(at, Part::End)?;
            self.live = false;
        }
        if self.control[at].kind == Kind::Function
            && self.live
            && !matches!(self.advance()?, Some((_, Item::Label { .. })))
        {
            self.return_at_end()?;
        }
        let Some(frame) = self.control.pop() else {
            return Err(self.error(None, "wasm ends a block, and none is open"));
        };
        match frame.kind {
            Kind::TryTable => self.end_try_table(&frame)?,
            Kind::Try => self.end_try(&frame)?,
            Kind::Catch => self.end_catch(&frame)?,
            Kind::Function | Kind::Block | Kind::Loop | Kind::If => {}
        }
        self.bind_end(&frame)?;
        if frame.kind == Kind::Function && self.live {
            self.return_at_end()?;
        }
        Ok(())
    }

    /// Binds the labels of a block's end, whose frame is closed.
    pub(super) fn bind_end(&mut self, frame: &Frame<'a>) -> Result<(), CheckError> {
        // The condition of an `if` without `else` branches to its end.
        let parts = [Part::End, Part::Else].map(|part| frame.dest(part));
        self.bind(frame.end_labels + frame.else_labels, &parts, frame.base, frame.results)
    }

    /// Checks that the IR returns at the end of the body.
    fn return_at_end(&mut self) -> Result<(), CheckError> {
        let item = self.next_inst(&|_| "a return".to_owned())?;
        self.returns(item.0, item.1)?;
        self.live = false;
        Ok(())
    }

    /// Whether the IR branches to the end of a block into which control falls in wasm. It does so if code out of line
    /// lies in between. No other branch can go to a label that stands for this end.
    pub(super) fn branches_to_end(&mut self, block: usize) -> Result<bool, CheckError> {
        let Some((_, Item::Inst { inst: Inst::Branch { target }, .. })) = self.advance()? else { return Ok(false) };
        Ok(self.destinations.get(target) == Some(&self.control[block].dest(Part::End)))
    }

    /// Binds `labels` labels, each of which has to stand for one of `dests`. The operand stack there is the operands
    /// below index `base`, and `values`.
    fn bind(&mut self, labels: u32, dests: &[Dest], base: usize, values: &[ValType]) -> Result<(), CheckError> {
        for _ in 0..labels {
            let at = self.next_label(&dests[0])?;
            let Item::Label { label, .. } = &self.ir.items[at] else {
                return Err(self.error(Some(at), format!("wasm has {} here", dests[0])));
            };
            match self.destinations.get(label) {
                Some(dest) if dests.contains(dest) => {}
                Some(other) => {
                    return Err(self.error(Some(at), format!("this is {}, and the label stands for {other}", dests[0])));
                }
                None => return Err(self.error(Some(at), "no branch has led here")),
            }
            if !self.live {
                self.state.truncate(base);
                for &ty in values {
                    // The values that the branches carry: after the label they are named by their slots.
                    let any = self.state.terms.zero(ty);
                    self.state.push(ty, any);
                }
                self.state.restart();
                self.live = true;
            }
            self.settle(at)?;
        }
        Ok(())
    }

    /// Returns the current item, which has to be a label, for `dest`.
    fn next_label(&mut self, dest: &Dest) -> Result<usize, CheckError> {
        if self.live {
            self.advance()?;
        } else {
            self.pass_detours();
        }
        match self.ir.items.get(self.at) {
            Some(Item::Label { .. }) => Ok(self.at),
            Some(Item::Inst { .. }) if self.live => Err(self.error(Some(self.at), format!("wasm has {dest} here"))),
            Some(Item::Inst { .. }) => Err(self.error(Some(self.at), "nothing leads to this instruction")),
            None => Err(self.error(None, format!("the IR ends where wasm has {dest}"))),
        }
    }

    /// Passes detours that have been followed already.
    pub(super) fn pass_detours(&mut self) {
        while let Some(&end) = self.detours.get(&self.at) {
            self.at = end;
        }
    }

    /// Passes the label at `at`, into which control falls. The state has to be canonical, and is afterwards what every
    /// branch to the label leaves.
    pub(super) fn settle(&mut self, at: usize) -> Result<(), CheckError> {
        if let Some((item, target)) = self.ahead {
            return Err(self.error(Some(item), format!("wasm does not branch to where L{} leads", target.0)));
        }
        let end = self.state.frame.temp(self.state.height());
        self.nothing_astray(at, end)?;
        self.same_operands(at)?;
        self.state.restart();
        self.at = at + 1;
        Ok(())
    }

    /// Checks that a label lists the operands on wasm's stack.
    pub(super) fn same_operands(&self, at: usize) -> Result<(), CheckError> {
        match &self.ir.items[at] {
            Item::Label { operands, .. } if self.state.types().eq(operands.iter().copied()) => Ok(()),
            _ => Err(self.error(Some(at), "wasm has other operands here")),
        }
    }

    /// Checks that the locals, and the operands in slots below `end`, are in the slots where they belong.
    pub(super) fn nothing_astray(&mut self, item: usize, end: Slot) -> Result<(), CheckError> {
        if let Some(slot) = self.state.first_astray(end)
            && let Some(wanted) = self.state.belongs(slot)
        {
            let found = self.state.read(slot);
            return Err(self.differs(item, &self.slot_name(slot), wanted, found));
        }
        Ok(())
    }
}
