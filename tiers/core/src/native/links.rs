//! Calls within a module: how they find their callee's code while threads compile functions, replace their code, and run it.
//!
//! A call goes to its callee directly if that is already compiled, and otherwise to the callee's stub, which jumps to the callee's
//! *entry*. Entries are data: publishing a function is one atomic store, which every instance of the module and every thread sees
//! at its next call.
//!
//! Calls that go through a stub are made direct when their callee is published. Other threads may be running them, so a
//! displacement is replaced only if it lies within one aligned 64-bit word: processors fetch either the old or the new word, and
//! both are correct. Other calls keep going through the stub, unless all of a module has been compiled before any of it runs
//! ([`Links::connect_all`]).
//!
//! If there is a tier above, its code replaces functions ([`Links::replace`]). Then every call can either be redirected while it
//! runs, or goes through the stub for good.
//!
//! `tests/interleavings.sh` runs this file's tests under loom, with every interleaving of their threads.

use std::collections::HashMap;

#[cfg(loom)]
use loom::sync::{Mutex, MutexGuard, atomic::AtomicUsize};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
#[cfg(not(loom))]
use std::sync::{Mutex, MutexGuard, atomic::AtomicUsize};

use riser_translator::DefinedFuncIndex;

/// Size of a stub. Stubs come first in a module's memory, in the order of the functions.
pub const STUB_BYTES: usize = 16;
/// Size of an entry.
pub const ENTRY_BYTES: usize = 8;
/// Size of a call's displacement, which counts from its own end.
pub const DISPLACEMENT_BYTES: usize = 4;
const WORD_BYTES: usize = 8;

/// Code memory as links access it while code runs. A place is an offset in bytes from the memory's start.
pub trait Words {
    /// The address of a place.
    fn address(&self, place: usize) -> usize;
    /// The 64-bit word at an aligned place; only the caller may write it.
    fn load(&self, place: usize) -> u64;
    /// Writes the word with release ordering: whoever sees it also sees what was written before.
    fn store(&self, place: usize, word: u64);
}

/// The calls of a module's functions.
#[derive(Debug)]
pub struct Links {
    /// Where the entries start in the memory.
    entries: usize,
    /// For each function, the address of its code, the tier's own or what replaces it; 0 if it is not compiled.
    compiled: Box<[AtomicUsize]>,
    /// Whether functions will be replaced.
    replaces: bool,
    /// For each callee, the places of the displacements that have to change when its code does.
    calls: Mutex<HashMap<DefinedFuncIndex, Vec<usize>>>,
}

/// Whether the displacement at `place` can be replaced while other threads run the call.
fn is_replaceable(place: usize) -> bool {
    place % WORD_BYTES + DISPLACEMENT_BYTES <= WORD_BYTES
}

/// The displacement from `from`, the end of an instruction, to `to`, both within one memory.
pub fn displacement(from: usize, to: usize) -> i32 {
    (to as i64 - from as i64) as i32
}

/// The displacement at `place` for a call of `code`, an address; leads to the callee's stub if there is no code, or if it is too
/// far away.
fn call_displacement(words: &impl Words, place: usize, callee: DefinedFuncIndex, code: Option<usize>) -> i32 {
    let from = place + DISPLACEMENT_BYTES;
    let direct = code.and_then(|code| i32::try_from(code as i64 - words.address(from) as i64).ok());
    direct.unwrap_or_else(|| displacement(from, callee.index() * STUB_BYTES))
}

impl Links {
    /// Links between functions none of which is compiled; the entries start at a place. With `replaces`, another tier's code will
    /// replace theirs.
    pub fn new(functions: usize, entries: usize, replaces: bool) -> Links {
        Links {
            entries,
            compiled: std::iter::repeat_with(|| AtomicUsize::new(0)).take(functions).collect(),
            replaces,
            calls: Mutex::new(HashMap::new()),
        }
    }

    /// Where a function's entry is.
    pub fn entry(&self, defined: DefinedFuncIndex) -> usize {
        self.entries + defined.index() * ENTRY_BYTES
    }

    /// The address of a function's code, if there is any.
    pub fn code(&self, defined: DefinedFuncIndex) -> Option<usize> {
        let address = self.compiled[defined.index()].load(Ordering::Acquire);
        (address != 0).then_some(address)
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<DefinedFuncIndex, Vec<usize>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Links the calls of code that is to lie at `at`, and writes it there. `calls` are the offsets of displacements, each with its
    /// callee. With `own`, the code belongs to that function, and its calls to itself are direct.
    pub fn place(
        &self,
        words: &impl Words,
        at: usize,
        code: &mut [u8],
        calls: &[(u32, DefinedFuncIndex)],
        own: Option<DefinedFuncIndex>,
        write: impl FnOnce(&[u8]),
    ) {
        // The lock is held until the code is written, so that whatever is published from then on finds the calls.
        let mut known = self.calls();
        for &(offset, callee) in calls {
            let (offset, place) = (offset as usize, at + offset as usize);
            let mut target = self.code(callee).or_else(|| (own == Some(callee)).then(|| words.address(at)));
            if self.replaces && !is_replaceable(place) {
                target = None;
            } else if self.replaces || target.is_none() {
                known.entry(callee).or_default().push(place);
            }
            let distance = call_displacement(words, place, callee, target);
            code[offset..offset + DISPLACEMENT_BYTES].copy_from_slice(&distance.to_le_bytes());
        }
        write(code);
    }

    /// Publishes the code at an address, which is already written, as a function's code, unless the function has code already.
    pub fn publish(&self, words: &impl Words, defined: DefinedFuncIndex, code: usize) {
        let mut calls = self.calls();
        if self.code(defined).is_none() {
            self.lead_to(words, &mut calls, defined, code);
        }
    }

    /// Replaces a function's code for all calls from now on.
    pub fn replace(&self, words: &impl Words, defined: DefinedFuncIndex, code: usize) {
        if self.code(defined) != Some(code) {
            self.lead_to(words, &mut self.calls(), defined, code);
        }
    }

    /// Redirects all calls of a function to `code`; the lock on calls is held.
    fn lead_to(
        &self,
        words: &impl Words,
        calls: &mut HashMap<DefinedFuncIndex, Vec<usize>>,
        defined: DefinedFuncIndex,
        code: usize,
    ) {
        self.set(words, defined, code);
        let Some(places) = calls.get_mut(&defined) else { return };
        places.retain(|&place| {
            let is_replaceable = is_replaceable(place);
            if is_replaceable {
                // Nobody else writes to the word: the lock is held, and all of its bytes belong to one function.
                let shift = place % WORD_BYTES;
                let mut bytes = words.load(place - shift).to_le_bytes();
                let distance = call_displacement(words, place, defined, Some(code));
                bytes[shift..shift + DISPLACEMENT_BYTES].copy_from_slice(&distance.to_le_bytes());
                words.store(place - shift, u64::from_le_bytes(bytes));
            }
            self.replaces || !is_replaceable
        });
    }

    /// Redirects the calls through a function's stub to the code at an address. Existing direct calls do not change.
    pub fn set(&self, words: &impl Words, defined: DefinedFuncIndex, code: usize) {
        self.compiled[defined.index()].store(code, Ordering::Release);
        words.store(self.entry(defined), code as u64);
    }

    /// Makes all calls of compiled functions direct, with `write`, which gets places and displacements. No code of the module may
    /// run or have run.
    pub fn connect_all(&self, words: &impl Words, write: impl Fn(usize, i32)) {
        for (defined, places) in self.calls().drain() {
            let Some(code) = self.code(defined) else { continue };
            for place in places {
                write(place, call_displacement(words, place, defined, Some(code)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(loom)]
    use loom::{
        sync::{Arc, atomic::AtomicU64},
        thread,
    };
    #[cfg(not(loom))]
    use std::{
        sync::{Arc, atomic::AtomicU64},
        thread,
    };

    use super::*;

    /// Runs `test` under loom, with every interleaving of its threads; without loom, once.
    fn model(test: impl Fn() + Sync + Send + 'static) {
        #[cfg(loom)]
        loom::model(test);
        #[cfg(not(loom))]
        test();
    }

    /// The address of the memory's start.
    const BASE: usize = 0x1_0000;
    const FIRST: DefinedFuncIndex = DefinedFuncIndex::new(0);
    const SECOND: DefinedFuncIndex = DefinedFuncIndex::new(1);
    const FUNCTIONS: usize = 2;
    const ENTRIES: usize = FUNCTIONS * STUB_BYTES;
    /// Where the functions' code is put: a word that marks it as written, and one with a call's displacement.
    const CALLER: usize = ENTRIES + FUNCTIONS * ENTRY_BYTES;
    const CALLEE: usize = CALLER + 16;
    const REPLACEMENT: usize = CALLEE + 16;
    const END: usize = REPLACEMENT + 16;
    const WRITTEN: u64 = 0x90;

    /// The memory of a module of two functions, the first of which calls the second.
    struct Memory {
        words: Vec<AtomicU64>,
        links: Links,
    }

    impl Words for Memory {
        fn address(&self, place: usize) -> usize {
            BASE + place
        }

        fn load(&self, place: usize) -> u64 {
            self.words[place / 8].load(Ordering::Relaxed)
        }

        fn store(&self, place: usize, word: u64) {
            self.words[place / 8].store(word, Ordering::Release);
        }
    }

    impl Memory {
        fn new(replaces: bool) -> Arc<Memory> {
            let words: Vec<_> = (0..END / 8).map(|_| AtomicU64::new(0)).collect();
            let links = Links::new(FUNCTIONS, ENTRIES, replaces);
            for defined in [FIRST, SECOND] {
                let stub = BASE + defined.index() * STUB_BYTES;
                words[links.entry(defined) / 8].store(stub as u64, Ordering::Relaxed);
            }
            Arc::new(Memory { words, links })
        }

        /// Puts a function's code at a place where nobody looks yet.
        fn place(&self, defined: DefinedFuncIndex, at: usize, calls: &[(u32, DefinedFuncIndex)]) {
            let mut code = [WRITTEN, 0].map(u64::to_le_bytes).concat();
            self.links.place(self, at, &mut code, calls, Some(defined), |code| {
                for (word, bytes) in self.words[at / 8..].iter().zip(code.chunks(8)) {
                    word.store(u64::from_le_bytes(bytes.try_into().expect("a word")), Ordering::Relaxed);
                }
            });
        }

        /// What a processor reads at a place: x86-64's loads are not reordered with each other.
        fn fetch(&self, place: usize) -> u64 {
            self.words[place / 8].load(Ordering::Acquire)
        }

        /// Where a call through a function's stub leads to.
        fn through_stub(&self, defined: DefinedFuncIndex) -> Option<usize> {
            let entry = self.fetch(self.links.entry(defined)) as usize - BASE;
            if entry < ENTRIES { None } else { Some(self.run(entry)) }
        }

        /// Checks that code has been written at a place.
        fn run(&self, place: usize) -> usize {
            assert_eq!(self.fetch(place), WRITTEN, "code is there before anything leads to it");
            place
        }

        /// Where the caller's call leads to, if the caller has been published: to code, or nowhere yet.
        fn call(&self) -> Option<usize> {
            let caller = self.through_stub(FIRST)?;
            let distance = self.fetch(caller + 8) as u32 as i32;
            let target = (caller + 8 + DISPLACEMENT_BYTES) as i64 + i64::from(distance);
            match usize::try_from(target).expect("within the memory") {
                STUB_BYTES => self.through_stub(SECOND),
                code => Some(self.run(code)),
            }
        }

        /// Whether the caller's call leads to a place directly, without the stub.
        fn is_direct(&self, to: usize) -> bool {
            self.fetch(CALLER + 8) as u32 as i32 == displacement(CALLER + 8 + DISPLACEMENT_BYTES, to)
        }
    }

    #[test]
    fn a_call_finds_its_callee_whichever_is_published_first() {
        model(|| {
            let memory = Memory::new(false);
            let other = Arc::clone(&memory);
            let callee = thread::spawn(move || {
                other.place(SECOND, CALLEE, &[]);
                other.links.publish(&*other, SECOND, BASE + CALLEE);
            });
            let other = Arc::clone(&memory);
            let runs = thread::spawn(move || {
                let first = other.call();
                assert!(first.is_none_or(|it| it == CALLEE));
                assert!(first.is_none() || other.call() == first, "a function that was found stays");
            });
            memory.place(FIRST, CALLER, &[(8, SECOND)]);
            memory.links.publish(&*memory, FIRST, BASE + CALLER);
            callee.join().expect("it publishes");
            runs.join().expect("it runs");
            assert_eq!(memory.call(), Some(CALLEE));
            assert!(memory.is_direct(CALLEE));
        });
    }

    #[test]
    fn what_replaces_a_function_is_called_in_the_end() {
        model(|| {
            let memory = Memory::new(true);
            memory.place(SECOND, CALLEE, &[]);
            memory.place(SECOND, REPLACEMENT, &[]);
            let other = Arc::clone(&memory);
            let publishes = thread::spawn(move || other.links.publish(&*other, SECOND, BASE + CALLEE));
            let other = Arc::clone(&memory);
            let replaces = thread::spawn(move || other.links.replace(&*other, SECOND, BASE + REPLACEMENT));
            memory.place(FIRST, CALLER, &[(8, SECOND)]);
            memory.links.publish(&*memory, FIRST, BASE + CALLER);
            let early = memory.call();
            assert!(early.is_none_or(|it| it == CALLEE || it == REPLACEMENT));
            publishes.join().expect("it publishes");
            replaces.join().expect("it replaces");
            assert_eq!(memory.call(), Some(REPLACEMENT));
            assert!(memory.is_direct(REPLACEMENT));
        });
    }

    #[test]
    fn a_displacement_across_two_words_is_left_to_the_stub() {
        model(|| {
            let memory = Memory::new(true);
            let mut code = [0; 16];
            let calls = [(2, SECOND), (6, SECOND)];
            memory.links.set(&*memory, SECOND, BASE + CALLEE);
            memory.links.place(&*memory, CALLER, &mut code, &calls, None, |_| ());
            let distance = |at: usize| i32::from_le_bytes(code[at..at + 4].try_into().expect("four bytes"));
            assert_eq!(distance(2), displacement(CALLER + 2 + DISPLACEMENT_BYTES, CALLEE));
            assert_eq!(distance(6), displacement(CALLER + 6 + DISPLACEMENT_BYTES, STUB_BYTES));
        });
    }

    #[test]
    fn all_calls_become_direct_before_anything_runs() {
        model(|| {
            let memory = Memory::new(false);
            let mut code = [0; 16];
            memory.links.place(&*memory, CALLER, &mut code, &[(6, SECOND)], Some(FIRST), |_| ());
            memory.links.publish(&*memory, SECOND, BASE + CALLEE);
            memory.links.connect_all(&*memory, |place, distance| {
                assert_eq!(place, CALLER + 6);
                assert_eq!(distance, displacement(CALLER + 6 + DISPLACEMENT_BYTES, CALLEE));
            });
        });
    }
}
