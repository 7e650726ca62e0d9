//! The handler scopes of a function's code, for tiers that find a handler by the position of what throws.
//!
//! Nothing runs when a scope is entered or left. A scope is a stretch of the code; scopes nest. Positions are whatever the tier
//! counts its code in.

use riser_translator::TagIndex;
use riser_translator::sink::Scope;

/// A clause of a handler scope, in the form of a tier.
pub trait Clause {
    /// The tag of the exceptions that it catches; `None` if it catches all.
    fn tag(&self) -> Option<TagIndex>;
}

/// A handler scope.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Region<C> {
    /// The first position.
    start: u32,
    /// The first position behind it.
    end: u32,
    /// The scope around it.
    outer: Option<Scope>,
    /// The scope whose clauses come after its own.
    next: Option<Scope>,
    /// Its clauses.
    clauses: Vec<C>,
}

/// The handler scopes of a function, in the order in which they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handlers<C> {
    regions: Vec<Region<C>>,
    /// The number of all clauses.
    clauses: usize,
    /// While the code is made: the innermost scope that has begun and not ended.
    open: Option<Scope>,
}

impl<C> Default for Handlers<C> {
    fn default() -> Handlers<C> {
        Handlers { regions: Vec::new(), clauses: 0, open: None }
    }
}

impl<C: Clause> Handlers<C> {
    /// Removes all scopes.
    pub fn clear(&mut self) {
        self.regions.clear();
        self.clauses = 0;
        self.open = None;
    }

    /// The number of scopes that have begun.
    pub fn len(&self) -> usize {
        self.regions.len()
    }

    /// Whether no scope has a clause.
    pub fn is_empty(&self) -> bool {
        self.clauses == 0
    }

    /// The innermost scope that has begun and not ended.
    pub fn open(&self) -> Option<Scope> {
        self.open
    }

    /// A scope begins at a position, inside of the innermost one. Scopes are numbered in the order in which they begin.
    pub fn begin(&mut self, start: u32) -> Scope {
        let scope = Scope(self.regions.len() as u32);
        self.regions.push(Region { start, end: start, outer: self.open, next: None, clauses: Vec::new() });
        self.open = Some(scope);
        scope
    }

    /// The innermost scope ends before a position.
    ///
    /// # Panics
    ///
    /// If another one is the innermost.
    pub fn end(&mut self, scope: Scope, end: u32) {
        assert_eq!(self.open, Some(scope), "scopes nest");
        let region = &mut self.regions[scope.0 as usize];
        region.end = end;
        self.open = region.outer;
    }

    /// Adds a clause to a scope. Returns its number among the scope's clauses.
    pub fn catch(&mut self, scope: Scope, clause: C) -> usize {
        self.clauses += 1;
        let clauses = &mut self.regions[scope.0 as usize].clauses;
        clauses.push(clause);
        clauses.len() - 1
    }

    /// Sets the scope whose clauses come after those of a scope.
    pub fn catch_end(&mut self, scope: Scope, next: Option<Scope>) {
        self.regions[scope.0 as usize].next = next;
    }

    /// A clause, by its number among those of its scope.
    pub fn clause_mut(&mut self, scope: Scope, number: usize) -> &mut C {
        &mut self.regions[scope.0 as usize].clauses[number]
    }

    /// All clauses.
    pub fn clauses_mut(&mut self) -> impl Iterator<Item = &mut C> {
        self.regions.iter_mut().flat_map(|region| &mut region.clauses)
    }

    /// Finds the clause that handles an exception thrown at a position, in this function; `catches` says whether a clause for a
    /// tag, or for all exceptions, catches it.
    pub fn find(&self, position: u32, catches: impl Fn(Option<TagIndex>) -> bool) -> Option<&C> {
        let begun = self.regions.partition_point(|region| region.start <= position);
        let mut at = begun.checked_sub(1).map(|last| &self.regions[last])?;
        let region = |scope: Scope| &self.regions[scope.0 as usize];
        while position >= at.end {
            at = at.outer.map(region)?;
        }
        loop {
            if let Some(clause) = at.clauses.iter().find(|clause| catches(clause.tag())) {
                return Some(clause);
            }
            at = at.next.map(region)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tag, and a number to tell clauses apart.
    #[derive(Debug, PartialEq, Eq)]
    struct Numbered(Option<u32>, u32);

    impl Clause for Numbered {
        fn tag(&self) -> Option<TagIndex> {
            self.0.map(TagIndex::new)
        }
    }

    /// Scope 0 is positions 2 to 20; 1 is 4 to 8; 2 is 10 to 16, and passes what it does not catch on to the caller.
    fn nested() -> Handlers<Numbered> {
        let mut handlers = Handlers::default();
        let outer = handlers.begin(2);
        let first = handlers.begin(4);
        handlers.end(first, 8);
        handlers.catch(first, Numbered(Some(1), 100));
        handlers.catch_end(first, Some(outer));
        let second = handlers.begin(10);
        handlers.end(second, 16);
        handlers.catch(second, Numbered(Some(2), 200));
        handlers.catch_end(second, None);
        handlers.end(outer, 20);
        handlers.catch(outer, Numbered(None, 300));
        handlers.catch_end(outer, None);
        handlers
    }

    #[test]
    fn the_innermost_scope_is_first_and_the_next_after_it() {
        let handlers = nested();
        let found = |position, tag: u32| {
            let catches = |wanted: Option<TagIndex>| wanted.is_none_or(|wanted| wanted.as_u32() == tag);
            handlers.find(position, catches).map(|clause| clause.1)
        };
        assert_eq!(found(0, 1), None);
        assert_eq!(found(2, 1), Some(300));
        assert_eq!(found(4, 1), Some(100));
        assert_eq!(found(7, 1), Some(100));
        assert_eq!(found(8, 1), Some(300));
        assert_eq!(found(5, 2), Some(300));
        assert_eq!(found(12, 2), Some(200));
        assert_eq!(found(12, 1), None);
        assert_eq!(found(19, 9), Some(300));
        assert_eq!(found(20, 9), None);
    }

    #[test]
    fn scopes_without_positions_handle_nothing() {
        let mut handlers = Handlers::default();
        let outer = handlers.begin(3);
        let inner = handlers.begin(3);
        handlers.end(inner, 3);
        handlers.catch_end(inner, Some(outer));
        handlers.end(outer, 5);
        assert!(handlers.is_empty());
        handlers.catch(outer, Numbered(None, 7));
        handlers.catch_end(outer, None);
        assert_eq!(handlers.find(3, |_| true), Some(&Numbered(None, 7)));
        assert_eq!(handlers.find(5, |_| true), None);
        assert!(!handlers.is_empty());
    }
}
