//! Activations: entering and leaving the interpreter.
//!
//! An activation runs frames on the value stack until the first one returns, or a trap ends them all. Calls of the host
//! and of other tiers nest on the native stack; calls among interpreted functions do not.
//!
//! A poll of the interrupt flag that finds its epoch passed also leaves the dispatch strategy ([`Status::POLLED`]). The
//! activation continues behind the poll unless the VM ends the code. A probe does the same.

use std::sync::OnceLock;

use riser_tiers_core::{Context, FrameValues, FuncInst, RawFrame, Status, StoreContext};
use riser_translator::TrapCode;

use super::dispatch::{Bounds, Dispatch};
use super::handlers::call::write_link;
use super::handlers::control::{EPOCH_WORDS, HEAT_WORDS, PROBE_WORDS};
use super::heat::loop_offset;
use super::loops;
use super::regs::Regs;
use super::state::{Probe, State};
#[cfg(tail_dispatch)]
use super::tail;
use super::tokens::Token;
use super::unwind;

/// The entry of functions of the register interpreter.
pub const ENTRY: riser_tiers_core::SlotEntry = enter;

/// Whether the function runs in the register interpreter.
///
/// # Safety
///
/// `func` is a function of a living store.
#[inline(always)]
pub(super) unsafe fn is_interpreted(func: *const FuncInst) -> bool {
    // SAFETY: `func` is a function of a living store.
    unsafe { (*func).entry.get() as usize == ENTRY as usize }
}

/// Returns the head word of an instruction in a strategy's form, with one of the [copies](Dispatch::copies) of its handler.
#[inline]
pub(super) fn head(dispatch: Dispatch, token: usize, copy: u8) -> u64 {
    debug_assert!(copy < dispatch.copies(), "a strategy has as many copies of a handler as it says");
    // The default strategy needs no detour through a table of strategies.
    #[cfg(tail_dispatch)]
    if dispatch == Dispatch::ReplicatedTail {
        return tail::DIRECT_HANDLERS[copy as usize][token] as usize as u64;
    }
    match dispatch.effective() {
        Dispatch::Switch | Dispatch::Profile => token as u64,
        Dispatch::CallLoop => loops::HANDLERS[token] as usize as u64,
        #[cfg(tail_dispatch)]
        Dispatch::DirectTail | Dispatch::ReplicatedTail => tail::DIRECT_HANDLERS[copy as usize][token] as usize as u64,
        #[cfg(tail_dispatch)]
        Dispatch::TokenTail => token as u64,
        #[cfg(not(tail_dispatch))]
        Dispatch::DirectTail | Dispatch::TokenTail | Dispatch::ReplicatedTail => loops::HANDLERS[token] as usize as u64,
        #[cfg(feature = "become")]
        Dispatch::Become => super::r#become::HANDLERS[token] as usize as u64,
    }
}

/// Whether a word is the head of an instruction, with any copy of its handler.
fn is_head(word: u64, dispatch: Dispatch, token: usize) -> bool {
    (0..dispatch.copies()).any(|copy| word == head(dispatch, token, copy))
}

/// Code that belongs to no function.
struct Stubs {
    /// `Halt`, behind a word that represents the call that returns to it.
    halt: [u64; 2],
    /// `Translate`.
    translate: [u64; 1],
    /// `Native`.
    native: [u64; 1],
}

/// The stubs in a strategy's form.
fn stubs(dispatch: Dispatch) -> &'static Stubs {
    static STUBS: [OnceLock<Stubs>; 8] = [const { OnceLock::new() }; 8];
    STUBS[dispatch as usize].get_or_init(|| Stubs {
        halt: [0, head(dispatch, Token::Halt as usize, 0)],
        translate: [head(dispatch, Token::Translate as usize, 0)],
        native: [head(dispatch, Token::Native as usize, 0)],
    })
}

/// Where the first frame of an activation returns to.
pub(super) fn halt(dispatch: Dispatch) -> *const u64 {
    &raw const stubs(dispatch).halt[1]
}

/// The stub for a function that has not been translated yet.
pub fn lazy_code(dispatch: Dispatch) -> *const u64 {
    stubs(dispatch).translate.as_ptr()
}

/// The stub for a function that has moved to another tier.
pub fn native_code(dispatch: Dispatch) -> *const u64 {
    stubs(dispatch).native.as_ptr()
}

/// Translates the function.
///
/// # Safety
///
/// `func` is a function of a module instance of a living store.
#[cold]
#[inline(never)]
pub(super) unsafe fn translate(func: *const FuncInst) -> Status {
    // SAFETY: `func` is a function of a module instance of a living store.
    unsafe { ((*State::of((*func).store)).callbacks.translate)(func) }
}

/// Calls a function of another tier or of the host, for the frame at `fp` of code with the context `caller`, at `ip`: the last word of
/// the call. Everything is passed by itself, not in a structure: handlers that gave out the address of one could not go on by a tail
/// call.
///
/// # Safety
///
/// The callee's arguments are at `slots`. The frame is the innermost one of the activation.
#[inline(never)]
pub(super) unsafe fn call_out(
    callee: *const FuncInst,
    cx: *mut Context,
    slots: *mut u64,
    ip: *const u64,
    fp: *const u64,
    caller: *const Context,
) -> Status {
    // SAFETY: the callee's arguments are at `slots`. The frames of the activation stay while the callee runs.
    unsafe {
        let store = (*cx).store;
        let outer = (*store).stack_top;
        (*store).stack_top = slots.add((*callee).link_slot() as usize);
        let report = || report_from(store, Place { ip, fp, cx: caller });
        let status = StoreContext::leave(store, &report, || FuncInst::call(callee, cx, slots));
        (*store).stack_top = outer;
        status
    }
}

/// Asks the VM to charge fuel of which less is left.
///
/// # Safety
///
/// The context is that of an instance of a living store, whose code charges `units`.
#[cold]
#[inline(never)]
pub(super) unsafe fn out_of_fuel(cx: *mut Context, units: u64) -> Status {
    // SAFETY: by the contract of this function.
    unsafe {
        let store = (*cx).store;
        ((*store).out_of_fuel)(store, units)
    }
}

/// Runs a function in an activation of its own.
unsafe extern "C" fn enter(callee: *const FuncInst, _caller: *mut Context, slots: *mut u64) -> Status {
    // SAFETY: by the contract of `SlotEntry`.
    unsafe {
        let cx = (*callee).context;
        let store = (*cx).store;
        if (*store).native_stack_exhausted() {
            return TrapCode::StackOverflow.into();
        }
        let state = State::of(store);
        let halt = halt((*state).dispatch);
        write_link(slots.add((*callee).link_slot() as usize), halt, slots, cx);
        let memory = (*cx).memory0;
        let mut regs = Regs {
            ip: (*callee).code.get(),
            fp: slots,
            mem: (*memory).base(),
            mem_len: (*memory).len_bytes(),
            cx,
            acc: callee as u64,
            acc_f32: 0.0,
            acc_f64: 0.0,
        };
        drive(&mut regs, state, halt)
    }
}

/// Runs an activation to its end.
///
/// # Safety
///
/// `regs` are those of a frame of the activation, whose first frame returns to `halt`; `state` is that of its store.
#[inline(always)]
pub(super) unsafe fn drive(regs: &mut Regs, state: *mut State, halt: *const u64) -> Status {
    // SAFETY: by the contract of this function.
    unsafe {
        let State { dispatch, bounds, .. } = *state;
        loop {
            let mut status = if bounds == Bounds::Guard { run_guarded(regs, dispatch) } else { run(regs, dispatch) };
            if status == Status::POLLED {
                status = polled(regs, state);
                if status.is_returned() {
                    continue;
                }
            }
            if status == Status::HOT {
                status = hot(regs, state);
                if status.is_returned() {
                    continue;
                }
            }
            if status == Status::EXCEPTION && unwind::land(regs, state, halt) {
                continue;
            }
            if !status.is_returned() && status != Status::TAIL_CALL {
                report_frames((*regs.cx).store);
            }
            return status;
        }
    }
}

/// Handles a poll or a probe at which the activation left: asks the VM whether to continue, and sets the registers to the
/// instruction behind it. The accumulators hold nothing there.
///
/// # Safety
///
/// `state` is that of the store of `regs`, and holds the position where the activation left.
#[cold]
#[inline(never)]
unsafe fn polled(regs: &mut Regs, state: *mut State) -> Status {
    // SAFETY: by the contract of this function.
    unsafe {
        let State { exit, callbacks, dispatch, .. } = *state;
        let [ip, fp, cx] = exit;
        let (ip, fp, cx) = (ip as *const u64, fp as *mut u64, cx as *mut Context);
        // Whatever else handlers of other instructions share, that of a poll is another one than that of a probe.
        let is_probe = is_head(*ip, dispatch, Token::Probe as usize);
        let (status, words) = if is_probe {
            let [function, number, shift] = [2, 3, 4].map(|half| *ip.cast::<u32>().add(half));
            ((callbacks.probed)(cx, Probe { function, number, shift }, fp), PROBE_WORDS)
        } else {
            ((callbacks.polled)(cx, ip, fp, &|| report_frames((*cx).store)), EPOCH_WORDS)
        };
        // Code that ran meanwhile may have left elsewhere.
        (*state).exit = exit;
        *regs = Regs { ip: ip.add(words), fp, cx, ..*regs };
        regs.reload_memory();
        status
    }
}

/// Handles a counter that has run out where the activation left: continues behind the instruction, or, if another tier
/// has completed the frame's function, in the caller.
///
/// # Safety
///
/// `state` is that of the store of `regs`, and holds the position where the activation left.
#[cold]
#[inline(never)]
unsafe fn hot(regs: &mut Regs, state: *mut State) -> Status {
    // SAFETY: by the contract of this function.
    unsafe {
        let State { exit: [ip, fp, cx], callbacks, .. } = *state;
        let (ip, fp, cx) = (ip as *const u64, fp as *mut u64, cx as *mut Context);
        let store = (*cx).store;
        let ended = (callbacks.find_code)(cx, ip).and_then(|(func, _)| {
            // Reads the link before the call: functions that this one tail-calls through us may have arguments in its
            // place.
            let link = fp.add((*func).link_slot() as usize);
            let link = [0, 1, 2].map(|word| *link.add(word) as usize);
            // Other code goes on in place of this frame, so the caller's is the innermost one.
            let [back, fp_of_caller, cx_of_caller] = link;
            let place = Place {
                ip: (back as *const u64).sub(1),
                fp: fp_of_caller as *const u64,
                cx: cx_of_caller as *const Context,
            };
            let report = || report_from(store, place);
            let status = StoreContext::leave(store, &report, || (callbacks.hot)(func, loop_offset(ip), fp));
            status.map(|status| (link, status))
        });
        let Some(([ip, fp, cx], status)) = ended else {
            *regs = Regs { ip: ip.add(HEAT_WORDS), fp, cx, ..*regs };
            regs.reload_memory();
            return Status::RETURNED;
        };
        if status.is_returned() {
            *regs = Regs { ip: ip as *const u64, fp: fp as *mut u64, cx: cx as *mut Context, ..*regs };
            regs.reload_memory();
        } else {
            // The frame is gone, so the trap is at the caller's call.
            (*state).exit = [ip - size_of::<u64>(), fp, cx];
        }
        status
    }
}

/// Runs until the code leaves the interpreter, and stores the position where it left.
#[inline(always)]
unsafe fn run(regs: &mut Regs, dispatch: Dispatch) -> Status {
    // SAFETY: by the contract of the caller.
    unsafe {
        match dispatch {
            #[cfg(tail_dispatch)]
            Dispatch::DirectTail | Dispatch::ReplicatedTail => tail::run_direct(regs),
            #[cfg(tail_dispatch)]
            Dispatch::TokenTail => tail::run_token(regs),
            #[cfg(feature = "become")]
            Dispatch::Become => super::r#become::run(regs),
            #[cfg(not(tail_dispatch))]
            Dispatch::DirectTail | Dispatch::TokenTail | Dispatch::ReplicatedTail => in_loop(regs, loops::run_calls),
            Dispatch::CallLoop => in_loop(regs, loops::run_calls),
            Dispatch::Switch => in_loop(regs, loops::run_switch),
            Dispatch::Profile => in_loop(regs, loops::run_profiled),
        }
    }
}

/// Runs a loop, which leaves the registers in memory, with the position where the code left.
#[inline(always)]
unsafe fn in_loop(regs: &mut Regs, run: unsafe fn(&mut Regs) -> Status) -> Status {
    // SAFETY: by the contract of the caller.
    unsafe {
        let status = run(regs);
        (*State::of((*regs.cx).store)).exit = [regs.ip.addr(), regs.fp.addr(), regs.cx.addr()];
        status
    }
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
unsafe fn run_guarded(regs: &mut Regs, dispatch: Dispatch) -> Status {
    unsafe extern "sysv64" fn run_number(regs: *mut Regs, number: u64) -> Status {
        // SAFETY: `enter` below passes the arguments that it was given.
        unsafe { run(&mut *regs, Dispatch::from_number(number as u8)) }
    }
    // SAFETY: by the contract of the caller.
    unsafe {
        let stack = &raw mut (*State::of((*regs.cx).store)).fault_stack;
        super::fault::enter(run_number, regs, dispatch as u64, stack)
    }
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
unsafe fn run_guarded(regs: &mut Regs, dispatch: Dispatch) -> Status {
    // SAFETY: by the contract of the caller.
    unsafe { run(regs, dispatch) }
}

/// Adds the frames of the activation that a trap ends to the store's backtrace.
#[cold]
unsafe fn report_frames(store: *mut StoreContext) {
    // SAFETY: the exit state is that of this activation; links are intact below it.
    unsafe {
        let [ip, fp, cx] = (*State::of(store)).exit;
        let place = Place { ip: ip as *const u64, fp: fp as *const u64, cx: cx as *const Context };
        report_from(store, place);
    }
}

/// The place of a frame.
#[derive(Clone, Copy)]
struct Place {
    /// The instruction that it is at.
    ip: *const u64,
    fp: *const u64,
    cx: *const Context,
}

/// Adds the frames of an activation to the store's backtrace, from the one at a place on.
///
/// # Safety
///
/// The place is one of the activation, whose links are intact below it.
#[cold]
unsafe fn report_from(store: *mut StoreContext, place: Place) {
    // SAFETY: by the contract of this function.
    unsafe {
        let State { callbacks, dispatch, .. } = *State::of(store);
        let halt = halt(dispatch);
        let Place { mut ip, mut fp, mut cx } = place;
        // The word before `halt` represents the call that returns there.
        while ip != halt && ip != halt.sub(1) {
            let Some((func, pc)) = (callbacks.find_code)(cx, ip) else { return };
            (*store).push_frame(RawFrame { func, pc, values: FrameValues::Frame(fp) });
            let link = fp.add((*func).link_slot() as usize);
            ip = (*link as *const u64).sub(1);
            fp = *link.add(1) as *const u64;
            cx = *link.add(2) as *const Context;
        }
    }
}
