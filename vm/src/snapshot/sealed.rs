//! Memories of a snapshot that is restored many times: restored ones share pages with each other until they write them.
//!
//! The bytes are in a file without a name, which is sealed: nobody can write it, shorten it or lengthen it any more, so that no guest sees
//! a change, and no access faults. A restored memory is a private mapping of it. Pages that are written become the memory's own.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::fs::FileExt as _;
use std::ptr;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};

use super::{MemoryImage, Snapshot};

/// The memories of a snapshot, if they are sealed. Snapshots are the same with them and without.
#[derive(Clone, Debug, Default)]
pub(super) struct Sealed(Vec<SealedMemory>);

impl PartialEq for Sealed {
    fn eq(&self, _other: &Sealed) -> bool {
        true
    }
}

impl Eq for Sealed {}

impl Sealed {
    /// A memory of the snapshot.
    pub(super) fn memory(&self, index: usize) -> Option<&SealedMemory> {
        self.0.get(index)
    }
}

impl Snapshot {
    /// Makes the snapshot's memories, of at most `most_bytes` together, ready to be shared by what is restored from it, for one that is
    /// restored many times: restoring a memory then takes no time that depends on its size, and pages take room once until they are written.
    ///
    /// Memories are shared on Linux, in engines whose memories have guard pages ([`crate::Config::bounds`]), if the module does not import
    /// them; others are copied as before. What is shared is a copy in a sealed file without a name, on which neither the snapshot's file nor
    /// any guest has an influence.
    ///
    /// # Errors
    ///
    /// If the memories are larger, or the system has no room for them; if they are damaged.
    pub fn seal(&mut self, most_bytes: u64) -> Result<()> {
        let sizes = self.memories.iter().map(|memory| memory.len_bytes);
        let total = sizes.fold(0_u64, u64::saturating_add);
        ensure!(total <= most_bytes, "the snapshot's memories have {total} bytes, and {most_bytes} are allowed");
        if cfg!(target_os = "linux") {
            let sealed = self.memories.iter().map(SealedMemory::new).collect::<Result<_>>();
            self.sealed = Sealed(sealed.context("cannot make the memories of the snapshot ready to be shared")?);
        }
        Ok(())
    }
}

/// The bytes of a memory, in a sealed file.
#[derive(Clone, Debug)]
pub(super) struct SealedMemory {
    file: Arc<File>,
    len: usize,
}

impl SealedMemory {
    #[cfg(target_os = "linux")]
    fn new(image: &MemoryImage) -> Result<SealedMemory> {
        const SEALS: i32 = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_WRITE | libc::F_SEAL_SEAL;
        // SAFETY: the name is a string of C's; the descriptor is new, and nobody else has it.
        let file = unsafe {
            let fd = libc::memfd_create(c"wasm memory".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING);
            if fd < 0 {
                return Err(io::Error::last_os_error().into());
            }
            File::from(OwnedFd::from_raw_fd(fd))
        };
        file.set_len(image.len_bytes)?;
        for block in &image.blocks {
            file.write_all_at(&block.bytes()?, block.start)?;
        }
        // SAFETY: the call touches no memory of ours.
        if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, SEALS) } != 0 {
            return Err(io::Error::last_os_error().into());
        }
        Ok(SealedMemory { file: Arc::new(file), len: usize::try_from(image.len_bytes)? })
    }

    #[cfg(not(target_os = "linux"))]
    fn new(_image: &MemoryImage) -> Result<SealedMemory> {
        Err(io::Error::from(io::ErrorKind::Unsupported).into())
    }

    /// The size in bytes.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts a private mapping of the bytes in the place of as many bytes from `base` on.
    ///
    /// # Safety
    ///
    /// These bytes are accessible ones of a mapping of the caller's, from the start of a page to the end of one, and nobody has a reference
    /// to them.
    pub(super) unsafe fn map_over(&self, base: *mut u8) {
        if self.len == 0 {
            return;
        }
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_FIXED | libc::MAP_NORESERVE);
        // SAFETY: by the contract of this function, the bytes may be replaced. The file is as long and stays so.
        let mapped = unsafe { libc::mmap(base.cast(), self.len, protection, flags, self.file.as_raw_fd(), 0) };
        if ptr::eq(mapped, libc::MAP_FAILED) {
            // The old mapping may be gone, and something else may be put there at any time.
            std::process::abort();
        }
    }
}
