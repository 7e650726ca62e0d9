//! Modules in files, put to every property, under every configuration.

use std::path::{Path, PathBuf};
use std::{env, fs};

use riser_properties::campaign::{Depth, failure, seed_of};
use riser_properties::property::{self, Subject};
use riser_translator::SharedBytes;

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

#[test]
fn replay() {
    let subject = Subject::shipped();
    let mut report = String::new();
    for file in files() {
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let seed = seed_of(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let wasm: SharedBytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}")).into();
        for property in property::ALL {
            if let Some(failure) = failure(&subject, property, &wasm, seed, Depth::Thorough) {
                report += &format!("{}: {} does not hold: {failure}\n\n", file.display(), property.name);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}
