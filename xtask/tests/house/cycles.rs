//! Import cycles among the modules at the top of a crate, each taken with all modules below it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

use crate::{CRATES, files, read, root};

/// The cycles that are allowed: the crate, the modules of the cycle, and why there is one.
const ALLOWED: &[(&str, &[&str], &str)] = &[
    (
        "vm/src",
        &[
            "config",
            "counts",
            "engine",
            "func",
            "instance",
            "instantiate",
            "module",
            "monitor",
            "observe",
            "sample",
            "snapshot",
            "store",
            "tiering",
            "values",
        ],
        "the objects of a store know each other, and the engine that they are of",
    ),
    (
        "tiers/core/src",
        &["fork", "native"],
        "a fork waits for what writes machine code, which asks whether there was one",
    ),
    (
        "tiers/classic/src",
        &[
            "atomic",
            "call",
            "code",
            "control",
            "dispatch",
            "exception",
            "machine",
            "memory",
            "numeric",
            "opcode",
            "operator",
            "poll",
            "probe",
            "side_table",
            "table",
            "tail",
            "vector",
        ],
        "one interpreter: operators are dispatched to, and dispatch",
    ),
    (
        "vm/interp/src",
        &[
            "access", "decode", "encode", "fault", "forward", "handlers", "lanes", "loops", "pairs", "profile", "run",
            "state", "tail", "tail_fn", "tokens", "unwind",
        ],
        "one interpreter: the list of instructions is made of bodies, and bodies call and return by the strategies made of the list",
    ),
    (
        "bindings/c/src",
        &["failure", "frame", "object", "store"],
        "whatever C refers to knows its store, a trap its frames, and a frame its instance",
    ),
    ("fuzz/src", &["cost", "sequences", "source", "targets"], "targets are made of the others, which say `Finding`"),
];

/// For each top-level module of a crate, the others that it imports.
fn imports(sources: &str) -> BTreeMap<String, BTreeSet<String>> {
    let folder = root().join(sources);
    let path_of = |file: &Path| -> Vec<String> {
        let path = file.strip_prefix(&folder).expect("a file of the folder").with_extension("");
        let names = path.iter().map(|name| name.to_str().expect("names are text").to_owned());
        names.filter(|name| !["mod", "lib", "main"].contains(&name.as_str())).collect()
    };
    let files = files(&folder, "rs");
    let modules: BTreeSet<String> = files.iter().filter_map(|file| path_of(file).into_iter().next()).collect();
    let paths = Regex::new(r"(?-u:\b)(crate|super(?:::super)*)::([a-z0-9_]+|\{[^;]*?\}(?:;|$))").expect("a pattern");
    let name = Regex::new(r"^[ \n]*([A-Za-z0-9_]+)").expect("a pattern");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &files {
        let path = path_of(file);
        let Some(module) = path.first() else { continue };
        let imported = found.entry(module.clone()).or_default();
        for path_to in paths.captures_iter(&code(&read(file))) {
            // Fewer `super`s than the file is deep stay within its top-level module.
            let ups = path_to[1].matches("super").count();
            if ups > 0 && ups < path.len() || &path_to[1] != "crate" && ups > path.len() {
                continue;
            }
            let what = &path_to[2];
            let names: Vec<&str> = if what.starts_with('{') {
                top_level(what).iter().filter_map(|it| Some(name.captures(it)?.get(1)?.as_str())).collect()
            } else {
                vec![what]
            };
            imported.extend(names.into_iter().filter(|it| modules.contains(*it) && it != module).map(str::to_owned));
        }
    }
    found
}

/// The parts of a list in braces, those within further braces left together.
fn top_level(list: &str) -> Vec<&str> {
    let inner = list.trim_end_matches(';').trim_start_matches('{').trim_end_matches('}');
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    parts
}

/// A file's text without comments and without its module of tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// What can be reached from a module by imports.
fn reached<'a>(from: &'a str, imports: &'a BTreeMap<String, BTreeSet<String>>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut work = vec![from];
    while let Some(module) = work.pop() {
        let next = imports.get(module).into_iter().flatten().map(String::as_str);
        work.extend(next.filter(|next| seen.insert(*next)).collect::<Vec<_>>());
    }
    seen
}

#[test]
fn import_cycles_are_those_that_are_allowed() {
    for sources in CRATES {
        let imports = imports(sources);
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            imports.keys().map(|module| (module.as_str(), reached(module, &imports))).collect();
        let mut cycles: BTreeSet<Vec<&str>> = BTreeSet::new();
        for (module, others) in &reached {
            if others.contains(module) {
                let cycle = others.iter().filter(|other| reached[*other].contains(module));
                cycles.insert(cycle.copied().collect());
            }
        }
        let allowed = ALLOWED.iter().filter(|(of, ..)| of == sources).map(|(_, modules, _)| modules.to_vec());
        assert_eq!(cycles, allowed.collect(), "{sources}: import cycles, and those that are allowed");
    }
}
