//! `riser run --snapshot`, `riser resume` and `riser snapshot`.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

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
    let guest = Guest::new(READER);
    read_some(&guest);
    let shown = guest.riser(&["snapshot", "show", "s"]).stdout;
    assert!(shown.contains("wasi argument 0 \"guest.wat\"\n"), "{shown}");
    let output = Command::new("python3").arg(reader).arg(guest.file("s")).output().expect("python3 is there");
    assert_eq!(String::from_utf8_lossy(&output.stdout), shown, "{output:?}");
    let guest = Guest::new(THROWER);
    guest.riser(&["run", "--snapshot", "s", "--snapshot-after", "3", "guest.wat"]).assert_success("");
    let shown = guest.riser(&["snapshot", "show", "s"]).stdout;
    for line in [
        "exception 0 tag 0\nexception 0 value 0 i32 0x5\n",
        "exception 1 tag 1\nexception 1 value 0 exnref 0\nexception 1 value 1 exnref null\n",
        "frame 1 local 0 exnref 0\n",
        "global 0 exnref 1\n",
        "table 0 exnref 3 elements 1=0 2=1\n",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    let output = Command::new("python3").arg(reader).arg(guest.file("s")).output().expect("python3 is there");
    assert_eq!(String::from_utf8_lossy(&output.stdout), shown, "{output:?}");
    guest.riser(&["resume", "s"]).assert_success("");
}

/// Keeps an exception in a local and a table, and another, whose payload it is in, in a global and the table.
const THROWER: &str = r#"(module
  (tag $number (param i32))
  (tag $nested (param exnref exnref))
  (table $t 3 exnref)
  (global $g (mut exnref) (ref.null exn))
  (func $stop)
  (func $throw (throw $number (i32.const 5)))
  (func $init (export "init") (local $e exnref)
    (block $h (result exnref) (try_table (catch_all_ref $h) (call $throw)) (unreachable))
    (local.set $e)
    (block $h (result exnref)
      (try_table (catch_all_ref $h) (throw $nested (local.get $e) (ref.null exn)))
      (unreachable))
    (global.set $g)
    (table.set $t (i32.const 1) (local.get $e))
    (table.set $t (i32.const 2) (global.get $g))
    (call $stop)
    (block $h (result i32)
      (try_table (catch $number $h) (throw_ref (local.get $e)))
      (unreachable))
    (if (i32.ne (i32.const 5)) (then (unreachable))))
  (func (export "_start") (call $init)))"#;

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

/// Prints the file `data` of its first directory, a byte for each round.
const READER: &str = r#"(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "data")
  (data (i32.const 16) "\20\00\00\00\01\00\00\00")
  (func (export "_start") (local $fd i32)
    (if (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64))
      (then unreachable))
    (local.set $fd (i32.load (i32.const 64)))
    (loop $on
      (if (call $read (local.get $fd) (i32.const 16) (i32.const 1) (i32.const 64)) (then unreachable))
      (if (i32.load (i32.const 64))
        (then
          (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 64)))
          (br $on))))))"#;

/// The commands for [`READER`] up to a snapshot `s`, after some bytes.
fn read_some(guest: &Guest) {
    std::fs::write(guest.file("data"), "0123456789").expect("the folder is writable");
    let flags = ["run", "--snapshot", "s", "--snapshot-after", "5", "--dir", ".::/files", "guest.wat"];
    guest.riser(&flags).assert_success("0123");
}

#[test]
fn open_files_go_on() {
    let guest = Guest::new(READER);
    read_some(&guest);
    for mode in modes() {
        guest.riser(&["resume", "--mode", &mode, "--dir", ".::/files", "s"]).assert_success("456789");
        guest.riser(&["resume", "--mode", &mode, "--read-only-dir", ".::/files", "s"]).assert_success("456789");
    }
    let shown = guest.riser(&["snapshot", "show", "s"]).stdout;
    let opened = "wasi descriptor 4 \"data\" in directory 0, type 4, at 4 of 10, flags 0x0, rights";
    assert!(shown.contains(opened), "{shown}");
}

#[test]
fn files_that_cannot_be_opened_again_are_named() {
    let guest = Guest::new(READER);
    read_some(&guest);
    std::fs::write(guest.file("data"), "012").expect("the folder is writable");
    let short = "the guest had `data` in its directory `/files` (descriptor 4) open, which is shorter than it was: the guest is \
                 at byte 4, and there are 3";
    guest.riser(&["resume", "--dir", ".::/files", "s"]).assert_failure(1, &[short]);
    std::fs::remove_file(guest.file("data")).expect("it is there");
    let gone = "cannot be opened again: there is no such file";
    guest.riser(&["resume", "--dir", ".::/files", "s"]).assert_failure(1, &[gone]);
    std::os::unix::fs::symlink("/etc/passwd", guest.file("data")).expect("the folder is writable");
    let out = "it leads out of the directory, or is not permitted";
    guest.riser(&["resume", "--dir", ".::/files", "s"]).assert_failure(1, &[out]);
    guest.riser(&["resume", "--dir", ".::/files", "--dir", ".::/more", "s"]).assert_failure(1, &["and no others"]);
}

/// Counts its calls.
const COUNTER: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (global $calls (mut i64) (i64.const 0))
  (func $count (export "count") (param i64) (result i64)
    (global.set $calls (i64.add (global.get $calls) (local.get 0)))
    (i64.store (i32.const 1000) (global.get $calls))
    (i64.load (i32.const 1000)))
  (func (export "seven") (drop (call $count (i64.const 7))))
  (func (export "leave") (drop (call $count (i64.const 5))) (call $exit (i32.const 3)))
  (func (export "trap") unreachable)
  (func (export "_start") (drop (call $count (i64.const 1)))))"#;

#[test]
fn an_instance_that_has_ended_is_called_again() {
    let guest = Guest::new(COUNTER);
    for mode in modes() {
        let flags = ["run", "--mode", &mode, "--snapshot-on-exit", "s", "guest.wat"];
        guest.riser(&flags).assert_success("");
        let resume = |args: &[&str]| guest.riser(&[&["resume", "--mode", &mode], args].concat());
        resume(&["--invoke", "count", "s", "10"]).assert_success("11\n");
        resume(&["--invoke", "count", "--snapshot-on-exit", "t", "s", "20"]).assert_success("21\n");
        resume(&["--invoke", "count", "t", "0"]).assert_success("21\n");
        // `proc_exit` is an end as another.
        let left = guest.riser(&["run", "--mode", &mode, "--snapshot-on-exit", "u", "--invoke", "leave", "guest.wat"]);
        left.assert_failure(3, &[]);
        resume(&["--invoke", "count", "u", "0"]).assert_success("5\n");
        // A trap is none.
        let trapped =
            guest.riser(&["run", "--mode", &mode, "--snapshot-on-exit", "v", "--invoke", "trap", "guest.wat"]);
        trapped.assert_failure(134, &["unreachable"]);
        assert!(!guest.file("v").exists());
    }
    guest.riser(&["resume", "--invoke", "cuont", "s"]).assert_failure(1, &["no function `cuont`", "count"]);
    let running = Guest::new(PROGRAM);
    running.riser(&["run", "--snapshot", "s", "--snapshot-after", "3", "guest.wat"]);
    let why = "which goes on; `--invoke` and arguments are for one that was not";
    running.riser(&["resume", "--invoke", "_start", "s"]).assert_failure(1, &[why]);
}

#[test]
fn an_initialised_module_is_kept() {
    let guest = Guest::new(COUNTER);
    guest.riser(&["snapshot", "--init-func", "seven", "-o", "s", "guest.wat"]).assert_success("");
    guest.riser(&["resume", "--invoke", "count", "s", "1"]).assert_success("8\n");
    // A command is started.
    guest.riser(&["resume", "--snapshot-on-exit", "t", "s"]).assert_success("");
    guest.riser(&["resume", "--invoke", "count", "t", "1"]).assert_success("9\n");
    let missing =
        "exports neither `_initialize` nor `wizer.initialize`; use `--init-func` to call another function: `count`";
    guest.riser(&["snapshot", "-o", "u", "guest.wat"]).assert_failure(1, &[missing]);
    let parameters = "`count` cannot initialise the module";
    guest.riser(&["snapshot", "--init-func", "count", "-o", "u", "guest.wat"]).assert_failure(1, &[parameters]);
    guest.riser(&["snapshot", "--init-func", "trap", "-o", "u", "guest.wat"]).assert_failure(134, &["unreachable"]);
    let left = "the guest called `proc_exit(3)` instead of returning";
    for out in ["u", "u.wasm"] {
        guest.riser(&["snapshot", "--init-func", "leave", "-o", out, "guest.wat"]).assert_failure(1, &[left]);
    }
    assert!(!guest.file("u").exists() && !guest.file("u.wasm").exists());
    guest.riser(&["snapshot", "guest.wat"]).assert_failure(2, &["--output <OUT>"]);
    guest.riser(&["run", "--snapshot", "-", "guest.wat"]).assert_failure(2, &["standard output is the guest's"]);
}

/// Everything that a module can say of its state: memories, tables, globals of each type, segments that code still uses.
const STATEFUL: &str = r#"(module $stateful
  (type $get (func (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1 9)
  (table $t 2 30 funcref)
  (table $u 3 funcref)
  (table $hosts 2 externref)
  (global $i (mut i32) (i32.const 1))
  (global $l (mut i64) (i64.const 1))
  (global $f (mut f32) (f32.const 1))
  (global $d (mut f64) (f64.const 1))
  (global $v (mut v128) (v128.const i64x2 1 1))
  (global $r (mut funcref) (ref.null func))
  (global $constant i32 (i32.const 7))
  (data $active (i32.const 100) "active")
  (data $kept "kept")
  (data $dropped "dropped")
  (elem $into (table $t) (i32.const 0) func $one)
  (elem $later func $two $one)
  (elem $gone funcref (ref.func $one))
  (elem declare func $three)
  (func $one (type $get) (i32.const 1))
  (func $two (type $get) (i32.const 2))
  (func $three (type $get) (i32.const 3))
  (func (export "_initialize")
    (if (i32.ne (global.get $i) (i32.const 1)) (then unreachable))
    (global.set $i (i32.const -5)))
  (func (export "wizer.initialize")
    (global.set $i (i32.sub (global.get $i) (i32.const 1)))
    (global.set $l (i64.const -7))
    (global.set $f (f32.const nan:0x200001))
    (global.set $d (f64.const -0.5))
    (global.set $v (v128.const i64x2 -1 0x123456789))
    (global.set $r (ref.func $three))
    (drop (memory.grow (i32.const 3)))
    (i32.store (i32.const 200000) (i32.const 0x01020304))
    (i32.store8 (i32.const 262143) (i32.const 9))
    (memory.fill (i32.const 70000) (i32.const 5) (i32.const 6000))
    (i32.store8 (i32.const 70100) (i32.const 0))
    (i32.store8 (i32.const 100) (i32.const 0))
    (data.drop $dropped)
    (elem.drop $gone)
    (drop (table.grow $t (ref.func $two) (i32.const 3)))
    (table.set $t (i32.const 0) (ref.null func))
    (table.set $u (i32.const 2) (ref.func $three)))
  (func $sum (param $from i32) (param $to i32) (result i64) (local $sum i64)
    (loop $on
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) (i64.load8_u (local.get $from))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br_if $on (i32.lt_u (local.get $from) (local.get $to))))
    (local.get $sum))
  (func (export "state")
    (result i32 i64 i32 f64 v128 i32 i32 i32 i32 i32 i32 i32 i64)
    (memory.init $kept (i32.const 3000) (i32.const 0) (i32.const 4))
    (memory.init $dropped (i32.const 0) (i32.const 0) (i32.const 0))
    (table.init $u $later (i32.const 0) (i32.const 0) (i32.const 2))
    (global.get $i) (global.get $l) (i32.reinterpret_f32 (global.get $f)) (global.get $d) (global.get $v)
    (table.set $t (i32.const 1) (global.get $r))
    (call_indirect $t (type $get) (i32.const 1))
    (call_indirect $t (type $get) (i32.const 4))
    (call_indirect $u (type $get) (i32.const 0))
    (call_indirect $u (type $get) (i32.const 2))
    (ref.is_null (table.get $t (i32.const 0)))
    (table.size $t)
    (memory.size)
    (call $sum (i32.const 0) (i32.const 262144)))
  (func (export "again") (memory.init $dropped (i32.const 0) (i32.const 0) (i32.const 1)))
  (func (export "active-again") (memory.init $active (i32.const 0) (i32.const 0) (i32.const 1)))
  (func (export "element-again") (table.init $t $gone (i32.const 0) (i32.const 0) (i32.const 1))))"#;

#[test]
fn a_module_begins_initialised() {
    let guest = Guest::new(STATEFUL);
    guest.riser(&["snapshot", "-o", "s", "guest.wat"]).assert_success("");
    guest.riser(&["snapshot", "-o", "out.wasm", "guest.wat"]).assert_success("");
    guest.riser(&["validate", "out.wasm"]).assert_success("");
    for mode in modes() {
        let expected = guest.riser(&["resume", "--mode", &mode, "--invoke", "state", "s"]);
        assert_eq!((expected.code, expected.stdout.lines().count()), (Some(0), 13), "{expected:#?}");
        guest.riser(&["run", "--mode", &mode, "--invoke", "state", "out.wasm"]).assert_success(&expected.stdout);
        for (function, trap) in [
            ("again", "out of bounds memory"),
            ("active-again", "out of bounds memory"),
            ("element-again", "out of bounds table"),
        ] {
            guest.riser(&["run", "--mode", &mode, "--invoke", function, "out.wasm"]).assert_failure(134, &[trap]);
        }
    }
    for gone in ["_initialize", "wizer.initialize"] {
        guest.riser(&["run", "--invoke", gone, "out.wasm"]).assert_failure(1, &["the module exports no function"]);
    }
}

/// A module of WebAssembly 1.0 stays one.
#[test]
fn an_initialised_module_needs_no_more_of_an_engine() {
    let guest = Guest::new(
        r#"(module
          (memory 1) (global $g (mut i32) (i32.const 0)) (table 2 funcref) (elem (i32.const 1) $f)
          (data (i32.const 8) "abc")
          (start $begin)
          (func $f (result i32) (i32.const 6))
          (func $begin (global.set $g (i32.const 4)))
          (func (export "init") (i32.store8 (i32.const 9) (i32.const 88)))
          (func (export "get") (result i32 )
            (i32.add (i32.add (global.get $g) (call_indirect (result i32) (i32.const 1))) (i32.load (i32.const 8)))))"#,
    );
    guest.riser(&["snapshot", "--init-func", "init", "-o", "out.wasm", "guest.wat"]).assert_success("");
    guest.riser(&["validate", "--wasm", "all=n", "out.wasm"]).assert_success("");
    let sum = u32::from_le_bytes(*b"aXc\0") + 10;
    guest.riser(&["run", "--invoke", "get", "out.wasm"]).assert_success(&format!("{sum}\n"));
}

#[test]
fn what_a_module_cannot_say_is_named() {
    let guest = Guest::new(&READER.replace("_start", "init"));
    std::fs::write(guest.file("data"), "").expect("the folder is writable");
    let flags = |out| ["snapshot", "--init-func", "init", "--dir", ".::/files", "-o", out, "guest.wat"];
    let open = "the guest has `data` of its directory `/files` open, which a module cannot contain; a snapshot can";
    guest.riser(&flags("out.wasm")).assert_failure(1, &[open]);
    assert!(!guest.file("out.wasm").exists());
    guest.riser(&flags("out")).assert_success("");
    let guest = Guest::new(THROWER);
    let refers = "a global or a table refers to an exception or a value of the host, which a module cannot contain";
    guest.riser(&["snapshot", "--init-func", "init", "-o", "out.wasm", "guest.wat"]).assert_failure(1, &[refers]);
    guest.riser(&["snapshot", "--init-func", "init", "-o", "out", "guest.wat"]).assert_success("");
}

#[test]
fn a_program_moves_while_it_runs() {
    let root = env!("CARGO_MANIFEST_DIR");
    let expected =
        std::fs::read_to_string(format!("{root}/benches/programs/expected/coremix.txt")).expect("it is there");
    let output = Command::new("sh")
        .arg(format!("{root}/docs/examples/move.sh"))
        .arg(format!("{root}/benches/programs/coremix.wasm"))
        .env("RISER", env!("CARGO_BIN_EXE_riser"))
        .env("AFTER", "100000")
        .output()
        .expect("there is a shell");
    assert!(output.status.success(), "{output:?}");
    assert_eq!((String::from_utf8_lossy(&output.stdout), &*output.stderr), (expected.into(), &b""[..]));
}

#[test]
fn a_snapshot_replaces_what_a_link_leads_to() {
    let guest = Guest::new(COUNTER);
    std::fs::write(guest.file("target"), vec![7; 1 << 20]).expect("the folder is writable");
    std::os::unix::fs::symlink("target", guest.file("link")).expect("the folder is writable");
    guest.riser(&["run", "--snapshot-on-exit", "link", "guest.wat"]).assert_success("");
    guest.riser(&["resume", "--invoke", "count", "target", "1"]).assert_success("2\n");
}

/// Echoes its standard input, a byte for each round.
const ECHO: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\20\00\00\00\01\00\00\00")
  (func (export "_start")
    (loop $on
      (if (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 64)) (then unreachable))
      (if (i32.load (i32.const 64))
        (then
          (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 64)))
          (br $on))))))"#;

/// Runs [`ECHO`] with flags, asks for a snapshot by a signal after a byte, and sends more. Returns what it has echoed.
fn asked_by_signal(guest: &Guest, flags: &[&str]) -> (String, Option<i32>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_riser"))
        .args(["run", "--snapshot", "s"])
        .args(flags)
        .arg("guest.wat")
        .current_dir(guest.file("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command can be run");
    let (mut to, mut from) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
    let mut byte = [0];
    to.write_all(b"a").expect("the guest reads");
    from.read_exact(&mut byte).expect("the guest answers");
    // It reads, most likely, and the read goes on.
    std::thread::sleep(std::time::Duration::from_millis(50));
    let kill = Command::new("sh").arg("-c").arg(format!("kill -USR1 {}", child.id())).status();
    assert!(kill.expect("there is a shell").success());
    let mut echoed = String::from_utf8(byte.to_vec()).expect("a letter");
    drop(to.write_all(b"b"));
    for _ in 0..1000 {
        if guest.file("s").exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // A guest that was stopped does not read it.
    drop(to.write_all(b"c"));
    drop(to);
    from.read_to_string(&mut echoed).expect("text");
    (echoed, child.wait().expect("it ends").code())
}

#[test]
fn a_signal_asks_for_a_snapshot() {
    let guest = Guest::new(ECHO);
    let (echoed, code) = asked_by_signal(&guest, &[]);
    assert!("ab".starts_with(&echoed) && code == Some(0), "{echoed} {code:?}");
    guest.riser(&["resume", "s"]).assert_success("");
    std::fs::remove_file(guest.file("s")).expect("it is there");
    assert_eq!(asked_by_signal(&guest, &["--snapshot-continue"]), ("abc".to_owned(), Some(0)));
    guest.riser(&["resume", "s"]).assert_success("");
    let files = std::fs::read_dir(guest.file(".")).expect("it is there").count();
    assert_eq!(files, 2, "nothing else is left in the folder");
}

#[test]
fn a_guest_goes_on_after_a_snapshot() {
    let guest = Guest::new(PROGRAM);
    let flags = ["run", "--snapshot", "s", "--snapshot-after", "6", "--snapshot-continue", "guest.wat"];
    guest.riser(&flags).assert_success(PRINTED);
    let rest = guest.riser(&["resume", "s"]);
    assert!(rest.code == Some(0) && !rest.stdout.is_empty() && PRINTED.ends_with(&rest.stdout), "{rest:#?}");
    assert_ne!(rest.stdout, PRINTED);
}

/// The lines of the page on snapshots that begin with the command. They work as they stand, one after the other.
#[cfg(all(feature = "classic", feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn the_examples_of_the_book_work() {
    let program = r#"(module (memory (export "memory") 1)
      (func (export "_start") (local $i i32)
        (loop $on (br_if $on (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000000))))))"#;
    let library = r#"(module (memory (export "memory") 1)
      (func $prepare (export "prepare") (export "wizer.initialize") (i32.store (i32.const 0) (i32.const 35)))
      (func (export "lookup") (param i32) (result i32) (i32.add (local.get 0) (i32.load (i32.const 0)))))"#;
    let guest = Guest::new(program);
    std::fs::copy(guest.file("guest.wat"), guest.file("program.wasm")).expect("the folder is writable");
    std::fs::write(guest.file("library.wasm"), library).expect("the folder is writable");
    for (file, after) in [("earlier.snap", "10"), ("later.snap", "20")] {
        guest.riser(&["run", "--snapshot", file, "--snapshot-after", after, "program.wasm"]).assert_success("");
    }
    let commands = std::path::Path::new(env!("CARGO_BIN_EXE_riser")).parent().expect("a folder");
    let path = format!("{}:{}", commands.display(), std::env::var("PATH").unwrap_or_default());
    let page = include_str!("../../docs/src/snapshots.md");
    let mut printed = Vec::new();
    for line in page.lines().filter(|line| line.starts_with("riser ")) {
        // Not after a time that the program may not take.
        let line = line.replace("--snapshot-after 5s", "--snapshot-after 1000");
        let output = Command::new("sh").args(["-c", &line]).current_dir(guest.file(".")).env("PATH", &path).output();
        let output = output.expect("there is a shell");
        assert!(output.status.success() && output.stderr.is_empty(), "{line}: {output:?}");
        printed.push((line, String::from_utf8_lossy(&output.stdout).into_owned()));
    }
    assert!(printed.len() >= 10, "{printed:#?}");
    for (line, printed) in printed.iter().filter(|(line, _)| line.contains("lookup")) {
        assert_eq!(printed, "42\n", "{line}");
    }
    let ready = guest.riser(&["run", "--invoke", "lookup", "ready.wasm", "7"]);
    ready.assert_success("42\n");
}
