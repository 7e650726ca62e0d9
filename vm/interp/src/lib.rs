//! The register interpreter.
//!
//! `encode` turns a function's register IR into a stream of 64-bit words, `run` enters it, and `decode` turns it
//! back into IR for readers. The bodies of instructions are in `handlers`, one type each, generic over the operation
//! and the places of its operands. `tokens` lists them once, and the dispatch strategies (`loops`, `tail`) are
//! made from that list. `access` and `fault` keep memory accesses in bounds. `lanes` has the vector operations
//! that processors do better than the compiler knows.
//!
//! The interpreter knows the runtime objects only through the context of `riser-tiers-core`, and imports nothing from
//! the rest of the VM: [`Callbacks`] has what it asks of the VM.
//!
//! # Registers and frames
//!
//! See `regs` for the registers. A frame is laid out as [`riser_translator::sink::FrameLayout`] says. At calls,
//! labels and traps the state is in the frame in memory alone: accumulators carry values only from one instruction to
//! the very next.

#![cfg_attr(feature = "become", feature(explicit_tail_calls))]
#![cfg_attr(feature = "become", expect(incomplete_features, reason = "explicit tail calls are unfinished"))]

mod access;
#[cfg(feature = "become")]
mod r#become;
mod decode;
mod dispatch;
mod encode;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod fault;
mod forward;
mod handlers;
mod heat;
pub mod inspect;
mod lanes;
mod loops;
mod pairs;
mod profile;
mod regs;
mod resume;
mod run;
mod state;
#[cfg(tail_dispatch)]
mod tail;
#[cfg(any(tail_dispatch, feature = "become"))]
mod tail_fn;
mod tokens;
mod unwind;

pub use dispatch::{Bounds, Dispatch, ParseStrategyError};
pub use encode::{Code, EncodeConfig, Polls, Resumes, Translator};
pub use profile::Recorder;
pub use resume::{Suspended, resume};
pub use run::{ENTRY, lazy_code, native_code};
pub use state::{Callbacks, Passed, Probe, State};
