//! Calls.
//!
//! A function calls those behind it freely. A call that may come back to the caller is guarded: a global counts such
//! calls down, and at zero no more of them are made, so that recursion ends.

use riser_translator::ops::BinaryOp;
use riser_translator::types::{FuncType, ValType};

use super::super::Operator;
use super::super::module::Placement;
use super::body::{Body, Target};

/// A call to be made: its operator, the type of the function, and the index into a table, if any.
struct Call {
    operator: Operator,
    ty: FuncType,
    /// The type and the value of the index.
    index: Option<(ValType, u64)>,
    guarded: bool,
}

impl Body<'_> {
    /// Calls a function directly.
    pub(super) fn call(&mut self) {
        if let Some(callee) = self.callee(|_| true) {
            self.make(self.direct(callee, false));
        }
    }

    /// Calls a function through a table.
    pub(super) fn call_indirect(&mut self) {
        if let Some(call) = self.indirect(false, None) {
            self.make(call);
        }
    }

    /// Returns the results of another function, perhaps on a condition.
    pub(super) fn tail_call(&mut self) {
        if let Some(call) = self.any_tail_call()
            && (call.guarded || self.frames.len() > 1)
        {
            self.make_tail(call);
        }
    }

    /// Leaves the function by a tail call if there is a callee, else by a trap.
    pub(super) fn leave_by_call(&mut self) {
        match self.any_tail_call() {
            Some(call) if !call.guarded => self.make_tail(call),
            _ => {
                self.operands(self.ty().results());
                self.append(Operator::Return);
                self.die();
            }
        }
    }

    /// Returns the results of the function with the most parameters behind this one, directly or through a table, for sure or on a
    /// condition.
    pub(super) fn wide_tail_call(&mut self) {
        let own = self.ty();
        let behind = self.module.functions.iter().enumerate().skip(self.index + 1);
        let same_results = behind.filter(|(_, function)| function.ty.results() == own.results());
        let Some((callee, _)) = same_results.max_by_key(|(_, function)| function.ty.params().len()) else { return };
        let through_table = self.config.table && self.choices.one_in(2);
        let call = through_table.then(|| self.indirect(true, Some(callee as u32))).flatten();
        let call = call.unwrap_or_else(|| self.direct(callee, true));
        if self.choices.one_in(3) {
            let block = FuncType::new([], []);
            self.condition();
            self.enter(Operator::If(block.clone()), Target::Forward);
            self.make_tail(call);
            self.exit(&block);
        } else {
            self.make_tail(call);
        }
    }

    fn any_tail_call(&mut self) -> Option<Call> {
        if self.config.table && self.choices.one_in(3) {
            return self.indirect(true, None);
        }
        let own = self.ty();
        let callee = self.callee(|ty| ty.results() == own.results())?;
        Some(self.direct(callee, true))
    }

    /// Picks a function that may be called from here.
    fn callee(&mut self, fits: impl Fn(&FuncType) -> bool) -> Option<usize> {
        let first = if self.guard.is_some() { 0 } else { self.index + 1 };
        let functions = self.module.functions.iter().enumerate().skip(first);
        let mut fitting: Vec<usize> = functions.filter(|(_, function)| fits(&function.ty)).map(|(at, _)| at).collect();
        let unguarded = fitting.partition_point(|callee| *callee <= self.index);
        if unguarded < fitting.len() && !self.choices.one_in(3) {
            fitting.drain(..unguarded);
        }
        (!fitting.is_empty()).then(|| self.choices.pick(&fitting))
    }

    fn direct(&self, callee: usize, tail: bool) -> Call {
        let function = callee as u32;
        let operator = if tail { Operator::ReturnCall(function) } else { Operator::Call(function) };
        Call { operator, ty: self.module.functions[callee].ty.clone(), index: None, guarded: callee <= self.index }
    }

    /// Makes a call through a table, most often of an element that is a function of the right type, or the one that is wanted.
    fn indirect(&mut self, tail: bool, wanted: Option<u32>) -> Option<Call> {
        let functions = &self.module.functions;
        let fits = |function: u32| match wanted {
            Some(wanted) => function == wanted,
            None => !tail || functions[function as usize].ty.results() == self.ty().results(),
        };
        let mut found = Vec::new();
        for segment in &self.module.elements {
            let Placement::Active(table, offset) = &segment.placement else { continue };
            let first = super::super::module::constant_sum(offset) as u32;
            for (index, function) in (first..).zip(&segment.functions) {
                if let Some(function) = function.filter(|function| fits(*function)) {
                    found.push((*table, index, function));
                }
            }
        }
        if found.is_empty() {
            return None;
        }
        let (table, mut index, mut function) = self.choices.pick(&found);
        if self.choices.one_in(16) {
            index = self.choices.below(super::TABLE_SIZE + 4);
        }
        if self.choices.one_in(16) {
            (_, _, function) = self.choices.pick(&found);
        }
        let ty = functions[function as usize].ty.clone();
        // By now the table may hold any function of the type.
        let guarded = functions[..=self.index].iter().any(|function| function.ty == ty);
        if guarded && self.guard.is_none() {
            return None;
        }
        let operator = if tail {
            Operator::ReturnCallIndirect(table, ty.clone())
        } else {
            Operator::CallIndirect(table, ty.clone())
        };
        let index = (self.table(table).index_type(), u64::from(index));
        Some(Call { operator, ty, index: Some(index), guarded })
    }

    /// Pushes the arguments, and the index.
    fn arguments(&mut self, call: &Call) {
        self.operands(call.ty.params());
        let Some((ty, index)) = call.index else { return };
        match self.choices.below(16) {
            0..10 => {
                // An index whose low half is in bounds, and which is not.
                let far = ty == ValType::I64 && self.choices.one_in(32);
                self.constant(ty, if far { index | 1 << 32 } else { index });
            }
            10..15 => {
                // The index is in effect a constant, but no simple analysis shows it.
                self.leaf(ty);
                self.mask(ty, 0);
                self.constant(ty, index);
                self.emit(Operator::Binary(if ty == ValType::I64 { BinaryOp::I64Add } else { BinaryOp::I32Add }));
            }
            _ => {
                self.produce(ty);
                self.mask(ty, 7);
            }
        }
    }

    /// Counts a call down, in a block that is entered only if more calls are allowed.
    fn enter_guarded(&mut self, guard: u32, ty: &FuncType) {
        self.emit(Operator::GlobalGet(guard));
        self.enter(Operator::If(ty.clone()), Target::Forward);
        self.emit(Operator::GlobalGet(guard));
        self.constant(ValType::I32, 1);
        self.emit(Operator::Binary(BinaryOp::I32Sub));
        self.emit(Operator::GlobalSet(guard));
    }

    fn make(&mut self, call: Call) {
        match self.guard.filter(|_| call.guarded) {
            None => {
                self.arguments(&call);
                self.emit(call.operator);
            }
            Some(guard) => {
                let block = FuncType::new([], call.ty.results().iter().copied());
                self.enter_guarded(guard, &block);
                self.arguments(&call);
                self.emit(call.operator);
                self.otherwise(&block);
                for &ty in block.results() {
                    self.literal(ty);
                }
                self.exit(&block);
            }
        }
    }

    fn make_tail(&mut self, call: Call) {
        let guard = self.guard.filter(|_| call.guarded);
        let block = FuncType::new([], []);
        if let Some(guard) = guard {
            self.enter_guarded(guard, &block);
        }
        self.arguments(&call);
        self.append(call.operator);
        self.die();
        if guard.is_some() {
            self.exit(&block);
        }
    }
}
