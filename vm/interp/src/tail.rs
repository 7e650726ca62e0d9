//! Dispatch by sibling calls: each handler ends in a jump to the next one.
//!
//! The registers are the arguments of the handlers, in the System V convention, which has room for six integers and the
//! float accumulators. `direct-tail` finds the next handler's address in the code; `token-tail` finds the handler's
//! number there, and looks the address up in a table. `replicated-tail` is `direct-tail` with more copies of the handlers.
//!
//! When it optimises, the compiler turns a call in tail position with the same signature into a sibling call, provided
//! that nothing keeps the frame alive: no address of a local may have escaped. The build script decides with
//! `tail_dispatch` whether to rely on that, and a test checks the machine code.

use riser_tiers_core::{Context, Status, begin_at_cache_line};

use super::access::{Explicit, Guard};
use super::dispatch::Dispatch;
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

/// How a strategy finds the next handler.
trait Next {
    /// Returns the handler of the instruction at `ip`.
    ///
    /// # Safety
    ///
    /// `ip` is at a head in the strategy's form.
    unsafe fn handler(ip: *const u64) -> TailFn;
}

struct Direct;

impl Next for Direct {
    #[inline(always)]
    unsafe fn handler(ip: *const u64) -> TailFn {
        // SAFETY: by the contract of this function.
        unsafe { *ip.cast::<TailFn>() }
    }
}

struct ByToken;

impl Next for ByToken {
    #[inline(always)]
    unsafe fn handler(ip: *const u64) -> TailFn {
        // SAFETY: by the contract of this function; heads are numbers of tokens.
        unsafe { *TOKEN_HANDLERS.get_unchecked(*ip as usize) }
    }
}

/// The code of a handler. It is inlined into a function for each instruction, so that each has a name of its own in profilers and
/// debuggers: instances of one generic function would all have its name.
#[inline(always)]
unsafe extern "sysv64" fn tail<H: Handler, N: Next>(
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
                (N::handler(ip))(ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64)
            }
            Flow::CallOut => {
                let Regs { ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64 } = regs;
                apart::<CallOut, N>(ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64)
            }
            Flow::OutOfFuel => {
                let Regs { ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64 } = regs;
                apart::<OutOfFuel, N>(ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64)
            }
            Flow::Exit(status) => {
                leave(regs.ip, regs.fp, regs.mem, regs.mem_len, regs.cx, u64::from(status.0), acc_f32, acc_f64)
            }
        }
    }
}

/// The handler of a rare body that a handler ends in. It is a function of its own, so that no other handler has the pushes that the body
/// needs.
#[cold]
#[inline(never)]
unsafe extern "sysv64" fn apart<H: Handler, N: Next>(
    ip: *const u64,
    fp: *mut u64,
    mem: *mut u8,
    mem_len: u64,
    cx: *mut Context,
    acc: u64,
    acc_f32: f32,
    acc_f64: f64,
) -> u64 {
    // SAFETY: by the contract of handlers.
    unsafe { tail::<H, N>(ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64) }
}

/// Makes copy number `N` of a handler differ from the others, without an instruction: the compiler makes one function of equal ones.
#[inline(always)]
fn distinct<const N: u8>() {
    if N > 0 {
        // SAFETY: no instructions.
        unsafe { std::arch::asm!("/* copy {number} */", number = const N, options(nomem, nostack, preserves_flags)) };
    }
}

/// Expands to functions of the names of tokens, of which the one for `Halt` is
///
/// ```text
/// pub(super) unsafe extern "sysv64" fn Halt(ip: *const u64, ..) -> u64 {
///     distinct::<0>();
///     unsafe { tail::<control::Halt, Direct>(ip, ..) }
/// }
/// ```
macro_rules! named {
    ($Next:ident $copy:literal $($Token:ident: $Body:ty;)*) => {$(
        pub(super) unsafe extern "sysv64" fn $Token(
            ip: *const u64,
            fp: *mut u64,
            mem: *mut u8,
            mem_len: u64,
            cx: *mut Context,
            acc: u64,
            acc_f32: f32,
            acc_f64: f64,
        ) -> u64 {
            distinct::<$copy>();
            // SAFETY: by the contract of handlers.
            unsafe { tail::<$Body, $Next>(ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64) }
        }
    )*};
}

macro_rules! tails {
    ($($Token:ident: $Body:ty;)*) => {
        #[expect(non_snake_case, reason = "a handler has the name of its token")]
        mod direct {
            use super::*;
            named!(Direct 0 $($Token: $Body;)*);
        }

        #[expect(non_snake_case, reason = "a handler has the name of its token")]
        mod second {
            use super::*;
            named!(Direct 1 $($Token: $Body;)*);
        }

        #[expect(non_snake_case, reason = "a handler has the name of its token")]
        mod third {
            use super::*;
            named!(Direct 2 $($Token: $Body;)*);
        }

        #[expect(non_snake_case, reason = "a handler has the name of its token")]
        mod token {
            use super::*;
            named!(ByToken 0 $($Token: $Body;)*);
        }

        /// The handlers of `direct-tail`, by token, and the further copies of `replicated-tail`.
        pub(super) static DIRECT_HANDLERS: [[TailFn; COUNT]; Dispatch::ReplicatedTail.copies() as usize] =
            [[$(direct::$Token),*], [$(second::$Token),*], [$(third::$Token),*]];

        /// The handlers of `token-tail`, by token.
        pub(super) static TOKEN_HANDLERS: [TailFn; COUNT] = [$(token::$Token),*];
    };
}

for_each_instruction!(tails);

/// Runs from `regs.ip` until the code leaves the interpreter. The position where it left is in the store.
///
/// # Safety
///
/// `regs` describe a running function encoded for `direct-tail` or `replicated-tail`.
pub(super) unsafe fn run_direct(regs: &Regs) -> Status {
    // SAFETY: `regs` describe a running function encoded for `direct-tail`.
    unsafe { start(Direct::handler(regs.ip), regs) }
}

/// As [`run_direct`], for `token-tail`.
///
/// # Safety
///
/// `regs` describe a running function encoded for `token-tail`.
pub(super) unsafe fn run_token(regs: &Regs) -> Status {
    // SAFETY: `regs` describe a running function encoded for `token-tail`.
    unsafe { start(ByToken::handler(regs.ip), regs) }
}
