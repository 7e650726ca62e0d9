//! Removes the brackets of blocks, or makes their types smaller.

use std::ops::Range;

use riser_translator::types::{FuncType, ValType};

use super::super::Module;
use super::super::operator::{Operator, Space};
use super::Proposal;
use super::splice::{without, zero};
use super::typing::Typed;

/// The positions of a block's parts: its start, where its second and its last arm begin if it has them, and its end.
struct Brackets {
    start: usize,
    middle: Option<usize>,
    last: Option<usize>,
    end: usize,
}

fn brackets(body: &[Operator], start: usize) -> Brackets {
    let mut depth = 0;
    let (mut middle, mut last) = (None, None);
    for (at, operator) in body.iter().enumerate().skip(start) {
        if depth == 1 && operator.divides() {
            middle.get_or_insert(at);
            last = Some(at);
        } else if depth == 1 && operator.closes() {
            return Brackets { start, middle, last, end: at };
        } else if operator.closes() {
            depth -= 1;
        } else if operator.opens() {
            depth += 1;
        }
    }
    Brackets { start, middle, last, end: body.len() }
}

/// Returns the operators with their labels adjusted for the removal of the block around them. Branches to that block go
/// to the next one out, which may have another type.
fn lifted(operators: &[Operator]) -> Vec<Operator> {
    let mut depth = 0;
    let mut lifted = operators.to_vec();
    for operator in &mut lifted {
        // What a block passes exceptions on to is counted from the outside of it: the clauses where it begins, `delegate` where it ends.
        if operator.closes() {
            depth -= 1;
        }
        operator.indices(&mut |space, label| {
            if space == Space::Labels && *label > depth {
                *label -= 1;
            }
        });
        if operator.opens() {
            depth += 1;
        }
    }
    lifted
}

/// Proposes the module without the brackets around a block's body, or without the last arm of a `try`.
pub(super) fn unwrap(typed: &Typed, place: usize) -> Proposal {
    // An `if` is replaced by either arm, a `try` by its first.
    let Some((function, start)) = typed.operator_at(place / 2) else { return Proposal::End };
    let body = typed.body(function);
    if !body[start].opens() {
        return Proposal::Nothing;
    }
    let Brackets { middle, last, end, .. } = brackets(body, start);
    if let (1, Operator::Try(_), Some(last)) = (place % 2, &body[start], last) {
        let mut module = typed.module().clone();
        module.functions[function].body.drain(last..end);
        return Proposal::Module(module);
    }
    let is_if = matches!(body[start], Operator::If(_));
    let kept = match (place % 2, middle) {
        (0, _) => start + 1..middle.unwrap_or(end),
        (_, Some(middle)) => middle + 1..end,
        (_, None) => return Proposal::Nothing,
    };
    let mut inside = lifted(&body[kept]);
    if is_if {
        inside.insert(0, Operator::Drop);
    }
    let mut module = typed.module().clone();
    module.functions[function].body.splice(start..(end + 1).min(body.len()), inside);
    Proposal::Module(module)
}

/// Proposes the module without the results, or without the parameters, in the type of a block, an indirect call, a
/// function or a tag.
pub(super) fn narrow(typed: &Typed, place: usize) -> Proposal {
    let results = place.is_multiple_of(2);
    if let Some((function, at)) = typed.operator_at(place / 2) {
        let body = typed.body(function);
        let narrowed = match &body[at] {
            Operator::Block(ty)
            | Operator::Loop(ty)
            | Operator::If(ty)
            | Operator::TryTable(ty, _)
            | Operator::Try(ty) => {
                let brackets = brackets(body, at);
                if results {
                    without_results(typed, function, ty, &brackets)
                } else {
                    without_params(body, ty, &brackets)
                }
            }
            Operator::CallIndirect(table, ty) if results => Some(call_without_results(body, at, *table, ty)),
            Operator::CallIndirect(table, ty) | Operator::ReturnCallIndirect(table, ty) if !results => {
                let index = typed.module().tables[*table as usize].index_type();
                Some(call_without_params(body, at, *table, index, ty))
            }
            _ => None,
        };
        let Some(narrowed) = narrowed else { return Proposal::Nothing };
        let mut module = typed.module().clone();
        module.functions[function].body = narrowed;
        return Proposal::Module(module);
    }
    let function = place / 2 - typed.module().size();
    if let Some(tag) = function.checked_sub(typed.module().functions.len()) {
        return match typed.module().tags.get(tag) {
            Some(ty) if !results => tag_without_params(typed, tag, ty.params()),
            Some(_) => Proposal::Nothing,
            None => Proposal::End,
        };
    }
    if results { function_without_results(typed, function) } else { function_without_params(typed, function) }
}

/// Returns the body with an indirect call of a function without results.
fn call_without_results(body: &[Operator], at: usize, table: u32, ty: &FuncType) -> Vec<Operator> {
    let mut calling = body[..at].to_vec();
    calling.push(Operator::CallIndirect(table, FuncType::new(ty.params().iter().copied(), [])));
    calling.extend(ty.results().iter().map(|ty| zero(Some(*ty))));
    calling.extend_from_slice(&body[at + 1..]);
    calling
}

/// Returns the body with an indirect call of a function without parameters.
fn call_without_params(body: &[Operator], at: usize, table: u32, index: ValType, ty: &FuncType) -> Vec<Operator> {
    let narrowed = FuncType::new([], ty.results().iter().copied());
    let mut calling = body[..at].to_vec();
    // The index is on top of the arguments.
    calling.extend(std::iter::repeat_n(Operator::Drop, ty.params().len() + 1));
    calling.push(zero(Some(index)));
    calling.push(match body[at] {
        Operator::ReturnCallIndirect(..) => Operator::ReturnCallIndirect(table, narrowed),
        _ => Operator::CallIndirect(table, narrowed),
    });
    calling.extend_from_slice(&body[at + 1..]);
    calling
}

fn retyped(operator: &Operator, ty: FuncType) -> Operator {
    match operator {
        Operator::Loop(_) => Operator::Loop(ty),
        Operator::If(_) => Operator::If(ty),
        Operator::TryTable(_, clauses) => Operator::TryTable(ty, clauses.clone()),
        Operator::Try(_) => Operator::Try(ty),
        _ => Operator::Block(ty),
    }
}

/// Returns the operators of a range, the inside of a block or a whole function, changed such that they drop the
/// results. So do branches to the end.
fn dropping(typed: &Typed, function: usize, inside: Range<usize>, results: &[ValType]) -> Vec<Operator> {
    let body = typed.body(function);
    let is_function = inside.end == body.len();
    // A branch to a loop does not go to its end.
    let is_loop = inside.start.checked_sub(1).is_some_and(|before| matches!(body[before], Operator::Loop(_)));
    let drops = |at: usize, count: usize| {
        let point = typed.point(function, at);
        // In dead code there may be fewer operands, or more.
        std::iter::repeat_n(Operator::Drop, if point.dead { point.operands.len() } else { count })
    };
    let mut dropping = Vec::new();
    let mut depth = 0;
    for at in inside.clone() {
        let operator = &body[at];
        if operator.closes() {
            depth -= 1;
        } else if operator.opens() {
            depth += 1;
        } else if operator.divides() && depth == 0 || *operator == Operator::Return && is_function {
            dropping.extend(drops(at, results.len()));
        } else if !is_loop && !matches!(operator, Operator::Rethrow(_)) && operator.uses(Space::Labels, depth) {
            // The condition is on top of the values, and is dropped with them.
            let conditional = !matches!(operator, Operator::Br(_));
            dropping.extend(drops(at, results.len() + usize::from(conditional)));
            dropping.extend(conditional.then_some(zero(Some(ValType::I32))));
            dropping.push(operator.clone());
            if let Operator::BrIf(_) = operator {
                dropping.extend(results.iter().map(|ty| zero(Some(*ty))));
            }
            continue;
        }
        dropping.push(match operator {
            // An exception comes with its values, and nothing can drop them on the way to the end.
            Operator::TryTable(ty, clauses) if !is_loop => {
                let elsewhere = clauses.iter().filter(|clause| clause.label + 1 != depth);
                Operator::TryTable(ty.clone(), elsewhere.copied().collect())
            }
            Operator::ReturnCallIndirect(table, ty) if is_function => {
                Operator::ReturnCallIndirect(*table, FuncType::new(ty.params().iter().copied(), []))
            }
            operator => operator.clone(),
        });
    }
    dropping.extend(drops(inside.end, results.len()));
    dropping
}

fn without_results(typed: &Typed, function: usize, ty: &FuncType, brackets: &Brackets) -> Option<Vec<Operator>> {
    let body = typed.body(function);
    // An `if` without `else` has results because it has parameters.
    let is_bare_if = matches!(body[brackets.start], Operator::If(_)) && brackets.middle.is_none();
    if ty.results().is_empty() || is_bare_if {
        return None;
    }
    let mut narrowed = body[..brackets.start].to_vec();
    narrowed.push(retyped(&body[brackets.start], FuncType::new(ty.params().iter().copied(), [])));
    narrowed.extend(dropping(typed, function, brackets.start + 1..brackets.end, ty.results()));
    narrowed.extend(body.get(brackets.end).cloned());
    narrowed.extend(ty.results().iter().map(|ty| zero(Some(*ty))));
    narrowed.extend_from_slice(body.get(brackets.end + 1..)?);
    Some(narrowed)
}

fn without_params(body: &[Operator], ty: &FuncType, brackets: &Brackets) -> Option<Vec<Operator>> {
    if ty.params().is_empty() || matches!(body[brackets.start], Operator::If(_)) {
        return None;
    }
    let mut narrowed = body[..brackets.start].to_vec();
    narrowed.extend(ty.params().iter().map(|_| Operator::Drop));
    narrowed.push(retyped(&body[brackets.start], FuncType::new([], ty.results().iter().copied())));
    narrowed.extend(ty.params().iter().map(|ty| zero(Some(*ty))));
    narrowed.extend_from_slice(&body[brackets.start + 1..]);
    Some(narrowed)
}

/// Proposes the module in which a function has no results. Callers get constants instead.
fn function_without_results(typed: &Typed, function: usize) -> Proposal {
    let results = typed.module().functions[function].ty.results();
    if results.is_empty() {
        return Proposal::Nothing;
    }
    let body = dropping(typed, function, 0..typed.body(function).len(), results);
    let mut module = typed.module().clone();
    let changed = &mut module.functions[function];
    changed.ty = FuncType::new(changed.ty.params().iter().copied(), []);
    changed.body = body;
    let zeros: Vec<Operator> = results.iter().map(|ty| zero(Some(*ty))).collect();
    around_calls(&mut module, function, &[], &zeros);
    Proposal::Module(module)
}

/// Proposes the module in which a function has no parameters. Callers drop the arguments.
fn function_without_params(typed: &Typed, function: usize) -> Proposal {
    let params = typed.module().functions[function].ty.params().len();
    if params == 0 {
        return Proposal::Nothing;
    }
    let is_param = |operator: &Operator| (0..params as u32).any(|param| operator.uses(Space::Locals, param));
    let mut module = typed.module().clone();
    let changed = &mut module.functions[function];
    changed.ty = FuncType::new([], changed.ty.results().iter().copied());
    changed.body = without(typed, function, &is_param);
    for operator in &mut changed.body {
        operator.indices(&mut |space, local| {
            if space == Space::Locals {
                *local -= params as u32;
            }
        });
    }
    around_calls(&mut module, function, &vec![Operator::Drop; params], &[]);
    Proposal::Module(module)
}

/// Proposes the module in which the exceptions of a tag carry nothing, and no clause of a `try_table` is about them.
fn tag_without_params(typed: &Typed, tag: usize, params: &[ValType]) -> Proposal {
    if params.is_empty() {
        return Proposal::Nothing;
    }
    let mut module = typed.module().clone();
    module.tags[tag] = FuncType::new([], []);
    for function in &mut module.functions {
        let changed = |mut operator: Operator| {
            let (mut drops, mut zeros) = (0, &[][..]);
            match &mut operator {
                Operator::TryTable(_, clauses) => clauses.retain(|clause| clause.tag != Some(tag as u32)),
                Operator::Catch(caught) if *caught as usize == tag => zeros = params,
                Operator::Throw(thrown) if *thrown as usize == tag => drops = params.len(),
                _ => {}
            }
            let zeros = zeros.iter().map(|ty| zero(Some(*ty)));
            std::iter::repeat_n(Operator::Drop, drops).chain([operator]).chain(zeros)
        };
        function.body = std::mem::take(&mut function.body).into_iter().flat_map(changed).collect();
    }
    Proposal::Module(module)
}

/// Puts operators before and after every direct call of the function.
fn around_calls(module: &mut Module, callee: usize, before: &[Operator], after: &[Operator]) {
    for function in &mut module.functions {
        if function.body.iter().any(|operator| operator.uses(Space::Functions, callee as u32)) {
            let around = |operator: Operator| match operator {
                Operator::Call(at) | Operator::ReturnCall(at) if at as usize == callee => {
                    [before, &[operator], after].concat()
                }
                _ => vec![operator],
            };
            function.body = std::mem::take(&mut function.body).into_iter().flat_map(around).collect();
        }
    }
}
