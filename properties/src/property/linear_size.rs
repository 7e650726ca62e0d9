//! What a function becomes is at most so many times as large as the function.
//!
//! An operator is worth a few instructions, and so is a branch, however many values it carries.
//! Generated functions are small: `growth.rs` has the large ones, of shapes
//! that something quadratic would make huge or slow.

use riser_translator::ir::{Function, Item, OperandType};
use riser_translator::module::ModuleInfo;
use riser_translator::sink::FEW_VALUES;
use riser_translator::{FuncIndex, FuncType, TypeIndex, ValType};
use wasmparser::{BinaryReader, BlockType, FunctionBody, Operator};

use super::{Case, Failure, Property};

/// The size of IR is bounded by that of its function.
pub const PROPERTY: Property = Property {
    name: "linear-size",
    claim: "Instructions and slots are bounded by a multiple of the function's size.",
    check,
};

/// The most instructions and labels for an operator, or for each of the few values that a branch moves one by one.
const ITEMS: usize = 2;

fn check(case: &Case<'_>) -> Result<(), Failure> {
    let info = case.module.info();
    for config in case.configs() {
        for ir in case.translate(&config)? {
            let Some(body) = info.body_bytes(ir.index) else { continue };
            let weight = |most| weight(body, info, ir.index, most).map_err(|error| error.to_string());
            let (weight, operands_weight) = (weight(FEW_VALUES)?, weight(usize::MAX)?);
            let labels = ir.items.iter().filter(|item| !matches!(item, Item::Inst { .. })).count();
            let instructions = ir.items.len() - labels;
            if ir.items.len() > ITEMS * weight {
                let large =
                    format!("{instructions} instructions and {labels} labels for {weight} operators and values");
                return Err(Failure::under(&config, large, &[ir]));
            }
            let operands = ir.max_temps as usize;
            if operands > operands_weight * widest_value(&ir, info) {
                let large = format!("{operands} operand slots for {operands_weight} operators and values");
                return Err(Failure::under(&config, large, &[ir]));
            }
        }
    }
    Ok(())
}

/// How many slots a value of the function takes at most.
fn widest_value(ir: &Function, info: &ModuleInfo) -> usize {
    const V128: ValType = ValType::V128;
    let is_computed = |item: &Item| match item {
        Item::Inst { inst, .. } => inst.result().is_some_and(|(_, ty)| ty == OperandType::Value(V128)),
        Item::Label { .. } => false,
    };
    let is_called = |ty: &FuncType| ty.results().contains(&V128);
    let has_vectors = ir.locals.contains(&V128) || ir.items.iter().any(is_computed) || info.types.iter().any(is_called);
    if has_vectors { V128.slots() as usize } else { 1 }
}

/// How many operators the body has, with the values that they may push or that branches carry: for each
/// branch and call as many as the widest type that the function names, and `most` at most.
fn weight(body: &[u8], info: &ModuleInfo, function: FuncIndex, most: usize) -> wasmparser::Result<usize> {
    let arity = |ty: &FuncType| ty.params().len().max(ty.results().len());
    let mut widest = arity(info.func_type(function)).max(1);
    let (mut operators, mut carriers) = (0, 0);
    for operator in FunctionBody::new(BinaryReader::new(body, 0)).get_operators_reader()? {
        operators += 1;
        let named = match operator? {
            Operator::Block { blockty: BlockType::FuncType(ty) }
            | Operator::Loop { blockty: BlockType::FuncType(ty) }
            | Operator::If { blockty: BlockType::FuncType(ty) } => Some(info.ty(TypeIndex::new(ty))),
            Operator::Br { .. } | Operator::BrIf { .. } | Operator::Return | Operator::End => {
                carriers += 1;
                None
            }
            Operator::BrTable { targets } => {
                carriers += 1 + targets.len() as usize;
                None
            }
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                carriers += 1;
                Some(info.func_type(FuncIndex::new(function_index)))
            }
            Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                carriers += 1;
                Some(info.ty(TypeIndex::new(type_index)))
            }
            _ => None,
        };
        widest = widest.max(named.map_or(0, arity));
    }
    Ok(operators + carriers * widest.min(most))
}
