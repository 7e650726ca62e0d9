//! What a function becomes is at most so many times as large as the function.
//!
//! An operator is worth a few instructions, and a branch as many moves as its target takes
//! values. Generated functions are small: `tests/growth.rs` has the large ones, of shapes
//! that something quadratic would make huge or slow (long straight lines, deep nesting,
//! many blocks over many pending operands, many locals, many pending reads and writes,
//! wide branch tables, modules of many bodies, bytes that arrive one by one).

use riser_translator::FuncType;
use riser_translator::ir::Item;
use riser_translator::module::ModuleInfo;
use wasmparser::{BinaryReader, BlockType, FunctionBody, Operator};

use crate::Property;
use crate::case::{Case, describe};

pub const PROPERTY: Property = Property {
    name: "linear-size",
    claim: "Instructions and slots are bounded by a multiple of the function's size.",
    check,
};

/// The most instructions and labels for an operator, or for a value that a branch carries.
const ITEMS: usize = 2;

fn check(case: &Case) -> Result<(), String> {
    let info = case.module.info();
    for config in case.configs() {
        for ir in case.translate(&config)? {
            let Some(body) = info.body_bytes(ir.index) else { continue };
            let weight = weight(body, info, ir.index).map_err(|error| error.to_string())?;
            let labels = ir.items.iter().filter(|item| !matches!(item, Item::Inst { .. })).count();
            let instructions = ir.items.len() - labels;
            if ir.items.len() > ITEMS * weight {
                let large =
                    format!("{instructions} instructions and {labels} labels for {weight} operators and values");
                return Err(format!("{}: {large} in\n{ir}", describe(&config)));
            }
            let operands = ir.max_temps as usize;
            if operands > weight {
                let large = format!("{operands} operand slots for {weight} operators and values");
                return Err(format!("{}: {large} in\n{ir}", describe(&config)));
            }
        }
    }
    Ok(())
}

/// How many operators the body has, with the values that they may push or that branches carry: for each
/// branch and call as many as the widest type that the function names.
fn weight(body: &[u8], info: &ModuleInfo, function: u32) -> wasmparser::Result<usize> {
    let arity = |ty: &FuncType| ty.params().len().max(ty.results().len());
    let mut widest = arity(info.func_type(function)).max(1);
    let (mut operators, mut carriers) = (0, 0);
    for operator in FunctionBody::new(BinaryReader::new(body, 0)).get_operators_reader()? {
        operators += 1;
        let named = match operator? {
            Operator::Block { blockty: BlockType::FuncType(ty) }
            | Operator::Loop { blockty: BlockType::FuncType(ty) }
            | Operator::If { blockty: BlockType::FuncType(ty) } => Some(&info.types[ty as usize]),
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
                Some(info.func_type(function_index))
            }
            Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                carriers += 1;
                Some(&info.types[type_index as usize])
            }
            _ => None,
        };
        widest = widest.max(named.map_or(0, arity));
    }
    Ok(operators + carriers * widest)
}
