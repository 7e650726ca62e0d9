//! What the translator's properties are tested with: random modules, and judges of what becomes of them.
//!
//! ```text
//! generate: choices -> a valid module            (and smaller ones, where a property fails)
//! check:    a function's wasm and its IR -> equal, or where they part
//! evaluate: a module's IR -> what a run of it does
//! ```
//!
//! The properties themselves are in `tests/properties`. Nothing that runs guests needs this crate: it is for tests, for the fuzz
//! targets, and for [translators of one's own](../../docs/src/properties/own-translator.md), whose IR it judges the same way.

#![forbid(unsafe_code)]

pub mod check;
pub mod evaluate;
pub mod generate;
