//! A translation depends on the function and the configuration and nothing else: not on
//! what the translator did before, nor on whether the body has been validated.

use super::case::parse;
use super::{Case, Failure, Property};

/// A translator gives the same IR time and again.
pub const PROPERTY: Property = Property {
    name: "deterministic",
    claim: "A translator that is used again gives the IR that a new one gives, time and again.",
    check,
};

fn check(case: &Case<'_>) -> Result<(), Failure> {
    let mut used = case.translator();
    for config in case.configs() {
        let module = parse(case.wasm.clone())?;
        for function in case.functions() {
            let new = case.translator().translate(&module, function, &config)?;
            for _ in 0..2 {
                let again = used.translate(&case.module, function, &config)?;
                if again != new {
                    let message = format!("a translator that is used again gives\n{again}");
                    return Err(Failure::under(&config, message, &[new]));
                }
            }
        }
    }
    Ok(())
}
