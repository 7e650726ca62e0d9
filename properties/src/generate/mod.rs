//! Generators of valid modules, for tests and fuzzers.
//!
//! ```text
//! Choices (seed, bytes, proptest) -> module() -> Module -> to_wasm()
//!                                      Config     |  ^
//!                                                 v  |
//!                                               Shrinker   (minimise, and proptest's trees)
//! ```
//!
//! [`module()`] asks a [`Choices`] for every decision and builds a [`Module`], a
//! small syntax tree. It is valid by construction, and fond of what is hard on
//! the translator and its consumers: reads of locals that stay pending across writes and
//! blocks, branches that move values, blocks with parameters, dead code,
//! constants at the limits of immediates, addresses that wrap. Most operands are
//! such that execution goes on; most loops count and end; recursion ends. A
//! user still has to bound execution, by fuel.
//!
//! A module that fails a test is made small by [`minimise`], which edits the
//! tree: every step is a valid module. The strategies [`modules`] and
//! [`bodies`] do the same under proptest.
//!
//! Other than these, [`shapes`] are large, and always the same: what they cost is to be in proportion to their size.
//!
//! The operations are those of [`riser_translator::ops`]: a new one takes part by being in
//! the table.

mod build;
mod choices;
mod config;
mod encode;
mod module;
mod operator;
pub mod shapes;
mod shrink;
mod strategy;
mod value;

pub use build::module;
pub use choices::{Bytes, Choices, Seeded};
pub use config::Config;
pub use module::{Function, Global, Module};
pub use operator::{Access, Operator, Space};
pub use shrink::minimise;
pub use strategy::{bodies, modules};
pub use value::{slots, value, vector};
