//! Exceptions: the operators that throw, and where what is thrown is handled.

use std::ptr;

use riser_tiers_core::{Exception, StoreContext};
use riser_translator::TagIndex;

use crate::call;
use crate::machine::{Activation, Machine};
use crate::operator::Stop;
use crate::side_table::{Landing, Reference};

/// `throw`. Only the full variant throws.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; `pc` is just after the opcode.
#[inline(always)]
pub(crate) unsafe fn throw<const FULL: bool>(m: &mut Machine) -> Result<(), Stop> {
    if !FULL {
        return Err(Stop::Full);
    }
    // SAFETY: the invariants of `Machine`. The payload is on top of the operand stack; what the code still uses is below.
    unsafe {
        let ctx = m.ctx();
        let tag = (*ctx).tag(TagIndex::new(m.leb_u32()));
        let args = m.sp.sub((*tag).slots as usize);
        Err(Stop::Exit(StoreContext::throw((*ctx).store, tag, args, m.sp)))
    }
}

/// `throw_ref`
///
/// # Safety
///
/// As for [`throw`].
#[inline(always)]
pub(crate) unsafe fn throw_ref<const FULL: bool>(m: &mut Machine) -> Result<(), Stop> {
    if !FULL {
        return Err(Stop::Full);
    }
    // SAFETY: the invariants of `Machine`; the reference is on top of the operand stack.
    unsafe {
        let exception = m.pop_bits();
        Err(Stop::Exit((*(*m.ctx()).store).throw_ref(exception)))
    }
}

/// `rethrow`: its entry has the slot of the reference, from the link on.
///
/// # Safety
///
/// As for [`throw`].
#[inline(always)]
pub(crate) unsafe fn rethrow<const FULL: bool>(m: &mut Machine) -> Result<(), Stop> {
    if !FULL {
        return Err(Stop::Full);
    }
    // SAFETY: the invariants of `Machine`; the handler that is running has put the reference there.
    unsafe {
        let exception = *(*(*m.act).code).kept(m.fp).add((*m.branch).keep as usize);
        Err(Stop::Exit((*(*m.ctx()).store).throw_ref(exception)))
    }
}

/// Looks for a handler of the exception in flight among the frames of the activation that has left. Returns the machine that
/// continues there, if there is one.
///
/// # Safety
///
/// The activation was left at an operator, and an exception is in flight.
#[cold]
#[inline(never)]
pub(crate) unsafe fn land(act: *mut Activation) -> Option<Machine> {
    // SAFETY: each link describes the frame of a function that has not yet returned; a clause's slots are in the frame.
    unsafe {
        let (mut func, mut code, mut fp, mut at) = ((*act).func, (*act).code, (*act).left_fp, (*act).left_at);
        while !func.is_null() {
            let ctx = (*func).context;
            let found = (*code).handlers().find((*code).offset(at), |tag| (*ctx).catches(tag));
            if let Some(&Landing { tag, reference, height, target, entries }) = found {
                let exception = (*(*ctx).store).exception;
                let mut sp = (*code).operands(fp).add(height as usize);
                if tag.is_some() {
                    let values = Exception::values(exception);
                    ptr::copy_nonoverlapping(values.as_ptr(), sp, values.len());
                    sp = sp.add(values.len());
                }
                let bits = exception.expose_provenance() as u64;
                match reference {
                    Reference::None => {}
                    Reference::Operand => {
                        *sp = bits;
                        sp = sp.add(1);
                    }
                    Reference::Slot(slot) => *(*code).kept(fp).add(slot as usize) = bits,
                }
                (*(*ctx).store).caught(reference != Reference::None);
                let (pc, branch) = ((*code).at(target), (*code).branches().add(entries as usize));
                let mut m = Machine { at: ptr::null(), pc, sp, fp, branch, act };
                call::go_on_in(&mut m, func, code);
                return Some(m);
            }
            (func, code, fp, at) = call::caller(fp, code);
        }
        None
    }
}
