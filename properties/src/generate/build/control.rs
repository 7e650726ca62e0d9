//! Blocks and branches.
//!
//! Three out of four loops have a counter, a local of their own, and end; every branch to such a loop counts. The
//! others loop on any condition.

use riser_translator::ops::{BinaryOp, UnaryOp};
use riser_translator::types::{FuncType, ValType};

use super::super::Operator;
use super::body::{Body, Frame, Target};

impl Body<'_> {
    /// Whether another block may be opened.
    pub(super) fn may_nest(&self) -> bool {
        self.frames.len() <= self.config.nesting as usize && self.budget > 5
    }

    /// Opens a block; its parameters, and the condition of an `if`, are on the stack.
    pub(super) fn enter(&mut self, operator: Operator, target: Target) {
        let Some(ty) = operator.block_type() else { return };
        if matches!(operator, Operator::If(_)) {
            self.pop_all(&[ValType::I32]);
        }
        self.pop_all(ty.params());
        let base = self.stack.len();
        self.stack.extend_from_slice(ty.params());
        let label = if matches!(operator, Operator::Loop(_)) { ty.params() } else { ty.results() };
        self.frames.push(Frame { base, label: label.to_vec(), target, dead: false, has_caught: false });
        self.append(operator);
    }

    /// Begins the other arm of an `if`.
    pub(super) fn otherwise(&mut self, ty: &FuncType) {
        self.divide(ty, Operator::Else, ty.params());
    }

    /// Ends an arm of a block of the type, and begins another one, with these operands.
    pub(super) fn divide(&mut self, ty: &FuncType, operator: Operator, operands: &[ValType]) {
        self.settle(ty.results());
        self.stack.truncate(self.frame().base);
        self.stack.extend_from_slice(operands);
        self.append(operator);
        self.frame_mut().dead = false;
    }

    /// Closes the block.
    pub(super) fn exit(&mut self, ty: &FuncType) {
        self.exit_by(Operator::End, ty);
    }

    /// Closes the block by one of the operators that do.
    pub(super) fn exit_by(&mut self, operator: Operator, ty: &FuncType) {
        self.settle(ty.results());
        self.stack.truncate(self.frame().base);
        self.stack.extend_from_slice(ty.results());
        self.frames.pop();
        self.append(operator);
    }

    pub(super) fn frame_mut(&mut self) -> &mut Frame {
        let innermost = self.frames.len() - 1;
        &mut self.frames[innermost]
    }

    /// Makes the rest of the block dead, and drops its operands.
    pub(super) fn die(&mut self) {
        self.stack.truncate(self.frame().base);
        self.frame_mut().dead = true;
    }

    /// Adds a block of any type.
    pub(super) fn block(&mut self) {
        if self.config.shuffled_operands && self.choices.one_in(4) {
            return self.rotating_loop();
        }
        let here = self.operands_here();
        let from_stack = here.len().min(3) as u32;
        let params = if self.choices.one_in(4) {
            self.some_types(3)
        } else {
            let count = self.choices.below(from_stack + 1) as usize;
            let here = self.operands_here();
            here[here.len() - count..].to_vec()
        };
        let results = if self.choices.one_in(4) { params.clone() } else { self.some_types(3) };
        self.block_of(FuncType::new(params, results));
    }

    pub(super) fn some_types(&mut self, most: u32) -> Vec<ValType> {
        super::types(self.choices, &super::value_types(self.config, self.config.references), most, 12)
    }

    /// Adds a block of the type.
    pub(super) fn block_of(&mut self, ty: FuncType) {
        match self.choices.below(8) {
            0..3 => {
                self.operands(ty.params());
                self.enter(Operator::Block(ty.clone()), Target::Forward);
                self.arm();
                self.exit(&ty);
            }
            3..5 => self.loop_of(&ty),
            _ => {
                self.operands(ty.params());
                self.condition();
                self.enter(Operator::If(ty.clone()), Target::Forward);
                self.arm();
                if ty.params() != ty.results() || self.choices.one_in(2) {
                    self.otherwise(&ty);
                    self.arm();
                }
                self.exit(&ty);
            }
        }
    }

    /// Adds the inside of a block.
    pub(super) fn arm(&mut self) {
        self.statements(8);
        if self.choices.one_in(4) {
            self.leave();
            for _ in 0..self.choices.below(4) {
                self.statement();
            }
        }
    }

    fn loop_of(&mut self, ty: &FuncType) {
        let target = match self.choices.below(4) {
            0 | 1 => Target::Counted { local: self.new_counter(0), limit: self.choices.within(1, 9) },
            2 => Target::Reserved,
            _ => Target::Repeat,
        };
        let countdown = (target == Target::Reserved).then(|| {
            let rounds = self.choices.within(1, 6);
            self.new_counter(rounds)
        });
        self.operands(ty.params());
        self.enter(Operator::Loop(ty.clone()), target);
        self.arm();
        if !self.frame().dead {
            self.operands(ty.params());
            self.shuffle_operands(ty.params());
            match target {
                Target::Counted { local, limit } => self.count(local, limit, 0),
                Target::Reserved => self.count_down(countdown),
                Target::Repeat | Target::Forward => {
                    self.condition();
                    self.branch(0);
                }
            }
        }
        self.exit(ty);
    }

    /// Adds a loop with several parameters of a few types, which change places from one iteration to the next.
    fn rotating_loop(&mut self) {
        let kinds = [self.any_type(), self.any_type()];
        let params: Vec<ValType> = (0..self.choices.within(2, 7)).map(|_| self.choices.pick(&kinds)).collect();
        let results = if self.choices.one_in(2) { params.clone() } else { self.some_types(2) };
        self.loop_of(&FuncType::new(params, results));
    }

    /// Puts the operands on top, which have these types, into another order, or some of them in the places of others.
    fn shuffle_operands(&mut self, types: &[ValType]) {
        let is_wanted = self.config.shuffled_operands && types.len() > 1 && !self.frame().dead;
        if !is_wanted || self.choices.one_in(3) {
            return;
        }
        let mut places = Vec::new();
        for &ty in types.iter().rev() {
            let variable = if self.choices.one_in(2) { self.any_variable(ty) } else { None };
            let free = variable.filter(|local| !places.contains(local));
            let local = free.unwrap_or_else(|| self.new_local(ty));
            self.emit(Operator::LocalSet(local));
            places.push(local);
        }
        for &ty in types {
            let fits = |local: u32| self.locals[local as usize] == ty;
            let local = self.choices.pick_where(places.iter().copied(), fits);
            self.emit(Operator::LocalGet(local.expect("there is a place for each type")));
        }
    }

    /// Adds a local.
    pub(super) fn new_local(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        self.locals.len() as u32 - 1
    }

    /// Adds a local as the counter of a loop, and sets it to `first`.
    pub(super) fn new_counter(&mut self, first: u32) -> u32 {
        let local = self.new_local(ValType::I32);
        self.counters.push(local);
        self.constant(ValType::I32, u64::from(first));
        self.emit(Operator::LocalSet(local));
        local
    }

    /// Adds `step` to the counter, and pushes it and the limit.
    pub(super) fn push_advanced(&mut self, local: u32, step: u32, limit: u32) {
        self.emit(Operator::LocalGet(local));
        self.constant(ValType::I32, u64::from(step));
        self.emit(Operator::Binary(BinaryOp::I32Add));
        self.emit(Operator::LocalTee(local));
        self.constant(ValType::I32, u64::from(limit));
    }

    /// Increments the counter, and branches as long as it is below the limit.
    fn count(&mut self, local: u32, limit: u32, depth: u32) {
        self.push_advanced(local, 1, limit);
        match self.choices.below(4) {
            0 => self.emit(Operator::Binary(BinaryOp::I32LtU)),
            1 => self.emit(Operator::Binary(BinaryOp::I32LtS)),
            _ => {
                self.emit(Operator::Binary(BinaryOp::I32GeU));
                self.emit(Operator::Unary(UnaryOp::I32Eqz));
            }
        }
        self.branch(depth);
    }

    /// Decrements the counter of the innermost loop, and repeats the loop until the counter is zero.
    fn count_down(&mut self, local: Option<u32>) {
        let Some(local) = local else { return };
        self.emit(Operator::LocalGet(local));
        self.constant(ValType::I32, 1);
        self.emit(Operator::Binary(BinaryOp::I32Sub));
        self.emit(Operator::LocalTee(local));
        self.branch(0);
    }

    /// Adds a `br_if` whose operands are on the stack.
    pub(super) fn branch(&mut self, depth: u32) {
        let label = self.label(depth).label.clone();
        self.pop_all(&[ValType::I32]);
        self.pop_all(&label);
        self.stack.extend_from_slice(&label);
        self.append(Operator::BrIf(depth));
    }

    fn label(&self, depth: u32) -> &Frame {
        &self.frames[self.frames.len() - 1 - depth as usize]
    }

    /// Returns the depths of the blocks that are of some kind, such as those that a branch may go to.
    pub(super) fn targets(&self, fine: impl Fn(&Frame) -> bool) -> Vec<u32> {
        (0..self.frames.len() as u32).filter(|depth| fine(self.label(*depth))).collect()
    }

    /// Adds a conditional branch.
    pub(super) fn branch_if(&mut self) {
        let mut depths = self.targets(|frame| frame.target != Target::Reserved);
        // Prefers blocks whose values are on the stack already, so that they are moved.
        let fitting = self.targets(|frame| {
            frame.target != Target::Reserved && !frame.label.is_empty() && self.operands_here().ends_with(&frame.label)
        });
        if !fitting.is_empty() && !self.choices.one_in(4) {
            depths = fitting;
        }
        let Some(&last) = depths.last() else { return };
        let depth = if self.choices.one_in(4) { last } else { self.choices.pick(&depths) };
        let Frame { label, target, .. } = self.label(depth);
        let (label, target) = (label.clone(), *target);
        self.operands(&label);
        self.shuffle_operands(&label);
        match target {
            Target::Counted { local, limit } => self.count(local, limit, depth),
            _ => {
                self.condition();
                self.branch(depth);
            }
        }
    }

    /// Leaves the block unconditionally.
    pub(super) fn leave(&mut self) {
        if self.config.exceptions && self.choices.one_in(6) {
            return self.throw();
        }
        match self.choices.below(16) {
            0..5 => {
                let depths = self.targets(|frame| frame.target == Target::Forward);
                let depth = self.choices.pick(&depths);
                let label = self.label(depth).label.clone();
                self.operands(&label);
                self.append(Operator::Br(depth));
            }
            5..10 => self.branch_table(),
            10..13 => {
                let ty = self.ty();
                self.operands(ty.results());
                self.append(Operator::Return);
            }
            13 | 14 if self.config.calls && self.config.tail_calls => return self.leave_by_call(),
            15 => self.append(Operator::Unreachable),
            _ => {
                self.operands(self.ty().results());
                self.append(Operator::Br(self.frames.len() as u32 - 1));
            }
        }
        self.die();
    }

    fn branch_table(&mut self) {
        let fine = |frame: &Frame| matches!(frame.target, Target::Forward | Target::Repeat);
        let mut depths = self.targets(fine);
        if self.config.shuffled_operands && !self.choices.one_in(3) {
            let carrying = self.targets(|frame| fine(frame) && frame.label.len() > 1);
            if !carrying.is_empty() {
                depths = carrying;
            }
        }
        let default = self.choices.pick(&depths);
        let label = self.label(default).label.clone();
        let same = self.targets(|frame| fine(frame) && frame.label == label);
        let count = if self.choices.one_in(12) { 20 } else { self.choices.below(6) };
        let mut targets: Vec<u32> = (0..count).map(|_| self.choices.pick(&same)).collect();
        targets.push(default);
        self.operands(&label);
        self.shuffle_operands(&label);
        self.produce(ValType::I32);
        if !self.choices.one_in(4) {
            let mask = self.choices.pick(&[1, 3, 7]);
            self.mask(ValType::I32, mask);
        }
        self.append(Operator::BrTable(targets));
    }
}
