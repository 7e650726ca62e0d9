//! Tags and exceptions (core spec, sections 4.2.10 "Tag Instances" and 4.2.11 "Exception Instances").
//!
//! An `exnref` is the address of an [`Exception`], or 0. Exceptions are in the store's [`Exceptions`], at fixed addresses.
//!
//! # Lifetime
//!
//! Whoever catches an exception says whether a reference to it lives on. If none ever did, the exception is given back there,
//! so that a loop which throws and catches needs the memory of one. Exceptions that references have been made of are given
//! back by [`StoreContext::allocate_exception`]: when they have become twice as many as were left the last time, it marks those
//! that anything refers to. Slots do not say what they hold. So a word counts as a reference if it is the address of an
//! exception. The mark starts at everything that may hold one: the value stack, globals, tables and the host's references.
//! If that is much, or there were many exceptions once, there are more before the next time.
//!
//! There is a limit, [`Exceptions::LIMIT`]: payloads can refer to exceptions, so that few slots can keep any number alive. At the limit,
//! too, those are given back that nothing refers to.

use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use riser_translator::{FuncType, TagIndex, TrapCode};

use crate::{Context, Status, StoreContext};

/// A tag. Its address is its identity; it stays where it is until the store is dropped.
#[repr(C)]
#[derive(Debug)]
pub struct TagInst {
    /// Slots of the payload.
    pub slots: u32,
    /// The type, whose parameters are the payload.
    pub ty: FuncType,
}

/// The slots of a payload that are in the exception itself.
const INLINE: usize = 3;

/// Who may refer to an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
enum State {
    /// There is no exception here.
    Free,
    /// It is in flight for the first time, and nobody else refers to it.
    Fresh,
    /// References to it may exist.
    Shared,
    /// As `Shared`, and it is one of the store's [`Roots`].
    Root,
}

/// An exception.
#[repr(C, align(64))]
#[derive(Debug)]
pub struct Exception {
    /// The tag; null if there is no exception here.
    pub tag: *const TagInst,
    /// The payload's slots. If there is no exception here, the next place without one.
    pub payload: *mut u64,
    inline: [u64; INLINE],
    state: State,
    /// Whether a mark in progress has found a reference.
    is_marked: bool,
    /// Slots of the payload.
    slots: u32,
    /// A number that no other exception of the store has or had; 0 if there is no exception here.
    serial: u64,
    /// The store's roots.
    roots: *const Roots,
}

impl Exception {
    const FREE: Exception = Exception {
        tag: ptr::null(),
        payload: ptr::null_mut(),
        inline: [0; INLINE],
        state: State::Free,
        is_marked: false,
        slots: 0,
        serial: 0,
        roots: ptr::null(),
    };

    /// The payload.
    ///
    /// # Safety
    ///
    /// The exception is alive as long as the result is used.
    pub unsafe fn values<'a>(exception: *const Exception) -> &'a [u64] {
        // SAFETY: the exception is alive, and has a payload of this size.
        unsafe { std::slice::from_raw_parts((*exception).payload, (*exception).slots as usize) }
    }

    /// Frees the payload, if it is not in the exception itself.
    ///
    /// # Safety
    ///
    /// The exception's place is alive, and its payload is not used any more.
    unsafe fn free_payload(exception: *mut Exception) {
        // SAFETY: a payload that is not in the exception is a box. A place without an exception has no slots.
        unsafe {
            let count = (*exception).slots as usize;
            if count > INLINE {
                drop(Box::from_raw(ptr::slice_from_raw_parts_mut((*exception).payload, count)));
            }
        }
    }

    /// The exception's number, which no other exception of its store has or had.
    ///
    /// # Safety
    ///
    /// The exception was alive once, and its store is.
    pub unsafe fn serial(exception: *const Exception) -> u64 {
        // SAFETY: places of exceptions stay where they are until the store is dropped.
        unsafe { (*exception).serial }
    }

    /// Notes that the host refers to the exception, so that it stays alive.
    ///
    /// # Safety
    ///
    /// The exception is alive.
    pub unsafe fn root(exception: *mut Exception) {
        // SAFETY: the exception is alive, and so is its store, with its roots. Their lock orders what threads do that share the
        // store.
        unsafe {
            let mut roots = (*(*exception).roots).lock();
            if (*exception).state != State::Root {
                (*exception).state = State::Root;
                roots.push(exception.expose_provenance());
                (*(*exception).roots).count.store(roots.len(), Ordering::Relaxed);
            }
        }
    }
}

/// Places for exceptions that are allocated together.
type Chunk = [Exception; PLACES];

/// The places of a chunk.
const PLACES: usize = 64;

/// The exceptions of a store.
#[derive(Debug)]
pub struct Exceptions {
    /// The chunks in the order of their addresses.
    chunks: Vec<*mut Chunk>,
    free: *mut Exception,
    /// Bytes that the exceptions take.
    bytes: usize,
    /// The number of bytes at which to look for exceptions that nothing refers to.
    collect_at: usize,
    last_serial: u64,
    roots: Box<Roots>,
}

// SAFETY: it owns what it points to, apart from tags, which belong to the same store.
unsafe impl Send for Exceptions {}
// SAFETY: a shared reference gives no access to the exceptions.
unsafe impl Sync for Exceptions {}

/// The exceptions that the host may refer to. Each is there once, and stays until the host function that got the reference
/// returns, or a scope of the host ends; see [`Exceptions::roots`].
#[derive(Debug, Default)]
pub struct Roots {
    list: Mutex<Vec<usize>>,
    /// The length of the list.
    count: AtomicUsize,
}

impl Roots {
    fn lock(&self) -> MutexGuard<'_, Vec<usize>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Exceptions {
    fn default() -> Exceptions {
        Exceptions::new()
    }
}

impl Exceptions {
    /// The most bytes that the exceptions of a store take.
    pub const LIMIT: usize = 256 << 20;

    /// The number of bytes up to which nobody looks for exceptions that nothing refers to.
    const FEW: usize = 64 << 10;

    /// Who looks for them goes through so many bytes for each byte of exceptions that there may be more before the next time.
    const BYTES_FOR_ONE: usize = 8;

    /// No exceptions.
    pub fn new() -> Exceptions {
        Exceptions {
            chunks: Vec::new(),
            free: ptr::null_mut(),
            bytes: 0,
            collect_at: Exceptions::FEW,
            last_serial: 0,
            roots: Box::default(),
        }
    }

    /// The bytes that the exceptions take which have not been given back.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The bytes that an exception with a payload of `slots` slots takes.
    fn size(slots: usize) -> usize {
        size_of::<Exception>() + if slots > INLINE { slots * size_of::<u64>() } else { 0 }
    }

    /// How many exceptions the host may refer to. Given to [`Exceptions::forget_roots`] when the host has no use any more for
    /// those that come after.
    #[inline]
    pub fn roots(&self) -> usize {
        self.roots.count.load(Ordering::Relaxed)
    }

    /// Forgets the host's references to exceptions, except for the first `count`.
    #[inline]
    pub fn forget_roots(&mut self, count: usize) {
        if self.roots() > count {
            self.forget_roots_after(count);
        }
    }

    #[cold]
    fn forget_roots_after(&mut self, count: usize) {
        let mut roots = self.roots.lock();
        while roots.len() > count {
            let Some(address) = roots.pop() else { break };
            // SAFETY: a root is alive.
            unsafe { (*ptr::with_exposed_provenance_mut::<Exception>(address)).state = State::Shared };
        }
        self.roots.count.store(roots.len(), Ordering::Relaxed);
    }

    /// The number of bytes at which to look again for exceptions that nothing refers to, after a look through as many bytes that may refer
    /// to them. It goes through all places, too, also those that are free.
    fn next_look(&self, looked_through: usize) -> usize {
        let cost = looked_through + self.chunks.len() * size_of::<Chunk>();
        (2 * self.bytes).max(self.bytes + cost / Exceptions::BYTES_FOR_ONE).max(Exceptions::FEW)
    }

    /// Finds the exception at this address.
    fn find(&self, address: usize) -> Option<*mut Exception> {
        let after = self.chunks.partition_point(|chunk| chunk.addr() <= address);
        let chunk = *self.chunks.get(after.checked_sub(1)?)?;
        let offset = address - chunk.addr();
        if offset >= size_of::<Chunk>() || !offset.is_multiple_of(size_of::<Exception>()) {
            return None;
        }
        let exception = chunk.cast::<Exception>().wrapping_byte_add(offset);
        // SAFETY: it is in a chunk of these.
        unsafe { ((*exception).state != State::Free).then_some(exception) }
    }

    /// Takes a free place.
    fn take(&mut self) -> *mut Exception {
        if self.free.is_null() {
            let chunk: *mut Chunk = Box::into_raw(Box::new([const { Exception::FREE }; _]));
            let at = self.chunks.partition_point(|other| other.addr() < chunk.addr());
            self.chunks.insert(at, chunk);
            for index in (0..PLACES).rev() {
                let place = chunk.cast::<Exception>().wrapping_add(index);
                // SAFETY: it is in the new chunk.
                unsafe { (*place).payload = self.free.cast() };
                self.free = place;
            }
        }
        let place = self.free;
        // SAFETY: free places are in chunks of these.
        self.free = unsafe { (*place).payload.cast() };
        place
    }

    /// Puts an exception into a free place.
    ///
    /// # Safety
    ///
    /// The tag is one of the store, and `args` has as many slots as it says.
    unsafe fn add(&mut self, tag: *const TagInst, args: *const u64) -> *mut Exception {
        let place = self.take();
        // SAFETY: the place is free, and `args` has as many slots as the tag says.
        unsafe {
            let count = (*tag).slots as usize;
            (*place).tag = tag;
            (*place).state = State::Fresh;
            (*place).slots = (*tag).slots;
            self.last_serial += 1;
            (*place).serial = self.last_serial;
            (*place).roots = &raw const *self.roots;
            (*place).payload = if count > INLINE {
                let slots: Box<[u64]> = std::slice::from_raw_parts(args, count).into();
                Box::into_raw(slots).cast()
            } else {
                ptr::copy_nonoverlapping(args, (&raw mut (*place).inline).cast(), count);
                (&raw mut (*place).inline).cast()
            };
            self.bytes += Exceptions::size(count);
        }
        place
    }

    /// Gives an exception back.
    ///
    /// # Safety
    ///
    /// The exception is alive, and nothing refers to it.
    unsafe fn give_back(&mut self, exception: *mut Exception) {
        // SAFETY: the exception is alive, and nobody uses its payload any more.
        unsafe {
            self.bytes -= Exceptions::size((*exception).slots as usize);
            Exception::free_payload(exception);
            *exception = Exception { payload: self.free.cast(), ..Exception::FREE };
            self.free = exception;
        }
    }

    /// Marks the exceptions that these words may refer to, and puts them on the list of those whose payloads are next.
    fn mark(&self, words: &[u64], next: &mut Vec<*mut Exception>) {
        let (Some(&first), Some(&last)) = (self.chunks.first(), self.chunks.last()) else { return };
        let range = first.addr()..last.addr() + size_of::<Chunk>();
        for &word in words {
            if range.contains(&(word as usize))
                && let Some(exception) = self.find(word as usize)
            {
                // SAFETY: it is an exception of these.
                unsafe {
                    if !(*exception).is_marked {
                        (*exception).is_marked = true;
                        next.push(exception);
                    }
                }
            }
        }
    }

    /// Gives back the exceptions without a mark, and removes the marks.
    fn sweep(&mut self) {
        for at in 0..self.chunks.len() {
            let chunk = self.chunks[at].cast::<Exception>();
            for index in 0..PLACES {
                let exception = chunk.wrapping_add(index);
                // SAFETY: it is in a chunk of these; nothing refers to an exception without a mark.
                unsafe {
                    match (*exception).state {
                        State::Free => {}
                        State::Fresh | State::Shared | State::Root if (*exception).is_marked => {
                            (*exception).is_marked = false;
                        }
                        State::Fresh | State::Shared | State::Root => self.give_back(exception),
                    }
                }
            }
        }
    }
}

impl Drop for Exceptions {
    fn drop(&mut self) {
        for chunk in std::mem::take(&mut self.chunks) {
            for index in 0..PLACES {
                let exception = chunk.cast::<Exception>().wrapping_add(index);
                // SAFETY: the chunk is alive, and nobody uses its exceptions any more.
                unsafe { Exception::free_payload(exception) };
            }
            // SAFETY: made from a box, and freed only here.
            drop(unsafe { Box::from_raw(chunk) });
        }
    }
}

/// Calls `visit` with the words that machine code of the store holds in registers and on native stacks. Returns whether these are all.
///
/// # Safety
///
/// The store is alive, and the thread runs it.
unsafe fn visit_native_words(store: *mut StoreContext, visit: &mut dyn FnMut(&[u64])) -> bool {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    // SAFETY: by the contract of this function.
    unsafe {
        (*store).activation.is_null() || crate::native::roots::visit_words(store, visit)
    }
    #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
    {
        let _ = (store, visit);
        true
    }
}

impl StoreContext {
    /// Puts a new exception into the store; `None` if there is no room for it.
    ///
    /// # Safety
    ///
    /// The tag is one of the store, and `args` has as many slots as it says. The values that code of the store still uses are below
    /// `top` on the value stack, in `args`, or where the store's other roots are.
    pub unsafe fn allocate_exception(
        store: *mut StoreContext,
        tag: *const TagInst,
        args: *const u64,
        top: *const u64,
    ) -> Option<*mut Exception> {
        // SAFETY: the caller guarantees what this asks for.
        unsafe {
            let size = Exceptions::size((*tag).slots as usize);
            let Exceptions { bytes, collect_at, .. } = (*store).exceptions;
            let is_full = bytes + size > Exceptions::LIMIT;
            if is_full || bytes + size > collect_at {
                let args = std::slice::from_raw_parts(args, (*tag).slots as usize);
                StoreContext::collect_exceptions(store, args, top);
            }
            // There has to be some room again, or each of the next exceptions would take another look for those that can be given back.
            let most = if is_full { Exceptions::LIMIT / 4 * 3 } else { Exceptions::LIMIT };
            let exceptions = &mut (*store).exceptions;
            if exceptions.bytes + size > most {
                return None;
            }
            Some(exceptions.add(tag, args))
        }
    }

    /// Gives back the exceptions that nothing refers to.
    ///
    /// # Safety
    ///
    /// As for [`StoreContext::allocate_exception`].
    #[cold]
    pub unsafe fn collect_exceptions(store: *mut StoreContext, args: &[u64], top: *const u64) {
        // SAFETY: the caller guarantees where references are.
        unsafe {
            let mut next = Vec::new();
            let mut looked_through = 0;
            let exceptions = &raw mut (*store).exceptions;
            let mut mark = |words: &[u64]| {
                looked_through += size_of_val(words);
                (*exceptions).mark(words, &mut next);
            };
            let is_on_one_stack = !{ &*store }.has_own_stacks();
            if is_on_one_stack && visit_native_words(store, &mut mark) {
                let roots: Vec<u64> = (*exceptions).roots.lock().iter().map(|&address| address as u64).collect();
                mark(&roots);
                mark(args);
                mark(&[(*store).exception.addr() as u64]);
                ((*store).exception_roots)(store, top, &mut mark);
                while let Some(exception) = next.pop() {
                    (*exceptions).mark(Exception::values(exception), &mut next);
                }
                (*exceptions).sweep();
            }
            let exceptions = &mut (*store).exceptions;
            exceptions.collect_at = exceptions.next_look(looked_through);
        }
    }

    /// Throws a new exception: puts it in flight. Returns [`Status::EXCEPTION`], or the trap if there is no room for it.
    ///
    /// # Safety
    ///
    /// As for [`StoreContext::allocate_exception`].
    pub unsafe fn throw(store: *mut StoreContext, tag: *const TagInst, args: *const u64, top: *const u64) -> Status {
        // SAFETY: the caller guarantees what this asks for.
        unsafe {
            match StoreContext::allocate_exception(store, tag, args, top) {
                Some(exception) => {
                    (*store).exception = exception;
                    Status::EXCEPTION
                }
                None => TrapCode::OutOfExceptions.into(),
            }
        }
    }

    /// Throws the exception that a reference refers to. Returns [`Status::EXCEPTION`], or the trap if the reference is null.
    pub fn throw_ref(&mut self, exception: u64) -> Status {
        if exception == 0 {
            return TrapCode::NullReference.into();
        }
        self.exception = ptr::with_exposed_provenance_mut(exception as usize);
        Status::EXCEPTION
    }

    /// Ends the flight of the exception, whose payload has been read: it has been caught. `is_kept` says whether a reference to it
    /// has been made. If none ever was, the exception is given back.
    ///
    /// # Safety
    ///
    /// An exception is in flight. If `is_kept` is not set, its address is not used any more, unless another reference to it exists.
    pub unsafe fn caught(&mut self, is_kept: bool) {
        let exception = std::mem::replace(&mut self.exception, ptr::null_mut());
        self.frames.clear();
        self.omitted_frames = 0;
        self.pending = None;
        // SAFETY: the exception in flight is alive.
        unsafe {
            if is_kept && (*exception).state == State::Fresh {
                (*exception).state = State::Shared;
            } else if (*exception).state == State::Fresh {
                self.exceptions.give_back(exception);
            }
        }
    }
}

impl Context {
    /// The tag with an index of the module.
    ///
    /// # Safety
    ///
    /// The index is valid and the store alive.
    #[inline(always)]
    pub unsafe fn tag(&self, index: TagIndex) -> *const TagInst {
        // SAFETY: the caller guarantees that the index is valid and the store alive.
        unsafe { *self.tags.add(index.index()) }
    }

    /// Whether a clause for the tag, or for all exceptions, catches the exception in flight.
    ///
    /// # Safety
    ///
    /// An exception is in flight in the store, the index is valid, and the store alive.
    pub unsafe fn catches(&self, tag: Option<TagIndex>) -> bool {
        // SAFETY: by the contract of this function.
        unsafe { tag.is_none_or(|tag| ptr::eq((*(*self.store).exception).tag, self.tag(tag))) }
    }
}
