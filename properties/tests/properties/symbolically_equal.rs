//! A translation means what its function means, on all inputs.

use riser_properties::check;

use crate::Property;
use crate::case::{Case, describe};

pub const PROPERTY: Property = Property {
    name: "symbolically-equal",
    claim: "The symbolic checker accepts every translation, under every configuration.",
    check,
};

fn check(case: &Case) -> Result<(), String> {
    for config in case.configs() {
        for ir in case.translate(&config)? {
            check::check(&case.module, &ir, &config)
                .map_err(|error| format!("{error}\n{}:\n{ir}", describe(&config)))?;
        }
    }
    Ok(())
}
