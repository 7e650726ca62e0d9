//! Tools for testing the translator's properties: random modules, and judges of their translations.
//!
//! ```text
//! generate: choices -> a valid module            (and smaller ones, where a property fails)
//! check:    a function's wasm and its IR -> equal, or where they part
//! evaluate: a module's IR -> what a run of it does
//! property: what is true of every translation, as functions from a module
//! campaign: properties and many modules -> the first module that fails, made small
//! command:  a campaign from the command line, for Riser's translator or another (feature `command`)
//! ```
//!
//! Code that runs guests does not need this crate. It is for tests, for the fuzz targets, for `riser prop`, and for
//! [translators of one's own](../../docs/src/properties/own-translator.md), whose IR it judges in the same way.

#![forbid(unsafe_code)]

use riser_translator::{Features, ParsedModule, SharedBytes, TranslateError, parse_module_with};

pub mod campaign;
pub mod check;
#[cfg(feature = "command")]
pub mod command;
pub mod evaluate;
pub mod generate;
pub mod nan;
pub mod property;

/// The translator whose sinks and IR the properties are of.
pub use riser_translator as translator;

/// Parses a module that may use every proposal that Riser has, as generated ones do.
///
/// # Errors
///
/// As [`riser_translator::parse_module`].
pub fn parse(bytes: impl Into<SharedBytes>) -> Result<ParsedModule, TranslateError> {
    parse_module_with(bytes, Features::ALL)
}
