//! The sink of the page "Property-test your own translator", put to the properties.
//!
//! The page (`docs/src/properties/own-translator.md`) shows the pieces between the anchors,
//! so that what it says compiles and holds.

#[path = "../src/sink.rs"]
mod sink;

use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use riser_properties::check::{CheckError, check};
use riser_properties::evaluate::{Instance, Limits, Outcome};
use riser_properties::generate::{Config, Module, Seeded, bodies, slots};
use riser_properties::translator::ir::{Function, Verifier};
use riser_properties::translator::safepoint::{Divergence, Safepoint, first_divergence};
use riser_properties::translator::{FuncIndex, FuncTranslator, ParsedModule, Selector, TranslatorConfig, parse_module};

use sink::Plain;

// ANCHOR: generator
/// Functions of integers: what the sink can do.
fn integers() -> Config {
    Config {
        memory: false,
        table: false,
        globals: false,
        floats: false,
        bulk: false,
        references: false,
        segments: false,
        wide_arithmetic: false,
        vectors: false,
        atomics: false,
        exceptions: false,
        ..Config::default()
    }
}
// ANCHOR_END: generator

// ANCHOR: translate
/// The function's IR, as our own sink makes it. The instrumentation `epoch` marks the safepoints.
fn translate(module: &ParsedModule, swaps_everything: bool) -> Function {
    let mut sink = Plain::new(swaps_everything);
    let config = TranslatorConfig { epoch: true, ..TranslatorConfig::optimized() };
    FuncTranslator::new()
        .translate(module, FuncIndex::new(0), &config, &mut sink)
        .expect("the generator makes valid functions");
    sink.function
}
// ANCHOR_END: translate

// ANCHOR: properties
fn verify(module: &ParsedModule, ir: &Function) -> Result<(), String> {
    let mut verifier = Verifier::new(module.info());
    ir.replay(&mut verifier);
    match verifier.errors() {
        [] => Ok(()),
        [first, ..] => Err(first.to_string()),
    }
}

fn check_symbolically(module: &ParsedModule, ir: &Function) -> Result<(), CheckError> {
    check(module, ir, &TranslatorConfig { epoch: true, ..TranslatorConfig::optimized() })
}

/// What is wrong with our translation of a module, if anything is.
fn complaint(module: &Module, swaps_everything: bool) -> Result<(), String> {
    let parsed = parse_module(module.to_wasm()).expect("the generator makes valid modules");
    let ir = translate(&parsed, swaps_everything);
    verify(&parsed, &ir)?;
    check_symbolically(&parsed, &ir).map_err(|error| error.to_string())
}
// ANCHOR_END: properties

// ANCHOR: lockstep
/// Runs the function in the evaluator, and keeps what it passes.
fn run(module: &ParsedModule, ir: &Function, args: &[u64]) -> (Vec<Safepoint>, Outcome) {
    let mut passed = Vec::new();
    let limits = Limits { steps: 20_000, ..Limits::default() };
    let mut instance = Instance::new(module, std::slice::from_ref(ir), limits).expect("nothing to set up");
    instance.on_safepoint(|safepoint| passed.push(safepoint));
    let outcome = instance.invoke(FuncIndex::new(0), args);
    drop(instance);
    (passed, outcome)
}

/// Where our translation first goes another way than Riser's own.
fn divergence(module: &ParsedModule, ours: &Function, args: &[u64]) -> Option<Divergence> {
    let config = TranslatorConfig { epoch: true, ..TranslatorConfig::optimized() };
    let mut theirs = Function::new();
    let mut selector = Selector::new(module.info(), &config, &mut theirs);
    FuncTranslator::new().translate(module, FuncIndex::new(0), &config, &mut selector).expect("valid");
    first_divergence(run(module, &theirs, args).0, run(module, ours, args).0)
}
// ANCHOR_END: lockstep

fn runner() -> TestRunner {
    let config = ProptestConfig { failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::default() };
    TestRunner::new_with_rng(config, proptest::test_runner::TestRng::deterministic_rng(Default::default()))
}

#[test]
fn the_sink_is_right() {
    // ANCHOR: test
    let result = runner().run(&bodies(integers()), |module| complaint(&module, false).map_err(TestCaseError::fail));
    // ANCHOR_END: test
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn its_mistake_is_found_and_made_small() {
    let result = runner().run(&bodies(integers()), |module| complaint(&module, true).map_err(TestCaseError::fail));
    let Err(TestError::Fail(reason, module)) = result else { panic!("nobody finds the mistake: {result:?}") };
    assert!(module.size() <= 6, "the module could be smaller:\n{}", module.to_wat());
    assert!(reason.message().contains("should"), "{reason}");
    println!("{}{reason}", module.to_wat());
}

#[test]
fn lockstep_agrees_and_shows_where_it_does_not() {
    let wat = "(module (func (param $n i32) (result i32) (local $sum i32)
        (loop $next
            (local.set $sum (i32.add (local.get $sum) (local.get $n)))
            (local.set $n (i32.sub (i32.const 100) (local.get $n)))
            (br_if $next (i32.lt_u (local.get $sum) (i32.const 500))))
        (local.get $sum)))";
    let module = parse_module(wat::parse_str(wat).expect("well-formed")).expect("valid");
    assert_eq!(divergence(&module, &translate(&module, false), &[30]), None);
    let divergence = divergence(&module, &translate(&module, true), &[30]).expect("another way");
    // The entry and the first time round are alike; then `n` is 30 - 100 and not 100 - 30.
    assert_eq!(divergence.index, 2);
    let locals = |side: &Option<Safepoint>| side.as_ref().map(|safepoint| safepoint.locals.clone());
    assert_eq!(locals(&divergence.a), Some(vec![70, 30]));
    assert_eq!(locals(&divergence.b), Some(vec![-70_i32 as u32 as u64, 30]));
    for side in [divergence.a, divergence.b] {
        println!("{}", side.expect("a safepoint"));
    }
}

#[test]
fn random_functions_run_alike() {
    for seed in 0..200 {
        let mut choices = Seeded::new(seed);
        let config = Config { functions: 1, calls: false, tail_calls: false, ..integers() };
        let module = riser_properties::generate::module(&mut choices, &config);
        let parsed = parse_module(module.to_wasm()).expect("valid");
        let args = slots(parsed.info().func_type(FuncIndex::new(0)).params(), &mut choices);
        let ours = translate(&parsed, false);
        if !matches!(run(&parsed, &ours, &args).1, Outcome::Trapped(riser_properties::translator::TrapCode::Interrupt))
        {
            assert_eq!(divergence(&parsed, &ours, &args), None, "seed {seed}:\n{}", module.to_wat());
        }
    }
}
