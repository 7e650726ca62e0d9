//! Polls of the interrupt flag whose deadline has passed: the way from the interpreter to the VM.

use std::slice;

use riser_tiers_core::{FuncInst, PolledFrame, Status};
use riser_translator::safepoint::SafepointKind;

use crate::code::Code;
use crate::machine::Machine;
use crate::operator::Stop;

/// Whether the deadline has passed.
#[inline(always)]
unsafe fn is_due<const METERED: bool>(m: &Machine) -> bool {
    // SAFETY: the invariants of `Machine`.
    unsafe { METERED && (*(*m.act).code).epoch && (*(*m.ctx()).store).check_epoch() }
}

/// What an operator that polls in full does first otherwise.
///
/// # Errors
///
/// If a poll would have something to do.
///
/// # Safety
///
/// The invariants of [`Machine`] hold.
#[inline(always)]
pub(crate) unsafe fn leave_to_full<const METERED: bool, const FULL: bool>(m: &Machine) -> Result<(), Stop> {
    // SAFETY: by the contract of this function.
    if !FULL && unsafe { is_due::<METERED>(m) } { Err(Stop::Full) } else { Ok(()) }
}

/// Polls the interrupt flag for the operator at `at`, in full only.
///
/// # Errors
///
/// If the code is to end here.
///
/// # Safety
///
/// The invariants of [`Machine`] hold.
#[inline(always)]
pub(crate) unsafe fn poll<const METERED: bool, const FULL: bool>(
    m: &mut Machine,
    kind: SafepointKind,
    at: *const u8,
) -> Result<(), Stop> {
    // SAFETY: by the contract of this function.
    unsafe {
        if FULL && is_due::<METERED>(m) {
            let status = polled((*m.act).func, (*m.act).code, m.fp, m.sp, kind, at);
            if !status.is_returned() {
                m.at = at;
                return Err(Stop::Exit(status));
            }
            m.refresh_memory();
        }
    }
    Ok(())
}

/// Shows the current frame to the VM, which says whether to go on.
///
/// Calls also poll after a function of the host or of another tier, as if they had entered the
/// function there. That is no safepoint, and no frame is shown.
///
/// # Safety
///
/// `func` runs `code` with the frame at `fp` and the operands up to `sp`, and polls at `at`.
#[cold]
#[inline(never)]
unsafe fn polled(
    func: *const FuncInst,
    code: *const Code,
    fp: *mut u64,
    sp: *mut u64,
    kind: SafepointKind,
    at: *const u8,
) -> Status {
    // SAFETY: by the contract of this function. A frame has the parameters, the declared locals,
    // the link and the operands one after the other.
    unsafe {
        let code = &*code;
        let store = (*(*func).context).store;
        let operands = code.operands(fp);
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
    }
}
