//! The normal form of register IR: what the code stream keeps of it.
//!
//! The encoding drops what the interpreter does not need. Two functions that differ only in that have the same normal
//! form, which [`super::decode`] returns.

use std::collections::BTreeSet;

use riser_translator::ir::{Dst, Function, Inst, Item};
use riser_translator::sink::{Label, LabelKind};
use riser_translator::types::ValType;

/// Returns the function as the code stream keeps it. Dropped are:
///
/// * handler scopes, which are in a table beside the words;
/// * the function's name, and the wasm offsets of instructions, which become 0;
/// * the types of declared locals: each of their slots is an `i64`;
/// * the types of constants and copies of one slot: `i64` for [`Inst::Copy`], [`Inst::Select`] and [`Inst::Const`],
///   except that a constant in an accumulator for floats keeps its type;
/// * labels that no branch goes to, and the difference between labels at one place: the places that branches go to are
///   numbered from 0 in order, and all are joins without operands.
///
/// Everything else is kept: operations, operands, order, targets, the size of the frame.
///
/// # Panics
///
/// If a branch goes to a label that is not bound.
pub fn normalise(function: &Function) -> Function {
    let mut instructions = Vec::new();
    let mut places = Vec::new();
    for item in &function.items {
        match item {
            Item::Inst { inst, .. } if is_mark(inst) => {}
            Item::Inst { inst, .. } => instructions.push(inst.clone()),
            Item::Label { label, .. } => places.push((*label, Label(instructions.len() as u32))),
        }
    }
    places.sort_unstable();
    for inst in &mut instructions {
        forget_type(inst);
        for target in inst.targets_mut() {
            let bound = places.binary_search_by_key(target, |&(label, _)| label);
            *target = places[bound.expect("every label that is branched to is bound")].1;
        }
    }
    let slots = function.frame().locals - function.frame().params;
    function_of(function, slots, function.max_temps, instructions)
}

/// Returns a function in normal form with the index and type of `like`, `slots` slots of declared locals and these
/// instructions. The instructions' targets are numbers of instructions.
pub(super) fn function_of(like: &Function, slots: u32, max_temps: u32, instructions: Vec<Inst>) -> Function {
    let mut locals = like.ty.params().to_vec();
    locals.resize(locals.len() + slots as usize, ValType::I64);
    Function { index: like.index, name: None, ty: like.ty.clone(), locals, max_temps, items: with_labels(instructions) }
}

/// Puts a label before each instruction whose number is a target. Labels are numbered in order.
fn with_labels(mut instructions: Vec<Inst>) -> Vec<Item> {
    let used: BTreeSet<Label> = instructions.iter_mut().flat_map(Inst::targets_mut).map(|target| *target).collect();
    let used: Vec<Label> = used.into_iter().collect();
    let mut unbound = used.iter().zip(0..).peekable();
    let mut items = Vec::with_capacity(instructions.len() + used.len());
    for (mut inst, at) in instructions.into_iter().zip(0..) {
        if let Some((_, label)) = unbound.next_if(|(place, _)| place.0 == at) {
            items.push(Item::Label { label: Label(label), kind: LabelKind::Join, operands: Vec::new() });
        }
        for target in inst.targets_mut() {
            *target = Label(used.partition_point(|place| place < target) as u32);
        }
        items.push(Item::Inst { inst, offset: 0 });
    }
    items
}

/// Whether an instruction takes no words.
pub(crate) fn is_mark(inst: &Inst) -> bool {
    matches!(inst, Inst::TryBegin { .. } | Inst::TryEnd { .. } | Inst::Catch { .. } | Inst::CatchEnd { .. })
}

fn forget_type(inst: &mut Inst) {
    match inst {
        Inst::Const { ty, dst: Dst::Acc, .. } => *ty = accumulator(*ty),
        Inst::Copy { ty: ValType::V128, .. } | Inst::Select { ty: ValType::V128, .. } => {}
        Inst::Const { ty, .. } | Inst::Copy { ty, .. } | Inst::Select { ty, .. } => *ty = ValType::I64,
        _ => {}
    }
}

/// The type that represents the accumulator for values of type `ty`.
pub(super) fn accumulator(ty: ValType) -> ValType {
    match ty {
        ValType::F32 | ValType::F64 => ty,
        ValType::I32 | ValType::I64 | ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => {
            ValType::I64
        }
    }
}
