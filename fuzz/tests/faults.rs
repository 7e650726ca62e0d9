//! The comparison of runs on trial: a register interpreter whose translator makes a deliberate mistake has to be found out.
//!
//! Modules have no references and no tables: bad code that took a number for a function would end the process instead. Nor
//! does anything run without fuel, since bad code need not end.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use riser_fuzz::configurations::{Configuration, switch_settings};
use riser_fuzz::observation::{Agreement, Observation, compare};
use riser_fuzz::targets::differential::observe;
use riser_fuzz::targets::{Finding, cost, translate};
use riser_properties::generate::shapes::SHAPES;
use riser_properties::generate::{self, Choices, Config, Seeded};
use riser_translator::faults::{Fault, making};

/// How many modules a fault may take.
const MODULES: u64 = 1500;

/// Faults that no comparison of runs shows: of parsing and of the text form, code that is only longer, claims of slots that
/// matter where the stack ends, and broken rules of the IR that the interpreter does not rely on here, or seldom: what is below a
/// `try_table` and stays pending matters only if a branch goes to its end.
const UNSEEN: &[&str] = &[
    "cut-is-complete",
    "text-truncated",
    "preserve-all",
    "max-temps-short",
    "max-temps-kept",
    "moves-one-by-one",
    "constant-between",
    "no-flush-at-try",
];

/// After how many modules the fault is found.
fn found(fault: Fault) -> Option<u64> {
    let config = Config { references: false, reference_signatures: false, table: false, ..Config::default() };
    let reference = Configuration::reference();
    let configurations: Vec<Configuration> =
        switch_settings().into_iter().map(|switches| Configuration { switches, ..reference }).collect();
    (1..=MODULES).find(|&number| {
        let wasm = generate::module(&mut Seeded::new(number), &config).to_wasm();
        let Ok(Some(expected)) = observe(&wasm, &reference, usize::MAX) else { return false };
        // Where configurations return different NaNs without a fault, nothing is found.
        let differ = |fault, configuration| differs(fault, &wasm, &expected, configuration);
        configurations.iter().any(|configuration| differ(Some(fault), configuration) && !differ(None, configuration))
    })
}

/// Whether a run with the fault is other than expected, or does not get to its end.
fn differs(fault: Option<Fault>, wasm: &[u8], expected: &Observation, configuration: &Configuration) -> bool {
    let run = || making(fault, || observe(wasm, configuration, usize::MAX));
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(Some(actual))) => compare(expected, &actual, Agreement::Exact).is_err(),
        _ => true,
    }
}

#[test]
fn faults_are_found() {
    // A panic of faulty code is how it is found.
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let mut missed = Vec::new();
    for &fault in Fault::ALL {
        let number = found(fault);
        eprintln!("{:28} {}", fault.name(), number.map_or("-".to_owned(), |number| number.to_string()));
        if number.is_none() && !UNSEEN.contains(&fault.name()) {
            missed.push(fault.name());
        }
    }
    set_hook(hook);
    assert!(missed.is_empty(), "not found within {MODULES} modules: {missed:?}");
}

/// How many inputs the target of costs may take.
const INPUTS: u64 = 300;

/// Input number `number` of the target of costs.
fn input(number: u64) -> Vec<u8> {
    let mut choices = Seeded::new(number);
    (0..64).map(|_| choices.below(256) as u8).collect()
}

/// A branch of two bytes that stands for a thousand copies is found by what it costs: in a module that is nothing else, and in those
/// that the target makes.
#[test]
fn values_that_move_one_by_one_cost_too_much() {
    let making = |act: &dyn Fn() -> Result<(), Finding>| making(Some(Fault::MovesOneByOne), act);
    let shape = SHAPES.iter().find(|shape| shape.name == "branches with values in place").expect("a shape");
    let wasm = (shape.module)(85_000);
    let targets: [(&str, &dyn Fn(&[u8]) -> Result<(), Finding>); 2] =
        [("translate", &|wasm| translate::translate(wasm).map(drop)), ("cost", &|wasm| cost::cost(wasm).map(drop))];
    for (name, run) in targets {
        run(&wasm).unwrap_or_else(|finding| panic!("{name}, without the fault: {finding}"));
        let finding = making(&|| run(&wasm)).expect_err("found");
        eprintln!("{name}: {finding}");
        // Translation keeps nothing here: there the code is counted.
        let what = if name == "cost" { "bytes of memory" } else { "instructions for" };
        assert!(finding.message.contains(what), "{name}: {finding}");
    }
    let found = (1..=INPUTS).find(|&number| making(&|| cost::cost(&input(number)).map(drop)).is_err());
    eprintln!("found with input {found:?}");
    let number = found.expect("found within some hundred inputs");
    cost::cost(&input(number)).expect("nothing is wrong without the fault");
}
