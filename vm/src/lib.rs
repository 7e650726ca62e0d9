//! Riser's VM: runtime objects and the embedding API. The register interpreter is the crate `riser-interp`.
//!
//! ```text
//! Engine --- Config, the plugged tiers, the types' numbers, the epoch
//!   |
//! Module --- the parsed module; code of its functions, shared by all instances
//!   |
//! Store<T> - the host's data, the value stack, fuel, limits, and every object:
//!   |        instances, functions, memories, tables, globals, tags, exceptions
//! Linker<T>, Instance, Func, TypedFunc, Memory, Table, Global, Tag, ExnRef
//! ```
//!
//! The API has the shape of wasmtime's: an embedding switches by changing a `use`.
//! An [`Instance`], [`Func`], [`Memory`], [`Table`], [`Global`] or [`Tag`] is a small handle into a store, and is checked
//! against the store at each use.
//!
//! # Invariants
//!
//! * Objects live at fixed addresses until their store is dropped; running code
//!   holds plain pointers to them ([`riser_tiers_core::Context`]).
//! * A function's `entry` leads to the tier of its instance's mode. Missing code is made by the first call.
//! * Nothing that a guest does makes the host panic. Errors and panics of host functions pass through guest frames as
//!   statuses, never as unwinding.
//!
//! # What this crate does not depend on
//!
//! Which tiers exist: they are plugged in as [`Tier`] objects ([`Config::tier`]). Those that are linked into the
//! program ([`riser_tiers_core::LINKED_TIERS`]) are plugged in by default.
//! How wasm is decoded: that is the translator's part.

mod ahead;
mod backtrace;
mod config;
mod coredump;
mod counts;
mod engine;
mod exception;
mod externs;
mod func;
mod global;
pub mod inspect;
mod instance;
mod instantiate;
mod limits;
mod linker;
mod memory;
mod module;
mod monitor;
mod observe;
mod sample;
mod settings;
mod shared_memory;
pub mod snapshot;
mod soundness;
mod store;
mod table;
mod tiering;
mod types;
mod values;

pub use anyhow::{Error, Result, bail, ensure, format_err};
pub use backtrace::{FrameInfo, WasmBacktrace};
pub use config::{
    Cache, CacheConfig, Compilation, Config, Enabled, InstanceAllocationStrategy, IntoCache, Jobs, OptLevel,
    PoolingAllocationConfig, Strategy,
};
pub use coredump::WasmCoreDump;
pub use counts::{CallCount, Callee, Counter, Counts, InstructionCount, SequenceCount};
pub use engine::{Engine, EngineWeak};
pub use exception::{ExnRef, ExnType, RootScope, Tag, ThrownException};
pub use externs::{Export, Extern};
pub use func::{Caller, Func, IntoFunc, TypedFunc, WasmParams, WasmResults, WasmRet, WasmTy};
#[cfg(feature = "resumable")]
pub use func::{
    ResumableCall, ResumableCallHostTrap, ResumableCallOutOfFuel, TypedResumableCall, TypedResumableCallHostTrap,
    TypedResumableCallOutOfFuel,
};
pub use global::Global;
pub use instance::Instance;
pub use limits::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};
pub use linker::{InstancePre, Linker, UnknownImportError};
pub use memory::{Memory, MemoryAccessError};
pub use module::{
    CustomSection, ExportType, ImportType, Module, ModuleBuilder, ResourcesRequired, Statistics, TierStatistics,
};
#[cfg(feature = "wat")]
#[doc(hidden)]
pub use module::{check_text, parser_with_lines};
#[doc(hidden)]
pub use module::{read_precompiled_unhashed, rehash_precompiled};
pub use monitor::{Compiled, Event, EventSet, HostCall, HostOutcome, MemoryAccess, Monitor, Site, Value, Values};
pub use riser_interp::{Bounds, Dispatch, ParseStrategyError};
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub use riser_tiers_core::native::ProfilingStrategy;
pub use riser_tiers_core::{Bailout, FrameSymbol, Mode, Tier, TierOptions, policy};
pub use riser_translator::module::{
    ExternType, GlobalType, Limits, MemoryType, MemoryTypeBuilder, Mutability, TableType, TagType,
};
pub use riser_translator::ops::WaitResult;
pub use riser_translator::probe::{Access, AccessKind, Bulk, Point};
pub use riser_translator::safepoint::{Safepoint, SafepointKind};
pub use riser_translator::{
    Features, FuncIndex, FuncType, MemoryIndex, Proposal, SharedBytes, TranslateError, TranslatorConfig,
    TrapCode as Trap, ValType,
};
pub use shared_memory::SharedMemory;
pub use snapshot::{Restored, Snapshot, SnapshotError, SnapshotRequests};
pub use store::{AsContext, AsContextMut, CallHook, Store, StoreContext, StoreContextMut, UpdateDeadline};
pub use table::Table;
pub use types::EngineUsage;
pub use values::{ExternRef, GcHeapOutOfMemory, GcRef, Ref, Rooted, V128, Val};

/// The types of references.
pub type RefType = ValType;

/// What errors are made of, as in the crate `anyhow`, which they are of.
pub mod error {
    pub use anyhow::{Chain, Context, Error, Ok, Result, anyhow, bail, ensure, format_err};
}
