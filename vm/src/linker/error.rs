//! The error for imports without a definition.

use std::fmt;

use riser_translator::Shown;
use riser_translator::module::ExternType;

use crate::ImportType;
use crate::instantiate::describe;

/// The error for a module's import that has no definition.
#[derive(Clone, Debug)]
pub struct UnknownImportError {
    module: String,
    name: String,
    ty: ExternType,
}

impl UnknownImportError {
    pub(crate) fn new(import: &ImportType<'_>) -> UnknownImportError {
        UnknownImportError { module: import.module().to_owned(), name: import.name().to_owned(), ty: import.ty() }
    }

    /// The name of the module to import from.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The name within that module.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The expected type.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

impl fmt::Display for UnknownImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnknownImportError { module, name, ty } = self;
        let (module, name) = (Shown(module), Shown(name));
        write!(f, "unknown import: `{module}::{name}` has not been defined (expected {})", describe(ty))
    }
}

impl std::error::Error for UnknownImportError {}
