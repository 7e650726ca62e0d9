//! Prints the IR of a function of a module as text.

use crate::config::TranslatorConfig;
use crate::error::TranslateError;
use crate::func::FuncTranslator;
use crate::index::FuncIndex;
use crate::parse::ParsedModule;
use crate::shown::cut;

/// Returns the text form of the IR of a function of `module`.
///
/// # Errors
///
/// If the function's body is not valid.
///
/// # Panics
///
/// If the module does not define the function.
pub fn print_function(
    module: &ParsedModule,
    function: FuncIndex,
    config: &TranslatorConfig,
) -> Result<String, TranslateError> {
    let mut ir = FuncTranslator::new().ir(module, function, config)?;
    ir.name = module.info().func_name(function).map(|name| cut(name).into());
    Ok(ir.to_string())
}
