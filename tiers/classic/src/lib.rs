//! The stack-based classic interpreter: runs WebAssembly bytecode in place.
//!
//! WAMR calls this technique the classic interpreter, and Titzer an in-place interpreter ("A fast
//! in-place interpreter for WebAssembly", OOPSLA 2022). Each operator decodes its immediates, works on
//! operands on an explicit stack in memory, and dispatches the next opcode. It is the baseline against
//! which the other execution techniques are measured, and the oracle against which they are tested. So
//! it is made as a good C interpreter of its kind would be, and no better: operators are neither fused
//! nor rewritten, and no operand stays in a register from one operator to the next.
//!
//! * Code is the module's own bytes; immediates are decoded each time they are executed.
//! * A side table (`side_table.rs`) has what the bytes do not give in constant time: the targets of
//!   branches, and the height of the operand stack there. One pass over the body builds it before the
//!   function's first call.
//! * A vector takes two slots. For some operators, such as `drop`, the bytes do not say whether an
//!   operand or a local is a vector. The same pass finds that out, and the function runs from a copy of
//!   its body with other opcodes in those places. Functions without such operators run from the
//!   module's bytes.
//! * A function with [probes](riser_translator::probe) also runs from a copy of its body, in which an opcode of its own stands
//!   for each operator with a probe (`probe.rs`).
//! * Everything else is shared with the other tiers: memories, tables and globals, calls and traps
//!   ([`riser_tiers_core`]), numeric semantics ([`riser_translator::semantics`]). A comparison thus
//!   isolates the technique.
//!
//! # Dispatch
//!
//! Each operator is written once (`operator.rs`). If the compiler turns sibling calls into jumps, each
//! opcode has a handler that ends in a jump to the next handler (`tail.rs`), which is what C
//! interpreters do with computed `goto`. Otherwise there is a loop around one `match` (`dispatch.rs`).
//! The position in the code, the top of the operand stack, the frame, the position in the side table
//! and the table of handlers are in machine registers all the time. State that fewer operators need,
//! such as the memory's address and size, is in the `Activation`, a load away (`machine.rs`).
//!
//! Nearly always an operator has an immediate of one byte, or is a branch that discards nothing, a call
//! within the tier, or a return of at most one slot. These cases take no call and save no registers.
//! For the others, an operator jumps to its second handler, the full variant.
//!
//! # Frames
//!
//! ```text
//! fp                                             sp
//! | parameters | declared locals | link (6) | caught exceptions | operands ...
//! ```
//!
//! A frame starts where the arguments are on the caller's operand stack, and the results replace them;
//! if there are more results than locals, the link leaves room for them. Calls between functions of
//! this tier stay in the activation and keep their return state in the link (`call.rs`). Functions of
//! other tiers and of the host are called through their entry. The handlers of legacy exceptions keep what they have caught in
//! slots between link and operands.
//!
//! # Exceptions
//!
//! An exception leaves the interpreter as a trap does. Then a handler is looked for in the side tables of the activation's frames
//! (`exception.rs`), and the interpreter is entered again there.
//!
//! # Limits
//!
//! Every memory access is checked explicitly, whatever bounds strategy the engine uses.

mod atomic;
mod call;
mod code;
mod control;
mod dispatch;
mod exception;
mod machine;
mod memory;
mod numeric;
mod opcode;
mod operator;
mod poll;
mod probe;
mod side_table;
mod table;
#[cfg(tail_dispatch)]
mod tail;
mod vector;

use std::sync::Arc;

use riser_tiers_core::{Bailout, CompileRequest, LINKED_TIERS, LinkedTier, NativeCode, Tier, TierCode};

use crate::code::Code;

const NAME: &str = "classic";

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
static LINKED: LinkedTier = LinkedTier { name: NAME, step: None, make: || Ok(Arc::new(ClassicTier::new())) };

// SAFETY: the entry interprets the function that was asked for, which is valid.
unsafe impl Tier for ClassicTier {
    fn name(&self) -> &'static str {
        NAME
    }

    fn takes_probes(&self) -> bool {
        true
    }

    fn compile(&self, request: CompileRequest<'_>) -> Result<TierCode, Bailout> {
        let code = Code::new(request)?;
        Ok(TierCode { entry: call::entry(code.metered()), native: NativeCode::NONE, data: Arc::new(code) })
    }
}
