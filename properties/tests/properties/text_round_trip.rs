//! The text of a function's IR says all there is to say.

use riser_translator::ir::parse::parse;

use crate::Property;
use crate::case::{Case, describe};

pub const PROPERTY: Property =
    Property { name: "text-round-trip", claim: "IR printed as text reads back as what it was.", check };

fn check(case: &Case) -> Result<(), String> {
    for config in case.configs() {
        for ir in case.translate(&config)? {
            let text = ir.to_string();
            match parse(&text) {
                Ok(read) if read == ir => {}
                Ok(read) => return Err(format!("{}: the text reads back as\n{read}\nfrom\n{text}", describe(&config))),
                Err(error) => return Err(format!("{}: {error} in\n{text}", describe(&config))),
            }
        }
    }
    Ok(())
}
