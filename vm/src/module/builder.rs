//! Modules that arrive in pieces.

use anyhow::Result;
use riser_translator::ModuleParser;

use super::Module;
use crate::Engine;

/// Makes a module from its binary format in chunks of any size, which are parsed as they come.
pub struct ModuleBuilder {
    engine: Engine,
    parser: ModuleParser,
}

impl ModuleBuilder {
    /// Makes a builder that has received no bytes yet.
    pub fn new(engine: &Engine) -> ModuleBuilder {
        ModuleBuilder { engine: engine.clone(), parser: ModuleParser::with_features(engine.config().features) }
    }

    /// Takes the next bytes of the module.
    ///
    /// # Errors
    ///
    /// As soon as the bytes received cannot be the start of a valid module.
    pub fn push(&mut self, chunk: &[u8]) -> Result<()> {
        Ok(self.parser.push(chunk)?)
    }

    /// Ends the module, and returns it.
    ///
    /// # Errors
    ///
    /// See [`Module::new`].
    pub fn finish(self) -> Result<Module> {
        Module::from_parsed(&self.engine, self.parser.finish()?)
    }
}
