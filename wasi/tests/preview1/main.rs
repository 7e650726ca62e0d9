//! WASI preview 1 as a guest sees it, through the list of functions and without an engine.

#[cfg(unix)]
mod files;
mod guest;
mod hostile;
mod process;
