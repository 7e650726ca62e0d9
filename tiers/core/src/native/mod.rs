//! What tiers that make machine code share: where code lies, how it is entered and left, how it calls code of
//! other kinds, and how its faults become traps.
//!
//! For x86-64 Linux only: elsewhere this module does not exist, and no such tier is plugged in.
//!
//! # The native calling convention
//!
//! A function of machine code takes the [`Context`](crate::Context) of its instance and the wasm parameters, and
//! returns the wasm results. They are in registers as far as there are enough, arguments else on the native stack, and
//! results in an array, whose address is behind the context (`docs/src/tiers.md`). Every tier that gives functions a
//! native entry lays them out so. [`FuncInst::native`](crate::FuncInst::native) is the
//! code to call, and [`FuncInst::native_context`](crate::FuncInst::native_context) the argument to pass in place
//! of the context:
//!
//! | the function | `native` | `native_context` |
//! |---|---|---|
//! | not called natively yet | [`resolve_function`] | the function itself |
//! | machine code | its code | its instance's context |
//! | of another tier, or of the host | a *bridge* for its type ([`crate::NativeTier::bridge`]) | the function itself |
//!
//! A bridge writes the arguments to the value stack and calls the function by its
//! [`SlotEntry`](crate::SlotEntry), through [`Builtins::call_slots`].
//!
//! # Frames and traps
//!
//! Machine code keeps the chain of frame pointers in `rbp`. A trap is a fault, a trapping instruction, or a call
//! of [`Builtins::raise`]. It walks the chain up to the [activation] for the backtrace and returns there,
//! skipping all frames of machine code in between: none of them has anything to drop. An exception is raised in the
//! same way, and goes on at the first frame whose tables have a landing for its call ([`crate::CodeTables::landings`]).

pub mod activation;
pub mod builtins;
mod calls;
pub mod code_map;
pub mod code_memory;
mod faults;
mod gdb;
mod jitdump;
pub mod links;
mod loaded;
pub mod profile;
pub(crate) mod roots;
mod trampolines;

pub use activation::{Activation, WayIn, enter, fail, resolve_function, resolve_index};
pub use builtins::{BUILTINS, Builtins};
pub use calls::{call_bridged, call_index_copied};
pub use code_map::{NativeFunction, NativeText, Origin};
pub use code_memory::{CODE_ALIGN, CodeMemory};
pub use faults::{Cause, have_signal_stack};
pub use links::Links;
pub use loaded::LoadedText;
pub use profile::ProfilingStrategy;
pub use trampolines::{Trampoline, TrampolineCode, Trampolines};
