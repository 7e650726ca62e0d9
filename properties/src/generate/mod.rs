//! Generators of valid modules, for tests and fuzzers.
//!
//! ```text
//! Choices (seed, bytes, proptest) -> module() -> Module -> to_wasm()
//!                                      Config     |  ^
//!                                                 v  |
//!                                               Shrinker   (minimise, and proptest's trees)
//! ```
//!
//! [`module()`] asks a [`Choices`] for every decision and builds a [`Module`], a small syntax tree. The module is valid
//! by construction. It prefers what is hard on the translator and its consumers: reads of locals that stay pending
//! across writes and blocks, branches that move values, handlers that see what a function has written, blocks with parameters, dead code, constants
//! at the limits of immediates, addresses that wrap, vectors in loops as compilers write them. Most operands are such that execution continues; most
//! loops count and end; recursion ends. A user still has to bound execution, by fuel.
//!
//! [`minimise`] makes a module that fails a test small by editing the tree: every step is a valid module. The
//! strategies `modules` and `bodies` do the same under proptest, with the feature of that name.
//!
//! In contrast, [`shapes`] are large and fixed modules: their cost should be proportional to their size.
//!
//! The operations are those of [`riser_translator::ops`]: a new operation is generated as soon as it is in the table.

mod build;
mod choices;
mod config;
mod encode;
mod module;
mod operator;
pub mod shapes;
mod shrink;
#[cfg(feature = "proptest")]
mod strategy;
mod value;

pub use build::module;
pub use choices::{Bytes, Choices, Seeded};
pub use config::Config;
pub use module::{Function, Global, Module};
pub use operator::{Access, Clause, Operator, Space};
pub use shrink::minimise;
#[cfg(feature = "proptest")]
pub use strategy::{bodies, modules};
pub use value::{slots, value, vector};
