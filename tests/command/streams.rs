//! Standard input as a module; standard output that cannot be written.

use std::fs::File;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::{Guest, modes};

const MODULE: &str = r#"(module (func $f (export "f") (result i32) (i32.const 5)) (func (export "_start")))"#;

/// `riser` in the guest's folder.
fn command(guest: &Guest, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_riser"));
    command.args(arguments).current_dir(guest.folder.path()).stdin(Stdio::null());
    command
}

/// What prints to standard output, in as many ways as there are.
const PRINTING: &[&[&str]] = &[
    &["run", "--invoke", "f", "guest.wat"],
    &["modes"],
    &["dump-ir", "guest.wat"],
    &["dump-code", "guest.wat"],
    &["lockstep", "guest.wat"],
    &["--help"],
    &["run", "--help"],
];

#[cfg(unix)]
#[test]
fn a_reader_that_has_gone_is_no_error() {
    let guest = Guest::new(MODULE);
    for arguments in PRINTING {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = command(&guest, arguments).stdout(writer).output().expect("the command can be run");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}: {output:?}");
    }
    // What counts is still the exit code.
    std::fs::write(guest.file("bad.wast"), "(module) (invoke \"f\")").expect("the folder is writable");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = command(&guest, &["wast", "bad.wast"]).stdout(writer).output().expect("the command can be run");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    // Nobody can be told.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = command(&guest, &["run", "missing.wat"]).stderr(writer).output().expect("the command can be run");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let guest = Guest::new(MODULE);
    for arguments in PRINTING {
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let output = command(&guest, arguments).stdout(full).output().expect("the command can be run");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {stderr}");
        assert!(stderr.contains("cannot write to standard output") && stderr.contains("No space"), "{stderr}");
    }
}

#[test]
fn modules_come_from_standard_input() {
    let guest = Guest::new(MODULE);
    for (arguments, stdout) in [
        (&["run", "--invoke", "f", "-"][..], "5\n"),
        (&["validate", "-"], ""),
        (&["dump-ir", "--func", "f", "-"], "func 0 $f () -> (i32)\n"),
        (&["lockstep", "-"], "A: classic\n"),
        (&["prop", "--only", "verified", "-"], "verified holds for `-`"),
        (&["wast", "-"], "-: 0 assertions"),
        (&["suggest", "-"], ""),
    ] {
        let (reader, mut writer) = std::io::pipe().expect("a pipe");
        let child = command(&guest, arguments).stdin(reader).stdout(Stdio::piped()).spawn();
        writer.write_all(MODULE.as_bytes()).expect("the pipe takes it");
        drop(writer);
        let output = child.and_then(|child| child.wait_with_output()).expect("the command can be run");
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        assert!(text.starts_with(stdout), "{arguments:?}: {text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn schedules_come_from_pipes() {
    if !modes().contains(&"multi-tier".to_owned()) {
        return;
    }
    let guest = Guest::new(MODULE);
    for (schedule, status) in [("f fast-jit call 1\n", 0), ("g fast-jit call 1\n", 1)] {
        let (reader, mut writer) = std::io::pipe().expect("a pipe");
        writer.write_all(schedule.as_bytes()).expect("the pipe takes it");
        drop(writer);
        let arguments = ["run", "--tier-schedule", "/dev/stdin", "--invoke", "f", "guest.wat"];
        let output = command(&guest, &arguments).stdin(reader).output().expect("the command can be run");
        assert_eq!(output.status.code(), Some(status), "{schedule}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.contains("/dev/stdin:1") && said.contains("no function `g`"), status == 1, "{said}");
    }
}

#[test]
fn what_is_run_many_times_is_a_file() {
    let guest = Guest::new(MODULE);
    for command in [&["bench", "-"][..], &["ablate", "-"], &["why", "interp", "classic", "-"]] {
        guest.riser(command).assert_failure(2, &["error: standard input is read once", "write the module to a file"]);
    }
    std::fs::write(guest.file("empty.wast"), "\n").expect("the folder is writable");
    guest.riser(&["wast", "empty.wast"]).assert_failure(1, &["`empty.wast` is no script: it is empty"]);
}

/// What would mix with the guest's output, or with a table, has a file of its own.
#[test]
fn files_are_not_standard_output_if_that_has_something_else() {
    let guest = Guest::new(MODULE);
    for (flags, whose) in [
        (&["profile", "--json", "-"][..], "the guest's"),
        (&["profile", "--csv", "-"], "the guest's"),
        (&["profile", "--heat=-"], "the guest's"),
        (&["profile", "--sample", "--folded", "-"], "the guest's"),
        (&["profile", "--sample", "--svg", "-"], "the guest's"),
        (&["profile", "--sample", "--firefox", "-"], "the guest's"),
        (&["run", "--stats-json", "-"], "the guest's"),
        (&["run", "--log-tiers=-"], "the guest's"),
        (&["run", "--monitor", "timeline=-"], "the guest's"),
        (&["run", "--snapshot-on-exit", "-"], "the guest's"),
        (&["trace", "-o", "-"], "the guest's"),
        (&["bench", "--json", "-"], "the table"),
        (&["ablate", "--csv", "-"], "the table"),
    ] {
        let outcome = guest.riser(&[flags, &["guest.wat"]].concat());
        outcome.assert_failure(2, &["invalid value", "standard output", whose, "/dev/fd/3"]);
    }
    assert!(!guest.file("-").exists());
}

/// What standard output gets for `-` is what a file gets.
#[test]
fn standard_output_is_as_a_file() {
    let guest = Guest::new(r#"(module (func (export "_start") (block (br_if 0 (i32.const 1)))))"#);
    // A record whose name is not all for a terminal.
    let bench = ["bench", "--modes=interp", "--copies=1", "--rounds=1", "--time=1ms", "--json", NAME, "guest.wat"];
    assert_eq!(guest.riser(&bench).code, Some(0));
    // A page of `riser explore` has addresses, which differ from run to run.
    let mut writing = vec![
        vec!["suggest", "guest.wat", "--json"],
        vec!["report", NAME, "-o"],
        vec!["report", "--markdown", NAME, "-o"],
        vec!["report", "--svg", "time", NAME, "-o"],
    ];
    if modes().contains(&"fast-jit".to_owned()) {
        writing.push(vec!["compile", "--tier", "fast", "guest.wat", "-o"]);
    }
    if modes().contains(&"llvm-jit".to_owned()) {
        writing.push(vec!["compile", "--tier", "llvm", "--emit", "llvm-ir", "guest.wat", "-o"]);
    }
    for arguments in writing {
        let written = |to| {
            let output = command(&guest, &[&arguments[..], &[to]].concat()).output().expect("the command can be run");
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
            output.stdout
        };
        assert!(written("out").is_empty(), "{arguments:?}");
        let file = std::fs::read(guest.file("out")).expect("it was written");
        assert!(!file.is_empty() && written("-") == file, "{arguments:?}");
    }
    let text = command(&guest, &["report", "--markdown", NAME]).output().expect("the command can be run").stdout;
    assert!(String::from_utf8_lossy(&text).contains("\u{1b}[31m"), "the name is as it is in a file");
}

/// The name of a record. It turns a terminal's text red.
const NAME: &str = "red\u{1b}[31m.json";

/// A terminal gets no control characters, and no bytes that are not text.
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn terminals_get_text() {
    let guest = Guest::new(MODULE);
    let on_a_terminal = |arguments: &[&str]| {
        let words = arguments.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &format!("'{}' {words}", env!("CARGO_BIN_EXE_riser"))]);
        command.arg("/dev/null").current_dir(guest.folder.path()).stdin(Stdio::null());
        let output = command.output().expect("util-linux has it");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, text) = on_a_terminal(&["compile", "--tier", "fast", "guest.wat", "-o", "-"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("standard output is a terminal, and the file is not text"), "{text}");
    // Before anything is read.
    let (code, text) = on_a_terminal(&["compile", "missing.wat", "-o", "-"]);
    assert!(code == Some(1) && text.contains("is a terminal"), "{text}");
    let bench = ["bench", "--modes=interp", "--copies=1", "--rounds=1", "--time=1ms", "--json", NAME, "guest.wat"];
    assert_eq!(guest.riser(&bench).code, Some(0));
    let (code, text) = on_a_terminal(&["report", "--markdown", NAME]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("## red\\u{1b}[31m") && !text.contains('\u{1b}'), "{text:?}");
    let (code, text) = on_a_terminal(&["explore", "guest.wat", "-o", "-"]);
    assert!(code == Some(0) && text.contains("</html>"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_trace_ends_with_its_reader() {
    let guest = Guest::new(r#"(module (func (export "_start") (loop $on (br $on))))"#);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = command(&guest, &["trace", "--events", "loops", "guest.wat"]).stderr(writer).status();
    assert_eq!(status.expect("the command can be run").code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_trace_that_cannot_be_written_is_an_error_beside_a_trap() {
    let guest = Guest::new(r#"(module (func (export "_start") unreachable))"#);
    let trace = guest.riser(&["trace", "--output", "/dev/full", "guest.wat"]);
    trace.assert_failure(134, &["unreachable", "cannot write the trace"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_trace_that_cannot_be_written_is_an_error_at_its_limit() {
    let guest = Guest::new(r#"(module (func (export "_start") (loop $on (br $on))))"#);
    let trace = ["trace", "--events", "loops", "--limit", "3", "--output"];
    guest.riser(&[&trace[..], &["/dev/full", "guest.wat"]].concat()).assert_failure(1, &["cannot write the trace"]);
    guest.riser(&[&trace[..], &["whole", "guest.wat"]].concat()).assert_success("");
    assert_eq!(std::fs::read_to_string(guest.file("whole")).expect("it is there").lines().count(), 3);
}

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn a_log_of_tiers_that_cannot_be_written_is_an_error() {
    let guest = Guest::new(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (func $f)
            (func (export "_start") (call $f) (call $f) (call $exit (i32.const 0)))
            (func (export "fail") (call $f) (call $f) (call $exit (i32.const 3))))"#,
    );
    let flags = ["run", "--tier-threads", "0", "--tier-calls", "1"];
    let log = "--log-tiers=/dev/full";
    let why = ["cannot write the log `/dev/full`", "No space"];
    guest.riser(&[&flags[..], &[log, "guest.wat"]].concat()).assert_failure(1, &why);
    guest.riser(&[&flags[..], &[log, "--invoke", "fail", "guest.wat"]].concat()).assert_failure(3, &why);
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    let arguments = [&flags[..], &["--log-tiers", "guest.wat"]].concat();
    let status = command(&guest, &arguments).stderr(full).status().expect("the command can be run");
    assert_eq!(status.code(), Some(1));
    // Nobody reads it.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = command(&guest, &arguments).stderr(writer).status().expect("the command can be run");
    assert_eq!(status.code(), Some(0));
}
