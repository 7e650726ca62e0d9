//! How machine code is entered, and left before its end.
//!
//! ```text
//! host, interpreter ..   | rust frames
//! enter, enter_stub      | saves the callee-saved registers; the activation records rsp and rbp
//!                        | from here on, the store's own stack: its size is as configured, whatever thread runs it
//! way in (trampoline)    | slots -> registers
//! machine code ..        | chained by rbp
//! ```
//!
//! The innermost activation of a thread is in a thread-local variable, where the fault
//! handler finds it, and that of a store in [`StoreContext::activation`], where code finds it.

use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

use riser_translator::TrapCode;

use super::code_map::{self, Origin};
use super::faults::{self, Cause};
use crate::{
    Context, FramePc, FuncInst, NativeStack, NativeTarget, RawFrame, Status, StoreContext, bounds, native_stack_pointer,
};

/// A stretch of machine code on the native stack: from a call out of Rust to the next call of Rust.
#[repr(C)]
#[derive(Debug)]
pub struct Activation {
    /// The stack pointer to leave with.
    stack_pointer: usize,
    /// The frame pointer of the stub that entered: where the chain of frames ends.
    pub frame_pointer: usize,
    /// The store whose code runs.
    pub(super) store: *mut StoreContext,
    /// Where the arguments were, and the results go.
    pub slots: *mut u64,
}

thread_local! {
    /// The innermost activation of the thread; null if there is none.
    static CURRENT: Cell<*mut Activation> = const { Cell::new(ptr::null_mut()) };
}

/// The innermost activation of this thread; null if there is none.
pub(super) fn current() -> *mut Activation {
    CURRENT.get()
}

/// A way into machine code: calls `code` with `context` and the arguments at `slots`, and leaves the
/// results there. Made by a compiler, one for each function type, in the System V convention.
pub type WayIn = unsafe extern "sysv64" fn(context: *mut Context, slots: *mut u64, code: *const u8);

/// Runs machine code until it returns or traps.
///
/// On the stack that the thread is on if that is one for machine code, whichever store's it is; else on the store's.
///
/// # Safety
///
/// `code` is that of a function of `context`'s module and `way_in` for its type; `slots` are its
/// arguments in the value stack of the context's store.
pub unsafe fn enter(way_in: WayIn, context: *mut Context, slots: *mut u64, code: *const u8) -> Status {
    faults::install();
    let under = bounds::current();
    let is_on_one = under.is_for_code() && under.contains(native_stack_pointer());
    // SAFETY: by the contract of this function.
    unsafe {
        if is_on_one { run(way_in, context, slots, code, 0) } else { switch_and_run(way_in, context, slots, code) }
    }
}

/// Runs machine code on the store's own stack.
///
/// # Safety
///
/// As for [`enter`].
unsafe fn switch_and_run(way_in: WayIn, context: *mut Context, slots: *mut u64, code: *const u8) -> Status {
    // SAFETY: by the contract of this function; the store outlives the activation.
    unsafe {
        let store = (*context).store;
        // In use until it is put back: code of the store may come here once more, from a stack that somebody else has switched to.
        let stack = match (*store).native_stack.take() {
            Some(stack) => stack,
            None => {
                let [code_bytes, host_bytes] = (*store).native_stack_bytes;
                // There is no more stack to be had.
                let Ok(stack) = NativeStack::new(code_bytes, host_bytes) else { return TrapCode::StackOverflow.into() };
                faults::have_signal_stack();
                stack
            }
        };
        let limit = (*store).native_limit;
        let outer = bounds::replace(stack.bounds());
        (*store).native_limit = stack.bounds().limit;
        let status = run(way_in, context, slots, code, stack.top());
        (*store).native_limit = limit;
        bounds::replace(outer);
        (*store).native_stack = Some(stack);
        status
    }
}

/// Runs machine code on the stack that ends at `stack`; if that is 0, on the one that the thread is on.
///
/// # Safety
///
/// As for [`enter`]; the stack is one for machine code, and the thread's bounds are those of it.
#[inline]
unsafe fn run(way_in: WayIn, context: *mut Context, slots: *mut u64, code: *const u8, stack: usize) -> Status {
    // SAFETY: by the contract of this function; the store outlives the activation.
    unsafe {
        let store = (*context).store;
        let mut activation = Activation { stack_pointer: 0, frame_pointer: 0, store, slots };
        let this = &raw mut activation;
        let (outer, top) = ((*store).activation, (*store).stack_top);
        let outer_of_thread = CURRENT.replace(this);
        (*store).activation = this.cast();
        let status = enter_stub(this, way_in, context, slots, code, stack);
        CURRENT.set(outer_of_thread);
        (*store).activation = outer;
        (*store).stack_top = top;
        status
    }
}

/// Saves what the System V convention wants saved, notes in the activation where to go back to, and calls the way in,
/// on the stack that ends at `stack` if that is not 0.
#[unsafe(naked)]
unsafe extern "sysv64" fn enter_stub(
    activation: *mut Activation,
    way_in: WayIn,
    context: *mut Context,
    slots: *mut u64,
    code: *const u8,
    stack: usize,
) -> Status {
    std::arch::naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 8",
        "mov [rdi], rsp",
        "mov [rdi + 8], rbp",
        "mov rbx, rdi",
        "test r9, r9",
        "cmovnz rsp, r9",
        "mov rax, rsi",
        "mov rdi, rdx",
        "mov rsi, rcx",
        "mov rdx, r8",
        "call rax",
        "mov rsp, [rbx]",
        "xor eax, eax",
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

/// Goes back to where the activation was entered, which then answers `status`.
#[unsafe(naked)]
unsafe extern "sysv64" fn leave(activation: *mut Activation, status: Status) -> ! {
    std::arch::naked_asm!(
        "mov rsp, [rdi]",
        "mov eax, esi",
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

/// What machine code calls to end its activation with a status that is not `RETURNED`.
///
/// # Safety
///
/// Called by machine code within an activation.
#[unsafe(naked)]
pub(super) unsafe extern "sysv64" fn raise(status: Status) -> ! {
    std::arch::naked_asm!(
        "mov rsi, [rsp]",
        "mov rdx, rbp",
        "and rsp, -16",
        "call {unwind}",
        "ud2",
        unwind = sym unwind,
    )
}

/// What machine code calls in place of a function that it cannot call: ends the activation with the error in flight.
///
/// # Safety
///
/// Called in the native convention.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn fail() {
    std::arch::naked_asm!("mov edi, {status}", "jmp {raise}", status = const Status::HOST_ERROR.0, raise = sym raise)
}

/// Ends the innermost activation with `status`, reporting the frames of machine code from
/// `frame_pointer` on; the innermost one stands before `return_address`.
///
/// # Safety
///
/// The thread is in machine code of the activation, and the frames are what they are said to be.
unsafe extern "sysv64" fn unwind(status: Status, return_address: usize, frame_pointer: usize) -> ! {
    let activation = CURRENT.get();
    // SAFETY: by the contract of this function.
    unsafe {
        if status != Status::TAIL_CALL {
            report_frames(&*activation, return_address, frame_pointer);
        }
        leave(activation, status)
    }
}

/// What a fault in machine code goes on with: as [`unwind`], with the trap of the instruction before `next`.
///
/// # Safety
///
/// As for [`unwind`].
pub(super) unsafe extern "sysv64" fn unwind_fault(next: usize, frame_pointer: usize, cause: Cause) -> ! {
    let pc = next - 1;
    let Some(trap) = code_map::find(pc).and_then(|function| function.trap(pc, cause)) else {
        eprintln!("riser: fault in compiled code at {pc:#x}, which cannot trap there; this is a bug in Riser");
        std::process::abort()
    };
    // SAFETY: by the contract of this function.
    unsafe { unwind(trap.into(), next, frame_pointer) }
}

/// Adds the activation's frames to the store's backtrace.
///
/// # Safety
///
/// As for [`unwind`].
unsafe fn report_frames(activation: &Activation, mut return_address: usize, mut frame_pointer: usize) {
    // SAFETY: machine code keeps its frame pointers chained, up to that of the stub.
    unsafe {
        let store = activation.store;
        while frame_pointer != activation.frame_pointer {
            let pc = return_address - 1;
            if let Some(function) = code_map::find(pc)
                && let Origin::Function { module, index } = &function.origin
                && let Some(offset) = function.wasm_offset(pc)
            {
                if (*store).keeps_frames() {
                    let func = ((*store).find_function)(store, module, *index);
                    if !func.is_null() {
                        (*store).push_frame(RawFrame { func, pc: FramePc::Wasm(offset) });
                    }
                } else {
                    (*store).omitted_frames += 1;
                }
            }
            let frame = ptr::with_exposed_provenance::<usize>(frame_pointer);
            (frame_pointer, return_address) = (*frame, *frame.add(1));
        }
    }
}

unsafe extern "sysv64" fn target_of_function(func: *const FuncInst) -> NativeTarget {
    // SAFETY: by the contract of `resolve_function`.
    unsafe { ((*(*func).store).resolve_native)(func) }
}

/// The native code of functions that have not been called natively yet, which takes their place: finds
/// the function's code or bridge, and goes on there with the same arguments.
///
/// # Safety
///
/// Called in the native convention, with the address of the [`FuncInst`] in place of the context.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn resolve_function() {
    std::arch::naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rdi",
        "push rsi",
        "push rdx",
        "push rcx",
        "push r8",
        "push r9",
        "sub rsp, 128",
        "movdqu [rsp], xmm0",
        "movdqu [rsp + 16], xmm1",
        "movdqu [rsp + 32], xmm2",
        "movdqu [rsp + 48], xmm3",
        "movdqu [rsp + 64], xmm4",
        "movdqu [rsp + 80], xmm5",
        "movdqu [rsp + 96], xmm6",
        "movdqu [rsp + 112], xmm7",
        "call {resolve}",
        "movdqu xmm0, [rsp]",
        "movdqu xmm1, [rsp + 16]",
        "movdqu xmm2, [rsp + 32]",
        "movdqu xmm3, [rsp + 48]",
        "movdqu xmm4, [rsp + 64]",
        "movdqu xmm5, [rsp + 80]",
        "movdqu xmm6, [rsp + 96]",
        "movdqu xmm7, [rsp + 112]",
        "add rsp, 128",
        "mov r11, rdx",
        "pop r9",
        "pop r8",
        "pop rcx",
        "pop rdx",
        "pop rsi",
        "pop rdi",
        "mov rdi, r11",
        "pop rbp",
        "jmp rax",
        resolve = sym target_of_function,
    )
}

/// Goes on in the native code of the function with the number in `eax` among those that the module of
/// the context defines, with the same arguments.
///
/// # Safety
///
/// Called in the native convention, with the number in `eax`; the upper half of `rax` is 0.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn resolve_index() {
    std::arch::naked_asm!(
        "imul r11, rax, {size}",
        "add r11, [rdi + {defined}]",
        "mov rdi, [r11 + {native_context}]",
        "jmp [r11 + {native}]",
        size = const size_of::<FuncInst>(),
        defined = const offset_of!(Context, defined),
        native_context = const offset_of!(FuncInst, native_context),
        native = const offset_of!(FuncInst, native),
    )
}
