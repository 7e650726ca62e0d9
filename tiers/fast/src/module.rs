//! A module's machine code.
//!
//! ```text
//! | stubs, 16 bytes a function | resolver | entries, 8 bytes a function | code, as it is compiled ... |
//! ```
//!
//! A function is called directly if it is compiled already, else through its stub, which
//! jumps to the function's entry. Entries are data: publishing a function is one
//! atomic store, which every instance of the module and every thread sees at its next call. An
//! entry at first leads back into the stub, to code that has the function resolved.
//!
//! Calls that go through the stub are made direct when their callee is published. Other threads may be running
//! them: a displacement is replaced only where it lies in one aligned 64-bit word, which processors fetch as it
//! was or as it is, and either will do. The rest is left to the stub, unless all of a module has been compiled before
//! any of it runs ([`ModuleCode::connect_all`]).
//!
//! Where there is a step above this tier, functions are replaced by another tier's ([`ModuleCode::replace`]): then all calls are such that they can
//! be made to lead elsewhere while they run, or go through the stub for good.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use riser_tiers_core::ahead::{AheadCode, Functions, MAX_ALIGN, Target};
use riser_tiers_core::native::{CodeMemory, NativeFunction, NativeText, Origin, code_map, code_memory, resolve_index};
use riser_tiers_core::{Bailout, NativeCode};
use riser_translator::module::ModuleInfo;

use crate::compile::Compiled;

const STUB_BYTES: usize = 16;
const ENTRY_BYTES: usize = 8;
const WORD_BYTES: usize = 8;
const DISPLACEMENT_BYTES: usize = 4;
/// `jmp [rip + 2]`, two bytes of padding, and the address.
const RESOLVER_BYTES: usize = 16;

/// The machine code of a module.
pub(crate) struct ModuleCode {
    memory: CodeMemory,
    /// Where the entries start in the memory.
    entries: usize,
    /// For each function that the module defines, where its code is; 0 if it is not compiled.
    compiled: Box<[AtomicUsize]>,
    /// Whether functions will be replaced.
    replaces: bool,
    /// Calls that are to lead elsewhere when there is other code of the callee: by the callee, where in the memory their displacements are.
    calls: Mutex<HashMap<u32, Vec<usize>>>,
    /// For each function, where it is or why it is not, if all were compiled ahead of time.
    loaded: OnceLock<Functions>,
}

/// Whether the displacement at `place` in the memory can be replaced while other threads run the call.
fn is_replaceable(place: usize) -> bool {
    place % WORD_BYTES + DISPLACEMENT_BYTES <= WORD_BYTES
}

fn no_memory(error: &dyn std::fmt::Display) -> Bailout {
    Bailout::TooLarge(format!("no memory for machine code: {error}"))
}

impl ModuleCode {
    /// Room for the code of a module, none of whose functions is compiled; with `replaces`, they will be replaced by another tier's.
    pub(crate) fn new(info: &ModuleInfo, replaces: bool) -> Result<ModuleCode, Bailout> {
        let functions = info.bodies.len();
        let wasm: usize = info.bodies.iter().map(|body| body.range.len()).sum();
        let fixed = functions * (STUB_BYTES + ENTRY_BYTES) + RESOLVER_BYTES;
        // Address space, not memory: machine code is usually 3 to 10 times the size of wasm.
        let room = fixed.saturating_add(wasm.saturating_mul(64)).saturating_add(functions * 1024 + (64 << 10));
        let memory = CodeMemory::new(room.min(code_memory::MAX_BYTES)).map_err(|error| no_memory(&error))?;
        let start = memory.allocate(fixed).ok_or_else(|| no_memory(&"too many functions"))?;
        let resolver = start + functions * STUB_BYTES;
        let entries = resolver + RESOLVER_BYTES;
        let module = ModuleCode {
            memory,
            entries,
            compiled: std::iter::repeat_with(AtomicUsize::default).take(functions).collect(),
            replaces,
            calls: Mutex::default(),
            loaded: OnceLock::new(),
        };
        let mut stubs = Vec::with_capacity(fixed);
        for index in 0..functions {
            let at = start + index * STUB_BYTES;
            // jmp [rip + entry]; mov eax, index; jmp resolver
            stubs.extend([0xff, 0x25]);
            stubs.extend(displacement(at + 6, module.entry_offset(index)).to_le_bytes());
            stubs.push(0xb8);
            stubs.extend((index as u32).to_le_bytes());
            stubs.push(0xe9);
            stubs.extend(displacement(at + STUB_BYTES, resolver).to_le_bytes());
        }
        stubs.extend([0xff, 0x25, 2, 0, 0, 0, 0xcc, 0xcc]);
        stubs.extend((resolve_index as *const () as usize as u64).to_le_bytes());
        for index in 0..functions {
            let unresolved = module.memory.address(start + index * STUB_BYTES + 6) as u64;
            stubs.extend(unresolved.to_le_bytes());
        }
        // SAFETY: just allocated.
        unsafe { module.memory.write(start, &stubs) };
        // Nothing traps there; profilers meet it.
        let (address, origin) = (module.memory.address(start), Origin::Trampoline);
        let known = NativeFunction {
            start: address,
            len: resolver - start,
            origin,
            positions: [].into(),
            traps: [].into(),
            may_access_memory: false,
        };
        code_map::insert(known, &stubs[..resolver - start]);
        Ok(module)
    }

    /// Bytes of machine code, stubs and entries included.
    pub(crate) fn bytes(&self) -> usize {
        self.memory.used()
    }

    fn entry_offset(&self, defined: usize) -> usize {
        self.entries + defined * ENTRY_BYTES
    }

    /// Where a function's code is, relative to the memory's start, if there is any: the tier's own, or what replaces it.
    fn compiled(&self, defined: u32) -> Option<i64> {
        let address = self.compiled[defined as usize].load(Ordering::Acquire);
        (address != 0).then(|| address as i64 - self.memory.address(0) as i64)
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<u32, Vec<usize>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The displacement at `place` by which a call of a function leads to its code, relative to the memory's start; through the stub if
    /// the code is too far away.
    fn call_displacement(&self, place: usize, defined: u32, code: i64) -> i32 {
        let from = place + DISPLACEMENT_BYTES;
        let direct = i32::try_from(code - from as i64);
        direct.unwrap_or_else(|_| displacement(from, defined as usize * STUB_BYTES))
    }

    /// Has calls of a function lead to `code` where that can be done while they run. The lock on them is held.
    fn connect(&self, calls: &mut HashMap<u32, Vec<usize>>, defined: u32, code: i64) {
        let Some(places) = calls.get_mut(&defined) else { return };
        places.retain(|&place| {
            let is_replaceable = is_replaceable(place);
            if is_replaceable {
                // Nobody else writes to the word: the lock is held, and its bytes are all of one function.
                let shift = place % WORD_BYTES;
                let word = self.memory.word(place - shift);
                let mut bytes = word.load(Ordering::Relaxed).to_le_bytes();
                let distance = self.call_displacement(place, defined, code);
                bytes[shift..shift + DISPLACEMENT_BYTES].copy_from_slice(&distance.to_le_bytes());
                word.store(u64::from_le_bytes(bytes), Ordering::Release);
            }
            self.replaces || !is_replaceable
        });
    }

    /// Has a function's code be called from now on; the lock on calls is held.
    fn lead_to(&self, calls: &mut HashMap<u32, Vec<usize>>, defined: u32, code: NativeCode) {
        let address = code.0.addr();
        self.compiled[defined as usize].store(address, Ordering::Release);
        self.memory.word(self.entry_offset(defined as usize)).store(address as u64, Ordering::Release);
        self.connect(calls, defined, address as i64 - self.memory.address(0) as i64);
    }

    /// Has another tier's code be called for a function from now on.
    pub(crate) fn replace(&self, defined: u32, code: NativeCode) {
        if self.compiled[defined as usize].load(Ordering::Acquire) != code.0.addr() {
            self.lead_to(&mut self.calls(), defined, code);
        }
    }

    /// Makes all calls of functions that are compiled direct.
    ///
    /// # Safety
    ///
    /// No code of the module runs, nor has it run.
    pub(crate) unsafe fn connect_all(&self) {
        for (defined, places) in self.calls().drain() {
            let Some(code) = self.compiled(defined) else { continue };
            for place in places {
                let distance = self.call_displacement(place, defined, code);
                // SAFETY: the lock is held, and nobody runs the code.
                unsafe { self.memory.write(place, &distance.to_le_bytes()) };
            }
        }
    }

    /// Makes a function's code the one that is called from now on, unless there is another tier's.
    pub(crate) fn publish(
        &self,
        compiled: Compiled,
        info: &Arc<ModuleInfo>,
        function: u32,
    ) -> Result<NativeCode, Bailout> {
        let code = self.place(compiled, info, function, true)?;
        let defined = function - info.imported_functions;
        let mut calls = self.calls();
        if self.compiled(defined).is_none() {
            self.lead_to(&mut calls, defined, code);
        }
        Ok(code)
    }

    /// Adds the code of all functions, which was compiled ahead of time.
    pub(crate) fn load(&self, code: AheadCode<'_>, info: &Arc<ModuleInfo>) -> Result<(), Bailout> {
        let AheadCode { text, functions, relocations, tables } = code;
        let at = self.memory.allocate_aligned(text.len(), MAX_ALIGN as usize);
        let at = at.ok_or_else(|| no_memory(&"the module's is used up"))?;
        // SAFETY: just allocated; nobody knows of it.
        unsafe { self.memory.write(at, text) };
        for relocation in relocations {
            let place = at + relocation.at as usize;
            let Target::Function(callee) = relocation.target else {
                return Err(Bailout::Unsupported(format!("code that refers to {:?}", relocation.target)));
            };
            let target = match &functions[callee as usize] {
                Ok(placed) => at + (placed.at + placed.start) as usize,
                Err(_) => callee as usize * STUB_BYTES,
            };
            // SAFETY: as above; relocations are within the text.
            unsafe { self.memory.write(place, &displacement(place + DISPLACEMENT_BYTES, target).to_le_bytes()) };
        }
        for (defined, function) in functions.iter().enumerate() {
            let Ok(function) = function else { continue };
            let address = self.memory.address(at + (function.at + function.start) as usize);
            self.compiled[defined].store(address, Ordering::Release);
            self.memory.word(self.entry_offset(defined)).store(address as u64, Ordering::Release);
        }
        let start = self.memory.address(at);
        let known = NativeText::new(start..start + text.len(), Arc::clone(info), Arc::clone(&functions), tables);
        code_map::insert_text(known, text);
        self.loaded.get_or_init(|| functions);
        Ok(())
    }

    /// A function that was compiled ahead of time, if all were.
    pub(crate) fn loaded(&self, defined: u32) -> Option<Result<NativeCode, Bailout>> {
        Some(match &self.loaded.get()?[defined as usize] {
            Ok(_) => {
                let address = self.compiled[defined as usize].load(Ordering::Acquire);
                Ok(NativeCode(std::ptr::with_exposed_provenance(address)))
            }
            Err(why) => Err(Bailout::Unsupported(why.to_string())),
        })
    }

    /// Adds code that belongs to a function.
    pub(crate) fn add(&self, compiled: Compiled, info: &Arc<ModuleInfo>, function: u32) -> Result<NativeCode, Bailout> {
        self.place(compiled, info, function, false)
    }

    /// Adds code; with `whole`, it is the function itself, which it then calls directly.
    fn place(
        &self,
        compiled: Compiled,
        info: &Arc<ModuleInfo>,
        function: u32,
        whole: bool,
    ) -> Result<NativeCode, Bailout> {
        let Compiled { mut code, calls, positions, traps } = compiled;
        let at = self.memory.allocate(code.len()).ok_or_else(|| no_memory(&"the module's is used up"))?;
        let address = self.memory.address(at);
        // Held until the code is there: what is published from then on finds the calls.
        let mut known_calls = self.calls();
        for (offset, callee) in calls {
            let (offset, place) = (offset as usize, at + offset as usize);
            let own = whole && callee == function - info.imported_functions;
            let mut compiled = self.compiled(callee).or(own.then_some(at as i64));
            if self.replaces && !is_replaceable(place) {
                compiled = None;
            } else if self.replaces || compiled.is_none() {
                known_calls.entry(callee).or_default().push(place);
            }
            let code_at = compiled.unwrap_or((callee as usize * STUB_BYTES) as i64);
            let distance = self.call_displacement(place, callee, code_at);
            code[offset..offset + DISPLACEMENT_BYTES].copy_from_slice(&distance.to_le_bytes());
        }
        // SAFETY: just allocated; nobody knows of it.
        unsafe { self.memory.write(at, &code) };
        drop(known_calls);
        let origin = Origin::Function { module: Arc::clone(info), index: function };
        code_map::insert(
            NativeFunction { start: address, len: code.len(), origin, positions, traps, may_access_memory: false },
            &code,
        );
        Ok(NativeCode(std::ptr::with_exposed_provenance(address)))
    }
}

/// The displacement from the end of an instruction at `from` to `to`, both within one memory.
fn displacement(from: usize, to: usize) -> i32 {
    (to as i64 - from as i64) as i32
}
