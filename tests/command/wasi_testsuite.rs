//! The programs of wasi-testsuite, which are not part of this repository: see `docs/src/testing.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

/// How a program is run, and what comes of it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Test {
    args: Vec<String>,
    env: BTreeMap<String, String>,
    /// The directory that it has.
    root: Option<String>,
    exit_code: i32,
    stdout: Option<String>,
}

/// A folder with copies of a folder's files, folders and links.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (ty, path, to) = (entry.file_type().expect("a type"), entry.path(), to.join(entry.file_name()));
        if ty.is_dir() {
            copy(&path, &to);
        } else if ty.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path).expect("a link"), to).expect("a new link");
        } else {
            fs::copy(&path, to).expect("a new file");
        }
    }
}

/// Runs a program in a mode. Returns what is wrong.
fn run(module: &Path, mode: &str) -> Option<String> {
    let test: Test = match fs::read_to_string(module.with_extension("json")) {
        Ok(json) => serde_json::from_str(&json).expect("a description"),
        Err(_) => Test::default(),
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_riser"));
    command.args(["run", "--mode", mode, "--timeout", "60s"]);
    for (name, value) in &test.env {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    if let Some(root) = &test.root {
        let own = folder.path().join("root");
        copy(&module.with_file_name(root), &own);
        command.arg("--dir").arg(format!("{}::/", own.display()));
    }
    let output = command.arg(module).args(&test.args).stdin(Stdio::null()).output().expect("a command");
    let text = String::from_utf8_lossy(&output.stdout);
    let printed = test.stdout.as_deref().is_none_or(|expected| expected == text);
    (output.status.code() != Some(test.exit_code) || !printed)
        .then(|| format!("{} in {mode}: {output:?}", module.display()))
}

#[test]
#[ignore = "needs RISER_WASI_TESTSUITE, the folder `tests` of a checkout of wasi-testsuite"]
fn all_programs_pass_in_two_modes() {
    let Ok(folder) = std::env::var("RISER_WASI_TESTSUITE") else {
        // The full run has all tests that are ignored otherwise.
        println!("the programs of wasi-testsuite are not here: RISER_WASI_TESTSUITE names their folder");
        return;
    };
    let mut modules: Vec<PathBuf> = Vec::new();
    for language in ["assemblyscript", "c", "rust"] {
        let folder = Path::new(&folder).join(language).join("testsuite/wasm32-wasip1");
        let files =
            fs::read_dir(&folder).expect("the folder has the programs").map(|entry| entry.expect("a file").path());
        modules.extend(files.filter(|file| file.extension().is_some_and(|it| it == "wasm")));
    }
    assert!(modules.len() >= 72, "{} programs", modules.len());
    let wrong: Vec<String> =
        ["interp", "fast-jit"].iter().flat_map(|mode| modules.iter().filter_map(|module| run(module, mode))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
