//! WASI preview 1 as a guest sees it, through the list of functions and without an engine.

#[cfg(unix)]
mod files;
mod guest;
mod hostile;
#[cfg(target_os = "linux")]
mod paths;
#[cfg(unix)]
mod poll;
mod process;
