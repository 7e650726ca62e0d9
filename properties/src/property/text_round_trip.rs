//! The text of a function's IR says all there is to say.

use riser_translator::ir::parse::parse;

use super::{Case, Failure, Property};

/// IR reads back from its text.
pub const PROPERTY: Property =
    Property { name: "text-round-trip", claim: "IR printed as text reads back as what it was.", check };

fn check(case: &Case<'_>) -> Result<(), Failure> {
    for config in case.configs() {
        for ir in case.translate(&config)? {
            let message = match parse(&ir.to_string()) {
                Ok(read) if read == ir => continue,
                Ok(read) => format!("the text reads back as\n{read}"),
                Err(error) => format!("the text does not read back: {error}"),
            };
            return Err(Failure::under(&config, message, &[ir]));
        }
    }
    Ok(())
}
