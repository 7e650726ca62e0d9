//! Replaces ranges of operators by as few operators as preserve the types.

use std::ops::Range;

use riser_translator::types::ValType;

use super::super::{Module, Operator};
use super::Proposal;
use super::typing::Typed;

/// The number of ways to remove a range.
const WAYS: usize = 3;

/// Proposes the module without about `length` operators.
pub(super) fn shorten(typed: &Typed, length: usize, place: usize) -> Proposal {
    // Short ranges begin anywhere; long ones overlap by half.
    let step = if length <= 4 { 1 } else { length / 2 };
    let Some((function, start)) = nth_start(typed.module(), step, place / WAYS) else { return Proposal::End };
    let Some(range) = balanced(typed.body(function), start, length) else { return Proposal::Nothing };
    let leaves = !typed.point(function, range.start).dead && typed.point(function, range.end).dead;
    let (range, filling) = match place % WAYS {
        0 => (range.clone(), filling(typed, function, &range)),
        // The code behind the range may be valid when live, or is removed as well.
        1 if leaves => (range, Vec::new()),
        2 if leaves => match to_the_end(typed, function, range) {
            Some(replaced) => replaced,
            None => return Proposal::Nothing,
        },
        _ => return Proposal::Nothing,
    };
    let mut module = typed.module().clone();
    module.functions[function].body.splice(range, filling);
    Proposal::Module(module)
}

fn nth_start(module: &Module, step: usize, mut nth: usize) -> Option<(usize, usize)> {
    for (index, function) in module.functions.iter().enumerate() {
        let starts = function.body.len().div_ceil(step);
        if nth < starts {
            return Some((index, nth * step));
        }
        nth -= starts;
    }
    None
}

/// Returns a range of about `length` operators from `start` on that closes all blocks that it opens, and no others.
fn balanced(body: &[Operator], start: usize, length: usize) -> Option<Range<usize>> {
    let mut depth = 0;
    let mut end = start;
    while end < body.len() && (depth > 0 || end < start + length) {
        match &body[end] {
            operator if depth == 0 && (operator.closes() || operator.divides()) => break,
            operator if operator.closes() => depth -= 1,
            operator if operator.opens() => depth += 1,
            _ => {}
        }
        end += 1;
    }
    (end > start).then_some(start..end)
}

/// Returns a constant of the type, or of any type if that does not matter.
pub(super) fn zero(ty: Option<ValType>) -> Operator {
    match ty {
        Some(ty) if ty.is_ref() => Operator::RefNull(ty),
        Some(ValType::V128) => Operator::VectorConst(0),
        Some(ty) => Operator::Const(ty, 0),
        None => Operator::Const(ValType::I32, 0),
    }
}

/// Returns drops and constants that turn some operands into others.
fn conversion(from: &[Option<ValType>], to: &[Option<ValType>]) -> Vec<Operator> {
    let common = from.iter().zip(to).take_while(|(from, to)| from == to).count();
    let drops = from[common..].iter().map(|_| Operator::Drop);
    drops.chain(to[common..].iter().map(|ty| zero(*ty))).collect()
}

/// Returns operators with the same effect on the types as a balanced range.
pub(super) fn filling(typed: &Typed, function: usize, range: &Range<usize>) -> Vec<Operator> {
    let (before, after) = (typed.point(function, range.start), typed.point(function, range.end));
    match (before.dead, after.dead) {
        (false, true) => vec![Operator::Unreachable],
        // In dead code missing operands do not matter.
        (true, _) => conversion(&before.operands, &after.operands[..after.operands.len().min(before.operands.len())])
            .into_iter()
            .filter(|operator| *operator == Operator::Drop)
            .collect(),
        (false, false) => conversion(&before.operands, &after.operands),
    }
}

/// Extends the range to the end of its block. Also returns operators that make the block's end live.
fn to_the_end(typed: &Typed, function: usize, range: Range<usize>) -> Option<(Range<usize>, Vec<Operator>)> {
    let before = typed.point(function, range.start);
    let body = typed.body(function);
    let rest = balanced(body, range.start, usize::MAX - range.start)?;
    let block = opener(body, range.start).and_then(|at| body[at].block_type());
    let results = block.unwrap_or(&typed.module().functions[function].ty).results();
    let wanted: Vec<Option<ValType>> = results.iter().copied().map(Some).collect();
    Some((rest, conversion(&before.operands, &wanted)))
}

/// Returns where the block around an operator begins.
fn opener(body: &[Operator], at: usize) -> Option<usize> {
    let mut depth = 0;
    (0..at).rev().find(|at| match &body[*at] {
        operator if operator.closes() => {
            depth += 1;
            false
        }
        operator if operator.opens() => {
            depth -= 1;
            depth < 0
        }
        _ => false,
    })
}

/// Proposes the module without a value that is pushed and later dropped, or lost in dead code.
pub(super) fn unpush(typed: &Typed, place: usize) -> Proposal {
    let Some((function, at)) = typed.operator_at(place / 2) else { return Proposal::End };
    let body = typed.body(function);
    if !matches!(body[at], Operator::Const(..) | Operator::RefNull(_) | Operator::VectorConst(_)) {
        return Proposal::Nothing;
    }
    let mut module = typed.module().clone();
    if place.is_multiple_of(2) {
        let Some(rest) = balanced(body, at, usize::MAX - at) else { return Proposal::Nothing };
        let height = typed.point(function, at).operands.len();
        let drops_it = |later: &usize| {
            body[*later] == Operator::Drop
                && typed.point(function, *later).operands.len() == height + 1
                && opener(body, *later) == opener(body, at)
        };
        let Some(later) = rest.clone().find(drops_it) else { return Proposal::Nothing };
        module.functions[function].body.remove(later);
    }
    module.functions[function].body.remove(at);
    Proposal::Module(module)
}

/// Replaces every operator of a kind by operators that preserve the types.
pub(super) fn without(typed: &Typed, function: usize, gone: &dyn Fn(&Operator) -> bool) -> Vec<Operator> {
    let mut body = Vec::new();
    for (at, operator) in typed.body(function).iter().enumerate() {
        if gone(operator) {
            body.extend(filling(typed, function, &(at..at + 1)));
        } else {
            body.push(operator.clone());
        }
    }
    body
}
