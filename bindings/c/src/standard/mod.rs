//! The functions of `wasm.h`, in its order.

mod engine;
mod externs;
mod foreign;
mod frame;
pub mod func;
mod global;
pub mod instance;
pub mod memory;
pub mod module;
mod references;
mod table;
mod trap;
mod types;
mod val;
mod vectors;

pub use engine::{ConfigBox, EngineBox};
