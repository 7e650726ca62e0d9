//! Reasons why a module was rejected, and where.

use std::fmt;

use crate::index::FuncIndex;
use crate::module::ModuleInfo;
use crate::shown::{Sentence, Shown};

/// The class of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The bytes are not a module (core spec, section 5).
    Malformed,
    /// The module decodes, but is not valid (core spec, section 3).
    Invalid,
    /// The module uses a feature that is not supported, or is larger than the implementation allows.
    Unsupported,
}

/// The error for a module, or a function of it, that was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranslateError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    offset: usize,
    function: Option<(FuncIndex, Option<String>)>,
}

impl TranslateError {
    pub(crate) fn new(kind: ErrorKind, offset: usize, message: impl Into<String>) -> TranslateError {
        let inner = Inner { kind, message: message.into(), offset, function: None };
        TranslateError { inner: Box::new(inner) }
    }

    /// Converts an error of the reader of the binary format, or of the validator.
    pub(crate) fn reported(error: &wasmparser::BinaryReaderError, read_by: Stage) -> TranslateError {
        let message = error.message();
        let kind = if names_a_disabled_feature(message) {
            ErrorKind::Unsupported
        } else {
            match read_by {
                Stage::Reading => ErrorKind::Malformed,
                Stage::Validating => ErrorKind::Invalid,
            }
        };
        TranslateError::new(kind, error.offset(), message)
    }

    pub(crate) fn in_function(self, module: &ModuleInfo, function: FuncIndex) -> TranslateError {
        self.in_named(function, module.func_name(function).map(str::to_owned))
    }

    pub(crate) fn in_named(mut self, function: FuncIndex, name: Option<String>) -> TranslateError {
        self.inner.function = Some((function, name));
        self
    }

    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The description of the error.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The place of the error, in bytes from the start of the module.
    pub fn offset(&self) -> usize {
        self.inner.offset
    }

    /// The function in whose body the error is: its index, and its name if it has one.
    pub fn function(&self) -> Option<(FuncIndex, Option<&str>)> {
        let (index, name) = self.inner.function.as_ref()?;
        Some((*index, name.as_deref()))
    }
}

/// The stage that reported an error.
#[derive(Clone, Copy)]
pub(crate) enum Stage {
    Reading,
    Validating,
}

/// Whether the message of the reader or validator concerns a feature that is switched off.
fn names_a_disabled_feature(message: &str) -> bool {
    const SIGNS: &[&str] = &[
        "not enabled",
        "must be enabled",
        "proposal",
        "references required for",
        "feature required for",
        "custom descriptors required",
        "without the gc feature",
        "is not supported",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}

impl fmt::Display for TranslateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.inner.kind {
            ErrorKind::Malformed => "malformed",
            ErrorKind::Invalid => "invalid",
            ErrorKind::Unsupported => "unsupported",
        };
        write!(f, "{kind} module at offset {:#x}", self.inner.offset)?;
        match &self.inner.function {
            Some((index, Some(name))) => write!(f, " in function ${} (index {index})", Shown(name))?,
            Some((index, None)) => write!(f, " in function {index}")?,
            None => {}
        }
        write!(f, ": {}", Sentence(&self.inner.message))
    }
}

impl std::error::Error for TranslateError {}
