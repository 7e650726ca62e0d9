//! A module's machine code.
//!
//! ```text
//! | stubs, 16 bytes a function | resolver | entries, 8 bytes a function | code, as it is compiled ... |
//! ```
//!
//! [`riser_tiers_core::native::links`] explains how calls get from one to the other. Initially an entry leads back into its stub, to
//! code that resolves the function.

use std::sync::{Arc, OnceLock};

use riser_tiers_core::ahead::{AheadCode, Target};
use riser_tiers_core::native::links::{DISPLACEMENT_BYTES, ENTRY_BYTES, STUB_BYTES, displacement};
use riser_tiers_core::native::{CodeMemory, Links, LoadedText, NativeFunction, Origin, code_map, resolve_index};
use riser_tiers_core::{Bailout, CodeTables, NativeCode};
use riser_translator::DefinedFuncIndex;
use riser_translator::module::ModuleInfo;

use crate::compile::Compiled;

/// `jmp [rip + 2]`, two bytes of padding, and the address.
const RESOLVER_BYTES: usize = 16;

/// The machine code of a module.
pub(crate) struct ModuleCode {
    memory: CodeMemory,
    links: Links,
    /// The text of all functions, if they were compiled ahead of time.
    loaded: OnceLock<LoadedText>,
}

impl ModuleCode {
    /// Reserves memory for the code of a module, none of whose functions is compiled, including `loaded` bytes of code made ahead of
    /// time. With `replaces`, another tier's code will replace functions.
    pub(crate) fn new(info: &ModuleInfo, loaded: usize, replaces: bool) -> Result<ModuleCode, Bailout> {
        let functions = info.bodies.len();
        let fixed = functions * (STUB_BYTES + ENTRY_BYTES) + RESOLVER_BYTES;
        let bodies = info.bodies.iter().map(|body| body.range.len());
        let memory = CodeMemory::for_module(bodies, fixed, loaded)?;
        let start = memory.allocate_code(fixed)?;
        let resolver = start + functions * STUB_BYTES;
        let entries = resolver + RESOLVER_BYTES;
        let links = Links::new(functions, entries, replaces);
        let module = ModuleCode { memory, links, loaded: OnceLock::new() };
        let mut stubs = Vec::with_capacity(fixed);
        for defined in DefinedFuncIndex::first(functions) {
            let at = start + defined.index() * STUB_BYTES;
            // jmp [rip + entry]; mov eax, defined; jmp resolver
            stubs.extend([0xff, 0x25]);
            stubs.extend(displacement(at + 6, module.links.entry(defined)).to_le_bytes());
            stubs.push(0xb8);
            stubs.extend(defined.as_u32().to_le_bytes());
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
        // Stubs do not trap; profilers see them.
        let (address, origin) = (module.memory.address(start), Origin::Trampoline);
        let known = NativeFunction {
            start: address,
            len: resolver - start,
            origin,
            tables: CodeTables::default(),
            may_access_memory: false,
        };
        // SAFETY: just written; the stubs do not trap, and throw nothing.
        unsafe { code_map::insert(known, &stubs[..resolver - start]) };
        Ok(module)
    }

    /// Bytes of machine code, stubs and entries included.
    pub(crate) fn bytes(&self) -> usize {
        self.memory.used()
    }

    /// Redirects a function's calls to another tier's code.
    pub(crate) fn replace(&self, defined: DefinedFuncIndex, code: NativeCode) {
        self.links.replace(&self.memory, defined, code.0.addr());
    }

    /// Makes all calls of compiled functions direct.
    ///
    /// # Safety
    ///
    /// No code of the module runs or has run.
    pub(crate) unsafe fn connect_all(&self) {
        self.links.connect_all(&self.memory, |place, distance| {
            // SAFETY: only one thread at a time writes to a place, and nobody runs the code.
            unsafe { self.memory.write(place, &distance.to_le_bytes()) };
        });
    }

    /// Publishes a function's code, so that calls lead to it, unless another tier's code has replaced it.
    pub(crate) fn publish(
        &self,
        compiled: Compiled,
        info: &Arc<ModuleInfo>,
        defined: DefinedFuncIndex,
    ) -> Result<NativeCode, Bailout> {
        let code = self.place(compiled, info, defined, true)?;
        self.links.publish(&self.memory, defined, code.0.addr());
        Ok(code)
    }

    /// Adds the code of all functions, compiled ahead of time.
    pub(crate) fn load(&self, code: AheadCode<'_>, info: &Arc<ModuleInfo>) -> Result<(), Bailout> {
        let to = |text: &LoadedText, place: usize, target: Target| match target {
            Target::Function(callee) => {
                let code = text.offset(callee).unwrap_or(callee.index() * STUB_BYTES);
                Ok(displacement(place + DISPLACEMENT_BYTES, code))
            }
            Target::Entries(_) => Err(Bailout::Unsupported(format!("code that refers to {target:?}"))),
        };
        let publish = |defined, address| self.links.set(&self.memory, defined, address);
        let loaded = LoadedText::load(&self.memory, info, code, to, publish)?;
        self.loaded.get_or_init(|| loaded);
        Ok(())
    }

    /// A function that was compiled ahead of time, if all functions were.
    pub(crate) fn loaded(&self, defined: DefinedFuncIndex) -> Option<Result<NativeCode, Bailout>> {
        let text = self.loaded.get()?;
        // Its code may have been replaced.
        let address = || self.links.code(defined).unwrap_or_default();
        Some(text.offset(defined).map(|_| NativeCode(std::ptr::with_exposed_provenance(address()))))
    }

    /// Adds further code that belongs to a function.
    pub(crate) fn add(
        &self,
        compiled: Compiled,
        info: &Arc<ModuleInfo>,
        defined: DefinedFuncIndex,
    ) -> Result<NativeCode, Bailout> {
        self.place(compiled, info, defined, false)
    }

    /// Adds code. With `whole`, it is the function itself, which calls itself directly.
    fn place(
        &self,
        compiled: Compiled,
        info: &Arc<ModuleInfo>,
        defined: DefinedFuncIndex,
        whole: bool,
    ) -> Result<NativeCode, Bailout> {
        let Compiled { mut code, calls, tables, .. } = compiled;
        let at = self.memory.allocate_code(code.len())?;
        let address = self.memory.address(at);
        let own = whole.then_some(defined);
        self.links.place(&self.memory, at, &mut code, &calls, own, |code| {
            // SAFETY: just allocated; nobody else knows of it.
            unsafe { self.memory.write(at, code) };
        });
        let origin = Origin::Function { module: Arc::clone(info), index: info.func_index(defined) };
        let known = NativeFunction { start: address, len: code.len(), origin, tables, may_access_memory: false };
        // SAFETY: just written; the tables came with the code from the compiler.
        unsafe { code_map::insert(known, &code) };
        Ok(NativeCode(std::ptr::with_exposed_provenance(address)))
    }
}
