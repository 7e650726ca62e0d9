//! Tests of the command `riser`: exit codes, messages, what a guest sees and what it does not.

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod ahead;
mod arguments;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod disas;
mod dump_code;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod dump_jit;
mod errors;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod explore;
mod flags;
#[path = "../support/full.rs"]
mod full;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod gdb;
mod guests;
mod help;
mod inspect;
mod invoke;
mod lab;
mod limits;
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
mod llvm;
mod lockstep;
#[cfg(feature = "classic")]
mod monitors;
mod names;
mod preload;
mod process;
mod profile;
mod programs;
#[cfg(feature = "prop")]
mod prop;
mod proposals;
mod sandbox;
mod settings;
mod snapshots;
mod streams;
mod threads;
mod vectors;
mod wasi_testsuite;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with a guest, and what running `riser` on it gives.
struct Guest {
    folder: TempDir,
}

impl Guest {
    /// A guest from a module in the text format: the file `guest.wat`.
    fn new(text: &str) -> Guest {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("guest.wat"), text).expect("the folder is writable");
        Guest { folder }
    }

    /// A file of the folder.
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `riser`, in the folder.
    fn riser(&self, arguments: &[&str]) -> Outcome {
        riser(self.folder.path(), arguments)
    }
}

/// What a process did.
#[derive(Debug)]
struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Outcome {
    #[track_caller]
    fn assert_success(&self, stdout: &str) {
        assert_eq!(self.code, Some(0), "{self:#?}");
        assert_eq!(self.stdout, stdout, "{self:#?}");
    }

    /// Checks the exit code, and that standard error contains each of the messages.
    #[track_caller]
    fn assert_failure(&self, code: i32, messages: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for message in messages {
            assert!(self.stderr.contains(message), "`{message}` is missing: {self:#?}");
        }
    }
}

/// Runs `riser` in a folder, with a known environment and nothing on standard input.
fn riser(folder: impl AsRef<std::path::Path>, arguments: &[impl AsRef<OsStr>]) -> Outcome {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_riser"))
        .args(arguments)
        .current_dir(folder)
        .env("FROM_HOST", "host's value")
        .stdin(Stdio::null())
        .output()
        .expect("the command can be run");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The modes that are compiled in, by name.
fn modes() -> Vec<String> {
    let outcome = riser(".", &["modes", "--names"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let modes: Vec<String> = outcome.stdout.lines().map(str::to_owned).collect();
    assert!(modes.iter().any(|mode| mode == "interp"), "{outcome:#?}");
    modes
}
