//! The tier interface: what all tiers share, and how a tier is plugged in.
//!
//! A *tier* is a way of executing wasm functions: an interpreter or a compiler. This crate holds
//! what tiers must agree on, and knows none of them by name:
//!
//! * [`Context`], the `repr(C)` block that the code of an instance works with: memories, tables,
//!   globals, functions and segments, with the operations on them that are too long to inline
//!   ([`memory`](mod@memory), [`table`]);
//! * [`StoreContext`], what all instances of a store share: the value stack, fuel, the interrupt
//!   flag, limits, and the trap in flight;
//! * [`FuncInst`], a function instance, and [`SlotEntry`], the way to call one without knowing its
//!   tier;
//! * [`Status`] and [`RawFrame`], by which traps propagate;
//! * [`Exception`] and [`TagInst`], and how exceptions are thrown, caught and given back;
//! * [`Counters`], by which code detects that it is hot;
//! * [`Tier`], the trait that a tier implements, with [`NativeTier`] and [`AheadTier`] for those that make machine
//!   code or code that can be kept; [`LINKED_TIERS`], where it registers itself;
//! * [`Budget`], the limit on what a compiling tier spends on a function.
//!
//! # The calling convention
//!
//! Arguments are in consecutive slots of the store's value stack. The callee is called with a
//! pointer to the first of them, and leaves the results from that slot on. The callee may use
//! everything above its arguments, up to [`StoreContext::stack_limit`]; the caller keeps what it
//! needs below them. Beyond the limit there are [`RED_ZONE_SLOTS`] more slots, so that the few
//! slots that a call writes need no check of their own.
//!
//! A tail call of a function in another tier, from a frame that was entered from outside of its own
//! tier, ends as [`Status::TAIL_CALL`]. So functions are called with [`FuncInst::call`]; only code
//! that passes any status on calls the entry itself.
//!
//! Slots hold values as described at [`riser_translator::ops::SlotValue`]. A `funcref` is the
//! address of a [`FuncInst`] or 0; an `externref` is the number by which the store knows the host
//! value, or 0.
//!
//! # Ownership
//!
//! The store owns all objects, at fixed addresses, until it is dropped. The pointers in these types
//! are valid as long as code of the store can run.

pub mod ahead;
mod alignment;
mod atomic;
pub mod bounds;
mod budget;
mod code_tables;
mod context;
mod exception;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub mod faults;
#[cfg(unix)]
pub mod fork;
mod func;
mod global;
mod handlers;
mod heat;
pub mod layout;
mod linked;
pub mod memory;
mod mode;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub mod native;
pub mod policy;
mod reservation;
mod shared;
mod sources;
mod stack;
mod store;
pub mod table;
mod tier;
mod waiters;

/// The value of [`StoreContext::builtins`] in every store.
pub const BUILTINS: *const () = {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    {
        (&raw const native::BUILTINS).cast()
    }
    #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
    {
        std::ptr::null()
    }
};

pub use alignment::begin_at_cache_line;
pub use bounds::StackBounds;
pub use budget::Budget;
pub use code_tables::{CodeTables, LandingCalls, Landings};
pub use context::{Context, Segment};
pub use exception::{Exception, Exceptions, Roots, TagInst};
pub use func::{FuncInst, NativeTarget, SlotEntry};
pub use global::Global;
pub use handlers::{Clause, Handlers};
pub use heat::{Count, Counters};
pub use linked::{LINKED_TIERS, LinkedTier};
pub use memory::Memory;
pub use mode::{Mode, ParseModeError};
pub use policy::Policy;
pub use reservation::Reservation;
pub use shared::SharedMemory;
pub use sources::{FrameSymbol, Sources};
pub use stack::{MAX_TRAMPOLINE_FRAME, MAX_UNCHECKED_FRAME, NativeStack, RED_ZONE_SLOTS, UNCHECKED_BYTES, ValueStack};
pub(crate) use store::native_stack_pointer;
pub use store::{
    Epoch, FramePc, FrameValues, Grown, LeftCall, PolledFrame, ProbedFrame, RawFrame, Status, StoreContext, Visit,
};
pub use table::Table;
pub use tier::{
    AheadTier, Bailout, Bridge, CompileRequest, LoopCode, LoopEntry, ModuleState, NativeCode, NativeTier, Tier,
    TierCode, TierOptions, TrampolineUsage,
};
