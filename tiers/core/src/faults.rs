//! Faults of code that means them: accesses to guard pages, and instructions that trap.
//!
//! One handler for the signals that the processor's exceptions become, for the whole process. It
//! asks the *recoveries* that tiers have added whether the fault is theirs; one of them then changes the
//! thread's registers, so that it goes on elsewhere. A fault that is nobody's, and a signal that is no fault, goes to
//! whoever handled it before.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The general registers of a thread, by the numbers `libc::REG_..`.
pub type Registers = [libc::greg_t; 23];

/// What an instruction did that faulted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It accessed this address, which is not accessible.
    Access(usize),
    /// It is one that faults, by itself or because of its operands.
    Instruction,
}

/// A fault of the thread.
#[derive(Debug)]
pub struct Fault<'a> {
    /// What has happened.
    pub kind: Kind,
    /// The thread's registers, with which it goes on.
    pub registers: &'a mut Registers,
}

/// Says whether a fault is its own; if so, it has changed the registers for the thread to go on. Runs in a signal handler.
///
/// # Safety
///
/// The thread stands at an instruction that faulted.
pub type Recovery = unsafe fn(fault: &mut Fault<'_>) -> bool;

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

/// What the system reports; `None` if it is nothing that an instruction did to be recovered from: another process's signal, an address
/// that no page can have, memory that a file lacks.
fn kind(signal: i32, info: &libc::siginfo_t) -> Option<Kind> {
    /// Nothing is mapped at the address.
    const SEGV_MAPERR: i32 = 1;
    /// What is mapped there may not be accessed so.
    const SEGV_ACCERR: i32 = 2;
    match (signal, info.si_code) {
        // SAFETY: such signals come with an address.
        (libc::SIGSEGV, SEGV_MAPERR | SEGV_ACCERR) => Some(Kind::Access(unsafe { info.si_addr() }.addr())),
        (libc::SIGILL | libc::SIGFPE, code) if code > 0 => Some(Kind::Instruction),
        _ => None,
    }
}

unsafe extern "C" fn on_fault(signal: i32, info: *mut libc::siginfo_t, ucontext: *mut libc::c_void) {
    // SAFETY: the system hands valid information and a valid context; what is in the list is a recovery or null.
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

/// Hands the signal to whoever handled it before; if that was nobody, to the system, which ends the process.
unsafe fn chain(signal: i32, info: *mut libc::siginfo_t, ucontext: *mut libc::c_void) {
    // SAFETY: the previous action was the system's to call; the default is restored for it.
    unsafe {
        let index = SIGNALS.iter().position(|&it| it == signal);
        // A fault of another thread can come before the old handlers are in place; it is not ours then.
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
                // An instruction faults once more; a signal that was sent would be lost.
                if is_sent {
                    libc::raise(signal);
                }
            }
        }
    }
}
