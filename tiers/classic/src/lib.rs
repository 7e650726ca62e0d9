//! The stack-based classic interpreter: runs WebAssembly bytecode in place.
//!
//! What WAMR calls the classic interpreter and Titzer an in-place interpreter
//! ("A fast in-place interpreter for WebAssembly", OOPSLA 2022): each operator decodes its
//! immediates, works the operands on an explicit stack in memory, and goes on to the next
//! opcode's. It is the baseline that the other execution techniques are measured against and
//! the oracle that they are tested against. So it is made as a good C interpreter of its kind
//! would be, and no better: operators are neither fused nor rewritten, and no operand is kept
//! in a register between two of them.
//!
//! * Code is the module's own bytes; immediates are decoded each time they are met.
//! * What cannot be had from the bytes in constant time, the targets of branches
//!   and the height of the operand stack there, is in a side table (`side_table.rs`)
//!   that one pass over the body builds before the function's first call.
//! * A vector takes two slots. Where the bytes do not say whether an operand or a local is one, as
//!   `drop` does not, the same pass finds out, and the function runs from a copy of its body with
//!   other opcodes there. Functions that have no such operator run from the module's bytes.
//! * Everything else is shared with the other tiers: memories, tables and globals,
//!   calls and traps ([`riser_tiers_core`]), numeric semantics
//!   ([`riser_translator::semantics`]). A comparison thus isolates the technique.
//!
//! # From operator to operator
//!
//! What an operator does is written once (`operator.rs`). Where the compiler makes jumps of
//! sibling calls, each opcode has a function of its own that ends in a jump to the next one's
//! (`tail.rs`), as C interpreters do by computed `goto`; elsewhere there is a loop around one
//! `match` (`dispatch.rs`). Position in the code, top of the operand stack, frame and position
//! in the side table are in machine registers all the time, with the table of the functions; what fewer
//! operators need, such as the memory's address and size, is in the `Activation`, a load
//! away (`machine.rs`).
//!
//! An immediate of one byte, a branch that discards nothing, a call within the tier, a return
//! of at most one slot: such is what operators do nearly always, and it takes no call and no
//! saving of registers. For the rest an operator jumps to a second function of its own, which
//! executes it in full.
//!
//! # Frames
//!
//! ```text
//! fp                                             sp
//! | parameters | declared locals | link (6) | operands ...
//! ```
//!
//! A frame starts where the caller's operand stack held the arguments, and the
//! results replace them; if there are more than locals, the link makes room for them. Calls
//! between functions of this tier stay in the activation and keep what they return to in the
//! link (`call.rs`); functions of other tiers and of the host are called through their entry.
//!
//! # What it does not do
//!
//! Every memory access is checked explicitly, whatever bounds strategy the engine
//! is set to.

mod call;
mod code;
mod control;
mod dispatch;
mod machine;
mod memory;
mod numeric;
mod opcode;
mod operator;
mod poll;
mod side_table;
mod table;
#[cfg(tail_dispatch)]
mod tail;
mod vector;

use std::sync::Arc;

use riser_tiers_core::{Bailout, CompileRequest, LINKED_TIERS, LinkedTier, Mode, NativeCode, Tier, TierCode};

use crate::code::Code;

/// The classic interpreter as a tier.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClassicTier;

impl ClassicTier {
    /// The tier; it has no settings and no state.
    pub const fn new() -> ClassicTier {
        ClassicTier
    }
}

#[linkme::distributed_slice(LINKED_TIERS)]
static LINKED: LinkedTier = LinkedTier { mode: Mode::Classic, make: || Ok(Arc::new(ClassicTier::new())) };

impl Tier for ClassicTier {
    fn name(&self) -> &'static str {
        "classic"
    }

    fn mode(&self) -> Mode {
        Mode::Classic
    }

    fn compile(&self, request: CompileRequest<'_>) -> Result<TierCode, Bailout> {
        let code = Code::new(request)?;
        Ok(TierCode { entry: call::entry(code.metered()), native: NativeCode::NONE, data: Arc::new(code) })
    }
}
