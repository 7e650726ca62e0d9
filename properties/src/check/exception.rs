//! Exceptions: handler scopes, their clauses, and what throws.
//!
//! The IR marks where a scope begins and ends, lists its clauses behind it, and says which scope comes next. Each mark has to
//! be where wasm has the same. A clause goes to a label; that it stands for the right place is checked as for branches
//! ([`super::control`]). What an exception finds there is checked where it is thrown: every local, and every operand below the
//! block with the scope, has to be in its slot then. The slots for what a clause brings have to be the homes of the label's
//! uppermost values.
//!
//! The handler of a legacy `try` has the reference to the exception on its operand stack, below the payload. Wasm does not see
//! it, but `rethrow`, and the IR's labels have it.

use wasmparser::{Operator, TryTable};

use riser_translator::index::TagIndex;
use riser_translator::ir::{Inst, Item};
use riser_translator::sink::{Catch, LabelKind, Scope, Slot};
use riser_translator::types::ValType;

use super::CheckError;
use super::control::{Dest, Frame, Kind, Part};
use super::effect::Action;
use super::walk::Checker;

/// A handler scope.
pub(super) struct ScopeState {
    /// The home of the lowest operand of the block with the scope.
    home: Slot,
    /// Whether something in it throws.
    throws: bool,
    /// Whether one of its clauses catches all exceptions.
    catches_all: bool,
}

impl<'a> Checker<'a> {
    /// Executes an operator that is about exceptions. Returns `false` if it is none.
    pub(super) fn exception_operator(&mut self, operator: &Operator<'_>) -> Result<bool, CheckError> {
        match *operator {
            Operator::TryTable { ref try_table } => self.try_table(try_table)?,
            Operator::Throw { tag_index } => self.throw(TagIndex::new(tag_index))?,
            Operator::ThrowRef => {
                let exn = self.pop()?;
                self.act(Action::ThrowRef, &[exn])?;
                self.live = false;
            }
            Operator::Try { blockty } => {
                self.open(Kind::Try, blockty)?;
                self.begin_scope()?;
            }
            Operator::Catch { tag_index } => self.catch(Some(TagIndex::new(tag_index)))?,
            Operator::CatchAll => self.catch(None)?,
            Operator::Delegate { relative_depth } => self.delegate(relative_depth)?,
            Operator::Rethrow { relative_depth } => {
                let exn = self.state.operand(self.control[self.block(relative_depth)].base);
                self.act(Action::ThrowRef, &[exn])?;
                self.live = false;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Checks that the IR has this mark here.
    fn mark(&mut self, wanted: &Inst) -> Result<(), CheckError> {
        if self.live {
            self.advance()?;
        } else {
            self.pass_detours();
        }
        match self.ir.items.get(self.at) {
            Some(Item::Inst { inst, .. }) if inst == wanted => {
                self.at += 1;
                Ok(())
            }
            found => {
                let message = format!("wasm has `{}` here", wanted.display(self.state.frame));
                Err(self.error(found.map(|_| self.at), message))
            }
        }
    }

    /// Begins the scope of the innermost block.
    fn begin_scope(&mut self) -> Result<(), CheckError> {
        let scope = Scope(self.scopes.len() as u32);
        let frame = self.control.len() - 1;
        let home = self.control[frame].home;
        self.scopes.push(ScopeState { home, throws: false, catches_all: false });
        self.control[frame].scope = Some(scope);
        self.control[frame].outer = self.scope;
        self.scope = Some(scope);
        self.mark(&Inst::TryBegin { scope })
    }

    /// Ends the scope of a block.
    fn end_scope(&mut self, scope: Scope, outer: Option<Scope>) -> Result<(), CheckError> {
        self.mark(&Inst::TryEnd { scope })?;
        self.scope = outer;
        Ok(())
    }

    fn end_clauses(&mut self, scope: Scope, next: Option<Scope>) -> Result<(), CheckError> {
        self.mark(&Inst::CatchEnd { scope, next })?;
        if let Some(next) = next
            && self.goes_on(scope)
        {
            self.scopes[next.0 as usize].throws = true;
        }
        Ok(())
    }

    /// Whether an exception can get to one more clause of a scope.
    fn goes_on(&self, scope: Scope) -> bool {
        let ScopeState { throws, catches_all, .. } = self.scopes[scope.0 as usize];
        throws && !catches_all
    }

    /// Notes that the instruction at `item` throws: what a handler may see has to be in its place.
    pub(super) fn throws(&mut self, item: usize) -> Result<(), CheckError> {
        let Some(scope) = self.scope else { return Ok(()) };
        let scope = &mut self.scopes[scope.0 as usize];
        scope.throws = true;
        let home = scope.home;
        self.nothing_astray(item, home)
    }

    fn throw(&mut self, tag: TagIndex) -> Result<(), CheckError> {
        let types = self.module.tag_type(tag).params();
        let args = self.pop_list(types.len())?;
        let (item, inst) = self.same_action(Action::Throw(tag), &[])?;
        let Inst::Throw { base, .. } = *inst else {
            return Err(self.error(Some(item), "wasm throws here"));
        };
        let mut slot = base;
        for (&wanted, ty) in args.iter().zip(types) {
            self.demand(item, slot, *ty, wanted)?;
            slot.0 = slot.0.wrapping_add(ty.slots());
        }
        self.state.log.push(Action::Throw(tag), self.offset);
        self.throws(item)?;
        self.live = false;
        Ok(())
    }

    fn try_table(&mut self, table: &TryTable) -> Result<(), CheckError> {
        if table.catches.is_empty() {
            return self.open(Kind::Block, table.ty);
        }
        self.open(Kind::TryTable, table.ty)?;
        self.control.last_mut().expect("just opened").clauses = table.catches.clone();
        self.begin_scope()
    }

    /// Ends the scope of a `try_table`, whose frame is closed, and checks its clauses.
    pub(super) fn end_try_table(&mut self, frame: &Frame<'a>) -> Result<(), CheckError> {
        use wasmparser::Catch::{All, AllRef, One, OneRef};
        let Some(scope) = frame.scope else { return Ok(()) };
        self.end_scope(scope, frame.outer)?;
        for clause in &frame.clauses {
            if !self.goes_on(scope) {
                break;
            }
            let (tag, with_reference, depth) = match *clause {
                One { tag, label } => (Some(TagIndex::new(tag)), false, label),
                OneRef { tag, label } => (Some(TagIndex::new(tag)), true, label),
                All { label } => (None, false, label),
                AllRef { label } => (None, true, label),
            };
            let block = self.block(depth);
            let home = self.control[block].home;
            let slots = tag.map_or(0, |tag| self.module.tag_type(tag).param_slots());
            let exn = with_reference.then_some(Slot(home.0 + slots));
            let (item, catch) = self.clause(scope, tag, home, exn)?;
            let (_, kind) = self.place_of(item, catch.target)?;
            self.arrive_at(item, catch.target, kind, block, self.control[block].target())?;
        }
        self.end_clauses(scope, frame.outer)
    }

    /// Passes the next clause of a scope, which has to be for the tag and to bring what it catches to these slots.
    fn clause(
        &mut self,
        scope: Scope,
        tag: Option<TagIndex>,
        payload: Slot,
        exn: Option<Slot>,
    ) -> Result<(usize, Catch), CheckError> {
        if self.live {
            self.advance()?;
        } else {
            self.pass_detours();
        }
        let item = self.at;
        match self.ir.items.get(item) {
            Some(&Item::Inst { inst: Inst::Catch { scope: found, catch }, .. }) if found == scope => {
                self.scopes[scope.0 as usize].catches_all |= tag.is_none();
                self.at += 1;
                let wanted = Catch { tag, payload, exn, target: catch.target };
                match catch == wanted {
                    true => Ok((item, catch)),
                    false => {
                        let wanted = Inst::Catch { scope, catch: wanted };
                        let message = format!("the clause should be `{}`", wanted.display(self.state.frame));
                        Err(self.error(Some(item), message))
                    }
                }
            }
            found => {
                let message = format!("wasm has a clause of S{} here", scope.0);
                Err(self.error(found.map(|_| item), message))
            }
        }
    }

    /// A clause of a legacy `try`, with its handler.
    fn catch(&mut self, tag: Option<TagIndex>) -> Result<(), CheckError> {
        let at = self.control.len() - 1;
        if self.live {
            self.leave(at, Part::End)?;
            self.live = false;
        }
        let Some(scope) = self.control[at].scope else {
            return Err(self.error(None, "wasm has a clause, and no `try`"));
        };
        if self.control[at].kind == Kind::Try {
            self.end_scope(scope, self.control[at].outer)?;
            self.control[at].kind = Kind::Catch;
        }
        let Frame { base, home, offset, handlers, .. } = self.control[at];
        self.state.truncate(base);
        if !self.goes_on(scope) {
            return Ok(());
        }
        self.control[at].handlers += 1;
        let (item, catch) = self.clause(scope, tag, Slot(home.0 + 1), Some(home))?;
        let dest = Dest::handler(offset, handlers);
        if let Some(other) = self.destinations.insert(catch.target, dest) {
            return Err(self.error(Some(item), format!("wasm goes to {dest}, and the label stands for {other}")));
        }
        let (place, kind) = self.place_of(item, catch.target)?;
        if place != self.at || kind != LabelKind::Join {
            return Err(self.error(Some(item), format!("wasm has {dest} here")));
        }
        let payload = tag.map_or(&[][..], |tag| self.module.tag_type(tag).params());
        for ty in [ValType::ExnRef].iter().chain(payload) {
            let any = self.state.terms.zero(*ty);
            self.state.push(*ty, any);
        }
        self.state.restart();
        self.live = true;
        self.settle(place)
    }

    fn delegate(&mut self, depth: u32) -> Result<(), CheckError> {
        let at = self.control.len() - 1;
        if self.live && self.branches_to_end(at)? {
            self.leave(at, Part::End)?;
            self.live = false;
        }
        let Some(frame) = self.control.pop() else {
            return Err(self.error(None, "wasm ends a block, and none is open"));
        };
        let Some(scope) = frame.scope else {
            return Err(self.error(None, "wasm delegates, and there is no `try`"));
        };
        self.end_scope(scope, frame.outer)?;
        let next = self.open_scope(self.block(depth));
        self.end_clauses(scope, next)?;
        self.bind_end(&frame)
    }

    /// The innermost scope that is open where a block's label is.
    fn open_scope(&self, block: usize) -> Option<Scope> {
        let frame = &self.control[block];
        match frame.kind {
            Kind::TryTable | Kind::Try => frame.scope,
            Kind::Function | Kind::Block | Kind::Loop | Kind::If | Kind::Catch => frame.outer,
        }
    }

    /// Ends a legacy `try` without clauses, whose frame is closed.
    pub(super) fn end_try(&mut self, frame: &Frame<'a>) -> Result<(), CheckError> {
        let Some(scope) = frame.scope else { return Ok(()) };
        self.end_scope(scope, frame.outer)?;
        self.end_clauses(scope, frame.outer)
    }

    /// Ends the last handler of a legacy `try`, whose frame is closed: what it leaves has to be where the block's results
    /// belong.
    pub(super) fn end_catch(&mut self, frame: &Frame<'a>) -> Result<(), CheckError> {
        let Some(scope) = frame.scope else { return Ok(()) };
        self.mark(&Inst::CatchEnd { scope, next: frame.outer })?;
        if let Some(next) = frame.outer
            && self.goes_on(scope)
        {
            self.scopes[next.0 as usize].throws = true;
        }
        if self.live {
            let first = self.state.len() - frame.results.len();
            let values: Vec<_> = (first..self.state.len()).map(|index| self.state.operand(index)).collect();
            self.state.truncate(frame.base);
            for (&ty, value) in frame.results.iter().zip(values) {
                self.state.push(ty, value);
            }
        }
        Ok(())
    }
}
