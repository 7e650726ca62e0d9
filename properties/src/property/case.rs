//! A case: a module, what translates it, and how thoroughly to look at it.

use riser_translator::ir::Function;
use riser_translator::{FuncIndex, FuncTranslator, ParsedModule, SharedBytes, TranslatorConfig};

use super::{Failure, Subject, Translator};
use crate::generate::{Choices as _, Seeded};

/// How many configurations a case samples beyond the two at the ends.
const SAMPLED: u32 = 4;

/// The kinds of instrumentation: fuel, epochs.
const INSTRUMENTATIONS: u32 = 4;

/// What a property is asked about.
pub struct Case<'a> {
    /// The module's bytes.
    pub wasm: SharedBytes,
    /// The module.
    pub module: ParsedModule,
    /// What translates it.
    subject: &'a Subject,
    /// Decides all that a property leaves to chance.
    seed: u64,
    /// Whether to try every configuration, instead of a sample.
    is_thorough: bool,
}

impl<'a> Case<'a> {
    /// A module to be looked at under a few configurations that `seed` chooses.
    ///
    /// # Errors
    ///
    /// If the bytes are not a valid module.
    pub fn sampled(subject: &'a Subject, wasm: impl Into<SharedBytes>, seed: u64) -> Result<Case<'a>, String> {
        let wasm = wasm.into();
        let module = parse(wasm.clone())?;
        Ok(Case { wasm, module, subject, seed, is_thorough: false })
    }

    /// A module to be looked at under every configuration.
    ///
    /// # Errors
    ///
    /// If the bytes are not a valid module.
    pub fn thorough(subject: &'a Subject, wasm: impl Into<SharedBytes>, seed: u64) -> Result<Case<'a>, String> {
        Ok(Case { is_thorough: true, ..Case::sampled(subject, wasm, seed)? })
    }

    /// Decisions, the same each time.
    pub fn choices(&self) -> Seeded {
        Seeded::new(self.seed)
    }

    /// Whether every configuration is tried, instead of a sample.
    pub fn is_thorough(&self) -> bool {
        self.is_thorough
    }

    /// How many of `count` equal things to try, of which all are tried in a thorough case.
    pub fn some_of(&self, count: usize, sampled: usize) -> usize {
        if self.is_thorough { count } else { count.min(sampled) }
    }

    /// The configurations to translate under.
    ///
    /// A sample has everything off and everything on, or the subject's settings; a thorough case has all combinations, those
    /// with the fewest switches on first, so that the first one that fails says which switches it takes.
    pub fn configs(&self) -> Vec<TranslatorConfig> {
        let all = 1 << TranslatorConfig::SWITCHES.len();
        let mut choices = self.choices();
        if self.is_thorough {
            let mut configs = self.subject.settings.iter().map(|setting| setting.config()).collect::<Vec<_>>();
            if configs.is_empty() {
                configs.extend((0..all).map(|switches| config(switches * INSTRUMENTATIONS)));
            }
            configs.sort_by_key(switches_on);
            let instrumented = |instrumentation| configs.iter().map(move |config| instrument(*config, instrumentation));
            return (0..INSTRUMENTATIONS).flat_map(instrumented).collect();
        }
        if !self.subject.settings.is_empty() {
            let settings = self.subject.settings.iter();
            return settings.map(|it| instrument(it.config(), choices.below(INSTRUMENTATIONS))).collect();
        }
        let mut number = |switches: u32| (switches * INSTRUMENTATIONS) | choices.below(INSTRUMENTATIONS);
        let mut configs = vec![config(number(0)), config(number(all - 1))];
        configs.extend((0..SAMPLED).map(|_| config(choices.below(all * INSTRUMENTATIONS))));
        configs
    }

    /// The last of the subject's settings, or everything on; without instrumentation.
    pub fn optimized(&self) -> TranslatorConfig {
        self.subject.settings.last().map_or(TranslatorConfig::optimized(), |setting| setting.config())
    }

    /// The functions that the module defines.
    pub fn functions(&self) -> impl Iterator<Item = FuncIndex> + use<> {
        functions(&self.module)
    }

    /// A translator that has translated nothing yet.
    pub fn translator(&self) -> Box<dyn Translator> {
        (self.subject.translator)()
    }

    /// The IR of every function.
    ///
    /// # Errors
    ///
    /// The translator's.
    pub fn translate(&self, config: &TranslatorConfig) -> Result<Vec<Function>, Failure> {
        self.translate_with(&mut *self.translator(), config)
    }

    /// The IR of every function as Riser's own translator makes it, whatever the case is about.
    pub(super) fn reference(&self, config: &TranslatorConfig) -> Result<Vec<Function>, Failure> {
        self.translate_with(&mut FuncTranslator::new(), config)
    }

    fn translate_with(
        &self,
        translator: &mut dyn Translator,
        config: &TranslatorConfig,
    ) -> Result<Vec<Function>, Failure> {
        let translated = self.functions().map(|function| translator.translate(&self.module, function, config));
        translated.collect::<Result<_, _>>().map_err(|error| Failure::under(config, error, &[]))
    }
}

/// The number of switches that are on.
fn switches_on(config: &TranslatorConfig) -> usize {
    TranslatorConfig::SWITCHES.iter().filter(|(name, _)| config.get(name) == Some(true)).count()
}

/// The configuration with a number: two bits of instrumentation, and one for each switch.
fn config(number: u32) -> TranslatorConfig {
    let mut config = instrument(TranslatorConfig::naive(), number % INSTRUMENTATIONS);
    for (at, (name, _)) in TranslatorConfig::SWITCHES.iter().enumerate() {
        config.set(name, (number / INSTRUMENTATIONS) >> at & 1 != 0);
    }
    config
}

fn instrument(config: TranslatorConfig, number: u32) -> TranslatorConfig {
    TranslatorConfig { fuel: number & 1 != 0, epoch: number & 2 != 0, ..config }
}

/// The functions that a module defines.
pub(super) fn functions(module: &ParsedModule) -> impl Iterator<Item = FuncIndex> + use<> {
    module.info().defined_functions()
}

pub(super) fn parse(wasm: impl Into<SharedBytes>) -> Result<ParsedModule, String> {
    crate::parse(wasm).map_err(|error| error.to_string())
}
