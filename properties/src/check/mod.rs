//! The symbolic checker: proves the register IR of a function equal to its wasm body.
//!
//! [`check`] runs both side by side, not on numbers but on terms (`term`), from one
//! label to the next, and demands that every consumer gets the same value on both
//! sides. It takes nothing on trust from the translator: it walks the operators itself,
//! and any IR that obeys the rules of [`riser_translator::ir`] and [`riser_translator::sink`] will do.
//!
//! # What is compared
//!
//! * *Effects* (`effect`): whatever traps, or writes to something other than the
//!   frame, has to happen on both sides, in the same order, with equal operands and,
//!   if a trap or a backtrace can tell, with the offset of the same wasm operator.
//! * *Branches* (`branch`, `control`): under equal conditions to the same places.
//! * *States* (`state`): wherever a branch or fall-through leads to a join or loop
//!   header, every local and operand that lives there is in its slot.
//! * *Results*, at every return.
//!
//! Operations that cannot trap may be emitted or not, early or late, or in another
//! form, as long as those who need their values get them.
//!
//! A canonical state is the same on both sides, so that each label is a fresh
//! start; by induction over the steps of an execution, both sides then have the same
//! effects in the same order from the entry to the end.
//!
//! # What it does not know
//!
//! Operand forms, types of copies and the like are the business of
//! [`riser_translator::ir::Verifier`], which should have passed. A label stands for
//! one place of the wasm body: the end of a block, the `else` of an `if`, or a loop
//! header, of which each has its own label; branches that are threaded through several
//! are not recognised. The interpreter that runs the IR is not looked at.

mod branch;
mod code;
mod control;
mod effect;
mod source;
mod state;
mod term;
mod text;
mod walk;

use std::fmt;

use riser_translator::config::TranslatorConfig;
use riser_translator::ir;
use riser_translator::parse::ParsedModule;

use walk::Checker;

/// Where the IR of a function does something else than its wasm body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckError {
    /// Index of the function.
    pub function: u32,
    /// The wasm operator at hand, in bytes from the start of the module.
    pub offset: u32,
    /// The instruction or label at hand, as an index into [`ir::Function::items`].
    pub item: Option<usize>,
    /// What differs.
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

/// Checks that `function`'s IR does what the wasm body says, with the instrumentation
/// (`fuel`, `epoch`) of `config`; what else `config` says makes no difference.
///
/// # Errors
///
/// The first difference; or that the IR is not of a function of `module`, or the body not valid.
pub fn check(module: &ParsedModule, function: &ir::Function, config: &TranslatorConfig) -> Result<(), CheckError> {
    Checker::new(module, function, config)?.function()
}
