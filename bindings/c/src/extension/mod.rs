//! The functions of `riser.h`, in its order.

mod config;
mod counter;
mod engine;
mod error;
mod func;
mod given;
mod instance;
mod items;
mod linker;
mod module;
mod names;
mod snapshot;
mod statistics;
mod store;
mod wasi;
