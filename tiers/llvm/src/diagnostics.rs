//! What LLVM has to say of a function while it compiles it.
//!
//! If nobody listens, LLVM prints warnings, and ends the process for errors. Here whatever it warns of is not for this tier: above all
//! a frame that is larger than [`riser_tiers_core::MAX_UNCHECKED_FRAME`], which only LLVM knows the size of.

use std::cell::RefCell;
use std::ffi::{CStr, c_void};

use inkwell::context::{AsContextRef, Context as Llvm};
use inkwell::llvm_sys::LLVMDiagnosticSeverity::{LLVMDSError, LLVMDSWarning};
use inkwell::llvm_sys::core::{
    LLVMContextSetDiagnosticHandler, LLVMDisposeMessage, LLVMGetDiagInfoDescription, LLVMGetDiagInfoSeverity,
};
use inkwell::llvm_sys::prelude::LLVMDiagnosticInfoRef;
use riser_tiers_core::Bailout;

/// Hears what LLVM reports in a context.
#[derive(Default)]
pub(crate) struct Diagnostics(Box<RefCell<Option<Bailout>>>);

impl Diagnostics {
    /// Has a context report to this, which must be alive whenever the context compiles something.
    pub(crate) fn listen(&self, llvm: &Llvm) {
        let place: *const RefCell<Option<Bailout>> = &*self.0;
        // SAFETY: the context is alive; `hear` takes what it is given here.
        unsafe { LLVMContextSetDiagnosticHandler(llvm.as_ctx_ref(), Some(hear), place.cast_mut().cast()) };
    }

    /// Whether there was nothing to report.
    ///
    /// # Errors
    ///
    /// If there was.
    pub(crate) fn check(&self) -> Result<(), Bailout> {
        self.0.take().map_or(Ok(()), Err)
    }
}

/// Keeps the first warning or error.
extern "C" fn hear(info: LLVMDiagnosticInfoRef, place: *mut c_void) {
    // SAFETY: LLVM hands a diagnostic, whose description is ours to free, and the place that it was given, on the thread that compiles.
    unsafe {
        let severity = LLVMGetDiagInfoSeverity(info);
        if !matches!(severity, LLVMDSError | LLVMDSWarning) {
            return;
        }
        let description = LLVMGetDiagInfoDescription(info);
        let text = format!("LLVM: {}", CStr::from_ptr(description).to_string_lossy());
        LLVMDisposeMessage(description);
        let why = if severity == LLVMDSError { Bailout::Unsupported(text) } else { Bailout::TooLarge(text) };
        (*place.cast::<RefCell<Option<Bailout>>>()).borrow_mut().get_or_insert(why);
    }
}
