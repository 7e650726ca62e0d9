//! Exceptions. A body that throws leaves the dispatch strategy; the code that entered the activation looks for a handler
//! ([`crate::interp::unwind`]).

use riser_translator::TagIndex;

use crate::interp::regs::{Flow, Handler, Regs};
use crate::interp::unwind;

/// Throw a new exception. Halves: first slot of the payload, tag.
pub(in crate::interp) struct Throw;

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
pub(in crate::interp) struct ThrowRef;

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
