//! Exceptions.
//!
//! A call in a handler scope has a second edge, to a *landing*, where the unwinder continues if the call ends in an exception. That costs
//! nothing until something is thrown. From there it goes on in the scope's *dispatch*, which compares the exception's tag with those of the
//! clauses, in order. If none fits, the dispatch of the scope around it is next; after the last, the unwinder goes on in the function's
//! caller.
//!
//! ```text
//! call .. --> landing -+
//! call .. --> landing -+-> dispatch: tag == a? -> payload, label of the clause
//! throw .. -> landing -+             tag == b? -> payload, label of the clause
//!                                    else      -> dispatch of the next scope, or `pass_on`
//! ```
//!
//! The exception itself is in flight in the store ([`StoreContext::exception`]), not in a register.

use std::mem::offset_of;

use riser_tiers_core::native::Builtins;
use riser_tiers_core::{Context, Exception, StoreContext};
use riser_translator::ops::IntCompareOp;
use riser_translator::sink::{Catch, Operand, Scope, Slot};
use riser_translator::{TagIndex, ValType};

use crate::control::branch;
use crate::frame_copy::FrameCopy;
use crate::runtime::{load_pointer, store_context};
use crate::safepoint::free_stack;
use crate::{Builder, Order, Region, slots};

/// The blocks of a handler scope, from the first use on.
#[derive(Debug)]
pub(crate) struct ScopeBlocks<Block> {
    /// Where the clauses are tried.
    dispatch: Option<Block>,
    /// Where the clauses are tried that have not been built, and what comes after them.
    rest: Option<Block>,
    /// The number of edges to `dispatch` that the budget has not been charged for.
    edges: u32,
}

/// The handler scopes of a function.
#[derive(Debug)]
pub(crate) struct Scopes<Block> {
    /// By number.
    blocks: Vec<ScopeBlocks<Block>>,
    /// Those that have begun and not ended.
    open: Vec<Scope>,
}

impl<Block> Default for Scopes<Block> {
    fn default() -> Scopes<Block> {
        Scopes { blocks: Vec::new(), open: Vec::new() }
    }
}

impl<Block> Scopes<Block> {
    fn of(&mut self, scope: Scope) -> &mut ScopeBlocks<Block> {
        let at = scope.0 as usize;
        if at >= self.blocks.len() {
            self.blocks.resize_with(at + 1, || ScopeBlocks { dispatch: None, rest: None, edges: 0 });
        }
        &mut self.blocks[at]
    }
}

/// A handler scope begins.
pub fn begin<B: Builder>(b: &mut B, scope: Scope) {
    let body = b.body();
    body.budget.open();
    body.scopes.open.push(scope);
}

/// The innermost handler scope ends.
pub fn end<B: Builder>(b: &mut B) {
    let body = b.body();
    body.budget.close();
    body.scopes.open.pop();
}

/// Where the call that is built next goes on if it ends in an exception; `None` if the exception leaves the function.
pub fn landing<B: Builder>(b: &mut B) -> Option<B::Block> {
    let scope = *b.body().scopes.open.last()?;
    b.body().scopes.of(scope).edges += 1;
    let dispatch = dispatch(b, scope);
    Some(b.landing(dispatch))
}

fn dispatch<B: Builder>(b: &mut B, scope: Scope) -> B::Block {
    if let Some(dispatch) = b.body().scopes.of(scope).dispatch {
        return dispatch;
    }
    let dispatch = b.rare_block();
    let blocks = b.body().scopes.of(scope);
    blocks.rest = Some(dispatch);
    *blocks.dispatch.insert(dispatch)
}

/// Builds a clause of a scope that has ended, if anything in it throws.
pub fn catch<B: Builder>(b: &mut B, scope: Scope, clause: &Catch) {
    b.body().budget.spend(1);
    let Some(here) = take_rest(b, scope) else { return };
    aside(b, here, |b| {
        let Some(tag) = clause.tag else {
            go_on_at(b, clause);
            return;
        };
        let exception = in_flight(b);
        let expected = load_pointer(b, offset_of!(Context, tags), tag.as_u32());
        let actual = b.load_address(exception, offset_of!(Exception, tag), Region::Runtime, Order::Free);
        let (expected, actual) = (b.address_bits(expected), b.address_bits(actual));
        let fits = b.compare(IntCompareOp::I64Eq, actual, expected);
        let (caught, other) = (b.block(), b.rare_block());
        b.branch(fits, caught, other);
        b.go_on_in(caught);
        go_on_at(b, clause);
        b.body().scopes.of(scope).rest = Some(other);
    });
}

/// Builds what comes after the clauses of a scope, if anything gets there.
pub fn catch_end<B: Builder>(b: &mut B, scope: Scope, next: Option<Scope>) {
    let Some(here) = take_rest(b, scope) else { return };
    aside(b, here, |b| match next {
        Some(next) => {
            b.body().scopes.of(next).edges += 1;
            let next = dispatch(b, next);
            b.jump(next);
        }
        None => b.pass_on(),
    });
}

/// The block where the clauses of a scope go on, if anything gets there.
fn take_rest<B: Builder>(b: &mut B, scope: Scope) -> Option<B::Block> {
    let body = b.body();
    let blocks = body.scopes.of(scope);
    let edges = std::mem::take(&mut blocks.edges);
    let rest = blocks.rest.take();
    body.budget.join(edges);
    rest
}

/// Builds code in a block to which all branches have been built, and then continues where it was. The code ends its block.
fn aside<B: Builder>(b: &mut B, block: B::Block, build: impl FnOnce(&mut B)) {
    let after = (!b.body().ended).then(|| {
        let after = b.block();
        b.jump(after);
        after
    });
    b.go_on_in(block);
    // Calls that ended in exceptions have left various copies.
    let right = b.body().copy.as_mut().map(FrameCopy::set_aside);
    build(b);
    if let (Some(copy), Some(right)) = (&mut b.body().copy, right) {
        copy.put_back(right);
    }
    b.body().ended = true;
    if let Some(after) = after {
        b.go_on_in(after);
    }
}

/// The exception in flight.
fn in_flight<B: Builder>(b: &mut B) -> B::Address {
    let store = store_context(b);
    b.load_address(store, offset_of!(StoreContext, exception), Region::Runtime, Order::Free)
}

/// Continues at a clause's label, with what the clause brings. The exception is loaded again: its address from the rare block before,
/// which comes after this one in the code, would be live in everything between the two.
fn go_on_at<B: Builder>(b: &mut B, clause: &Catch) {
    let types = clause.tag.map_or_else(Vec::new, |tag| b.module().tag_type(tag).params().to_vec());
    b.body().budget.spend(types.len());
    if !types.is_empty() {
        let exception = in_flight(b);
        let payload = b.load_address(exception, offset_of!(Exception, payload), Region::Runtime, Order::Free);
        for (ty, at) in slots(&types) {
            let value = b.load(ty, payload, at as usize * 8, Region::Runtime, Order::Free);
            b.set(Slot(clause.payload.0 + at), value);
        }
    }
    if let Some(slot) = clause.exn {
        let exception = in_flight(b);
        let reference = b.address_bits(exception);
        b.set(slot, reference);
    }
    let keeps = b.i64(clause.exn.is_some().into());
    b.builtin(offset_of!(Builtins, caught), &[keeps], None);
    branch(b, clause.target);
}

/// `throw`.
pub fn throw<B: Builder>(b: &mut B, tag: TagIndex, args: &[Operand]) {
    let types = b.module().tag_type(tag).params().to_vec();
    b.body().budget.spend(types.len());
    let store = store_context(b);
    let base = free_stack(b, store, types.iter().map(|ty| ty.slots()).sum());
    for ((ty, at), &argument) in slots(&types).zip(args) {
        let value = b.get(ty, argument);
        let value = b.slot_bits(value);
        b.store(value, base, at as usize * 8, Region::Runtime, Order::Free);
    }
    let (tag, payload) = (b.i64(tag.as_u32().into()), b.address_bits(base));
    raise(b, offset_of!(Builtins, throw), &[tag, payload]);
}

/// `throw_ref`.
pub fn throw_ref<B: Builder>(b: &mut B, exn: Operand) {
    let exn = b.get(ValType::ExnRef, exn);
    raise(b, offset_of!(Builtins, throw_ref), &[exn]);
}

/// Calls a builtin whose status is never `RETURNED`, and raises the status.
fn raise<B: Builder>(b: &mut B, builtin: usize, arguments: &[B::Value]) {
    let status = b.builtin(builtin, arguments, Some(ValType::I32)).expect("it has a result");
    let landing = landing(b);
    b.raise(status, landing);
    b.body().ended = true;
}
