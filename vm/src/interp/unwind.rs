//! Exceptions: where a function's code handles them, and how they are unwound to there.
//!
//! Nothing runs when a handler scope is entered or left. [`Handlers`] has the scopes of a function by the words of its code.
//! An exception leaves the dispatch strategy as any trap does; [`land`] then looks for a handler among the frames of the
//! activation, from the innermost outwards, and continues there.

use riser_tiers_core::{Context, Exception, Status, StoreContext};
use riser_translator::TagIndex;
use riser_translator::sink::Scope;

use super::regs::Regs;
use super::state::State;

/// A handler scope of a function's code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Region {
    /// The first word.
    start: u32,
    /// The first word behind it.
    end: u32,
    /// The scope around it.
    outer: Option<Scope>,
    /// The scope whose clauses come after its own.
    next: Option<Scope>,
    /// Its clauses.
    clauses: Vec<Clause>,
}

/// A clause of a handler scope. Slots are numbered as in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    /// The tag of the exceptions that it catches; `None` if it catches all.
    pub(super) tag: Option<TagIndex>,
    /// Where the payload goes.
    pub(super) payload: u32,
    /// Where the reference goes, if anywhere.
    pub(super) exn: Option<u32>,
    /// The word where the code continues, or, while the function is encoded, the number of the label.
    pub(super) target: u32,
}

/// The handler scopes of a function's code, in the order in which they begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Handlers {
    regions: Vec<Region>,
    /// While the function is encoded: the innermost scope that has begun and not ended.
    open: Option<Scope>,
}

impl Handlers {
    /// Removes all scopes.
    pub(super) fn clear(&mut self) {
        self.regions.clear();
        self.open = None;
    }

    /// A scope begins at a word. Scopes are numbered in the order in which they begin.
    pub(super) fn begin(&mut self, scope: Scope, word: u32) {
        debug_assert_eq!(scope.0 as usize, self.regions.len(), "scopes are numbered in order");
        self.regions.push(Region { start: word, end: word, outer: self.open, next: None, clauses: Vec::new() });
        self.open = Some(scope);
    }

    /// The innermost scope ends before a word.
    pub(super) fn end(&mut self, scope: Scope, word: u32) {
        let region = &mut self.regions[scope.0 as usize];
        region.end = word;
        self.open = region.outer;
    }

    /// Adds a clause to a scope.
    pub(super) fn catch(&mut self, scope: Scope, clause: Clause) {
        self.regions[scope.0 as usize].clauses.push(clause);
    }

    /// Sets the scope whose clauses come after those of a scope.
    pub(super) fn catch_end(&mut self, scope: Scope, next: Option<Scope>) {
        self.regions[scope.0 as usize].next = next;
    }

    /// Replaces the targets of all clauses, which are labels, by the words that they are bound to.
    pub(super) fn resolve(&mut self, word_of: impl Fn(u32) -> u32) {
        for clause in self.regions.iter_mut().flat_map(|region| &mut region.clauses) {
            clause.target = word_of(clause.target);
        }
    }

    /// Whether there are no clauses.
    pub(super) fn is_empty(&self) -> bool {
        self.regions.iter().all(|region| region.clauses.is_empty())
    }

    /// Finds the clause that handles an exception thrown by the instruction with a word, in this function; `catches` says
    /// whether a clause for a tag, or for all exceptions, catches it.
    pub(crate) fn find(&self, word: u32, catches: impl Fn(Option<TagIndex>) -> bool) -> Option<&Clause> {
        let begun = self.regions.partition_point(|region| region.start <= word);
        let mut at = begun.checked_sub(1).map(|last| &self.regions[last])?;
        let region = |scope: Scope| &self.regions[scope.0 as usize];
        while word >= at.end {
            at = at.outer.map(region)?;
        }
        loop {
            if let Some(clause) = at.clauses.iter().find(|clause| catches(clause.tag)) {
                return Some(clause);
            }
            at = at.next.map(region)?;
        }
    }
}

/// Throws a new exception with the payload at `args`, the uppermost of the frame's slots that are in use.
///
/// # Safety
///
/// The tag is one of the context's module, and the payload is there.
#[cold]
#[inline(never)]
pub(super) unsafe fn throw(cx: *mut Context, tag: TagIndex, args: *const u64) -> Status {
    // SAFETY: the caller guarantees the tag and its payload; what is still in use is below.
    unsafe {
        let tag = (*cx).tag(tag);
        StoreContext::throw((*cx).store, tag, args, args.add((*tag).slots as usize))
    }
}

/// Looks for a handler of the exception in flight among the frames of the activation that has left, and sets the registers to
/// continue there. Returns whether there is one.
///
/// # Safety
///
/// `state` is that of the store of `regs`, and holds the position where the activation left; `halt` is where its first frame
/// returns to.
#[cold]
#[inline(never)]
pub(super) unsafe fn land(regs: &mut Regs, state: *mut State, halt: *const u64) -> bool {
    // SAFETY: the exit state is that of this activation; links are intact below it. A clause's slots are in the frame.
    unsafe {
        let State { exit: [ip, fp, cx], callbacks, .. } = *state;
        let (mut ip, mut fp, mut cx) = (ip as *const u64, fp as *mut u64, cx as *mut Context);
        // The word before `halt` represents the call that returns there.
        while ip != halt && ip != halt.sub(1) {
            let Some((func, handler)) = (callbacks.find_handler)(cx, ip) else { return false };
            if let Some((code, Clause { tag, payload, exn, target })) = handler {
                let store = (*cx).store;
                let exception = (*store).exception;
                if tag.is_some() {
                    let values = Exception::values(exception);
                    std::ptr::copy_nonoverlapping(values.as_ptr(), fp.add(payload as usize), values.len());
                }
                if let Some(exn) = exn {
                    *fp.add(exn as usize) = exception.expose_provenance() as u64;
                }
                (*store).caught(exn.is_some());
                *regs = Regs { ip: code.add(target as usize), fp, cx, ..*regs };
                regs.reload_memory();
                return true;
            }
            let link = fp.add((*func).link_slot() as usize);
            ip = (*link as *const u64).sub(1);
            fp = *link.add(1) as *mut u64;
            cx = *link.add(2) as *mut Context;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(tag: Option<u32>, target: u32) -> Clause {
        Clause { tag: tag.map(TagIndex::new), payload: 0, exn: None, target }
    }

    /// Scope 0 is words 2 to 20; 1 is 4 to 8; 2 is 10 to 16, and passes what it does not catch on to whoever calls.
    fn nested() -> Handlers {
        let mut handlers = Handlers::default();
        handlers.begin(Scope(0), 2);
        handlers.begin(Scope(1), 4);
        handlers.end(Scope(1), 8);
        handlers.catch(Scope(1), clause(Some(1), 100));
        handlers.catch_end(Scope(1), Some(Scope(0)));
        handlers.begin(Scope(2), 10);
        handlers.end(Scope(2), 16);
        handlers.catch(Scope(2), clause(Some(2), 200));
        handlers.catch_end(Scope(2), None);
        handlers.end(Scope(0), 20);
        handlers.catch(Scope(0), clause(None, 300));
        handlers.catch_end(Scope(0), None);
        handlers.resolve(|label| label + 1);
        handlers
    }

    #[test]
    fn the_innermost_scope_is_first_and_the_next_after_it() {
        let handlers = nested();
        let found = |word, tag: u32| {
            let catches = |wanted: Option<TagIndex>| wanted.is_none_or(|wanted| wanted.as_u32() == tag);
            handlers.find(word, catches).map(|clause| clause.target)
        };
        assert_eq!(found(0, 1), None);
        assert_eq!(found(2, 1), Some(301));
        assert_eq!(found(4, 1), Some(101));
        assert_eq!(found(7, 1), Some(101));
        assert_eq!(found(8, 1), Some(301));
        assert_eq!(found(5, 2), Some(301));
        assert_eq!(found(12, 2), Some(201));
        assert_eq!(found(12, 1), None);
        assert_eq!(found(19, 9), Some(301));
        assert_eq!(found(20, 9), None);
    }

    #[test]
    fn scopes_without_words_handle_nothing() {
        let mut handlers = Handlers::default();
        handlers.begin(Scope(0), 3);
        handlers.begin(Scope(1), 3);
        handlers.end(Scope(1), 3);
        handlers.catch_end(Scope(1), Some(Scope(0)));
        handlers.end(Scope(0), 5);
        handlers.catch(Scope(0), clause(None, 7));
        handlers.catch_end(Scope(0), None);
        assert_eq!(handlers.find(3, |_| true).map(|clause| clause.target), Some(7));
        assert_eq!(handlers.find(5, |_| true), None);
        assert!(Handlers::default().is_empty() && !handlers.is_empty());
    }
}
