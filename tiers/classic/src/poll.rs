//! Polls of the interrupt flag: what the interpreter does when the deadline has passed.

use std::slice;

use riser_tiers_core::{FuncInst, PolledFrame, Status};
use riser_translator::safepoint::SafepointKind;

use crate::call;
use crate::code::Code;
use crate::machine::Machine;
use crate::operator::Stop;

/// Whether the deadline has passed.
#[inline(always)]
unsafe fn is_due<const METERED: bool>(m: &Machine) -> bool {
    // SAFETY: the invariants of `Machine`.
    unsafe { METERED && (*(*m.act).code).epoch && (*(*m.ctx()).store).check_epoch() }
}

/// Makes the usual variant of an operator that polls give way to the full one.
///
/// # Errors
///
/// If a poll is due.
///
/// # Safety
///
/// The invariants of [`Machine`] hold.
#[inline(always)]
pub(crate) unsafe fn leave_to_full<const METERED: bool, const FULL: bool>(m: &Machine) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine`.
    if !FULL && unsafe { is_due::<METERED>(m) } { Err(Stop::Full) } else { Ok(()) }
}

/// Polls the interrupt flag for the operator at `at`. Only the full variant polls.
///
/// # Errors
///
/// If the poll ends the code.
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
    // SAFETY: the invariants of `Machine`.
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

/// Reports the current frame to the VM, which returns whether to continue.
///
/// Calls also poll after a function of the host or of another tier has returned, as if they had
/// entered the function there. That is no safepoint, so no frame is reported.
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
    // SAFETY: the caller guarantees that the arguments describe the frame. A frame consists of the
    // parameters, the declared locals, the link, the caught exceptions and the operands, in this order.
    unsafe {
        let code = &*code;
        let store = (*(*func).context).store;
        let (kept, operands) = (code.kept(fp), code.operands(fp));
        let report = || call::report_frames(func, code, fp, at);
        let frame = PolledFrame {
            func,
            kind,
            // A probe of the entry stands in front of the first operator.
            offset: code.offset(at).max(code.first_offset()),
            params: slice::from_raw_parts(fp, code.params as usize),
            locals: slice::from_raw_parts(fp.add(code.params as usize), (code.locals - code.params) as usize),
            operands: slice::from_raw_parts(operands, sp.offset_from(operands) as usize),
            kept: slice::from_raw_parts(kept, operands.offset_from(kept) as usize),
            report: &report,
        };
        let is_safepoint = kind == SafepointKind::Loop || at == code.start();
        ((*store).polled)(store, is_safepoint.then_some(&frame))
    }
}
