//! It makes no difference when functions are validated and translated: with the module
//! or at their first call, in whatever order calls come.

use riser_properties::generate::Choices;
use riser_translator::{FuncIndex, FuncTranslator, TranslatorConfig};

use crate::Property;
use crate::case::{Case, functions, ir, parse};

pub const PROPERTY: Property = Property {
    name: "lazy-equals-eager",
    claim: "Functions translated one by one, in any order, are those translated all at once, or fail alike.",
    check,
};

/// How many bytes of bodies are changed to something else.
const DAMAGED: usize = 4;

fn check(case: &Case) -> Result<(), String> {
    let choices: &mut dyn Choices = &mut case.choices();
    let config = case.optimized();
    same(&case.wasm, &config, choices)?;
    // Bodies that are not valid: parsing the module does not look at them.
    let bodies = &case.module.info().bodies;
    for _ in 0..DAMAGED.min(bodies.len()) {
        let body = &bodies[choices.below(bodies.len() as u32) as usize].range;
        let mut wasm = case.wasm.clone();
        let at = choices.within(body.start, body.end - 1) as usize;
        wasm[at] = choices.below(256) as u8;
        same(&wasm, &config, choices).map_err(|difference| format!("with byte {at:#x} damaged: {difference}"))?;
    }
    Ok(())
}

fn same(wasm: &[u8], config: &TranslatorConfig, choices: &mut dyn Choices) -> Result<(), String> {
    let (early, late) = (parse(wasm)?, parse(wasm)?);
    let mut translator = FuncTranslator::new();
    let eager: Vec<_> = functions(&early)
        .map(|function| match translator.validate(&early, function) {
            Ok(()) => ir(&mut translator, &early, function, config),
            Err(error) => Err(error.to_string()),
        })
        .collect();
    let mut order: Vec<FuncIndex> = functions(&late).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, choices.below(at as u32 + 1) as usize);
    }
    for function in order {
        let lazy = ir(&mut translator, &late, function, config);
        let eager = &eager[late.info().defined_function(function).expect("it is defined").index()];
        if lazy != *eager {
            let text = |result: &Result<riser_translator::ir::Function, String>| match result {
                Ok(ir) => ir.to_string(),
                Err(error) => error.clone(),
            };
            return Err(format!("function {function} is, eagerly,\n{}\nlazily\n{}", text(eager), text(&lazy)));
        }
    }
    Ok(())
}
