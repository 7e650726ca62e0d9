//! Telling profilers of machine code: an address alone says nothing about code that was made at run time.
//!
//! Two files can be written, both read by Linux's `perf`:
//!
//! * a *map*, `/tmp/perf-PID.map`: address, size and name of each piece of code, which `perf report` finds by itself;
//! * a *jitdump* (`jitdump.rs`), which has the code as well: `perf inject --jit` makes object files of
//!   it, so that `perf annotate` shows instructions, with offsets of the module in place of lines.
//!
//! They belong to the process, as the profiler does: once started, they tell of all code that any engine
//! publishes from then on. Code that is freed stays in them, and what comes to lie in its place is added; a profiler
//! takes what was added last. While none is written, publishing costs one load more.

use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::code_map::{NativeFunction, Origin};
use super::jitdump::JitDump;

/// How a profiler is told of machine code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProfilingStrategy {
    /// Not at all.
    #[default]
    None,
    /// By the file `/tmp/perf-PID.map`.
    PerfMap,
    /// By the file `jit-PID.dump` in the working directory; `perf record` has to use the clock `mono`.
    JitDump,
}

/// The files that are being written.
struct Files {
    map: Option<File>,
    dump: Option<JitDump>,
}

static FILES: Mutex<Files> = Mutex::new(Files { map: None, dump: None });

/// Whether any is.
static ON: AtomicBool = AtomicBool::new(false);

/// Starts telling profilers of code in one more way.
///
/// # Errors
///
/// If the file cannot be written.
pub fn start(strategy: ProfilingStrategy) -> io::Result<()> {
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    match strategy {
        ProfilingStrategy::PerfMap if files.map.is_none() => {
            files.map = Some(File::create(format!("/tmp/perf-{}.map", std::process::id()))?);
        }
        ProfilingStrategy::JitDump if files.dump.is_none() => files.dump = Some(JitDump::create()?),
        _ => return Ok(()),
    }
    ON.store(true, Ordering::Release);
    Ok(())
}

/// Whether any profiler is told of code.
pub(super) fn is_on() -> bool {
    ON.load(Ordering::Acquire)
}

/// Tells of code that has been published. A file that cannot be written any more is given up.
pub(super) fn published(function: &NativeFunction, code: &[u8]) {
    if !is_on() {
        return;
    }
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let symbol = symbol(&function.origin);
    if let Some(map) = &mut files.map
        && writeln!(map, "{:x} {:x} {symbol}", function.start, function.len).is_err()
    {
        files.map = None;
    }
    if let Some(dump) = &mut files.dump
        && dump.code(function, &symbol, code).is_err()
    {
        files.dump = None;
    }
}

/// What profilers call a piece of code: `wasm[module]::function[index]::name`, as far as there are names.
pub fn symbol(origin: &Origin) -> String {
    let Origin::Function { module, index } = origin else { return "riser::trampoline".to_owned() };
    let mut symbol = "wasm".to_owned();
    if let Some(name) = &module.name {
        symbol += &format!("[{name}]");
    }
    symbol += &format!("::function[{index}]");
    if let Some(name) = module.func_name(*index) {
        symbol += &format!("::{name}");
    }
    // A name of a module may be any text; here it has to be part of a line.
    symbol.replace(char::is_control, "_")
}
