//! What is tested: a translator, and what it is given to translate.

use riser_translator::ir::Function;
use riser_translator::{FuncIndex, FuncTranslator, ParsedModule, Switches, TranslatorConfig};

use crate::generate::Config;

/// A translator of functions to register IR. It may keep what it likes from one function to the next.
pub trait Translator {
    /// Translates a function.
    ///
    /// # Errors
    ///
    /// What is wrong with the function, or what the translator lacks.
    fn translate(
        &mut self,
        module: &ParsedModule,
        function: FuncIndex,
        config: &TranslatorConfig,
    ) -> Result<Function, String>;
}

impl<T> Translator for T
where
    T: FnMut(&ParsedModule, FuncIndex, &TranslatorConfig) -> Result<Function, String>,
{
    fn translate(
        &mut self,
        module: &ParsedModule,
        function: FuncIndex,
        config: &TranslatorConfig,
    ) -> Result<Function, String> {
        self(module, function, config)
    }
}

/// What is tested.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Makes a translator that has translated nothing yet.
    pub translator: fn() -> Box<dyn Translator>,
    /// What generated modules are made of: case by case, one in turn. There has to be one.
    pub modules: Vec<Config>,
    /// The settings of the switches to try, each with and without instrumentation; empty for all combinations.
    pub settings: Vec<Switches>,
}

impl Subject {
    /// Riser's own translator, under every setting, on modules with the common features, with the widest range of them,
    /// and on two kinds with a good chance of what is rare otherwise.
    pub fn shipped() -> Subject {
        let common = Config::default();
        Subject {
            translator: || Box::new(FuncTranslator::new()),
            modules: vec![
                common.clone(),
                Config {
                    memory64: true,
                    table64: true,
                    wide_tail_calls: true,
                    shuffled_operands: true,
                    custom_page_sizes: true,
                    multi_memory: true,
                    reference_signatures: true,
                    ..common.clone()
                },
                Config { functions: 2, size: 40, nesting: 8, bulk: false, references: false, ..common.clone() },
                Config { functions: 1, size: 250, calls: false, tail_calls: false, floats: false, ..common },
            ],
            settings: Vec::new(),
        }
    }
}

impl Translator for FuncTranslator {
    fn translate(
        &mut self,
        module: &ParsedModule,
        function: FuncIndex,
        config: &TranslatorConfig,
    ) -> Result<Function, String> {
        self.ir(module, function, config).map_err(|error| error.to_string())
    }
}
