//! The name section (core spec, appendix "Custom Sections").
//!
//! Names are for people, so a module is not rejected for errors in them. Of a malformed name section, everything that
//! could be read is kept.

use wasmparser::{BinaryReader, Name, NameSectionReader};

use crate::index::FuncIndex;
use crate::module::ModuleInfo;

impl ModuleInfo {
    /// Adds the names from a name section's payload, which is at `offset` in the module. Names of functions, which are
    /// many, stay in the module's bytes. A module may have many name sections, so the names are [sorted](Self::sort_names) in the end.
    pub(super) fn add_names(&mut self, payload: &[u8], offset: usize) {
        for subsection in NameSectionReader::new(BinaryReader::new(payload, offset)) {
            match subsection {
                Ok(Name::Module { name, .. }) => self.name = Some(name.into()),
                Ok(Name::Function(names)) => {
                    // As much as there is to come: most modules have one such subsection. A name takes two bytes at least.
                    if self.function_names.is_empty() {
                        self.function_names.reserve_exact((names.count() as usize).min(payload.len() / 2));
                    }
                    for naming in names {
                        let Ok(naming) = naming else { break };
                        let start = offset + naming.name.as_ptr().addr() - payload.as_ptr().addr();
                        // The module's length was checked to fit 32 bits.
                        let range = start as u32..(start + naming.name.len()) as u32;
                        self.function_names.push((FuncIndex::new(naming.index), range));
                    }
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }

    /// Sorts the names of functions, once all are there. The first name of a function counts.
    pub(super) fn sort_names(&mut self) {
        // As sections have them. Sorting takes room for half of them.
        if !self.function_names.is_sorted_by_key(|(index, _)| *index) {
            self.function_names.sort_by_key(|(index, _)| *index);
        }
        self.function_names.dedup_by_key(|(index, _)| *index);
        self.function_names.shrink_to_fit();
    }
}
