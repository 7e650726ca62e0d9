//! Encoding and decoding are inverse.
//!
//! For the functions of many modules, under every combination of the translator's switches:
//! the code that the encoder makes of a function's IR decodes to the IR's normal form, and
//! that encodes to the same code. See `docs/src/properties/encode-decode.md`.

mod forms;
mod heads;
mod malformed;
mod pairs;
mod random;
mod sources;
mod suite;

use std::collections::BTreeSet;

use riser_translator::config::TranslatorConfig;
use riser_translator::ir::Function;
use riser_translator::{Features, FuncIndex, FuncTranslator, ParsedModule, TranslateError, parse_module_with};
use riser_vm::Bounds;
use riser_vm::inspect::{decode, encode, normalise};

/// The names of the instructions that have been decoded.
type Names = BTreeSet<&'static str>;

/// Every combination of the translator's switches, the instrumentation on in every other.
fn configurations() -> impl Iterator<Item = TranslatorConfig> {
    (0..1_u32 << TranslatorConfig::SWITCHES.len()).map(|bits| {
        let mut config = TranslatorConfig::naive();
        for (at, (name, _)) in TranslatorConfig::SWITCHES.iter().enumerate() {
            assert!(config.set(name, bits >> at & 1 != 0));
        }
        (config.fuel, config.epoch) = (bits.count_ones() % 2 == 1, bits.count_ones() % 2 == 1);
        config
    })
}

/// The IR of a function, if its body is valid.
fn ir(module: &ParsedModule, function: FuncIndex, config: &TranslatorConfig) -> Result<Function, TranslateError> {
    FuncTranslator::new().ir(module, function, config)
}

/// The indices of the functions that a module defines.
fn defined(module: &ParsedModule) -> impl Iterator<Item = FuncIndex> {
    module.info().defined_functions()
}

/// Checks the property for all functions of a module with these switches; adds the names of their instructions.
#[track_caller]
fn check_with(name: &str, module: &ParsedModule, config: &TranslatorConfig, names: &mut Names) {
    for function in defined(module) {
        let ir = ir(module, function, config).unwrap_or_else(|error| panic!("{name}: {error}"));
        for &bounds in Bounds::ALL {
            let place = || format!("{name}, function {function}, {bounds}, {config:?}");
            let words = encode(&ir, module.info(), bounds, config);
            let decoded = match decode(&words, module.info(), function) {
                Ok(decoded) => decoded,
                Err(error) => panic!("{}: {error}\n{ir}", place()),
            };
            let normal = normalise(&ir);
            assert!(decoded.function == normal, "{}\ndecoded:\n{}\nexpected:\n{normal}", place(), decoded.function);
            // In normal form there are fewer labels, so that more instructions are in pairs, and more operands forwarded.
            let plain = |ir| encode(ir, module.info(), bounds, &TranslatorConfig::naive());
            assert!(plain(&normal) == plain(&ir), "{}: encoded otherwise\n{normal}", place());
            names.extend(decoded.instructions().map(|it| it.name));
        }
    }
}

/// Builds with assertions are slow and try a sample; optimised builds try everything.
const ONE_OF: usize = if cfg!(debug_assertions) { 7 } else { 1 };

/// As [`check_with`], for every combination of switches.
#[track_caller]
fn check(name: &str, binary: &[u8], names: &mut Names) {
    let module = parse_module_with(binary, Features::ALL).unwrap_or_else(|error| panic!("{name}: {error}"));
    for config in configurations().step_by(ONE_OF) {
        check_with(name, &module, &config, names);
    }
}
