//! A stream that keeps what a guest writes, for tests and for embedders that want it as bytes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A growing buffer to pass to [`WasiCtxBuilder::stdout`](crate::WasiCtxBuilder::stdout) or
/// [`stderr`](crate::WasiCtxBuilder::stderr). Clones share the buffer, so keep one to read it.
///
/// ```
/// use riser_wasi::{MemoryOutput, WasiCtxBuilder};
///
/// let stdout = MemoryOutput::new();
/// let ctx = WasiCtxBuilder::new().stdout(stdout.clone()).build();
/// // … run a guest with `ctx` …
/// assert_eq!(stdout.contents(), b"");
/// # drop(ctx);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryOutput {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl MemoryOutput {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything written so far.
    #[must_use]
    pub fn contents(&self) -> Vec<u8> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        // The bytes are whole after every write, so a panic elsewhere cannot have torn them.
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for MemoryOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().write(bytes)
    }

    fn write_vectored(&mut self, buffers: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.lock().write_vectored(buffers)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
