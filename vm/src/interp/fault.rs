//! Faults of guarded accesses become traps.
//!
//! Every access of [`super::access::Guard`] records its address in the section
//! `riser_faults`. The handler for SIGSEGV and SIGBUS looks the faulting
//! instruction up there; any other fault goes to whoever handled the signal
//! before. For one of ours it stores where the wasm code stands (from the
//! registers that the access pins) and resumes in [`enter`]'s caller with the
//! status of the trap, as `longjmp` would. The frames skipped are those of the
//! handler or loop and of `enter`; none of them has anything to drop.

use riser_tiers_core::Status;

use super::regs::Regs;

/// Runs `run(regs, number)`; a fault in it returns [`riser_translator::TrapCode::MemoryOutOfBounds`].
///
/// # Safety
///
/// `run` must be safe to call so. `stack` must be [`riser_tiers_core::StoreContext::fault_stack`]
/// of the store whose code `run` runs.
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
        status
    }
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod linux {
    use std::mem::MaybeUninit;
    use std::ptr;
    use std::sync::OnceLock;

    use riser_tiers_core::{Context, Status};
    use riser_translator::TrapCode;

    use super::Regs;

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

    /// Where the fault handler resumes, with the stack pointer that `enter_guarded` saved
    /// and the status in `rax`.
    #[unsafe(naked)]
    unsafe extern "sysv64" fn resume() {
        std::arch::naked_asm!("add rsp, 8", "pop r15", "pop r14", "pop r13", "pop r12", "pop rbx", "pop rbp", "ret",)
    }

    /// What the process has to know in the handler.
    struct Faults {
        /// Addresses of guarded accesses, sorted.
        sites: Vec<usize>,
        /// Who handled SIGSEGV and SIGBUS before.
        previous: [libc::sigaction; 2],
    }

    static FAULTS: OnceLock<Faults> = OnceLock::new();

    const SIGNALS: [i32; 2] = [libc::SIGSEGV, libc::SIGBUS];

    unsafe extern "C" {
        /// Start of the section, made by the linker.
        #[link_name = "__start_riser_faults"]
        static SITES_START: [i32; 0];
        /// End of the section, made by the linker.
        #[link_name = "__stop_riser_faults"]
        static SITES_END: [i32; 0];
    }

    /// Installs the handler, once per process.
    pub(super) fn install() {
        FAULTS.get_or_init(|| {
            // SAFETY: the old handlers are asked for before ours can run; ours reads `FAULTS`
            // only for faults of guarded accesses, which start after this function.
            unsafe {
                let mut previous = [MaybeUninit::<libc::sigaction>::zeroed().assume_init(); 2];
                for (signal, old) in SIGNALS.into_iter().zip(&mut previous) {
                    libc::sigaction(signal, ptr::null(), old);
                }
                let mut ours = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
                ours.sa_sigaction = on_fault as *const () as usize;
                ours.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_ONSTACK;
                libc::sigemptyset(&mut ours.sa_mask);
                let faults = Faults { sites: sites(), previous };
                for signal in SIGNALS {
                    libc::sigaction(signal, &ours, ptr::null_mut());
                }
                faults
            }
        });
    }

    /// The addresses that the section records, each as a distance from its own entry.
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

    unsafe extern "C" fn on_fault(signal: i32, info: *mut libc::siginfo_t, ucontext: *mut libc::c_void) {
        // SAFETY: the system hands a valid context; the registers of a guarded access hold
        // what the access pins.
        unsafe {
            let gregs = &mut (*ucontext.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
            let pc = gregs[libc::REG_RIP as usize] as usize;
            // A fault of another thread can come before the table is in place; it is not ours then.
            let faults = FAULTS.get();
            if faults.is_some_and(|faults| faults.sites.binary_search(&pc).is_ok()) {
                let [ip, fp, cx] = [libc::REG_RDI, libc::REG_RSI, libc::REG_R8].map(|reg| gregs[reg as usize] as usize);
                let store = (*(cx as *const Context)).store;
                (*store).exit = [ip, fp, cx];
                gregs[libc::REG_RSP as usize] = (*store).fault_stack as i64;
                gregs[libc::REG_RAX as usize] = TrapCode::MemoryOutOfBounds as i64;
                gregs[libc::REG_RIP as usize] = resume as *const () as usize as i64;
                return;
            }
            chain(signal, info, ucontext, faults);
        }
    }

    /// Hands the signal to whoever handled it before.
    unsafe fn chain(signal: i32, info: *mut libc::siginfo_t, ucontext: *mut libc::c_void, faults: Option<&Faults>) {
        // SAFETY: the previous action was the system's to call; the default is restored for it.
        unsafe {
            let index = usize::from(signal != libc::SIGSEGV);
            match faults.map(|faults| faults.previous[index]) {
                Some(old) if old.sa_sigaction != libc::SIG_DFL && old.sa_sigaction != libc::SIG_IGN => {
                    if old.sa_flags & libc::SA_SIGINFO != 0 {
                        let handler: unsafe extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) =
                            std::mem::transmute(old.sa_sigaction);
                        handler(signal, info, ucontext);
                    } else {
                        let handler: unsafe extern "C" fn(i32) = std::mem::transmute(old.sa_sigaction);
                        handler(signal);
                    }
                }
                _ => {
                    let mut default = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
                    default.sa_sigaction = libc::SIG_DFL;
                    libc::sigaction(signal, &default, ptr::null_mut());
                }
            }
        }
    }
}
