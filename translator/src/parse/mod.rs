//! The parser from a module's bytes to a [`ParsedModule`].
//!
//! Bytes come in chunks of any size. Each section is decoded and validated as soon as it is complete. Of a function
//! body only the position is recorded: the body is read and validated when it is first translated. The time to parse a
//! module therefore hardly depends on how much code it has.
//!
//! Features of WebAssembly that are not supported, or are off ([`Features`]), are disabled in the validator. A module that
//! uses one is rejected with an error that names all the features that it needs (`needs.rs`).

mod hints;
mod names;
mod needs;
mod sections;
mod types;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmparser::{
    Chunk, FuncToValidate, Imports, Parser, Payload, ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

use crate::bytes::SharedBytes;
use crate::error::{ErrorKind, Stage, TranslateError};
use crate::faults::{Fault, faulty};
use crate::features::{Features, Proposal};
use crate::index::DefinedFuncIndex;
use crate::module::{FuncBody, ModuleInfo};

pub(crate) use needs::explain;
use sections::imports_from;
pub use types::{ref_type, val_type};

/// A decoded and validated module, ready for its functions to be translated.
///
/// Each function body is validated once, by the first translation of it, on any thread.
#[derive(Debug)]
pub struct ParsedModule {
    info: Arc<ModuleInfo>,
    /// The resources for validating a body; `None` if the module defines no function.
    resources: Option<ValidatorResources>,
    /// For each defined function, whether its body has been found valid.
    validated: Box<[AtomicBool]>,
}

impl ParsedModule {
    /// The module's declarations.
    pub fn info(&self) -> &Arc<ModuleInfo> {
        &self.info
    }

    /// Returns the validator for the body of a function; `None` if the body has been validated before.
    pub(crate) fn to_validate(&self, defined: DefinedFuncIndex) -> Option<FuncToValidate<ValidatorResources>> {
        if self.validated[defined.index()].load(Ordering::Relaxed) {
            return None;
        }
        let function = self.info.func_index(defined);
        Some(FuncToValidate {
            resources: self.resources.clone()?,
            index: function.as_u32(),
            ty: self.info.type_index(function).as_u32(),
            features: self.info.features.flags(),
        })
    }

    /// Notes that the body is valid. The bytes never change, so no ordering with other threads is needed.
    pub(crate) fn set_validated(&self, defined: DefinedFuncIndex) {
        self.validated[defined.index()].store(true, Ordering::Relaxed);
    }
}

/// Parses a module that is in memory as a whole, and may use the proposals that are on by default. The module keeps owned
/// bytes without a copy.
///
/// # Errors
///
/// If the module is malformed, invalid (apart from function bodies), or uses an unsupported feature.
pub fn parse_module(bytes: impl Into<SharedBytes>) -> Result<ParsedModule, TranslateError> {
    parse_module_with(bytes, Features::default())
}

/// As [`parse_module`], for a module that may use these proposals.
///
/// # Errors
///
/// As [`parse_module`].
pub fn parse_module_with(bytes: impl Into<SharedBytes>, features: Features) -> Result<ParsedModule, TranslateError> {
    let bytes = bytes.into();
    let mut decoder = Decoder::new(features);
    decoder.advance(&bytes, true).map_err(|error| explain(error, features, &bytes, decoder.until, true))?;
    Ok(decoder.into_module(bytes))
}

/// The smallest number of bytes that [`ModuleParser`] reserves at a time.
const LEAST_ROOM: usize = 4096;

/// Parses a module from chunks of any size.
pub struct ModuleParser {
    bytes: Vec<u8>,
    /// The number of bytes that are needed before parsing can continue.
    wanted: usize,
    decoder: Decoder,
    failed: Option<TranslateError>,
}

impl Default for ModuleParser {
    fn default() -> ModuleParser {
        ModuleParser::new()
    }
}

impl ModuleParser {
    /// Makes a parser at the start of a module, which may use the proposals that are on by default.
    pub fn new() -> ModuleParser {
        ModuleParser::with_features(Features::default())
    }

    /// Makes a parser at the start of a module that may use these proposals.
    pub fn with_features(features: Features) -> ModuleParser {
        ModuleParser { bytes: Vec::new(), wanted: 1, decoder: Decoder::new(features), failed: None }
    }

    /// Takes the next bytes of the module.
    ///
    /// # Errors
    ///
    /// As soon as the bytes received cannot be the start of a valid module; from then on each call fails in the same
    /// way.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), TranslateError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.make_room(chunk.len());
        self.bytes.extend_from_slice(chunk);
        if self.bytes.len() < self.wanted {
            return Ok(());
        }
        match self.decoder.advance(&self.bytes, false) {
            Ok(wanted) => {
                self.wanted = wanted;
                Ok(())
            }
            Err(error) => {
                let error = explain(error, self.decoder.info.features, &self.bytes, self.decoder.until, false);
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Reserves space for `more` bytes, and for few beyond them, so that an arriving module does not take twice its
    /// size.
    fn make_room(&mut self, more: usize) {
        if self.bytes.capacity() - self.bytes.len() < more {
            self.bytes.reserve_exact(more.max(self.bytes.len() / 16).max(LEAST_ROOM));
        }
    }

    /// Ends the module, which is complete.
    ///
    /// # Errors
    ///
    /// If the module is malformed, invalid (apart from function bodies), or uses an unsupported feature.
    pub fn finish(mut self) -> Result<ParsedModule, TranslateError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let complete = !faulty(Fault::CutIsComplete);
        let result = self.decoder.advance(&self.bytes, complete);
        let features = self.decoder.info.features;
        result.map_err(|error| explain(error, features, &self.bytes, self.decoder.until, true))?;
        Ok(self.decoder.into_module(self.bytes.into()))
    }
}

/// The state of decoding between two chunks.
struct Decoder {
    parser: Parser,
    validator: Validator,
    /// The number of bytes that have been decoded.
    consumed: usize,
    /// Everything that has been looked at begins before this byte.
    until: usize,
    info: ModuleInfo,
    resources: Option<ValidatorResources>,
    ended: bool,
}

impl Decoder {
    fn new(features: Features) -> Decoder {
        let mut parser = Parser::new(0);
        parser.set_features(features.flags());
        Decoder {
            parser,
            validator: Validator::new_with_features(module_flags(features)),
            consumed: 0,
            until: 0,
            info: ModuleInfo::empty(features),
            resources: None,
            ended: false,
        }
    }

    /// Decodes as many of the module's first bytes as are complete. Returns the number of bytes that are needed before
    /// the next call makes sense.
    fn advance(&mut self, bytes: &[u8], complete: bool) -> Result<usize, TranslateError> {
        if bytes.len() > u32::MAX as usize {
            let message = "modules of 4 GiB and more are not supported";
            return Err(TranslateError::new(ErrorKind::Unsupported, u32::MAX as usize, message));
        }
        while !self.ended {
            self.until = self.consumed + 1;
            let chunk = self.parser.parse(&bytes[self.consumed..], complete);
            match chunk.map_err(|error| TranslateError::reported(&error, Stage::Reading))? {
                Chunk::NeedMoreData(more) => {
                    return Ok(bytes.len().saturating_add(usize::try_from(more).unwrap_or(usize::MAX)));
                }
                Chunk::Parsed { consumed, payload } => {
                    self.consumed += consumed;
                    self.until = self.consumed;
                    self.payload(&payload)?;
                }
            }
        }
        Ok(usize::MAX)
    }

    fn payload(&mut self, payload: &Payload<'_>) -> Result<(), TranslateError> {
        if let Some(error) = too_large(payload) {
            return Err(error);
        }
        let valid = self.validator.payload(payload).map_err(|error| {
            if let Payload::Version { encoding: wasmparser::Encoding::Component, .. } = payload {
                let message = "the component model is not supported";
                return TranslateError::new(ErrorKind::Unsupported, error.offset(), message);
            }
            TranslateError::reported(&error, Stage::Validating)
        })?;
        match (valid, payload) {
            (ValidPayload::Func(to_validate, body), _) => {
                let range = body.range();
                // The module's length was checked to fit 32 bits.
                let range = range.start as u32..range.end as u32;
                self.info.bodies.push(FuncBody { range });
                self.resources = Some(to_validate.resources);
            }
            (ValidPayload::End(_), _) => self.ended = true,
            (_, payload) => self.info.add_section(payload)?,
        }
        Ok(())
    }

    fn into_module(mut self, bytes: SharedBytes) -> ParsedModule {
        self.info.sort_names();
        let validated = self.info.bodies.iter().map(|_| AtomicBool::new(false)).collect();
        let info = Arc::new(ModuleInfo { bytes, ..self.info });
        ParsedModule { info, resources: self.resources, validated }
    }
}

/// What the validator is to accept outside of bodies.
///
/// It takes the read of an own global in a constant expression to be of garbage collection. What else of that it accepts
/// is no type or operator that Riser converts, and is rejected when the section is added to the [`ModuleInfo`].
fn module_flags(features: Features) -> WasmFeatures {
    match features.contains(Proposal::ExtendedConst) {
        true => features.flags().union(WasmFeatures::GC),
        false => features.flags(),
    }
}

/// The most bytes that the names of modules in compact import sections take, written out for each import. The validator
/// writes them out.
const MOST_NAME_BYTES: usize = 16 << 20;

/// Returns the error for a section for which the validator would take more memory than its bytes warrant.
pub(crate) fn too_large(payload: &Payload<'_>) -> Option<TranslateError> {
    if let Some((count, section)) = too_many_entries(payload) {
        let message = format!("unexpected end: a section of {} bytes says that it has {count} entries", section.len());
        return Some(TranslateError::new(ErrorKind::Malformed, section.start, message));
    }
    let Payload::ImportSection(section) = payload else { return None };
    let mut bytes = 0_usize;
    for imports in section.clone() {
        let count = match &imports {
            Ok(Imports::Compact1 { items, .. }) => items.count(),
            Ok(Imports::Compact2 { names, .. }) => names.count(),
            // The validator reports errors.
            Ok(Imports::Single(..)) | Err(_) => 0,
        };
        let name = imports.as_ref().map_or(0, |imports| imports_from(imports).len());
        bytes = bytes.saturating_add(name.saturating_mul(count as usize));
    }
    let message = format!("the names of modules in its imports take {bytes} bytes, more than {MOST_NAME_BYTES}");
    (bytes > MOST_NAME_BYTES).then(|| TranslateError::new(ErrorKind::Unsupported, section.range().start, message))
}

/// Returns the number of entries that a section claims to have, and its bytes, if there are fewer bytes than entries.
/// The validator reserves space for all entries before it reads the first.
fn too_many_entries(payload: &Payload<'_>) -> Option<(u32, std::ops::Range<usize>)> {
    let (count, section) = match payload {
        Payload::TypeSection(section) => (section.count(), section.range()),
        Payload::ImportSection(section) => (section.count(), section.range()),
        Payload::FunctionSection(section) => (section.count(), section.range()),
        Payload::TableSection(section) => (section.count(), section.range()),
        Payload::MemorySection(section) => (section.count(), section.range()),
        Payload::TagSection(section) => (section.count(), section.range()),
        Payload::GlobalSection(section) => (section.count(), section.range()),
        Payload::ExportSection(section) => (section.count(), section.range()),
        Payload::ElementSection(section) => (section.count(), section.range()),
        Payload::DataSection(section) => (section.count(), section.range()),
        _ => return None,
    };
    (count as usize > section.len()).then_some((count, section))
}
