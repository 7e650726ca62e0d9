//! Modules, which are parsed, validated, and shared by all their instances.

mod builder;
mod cache;
mod code;
mod describe;
pub(crate) mod jobs;
mod precompiled;
#[cfg(feature = "wat")]
mod text;
mod tier_up;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::iter;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use anyhow::{Context as _, Error, Result};
use riser_interp::{Code, Polls, Resumes};
use riser_tiers_core::{Bailout, Counters, FrameSymbol, LoopCode, Mode, NativeCode, Sources, TierCode};
use riser_translator::module::{EntityIndex, ModuleInfo};
use riser_translator::probe_map::ProbeMap;
use riser_translator::{
    DefinedFuncIndex, FuncIndex, FuncTranslator, ParsedModule, SharedBytes, TranslateError, parse_module_with,
};

use crate::Engine;
use crate::config::Compilation;
use crate::snapshot::ModuleId;
use crate::types::RegisteredTypes;

pub use builder::ModuleBuilder;
pub(crate) use code::CodePosition;
use code::Input;
pub use code::{Statistics, TierStatistics};
pub use describe::{CustomSection, ExportType, ImportType, ResourcesRequired};
pub use precompiled::{read_precompiled_unhashed, rehash_precompiled};
#[cfg(feature = "wat")]
pub use text::{check_text, parser_with_lines};
pub(crate) use tier_up::{Part, TierUp};

/// A module. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Module {
    inner: Arc<Inner>,
}

struct Inner {
    parsed: ParsedModule,
    /// The module's types, and its engine.
    types: RegisteredTypes,
    /// The exports by name, once one has been looked up.
    exports: OnceLock<HashMap<Box<str>, EntityIndex>>,
    code: code::CodeTable,
    /// The source positions of its code, once they have been asked for; `None` if the module has none.
    sources: OnceLock<Option<Sources>>,
    /// The number of the tier whose code for the whole module was made ahead of time, if there is any.
    ahead_tier: OnceLock<usize>,
    /// The functions that a tier, given by its number, has compiled because they were called, or was told to compile
    /// before.
    expected: Mutex<HashSet<(usize, DefinedFuncIndex)>>,
    /// What snapshots say of it, once there has been one.
    id: OnceLock<ModuleId>,
}

/// A weak handle of a module.
pub(crate) struct WeakModule(Weak<Inner>);

impl WeakModule {
    /// Returns the module, if it still exists.
    pub(crate) fn upgrade(&self) -> Option<Module> {
        self.0.upgrade().map(|inner| Module { inner })
    }

    /// The module's number, which no other module has as long as any handle or job exists.
    pub(crate) fn number(&self) -> usize {
        self.0.as_ptr().addr()
    }
}

impl Drop for Inner {
    /// Removes the module's functions from the queues for compilation in the background.
    fn drop(&mut self) {
        let number = std::ptr::from_ref(self).addr();
        let engine = self.types.engine();
        engine.steps().iter().for_each(|step| step.queue.remove(number));
        engine.guesses().remove(number);
    }
}

/// A handful of the functions that a module defines, in order.
type Bodies = iter::Map<Range<u32>, fn(u32) -> DefinedFuncIndex>;

/// Calls `work` for all functions that a module defines, on as many threads as the engine's configuration says. Each
/// call gets a handful of functions; an error comes with the function that it is for.
fn for_bodies<E: Send>(
    info: &ModuleInfo,
    engine: &Engine,
    work: impl Fn(Bodies) -> Result<(), (DefinedFuncIndex, E)> + Sync,
) -> Result<(), E> {
    let functions = info.bodies.len() as u32;
    jobs::for_each(functions, engine.config().parallel_compilation, |numbers| {
        work(numbers.map(DefinedFuncIndex::new as _)).map_err(|(defined, error)| (defined.as_u32(), error))
    })
}

/// Parses a module that may use the engine's proposals.
fn parse(engine: &Engine, binary: impl Into<SharedBytes>) -> Result<ParsedModule, TranslateError> {
    parse_module_with(binary, engine.config().features())
}

/// Converts a module to its binary format, if it is in the text format and that is compiled in. With the path of a
/// file, text becomes a module that knows which of its lines code comes from.
fn to_binary<'a>(bytes: &'a [u8], file: Option<&Path>) -> Result<Cow<'a, [u8]>> {
    precompiled::refuse(bytes)?;
    #[cfg(feature = "wat")]
    let binary = {
        check_text(bytes)?;
        let parser = if file.is_some() { parser_with_lines(bytes) } else { wat::Parser::new() };
        parser.parse_bytes(Some(file.unwrap_or(Path::new("<input>"))), bytes)?
    };
    #[cfg(not(feature = "wat"))]
    let (binary, _) = (Cow::Borrowed(bytes), file);
    Ok(binary)
}

/// As [`to_binary`]. The binary format is passed through, and text is freed.
fn owned_to_binary(bytes: SharedBytes, file: Option<&Path>) -> Result<SharedBytes> {
    bytes.converted(|bytes| to_binary(bytes, file))
}

impl Module {
    /// Makes a module from its binary format, or, with the cargo feature `wat`, from its text format. The module keeps
    /// a copy of the bytes, which [`Module::from_owned`] does not need.
    ///
    /// # Errors
    ///
    /// If the module is malformed, invalid, or uses an unsupported feature: a [`TranslateError`], or an error of the
    /// text format. With [`Compilation::Lazy`], function bodies are not checked.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Module> {
        Module::from_parsed(engine, parse(engine, to_binary(bytes.as_ref(), None)?)?)
    }

    /// As [`Module::new`], for owned bytes, as a `Vec`, or shared ones. The module keeps them, without a copy.
    ///
    /// # Errors
    ///
    /// See [`Module::new`].
    pub fn from_owned(engine: &Engine, bytes: impl Into<SharedBytes>) -> Result<Module> {
        Module::from_parsed(engine, parse(engine, owned_to_binary(bytes.into(), None)?)?)
    }

    /// Makes a module from a file; see [`Module::new`]. If it is in the text format, backtraces show its lines.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, and those of [`Module::new`].
    pub fn from_file(engine: &Engine, file: impl AsRef<Path>) -> Result<Module> {
        let path = file.as_ref();
        let bytes = std::fs::read(path).with_context(|| format!("failed to read input file: {}", path.display()))?;
        Module::from_parsed(engine, parse(engine, owned_to_binary(bytes.into(), Some(path))?)?)
    }

    /// Makes a module from its binary format.
    ///
    /// # Errors
    ///
    /// See [`Module::new`].
    pub fn from_binary(engine: &Engine, binary: &[u8]) -> Result<Module> {
        precompiled::refuse(binary)?;
        Module::from_parsed(engine, parse(engine, binary)?)
    }

    /// Checks that `binary` is a valid module, function bodies included.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub fn validate(engine: &Engine, binary: &[u8]) -> Result<()> {
        Module::validate_owned(engine, binary)
    }

    /// As [`Module::validate`], for owned bytes, as a `Vec`, or shared ones. Nothing is copied.
    ///
    /// # Errors
    ///
    /// If they are not a valid module.
    pub fn validate_owned(engine: &Engine, binary: impl Into<SharedBytes>) -> Result<()> {
        let binary = binary.into();
        precompiled::refuse(&binary)?;
        // Only parses the module: one that is not to run needs no table for the code of its functions.
        let parsed = parse(engine, binary)?;
        let info = parsed.info();
        for_bodies(info, engine, |mut functions| {
            let mut translator = FuncTranslator::new();
            functions.try_for_each(|defined| {
                translator.validate(&parsed, info.func_index(defined)).map_err(|error| (defined, error))
            })
        })?;
        Ok(())
    }

    fn from_parsed(engine: &Engine, parsed: ParsedModule) -> Result<Module> {
        let module = Module::link(engine, parsed);
        if module.compile_ahead_if_asked()? {
            return Ok(module);
        }
        match engine.config().compilation {
            Compilation::Lazy => {}
            Compilation::LazyTranslation | Compilation::Speculative => module.validate_bodies()?,
            Compilation::Eager => module.compile_bodies(engine.default_mode())?,
        }
        Ok(module)
    }

    fn link(engine: &Engine, parsed: ParsedModule) -> Module {
        let info = parsed.info();
        let inner = Inner {
            types: RegisteredTypes::of_module(engine, info),
            exports: OnceLock::new(),
            code: code::CodeTable::new(engine, info.bodies.len()),
            sources: OnceLock::new(),
            ahead_tier: OnceLock::new(),
            expected: Mutex::default(),
            id: OnceLock::new(),
            parsed,
        };
        Module { inner: Arc::new(inner) }
    }

    fn for_bodies<E: Send>(&self, work: impl Fn(Bodies) -> Result<(), (DefinedFuncIndex, E)> + Sync) -> Result<(), E> {
        for_bodies(self.info(), self.engine(), work)
    }

    /// Validates the bodies of some functions.
    fn validate_some<E: From<TranslateError>>(&self, mut functions: Bodies) -> Result<(), (DefinedFuncIndex, E)> {
        functions.try_for_each(|defined| {
            self.inner.code.validate(&self.inner.parsed, defined).map_err(|error| (defined, error.into()))
        })
    }

    fn validate_bodies(&self) -> Result<(), TranslateError> {
        self.for_bodies(|functions| self.validate_some(functions))
    }

    fn compile_bodies(&self, mode: Mode) -> Result<()> {
        let tier = self.tier_number(mode);
        let result = self.for_bodies(|functions| {
            if let Some(tier) = tier {
                self.validate_some(functions.clone())?;
                self.inner.code.make_tier_codes(self.input(), tier, functions.clone());
            }
            for defined in functions {
                match tier.and_then(|tier| self.existing_tier_code(tier, defined)) {
                    Some(Ok(_)) => {}
                    Some(Err(why @ Bailout::NoMemory(_))) => return Err((defined, Error::new(why.clone()))),
                    Some(Err(_)) | None => {
                        let code = self.code(defined, mode == Mode::MultiTier);
                        code.map_err(|error| (defined, error.into()))?;
                    }
                }
            }
            Ok(())
        });
        self.inner.code.drop_translators();
        if let (Some(tier), Ok(())) = (tier, &result) {
            self.inner.code.complete(self.engine(), tier);
            // Imported functions are called through bridges, unless they are compiled themselves. The bridges are made
            // now, so that no first call waits for one.
            for function in FuncIndex::first(self.info().imported_functions as usize) {
                let _ = self.engine().bridge(self.info().func_type(function));
            }
        }
        result
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.inner.types.engine()
    }

    /// Whether two handles are the same module.
    pub fn same(a: &Module, b: &Module) -> bool {
        Arc::ptr_eq(&a.inner, &b.inner)
    }

    /// The translator's description of the module.
    pub fn info(&self) -> &Arc<ModuleInfo> {
        self.inner.parsed.info()
    }

    /// What snapshots say of the module.
    pub(crate) fn id(&self) -> &ModuleId {
        self.inner.id.get_or_init(|| ModuleId::of(self.info()))
    }

    /// The source positions of the module's code, if it carries DWARF.
    pub(crate) fn sources(&self) -> Option<&Sources> {
        self.inner.sources.get_or_init(|| Sources::new(self.info())).as_ref()
    }

    /// Where in the source the code at an offset, in bytes from the start of the module, comes from, if the module carries
    /// DWARF. The function itself comes last; before it come the functions that its compiler inlined there.
    pub fn symbols(&self, offset: usize) -> Vec<FrameSymbol> {
        match (self.sources(), u32::try_from(offset)) {
            (Some(sources), Ok(offset)) => sources.find(offset),
            _ => Vec::new(),
        }
    }

    /// The module as the translator parsed it.
    pub fn parsed(&self) -> &ParsedModule {
        &self.inner.parsed
    }

    /// How many of the functions have been turned into code.
    pub fn statistics(&self) -> Statistics {
        self.inner.code.statistics(self.input())
    }

    /// Returns the functions that the tier of `mode` did not take, by their indices, with the reasons. For
    /// [`Mode::MultiTier`], the functions are those of all steps.
    pub fn bailouts(&self, mode: Mode) -> Vec<(FuncIndex, Bailout)> {
        let (rows, own) = (self.engine().rows(), self.tier_number(mode));
        let is_asked = |row: usize| match mode {
            Mode::MultiTier => self.engine().steps().iter().any(|step| step.row == row),
            Mode::Aot => own == Some(row),
            mode => rows[row].tier.mode() == mode,
        };
        let asked = (0..rows.len()).filter(|&row| is_asked(row));
        let mut bailouts: Vec<_> = asked.flat_map(|row| self.inner.code.bailouts(row)).collect();
        // A tier has two rows if its code may count.
        let mut seen = HashSet::new();
        bailouts.retain(|(defined, why)| seen.insert((*defined, why.to_string())));
        bailouts.into_iter().map(|(defined, why)| (self.info().func_index(defined), why)).collect()
    }

    /// What the module's code is made from.
    fn input(&self) -> Input<'_> {
        Input { engine: self.engine(), parsed: &self.inner.parsed }
    }

    pub(crate) fn type_ids(&self) -> &[u32] {
        self.inner.types.numbers()
    }

    pub(crate) fn export(&self, name: &str) -> Option<EntityIndex> {
        let exports = self.inner.exports.get_or_init(|| self.info().exports.iter().cloned().collect());
        exports.get(name).copied()
    }

    /// Returns the register interpreter's code of a function, if it exists. With `counted`, that is the code
    /// that counts calls and iterations.
    pub(crate) fn existing_code(&self, defined: DefinedFuncIndex, counted: bool) -> Option<&Code> {
        self.inner.code.existing(defined, counted)
    }

    /// Returns the register interpreter's code of a function.
    ///
    /// # Errors
    ///
    /// If the function's body is not valid.
    pub(crate) fn code(&self, defined: DefinedFuncIndex, counted: bool) -> Result<&Code, TranslateError> {
        self.inner.code.code(self.input(), defined, counted)
    }

    /// Returns a function in the form of one of the engine's rows.
    ///
    /// # Errors
    ///
    /// If the function's body is not valid.
    pub(crate) fn tier_code(
        &self,
        row: usize,
        defined: DefinedFuncIndex,
    ) -> Result<&Result<TierCode, Bailout>, TranslateError> {
        // The tier has code of every function of a module from a file, or has declined it; it looks at no body.
        if self.inner.ahead_tier.get() != Some(&row) {
            self.inner.code.validate(&self.inner.parsed, defined)?;
        }
        Ok(self.inner.code.tier_code(self.input(), row, defined))
    }

    /// Finds the function whose code has an instruction at `ip`, and that instruction's position in the code.
    pub(crate) fn find_code(&self, ip: *const u64) -> Option<(DefinedFuncIndex, CodePosition)> {
        self.inner.code.find(ip)
    }

    /// Returns the offset in the wasm that an instruction of a function comes from.
    pub(crate) fn wasm_offset(&self, defined: DefinedFuncIndex, at: CodePosition) -> Option<u32> {
        self.inner.code.wasm_offset(self.input(), defined, at)
    }

    /// Returns where the register interpreter's code of a function polls the interrupt flag.
    ///
    /// # Errors
    ///
    /// If the function's body is not valid.
    pub(crate) fn polls(&self, defined: DefinedFuncIndex, counted: bool) -> Result<Polls, TranslateError> {
        self.inner.code.polls(self.input(), defined, counted)
    }

    /// Returns where the register interpreter's code of a function goes on in a frame that is restored.
    ///
    /// # Errors
    ///
    /// If the function's body is not valid.
    pub(crate) fn resumes(&self, defined: DefinedFuncIndex, counted: bool) -> Result<Resumes, TranslateError> {
        self.inner.code.resumes(self.input(), defined, counted)
    }

    /// Returns the probes of a function whose code has been made.
    pub(crate) fn existing_probes(&self, defined: DefinedFuncIndex) -> Option<&ProbeMap> {
        self.inner.code.existing_probes(defined)
    }

    /// Returns the counters of a function's code below a step of the engine.
    pub(crate) fn counters(&self, step: usize, defined: DefinedFuncIndex) -> &Counters {
        self.inner.code.counters(self.input(), step, defined)
    }

    /// Notes that a tier is expected to compile a function. Returns whether that is the first time.
    pub(crate) fn expect(&self, tier: usize, defined: DefinedFuncIndex) -> bool {
        self.inner.expected.lock().unwrap_or_else(PoisonError::into_inner).insert((tier, defined))
    }

    pub(crate) fn downgrade(&self) -> WeakModule {
        WeakModule(Arc::downgrade(&self.inner))
    }

    /// Returns the progress of functions towards one of the engine's rows.
    pub(crate) fn tier_up(&self, row: usize) -> &TierUp {
        self.inner.code.tier_up(row)
    }

    /// Returns a function in the form of one of the engine's rows, if it exists.
    pub(crate) fn existing_tier_code(
        &self,
        row: usize,
        defined: DefinedFuncIndex,
    ) -> Option<&Result<TierCode, Bailout>> {
        self.inner.code.existing_tier_code(row, defined)
    }

    /// Compiles the OSR code that takes over frames of a function at a loop, in the form of one of the engine's rows.
    pub(crate) fn make_loop_code(
        &self,
        row: usize,
        defined: DefinedFuncIndex,
        offset: u32,
    ) -> Result<LoopCode, Bailout> {
        self.inner.code.make_loop_code(self.input(), row, defined, offset)
    }

    /// Makes the module's code in one of the engine's rows call `code` for a function.
    pub(crate) fn replace(&self, row: usize, defined: DefinedFuncIndex, code: NativeCode) {
        self.inner.code.replace(self.engine(), row, defined, code);
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("name", &self.name()).finish_non_exhaustive()
    }
}
