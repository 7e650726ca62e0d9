//! Unsafe code is where a list says it is: the tables of `docs/src/unsafe-code.md`.

use std::collections::BTreeSet;

use regex::Regex;

use crate::{CRATES, files, read, relative, root};

#[test]
fn unsafe_code_is_where_the_list_says() {
    let keyword = Regex::new(r"(?-u:\b)unsafe(?-u:\b)").expect("a pattern");
    let string = Regex::new(r#""(?:\\.|[^"\\])*""#).expect("a pattern");
    let is_unsafe = |text: &str| {
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        let mut code = code.filter(|line| !line.contains("unsafe_code")).map(|line| string.replace_all(line, ""));
        code.any(|line| keyword.is_match(&line))
    };
    let sources = CRATES.iter().flat_map(|sources| files(&root().join(sources), "rs"));
    let found: BTreeSet<String> = sources.filter(|file| is_unsafe(&read(file))).map(|file| relative(&file)).collect();
    let row = Regex::new(r"(?m)^\| `([^`]+\.rs)` \|").expect("a pattern");
    let list = read(&root().join("docs/src/unsafe-code.md"));
    let listed: BTreeSet<String> = row.captures_iter(&list).map(|row| row[1].to_owned()).collect();
    let only = |these: &BTreeSet<String>, others| these.difference(others).cloned().collect::<Vec<_>>();
    assert_eq!(only(&found, &listed), [""; 0], "these have unsafe code and are not in docs/src/unsafe-code.md");
    assert_eq!(only(&listed, &found), [""; 0], "these are in docs/src/unsafe-code.md and have no unsafe code");
}
