//! A guest's WASI state as bytes, for a guest that was stopped and goes on elsewhere.
//!
//! [`WasiCtx::snapshot`] lists what a guest has: arguments, environment, clocks, random numbers, and its descriptors. A file of the host's
//! is recorded by its path in a preopened directory, with flags, rights and offset; a file in memory as well, and the whole file system
//! with it. [`WasiSnapshot::restore`] gives that to a new context, which has the directories that the embedder gives: the files are opened
//! again beneath these, by the rules that hold for any path of the guest's.
//!
//! * `save.rs`, `restore.rs`: from a context, and to one
//! * `bytes.rs`: bytes; the book specifies them (`docs/src/snapshot-format.md`)
//! * `error.rs`: what cannot be stored, and what cannot be restored
//!
//! # Who is trusted
//!
//! Nobody who wrote the bytes. They name no path of the host. What a restored guest can reach, the directories of the new context decide;
//! descriptors have at most the rights that the guest could get by opening the same path.

mod bytes;
mod error;
mod restore;
mod save;

use crate::WasiCtxBuilder;
use crate::file::Entry;
use crate::flags::{FdFlags, Rights};
use crate::layout::FileType;
use crate::memory_fs::Tree;

pub use error::{FilePlace, WasiSnapshotError};

/// A guest's WASI state ([`WasiCtx::snapshot`](crate::WasiCtx::snapshot)).
///
/// ```
/// use riser_wasi::{DirPerms, FilePerms, MemoryFs, WasiCtxBuilder, WasiSnapshot};
///
/// let with_files = |mut builder: WasiCtxBuilder, fs: &MemoryFs| {
///     builder.preopened_memory_fs(fs, "/", DirPerms::all(), FilePerms::all()).build()
/// };
/// let fs = MemoryFs::new(1 << 20);
/// fs.write("notes", "to be kept")?;
/// let mut builder = WasiCtxBuilder::new();
/// builder.arg("program").random_seed(7);
/// let bytes = with_files(builder, &fs).snapshot()?.to_bytes();
///
/// // Elsewhere:
/// let snapshot = WasiSnapshot::from_bytes(&bytes)?;
/// let fs = MemoryFs::new(1 << 20);
/// let ctx = with_files(snapshot.builder(), &fs);
/// snapshot.restore(&ctx)?;
/// assert_eq!((ctx.args(), fs.read("notes")?), (&["program".to_owned()][..], b"to be kept".to_vec()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasiSnapshot {
    args: Vec<String>,
    env: Vec<(String, String)>,
    clocks: SavedClocks,
    random: SavedRandom,
    directories: Vec<SavedDirectory>,
    descriptors: Vec<SavedDescriptor>,
    trees: Vec<Tree>,
}

/// A guest's clocks in a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedClocks {
    /// The host's, or the embedder's.
    Real {
        /// The time on the guest's monotonic clock, in nanoseconds. It goes on from there.
        monotonic: u64,
    },
    /// See [`WasiCtxBuilder::deterministic_clocks`].
    Deterministic {
        /// The time, in nanoseconds since 1970.
        now: u64,
        /// What a reading adds to it.
        step: u64,
    },
}

/// A guest's random bytes in a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedRandom {
    /// The system's.
    System,
    /// See [`WasiCtxBuilder::random_seed`]: a sequence with this seed goes on where the guest's was.
    Seeded(u64),
    /// The embedder's.
    Own,
}

/// A directory that a guest was given, in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedDirectory {
    /// The guest's name for it.
    pub name: String,
    /// For a directory in memory, the number of its file system among those of the snapshot.
    tree: Option<u32>,
}

impl SavedDirectory {
    /// Whether it is one in memory, whose files are in the snapshot.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.tree.is_some()
    }
}

/// A descriptor in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedDescriptor {
    /// Its number.
    pub number: u32,
    /// How it reads and writes.
    pub flags: FdFlags,
    /// What may be done with it.
    pub rights_base: Rights,
    /// What may be done with what is opened beneath it.
    pub rights_inheriting: Rights,
    /// What it leads to.
    pub target: SavedTarget,
    /// The entries that `fd_readdir` is in the middle of.
    listing: Option<Vec<Entry>>,
}

/// What a descriptor leads to, in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedTarget {
    /// Standard input.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// A directory that the guest was given: its number among [`WasiSnapshot::directories`].
    Directory(u32),
    /// What the guest has opened.
    Opened {
        /// The number of the directory among [`WasiSnapshot::directories`].
        directory: u32,
        /// The path in it.
        path: String,
        /// What is there.
        file_type: FileType,
        /// The position; 0 for what has none.
        offset: u64,
        /// The size.
        size: u64,
    },
}

impl WasiSnapshot {
    /// By convention, the name of the section of a snapshot of a program that has these bytes.
    pub const SECTION: &str = "wasi-preview1";

    /// The arguments.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// Gives the guest other arguments. One that has read its own already does not notice.
    pub fn set_args(&mut self, args: Vec<String>) {
        self.args = args;
    }

    /// The environment variables, names and values.
    #[must_use]
    pub fn env(&self) -> &[(String, String)] {
        &self.env
    }

    /// The clocks.
    #[must_use]
    pub fn clocks(&self) -> SavedClocks {
        self.clocks
    }

    /// The random bytes.
    #[must_use]
    pub fn random(&self) -> SavedRandom {
        self.random
    }

    /// The directories that the guest was given, in their order.
    #[must_use]
    pub fn directories(&self) -> &[SavedDirectory] {
        &self.directories
    }

    /// The descriptors, by their numbers. A number that is not there is closed.
    #[must_use]
    pub fn descriptors(&self) -> &[SavedDescriptor] {
        &self.descriptors
    }

    /// A builder of a context for the guest: with its arguments, its environment and, if they were deterministic, clocks and random
    /// numbers of the same kind. Streams and directories are the embedder's to add.
    #[must_use]
    pub fn builder(&self) -> WasiCtxBuilder {
        let mut builder = WasiCtxBuilder::new();
        builder.args(&self.args).envs(&self.env);
        if let SavedClocks::Deterministic { now, step } = self.clocks {
            builder.deterministic_clocks(now, step);
        }
        if let SavedRandom::Seeded(seed) = self.random {
            builder.random_seed(seed);
        }
        builder
    }
}
