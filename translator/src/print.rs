//! The IR of a function of a module, for readers.

use crate::config::TranslatorConfig;
use crate::error::TranslateError;
use crate::func::FuncTranslator;
use crate::index::FuncIndex;
use crate::ir::Function;
use crate::parse::ParsedModule;
use crate::shown::cut;

/// Returns the IR of a function of `module`, with its name.
///
/// # Errors
///
/// If the function's body is not valid.
///
/// # Panics
///
/// If the module does not define the function.
pub fn named_ir(
    module: &ParsedModule,
    function: FuncIndex,
    config: &TranslatorConfig,
) -> Result<Function, TranslateError> {
    let mut ir = FuncTranslator::new().ir(module, function, config)?;
    ir.name = module.info().func_name(function).map(|name| cut(name).into());
    Ok(ir)
}

/// Returns the text form of the IR of a function of `module`.
///
/// # Errors
///
/// As [`named_ir`].
///
/// # Panics
///
/// As [`named_ir`].
pub fn print_function(
    module: &ParsedModule,
    function: FuncIndex,
    config: &TranslatorConfig,
) -> Result<String, TranslateError> {
    Ok(named_ir(module, function, config)?.to_string())
}
