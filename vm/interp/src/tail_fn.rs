//! Handlers of the tail-call strategies: the signature that they all have, with the registers as arguments, and how they
//! are entered and left.

use riser_tiers_core::{Context, Status};

use super::regs::{Handler, Regs};
use super::state::State;

/// A handler. Its parameters are the registers, in order.
pub(super) type TailFn =
    unsafe extern "sysv64" fn(*const u64, *mut u64, *mut u8, u64, *mut Context, u64, f32, f64) -> u64;

/// Returns the accumulators, and makes the compiler assume that they have just been written. Emits no instructions.
///
/// Instructions that write a part of a float register (`cvtsi2sd`, `sqrtsd`) wait for the rest of its old value. If the
/// register has been written recently, the compiler writes zeros to it first. Of an argument that the handler does not
/// read, it does not know that, and the conversion of an integer would wait for the float that was computed last. Only
/// handlers that convert need this: others would have to keep the accumulators where they are until here.
#[inline(always)]
pub(super) fn accumulators<H: Handler>(acc: u64, acc_f32: f32, acc_f64: f64) -> (u64, f32, f64) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    let (acc, acc_f32, acc_f64) = if H::CONVERTS {
        let (mut acc, mut acc_f32, mut acc_f64) = (acc, acc_f32, acc_f64);
        // The integer accumulator takes part, so that its conversion does not come before this.
        // SAFETY: no instructions.
        unsafe {
            std::arch::asm!(
                "", inout("r9") acc, inout("xmm0") acc_f32, inout("xmm1") acc_f64,
                options(nomem, nostack, preserves_flags),
            );
        }
        (acc, acc_f32, acc_f64)
    } else {
        (acc, acc_f32, acc_f64)
    };
    (acc, acc_f32, acc_f64)
}

/// Leaves the interpreter: stores where the code was executing, and returns the status in `acc`.
#[cold]
#[inline(never)]
pub(super) unsafe extern "sysv64" fn leave(
    ip: *const u64,
    fp: *mut u64,
    _mem: *mut u8,
    _mem_len: u64,
    cx: *mut Context,
    acc: u64,
    _acc_f32: f32,
    _acc_f64: f64,
) -> u64 {
    // SAFETY: the context is alive.
    unsafe { (*State::of((*cx).store)).exit = [ip.addr(), fp.addr(), cx.addr()] };
    // Hides that this is the argument: an optimiser that knew would return it itself, and the call would be no sibling
    // call.
    std::hint::black_box(acc)
}

/// Calls the first handler.
///
/// # Safety
///
/// `regs` describe a running function, at an instruction whose handler is `handler`.
#[inline(always)]
pub(super) unsafe fn start(handler: TailFn, regs: &Regs) -> Status {
    let Regs { ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64 } = *regs;
    // SAFETY: `regs` describe a running function, at an instruction whose handler is `handler`.
    Status(unsafe { handler(ip, fp, mem, mem_len, cx, acc, acc_f32, acc_f64) } as u32)
}
