//! Exceptions: `try_table`, and the legacy `try` with `catch`, `catch_all` and `delegate`.
//!
//! Both kinds of block open a handler scope. A `try_table` names its clauses at its beginning; they are reported at its end,
//! when it is known whether anything in it throws. A clause goes to the label of a block around it. What it brings goes to
//! the homes of that label's values, so the label is the clause's target as it is.
//!
//! The clauses of a `try` come after its scope, each with a handler: code that belongs to the block and begins at a label of
//! its own. There the payload is on the operand stack, and below it, where wasm does not see it, a reference to the exception.
//! `rethrow` throws what that refers to. What a handler leaves on the stack therefore has to move down by a slot.
//!
//! `delegate` ends a scope without clauses. What the scope throws is handled as if it were thrown where the label that it
//! names is: [`ControlFrame::scope`] has the scope that is open there.

use wasmparser::TryTable;

use crate::faults::Fault;
use crate::index::TagIndex;
use crate::sink::{Catch, LabelKind, Operand, Scope, Sink};
use crate::types::ValType;

use super::Lowering;
use super::control::{Kind, Signature};

/// A handler scope.
#[derive(Clone, Copy)]
pub(super) struct ScopeState {
    /// Whether something in it throws.
    throws: bool,
    /// Whether one of its clauses catches all exceptions.
    catches_all: bool,
}

impl<S: Sink> Lowering<'_, S> {
    fn begin_scope(&mut self) -> Scope {
        let scope = Scope(self.scopes.len() as u32);
        self.scopes.push(ScopeState { throws: false, catches_all: false });
        self.sink.try_begin(scope);
        scope
    }

    fn state_of(&mut self, scope: Scope) -> &mut ScopeState {
        &mut self.scopes[scope.0 as usize]
    }

    /// Notes that an operator throws.
    pub(super) fn throws(&mut self) {
        if let Some(scope) = self.scope {
            self.state_of(scope).throws = true;
        }
    }

    /// Whether an exception can get to one more clause of a scope.
    fn goes_on(&mut self, scope: Scope) -> bool {
        let ScopeState { throws, catches_all } = *self.state_of(scope);
        throws && !catches_all
    }

    /// Reports that a scope has no more clauses, and which scope comes next.
    fn end_clauses(&mut self, scope: Scope, next: Option<Scope>) {
        self.sink.catch_end(scope, next);
        if let Some(next) = next
            && self.goes_on(scope)
        {
            self.state_of(next).throws = true;
        }
    }

    pub(super) fn try_table(&mut self, signature: Signature, table: &TryTable) {
        if table.catches.is_empty() {
            return self.block(signature);
        }
        self.flush_unless(Fault::NoFlushAtTry);
        let outer = self.scope;
        let scope = self.begin_scope();
        self.scope = Some(scope);
        let label = self.new_label();
        let clauses = self.clauses.len();
        self.clauses.extend_from_slice(&table.catches);
        self.open(Kind::TryTable { outer, clauses }, signature, label);
    }

    /// Ends the scope of a `try_table`, whose frame is closed. Its clauses begin at the given index of those that are kept.
    pub(super) fn end_try_table(&mut self, scope: Scope, outer: Option<Scope>, clauses: usize) {
        use wasmparser::Catch::{All, AllRef, One, OneRef};
        self.sink.try_end(scope);
        self.scope = outer;
        for at in clauses..self.clauses.len() {
            // Each may bring many values.
            if !self.goes_on(scope) || self.sink.gives_up() {
                break;
            }
            let (tag, with_reference, depth) = match self.clauses[at] {
                One { tag, label } => (Some(TagIndex::new(tag)), false, label),
                OneRef { tag, label } => (Some(TagIndex::new(tag)), true, label),
                All { label } => (None, false, label),
                AllRef { label } => (None, true, label),
            };
            let target = self.target(depth);
            self.control[target].used = true;
            let payload = self.stack.home(self.control[target].base_height);
            let slots = tag.map_or(0, |tag| self.module.tag_type(tag).param_slots());
            let exn = with_reference.then_some(crate::sink::Slot(payload.0 + slots));
            self.state_of(scope).catches_all |= tag.is_none();
            self.sink.catch(scope, Catch { tag, payload, exn, target: self.control[target].label });
        }
        self.clauses.truncate(clauses);
        self.end_clauses(scope, outer);
    }

    pub(super) fn try_(&mut self, signature: Signature) {
        self.flush_unless(Fault::NoFlushAtTry);
        let outer = self.scope;
        let scope = self.begin_scope();
        self.scope = Some(scope);
        let label = self.new_label();
        self.open(Kind::Try { outer }, signature, label);
    }

    /// A clause of a legacy `try`, for a tag or for all exceptions, with its handler.
    pub(super) fn catch(&mut self, tag: Option<TagIndex>) {
        let at = self.control.len() - 1;
        if self.reachable {
            self.leave(at, false);
        }
        let mut frame = self.pop_control();
        let scope = match frame.kind {
            Kind::Try { outer } => {
                let scope = self.own_scope(&frame);
                self.sink.try_end(scope);
                self.scope = outer;
                self.handlers.push(frame.base);
                scope
            }
            Kind::Catch { scope } => scope,
            Kind::Function | Kind::Block | Kind::Loop | Kind::If { .. } | Kind::TryTable { .. } => {
                unreachable!("the body is valid, so a clause is one of a `try`")
            }
        };
        frame.kind = Kind::Catch { scope };
        frame.scope = self.scope;
        self.reachable = self.goes_on(scope);
        self.stack.truncate(frame.base);
        if self.reachable {
            let label = self.new_label();
            let exn = self.stack.push_temp(ValType::ExnRef);
            let payload = self.stack.home(self.stack.height());
            self.state_of(scope).catches_all |= tag.is_none();
            self.sink.catch(scope, Catch { tag, payload, exn: Some(exn), target: label });
            let module = self.module;
            for &ty in tag.map_or(&[][..], |tag| module.tag_type(tag).params()) {
                self.stack.push_temp(ty);
            }
            self.bind(label, LabelKind::Join);
        }
        self.control.push(frame);
    }

    pub(super) fn delegate(&mut self, depth: u32) {
        let frame = self.pop_control();
        let Kind::Try { outer } = frame.kind else { unreachable!("the body is valid, so `delegate` ends a `try`") };
        let scope = self.own_scope(&frame);
        self.sink.try_end(scope);
        self.scope = outer;
        let next = self.control[self.target(depth)].scope;
        self.end_clauses(scope, next);
        self.join_if_used(&frame);
    }

    /// Ends a legacy `try` that has no clauses, whose frame is closed.
    pub(super) fn end_try(&mut self, scope: Scope, outer: Option<Scope>) {
        self.sink.try_end(scope);
        self.scope = outer;
        self.end_clauses(scope, outer);
    }

    /// Ends the handler of a legacy `try`, at the end of the block, whose frame is open.
    pub(super) fn end_catch(&mut self, scope: Scope) {
        if self.reachable {
            self.move_values(self.control.len() - 1, false);
        }
        self.end_clauses(scope, self.scope);
        self.handlers.pop();
        let frame = self.pop_control();
        if frame.used {
            self.join(&frame, frame.label, frame.results(self.module));
        } else {
            self.stack.truncate(frame.base);
            for &ty in frame.results(self.module) {
                self.stack.push_temp(ty);
            }
        }
    }

    pub(super) fn throw(&mut self, tag: TagIndex) {
        let base = self.pop_arguments(self.module.tag_type(tag));
        self.throws();
        self.sink.throw(tag, base, self.operands);
        self.reachable = false;
    }

    pub(super) fn throw_ref(&mut self) {
        let (_, exn) = self.stack.pop();
        self.throws();
        self.sink.throw_ref(exn);
        self.reachable = false;
    }

    pub(super) fn rethrow(&mut self, depth: u32) {
        let home = self.stack.home(self.control[self.target(depth)].base_height);
        self.throws();
        // The reference stays live: a handler around this operator may rethrow the same exception.
        self.sink.throw_ref(Operand::Local { slot: home, home });
        self.reachable = false;
    }
}
