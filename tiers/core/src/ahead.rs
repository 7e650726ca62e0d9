//! Machine code made ahead of time: what a tier hands over to be kept in a file, and what it gets back.
//!
//! A tier compiles each function to a [`Relocatable`]. The VM, which knows the file format, lays out the functions of a module as one
//! text, resolves the relocations that stay within it, and hands the text to [`AheadTier::load`](crate::AheadTier::load) later, in this or
//! another process, as [`AheadCode`].
//!
//! Code that is kept contains no addresses: it finds the host through the [`Context`](crate::Context), and functions of the module by displacements.
//! [`layout::hash`](crate::layout::hash) covers everything else that the code assumes.

use std::sync::Arc;

use riser_translator::DefinedFuncIndex;

use crate::CodeTables;

/// The target of a displacement in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function: its code, or the stub that stands in for it. The displacement counts from its own end.
    Function(DefinedFuncIndex),
    /// The module's table of entries, plus an offset in bytes. The displacement counts from its own start.
    Entries(i64),
}

/// A 32-bit displacement whose value depends on where the code is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Where the displacement is.
    pub at: u32,
    /// The displacement's target.
    pub target: Target,
}

/// A function's machine code before it is placed.
#[derive(Clone, Debug, Default)]
pub struct Relocatable {
    /// Code, then constants: to be aligned to [`CODE_ALIGN`](crate::native::CODE_ALIGN).
    pub bytes: Vec<u8>,
    /// How many of the bytes are code.
    pub code_bytes: u32,
    /// Where the function starts.
    pub start: u32,
    /// The displacements to fill in.
    pub relocations: Vec<Relocation>,
    /// What is known of the code.
    pub tables: CodeTables,
    /// Whether any other instruction may access a memory out of bounds.
    pub may_access_memory: bool,
}

/// The place of a function in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Where the function's bytes begin; a multiple of [`CODE_ALIGN`](crate::native::CODE_ALIGN).
    pub at: u32,
    /// How many of them are code.
    pub code_bytes: u32,
    /// The function's first instruction, as an offset from `at`.
    pub start: u32,
    /// See [`Relocatable::may_access_memory`].
    pub may_access_memory: bool,
    /// The range of the function's tables within the module's tables.
    pub tables: (u32, u32),
}

/// For each function that a module defines, its place in the text, or why the tier did not take it.
pub type Functions = Arc<[Result<Placed, Box<str>>]>;

/// The code of a module, read from a file. All offsets are in bounds; functions are in the order of their places and do not overlap.
#[derive(Clone, Debug)]
pub struct AheadCode<'a> {
    /// The code of all functions, to be aligned to [`CODE_ALIGN`](crate::native::CODE_ALIGN).
    pub text: &'a [u8],
    /// The functions' places.
    pub functions: Functions,
    /// The displacements in the text that are still to be filled in.
    pub relocations: Vec<Relocation>,
    /// [`CodeTables`] of the functions, one after the other.
    pub tables: Arc<[u8]>,
}
