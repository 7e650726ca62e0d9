//! WASI preview 1 as a guest sees it, through the list of functions and without an engine.

mod files;
mod guest;
mod hostile;
mod memory;
#[cfg(target_os = "linux")]
mod paths;
mod poll;
mod process;
mod race;
mod snapshots;
mod sockets;
mod state;
mod unstable;
