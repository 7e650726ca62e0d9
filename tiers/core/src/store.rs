//! What all instances of a store share while code runs: the value stack,
//! interruption, limits, and the trap in flight.

use std::any::Any;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use riser_translator::TrapCode;

use crate::FuncInst;
use crate::memory::Reservation;

/// Slots beyond the value stack's limit that are safe to write: more than the
/// parameters, results and link of any one call take.
pub const RED_ZONE_SLOTS: usize = 4096;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Status(pub u32);

impl Status {
    /// The call returned; its results are in place.
    pub const RETURNED: Status = Status(0);
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
    /// At this distance, in 64-bit words, from the start of the register interpreter's code.
    Code(u32),
}

/// A wasm frame of a backtrace, as running code reports it.
#[derive(Clone, Copy, Debug)]
pub struct RawFrame {
    /// The function.
    pub func: *const FuncInst,
    /// Where it stood.
    pub pc: FramePc,
}

/// Bounds on what instances of a store may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest size of any one memory, in bytes.
    pub memory_bytes: u64,
    /// Largest size of any one table, in elements.
    pub table_elements: u64,
    /// Number of instances.
    pub instances: usize,
    /// Number of memories.
    pub memories: usize,
    /// Number of tables.
    pub tables: usize,
    /// Whether growing past a limit traps rather than answering -1.
    pub trap_on_grow_failure: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory_bytes: u64::MAX,
            table_elements: 10_000_000,
            instances: 10_000,
            memories: 10_000,
            tables: 10_000,
            trap_on_grow_failure: false,
        }
    }
}

/// The value stack: slots reserved by mmap, followed by the red zone and a guard page.
#[derive(Debug)]
pub struct ValueStack {
    reservation: Reservation,
    slots: usize,
}

impl ValueStack {
    /// A stack of `slots` 64-bit slots. Memory is taken from the system as it is touched.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it.
    pub fn new(slots: usize) -> io::Result<ValueStack> {
        let bytes =
            (slots + RED_ZONE_SLOTS).checked_mul(8).ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let usable = bytes.next_multiple_of(Reservation::page_bytes());
        let mut reservation = Reservation::new(usable + Reservation::page_bytes())?;
        reservation.commit(usable)?;
        Ok(ValueStack { reservation, slots })
    }

    /// The first slot.
    pub fn base(&self) -> *mut u64 {
        self.reservation.base().cast()
    }

    /// The end of the slots that frames may take.
    pub fn limit(&self) -> *mut u64 {
        self.base().wrapping_add(self.slots)
    }
}

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
    /// The epoch from which on code is interrupted.
    pub epoch_deadline: u64,
    /// The lowest native stack address that nested calls may reach; 0 if nothing runs.
    pub native_limit: usize,
    /// Where an interpreter stood when it left: instruction, frame, context. Belongs to the VM.
    pub exit: [usize; 3],
    /// The register interpreter's dispatch strategy and bounds strategy, as its own numbers.
    /// Belongs to the VM.
    pub strategy: [u8; 2],
    /// The native stack pointer that a memory fault goes back to. Belongs to the VM.
    pub fault_stack: usize,
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
    /// Bounds.
    pub limits: Limits,
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

    /// Polls the interrupt flag.
    ///
    /// # Errors
    ///
    /// [`TrapCode::Interrupt`] if the epoch's deadline has passed.
    #[inline(always)]
    pub fn check_epoch(&self) -> Result<(), TrapCode> {
        // SAFETY: the engine, which the store keeps alive, holds the epoch.
        if unsafe { &*self.epoch }.load(Ordering::Relaxed) >= self.epoch_deadline {
            Err(TrapCode::Interrupt)
        } else {
            Ok(())
        }
    }

    /// Adds a frame to the backtrace of the trap in flight.
    pub fn push_frame(&mut self, frame: RawFrame) {
        if self.frames.len() < StoreContext::MAX_FRAMES {
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
