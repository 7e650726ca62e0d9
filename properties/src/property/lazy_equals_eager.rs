//! It makes no difference when functions are validated and translated: with the module
//! or at their first call, in whatever order calls come.

use riser_translator::ir::Function;
use riser_translator::{FuncIndex, FuncTranslator, TranslatorConfig};

use super::case::{functions, parse};
use super::{Case, Failure, Property};
use crate::generate::Choices;

/// It makes no difference when a function is translated.
pub const PROPERTY: Property = Property {
    name: "lazy-equals-eager",
    claim: "Functions translated one by one, in any order, are those translated all at once, or fail alike.",
    check,
};

/// How many bytes of bodies are changed to something else.
const DAMAGED: usize = 4;

fn check(case: &Case<'_>) -> Result<(), Failure> {
    let choices: &mut dyn Choices = &mut case.choices();
    let config = case.optimized();
    same(case, &case.wasm, &config, choices)?;
    // Bodies that are not valid: parsing the module does not look at them.
    let bodies = &case.module.info().bodies;
    for _ in 0..DAMAGED.min(bodies.len()) {
        let body = &bodies[choices.below(bodies.len() as u32) as usize].range;
        let mut wasm = case.wasm.to_vec();
        let at = choices.within(body.start, body.end - 1) as usize;
        wasm[at] = choices.below(256) as u8;
        same(case, &wasm, &config, choices).map_err(|failure| Failure {
            message: format!("with byte {at:#x} damaged: {}", failure.message),
            ..failure
        })?;
    }
    Ok(())
}

fn same(case: &Case<'_>, wasm: &[u8], config: &TranslatorConfig, choices: &mut dyn Choices) -> Result<(), Failure> {
    let (early, late) = (parse(wasm.to_vec())?, parse(wasm.to_vec())?);
    let mut translator = case.translator();
    let mut validator = FuncTranslator::new();
    let eager: Vec<_> = functions(&early)
        .map(|function| match validator.validate(&early, function) {
            Ok(()) => translator.translate(&early, function, config),
            Err(error) => Err(error.to_string()),
        })
        .collect();
    let mut order: Vec<FuncIndex> = functions(&late).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, choices.below(at as u32 + 1) as usize);
    }
    for function in order {
        let lazy = translator.translate(&late, function, config);
        let eager = &eager[late.info().defined_function(function).expect("it is defined").index()];
        if lazy != *eager {
            let text = |result: &Result<Function, String>| match result {
                Ok(ir) => ir.to_string(),
                Err(error) => error.clone(),
            };
            let message = format!("function {function} is, lazily,\n{}", text(&lazy));
            return Err(match eager {
                Ok(ir) => Failure::under(config, message, std::slice::from_ref(ir)),
                Err(error) => Failure::under(config, format!("{message}\neagerly\n{error}"), &[]),
            });
        }
    }
    Ok(())
}
