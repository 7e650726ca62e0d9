//! Code that was compiled ahead of time, from a file into a module's memory.

use std::sync::Arc;

use riser_translator::DefinedFuncIndex;
use riser_translator::module::ModuleInfo;

use super::code_map::{self, NativeText};
use super::code_memory::CodeMemory;
use crate::Bailout;
use crate::ahead::{AheadCode, Functions, Relocation, Target};

/// The functions of a module, as one text in the module's memory.
#[derive(Debug)]
pub struct LoadedText {
    /// The text's offset in the memory.
    at: usize,
    functions: Functions,
}

impl LoadedText {
    /// Places a text in a module's memory, fills in its displacements, and makes it known to whoever asks for code by its address.
    ///
    /// `displacement` gets the text, the offset in the memory of a displacement, and its target. `publish` gets the address of each
    /// function that has code.
    ///
    /// # Errors
    ///
    /// If there is no room; and those of `displacement`.
    pub fn load(
        memory: &CodeMemory,
        info: &Arc<ModuleInfo>,
        code: AheadCode<'_>,
        displacement: impl Fn(&LoadedText, usize, Target) -> Result<i32, Bailout>,
        publish: impl Fn(DefinedFuncIndex, usize),
    ) -> Result<LoadedText, Bailout> {
        let AheadCode { text, functions, relocations, tables } = code;
        let loaded = LoadedText { at: memory.allocate_code(text.len())?, functions };
        // SAFETY: just allocated; nobody else knows of it.
        unsafe { memory.write(loaded.at, text) };
        for Relocation { at, target } in relocations {
            let place = loaded.at + at as usize;
            let displacement = displacement(&loaded, place, target)?;
            // SAFETY: as above; relocations are within the text.
            unsafe { memory.write(place, &displacement.to_le_bytes()) };
        }
        for defined in DefinedFuncIndex::first(loaded.functions.len()) {
            if let Ok(offset) = loaded.offset(defined) {
                publish(defined, memory.address(offset));
            }
        }
        let start = memory.address(loaded.at);
        let range = start..start + text.len();
        let known = NativeText::new(range, Arc::clone(info), Arc::clone(&loaded.functions), tables);
        // SAFETY: the text is there. Whoever runs the code says that it is what it should be, and so what is known of it.
        unsafe { code_map::insert_text(known, text) };
        Ok(loaded)
    }

    /// The offset of a function's first instruction in the memory.
    ///
    /// # Errors
    ///
    /// If the tier did not take the function; says why.
    pub fn offset(&self, defined: DefinedFuncIndex) -> Result<usize, Bailout> {
        match &self.functions[defined.index()] {
            Ok(placed) => Ok(self.at + (placed.at + placed.start) as usize),
            Err(why) => Err(Bailout::Unsupported(why.to_string())),
        }
    }
}
