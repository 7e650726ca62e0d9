//! WASI preview 1: the host functions that command-line WebAssembly programs import.
//!
//! # Interface
//!
//! A [`WasiCtxBuilder`] collects what a guest may see (arguments, environment, standard streams,
//! preopened directories) and builds a [`WasiCtx`], one guest's state. [`FUNCTIONS`] lists every
//! function of the module [`MODULE`] with its signature and a plain Rust function over *(context,
//! bytes of the memory, argument slots)*. Nothing in that list knows an engine; [`add_to_linker`] does,
//! and [`WasiThreads`], which lets a guest have threads.
//!
//! # Invariants
//!
//! - **A guest's mistakes are the guest's to handle.** A pointer out of bounds, a misaligned
//!   pointer, an invalid flag or an unknown descriptor is an errno in the function's result, never
//!   a trap. The witx document asks for a trap on bad pointers; like most engines we answer
//!   `EFAULT` (`EINVAL` for a misaligned pointer), so that the outcome does not depend on
//!   how much of the memory the call happened to look at.
//! - **A guest sees only what it was given.** Paths resolve beneath a preopened directory: `..`,
//!   absolute paths and symbolic links that lead out of it give `EPERM`.
//! - **Only `proc_exit` leaves the guest on purpose**, as [`WasiError::Exit`]. Any other
//!   [`WasiError`] means that the host could not go on.
//!
//! # Limits
//!
//! Sockets other than ones inherited as streams, preview 0 (`wasi_unstable`)
//! and preview 2 are not supported.
//!
//! # Implementation
//!
//! The semantics come from `wasi-common`, whose functions are written as `async` but never suspend in its
//! synchronous context: they are polled once. That crate's releases have ended, so none of its types
//! appear in this crate's interface, and another implementation can take its place. Where its behaviour
//! is wrong, `dir.rs` and `poll.rs` replace it.

mod clocks;
mod context;
mod dir;
mod error;
mod functions;
mod linker;
mod memory;
mod output;
pub mod p1;
mod poll;
mod threads;

pub use context::{WasiCtx, WasiCtxBuilder};
pub use error::{Exit, WasiError};
pub use functions::{Call, FUNCTIONS, Function, MODULE, ValKind};
pub use linker::add_to_linker;
pub use memory::GuestMemory;
pub use output::MemoryOutput;
pub use threads::{DEFAULT_MAX_THREADS, THREADS_MODULE, WasiThreads, add_threads_to_linker};
