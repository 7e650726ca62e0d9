//! Inspection of the register interpreter's code: what `riser_interp::inspect` has, and the code of a module's functions.
//!
//! [`code`] shows a function as an engine runs it.

use anyhow::{Result, bail};
use riser_interp::EncodeConfig;
pub use riser_interp::inspect::*;
use riser_translator::shown::cut;
use riser_translator::{FuncIndex, FuncTranslator};

use crate::Module;

/// Returns the code of the function with the given index. Translates the function, if that has not been done yet.
///
/// # Errors
///
/// If the module does not define the function, or its body is not valid.
pub fn code(module: &Module, function: FuncIndex) -> Result<FunctionCode> {
    let info = module.info();
    let Some(defined) = info.defined_function(function).filter(|&defined| defined.index() < info.bodies.len()) else {
        bail!("the module does not define function {function}");
    };
    let translator = *module.engine().config().translator_for(info, function);
    let config = EncodeConfig { translator, ..module.engine().encode_config() };
    let mut ir = FuncTranslator::new().ir(module.parsed(), function, &config.translator)?;
    ir.name = info.func_name(function).map(|name| cut(name).into());
    // Decodes heads that are tokens: addresses do not tell instructions apart whose handlers share machine code.
    let decoded = decode(&encode(&ir, info, config.bounds, &config.translator), info, function)?;
    Ok(FunctionCode { words: module.code(defined, false)?.words().to_vec(), ir, decoded })
}
