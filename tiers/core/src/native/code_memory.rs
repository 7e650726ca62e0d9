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
//!
//! After a fork, parent and child run the same pages. Whichever of them is about to write makes a copy first, and puts it in their
//! place: nobody writes to the pages that both have.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLockReadGuard};

use super::code_map;
use super::links::Words;
use crate::fork;

/// Address space reserved for code, in bytes: the first of these that the system has. Some limit it, and so do
/// tools that run the process in theirs.
const ZONE_BYTES: [usize; 3] = [64 << 30, 8 << 30, 1 << 30];

/// The largest memory: all of it is within reach of 32-bit displacements from anywhere in it.
pub const MAX_BYTES: usize = (1 << 31) - PAGE;

/// Address space that is set aside for the code that functions may become, at most.
const MAX_EXPECTED_BYTES: usize = 1 << 30;

const PAGE: usize = 4096;

/// Processors predict branches by lines of code of as many bytes ([`crate::begin_at_cache_line`]).
pub const CODE_ALIGN: usize = 64;

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

/// Keeps others from taking and giving back ranges of the zone.
pub(crate) struct HeldZone {
    _free: MutexGuard<'static, BTreeMap<usize, usize>>,
}

/// Keeps others from taking and giving back ranges of the zone until it is dropped, if there is a zone.
pub(crate) fn hold_zone() -> Option<HeldZone> {
    let Some(Ok(zone)) = ZONE.get() else { return None };
    Some(HeldZone { _free: zone.free.lock().unwrap_or_else(PoisonError::into_inner) })
}

fn map(address: usize, len: usize, protection: i32, flags: i32) -> io::Result<usize> {
    // SAFETY: a new mapping; with MAP_FIXED, over a range of the zone that is the caller's.
    let base = unsafe { libc::mmap(ptr::without_provenance_mut(address), len, protection, flags, -1, 0) };
    if base == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(base.addr()) }
}

/// Memory that can be mapped twice. `perf` takes it for what a map of names is about, as it would not a file of memory.
const SHARED: i32 = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

/// Maps shared memory once more, executable, wherever there is room.
fn map_executable(memory: &Alias) -> io::Result<Alias> {
    // Of a shared mapping, a part of no bytes is "moved" by mapping all of it once more.
    // SAFETY: the mapping is the caller's, and stays.
    let mapped = unsafe { libc::mremap(memory.base.cast(), 0, memory.len, libc::MREMAP_MAYMOVE) };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let executable = Alias { base: mapped.cast(), len: memory.len };
    // SAFETY: the mapping is ours.
    match unsafe { libc::mprotect(mapped, memory.len, libc::PROT_READ | libc::PROT_EXEC) } {
        0 => Ok(executable),
        _ => Err(io::Error::last_os_error()),
    }
}

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

/// A mapping, such as the one through which code is written, unmapped when dropped.
#[derive(Debug)]
struct Alias {
    base: *mut u8,
    len: usize,
}

impl Alias {
    /// Memory of which there is no other mapping yet.
    fn new(len: usize) -> io::Result<Alias> {
        let base = map(0, len, libc::PROT_READ | libc::PROT_WRITE, SHARED)?;
        Ok(Alias { base: ptr::with_exposed_provenance_mut(base), len })
    }

    /// Puts the mapping in the place of what is mapped at an address, in one step for whoever uses that.
    ///
    /// # Safety
    ///
    /// What is there is the caller's, and has the same contents and the same use.
    unsafe fn move_to(self, address: usize) -> io::Result<()> {
        let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
        let to = ptr::without_provenance_mut::<libc::c_void>(address);
        // SAFETY: this mapping is ours, and what is there the caller's.
        let moved = unsafe { libc::mremap(self.base.cast(), self.len, self.len, flags, to) };
        if moved == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // It is elsewhere now.
        std::mem::forget(self);
        Ok(())
    }
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
    /// The generation of processes ([`fork::generation`]) that the pages are of.
    generation: Mutex<u64>,
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
        // Before there are pages that a child could have, too.
        let generation = Mutex::new(fork::generation());
        let alias = Alias::new(len)?;
        let code = ZoneRange { start: Zone::get()?.take(len)?, len };
        // SAFETY: the range of the zone is ours, and nobody uses it.
        unsafe { map_executable(&alias)?.move_to(code.start)? };
        Ok(CodeMemory { code, alias, used: Mutex::new(0), generation })
    }

    /// Sees to it that nobody else has the pages, and that the process does not fork while the answer is held.
    ///
    /// # Panics
    ///
    /// If there is no memory for a copy.
    fn own_pages(&self) -> RwLockReadGuard<'static, ()> {
        let writing = fork::writing();
        let mut generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        if *generation != fork::generation() {
            self.copy_pages().expect("there is memory for a copy of machine code after a fork");
            *generation = fork::generation();
        }
        writing
    }

    /// Puts a copy of the memory in its place. Nobody writes to it meanwhile.
    fn copy_pages(&self) -> io::Result<()> {
        let copy = Alias::new(self.alias.len)?;
        // SAFETY: both mappings have as many bytes. The executable one is read, whoever writes to the other.
        unsafe {
            let from = ptr::with_exposed_provenance::<u8>(self.code.start);
            ptr::copy_nonoverlapping(from, copy.base, self.used());
        }
        let executable = map_executable(&copy)?;
        // SAFETY: the places are those of this memory, whose contents the copy has.
        unsafe {
            copy.move_to(self.alias.base.addr())?;
            executable.move_to(self.code.start)
        }
    }

    /// Room for the code of a module with functions of these sizes in wasm, for `fixed` bytes besides, and for `loaded` bytes of code
    /// that was made ahead of time, however much that is.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it, or a memory would be too large for what is certain to be needed.
    pub fn for_module(
        bodies: impl ExactSizeIterator<Item = usize>,
        fixed: usize,
        loaded: usize,
    ) -> io::Result<CodeMemory> {
        let functions = bodies.len();
        // Address space, not memory: machine code is usually 3 to 10 times the size of wasm.
        let expected = bodies.sum::<usize>().saturating_mul(64).saturating_add(functions * 1024 + (64 << 10));
        let needed = fixed.saturating_add(loaded).saturating_add(PAGE);
        if needed > MAX_BYTES {
            return Err(io::Error::other(format!("{needed} bytes are needed, and {MAX_BYTES} are the most")));
        }
        let ample = needed.saturating_add(expected.min(MAX_EXPECTED_BYTES)).min(MAX_BYTES);
        match CodeMemory::new(ample) {
            // What is loaded is all that there will be, but for ways into loops.
            Err(_) if loaded > 0 => CodeMemory::new(needed),
            result => result,
        }
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

    /// Room for `len` bytes at a multiple of [`CODE_ALIGN`], as an offset; `None` if there is none left.
    pub fn allocate(&self, len: usize) -> Option<usize> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let start = *used;
        let end = start.checked_add(len)?.checked_next_multiple_of(CODE_ALIGN)?;
        if end > self.code.len {
            return None;
        }
        *used = end;
        Some(start)
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
        let _own = self.own_pages();
        // SAFETY: within the mapping; the range is the caller's.
        unsafe { ptr::copy_nonoverlapping(code.as_ptr(), self.alias.base.add(offset), code.len()) };
    }

    /// The 64-bit word at `offset`, which running code reads. To be written by [`Words::store`].
    ///
    /// # Panics
    ///
    /// If it is not in the memory, or not aligned.
    fn word(&self, offset: usize) -> &std::sync::atomic::AtomicU64 {
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
        let _own = self.own_pages();
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
    fn a_module_has_room_for_what_is_loaded() {
        for loaded in [0, 1, PAGE, 50 << 20, MAX_EXPECTED_BYTES] {
            let memory = CodeMemory::for_module([3, 10].into_iter(), 48, loaded).unwrap();
            assert!(memory.allocate(48).is_some() && memory.allocate(loaded).is_some(), "{loaded}");
            assert!(memory.allocate(13 * 64).is_some(), "{loaded}");
        }
        let error = CodeMemory::for_module([0; 0].into_iter(), 0, MAX_BYTES).unwrap_err();
        assert!(error.to_string().contains("are the most"), "{error}");
    }

    #[test]
    fn allocations_are_apart_and_aligned() {
        let memory = CodeMemory::new(PAGE).unwrap();
        let (a, b) = (memory.allocate(5).unwrap(), memory.allocate(40).unwrap());
        assert_eq!((a % CODE_ALIGN, b % CODE_ALIGN), (0, 0));
        assert!(b >= a + 5);
        assert_eq!(memory.used(), b + 64);
        assert!(memory.allocate(PAGE).is_none());
    }
}
