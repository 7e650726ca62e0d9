//! Modules that cost much for their size unless care is taken: for tests of time and memory.
//!
//! A [`Shape`] makes a module of about the requested number of bytes. The function `f`, which takes an `i32`, is the
//! one to translate; most of them can be called, too. Each shape is one way in which few bytes can mean much: a branch
//! that carries a thousand values, operands that wait across many labels, locals that many blocks share, entities by
//! the thousand.

mod control;
mod entities;
mod locals;
mod sections;
mod values;
mod vectors;

use locals::Around;
use sections::{EMPTY, NOTHING, Operators, access};
use wasm_encoder::Catch;

/// Ends a block.
const END: Operators = |code| code.end();

/// A family of modules of different sizes.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The name of the shape.
    pub name: &'static str,
    /// Makes a module of about this number of bytes.
    pub module: fn(usize) -> Vec<u8>,
}

/// Every shape.
pub const SHAPES: &[Shape] = &[
    Shape { name: "branches with values in place", module: |bytes| values::branches(bytes, 0, false) },
    Shape { name: "branches with values to move", module: |bytes| values::branches(bytes, 1, false) },
    Shape { name: "branches with pending reads", module: |bytes| values::branches(bytes, 1, true) },
    Shape { name: "branches from arms with values", module: values::arms },
    Shape { name: "branch tables with values", module: values::tables },
    Shape { name: "returns with values", module: values::returns },
    Shape { name: "tail calls with values", module: values::tail_calls },
    Shape { name: "loops repeated with values", module: values::repeated_loops },
    Shape {
        name: "blocks with parameters",
        module: |bytes| values::parameters(bytes, 3, |code, ty| code.block(ty).end()),
    },
    Shape {
        name: "loops with parameters",
        module: |bytes| values::parameters(bytes, 3, |code, ty| code.loop_(ty).end()),
    },
    Shape {
        name: "ifs with parameters",
        module: |bytes| values::parameters(bytes, 6, |code, ty| code.local_get(0).if_(ty).else_().end()),
    },
    Shape { name: "calls with values", module: |bytes| values::parameters(bytes, 2, |code, _| code.call(1)) },
    Shape {
        name: "operands across blocks",
        module: |bytes| values::operands(bytes, 3, |code| code.block(EMPTY).end()),
    },
    Shape { name: "operands across loops", module: |bytes| values::operands(bytes, 3, |code| code.loop_(EMPTY).end()) },
    Shape {
        name: "operands across ifs",
        module: |bytes| values::operands(bytes, 6, |code| code.local_get(0).if_(EMPTY).else_().end()),
    },
    Shape {
        name: "operands across branches",
        module: |bytes| values::operands(bytes, 4, |code| code.local_get(0).br_if(0)),
    },
    Shape { name: "operands across calls", module: |bytes| values::operands(bytes, 2, |code| code.call(2)) },
    Shape {
        name: "operands across writes",
        module: |bytes| values::operands(bytes, 8, |code| code.local_get(0).local_set(1).local_get(1).local_set(0)),
    },
    Shape { name: "locals that nobody uses", module: locals::unused_locals },
    Shape { name: "locals across loops", module: |bytes| locals::locals(bytes, Around::Loop) },
    Shape { name: "locals across ifs", module: |bytes| locals::locals(bytes, Around::If) },
    Shape { name: "locals over a call and loops", module: locals::over_loops },
    Shape { name: "locals stored in another order", module: locals::stored },
    Shape { name: "locals in nested loops", module: |bytes| locals::locals(bytes, Around::NestedLoop) },
    Shape { name: "locals where many branches meet", module: locals::locals_at_a_join },
    Shape { name: "computations between branches", module: control::between_branches },
    Shape { name: "nested blocks", module: |bytes| control::nested(bytes, 3, |code| code.block(EMPTY), END) },
    Shape { name: "nested loops", module: |bytes| control::nested(bytes, 3, |code| code.loop_(EMPTY), END) },
    Shape { name: "nested ifs", module: |bytes| control::nested(bytes, 5, |code| code.local_get(0).if_(EMPTY), END) },
    Shape {
        name: "nested handlers",
        module: |bytes| control::nested(bytes, 8, |code| code.try_table(EMPTY, [Catch::All { label: 0 }]).call(2), END),
    },
    Shape {
        name: "nested loops that go on after the inner ones",
        module: |bytes| control::nested(bytes, 7, |code| code.loop_(EMPTY), |code| code.local_get(0).br_if(0).end()),
    },
    Shape {
        name: "nested ifs with both arms",
        module: |bytes| control::nested(bytes, 6, |code| code.local_get(0).if_(EMPTY).else_(), END),
    },
    Shape { name: "nested blocks left from within", module: control::left_from_within },
    Shape { name: "loops that count by one variable", module: control::counters },
    Shape { name: "branch tables", module: control::wide_table },
    Shape {
        name: "additions",
        module: |bytes| control::straight(bytes, 4, |code| code.local_get(0).i32_const(7).i32_add().drop()),
    },
    Shape {
        name: "loads and stores",
        module: |bytes| {
            control::straight(bytes, 10, |code| code.local_get(0).local_get(0).i32_load(access(4)).i32_store(access(8)))
        },
    },
    Shape {
        name: "selects",
        module: |bytes| {
            control::straight(bytes, 10, |code| code.local_get(0).local_get(0).local_get(0).select().local_set(1).nop())
        },
    },
    Shape {
        name: "tees",
        module: |bytes| control::straight(bytes, 9, |code| code.local_get(0).local_tee(1).local_tee(0).drop()),
    },
    Shape { name: "calls", module: |bytes| control::straight(bytes, 2, |code| code.call(2)) },
    Shape {
        name: "indirect calls",
        module: |bytes| control::straight(bytes, 5, |code| code.i32_const(0).call_indirect(0, NOTHING)),
    },
    Shape { name: "calls of many functions", module: entities::many_callees },
    Shape { name: "many functions", module: entities::many_functions },
    Shape { name: "many types", module: entities::many_types },
    Shape { name: "many imports", module: entities::many_imports },
    Shape { name: "many exports", module: entities::many_exports },
    Shape { name: "many globals", module: entities::many_globals },
    Shape { name: "globals in opposite orders", module: entities::opposite_globals },
    Shape { name: "many names", module: entities::many_names },
    Shape { name: "many segments", module: entities::many_segments },
    Shape { name: "long segments", module: entities::long_segments },
    Shape { name: "long expressions", module: entities::long_expression },
    Shape { name: "custom sections", module: entities::custom },
    Shape { name: "dot products of vectors", module: vectors::dot_products },
    Shape { name: "vectors that scan bytes", module: vectors::scanners },
    Shape { name: "vectors shuffled and stored by lanes", module: vectors::shuffles },
    Shape { name: "vectors across calls", module: vectors::across_calls },
    Shape { name: "vectors merged by ifs", module: vectors::merged_by_ifs },
    Shape { name: "vectors merged by branch tables", module: vectors::merged_by_tables },
    Shape { name: "branches with vectors", module: vectors::branches },
    Shape { name: "vectors in signatures and globals", module: vectors::in_signatures_and_globals },
    Shape { name: "vectors in locals across loops", module: vectors::locals_across_loops },
];
