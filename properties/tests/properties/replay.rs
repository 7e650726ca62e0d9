//! Modules in files, put to every property, under every configuration.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::case::Case;
use crate::{PROPERTIES, Property};

/// The line of a file that says what the case leaves to chance.
const SEED: &str = ";; seed: ";

/// What to say about a module that fails; leaves it in a file that can be replayed.
pub fn report(property: &Property, wat: &str, seed: u64, message: &str) -> String {
    let name = property.name;
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.wat"));
    let wat = format!(";; {name}: {}\n{SEED}{seed}\n{wat}", property.claim);
    let kept = match fs::write(&file, &wat) {
        Ok(()) => file.display().to_string(),
        Err(error) => format!("FILE, to be written by hand ({error})"),
    };
    format!(
        "{name} does not hold: {message}\n\n{wat}\n\n\
         To run it again:\n    RISER_REPLAY={kept} cargo test -p riser-properties --test properties -- replay\n\
         To keep it, once the cause is known: a copy in tests/regressions, with a comment that names it."
    )
}

/// The file that `RISER_REPLAY` names, else all in `tests/regressions`.
fn files() -> Vec<PathBuf> {
    if let Some(file) = env::var_os("RISER_REPLAY") {
        return vec![file.into()];
    }
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/regressions");
    let entries = fs::read_dir(directory).expect("tests/regressions can be read");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|it| it == "wat")).collect();
    files.sort();
    assert!(!files.is_empty(), "tests/regressions has no .wat files");
    files
}

/// The properties that a module does not have, with the reasons.
fn failures(text: &str) -> Vec<String> {
    let seed = text.lines().find_map(|line| line.strip_prefix(SEED)).map_or(Ok(0), |seed| seed.trim().parse());
    let seed = seed.expect("the seed is a number");
    let wasm = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"));
    let mut failures = Vec::new();
    for property in PROPERTIES {
        let check = || Case::thorough(wasm.clone(), seed).and_then(|case| (property.check)(&case));
        let result = catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| Err("it panics".to_owned()));
        if let Err(message) = result {
            failures.push(format!("{} does not hold: {message}", property.name));
        }
    }
    failures
}

#[test]
fn replay() {
    let mut report = String::new();
    for file in files() {
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for failure in failures(&text) {
            report += &format!("{}: {failure}\n\n", file.display());
        }
    }
    assert!(report.is_empty(), "{report}");
}
