//! Streaming translation of WebAssembly to register IR.
//!
//! ```text
//! bytes -> ModuleParser -> ModuleInfo
//!                       \-> FuncTranslator -> Sink -> Selector -> Emitter
//!                           (validates, tracks          (forms,     (interpreter encoder,
//!                            providers, assigns          fusion)     printer, verifier)
//!                            slots)
//! ```
//!
//! The translator reads a module once, in order, and validates as it goes. For each function it keeps an abstract
//! operand stack whose entries are locals, temporaries and constants: the provider instructions `local.get` and `const`
//! push an entry and emit nothing. All other instructions are reported to a [`sink::Sink`]. The sink of the interpreter
//! is the [`select::Selector`], which chooses instruction forms and streams [`ir::Inst`]s into an [`ir::Emitter`].
//!
//! This crate does not depend on stores, instances or machine code, and has no unsafe code.

#![forbid(unsafe_code)]

mod bytes;
pub mod config;
mod emit;
pub mod error;
#[cfg(feature = "faults")]
pub mod faults;
#[cfg(not(feature = "faults"))]
mod faults;
pub mod features;
pub mod frame_map;
pub mod func;
pub mod index;
pub mod ir;
pub mod local_writes;
pub mod module;
pub mod ops;
pub mod parse;
mod print;
pub mod probe;
pub mod probe_map;
mod room;
pub mod safepoint;
pub mod select;
pub mod semantics;
pub mod shown;
pub mod sink;
pub mod switches;
pub mod trap;
pub mod types;

pub use bytes::SharedBytes;
pub use config::TranslatorConfig;
pub use error::{ErrorKind, TranslateError};
pub use features::{Features, Proposal};
pub use func::{FuncTranslator, direct_callees, first_operator, makes_tail_calls};
pub use index::{
    DataIndex, DefinedFuncIndex, ElemIndex, FuncIndex, GlobalIndex, MemoryIndex, TableIndex, TagIndex, TypeIndex,
};
pub use parse::{ModuleParser, ParsedModule, parse_module, parse_module_with};
pub use print::{named_ir, print_function};
pub use select::Selector;
pub use shown::Shown;
pub use switches::Switches;
pub use trap::TrapCode;
pub use types::{FuncType, ValType};
