//! A module's machine code.
//!
//! ```text
//! | stubs, 16 bytes a function | resolvers | entries, 8 bytes a function | code, as it is compiled ... |
//! ```
//!
//! Functions of a module call each other through the table of entries. A function's entry initially leads to its stub, which
//! resolves and calls the function. Publishing a function is one atomic store of its address, which every instance of the
//! module and every thread sees at its next call. A function that this tier declines keeps its stub.

use std::sync::{Arc, OnceLock};

use riser_tiers_core::ahead::{AheadCode, Target};
use riser_tiers_core::native::links::Words;
use riser_tiers_core::native::{
    CodeMemory, LoadedText, NativeFunction, Origin, call_index_copied, code_map, resolve_index,
};
use riser_tiers_core::{Bailout, CodeTables, NativeCode};
use riser_translator::DefinedFuncIndex;
use riser_translator::module::ModuleInfo;

use crate::object::Compiled;
use crate::signature::in_registers;

const STUB_BYTES: usize = 16;
const ENTRY_BYTES: usize = 8;
/// `jmp [rip + 2]`, two bytes of padding, and the address.
const RESOLVER_BYTES: usize = 16;

/// The machine code of a module.
pub(crate) struct ModuleCode {
    memory: CodeMemory,
    /// The offset of the entries in the memory.
    entries: usize,
    /// The text of all functions, if they were compiled ahead of time.
    loaded: OnceLock<LoadedText>,
}

impl ModuleCode {
    /// Reserves memory for the code of a module, none of whose functions is compiled, including `loaded` bytes of code made
    /// ahead of time.
    pub(crate) fn new(info: &ModuleInfo, loaded: usize) -> Result<ModuleCode, Bailout> {
        let functions = info.bodies.len();
        let fixed = functions * (STUB_BYTES + ENTRY_BYTES) + 2 * RESOLVER_BYTES;
        let bodies = info.bodies.iter().map(|body| body.range.len());
        let memory = CodeMemory::for_module(bodies, fixed, loaded)?;
        let start = memory.allocate_code(fixed)?;
        let resolvers = start + functions * STUB_BYTES;
        let entries = resolvers + 2 * RESOLVER_BYTES;
        let mut bytes = Vec::with_capacity(fixed);
        for defined in DefinedFuncIndex::first(functions) {
            let by_array = !in_registers(info.func_type(info.func_index(defined)));
            let resolver = resolvers + usize::from(by_array) * RESOLVER_BYTES;
            // mov eax, defined; jmp resolver
            bytes.push(0xb8);
            bytes.extend(defined.as_u32().to_le_bytes());
            bytes.push(0xe9);
            bytes.extend(displacement(start + bytes.len() + 4, resolver).to_le_bytes());
            bytes.resize((defined.index() + 1) * STUB_BYTES, 0xcc);
        }
        for resolve in [resolve_index as *const (), call_index_copied as *const ()] {
            bytes.extend([0xff, 0x25, 2, 0, 0, 0, 0xcc, 0xcc]);
            bytes.extend((resolve as usize as u64).to_le_bytes());
        }
        for position in 0..functions {
            bytes.extend((memory.address(start + position * STUB_BYTES) as u64).to_le_bytes());
        }
        // SAFETY: just allocated.
        unsafe { memory.write(start, &bytes) };
        // Stubs do not trap; profilers see them.
        let (address, len) = (memory.address(start), entries - start);
        let known = NativeFunction {
            start: address,
            len,
            origin: Origin::Trampoline,
            tables: CodeTables::default(),
            may_access_memory: false,
        };
        // SAFETY: just written; the stubs do not trap, and throw nothing.
        unsafe { code_map::insert(known, &bytes[..len]) };
        Ok(ModuleCode { memory, entries, loaded: OnceLock::new() })
    }

    /// How many bytes of machine code there are, stubs and entries included.
    pub(crate) fn bytes(&self) -> usize {
        self.memory.used()
    }

    /// Adds the code of all functions, compiled ahead of time.
    pub(crate) fn load(&self, code: AheadCode<'_>, info: &Arc<ModuleInfo>) -> Result<(), Bailout> {
        let to = |_: &LoadedText, place: usize, target: Target| match target {
            Target::Entries(addend) => Ok((self.entries as i64 + addend - place as i64) as i32),
            Target::Function(_) => Err(Bailout::Unsupported(format!("code that refers to {target:?}"))),
        };
        let publish = |defined, address| self.publish_at(defined, address);
        let loaded = LoadedText::load(&self.memory, info, code, to, publish)?;
        self.loaded.get_or_init(|| loaded);
        Ok(())
    }

    /// Makes calls of a function lead to an address from now on.
    fn publish_at(&self, defined: DefinedFuncIndex, address: usize) {
        self.memory.store(self.entries + defined.index() * ENTRY_BYTES, address as u64);
    }

    /// Whether all functions were compiled ahead of time.
    pub(crate) fn is_loaded(&self) -> bool {
        self.loaded.get().is_some()
    }

    /// A function that was compiled ahead of time.
    pub(crate) fn loaded(&self, defined: DefinedFuncIndex) -> Result<NativeCode, Bailout> {
        let text = self.loaded.get();
        let text = text.ok_or_else(|| Bailout::Unsupported("a function that is in no file".to_owned()))?;
        let address = self.memory.address(text.offset(defined)?);
        Ok(NativeCode(std::ptr::with_exposed_provenance(address)))
    }

    /// Adds the code of a function, and makes calls lead to it from now on.
    pub(crate) fn publish(
        &self,
        compiled: Compiled,
        may_access_memory: bool,
        info: &Arc<ModuleInfo>,
        defined: DefinedFuncIndex,
    ) -> Result<NativeCode, Bailout> {
        let code = self.add(compiled, may_access_memory, info, defined)?;
        self.publish_at(defined, code.0.addr());
        Ok(code)
    }

    /// Adds further code that belongs to a function.
    pub(crate) fn add(
        &self,
        compiled: Compiled,
        may_access_memory: bool,
        info: &Arc<ModuleInfo>,
        defined: DefinedFuncIndex,
    ) -> Result<NativeCode, Bailout> {
        let Compiled { mut bytes, code_bytes, start, entries, tables } = compiled;
        let at = self.memory.allocate_code(bytes.len())?;
        for (offset, addend) in entries {
            let target = (self.entries as i64 + addend - (at + offset) as i64) as i32;
            bytes[offset..offset + 4].copy_from_slice(&target.to_le_bytes());
        }
        // SAFETY: just allocated; nobody else knows of it.
        unsafe { self.memory.write(at, &bytes) };
        let origin = Origin::Function { module: Arc::clone(info), index: info.func_index(defined) };
        let address = self.memory.address(at);
        let known = NativeFunction { start: address, len: code_bytes, origin, tables, may_access_memory };
        // SAFETY: just written; the tables came with the code from the compiler.
        unsafe { code_map::insert(known, &bytes[..code_bytes]) };
        Ok(NativeCode(std::ptr::with_exposed_provenance(address + start)))
    }
}

/// The displacement from the end of an instruction at `from` to `to`, both within one memory.
fn displacement(from: usize, to: usize) -> i32 {
    (to as i64 - from as i64) as i32
}
