//! Calls, tail calls, returns, and the frames of a trap's backtrace.
//!
//! A function of this tier is entered in its caller's activation: its frame starts at the arguments, and has a
//! [`Link`] to the caller's. Any other function is called through its entry; the result on the value stack looks
//! the same.

use std::ptr;

use riser_tiers_core::{Context, FramePc, FrameValues, FuncInst, RawFrame, SlotEntry, Status, StoreContext};
use riser_translator::TrapCode;
use riser_translator::safepoint::SafepointKind;

use crate::code::Code;
use crate::control::move_down;
use crate::dispatch::run;
use crate::machine::{Activation, Machine};
use crate::operator::Stop;
use crate::poll;
use crate::side_table::BranchEntry;

/// The part of a frame that describes its caller: the caller's registers after the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Link {
    /// The calling function; null for a caller outside the activation.
    func: *const FuncInst,
    /// The calling function's code. Kept, because the function may have been moved to another tier meanwhile.
    code: *const Code,
    fp: *mut u64,
    pc: *const u8,
    branch: *const BranchEntry,
    /// The call operator.
    at: *const u8,
}

impl Link {
    /// How many slots a link takes.
    pub(crate) const SLOTS: usize = size_of::<Link>() / size_of::<u64>();

    /// The link of a frame that was entered from outside the activation.
    const OUTSIDE: Link = Link {
        func: ptr::null(),
        code: ptr::null(),
        fp: ptr::null_mut(),
        pc: ptr::null(),
        branch: ptr::null(),
        at: ptr::null(),
    };

    /// The place of the link in the frame at `fp` of a function with `code`.
    #[inline(always)]
    fn place(fp: *mut u64, code: &Code) -> *mut Link {
        fp.wrapping_add(code.link as usize).cast()
    }
}

/// The entries, without and with instrumentation. A static, so that each has one address.
static ENTRIES: [SlotEntry; 2] = [activate::<false>, activate::<true>];

/// The entry of functions of this tier.
pub(crate) fn entry(metered: bool) -> SlotEntry {
    ENTRIES[usize::from(metered)]
}

/// Runs a function for a caller outside any activation.
///
/// # Safety
///
/// See [`SlotEntry`]; `callee` belongs to this tier.
unsafe extern "C" fn activate<const METERED: bool>(
    callee: *const FuncInst,
    _caller: *mut Context,
    slots: *mut u64,
) -> Status {
    // SAFETY: the caller guarantees what `SlotEntry` asks for, and that `callee` belongs to this tier.
    unsafe {
        if (*(*callee).context).store_mut().native_stack_exhausted() {
            return TrapCode::StackOverflow.into();
        }
        run::<METERED>(callee, slots)
    }
}

/// Sets up the machine and the first frame of an activation.
///
/// # Safety
///
/// See [`SlotEntry`]; `callee` belongs to this tier.
#[inline(always)]
pub(crate) unsafe fn begin(
    act: &mut Activation,
    callee: *const FuncInst,
    slots: *mut u64,
) -> Result<Machine, TrapCode> {
    // SAFETY: the caller guarantees what `SlotEntry` asks for, and that `callee` belongs to this tier.
    unsafe {
        let code = code_that_fits(callee, slots, (*callee).context)?;
        let mut m = Machine { at: ptr::null(), pc: ptr::null(), sp: slots, fp: slots, branch: ptr::null(), act };
        enter(&mut m, callee, code, slots, Link::OUTSIDE);
        Ok(m)
    }
}

/// Returns the code of a function of this tier, if the value stack has room for the function's frame at `fp`.
#[inline(always)]
unsafe fn code_that_fits(callee: *const FuncInst, fp: *mut u64, ctx: *mut Context) -> Result<*const Code, TrapCode> {
    // SAFETY: the function belongs to this tier, so its data is its code.
    let (code, limit) = unsafe { (&*(*callee).tier_data.get().cast::<Code>(), (*ctx).stack_limit) };
    if fp.wrapping_add(code.frame_slots as usize) > limit {
        return Err(TrapCode::StackOverflow);
    }
    Ok(code)
}

/// Makes `callee` the current function, with its arguments at `fp`.
#[inline(always)]
unsafe fn enter(m: &mut Machine, callee: *const FuncInst, code: *const Code, fp: *mut u64, link: Link) {
    // SAFETY: the caller made sure that the frame fits.
    unsafe {
        let code = &*code;
        for local in code.params as usize..code.locals as usize {
            // Volatile, because otherwise the compiler emits a call of `memset`, which takes longer for a few
            // locals, and takes registers from all operators.
            fp.add(local).write_volatile(0);
        }
        *Link::place(fp, code) = link;
        m.fp = fp;
        m.sp = code.operands(fp);
        m.pc = code.start();
        m.branch = code.branches();
        make_current(m, callee, code);
    }
}

/// Makes `func`, which runs `code`, the activation's current function.
#[inline(always)]
unsafe fn make_current(m: &mut Machine, func: *const FuncInst, code: *const Code) {
    // SAFETY: the caller guarantees a function of a living instance.
    unsafe {
        let act = m.act;
        (*act).func = func;
        (*act).code = code;
        (*act).end = (*code).end();
        let ctx = (*func).context;
        if (*act).ctx != ctx {
            (*act).ctx = ctx;
            m.refresh_memory();
        }
    }
}

/// Whether `callee` runs in this activation. Only the full variant prepares functions that have not run before.
#[inline(always)]
unsafe fn is_own<const METERED: bool, const FULL: bool>(callee: *const FuncInst) -> Result<bool, Stop> {
    #[inline(always)]
    unsafe fn has_own_entry<const METERED: bool>(callee: *const FuncInst) -> bool {
        // SAFETY: function instances live as long as the store.
        ptr::fn_addr_eq(unsafe { (*callee).entry.get() }, entry(METERED))
    }

    #[cold]
    #[inline(never)]
    unsafe fn prepare<const METERED: bool>(callee: *const FuncInst) -> Result<bool, Status> {
        // SAFETY: as above; the function's store is the one that runs.
        unsafe {
            let ctx = (*callee).context;
            if ctx.is_null() {
                return Ok(false);
            }
            let status = ((*ctx).store_mut().prepare)(callee);
            if status.is_returned() { Ok(has_own_entry::<METERED>(callee)) } else { Err(status) }
        }
    }

    // SAFETY: by the contract of this function.
    unsafe {
        if has_own_entry::<METERED>(callee) {
            Ok(true)
        } else if FULL {
            Ok(prepare::<METERED>(callee)?)
        } else {
            Err(Stop::Full)
        }
    }
}

/// Calls a function of the host or another tier, with its arguments at `slots`, for the frame at `fp` of the function `func`, which runs
/// `code`, at the operator at `at`; `func` is null if the activation has no frame left. Everything is passed by itself, not in a structure:
/// operators that gave out the address of one could not go on by a tail call.
#[inline(never)]
unsafe fn call_outside(
    callee: *const FuncInst,
    caller: *mut Context,
    slots: *mut u64,
    func: *const FuncInst,
    code: *const Code,
    fp: *mut u64,
    at: *const u8,
) -> Status {
    // SAFETY: the arguments are in place. The frames of the activation stay while the callee runs.
    unsafe {
        let store = (*caller).store;
        let top = (*store).stack_top;
        (*store).stack_top = slots.add((*callee).link_slot() as usize);
        let report = || {
            if !func.is_null() {
                report_frames(func, code, fp, at);
            }
        };
        let status = StoreContext::leave(store, &report, || FuncInst::call(callee, caller, slots));
        (*store).stack_top = top;
        status
    }
}

/// Executes a call of `callee`; `pc` is the return address.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; the arguments are on top of the operand stack.
#[inline(always)]
pub(crate) unsafe fn call<const METERED: bool, const FULL: bool>(
    m: &mut Machine,
    callee: *const FuncInst,
) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine` hold; the arguments are on top of the operand stack.
    unsafe {
        poll::leave_to_full::<METERED, FULL>(m)?;
        let fp = m.sp.sub((*callee).param_slots as usize);
        if is_own::<METERED, FULL>(callee)? {
            let code = code_that_fits(callee, fp, m.ctx())?;
            let Activation { func, code: caller_code, .. } = *m.act;
            let link = Link { func, code: caller_code, fp: m.fp, pc: m.pc, branch: m.branch, at: m.at };
            enter(m, callee, code, fp, link);
        } else {
            let Activation { func, code, .. } = *m.act;
            let status = call_outside(callee, m.ctx(), fp, func, code, m.fp, m.at);
            if !status.is_returned() {
                return Err(Stop::Exit(status));
            }
            m.sp = fp.add((*callee).result_slots as usize);
            m.refresh_memory();
        }
        poll::poll::<METERED, FULL>(m, SafepointKind::Entry, m.pc)
    }
}

/// Executes a tail call of `callee`, in place of the current function.
///
/// # Safety
///
/// The invariants of [`Machine`] hold; the arguments are on top of the operand stack.
#[inline(always)]
pub(crate) unsafe fn return_call<const METERED: bool, const FULL: bool>(
    m: &mut Machine,
    callee: *const FuncInst,
) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine` hold; the arguments are on top of the operand stack. The current
    // frame's link is read before the arguments may overwrite it, and nothing traps in the current frame after
    // that.
    unsafe {
        poll::leave_to_full::<METERED, FULL>(m)?;
        let params = (*callee).param_slots as usize;
        let link = *Link::place(m.fp, &*(*m.act).code);
        if is_own::<METERED, FULL>(callee)? {
            let code = code_that_fits(callee, m.fp, m.ctx())?;
            move_down::<FULL>(m.sp.sub(params), m.fp, params)?;
            enter(m, callee, code, m.fp, link);
        } else {
            move_down::<FULL>(m.sp.sub(params), m.fp, params)?;
            if link.func.is_null() && !(*callee).context.is_null() {
                // No frame is left in the activation: whoever entered it makes the call.
                (*(*m.ctx()).store).tail_callee = callee;
                m.at = ptr::null();
                return Err(Stop::Exit(Status::TAIL_CALL));
            }
            let Link { func, code, fp, at, .. } = link;
            let status = call_outside(callee, m.ctx(), m.fp, func, code, fp, at);
            let results_end = m.fp.add((*callee).result_slots as usize);
            let resumed = resume(m, &link, results_end);
            if !status.is_returned() {
                m.at = link.at;
                return Err(Stop::Exit(status));
            }
            resumed?;
            m.refresh_memory();
        }
        poll::poll::<METERED, FULL>(m, SafepointKind::Entry, m.pc)
    }
}

/// Returns from the current function, whose results are on top of the operand stack.
///
/// # Safety
///
/// The invariants of [`Machine`] hold.
#[inline(always)]
pub(crate) unsafe fn ret<const FULL: bool>(m: &mut Machine) -> Result<(), Stop> {
    // SAFETY: the invariants of `Machine`. The results do not overwrite the link.
    unsafe {
        let code = &*(*m.act).code;
        let results = code.results as usize;
        move_down::<FULL>(m.sp.sub(results), m.fp, results)?;
        resume(m, Link::place(m.fp, code), m.fp.add(results))
    }
}

/// Continues in the caller, with the operands up to `sp`.
#[inline(always)]
unsafe fn resume(m: &mut Machine, link: *const Link, sp: *mut u64) -> Result<(), Stop> {
    // SAFETY: the caller guarantees the link of a frame; the function that the link names belongs to a living
    // instance.
    unsafe {
        if (*link).func.is_null() {
            m.at = ptr::null();
            return Err(Stop::Exit(Status::RETURNED));
        }
        m.pc = (*link).pc;
        m.branch = (*link).branch;
        m.sp = sp;
        m.fp = (*link).fp;
        make_current(m, (*link).func, (*link).code);
    }
    Ok(())
}

/// Continues in the function `func`, which runs `code`, at a handler: with its context, whatever ran meanwhile.
///
/// # Safety
///
/// `func` is a function of a living instance, and the registers of the machine are those of its frame.
pub(crate) unsafe fn go_on_in(m: &mut Machine, func: *const FuncInst, code: *const Code) {
    // SAFETY: by the contract of this function.
    unsafe {
        make_current(m, func, code);
        m.refresh_memory();
    }
}

/// The caller of the frame at `fp` of a function that runs `code`: its function, its code, its frame, and the call. The function is
/// null if the caller is outside the activation.
///
/// # Safety
///
/// The frame is one of a function that has not yet returned.
pub(crate) unsafe fn caller(fp: *mut u64, code: *const Code) -> (*const FuncInst, *const Code, *mut u64, *const u8) {
    // SAFETY: by the contract of this function.
    unsafe {
        let Link { func, code, fp, at, .. } = *Link::place(fp, &*code);
        (func, code, fp, at)
    }
}

/// Reports the frames of a trap in the function `func`, at the operator at `at`, and of the
/// callers in the activation.
///
/// # Safety
///
/// `fp` is the start of the frame of `func`, which runs `code`.
#[cold]
#[inline(never)]
pub(crate) unsafe fn report_frames(
    mut func: *const FuncInst,
    mut code: *const Code,
    mut fp: *mut u64,
    mut at: *const u8,
) {
    // SAFETY: each link describes the frame of a function that has not yet returned.
    unsafe {
        let store = (*(*func).context).store_mut();
        while !func.is_null() {
            let (operands, kept) = ((*code).operands(fp).cast_const(), (*code).kept(fp).cast_const());
            let values = FrameValues::Slots { locals: fp, operands, kept: Some(kept) };
            store.push_frame(RawFrame { func, pc: FramePc::Wasm((*code).offset(at)), values });
            (func, code, fp, at) = caller(fp, code);
        }
    }
}
