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
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, panic, thread};

use riser_translator::faults::{Fault, making};

use crate::case::Case;
use crate::{PROPERTIES, random};

/// How many cases there are.
const CASES: u64 = 300;

/// Faults that only large modules show, and what finds them: `fuzz/tests/faults.rs`.
const OF_COST: &[(Fault, &str)] = &[(Fault::MovesOneByOne, "the fuzz target `cost`")];

/// What tests the properties, and with `RISER_BLESS=1` writes the page.
const COMMAND: &str = "cargo test --release -p riser-properties --features faults --test properties -- faults";

/// How the threads that try faults are called; their panics are findings, not failures.
const THREAD: &str = "fault";

/// How many cases it took each property to find a fault; `None` if it did not.
type Row = Vec<Option<u64>>;

#[test]
fn faults() {
    let modules: Vec<Vec<u8>> = (0..CASES).map(random::wasm).collect();
    quieten();
    // First the translator as it is, which has to stand up to the same cases.
    let faults: Vec<Option<Fault>> = [None].into_iter().chain(Fault::ALL.iter().copied().map(Some)).collect();
    let rows = rows(&faults, &modules);
    let (sound, rows) = rows.split_first().expect("there is a row for each");
    assert!(sound.iter().all(Option::is_none), "the properties do not hold without a fault: {sound:?}");
    for (fault, row) in Fault::ALL.iter().zip(rows) {
        let is_found = row.iter().any(Option::is_some) || OF_COST.iter().any(|(other, _)| other == fault);
        assert!(is_found, "no property finds {} in {CASES} cases", fault.name());
    }
    for (at, property) in PROPERTIES.iter().enumerate() {
        assert!(rows.iter().any(|row| row[at].is_some()), "{} finds no fault", property.name);
    }
    compare(&page(rows));
}

/// Keeps panics on threads that try faults from being printed.
fn quieten() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().name() != Some(THREAD) {
            hook(info);
        }
    }));
}

/// The row of each fault.
fn rows(faults: &[Option<Fault>], modules: &[Vec<u8>]) -> Vec<Row> {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(vec![Row::new(); faults.len()]);
    let work = || {
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(&fault) = faults.get(at)
        {
            let row = row(fault, modules);
            rows.lock().unwrap_or_else(PoisonError::into_inner)[at] = row;
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            thread::Builder::new().name(THREAD.to_owned()).spawn_scoped(scope, work).expect("there are threads");
        }
    });
    rows.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn row(fault: Option<Fault>, modules: &[Vec<u8>]) -> Row {
    let cases_until_found = |check: fn(&Case) -> Result<(), String>| {
        let found = |(seed, wasm): &(u64, &Vec<u8>)| {
            let case = Case::sampled((*wasm).clone(), *seed).expect("generated modules are valid");
            catch_unwind(AssertUnwindSafe(|| making(fault, || check(&case)))).map_or(true, |result| result.is_err())
        };
        (0..).zip(modules).find(found).map(|(seed, _)| seed + 1)
    };
    PROPERTIES.iter().map(|property| cases_until_found(property.check)).collect()
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
    let names: Vec<&str> = PROPERTIES.iter().map(|property| property.name).collect();
    let _ = writeln!(page, "| fault | what goes wrong | first | {} |", names.join(" | "));
    let _ = writeln!(page, "|---|---|---|{}", "---:|".repeat(names.len()));
    for (fault, row) in Fault::ALL.iter().zip(rows) {
        let first = (0..row.len()).filter(|at| row[*at].is_some()).min_by_key(|at| row[*at]);
        let other = OF_COST.iter().find(|(other, _)| other == fault).map_or("nobody", |(_, finder)| *finder);
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
