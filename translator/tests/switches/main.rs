//! No switch changes what a program does.
//!
//! Random functions ([`generate`]) are translated under combinations of the
//! optimisation switches, and their IR is evaluated ([`evaluate`]). Results,
//! traps, memory, globals and the fuel used have to be the same throughout.

mod evaluate;
mod generate;

use riser_translator::ir::{Function, Tee, Verifier};
use riser_translator::{FuncTranslator, ParsedModule, Selector, TranslatorConfig, parse_module};

use evaluate::{Instance, Outcome};

/// The IR of every function, verified.
fn translate(module: &ParsedModule, config: &TranslatorConfig) -> Vec<Function> {
    let info = module.info();
    let mut translator = FuncTranslator::new();
    (0..info.functions.len() as u32)
        .map(|function| {
            let mut emitter = Tee(Function::new(), Verifier::new(info));
            let mut selector = Selector::new(info, config, &mut emitter);
            translator.translate(module, function, config, &mut selector).expect("the body is valid");
            let Tee(ir, verifier) = emitter;
            assert_eq!(verifier.errors(), [], "under {config:?} in\n{ir}");
            ir
        })
        .collect()
}

fn configs() -> impl Iterator<Item = TranslatorConfig> {
    let switches = TranslatorConfig::SWITCHES;
    (0..1u32 << switches.len()).map(|set| {
        let mut config = TranslatorConfig { fuel: true, ..TranslatorConfig::naive() };
        for (bit, (name, _)) in switches.iter().enumerate() {
            config.set(name, set >> bit & 1 != 0);
        }
        config
    })
}

/// Runs the module's first function with nothing on and under every eighth configuration from
/// the one with number `first`; returns the common outcomes.
fn check(text: &str, first: usize, args: &[[u64; generate::PARAMS.len()]]) -> Vec<Outcome> {
    let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let module = parse_module(bytes).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let run = |config: &TranslatorConfig| {
        let functions = translate(&module, config);
        let outcomes: Vec<(Outcome, Instance)> = args
            .iter()
            .map(|args| {
                let mut instance = Instance::new();
                let outcome = instance.invoke(&functions, args);
                (outcome, instance)
            })
            .collect();
        (functions, outcomes)
    };
    let naive = run(&TranslatorConfig { fuel: true, ..TranslatorConfig::naive() });
    for config in configs().skip(first).step_by(8) {
        let (functions, outcomes) = run(&config);
        for ((expected, actual), args) in naive.1.iter().zip(&outcomes).zip(args) {
            let texts = |functions: &[Function]| functions.iter().map(Function::to_string).collect::<String>();
            assert!(
                expected == actual,
                "{config:?} on {args:x?}: {:x?} becomes {:x?}\n{text}\n{}\n{}",
                expected.0,
                actual.0,
                texts(&naive.0),
                texts(&functions),
            );
        }
    }
    naive.1.into_iter().map(|(outcome, _)| outcome).collect()
}

#[test]
fn switches_do_not_change_results() {
    const ARGS: &[[u64; generate::PARAMS.len()]] = &[
        [0, 0, 0, 0, 0],
        [5, 1 << 40, 0x3fc0_0000, 0xc008_0000_0000_0000, 0xffff_fff0],
        [0x8000_0000, u64::MAX, 0x7fc0_0000, 0x7ff0_0000_0000_0000, 3],
    ];
    let (mut returned, mut trapped) = (0, 0);
    for seed in 1..=200 {
        for outcome in check(&generate::module(seed), seed as usize % 8, ARGS) {
            match outcome {
                Outcome::Returned(_) => returned += 1,
                Outcome::Trapped(_) => trapped += 1,
            }
        }
    }
    // The generator is worth its keep only if programs get somewhere.
    assert!(returned > trapped / 2, "{returned} returned, {trapped} trapped");
}
