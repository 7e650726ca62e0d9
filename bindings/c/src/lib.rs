//! Riser's C API: the standard [`wasm.h`](https://github.com/WebAssembly/wasm-c-api), and `riser.h` with what that has not.
//!
//! ```text
//! bindings/c/include/wasm.h     the standard header            standard/
//! bindings/c/include/riser.h    modes, fuel, linker, WASI ..   extension/
//! ```
//!
//! What comes in is a C program's pointers; what goes out are boxes, and vectors of them. C sees many types where Rust has few:
//!
//! * whatever C can refer to (functions, memories, instances, traps ..) is an `Object`, so that conversions
//!   between `wasm_func_t`, `wasm_extern_t` and `wasm_ref_t` are checks and no copies;
//! * the types of imports and exports are an `ExternType`, for the same reason;
//! * a vector of C is a `Vector`, which owns its items;
//! * everything that can go wrong is a `Failure`: a trap of `wasm.h`, and an error of `riser.h`.
//!
//! # Invariants
//!
//! * A null pointer where C may not pass one does nothing: the result is null, false or 0, or an error that says so.
//! * No panic crosses into C. Where a function reports failures it reports panics, too; anywhere else a panic ends the process.
//! * Each object keeps its store alive, so the order in which C deletes things does not matter. What is in a store refers to it
//!   weakly.
//!
//! # What this crate relies on
//!
//! What C promises by calling: pointers are those that this crate has given out and not got back, or null; a store and its objects
//! are used by one thread at a time. The functions are not public: only C calls them, by their names.

mod caller;
mod failure;
mod frame;
mod info;
mod object;
mod store;
mod text;
mod tiers;
mod types;
mod val;
mod vector;

mod extension;
mod standard;

/// The result of a host function that C implements: a trap, or null.
type Trapped = Option<Box<object::Object>>;
