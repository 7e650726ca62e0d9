//! Dispatch from operator to operator.
//!
//! If the compiler turns sibling calls into jumps, each operator is a function of its own that ends
//! in a jump to the next operator's (`tail.rs`), which is what C interpreters do with computed
//! `goto`. Otherwise there is a loop around one `match`. Both execute the same
//! [`operator::execute`].

use riser_tiers_core::{FuncInst, Status};
use riser_translator::safepoint::SafepointKind;

use crate::machine::{Activation, Machine};
use crate::operator::Stop;
use crate::{call, exception, opcode, poll};

/// Runs a function of this tier, and those it calls, until it returns or traps.
///
/// `METERED` says whether operators check if the code charges fuel and polls the interrupt flag;
/// plain ones do not pay for the check.
///
/// # Safety
///
/// See [`riser_tiers_core::SlotEntry`].
pub(crate) unsafe fn run<const METERED: bool>(callee: *const FuncInst, slots: *mut u64) -> Status {
    let mut act = Activation::EMPTY;
    // SAFETY: the caller guarantees what `SlotEntry` asks for; from then on, the invariants of
    // `Machine` hold, because the code is valid.
    unsafe {
        let mut m = match call::begin(&mut act, callee, slots) {
            Ok(machine) => machine,
            Err(code) => return code.into(),
        };
        let start = m.pc;
        let mut status = match poll::poll::<METERED, true>(&mut m, SafepointKind::Entry, start) {
            Ok(()) => go_on::<METERED>(m),
            Err(stop) => leave(&m, stop),
        };
        while status == Status::EXCEPTION
            && !act.left_at.is_null()
            && let Some(handler) = exception::land(&raw mut act)
        {
            status = go_on::<METERED>(handler);
        }
        if !act.left_at.is_null() {
            // The current function trapped.
            call::report_frames(act.func, act.code, act.left_fp, act.left_at);
        }
        status
    }
}

/// Executes operators from `m.pc` on until the interpreter is left.
#[inline(always)]
unsafe fn go_on<const METERED: bool>(m: Machine) -> Status {
    // SAFETY: the invariants of `Machine`.
    unsafe {
        #[cfg(tail_dispatch)]
        {
            crate::tail::run::<METERED>(m)
        }
        #[cfg(not(tail_dispatch))]
        {
            run_loop::<METERED>(m)
        }
    }
}

/// As [`go_on`], in a loop.
#[cfg(not(tail_dispatch))]
unsafe fn run_loop<const METERED: bool>(mut m: Machine) -> Status {
    use crate::operator;

    // SAFETY: the invariants of `Machine`.
    unsafe {
        loop {
            let opcode = opcode::at(m.pc);
            m.begin_operator(m.pc, opcode);
            let charged = if charge::<METERED>(&m, opcode) { Ok(()) } else { out_of_fuel(m.act, 0) };
            let executed = match charged {
                Ok(()) => operator::execute::<METERED, true>(&mut m, opcode),
                Err(stop) => Err(stop),
            };
            if let Err(stop) = executed {
                return leave(&m, stop);
            }
        }
    }
}

/// Leaves the interpreter: records where, and returns the status.
#[inline(always)]
pub(crate) unsafe fn leave(m: &Machine, stop: Stop) -> Status {
    // SAFETY: the invariants of `Machine`.
    unsafe {
        (*m.act).left_at = m.at;
        (*m.act).left_fp = m.fp;
        match stop {
            Stop::Exit(status) => status,
            // The full variant of an operator never stops with `Full`.
            Stop::Full => std::hint::unreachable_unchecked(),
        }
    }
}

/// Adds the operator's cost, and charges for the straight-line segment if it ends here. Returns false if there is less fuel: then
/// [`out_of_fuel`] has to charge.
#[inline(always)]
pub(crate) unsafe fn charge<const METERED: bool>(m: &Machine, opcode: u32) -> bool {
    // SAFETY: the invariants of `Machine`.
    unsafe {
        let act = m.act;
        if METERED && (*(*act).code).fuel {
            let metering = opcode::METERING[opcode.min(opcode::Prefix) as usize];
            // A probe may have taken the operator's cost off.
            (*act).units = (*act).units.wrapping_add(metering.cost.into());
            if metering.ends_segment && (*act).units != 0 {
                if !(*(*m.ctx()).store).charge((*act).units) {
                    return false;
                }
                (*act).units = 0;
            }
        }
    }
    true
}

/// Has the VM charge for a straight-line segment for which there is too little fuel. If the operator that ends it is going to charge
/// again, `cost` is its cost, which is taken off; otherwise 0.
///
/// # Errors
///
/// If the code ends here.
///
/// # Safety
///
/// The activation belongs to a machine whose invariants hold.
#[cold]
#[inline(never)]
pub(crate) unsafe fn out_of_fuel(act: *mut Activation, cost: u8) -> Result<(), Stop> {
    // SAFETY: by the contract of this function; the context belongs to a living instance.
    unsafe {
        let context = (*act).ctx;
        let store = (*context).store;
        let status = ((*store).out_of_fuel)(store, (*act).units);
        if !status.is_returned() {
            return Err(Stop::Exit(status));
        }
        (*act).units = 0_u64.wrapping_sub(cost.into());
        let memory = &*(*context).memory0;
        ((*act).mem, (*act).mem_len) = (memory.base(), memory.len_bytes());
    }
    Ok(())
}
