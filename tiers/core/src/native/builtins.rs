//! The builtins: functions that machine code calls for work that is too long to inline.
//!
//! All follow the System V convention. Those that can trap return a [`Status`]; if it is not `RETURNED`, the code calls [`Builtins::raise`]
//! with it. Those that also have a value leave it in [`StoreContext::value`].

use std::{ptr, slice};

use riser_translator::ops::AtomicOp;
use riser_translator::safepoint::SafepointKind;
use riser_translator::{DataIndex, ElemIndex, FuncIndex, MemoryIndex, TableIndex, TagIndex, TrapCode};

use super::activation::{Activation, Site, leaving, pass_on, raise, report_polled};
use crate::{Context, FramePc, FrameValues, FuncInst, PolledFrame, RawFrame, Status, StoreContext};

macro_rules! builtins {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $Type:ty),*) $(-> $Result:ty)? = $function:path;)*) => {
        /// The functions that machine code calls, found through [`StoreContext::builtins`].
        #[repr(C)]
        #[derive(Debug)]
        pub struct Builtins {
            $($(#[$doc])* pub $name: unsafe extern "sysv64" fn($($argument: $Type),*) $(-> $Result)?,)*
        }

        impl Builtins {
            /// The name and the offset of each function.
            pub const NAMES: &[(&str, usize)] = &[$((stringify!($name), std::mem::offset_of!(Builtins, $name)),)*];
        }

        /// The functions.
        pub static BUILTINS: Builtins = Builtins { $($name: $function,)* };
    };
}

builtins! {
    /// Ends the activation with a status that is not `RETURNED`.
    raise(status: Status) -> ! = raise;
    /// Continues with the exception in flight in the caller of the code, because no clause of the code's fits; see
    /// [`crate::CodeTables::landings`]. The code's own frame is in the backtrace already.
    pass_on() -> ! = pass_on;
    /// Makes an exception with the payload at `payload`, puts it in flight, and returns the status to raise.
    throw(context: *mut Context, tag: u64, payload: *const u64) -> Status = throw;
    /// Puts an exception in flight that a reference refers to, and returns the status to raise; that of a trap if the reference is null.
    throw_ref(context: *mut Context, exn: u64) -> Status = throw_ref;
    /// The exception in flight has been caught, and its payload read. `keeps` is 1 if code has kept a reference to it, else 0.
    caught(context: *mut Context, keeps: u64) = caught;
    /// Calls a function by its [`crate::SlotEntry`], with the arguments at `slots`, which receives the results.
    call_slots(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status = call_slots;
    /// As `call_slots`, for arguments and results outside of the value stack: copies them there and back.
    call_copied(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status = call_copied;
    /// As `call_copied`, for a call in tail position by the code whose frame pointer is `frame`. If that is the only frame of machine code
    /// left in the activation, the call is left to whoever entered the activation, and the result is [`Status::TAIL_CALL`].
    tail_copied(callee: *const FuncInst, caller: *mut Context, slots: *mut u64, frame: *const usize) -> Status = tail_copied;
    /// Called by a poll that found its epoch passed. `site` has the function's index in its lower half and the safepoint's offset in its
    /// upper half; `is_loop` says which kind of safepoint it is. At `slots` are the frame's locals, followed by the operands.
    poll(context: *mut Context, site: u64, is_loop: u64, slots: *const u64, locals: u64, operands: u64) -> Status = poll;
    /// Called when a counter has run down: see [`StoreContext::hot`]. `site` has the function's index in its lower half, and the loop's
    /// offset in its upper half, which is 0 at the function's entry.
    hot(context: *mut Context, site: u64) -> *const u8 = hot;
    /// `memory.grow`; leaves the old size in the store.
    memory_grow(context: *mut Context, memory: u64, delta: u64) -> Status = memory_grow;
    /// `memory.fill`.
    memory_fill(context: *mut Context, memory: u64, dst: u64, value: u64, len: u64) -> Status = memory_fill;
    /// `memory.copy`; `memories` has the destination's index in its lower half and the source's in its upper half.
    memory_copy(context: *mut Context, memories: u64, dst: u64, src: u64, len: u64) -> Status = memory_copy;
    /// `memory.init`; `indices` has the memory's in its lower half and the segment's in its upper half.
    memory_init(context: *mut Context, indices: u64, dst: u64, src: u64, len: u64) -> Status = memory_init;
    /// `data.drop`.
    data_drop(context: *mut Context, segment: u64) = data_drop;
    /// `table.grow`; leaves the old size in the store.
    table_grow(context: *mut Context, table: u64, init: u64, delta: u64) -> Status = table_grow;
    /// `table.fill`.
    table_fill(context: *mut Context, table: u64, dst: u64, value: u64, len: u64) -> Status = table_fill;
    /// `table.copy`; `tables` has the destination's index in its lower half and the source's in its upper half.
    table_copy(context: *mut Context, tables: u64, dst: u64, src: u64, len: u64) -> Status = table_copy;
    /// `table.init`; `indices` has the table's in its lower half and the segment's in its upper half.
    table_init(context: *mut Context, indices: u64, dst: u64, src: u64, len: u64) -> Status = table_init;
    /// `elem.drop`.
    elem_drop(context: *mut Context, segment: u64) = elem_drop;
    /// An atomic operation, by its number; leaves the result in the store. `indices` has the memory's in its lower half and the operation's
    /// in its upper half.
    memory_atomic(context: *mut Context, indices: u64, address: u64, offset: u64, first: u64, second: u64) -> Status = memory_atomic;
    /// Called by code that has charged fuel of which less was left: see [`StoreContext::out_of_fuel`]. Gives the fuel back first. Returns when it
    /// has been charged, and otherwise raises the status. Preserves all registers, so that code does not save for it what it has in them.
    out_of_fuel(context: *mut Context, units: u64) = out_of_fuel;
}

/// The two indices that share an argument: the lower and the upper half.
const fn halves(indices: u64) -> (u32, u32) {
    (indices as u32, (indices >> 32) as u32)
}

fn status(result: Result<(), TrapCode>) -> Status {
    match result {
        Ok(()) => Status::RETURNED,
        Err(code) => code.into(),
    }
}

/// Leaves the value, if there is one, in the store.
unsafe fn leave_value(store: *mut StoreContext, result: Result<u64, Status>) -> Status {
    match result {
        Ok(value) => {
            // SAFETY: the store is alive while its code runs.
            unsafe { (*store).value = value };
            Status::RETURNED
        }
        Err(status) => status,
    }
}

/// Goes on in [`call_from`], which gets the site of the calling code as well.
#[unsafe(naked)]
unsafe extern "sysv64" fn call_slots(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status {
    std::arch::naked_asm!("mov rcx, [rsp]", "mov r8, rbp", "jmp {call}", call = sym call_from)
}

/// See [`Builtins::call_slots`].
///
/// # Safety
///
/// `callee` is a function of the store that runs, with its arguments at `slots`, which are in the value stack. The machine code is at
/// `site`.
unsafe extern "sysv64" fn call_from(
    callee: *const FuncInst,
    caller: *mut Context,
    slots: *mut u64,
    site: Site,
) -> Status {
    // SAFETY: by the contract of this function.
    unsafe {
        let store = (*callee).store;
        if slots > (*store).stack_limit {
            return TrapCode::StackOverflow.into();
        }
        let top = (*store).stack_top;
        (*store).stack_top = slots.add((*callee).link_slot() as usize);
        let status = leaving(store, site, || FuncInst::call(callee, caller, slots));
        (*store).stack_top = top;
        status
    }
}

/// Goes on in [`call_copied_from`], which gets the site of the calling code as well.
#[unsafe(naked)]
unsafe extern "sysv64" fn call_copied(callee: *const FuncInst, caller: *mut Context, slots: *mut u64) -> Status {
    std::arch::naked_asm!("mov rcx, [rsp]", "mov r8, rbp", "jmp {call}", call = sym call_copied_from)
}

/// See [`Builtins::call_copied`].
///
/// # Safety
///
/// `callee` is a function of the store that runs; `slots` has its arguments, and room for its results. The machine code is at `site`.
pub(super) unsafe extern "sysv64" fn call_copied_from(
    callee: *const FuncInst,
    caller: *mut Context,
    slots: *mut u64,
    site: Site,
) -> Status {
    // SAFETY: the caller guarantees `callee` and `slots`. At and below the limit there is room for arguments: the red zone.
    unsafe {
        let store = (*callee).store;
        let base = (*store).stack_top;
        if base > (*store).stack_limit {
            return TrapCode::StackOverflow.into();
        }
        base.copy_from_nonoverlapping(slots, (*callee).param_slots as usize);
        let status = call_from(callee, caller, base, site);
        if status.is_returned() {
            slots.copy_from_nonoverlapping(base, (*callee).result_slots as usize);
        }
        status
    }
}

/// Goes on in [`tail_copied_from`], which gets the site of the calling code as well.
#[unsafe(naked)]
unsafe extern "sysv64" fn tail_copied(
    callee: *const FuncInst,
    caller: *mut Context,
    slots: *mut u64,
    frame: *const usize,
) -> Status {
    std::arch::naked_asm!("mov r8, [rsp]", "mov r9, rbp", "jmp {call}", call = sym tail_copied_from)
}

/// See [`Builtins::tail_copied`].
///
/// # Safety
///
/// As for [`call_copied_from`]; `frame` is the frame pointer of machine code of the innermost activation, above the entry trampoline.
pub(super) unsafe extern "sysv64" fn tail_copied_from(
    callee: *const FuncInst,
    caller: *mut Context,
    slots: *mut u64,
    frame: *const usize,
    site: Site,
) -> Status {
    // SAFETY: the caller guarantees `callee`, `slots` and `frame`. Frame pointers are chained.
    unsafe {
        let store = (*callee).store;
        let activation = (*store).activation.cast::<Activation>();
        // frame of the code -> frame of its caller -> frame of the stub, if the caller is the entry trampoline
        let outer = *ptr::with_exposed_provenance::<usize>(*frame);
        if outer != (*activation).frame_pointer || (*callee).context.is_null() {
            return call_copied_from(callee, caller, slots, site);
        }
        (*activation).slots.copy_from(slots, (*callee).param_slots as usize);
        (*store).tail_callee = callee;
        Status::TAIL_CALL
    }
}

/// Makes a frame that [`poll_in`] gets as its last argument, so that it can walk the frames of the code that polls.
#[unsafe(naked)]
unsafe extern "sysv64" fn poll(
    context: *mut Context,
    site: u64,
    is_loop: u64,
    slots: *const u64,
    locals: u64,
    operands: u64,
) -> Status {
    std::arch::naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "sub rsp, 8",
        "push rbp",
        "call {poll_in}",
        "leave",
        "ret",
        poll_in = sym poll_in,
    )
}

/// # Safety
///
/// Called by [`poll`], whose frame is at `frame`: the frame pointer of the code that polls, and the address that it goes on at.
unsafe extern "sysv64" fn poll_in(
    context: *mut Context,
    site: u64,
    is_loop: u64,
    slots: *const u64,
    locals: u64,
    operands: u64,
    frame: *const [usize; 2],
) -> Status {
    // SAFETY: the context and its store are alive while their code runs, and the code has left the frame at `slots`.
    unsafe {
        let (index, offset) = halves(site);
        let func = (*context).function(FuncIndex::new(index));
        let store = (*context).store;
        let (params, locals) = slice::from_raw_parts(slots, locals as usize).split_at((*func).param_slots as usize);
        let operands = slice::from_raw_parts(locals.as_ptr_range().end, operands as usize);
        let kind = if is_loop != 0 { SafepointKind::Loop } else { SafepointKind::Entry };
        let [frame_pointer, return_address] = *frame;
        // The code's own frame is known by its safepoint; its position may be that of another operator.
        let values = FrameValues::Slots { locals: slots, operands: operands.as_ptr(), kept: None };
        let innermost = RawFrame { func, pc: FramePc::Wasm(offset), values };
        let report = || report_polled(store, innermost, Site { return_address, frame_pointer });
        let frame = PolledFrame { func, kind, offset, params, locals, operands, kept: &[], report: &report };
        ((*store).polled)(store, Some(&frame))
    }
}

/// Saves what a function of Rust may overwrite: general registers, and the vector registers as far as Cranelift's code uses them. For LLVM
/// the convention is `preserve_most`, which needs no vector register saved.
#[unsafe(naked)]
unsafe extern "sysv64" fn out_of_fuel(context: *mut Context, units: u64) {
    std::arch::naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rax",
        "push rcx",
        "push rdx",
        "push rsi",
        "push rdi",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        // Sixteen vector registers, and eight bytes by which the stack is aligned.
        "sub rsp, 264",
        "movaps [rsp], xmm0",
        "movaps [rsp + 16], xmm1",
        "movaps [rsp + 32], xmm2",
        "movaps [rsp + 48], xmm3",
        "movaps [rsp + 64], xmm4",
        "movaps [rsp + 80], xmm5",
        "movaps [rsp + 96], xmm6",
        "movaps [rsp + 112], xmm7",
        "movaps [rsp + 128], xmm8",
        "movaps [rsp + 144], xmm9",
        "movaps [rsp + 160], xmm10",
        "movaps [rsp + 176], xmm11",
        "movaps [rsp + 192], xmm12",
        "movaps [rsp + 208], xmm13",
        "movaps [rsp + 224], xmm14",
        "movaps [rsp + 240], xmm15",
        "call {charge}",
        "test eax, eax",
        "jnz 2f",
        "movaps xmm0, [rsp]",
        "movaps xmm1, [rsp + 16]",
        "movaps xmm2, [rsp + 32]",
        "movaps xmm3, [rsp + 48]",
        "movaps xmm4, [rsp + 64]",
        "movaps xmm5, [rsp + 80]",
        "movaps xmm6, [rsp + 96]",
        "movaps xmm7, [rsp + 112]",
        "movaps xmm8, [rsp + 128]",
        "movaps xmm9, [rsp + 144]",
        "movaps xmm10, [rsp + 160]",
        "movaps xmm11, [rsp + 176]",
        "movaps xmm12, [rsp + 192]",
        "movaps xmm13, [rsp + 208]",
        "movaps xmm14, [rsp + 224]",
        "movaps xmm15, [rsp + 240]",
        "add rsp, 264",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rax",
        "pop rbp",
        "ret",
        // As if the code had called `raise` here.
        "2:",
        "mov edi, eax",
        "mov rsp, rbp",
        "pop rbp",
        "jmp {raise}",
        charge = sym charge_or_stop,
        raise = sym raise,
    )
}

/// Takes back a charge of fuel of which less was left, and charges it again or returns the status to raise.
unsafe extern "sysv64" fn charge_or_stop(context: *mut Context, units: u64) -> Status {
    // SAFETY: the context and its store are alive while their code runs.
    unsafe {
        let store = (*context).store;
        (*store).fuel = (*store).fuel.wrapping_add(units);
        ((*store).out_of_fuel)(store, units)
    }
}

unsafe extern "sysv64" fn hot(context: *mut Context, site: u64) -> *const u8 {
    // SAFETY: the context and its store are alive while their code runs.
    unsafe {
        let (index, offset) = halves(site);
        let func = (*context).function(FuncIndex::new(index));
        ((*(*context).store).hot)(func, (offset != 0).then_some(offset))
    }
}

/// The functions that forward their arguments to the context's method of the same name.
///
/// The methods' conditions hold: indices come from validated code, and the context is alive while its code runs.
macro_rules! forward {
    ($($name:ident($($argument:ident),*) via |$cx:ident| $call:expr;)*) => {
        $(unsafe extern "sysv64" fn $name(context: *mut Context, $($argument: u64),*) -> Status {
            // SAFETY: see above.
            unsafe {
                let $cx = &*context;
                $call
            }
        })*
    };
}

forward! {
    memory_grow(memory, delta) via |cx| leave_value(cx.store, cx.memory_grow(MemoryIndex::new(memory as u32), delta));
    memory_fill(memory, dst, value, len) via |cx| status(cx.memory_fill(MemoryIndex::new(memory as u32), dst, value, len));
    memory_copy(memories, dst, src, len) via |cx| {
        let (to, from) = halves(memories);
        let (to, from) = (MemoryIndex::new(to), MemoryIndex::new(from));
        status(cx.memory_copy(to, from, dst, src, len))
    };
    memory_init(indices, dst, src, len) via |cx| {
        let (memory, segment) = halves(indices);
        status(cx.memory_init(MemoryIndex::new(memory), DataIndex::new(segment), dst, src, len))
    };
    memory_atomic(indices, address, offset, first, second) via |cx| {
        let (memory, op) = halves(indices);
        let op = AtomicOp::ALL[op as usize];
        leave_value(cx.store, cx.memory_atomic(op, MemoryIndex::new(memory), address, offset, [first, second]))
    };
    table_grow(table, init, delta) via |cx| leave_value(cx.store, cx.table_grow(TableIndex::new(table as u32), init, delta));
    table_fill(table, dst, value, len) via |cx| status(cx.table_fill(TableIndex::new(table as u32), dst, value, len));
    table_copy(tables, dst, src, len) via |cx| {
        let (to, from) = halves(tables);
        let (to, from) = (TableIndex::new(to), TableIndex::new(from));
        status(cx.table_copy(to, from, dst, src, len))
    };
    table_init(indices, dst, src, len) via |cx| {
        let (table, segment) = halves(indices);
        status(cx.table_init(TableIndex::new(table), ElemIndex::new(segment), dst, src, len))
    };
}

unsafe extern "sysv64" fn throw(context: *mut Context, tag: u64, payload: *const u64) -> Status {
    // SAFETY: the context and its store are alive while their code runs. The code has left the payload above all slots in use.
    unsafe {
        let store = (*context).store;
        StoreContext::throw(store, (*context).tag(TagIndex::new(tag as u32)), payload, (*store).stack_top)
    }
}

unsafe extern "sysv64" fn throw_ref(context: *mut Context, exn: u64) -> Status {
    // SAFETY: as for the others.
    unsafe { (*context).store_mut().throw_ref(exn) }
}

unsafe extern "sysv64" fn caught(context: *mut Context, keeps: u64) {
    // SAFETY: as for the others; the code has found an exception in flight, and keeps its address if it says so.
    unsafe { (*context).store_mut().caught(keeps != 0) }
}

unsafe extern "sysv64" fn data_drop(context: *mut Context, segment: u64) {
    // SAFETY: as for the others.
    unsafe { (*context).data_drop(DataIndex::new(segment as u32)) }
}

unsafe extern "sysv64" fn elem_drop(context: *mut Context, segment: u64) {
    // SAFETY: as for the others.
    unsafe { (*context).elem_drop(ElemIndex::new(segment as u32)) }
}
