//! What all instances of a store share while code runs: the ends of its stacks, interruption, limits, and the trap in flight.

use std::any::Any;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use riser_translator::module::ModuleInfo;
use riser_translator::safepoint::SafepointKind;
use riser_translator::{FuncIndex, TrapCode};

use crate::{Context, Exception, Exceptions, FuncInst, Memory, NativeStack, NativeTarget, Table};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Status(pub u32);

impl Status {
    /// The call returned; its results are in place.
    pub const RETURNED: Status = Status(0);
    /// The call ended in an exception, [`StoreContext::exception`]. Whoever runs frames of wasm code looks for a handler there, and passes
    /// the status on if there is none.
    pub const EXCEPTION: Status = Status(250);
    /// Code of the register interpreter reached a counter's threshold. Never leaves the activation.
    pub const HOT: Status = Status(251);
    /// Code of the register interpreter reached a poll whose epoch has passed. Never leaves the activation.
    pub const POLLED: Status = Status(252);
    /// The call ended in a tail call of [`StoreContext::tail_callee`], a function of a module, that is left to the caller. The arguments
    /// are where those of the call were. So tail calls between tiers take no native stack; [`FuncInst::call`] carries them out.
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

/// The position of a frame in its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FramePc {
    /// At the operator at this offset of the module.
    Wasm(u32),
    /// In the register interpreter's code.
    Code {
        /// Whether it is the counting variant of the code, of the mode `multi-tier`.
        counted: bool,
        /// The position, in 64-bit words from the start of the code.
        word: u32,
    },
}

/// Where the values of a frame are that has called, or polls.
#[derive(Clone, Copy, Debug)]
pub enum FrameValues {
    /// Where only the code's compiler knows.
    Unknown,
    /// In a frame of the register interpreter, which begins at this slot.
    Frame(*const u64),
    /// In the copy that compiled code has in its native frame, laid out like a frame of the register interpreter. A local that code
    /// [has not yet written](riser_translator::local_writes) is not in it.
    Copy(*const u64),
    /// In slots, which are in the value stack: those of all locals from the one on, those of the operands from the other on.
    Slots {
        /// The first local.
        locals: *const u64,
        /// The lowest operand.
        operands: *const u64,
        /// If handlers of legacy exceptions keep references apart from the operands: the first one, that of the outermost handler.
        kept: Option<*const u64>,
    },
}

/// A call by which code of a tier has left its activation, for code of another tier or of the host.
#[derive(Clone, Copy)]
pub struct LeftCall {
    /// Adds the frames of the activation to [`StoreContext::frames`], as long as the call lasts.
    report: &'static dyn Fn(),
    /// The call outside of it, if there is one in the same call of the host.
    outer: *const LeftCall,
}

/// A wasm frame of a backtrace, as running code reports it.
#[derive(Clone, Copy, Debug)]
pub struct RawFrame {
    /// The function.
    pub func: *const FuncInst,
    /// The position in the function.
    pub pc: FramePc,
    /// The frame's values, as long as the frame is there.
    pub values: FrameValues,
}

/// A frame at a safepoint, as running code passes it to [`StoreContext::polled`]. Its state is canonical: these slots are all that is
/// live.
#[derive(Clone, Copy)]
pub struct PolledFrame<'a> {
    /// The function.
    pub func: *const FuncInst,
    /// The kind of the safepoint.
    pub kind: SafepointKind,
    /// The safepoint's offset, as in [`riser_translator::safepoint::Safepoint::offset`].
    pub offset: u32,
    /// The parameters.
    pub params: &'a [u64],
    /// The declared locals.
    pub locals: &'a [u64],
    /// The operand stack, from the bottom. The value stack above it is free.
    pub operands: &'a [u64],
    /// The references that handlers of legacy exceptions keep, that of the outermost handler first, as far as these are not among the
    /// operands; perhaps with more behind them.
    pub kept: &'a [u64],
    /// Adds the frames of the activation to [`StoreContext::frames`], this one first. For use during the poll, by
    /// [`StoreContext::reported`], which adds those of the activations outside of it.
    pub report: &'a dyn Fn(),
}

/// A frame at a probe ([`riser_translator::probe`]), as running code passes it to [`StoreContext::probed`].
#[derive(Clone, Copy, Debug)]
pub struct ProbedFrame<'a> {
    /// The function.
    pub func: *const FuncInst,
    /// The probe, as an index among the sites of the function's [`ProbeMap`](riser_translator::probe_map::ProbeMap).
    pub probe: usize,
    /// The frame's first slot.
    pub base: *const u64,
    /// The parameters.
    pub params: &'a [u64],
    /// The declared locals.
    pub locals: &'a [u64],
    /// The operands of the site, from the bottom.
    pub operands: &'a [u64],
}

/// The result of growing a memory or a table: the old size, or `None` if it has not grown. An error ends the code.
pub type Grown = Result<Option<u64>, Status>;

/// Receives words that may be references.
pub type Visit<'a> = &'a mut dyn FnMut(&[u64]);

/// The address of an engine's epoch, as code of a store has it.
#[repr(transparent)]
#[derive(Clone, Copy, Debug)]
pub struct Epoch(*const AtomicU64);

impl Epoch {
    /// The epoch at an address.
    ///
    /// # Safety
    ///
    /// The epoch is there as long as this is used. So this is not safe:
    ///
    /// ```compile_fail,E0133
    /// riser_tiers_core::Epoch::new(std::ptr::null());
    /// ```
    /// ```
    /// let epoch = std::sync::atomic::AtomicU64::new(3);
    /// assert_eq!(unsafe { riser_tiers_core::Epoch::new(&epoch) }.now(), 3);
    /// ```
    pub unsafe fn new(epoch: *const AtomicU64) -> Epoch {
        Epoch(epoch)
    }

    /// The epoch now.
    #[inline(always)]
    pub fn now(self) -> u64 {
        // SAFETY: whoever made this has said that the epoch is there.
        unsafe { &*self.0 }.load(Ordering::Relaxed)
    }
}

/// What all instances of a store share while code runs. One per store, at a fixed address.
#[repr(C)]
pub struct StoreContext {
    /// Frames end at or below this slot.
    pub stack_limit: *mut u64,
    /// The value stack is free from this slot on for calls that the host makes: whoever calls the host first moves this above its own
    /// slots, and restores it afterwards.
    pub stack_top: *mut u64,
    /// Fuel left, as far as code may charge it without asking.
    pub fuel: u64,
    /// The engine's epoch.
    pub epoch: Epoch,
    /// The epoch from which on polls call [`StoreContext::polled`]: the epoch at which code is interrupted, or 0 while code is observed.
    pub epoch_deadline: u64,
    /// Called by a poll that finds the deadline passed ([`StoreContext::check_epoch`]). Returns `RETURNED` if code is to continue,
    /// otherwise the status that it ends with. `frame` is the frame that polls, if it is at a safepoint. The host may run meanwhile, so
    /// base and length of memories have to be reloaded afterwards.
    pub polled: unsafe fn(store: *mut StoreContext, frame: Option<&PolledFrame<'_>>) -> Status,
    /// The lowest native stack address that nested calls may reach: the limit of the thread's [bounds](crate::bounds::current) while code
    /// of the store runs; 0 otherwise.
    pub native_limit: usize,
    /// The register interpreter's data for the store.
    pub interpreter: *mut (),
    /// The next function to call when a call ended as [`Status::TAIL_CALL`].
    pub tail_callee: *const FuncInst,
    /// Frames of the trap in flight, innermost first. Each activation adds its own frames with [`StoreContext::push_frame`] as the trap
    /// passes through it.
    pub frames: Vec<RawFrame>,
    /// The number of frames that are not in `frames` because there are too many.
    pub omitted_frames: u64,
    /// A host function's error (an `anyhow::Error` in a box) or panic payload in flight.
    pub pending: Option<Box<dyn Any + Send>>,
    /// Makes the function's `entry` and `tier_data` ready for a direct call. For functions whose `entry` is the VM's entry that compiles
    /// at the first call.
    pub prepare: unsafe fn(*const FuncInst) -> Status,
    /// Resolves a function that machine code calls for the first time.
    pub resolve_native: unsafe fn(*const FuncInst) -> NativeTarget,
    /// Finds a function of the store by its module and its index, in any instance; null if there is none.
    pub find_function:
        unsafe fn(store: *mut StoreContext, module: &Arc<ModuleInfo>, index: FuncIndex) -> *const FuncInst,
    /// Called by machine code whose counter has run down, at the function's entry or at the loop at this offset. Returns where to
    /// continue: null for the current code; at the entry, code to tail-call with the same arguments; at a loop, the OSR code that takes
    /// over the frame ([`crate::LoopCode::native`]).
    pub hot: unsafe fn(func: *const FuncInst, loop_offset: Option<u32>) -> *const u8,
    /// The functions that machine code calls (`native::Builtins`); null where there is no machine code.
    pub builtins: *const (),
    /// The innermost activation of machine code in this store (`native::Activation`).
    pub activation: *mut (),
    /// The stack for machine code, once there is one, while it is not in use.
    pub native_stack: Option<NativeStack>,
    /// Sizes of that stack's parts in bytes: for machine code, and for the host functions that it calls.
    pub native_stack_bytes: [usize; 2],
    /// Whether an access to this address faults because it is beyond the end of one of the store's memories, within that memory's
    /// reservation. For a thread that has faulted in code of the store: nobody else uses the store then.
    pub is_beyond_memory: unsafe fn(store: *mut StoreContext, address: usize) -> bool,
    /// The context of the calling instance. Set by machine code before it calls a function that may belong to any instance or tier.
    pub caller: *mut Context,
    /// The value that a builtin returns.
    pub value: u64,
    /// Grows a memory of the store by a number of pages, if the store's limits, the memory's type and the system allow it. Returns the old
    /// size in pages, or `None`; an error ends the code. Base and length of memories have to be reloaded afterwards.
    pub grow_memory: unsafe fn(store: *mut StoreContext, memory: *mut Memory, delta: u64) -> Grown,
    /// Grows a table of the store by a number of elements, all `init`; otherwise as [`StoreContext::grow_memory`].
    pub grow_table: unsafe fn(store: *mut StoreContext, table: *mut Table, delta: u64, init: u64) -> Grown,
    /// The exception in flight, while a call ends as [`Status::EXCEPTION`]; otherwise null.
    pub exception: *mut Exception,
    /// The store's exceptions.
    pub exceptions: Exceptions,
    /// Calls `visit` with all words of the store in which there may be references to exceptions: those of the value stack up to `top`, and
    /// those of globals and tables.
    pub exception_roots: unsafe fn(store: *mut StoreContext, top: *const u64, visit: Visit<'_>),
    /// Called by code that gets to a probe. Returns `RETURNED` if code is to continue, otherwise the status that it ends with. Nothing of
    /// the store changes meanwhile.
    pub probed: unsafe fn(store: *mut StoreContext, frame: &ProbedFrame<'_>) -> Status,
    /// Called by code that charges `units` of fuel when less is left. Returns `RETURNED` if they have been charged by now and code is to
    /// continue, otherwise the status that it ends with. The host may run meanwhile, but nothing uses the stacks of the code; base and
    /// length of memories have to be reloaded afterwards.
    pub out_of_fuel: unsafe fn(store: *mut StoreContext, units: u64) -> Status,
    /// How many calls have stacks of their own, which the store's other activations do not lead to. As long as there are any, no exception
    /// is given back.
    pub own_stacks: Arc<AtomicUsize>,
    /// Whether code polls the interrupt flag.
    pub polls: bool,
    /// The most frames that a backtrace keeps.
    pub most_frames: usize,
    /// The innermost call that has left an activation, in the innermost call of the host; null if there is none, or if code does not poll.
    pub left: *const LeftCall,
    /// How many calls of the host into code of the store are running, one within the other.
    pub host_calls: usize,
    /// The VM's own store; not for tiers.
    pub owner: *mut (),
}

impl StoreContext {
    /// The most frames that the backtrace of a trap keeps.
    pub const MAX_FRAMES: usize = 64;

    /// Charges `units` of fuel if there are as many, and returns whether there are. Otherwise [`StoreContext::out_of_fuel`] has to be
    /// called.
    #[inline(always)]
    pub fn charge(&mut self, units: u64) -> bool {
        let left = self.fuel.checked_sub(units);
        self.fuel = left.unwrap_or(self.fuel);
        left.is_some()
    }

    /// Polls the interrupt flag. Returns whether [`StoreContext::polled`] has to be called.
    #[inline(always)]
    pub fn check_epoch(&self) -> bool {
        self.now() >= self.epoch_deadline
    }

    /// The engine's epoch now.
    #[inline(always)]
    pub fn now(&self) -> u64 {
        self.epoch.now()
    }

    /// Whether the backtrace of the trap in flight has room for a frame.
    pub(crate) fn keeps_frames(&self) -> bool {
        self.frames.len() < self.most_frames
    }

    /// Adds a frame to the backtrace of the trap in flight.
    pub fn push_frame(&mut self, frame: RawFrame) {
        if self.keeps_frames() {
            self.frames.push(frame);
        } else {
            self.omitted_frames += 1;
        }
    }

    /// The frames of the innermost call of the host, while its code polls: innermost first, at most `most`, and how many more there are.
    /// `report` is that of the [`PolledFrame`].
    ///
    /// # Safety
    ///
    /// `store` is the context of a living store that polls, and no reference to it is in use.
    pub unsafe fn reported(store: *mut StoreContext, most: usize, report: &dyn Fn()) -> (Vec<RawFrame>, u64) {
        // SAFETY: by the contract of this function. A trap may be in flight while the host's code polls, so its frames are kept.
        unsafe {
            let frames = mem::take(&mut (*store).frames);
            let omitted = mem::take(&mut (*store).omitted_frames);
            let most = mem::replace(&mut (*store).most_frames, most);
            report();
            StoreContext::report_outer(store);
            (*store).most_frames = most;
            let reported = mem::replace(&mut (*store).frames, frames);
            (reported, mem::replace(&mut (*store).omitted_frames, omitted))
        }
    }

    /// Makes a call that leaves an activation. `report` adds the frames of the activation to [`StoreContext::frames`], from the one that
    /// calls on. Nobody asks for them but while code polls, so without polls there are no records.
    ///
    /// # Safety
    ///
    /// `store` is the context of a living store, and `report` may be called as long as the call lasts.
    #[inline(always)]
    pub unsafe fn leave<R>(store: *mut StoreContext, report: &dyn Fn(), call: impl FnOnce() -> R) -> R {
        // SAFETY: the record is gone from the list before this function returns, so nobody uses the function beyond its lifetime. The
        // caller guarantees the store.
        unsafe {
            if !(*store).polls {
                return call();
            }
            let report = mem::transmute::<&dyn Fn(), &'static dyn Fn()>(report);
            let outer = (*store).left;
            let here = LeftCall { report, outer };
            (*store).left = &raw const here;
            let result = call();
            (*store).left = outer;
            result
        }
    }

    /// Adds the frames of the activations outside of the innermost one to [`StoreContext::frames`], as far as they belong to the
    /// innermost call of the host.
    ///
    /// # Safety
    ///
    /// `store` is the context of a living store, whose innermost activation is running.
    unsafe fn report_outer(store: *mut StoreContext) {
        // SAFETY: the records are those of calls that have not returned.
        unsafe {
            let mut left = (*store).left;
            while !left.is_null() {
                let LeftCall { report, outer } = *left;
                report();
                left = outer;
            }
        }
    }

    /// Whether calls have stacks of their own, which the store's other activations do not lead to.
    pub fn has_own_stacks(&self) -> bool {
        self.own_stacks.load(Ordering::Relaxed) > 0
    }

    /// Whether the native stack is too deep for another nested activation.
    #[inline]
    pub fn native_stack_exhausted(&self) -> bool {
        native_stack_pointer() < self.native_limit
    }
}

/// An address close to the top of the native stack.
#[inline(always)]
pub(crate) fn native_stack_pointer() -> usize {
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
