//! Riser: a WebAssembly engine for research and for embedding.
//!
//! The crate puts the engine together: the runtime objects and the register
//! interpreter ([`riser_vm`], re-exported), the tiers that cargo features compile in,
//! and WASI. The embedding API has the shape of Wasmtime's:
//!
//! ```
//! use riser::{Engine, Instance, Module, Store};
//!
//! # fn main() -> riser::Result<()> {
//! let engine = Engine::default();
//! let module = Module::new(&engine, r#"
//!     (module
//!       (func (export "add") (param i32 i32) (result i32)
//!         local.get 0
//!         local.get 1
//!         i32.add))
//! "#)?;
//! let mut store = Store::new(&engine, ());
//! let instance = Instance::new(&mut store, &module, &[])?;
//! let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
//! assert_eq!(add.call(&mut store, (40, 2))?, 42);
//! # Ok(())
//! # }
//! ```
//!
//! # Cargo features
//!
//! | feature | adds |
//! |---------|----------------|
//! | `async` | calls and host functions that are futures: [`Func::call_async`], [`Linker::func_wrap_async`] |
//! | `classic` | the classic interpreter: [`modes::CLASSIC`] |
//! | `fast-jit` | functions compiled by Cranelift: [`modes::FAST_JIT`] and [`Mode::MultiTier`]; on x86-64 Linux |
//! | `llvm` | functions compiled by LLVM: [`modes::LLVM_JIT`]; on x86-64 Linux, needs LLVM 19 |
//! | `lockstep` | two runs side by side, compared as they go, module `lockstep` |
//! | `resumable` | calls that can stop at a host function's error or at the end of their fuel, and go on later: [`Func::call_resumable`] |
//! | `wasi` | WASI preview 1, module `wasi` |
//! | `wat` | modules in the text format wherever the binary format is accepted |
//! | `wast` | running the specification's test scripts, module `wast` |
//! | `cli` | the command `riser`, module `cli` |
//! | `prop` | the subcommand `riser prop` |
//! | `faults` | planted faults of the translator, for tests of the tests only |
//!
//! All but `llvm` and `faults` are on by default. All tiers that are compiled in are plugged into every engine, unless its [`Config`]
//! says otherwise.

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "lockstep")]
pub mod listing;
#[cfg(feature = "lockstep")]
pub mod lockstep;
pub mod modes;
pub mod monitors;
#[cfg(feature = "classic")]
pub use riser_classic as classic;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
pub use riser_fast as fast_jit;
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
pub use riser_llvm as llvm;
#[cfg(feature = "wasi")]
pub use riser_wasi as wasi;
#[cfg(feature = "wast")]
pub mod wast;

/// What tiers of one's own are made of, and linked in by.
pub use riser_tiers_core as tiers_core;
pub use riser_translator as translator;
pub use riser_translator::TranslatorConfig;
pub use riser_vm::*;

/// The examples of the guide to embedding, as tests.
#[cfg(all(doctest, feature = "async", feature = "wat"))]
#[doc = include_str!("../docs/src/embedding.md")]
mod embedding_guide {}

/// The example of a monitor, as a test.
#[cfg(all(doctest, feature = "wat"))]
#[doc = include_str!("../docs/src/monitors.md")]
mod monitors_guide {}
