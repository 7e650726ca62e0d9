//! A translation means what its function means, on all inputs.

use super::{Case, Failure, Property};
use crate::check;

/// The symbolic checker accepts every translation.
pub const PROPERTY: Property = Property {
    name: "symbolically-equal",
    claim: "The symbolic checker accepts every translation, under every configuration.",
    check,
};

fn check(case: &Case<'_>) -> Result<(), Failure> {
    for config in case.configs() {
        for ir in case.translate(&config)? {
            check::check(&case.module, &ir, &config)
                .map_err(|error| Failure::under(&config, error.to_string(), &[ir]))?;
        }
    }
    Ok(())
}
