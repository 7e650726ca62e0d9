//! Faults of machine code become traps.
//!
//! Machine code traps by faulting: an access to a guard page, a division by zero, `ud2`. The thread goes
//! on, on its own stack, in [`unwind_fault`], as if the instruction had called it; everything else
//! happens there, outside of the signal handler.
//!
//! Only what can be a trap is taken for one: an instruction that faults by itself, an access beyond the end of a memory of the
//! store that runs, an access by way of null. [`unwind_fault`] sees to it that the compiler has listed the instruction for that.
//!
//! A fault in the guard below the stack for machine code is that of a host function that has overflowed it: code is checked before it gets
//! there. That ends the process, with a message.

use std::cell::OnceCell;
use std::ptr;

use super::activation::{current, unwind_fault};
use super::code_memory::is_code;
use crate::bounds;
use crate::faults::{Fault, Kind, add_recovery};
use crate::memory::Reservation;

/// Why an instruction of machine code has faulted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Cause {
    /// It is one that faults, by itself or because of its operands.
    Instruction,
    /// It has accessed the first page: something at null.
    Null,
    /// It has accessed what is beyond the end of a memory.
    Memory,
}

/// Size of the page at null, which nobody has.
const NULL_BYTES: usize = 4096;

/// Has faults of machine code become traps from now on.
pub(super) fn install() {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    INSTALLED.call_once(|| add_recovery(recover));
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
        // SAFETY: the thread is in code of the store.
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
    // As after a call: eight bytes below a multiple of 16.
    registers[libc::REG_RSP as usize] = ((stack & !15) - 8) as i64;
    registers[libc::REG_RIP as usize] = unwind_fault as *const () as usize as i64;
    true
}

/// Ends the process because the host has overflowed the stack for machine code. In the signal handler, on its own stack.
fn overflowed() -> ! {
    const MESSAGE: &str = "\nriser: a host function has overflowed the stack that compiled code called it on; \
                           `Config::host_stack` says how large that is\n";
    // SAFETY: writes a string; what does not arrive is lost.
    unsafe {
        libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len());
        libc::abort()
    }
}

/// Size of a stack for signal handlers.
const SIGNAL_STACK_BYTES: usize = 64 << 10;

/// The stack for signal handlers of a thread that had none.
struct SignalStack(Option<Reservation>);

/// Sees to it that the thread has a stack for signal handlers, which those of Rust's standard library have: without one, the system
/// could not say that a stack has overflowed.
pub(super) fn have_signal_stack() {
    thread_local! {
        static STACK: OnceCell<SignalStack> = const { OnceCell::new() };
    }
    // A thread that ends gets none.
    let _ = STACK.try_with(|stack| stack.get_or_init(SignalStack::install).0.is_some());
}

impl SignalStack {
    fn install() -> SignalStack {
        let page = Reservation::page_bytes();
        // SAFETY: asks what there is; then the memory is the thread's until it is not the signal stack any more.
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
        // SAFETY: if it is still the signal stack, it is none before its memory goes.
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
