//! Entering machine code, and leaving it before its end.
//!
//! ```text
//! host, interpreter ..     | Rust frames
//! enter, enter_stub        | saves the callee-saved registers; the activation records rsp and rbp
//!                          | from here on, the store's own stack: its size is as configured, whatever thread runs it
//! entry trampoline (WayIn) | slots -> registers
//! machine code ..          | chained by rbp
//! ```
//!
//! The innermost activation of a thread is in a thread-local variable, for the fault handler. The innermost activation of a store
//! is in [`StoreContext::activation`], for machine code.

use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

use riser_translator::TrapCode;

use super::code_map::{self, Origin};
use super::faults::{self, Cause};
use crate::{
    Context, FramePc, FuncInst, NativeStack, NativeTarget, RawFrame, Status, StoreContext, bounds, native_stack_pointer,
};

/// A stretch of machine code on the native stack: from a call out of Rust to the next call into Rust.
#[repr(C)]
#[derive(Debug)]
pub struct Activation {
    /// The stack pointer to restore when leaving.
    stack_pointer: usize,
    /// The frame pointer of the stub that entered, where the chain of frame pointers ends.
    pub frame_pointer: usize,
    /// The store whose code runs.
    pub(super) store: *mut StoreContext,
    /// Where the arguments were, and where the results go.
    pub slots: *mut u64,
    /// The store's activation outside of this one; null if there is none.
    pub(super) outer: *const Activation,
    /// An address on the stack of the activation's frames, above all of them.
    pub(super) begin: usize,
}

/// Where machine code has called a builtin. As the last argument of a function it is in two registers, in this order.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Site {
    /// Where it goes on.
    pub(super) return_address: usize,
    /// The frame pointer of the code.
    pub(super) frame_pointer: usize,
}

thread_local! {
    /// The innermost activation of the thread; null if there is none.
    static CURRENT: Cell<*mut Activation> = const { Cell::new(ptr::null_mut()) };
}

/// The innermost activation of this thread; null if there is none.
pub(super) fn current() -> *mut Activation {
    CURRENT.get()
}

/// Makes an activation the innermost one of this thread, and returns the previous one.
///
/// # Safety
///
/// The thread is about to continue on a stack whose innermost activation this is; null if there is none on it.
pub unsafe fn replace_current(activation: *mut ()) -> *mut () {
    CURRENT.replace(activation.cast()).cast()
}

/// Makes an activation the innermost one of this thread, which may have become another one; see [`bounds::restore`].
#[inline(never)]
fn restore_current(activation: *mut Activation) {
    CURRENT.set(activation);
}

/// An entry trampoline ("way in"): calls `code` with `context` and the arguments at `slots`, and leaves the results there. A
/// compiler makes one for each function type, in the System V convention.
pub type WayIn = unsafe extern "sysv64" fn(context: *mut Context, slots: *mut u64, code: *const u8);

/// Runs machine code until it returns or traps.
///
/// Runs on the current stack if that is a stack for machine code, whichever store's; otherwise on the store's.
///
/// # Safety
///
/// `code` belongs to a function of `context`'s module, and `way_in` is for its type; `slots` are its arguments in the value stack
/// of the context's store.
pub unsafe fn enter(way_in: WayIn, context: *mut Context, slots: *mut u64, code: *const u8) -> Status {
    faults::install();
    let under = bounds::current();
    let is_on_one = under.is_for_code() && under.contains(native_stack_pointer());
    // SAFETY: the caller guarantees that `code`, `way_in` and `slots` fit the context.
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
    // SAFETY: the caller guarantees what `enter` asks for; the store outlives the activation.
    unsafe {
        let store = (*context).store;
        // Taken until it is put back: code of the store may get here again, from a stack that somebody else has switched to.
        let stack = match (*store).native_stack.take() {
            Some(stack) => stack,
            None => {
                let [code_bytes, host_bytes] = (*store).native_stack_bytes;
                // The system has no room for another stack.
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
        bounds::restore(outer);
        (*store).native_stack = Some(stack);
        status
    }
}

/// Runs machine code on the stack that ends at `stack`, or on the current stack if that is 0.
///
/// # Safety
///
/// As for [`enter`]; the stack is one for machine code, and the thread's bounds are its bounds.
#[inline]
unsafe fn run(way_in: WayIn, context: *mut Context, slots: *mut u64, code: *const u8, stack: usize) -> Status {
    // SAFETY: the caller guarantees what `enter` asks for; the store outlives the activation.
    unsafe {
        let store = (*context).store;
        let (outer, top) = ((*store).activation, (*store).stack_top);
        let begin = if stack == 0 { native_stack_pointer() & !7 } else { stack };
        let mut activation =
            Activation { stack_pointer: 0, frame_pointer: 0, store, slots, outer: outer.cast(), begin };
        let this = &raw mut activation;
        let outer_of_thread = CURRENT.replace(this);
        (*store).activation = this.cast();
        let status = enter_stub(this, way_in, context, slots, code, stack);
        restore_current(outer_of_thread);
        (*store).activation = outer;
        (*store).stack_top = top;
        status
    }
}

/// Saves the callee-saved registers of the System V convention, records in the activation where to return to, and calls the entry
/// trampoline, on the stack that ends at `stack` if that is not 0.
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

/// Returns to where the activation was entered, with `status` as the result.
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

/// Ends the activation of the calling machine code with a status that is not `RETURNED`.
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

/// Stands in for a function that machine code cannot call: ends the activation with the error in flight.
///
/// # Safety
///
/// Called in the native convention.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn fail() {
    std::arch::naked_asm!("mov edi, {status}", "jmp {raise}", status = const Status::HOST_ERROR.0, raise = sym raise)
}

/// Goes on with the exception in flight, which the calling machine code has looked at and does not handle, in the caller of that code.
///
/// # Safety
///
/// Called by machine code within an activation, at a landing of its own frame.
#[unsafe(naked)]
pub(super) unsafe extern "sysv64" fn pass_on() -> ! {
    std::arch::naked_asm!(
        "mov edi, {exception}",
        "mov rsi, [rbp + 8]",
        "mov rdx, [rbp]",
        "and rsp, -16",
        "call {unwind}",
        "ud2",
        exception = const Status::EXCEPTION.0,
        unwind = sym unwind,
    )
}

/// Ends calls of the innermost activation, from the frame at `frame_pointer` on, which is at the instruction before `return_address`: up
/// to the first call that handles the exception in flight, if `status` says that there is one, else all of them. In the second case, the
/// activation ends with `status`.
///
/// # Safety
///
/// The thread is in machine code of the activation, and the arguments describe its frames.
unsafe extern "sysv64" fn unwind(status: Status, return_address: usize, frame_pointer: usize) -> ! {
    let activation = CURRENT.get();
    // SAFETY: the caller guarantees that the thread is in an activation, and that the arguments describe its frames.
    unsafe {
        if status != Status::TAIL_CALL {
            let landing = report_frames(&*activation, return_address, frame_pointer, status == Status::EXCEPTION);
            if let Some(Landing { code, frame_pointer, stack_pointer }) = landing {
                // The value stack's top is as the activation has it: all that has moved it since has put it back before it returned its
                // status.
                resume(code, frame_pointer, stack_pointer)
            }
        }
        leave(activation, status)
    }
}

/// A place where machine code goes on with the exception in flight.
struct Landing {
    code: usize,
    /// The registers of the frame.
    frame_pointer: usize,
    stack_pointer: usize,
}

/// Continues in a frame of machine code.
#[unsafe(naked)]
unsafe extern "sysv64" fn resume(code: usize, frame_pointer: usize, stack_pointer: usize) -> ! {
    std::arch::naked_asm!("mov rbp, rsi", "mov rsp, rdx", "jmp rdi")
}

/// Continues after a fault in machine code: as [`unwind`], with the trap of the instruction before `next`.
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
    // SAFETY: the caller guarantees what `unwind` asks for.
    unsafe { unwind(trap.into(), next, frame_pointer) }
}

/// Adds frames of the activation to the store's backtrace. If they are left because of an exception, ends with the first that handles it,
/// and returns where that goes on.
///
/// # Safety
///
/// As for [`unwind`].
unsafe fn report_frames(
    activation: &Activation,
    mut return_address: usize,
    mut frame_pointer: usize,
    is_exception: bool,
) -> Option<Landing> {
    // SAFETY: machine code keeps its frame pointers chained, up to that of the entry stub.
    unsafe {
        let store = activation.store;
        while frame_pointer != activation.frame_pointer {
            let pc = return_address - 1;
            let function = code_map::find(pc);
            if let Some(function) = &function
                && let Origin::Function { module, index } = &function.origin
                && let Some(offset) = function.wasm_offset(pc)
            {
                if (*store).keeps_frames() {
                    let func = ((*store).find_function)(store, module, *index);
                    if !func.is_null() {
                        let values = function.values(frame_pointer);
                        (*store).push_frame(RawFrame { func, pc: FramePc::Wasm(offset), values });
                    }
                } else {
                    (*store).omitted_frames += 1;
                }
            }
            let landing = function.filter(|_| is_exception).and_then(|function| function.landing(pc));
            if let Some((code, frame_bytes)) = landing {
                return Some(Landing { code, frame_pointer, stack_pointer: frame_pointer - frame_bytes });
            }
            let frame = ptr::with_exposed_provenance::<usize>(frame_pointer);
            (frame_pointer, return_address) = (*frame, *frame.add(1));
        }
        None
    }
}

/// Makes a call that leaves the innermost activation of the store, from the machine code at `site`.
///
/// # Safety
///
/// The thread is in a builtin that the machine code of the activation has called at `site`.
pub(super) unsafe fn leaving(store: *mut StoreContext, site: Site, call: impl FnOnce() -> Status) -> Status {
    // SAFETY: the caller guarantees that the store is in an activation, and that the site describes its frames, which are there as long
    // as the call lasts.
    unsafe {
        let activation = (*store).activation.cast::<Activation>();
        let report = || {
            report_frames(&*activation, site.return_address, site.frame_pointer, false);
        };
        StoreContext::leave(store, &report, call)
    }
}

/// Adds the frames of the innermost activation of the store to its backtrace, from the one that polls, `innermost`, on.
///
/// # Safety
///
/// The thread is in a builtin that the machine code of the activation has called at `site`.
pub(super) unsafe fn report_polled(store: *mut StoreContext, innermost: RawFrame, site: Site) {
    // SAFETY: the caller guarantees that the store is in an activation, and that the arguments describe its frames.
    unsafe {
        let first = { &(*store).frames }.len();
        let activation = (*store).activation.cast::<Activation>();
        report_frames(&*activation, site.return_address, site.frame_pointer, false);
        let frames = &mut (*store).frames;
        match frames.get_mut(first) {
            Some(frame) if frame.func == innermost.func => *frame = innermost,
            _ => frames.insert(first, innermost),
        }
    }
}

unsafe extern "sysv64" fn target_of_function(func: *const FuncInst) -> NativeTarget {
    // SAFETY: by the contract of `resolve_function`.
    unsafe { ((*(*func).store).resolve_native)(func) }
}

/// The initial native code of every function: resolves the function to its code or its bridge, and continues there with the same
/// arguments.
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

/// Jumps to the native code of a function with the same arguments. `eax` has the function's index among those that the module of
/// the context defines.
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
