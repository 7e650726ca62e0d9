//! Streams in memory, for tests and for embedders that have a guest's input as bytes, or want its output as bytes.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Input that is there from the start, to pass to [`WasiCtxBuilder::stdin`](crate::WasiCtxBuilder::stdin). After it comes the end.
#[derive(Clone, Debug)]
pub struct MemoryInputPipe {
    bytes: io::Cursor<Arc<[u8]>>,
}

impl MemoryInputPipe {
    /// A pipe with these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { bytes: io::Cursor::new(bytes.into()) }
    }
}

impl Read for MemoryInputPipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(buffer)
    }
}

/// A buffer to pass to [`WasiCtxBuilder::stdout`](crate::WasiCtxBuilder::stdout) or
/// [`stderr`](crate::WasiCtxBuilder::stderr). Clones share the buffer, so keep one to read it.
///
/// ```
/// use riser_wasi::{MemoryOutputPipe, WasiCtxBuilder};
///
/// let stdout = MemoryOutputPipe::new(1 << 20);
/// let ctx = WasiCtxBuilder::new().stdout(stdout.clone()).build();
/// // … run a guest with `ctx` …
/// assert_eq!(stdout.contents(), b"");
/// # drop(ctx);
/// ```
#[derive(Clone)]
pub struct MemoryOutputPipe {
    capacity: usize,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl MemoryOutputPipe {
    /// An empty buffer, which takes up to `capacity` bytes. To a guest that writes more, the device is full.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, bytes: Arc::default() }
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

impl fmt::Debug for MemoryOutputPipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.lock().len();
        f.debug_struct("MemoryOutputPipe").field("capacity", &self.capacity).field("len", &len).finish_non_exhaustive()
    }
}

impl Write for MemoryOutputPipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[io::IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, buffers: &[io::IoSlice<'_>]) -> io::Result<usize> {
        let mut bytes = self.lock();
        let before = bytes.len();
        for buffer in buffers {
            let room = self.capacity - bytes.len();
            bytes.extend_from_slice(&buffer[..buffer.len().min(room)]);
        }
        let written = bytes.len() - before;
        if written == 0 && buffers.iter().any(|buffer| !buffer.is_empty()) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_ends_at_the_capacity() {
        let mut pipe = MemoryOutputPipe::new(5);
        assert_eq!(pipe.write(b"abc").unwrap(), 3);
        assert_eq!(pipe.write(b"").unwrap(), 0);
        assert_eq!(pipe.write(b"def").unwrap(), 2);
        assert_eq!(pipe.write(b"g").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(pipe.contents(), b"abcde");
    }
}
