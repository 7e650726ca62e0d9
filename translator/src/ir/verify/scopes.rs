//! Handler scopes: what they are in the code, and the states in which exceptions leave them.

use std::collections::HashMap;

use super::{State, Verifier, meet};
use crate::sink::{Catch, Scope, Slot};
use crate::types::ValType;

/// The handler scopes of a function.
#[derive(Default)]
pub(super) struct Scopes {
    /// Those that have begun and not ended, innermost last.
    open: Vec<Scope>,
    /// Those that have begun, and have more clauses.
    active: HashMap<Scope, Active>,
    /// How many have begun.
    count: u32,
}

/// A handler scope that may get clauses.
struct Active {
    /// What the states of all throwing instructions have in common; `None` if there are none.
    thrown: Option<State>,
    /// Whether a clause catches all exceptions.
    catches_all: bool,
    /// Whether a clause has been given.
    has_clauses: bool,
}

impl Scopes {
    /// Whether a scope has more clauses to come.
    pub(super) fn is_incomplete(&self) -> bool {
        !self.active.is_empty()
    }
}

impl Verifier<'_> {
    pub(super) fn try_begin(&mut self, scope: Scope) {
        if self.state.is_none() {
            self.error(format!("nothing leads to the beginning of S{}", scope.0));
        }
        if scope.0 != self.scopes.count {
            self.error(format!("S{} is out of order", scope.0));
        }
        self.scopes.count += 1;
        self.scopes.open.push(scope);
        let new = Active { thrown: None, catches_all: false, has_clauses: false };
        self.scopes.active.insert(scope, new);
    }

    pub(super) fn try_end(&mut self, scope: Scope) {
        if self.scopes.open.pop() != Some(scope) {
            self.error(format!("S{} ends, and is not the innermost scope", scope.0));
        }
    }

    /// Notes that an instruction throws. Slots from `base` on hold nothing then.
    pub(super) fn throws(&mut self, base: Option<Slot>) {
        let Some(mut state) = self.state.clone() else { return };
        if let Some(base) = base {
            state.truncate(base.0 as usize);
        }
        if let Some(&scope) = self.scopes.open.last() {
            self.thrown_to(scope, &state);
        }
    }

    /// Notes that an exception gets to a scope from a frame in this state.
    fn thrown_to(&mut self, scope: Scope, state: &State) {
        match self.scopes.active.get_mut(&scope) {
            Some(Active { has_clauses: false, thrown: Some(thrown), .. }) => meet(thrown, state),
            Some(Active { has_clauses: false, thrown, .. }) => *thrown = Some(state.clone()),
            Some(_) | None => self.error(format!("an exception gets to S{}, which has its clauses already", scope.0)),
        }
    }

    pub(super) fn catch(&mut self, scope: Scope, catch: Catch) {
        if self.scopes.open.contains(&scope) {
            self.error(format!("S{} gets a clause before it ends", scope.0));
        }
        let Some(active) = self.scopes.active.get_mut(&scope) else {
            return self.error(format!("there is no S{} that can get a clause", scope.0));
        };
        active.has_clauses = true;
        let unreachable = active.catches_all;
        active.catches_all |= catch.tag.is_none();
        let thrown = active.thrown.clone();
        let Some(mut state) = thrown.filter(|_| !unreachable) else {
            return self.error(format!("no exception gets to this clause of S{}", scope.0));
        };
        // What was at the same height is gone, whatever the clause brings.
        state.truncate(catch.exn.map_or(catch.payload, |exn| exn.min(catch.payload)).0 as usize);
        let before = self.state.replace(state);
        let module = self.module;
        let mut slot = catch.payload;
        for &ty in catch.tag.map_or(&[][..], |tag| module.tag_type(tag).params()) {
            self.write_slot(slot, ty);
            slot.0 += ty.slots();
        }
        if let Some(exn) = catch.exn {
            if catch.payload <= exn && exn < slot {
                self.error("the reference to the exception is in its payload");
            }
            self.write_slot(exn, ValType::ExnRef);
        }
        self.branch(catch.target);
        self.state = before;
    }

    pub(super) fn catch_end(&mut self, scope: Scope, next: Option<Scope>) {
        let Some(Active { thrown, catches_all, .. }) = self.scopes.active.remove(&scope) else {
            return self.error(format!("there is no S{} that can be completed", scope.0));
        };
        if self.scopes.open.contains(&scope) {
            self.error(format!("S{} is complete before it ends", scope.0));
        }
        let Some(next) = next else { return };
        if next >= scope {
            self.error(format!("S{} is followed by S{}, which is not further out", scope.0, next.0));
        }
        match thrown {
            Some(state) if !catches_all => self.thrown_to(next, &state),
            Some(_) | None => {}
        }
    }
}
