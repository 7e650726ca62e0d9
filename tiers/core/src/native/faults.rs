//! Turns faults of machine code into traps.
//!
//! Machine code traps by faulting: an access to a guard page, a division by zero, `ud2`. The thread continues, on its own stack, in
//! [`unwind_fault`], as if the instruction had called it; everything else happens there, outside of the signal handler.
//!
//! Only faults that can be a trap are taken for one: an instruction that faults by itself, an access beyond the end of a memory of the
//! running store, an access through null. [`unwind_fault`] checks that the compiler has listed the instruction for that cause.
//!
//! A fault in the guard below the stack for machine code means that a host function has overflowed the stack, since machine code is
//! checked before it gets there. That ends the process, with a message.

use std::cell::OnceCell;
use std::ptr;

use super::activation::{current, unwind_fault};
use super::code_memory::is_code;
use crate::bounds;
use crate::faults::{Fault, Kind, add_recovery};
use crate::reservation::Reservation;

/// Why an instruction of machine code has faulted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Cause {
    /// It faults by itself, or because of its operands.
    Instruction,
    /// It accessed the first page, through null.
    Null,
    /// It accessed an address beyond the end of a memory.
    Memory,
}

/// Size of the page at null, where nothing is mapped.
const NULL_BYTES: usize = 4096;

/// Installs the recovery of machine code's faults, once.
pub(super) fn install() {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    // SAFETY: the recovery claims faults at instructions of machine code that runs, which go on as traps do.
    INSTALLED.call_once(|| unsafe { add_recovery(recover) });
}

/// See [`crate::faults::Recovery`].
unsafe fn recover(fault: &mut Fault<'_>) -> bool {
    let pc = fault.registers[libc::REG_RIP as usize] as usize;
    let activation = current();
    if let Kind::Access(address) = fault.kind {
        let stack = bounds::current();
        if (stack.guard_start..stack.low).contains(&address) {
            overflowed();
        }
    }
    if activation.is_null() || !is_code(pc) {
        return false;
    }
    let cause = match fault.kind {
        Kind::Instruction => Cause::Instruction,
        Kind::Access(address) if address < NULL_BYTES => Cause::Null,
        // SAFETY: the thread runs code of the activation's store, so that store is alive.
        Kind::Access(address) if unsafe { ((*(*activation).store).is_beyond_memory)((*activation).store, address) } => {
            Cause::Memory
        }
        Kind::Access(_) => return false,
    };
    let registers = &mut *fault.registers;
    let stack = registers[libc::REG_RSP as usize] as usize;
    registers[libc::REG_RDI as usize] = (pc + 1) as i64;
    registers[libc::REG_RDX as usize] = cause as i64;
    registers[libc::REG_RSI as usize] = registers[libc::REG_RBP as usize];
    // The alignment after a call: eight bytes below a multiple of 16.
    registers[libc::REG_RSP as usize] = ((stack & !15) - 8) as i64;
    registers[libc::REG_RIP as usize] = unwind_fault as *const () as usize as i64;
    true
}

/// Ends the process because the host has overflowed the stack for machine code. Runs in the signal handler, on the handler's own stack.
fn overflowed() -> ! {
    const MESSAGE: &str = "\nriser: a host function has overflowed the stack that compiled code called it on; \
                           `Config::host_stack` says how large that is\n";
    // SAFETY: writes a string; bytes that do not arrive are lost.
    unsafe {
        libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len());
        libc::abort()
    }
}

/// Size of a stack for signal handlers.
const SIGNAL_STACK_BYTES: usize = 64 << 10;

/// The signal stack that this module made for a thread without one.
struct SignalStack(Option<Reservation>);

/// Makes sure that the thread has a stack for signal handlers, as threads of Rust's standard library do. Without one, a stack overflow
/// could not be reported.
pub fn have_signal_stack() {
    thread_local! {
        static STACK: OnceCell<SignalStack> = const { OnceCell::new() };
    }
    // A thread that is ending gets none.
    let _ = STACK.try_with(|stack| stack.get_or_init(SignalStack::install).0.is_some());
}

impl SignalStack {
    fn install() -> SignalStack {
        let page = Reservation::page_bytes();
        // SAFETY: queries the current signal stack; the new memory belongs to the thread until it stops being the signal stack.
        unsafe {
            let mut there = std::mem::MaybeUninit::<libc::stack_t>::zeroed().assume_init();
            let is_known = libc::sigaltstack(ptr::null(), &mut there) == 0;
            if !is_known || there.ss_flags & libc::SS_DISABLE == 0 {
                return SignalStack(None);
            }
            let Ok(mut memory) = Reservation::new(SIGNAL_STACK_BYTES + page) else { return SignalStack(None) };
            if memory.commit_from(page, SIGNAL_STACK_BYTES).is_err() {
                return SignalStack(None);
            }
            let ours =
                libc::stack_t { ss_sp: memory.base().add(page).cast(), ss_flags: 0, ss_size: SIGNAL_STACK_BYTES };
            let is_installed = libc::sigaltstack(&ours, ptr::null_mut()) == 0;
            SignalStack(is_installed.then_some(memory))
        }
    }
}

impl Drop for SignalStack {
    fn drop(&mut self) {
        let Some(memory) = &self.0 else { return };
        // SAFETY: if the memory is still the signal stack, it is disabled before the memory is unmapped.
        unsafe {
            let mut there = std::mem::MaybeUninit::<libc::stack_t>::zeroed().assume_init();
            libc::sigaltstack(ptr::null(), &mut there);
            if (memory.base().addr()..memory.base().addr() + memory.bytes()).contains(&there.ss_sp.addr()) {
                let none = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
                libc::sigaltstack(&none, ptr::null_mut());
            }
        }
    }
}
