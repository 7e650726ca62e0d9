//! Calls by machine code that passes arguments and results in an array: the context, and the array's address.
//!
//! Compilers use it for functions whose values do not all fit into registers in the native convention.

use super::activation::{Site, raise};
use super::builtins::{call_copied_from, tail_copied_from};
use crate::{Context, FuncInst, Status};

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
        "mov rcx, [rbp + 8]",
        "mov r8, [rbp]",
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

unsafe extern "sysv64" fn call_defined(context: *mut Context, slots: *mut u64, defined: u32, site: Site) -> Status {
    // SAFETY: by the contract of `call_index_copied`.
    unsafe { call_copied_from((*context).defined.add(defined as usize), context, slots, site) }
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
        "mov rcx, [rsp]",
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

unsafe extern "sysv64" fn call_from_bridge(
    callee: *const FuncInst,
    slots: *mut u64,
    bridge: *const usize,
    return_address: usize,
) -> Status {
    let site = Site { return_address, frame_pointer: bridge.addr() };
    // SAFETY: the caller of `call_bridged` guarantees the arguments; its frame is the bridge's.
    unsafe { tail_copied_from(callee, (*(*callee).store).caller, slots, bridge, site) }
}
