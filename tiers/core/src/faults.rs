//! Recovery from intended faults: accesses to guard pages, and instructions that trap.
//!
//! One handler, for the whole process, takes the signals that the processor's exceptions become. It asks the *recoveries* that tiers
//! have added whether the fault is theirs; the one that claims it changes the thread's registers, so that the thread continues
//! elsewhere. Unclaimed faults, and signals that are no faults, go to the previous handler.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The general registers of a thread, indexed by `libc::REG_..`.
pub type Registers = [libc::greg_t; 23];

/// What the faulting instruction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It accessed this address, which is not accessible.
    Access(usize),
    /// It faults by itself, or because of its operands.
    Instruction,
}

/// A fault of the thread.
#[derive(Debug)]
pub struct Fault<'a> {
    /// What has happened.
    pub kind: Kind,
    /// The thread's registers, with which it continues.
    pub registers: &'a mut Registers,
}

/// Returns whether it claims the fault; if so, it has changed the registers so that the thread continues elsewhere. Runs in a signal
/// handler.
///
/// # Safety
///
/// The thread stands at an instruction that faulted.
pub type Recovery = unsafe fn(fault: &mut Fault<'_>) -> bool;

/// The most recoveries that there can be.
const MAX_RECOVERIES: usize = 4;

static RECOVERIES: [AtomicPtr<()>; MAX_RECOVERIES] = [const { AtomicPtr::new(ptr::null_mut()) }; MAX_RECOVERIES];

const SIGNALS: [i32; 4] = [libc::SIGILL, libc::SIGFPE, libc::SIGSEGV, libc::SIGBUS];

/// The signals' previous handlers.
static PREVIOUS: OnceLock<[libc::sigaction; SIGNALS.len()]> = OnceLock::new();

/// Adds a recovery, unless it is already there, and installs the handler, once per process.
///
/// # Panics
///
/// If there are too many.
///
/// # Safety
///
/// The recovery claims only faults at instructions of code that it knows, and the thread may continue where it says. This is not safe:
///
/// ```compile_fail,E0133
/// riser_tiers_core::faults::add_recovery(|_| false);
/// ```
/// ```
/// unsafe { riser_tiers_core::faults::add_recovery(|_| false) };
/// ```
pub unsafe fn add_recovery(recovery: Recovery) {
    let address = recovery as *mut ();
    let free = RECOVERIES.iter().find(|place| {
        let found = place.compare_exchange(ptr::null_mut(), address, Ordering::AcqRel, Ordering::Acquire);
        found.map_or_else(|there| there == address, |_| true)
    });
    assert!(free.is_some(), "more than {MAX_RECOVERIES} recoveries");
    PREVIOUS.get_or_init(|| {
        // SAFETY: the previous handlers are read before ours can run; ours takes only faults that a recovery claims.
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

/// Classifies a signal. `None` if it is not an instruction's fault to recover from: a signal that another process sent, an address
/// that no page can have, memory that a file lacks.
fn kind(signal: i32, info: &libc::siginfo_t) -> Option<Kind> {
    /// Nothing is mapped at the address.
    const SEGV_MAPERR: i32 = 1;
    /// The mapping at the address does not allow the access.
    const SEGV_ACCERR: i32 = 2;
    match (signal, info.si_code) {
        // SAFETY: such signals come with an address.
        (libc::SIGSEGV, SEGV_MAPERR | SEGV_ACCERR) => Some(Kind::Access(unsafe { info.si_addr() }.addr())),
        (libc::SIGILL | libc::SIGFPE, code) if code > 0 => Some(Kind::Instruction),
        _ => None,
    }
}

unsafe extern "C" fn on_fault(signal: i32, info: *mut libc::siginfo_t, ucontext: *mut libc::c_void) {
    // SAFETY: the system passes valid information and a valid context; the list contains recoveries and nulls only.
    unsafe {
        if let Some(kind) = kind(signal, &*info) {
            let registers = &mut (*ucontext.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
            let mut fault = Fault { kind, registers };
            for place in &RECOVERIES {
                let recovery = place.load(Ordering::Acquire);
                if !recovery.is_null() && std::mem::transmute::<*mut (), Recovery>(recovery)(&mut fault) {
                    return;
                }
            }
        }
        chain(signal, info, ucontext);
    }
}

/// Passes the signal on to the previous handler; if there was none, to the system, which ends the process.
unsafe fn chain(signal: i32, info: *mut libc::siginfo_t, ucontext: *mut libc::c_void) {
    // SAFETY: the previous action was the system's to call; the default is restored for it.
    unsafe {
        let index = SIGNALS.iter().position(|&it| it == signal);
        // Another thread can fault before `PREVIOUS` is set; that fault is not ours.
        let previous = PREVIOUS.get().zip(index).map(|(previous, index)| previous[index]);
        // Sent by a process, or by the thread itself.
        let is_sent = (*info).si_code <= 0;
        match previous {
            Some(old) if old.sa_sigaction == libc::SIG_IGN && is_sent => {}
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
                // A faulting instruction faults once more by itself; a signal that was sent would be lost.
                if is_sent {
                    libc::raise(signal);
                }
            }
        }
    }
}
