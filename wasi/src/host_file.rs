//! Files of the host's.
//!
//! Whether writes go to the end is the descriptor's affair and not set in the system: so `fd_pwrite` writes where it is told to,
//! as POSIX says and Linux does not.

use std::io::{IoSlice, Seek as _, SeekFrom};

use cap_std::fs::{FileTypeExt as _, Metadata, MetadataExt as _};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::fs::{FallocateFlags, Timestamps, UTIME_NOW, UTIME_OMIT};

use crate::clock::{self, nanoseconds};
use crate::errno::{Errno, Result};
use crate::file::{Advice, File, Ready, SetTime, SetTimes};
use crate::flags::FdFlags;
use crate::layout::{FileType, Stat};

/// An open file.
#[derive(Debug)]
pub(crate) struct HostFile {
    file: cap_std::fs::File,
    ty: FileType,
}

impl HostFile {
    pub(crate) fn new(file: cap_std::fs::File, metadata: &Metadata) -> HostFile {
        HostFile { file, ty: file_type(metadata) }
    }
}

/// What something in the host's file system is.
pub(crate) fn file_type(metadata: &Metadata) -> FileType {
    let ty = metadata.file_type();
    if ty.is_file() {
        FileType::RegularFile
    } else if ty.is_dir() {
        FileType::Directory
    } else if ty.is_symlink() {
        FileType::SymbolicLink
    } else if ty.is_char_device() {
        FileType::CharacterDevice
    } else if ty.is_block_device() {
        FileType::BlockDevice
    } else if ty.is_socket() {
        FileType::SocketStream
    } else {
        FileType::Unknown
    }
}

/// The attributes of something in the host's file system.
pub(crate) fn stat(metadata: &Metadata) -> Stat {
    Stat {
        device: metadata.dev(),
        inode: metadata.ino(),
        ty: file_type(metadata),
        links: metadata.nlink(),
        size: metadata.len(),
        accessed: nanoseconds(metadata.atime(), metadata.atime_nsec()),
        modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// Times as the system takes them.
pub(crate) fn timestamps(times: SetTimes) -> Timestamps {
    let timespec = |time| match time {
        SetTime::Keep => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        SetTime::Now => Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
        SetTime::At(nanoseconds) => clock::timespec(nanoseconds),
    };
    Timestamps { last_access: timespec(times.accessed), last_modification: timespec(times.modified) }
}

/// Reads or writes something of the system's that may have to wait. If it must not, and would, that is `EAGAIN`; if it may, it does,
/// even if someone else has made the system's descriptor non-blocking.
pub(crate) fn waiting<T>(
    fd: impl AsFd,
    events: PollFlags,
    flags: FdFlags,
    mut go: impl FnMut() -> rustix::io::Result<T>,
) -> Result<T> {
    let nonblocking = flags.contains(FdFlags::NONBLOCK);
    let poll = |timeout: Option<&Timespec>| rustix::event::poll(&mut [PollFd::new(&fd, events)], timeout);
    if nonblocking && poll(Some(&Timespec::default()))? == 0 {
        return Err(Errno::Again);
    }
    loop {
        match go() {
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) if !nonblocking => match poll(None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            },
            result => return Ok(result?),
        }
    }
}

/// How many bytes the system has to read from a descriptor.
pub(crate) fn bytes_ready(fd: impl AsFd) -> Option<u64> {
    rustix::io::ioctl_fionread(fd).ok()
}

/// Writes to the end of a file, and leaves its position there.
fn append(fd: BorrowedFd<'_>, buffers: &[IoSlice<'_>]) -> rustix::io::Result<usize> {
    #[cfg(target_os = "linux")]
    {
        use rustix::io::{Errno, ReadWriteFlags, pwritev2};
        // The largest offset stands for the file's position, which moves.
        match pwritev2(fd, buffers, u64::MAX, ReadWriteFlags::APPEND) {
            Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL) => {}
            result => return result,
        }
    }
    rustix::fs::seek(fd, rustix::fs::SeekFrom::End(0))?;
    rustix::io::writev(fd, buffers)
}

impl File for HostFile {
    fn file_type(&self) -> Result<FileType> {
        Ok(self.ty)
    }

    fn stat(&self) -> Result<Stat> {
        Ok(stat(&self.file.metadata()?))
    }

    fn is_seekable(&self) -> bool {
        matches!(self.ty, FileType::RegularFile | FileType::BlockDevice)
    }

    fn read(&self, buffer: &mut [u8], flags: FdFlags) -> Result<usize> {
        if self.is_seekable() {
            return Ok(rustix::io::retry_on_intr(|| rustix::io::read(&self.file, &mut *buffer))?);
        }
        waiting(&self.file, PollFlags::IN, flags, || rustix::io::read(&self.file, &mut *buffer))
    }

    fn write(&self, buffers: &[IoSlice<'_>], flags: FdFlags) -> Result<usize> {
        if flags.contains(FdFlags::APPEND) && self.is_seekable() {
            return Ok(append(self.file.as_fd(), buffers)?);
        }
        if self.is_seekable() {
            return Ok(rustix::io::retry_on_intr(|| rustix::io::writev(&self.file, buffers))?);
        }
        waiting(&self.file, PollFlags::OUT, flags, || rustix::io::writev(&self.file, buffers))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        Ok(rustix::io::pread(&self.file, buffer, offset)?)
    }

    fn write_at(&self, buffers: &[IoSlice<'_>], offset: u64) -> Result<usize> {
        if buffers.is_empty() {
            return Ok(0);
        }
        Ok(rustix::io::pwritev(&self.file, buffers, offset)?)
    }

    fn seek(&self, to: SeekFrom) -> Result<u64> {
        Ok((&self.file).seek(to)?)
    }

    fn set_len(&self, len: u64) -> Result<()> {
        Ok(rustix::fs::ftruncate(&self.file, len)?)
    }

    fn allocate(&self, offset: u64, len: u64) -> Result<()> {
        Ok(rustix::fs::fallocate(&self.file, FallocateFlags::empty(), offset, len)?)
    }

    fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<()> {
        if self.ty != FileType::RegularFile {
            return Err(Errno::SPipe);
        }
        i64::try_from(len).map_err(|_| Errno::Inval)?;
        i64::try_from(offset).map_err(|_| Errno::Inval)?;
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::Advice as System;
            let advice = match advice {
                Advice::Normal => System::Normal,
                Advice::Sequential => System::Sequential,
                Advice::Random => System::Random,
                Advice::WillNeed => System::WillNeed,
                Advice::DontNeed => System::DontNeed,
                Advice::NoReuse => System::NoReuse,
            };
            rustix::fs::fadvise(&self.file, offset, std::num::NonZeroU64::new(len), advice)?;
        }
        #[cfg(not(target_os = "linux"))]
        let _ = advice;
        Ok(())
    }

    fn sync(&self, data_only: bool) -> Result<()> {
        let synced = if data_only { self.file.sync_data() } else { self.file.sync_all() };
        Ok(synced?)
    }

    fn set_times(&self, times: SetTimes) -> Result<()> {
        Ok(rustix::fs::futimens(&self.file, &timestamps(times))?)
    }

    fn ready(&self) -> Ready<'_> {
        Ready::When(self.file.as_fd())
    }

    fn readable(&self) -> Option<u64> {
        if self.ty == FileType::RegularFile {
            // What lies behind the position. (The system's answer for a file has 32 bits.)
            let size = self.file.metadata().ok()?.len();
            return Some(size.saturating_sub(rustix::fs::tell(&self.file).ok()?));
        }
        bytes_ready(&self.file)
    }
}
