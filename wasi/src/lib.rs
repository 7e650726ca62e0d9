//! WASI preview 1: the host functions that command-line WebAssembly programs import.
//!
//! # Interface
//!
//! A [`WasiCtxBuilder`] collects what a guest may see (arguments, environment, standard streams, preopened directories, sockets, clocks,
//! random numbers) and builds a [`WasiCtx`], one guest's state, which can be listed. [`FUNCTIONS`] lists every function of the module
//! [`MODULE`] with its signature and a plain Rust function over *(context, bytes of the memory, argument slots)*;
//! [`UNSTABLE_FUNCTIONS`] those of the older `wasi_unstable`. Nothing in these lists knows an engine; [`p1::add_to_linker_sync`] does,
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
//!   absolute paths and symbolic links that lead out of it give `EPERM`, whoever changes links meanwhile.
//! - **A guest costs what it has.** Nothing is allocated for a length that a guest names before the guest's memory is known to hold so
//!   much. Descriptors are counted.
//! - **Only `proc_exit` leaves the guest on purpose**, as [`WasiError::Exit`]. Any other
//!   [`WasiError`] means that the host could not go on.
//!
//! # Rights
//!
//! A descriptor has every right that makes sense for what it leads to. Of the rights that `path_open` asks for, those to read and to write
//! count. A guest can give rights up, and then they are missed, and inherited no more. What the embedder withholds ([`DirPerms`],
//! [`FilePerms`]) is no right: it gives `EPERM`.
//!
//! # Modules
//!
//! `calls` has what each function does; it works on a table of `descriptors`, which lead to files and directories (`file` says what these
//! are): of the host (`host_file`, `host_dir`), in memory (`memory_fs`), `streams` and `sockets`. `layout` has the structures in a guest's
//! memory. Only `p1` and `threads` know an engine. `snapshot` has all of a guest's state as bytes.
//!
//! # Limits
//!
//! Unix only. Preview 2 is not supported, nor are signals.

mod builder;
mod calls;
mod clock;
mod context;
mod descriptors;
mod errno;
mod error;
mod file;
mod flags;
mod functions;
mod host_dir;
mod host_file;
mod iovec;
mod layout;
mod memory;
mod memory_fs;
pub mod p1;
mod pipe;
mod random;
mod slashes;
mod snapshot;
mod sockets;
mod streams;
mod threads;

pub use builder::WasiCtxBuilder;
pub use clock::{ClockState, HostMonotonicClock, HostWallClock};
pub use context::WasiCtx;
pub use descriptors::{DescriptorInfo, DescriptorKind, DirPerms, FilePerms};
pub use error::{Exit, WasiError};
pub use flags::{FdFlags, Rights};
pub use functions::{Call, FUNCTIONS, Function, MODULE, UNSTABLE_FUNCTIONS, UNSTABLE_MODULE, ValKind};
pub use layout::FileType;
pub use memory::GuestMemory;
pub use memory_fs::MemoryFs;
pub use p1::add_to_linker_sync as add_to_linker;
pub use pipe::{MemoryInputPipe, MemoryOutputPipe};
pub use random::RandomState;
pub use snapshot::{
    FilePlace, SavedClocks, SavedDescriptor, SavedDirectory, SavedRandom, SavedTarget, WasiSnapshot, WasiSnapshotError,
};
pub use threads::{DEFAULT_MAX_THREADS, THREADS_MODULE, WasiThreads, add_threads_to_linker};
