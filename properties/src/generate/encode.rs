//! Encodes generated modules in the binary format.

use std::borrow::Cow;
use std::collections::HashMap;

use wasm_encoder::{
    BlockType, BranchHint, BranchHints, Catch, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection,
    Encode as _, ExportKind, ExportSection, FunctionSection, GlobalSection, HeapType, Ieee32, Ieee64, Instruction,
    MemArg, MemorySection, RefType, TableSection, TagKind, TagSection, TagType, TypeSection,
};

use riser_translator::types::{FuncType, ValType};

use super::module::{Module, Placement};
use super::operator::{Access, Clause, Operator};

/// The type section, with each type once, in the order of first use.
#[derive(Default)]
struct Types {
    section: TypeSection,
    indices: HashMap<FuncType, u32>,
}

impl Types {
    fn index(&mut self, ty: &FuncType) -> u32 {
        if let Some(&index) = self.indices.get(ty) {
            return index;
        }
        let index = self.section.len();
        self.section
            .ty()
            .function(ty.params().iter().map(|&ty| val_type(ty)), ty.results().iter().map(|&ty| val_type(ty)));
        self.indices.insert(ty.clone(), index);
        index
    }

    fn block(&mut self, ty: &FuncType) -> BlockType {
        match (ty.params(), ty.results()) {
            ([], []) => BlockType::Empty,
            ([], &[result]) => BlockType::Result(val_type(result)),
            _ => BlockType::FunctionType(self.index(ty)),
        }
    }
}

fn val_type(ty: ValType) -> wasm_encoder::ValType {
    match ty {
        ValType::I32 => wasm_encoder::ValType::I32,
        ValType::I64 => wasm_encoder::ValType::I64,
        ValType::F32 => wasm_encoder::ValType::F32,
        ValType::F64 => wasm_encoder::ValType::F64,
        ValType::V128 => wasm_encoder::ValType::V128,
        ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => wasm_encoder::ValType::Ref(ref_type(ty)),
    }
}

fn ref_type(ty: ValType) -> RefType {
    match ty {
        ValType::ExternRef => RefType::EXTERNREF,
        ValType::ExnRef => RefType::EXNREF,
        ValType::FuncRef | ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => {
            RefType::FUNCREF
        }
    }
}

fn heap_type(ty: ValType) -> HeapType {
    ref_type(ty).heap_type
}

fn memarg(access: Access) -> MemArg {
    MemArg { offset: access.offset, align: access.align, memory_index: access.memory }
}

fn catch(clause: &Clause) -> Catch {
    let Clause { tag, reference, label } = *clause;
    match (tag, reference) {
        (Some(tag), false) => Catch::One { tag, label },
        (Some(tag), true) => Catch::OneRef { tag, label },
        (None, false) => Catch::All { label },
        (None, true) => Catch::AllRef { label },
    }
}

fn constant(ty: ValType, bits: u64) -> Instruction<'static> {
    match ty {
        ValType::I32 => Instruction::I32Const(bits as i32),
        ValType::I64 => Instruction::I64Const(bits as i64),
        ValType::F32 => Instruction::F32Const(Ieee32::new(bits as u32)),
        ValType::F64 => Instruction::F64Const(Ieee64::new(bits)),
        ValType::V128 => Instruction::V128Const(bits.into()),
        ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => Instruction::RefNull(heap_type(ty)),
    }
}

/// Writes a row of an operation table: its opcode, which may be behind a prefix byte, and its immediates.
fn row(opcode: u32, access: Option<Access>, lane: Option<u8>, bytes: &mut Vec<u8>) {
    match opcode >> 12 {
        0 => bytes.push(opcode as u8),
        prefix => {
            bytes.push(prefix as u8);
            (opcode & 0xfff).encode(bytes);
        }
    }
    if let Some(access) = access {
        memarg(access).encode(bytes);
    }
    bytes.extend(lane);
}

/// Writes an operator.
fn encode(operator: &Operator, types: &mut Types, bytes: &mut Vec<u8>) {
    let instruction = match *operator {
        Operator::Unreachable => Instruction::Unreachable,
        Operator::Nop => Instruction::Nop,
        Operator::Block(ref ty) => Instruction::Block(types.block(ty)),
        Operator::Loop(ref ty) => Instruction::Loop(types.block(ty)),
        Operator::If(ref ty) => Instruction::If(types.block(ty)),
        Operator::TryTable(ref ty, ref clauses) => {
            Instruction::TryTable(types.block(ty), clauses.iter().map(catch).collect())
        }
        Operator::Try(ref ty) => Instruction::Try(types.block(ty)),
        Operator::Else => Instruction::Else,
        Operator::Catch(tag) => Instruction::Catch(tag),
        Operator::CatchAll => Instruction::CatchAll,
        Operator::End => Instruction::End,
        Operator::Delegate(depth) => Instruction::Delegate(depth),
        Operator::Br(depth) => Instruction::Br(depth),
        Operator::BrIf(depth) => Instruction::BrIf(depth),
        Operator::BrTable(ref depths) => match depths.split_last() {
            Some((&default, depths)) => Instruction::BrTable(Cow::Borrowed(depths), default),
            None => Instruction::BrTable(Cow::Borrowed(&[]), 0),
        },
        Operator::Return => Instruction::Return,
        Operator::Call(function) => Instruction::Call(function),
        Operator::ReturnCall(function) => Instruction::ReturnCall(function),
        Operator::CallIndirect(table_index, ref ty) => {
            Instruction::CallIndirect { type_index: types.index(ty), table_index }
        }
        Operator::ReturnCallIndirect(table_index, ref ty) => {
            Instruction::ReturnCallIndirect { type_index: types.index(ty), table_index }
        }
        Operator::Throw(tag) => Instruction::Throw(tag),
        Operator::ThrowRef => Instruction::ThrowRef,
        Operator::Rethrow(depth) => Instruction::Rethrow(depth),
        Operator::Drop => Instruction::Drop,
        Operator::Select => Instruction::Select,
        Operator::TypedSelect(ty) => Instruction::TypedSelect(val_type(ty)),
        Operator::LocalGet(local) => Instruction::LocalGet(local),
        Operator::LocalSet(local) => Instruction::LocalSet(local),
        Operator::LocalTee(local) => Instruction::LocalTee(local),
        Operator::GlobalGet(global) => Instruction::GlobalGet(global),
        Operator::GlobalSet(global) => Instruction::GlobalSet(global),
        Operator::Const(ty, bits) => constant(ty, bits),
        Operator::RefNull(ty) => Instruction::RefNull(heap_type(ty)),
        Operator::RefIsNull(_) => Instruction::RefIsNull,
        Operator::RefFunc(function) => Instruction::RefFunc(function),
        Operator::Unary(op) => return row(op.opcode(), None, None, bytes),
        Operator::Binary(op) => return row(op.opcode(), None, None, bytes),
        Operator::Load(op, access) => return row(op.opcode(), Some(access), None, bytes),
        Operator::Store(op, access) => return row(op.opcode(), Some(access), None, bytes),
        Operator::VectorConst(bits) => Instruction::V128Const(bits.cast_signed()),
        Operator::Vector(op) => return row(op.opcode(), None, None, bytes),
        Operator::Wide(op) => return row(op.opcode(), None, None, bytes),
        Operator::Shuffle(lanes) => Instruction::I8x16Shuffle(lanes),
        Operator::ExtractLane(op, lane) => return row(op.opcode(), None, Some(lane), bytes),
        Operator::ReplaceLane(op, lane) => return row(op.opcode(), None, Some(lane), bytes),
        Operator::VectorLoad(op, access) => return row(op.opcode(), Some(access), None, bytes),
        Operator::VectorStore(access) => Instruction::V128Store(memarg(access)),
        Operator::LoadLane(op, lane, access) => return row(op.opcode(), Some(access), Some(lane), bytes),
        Operator::StoreLane(op, lane, access) => return row(op.opcode(), Some(access), Some(lane), bytes),
        Operator::Atomic(op, access) => return row(op.opcode(), Some(access), None, bytes),
        Operator::AtomicFence => Instruction::AtomicFence,
        Operator::MemorySize(memory) => Instruction::MemorySize(memory),
        Operator::MemoryGrow(memory) => Instruction::MemoryGrow(memory),
        Operator::MemoryFill(memory) => Instruction::MemoryFill(memory),
        Operator::MemoryCopy { dst, src } => Instruction::MemoryCopy { src_mem: src, dst_mem: dst },
        Operator::MemoryInit { memory, segment } => Instruction::MemoryInit { mem: memory, data_index: segment },
        Operator::DataDrop(segment) => Instruction::DataDrop(segment),
        Operator::TableGet(table) => Instruction::TableGet(table),
        Operator::TableSet(table) => Instruction::TableSet(table),
        Operator::TableSize(table) => Instruction::TableSize(table),
        Operator::TableGrow(table) => Instruction::TableGrow(table),
        Operator::TableFill(table) => Instruction::TableFill(table),
        Operator::TableCopy { dst, src } => Instruction::TableCopy { src_table: src, dst_table: dst },
        Operator::TableInit { table, segment } => Instruction::TableInit { elem_index: segment, table },
        Operator::ElemDrop(segment) => Instruction::ElemDrop(segment),
    };
    instruction.encode(bytes);
}

fn const_expr(operators: &[Operator], types: &mut Types) -> ConstExpr {
    let mut bytes = Vec::new();
    for operator in operators {
        encode(operator, types, &mut bytes);
    }
    ConstExpr::raw(bytes)
}

/// Returns the module in the binary format.
pub(super) fn module(module: &Module) -> Vec<u8> {
    let mut types = Types::default();
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut hints = BranchHints::new();
    for (index, function) in module.functions.iter().enumerate() {
        functions.function(types.index(&function.ty));
        let mut body = wasm_encoder::Function::new_with_locals_types(function.locals.iter().map(|&ty| val_type(ty)));
        let (mut branches, mut bytes) = (Vec::new(), Vec::new());
        for operator in &function.body {
            if matches!(operator, Operator::If(_) | Operator::BrIf(_)) {
                branches.push(body.byte_len() as u32);
            }
            bytes.clear();
            encode(operator, &mut types, &mut bytes);
            body.raw(bytes.iter().copied());
        }
        let hint = |(nth, &at): (usize, &u32)| {
            let bits = module.hints >> (nth % 16 * 2) & 3;
            (bits >= 2).then_some(BranchHint { branch_func_offset: at, branch_hint_value: bits & 1 })
        };
        let hinted: Vec<BranchHint> = branches.iter().enumerate().filter_map(hint).collect();
        if !hinted.is_empty() {
            hints.function_hints(index as u32, hinted);
        }
        body.instruction(&Instruction::End);
        code.function(&body);
    }
    let mut tags = TagSection::new();
    for ty in &module.tags {
        tags.tag(TagType { kind: TagKind::Exception, func_type_idx: types.index(ty) });
    }
    let mut globals = GlobalSection::new();
    for global in &module.globals {
        let ty = wasm_encoder::GlobalType { val_type: val_type(global.ty), mutable: global.mutable, shared: false };
        globals.global(ty, &const_expr(&global.init, &mut types));
    }
    let elements = elements(module, &mut types);
    let data = data(module, &mut types);

    let mut bytes = wasm_encoder::Module::new();
    bytes.section(&types.section).section(&functions);
    if !module.tables.is_empty() {
        bytes.section(&tables(module));
    }
    if !module.memories.is_empty() {
        bytes.section(&memories(module));
    }
    if !tags.is_empty() {
        bytes.section(&tags);
    }
    if !globals.is_empty() {
        bytes.section(&globals);
    }
    bytes.section(&exports(module));
    if !elements.is_empty() {
        bytes.section(&elements);
    }
    if !data.is_empty() {
        bytes.section(&DataCountSection { count: data.len() });
    }
    if !hints.is_empty() {
        bytes.section(&hints);
    }
    bytes.section(&code);
    if !data.is_empty() {
        bytes.section(&data);
    }
    bytes.finish()
}

fn tables(module: &Module) -> TableSection {
    let mut section = TableSection::new();
    for ty in &module.tables {
        section.table(wasm_encoder::TableType {
            element_type: ref_type(ty.element),
            table64: ty.table64,
            minimum: ty.limits.min,
            maximum: ty.limits.max,
            shared: false,
        });
    }
    section
}

fn memories(module: &Module) -> MemorySection {
    let mut section = MemorySection::new();
    for ty in &module.memories {
        section.memory(wasm_encoder::MemoryType {
            minimum: ty.limits.min,
            maximum: ty.limits.max,
            memory64: ty.memory64,
            shared: ty.shared,
            page_size_log2: (ty.page_size_log2 == 0).then_some(0),
        });
    }
    section
}

fn exports(module: &Module) -> ExportSection {
    let mut section = ExportSection::new();
    for index in 0..module.functions.len() as u32 {
        section.export(&format!("f{index}"), ExportKind::Func, index);
    }
    let numbered = |name: &str, index: u32| if index == 0 { name.to_string() } else { format!("{name}{index}") };
    for index in 0..module.memories.len() as u32 {
        section.export(&numbered("memory", index), ExportKind::Memory, index);
    }
    for index in 0..module.tables.len() as u32 {
        section.export(&numbered("table", index), ExportKind::Table, index);
    }
    for index in 0..module.tags.len() as u32 {
        section.export(&format!("t{index}"), ExportKind::Tag, index);
    }
    for index in 0..module.globals.len() as u32 {
        section.export(&format!("g{index}"), ExportKind::Global, index);
    }
    section
}

fn elements(module: &Module, types: &mut Types) -> ElementSection {
    let mut section = ElementSection::new();
    for segment in &module.elements {
        let item = |function: &Option<u32>| match *function {
            Some(function) => ConstExpr::ref_func(function),
            None => ConstExpr::ref_null(HeapType::FUNC),
        };
        let all: Option<Vec<u32>> = segment.functions.iter().copied().collect();
        let items = match all {
            Some(functions) => wasm_encoder::Elements::Functions(functions.into()),
            None => {
                let items: Vec<ConstExpr> = segment.functions.iter().map(item).collect();
                wasm_encoder::Elements::Expressions(RefType::FUNCREF, items.into())
            }
        };
        match &segment.placement {
            Placement::Active(table, offset) => {
                section.active((*table != 0).then_some(*table), &const_expr(offset, types), items);
            }
            Placement::Passive => {
                section.passive(items);
            }
        }
    }
    section
}

fn data(module: &Module, types: &mut Types) -> DataSection {
    let mut section = DataSection::new();
    for segment in &module.data {
        let bytes = segment.bytes.iter().copied();
        match &segment.placement {
            Placement::Active(memory, offset) => section.active(*memory, &const_expr(offset, types), bytes),
            Placement::Passive => section.passive(bytes),
        };
    }
    section
}
