//! Builds a random module: first the declarations, then the functions' bodies.
//!
//! [`body::Body`] holds a body under construction; the other files add statements
//! to it, by family. Everything is valid by construction.

mod atomic;
mod body;
mod call;
mod control;
mod exception;
mod expression;
mod kernel;
mod memory;
mod statement;
mod table;
mod vector;

use riser_translator::module::{Limits, MemoryType, TableType};
use riser_translator::ops::BinaryOp;
use riser_translator::types::{FuncType, ValType};

use super::module::{Data, Elements, Function, Global, Module, Placement};
use super::{Choices, Config, Operator, value, vector as vector_bits};

use body::Body;

/// The initial number of elements of tables.
const TABLE_SIZE: u32 = 12;

/// The number of calls that may recurse, for each instance: the initial value of the global that counts them.
const RECURSIVE_CALLS: u64 = 40;

/// Makes a random valid module.
pub fn module(choices: &mut dyn Choices, config: &Config) -> Module {
    // Most mistakes have nothing to do with vectors, so many modules have none.
    let vectors = config.vectors && choices.one_in(2);
    let config = &Config { vectors, ..config.clone() };
    let count = 1 + choices.below(config.functions.max(1));
    let mut signatures = Vec::new();
    for _ in 0..count {
        let ty = signature(choices, config, &signatures);
        signatures.push(ty);
    }
    let wide_tail_calls = config.wide_tail_calls && config.calls && config.tail_calls && choices.one_in(2);
    let config = &Config { wide_tail_calls, ..config.clone() };
    if wide_tail_calls {
        wide_signatures(choices, config, &mut signatures);
    }
    let declare = |ty| Function { ty, locals: Vec::new(), body: Vec::new() };
    let mut module = Module {
        functions: signatures.into_iter().map(declare).collect(),
        memories: Vec::new(),
        tables: Vec::new(),
        tags: Vec::new(),
        globals: Vec::new(),
        data: Vec::new(),
        elements: Vec::new(),
        hints: 0,
    };
    if config.memory {
        memories(choices, config, &mut module);
    }
    if config.exceptions {
        tags(choices, config, &mut module);
    }
    if config.globals {
        globals(choices, config, &mut module);
    }
    let guard = (config.calls && config.globals).then(|| {
        module.globals.push(Global {
            ty: ValType::I32,
            mutable: true,
            init: vec![Operator::Const(ValType::I32, RECURSIVE_CALLS)],
        });
        module.globals.len() as u32 - 1
    });
    if config.table {
        tables(choices, config, &mut module);
    }
    for index in 0..module.functions.len() {
        let function = Body::new(choices, config, &module, index, guard).build();
        module.functions[index] = function;
    }
    if choices.one_in(2) {
        module.hints = choices.below(u32::MAX);
    }
    module
}

/// Picks a few types, or sometimes a lot of them.
fn types(choices: &mut dyn Choices, from: &[ValType], most: u32, lots: u32) -> Vec<ValType> {
    let count = if choices.one_in(16) { choices.within(lots / 2, lots) } else { choices.below(most + 1) };
    (0..count).map(|_| choices.pick(from)).collect()
}

/// Makes the type of a function: a new one, or that of another function, so that the two can replace each other.
fn signature(choices: &mut dyn Choices, config: &Config, others: &[FuncType]) -> FuncType {
    if !others.is_empty() && choices.one_in(3) {
        return choices.pick(others);
    }
    let from = value_types(config, config.reference_signatures);
    let params = types(choices, &from, 5, 40);
    let same_results = !others.is_empty() && choices.one_in(4);
    let results = if same_results { choices.pick(others).results().to_vec() } else { types(choices, &from, 3, 34) };
    FuncType::new(params, results)
}

/// Adds the types of two or three functions with the same results: of one with few parameters, and of others with many.
fn wide_signatures(choices: &mut dyn Choices, config: &Config, signatures: &mut Vec<FuncType>) {
    let from = value_types(config, config.reference_signatures);
    let many = |choices: &mut dyn Choices| -> Vec<ValType> {
        (0..choices.within(10, 100)).map(|_| choices.pick(&from)).collect()
    };
    let results = if choices.one_in(2) { many(choices) } else { choices.pick(signatures).results().to_vec() };
    let few = types(choices, &from, 3, 8);
    signatures.push(FuncType::new(few, results.iter().copied()));
    for _ in 0..choices.within(1, 2) {
        signatures.push(FuncType::new(many(choices), results.iter().copied()));
    }
}

/// Returns the types of values to pick from. Numbers occur more often.
fn value_types(config: &Config, references: bool) -> Vec<ValType> {
    let mut all = [config.number_types(), config.number_types(), config.number_types()].concat();
    if config.vectors {
        all.extend([ValType::V128; 3]);
    }
    if references {
        all.extend(reference_types(config));
    }
    all
}

/// Returns the types of references.
fn reference_types(config: &Config) -> &'static [ValType] {
    if config.exceptions {
        &[ValType::FuncRef, ValType::ExternRef, ValType::ExnRef]
    } else {
        &[ValType::FuncRef, ValType::ExternRef]
    }
}

fn tags(choices: &mut dyn Choices, config: &Config, module: &mut Module) {
    let from = value_types(config, config.references);
    for _ in 0..choices.within(1, 3) {
        let params = types(choices, &from, 3, 10);
        module.tags.push(FuncType::new(params, []));
    }
}

fn memories(choices: &mut dyn Choices, config: &Config, module: &mut Module) {
    let count = if config.multi_memory { 1 + choices.below(3) } else { 1 };
    for memory in 0..count {
        let max = choices.within(2, 3);
        let wide = config.memory64 && choices.one_in(2);
        let ty = MemoryType { memory64: wide, ..MemoryType::new64(1, Some(u64::from(max))) };
        module.memories.push(if config.custom_page_sizes && choices.one_in(2) {
            // About as large as with pages of 64 KiB, and seldom a multiple of the system's pages.
            let min = 65_536 + u64::from(choices.below(100));
            MemoryType {
                page_size_log2: 0,
                limits: Limits { min, max: Some(min + u64::from(choices.below(300))) },
                ..ty
            }
        } else {
            MemoryType { shared: config.atomics && choices.one_in(4), ..ty }
        });
        let address = if wide { ValType::I64 } else { ValType::I32 };
        // Near both ends of a memory, where most accesses are, there are bytes that are not zero.
        for place in [0, 65_536 - 64] {
            let bytes = (0..choices.within(8, 64)).map(|_| choices.below(256) as u8).collect();
            let offset = constant_expression(choices, address, place);
            module.data.push(Data { placement: Placement::Active(memory, offset), bytes });
        }
    }
    if config.segments && config.bulk {
        for _ in 0..choices.below(3) {
            let bytes = (0..choices.below(40)).map(|_| choices.below(256) as u8).collect();
            module.data.push(Data { placement: Placement::Passive, bytes });
        }
    }
}

/// Makes a constant expression with the given integer value. It is not always a single constant.
fn constant_expression(choices: &mut dyn Choices, ty: ValType, wanted: u64) -> Vec<Operator> {
    if !choices.one_in(4) {
        return vec![Operator::Const(ty, wanted)];
    }
    let part = u64::from(choices.below(1000));
    let (add, rest) = if ty == ValType::I32 {
        (BinaryOp::I32Add, u64::from((wanted as u32).wrapping_sub(part as u32)))
    } else {
        (BinaryOp::I64Add, wanted.wrapping_sub(part))
    };
    vec![Operator::Const(ty, rest), Operator::Const(ty, part), Operator::Binary(add)]
}

fn globals(choices: &mut dyn Choices, config: &Config, module: &mut Module) {
    let mut add = |choices: &mut dyn Choices, ty: ValType, mutable| {
        let init = match ty {
            ValType::FuncRef if choices.one_in(2) => {
                vec![Operator::RefFunc(choices.below(module.functions.len() as u32))]
            }
            ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => vec![Operator::RefNull(ty)],
            ValType::I32 | ValType::I64 => {
                let wanted = value(ty, choices);
                constant_expression(choices, ty, wanted)
            }
            ValType::V128 => vec![Operator::VectorConst(vector_bits(choices))],
            ValType::F32 | ValType::F64 => vec![Operator::Const(ty, value(ty, choices))],
        };
        module.globals.push(Global { ty, mutable, init });
    };
    for &ty in config.number_types() {
        add(choices, ty, true);
    }
    if config.vectors {
        add(choices, ValType::V128, true);
    }
    let from = value_types(config, config.references);
    for _ in 0..choices.below(4) {
        let ty = choices.pick(&from);
        let mutable = !choices.one_in(4);
        add(choices, ty, mutable);
    }
    if config.references && choices.one_in(3) {
        let ty = choices.pick(reference_types(config));
        add(choices, ty, true);
    }
}

fn tables(choices: &mut dyn Choices, config: &Config, module: &mut Module) {
    let count = match (config.table64, config.references) {
        (true, _) => choices.within(1, 3),
        (false, true) if choices.one_in(4) => 2,
        (false, _) => 1,
    };
    let functions = module.functions.len() as u32;
    let items = |choices: &mut dyn Choices, most| -> Vec<Option<u32>> {
        (0..choices.within(1, most)).map(|_| (!choices.one_in(4)).then(|| choices.below(functions))).collect()
    };
    for table in 0..count {
        let wide = config.table64 && choices.one_in(2);
        let ty = TableType::new(ValType::FuncRef, TABLE_SIZE, Some(TABLE_SIZE + choices.below(8)));
        let ty = TableType { table64: wide, ..ty };
        module.tables.push(ty);
        let functions = items(choices, TABLE_SIZE - 2);
        let first = u64::from(choices.below(3));
        let offset = constant_expression(choices, ty.index_type(), first);
        module.elements.push(Elements { placement: Placement::Active(table, offset), functions });
    }
    if config.segments && config.bulk {
        for _ in 0..choices.below(3) {
            let functions = items(choices, 6);
            module.elements.push(Elements { placement: Placement::Passive, functions });
        }
    }
}
