//! Translation into register IR for tools and tests.
//!
//! [`FuncTranslator::translate`] is compiled anew for every type of sink, so that nothing stands between the translator and an
//! engine's encoder. That takes the compiler seconds for each. What is here is compiled once, and calls the emitter through a
//! table of functions: an indirect call for each instruction.

use crate::config::TranslatorConfig;
use crate::error::TranslateError;
use crate::func::FuncTranslator;
use crate::index::FuncIndex;
use crate::ir::{Emitter, Function};
use crate::parse::ParsedModule;
use crate::select::Selector;

impl FuncTranslator {
    /// Translates a function of `module` into register IR, which `emitter` receives.
    ///
    /// # Errors
    ///
    /// If the function's body is not valid. What `emitter` received is useless then.
    ///
    /// # Panics
    ///
    /// If the module does not define the function.
    pub fn emit(
        &mut self,
        module: &ParsedModule,
        function: FuncIndex,
        config: &TranslatorConfig,
        emitter: &mut dyn Emitter,
    ) -> Result<(), TranslateError> {
        self.translate(module, function, config, &mut Selector::new(module.info(), config, emitter))
    }

    /// Returns the register IR of a function of `module`, without the function's name.
    ///
    /// # Errors
    ///
    /// If the function's body is not valid.
    ///
    /// # Panics
    ///
    /// If the module does not define the function.
    pub fn ir(
        &mut self,
        module: &ParsedModule,
        function: FuncIndex,
        config: &TranslatorConfig,
    ) -> Result<Function, TranslateError> {
        let mut ir = Function::new();
        self.emit(module, function, config, &mut ir)?;
        Ok(ir)
    }
}
