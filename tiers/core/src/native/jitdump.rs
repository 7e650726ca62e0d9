//! The jitdump file format, version 1, as far as it is needed
//! (`tools/perf/Documentation/jitdump-specification.txt` of Linux).
//!
//! ```text
//! header | debug info, code | debug info, code | ...
//! ```
//!
//! Numbers are in the byte order of the machine. `perf record` notices the file because it is mapped
//! executable. The debug information maps addresses to lines of files; here the "file" is the module, and the
//! "line" an offset in it.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::ptr;

use riser_translator::shown::label;

use super::code_map::{NativeFunction, Origin};
use super::profile::new_file;

/// "JiTD".
const MAGIC: u32 = 0x4a69_5444;
const VERSION: u32 = 1;
const HEADER_BYTES: u32 = 40;
const EM_X86_64: u32 = 62;

/// Kinds of records.
const CODE_LOAD: u32 = 0;
const DEBUG_INFO: u32 = 2;

/// Size of the head of each record: its kind, size and time.
const PREFIX_BYTES: usize = 16;

/// How much of the file is mapped, so that `perf record` notices it.
const MARKER_BYTES: usize = 4096;

/// A jitdump that is being written.
pub(super) struct JitDump {
    file: File,
    /// How many pieces of code the file has.
    codes: u64,
}

impl JitDump {
    /// Starts the file `jit-PID.dump` in the working directory.
    pub(super) fn create() -> io::Result<JitDump> {
        let pid = std::process::id();
        let mut file = new_file(format!("jit-{pid}.dump").as_ref())?;
        let mut header = Vec::new();
        for word in [MAGIC, VERSION, HEADER_BYTES, EM_X86_64, 0, pid] {
            header.extend(word.to_ne_bytes());
        }
        header.extend(now().to_ne_bytes());
        header.extend(0u64.to_ne_bytes());
        file.write_all(&header)?;
        let protection = libc::PROT_READ | libc::PROT_EXEC;
        // SAFETY: a new mapping that nobody accesses; it stays as long as the process.
        let marker =
            unsafe { libc::mmap(ptr::null_mut(), MARKER_BYTES, protection, libc::MAP_PRIVATE, file.as_raw_fd(), 0) };
        if marker == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(JitDump { file, codes: 0 })
    }

    fn record(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let mut record = Vec::with_capacity(PREFIX_BYTES + body.len());
        record.extend(kind.to_ne_bytes());
        record.extend(((PREFIX_BYTES + body.len()) as u32).to_ne_bytes());
        record.extend(now().to_ne_bytes());
        record.extend(body);
        self.file.write_all(&record)
    }

    /// Adds a piece of code.
    pub(super) fn code(&mut self, function: &NativeFunction, symbol: &str, code: &[u8]) -> io::Result<()> {
        let address = function.start as u64;
        if let Origin::Function { module, .. } = &function.origin {
            let file = format!("{}.wasm\0", label(module.name.as_deref().unwrap_or("module")));
            let mut body = Vec::new();
            body.extend(address.to_ne_bytes());
            body.extend((function.operators().count() as u64).to_ne_bytes());
            for (start, offset) in function.operators() {
                body.extend((address + u64::from(start)).to_ne_bytes());
                body.extend(offset.to_ne_bytes());
                // The discriminator, which tells apart blocks of a line.
                body.extend(0u32.to_ne_bytes());
                body.extend(file.as_bytes());
            }
            self.record(DEBUG_INFO, &body)?;
        }
        let mut body = Vec::with_capacity(code.len() + symbol.len() + 41);
        body.extend(std::process::id().to_ne_bytes());
        // SAFETY: no preconditions.
        body.extend(unsafe { libc::gettid() }.to_ne_bytes());
        // Virtual address, address and size of the code, and the code's own number.
        for word in [address, address, code.len() as u64, self.codes] {
            body.extend(word.to_ne_bytes());
        }
        body.extend(symbol.as_bytes());
        body.push(0);
        body.extend(code);
        self.codes += 1;
        self.record(CODE_LOAD, &body)
    }
}

/// The current time by the clock of `perf record -k mono`, in nanoseconds.
fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists, and `time` is written to.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
