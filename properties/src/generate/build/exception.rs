//! Exceptions: handlers, and what throws.
//!
//! A `try_table` comes with blocks around it that its clauses go to, unless an open block fits. So what a clause brings is
//! used, and so are the locals that were written before the exception. Arms of a legacy `try` use what they catch themselves.

use riser_translator::types::{FuncType, ValType};

use super::super::Operator;
use super::super::operator::Clause;
use super::body::{Body, Frame, Target};

/// The most clauses of a `try_table` or `try`.
const CLAUSES: u32 = 3;

/// What a clause catches, and the index of the open block that it goes to.
struct Handler {
    tag: Option<u32>,
    reference: bool,
    frame: usize,
}

impl Body<'_> {
    /// Adds handlers, or something that throws, perhaps on a condition.
    pub(super) fn exception_statement(&mut self) {
        match self.choices.below(9) {
            0..5 if self.may_nest() => {
                if self.config.legacy_exceptions && self.choices.one_in(3) {
                    self.legacy_handlers();
                } else {
                    self.handlers();
                }
            }
            5..8 if self.may_nest() => self.throw_if(),
            8 if self.frames.len() > 1 => self.throw(),
            _ => self.leaf(ValType::ExnRef),
        }
    }

    /// Throws on a condition.
    fn throw_if(&mut self) {
        let block = FuncType::new([], []);
        self.condition();
        self.enter(Operator::If(block.clone()), Target::Forward);
        self.throw();
        self.exit(&block);
    }

    /// Throws a new exception, one that has been caught, or one that there is a reference to. That may be null.
    pub(super) fn throw(&mut self) {
        if self.choices.one_in(2) {
            self.overwrite_pending();
        }
        let caught = self.targets(|frame| frame.has_caught);
        if !caught.is_empty() && !self.choices.one_in(3) {
            let depth = self.choices.pick(&caught);
            self.append(Operator::Rethrow(depth));
        } else if self.choices.one_in(4) {
            self.operand(ValType::ExnRef);
            self.emit(Operator::ThrowRef);
        } else {
            let tag = self.any_tag();
            let module = self.module;
            self.operands(module.tags[tag as usize].params());
            self.emit(Operator::Throw(tag));
        }
        self.die();
    }

    fn any_tag(&mut self) -> u32 {
        self.choices.below(self.module.tags.len() as u32)
    }

    /// Adds a `try_table`, and blocks that its clauses go to.
    fn handlers(&mut self) {
        let mut handlers = Vec::new();
        let mut blocks = Vec::new();
        for _ in 0..self.choices.within(1, CLAUSES) {
            let tag = (!self.choices.one_in(3)).then(|| self.any_tag());
            let reference = self.choices.one_in(2);
            let module = self.module;
            let mut brings = tag.map_or(&[][..], |tag| module.tags[tag as usize].params()).to_vec();
            brings.extend(reference.then_some(ValType::ExnRef));
            let fits =
                |frame: &Frame| frame.label == brings && matches!(frame.target, Target::Forward | Target::Repeat);
            let fitting: Vec<usize> = (0..self.frames.len()).filter(|at| fits(&self.frames[*at])).collect();
            let frame = if !fitting.is_empty() && (self.choices.one_in(3) || !self.may_nest()) {
                self.choices.pick(&fitting)
            } else if self.may_nest() {
                blocks.push(self.landing(&brings));
                self.frames.len() - 1
            } else {
                continue;
            };
            handlers.push(Handler { tag, reference, frame });
        }
        for _ in 0..self.choices.below(3) {
            let ty = self.any_type();
            self.leaf(ty);
        }
        self.scope(&handlers);
        for block in blocks.iter().rev() {
            if !self.frame().dead && self.choices.one_in(3) {
                self.leave();
            }
            self.exit(block);
            self.caught(block.results());
        }
    }

    /// Opens a block for a clause that brings values of these types. Returns the block's type.
    fn landing(&mut self, brings: &[ValType]) -> FuncType {
        if self.choices.one_in(4) {
            let ty = FuncType::new(brings.iter().copied(), self.some_types(1));
            self.operands(brings);
            self.enter(Operator::Loop(ty.clone()), Target::Repeat);
            ty
        } else {
            let ty = FuncType::new([], brings.iter().copied());
            self.enter(Operator::Block(ty.clone()), Target::Forward);
            ty
        }
    }

    /// Adds the `try_table` itself.
    fn scope(&mut self, handlers: &[Handler]) {
        let innermost = self.frames.len() - 1;
        let clause = |handler: &Handler| {
            let Handler { tag, reference, frame } = *handler;
            Clause { tag, reference, label: (innermost - frame) as u32 }
        };
        let clauses = handlers.iter().map(clause).collect();
        let ty = self.scope_type();
        self.operands(ty.params());
        self.enter(Operator::TryTable(ty.clone(), clauses), Target::Forward);
        self.tried();
        if !self.frame().dead && self.choices.one_in(3) {
            self.operands(ty.results());
            self.condition();
            self.branch(0);
        }
        self.exit(&ty);
    }

    /// Makes the type of a `try_table` or `try`.
    fn scope_type(&mut self) -> FuncType {
        let count = self.choices.below(self.operands_here().len().min(2) as u32 + 1) as usize;
        let here = self.operands_here();
        let params = here[here.len() - count..].to_vec();
        FuncType::new(params, self.some_types(2))
    }

    /// Adds the inside of a `try_table` or `try`, which often throws.
    fn tried(&mut self) {
        self.arm();
        if !self.frame().dead {
            match self.choices.below(5) {
                0 => self.throw(),
                1 | 2 => self.throw_if(),
                3 if self.config.calls => self.call(),
                _ => {}
            }
        }
    }

    /// Adds a `try` with arms that catch, or one that passes exceptions on to a block further out.
    fn legacy_handlers(&mut self) {
        let ty = self.scope_type();
        self.operands(ty.params());
        self.enter(Operator::Try(ty.clone()), Target::Forward);
        self.tried();
        if self.choices.one_in(5) {
            let depth = self.choices.below(self.frames.len() as u32 - 1);
            return self.exit_by(Operator::Delegate(depth), &ty);
        }
        let module = self.module;
        for _ in 0..self.choices.below(CLAUSES) {
            let tag = self.any_tag();
            self.catch(&ty, Operator::Catch(tag), module.tags[tag as usize].params());
        }
        if self.choices.one_in(2) {
            self.catch(&ty, Operator::CatchAll, &[]);
        }
        self.exit(&ty);
    }

    /// Adds an arm that catches exceptions, which bring operands of these types.
    fn catch(&mut self, ty: &FuncType, operator: Operator, brings: &[ValType]) {
        self.divide(ty, operator, brings);
        self.frame_mut().has_caught = true;
        self.arm();
        if !self.frame().dead {
            match self.choices.below(4) {
                0 => self.throw(),
                1 if self.may_nest() => self.throw_if(),
                _ => {}
            }
        }
    }

    /// Uses a reference to an exception that has been caught.
    fn caught(&mut self, results: &[ValType]) {
        if results.last() != Some(&ValType::ExnRef) {
            return;
        }
        match self.choices.below(4) {
            0 if self.frames.len() > 1 => {
                self.emit(Operator::ThrowRef);
                self.die();
            }
            1 | 2 => {
                let local = self.any_variable(ValType::ExnRef);
                let local = local.unwrap_or_else(|| self.new_local(ValType::ExnRef));
                self.emit(Operator::LocalSet(local));
            }
            _ => {}
        }
    }
}
