//! The structures that pass through a guest's memory, and in what they differ between the two versions of the interface.

use crate::errno::{Errno, Result};
use crate::flags::{FdFlags, Rights};

/// A version of the interface: the same functions, with other structures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `wasi_unstable`, preview 0.
    Unstable,
    /// `wasi_snapshot_preview1`.
    Preview1,
}

/// What a descriptor or an entry of a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileType {
    /// Something else, a pipe too.
    Unknown = 0,
    /// A block device.
    BlockDevice = 1,
    /// A character device, such as a terminal.
    CharacterDevice = 2,
    /// A directory.
    Directory = 3,
    /// A regular file.
    RegularFile = 4,
    /// A socket of datagrams.
    SocketDgram = 5,
    /// A socket of a stream.
    SocketStream = 6,
    /// A symbolic link.
    SymbolicLink = 7,
}

impl FileType {
    /// The type with a number.
    pub(crate) fn from_code(code: u8) -> Option<FileType> {
        const ALL: [FileType; 8] = [
            FileType::Unknown,
            FileType::BlockDevice,
            FileType::CharacterDevice,
            FileType::Directory,
            FileType::RegularFile,
            FileType::SocketDgram,
            FileType::SocketStream,
            FileType::SymbolicLink,
        ];
        ALL.get(usize::from(code)).copied()
    }

    /// Whether a path leads to the same as before when something of this type is opened by it again.
    pub(crate) fn can_be_opened_again(self) -> bool {
        match self {
            FileType::BlockDevice | FileType::CharacterDevice | FileType::Directory | FileType::RegularFile => true,
            FileType::Unknown | FileType::SocketDgram | FileType::SocketStream | FileType::SymbolicLink => false,
        }
    }
}

/// Attributes of a file. Times are in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) ty: FileType,
    pub(crate) links: u64,
    pub(crate) size: u64,
    pub(crate) accessed: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
}

impl Stat {
    /// The attributes of something that has none but its type.
    pub(crate) fn of_type(ty: FileType) -> Stat {
        Stat { device: 0, inode: 0, ty, links: 0, size: 0, accessed: 0, modified: 0, changed: 0 }
    }

    /// As `filestat`.
    pub(crate) fn bytes(&self, version: Version) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        put(&mut bytes, &[self.device, self.inode, self.ty as u64]);
        match version {
            // A 32-bit number of links beside the type.
            Version::Unstable => {
                bytes[20..24].copy_from_slice(&u32::try_from(self.links).unwrap_or(u32::MAX).to_le_bytes());
            }
            Version::Preview1 => put(&mut bytes, &[self.links]),
        }
        put(&mut bytes, &[self.size, self.accessed, self.modified, self.changed]);
        bytes
    }

    /// The size of `filestat`.
    pub(crate) fn size(version: Version) -> usize {
        match version {
            Version::Unstable => 56,
            Version::Preview1 => 64,
        }
    }
}

/// A descriptor's state, as `fdstat`.
pub(crate) fn fdstat(ty: FileType, flags: FdFlags, base: Rights, inheriting: Rights) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FDSTAT);
    put(&mut bytes, &[u64::from(flags.bits()) << 16 | ty as u64, base.bits(), inheriting.bits()]);
    bytes
}

/// The size of `fdstat`.
pub(crate) const FDSTAT: usize = 24;

/// The head of an entry that `fd_readdir` lists; its name follows.
pub(crate) fn dirent(next: u64, inode: u64, name_len: usize, ty: FileType) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(24);
    put(&mut bytes, &[next, inode, (ty as u64) << 32 | name_len as u64]);
    bytes
}

/// What a guest waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// What the event is to say.
    pub(crate) userdata: u64,
    pub(crate) what: Wait,
}

/// Something to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// A time on a clock, or from now on.
    Clock { id: u32, timeout: u64, absolute: bool },
    /// Something to read from a descriptor.
    Read(u32),
    /// Room to write to a descriptor.
    Write(u32),
}

impl Subscription {
    /// The size of `subscription`.
    pub(crate) fn size(version: Version) -> usize {
        match version {
            Version::Unstable => 56,
            Version::Preview1 => 48,
        }
    }

    /// From the bytes of `subscription`.
    pub(crate) fn parse(bytes: &[u8], version: Version) -> Result<Subscription> {
        let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
        let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
        // A clock's subscription begins with a number of its own in the older version.
        let clock = match version {
            Version::Unstable => 24,
            Version::Preview1 => 16,
        };
        let what = match bytes[8] {
            0 => match u32_at(clock + 24) as u16 {
                flags @ 0..=1 => Wait::Clock { id: u32_at(clock), timeout: u64_at(clock + 8), absolute: flags == 1 },
                _ => return Err(Errno::Inval),
            },
            1 => Wait::Read(u32_at(16)),
            2 => Wait::Write(u32_at(16)),
            _ => return Err(Errno::Inval),
        };
        Ok(Subscription { userdata: u64_at(0), what })
    }
}

/// The size of `event`, in both versions.
pub(crate) const EVENT: usize = 32;

/// What has happened, as `event`.
pub(crate) fn event(subscription: &Subscription, error: Option<Errno>, bytes_ready: u64, hangup: bool) -> Vec<u8> {
    let kind: u64 = match subscription.what {
        Wait::Clock { .. } => 0,
        Wait::Read(_) => 1,
        Wait::Write(_) => 2,
    };
    let error = error.map_or(0, |errno| errno as u64);
    let mut bytes = Vec::with_capacity(EVENT);
    put(&mut bytes, &[subscription.userdata, kind << 16 | error, bytes_ready, u64::from(hangup)]);
    bytes
}

/// Where a seek starts from.
pub(crate) fn seek_from(whence: u32, offset: i64, version: Version) -> Result<std::io::SeekFrom> {
    use std::io::SeekFrom;
    let [start, current, end] = match version {
        Version::Unstable => [2, 0, 1],
        Version::Preview1 => [0, 1, 2],
    };
    match whence {
        it if it == start => Ok(SeekFrom::Start(offset.try_into().map_err(|_| Errno::Inval)?)),
        it if it == current => Ok(SeekFrom::Current(offset)),
        it if it == end => Ok(SeekFrom::End(offset)),
        _ => Err(Errno::Inval),
    }
}

fn put(bytes: &mut Vec<u8>, words: &[u64]) {
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_have_their_sizes_and_offsets() {
        let mut stat = Stat::of_type(FileType::RegularFile);
        (stat.links, stat.size, stat.changed) = (3, 77, 99);
        for (version, links, size, changed) in [(Version::Unstable, 20, 24, 48), (Version::Preview1, 24, 32, 56)] {
            let bytes = stat.bytes(version);
            assert_eq!(bytes.len(), Stat::size(version));
            assert_eq!((bytes[16], bytes[links], bytes[size], bytes[changed]), (4, 3, 77, 99));
        }
        let bytes = fdstat(FileType::Directory, FdFlags::NONBLOCK, Rights::FD_READ, Rights::FD_WRITE);
        assert_eq!((bytes.len(), bytes[0], bytes[2], bytes[8], bytes[16]), (FDSTAT, 3, 4, 2, 64));
        let bytes = dirent(1, 2, 3, FileType::SymbolicLink);
        assert_eq!((bytes.len(), bytes[0], bytes[8], bytes[16], bytes[20]), (24, 1, 2, 3, 7));
        let of = Subscription { userdata: 5, what: Wait::Write(1) };
        let bytes = event(&of, Some(Errno::BadF), 6, true);
        assert_eq!((bytes.len(), bytes[0], bytes[8], bytes[10], bytes[16], bytes[24]), (EVENT, 5, 8, 2, 6, 1));
    }

    #[test]
    fn clocks_are_subscribed_to_in_both_versions() {
        for (version, clock) in [(Version::Unstable, 24), (Version::Preview1, 16)] {
            let mut bytes = vec![0; Subscription::size(version)];
            (bytes[0], bytes[clock], bytes[clock + 8], bytes[clock + 24]) = (9, 1, 50, 1);
            let what = Wait::Clock { id: 1, timeout: 50, absolute: true };
            assert_eq!(Subscription::parse(&bytes, version), Ok(Subscription { userdata: 9, what }));
            bytes[clock + 24] = 2;
            assert_eq!(Subscription::parse(&bytes, version), Err(Errno::Inval));
            (bytes[8], bytes[16]) = (1, 4);
            assert_eq!(Subscription::parse(&bytes, version).unwrap().what, Wait::Read(4));
            bytes[8] = 3;
            assert_eq!(Subscription::parse(&bytes, version), Err(Errno::Inval));
        }
    }

    #[test]
    fn the_versions_number_whence_differently() {
        use std::io::SeekFrom::{Current, End, Start};
        for (version, expected) in
            [(Version::Preview1, [Start(1), Current(1), End(1)]), (Version::Unstable, [Current(1), End(1), Start(1)])]
        {
            for (whence, expected) in (0..).zip(expected) {
                assert_eq!(seek_from(whence, 1, version), Ok(expected));
            }
            assert_eq!(seek_from(3, 1, version), Err(Errno::Inval));
        }
        assert_eq!(seek_from(0, -1, Version::Preview1), Err(Errno::Inval));
    }
}
