//! Modules of the repository.

use std::path::Path;

use riser_translator::{TranslatorConfig, parse_module};

use crate::{Names, check, check_with, configurations};

/// The files of a folder of the repository with an extension, in order.
pub fn files(folder: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == extension));
    paths.sort();
    assert!(!paths.is_empty(), "{} has no `.{extension}`", folder.display());
    let read = |path: &Path| wat::parse_file(path).unwrap_or_else(|error| panic!("{error}"));
    paths.iter().map(|path| (path.display().to_string(), read(path))).collect()
}

#[test]
fn modules_of_the_file_tests() {
    for (name, binary) in files("tests/ir", "wat") {
        check(&name, &binary, &mut Names::new());
    }
}

#[test]
fn programs() {
    let switches = TranslatorConfig::SWITCHES.len() as u32;
    // The programs are large: all switches on, all off, each alone off.
    let few = |bits: &TranslatorConfig| {
        let on = TranslatorConfig::SWITCHES.iter().filter(|(name, _)| bits.get(name) == Some(true)).count() as u32;
        on == 0 || on + 1 >= switches
    };
    let configurations: Vec<_> = configurations().filter(few).collect();
    for (name, binary) in files("benches/programs", "wasm") {
        let module = parse_module(&*binary).unwrap_or_else(|error| panic!("{name}: {error}"));
        for config in &configurations {
            check_with(&name, &module, config, &mut Names::new());
        }
    }
}
