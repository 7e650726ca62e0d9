//! The code of a module's functions, in every tier's form: made once, shared by all instances.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};

use riser_tiers_core::{Bailout, CompileRequest, Mode, TierCode};
use riser_translator::{FuncTranslator, ParsedModule, TranslateError};

use crate::Engine;
use crate::interp::{self, Code};

/// A function in a tier's form, or why it is not.
type TierResult = Result<TierCode, Bailout>;

/// Code of the functions that a module defines. Functions are counted without the imports.
pub(super) struct CodeTable {
    functions: Box<[OnceLock<Code>]>,
    /// The function whose code starts at an address.
    starts: RwLock<BTreeMap<usize, u32>>,
    /// One row a tier, in the order of the engine's tiers.
    tiers: Box<[Box<[OnceLock<TierResult>]>]>,
    translator: Mutex<FuncTranslator>,
}

fn empty<T>(len: usize) -> Box<[OnceLock<T>]> {
    std::iter::repeat_with(OnceLock::new).take(len).collect()
}

impl CodeTable {
    pub(super) fn new(engine: &Engine, functions: usize) -> CodeTable {
        CodeTable {
            functions: empty(functions),
            starts: RwLock::default(),
            tiers: engine.tiers().iter().map(|_| empty(functions)).collect(),
            translator: Mutex::default(),
        }
    }

    /// Validates a function's body, if that has not been done.
    pub(super) fn validate(&self, parsed: &ParsedModule, defined: u32) -> Result<(), TranslateError> {
        self.with_translator(|translator| translator.validate(parsed, parsed.info().imported_functions + defined))
    }

    /// The register interpreter's code of a function, if there is any yet.
    pub(super) fn existing(&self, defined: u32) -> Option<&Code> {
        self.functions[defined as usize].get()
    }

    /// The register interpreter's code of a function, which is made if need be.
    pub(super) fn code(&self, engine: &Engine, parsed: &ParsedModule, defined: u32) -> Result<&Code, TranslateError> {
        let place = &self.functions[defined as usize];
        if let Some(code) = place.get() {
            return Ok(code);
        }
        let function = parsed.info().imported_functions + defined;
        let code = self.with_translator(|it| interp::encode(it, parsed, function, &engine.encode_config()))?;
        // Another thread may have been faster; its code is then as good as ours.
        let code = place.get_or_init(|| code);
        let mut starts = self.starts.write().unwrap_or_else(PoisonError::into_inner);
        starts.insert(code.entry().addr(), defined);
        Ok(code)
    }

    /// A function in the form of the tier with the given number. Its body is valid.
    pub(super) fn tier_code(&self, engine: &Engine, parsed: &ParsedModule, tier: usize, defined: u32) -> &TierResult {
        self.tiers[tier][defined as usize].get_or_init(|| {
            engine.tiers()[tier].compile(CompileRequest {
                module: parsed.info(),
                function: parsed.info().imported_functions + defined,
                config: &engine.config().translator,
            })
        })
    }

    /// The function whose code has an instruction at `ip`, and the instruction's distance in words
    /// from the start.
    pub(super) fn find(&self, ip: *const u64) -> Option<(u32, u32)> {
        let starts = self.starts.read().unwrap_or_else(PoisonError::into_inner);
        let (&start, &defined) = starts.range(..=ip.addr()).next_back()?;
        let word = (ip.addr() - start) / size_of::<u64>();
        (word < self.existing(defined)?.len_words()).then_some((defined, word as u32))
    }

    /// The wasm offset that word `word` of a function's code comes from.
    pub(super) fn wasm_offset(&self, engine: &Engine, parsed: &ParsedModule, defined: u32, word: u32) -> Option<u32> {
        let function = parsed.info().imported_functions + defined;
        self.with_translator(|it| interp::wasm_offset(it, parsed, function, &engine.encode_config(), word))
    }

    pub(super) fn statistics(&self, engine: &Engine) -> Statistics {
        let codes = || self.functions.iter().filter_map(OnceLock::get);
        let tiers = engine.tiers().iter().zip(&self.tiers).map(|(tier, row)| {
            let results = || row.iter().filter_map(OnceLock::get);
            TierStatistics {
                mode: tier.mode(),
                compiled: results().filter(|result| result.is_ok()).count(),
                bailouts: results().filter(|result| result.is_err()).count(),
            }
        });
        Statistics {
            functions: self.functions.len(),
            translated: codes().count(),
            code_bytes: codes().map(|code| code.len_words() * size_of::<u64>()).sum(),
            tiers: tiers.collect(),
        }
    }

    /// The functions that a tier did not take.
    pub(super) fn bailouts(&self, tier: usize) -> Vec<(u32, Bailout)> {
        let results = self.tiers[tier].iter().zip(0..);
        results.filter_map(|(result, defined)| Some((defined, result.get()?.as_ref().err()?.clone()))).collect()
    }

    fn with_translator<R>(&self, work: impl FnOnce(&mut FuncTranslator) -> R) -> R {
        work(&mut self.translator.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How far a module's functions have been turned into code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Functions that the module defines.
    pub functions: usize,
    /// Functions that the register interpreter has code of.
    pub translated: usize,
    /// Size of that code in bytes.
    pub code_bytes: usize,
    /// What the plugged tiers did.
    pub tiers: Vec<TierStatistics>,
}

/// What a tier did with a module's functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierStatistics {
    /// The tier's mode.
    pub mode: Mode,
    /// Functions that the tier has ready.
    pub compiled: usize,
    /// Functions that the tier did not take, which run in the register interpreter.
    pub bailouts: usize,
}
