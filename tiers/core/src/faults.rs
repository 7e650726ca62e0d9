//! Faults of code that means them: accesses to guard pages, and instructions that trap.
//!
//! One handler for the signals that the processor's exceptions become, for the whole process. It
//! asks the *recoveries* that tiers have added whether the fault is theirs; one of them then changes the
//! thread's registers, so that it goes on elsewhere. A fault that is nobody's goes to
//! whoever handled the signal before.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The general registers of a thread, by the numbers `libc::REG_..`.
pub type Registers = [libc::greg_t; 23];

/// Says whether a fault of the thread with these registers is its own; if so, it has changed them for the thread
/// to go on. Runs in a signal handler.
///
/// # Safety
///
/// The registers are those of a thread that stands at an instruction that faulted.
pub type Recovery = unsafe fn(registers: &mut Registers) -> bool;

/// The most recoveries that there can be.
const MAX_RECOVERIES: usize = 4;

static RECOVERIES: [AtomicPtr<()>; MAX_RECOVERIES] = [const { AtomicPtr::new(ptr::null_mut()) }; MAX_RECOVERIES];

const SIGNALS: [i32; 4] = [libc::SIGILL, libc::SIGFPE, libc::SIGSEGV, libc::SIGBUS];

/// Who handled the signals before.
static PREVIOUS: OnceLock<[libc::sigaction; SIGNALS.len()]> = OnceLock::new();

/// Adds a recovery, unless it has been added before, and installs the handler, once per process.
///
/// # Panics
///
/// If there are too many.
pub fn add_recovery(recovery: Recovery) {
    let address = recovery as *mut ();
    let free = RECOVERIES.iter().find(|place| {
        let found = place.compare_exchange(ptr::null_mut(), address, Ordering::AcqRel, Ordering::Acquire);
        found.map_or_else(|there| there == address, |_| true)
    });
    assert!(free.is_some(), "more than {MAX_RECOVERIES} recoveries");
    PREVIOUS.get_or_init(|| {
        // SAFETY: the old handlers are asked for before ours can run; ours takes only faults
        // that a recovery knows.
        unsafe {
            let mut previous = [MaybeUninit::<libc::sigaction>::zeroed().assume_init(); SIGNALS.len()];
            for (signal, old) in SIGNALS.into_iter().zip(&mut previous) {
                libc::sigaction(signal, ptr::null(), old);
            }
            let mut ours = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
            ours.sa_sigaction = on_fault as *const () as usize;
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_ONSTACK;
            libc::sigemptyset(&mut ours.sa_mask);
            for signal in SIGNALS {
                libc::sigaction(signal, &ours, ptr::null_mut());
            }
            previous
        }
    });
}

unsafe extern "C" fn on_fault(signal: i32, info: *mut libc::siginfo_t, ucontext: *mut libc::c_void) {
    // SAFETY: the system hands a valid context; what is in the list is a recovery or null.
    unsafe {
        let registers = &mut (*ucontext.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
        for place in &RECOVERIES {
            let recovery = place.load(Ordering::Acquire);
            if !recovery.is_null() && std::mem::transmute::<*mut (), Recovery>(recovery)(registers) {
                return;
            }
        }
        chain(signal, info, ucontext);
    }
}

/// Hands the signal to whoever handled it before.
unsafe fn chain(signal: i32, info: *mut libc::siginfo_t, ucontext: *mut libc::c_void) {
    // SAFETY: the previous action was the system's to call; the default is restored for it.
    unsafe {
        let index = SIGNALS.iter().position(|&it| it == signal);
        // A fault of another thread can come before the old handlers are in place; it is not ours then.
        let previous = PREVIOUS.get().zip(index).map(|(previous, index)| previous[index]);
        match previous {
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
