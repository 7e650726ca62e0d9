//! What generated modules are made of.

use riser_translator::types::ValType;

/// Bounds and families of a generated module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The most functions.
    pub functions: u32,
    /// About how many operators a function has at most.
    pub size: u32,
    /// How deep blocks nest at most.
    pub nesting: u32,
    /// Whether there is a memory.
    pub memory: bool,
    /// Whether there is a table of functions.
    pub table: bool,
    /// Whether there are globals.
    pub globals: bool,
    /// Whether functions call each other; with a table also through that.
    pub calls: bool,
    /// Whether they do so in tail position, too.
    pub tail_calls: bool,
    /// Whether there are floating-point numbers.
    pub floats: bool,
    /// Whether memories and tables are filled, copied and initialised in bulk.
    pub bulk: bool,
    /// Whether locals, globals and blocks hold references.
    pub references: bool,
    /// Whether functions have references among their parameters and results.
    pub reference_signatures: bool,
    /// Whether there are data and element segments beyond the active ones.
    pub segments: bool,
    /// Whether memories may have 64-bit addresses.
    pub memory64: bool,
    /// Whether there may be several memories.
    pub multi_memory: bool,
    /// Whether there is wide arithmetic.
    pub wide_arithmetic: bool,
    /// Whether modules may have vectors: one of two then has.
    pub vectors: bool,
    /// Whether these have operators of relaxed SIMD, too, of which other engines may compute other results.
    pub relaxed_vectors: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            functions: 4,
            size: 120,
            nesting: 6,
            memory: true,
            table: true,
            globals: true,
            calls: true,
            tail_calls: true,
            floats: true,
            bulk: true,
            references: true,
            reference_signatures: false,
            segments: true,
            memory64: false,
            multi_memory: false,
            wide_arithmetic: true,
            vectors: true,
            relaxed_vectors: true,
        }
    }
}

impl Config {
    /// The types of numbers in use.
    pub fn number_types(&self) -> &'static [ValType] {
        if self.floats {
            &[ValType::I32, ValType::I64, ValType::F32, ValType::F64]
        } else {
            &[ValType::I32, ValType::I64]
        }
    }
}
