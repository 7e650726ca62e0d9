//! A translation depends on the function and the configuration and nothing else: not on
//! what the translator did before, nor on whether the body has been validated.

use riser_translator::FuncTranslator;

use crate::Property;
use crate::case::{Case, describe, ir, parse};

pub const PROPERTY: Property = Property {
    name: "deterministic",
    claim: "A translator that is used again gives the IR that a new one gives, time and again.",
    check,
};

fn check(case: &Case) -> Result<(), String> {
    let mut used = FuncTranslator::new();
    for config in case.configs() {
        let module = parse(&case.wasm)?;
        for function in case.functions() {
            let new = ir(&mut FuncTranslator::new(), &module, function, &config)?;
            for _ in 0..2 {
                let again = ir(&mut used, &case.module, function, &config)?;
                if again != new {
                    return Err(format!("{}: a new translator gives\n{new}\na used one\n{again}", describe(&config)));
                }
            }
        }
    }
    Ok(())
}
