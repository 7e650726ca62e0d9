//! Faults of machine code become traps.
//!
//! Machine code traps by faulting: an access to a guard page, a division by zero, `ud2`. The thread goes
//! on, on its own stack, in [`unwind_fault`], as if the instruction had called it; everything else
//! happens there, outside of the signal handler.

use super::activation::{current, unwind_fault};
use super::code_memory::is_code;
use crate::faults::{Registers, add_recovery};

/// The processor's number for page faults.
const PAGE_FAULT: i64 = 14;

/// Has faults of machine code become traps from now on.
pub(super) fn install() {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    INSTALLED.call_once(|| add_recovery(recover));
}

/// See [`crate::faults::Recovery`].
unsafe fn recover(registers: &mut Registers) -> bool {
    let pc = registers[libc::REG_RIP as usize] as usize;
    if current().is_null() || !is_code(pc) {
        return false;
    }
    let stack = registers[libc::REG_RSP as usize] as usize;
    registers[libc::REG_RDI as usize] = (pc + 1) as i64;
    registers[libc::REG_RDX as usize] = i64::from(registers[libc::REG_TRAPNO as usize] == PAGE_FAULT);
    registers[libc::REG_RSI as usize] = registers[libc::REG_RBP as usize];
    // As after a call: eight bytes below a multiple of 16.
    registers[libc::REG_RSP as usize] = ((stack & !15) - 8) as i64;
    registers[libc::REG_RIP as usize] = unwind_fault as *const () as usize as i64;
    true
}
