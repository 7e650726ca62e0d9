//! The register interpreter.
//!
//! [`encode`] turns a function's register IR into a stream of 64-bit words;
//! [`run`] enters it. The bodies of instructions are in [`handlers`], one type
//! each, generic over the operation and the places of its operands;
//! [`tokens`] lists them once, and the dispatch strategies ([`loops`], [`tail`])
//! are made from that list. [`access`] and [`fault`] keep memory accesses in
//! bounds.
//!
//! The interpreter knows the runtime objects only through the context of
//! `riser-tiers-core`; it asks the rest of the VM for two things, to translate a
//! function and to find the function that a code address belongs to.
//!
//! # Registers and frames
//!
//! See [`regs`] for the registers. A frame is laid out as
//! [`riser_translator::sink::FrameLayout`] says. At calls, labels and traps the
//! frame in memory is all there is: accumulators carry values from one
//! instruction to the very next only.

mod access;
#[cfg(feature = "become")]
mod r#become;
mod dispatch;
mod encode;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod fault;
mod handlers;
pub mod inspect;
mod loops;
#[cfg(any(tail_dispatch, feature = "become"))]
mod registers;
mod regs;
mod run;
#[cfg(tail_dispatch)]
mod tail;
mod tokens;

pub use dispatch::{Bounds, Dispatch, ParseStrategyError};
pub(crate) use encode::{Code, EncodeConfig, encode, wasm_offset};
pub(crate) use run::{ENTRY, lazy_code};
