//! Calls and returns.
//!
//! A frame's link, in three slots from [`FuncInst::link_slot`] on, holds the caller's return address, frame pointer and
//! context. Calls among functions of the register interpreter, of whatever instance, write the link and continue in the
//! callee; all other functions are called through [`FuncInst::entry`].

use std::marker::PhantomData;

use riser_tiers_core::{Context, FuncInst, Status};
use riser_translator::{FuncIndex, TableIndex, TypeIndex};

use crate::regs::{A, Flow, Handler, Regs, S, Source, Value, trap_check};
use crate::run;
use crate::tokens::Token;

/// Writes the link of a frame.
///
/// # Safety
///
/// `link` points to three slots of the value stack.
#[inline(always)]
pub(crate) unsafe fn write_link(link: *mut u64, ip: *const u64, fp: *mut u64, cx: *mut Context) {
    // SAFETY: `link` points to three slots of the value stack.
    unsafe {
        link.write(ip as u64);
        link.add(1).write(fp as u64);
        link.add(2).write(cx as u64);
    }
}

/// Returns to the caller that a link names.
///
/// # Safety
///
/// `link` points to the link of the current frame.
#[inline(always)]
unsafe fn follow_link(regs: &mut Regs, link: *const u64) -> Flow {
    // SAFETY: `link` points to the link of the current frame.
    unsafe {
        regs.ip = *link as *const u64;
        regs.fp = *link.add(1) as *mut u64;
        regs.enter_context(*link.add(2) as *mut Context);
    }
    Flow::Next
}

/// Calls a function of another tier or of the host, with its arguments at the frame's first slot, in place of the current frame,
/// whose link this is.
///
/// # Safety
///
/// As for [`run::call_out`]; these are the words of a link.
#[inline(always)]
unsafe fn call_out_for_caller(callee: *const FuncInst, regs: &Regs, [ip, fp, cx]: [u64; 3]) -> Status {
    // SAFETY: by the contract of this function; the link has the address of the word behind a call.
    unsafe {
        let ip = (ip as *const u64).sub(1);
        run::call_out(callee, regs.cx, regs.fp, ip, fp as *const u64, cx as *const Context)
    }
}

/// Words of an instruction that calls a function of any tier.
const CALL_WORDS: usize = 3;

/// Calls a function of any tier with the operands of the instruction at `ip`. Halves: base, link.
///
/// # Safety
///
/// As for the bodies that call this.
#[inline(always)]
unsafe fn call(regs: &mut Regs, callee: *const FuncInst) -> Flow {
    // SAFETY: by the contract of this function.
    unsafe {
        regs.acc = callee as u64;
        if !run::is_interpreted(callee) {
            return Flow::CallOut;
        }
        write_link(regs.slot(regs.field32(1)), regs.ip.add(CALL_WORDS), regs.fp, regs.cx);
        regs.fp = regs.slot(regs.field32(0));
        regs.ip = (*callee).code.get();
        regs.enter_context((*callee).context);
        Flow::Next
    }
}

/// Completes a call whose callee, in the accumulator, belongs to another tier or to the host. It is a body of its own,
/// reached by [`Flow::CallOut`], so that calls within the interpreter do not pay for its use of the native stack.
pub(crate) struct CallOut;

impl Handler for CallOut {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function; `ip` is at the call.
        unsafe {
            let (slots, ip) = (regs.slot(regs.field32(0)), regs.ip.add(CALL_WORDS - 1));
            let status = run::call_out(regs.acc as *const FuncInst, regs.cx, slots, ip, regs.fp, regs.cx);
            if !status.is_returned() {
                return Flow::Exit(status);
            }
            regs.reload_memory();
            regs.advance(CALL_WORDS)
        }
    }
}

/// Calls a function of any tier in place of the current one, whose link is at `link`.
///
/// # Safety
///
/// The callee's `params` slots of arguments are at `args`.
#[inline(always)]
unsafe fn return_call(
    regs: &mut Regs,
    callee: *const FuncInst,
    args: *const u64,
    params: usize,
    link: *const u64,
    new_link: usize,
) -> Flow {
    // SAFETY: the callee's `params` slots of arguments are at `args`, and `link` is that of the current frame.
    unsafe {
        let back = [*link, *link.add(1), *link.add(2)];
        std::ptr::copy(args, regs.fp, params);
        if run::is_interpreted(callee) {
            write_link(regs.fp.add(new_link), back[0] as *const u64, back[1] as *mut u64, back[2] as *mut Context);
            regs.ip = (*callee).code.get();
            regs.enter_context((*callee).context);
            regs.acc = callee as u64;
            Flow::Next
        } else if back[1] as *mut u64 == regs.fp && !(*callee).context.is_null() {
            // The activation's first frame links to itself. A tail call from it leaves nothing of the activation.
            (*(*regs.cx).store).tail_callee = callee;
            Flow::Exit(Status::TAIL_CALL)
        } else {
            let status = call_out_for_caller(callee, regs, back);
            regs.fp = back[1] as *mut u64;
            regs.cx = back[2] as *mut Context;
            if !status.is_returned() {
                // The frame is gone, so the trap is at the caller's call.
                regs.ip = (back[0] as *const u64).sub(1);
                return Flow::Exit(status);
            }
            regs.ip = back[0] as *const u64;
            regs.reload_memory();
            Flow::Next
        }
    }
}

/// Call a function of the module. Halves: base, link, byte offset in the defined functions.
pub(crate) struct CallDefined;

impl Handler for CallDefined {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            // Writes the link first, so that what the callee's code needs fits the free registers.
            write_link(regs.slot(regs.field32(1)), regs.ip.add(CALL_WORDS), regs.fp, regs.cx);
            let callee = (*regs.cx).defined.byte_add(regs.field32(2) as usize);
            regs.fp = regs.slot(regs.field32(0));
            regs.ip = (*callee).code.get();
            regs.acc = callee as u64;
            Flow::Next
        }
    }
}

/// Call an imported function. Halves: base, link, function index.
pub(crate) struct CallImported;

impl Handler for CallImported {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let callee = (*regs.cx).function(FuncIndex::new(regs.field32(2)));
            call(regs, callee)
        }
    }
}

/// Reads the operands that all calls through a table have, from word 2 on. Fields of word 2: index, table, type index
/// (32 bits). The 64-bit index of a 64-bit table is read whole.
#[inline(always)]
unsafe fn indirect_callee<X: IndexSource>(regs: &Regs) -> Result<*const FuncInst, riser_translator::TrapCode> {
    // SAFETY: by the contract of the bodies that call this.
    unsafe {
        let index = X::index(regs, 4);
        let table = TableIndex::new(regs.field16(5).into());
        (*regs.cx).indirect_callee(table, TypeIndex::new(regs.field32(3)), index)
    }
}

/// The source of the index of a call through a table.
pub(crate) trait IndexSource {
    /// The index.
    ///
    /// # Safety
    ///
    /// The instruction has such an operand at the 16-bit field `at`.
    unsafe fn index(regs: &Regs, at: usize) -> u64;
}

impl<X: Source<i64>> IndexSource for X {
    #[inline(always)]
    unsafe fn index(regs: &Regs, at: usize) -> u64 {
        // SAFETY: by the contract of this function. 32-bit values are zero-extended.
        unsafe { X::get(regs, at) as u64 }
    }
}

/// Call through a table. Halves: base, link; then as for `indirect_callee`.
pub(crate) struct CallIndirect<X>(PhantomData<X>);

impl<X: IndexSource> Handler for CallIndirect<X> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let callee = trap_check!(indirect_callee::<X>(regs));
            call(regs, callee)
        }
    }
}

/// Tail call of a function of the module.
/// Halves: base, params | new link; function index, link.
pub(crate) struct ReturnCall;

impl Handler for ReturnCall {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let callee = (*regs.cx).function(FuncIndex::new(regs.field32(2)));
            let link = regs.slot(regs.field32(3));
            let args = regs.slot(regs.field32(0));
            return_call(regs, callee, args, regs.field16(2) as usize, link, regs.field16(3) as usize)
        }
    }
}

/// Tail call through a table. Halves: base, params | new link; word 2 as for
/// `indirect_callee`; link in word 3.
pub(crate) struct ReturnCallIndirect<X>(PhantomData<X>);

impl<X: IndexSource> Handler for ReturnCallIndirect<X> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let callee = trap_check!(indirect_callee::<X>(regs));
            let link = regs.slot(regs.field32(4));
            let args = regs.slot(regs.field32(0));
            return_call(regs, callee, args, regs.field16(2) as usize, link, regs.field16(3) as usize)
        }
    }
}

/// Whether a token is that of a call.
pub(crate) fn is_call(token: usize) -> bool {
    kind(token).is_some()
}

/// How a call finds its callee.
enum Finds {
    Defined,
    Imported,
    IndirectS,
    IndirectA,
}

fn kind(token: usize) -> Option<Finds> {
    const KINDS: [(Token, Finds); 7] = [
        (Token::CallDefined, Finds::Defined),
        (Token::CallImported, Finds::Imported),
        (Token::ReturnCall, Finds::Imported),
        (Token::CallIndirectS, Finds::IndirectS),
        (Token::ReturnCallIndirectS, Finds::IndirectS),
        (Token::CallIndirectA, Finds::IndirectA),
        (Token::ReturnCallIndirectA, Finds::IndirectA),
    ];
    KINDS.into_iter().find(|&(call, _)| call as usize == token).map(|(_, finds)| finds)
}

/// The function that the instruction at `ip`, with the given token, is about to call, if it is a call and does not trap.
///
/// # Safety
///
/// As for the instruction's body.
pub(crate) unsafe fn callee(regs: &Regs, token: usize) -> Option<*const FuncInst> {
    // SAFETY: by the contract of this function.
    unsafe {
        match kind(token)? {
            Finds::Defined => Some((*regs.cx).defined.byte_add(regs.field32(2) as usize)),
            Finds::Imported => Some((*regs.cx).function(FuncIndex::new(regs.field32(2)))),
            Finds::IndirectS => indirect_callee::<S>(regs).ok(),
            Finds::IndirectA => indirect_callee::<A>(regs).ok(),
        }
    }
}

/// Return; the results are in place. Fields: link.
pub(crate) struct Return;

impl Handler for Return {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let link = regs.slot(u32::from(regs.field16(0)));
            follow_link(regs, link)
        }
    }
}

/// Return one value. Fields: link, src.
pub(crate) struct ReturnValue<T, X>(PhantomData<(T, X)>);

impl<T: Value, X: Source<T>> Handler for ReturnValue<T, X> {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let value = X::get(regs, 1);
            let link = regs.slot(u32::from(regs.field16(0)));
            *regs.fp = value.to_slot();
            follow_link(regs, link)
        }
    }
}

/// Return a constant. Fields: link; the slot bits are word 2.
pub(crate) struct ReturnConst;

impl Handler for ReturnConst {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function.
        unsafe {
            let link = regs.slot(u32::from(regs.field16(0)));
            *regs.fp = regs.word(2);
            follow_link(regs, link)
        }
    }
}

/// The stub for a function that has moved to another tier: calls the function, which is in the accumulator, and
/// returns.
pub(crate) struct Native;

impl Handler for Native {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function; calls leave the callee in the accumulator.
        unsafe {
            let callee = regs.acc as *const FuncInst;
            let link = regs.slot((*callee).link_slot());
            // Reads the link before the call: functions that the callee tail-calls through us may have arguments in its
            // place.
            let back = [*link, *link.add(1), *link.add(2)];
            let status = call_out_for_caller(callee, regs, back);
            regs.ip = back[0] as *const u64;
            regs.fp = back[1] as *mut u64;
            regs.cx = back[2] as *mut Context;
            if !status.is_returned() {
                regs.ip = regs.ip.sub(1);
                return Flow::Exit(status);
            }
            regs.reload_memory();
            Flow::Next
        }
    }
}

/// The stub for a function that has not been called yet: translates the function, whose instance is in the accumulator,
/// and continues in its code.
pub(crate) struct Translate;

impl Handler for Translate {
    #[inline(always)]
    unsafe fn execute(regs: &mut Regs) -> Flow {
        // SAFETY: by the contract of this function; calls leave the callee in the accumulator.
        unsafe {
            let callee = regs.acc as *const FuncInst;
            let status: Status = run::translate(callee);
            if !status.is_returned() {
                let link = regs.slot((*callee).link_slot());
                regs.ip = (*link as *const u64).sub(1);
                regs.fp = *link.add(1) as *mut u64;
                regs.cx = *link.add(2) as *mut Context;
                return Flow::Exit(status);
            }
            regs.ip = (*callee).code.get();
            Flow::Next
        }
    }
}
