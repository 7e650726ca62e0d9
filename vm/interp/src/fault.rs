//! Turns faults of guarded accesses into traps.
//!
//! Every access of [`super::access::Guard`] records its address in the section `riser_faults`, where the
//! [handler](riser_tiers_core::faults) looks the faulting instruction up. If the access is one of ours, and goes beyond
//! the end of memory 0, the handler stores where the wasm code was executing (from the registers that the access pins).
//! It then resumes in [`enter`]'s caller with the status of the trap, as `longjmp` would. The frames that this skips
//! are those of the interpreter's handler or loop and of `enter`; none of them has anything to drop.

use riser_tiers_core::Status;

use super::regs::Regs;

/// Runs `run(regs, number)`. A fault in it returns [`riser_translator::TrapCode::MemoryOutOfBounds`].
///
/// # Safety
///
/// `run` must be safe to call with these arguments. `stack` must be
/// [`State::fault_stack`](super::state::State::fault_stack) of the store whose code `run` runs.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(super) unsafe fn enter(
    run: unsafe extern "sysv64" fn(*mut Regs, u64) -> Status,
    regs: *mut Regs,
    number: u64,
    stack: *mut usize,
) -> Status {
    linux::install();
    // SAFETY: by the contract of this function.
    unsafe {
        let outer = *stack;
        let status = linux::enter_guarded(run, regs, number, stack);
        *stack = outer;
        #[cfg(address_sanitizer)]
        if !status.is_returned() {
            linux::__asan_handle_no_return();
        }
        status
    }
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod linux {
    use std::sync::OnceLock;

    use riser_tiers_core::faults::{Fault, Kind, add_recovery};
    use riser_tiers_core::{Context, Status};
    use riser_translator::TrapCode;

    use super::Regs;
    use crate::state::State;

    #[cfg(address_sanitizer)]
    unsafe extern "C" {
        /// Makes AddressSanitizer forget what it has noted of the thread's frames: frames that a fault skips have not
        /// undone their notes.
        pub(super) fn __asan_handle_no_return();
    }

    /// Saves the callee-saved registers and the stack pointer, and calls `run(regs, number)`.
    #[unsafe(naked)]
    pub(super) unsafe extern "sysv64" fn enter_guarded(
        run: unsafe extern "sysv64" fn(*mut Regs, u64) -> Status,
        regs: *mut Regs,
        number: u64,
        stack: *mut usize,
    ) -> Status {
        std::arch::naked_asm!(
            "push rbp",
            "push rbx",
            "push r12",
            "push r13",
            "push r14",
            "push r15",
            "sub rsp, 8",
            "mov [rcx], rsp",
            "mov rax, rdi",
            "mov rdi, rsi",
            "mov rsi, rdx",
            "call rax",
            "add rsp, 8",
            "pop r15",
            "pop r14",
            "pop r13",
            "pop r12",
            "pop rbx",
            "pop rbp",
            "ret",
        )
    }

    /// The address at which the fault handler resumes, with the stack pointer that `enter_guarded` saved and the status
    /// in `rax`.
    #[unsafe(naked)]
    unsafe extern "sysv64" fn resume() {
        std::arch::naked_asm!("add rsp, 8", "pop r15", "pop r14", "pop r13", "pop r12", "pop rbx", "pop rbp", "ret",)
    }

    /// Addresses of guarded accesses, sorted.
    static SITES: OnceLock<Vec<usize>> = OnceLock::new();

    unsafe extern "C" {
        /// Start of the section, made by the linker.
        #[link_name = "__start_riser_faults"]
        static SITES_START: [i32; 0];
        /// End of the section, made by the linker.
        #[link_name = "__stop_riser_faults"]
        static SITES_END: [i32; 0];
    }

    /// Makes faults of guarded accesses traps from now on.
    pub(super) fn install() {
        SITES.get_or_init(|| {
            // SAFETY: the recovery claims faults at the sites only, where the thread runs code that `enter_guarded` has called.
            unsafe { add_recovery(recover) };
            sites()
        });
    }

    /// Returns the addresses in the section, which records each as a distance from its own entry.
    fn sites() -> Vec<usize> {
        let (start, end) = ((&raw const SITES_START).cast::<i32>(), (&raw const SITES_END).cast::<i32>());
        let count = (end.addr() - start.addr()) / size_of::<i32>();
        let mut sites: Vec<usize> = (0..count)
            .map(|i| {
                let entry = start.wrapping_add(i);
                // SAFETY: within the section.
                entry.addr().wrapping_add_signed(unsafe { *entry } as isize)
            })
            .collect();
        sites.sort_unstable();
        sites.dedup();
        sites
    }

    /// See [`riser_tiers_core::faults::Recovery`]. The registers of a guarded access hold what the access pins.
    unsafe fn recover(fault: &mut Fault<'_>) -> bool {
        let Kind::Access(address) = fault.kind else { return false };
        let registers = &mut *fault.registers;
        let pc = registers[libc::REG_RIP as usize] as usize;
        // Another thread may fault before the addresses are in place; such a fault is not ours.
        if SITES.get().is_none_or(|sites| sites.binary_search(&pc).is_err()) {
            return false;
        }
        let [ip, fp, cx] = [libc::REG_RDI, libc::REG_RSI, libc::REG_R8].map(|reg| registers[reg as usize] as usize);
        // SAFETY: the context is that of the accessing code, and its guarded accesses go to memory 0 only.
        let state = unsafe {
            let context = cx as *const Context;
            if !(*(*context).memory0).is_beyond(address) {
                return false;
            }
            let state = State::of((*context).store);
            (*state).exit = [ip, fp, cx];
            &*state
        };
        registers[libc::REG_RSP as usize] = state.fault_stack as i64;
        registers[libc::REG_RAX as usize] = TrapCode::MemoryOutOfBounds as i64;
        registers[libc::REG_RIP as usize] = resume as *const () as usize as i64;
        true
    }
}
