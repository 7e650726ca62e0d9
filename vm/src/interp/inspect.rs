//! A look at the machine code of the interpreter, for tools and tests.
//!
//! Says where the handlers of each dispatch strategy are; reading the machine code
//! there is left to who asks. Nothing here runs a handler.

use riser_tiers_core::Status;

use super::dispatch::Dispatch;
use super::loops;
use super::regs::Regs;
#[cfg(tail_dispatch)]
use super::tail;
use super::tokens::{COUNT, NAMES};

/// A piece of the interpreter's machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandlerInfo {
    /// The instruction's name in the interpreter's list (`I32AddSai`: `i32.add`, result in
    /// a slot, left operand in the accumulator, right operand immediate), or the name of
    /// the loop.
    pub name: &'static str,
    /// Where its code starts. Handlers with the same code may share one address.
    pub address: usize,
}

/// The handlers of a strategy, in the order of the interpreter's list of instructions.
///
/// For [`Dispatch::Switch`], which has no handlers, this is the loop that holds all bodies.
/// Where a strategy falls back to another ([`Dispatch::effective`]), it is the handlers of
/// the other.
pub fn handlers(dispatch: Dispatch) -> Vec<HandlerInfo> {
    if dispatch == Dispatch::Switch {
        let run: unsafe fn(&mut Regs) -> Status = loops::run_switch;
        return vec![HandlerInfo { name: "run_switch", address: run as usize }];
    }
    let address = |token: usize| match dispatch.effective() {
        #[cfg(tail_dispatch)]
        Dispatch::DirectTail => tail::DIRECT_HANDLERS[token] as usize,
        #[cfg(tail_dispatch)]
        Dispatch::TokenTail => tail::TOKEN_HANDLERS[token] as usize,
        #[cfg(feature = "become")]
        Dispatch::Become => super::r#become::HANDLERS[token] as usize,
        _ => loops::HANDLERS[token] as usize,
    };
    (0..COUNT).map(|token| HandlerInfo { name: NAMES[token], address: address(token) }).collect()
}
