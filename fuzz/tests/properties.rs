//! The properties on random modules, as property tests: a module that fails is shrunk as a program.
//!
//! `PROPTEST_CASES` sets the number of cases.

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use riser_fuzz::configurations;
use riser_fuzz::smith;
use riser_fuzz::targets::{Finding, Verdict, differential, monitors, streaming, translate};
use riser_properties::generate::{self, Config, Module};

/// Fewer cases where nothing is optimised.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = match std::env::var("PROPTEST_CASES") {
        Ok(_) => default.cases,
        Err(_) if cfg!(debug_assertions) => cases / 4,
        Err(_) => cases,
    };
    ProptestConfig { cases, max_shrink_iters: 4096, failure_persistence: None, ..default }
}

/// Checks a property of generated modules; on failure, shows the smallest module that fails and how to run it again.
fn check(cases: u32, modules: impl Strategy<Value = Module>, property: impl Fn(&[u8]) -> Result<(), String>) {
    let result = TestRunner::new(config(cases)).run(&modules, |module| {
        property(&module.to_wasm()).map_err(|message| {
            let again = "as FILE.wat: cargo run --release -p riser-fuzz -- differential --replay FILE.wat";
            TestCaseError::fail(format!("{message}\n{}\n{again}", module.to_wat()))
        })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn wanted(result: Result<Verdict, Finding>) -> Result<(), String> {
    result.map(drop).map_err(|finding| finding.message)
}

#[test]
fn any_two_configurations_agree() {
    let all = configurations::all();
    let modules = generate::modules(Config::default());
    let pairs = (modules, 0..all.len(), 0..all.len());
    let result = TestRunner::new(config(300)).run(&pairs, |(module, first, second)| {
        let same = wanted(differential::check(&module.to_wasm(), &[all[first], all[second]]));
        same.map_err(|message: String| {
            TestCaseError::fail(format!("{} and {}: {message}\n{}", all[first], all[second], module.to_wat()))
        })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn quick_configurations_and_another_engine_agree() {
    // The other engine is not asked about relaxed SIMD, and has no atomic operators and no exceptions.
    let config = Config { relaxed_vectors: false, atomics: false, exceptions: false, ..Config::default() };
    check(200, generate::modules(config), |wasm| wanted(differential::differential(wasm)));
}

#[test]
fn every_configuration_agrees_on_a_few_modules() {
    check(10, generate::modules(Config::default()), |wasm| wanted(differential::exhaustive(wasm)));
}

#[test]
fn odd_memories_and_signatures_agree() {
    let config = Config {
        memory64: true,
        table64: true,
        multi_memory: true,
        reference_signatures: true,
        wide_tail_calls: true,
        shuffled_operands: true,
        ..Config::default()
    };
    check(150, generate::modules(config), |wasm| wanted(differential::differential(wasm)));
}

#[test]
fn translation_and_arrival_do_not_matter() {
    let config = Config { memory64: true, multi_memory: true, ..Config::default() };
    check(200, generate::modules(config), |wasm| {
        wanted(translate::translate(wasm))?;
        wanted(streaming::streaming(wasm))
    });
}

#[test]
fn odd_modules_agree() {
    let bytes = proptest::collection::vec(any::<u8>(), 64..1024);
    let result = TestRunner::new(config(150)).run(&bytes, |bytes| {
        let Some(wasm) = smith::module(&bytes) else { return Ok(()) };
        wanted(differential::differential(&wasm))
            .map_err(|message| TestCaseError::fail(format!("{message}\n{}", text(&wasm))))
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn monitors_change_nothing_and_see_the_same() {
    let config = Config { memory64: true, multi_memory: true, ..Config::default() };
    check(100, generate::modules(config), |wasm| wanted(monitors::monitors_of(wasm)));
}

fn text(wasm: &[u8]) -> String {
    wasmprinter::print_bytes(wasm).unwrap_or_else(|error| format!("{error:#}"))
}
