//! File tests: each `tests/disas/*.wat` holds a module and, in the comments at its end, what the compiling tiers make of it: what
//! `riser dump-jit` prints, with the flags of each line `;; dump-jit FLAGS` at its head, for a processor without anything special.
//!
//! `RISER_BLESS=1` writes what comes out into the files. What is due to LLVM is left as it is in builds without it.

use std::path::{Path, PathBuf};

use crate::riser;

/// Begins the flags of a dump, at the head, and the dump itself, at the end.
const HEAD: &str = ";; dump-jit ";

/// A file of tests, in parts.
struct File {
    path: PathBuf,
    /// Up to the first dump.
    module: String,
    /// Flags, and the lines that they are to give.
    dumps: Vec<(String, String)>,
}

impl File {
    fn read(path: PathBuf) -> File {
        let text = std::fs::read_to_string(&path).expect("the file is readable");
        let head = text.lines().take_while(|line| line.starts_with(";;"));
        let flags: Vec<String> = head.filter_map(|line| line.strip_prefix(HEAD)).map(str::to_owned).collect();
        assert!(!flags.is_empty(), "{}: no line `{HEAD}FLAGS` at its head", path.display());
        let end = text.find(&format!("\n\n{HEAD}")).unwrap_or(text.trim_end().len());
        let (module, rest) = text.split_at(end);
        let found = |flags: &String| {
            let start = rest.find(&format!("\n\n{HEAD}{flags}\n")).map(|at| &rest[at + 2..]);
            start
                .map(|dump| dump.find("\n\n").map_or(dump.trim_end(), |end| &dump[..end]))
                .unwrap_or_default()
                .to_owned()
        };
        let dumps = flags.iter().map(|flags| (flags.clone(), found(flags))).collect();
        File { module: module.to_owned(), dumps, path }
    }

    /// What a dump gives now.
    fn dump(&self, flags: &str) -> String {
        let folder = self.path.parent().expect("a file is in a folder");
        let name = self.path.file_name().and_then(|it| it.to_str()).expect("the name is text");
        let arguments = ["dump-jit", "--target-cpu", "x86-64"].into_iter().chain(flags.split(' ')).chain([name]);
        let outcome = riser(folder, &arguments.collect::<Vec<_>>());
        assert_eq!(outcome.code, Some(0), "{name}: {outcome:#?}");
        let lines = outcome.stdout.trim_end().lines();
        let lines = lines.map(|line| format!("\n;; {line}").trim_end().to_owned());
        format!("{HEAD}{flags}{}", lines.collect::<String>())
    }
}

#[test]
fn compiled_code_is_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disas");
    let entries = std::fs::read_dir(folder).expect("the folder is readable");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder is readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "wat"));
    paths.sort();
    assert!(paths.len() >= 60, "{} files", paths.len());
    let bless = std::env::var_os("RISER_BLESS").is_some();
    let mut changed = Vec::new();
    for file in paths.into_iter().map(File::read) {
        let mut text = file.module.clone();
        for (flags, expected) in &file.dumps {
            let llvm_lacks = flags.contains("--tier llvm") && cfg!(not(feature = "llvm"));
            let found = if llvm_lacks { expected.clone() } else { file.dump(flags) };
            if found != *expected && !bless {
                changed.push(format!("{}:\n{}", file.path.display(), first_difference(expected, &found)));
            }
            text = format!("{text}\n\n{found}");
        }
        if bless {
            std::fs::write(&file.path, text + "\n").expect("the file is writable");
        }
    }
    assert!(changed.is_empty(), "RISER_BLESS=1 takes what there is now:\n{}", changed.join("\n"));
}

/// The first lines in which two dumps differ.
fn first_difference(expected: &str, found: &str) -> String {
    let mut lines = expected.lines().zip(found.lines()).skip_while(|(a, b)| a == b);
    let (expected, found) = lines.next().unwrap_or(("another number of lines", ""));
    format!("-{expected}\n+{found}")
}
