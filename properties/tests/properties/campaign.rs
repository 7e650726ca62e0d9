//! Campaigns, on properties that are not true: what is found, and how it is said.

use riser_properties::campaign::{Campaign, Depth, Outcome, failure, module, seed_of};
use riser_properties::property::{Case, Failure, Property, Subject};
use riser_translator::{SharedBytes, Switches};

/// Says that no function divides.
const NO_DIVISION: Property = Property { name: "no-division", claim: "No function divides.", check: no_division };

fn no_division(case: &Case<'_>) -> Result<(), Failure> {
    for config in case.configs().into_iter().filter(|config| config.accumulators) {
        let functions = case.translate(&config)?;
        if let Some(ir) = functions.iter().find(|ir| ir.to_string().contains("i32.div_u")) {
            return Err(Failure::under(&config, "it divides", std::slice::from_ref(ir)));
        }
    }
    Ok(())
}

const PANICS: Property =
    Property { name: "panics", claim: "A property panics.", check: |case| panic!("{} bytes", case.wasm.len()) };

const HOLDS: Property = Property { name: "holds", claim: "Everything is as it is.", check: |_| Ok(()) };

fn run(properties: &[Property], first: u64, jobs: usize) -> Outcome {
    let subject = Subject::shipped();
    Campaign { subject: &subject, properties, first, cases: 1_000, time: None, jobs }.run()
}

#[test]
fn the_first_failing_case_is_found_by_any_number_of_threads() {
    let alone = run(&[HOLDS, NO_DIVISION], 0, 1);
    let finding = alone.finding.expect("modules divide");
    assert_eq!((finding.property.name, finding.case), ("no-division", alone.cases));
    for jobs in [0, 4, usize::MAX] {
        let together = run(&[HOLDS, NO_DIVISION], 0, jobs);
        assert_eq!(together.cases, alone.cases);
        assert_eq!(together.finding.expect("modules divide").to_wat(), finding.to_wat());
    }
    // From there on it is the first case.
    assert_eq!(run(&[NO_DIVISION], finding.case, 1).cases, 0);
}

#[test]
fn what_is_found_is_small_and_reads_back() {
    let finding = run(&[NO_DIVISION], 0, 1).finding.expect("modules divide");
    let [before, after] = finding.operators.expect("the module was generated");
    assert!(after <= 4 && after < before, "{before} operators made {after}");
    assert_eq!(
        finding.failure.config.map(|config| Switches::of(&config).to_string()),
        Some("only-accumulators".into())
    );
    let wat = finding.to_wat().expect("it can be printed");
    let head =
        ";; no-division does not hold: No function divides.\n;; it divides\n;; configuration: only-accumulators\n";
    assert!(wat.starts_with(&format!("{head};; seed: {}\n(module\n", finding.case)), "{wat}");
    let line = wat.lines().find(|line| line.trim_start().starts_with("i32.div_u"));
    assert!(line.is_some_and(|line| line.contains("= i32.div_u ")), "the IR is beside the operator:\n{wat}");
    assert_eq!(seed_of(&wat), Ok(finding.case));
    let wasm: SharedBytes = wat::parse_str(&wat).expect("it is the text format").into();
    assert!(failure(&Subject::shipped(), &NO_DIVISION, &wasm, finding.case, Depth::Thorough).is_some());
}

#[test]
fn panics_are_findings() {
    let finding = run(&[HOLDS, PANICS, NO_DIVISION], 0, 2).finding.expect("it panics");
    assert_eq!((finding.property.name, finding.case), ("panics", 0));
    assert!(finding.failure.message.starts_with("it panics: "), "{}", finding.failure);
}

#[test]
fn a_subject_may_have_few_settings() {
    let settings = ["naive", "no-accumulators"].map(|text| Switches::parse(text).expect("is one")).to_vec();
    let subject = Subject { settings, ..Subject::shipped() };
    let properties = &[NO_DIVISION];
    let campaign = Campaign { subject: &subject, properties, first: 0, cases: 100, time: None, jobs: 1 };
    let outcome = campaign.run();
    assert!(outcome.finding.is_none() && outcome.cases == 100, "{outcome:?}");
}

#[test]
fn only_the_functions_of_a_module_are_shown_that_are_wrong() {
    let wat =
        "(module (func (result i32) i32.const 7) (func (param i32) (result i32) local.get 0 i32.const 3 i32.div_u))";
    let wasm: SharedBytes = wat::parse_str(wat).expect("well-formed").into();
    let subject = Subject::shipped();
    let properties = &[NO_DIVISION];
    let campaign = Campaign { subject: &subject, properties, first: 5, cases: 1, time: None, jobs: 1 };
    let finding = campaign.of_module(&wasm, Depth::Thorough).finding.expect("it divides");
    let functions = finding.functions().expect("they can be printed");
    assert!(functions.contains("func 1 ") && functions.contains("i32.div_u"), "{functions}");
    assert!(!functions.contains("i32.const 7") && !functions.contains("(module"), "{functions}");
}

#[test]
fn a_case_is_the_same_module_each_time() {
    let subject = Subject::shipped();
    for case in [0, 1, 2, 3, u64::MAX] {
        let wasm = module(&subject, case).to_wasm();
        assert_eq!(wasm, module(&subject, case).to_wasm());
        riser_properties::parse(wasm).expect("valid");
    }
}
