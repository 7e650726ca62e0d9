//! The translator and the verifier agree on the rules of the IR.

use riser_translator::FuncTranslator;
use riser_translator::ir::{Function, Tee, Verifier};

use crate::Property;
use crate::case::{Case, describe, emit};

pub const PROPERTY: Property =
    Property { name: "verified", claim: "The verifier accepts every translation, under every configuration.", check };

fn check(case: &Case) -> Result<(), String> {
    let mut translator = FuncTranslator::new();
    for config in case.configs() {
        for function in case.functions() {
            let mut emitter = Tee(Function::new(), Verifier::new(case.module.info()));
            emit(&mut translator, &case.module, function, &config, &mut emitter)?;
            let Tee(ir, verifier) = emitter;
            if let Some(error) = verifier.errors().first() {
                return Err(format!("{error}\n{}:\n{ir}", describe(&config)));
            }
        }
    }
    Ok(())
}
