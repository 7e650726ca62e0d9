//! Locals, labels, branches, returns.

use riser_translator::ValType;
use riser_translator::sink::{FuncHeader, Label, Operand};

use crate::{Builder, slots};

/// Sets the locals at the function's start: parameters to the arguments, others to zero.
pub fn set_locals<B: Builder>(b: &mut B, header: &FuncHeader<'_>, arguments: &[B::Value]) {
    for (at, (ty, index)) in slots(header.locals).enumerate() {
        let home = header.frame.local(index);
        let value = match arguments.get(at) {
            Some(&argument) => argument,
            None => b.get(ty, Operand::Const { bits: 0, home }),
        };
        b.set(home, value);
    }
}

/// The block of a label.
pub fn block_of<B: Builder>(b: &mut B, label: Label) -> B::Block {
    if let Some(block) = *b.body().label(label) {
        return block;
    }
    let block = b.block();
    *b.body().label(label).insert(block)
}

/// The block of a label, for a branch to it, which is rare or not.
fn target<B: Builder>(b: &mut B, label: Label, is_rare: bool) -> B::Block {
    let body = b.body();
    body.budget.branch(label);
    if let Some(copy) = &mut body.copy {
        let work = copy.branch(label);
        body.budget.spend(work);
    }
    b.body().note_branch(label, is_rare);
    block_of(b, label)
}

/// A branch.
pub fn branch<B: Builder>(b: &mut B, label: Label) {
    let block = target(b, label, false);
    b.jump(block);
    b.body().ended = true;
}

/// A branch if the `i32` is not zero; with `negate`, if it is zero.
pub fn branch_if<B: Builder>(b: &mut B, cond: Operand, negate: bool, label: Label) {
    let cond = b.get(ValType::I32, cond);
    let hint = b.body().hint();
    let target = target(b, label, hint == Some(negate));
    let next = if hint == Some(!negate) { b.rare_block() } else { b.block() };
    let holds = b.is_true(cond);
    if negate {
        b.branch_unless(holds, target, next, hint);
    } else {
        b.hinted_branch(holds, target, next, hint);
    }
    b.go_on_in(next);
}

/// A branch by a table; the last label is the default.
pub fn branch_table<B: Builder>(b: &mut B, index: Operand, labels: &[Label]) {
    let index = b.get(ValType::I32, index);
    let targets: Vec<B::Block> = labels.iter().map(|&label| target(b, label, false)).collect();
    b.switch(index, &targets);
    b.body().ended = true;
}

/// Continues in a new block where the condition holds, which is rare. Returns the block for where it does not.
pub(crate) fn rarely<B: Builder>(b: &mut B, condition: B::Condition) -> B::Block {
    let (rare, next) = (b.rare_block(), b.block());
    b.branch_unless(condition, next, rare, None);
    b.go_on_in(rare);
    next
}

/// A return.
pub fn ret<B: Builder>(b: &mut B, values: &[Operand]) {
    b.body().budget.spend(values.len());
    let types = std::mem::take(&mut b.body().results);
    let values: Vec<B::Value> = types.iter().zip(values).map(|(&ty, &value)| b.get(ty, value)).collect();
    b.body().results = types;
    b.return_values(&values);
    b.body().ended = true;
}
