//! Why there is no snapshot of a guest's WASI state, or why one cannot be used.

use std::fmt;

use crate::errno::Errno;

/// What a guest has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// The descriptor's number.
    pub descriptor: u32,
    /// The guest's name for the directory that it was given.
    pub directory: String,
    /// The path in it.
    pub path: String,
}

/// Why there is no snapshot of a guest's WASI state, or why one cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WasiSnapshotError {
    /// The descriptor with this number is a socket, which cannot be stored.
    Socket(u32),
    /// A pipe, a socket or something else that is not in the file system cannot be stored.
    NoFile(FilePlace),
    /// What the guest has open is not at its path any more: it was removed, renamed or replaced.
    Gone(FilePlace),
    /// The guest was given two directories of this name, so the name does not say which one a file is in.
    SameName(String),
    /// The bytes are not those of a snapshot.
    Malformed {
        /// Where, from the start of the bytes.
        at: usize,
        /// Why.
        why: String,
    },
    /// The guest had a directory of this name, and is given none.
    NoDirectory(String),
    /// The guest's directory of this name was in memory, and the one that it is given is not.
    NotInMemory(String),
    /// The file system in memory of the directory with this name has no room.
    NoRoom(String),
    /// The file cannot be opened again.
    CannotOpen {
        /// Which one.
        place: FilePlace,
        /// Why.
        why: String,
    },
    /// The file is shorter than it was, and ends before the guest's position in it.
    Shorter {
        /// Which one.
        place: FilePlace,
        /// The guest's position.
        offset: u64,
        /// The size of the file.
        size: u64,
    },
    /// The descriptor with this number would have rights or flags that it cannot have.
    Rights(u32),
    /// The descriptor has a number that the context does not allow.
    TooMany(u32),
    /// A guest has used the context already, and has closed a standard stream.
    Used,
    /// The guest's clocks were deterministic, and those of the context are of another kind or have another step; or the other way round.
    Clocks,
    /// The guest's random bytes were determined by a seed, and those of the context are not.
    Random,
}

impl WasiSnapshotError {
    pub(super) fn cannot_open(place: FilePlace, errno: Errno) -> WasiSnapshotError {
        let why = match errno {
            Errno::NoEnt => "there is no such file".to_owned(),
            Errno::Perm => "it leads out of the directory, or is not permitted".to_owned(),
            Errno::Access => "access is denied".to_owned(),
            Errno::NotDir => "it is no directory, or beneath none".to_owned(),
            Errno::IsDir => "it is a directory".to_owned(),
            Errno::Loop => "it is a link, or beneath too many".to_owned(),
            other => format!("{other:?}"),
        };
        WasiSnapshotError::CannotOpen { place, why }
    }
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FilePlace { descriptor, directory, path } = self;
        write!(f, "`{}` in its directory `{}` (descriptor {descriptor})", path.escape_debug(), directory.escape_debug())
    }
}

impl fmt::Display for WasiSnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WasiSnapshotError::Socket(number) => {
                write!(f, "the guest has a socket (descriptor {number}), which a snapshot cannot contain")
            }
            WasiSnapshotError::NoFile(place) => {
                write!(f, "the guest has {place} open, a pipe or something else that a snapshot cannot contain")
            }
            WasiSnapshotError::Gone(place) => write!(
                f,
                "the guest has {place} open, which is not there any more: it was removed, renamed or replaced, so a snapshot \
                 cannot contain it"
            ),
            WasiSnapshotError::SameName(name) => write!(
                f,
                "the guest was given two directories `{}`, so a snapshot cannot say in which of them a file is open",
                name.escape_debug()
            ),
            WasiSnapshotError::Malformed { at, why } => write!(f, "malformed WASI state: {why} (at byte {at:#x})"),
            WasiSnapshotError::NoDirectory(name) => {
                write!(f, "the guest had a directory `{}`, and is given none of this name", name.escape_debug())
            }
            WasiSnapshotError::NotInMemory(name) => {
                let name = name.escape_debug();
                write!(f, "the guest's directory `{name}` was in memory, and the one that it is given is not")
            }
            WasiSnapshotError::NoRoom(name) => {
                write!(f, "there is no room for the files of the guest's directory `{}` in memory", name.escape_debug())
            }
            WasiSnapshotError::CannotOpen { place, why } => {
                write!(f, "the guest had {place} open, which cannot be opened again: {why}")
            }
            WasiSnapshotError::Shorter { place, offset, size } => write!(
                f,
                "the guest had {place} open, which is shorter than it was: the guest is at byte {offset}, and there are {size}"
            ),
            WasiSnapshotError::Rights(number) => {
                write!(f, "descriptor {number} would have rights or flags that the guest cannot have")
            }
            WasiSnapshotError::TooMany(number) => {
                write!(f, "descriptor {number} is beyond those that the guest may have")
            }
            WasiSnapshotError::Used => f.write_str("another guest has used the context already"),
            WasiSnapshotError::Clocks => f.write_str("the guest's clocks were of another kind"),
            WasiSnapshotError::Random => {
                f.write_str("the guest's random bytes were determined by a seed, and those that it is given are not")
            }
        }
    }
}

impl std::error::Error for WasiSnapshotError {}
