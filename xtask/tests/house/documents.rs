//! What documents put in back-quotes is there: paths, and chores of `cargo xtask`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use regex::Regex;

use crate::{files, read, relative, root};

/// All documents, of the book and beside it.
pub fn documents() -> Vec<PathBuf> {
    let root = root();
    let folders = ["benches", "docs/src", "fuzz", "templates", "xtask"].map(|folder| files(&root.join(folder), "md"));
    let own = ["README.md", "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(|name| root.join(name));
    own.into_iter().chain(folders.into_iter().flatten()).collect()
}

/// The paths that a pattern with braces stands for.
fn expanded(pattern: &str) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('{') else { return vec![pattern.to_owned()] };
    let Some((choices, after)) = rest.split_once('}') else { return vec![pattern.to_owned()] };
    choices.split(',').flat_map(|choice| expanded(&format!("{before}{choice}{after}"))).collect()
}

/// Whether there is a file or folder with this path from the root or from a document's folder, or a file whose path ends so; a star
/// stands for any part of a name.
fn exists(path: &str, document: &std::path::Path, all: &BTreeSet<String>) -> bool {
    let folder = document.parent().expect("a document is in a folder");
    if !path.contains('*') {
        let ends_so = |it: &String| it.strip_suffix(path).is_some_and(|before| before.ends_with('/'));
        return root().join(path).exists() || folder.join(path).exists() || all.iter().any(ends_so);
    }
    let pattern = regex::escape(path).replace(r"\*", "[^/]*");
    let pattern = Regex::new(&format!("^{pattern}$")).expect("a pattern");
    all.iter().any(|path| pattern.is_match(path))
}

#[test]
fn paths_in_documents_exist() {
    // Ends in a file's ending, or has a slash and begins with a folder of the repository.
    let quoted = Regex::new(r"`([A-Za-z0-9_./{},*-]+)`").expect("a pattern");
    let file = Regex::new(r"/.*\.(rs|sh|md|toml|py|mjs|wat|c|h|txt|tsv)$").expect("a pattern");
    let root = root();
    let top: Vec<String> = std::fs::read_dir(&root)
        .expect("the repository is readable")
        .map(|entry| format!("{}/", entry.expect("a file").file_name().to_string_lossy()))
        .filter(|name| name != "target/")
        .collect();
    let all: BTreeSet<String> = ["rs", "sh", "md", "toml", "wat", "c", "wasm", "txt"]
        .iter()
        .flat_map(|extension| files(&root, extension))
        .map(|path| relative(&path))
        .collect();
    let mut missing = Vec::new();
    for document in documents() {
        let text = read(&document);
        let outside = text.split("```").step_by(2).collect::<Vec<_>>().join("\n");
        for path in quoted.captures_iter(&outside).map(|found| found.get(1).expect("a group").as_str()) {
            let is_path = top.iter().any(|folder| path.starts_with(folder)) || file.is_match(path);
            // What is to be replaced is in capitals.
            let capitals =
                |part: &str| part != "README" && part.len() > 2 && part.bytes().all(|it| it.is_ascii_uppercase());
            let is_template = path.split(['/', '-', '.']).any(capitals);
            if is_path && !is_template && !expanded(path).iter().all(|path| exists(path, &document, &all)) {
                missing.push(format!("{}: {path}", relative(&document)));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn chores_in_documents_exist() {
    let chore = Regex::new(r"cargo xtask ([a-z][a-z-]*)").expect("a pattern");
    let variants = Regex::new(r"(?m)^    ([A-Z][A-Za-z]+)(?:\([a-z_]+::Options\)|,)").expect("a pattern");
    let main = read(&root().join("xtask/src/main.rs"));
    let known: BTreeSet<String> = variants.captures_iter(&main).map(|it| it[1].to_lowercase()).collect();
    assert!(known.contains("figures"), "{known:?}");
    for document in documents() {
        for found in chore.captures_iter(&read(&document)) {
            assert!(known.contains(&found[1]), "{}: `{}`, of {known:?}", relative(&document), &found[0]);
        }
    }
}
