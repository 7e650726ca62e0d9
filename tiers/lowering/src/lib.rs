//! What compiling tiers share of their lowering: sequences, over a few primitives.
//!
//! A compiling tier is a [`Sink`](riser_translator::sink::Sink) that builds its compiler's IR. For arithmetic the sinks
//! differ as their compilers do. Everything that reaches out of the function is the same in all of them, because it
//! follows from the runtime: which fields lead to a memory or a table, what is compared before an access, what a builtin
//! takes, how a trap in it goes on. So these sequences are said once, here, over the primitives of a trait that each tier
//! implements:
//!
//! ```text
//! Sink  -->  sequence, by family                      -->  Builder   -->  the compiler's IR
//!            memory, table, ... (this crate)               (the tier's)
//! ```
//!
//! * [`Builder`] is the trait: constants, comparisons, loads and stores of fields, traps, blocks, calls of builtins. It is
//!   for static dispatch: a sequence is a generic function, of which each tier has its own copy.
//! * [`Body`] is what is known of the function that is being lowered, whatever its code is built by.
//! * [`runtime`] has what the families need: the way to objects of the runtime, and calls of builtins.
//! * [`control`], [`memory`], [`mod@atomic`], [`table`] and [`reference`](mod@reference) have the operators of these families, and
//!   [`safepoint`] has metering, and [`frame_copy`] what code does for snapshots. [`call`] has what calls have in common, and [`exception`] where
//!   they go on when something was thrown.
//! * [`shared_operators`] puts these into a tier's sink, so that a new operator of the runtime touches no tier.
//!
//! # What stays in the tiers
//!
//! What a compiler does in its own way is a primitive, or does not appear here at all: arithmetic, conversions and vectors;
//! where values of slots are kept; the guards against speculation, which Cranelift has an instruction for, while LLVM needs
//! assembly; how accesses to memory are tied to their positions; how functions are called, with tail calls. The order of
//! a sequence's primitives is the order of the instructions in the code, so the golden files (`tests/disas`) show what a
//! change does to each tier's code.
//!
//! # Why a crate
//!
//! The sequences know the layout of the runtime's objects and the builtins, which `riser-tiers-core` defines. They are
//! beside it, not in it, because that crate is what every tier and the VM build on, and does not know how code is made:
//! a change of a sequence concerns the two compilers, and rebuilds only them.
//!
//! Like the builtins, the crate exists on x86-64 Linux.

#![cfg(all(target_arch = "x86_64", target_os = "linux"))]
#![forbid(unsafe_code)]

pub mod atomic;
mod body;
mod builder;
pub mod call;
pub mod control;
pub mod exception;
pub mod frame_copy;
pub mod memory;
pub mod reference;
pub mod runtime;
pub mod safepoint;
mod sink;
pub mod table;

pub use body::{Body, slots};
pub use builder::{Builder, Order, Region};
