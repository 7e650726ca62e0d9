//! Properties on random modules.

use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::{env, fs};

use riser_properties::campaign::{Campaign, module};
use riser_properties::evaluate::{Instance, Limits, Outcome};
use riser_properties::generate::{Choices, slots};
use riser_properties::property::{self, Case, Property, Subject};
use riser_translator::TranslatorConfig;

/// How many cases each property is put to, unless `PROPTEST_CASES` says so.
const CASES: u64 = 256;

/// Tests a property on modules that are others each time; a failure is made small first.
fn test(property: Property) {
    let cases = env::var("PROPTEST_CASES").map_or(CASES, |number| number.parse().expect("PROPTEST_CASES is a number"));
    let subject = Subject::shipped();
    // Any number, with room for what follows.
    let first = RandomState::new().hash_one(property.name) >> 1;
    let campaign = Campaign { subject: &subject, properties: &[property], first, cases, time: None, jobs: 1 };
    let Some(finding) = campaign.run().finding else { return };
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.wat", property.name));
    let wat = finding.to_wat().expect("generated modules can be printed");
    fs::write(&file, &wat).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    panic!(
        "{finding}\n\n{wat}\n\
         To run it again:\n    riser prop {file}\n    \
         RISER_REPLAY={file} cargo test -p riser-properties --test properties -- replay\n\
         To keep it, once the cause is known: a copy in tests/regressions, with a comment that names it.",
        file = file.display()
    );
}

/// A test for each property, and a list of those that have one.
macro_rules! tests {
    ($($test:ident $PROPERTY:ident;)*) => {
        $(
            #[test]
            fn $test() {
                test(property::$PROPERTY);
            }
        )*

        const TESTED: &[Property] = &[$(property::$PROPERTY),*];
    };
}

tests! {
    verified VERIFIED;
    symbolically_equal SYMBOLICALLY_EQUAL;
    same_behaviour SAME_BEHAVIOUR;
    deterministic DETERMINISTIC;
    lazy_equals_eager LAZY_EQUALS_EAGER;
    any_chunking ANY_CHUNKING;
    text_round_trip TEXT_ROUND_TRIP;
    linear_size LINEAR_SIZE;
}

#[test]
fn every_property_is_tested() {
    let names = |properties: &[Property]| properties.iter().map(|property| property.name).collect::<Vec<_>>();
    assert_eq!(names(TESTED), names(property::ALL));
}

/// That no switch changes what programs do says something only if programs get somewhere before they trap.
#[test]
fn programs_get_somewhere() {
    let subject = Subject::shipped();
    let config = TranslatorConfig { fuel: true, epoch: true, ..TranslatorConfig::optimized() };
    let (mut returned, mut trapped, mut threw, mut safepoints) = (0, 0, 0, 0);
    for seed in 0..200 {
        let case =
            Case::sampled(&subject, module(&subject, seed).to_wasm(), seed).expect("generated modules are valid");
        let functions = case.translate(&config).expect("generated modules are valid");
        for function in case.functions() {
            let choices: &mut dyn Choices = &mut case.choices();
            let arguments = slots(case.module.info().func_type(function).params(), choices);
            let limits = Limits { fuel: 2_000, ..Limits::default() };
            let mut instance = Instance::new(&case.module, &functions, limits).expect("it can be had");
            instance.on_safepoint(|_| safepoints += 1);
            match instance.invoke(function, &arguments) {
                Outcome::Returned(_) => returned += 1,
                Outcome::Trapped(_) | Outcome::Import(_) => trapped += 1,
                Outcome::Threw { .. } => threw += 1,
            }
        }
    }
    assert!(returned > trapped + threw, "{returned} returned, {trapped} trapped, {threw} threw");
    assert!(threw > 10, "{threw} threw");
    assert!(safepoints > 5 * (returned + trapped + threw), "{safepoints} safepoints");
}
