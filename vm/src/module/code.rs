//! The code of a module's functions, in every tier's form. It is made once and shared by all instances.

use std::collections::BTreeMap;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use riser_interp::{Code, EncodeConfig, Polls, Resumes, Translator};
#[cfg(unix)]
use riser_tiers_core::fork;
use riser_tiers_core::{Bailout, CompileRequest, Counters, LoopCode, Mode, ModuleState, NativeCode, Policy, TierCode};
use riser_translator::probe_map::ProbeMap;
use riser_translator::{DefinedFuncIndex, FuncIndex, ParsedModule, TranslateError};

use super::{Bodies, TierUp};
use crate::Engine;
use crate::engine::Row;
use crate::monitor::{EventSet, Work};

/// A function in a tier's form, or the reason why the tier did not take it.
type TierResult = Result<TierCode, Bailout>;

/// Code of the functions that a module defines.
pub(super) struct CodeTable {
    /// The register interpreter's code: without counting, and with counting.
    functions: [Box<[OnceLock<Code>]>; 2],
    /// The probes of the functions, if the engine has monitors of events in the code; otherwise there is no place for them.
    probes: Box<[OnceLock<ProbeMap>]>,
    /// The addresses at which code starts.
    starts: Mutex<Starts>,
    /// The counters of code that counts, made with the first such code: for each of the engine's steps, those of the
    /// code below it.
    counters: Box<[OnceLock<Box<[Counters]>>]>,
    /// The time that it took to make that code, and to validate what was not valid yet.
    translating: Spent,
    /// The time that it took to validate bodies apart from that.
    validating: Spent,
    /// The code of the tiers, in the order of the engine's rows.
    tiers: Box<[TierRow]>,
    /// Translators that are not in use.
    #[expect(clippy::vec_box, reason = "each is taken out and put back for each function")]
    translators: Mutex<Vec<Box<Translator>>>,
}

/// The functions by the addresses at which their code starts, and whether that code counts.
#[derive(Default)]
struct Starts {
    by_address: BTreeMap<usize, (DefinedFuncIndex, bool)>,
    /// Code that is not in the map yet: the next search puts it there.
    new: Vec<(usize, (DefinedFuncIndex, bool))>,
}

/// The functions of one row.
struct TierRow {
    functions: Box<[OnceLock<TierResult>]>,
    state: ModuleState,
    tier_up: TierUp,
    compiling: Spent,
}

/// Time spent on something, by all threads.
#[derive(Default)]
struct Spent {
    nanoseconds: AtomicU64,
}

impl Spent {
    /// Does `work`, and adds the time that it takes.
    fn on<R>(&self, work: impl FnOnce() -> R) -> R {
        let started = Instant::now();
        let result = work();
        self.nanoseconds.fetch_add(started.elapsed().as_nanos() as u64, Ordering::Relaxed);
        result
    }

    fn total(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }
}

/// A position in the register interpreter's code of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CodePosition {
    /// Whether the position is in the code that counts.
    pub(crate) counted: bool,
    /// The distance from the start, in 64-bit words.
    pub(crate) word: u32,
}

fn empty<T>(len: usize) -> Box<[OnceLock<T>]> {
    std::iter::repeat_with(OnceLock::new).take(len).collect()
}

/// The module whose functions' code is made, and the engine that it is made for.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub(super) engine: &'a Engine,
    pub(super) parsed: &'a ParsedModule,
}

impl CodeTable {
    pub(super) fn new(engine: &Engine, functions: usize) -> CodeTable {
        CodeTable {
            functions: [empty(functions), empty(functions)],
            probes: empty(if engine.config().monitors.want(EventSet::CODE) { functions } else { 0 }),
            counters: empty(engine.steps().len()),
            starts: Mutex::default(),
            translating: Spent::default(),
            validating: Spent::default(),
            tiers: (engine.rows().iter())
                .map(|_| TierRow {
                    functions: empty(functions),
                    state: ModuleState::default(),
                    tier_up: TierUp::default(),
                    compiling: Spent::default(),
                })
                .collect(),
            translators: Mutex::default(),
        }
    }

    /// Validates a function's body, unless that has been done before.
    pub(super) fn validate(&self, parsed: &ParsedModule, defined: DefinedFuncIndex) -> Result<(), TranslateError> {
        let function = parsed.info().func_index(defined);
        self.validating.on(|| self.with_translator(|it| it.validate(parsed, function)))
    }

    /// Returns the register interpreter's code of a function, if it exists.
    pub(super) fn existing(&self, defined: DefinedFuncIndex, counted: bool) -> Option<&Code> {
        self.functions[usize::from(counted)][defined.index()].get()
    }

    /// Returns the counters of a function's code below a step of the engine.
    pub(super) fn counters(&self, input: Input<'_>, step: usize, defined: DefinedFuncIndex) -> &Counters {
        let Input { engine, parsed } = input;
        let info = parsed.info();
        let counters = self.counters[step].get_or_init(|| {
            let next = |function| engine.next_step(step, function, info.func_name(function));
            let counts = |function| next(function).map_or([Policy::NEVER; 2], |(_, counts)| counts);
            info.defined_functions().map(|function| Counters::new(counts(function))).collect()
        });
        &counters[defined.index()]
    }

    /// Returns the probes of a function, if it is to have any.
    fn probes(&self, input: Input<'_>, defined: DefinedFuncIndex) -> Result<Option<&ProbeMap>, TranslateError> {
        let Input { engine, parsed } = input;
        let Some(place) = self.probes.get(defined.index()) else { return Ok(None) };
        if place.get().is_none() {
            let chooser = engine.config().monitors.chooser(parsed.info());
            let map = ProbeMap::of(parsed, parsed.info().func_index(defined), &chooser)?;
            // Another thread may have been faster.
            let _ = place.set(map);
        }
        Ok(place.get().filter(|map| !map.sites.is_empty()))
    }

    /// Returns the probes of a function whose code has been made.
    pub(super) fn existing_probes(&self, defined: DefinedFuncIndex) -> Option<&ProbeMap> {
        self.probes.get(defined.index())?.get()
    }

    /// Returns what a function is encoded with: its index, the settings, and its probes.
    fn encoding(
        &self,
        input: Input<'_>,
        defined: DefinedFuncIndex,
        counted: bool,
    ) -> Result<(FuncIndex, EncodeConfig, Option<&ProbeMap>), TranslateError> {
        let Input { engine, parsed } = input;
        let function = parsed.info().func_index(defined);
        let counters = counted.then(|| ptr::from_ref(self.counters(input, 0, defined)).addr());
        let translator = *engine.config().translator_for(parsed.info(), function);
        let config = EncodeConfig { counters, translator, ..engine.encode_config() };
        Ok((function, config, self.probes(input, defined)?))
    }

    /// Returns the register interpreter's code of a function. Makes it if need be.
    pub(super) fn code(
        &self,
        input: Input<'_>,
        defined: DefinedFuncIndex,
        counted: bool,
    ) -> Result<&Code, TranslateError> {
        let Input { engine, parsed } = input;
        let place = &self.functions[usize::from(counted)][defined.index()];
        if let Some(code) = place.get() {
            return Ok(code);
        }
        let (function, config, probes) = self.encoding(input, defined, counted)?;
        let clock = engine.config().monitors.clock();
        let code = self.translating.on(|| self.with_translator(|it| it.encode(parsed, function, &config, probes)))?;
        let work = Work { info: parsed.info(), function, mode: Mode::Interp, loop_offset: None };
        engine.config().monitors.tell_compiled(clock, &work, true);
        // Whoever runs the code may have to find it at once: nobody looks before it is there.
        let mut starts = self.starts();
        // Another thread may have been faster; its code is as good as this.
        let code = place.get_or_init(|| code);
        starts.new.push((code.entry().addr(), (defined, counted)));
        Ok(code)
    }

    /// Returns a function in the form of one of the engine's rows. Compiles it if need be. Its body must be valid.
    pub(super) fn tier_code(&self, input: Input<'_>, row: usize, defined: DefinedFuncIndex) -> &TierResult {
        let TierRow { functions, compiling, .. } = &self.tiers[row];
        let place = &functions[defined.index()];
        if let Some(code) = place.get() {
            return code;
        }
        #[cfg(unix)]
        let _compiling = fork::compiling();
        place.get_or_init(|| {
            let clock = input.engine.config().monitors.clock();
            let result = compiling.on(|| input.engine.rows()[row].tier.compile(self.request(input, row, defined)));
            let work = tier_work(input, row, defined, None);
            input.engine.config().monitors.tell_compiled(clock, &work, result.is_ok());
            result
        })
    }

    /// Compiles functions to the form of one of the engine's rows, unless they have it already. Their bodies must be
    /// valid.
    pub(super) fn make_tier_codes(&self, input: Input<'_>, row: usize, functions: Bodies) {
        let TierRow { functions: places, compiling, .. } = &self.tiers[row];
        let missing: Vec<_> = functions.filter(|&defined| places[defined.index()].get().is_none()).collect();
        let requests: Vec<_> = missing.iter().map(|&defined| self.request(input, row, defined)).collect();
        let clock = input.engine.config().monitors.clock();
        let results = compiling.on(|| input.engine.rows()[row].tier.compile_all(&requests));
        for (&defined, result) in missing.iter().zip(results) {
            let work = tier_work(input, row, defined, None);
            input.engine.config().monitors.tell_compiled(clock, &work, result.is_ok());
            places[defined.index()].get_or_init(|| result);
        }
    }

    /// Makes the module's code in one of the engine's rows call `code` for a function.
    pub(super) fn replace(&self, engine: &Engine, row: usize, defined: DefinedFuncIndex, code: NativeCode) {
        if let Some(tier) = engine.rows()[row].tier.native() {
            tier.replace(&self.tiers[row].state, defined, code);
        }
    }

    /// Returns the state that the tier with the given number keeps for the module.
    pub(super) fn state(&self, tier: usize) -> &ModuleState {
        &self.tiers[tier].state
    }

    /// Tells the tier with the given number that it has compiled all functions, before any of them runs.
    pub(super) fn complete(&self, engine: &Engine, tier: usize) {
        if let Some(native) = engine.tiers()[tier].native() {
            native.complete(&self.tiers[tier].state);
        }
    }

    /// Returns the request to compile a function, for the tier of one of the engine's rows.
    pub(super) fn request<'a>(&'a self, input: Input<'a>, row: usize, defined: DefinedFuncIndex) -> CompileRequest<'a> {
        let Input { engine, parsed } = input;
        let Row { tier, counts_for } = &engine.rows()[row];
        CompileRequest {
            module: parsed,
            function: parsed.info().func_index(defined),
            config: engine.config().translator_for(parsed.info(), parsed.info().func_index(defined)),
            guard_pages: engine.has_guard_pages(),
            spectre_guards: engine.config().spectre_guards,
            relaxed_simd_deterministic: engine.config().relaxed_simd_deterministic,
            snapshots: engine.config().snapshots,
            is_above: engine.is_above(row),
            probes: if tier.takes_probes() { self.probes(input, defined).ok().flatten() } else { None },
            counters: counts_for.map(|step| self.counters(input, step, defined)),
            state: &self.tiers[row].state,
        }
    }

    /// Returns a function in the form of one of the engine's rows, if it exists.
    pub(super) fn existing_tier_code(&self, row: usize, defined: DefinedFuncIndex) -> Option<&TierResult> {
        self.tiers[row].functions[defined.index()].get()
    }

    /// Returns the progress of functions towards one of the engine's rows.
    pub(super) fn tier_up(&self, row: usize) -> &TierUp {
        &self.tiers[row].tier_up
    }

    /// Compiles the OSR code that takes over frames of a function at a loop, in the form of one of the engine's rows.
    pub(super) fn make_loop_code(
        &self,
        input: Input<'_>,
        row: usize,
        defined: DefinedFuncIndex,
        offset: u32,
    ) -> Result<LoopCode, Bailout> {
        #[cfg(unix)]
        let _compiling = fork::compiling();
        let tier = input.engine.rows()[row].tier.native();
        let tier = tier.ok_or_else(|| Bailout::Unsupported("OSR, as it makes no machine code".to_owned()))?;
        let clock = input.engine.config().monitors.clock();
        let request = self.request(input, row, defined);
        let result = self.tiers[row].compiling.on(|| tier.compile_loop(request, offset));
        let work = tier_work(input, row, defined, Some(offset));
        input.engine.config().monitors.tell_compiled(clock, &work, result.is_ok());
        result
    }

    /// Finds the function whose code has an instruction at `ip`, and that instruction's position in the code.
    pub(super) fn find(&self, ip: *const u64) -> Option<(DefinedFuncIndex, CodePosition)> {
        let starts = &mut *self.starts();
        starts.by_address.extend(starts.new.drain(..));
        let (&start, &(defined, counted)) = starts.by_address.range(..=ip.addr()).next_back()?;
        let word = (ip.addr() - start) / size_of::<u64>();
        let found = word < self.existing(defined, counted)?.len_words();
        found.then_some((defined, CodePosition { counted, word: word as u32 }))
    }

    /// Returns the offset in the wasm that an instruction of a function comes from.
    pub(super) fn wasm_offset(&self, input: Input<'_>, defined: DefinedFuncIndex, at: CodePosition) -> Option<u32> {
        let (function, config, probes) = self.encoding(input, defined, at.counted).ok()?;
        self.with_translator(|it| it.wasm_offset(input.parsed, function, &config, probes, at.word))
    }

    /// Returns where the register interpreter's code of a function polls the interrupt flag.
    pub(super) fn polls(
        &self,
        input: Input<'_>,
        defined: DefinedFuncIndex,
        counted: bool,
    ) -> Result<Polls, TranslateError> {
        let (function, config, probes) = self.encoding(input, defined, counted)?;
        self.with_translator(|it| it.polls(input.parsed, function, &config, probes))
    }

    /// Returns where the register interpreter's code of a function goes on in a frame that is restored.
    pub(super) fn resumes(
        &self,
        input: Input<'_>,
        defined: DefinedFuncIndex,
        counted: bool,
    ) -> Result<Resumes, TranslateError> {
        let (function, config, probes) = self.encoding(input, defined, counted)?;
        self.with_translator(|it| it.resumes(input.parsed, function, &config, probes))
    }

    pub(super) fn statistics(&self, input: Input<'_>) -> Statistics {
        let Input { engine, parsed } = input;
        let codes = || self.functions.iter().flatten().filter_map(OnceLock::get);
        let bodies = self.functions.iter().flat_map(|row| row.iter().zip(&parsed.info().bodies));
        let translated_bodies = bodies.filter(|(code, _)| code.get().is_some());
        let tiers = engine.tiers().iter().map(|tier| {
            let rows = engine.rows().iter().zip(&self.tiers);
            let rows = || rows.clone().filter(|(row, _)| Arc::ptr_eq(&row.tier, tier)).map(|(_, row)| row);
            let results = || rows().flat_map(|row| row.functions.iter().zip(&parsed.info().bodies));
            let compiled = || results().filter(|(result, _)| matches!(result.get(), Some(Ok(_))));
            TierStatistics {
                mode: tier.mode(),
                compiled: compiled().count(),
                wasm_bytes: compiled().map(|(_, body)| body.range.len()).sum(),
                code_bytes: tier.native().map_or(0, |tier| rows().map(|row| tier.code_bytes(&row.state)).sum()),
                bailouts: results().filter(|(result, _)| matches!(result.get(), Some(Err(_)))).count(),
                compile_time: rows().map(|row| row.compiling.total()).sum(),
            }
        });
        Statistics {
            functions: parsed.info().bodies.len(),
            translated: codes().count(),
            wasm_bytes: translated_bodies.map(|(_, body)| body.range.len()).sum(),
            code_bytes: codes().map(|code| code.len_words() * size_of::<u64>()).sum(),
            validation_time: self.validating.total(),
            translation_time: self.translating.total(),
            tiers: tiers.collect(),
        }
    }

    /// Returns the functions that the tier of one of the engine's rows did not take.
    pub(super) fn bailouts(&self, row: usize) -> Vec<(DefinedFuncIndex, Bailout)> {
        let results = &self.tiers[row].functions;
        let results = results.iter().zip(DefinedFuncIndex::first(results.len()));
        results.filter_map(|(result, defined)| Some((defined, result.get()?.as_ref().err()?.clone()))).collect()
    }

    fn starts(&self) -> MutexGuard<'_, Starts> {
        self.starts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` with a translator that no other thread uses meanwhile, so that several threads can translate at
    /// once.
    fn with_translator<R>(&self, work: impl FnOnce(&mut Translator) -> R) -> R {
        let mut translator = self.idle_translators().pop().unwrap_or_default();
        let result = work(&mut translator);
        self.idle_translators().push(translator);
        result
    }

    /// Frees the idle translators and their buffers, once there are hardly any functions left to translate.
    pub(super) fn drop_translators(&self) {
        self.idle_translators().clear();
    }

    #[expect(clippy::vec_box, reason = "as the field")]
    fn idle_translators(&self) -> MutexGuard<'_, Vec<Box<Translator>>> {
        self.translators.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What monitors are told of a function, or a loop of it, in one of the engine's rows.
fn tier_work(input: Input<'_>, row: usize, defined: DefinedFuncIndex, loop_offset: Option<u32>) -> Work<'_> {
    let info = input.parsed.info();
    Work { info, function: info.func_index(defined), mode: input.engine.rows()[row].tier.mode(), loop_offset }
}

/// How many of a module's functions have been turned into code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Functions that the module defines.
    pub functions: usize,
    /// Functions for which the register interpreter has code.
    pub translated: usize,
    /// Size of the bodies of those functions in the module, in bytes.
    pub wasm_bytes: usize,
    /// Size of that code in bytes.
    pub code_bytes: usize,
    /// The time that validation took, of all threads together, apart from functions that were validated as they were translated.
    pub validation_time: Duration,
    /// The time that it took to make the register interpreter's code, of all threads together.
    pub translation_time: Duration,
    /// The work of the plugged-in tiers.
    pub tiers: Vec<TierStatistics>,
}

/// A tier's work on a module's functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierStatistics {
    /// The tier's mode.
    pub mode: Mode,
    /// Functions that the tier has compiled. A function counts twice if it exists in a form that counts and in one that
    /// does not.
    pub compiled: usize,
    /// Size of the bodies of those functions in the module, in bytes.
    pub wasm_bytes: usize,
    /// Size of the machine code that the tier has made, in bytes; 0 if it makes none.
    pub code_bytes: usize,
    /// Functions that the tier did not take, which run in the register interpreter, or in the tier below.
    pub bailouts: usize,
    /// The time that the tier took to compile, of all threads together.
    pub compile_time: Duration,
}
