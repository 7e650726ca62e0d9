//! Exceptions. A body that throws leaves the dispatch strategy; the code that entered the activation looks for a handler
//! ([`crate::unwind`]).

use riser_translator::TagIndex;

use crate::regs::{Flow, Handler, Regs};
use crate::unwind;

/// Throw a new exception. Halves: first slot of the payload, tag.
pub(crate) struct Throw;

impl Handler for Throw {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let args = regs.slot(regs.field32(0));
            Flow::Exit(unwind::throw(regs.cx, TagIndex::new(regs.field32(1)), args))
        }
    }
}

/// Throw the exception that a reference refers to. Fields: reference.
pub(crate) struct ThrowRef;

impl Handler for ThrowRef {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let exception = regs.read(0);
            Flow::Exit((*regs.cx).store_mut().throw_ref(exception))
        }
    }
}
