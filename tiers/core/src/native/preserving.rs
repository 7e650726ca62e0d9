//! Calls between conventions, for machine code that expects registers to be preserved.
//!
//! The native convention promises `rbp` and `rsp` only, though Cranelift's code preserves more; the System V convention also preserves `rbx` and `r12` to `r15`. Code that
//! keeps to the second can be called in the first, as long as all arguments are in registers and there is at most one result: both
//! conventions then agree on their places. The other way round, such code calls functions that may belong to any tier through one of
//! the functions below. All of them keep the chain of frame pointers.
//!
//! For functions of other types, such a tier has a convention of its own: the context, and an array with the slots of arguments and
//! results.

use std::mem::offset_of;

use super::activation::{Activation, raise};
use super::builtins::{call_copied, tail_copied};
use crate::{Context, FuncInst, Status, StoreContext};

/// Code that saves the registers that the System V convention preserves while `$call` runs. `$before` and `$after` run outside of that.
macro_rules! preserving {
    ([$($before:literal,)*] [$($call:literal,)*] [$($after:literal,)*] $($name:ident = $kind:ident $value:expr,)*) => {
        std::arch::naked_asm!(
            $($before,)*
            "push rbp",
            "mov rbp, rsp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "push r15",
            "sub rsp, 8",
            $($call,)*
            "add rsp, 8",
            "pop r15",
            "pop r14",
            "pop r13",
            "pop r12",
            "pop rbx",
            "pop rbp",
            "ret",
            $($after,)*
            $($name = $kind $value,)*
        )
    };
}

/// See [`super::Builtins::call_native`].
///
/// # Safety
///
/// Called by machine code, with arguments for the code in `r10`.
#[unsafe(naked)]
pub(super) unsafe extern "sysv64" fn call_native() {
    preserving!([] ["call r10",] [])
}

/// See [`super::Builtins::tail_native`].
///
/// Nobody needs the registers if the return address leads to an entry trampoline, or to this very code, which has saved them. The chain
/// of frame pointers shows the first, the return address the second. So calls that alternate between tiers save registers once.
///
/// # Safety
///
/// Called by machine code whose frame is gone, with the context and the arguments for the function in `r10`.
#[unsafe(naked)]
pub(super) unsafe extern "sysv64" fn tail_native() {
    preserving!(
        [
            "lea r11, [rip + 2f]",
            "cmp [rsp], r11",
            "je 3f",
            // frame of the caller -> frame of the stub, if the caller is the entry trampoline
            "mov r11, [rdi + {store}]",
            "mov r11, [r11 + {activation}]",
            "mov r11, [r11 + {stub}]",
            "cmp [rbp], r11",
            "je 3f",
        ]
        [
            "mov rdi, [r10 + {native_context}]",
            "call [r10 + {native}]",
            "2:",
        ]
        [
            "3:",
            "mov rdi, [r10 + {native_context}]",
            "jmp [r10 + {native}]",
        ]
        store = const offset_of!(Context, store),
        activation = const offset_of!(StoreContext, activation),
        stub = const offset_of!(Activation, frame_pointer),
        native_context = const offset_of!(FuncInst, native_context),
        native = const offset_of!(FuncInst, native),
    )
}

/// Tail-calls a function in the native convention with the same arguments, and preserves registers. `eax` has the function's index
/// among those that the module of the context defines. The frame of its caller may be gone, as for [`super::Builtins::tail_native`].
///
/// # Safety
///
/// As for [`super::resolve_index`]; all arguments are in registers.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn resolve_index_preserving() {
    std::arch::naked_asm!(
        "imul r10, rax, {size}",
        "add r10, [rdi + {defined}]",
        "jmp {tail_native}",
        size = const size_of::<FuncInst>(),
        defined = const offset_of!(Context, defined),
        tail_native = sym tail_native,
    )
}

/// Calls a function by its slot entry. `eax` has the function's index among those that the module of the context defines.
///
/// # Safety
///
/// Called by machine code with the context and an array that has the arguments, and room for the results.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn call_index_copied(context: *mut Context, slots: *mut u64) {
    std::arch::naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "mov edx, eax",
        "call {call}",
        "test eax, eax",
        "jnz 2f",
        "pop rbp",
        "ret",
        "2:",
        "mov edi, eax",
        "call {raise}",
        call = sym call_defined,
        raise = sym raise,
    )
}

unsafe extern "sysv64" fn call_defined(context: *mut Context, slots: *mut u64, defined: u32) -> Status {
    // SAFETY: by the contract of `call_index_copied`.
    unsafe { call_copied((*context).defined.add(defined as usize), context, slots) }
}

/// Called by a bridge that has its arguments in an array: calls `callee`, and leaves the results there. Ends the activation if the call
/// does not return, or is left to whoever entered the activation ([`super::Builtins::tail_copied`]).
///
/// # Safety
///
/// Called by machine code of an activation that has set [`crate::StoreContext::caller`].
#[unsafe(naked)]
pub unsafe extern "sysv64" fn call_bridged(callee: *const FuncInst, slots: *mut u64) {
    std::arch::naked_asm!(
        "mov rdx, rbp",
        "push rbp",
        "mov rbp, rsp",
        "call {call}",
        "test eax, eax",
        "jnz 2f",
        "pop rbp",
        "ret",
        "2:",
        "mov edi, eax",
        "call {raise}",
        call = sym call_from_bridge,
        raise = sym raise,
    )
}

unsafe extern "sysv64" fn call_from_bridge(callee: *const FuncInst, slots: *mut u64, bridge: *const usize) -> Status {
    // SAFETY: the caller of `call_bridged` guarantees the arguments; its frame is the bridge's.
    unsafe { tail_copied(callee, (*(*callee).store).caller, slots, bridge) }
}
