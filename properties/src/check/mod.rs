//! The symbolic checker: proves the register IR of a function equal to its wasm body.
//!
//! [`check`] executes both side by side, on terms (`term`) instead of numbers, from one label to the next. It demands
//! that every consumer gets the same value on both sides. It relies on nothing from the translator: it walks the
//! operators itself, and accepts any IR that obeys the rules of [`riser_translator::ir`] and
//! [`riser_translator::sink`].
//!
//! # What is compared
//!
//! * *Effects* (`effect`): everything that traps, or writes to something other than the frame, has to happen on both
//!   sides, in the same order, with equal operands. If a trap or a backtrace can show it, the offset of the wasm
//!   operator has to be the same, too.
//! * *Branches* (`branch`, `control`): they go to the same places under equal conditions.
//! * *States* (`state`): wherever a branch or fall-through goes to a join or loop header, every local and operand that
//!   is live there is in its slot.
//! * *Handlers* (`exception`): scopes begin and end at the same places, with the same clauses, and what a handler sees is
//!   right wherever something throws.
//! * *Results*, at every return.
//!
//! Operations that cannot trap may be emitted or not, early or late, or in another form, as long as the consumers of
//! their values get them.
//!
//! A canonical state is the same on both sides, so each label is a fresh start. By induction over the steps of an
//! execution, both sides then have the same effects in the same order from the entry to the end.
//!
//! # What it does not check
//!
//! Operand forms, types of copies and the like are left to [`riser_translator::ir::Verifier`], which should have
//! passed. A label stands for one place of the wasm body: the end of a block, the `else` of an `if`, a handler, or a loop header,
//! each of which has its own label. Branches that are threaded through several such places are not recognised. The
//! interpreter that runs the IR is not checked.

mod branch;
mod code;
mod control;
mod effect;
mod exception;
mod source;
mod state;
mod term;
mod text;
mod walk;

use std::fmt;

use riser_translator::config::TranslatorConfig;
use riser_translator::index::FuncIndex;
use riser_translator::ir;
use riser_translator::parse::ParsedModule;

use walk::Checker;

/// The first difference between the IR of a function and its wasm body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckError {
    /// Index of the function.
    pub function: FuncIndex,
    /// The current wasm operator, in bytes from the start of the module.
    pub offset: u32,
    /// The current instruction or label, as an index into [`ir::Function::items`].
    pub item: Option<usize>,
    /// The difference, in words.
    pub message: String,
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function {} at {:#x}", self.function, self.offset)?;
        if let Some(item) = self.item {
            write!(f, ", item {item}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for CheckError {}

/// Checks that `function`'s IR does what the wasm body does, with the instrumentation (`fuel`, `epoch`) of `config`.
/// The rest of `config` has no effect.
///
/// # Errors
///
/// The first difference; or that the IR does not belong to a function of `module`, or that the body is not valid.
pub fn check(module: &ParsedModule, function: &ir::Function, config: &TranslatorConfig) -> Result<(), CheckError> {
    Checker::new(module, function, config)?.function()
}
