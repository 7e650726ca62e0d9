//! Encodes generated modules in the binary format.

use std::borrow::Cow;
use std::collections::HashMap;

use wasm_encoder::{
    BlockType, BranchHint, BranchHints, Catch, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection,
    Encode as _, ExportKind, ExportSection, FunctionSection, GlobalSection, HeapType, Ieee32, Ieee64, Instruction,
    MemArg, MemorySection, RefType, TableSection, TagKind, TagSection, TagType, TypeSection,
};

use riser_translator::ops::{
    AtomicOp, BinaryOp, ExtractOp, LoadLaneOp, LoadOp, ReplaceOp, StoreLaneOp, StoreOp, UnaryOp, VectorLoadOp,
    VectorOp, WideOp,
};
use riser_translator::types::{FuncType, ValType};

use super::module::{Module, Placement};
use super::operator::{Access, Clause, Operator};

/// Expands to functions that convert operations of the table to instructions, which have the same names.
macro_rules! instructions {
    (
        int_binary { $($IB:ident $ib:literal $ib_c:literal $ib_fn:ident($ib_l:ident, $ib_r:ident) -> $ib_o:ident;)* }
        int_compare { $($IC:ident $ic:literal $ic_c:literal $ic_fn:ident($ic_l:ident, $ic_r:ident) -> $ic_o:ident;)* }
        float_binary { $($FB:ident $fb:literal $fb_c:literal $fb_fn:ident($fb_l:ident, $fb_r:ident) -> $fb_o:ident;)* }
        float_compare { $($FC:ident $fc:literal $fc_c:literal $fc_fn:ident($fc_l:ident, $fc_r:ident) -> $fc_o:ident;)* }
        unary { $($U:ident $u:literal $u_c:literal $u_fn:ident($u_i:ident) -> $u_o:ident;)* }
        load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
    ) => {
        fn unary(op: UnaryOp) -> Instruction<'static> {
            match op { $(UnaryOp::$U => Instruction::$U,)* }
        }

        fn binary(op: BinaryOp) -> Instruction<'static> {
            match op {
                $(BinaryOp::$IB => Instruction::$IB,)*
                $(BinaryOp::$IC => Instruction::$IC,)*
                $(BinaryOp::$FB => Instruction::$FB,)*
                $(BinaryOp::$FC => Instruction::$FC,)*
            }
        }

        fn load(op: LoadOp, memarg: MemArg) -> Instruction<'static> {
            match op { $(LoadOp::$L => Instruction::$L(memarg),)* }
        }

        fn store(op: StoreOp, memarg: MemArg) -> Instruction<'static> {
            match op { $(StoreOp::$S => Instruction::$S(memarg),)* }
        }
    };
}

riser_translator::for_each_operation!(instructions);

/// Expands to the same for wide arithmetic.
macro_rules! wide_instructions {
    (wide { $($W:ident $w:literal $w_c:literal $w_fn:ident($($w_i:ident),*) -> $w_o:ident;)* }) => {
        fn wide(op: WideOp) -> Instruction<'static> {
            match op { $(WideOp::$W => Instruction::$W,)* }
        }
    };
}

riser_translator::for_each_wide_operation!(wide_instructions);

/// Expands to the same for atomic operations.
macro_rules! atomic_instructions {
    (atomic { $($A:ident $a:literal $a_c:literal $a_k:ident($a_m:ident) -> $a_v:ident;)* }) => {
        fn atomic(op: AtomicOp, memarg: MemArg) -> Instruction<'static> {
            match op { $(AtomicOp::$A => Instruction::$A(memarg),)* }
        }
    };
}

riser_translator::for_each_atomic_operation!(atomic_instructions);

/// Expands to the same for the operations of the table of vector operations.
macro_rules! vector_instructions {
    (
        vector { $($V:ident $v:literal $v_c:literal $v_fn:ident($($v_i:ident),*) -> $v_o:ident;)* }
        relaxed { $($R:ident $r:literal $r_c:literal $r_fn:ident($($r_i:ident),*) -> $r_o:ident;)* }
        extract { $($E:ident $e:literal $e_c:literal $e_fn:ident($e_v:ident) -> $e_o:ident;)* }
        replace { $($P:ident $p:literal $p_c:literal $p_fn:ident($p_v:ident, $p_i:ident) -> $p_o:ident;)* }
        load { $($L:ident $l:literal $l_c:literal $l_fn:ident($l_m:ident) -> $l_v:ident;)* }
        store { $($S:ident $s:literal $s_c:literal $s_fn:ident($s_v:ident) -> $s_m:ident;)* }
        load_lane { $($LL:ident $ll:literal $ll_c:literal $ll_fn:ident($ll_m:ident, $ll_v:ident) -> $ll_o:ident;)* }
        store_lane { $($SL:ident $sl:literal $sl_c:literal $sl_fn:ident($sl_v:ident) -> $sl_m:ident;)* }
    ) => {
        fn vector(op: VectorOp) -> Instruction<'static> {
            match op {
                $(VectorOp::$V => Instruction::$V,)*
                $(VectorOp::$R => Instruction::$R,)*
            }
        }

        fn extract_lane(op: ExtractOp, lane: u8) -> Instruction<'static> {
            match op { $(ExtractOp::$E => Instruction::$E(lane),)* }
        }

        fn replace_lane(op: ReplaceOp, lane: u8) -> Instruction<'static> {
            match op { $(ReplaceOp::$P => Instruction::$P(lane),)* }
        }

        fn vector_load(op: VectorLoadOp, memarg: MemArg) -> Instruction<'static> {
            match op { $(VectorLoadOp::$L => Instruction::$L(memarg),)* }
        }

        fn load_lane(op: LoadLaneOp, lane: u8, memarg: MemArg) -> Instruction<'static> {
            match op { $(LoadLaneOp::$LL => Instruction::$LL { memarg, lane },)* }
        }

        fn store_lane(op: StoreLaneOp, lane: u8, memarg: MemArg) -> Instruction<'static> {
            match op { $(StoreLaneOp::$SL => Instruction::$SL { memarg, lane },)* }
        }
    };
}

riser_translator::for_each_vector_operation!(vector_instructions);

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

fn instruction<'o>(operator: &'o Operator, types: &mut Types) -> Instruction<'o> {
    match *operator {
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
        Operator::Unary(op) => unary(op),
        Operator::Binary(op) => binary(op),
        Operator::Load(op, access) => load(op, memarg(access)),
        Operator::Store(op, access) => store(op, memarg(access)),
        Operator::VectorConst(bits) => Instruction::V128Const(bits.cast_signed()),
        Operator::Vector(op) => vector(op),
        Operator::Wide(op) => wide(op),
        Operator::Shuffle(lanes) => Instruction::I8x16Shuffle(lanes),
        Operator::ExtractLane(op, lane) => extract_lane(op, lane),
        Operator::ReplaceLane(op, lane) => replace_lane(op, lane),
        Operator::VectorLoad(op, access) => vector_load(op, memarg(access)),
        Operator::VectorStore(access) => Instruction::V128Store(memarg(access)),
        Operator::LoadLane(op, lane, access) => load_lane(op, lane, memarg(access)),
        Operator::StoreLane(op, lane, access) => store_lane(op, lane, memarg(access)),
        Operator::Atomic(op, access) => atomic(op, memarg(access)),
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
    }
}

fn const_expr(operators: &[Operator], types: &mut Types) -> ConstExpr {
    let mut bytes = Vec::new();
    for operator in operators {
        instruction(operator, types).encode(&mut bytes);
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
        let mut branches = Vec::new();
        for operator in &function.body {
            if matches!(operator, Operator::If(_) | Operator::BrIf(_)) {
                branches.push(body.byte_len() as u32);
            }
            body.instruction(&instruction(operator, &mut types));
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
