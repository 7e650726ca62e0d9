//! The standard streams: this process's, or a reader or a writer of the embedder's.

use std::fmt;
use std::io::{self, IoSlice, IsTerminal as _, Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::event::PollFlags;
use rustix::fd::{AsFd as _, BorrowedFd};

use crate::errno::{Errno, Result};
use crate::file::{File, Ready};
use crate::flags::FdFlags;
use crate::host_file::{bytes_ready, waiting};
use crate::layout::FileType;

/// One of this process's standard streams.
///
/// Standard input is read without a buffer, so that waiting for it tells the truth. Output goes out at once, behind what the process
/// has in its own buffer.
#[derive(Debug)]
pub(crate) enum Inherited {
    Stdin(io::Stdin),
    Stdout(io::Stdout),
    Stderr(io::Stderr),
}

impl Inherited {
    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Inherited::Stdin(it) => it.as_fd(),
            Inherited::Stdout(it) => it.as_fd(),
            Inherited::Stderr(it) => it.as_fd(),
        }
    }
}

impl File for Inherited {
    fn file_type(&self) -> Result<FileType> {
        Ok(if self.fd().is_terminal() { FileType::CharacterDevice } else { FileType::Unknown })
    }

    fn read(&self, buffer: &mut [u8], flags: FdFlags) -> Result<usize> {
        match self {
            Inherited::Stdin(it) => waiting(it, PollFlags::IN, flags, || rustix::io::read(it, &mut *buffer)),
            Inherited::Stdout(_) | Inherited::Stderr(_) => Err(Errno::BadF),
        }
    }

    fn write(&self, buffers: &[IoSlice<'_>], flags: FdFlags) -> Result<usize> {
        let write = || rustix::io::writev(self.fd(), buffers);
        match self {
            Inherited::Stdin(_) => Err(Errno::BadF),
            Inherited::Stdout(it) => {
                let mut lock = it.lock();
                lock.flush()?;
                waiting(&lock, PollFlags::OUT, flags, write)
            }
            Inherited::Stderr(it) => waiting(it.lock(), PollFlags::OUT, flags, write),
        }
    }

    fn ready(&self) -> Ready<'_> {
        Ready::When(self.fd())
    }

    fn readable(&self) -> Option<u64> {
        bytes_ready(self.fd())
    }
}

/// A stream of the embedder's, which nobody knows how to wait for.
pub(crate) enum Own {
    Input(Mutex<Box<dyn Read + Send>>),
    Output(Mutex<Box<dyn Write + Send>>),
}

impl Own {
    pub(crate) fn input(from: impl Read + Send + 'static) -> Own {
        Own::Input(Mutex::new(Box::new(from)))
    }

    pub(crate) fn output(to: impl Write + Send + 'static) -> Own {
        Own::Output(Mutex::new(Box::new(to)))
    }
}

/// What one thread of a guest panicked in, another may use: what it means is the embedder's affair.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Own::Input(_) => "Own::Input",
            Own::Output(_) => "Own::Output",
        })
    }
}

impl File for Own {
    fn file_type(&self) -> Result<FileType> {
        Ok(FileType::Unknown)
    }

    fn read(&self, buffer: &mut [u8], _flags: FdFlags) -> Result<usize> {
        let Own::Input(from) = self else { return Err(Errno::BadF) };
        let mut from = lock(from);
        loop {
            match from.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A reader that says more than there is room for is mistaken.
                got => return Ok(got?.min(buffer.len())),
            }
        }
    }

    fn write(&self, buffers: &[IoSlice<'_>], _flags: FdFlags) -> Result<usize> {
        let Own::Output(to) = self else { return Err(Errno::BadF) };
        let mut to = lock(to);
        loop {
            match to.write_vectored(buffers) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => return Ok(written?),
            }
        }
    }
}
