//! The configuration of generated modules.

use riser_translator::types::ValType;

/// The limits and features of a generated module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The maximum number of functions.
    pub functions: u32,
    /// The approximate maximum number of operators of a function.
    pub size: u32,
    /// The maximum nesting depth of blocks.
    pub nesting: u32,
    /// Whether branches back to loops, and branch tables, often carry their operands in another order, and some of them twice.
    pub shuffled_operands: bool,
    /// Whether there is a memory.
    pub memory: bool,
    /// Whether there is a table of functions.
    pub table: bool,
    /// Whether there are globals.
    pub globals: bool,
    /// Whether functions call each other; if there is a table, also through it.
    pub calls: bool,
    /// Whether they also make tail calls.
    pub tail_calls: bool,
    /// Whether half of the modules have functions with 10 to 100 parameters, and others with few that end in tail calls of these.
    pub wide_tail_calls: bool,
    /// Whether there are floating-point numbers.
    pub floats: bool,
    /// Whether memories and tables are filled, copied and initialised in bulk.
    pub bulk: bool,
    /// Whether there are references in locals, globals and blocks.
    pub references: bool,
    /// Whether there are references among the parameters and results of functions.
    pub reference_signatures: bool,
    /// Whether there are passive data and element segments besides the active ones.
    pub segments: bool,
    /// Whether memories may have 64-bit addresses.
    pub memory64: bool,
    /// Whether tables may have 64-bit indices, and whether there may then be three tables.
    pub table64: bool,
    /// Whether memories may have pages of one byte.
    pub custom_page_sizes: bool,
    /// Whether there may be several memories.
    pub multi_memory: bool,
    /// Whether there is wide arithmetic.
    pub wide_arithmetic: bool,
    /// Whether there are atomic operators and shared memories.
    pub atomics: bool,
    /// Whether modules may have vectors: one of two then has.
    pub vectors: bool,
    /// Whether vectors also have operators of relaxed SIMD, for which other engines may compute other results.
    pub relaxed_vectors: bool,
    /// Whether there are exceptions: tags, handlers, what throws, and references to exceptions.
    pub exceptions: bool,
    /// Whether there are, besides, handlers of the legacy proposal.
    pub legacy_exceptions: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            functions: 4,
            size: 120,
            nesting: 6,
            shuffled_operands: false,
            memory: true,
            table: true,
            globals: true,
            calls: true,
            tail_calls: true,
            wide_tail_calls: false,
            floats: true,
            bulk: true,
            references: true,
            reference_signatures: false,
            segments: true,
            memory64: false,
            table64: false,
            custom_page_sizes: false,
            multi_memory: false,
            wide_arithmetic: true,
            atomics: true,
            vectors: true,
            relaxed_vectors: true,
            exceptions: true,
            legacy_exceptions: true,
        }
    }
}

impl Config {
    /// The number types in use.
    pub fn number_types(&self) -> &'static [ValType] {
        if self.floats {
            &[ValType::I32, ValType::I64, ValType::F32, ValType::F64]
        } else {
            &[ValType::I32, ValType::I64]
        }
    }
}
