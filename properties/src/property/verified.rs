//! The translator and the verifier agree on the rules of the IR.

use riser_translator::ir::Verifier;

use super::{Case, Failure, Property};

/// The verifier accepts every translation.
pub const PROPERTY: Property =
    Property { name: "verified", claim: "The verifier accepts every translation, under every configuration.", check };

fn check(case: &Case<'_>) -> Result<(), Failure> {
    for config in case.configs() {
        for ir in case.translate(&config)? {
            let mut verifier = Verifier::new(case.module.info());
            ir.replay(&mut verifier);
            if let Some(error) = verifier.errors().first() {
                return Err(Failure::under(&config, error.to_string(), &[ir]));
            }
        }
    }
    Ok(())
}
