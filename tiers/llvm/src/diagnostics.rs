//! LLVM's reports on a function while it compiles it.
//!
//! By default, LLVM prints warnings, and ends the process on errors. Here, a function that LLVM warns of is declined. Above all these
//! are functions with a frame larger than [`riser_tiers_core::MAX_UNCHECKED_FRAME`]; only LLVM knows a frame's size.

use std::cell::RefCell;
use std::ffi::{CStr, c_void};

use inkwell::context::{AsContextRef, Context as Llvm};
use inkwell::llvm_sys::LLVMDiagnosticSeverity::{LLVMDSError, LLVMDSWarning};
use inkwell::llvm_sys::core::{
    LLVMContextSetDiagnosticHandler, LLVMDisposeMessage, LLVMGetDiagInfoDescription, LLVMGetDiagInfoSeverity,
};
use inkwell::llvm_sys::prelude::LLVMDiagnosticInfoRef;
use riser_tiers_core::Bailout;

/// Receives LLVM's reports in a context.
#[derive(Default)]
pub(crate) struct Diagnostics(Box<RefCell<Option<Bailout>>>);

impl Diagnostics {
    /// Makes a context report to this, which must be alive whenever the context compiles something.
    pub(crate) fn listen(&self, llvm: &Llvm) {
        let place: *const RefCell<Option<Bailout>> = &*self.0;
        // SAFETY: the context is alive; `hear` expects the argument that is passed here.
        unsafe { LLVMContextSetDiagnosticHandler(llvm.as_ctx_ref(), Some(hear), place.cast_mut().cast()) };
    }

    /// Returns `Ok` if nothing was reported.
    ///
    /// # Errors
    ///
    /// The first report.
    pub(crate) fn check(&self) -> Result<(), Bailout> {
        self.0.take().map_or(Ok(()), Err)
    }
}

/// Keeps the first warning or error.
extern "C" fn hear(info: LLVMDiagnosticInfoRef, place: *mut c_void) {
    // SAFETY: LLVM passes a diagnostic, whose description is ours to free, and the registered place, on the thread that compiles.
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
