//! What all instances of a store share while code runs: where its stacks end,
//! interruption, limits, and the trap in flight.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use riser_translator::TrapCode;
use riser_translator::module::ModuleInfo;
use riser_translator::safepoint::SafepointKind;

use crate::{Context, FuncInst, Memory, NativeStack, NativeTarget, Table};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Status(pub u32);

impl Status {
    /// The call returned; its results are in place.
    pub const RETURNED: Status = Status(0);
    /// Code of the register interpreter came to a count that reached its threshold. Never leaves the
    /// activation.
    pub const HOT: Status = Status(251);
    /// Code of the register interpreter came to a poll whose epoch has passed. Never leaves the
    /// activation.
    pub const POLLED: Status = Status(252);
    /// The call ended in a tail call of [`StoreContext::tail_callee`], a function of a module, that
    /// is left to the caller: its arguments are where those of the call were. So tail calls from
    /// tier to tier take no native stack; [`FuncInst::call`] goes on with them.
    pub const TAIL_CALL: Status = Status(253);
    /// A host function failed; its error is in [`StoreContext::pending`].
    pub const HOST_ERROR: Status = Status(254);
    /// A host function panicked; the panic's payload is in [`StoreContext::pending`].
    pub const PANIC: Status = Status(255);

    /// Whether the call returned.
    #[inline(always)]
    pub const fn is_returned(self) -> bool {
        self.0 == 0
    }

    /// The trap that ended the call, if it was one.
    pub const fn trap(self) -> Option<TrapCode> {
        TrapCode::from_u8(self.0 as u8)
    }
}

impl From<TrapCode> for Status {
    #[inline(always)]
    fn from(code: TrapCode) -> Status {
        Status(code as u32)
    }
}

/// Where in its function a frame stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramePc {
    /// At the operator at this offset of the module.
    Wasm(u32),
    /// In the register interpreter's code.
    Code {
        /// Whether in the code that counts, of the mode `multi-tier`.
        counted: bool,
        /// The distance from the start of the code, in 64-bit words.
        word: u32,
    },
}

/// A wasm frame of a backtrace, as running code reports it.
#[derive(Clone, Copy, Debug)]
pub struct RawFrame {
    /// The function.
    pub func: *const FuncInst,
    /// Where it stood.
    pub pc: FramePc,
}

/// A frame at a safepoint, as running code shows it to [`StoreContext::polled`]. Its state is
/// canonical: these slots are all that is live.
#[derive(Clone, Copy, Debug)]
pub struct PolledFrame<'a> {
    /// The function.
    pub func: *const FuncInst,
    /// What kind of safepoint it is.
    pub kind: SafepointKind,
    /// Its offset, as in [`riser_translator::safepoint::Safepoint::offset`].
    pub offset: u32,
    /// The parameters.
    pub params: &'a [u64],
    /// The declared locals.
    pub locals: &'a [u64],
    /// The operand stack, from the bottom. The value stack is free beyond it.
    pub operands: &'a [u64],
}

/// What growing a memory or a table answers: the old size, or `None` if it has not grown; an error ends the code.
pub type Grown = Result<Option<u64>, Status>;

/// What all instances of a store share while code runs. One per store, at a fixed address.
#[repr(C)]
pub struct StoreContext {
    /// Frames end at or below this slot.
    pub stack_limit: *mut u64,
    /// The value stack is free from here on for calls that the host makes: whoever calls
    /// the host first moves this above what it keeps, and puts it back afterwards.
    pub stack_top: *mut u64,
    /// Fuel left.
    pub fuel: u64,
    /// The engine's epoch.
    pub epoch: *const AtomicU64,
    /// The epoch from which on polls call [`StoreContext::polled`]: the one from which on code is
    /// interrupted, or 0 while code is observed.
    pub epoch_deadline: u64,
    /// What a poll calls that finds the deadline passed ([`StoreContext::check_epoch`]): says
    /// whether code is to go on (the status is `RETURNED`), or what it ends with. `frame` is the
    /// one that polls, if it is at a safepoint. The host may run meanwhile, so that afterwards
    /// base and length of memories have to be taken anew.
    pub polled: unsafe fn(store: *mut StoreContext, frame: Option<&PolledFrame<'_>>) -> Status,
    /// The lowest native stack address that nested calls may reach: the limit of the thread's [bounds](crate::bounds::current) while
    /// code of the store runs; 0 if nothing runs.
    pub native_limit: usize,
    /// What the register interpreter keeps for the store.
    pub interpreter: *mut (),
    /// The function to call next, when a call ended as [`Status::TAIL_CALL`].
    pub tail_callee: *const FuncInst,
    /// Frames of the trap in flight, innermost first. Each activation adds its own as the
    /// trap passes through it, by [`StoreContext::push_frame`].
    pub frames: Vec<RawFrame>,
    /// Frames that were left out of `frames` because there are too many.
    pub omitted_frames: u64,
    /// A host function's error (an `anyhow::Error` in a box) or panic payload in flight.
    pub pending: Option<Box<dyn Any + Send>>,
    /// Makes the function's `entry` and `tier_data` ready for a direct call; for functions
    /// whose `entry` is the VM's entry that compiles at the first call.
    pub prepare: unsafe fn(*const FuncInst) -> Status,
    /// What machine code finds to call for a function that it calls for the first time.
    pub resolve_native: unsafe fn(*const FuncInst) -> NativeTarget,
    /// A function of the store with this index in this module, in whatever instance; null if there is none.
    pub find_function: unsafe fn(store: *mut StoreContext, module: &Arc<ModuleInfo>, index: u32) -> *const FuncInst,
    /// What machine code that counts asks for when there is nothing left to count, at the function's entry or at the loop at this offset.
    /// Answers where it is to go on: null for where it is; at the entry, code to tail-call with the same arguments; at a loop, that
    /// which takes over the frame ([`crate::LoopCode::native`]).
    pub hot: unsafe fn(func: *const FuncInst, loop_offset: Option<u32>) -> *const u8,
    /// The functions that machine code calls (`native::Builtins`); null where there is no machine code.
    pub builtins: *const (),
    /// The innermost activation of machine code in this store (`native::Activation`).
    pub activation: *mut (),
    /// The stack that machine code runs on, once it has run, while it does not run.
    pub native_stack: Option<NativeStack>,
    /// Size of that stack in bytes: for machine code, and for the host functions that it calls.
    pub native_stack_bytes: [usize; 2],
    /// Whether an access to this address faults because it is beyond the end of one of the store's memories, within the address space
    /// that is reserved for it. For a thread that has faulted in code of the store: nobody else uses it then.
    pub is_beyond_memory: unsafe fn(store: *mut StoreContext, address: usize) -> bool,
    /// The context of the instance whose code is calling a function that may be anywhere. Set by
    /// machine code before such a call.
    pub caller: *mut Context,
    /// A value that a builtin answers.
    pub value: u64,
    /// Grows a memory of the store by a number of pages, if the store's limits, the memory's type and the system allow it: the old size in
    /// pages, or `None`. An error ends the code. Afterwards base and length of memories have to be taken anew.
    pub grow_memory: unsafe fn(store: *mut StoreContext, memory: *mut Memory, delta: u64) -> Grown,
    /// Grows a table of the store by a number of elements, which are `init`; as [`StoreContext::grow_memory`].
    pub grow_table: unsafe fn(store: *mut StoreContext, table: *mut Table, delta: u64, init: u64) -> Grown,
    /// The VM's own store; not for tiers.
    pub owner: *mut (),
}

impl StoreContext {
    /// The most frames that a backtrace keeps.
    pub const MAX_FRAMES: usize = 64;

    /// Charges `units` of fuel.
    ///
    /// # Errors
    ///
    /// [`TrapCode::OutOfFuel`] if less is left, and none is then.
    #[inline(always)]
    pub fn charge(&mut self, units: u64) -> Result<(), TrapCode> {
        match self.fuel.checked_sub(units) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => {
                self.fuel = 0;
                Err(TrapCode::OutOfFuel)
            }
        }
    }

    /// Polls the interrupt flag: whether [`StoreContext::polled`] is to be called.
    #[inline(always)]
    pub fn check_epoch(&self) -> bool {
        self.now() >= self.epoch_deadline
    }

    /// The engine's epoch now.
    #[inline(always)]
    pub fn now(&self) -> u64 {
        // SAFETY: the engine, which the store keeps alive, holds the epoch.
        unsafe { &*self.epoch }.load(Ordering::Relaxed)
    }

    /// Whether the backtrace of the trap in flight has room for a frame.
    pub fn keeps_frames(&self) -> bool {
        self.frames.len() < StoreContext::MAX_FRAMES
    }

    /// Adds a frame to the backtrace of the trap in flight.
    pub fn push_frame(&mut self, frame: RawFrame) {
        if self.keeps_frames() {
            self.frames.push(frame);
        } else {
            self.omitted_frames += 1;
        }
    }

    /// Whether the native stack is too deep for another nested activation.
    #[inline]
    pub fn native_stack_exhausted(&self) -> bool {
        native_stack_pointer() < self.native_limit
    }
}

/// An address close to the top of the native stack.
#[inline(always)]
pub fn native_stack_pointer() -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        let pointer: usize;
        // SAFETY: reads a register.
        unsafe { std::arch::asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
        pointer
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let here = 0u8;
        std::ptr::from_ref(&here).addr()
    }
}
