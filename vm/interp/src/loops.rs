//! Dispatch by loops: `switch`, one `match` over all tokens, and `call-loop`, which calls the handler whose address the
//! instruction holds. Both work in any build; `call-loop` replaces the tail strategies where they cannot run.

use riser_tiers_core::Status;

use super::access::{Explicit, Guard};
use super::handlers::call::CallOut;
use super::handlers::control::OutOfFuel;
use super::handlers::memory::{Index, Load, Store, Sum};
use super::handlers::numeric::{Binary, Unary};
use super::handlers::{atomic, call, control, exception, memory, numeric, op, reference, table, vector};
use super::lanes::sse41;
use super::pairs::{Pair, split};
use super::regs::{A, Flow, Handler, I, Regs, S};
use super::state::State;
use super::tokens::{COUNT, Token, for_each_instruction};

/// A handler of `call-loop`. `None` means to continue.
pub(super) type LoopFn = unsafe fn(&mut Regs) -> Option<Status>;

#[inline(always)]
unsafe fn handler<H: Handler>(regs: &mut Regs) -> Option<Status> {
    // SAFETY: by the contract of this function.
    unsafe { done(body::<H>(regs), regs) }
}

/// The body of a handler: part of the loop around it, except in builds with debug assertions. With these, all bodies in the one
/// function of `switch` take the compiler seven minutes, and apart from it one.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline(always))]
unsafe fn body<H: Handler>(regs: &mut Regs) -> Flow {
    // SAFETY: by the contract of this function.
    unsafe { H::execute(regs) }
}

/// Returns the status to leave the interpreter with, if a body that ended in `flow` leaves it.
#[inline(always)]
unsafe fn done(flow: Flow, regs: &mut Regs) -> Option<Status> {
    match flow {
        Flow::Next => None,
        // SAFETY: by the contract of the caller: the body left the registers so.
        Flow::CallOut => match unsafe { CallOut::execute(regs) } {
            Flow::Exit(status) => Some(status),
            _ => None,
        },
        // SAFETY: as above.
        Flow::OutOfFuel => match unsafe { OutOfFuel::execute(regs) } {
            Flow::Exit(status) => Some(status),
            _ => None,
        },
        Flow::Exit(status) => Some(status),
    }
}

macro_rules! loops {
    ($($Token:ident: $Body:ty;)*) => {
        /// The handlers of `call-loop`, each with a name for profilers and debuggers.
        #[expect(non_snake_case, reason = "a handler has the name of its token")]
        mod by_call {
            use super::*;
            $(
                pub(super) unsafe fn $Token(regs: &mut Regs) -> Option<Status> {
                    // SAFETY: by the contract of handlers.
                    unsafe { handler::<$Body>(regs) }
                }
            )*
        }

        /// The handlers of `call-loop`, by token.
        pub(super) static HANDLERS: [LoopFn; COUNT] = [$(by_call::$Token),*];

        /// Runs from `regs.ip` until the code leaves the interpreter.
        ///
        /// # Safety
        ///
        /// `regs` describe a running function encoded for `switch`.
        pub(super) unsafe fn run_switch(start: &mut Regs) -> Status {
            // A local copy, so that the registers can live in machine registers.
            let mut regs = *start;
            let status = loop {
                // SAFETY: by the contract of this function, `ip` is at a head, which is a token's number.
                let flow = unsafe {
                    match std::mem::transmute::<u16, Token>(*regs.ip as u16) {
                        $(Token::$Token => body::<$Body>(&mut regs),)*
                    }
                };
                // SAFETY: as above.
                if let Some(status) = unsafe { done(flow, &mut regs) } {
                    break status;
                }
            };
            *start = regs;
            status
        }
    };
}

for_each_instruction!(loops);

/// Runs from `regs.ip` until the code leaves the interpreter.
///
/// # Safety
///
/// `regs` describe a running function encoded for `call-loop`.
pub(super) unsafe fn run_calls(regs: &mut Regs) -> Status {
    loop {
        // SAFETY: by the contract of this function, `ip` is at a head, which is a handler's address.
        unsafe {
            let handler = *regs.ip.cast::<LoopFn>();
            if let Some(status) = handler(regs) {
                return status;
            }
        }
    }
}

/// Runs from `regs.ip` until the code leaves the interpreter, and tells the store's recorder, if it has one, of each instruction.
/// Pairs are executed as their two instructions.
///
/// # Safety
///
/// `regs` describe a running function encoded for `profile`.
pub(super) unsafe fn run_profiled(regs: &mut Regs) -> Status {
    loop {
        // SAFETY: by the contract of this function, `ip` is at a head, which is a token's number. A handler may run other code of
        // the store, so the recorder is borrowed before and after it, not during it.
        unsafe {
            let (ip, token) = (regs.ip, *regs.ip as usize);
            let state = State::of((*regs.cx).store);
            let callbacks = (*state).callbacks;
            let site = (*state).recorder.as_mut().map(|recorder| recorder.step(regs, token, callbacks));
            let alone = split(token).map_or(token, |(first, _)| first);
            if let Some(status) = HANDLERS[alone](regs) {
                return status;
            }
            if let (Some(site), Some(recorder)) = (site, (*state).recorder.as_mut()) {
                recorder.done(site, ip, regs.ip);
            }
        }
    }
}
