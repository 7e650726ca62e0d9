//! Memory for machine code, never writable and executable at the same address.
//!
//! All code lies in one *zone* of address space, so that a fault handler can tell with two comparisons whether an address is code. A
//! [`CodeMemory`] takes a range of the zone and backs it with shared memory that is mapped twice: executable in the zone, and
//! writable elsewhere. New code is written through the second mapping while other threads run existing code. Writing never remaps
//! anything, and on x86-64 code that was never executed before needs no flush.
//!
//! Dropping a `CodeMemory` returns its memory to the system and its range to the zone.
//!
//! After a fork, parent and child share the pages. Whichever is about to write first makes a copy and maps it in their place, so
//! nobody writes to shared pages.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLockReadGuard};

use super::code_map;
use super::links::Words;
use crate::{Bailout, fork};

/// Address space to reserve for code, in bytes: the first of these sizes that the system grants. Some systems limit it, and so do
/// tools that run the process in their own address space.
const ZONE_BYTES: [usize; 3] = [64 << 30, 8 << 30, 1 << 30];

/// The largest memory: any place in it reaches any other by a 32-bit displacement.
pub const MAX_BYTES: usize = (1 << 31) - PAGE;

/// The most address space that is reserved beforehand for code that is still to be compiled.
const MAX_EXPECTED_BYTES: usize = 1 << 30;

const PAGE: usize = 4096;

/// The size of the lines of code by which processors predict branches ([`crate::begin_at_cache_line`]).
pub const CODE_ALIGN: usize = 64;

/// The address space for code.
struct Zone {
    range: Range<usize>,
    /// Free ranges: length by start.
    free: Mutex<BTreeMap<usize, usize>>,
}

static ZONE: OnceLock<io::Result<Zone>> = OnceLock::new();

/// Whether `pc` lies where tiers put machine code.
#[inline]
pub fn is_code(pc: usize) -> bool {
    matches!(ZONE.get(), Some(Ok(zone)) if zone.range.contains(&pc))
}

/// Locks the zone's free ranges against other threads.
pub(crate) struct HeldZone {
    _free: MutexGuard<'static, BTreeMap<usize, usize>>,
}

/// Locks the zone's free ranges against other threads until the result is dropped, if there is a zone.
pub(crate) fn hold_zone() -> Option<HeldZone> {
    let Some(Ok(zone)) = ZONE.get() else { return None };
    Some(HeldZone { _free: zone.free.lock().unwrap_or_else(PoisonError::into_inner) })
}

fn map(address: usize, len: usize, protection: i32, flags: i32) -> io::Result<usize> {
    // SAFETY: a new mapping; with MAP_FIXED, over a range of the zone that the caller owns.
    let base = unsafe { libc::mmap(ptr::without_provenance_mut(address), len, protection, flags, -1, 0) };
    if base == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(base.addr()) }
}

/// Flags of memory that can be mapped twice. `perf` matches anonymous memory with its map of names, which it would not do for a
/// memory file.
const SHARED: i32 = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

/// Maps shared memory a second time, executable, wherever there is room.
fn map_executable(memory: &Alias) -> io::Result<Alias> {
    // For a shared mapping, `mremap` with an old size of 0 maps all of it a second time.
    // SAFETY: the caller owns the mapping, and it stays.
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
        // Unmaps what was there; if the system refuses, the range is not used again.
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

/// A mapping outside of the zone, such as the one through which code is written; unmapped when dropped.
#[derive(Debug)]
struct Alias {
    base: *mut u8,
    len: usize,
}

impl Alias {
    /// New memory, with this as its only mapping.
    fn new(len: usize) -> io::Result<Alias> {
        let base = map(0, len, libc::PROT_READ | libc::PROT_WRITE, SHARED)?;
        Ok(Alias { base: ptr::with_exposed_provenance_mut(base), len })
    }

    /// Moves the mapping over the one at an address, in one step for those who use that.
    ///
    /// # Safety
    ///
    /// The caller owns the mapping at the address; both have the same contents and the same use.
    unsafe fn move_to(self, address: usize) -> io::Result<()> {
        let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
        let to = ptr::without_provenance_mut::<libc::c_void>(address);
        // SAFETY: this mapping is ours, and the caller owns the one at the address.
        let moved = unsafe { libc::mremap(self.base.cast(), self.len, self.len, flags, to) };
        if moved == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // The mapping is elsewhere now: it must not be unmapped here.
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
    /// The generation of processes ([`fork::generation`]) that owns the pages.
    generation: Mutex<u64>,
}

// SAFETY: the alias is written only at ranges that `allocate` gave to one caller each.
unsafe impl Send for CodeMemory {}
// SAFETY: as above.
unsafe impl Sync for CodeMemory {}

impl CodeMemory {
    /// Reserves room for at least `bytes` bytes of code, up to [`MAX_BYTES`]. Memory is taken as it is written.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it.
    pub fn new(bytes: usize) -> io::Result<CodeMemory> {
        let len = bytes.clamp(PAGE, MAX_BYTES).next_multiple_of(PAGE);
        // Read before there are pages that a child could share.
        let generation = Mutex::new(fork::generation());
        let alias = Alias::new(len)?;
        let code = ZoneRange { start: Zone::get()?.take(len)?, len };
        // SAFETY: the range of the zone is ours, and nobody uses it.
        unsafe { map_executable(&alias)?.move_to(code.start)? };
        Ok(CodeMemory { code, alias, used: Mutex::new(0), generation })
    }

    /// Makes sure that no other process shares the pages, and that this one does not fork while the guard is held.
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

    /// Maps a copy of the memory in its place. Nobody may write to it meanwhile.
    fn copy_pages(&self) -> io::Result<()> {
        let copy = Alias::new(self.alias.len)?;
        // SAFETY: both mappings have as many bytes. The executable one can be read, whoever writes to the other.
        unsafe {
            let from = ptr::with_exposed_provenance::<u8>(self.code.start);
            ptr::copy_nonoverlapping(from, copy.base, self.used());
        }
        let executable = map_executable(&copy)?;
        // SAFETY: both addresses are this memory's, and the copy has its contents.
        unsafe {
            copy.move_to(self.alias.base.addr())?;
            executable.move_to(self.code.start)
        }
    }

    /// Reserves room for the code of a module whose functions have these sizes in wasm, for `fixed` further bytes, and for all of the
    /// `loaded` bytes of code that was made ahead of time.
    ///
    /// # Errors
    ///
    /// If the system has no address space for it, or the bytes that are certain to be needed exceed the largest memory.
    pub fn for_module(
        bodies: impl ExactSizeIterator<Item = usize>,
        fixed: usize,
        loaded: usize,
    ) -> Result<CodeMemory, Bailout> {
        let functions = bodies.len();
        // Address space, not memory: machine code is usually 3 to 10 times the size of wasm.
        let expected = bodies.sum::<usize>().saturating_mul(64).saturating_add(functions * 1024 + (64 << 10));
        let needed = fixed.saturating_add(loaded).saturating_add(PAGE);
        if needed > MAX_BYTES {
            return Err(Bailout::NoMemory(format!("{needed} bytes are needed, and {MAX_BYTES} are the most")));
        }
        let ample = needed.saturating_add(expected.min(MAX_EXPECTED_BYTES)).min(MAX_BYTES);
        let memory = match CodeMemory::new(ample) {
            // Loaded code is all that there will be, except for OSR code.
            Err(_) if loaded > 0 => CodeMemory::new(needed),
            result => result,
        };
        memory.map_err(|error| Bailout::NoMemory(error.to_string()))
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

    /// Allocates `len` bytes at a multiple of [`CODE_ALIGN`], and returns their offset; `None` if there is no room.
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

    /// As [`CodeMemory::allocate`], for code of the module that the memory is for.
    ///
    /// # Errors
    ///
    /// If there is no room; says how much there is.
    pub fn allocate_code(&self, len: usize) -> Result<usize, Bailout> {
        self.allocate(len).ok_or_else(|| {
            let room = self.capacity() - self.used();
            Bailout::TooLarge(format!("{len} bytes of machine code, and {room} are left for the module's"))
        })
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

    /// The 64-bit word at `offset`, which running code reads. Written only by [`Words::store`].
    ///
    /// # Panics
    ///
    /// If it is not in the memory, or not aligned.
    fn word(&self, offset: usize) -> &std::sync::atomic::AtomicU64 {
        let is_within = offset.checked_add(8).is_some_and(|end| end <= self.code.len);
        assert!(is_within && offset.is_multiple_of(8), "a word lies within its memory");
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
    fn a_word_beyond_all_addresses_is_none_of_the_memory() {
        for offset in [PAGE, 4, usize::MAX - 7] {
            let load = || CodeMemory::new(PAGE).unwrap().load(offset);
            assert!(std::panic::catch_unwind(load).is_err(), "{offset}");
        }
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
