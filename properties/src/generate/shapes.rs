//! Modules that cost much for their size unless care is taken: for tests of time and memory.
//!
//! A [`Shape`] makes a module of about the requested number of bytes. The function `f`, which takes an `i32`, is the
//! one to translate; most of them can be called, too. Each shape is one way in which few bytes can mean much: a branch
//! that carries a thousand values, operands that wait across many labels, locals that many blocks share, entities by
//! the thousand.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, InstructionSink, MemArg, MemorySection,
    MemoryType, NameMap, NameSection, RefType, TableSection, TableType, TypeSection, ValType,
};

use ValType::{I32, I64};

/// A family of modules of different sizes.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The name of the shape.
    pub name: &'static str,
    /// Makes a module of about this number of bytes.
    pub module: fn(usize) -> Vec<u8>,
}

/// The number of values that a branch carries: as many as a type may have.
const WIDE: usize = 1000;
/// The maximum number of locals of a function.
const MOST_LOCALS: u32 = 50_000;
/// The number of locals in shapes with many.
const LOCALS: u32 = 1000;
/// The type `i32 -> ()`, which `f` has.
const TYPE_F: u32 = 0;
/// The type of a block or function with [`WIDE`] results.
const WIDE_RESULTS: u32 = 1;
/// The type with [`WIDE`] parameters and results.
const WIDE_BOTH: u32 = 2;
/// The type `() -> ()`.
const NOTHING: u32 = 3;
/// The type with [`WIDE`] parameters.
const WIDE_PARAMS: u32 = 4;

/// Every shape.
pub const SHAPES: &[Shape] = &[
    Shape { name: "branches with values in place", module: |bytes| branches(bytes, 0, false) },
    Shape { name: "branches with values to move", module: |bytes| branches(bytes, 1, false) },
    Shape { name: "branches with pending reads", module: |bytes| branches(bytes, 1, true) },
    Shape { name: "branches from arms with values", module: arms },
    Shape { name: "branch tables with values", module: tables },
    Shape { name: "returns with values", module: returns },
    Shape { name: "tail calls with values", module: tail_calls },
    Shape { name: "loops repeated with values", module: repeated_loops },
    Shape { name: "blocks with parameters", module: |bytes| parameters(bytes, 3, |code, ty| code.block(ty).end()) },
    Shape { name: "loops with parameters", module: |bytes| parameters(bytes, 3, |code, ty| code.loop_(ty).end()) },
    Shape {
        name: "ifs with parameters",
        module: |bytes| parameters(bytes, 6, |code, ty| code.local_get(0).if_(ty).else_().end()),
    },
    Shape { name: "calls with values", module: |bytes| parameters(bytes, 2, |code, _| code.call(1)) },
    Shape { name: "operands across blocks", module: |bytes| operands(bytes, 3, |code| code.block(EMPTY).end()) },
    Shape { name: "operands across loops", module: |bytes| operands(bytes, 3, |code| code.loop_(EMPTY).end()) },
    Shape {
        name: "operands across ifs",
        module: |bytes| operands(bytes, 6, |code| code.local_get(0).if_(EMPTY).else_().end()),
    },
    Shape { name: "operands across branches", module: |bytes| operands(bytes, 4, |code| code.local_get(0).br_if(0)) },
    Shape { name: "operands across calls", module: |bytes| operands(bytes, 2, |code| code.call(2)) },
    Shape {
        name: "operands across writes",
        module: |bytes| operands(bytes, 8, |code| code.local_get(0).local_set(1).local_get(1).local_set(0)),
    },
    Shape { name: "locals that nobody uses", module: unused_locals },
    Shape { name: "locals across loops", module: |bytes| locals(bytes, Around::Loop) },
    Shape { name: "locals across ifs", module: |bytes| locals(bytes, Around::If) },
    Shape { name: "locals in nested loops", module: |bytes| locals(bytes, Around::NestedLoop) },
    Shape { name: "locals where many branches meet", module: locals_at_a_join },
    Shape { name: "computations between branches", module: between_branches },
    Shape { name: "nested blocks", module: |bytes| nested(bytes, 3, |code| code.block(EMPTY)) },
    Shape { name: "nested loops", module: |bytes| nested(bytes, 3, |code| code.loop_(EMPTY)) },
    Shape { name: "nested ifs", module: |bytes| nested(bytes, 5, |code| code.local_get(0).if_(EMPTY)) },
    Shape { name: "nested blocks left from within", module: left_from_within },
    Shape { name: "branch tables", module: wide_table },
    Shape {
        name: "additions",
        module: |bytes| straight(bytes, 4, |code| code.local_get(0).i32_const(7).i32_add().drop()),
    },
    Shape {
        name: "loads and stores",
        module: |bytes| {
            straight(bytes, 10, |code| code.local_get(0).local_get(0).i32_load(access(4)).i32_store(access(8)))
        },
    },
    Shape {
        name: "selects",
        module: |bytes| {
            straight(bytes, 10, |code| code.local_get(0).local_get(0).local_get(0).select().local_set(1).nop())
        },
    },
    Shape {
        name: "tees",
        module: |bytes| straight(bytes, 9, |code| code.local_get(0).local_tee(1).local_tee(0).drop()),
    },
    Shape { name: "calls", module: |bytes| straight(bytes, 2, |code| code.call(2)) },
    Shape {
        name: "indirect calls",
        module: |bytes| straight(bytes, 5, |code| code.i32_const(0).call_indirect(0, NOTHING)),
    },
    Shape { name: "calls of many functions", module: many_callees },
    Shape { name: "many functions", module: many_functions },
    Shape { name: "many types", module: many_types },
    Shape { name: "many imports", module: many_imports },
    Shape { name: "many exports", module: many_exports },
    Shape { name: "many globals", module: many_globals },
    Shape { name: "many names", module: many_names },
    Shape { name: "many segments", module: many_segments },
    Shape { name: "long segments", module: long_segments },
    Shape { name: "long expressions", module: long_expression },
    Shape { name: "custom sections", module: custom },
];

const EMPTY: BlockType = BlockType::Empty;

type Code<'c, 'i> = &'c mut InstructionSink<'i>;
/// Adds a few operators, and returns the code to add more to.
type Operators = for<'c, 'i> fn(Code<'c, 'i>) -> Code<'c, 'i>;

/// The sections of a module.
#[derive(Default)]
struct Sections {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
}

impl Sections {
    /// Makes a module with the types above, a table and a memory.
    fn new() -> Sections {
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
    fn function(&mut self, ty: u32, locals: &[(u32, ValType)], body: impl FnOnce(Code<'_, '_>)) {
        let mut function = Function::new(locals.iter().copied());
        body(&mut function.instructions());
        function.instructions().end();
        self.functions.function(ty);
        self.code.function(&function);
    }

    /// Adds the function that is exported as `f`, with two more locals.
    fn f(&mut self, body: impl FnOnce(Code<'_, '_>)) {
        self.exports.export("f", ExportKind::Func, self.imports.len() + self.functions.len());
        self.function(TYPE_F, &[(2, I32)], body);
    }

    /// Adds function 1, of type [`WIDE_BOTH`], and function 2, which does nothing.
    fn callees(&mut self) {
        self.function(WIDE_BOTH, &[], |code| {
            for at in 0..WIDE as u32 {
                code.local_get(at);
            }
        });
        self.function(NOTHING, &[], |_| {});
    }

    fn finish(self) -> Vec<u8> {
        self.into_module().finish()
    }

    fn into_module(self) -> wasm_encoder::Module {
        let mut module = wasm_encoder::Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions).section(&self.tables);
        module.section(&self.memories).section(&self.globals).section(&self.exports).section(&self.elements);
        module.section(&self.code).section(&self.data);
        module
    }
}

fn access(offset: u64) -> MemArg {
    MemArg { offset, align: 2, memory_index: 0 }
}

fn drop_all(code: Code<'_, '_>, count: usize) {
    for _ in 0..count {
        code.drop();
    }
}

fn push_constants(code: Code<'_, '_>) {
    for at in 0..WIDE {
        code.i64_const(at as i64);
    }
}

/// Makes a module whose `f` has this body.
fn single(body: impl FnOnce(Code<'_, '_>)) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(body);
    sections.callees();
    sections.finish()
}

/// Conditional branches out of a block with [`WIDE`] results, above `below` other operands.
fn branches(bytes: usize, below: usize, reads: bool) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(2, I64)], |code| {
        code.block(BlockType::FunctionType(WIDE_RESULTS));
        for _ in 0..below {
            code.i64_const(0);
        }
        for at in 0..WIDE {
            if reads {
                code.local_get(1)
            } else {
                code.i64_const(at as i64)
            };
        }
        for _ in 0..bytes / 4 {
            code.local_get(0).br_if(0);
        }
        code.br(0).end();
        drop_all(code, WIDE);
    });
    sections.finish()
}

/// Arms of `if`s that leave a block with the values that were on the stack before.
fn arms(bytes: usize) -> Vec<u8> {
    single(|code| {
        code.block(BlockType::FunctionType(WIDE_RESULTS)).i64_const(0);
        push_constants(code);
        for _ in 0..bytes / 8 {
            code.local_get(0).if_(BlockType::FunctionType(WIDE_BOTH)).br(1).end();
        }
        code.br(0).end();
        drop_all(code, WIDE);
    })
}

/// Branch tables to each of many blocks, with the same values, which have a different place in each.
fn tables(bytes: usize) -> Vec<u8> {
    const DEPTH: u32 = 100;
    single(|code| {
        for _ in 0..DEPTH {
            code.block(BlockType::FunctionType(WIDE_RESULTS)).i64_const(0);
        }
        push_constants(code);
        for _ in 0..bytes / (DEPTH as usize + 11) {
            code.local_get(0).if_(BlockType::FunctionType(WIDE_BOTH)).local_get(0).br_table(1..DEPTH + 1, 1).end();
        }
        for _ in 0..DEPTH {
            code.br(0).end();
        }
        drop_all(code, WIDE);
    })
}

/// Returns of [`WIDE`] values.
fn returns(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|code| {
        code.call(1);
        drop_all(code, WIDE);
    });
    sections.function(WIDE_RESULTS, &[(1, I32)], |code| {
        push_constants(code);
        for _ in 0..bytes / 9 {
            code.local_get(0).br_if(0).local_get(0).if_(BlockType::FunctionType(WIDE_BOTH)).return_().end();
        }
    });
    sections.finish()
}

/// Tail calls with [`WIDE`] arguments.
fn tail_calls(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|code| {
        push_constants(code);
        code.call(1);
    });
    sections.function(WIDE_PARAMS, &[(1, I32)], |code| {
        push_constants(code);
        for _ in 0..bytes / 8 {
            code.local_get(WIDE as u32).if_(BlockType::FunctionType(WIDE_BOTH)).return_call(2).end();
        }
        drop_all(code, WIDE);
    });
    sections.function(WIDE_PARAMS, &[], |_| {});
    sections.finish()
}

/// Branches back to loops with [`WIDE`] parameters.
fn repeated_loops(bytes: usize) -> Vec<u8> {
    single(|code| {
        push_constants(code);
        for _ in 0..bytes / 15 {
            code.loop_(BlockType::FunctionType(WIDE_BOTH)).local_get(0).br_if(0).end();
            code.loop_(BlockType::FunctionType(WIDE_BOTH)).local_get(0).br_if(0).end();
        }
        drop_all(code, WIDE);
    })
}

/// Operators that take and leave [`WIDE`] values, each of `each` bytes.
fn parameters(bytes: usize, each: usize, add: for<'c, 'i> fn(Code<'c, 'i>, BlockType) -> Code<'c, 'i>) -> Vec<u8> {
    single(|code| {
        push_constants(code);
        for _ in 0..bytes / each {
            add(code, BlockType::FunctionType(WIDE_BOTH));
        }
        drop_all(code, WIDE);
    })
}

/// Reads of a local in one half of the bytes, and in the other half operators of `each` bytes each.
fn operands(bytes: usize, each: usize, add: Operators) -> Vec<u8> {
    single(|code| {
        code.block(EMPTY);
        let pushed = bytes / 6;
        for _ in 0..pushed {
            code.local_get(0);
        }
        for _ in 0..bytes / 2 / each {
            add(code);
        }
        drop_all(code, pushed);
        code.end();
    })
}

/// Functions that declare the maximum number of locals, and do nothing.
fn unused_locals(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    for _ in 0..bytes / 9 {
        sections.function(NOTHING, &[(MOST_LOCALS, I64)], |_| {});
    }
    sections.finish()
}

/// The construct around each use of a local.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Loop,
    If,
    NestedLoop,
}

/// Uses of [`LOCALS`] locals, in an order that differs from the order of their slots.
fn locals(bytes: usize, around: Around) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(LOCALS, I32)], |code| {
        let count = bytes / 15;
        for at in 0..count as u32 {
            let local = at.wrapping_mul(7919) % LOCALS + 1;
            match around {
                Around::If => code.local_get(local).if_(EMPTY),
                Around::Loop | Around::NestedLoop => code.loop_(EMPTY),
            };
            code.local_get(local).i32_const(1).i32_sub().local_set(local);
            match around {
                Around::If => code.end(),
                Around::Loop => code.local_get(local).br_if(0).end(),
                Around::NestedLoop => code.local_get(local).br_if(at),
            };
        }
        if around == Around::NestedLoop {
            for _ in 0..count {
                code.end();
            }
        }
    });
    sections.finish()
}

/// As many branches to the end of a block as there are uses of locals after it.
fn locals_at_a_join(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let count = (bytes / 10) as u32;
    let locals = count.min(MOST_LOCALS - 1);
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(locals, I32)], |code| {
        code.block(EMPTY);
        for at in 0..count {
            code.local_get(at % locals + 1).br_if(0);
        }
        code.end();
        for at in 0..locals {
            code.local_get(at + 1).drop();
        }
    });
    sections.finish()
}

/// Consecutive blocks, each of which may be left before it computes a value of its own.
fn between_branches(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.exports.export("f", ExportKind::Func, 0);
    sections.function(TYPE_F, &[(1, I32)], |code| {
        for at in 0..bytes / 16 {
            code.block(EMPTY).local_get(0).br_if(0);
            code.local_get(1).i32_const(1000 + at as i32).i32_add().local_set(1).end();
        }
    });
    sections.finish()
}

fn nested(bytes: usize, each: usize, open: Operators) -> Vec<u8> {
    single(|code| {
        let depth = bytes / each;
        for _ in 0..depth {
            open(code);
        }
        for _ in 0..depth {
            code.end();
        }
    })
}

/// Nested blocks, each with a branch out of the outermost one.
fn left_from_within(bytes: usize) -> Vec<u8> {
    single(|code| {
        let depth = (bytes / 8) as u32;
        for at in 0..depth {
            code.block(EMPTY).local_get(0).br_if(at);
        }
        for _ in 0..depth {
            code.end();
        }
    })
}

fn wide_table(bytes: usize) -> Vec<u8> {
    single(|code| {
        code.block(EMPTY).block(EMPTY).local_get(0).br_table((0..bytes as u32).map(|at| at % 2), 0).end().end();
    })
}

/// The same operators repeated, with `each` bytes each time.
fn straight(bytes: usize, each: usize, add: Operators) -> Vec<u8> {
    single(|code| {
        for _ in 0..bytes / each {
            add(code);
        }
    })
}

/// A function that calls each of many others once.
fn many_callees(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let count = (bytes / 7) as u32;
    sections.f(|code| {
        for function in 1..=count {
            code.call(function);
        }
    });
    (0..count).for_each(|_| sections.function(NOTHING, &[], |_| {}));
    sections.finish()
}

fn many_functions(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    (0..bytes / 4).for_each(|_| sections.function(NOTHING, &[], |_| {}));
    sections.finish()
}

/// Many types, each of which is the type of a function.
fn many_types(bytes: usize) -> Vec<u8> {
    const LEN: usize = 9;
    let mut sections = Sections::new();
    sections.f(|_| {});
    let first = sections.types.len();
    for at in 0..bytes / (LEN + 8) {
        let digit = |place: usize| [I32, I64, ValType::F32, ValType::F64][at >> (2 * place) & 3];
        sections.types.ty().function((0..LEN).map(digit), []);
        sections.function(first + at as u32, &[], |_| {});
    }
    sections.finish()
}

fn many_imports(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    for _ in 0..bytes / 4 {
        sections.imports.import("", "", wasm_encoder::EntityType::Function(NOTHING));
    }
    sections.f(|_| {});
    sections.finish()
}

/// Many functions, each of them exported.
fn many_exports(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    for at in 0..bytes / 15 {
        sections.exports.export(&format!("e{at:x}"), ExportKind::Func, sections.functions.len());
        sections.function(NOTHING, &[], |_| {});
    }
    sections.finish()
}

fn many_globals(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let ty = GlobalType { val_type: I32, mutable: false, shared: false };
    for _ in 0..bytes / 5 {
        sections.globals.global(ty, &ConstExpr::i32_const(1));
    }
    sections.f(|_| {});
    sections.finish()
}

/// Many functions with names.
fn many_names(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    let mut functions = NameMap::new();
    for at in 0..(bytes / 14) as u32 {
        functions.append(at, &format!("{at:x}"));
        sections.function(NOTHING, &[], |_| {});
    }
    let mut names = NameSection::new();
    names.functions(&functions);
    let mut module = sections.into_module();
    module.section(&names);
    module.finish()
}

fn many_segments(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    for _ in 0..(bytes / 12).min(90_000) {
        sections.data.active(0, &ConstExpr::i32_const(0), *b"x");
        sections.elements.active(None, &ConstExpr::i32_const(0), Elements::Functions([0][..].into()));
    }
    sections.finish()
}

fn long_segments(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    sections.data.passive(vec![7; bytes / 2]);
    sections.elements.passive(Elements::Functions(vec![0; bytes / 2].into()));
    sections.finish()
}

fn long_expression(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    let mut sum = ConstExpr::i32_const(0);
    for _ in 0..bytes / 3 {
        sum = sum.with_i32_const(1).with_i32_add();
    }
    sections.globals.global(GlobalType { val_type: I32, mutable: false, shared: false }, &sum);
    sections.f(|_| {});
    sections.finish()
}

fn custom(bytes: usize) -> Vec<u8> {
    let mut sections = Sections::new();
    sections.f(|_| {});
    let mut module = sections.into_module();
    for at in 0..10 {
        module.section(&CustomSection { name: format!("{at}").into(), data: vec![at; bytes / 10].into() });
    }
    module.finish()
}
