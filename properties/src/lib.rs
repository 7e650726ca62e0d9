//! Tools for testing the translator's properties: random modules, and judges of their translations.
//!
//! ```text
//! generate: choices -> a valid module            (and smaller ones, where a property fails)
//! check:    a function's wasm and its IR -> equal, or where they part
//! evaluate: a module's IR -> what a run of it does
//! ```
//!
//! The properties themselves are in `tests/properties`. Code that runs guests does not need this crate. It is for
//! tests, for the fuzz targets, and for [translators of one's own](../../docs/src/properties/own-translator.md), whose
//! IR it judges in the same way.

#![forbid(unsafe_code)]

pub mod check;
pub mod evaluate;
pub mod generate;

/// The translator whose sinks and IR the properties are of.
pub use riser_translator as translator;
