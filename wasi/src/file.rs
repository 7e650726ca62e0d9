//! What a descriptor can lead to: a file, which everything that is read or written is, or a directory.
//!
//! Implementations know nothing of descriptors, rights and the guest's memory. What one cannot do has the errno that POSIX gives.

use std::any::Any;
use std::fmt::Debug;
use std::io::{IoSlice, SeekFrom};
use std::sync::Arc;

use rustix::fd::BorrowedFd;

use crate::errno::{Errno, Result};
use crate::flags::{FdFlags, OFlags, ReceiveFlags, ShutdownFlags};
use crate::layout::{FileType, Stat};

/// A time that is to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetTime {
    /// It stays as it is.
    Keep,
    /// The host's time.
    Now,
    /// Nanoseconds since 1970.
    At(u64),
}

/// The times of the last access and the last change of a file's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetTimes {
    pub(crate) accessed: SetTime,
    pub(crate) modified: SetTime,
}

/// How a file is going to be used.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Advice {
    Normal,
    Sequential,
    Random,
    WillNeed,
    DontNeed,
    NoReuse,
}

/// Whether a file can be read or written without waiting.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ready<'a> {
    /// Always, or nobody knows.
    Always,
    /// When the system says so.
    When(BorrowedFd<'a>),
}

/// Something that bytes are read from or written to.
pub(crate) trait File: Debug + Send + Sync {
    fn file_type(&self) -> Result<FileType>;

    fn stat(&self) -> Result<Stat> {
        Ok(Stat::of_type(self.file_type()?))
    }

    /// Whether a place in it can be chosen, and a read that is not short of bytes does not wait for them.
    fn is_seekable(&self) -> bool {
        false
    }

    fn read(&self, _buffer: &mut [u8], _flags: FdFlags) -> Result<usize> {
        Err(Errno::BadF)
    }

    fn write(&self, _buffers: &[IoSlice<'_>], _flags: FdFlags) -> Result<usize> {
        Err(Errno::BadF)
    }

    fn read_at(&self, _buffer: &mut [u8], _offset: u64) -> Result<usize> {
        Err(Errno::SPipe)
    }

    fn write_at(&self, _buffers: &[IoSlice<'_>], _offset: u64) -> Result<usize> {
        Err(Errno::SPipe)
    }

    fn seek(&self, _to: SeekFrom) -> Result<u64> {
        Err(Errno::SPipe)
    }

    fn set_len(&self, _len: u64) -> Result<()> {
        Err(Errno::Inval)
    }

    fn allocate(&self, _offset: u64, _len: u64) -> Result<()> {
        Err(Errno::SPipe)
    }

    fn advise(&self, _offset: u64, _len: u64, _advice: Advice) -> Result<()> {
        Err(Errno::SPipe)
    }

    /// Brings what was written to the device; attributes too, unless `data_only`.
    fn sync(&self, _data_only: bool) -> Result<()> {
        Err(Errno::Inval)
    }

    fn set_times(&self, _times: SetTimes) -> Result<()> {
        Err(Errno::BadF)
    }

    fn ready(&self) -> Ready<'_> {
        Ready::Always
    }

    /// How many bytes there are to read, if that is known.
    fn readable(&self) -> Option<u64> {
        None
    }

    /// What a socket does; `None` for everything else.
    fn as_socket(&self) -> Option<&dyn Socket> {
        None
    }
}

/// A socket.
pub(crate) trait Socket {
    /// The next connection.
    fn accept(&self, flags: FdFlags) -> Result<Arc<dyn File>>;
    fn receive(&self, buffer: &mut [u8], how: ReceiveFlags, flags: FdFlags) -> Result<usize>;
    fn send(&self, buffers: &[IoSlice<'_>], flags: FdFlags) -> Result<usize>;
    fn shutdown(&self, how: ShutdownFlags) -> Result<()>;
}

/// How a path is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    /// Whether a link at the path's end is followed.
    pub(crate) follow: bool,
    pub(crate) oflags: OFlags,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) flags: FdFlags,
}

impl Open {
    /// Whether opening may change what there is.
    pub(crate) fn changes(&self) -> bool {
        self.oflags.intersects(OFlags::CREATE | OFlags::TRUNCATE)
    }
}

/// What was opened.
#[derive(Clone, Debug)]
pub(crate) enum Opened {
    File(Arc<dyn File>),
    Directory(Arc<dyn Directory>),
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) inode: u64,
    pub(crate) ty: FileType,
}

/// A directory. No path leads out of it, whatever it contains: `EPERM`. No path here ends in a slash; [`slashes`](crate::slashes)
/// takes those that do.
pub(crate) trait Directory: Any + Debug + Send + Sync {
    fn stat(&self) -> Result<Stat>;
    fn set_times(&self, times: SetTimes) -> Result<()>;
    /// The entries besides `.` and `..`.
    fn entries(&self) -> Result<Vec<Entry>>;
    fn open(&self, path: &str, how: Open) -> Result<Opened>;
    fn stat_at(&self, path: &str, follow: bool) -> Result<Stat>;
    fn set_times_at(&self, path: &str, follow: bool, times: SetTimes) -> Result<()>;
    fn create_directory(&self, path: &str) -> Result<()>;
    fn remove_directory(&self, path: &str) -> Result<()>;
    fn remove_file(&self, path: &str) -> Result<()>;
    fn read_link(&self, path: &str) -> Result<String>;
    /// Makes a link that leads to `target`, which nobody looks at now.
    fn make_link(&self, target: &str, path: &str) -> Result<()>;
    /// Gives a file another name, too; `EXDEV` in another file system.
    fn add_name(&self, path: &str, to: &dyn Directory, to_path: &str) -> Result<()>;
    /// Renames; `EXDEV` into another file system.
    fn rename(&self, path: &str, to: &dyn Directory, to_path: &str) -> Result<()>;
}
