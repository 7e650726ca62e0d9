//! A generated module as data: what a shrinker edits and an encoder writes.

use std::fmt;

use riser_translator::module::{MemoryType, TableType};
use riser_translator::types::{FuncType, ValType};

use super::{Operator, encode};

/// A generated module: no imports; everything but segments is exported.
///
/// Functions are exported as `f0`, `f1`, and so on; globals as `g0`; the first memory as `memory`,
/// the others as `memory1`; the first table as `table`, the others as `table1`. `Debug` is the
/// text format, so that whatever reports a module shows the program.
#[derive(Clone, PartialEq, Eq)]
pub struct Module {
    pub(super) functions: Vec<Function>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) tables: Vec<TableType>,
    pub(super) globals: Vec<Global>,
    pub(super) data: Vec<Data>,
    pub(super) elements: Vec<Elements>,
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

/// Where a segment goes when the module is instantiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    /// To the memory or table of the index, at the address that a constant expression computes.
    Active(u32, Vec<Operator>),
    /// Nowhere.
    Passive,
}

/// A data segment of a generated module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Data {
    pub(super) placement: Placement,
    pub(super) bytes: Vec<u8>,
}

/// An element segment of a generated module: functions, and nulls.
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

    /// Whether it can be set.
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

    /// The tables.
    pub fn tables(&self) -> &[TableType] {
        &self.tables
    }

    /// How many operators the functions have, not counting the last `end` of each.
    pub fn size(&self) -> usize {
        self.functions.iter().map(|function| function.body.len()).sum()
    }

    /// The module in the binary format.
    pub fn to_wasm(&self) -> Vec<u8> {
        encode::module(self)
    }

    /// The module in the text format.
    pub fn to_wat(&self) -> String {
        wasmprinter::print_bytes(self.to_wasm()).unwrap_or_else(|error| format!(";; cannot be printed: {error}"))
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_wat())
    }
}

/// What a constant expression of the kind that segments have, a sum of constants, comes to.
pub(super) fn constant_sum(expression: &[Operator]) -> u64 {
    let terms = expression.iter().filter_map(|operator| match operator {
        Operator::Const(_, bits) => Some(*bits),
        _ => None,
    });
    terms.fold(0, u64::wrapping_add)
}
