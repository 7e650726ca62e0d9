//! A generated module as data, which a shrinker edits and an encoder writes.

use std::fmt;

use riser_translator::module::{MemoryType, TableType};
use riser_translator::types::{FuncType, ValType};

use super::{Operator, encode};

/// A generated module. It has no imports, and exports everything except segments.
///
/// Functions are exported as `f0`, `f1`, and so on; globals as `g0`, and so on; the first memory as `memory`, the
/// others as `memory1`, and so on; the first table as `table`, the others as `table1`, and so on; tags as `t0`, and so on. `Debug` prints the
/// text format, so that every report of a module shows the program.
#[derive(Clone, PartialEq, Eq)]
pub struct Module {
    pub(super) functions: Vec<Function>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) tables: Vec<TableType>,
    /// Types of tags: what their exceptions carry.
    pub(super) tags: Vec<FuncType>,
    pub(super) globals: Vec<Global>,
    pub(super) data: Vec<Data>,
    pub(super) elements: Vec<Elements>,
    /// Two bits for each of 16 branches, in turn: 2 for a hint that it is unlikely, 3 that it is likely, else no hint.
    pub(super) hints: u32,
}

/// A function of a generated module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub(super) ty: FuncType,
    pub(super) locals: Vec<ValType>,
    pub(super) body: Vec<Operator>,
}

/// A global of a generated module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Global {
    pub(super) ty: ValType,
    pub(super) mutable: bool,
    /// A constant expression.
    pub(super) init: Vec<Operator>,
}

/// The place that a segment is copied to when the module is instantiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    /// The memory or table with the index, at the address that a constant expression computes.
    Active(u32, Vec<Operator>),
    /// None.
    Passive,
}

/// A data segment of a generated module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Data {
    pub(super) placement: Placement,
    pub(super) bytes: Vec<u8>,
}

/// An element segment of a generated module, with functions and nulls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Elements {
    pub(super) placement: Placement,
    pub(super) functions: Vec<Option<u32>>,
}

impl Function {
    /// The function's type.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }

    /// The types of the locals other than parameters.
    pub fn locals(&self) -> &[ValType] {
        &self.locals
    }

    /// The operators, without the last `end`.
    pub fn body(&self) -> &[Operator] {
        &self.body
    }
}

impl Global {
    /// The type of the value.
    pub fn ty(&self) -> ValType {
        self.ty
    }

    /// Whether the global can be set.
    pub fn mutable(&self) -> bool {
        self.mutable
    }
}

impl Module {
    /// The functions.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// The globals.
    pub fn globals(&self) -> &[Global] {
        &self.globals
    }

    /// The memories.
    pub fn memories(&self) -> &[MemoryType] {
        &self.memories
    }

    /// The types of tags.
    pub fn tags(&self) -> &[FuncType] {
        &self.tags
    }

    /// The tables.
    pub fn tables(&self) -> &[TableType] {
        &self.tables
    }

    /// The number of operators of all functions, not counting the last `end` of each.
    pub fn size(&self) -> usize {
        self.functions.iter().map(|function| function.body.len()).sum()
    }

    /// Returns the module in the binary format.
    pub fn to_wasm(&self) -> Vec<u8> {
        encode::module(self)
    }

    /// Returns the module in the text format.
    pub fn to_wat(&self) -> String {
        wasmprinter::print_bytes(self.to_wasm()).unwrap_or_else(|error| format!(";; cannot be printed: {error}"))
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_wat())
    }
}

/// Returns the value of a constant expression as segments have them: a sum of constants.
pub(super) fn constant_sum(expression: &[Operator]) -> u64 {
    let terms = expression.iter().filter_map(|operator| match operator {
        Operator::Const(_, bits) => Some(*bits),
        _ => None,
    });
    terms.fold(0, u64::wrapping_add)
}
