//! Crates that say that they have no unit tests, or no examples to run, have none: cargo would not run them.

use regex::Regex;

use crate::{CRATES, files, read, root};

/// Whether a line opens a block of Rust in a documentation comment, which rustdoc would run.
fn opens_example(line: &str, is_open: &mut bool) -> bool {
    let comment = line.trim_start();
    let text = comment.strip_prefix("///").or_else(|| comment.strip_prefix("//!"));
    let Some(language) = text.and_then(|text| text.trim().strip_prefix("```")) else { return false };
    *is_open = !*is_open;
    *is_open && !["text", "wat", "toml", "sh", "json", "ignore"].iter().any(|it| language.contains(it))
}

#[test]
fn what_is_not_run_is_not_there() {
    let test = Regex::new(r"#\[test\]|proptest!").expect("a pattern");
    for sources in CRATES {
        let folder = root().join(sources);
        let manifest = read(&folder.parent().expect("sources are in a crate").join("Cargo.toml"));
        let lib = manifest.split("\n[").find(|section| section.starts_with("lib]")).unwrap_or_default();
        for file in files(&folder, "rs") {
            let text = read(&file);
            let name = file.display();
            if lib.contains("\ntest = false") {
                assert!(!test.is_match(&text), "{name} has unit tests, but the crate says `test = false`");
            }
            if lib.contains("\ndoctest = false") {
                let mut is_open = false;
                let example = text.lines().find(|line| opens_example(line, &mut is_open));
                assert_eq!(example, None, "{name} has an example, but the crate says `doctest = false`");
                let by_macro = text.contains("#[doc = concat!") && text.contains("\"```");
                assert!(!by_macro, "{name} makes examples by a macro, but the crate says `doctest = false`");
            }
        }
    }
}
