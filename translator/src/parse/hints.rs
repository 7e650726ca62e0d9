//! Branch hints: the custom section `metadata.code.branch_hint` of the branch hinting proposal.
//!
//! Hints are advice, so a module is not rejected for errors in them. A section that breaks a rule is ignored as a whole:
//! it is not what its producer meant. A hint for an operator that is no `if` or `br_if` is never looked up.

use wasmparser::{BinaryReaderError, BranchHintSectionReader};

use crate::index::FuncIndex;
use crate::module::{BranchHint, ModuleInfo};

impl ModuleInfo {
    /// Adds the hints of a section, which has to come before the code, once.
    pub(super) fn add_branch_hints(&mut self, section: BranchHintSectionReader<'_>) {
        if self.code_start == 0
            && self.branch_hints.is_empty()
            && let Ok(Some(hints)) = self.read_branch_hints(section)
        {
            self.branch_hints = hints;
        }
    }

    /// Reads the hints of a section; `None` if they are not in order or not for functions of the module.
    fn read_branch_hints(
        &self,
        section: BranchHintSectionReader<'_>,
    ) -> Result<Option<Vec<BranchHint>>, BinaryReaderError> {
        let mut hints: Vec<BranchHint> = Vec::new();
        let mut next_function = self.imported_functions;
        for function in section {
            let function = function?;
            if function.func < next_function || function.func as usize >= self.functions.len() {
                return Ok(None);
            }
            next_function = function.func + 1;
            let mut next_offset = 0;
            for hint in function.hints {
                let hint = hint?;
                if hint.func_offset < next_offset {
                    return Ok(None);
                }
                next_offset = hint.func_offset.saturating_add(1);
                let function = FuncIndex::new(function.func);
                hints.push(BranchHint { function, offset: hint.func_offset, is_taken: hint.taken });
            }
        }
        hints.shrink_to_fit();
        Ok(Some(hints))
    }
}
