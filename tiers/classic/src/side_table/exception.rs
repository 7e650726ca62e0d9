//! Exceptions in the side table: the clauses of handler scopes.
//!
//! A scope is a stretch of the body, by offsets. A clause of a `try_table` goes where a branch to its label goes. That of a
//! legacy `try` goes behind the operator `catch`, or `catch_all`.
//!
//! `rethrow` needs the exception that a handler has caught. Its reference is in a slot of the frame, between link and operands:
//! one for each handler that is open at the same time. So operands are where they are without it.
//!
//! `try_table` owns an entry, which leads behind its immediates; `catch` and `catch_all`, which lead behind the block if
//! control falls into them, one each; and `rethrow` one, which names the slot.

use riser_tiers_core::Bailout;
use riser_translator::TagIndex;
use riser_translator::sink::Scope;
use wasmparser::{BlockType, Catch};

use super::{Builder, Pending, unbalanced};

/// The handler scopes of a function, whose positions are offsets in the module.
pub(crate) type Handlers = riser_tiers_core::Handlers<Landing>;

/// What a clause does with the exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// It is dropped.
    None,
    /// A reference is pushed, above the payload.
    Operand,
    /// A reference is put into this slot behind the link.
    Slot(u32),
}

/// A clause of a handler scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Landing {
    /// The tag of the exceptions that it catches; `None` if it catches all.
    pub(crate) tag: Option<TagIndex>,
    /// What becomes of the exception.
    pub(crate) reference: Reference,
    /// Slots of the operands below the payload.
    pub(crate) height: u32,
    /// The offset of the operator that runs next.
    pub(crate) target: u32,
    /// The number of entries before it.
    pub(crate) entries: u32,
}

impl riser_tiers_core::Clause for Landing {
    fn tag(&self) -> Option<TagIndex> {
        self.tag
    }
}

/// What a block has to do with exceptions.
pub(super) enum Role {
    /// Nothing.
    Plain,
    /// It is a `try_table` with a scope and these clauses.
    TryTable(Scope, Vec<Catch>),
    /// It is a legacy `try` with a scope, before its first clause.
    Try(Scope),
    /// It is a handler of a legacy `try` with a scope; the exception's reference is in this slot behind the link.
    Handler(Scope, u32),
}

impl Builder<'_> {
    /// Opens a `try_table`, which extends from offset `at` to `next`.
    pub(super) fn try_table(
        &mut self,
        ty: BlockType,
        catches: &[Catch],
        at: usize,
        next: usize,
    ) -> Result<(), Bailout> {
        if self.live {
            let entry = self.entry(0, 0, at);
            self.resolve(&entry, next, self.branches.len());
        }
        self.open(ty)?;
        self.begin_scope(next, |scope| Role::TryTable(scope, catches.to_vec()));
        Ok(())
    }

    /// Opens a legacy `try`, which ends at offset `next`.
    pub(super) fn try_(&mut self, ty: BlockType, next: usize) -> Result<(), Bailout> {
        self.open(ty)?;
        self.begin_scope(next, Role::Try);
        Ok(())
    }

    /// Gives the innermost block, whose body begins at an offset, a scope.
    fn begin_scope(&mut self, start: usize, role: impl FnOnce(Scope) -> Role) {
        let scope = self.handlers.begin(start as u32);
        if let Some(label) = self.labels.last_mut() {
            label.role = role(scope);
        }
    }

    /// Ends what a block, which is closed, has to do with exceptions, at offset `at`.
    pub(super) fn end_role(&mut self, role: &Role, at: usize) -> Result<(), Bailout> {
        match role {
            Role::Plain => {}
            Role::TryTable(scope, catches) => {
                self.handlers.end(*scope, at as u32);
                for catch in catches {
                    self.clause(*scope, *catch)?;
                }
                let outer = self.handlers.open();
                self.handlers.catch_end(*scope, outer);
            }
            Role::Try(scope) => {
                self.handlers.end(*scope, at as u32);
                let outer = self.handlers.open();
                self.handlers.catch_end(*scope, outer);
            }
            Role::Handler(scope, _) => {
                let outer = self.handlers.open();
                self.handlers.catch_end(*scope, outer);
                self.open_handlers -= 1;
            }
        }
        Ok(())
    }

    /// Adds a clause of a `try_table`, whose block is closed.
    fn clause(&mut self, scope: Scope, catch: Catch) -> Result<(), Bailout> {
        let (tag, reference, depth) = match catch {
            Catch::One { tag, label } => (Some(TagIndex::new(tag)), Reference::None, label),
            Catch::OneRef { tag, label } => (Some(TagIndex::new(tag)), Reference::Operand, label),
            Catch::All { label } => (None, Reference::None, label),
            Catch::AllRef { label } => (None, Reference::Operand, label),
        };
        let index = self.labels.len().checked_sub(1 + depth as usize).ok_or_else(unbalanced)?;
        let label = &self.labels[index];
        let landing = Landing { tag, reference, height: label.height, target: 0, entries: 0 };
        let target = label.target;
        let pending = Pending::Clause { scope, number: self.handlers.catch(scope, landing) };
        match target {
            Some((target, entries)) => self.resolve(&pending, target, entries),
            None => self.labels[index].pending.push(pending),
        }
        Ok(())
    }

    /// A clause of a legacy `try`: an operator from offset `at` to `next`.
    pub(super) fn catch(&mut self, tag: Option<TagIndex>, at: usize, next: usize) -> Result<(), Bailout> {
        let leave = self.live.then(|| self.entry(0, 0, at));
        let entries = self.branches.len() as u32;
        let label = self.labels.last_mut().ok_or_else(unbalanced)?;
        label.pending.extend(leave);
        let (live, height) = (label.live, label.height);
        let (scope, slot) = match label.role {
            Role::Try(scope) => {
                let slot = self.open_handlers;
                label.role = Role::Handler(scope, slot);
                self.open_handlers += 1;
                self.most_handlers = self.most_handlers.max(self.open_handlers);
                self.handlers.end(scope, at as u32);
                (scope, slot)
            }
            Role::Handler(scope, slot) => (scope, slot),
            Role::Plain | Role::TryTable(..) => return Err(unbalanced()),
        };
        let reference = Reference::Slot(slot);
        self.handlers.catch(scope, Landing { tag, reference, height, target: next as u32, entries });
        self.restore(live, height);
        let module = self.module;
        self.push_all(tag.map_or(&[][..], |tag| module.tag_type(tag).params()));
        Ok(())
    }

    /// `delegate`: closes a legacy `try` at offset `at`. The next operator is at `next`.
    pub(super) fn delegate(&mut self, depth: u32, at: usize, next: usize) -> Result<(), Bailout> {
        let Some(label) = self.labels.last_mut() else { return Err(unbalanced()) };
        let Role::Try(scope) = std::mem::replace(&mut label.role, Role::Plain) else { return Err(unbalanced()) };
        self.close(at, next)?;
        self.handlers.end(scope, at as u32);
        let index = self.labels.len().checked_sub(1 + depth as usize).ok_or_else(unbalanced)?;
        let next = self.scope_of(index);
        self.handlers.catch_end(scope, next);
        Ok(())
    }

    /// The innermost scope that is open where a block's label is.
    fn scope_of(&self, index: usize) -> Option<Scope> {
        self.labels[..=index].iter().rev().find_map(|label| match label.role {
            Role::TryTable(scope, _) | Role::Try(scope) => Some(scope),
            Role::Plain | Role::Handler(..) => None,
        })
    }

    /// `rethrow`, at offset `at`: its entry has the slot of the reference.
    pub(super) fn rethrow(&mut self, depth: u32, at: usize) -> Result<(), Bailout> {
        if self.live {
            let index = self.labels.len().checked_sub(1 + depth as usize).ok_or_else(unbalanced)?;
            let Role::Handler(_, slot) = self.labels[index].role else { return Err(unbalanced()) };
            self.entry(slot, 0, at);
        }
        self.live = false;
        Ok(())
    }
}
