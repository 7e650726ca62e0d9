//! Scripts of the WebAssembly specification's test suite (`.wast` files): modules,
//! calls and assertions, run against an engine.
//!
//! ```text
//! text -> Script::parse -> Script -> Runner::run -> Report
//!         (modules become                (one store, one linker
//!          bytes, once)                   with `spectest`)
//! ```
//!
//! A [`Script`] knows no engine: it is parsed once and can be run under any number
//! of configurations. A [`Runner`] keeps going after a failed assertion, so that a
//! [`Report`] names everything that is wrong, by line.
//!
//! # What counts as passing
//!
//! Results must match, with the suite's NaN patterns. A trap's message must begin
//! with the expected one. The messages of modules that are malformed, invalid or
//! unlinkable are not compared: the specification does not fix them.
//!
//! # Limits
//!
//! Components are not supported. Values of types that no mode supports are failures where they are used. The caller
//! decides which failures are expected.

mod runner;
mod script;
mod spectest;
mod threads;
mod value;

pub use runner::{Failure, Report, Runner};
pub use script::{ParseError, Script};
