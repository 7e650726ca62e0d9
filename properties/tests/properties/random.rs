//! Properties on random modules, with proptest.

use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use riser_properties::generate::{Config, Module, Seeded, module, modules};

use crate::case::Case;
use crate::{Property, replay};

/// What modules are made of: the common features, the widest range of them, and
/// two with a good chance of what is rare otherwise.
pub fn configs() -> [Config; 4] {
    let common = Config::default();
    [
        common.clone(),
        Config {
            memory64: true,
            custom_page_sizes: true,
            multi_memory: true,
            reference_signatures: true,
            ..common.clone()
        },
        Config { functions: 2, size: 40, nesting: 8, bulk: false, references: false, ..common.clone() },
        Config { functions: 1, size: 250, calls: false, tail_calls: false, floats: false, ..common },
    ]
}

fn any_module() -> impl Strategy<Value = Module> {
    let [a, b, c, d] = configs();
    prop_oneof![modules(a), modules(b), modules(c), modules(d)]
}

/// The module that a seed stands for.
pub fn wasm(seed: u64) -> Vec<u8> {
    let configs = configs();
    module(&mut Seeded::new(seed), &configs[seed as usize % configs.len()]).to_wasm()
}

/// Tests a property on as many modules as `PROPTEST_CASES` says; a failure is made small first.
pub fn test(property: &Property) {
    // Failures are kept as text in `tests/regressions`, by hand.
    let config = ProptestConfig { failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let strategy = (any_module(), any::<u64>().no_shrink());
    let result = runner.run(&strategy, |(module, seed)| {
        let case = Case::sampled(module.to_wasm(), seed).map_err(TestCaseError::fail)?;
        (property.check)(&case).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, (module, seed))) => {
            panic!("{}", replay::report(property, &module.to_wat(), seed, reason.message()));
        }
        Err(TestError::Abort(reason)) => panic!("{}: {reason}", property.name),
    }
}
