//! A case: a module, and how thoroughly to look at it.

use riser_properties::generate::{Choices, Seeded};
use riser_translator::ir::{Emitter, Function};
use riser_translator::{FuncIndex, FuncTranslator, ParsedModule, Selector, TranslatorConfig, parse_module};

/// How many configurations a case samples beyond the two at the ends.
const SAMPLED: u32 = 4;

/// The numbers of all configurations: the optimisation switches, fuel, epochs.
const CONFIGURATIONS: u32 = 1 << (TranslatorConfig::SWITCHES.len() + 2);

/// What a property is asked about.
pub struct Case {
    /// The module's bytes.
    pub wasm: Vec<u8>,
    /// The module.
    pub module: ParsedModule,
    /// Decides all that a property leaves to chance.
    seed: u64,
    /// Whether to try every configuration, instead of a sample.
    thorough: bool,
}

impl Case {
    /// A module to be looked at under a few configurations that `seed` chooses.
    pub fn sampled(wasm: Vec<u8>, seed: u64) -> Result<Case, String> {
        let module = parse(&wasm)?;
        Ok(Case { wasm, module, seed, thorough: false })
    }

    /// A module to be looked at under every configuration.
    pub fn thorough(wasm: Vec<u8>, seed: u64) -> Result<Case, String> {
        Ok(Case { thorough: true, ..Case::sampled(wasm, seed)? })
    }

    /// Decisions, the same each time.
    pub fn choices(&self) -> Seeded {
        Seeded::new(self.seed)
    }

    /// How many of `count` equal things to try, of which all are tried in a thorough case.
    pub fn some_of(&self, count: usize, sampled: usize) -> usize {
        if self.thorough { count } else { count.min(sampled) }
    }

    /// The configurations to translate under: the one with everything off and the one with everything on
    /// are the first two.
    pub fn configs(&self) -> Vec<TranslatorConfig> {
        if self.thorough {
            return (0..CONFIGURATIONS).rev().map(|number| self.config(number)).collect();
        }
        let mut choices = self.choices();
        let mut number = |switches: u32| switches << 2 | choices.below(4);
        let mut configs = vec![self.config(number(0)), self.config(number(CONFIGURATIONS / 4 - 1))];
        configs.extend((0..SAMPLED).map(|_| self.config(choices.below(CONFIGURATIONS))));
        configs
    }

    /// Everything on, nothing woven in.
    pub fn optimized(&self) -> TranslatorConfig {
        self.config(CONFIGURATIONS - 4)
    }

    fn config(&self, number: u32) -> TranslatorConfig {
        let bit = |bit: usize| number >> bit & 1 != 0;
        let mut config = TranslatorConfig { fuel: bit(0), epoch: bit(1), ..TranslatorConfig::naive() };
        for (at, (name, _)) in TranslatorConfig::SWITCHES.iter().enumerate() {
            config.set(name, bit(at + 2));
        }
        config
    }

    /// The functions that the module defines.
    pub fn functions(&self) -> impl Iterator<Item = FuncIndex> + use<> {
        functions(&self.module)
    }

    /// The IR of every function.
    pub fn translate(&self, config: &TranslatorConfig) -> Result<Vec<Function>, String> {
        let mut translator = FuncTranslator::new();
        self.functions().map(|function| ir(&mut translator, &self.module, function, config)).collect()
    }
}

/// The functions that a module defines.
pub fn functions(module: &ParsedModule) -> impl Iterator<Item = FuncIndex> + use<> {
    module.info().defined_functions()
}

pub fn parse(wasm: &[u8]) -> Result<ParsedModule, String> {
    parse_module(wasm).map_err(|error| error.to_string())
}

/// The IR of a function.
pub fn ir(
    translator: &mut FuncTranslator,
    module: &ParsedModule,
    function: FuncIndex,
    config: &TranslatorConfig,
) -> Result<Function, String> {
    let mut ir = Function::new();
    emit(translator, module, function, config, &mut ir)?;
    Ok(ir)
}

/// Translates a function into an emitter.
pub fn emit(
    translator: &mut FuncTranslator,
    module: &ParsedModule,
    function: FuncIndex,
    config: &TranslatorConfig,
    emitter: impl Emitter,
) -> Result<(), String> {
    let mut selector = Selector::new(module.info(), config, emitter);
    translator.translate(module, function, config, &mut selector).map_err(|error| error.to_string())
}

/// What is on, for the reader.
pub fn describe(config: &TranslatorConfig) -> String {
    let switches = TranslatorConfig::SWITCHES.iter().map(|(name, _)| *name);
    let mut on: Vec<&str> = switches.filter(|name| config.get(name) == Some(true)).collect();
    on.extend(config.fuel.then_some("fuel"));
    on.extend(config.epoch.then_some("epoch"));
    if on.is_empty() { "with everything off".to_owned() } else { format!("with {}", on.join(", ")) }
}
