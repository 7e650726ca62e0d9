//! The properties on trial: each deliberate fault of the translator has to be found.
//!
//! For each [`Fault`] and each property, the cases 0, 1, 2, ... are tried until one
//! shows the fault: by an error, or by a panic. The cases are the same each time and
//! everywhere, so that the numbers can be compared: they are the page
//! `docs/src/properties/faults.md`, which `RISER_BLESS=1` writes.
//!
//! A fault that no property finds means that a mistake of its kind could go unnoticed; a property
//! that finds no fault has not shown that it is of use. The test allows neither.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, thread};

use riser_properties::campaign::Campaign;
use riser_properties::campaign::score::{ELSEWHERE, Row, score};
use riser_properties::property::{self, Subject};
use riser_translator::TranslatorConfig;
use riser_translator::faults::{Fault, making};

/// How many cases there are.
const CASES: u64 = 300;

/// What tests the properties, and with `RISER_BLESS=1` writes the page.
const COMMAND: &str = "cargo test --release -p riser-properties --features faults --test properties -- faults";

#[test]
fn faults() {
    let subject = Subject::shipped();
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    let campaign = Campaign { subject: &subject, properties: property::ALL, first: 0, cases: CASES, time: None, jobs };
    // First the translator as it is, which has to stand up to the same cases.
    let faults: Vec<Option<Fault>> = [None].into_iter().chain(Fault::ALL.iter().copied().map(Some)).collect();
    let rows = score(&campaign, &faults);
    let (sound, rows) = rows.split_first().expect("there is a row for each");
    assert!(sound.iter().all(Option::is_none), "the properties do not hold without a fault: {sound:?}");
    for (fault, row) in Fault::ALL.iter().zip(rows) {
        let is_found = row.iter().any(Option::is_some) || ELSEWHERE.iter().any(|(other, _)| other == fault);
        assert!(is_found, "no property finds {} in {CASES} cases", fault.name());
    }
    for (at, property) in property::ALL.iter().enumerate() {
        assert!(rows.iter().any(|row| row[at].is_some()), "{} finds no fault", property.name);
    }
    compare(&page(rows));
}

/// Faults in what a switch does.
const OF_SWITCHES: &[(Fault, &str)] = &[
    (Fault::ImmediateTruncated, "immediate-operands"),
    (Fault::AddressTruncated, "address-folding"),
    (Fault::IndexAbsorbsSub, "index-folding"),
    (Fault::FoldedOffset, "result-folding"),
    (Fault::BranchNotNegated, "compare-branch-fusion"),
];

/// What `riser prop` does where the translator makes a mistake: a module of a few operators, and the few switches that it takes.
#[test]
fn faults_are_traced_to_their_switches() {
    let subject = Subject::shipped();
    let properties = &[property::SYMBOLICALLY_EQUAL];
    let campaign = Campaign { subject: &subject, properties, first: 0, cases: CASES, time: None, jobs: 1 };
    for &(fault, switch) in OF_SWITCHES {
        let finding = making(Some(fault), || campaign.run()).finding.expect("it is found");
        let wat = finding.to_wat().expect("it can be printed");
        let config = finding.failure.config.expect("it depends on the configuration");
        let is_on = |name: &str| config.get(name) == Some(true);
        let on = TranslatorConfig::SWITCHES.iter().filter(|(name, _)| is_on(name)).count();
        assert!(is_on(switch) && on <= 3, "{}:\n{wat}", fault.name());
        let [_, operators] = finding.operators.expect("the module is generated");
        // Results below the condition of a branch stay, with three operators each.
        assert!(operators <= 17, "{} in {operators} operators:\n{wat}", fault.name());
    }
}

fn page(rows: &[Row]) -> String {
    let mut page = format!(
        "# Faults, and who finds them\n\n\
         <!-- Written by: RISER_BLESS=1 {COMMAND} -->\n\n\
         The translator can be told to make one of {} deliberate mistakes, each a single wrong decision\n\
         (`translator/src/faults.rs`). Each [property](../testing.md#properties) of translations is then tried on the\n\
         same {CASES} generated modules, one after the other: the number is that of the first module that showed\n\
         the fault, and there is a dash if none did. *First* is the property that needed the fewest, and of\n\
         several the one further left.\n\n\
         ```text\n{COMMAND}\n```\n\n\
         The test fails if nobody finds a fault, if a property finds none, and if this page is not what comes out.\n\n",
        Fault::ALL.len(),
    );
    let names: Vec<&str> = property::ALL.iter().map(|property| property.name).collect();
    let _ = writeln!(page, "| fault | what goes wrong | first | {} |", names.join(" | "));
    let _ = writeln!(page, "|---|---|---|{}", "---:|".repeat(names.len()));
    for (fault, row) in Fault::ALL.iter().zip(rows) {
        let first = (0..row.len()).filter(|at| row[*at].is_some()).min_by_key(|at| row[*at]);
        let other = ELSEWHERE.iter().find(|(other, _)| other == fault).map_or("nobody", |(_, finder)| *finder);
        let first = first.map_or(other, |at| names[at]);
        let cells: Vec<String> =
            row.iter().map(|cases| cases.map_or("–".to_owned(), |cases| cases.to_string())).collect();
        let _ = writeln!(page, "| `{}` | {} | {first} | {} |", fault.name(), fault.effect(), cells.join(" | "));
    }
    page
}

/// Compares the page with the one in the book, or replaces that.
fn compare(page: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/properties/faults.md");
    if env::var_os("RISER_BLESS").is_some() {
        fs::write(&file, page).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        return;
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    if kept != page {
        let difference = similar::TextDiff::from_lines(kept.as_str(), page);
        panic!("docs/src/properties/faults.md differs:\n{}", difference.unified_diff());
    }
}
