//! Numeric semantics (core spec, section 4.3): each operation once, as a small pure function on Rust values.
//! Interpreters, constant folding and tests call them through the rows of the operation table. Nothing here depends on
//! slots, frames or instructions.

mod convert;
mod float;
mod int;
mod memory;
mod vector;
mod wide;

pub use convert::*;
pub use float::*;
pub use int::*;
pub use memory::*;
pub use vector::*;
pub use wide::*;
