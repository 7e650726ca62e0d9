//! `riser run --snapshot`, `riser resume` and `riser snapshot`.

use std::process::Command;

use crate::{Guest, modes, riser};

/// Prints a digit for each round, from 0 on, with a call below which operands are live. The memory keeps the text.
const PROGRAM: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 3)
  (table funcref (elem $digit $again))
  (global $rounds (mut i32) (i32.const 0))
  (data (i32.const 0) "\10\00\00\00\02\00\00\00")
  (data (i32.const 16) "?\0a")
  (func $digit (param i32) (result i32)
    (i32.store8 (i32.const 16) (i32.add (local.get 0) (i32.const 48)))
    (global.set $rounds (i32.add (global.get $rounds) (i32.const 1)))
    (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))
  (func $again (param $n i32) (result i32)
    (i32.store (i32.const 150000) (local.get $n))
    (i32.add (local.get $n) (call_indirect (param i32) (result i32) (local.get $n) (i32.const 0))))
  (func (export "_start") (local $i i32)
    (loop $on
      (local.set $i (i32.add (i32.const 1) (call $again (local.get $i))))
      (br_if $on (i32.lt_u (local.get $i) (i32.const 8))))))
"#;

/// The text that the program prints.
const PRINTED: &str = "0\n1\n2\n3\n4\n5\n6\n7\n";

#[test]
fn a_program_goes_on_in_every_mode() {
    let guest = Guest::new(PROGRAM);
    for from in modes() {
        for after in ["0", "1", "8", "15"] {
            let flags = ["run", "--mode", &from, "--snapshot", "s", "--snapshot-after", after, "guest.wat"];
            let begun = guest.riser(&flags);
            assert_eq!(begun.code, Some(0), "{begun:#?}");
            for to in modes() {
                let rest = PRINTED.strip_prefix(&*begun.stdout).expect("the beginning of the text");
                assert!(!rest.is_empty());
                guest.riser(&["resume", "--mode", &to, "s"]).assert_success(rest);
            }
        }
    }
}

/// A file of code says whether snapshots can be taken of it.
#[test]
fn a_compiled_program_stops_and_goes_on() {
    let guest = Guest::new(PROGRAM);
    for tier in modes().iter().filter(|mode| mode.ends_with("-jit")) {
        let tier = tier.trim_end_matches("-jit");
        let compile = ["compile", "--tier", tier, "--snapshots", "guest.wat", "-o", "with.aot"];
        assert_eq!(guest.riser(&compile).code, Some(0));
        let compile = ["compile", "--tier", tier, "--epoch-interruption", "guest.wat", "-o", "without.aot"];
        assert_eq!(guest.riser(&compile).code, Some(0));
        let run = |file| {
            let flags = ["run", "--allow-precompiled", "--snapshot", "s", "--snapshot-after", "9", file];
            guest.riser(&flags)
        };
        let begun = run("with.aot");
        assert_eq!(begun.code, Some(0), "{tier}: {begun:#?}");
        let rest = PRINTED.strip_prefix(&*begun.stdout).expect("the beginning of the text");
        guest.riser(&["resume", "s"]).assert_success(rest);
        run("without.aot").assert_failure(1, &["compile the module again with `--snapshots`"]);
    }
}

#[test]
fn a_program_is_moved_ten_times() {
    let guest = Guest::new(PROGRAM);
    // A resumed guest's name for itself is no file's, whatever it ends in.
    let flags = ["--snapshot", "s", "--snapshot-after", "0", "--fuel", "5000", "--argv0", "program.wast"];
    let first = guest.riser(&[&["run"], &flags[..], &["guest.wat"]].concat());
    first.assert_success("");
    let mut printed = first.stdout;
    for _ in 0..10 {
        let more = guest.riser(&["resume", "--snapshot", "s", "--snapshot-after", "2", "s"]);
        assert_eq!(more.code, Some(0), "{more:#?}");
        printed += &more.stdout;
    }
    let last = guest.riser(&["resume", "s"]);
    assert_eq!(printed + &last.stdout, PRINTED, "{last:#?}");
}

#[test]
fn another_reader_of_the_format_reads_the_same() {
    let guest = Guest::new(PROGRAM);
    let flags =
        ["run", "--fuel", "5000", "--env", "LANG=C", "--snapshot", "s", "--snapshot-after", "8", "guest.wat", "x"];
    let begun = guest.riser(&flags);
    assert_eq!(begun.code, Some(0), "{begun:#?}");
    let shown = guest.riser(&["snapshot", "show", "s"]);
    for line in
        ["frame 0 local 0 i32 0x", "global 0 i32 0x", "table 0 funcref 2 elements 0=1 1=2", "memory 0 196608 bytes"]
    {
        assert!(shown.stdout.lines().any(|it| it.starts_with(line)), "{line}: {shown:#?}");
    }
    let reader = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/command/read_snapshot.py");
    let output = Command::new("python3").arg(reader).arg(guest.file("s")).output().expect("python3 is there");
    assert_eq!(String::from_utf8_lossy(&output.stdout), shown.stdout, "{output:?}");
    guest.riser(&["snapshot", "diff", "s", "s"]).assert_success("");
}

#[test]
fn what_is_wrong_is_said() {
    let guest = Guest::new(PROGRAM);
    let flags = ["run", "--snapshot", "s", "--snapshot-after", "3", "--dir", ".::/data", "guest.wat"];
    assert_eq!(guest.riser(&flags).code, Some(0));
    guest
        .riser(&["resume", "s"])
        .assert_failure(1, &["the guest had a directory `/data`; `--dir HOST::/data` gives it one"]);
    assert_eq!(guest.riser(&["resume", "--dir", ".::/data", "s"]).code, Some(0));
    guest.riser(&["resume", "guest.wat"]).assert_failure(1, &["`guest.wat` is no snapshot"]);
    let late = riser(guest.file("."), &["run", "--snapshot", "u", "--snapshot-after", "1000", "guest.wat"]);
    late.assert_success(PRINTED);
    assert!(late.stderr.contains("the guest ended before a snapshot was taken"), "{late:#?}");
    assert!(!guest.file("u").exists());
}

#[test]
fn a_guest_with_open_files_is_not_captured() {
    let guest = Guest::new(
        r#"(module
          (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "guest.wat")
          (func (export "_start")
            (if (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 9) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16))
              (then unreachable))
            (loop $for_ever (br $for_ever))))"#,
    );
    guest.riser(&["run", "--snapshot", "s", "--snapshot-after", "5", "--dir", ".::/data", "guest.wat"]).assert_failure(
        1,
        &["the guest has `guest.wat` of its directory `/data` open, which a snapshot cannot contain"],
    );
    assert!(!guest.file("s").exists());
}
