//! Exceptions: where the IR of a function handles them, and how they are unwound to there.

use riser_translator::index::TagIndex;
use riser_translator::ir::{Function, Inst, Item};
use riser_translator::sink::{Catch, Scope, Slot};

use super::{Activation, Instance, RUBBISH};

/// An exception. A reference to it is its number + 1, in the order in which exceptions were thrown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exception {
    pub(super) tag: TagIndex,
    /// The slots of the payload.
    pub(super) payload: Vec<u64>,
}

/// The handler scopes of a function.
pub(super) struct Scopes {
    /// The innermost scope that is open at each item.
    at: Vec<Option<Scope>>,
    /// The clauses of each scope, and the scope that comes next.
    handlers: Vec<(Vec<Catch>, Option<Scope>)>,
}

impl Scopes {
    pub(super) fn of(ir: &Function) -> Scopes {
        let mut scopes = Scopes { at: Vec::new(), handlers: Vec::new() };
        let mut open: Vec<Scope> = Vec::new();
        for item in &ir.items {
            if let Item::Inst { inst, .. } = item {
                match *inst {
                    Inst::TryBegin { scope } => {
                        open.push(scope);
                        scopes.handlers.push((Vec::new(), None));
                    }
                    Inst::TryEnd { .. } => {
                        open.pop();
                    }
                    Inst::Catch { scope, catch } => scopes.handlers[scope.0 as usize].0.push(catch),
                    Inst::CatchEnd { scope, next } => scopes.handlers[scope.0 as usize].1 = next,
                    _ => {}
                }
            }
            scopes.at.push(open.last().copied());
        }
        scopes
    }

    /// Finds the clause that handles an exception with this tag, thrown by the item with index `item`.
    fn find(&self, item: usize, tag: TagIndex) -> Option<Catch> {
        let mut scope = self.at[item];
        while let Some(at) = scope {
            let (catches, next) = &self.handlers[at.0 as usize];
            if let Some(catch) = catches.iter().find(|catch| catch.tag.is_none_or(|wanted| wanted == tag)) {
                return Some(*catch);
            }
            scope = *next;
        }
        None
    }
}

impl Instance<'_> {
    /// Makes a new exception, whose payload is in slots from `base` on. Returns a reference to it.
    pub(super) fn new_exception(&mut self, tag: TagIndex, base: Slot) -> u64 {
        let slots = self.module.tag_type(tag).param_slots();
        let payload = (base.0..base.0 + slots).map(|slot| self.slot(Slot(slot))).collect();
        self.exceptions.push(Exception { tag, payload });
        self.exceptions.len() as u64
    }

    /// Unwinds to the frame that handles the exception with this reference, and continues there. Returns whether there is one; if
    /// not, everything stays as it is.
    pub(super) fn unwind(&mut self, reference: u64) -> bool {
        let Exception { tag, payload } = self.exceptions[reference as usize - 1].clone();
        let find = |frame: &Activation| self.code[frame.code.index()].scopes.find(frame.at - 1, tag);
        let (depth, frame, catch) = match find(&self.current) {
            Some(catch) => (self.callers.len(), self.current, catch),
            None => {
                let mut callers = self.callers.iter().enumerate().rev();
                let found = callers.find_map(|(depth, caller)| Some((depth, *caller, find(caller)?)));
                let Some(found) = found else { return false };
                found
            }
        };
        self.callers.truncate(depth);
        let code = &self.code[frame.code.index()];
        let at = code.labels[&catch.target];
        let slots = code.slots;
        self.current = Activation { at, ..frame };
        let first = catch.exn.map_or(catch.payload, |exn| exn.min(catch.payload));
        self.stack.truncate(frame.base + first.0 as usize);
        self.stack.resize(frame.base + slots, RUBBISH);
        if catch.tag.is_some() {
            for (slot, &bits) in (catch.payload.0..).zip(&payload) {
                self.set_slot(Slot(slot), bits);
            }
        }
        if let Some(exn) = catch.exn {
            self.set_slot(exn, reference);
        }
        true
    }
}
