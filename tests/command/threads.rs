//! `--wasi threads`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use crate::{Guest, modes};

/// What a command with threads has in common: it spawns three, and waits for them.
fn guest(thread: &str, after: &str) -> Guest {
    Guest::new(&format!(
        r#"
        (module
          (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") (import "env" "memory") 1 4 shared)
          ;; Prints a digit, from the stack of the thread: 16 bytes from $at on.
          (func $print (param $at i32) (param $digit i32)
            (i32.store (local.get $at) (i32.add (local.get $at) (i32.const 8)))
            (i32.store offset=4 (local.get $at) (i32.const 2))
            (i32.store16 offset=8 (local.get $at) (i32.add (local.get $digit) (i32.const 0x0a30)))
            (drop (call $write (i32.const 1) (local.get $at) (i32.const 1)
              (i32.add (local.get $at) (i32.const 12)))))
          (func (export "wasi_thread_start") (param $number i32) (param $argument i32)
            {thread}
            (drop (i32.atomic.rmw.add (i32.const 0) (local.get $argument)))
            (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
          (func (export "_start") (local $i i32) (local $sum i32)
            (loop $again
              (if (i32.le_s (call $spawn (i32.const 2)) (i32.const 0)) (then (call $exit (i32.const 9))))
              (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
            (loop $wait
              (local.set $sum (i32.atomic.load (i32.const 0)))
              (if (i32.ne (local.get $sum) (i32.const 6))
                (then
                  (drop (memory.atomic.wait32 (i32.const 0) (local.get $sum) (i64.const -1)))
                  (br $wait))))
            (call $print (i32.const 1024) (local.get $sum))
            {after}))
        "#
    ))
}

#[test]
fn a_guest_has_threads_in_every_mode() {
    let guest = guest("", "");
    for mode in modes() {
        for bounds in ["explicit", "guard"] {
            if mode == "aot" {
                continue;
            }
            guest
                .riser(&["run", "--wasi", "threads", "--mode", &mode, "--bounds", bounds, "guest.wat"])
                .assert_success("6\n");
        }
    }
    guest.riser(&["run", "-S", "threads=y", "guest.wat"]).assert_success("6\n");
}

#[test]
fn threads_share_work_in_every_mode() {
    let guest = Guest::new("(module)");
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/programs/threads/parallel.wat");
    for mode in modes().into_iter().filter(|mode| mode != "aot") {
        for (function, sum) in
            [("sum", "8249093353350117611\n"), ("lock", "3954167840008648209\n"), ("queue", "9094285899499834506\n")]
        {
            for threads in ["1", "4"] {
                let run = ["run", "--mode", &mode, "--wasi", "threads", "--invoke", function, program, threads, "1000"];
                guest.riser(&run).assert_success(sum);
            }
        }
    }
}

#[test]
fn threads_have_to_be_allowed() {
    let guest = guest("", "");
    for flags in [&["run"][..], &["run", "--wasi", "threads=n"]] {
        guest
            .riser(&[flags, &["guest.wat"]].concat())
            .assert_failure(1, &["unknown import: `wasi::thread-spawn`", "`-S threads` lets it"]);
    }
    guest.riser(&["run", "--wasi", "sockets", "guest.wat"]).assert_failure(2, &["there is `threads`"]);
    // The third cannot be had.
    guest.riser(&["run", "--wasi", "threads", "--max-threads", "0", "guest.wat"]).assert_failure(9, &[]);
}

#[test]
fn a_trap_in_one_thread_ends_all() {
    let guest = guest("unreachable", "");
    for mode in modes().iter().filter(|mode| *mode != "aot") {
        let outcome = guest.riser(&["run", "--wasi", "threads", "--mode", mode, "guest.wat"]);
        outcome.assert_failure(134, &["of the guest failed", "unreachable", "wasi_thread_start"]);
    }
}

#[test]
fn an_exit_in_one_thread_ends_all() {
    let guest = guest("(call $exit (i32.const 5))", "");
    for mode in modes().iter().filter(|mode| *mode != "aot") {
        guest.riser(&["run", "--wasi", "threads", "--mode", mode, "guest.wat"]).assert_failure(5, &[]);
    }
}

#[test]
fn the_end_of_the_first_thread_ends_all() {
    // The threads count, and go on for ever.
    let endless = "(drop (i32.atomic.rmw.add (i32.const 0) (local.get $argument)))
                   (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
                   (loop $again (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1))) (br $again))";
    guest(endless, "").riser(&["run", "--wasi", "threads", "guest.wat"]).assert_success("6\n");
}

#[test]
fn a_timeout_ends_waiting_threads() {
    let waits = "(drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))";
    for mode in modes().iter().filter(|mode| *mode != "aot") {
        let outcome =
            guest(waits, "").riser(&["run", "--wasi", "threads", "--timeout", "100ms", "--mode", mode, "guest.wat"]);
        outcome.assert_failure(134, &["interrupt"]);
    }
}

#[test]
fn limits_hold_for_the_memory_that_threads_share() {
    let guest = guest("", "");
    let outcome = guest.riser(&["run", "--wasi", "threads", "--max-memory", "1KiB", "guest.wat"]);
    outcome.assert_failure(1, &["exceeds memory limits"]);
}

#[test]
fn threads_without_shared_memories_are_noted() {
    let guest = Guest::new(r#"(module (func (export "_start")))"#);
    let note = "Note: '--wasi threads' does nothing";
    for wasm in ["threads=n", "all=n,simd"] {
        let outcome = guest.riser(&["run", "-S", "threads", "--wasm", wasm, "guest.wat"]);
        outcome.assert_success("");
        assert!(outcome.stderr.starts_with(note) && outcome.stderr.lines().count() == 1, "{outcome:#?}");
    }
    for flags in [&["-S", "threads"][..], &["-S", "threads", "-W", "threads"], &["-S", "threads=n", "-W", "threads=n"]]
    {
        let outcome = guest.riser(&[&["run"], flags, &["guest.wat"]].concat());
        assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""), "{flags:?}");
    }
}

/// A snapshot that there cannot be is refused before the guest runs, not when it has worked.
#[test]
fn a_guest_with_threads_cannot_be_captured() {
    let guest = guest("", "");
    for flags in [&["--snapshot", "s", "--snapshot-after", "1h"][..], &["--snapshot-on-exit", "s"]] {
        let outcome = guest.riser(&[&["run", "--wasi", "threads"], flags, &["guest.wat"]].concat());
        outcome.assert_failure(1, &["a guest with threads cannot be captured", "memory 0 is shared"]);
        assert_eq!(outcome.stdout, "", "{outcome:#?}");
    }
}

/// The first thread prints a byte, waits for one, and then for a thread that polls for as long.
#[test]
fn a_guest_with_threads_goes_on_when_it_is_asked_for_a_snapshot() {
    let guest = Guest::new(
        r#"(module
          (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") (import "env" "memory") 1 4 shared)
          (func (export "wasi_thread_start") (param i32 i32)
            (loop $again (br_if $again (i32.eqz (i32.atomic.load (i32.const 0)))))
            (i32.atomic.store (i32.const 4) (i32.const 1))
            (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
          (func $print
            (i32.store (i32.const 16) (i32.const 32))
            (i32.store (i32.const 20) (i32.const 2))
            (i32.store16 (i32.const 32) (i32.const 0x0a2e))
            (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 64))))
          (func (export "_start")
            (drop (call $spawn (i32.const 0)))
            (call $print)
            (i32.store (i32.const 16) (i32.const 32))
            (i32.store (i32.const 20) (i32.const 1))
            (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 64)))
            (i32.atomic.store (i32.const 0) (i32.const 1))
            (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))
            (call $print)))"#,
    );
    for mode in modes().iter().filter(|mode| *mode != "aot") {
        let mut child = Command::new(env!("CARGO_BIN_EXE_riser"))
            .args(["run", "--wasi", "threads", "--mode", mode, "--snapshot", "s", "guest.wat"])
            .current_dir(guest.file("."))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command can be run");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut err = BufReader::new(child.stderr.take().expect("piped"));
        let (mut printed, mut said) = (String::new(), String::new());
        out.read_line(&mut printed).expect("text");
        let kill = Command::new("sh").arg("-c").arg(format!("kill -USR1 {}", child.id())).status();
        assert!(kill.expect("there is a shell").success());
        err.read_line(&mut said).expect("text");
        drop(child.stdin.take().expect("piped").write_all(b"x"));
        out.read_to_string(&mut printed).expect("text");
        err.read_to_string(&mut said).expect("text");
        assert_eq!((child.wait().expect("it ends").code(), &*printed), (Some(0), ".\n.\n"), "{mode}: {said}");
        assert!(said.contains("a guest with threads cannot be captured, so it goes on"), "{mode}: {said}");
        assert!(said.contains("memory 0 is shared") && said.lines().count() == 1, "{mode}: {said}");
        assert!(!guest.file("s").exists());
    }
}
