//! Memory for machine code, never writable and executable at the same address.
//!
//! All code lies in one *zone* of address space, so that a fault handler can tell by
//! two comparisons whether an address is code. A [`CodeMemory`] takes a range of
//! the zone and backs it with shared memory that is mapped twice: executable in the zone, and
//! writable elsewhere. New code is written through the second mapping while other
//! threads run what is there already; nothing is ever remapped for that, and on x86-64
//! what was never executed before needs no flush.
//!
//! Dropping a `CodeMemory` returns its memory to the system and its range to the zone.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::code_map;
use super::links::Words;

/// Address space reserved for code, in bytes: the first of these that the system has. Some limit it, and so do
/// tools that run the process in theirs.
const ZONE_BYTES: [usize; 3] = [64 << 30, 8 << 30, 1 << 30];

/// The largest memory: within reach of 32-bit displacements.
pub const MAX_BYTES: usize = 1 << 30;

const PAGE: usize = 4096;

/// Processors fetch code in aligned blocks of as many bytes.
const ALIGN: usize = 32;

/// The address space for code.
struct Zone {
    range: Range<usize>,
    /// Free ranges: length by start.
    free: Mutex<BTreeMap<usize, usize>>,
}

static ZONE: OnceLock<io::Result<Zone>> = OnceLock::new();

/// Whether `pc` can be machine code that a tier made.
#[inline]
pub fn is_code(pc: usize) -> bool {
    matches!(ZONE.get(), Some(Ok(zone)) if zone.range.contains(&pc))
}

fn map(address: usize, len: usize, protection: i32, flags: i32) -> io::Result<usize> {
    // SAFETY: a new mapping; with MAP_FIXED, over a range of the zone that is the caller's.
    let base = unsafe { libc::mmap(ptr::without_provenance_mut(address), len, protection, flags, -1, 0) };
    if base == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(base.addr()) }
}

/// Memory that can be mapped twice. `perf` takes it for what a map of names is about, as it would not a file of memory.
const SHARED: i32 = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

const RESERVED: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

impl Zone {
    fn get() -> io::Result<&'static Zone> {
        let zone = ZONE.get_or_init(|| {
            let reserve = |bytes| map(0, bytes, libc::PROT_NONE, RESERVED).map(|start| (start, bytes));
            let [most, less, least] = ZONE_BYTES;
            let (start, bytes) = reserve(most).or_else(|_| reserve(less)).or_else(|_| reserve(least))?;
            let free = BTreeMap::from([(start, bytes)]);
            Ok(Zone { range: start..start + bytes, free: Mutex::new(free) })
        });
        zone.as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))
    }

    fn take(&self, len: usize) -> io::Result<usize> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let found =
            free.iter().find(|&(_, &available)| available >= len).map(|(&start, &available)| (start, available));
        let (start, available) = found.ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        free.remove(&start);
        if available > len {
            free.insert(start + len, available - len);
        }
        Ok(start)
    }

    fn give_back(&self, mut start: usize, mut len: usize) {
        // What was mapped there goes; if the system refuses, the range is not used again.
        if map(start, len, libc::PROT_NONE, RESERVED | libc::MAP_FIXED).is_err() {
            return;
        }
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(after) = free.remove(&(start + len)) {
            len += after;
        }
        if let Some((&before, &before_len)) = free.range(..start).next_back()
            && before + before_len == start
        {
            free.remove(&before);
            (start, len) = (before, before_len + len);
        }
        free.insert(start, len);
    }
}

/// A range of the zone, given back when dropped.
#[derive(Debug)]
struct ZoneRange {
    start: usize,
    len: usize,
}

impl Drop for ZoneRange {
    fn drop(&mut self) {
        if let Ok(zone) = Zone::get() {
            zone.give_back(self.start, self.len);
        }
    }
}

/// A mapping through which code is written, unmapped when dropped.
#[derive(Debug)]
struct Alias {
    base: *mut u8,
    len: usize,
}

impl Drop for Alias {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and no reference into it outlives its memory.
        unsafe { libc::munmap(self.base.cast(), self.len) };
    }
}

/// A range of memory for machine code.
#[derive(Debug)]
pub struct CodeMemory {
    code: ZoneRange,
    alias: Alias,
    used: Mutex<usize>,
}

// SAFETY: the alias is written at ranges that `allocate` gave to one caller each.
unsafe impl Send for CodeMemory {}
// SAFETY: as above.
unsafe impl Sync for CodeMemory {}

impl CodeMemory {
    /// Room for at least `bytes` bytes of code, up to [`MAX_BYTES`]. Memory is taken as it is written.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it.
    pub fn new(bytes: usize) -> io::Result<CodeMemory> {
        let len = bytes.clamp(PAGE, MAX_BYTES).next_multiple_of(PAGE);
        let base = map(0, len, libc::PROT_READ | libc::PROT_WRITE, SHARED)?;
        let alias = Alias { base: ptr::with_exposed_provenance_mut(base), len };
        let code = ZoneRange { start: Zone::get()?.take(len)?, len };
        // Of a shared mapping, a part of no bytes is "moved" by mapping all of it once more.
        let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
        let address = ptr::without_provenance_mut::<libc::c_void>(code.start);
        // SAFETY: the first mapping is ours and stays; the range of the zone is ours, too.
        let mapped = unsafe { libc::mremap(alias.base.cast(), 0, len, flags, address) };
        // SAFETY: the range is ours.
        if mapped == libc::MAP_FAILED || unsafe { libc::mprotect(mapped, len, libc::PROT_READ | libc::PROT_EXEC) } != 0
        {
            return Err(io::Error::last_os_error());
        }
        Ok(CodeMemory { code, alias, used: Mutex::new(0) })
    }

    /// The address at which code at `offset` is executed.
    pub fn address(&self, offset: usize) -> usize {
        self.code.start + offset
    }

    /// Size in bytes, used or not.
    pub fn capacity(&self) -> usize {
        self.code.len
    }

    /// Bytes that are used.
    pub fn used(&self) -> usize {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for `len` bytes at a multiple of `ALIGN`, as an offset; `None` if there is none left.
    pub fn allocate(&self, len: usize) -> Option<usize> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let start = *used;
        let end = start.checked_add(len)?.checked_next_multiple_of(ALIGN)?;
        if end > self.code.len {
            return None;
        }
        *used = end;
        Some(start)
    }

    /// Room for `len` bytes at an address that is a multiple of `align`, as an offset; `None` if there is none left.
    pub fn allocate_aligned(&self, len: usize, align: usize) -> Option<usize> {
        let room = self.allocate(len.checked_add(align)?)?;
        Some(room + self.address(room).next_multiple_of(align) - self.address(room))
    }

    /// Writes code that nobody executes yet.
    ///
    /// # Panics
    ///
    /// If it does not fit.
    ///
    /// # Safety
    ///
    /// The caller allocated the range, and nobody else writes to it at the same time.
    pub unsafe fn write(&self, offset: usize, code: &[u8]) {
        assert!(offset.checked_add(code.len()).is_some_and(|end| end <= self.code.len), "code lies within its memory");
        // SAFETY: within the mapping; the range is the caller's.
        unsafe { ptr::copy_nonoverlapping(code.as_ptr(), self.alias.base.add(offset), code.len()) };
    }

    /// The 64-bit word at `offset`, which running code reads.
    ///
    /// # Panics
    ///
    /// If it is not in the memory, or not aligned.
    pub fn word(&self, offset: usize) -> &std::sync::atomic::AtomicU64 {
        assert!(offset.is_multiple_of(8) && offset + 8 <= self.code.len, "a word lies within its memory");
        // SAFETY: mapped, aligned, and only ever used through this method.
        unsafe { std::sync::atomic::AtomicU64::from_ptr(self.alias.base.add(offset).cast()) }
    }
}

impl Words for CodeMemory {
    fn address(&self, place: usize) -> usize {
        CodeMemory::address(self, place)
    }

    fn load(&self, place: usize) -> u64 {
        self.word(place).load(Ordering::Relaxed)
    }

    fn store(&self, place: usize, word: u64) {
        self.word(place).store(word, Ordering::Release);
    }
}

impl Drop for CodeMemory {
    fn drop(&mut self) {
        code_map::remove(self.code.start..self.code.start + self.code.len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_executed_where_it_cannot_be_written() {
        let memory = CodeMemory::new(1).unwrap();
        let at = memory.allocate(6).unwrap();
        // mov eax, 42; ret
        // SAFETY: just allocated.
        unsafe { memory.write(at, &[0xb8, 42, 0, 0, 0, 0xc3]) };
        assert!(is_code(memory.address(at)));
        // SAFETY: the code is that of such a function.
        let function: extern "C" fn() -> u32 = unsafe { std::mem::transmute(memory.address(at)) };
        assert_eq!(function(), 42);
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        assert!(!maps.lines().any(|line| line.contains("rwx")), "{maps}");
    }

    #[test]
    fn memory_that_is_dropped_is_used_again() {
        let first = CodeMemory::new(3 * PAGE).unwrap();
        let start = first.address(0);
        assert!(first.allocate(3 * PAGE + 1).is_none());
        drop(first);
        // Other tests may take the range meanwhile; the zone must not run out in any case.
        for _ in 0..1000 {
            let memory = CodeMemory::new(MAX_BYTES).unwrap();
            assert!(is_code(memory.address(0)));
        }
        assert!(is_code(start));
    }

    #[test]
    fn allocations_are_apart_and_aligned() {
        let memory = CodeMemory::new(PAGE).unwrap();
        let (a, b) = (memory.allocate(5).unwrap(), memory.allocate(40).unwrap());
        assert_eq!((a % ALIGN, b % ALIGN), (0, 0));
        assert!(b >= a + 5);
        assert_eq!(memory.used(), b + 64);
        assert!(memory.allocate(PAGE).is_none());
    }
}
