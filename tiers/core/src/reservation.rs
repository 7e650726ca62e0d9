//! Address space that is reserved as a whole, and gets memory as it is needed: of memories, tables and stacks.

use std::io;
use std::ptr;

/// A range of address space from mmap, accessible up to some point.
#[derive(Debug)]
pub struct Reservation {
    base: *mut u8,
    bytes: usize,
}

// SAFETY: the range is owned, as by a box.
unsafe impl Send for Reservation {}
// SAFETY: shared access has no effect.
unsafe impl Sync for Reservation {}

impl Reservation {
    /// Size of a page of the system.
    pub(crate) fn page_bytes() -> usize {
        // SAFETY: no preconditions.
        unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
    }

    /// Reserves `bytes` (rounded up to pages) of address space, not accessible.
    ///
    /// # Errors
    ///
    /// If the system has no such range.
    pub fn new(bytes: usize) -> io::Result<Reservation> {
        Reservation::map(bytes, libc::PROT_NONE)
    }

    /// Reserves `bytes` (rounded up to pages) of address space, all of it accessible and zeroed. Pages that are never touched take no
    /// memory.
    ///
    /// # Errors
    ///
    /// If the system has no such range.
    pub(crate) fn accessible(bytes: usize) -> io::Result<Reservation> {
        Reservation::map(bytes, libc::PROT_READ | libc::PROT_WRITE)
    }

    fn map(bytes: usize, protection: i32) -> io::Result<Reservation> {
        let bytes = bytes.max(1).checked_next_multiple_of(Reservation::page_bytes());
        let bytes = bytes.ok_or(io::ErrorKind::OutOfMemory)?;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a fresh anonymous mapping.
        let base = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Reservation { base: base.cast(), bytes })
    }

    /// Enlarges a range that is readable and writable as a whole, so that it has room for `bytes`. The range may move. The
    /// contents stay, and new bytes are zeroed. If possible, it reserves half as much again as it had, which makes repeated small growth
    /// cheap.
    ///
    /// # Errors
    ///
    /// If the system has no such range; the range is then unchanged.
    pub fn extend(&mut self, bytes: usize) -> io::Result<()> {
        if bytes <= self.bytes {
            return Ok(());
        }
        let generous = self.bytes.saturating_add(self.bytes / 2);
        if generous > bytes && self.resize(generous).is_ok() {
            return Ok(());
        }
        self.resize(bytes)
    }

    #[cfg(target_os = "linux")]
    fn resize(&mut self, bytes: usize) -> io::Result<()> {
        let bytes = bytes.checked_next_multiple_of(Reservation::page_bytes()).ok_or(io::ErrorKind::OutOfMemory)?;
        // SAFETY: our own mapping, all of one kind; borrowed exclusively, so that nobody has a reference to what is in it.
        let base = unsafe { libc::mremap(self.base.cast(), self.bytes, bytes, libc::MREMAP_MAYMOVE) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        (self.base, self.bytes) = (base.cast(), bytes);
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn resize(&mut self, bytes: usize) -> io::Result<()> {
        let larger = Reservation::accessible(bytes)?;
        // SAFETY: both are accessible as a whole, and the new one is larger.
        unsafe { ptr::copy_nonoverlapping(self.base, larger.base, self.bytes) };
        *self = larger;
        Ok(())
    }

    /// Makes the first `bytes` accessible; newly accessible bytes are zero.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    ///
    /// # Panics
    ///
    /// If that is more than was reserved.
    pub fn commit(&mut self, bytes: usize) -> io::Result<()> {
        self.commit_from(0, bytes)
    }

    /// Makes `bytes` from `start`, a multiple of the page size, accessible; newly accessible bytes are zero.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    ///
    /// # Panics
    ///
    /// If that is more than was reserved.
    pub(crate) fn commit_from(&mut self, start: usize, bytes: usize) -> io::Result<()> {
        assert!(start.checked_add(bytes).is_some_and(|end| end <= self.bytes));
        if bytes == 0 {
            return Ok(());
        }
        // SAFETY: within our own mapping.
        let result = unsafe { libc::mprotect(self.base.add(start).cast(), bytes, libc::PROT_READ | libc::PROT_WRITE) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Returns the memory of `bytes` from `start`, both multiples of the page size, to the system: the next access finds zeros.
    ///
    /// # Panics
    ///
    /// If that is more than was reserved.
    pub fn discard(&mut self, start: usize, bytes: usize) {
        assert!(start.checked_add(bytes).is_some_and(|end| end <= self.bytes));
        // SAFETY: within our own mapping; nobody has a reference to what is in it. If it fails, the memory stays as it is.
        unsafe { libc::madvise(self.base.add(start).cast(), bytes, libc::MADV_DONTNEED) };
    }

    /// The first byte.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// How many bytes are reserved.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: our own mapping, which nobody uses any more.
        unsafe { libc::munmap(self.base.cast(), self.bytes) };
    }
}
