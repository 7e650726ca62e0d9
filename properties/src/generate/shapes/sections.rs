//! A module that is being made, and what the families have in common.

use wasm_encoder::{
    BlockType, CodeSection, DataSection, ElementSection, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, ImportSection, InstructionSink, MemArg, MemorySection, MemoryType, RefType, TableSection, TableType,
    TypeSection, ValType,
};

use ValType::{I32, I64};

/// The number of values that a branch carries: as many as a type may have.
pub(super) const WIDE: usize = 1000;
/// The type `i32 -> ()`, which `f` has.
pub(super) const TYPE_F: u32 = 0;
/// The type of a block or function with [`WIDE`] results.
pub(super) const WIDE_RESULTS: u32 = 1;
/// The type with [`WIDE`] parameters and results.
pub(super) const WIDE_BOTH: u32 = 2;
/// The type `() -> ()`.
pub(super) const NOTHING: u32 = 3;
/// The type with [`WIDE`] parameters.
pub(super) const WIDE_PARAMS: u32 = 4;

pub(super) const EMPTY: BlockType = BlockType::Empty;

pub(super) type Code<'c, 'i> = &'c mut InstructionSink<'i>;
/// Adds a few operators, and returns the code to add more to.
pub(super) type Operators = for<'c, 'i> fn(Code<'c, 'i>) -> Code<'c, 'i>;

/// The sections of a module.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) types: TypeSection,
    pub(super) imports: ImportSection,
    pub(super) functions: FunctionSection,
    pub(super) tables: TableSection,
    pub(super) memories: MemorySection,
    pub(super) globals: GlobalSection,
    pub(super) exports: ExportSection,
    pub(super) elements: ElementSection,
    pub(super) code: CodeSection,
    pub(super) data: DataSection,
}

impl Sections {
    /// Makes a module with the types above, a table and a memory.
    pub(super) fn new() -> Sections {
        let mut sections = Sections::default();
        let wide = || std::iter::repeat_n(I64, WIDE);
        sections.types.ty().function([I32], []);
        sections.types.ty().function([], wide());
        sections.types.ty().function(wide(), wide());
        sections.types.ty().function([], []);
        sections.types.ty().function(wide(), []);
        let limits =
            |element_type| TableType { element_type, table64: false, minimum: 1, maximum: None, shared: false };
        sections.tables.table(limits(RefType::FUNCREF));
        let memory = MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        sections.memories.memory(memory);
        sections
    }

    /// Adds a function of the type with this index.
    pub(super) fn function(&mut self, ty: u32, locals: &[(u32, ValType)], body: impl FnOnce(Code<'_, '_>)) {
        let mut function = Function::new(locals.iter().copied());
        body(&mut function.instructions());
        function.instructions().end();
        self.functions.function(ty);
        self.code.function(&function);
    }

    /// Adds the function that is exported as `f`, with two more locals.
    pub(super) fn f(&mut self, body: impl FnOnce(Code<'_, '_>)) {
        self.exports.export("f", ExportKind::Func, self.imports.len() + self.functions.len());
        self.function(TYPE_F, &[(2, I32)], body);
    }

    /// Adds function 1, of type [`WIDE_BOTH`], and function 2, which does nothing.
    pub(super) fn callees(&mut self) {
        self.function(WIDE_BOTH, &[], |code| {
            for at in 0..WIDE as u32 {
                code.local_get(at);
            }
        });
        self.function(NOTHING, &[], |_| {});
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.into_module().finish()
    }

    pub(super) fn into_module(self) -> wasm_encoder::Module {
        let mut module = wasm_encoder::Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions).section(&self.tables);
        module.section(&self.memories).section(&self.globals).section(&self.exports).section(&self.elements);
        module.section(&self.code).section(&self.data);
        module
    }
}

pub(super) fn access(offset: u64) -> MemArg {
    MemArg { offset, align: 2, memory_index: 0 }
}

pub(super) fn byte(offset: u64) -> MemArg {
    MemArg { offset, align: 0, memory_index: 0 }
}

pub(super) fn drop_all(code: Code<'_, '_>, count: usize) {
    for _ in 0..count {
        code.drop();
    }
}

/// Branches out of the innermost block, which has [`WIDE`] results, in every four of some bytes, on the parameter of `f`.
pub(super) fn branch_out(code: Code<'_, '_>, bytes: usize) {
    for _ in 0..bytes / 4 {
        code.local_get(0).br_if(0);
    }
    code.br(0).end();
    drop_all(code, WIDE);
}

pub(super) fn push_constants(code: Code<'_, '_>) {
    for at in 0..WIDE {
        code.i64_const(at as i64);
    }
}

/// Makes a module whose `f` has this body.
pub(super) fn single(body: impl FnOnce(Code<'_, '_>)) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(body);
    sections.callees();
    sections.finish()
}
