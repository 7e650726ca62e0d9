//! Calls for machine code that expects registers to be preserved.
//!
//! The native convention preserves `rbp` and `rsp` only, the System V convention `rbx` and `r12` to `r15` as well. A tier
//! whose code keeps to the second can be called in the first, as long as all arguments are in registers and there is
//! at most one result: both then agree on where these are. The other way round it calls what may be anybody's through one
//! of these. All keep the chain of frame pointers.
//!
//! For functions of other types, such a tier has a convention of its own: the context, and an array of the slots of
//! arguments and results.

use super::activation::{raise, resolve_index};
use super::builtins::call_copied;
use crate::{Context, FuncInst, Status};

/// Calls `$code` with the registers that the System V convention preserves saved.
macro_rules! preserving {
    ($call:literal $(, $name:ident = sym $code:path)?) => {
        std::arch::naked_asm!(
            "push rbp",
            "mov rbp, rsp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "push r15",
            "sub rsp, 8",
            $call,
            "add rsp, 8",
            "pop r15",
            "pop r14",
            "pop r13",
            "pop r12",
            "pop rbx",
            "pop rbp",
            "ret",
            $($name = sym $code,)?
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
    preserving!("call r10")
}

/// As [`resolve_index`], and preserves registers.
///
/// # Safety
///
/// As for [`resolve_index`]; all arguments are in registers.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn resolve_index_preserving() {
    preserving!("call {resolve}", resolve = sym resolve_index)
}

/// Calls the function with the number in `eax` among those that the module of the context defines, by slots.
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

/// What a bridge calls that has its arguments in an array: calls `callee`, and leaves the results there; ends the activation
/// if the call does not return.
///
/// # Safety
///
/// Called by machine code of an activation, which set [`crate::StoreContext::caller`].
#[unsafe(naked)]
pub unsafe extern "sysv64" fn call_bridged(callee: *const FuncInst, slots: *mut u64) {
    std::arch::naked_asm!(
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

unsafe extern "sysv64" fn call_from_bridge(callee: *const FuncInst, slots: *mut u64) -> Status {
    // SAFETY: by the contract of `call_bridged`.
    unsafe { call_copied(callee, (*(*callee).store).caller, slots) }
}
