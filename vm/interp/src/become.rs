//! Dispatch by explicit tail calls (`become`, nightly). The compiler guarantees
//! the jump in every build, and checks that signatures match and that no borrow
//! outlives the call; so this strategy is also a gate for [`super::tail`].

use riser_tiers_core::{Context, Status, begin_at_cache_line};

use super::access::{Explicit, Guard};
use super::handlers::call::CallOut;
use super::handlers::control::OutOfFuel;
use super::handlers::memory::{Index, Load, Store, Sum};
use super::handlers::numeric::{Binary, Unary};
use super::handlers::{atomic, call, control, exception, memory, numeric, op, reference, table, vector};
use super::lanes::sse41;
use super::pairs::Pair;
use super::regs::{A, Flow, Handler, I, Regs, S};
use super::tail_fn::{TailFn, accumulators, leave, start};
use super::tokens::{COUNT, for_each_instruction};

unsafe extern "sysv64" fn explicit<H: Handler>(
    ip: *const u64,
    fp: *mut u64,
    mem: *mut u8,
    mem_len: u64,
    cx: *mut Context,
    acc: u64,
    acc_f32: f32,
    acc_f64: f64,
) -> u64 {
    begin_at_cache_line();
    let (acc, acc_f32, acc_f64) = accumulators::<H>(acc, acc_f32, acc_f64);
    let mut regs = Regs { ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64 };
    // SAFETY: by the contract of handlers.
    unsafe {
        match H::execute(&mut regs) {
            Flow::Next => {
                let Regs { ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64 } = regs;
                let next = *ip.cast::<TailFn>();
                become next(ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64)
            }
            Flow::CallOut => {
                let Regs { ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64 } = regs;
                become explicit::<CallOut>(ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64)
            }
            Flow::OutOfFuel => {
                let Regs { ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64 } = regs;
                become explicit::<OutOfFuel>(ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64)
            }
            Flow::Exit(status) => {
                let Regs { ip, fp, mem, mem_len, cx, .. } = regs;
                let status = status.0 as u64;
                become leave(ip, fp, mem, mem_len, cx, status, acc_f32, acc_f64)
            }
        }
    }
}

macro_rules! explicits {
    ($($Token:ident: $Body:ty;)*) => {
        /// The handlers, by token.
        pub(super) static HANDLERS: [TailFn; COUNT] = [$(explicit::<$Body>),*];
    };
}

for_each_instruction!(explicits);

/// Runs from `regs.ip` until the code leaves the interpreter. The exit's position is in the store.
///
/// # Safety
///
/// `regs` describe a running function encoded for `become`.
pub(super) unsafe fn run(regs: &Regs) -> Status {
    // SAFETY: `regs` describe a running function encoded for `become`.
    unsafe { start(*regs.ip.cast::<TailFn>(), regs) }
}
