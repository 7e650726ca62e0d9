//! The IR of real programs, under every combination of the switches, obeys the
//! IR's rules and survives its text form.

use std::collections::HashSet;
use std::path::Path;

use riser_translator::ir::{Verifier, parse};
use riser_translator::{FuncTranslator, ParsedModule, TranslatorConfig, parse_module};

/// Every combination of the optimisation switches.
fn configs() -> impl Iterator<Item = TranslatorConfig> {
    let switches = TranslatorConfig::SWITCHES;
    (0..1u32 << switches.len()).map(|set| {
        let mut config = TranslatorConfig::naive();
        for (bit, (name, _)) in switches.iter().enumerate() {
            config.set(name, set >> bit & 1 != 0);
        }
        // The instrumentation comes along with some.
        config.fuel = set.count_ones() % 2 != 0;
        config.epoch = set.count_ones() % 3 != 0;
        config
    })
}

fn programs() -> Vec<(String, ParsedModule)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/programs");
    let vector = std::fs::read_dir(directory.join("vector")).expect("benches/programs/vector can be read");
    let mut programs: Vec<(String, ParsedModule)> = std::fs::read_dir(directory)
        .expect("benches/programs can be read")
        .chain(vector)
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .map(|path| {
            let bytes = std::fs::read(&path).expect("the program can be read");
            (path.display().to_string(), parse_module(bytes).expect("the program is valid"))
        })
        .collect();
    programs.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(!programs.is_empty(), "no programs were found");
    programs
}

#[test]
fn every_combination_of_switches_gives_valid_ir() {
    // The programs have much of a library in common; a body is looked at once, and under a few of the combinations, others for
    // the next. Builds with assertions are slow and try fewer.
    let few = if cfg!(debug_assertions) { 127 } else { 32 };
    let mut seen = HashSet::new();
    for (name, module) in &programs() {
        let info = module.info();
        for function in info.defined_functions() {
            if !seen.insert(info.body_bytes(function).map(<[u8]>::to_vec)) {
                continue;
            }
            for config in configs().skip(seen.len() % few).step_by(few) {
                let mut verifier = Verifier::new(info);
                FuncTranslator::new().emit(module, function, &config, &mut verifier).expect("the body is valid");
                assert_eq!(verifier.errors(), [], "{name} under {config:?}");
            }
        }
    }
}

#[test]
fn the_text_form_reads_back() {
    for (_, module) in &programs() {
        let info = module.info();
        for config in [TranslatorConfig::naive(), TranslatorConfig::optimized()] {
            for function in info.defined_functions() {
                let ir = FuncTranslator::new().ir(module, function, &config).expect("the body is valid");
                let text = ir.to_string();
                assert_eq!(parse::parse(&text).as_ref(), Ok(&ir), "from\n{text}");
            }
        }
    }
}

#[test]
fn optimisations_pay() {
    for (name, module) in &programs() {
        let info = module.info();
        let count = |config: &TranslatorConfig| -> usize {
            info.defined_functions()
                .map(|function| {
                    FuncTranslator::new().ir(module, function, config).expect("the body is valid").items.len()
                })
                .sum()
        };
        let (naive, optimized) = (count(&TranslatorConfig::naive()), count(&TranslatorConfig::optimized()));
        assert!(optimized * 2 < naive, "{name}: {naive} instructions become {optimized}");
    }
}

#[test]
fn translating_again_gives_the_same() {
    let (_, module) = programs().remove(0);
    let mut translator = FuncTranslator::new();
    let mut run =
        |function| translator.ir(&module, function, &TranslatorConfig::optimized()).expect("the body is valid");
    for function in module.info().defined_functions() {
        // The second time the body is not validated.
        assert_eq!(run(function), run(function));
    }
}
