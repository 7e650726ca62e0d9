//! What machine code holds: registers and native stacks, for those that look for references.
//!
//! Machine code says of no register and of no part of a frame what it holds. So all words count that code of the store may have left
//! anywhere: from the stack pointer up to where the store's outermost activation began, with the frames of Rust in between, and the
//! registers that calls preserve. The other registers hold nothing that code needs after a call.

use std::ptr;

use super::Activation;
use crate::{StoreContext, bounds};

/// How many words are passed on at a time.
const WORDS: usize = 512;

/// Calls `visit` with all words that code of the store holds outside of the value stack. Returns whether it has found all of them: if
/// activations are on several stacks, because the host has switched to another, only one of these is known.
///
/// # Safety
///
/// The store is alive, and the thread runs it.
pub(crate) unsafe fn visit_words(store: *mut StoreContext, visit: &mut dyn FnMut(&[u64])) -> bool {
    let mut found = Visit { store, visit, is_complete: false };
    // SAFETY: the function gets what it expects; the caller guarantees the rest.
    unsafe { with_registers(visit_from, (&raw mut found).cast()) };
    found.is_complete
}

struct Visit<'a> {
    store: *mut StoreContext,
    visit: &'a mut dyn FnMut(&[u64]),
    is_complete: bool,
}

/// Calls `function` with the stack pointer and `argument`, after pushing the registers that calls preserve.
#[unsafe(naked)]
unsafe extern "sysv64" fn with_registers(
    function: unsafe extern "sysv64" fn(stack: usize, argument: *mut ()),
    argument: *mut (),
) {
    std::arch::naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 8",
        "mov rax, rdi",
        "mov rdi, rsp",
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

/// Visits the words from `stack` on; `argument` is a [`Visit`].
unsafe extern "sysv64" fn visit_from(stack: usize, argument: *mut ()) {
    // SAFETY: the caller passes a visit of a store that the thread runs; the words are on the thread's stack, between the stack pointer
    // and the begin of an activation. They are read as bits, some of which Rust code is about to change or has never set.
    unsafe {
        let Visit { store, visit, is_complete } = &mut *argument.cast::<Visit<'_>>();
        let here = bounds::current();
        let mut activation: *const Activation = (**store).activation.cast();
        let mut end = stack;
        while !activation.is_null() {
            let begin = (*activation).begin;
            if begin < end || !here.contains(begin) {
                return;
            }
            end = begin;
            activation = (*activation).outer;
        }
        *is_complete = true;
        let mut words = [0; WORDS];
        let (mut at, end) = (ptr::with_exposed_provenance::<u64>(stack), ptr::with_exposed_provenance::<u64>(end));
        while at < end {
            let count = end.offset_from_unsigned(at).min(WORDS);
            for word in &mut words[..count] {
                *word = at.read_volatile();
                at = at.add(1);
            }
            visit(&words[..count]);
        }
    }
}
