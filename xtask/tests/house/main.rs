//! What is said of the house, held against the files: who imports whom, where unsafe code is, that documents name what there is, that each
//! feature is built, and that copies are the same.

mod copies;
mod cycles;
mod documents;
mod features;
mod links;
mod targets;
mod unsafe_code;

use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository is there")
}

/// The files below a folder whose names have this ending, sorted.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a folder is readable").path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The path from the root, with slashes.
fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("a file of the repository").to_str().expect("names are text").to_owned()
}

/// The folders of the sources of the workspace's crates.
const CRATES: &[&str] = &[
    "benches/measure/src",
    "bindings/c/src",
    "fuzz/src",
    "lab/src",
    "meter/src",
    "properties/src",
    "src",
    "tiers/classic/src",
    "tiers/core/src",
    "tiers/fast/src",
    "tiers/llvm/src",
    "tiers/lowering/src",
    "translator/src",
    "vm/interp/src",
    "vm/src",
    "wasi/src",
    "xtask/src",
];
