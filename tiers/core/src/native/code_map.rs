//! The code map: from code addresses to functions and positions in wasm.

use std::collections::BTreeMap;
use std::ops::Range;
use std::ptr;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockWriteGuard};

use riser_translator::module::ModuleInfo;
use riser_translator::{DefinedFuncIndex, FuncIndex, TrapCode};

use super::faults::Cause;
use super::profile;
use crate::ahead::{Functions, Placed};
use crate::{CodeTables, FrameValues};

/// What a piece of machine code is.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A wasm function.
    Function {
        /// Its module.
        module: Arc<ModuleInfo>,
        /// Its index in the module.
        index: FuncIndex,
    },
    /// Code between functions: an entry trampoline or a bridge.
    Trampoline,
}

/// A piece of machine code that has been published.
#[derive(Clone, Debug)]
pub struct NativeFunction {
    /// Address of the first byte.
    pub start: usize,
    /// Length in bytes.
    pub len: usize,
    /// What it is.
    pub origin: Origin,
    /// What is known of its instructions.
    pub tables: CodeTables,
    /// Whether any other instruction may access a memory out of bounds: for compilers that do not list the accesses.
    pub may_access_memory: bool,
}

impl NativeFunction {
    /// The module offset of the operator that the instruction at `pc` belongs to, if there is one.
    pub fn wasm_offset(&self, pc: usize) -> Option<u32> {
        let offset = (pc - self.start) as u32;
        let positions = &self.tables.positions;
        let after = positions.partition_point(|&(start, _)| start <= offset);
        let (_, position) = positions[after.checked_sub(1)?];
        (position != CodeTables::NO_POSITION).then_some(position)
    }

    /// Where the values of the function's frame are while it calls; `frame_pointer` is that of the frame.
    pub(super) fn values(&self, frame_pointer: usize) -> FrameValues {
        match self.tables.copy as usize {
            0 => FrameValues::Unknown,
            bytes => FrameValues::Copy(ptr::with_exposed_provenance(frame_pointer - bytes)),
        }
    }

    /// The source positions, without those that are [`CodeTables::NO_POSITION`].
    pub(super) fn operators(&self) -> impl Iterator<Item = (u32, u32)> {
        self.tables.positions.iter().copied().filter(|&(_, offset)| offset != CodeTables::NO_POSITION)
    }

    /// The trap of the instruction at `pc`, if it may trap for this cause.
    pub fn trap(&self, pc: usize, cause: Cause) -> Option<TrapCode> {
        let offset = (pc - self.start) as u32;
        let traps = &self.tables.traps;
        let listed = traps.binary_search_by_key(&offset, |&(at, _)| at).ok().map(|at| traps[at].1);
        match cause {
            Cause::Instruction => listed,
            Cause::Null => listed.filter(|&trap| trap == TrapCode::UninitializedElement),
            Cause::Memory => match listed {
                Some(trap) => (trap == TrapCode::MemoryOutOfBounds).then_some(trap),
                None => self.may_access_memory.then_some(TrapCode::MemoryOutOfBounds),
            },
        }
    }

    /// Where the call whose last byte is at `pc` goes on if it ends in an exception: the code, and the number of bytes from the stack
    /// pointer up to the frame pointer there. `None` if the exception leaves the function.
    pub fn landing(&self, pc: usize) -> Option<(usize, usize)> {
        let landings = &self.tables.landings;
        let code = landings.find((pc - self.start) as u32)? as usize;
        (code < self.len).then_some((self.start + code, landings.frame_bytes as usize))
    }
}

/// The functions of a module that was compiled ahead of time, as one text.
#[derive(Debug)]
pub struct NativeText {
    /// Address of the first byte.
    start: usize,
    /// Length in bytes.
    len: usize,
    /// The module.
    module: Arc<ModuleInfo>,
    /// For each function that the module defines, its place, or why it has no code. Places are in ascending order.
    functions: Functions,
    /// The tables of the functions.
    tables: Arc<[u8]>,
    /// The functions that have code. Each caches its decoded tables: a backtrace of a deep recursion looks up the same function over and
    /// over.
    placed: Box<[(DefinedFuncIndex, OnceLock<Arc<NativeFunction>>)]>,
}

impl NativeText {
    /// The text of a module at an address.
    pub fn new(range: Range<usize>, module: Arc<ModuleInfo>, functions: Functions, tables: Arc<[u8]>) -> NativeText {
        let placed = functions.iter().enumerate().filter(|(_, function)| function.is_ok());
        let placed = placed.map(|(position, _)| (DefinedFuncIndex::at(position), OnceLock::new())).collect();
        NativeText { start: range.start, len: range.len(), module, functions, tables, placed }
    }

    fn placed(&self, defined: DefinedFuncIndex) -> Option<&Placed> {
        self.functions.get(defined.index())?.as_ref().ok()
    }

    /// The function that has an instruction at `pc`.
    fn find(&self, pc: usize) -> Option<Arc<NativeFunction>> {
        let at = pc - self.start;
        let before = |it: &(DefinedFuncIndex, _)| self.placed(it.0).is_some_and(|placed| placed.at as usize <= at);
        let (defined, read) = &self.placed[self.placed.partition_point(before).checked_sub(1)?];
        let end = self.placed(*defined).map(|placed| (placed.at + placed.code_bytes) as usize)?;
        if at >= end {
            return None;
        }
        let function = match read.get() {
            Some(function) => function,
            None => {
                let function = Arc::new(self.function(*defined)?);
                read.get_or_init(|| function)
            }
        };
        Some(Arc::clone(function))
    }

    /// A function that has code.
    fn function(&self, defined: DefinedFuncIndex) -> Option<NativeFunction> {
        let placed = self.placed(defined)?;
        let (from, to) = placed.tables;
        Some(NativeFunction {
            start: self.start + placed.at as usize,
            len: placed.code_bytes as usize,
            origin: Origin::Function { module: Arc::clone(&self.module), index: self.module.func_index(defined) },
            tables: CodeTables::read(self.tables.get(from as usize..to as usize)?),
            may_access_memory: placed.may_access_memory,
        })
    }
}

/// What starts at an address of the map.
#[derive(Clone)]
enum Known {
    Function(Arc<NativeFunction>),
    Text(Arc<NativeText>),
}

static MAP: RwLock<BTreeMap<usize, Known>> = RwLock::new(BTreeMap::new());

/// Locks the map against other threads.
pub(crate) struct HeldMap {
    _map: RwLockWriteGuard<'static, BTreeMap<usize, Known>>,
}

/// Locks the map against other threads until the result is dropped.
pub(crate) fn hold() -> HeldMap {
    HeldMap { _map: MAP.write().unwrap_or_else(PoisonError::into_inner) }
}

/// Registers code in the map, and reports it to profilers and debuggers. It stays registered until its memory is dropped.
///
/// # Safety
///
/// The code is at these addresses of a [`CodeMemory`](super::CodeMemory) of the caller's, and is as its tables say. Traps and exceptions go
/// on where these say, so this is not safe:
///
/// ```compile_fail,E0133
/// # fn register(function: riser_tiers_core::native::NativeFunction) {
/// riser_tiers_core::native::code_map::insert(function, &[]);
/// # }
/// ```
/// ```
/// # fn register(function: riser_tiers_core::native::NativeFunction) {
/// unsafe { riser_tiers_core::native::code_map::insert(function, &[]) };
/// # }
/// ```
pub unsafe fn insert(function: NativeFunction, code: &[u8]) {
    let function = Arc::new(function);
    let mut map = MAP.write().unwrap_or_else(PoisonError::into_inner);
    map.insert(function.start, Known::Function(Arc::clone(&function)));
    drop(map);
    profile::published(&[(&function, code)]);
}

/// As [`insert`], for all functions of a module.
///
/// # Safety
///
/// As for [`insert`].
pub unsafe fn insert_text(text: NativeText, code: &[u8]) {
    let text = Arc::new(text);
    MAP.write().unwrap_or_else(PoisonError::into_inner).insert(text.start, Known::Text(Arc::clone(&text)));
    if profile::is_on() {
        let functions: Vec<_> = text.placed.iter().filter_map(|(defined, _)| text.function(*defined)).collect();
        let code = |function: &NativeFunction| &code[function.start - text.start..][..function.len];
        profile::published(&functions.iter().map(|function| (function, code(function))).collect::<Vec<_>>());
    }
}

/// Removes all code in a range of addresses.
pub(super) fn remove(range: Range<usize>) {
    profile::removed(&range);
    let mut map = MAP.write().unwrap_or_else(PoisonError::into_inner);
    let gone: Vec<usize> = map.range(range).map(|(&start, _)| start).collect();
    for start in gone {
        map.remove(&start);
    }
}

/// The code that has an instruction at `pc`.
pub fn find(pc: usize) -> Option<Arc<NativeFunction>> {
    let map = MAP.read().unwrap_or_else(PoisonError::into_inner);
    match map.range(..=pc).next_back()?.1.clone() {
        Known::Function(function) => (pc < function.start + function.len).then_some(function),
        Known::Text(text) => {
            drop(map);
            (pc < text.start + text.len).then(|| text.find(pc))?
        }
    }
}

/// How many pieces of code are registered.
pub fn len() -> usize {
    MAP.read().unwrap_or_else(PoisonError::into_inner).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LandingCalls, Landings};

    #[test]
    fn addresses_lead_to_functions_and_offsets() {
        // Addresses at which other tests have no code.
        let function = |start, len| NativeFunction {
            start,
            len,
            origin: Origin::Trampoline,
            tables: CodeTables {
                positions: Box::new([(2, 100), (6, 90), (9, CodeTables::NO_POSITION)]),
                traps: Box::new([
                    (4, TrapCode::Unreachable),
                    (7, TrapCode::UninitializedElement),
                    (9, TrapCode::MemoryOutOfBounds),
                ]),
                landings: Landings { frame_bytes: 32, calls: Box::new([LandingCalls { from: 3, to: 5, landing: 8 }]) },
                copy: 24,
            },
            may_access_memory: len == 8,
        };
        // SAFETY: nothing runs there.
        unsafe {
            insert(function(0x1000, 16), &[0; 16]);
            insert(function(0x1010, 8), &[0; 8]);
        }
        assert_eq!(find(0xfff).map(|it| it.start), None);
        assert_eq!(find(0x100f).map(|it| it.start), Some(0x1000));
        assert_eq!(find(0x1010).map(|it| it.start), Some(0x1010));
        assert_eq!(find(0x1018).map(|it| it.start), None);
        let it = find(0x1000).unwrap();
        assert_eq!(
            [0x1001, 0x1002, 0x1005, 0x1006, 0x1009].map(|pc| it.wasm_offset(pc)),
            [None, Some(100), Some(100), Some(90), None]
        );
        let traps =
            |it: &NativeFunction, pc| [Cause::Instruction, Cause::Null, Cause::Memory].map(|why| it.trap(pc, why));
        assert_eq!(traps(&it, 0x1003), [None; 3]);
        assert_eq!(traps(&it, 0x1004), [Some(TrapCode::Unreachable), None, None]);
        let null = Some(TrapCode::UninitializedElement);
        assert_eq!(traps(&it, 0x1007), [null, null, None]);
        let memory = Some(TrapCode::MemoryOutOfBounds);
        assert_eq!(traps(&it, 0x1009), [memory, None, memory]);
        assert_eq!([0x1002, 0x1003, 0x1004, 0x1005].map(|pc| it.landing(pc)), {
            let landing = Some((0x1008, 32));
            [None, landing, landing, None]
        });
        let it = find(0x1010).unwrap();
        assert_eq!(it.landing(0x1013), None, "a landing beyond the code is none");
        assert_eq!(traps(&it, 0x1012), [None, None, Some(TrapCode::MemoryOutOfBounds)]);
        assert_eq!(traps(&it, 0x1014), [Some(TrapCode::Unreachable), None, None]);
        remove(0x1000..0x1010);
        assert_eq!(find(0x1000).map(|it| it.start), None);
        assert_eq!(find(0x1010).map(|it| it.start), Some(0x1010));
        remove(0x1010..0x1020);
        assert_eq!(find(0x1010).map(|it| it.start), None);
    }

    #[test]
    fn addresses_in_a_text_lead_to_functions() {
        let placed =
            |at, from, to| Placed { at, code_bytes: 16, start: 0, may_access_memory: false, tables: (from, to) };
        let mut bytes = Vec::new();
        let traps = Box::new([(5, TrapCode::Unreachable)]);
        CodeTables { positions: Box::new([(0, 7), (4, 9)]), traps, ..CodeTables::default() }.write(&mut bytes);
        let len = bytes.len() as u32;
        let functions = [Ok(placed(0, 0, len)), Err("not taken".into()), Ok(placed(32, 0, len))];
        let module = Arc::clone(riser_translator::parse_module(*b"\0asm\x01\0\0\0").unwrap().info());
        let text = NativeText::new(0x2000..0x2040, module, functions.into(), bytes.into());
        // SAFETY: nothing runs there.
        unsafe { insert_text(text, &[0x90; 0x40]) };
        let found = |pc| find(pc).map(|it| (it.start, it.wasm_offset(pc), it.trap(pc, Cause::Instruction)));
        assert_eq!(found(0x1fff), None);
        assert_eq!(found(0x2000), Some((0x2000, Some(7), None)));
        assert_eq!(found(0x2005), Some((0x2000, Some(9), Some(TrapCode::Unreachable))));
        // Between the functions, and after the last.
        assert_eq!(found(0x2010), None);
        assert_eq!(found(0x2025), Some((0x2020, Some(9), Some(TrapCode::Unreachable))));
        assert_eq!(found(0x2030), None);
        assert_eq!(found(0x2040), None);
        remove(0x2000..0x2001);
        assert_eq!(found(0x2000), None);
    }
}
