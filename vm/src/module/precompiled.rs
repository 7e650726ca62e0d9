//! Modules compiled ahead of time: writing files, and loading code from them.

use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context as _, Error, Result, bail};
use riser_tiers_core::Mode;
use riser_tiers_core::ahead::Relocatable;
use riser_translator::shown::label;
use riser_translator::{DefinedFuncIndex, SharedBytes, TranslateError};

use super::{Module, cache, owned_to_binary, parse, to_binary};
use crate::ahead::{self, AheadFile, Settings};
use crate::monitor::Work;
use crate::{Compilation, Engine, engine};

impl Engine {
    /// Compiles a module ahead of time. [`Module::deserialize`] takes the bytes, in this or another process. With the
    /// cargo feature `wat`, the text format is accepted as well.
    ///
    /// The tier is that of the engine's default mode. If that mode has no tier that compiles ahead of time, it is the
    /// tier for [`Mode::Aot`]. Functions that the tier does not take are interpreted afterwards.
    ///
    /// # Errors
    ///
    /// If the module is malformed, invalid, or uses an unsupported feature; if there is no tier that compiles ahead of time.
    pub fn precompile_module(&self, bytes: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        self.precompile(to_binary(bytes.as_ref(), None)?)
    }

    /// As [`Engine::precompile_module`], for owned bytes, as a `Vec`, or shared ones. The only copy is the one in the
    /// result.
    ///
    /// # Errors
    ///
    /// See [`Engine::precompile_module`].
    pub fn precompile_owned_module(&self, bytes: impl Into<SharedBytes>) -> Result<Vec<u8>> {
        self.precompile(owned_to_binary(bytes.into(), None)?)
    }

    fn precompile(&self, binary: impl Into<SharedBytes>) -> Result<Vec<u8>> {
        Module::link(self, parse(self, binary)?).serialize()
    }

    /// Whether the bytes are a module that was compiled ahead of time, for [`Module::deserialize`], by this or another
    /// version of Riser. Looks at the beginning of the bytes only.
    pub fn detect_precompiled(bytes: &[u8]) -> bool {
        ahead::is_file(bytes)
    }

    /// As [`Engine::detect_precompiled`], for a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn detect_precompiled_file(path: impl AsRef<Path>) -> Result<bool> {
        use std::io::Read as _;
        let path = path.as_ref();
        let context = || format!("failed to read input file: {}", path.display());
        let mut head = Vec::new();
        std::fs::File::open(path).with_context(context)?.take(64).read_to_end(&mut head).with_context(context)?;
        Ok(ahead::is_file(&head))
    }
}

/// Checks that bytes for an ordinary module are not those of a module compiled ahead of time.
///
/// # Errors
///
/// If they are; the message names the function that takes them.
pub(super) fn refuse(bytes: &[u8]) -> Result<()> {
    if ahead::is_file(bytes) {
        bail!(
            "this is a precompiled module, which holds machine code: only `Module::deserialize`, which is unsafe, takes it"
        );
    }
    Ok(())
}

/// Adds the context for a file that is not accepted.
fn refused(why: String) -> Error {
    Error::msg(why).context("this file cannot be run without compiling it again")
}

impl Module {
    /// Compiles the module to bytes for [`Module::deserialize`]; see [`Engine::precompile_module`].
    ///
    /// # Errors
    ///
    /// If a function is invalid, or if there is no tier that compiles ahead of time.
    pub fn serialize(&self) -> Result<Vec<u8>> {
        let engine = self.engine();
        let own = engine.tier_number(engine.default_mode()).filter(|&tier| engine.tiers()[tier].ahead().is_some());
        let Some(tier) = own.or_else(|| engine.ahead_tier()) else {
            bail!("no tier of this engine compiles ahead of time; {}", engine::missing(Mode::Aot));
        };
        self.compile_ahead(tier)
    }

    /// Loads a module that [`Engine::precompile_module`] compiled. It is ready to run in [`Mode::Aot`], and in the mode
    /// of the tier that compiled it. Its instances have [`Mode::Aot`] by default if that or [`Mode::MultiTier`] is the
    /// engine's default mode. Nothing is compiled, and no function body is looked at. If the file has no code for a
    /// function, or another mode is chosen, the body in the file is validated first, as for any module with
    /// [`Compilation::Lazy`].
    ///
    /// # Errors
    ///
    /// If these are not such bytes, or not all of them, or were changed; if they are of another version of Riser, for
    /// another processor, or for an engine that is configured differently. The message says which, and what to do.
    ///
    /// # Safety
    ///
    /// The bytes are as [`Engine::precompile_module`] made them. They hold machine code, which will run, and no check
    /// can tell what it does. Accidents are detected: a hash shows whether the bytes are complete and unchanged. But
    /// anybody can deliberately make another file with a valid hash, so the source of the bytes has to be trusted, as
    /// that of a library has to be.
    pub unsafe fn deserialize(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Module> {
        let file = AheadFile::read(bytes.as_ref()).map_err(refused)?;
        let Some(tier) = engine.tiers().iter().position(|tier| tier.name() == file.settings.tier) else {
            let tier = &file.settings.tier;
            return Err(refused(format!(
                "the tier `{tier}` compiled it, which this engine does not have: use a build that has it, or compile \
                 the module again with another tier"
            )));
        };
        let module = Module::link(engine, parse(engine, file.wasm)?);
        // SAFETY: by the contract of this function.
        unsafe { module.load(tier, &file) }?;
        Ok(module)
    }

    /// As [`Module::deserialize`], from a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, and those of [`Module::deserialize`].
    ///
    /// # Safety
    ///
    /// As for [`Module::deserialize`].
    pub unsafe fn deserialize_file(engine: &Engine, file: impl AsRef<Path>) -> Result<Module> {
        let path = file.as_ref();
        let bytes = std::fs::read(path).with_context(|| format!("failed to read input file: {}", path.display()))?;
        // SAFETY: by the contract of this function.
        unsafe { Module::deserialize(engine, bytes) }
    }

    /// Loads the module's code from a file that the tier with the given number made.
    ///
    /// # Safety
    ///
    /// As for [`Module::deserialize`]; the file's module is this one, and it is new.
    pub(super) unsafe fn load(&self, number: usize, file: &AheadFile<'_>) -> Result<()> {
        let engine = self.engine();
        let tier = &*engine.tiers()[number];
        let ahead = tier.ahead().ok_or_else(|| refused(format!("the tier `{}` loads no code", tier.name())))?;
        file.settings.check(&Settings::of(engine, tier), &ahead.host_features()).map_err(refused)?;
        let info = self.info();
        let code = file.code(info.bodies.len()).map_err(refused)?;
        // SAFETY: by the contract of this function; settings and features have been checked.
        unsafe { ahead.load(info, self.inner.code.state(number), code) }.context("cannot load compiled code")?;
        self.inner.ahead_tier.get_or_init(|| number);
        Ok(())
    }

    /// Compiles all functions to a file, by the tier with the given number.
    pub(super) fn compile_ahead(&self, number: usize) -> Result<Vec<u8>> {
        let engine = self.engine();
        let tier = &*engine.tiers()[number];
        let ahead = tier.ahead().with_context(|| format!("the tier `{}` makes no code to keep", tier.name()))?;
        let info = self.info();
        let done: Vec<OnceLock<Mutex<Result<Relocatable, String>>>> =
            info.bodies.iter().map(|_| OnceLock::new()).collect();
        self.for_bodies(|functions| {
            self.validate_some(functions.clone())?;
            let request = |defined| self.inner.code.request(self.input(), number, defined);
            let requests: Vec<_> = functions.clone().map(request).collect();
            let clock = engine.config().monitors.clock();
            for (defined, result) in functions.zip(ahead.compile_all_ahead(&requests)) {
                let work = Work { info, function: info.func_index(defined), mode: tier.mode(), loop_offset: None };
                engine.config().monitors.tell_compiled(clock, &work, result.is_ok());
                done[defined.index()].get_or_init(|| Mutex::new(result.map_err(|why| why.to_string())));
            }
            Ok::<(), (DefinedFuncIndex, TranslateError)>(())
        })?;
        self.inner.code.drop_translators();
        let functions = done.into_iter().filter_map(OnceLock::into_inner);
        let functions = functions.map(|it| it.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
        let name = |defined| {
            let index = info.func_index(defined);
            let name = info.func_name(index).map(label);
            name.unwrap_or_else(|| format!("function[{index}]"))
        };
        ahead::write(&Settings::of(engine, tier), functions, &info.bytes, name).map_err(Error::msg)
    }

    /// Compiles the module ahead of time if its engine requires that: because its default mode is [`Mode::Aot`], or
    /// because it has a cache and the tier of its default mode makes code that can be kept. Returns whether it did.
    pub(super) fn compile_ahead_if_asked(&self) -> Result<bool> {
        let engine = self.engine();
        let mode = engine.default_mode();
        let tier = self.tier_number(mode).filter(|&tier| engine.tiers()[tier].ahead().is_some());
        let Some(tier) = tier else { return Ok(false) };
        if let Some(kept) = &engine.config().cache {
            cache::load(self, tier, kept)?;
            return Ok(true);
        }
        if mode != Mode::Aot || engine.config().compilation == Compilation::Lazy {
            return Ok(false);
        }
        let bytes = self.compile_ahead(tier)?;
        let file = AheadFile::read(&bytes).map_err(Error::msg)?;
        // SAFETY: just made.
        unsafe { self.load(tier, &file) }?;
        Ok(true)
    }

    /// The number of the tier that runs instances of the module in `mode`; `None` for the register interpreter.
    pub(crate) fn tier_number(&self, mode: Mode) -> Option<usize> {
        match mode {
            Mode::Aot => self.inner.ahead_tier.get().copied().or_else(|| self.engine().ahead_tier()),
            _ => self.engine().tier_number(mode),
        }
    }

    /// The mode of instances that do not choose their own. Functions that have been compiled need no tier-up.
    pub(crate) fn default_mode(&self) -> Mode {
        match self.engine().default_mode() {
            Mode::MultiTier if self.inner.ahead_tier.get().is_some() => Mode::Aot,
            mode => mode,
        }
    }
}

/// For tests: corrects the hash of a file that has been changed.
///
/// # Panics
///
/// If the file is shorter than a hash.
#[doc(hidden)]
pub fn rehash_precompiled(file: &mut [u8]) {
    let (object, sum) = file.split_last_chunk_mut().expect("a file ends with a hash");
    *sum = ahead::hash(object).to_le_bytes();
}

/// For fuzzing: reads a file's metadata without checking the hash, and checks that it is consistent.
///
/// # Errors
///
/// If it is not a file that can be loaded.
///
/// # Panics
///
/// If a value that was read violates an invariant, which is a bug in Riser.
#[doc(hidden)]
pub fn read_precompiled_unhashed(object: &[u8]) -> Result<()> {
    ahead::read_unhashed(object).map_err(Error::msg)
}
