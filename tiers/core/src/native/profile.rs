//! Reports machine code to profilers and debuggers, which know nothing about code that is made at run time.
//!
//! Debuggers are told through memory (`gdb.rs`). For profilers, two kinds of files can be written, both of which Linux's
//! `perf` reads:
//!
//! * a *map*, `/tmp/perf-PID.map`: address, size and name of each piece of code, which `perf report` finds by itself;
//! * a *jitdump* (`jitdump.rs`), which also contains the code: `perf inject --jit` makes object files of it, so that
//!   `perf annotate` shows instructions, with module offsets in place of lines.
//!
//! All of this is per process, as profilers and debuggers are: once started, it covers all code that any engine publishes
//! from then on. Code that is freed stays in the files, and code that takes its place is added; a profiler uses the entry
//! that was added last. While nothing is started, publishing costs one additional load.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use riser_translator::shown::label;

use super::code_map::{NativeFunction, Origin};
use super::gdb;
use super::jitdump::JitDump;

/// The way in which profilers or debuggers are told of machine code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ProfilingStrategy {
    /// Not at all.
    #[default]
    None,
    /// By the file `/tmp/perf-PID.map`.
    PerfMap,
    /// By the file `jit-PID.dump` in the working directory; `perf record` has to use the clock `mono`.
    JitDump,
    /// By GDB's JIT interface: names, with module offsets in place of lines.
    Gdb,
}

/// The active ways of reporting.
struct Listeners {
    map: Option<File>,
    dump: Option<JitDump>,
    gdb: bool,
}

static LISTENERS: Mutex<Listeners> = Mutex::new(Listeners { map: None, dump: None, gdb: false });

/// Whether any of them is active.
static ON: AtomicBool = AtomicBool::new(false);

/// Starts reporting code in one more way.
///
/// # Errors
///
/// If the file cannot be written.
pub fn start(strategy: ProfilingStrategy) -> io::Result<()> {
    let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
    match strategy {
        ProfilingStrategy::PerfMap if listeners.map.is_none() => {
            listeners.map = Some(new_file(format!("/tmp/perf-{}.map", std::process::id()).as_ref())?);
        }
        ProfilingStrategy::JitDump if listeners.dump.is_none() => listeners.dump = Some(JitDump::create()?),
        ProfilingStrategy::Gdb => listeners.gdb = true,
        _ => return Ok(()),
    }
    ON.store(true, Ordering::Release);
    Ok(())
}

/// Makes a file whose name others can guess, in a folder that they may be able to write to. What is there is removed: a file of an earlier
/// process with this number, or a link that somebody has put there, which would be followed.
pub(super) fn new_file(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    File::create_new(path)
}

/// Whether code is reported to anyone.
pub(super) fn is_on() -> bool {
    ON.load(Ordering::Acquire)
}

/// Reports published functions of a module, or other published code, in the order of their addresses. A file that can no
/// longer be written is given up.
pub(super) fn published(functions: &[(&NativeFunction, &[u8])]) {
    if !is_on() {
        return;
    }
    let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
    for &(function, code) in functions {
        let symbol = symbol(&function.origin);
        if let Some(map) = &mut listeners.map
            && writeln!(map, "{:x} {:x} {symbol}", function.start, function.len).is_err()
        {
            listeners.map = None;
        }
        if let Some(dump) = &mut listeners.dump
            && dump.code(function, &symbol, code).is_err()
        {
            listeners.dump = None;
        }
    }
    if listeners.gdb {
        let named: Vec<_> =
            functions.iter().map(|(function, _)| (*function, debugger_name(&function.origin))).collect();
        gdb::published(&named);
    }
}

/// Reports that the code in a range of addresses is gone.
pub(super) fn removed(range: &Range<usize>) {
    if is_on() {
        gdb::removed(range);
    }
}

/// The name of a piece of code for debuggers: its name in the module, so that it can be typed, or `wasm_function_INDEX`.
fn debugger_name(origin: &Origin) -> String {
    match origin {
        Origin::Trampoline => "riser_trampoline".to_owned(),
        Origin::Function { module, index } => match module.func_name(*index) {
            Some(name) => label(name),
            None => format!("wasm_function_{index}"),
        },
    }
}

/// The name of a piece of code for profilers: `wasm[module]::function[index]::name`, as far as there are names.
pub fn symbol(origin: &Origin) -> String {
    let Origin::Function { module, index } = origin else { return "riser::trampoline".to_owned() };
    let mut symbol = "wasm".to_owned();
    if let Some(name) = &module.name {
        symbol += &format!("[{}]", label(name));
    }
    symbol += &format!("::function[{index}]");
    if let Some(name) = module.func_name(*index) {
        symbol += &format!("::{}", label(name));
    }
    symbol
}
