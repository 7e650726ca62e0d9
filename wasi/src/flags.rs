//! Flags and rights, by their bits in the witx document.

use bitflags::bitflags;

use crate::errno::{Errno, Result};

bitflags! {
    /// What may be done with a descriptor.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Rights: u64 {
        /// `fd_datasync`.
        const FD_DATASYNC = 1 << 0;
        /// `fd_read`, `fd_pread`, `sock_recv`.
        const FD_READ = 1 << 1;
        /// `fd_seek`.
        const FD_SEEK = 1 << 2;
        /// `fd_fdstat_set_flags`.
        const FD_FDSTAT_SET_FLAGS = 1 << 3;
        /// `fd_sync`.
        const FD_SYNC = 1 << 4;
        /// `fd_tell`, and `fd_seek` that only asks for the position.
        const FD_TELL = 1 << 5;
        /// `fd_write`, `fd_pwrite`, `sock_send`.
        const FD_WRITE = 1 << 6;
        /// `fd_advise`.
        const FD_ADVISE = 1 << 7;
        /// `fd_allocate`.
        const FD_ALLOCATE = 1 << 8;
        /// `path_create_directory`.
        const PATH_CREATE_DIRECTORY = 1 << 9;
        /// `path_open` that creates.
        const PATH_CREATE_FILE = 1 << 10;
        /// `path_link` from here.
        const PATH_LINK_SOURCE = 1 << 11;
        /// `path_link` to here.
        const PATH_LINK_TARGET = 1 << 12;
        /// `path_open`.
        const PATH_OPEN = 1 << 13;
        /// `fd_readdir`.
        const FD_READDIR = 1 << 14;
        /// `path_readlink`.
        const PATH_READLINK = 1 << 15;
        /// `path_rename` from here.
        const PATH_RENAME_SOURCE = 1 << 16;
        /// `path_rename` to here.
        const PATH_RENAME_TARGET = 1 << 17;
        /// `path_filestat_get`.
        const PATH_FILESTAT_GET = 1 << 18;
        /// `path_open` that cuts, for hosts that tell it from others; no descriptor has it.
        const PATH_FILESTAT_SET_SIZE = 1 << 19;
        /// `path_filestat_set_times`.
        const PATH_FILESTAT_SET_TIMES = 1 << 20;
        /// `fd_filestat_get`.
        const FD_FILESTAT_GET = 1 << 21;
        /// `fd_filestat_set_size`.
        const FD_FILESTAT_SET_SIZE = 1 << 22;
        /// `fd_filestat_set_times`.
        const FD_FILESTAT_SET_TIMES = 1 << 23;
        /// `path_symlink`.
        const PATH_SYMLINK = 1 << 24;
        /// `path_remove_directory`.
        const PATH_REMOVE_DIRECTORY = 1 << 25;
        /// `path_unlink_file`.
        const PATH_UNLINK_FILE = 1 << 26;
        /// `poll_oneoff`.
        const POLL_FD_READWRITE = 1 << 27;
        /// `sock_shutdown`.
        const SOCK_SHUTDOWN = 1 << 28;
        /// `sock_accept`.
        const SOCK_ACCEPT = 1 << 29;
    }
}

impl Rights {
    /// What a directory may have.
    pub(crate) const DIRECTORY: Rights = Rights::PATH_CREATE_DIRECTORY
        .union(Rights::PATH_CREATE_FILE)
        .union(Rights::PATH_LINK_SOURCE)
        .union(Rights::PATH_LINK_TARGET)
        .union(Rights::PATH_OPEN)
        .union(Rights::FD_READDIR)
        .union(Rights::PATH_READLINK)
        .union(Rights::PATH_RENAME_SOURCE)
        .union(Rights::PATH_RENAME_TARGET)
        .union(Rights::PATH_SYMLINK)
        .union(Rights::PATH_REMOVE_DIRECTORY)
        .union(Rights::PATH_UNLINK_FILE)
        .union(Rights::PATH_FILESTAT_GET)
        .union(Rights::PATH_FILESTAT_SET_TIMES)
        .union(Rights::FD_FILESTAT_GET)
        .union(Rights::FD_FILESTAT_SET_TIMES);

    /// What a file may have.
    pub(crate) const FILE: Rights = Rights::STREAM
        .union(Rights::FD_SEEK)
        .union(Rights::FD_TELL)
        .union(Rights::FD_ADVISE)
        .union(Rights::FD_ALLOCATE)
        .union(Rights::FD_FILESTAT_SET_SIZE);

    /// What a stream may have. To C libraries, a character device that cannot seek is a terminal.
    pub(crate) const STREAM: Rights = Rights::FD_READ
        .union(Rights::FD_WRITE)
        .union(Rights::FD_DATASYNC)
        .union(Rights::FD_SYNC)
        .union(Rights::FD_FDSTAT_SET_FLAGS)
        .union(Rights::FD_FILESTAT_GET)
        .union(Rights::FD_FILESTAT_SET_TIMES)
        .union(Rights::POLL_FD_READWRITE);

    /// What a socket may have.
    pub(crate) const SOCKET: Rights = Rights::STREAM.union(Rights::SOCK_SHUTDOWN).union(Rights::SOCK_ACCEPT);
}

bitflags! {
    /// How a descriptor reads and writes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FdFlags: u16 {
        /// Writes go to the end.
        const APPEND = 1 << 0;
        /// As [`SYNC`](FdFlags::SYNC), for what is needed to read the data back.
        const DSYNC = 1 << 1;
        /// A function fails instead of waiting.
        const NONBLOCK = 1 << 2;
        /// As [`SYNC`](FdFlags::SYNC), for reads.
        const RSYNC = 1 << 3;
        /// Writes reach the device before the function returns.
        const SYNC = 1 << 4;
    }

    /// How a path is opened.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct OFlags: u16 {
        const CREATE = 1 << 0;
        const DIRECTORY = 1 << 1;
        const EXCLUSIVE = 1 << 2;
        const TRUNCATE = 1 << 3;
    }

    /// How a path is looked up.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct LookupFlags: u32 {
        const SYMLINK_FOLLOW = 1 << 0;
    }

    /// Which times are set.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct TimeFlags: u16 {
        const ACCESS = 1 << 0;
        const ACCESS_NOW = 1 << 1;
        const MODIFY = 1 << 2;
        const MODIFY_NOW = 1 << 3;
    }

    /// How a socket receives.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct ReceiveFlags: u16 {
        const PEEK = 1 << 0;
        const WAIT_ALL = 1 << 1;
    }

    /// Which directions of a socket are shut down.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct ShutdownFlags: u8 {
        const READ = 1 << 0;
        const WRITE = 1 << 1;
    }
}

impl FdFlags {
    /// What can be changed after opening. How writes reach the device is decided then.
    pub(crate) const SETTABLE: FdFlags = FdFlags::APPEND.union(FdFlags::NONBLOCK);
}

/// The flags that a guest has passed. Bits that mean nothing are its mistake.
pub(crate) fn flags<F: bitflags::Flags>(bits: u32) -> Result<F>
where
    F::Bits: TryFrom<u32>,
{
    F::Bits::try_from(bits).ok().and_then(F::from_bits).ok_or(Errno::Inval)
}
