//! Polls of the interrupt flag whose deadline has passed: the way from the loop to the VM.

use std::slice;

use riser_tiers_core::{FuncInst, PolledFrame};
use riser_translator::safepoint::SafepointKind;

use crate::call::{Exit, Link};
use crate::code::Code;

/// Shows the current frame to the VM, which says whether to go on.
///
/// The loop also polls after a call of the host or of another tier, as if it had entered the
/// function there. That is no safepoint, and no frame is shown.
///
/// # Errors
///
/// If the code is to end here.
///
/// # Safety
///
/// `func` runs `code` with the frame at `fp` and the operands up to `sp`, and polls at `at`.
#[cold]
#[inline(never)]
pub(crate) unsafe fn polled(
    func: *const FuncInst,
    code: *const Code,
    fp: *mut u64,
    sp: *mut u64,
    kind: SafepointKind,
    at: *const u8,
) -> Result<(), Exit> {
    // SAFETY: by the contract of this function. A frame has the parameters, the declared locals,
    // the link and the operands one after the other.
    let status = unsafe {
        let code = &*code;
        let store = (*(*func).context).store;
        let operands = fp.add(code.locals as usize + Link::SLOTS);
        let frame = PolledFrame {
            func,
            kind,
            offset: code.offset(at),
            params: slice::from_raw_parts(fp, code.params as usize),
            locals: slice::from_raw_parts(fp.add(code.params as usize), (code.locals - code.params) as usize),
            operands: slice::from_raw_parts(operands, sp.offset_from(operands) as usize),
        };
        let is_safepoint = kind == SafepointKind::Loop || at == code.start();
        ((*store).polled)(store, is_safepoint.then_some(&frame))
    };
    if status.is_returned() { Ok(()) } else { Err(Exit { status, at }) }
}
