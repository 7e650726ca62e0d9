//! Kernels with vectors: generated modules have all of them, recognised by their operators.

use std::collections::{BTreeMap, BTreeSet};

use riser_properties::generate::{Function, Module, Operator};
use riser_translator::ops::{LoadOp, UnaryOp, VectorLoadOp, VectorOp};
use riser_translator::{FuncType, ValType};

use super::{everything, seeded};

/// The operators of each loop without those of its nested blocks, and the loop's parameters.
fn loops(body: &[Operator]) -> Vec<(&FuncType, Vec<&Operator>)> {
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for operator in body {
        if let Some(ty) = operator.block_type() {
            open.push((matches!(operator, Operator::Loop(_)), ty, Vec::new()));
        } else if operator.closes() {
            if let Some((true, ty, operators)) = open.pop() {
                closed.push((ty, operators));
            }
        } else if let Some((_, _, operators)) = open.last_mut() {
            operators.push(operator);
        }
    }
    closed
}

/// The kernels with vectors that a function has, by name.
fn kernels(module: &Module, function: &Function) -> BTreeSet<&'static str> {
    const BRANCH: &Operator = &Operator::BrIf(0);
    let locals = [function.ty().params(), function.locals()].concat();
    let is_vector = |local: &u32| locals[*local as usize] == ValType::V128;
    let body = function.body();
    let mut found = BTreeSet::new();
    for (ty, operators) in loops(body) {
        let loads = operators.iter().any(|it| matches!(it, Operator::VectorLoad(VectorLoadOp::V128Load, _)));
        let adds = operators.windows(2).any(|pair| match pair {
            [Operator::VectorLoad(..) | Operator::Vector(_), Operator::Vector(op)] => op.mnemonic().contains("add"),
            _ => false,
        });
        let ends = operators.last() == Some(&BRANCH);
        let has = |fits: fn(&Operator) -> bool| operators.iter().any(|it| fits(it));
        if loads && adds && ends {
            found.insert(if ty.params() == [ValType::V128] { "sum, a parameter" } else { "sum, a local" });
        }
        if ends && has(|it| matches!(it, Operator::Load(LoadOp::I32Load8U, _))) && (12..14).contains(&operators.len()) {
            found.insert("tail");
        }
        let swizzles =
            |it: &Operator| matches!(it, Operator::Vector(VectorOp::I8x16Swizzle | VectorOp::I8x16RelaxedSwizzle));
        if has(|it| matches!(it, Operator::Shuffle(_)))
            && has(swizzles)
            && has(|it| matches!(it, Operator::LoadLane(..)))
            && has(|it| matches!(it, Operator::StoreLane(..)))
        {
            found.insert("shuffle");
        }
        let sets = operators.windows(2).filter(|pair| match pair {
            [Operator::LocalSet(one), Operator::LocalSet(other)] => is_vector(one) && is_vector(other),
            _ => false,
        });
        if ends && sets.count() > 0 {
            found.insert("rotation");
        }
    }
    let scans = |run: &[Operator]| {
        matches!(
            run,
            [Operator::Vector(VectorOp::I8x16Bitmask), Operator::LocalTee(_), Operator::If(_), _, _, Operator::Unary(op), ..]
                if *op == UnaryOp::I32Ctz
        )
    };
    if body.windows(8).any(scans) {
        found.insert("scan");
    }
    let two = [ValType::V128; 2];
    if body.iter().any(|it| matches!(it, Operator::If(ty) if ty.results() == two)) {
        found.insert("if");
    }
    let nested = |run: &[Operator]| {
        run.iter()
            .all(|it| matches!(it, Operator::Block(ty) if ty.params().is_empty() && ty.results() == [ValType::V128]))
    };
    if body.windows(3).any(nested) && body.iter().any(|it| matches!(it, Operator::BrTable(_))) {
        found.insert("table");
    }
    let is_call = |it: &Operator| matches!(it, Operator::Call(_) | Operator::CallIndirect(..));
    for at in (0..body.len()).filter(|at| is_call(&body[*at])) {
        let (before, after) = body.split_at(at);
        let set = |local: &u32| before.contains(&Operator::LocalSet(*local));
        let read = |it: &Operator| matches!(it, Operator::LocalGet(local) if is_vector(local) && set(local));
        if after.iter().filter(|it| read(it)).count() >= 2 {
            found.insert("call");
        }
        let is_vector_global = |global: &u32| module.globals()[*global as usize].ty() == ValType::V128;
        let sets = |it: &Operator| matches!(it, Operator::GlobalSet(global) if is_vector_global(global));
        let gets = |it: &Operator| matches!(it, Operator::GlobalGet(global) if is_vector_global(global));
        if before.iter().any(sets) && after.iter().any(gets) {
            found.insert("call, a global");
        }
    }
    found
}

/// What compilers make of vectors.
#[test]
fn kernels_with_vectors_are_met_with_often() {
    const SEEDS: u64 = 1000;
    let mut counts = BTreeMap::<&str, u64>::new();
    for seed in 0..SEEDS {
        let module = seeded(seed, &everything());
        for function in module.functions() {
            for kernel in kernels(&module, function) {
                *counts.entry(kernel).or_default() += 1;
            }
        }
    }
    assert_eq!(counts.len(), 10, "{counts:?}");
    assert!(counts.values().all(|count| *count >= SEEDS / 100), "{counts:?}");
}
