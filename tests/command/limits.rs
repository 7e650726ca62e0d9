//! Limits of `riser run`.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::{Guest, Outcome, modes};

#[test]
fn a_timeout_ends_the_guest() {
    let guest = Guest::new(r#"(module (func (export "_start") (loop $again (br $again))))"#);
    for mode in modes() {
        let started = Instant::now();
        guest.riser(&["run", "--mode", &mode, "--timeout", "50ms", "guest.wat"]).assert_failure(134, &["interrupt"]);
        assert!(started.elapsed() < Duration::from_secs(5), "{mode}");
    }
}

#[test]
fn a_timeout_ends_a_guest_that_sleeps() {
    // Waits for a clock (the subscription at 0) for an hour.
    let guest = Guest::new(
        r#"
        (module
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "_start")
            (i32.store (i32.const 16) (i32.const 1))
            (i64.store (i32.const 24) (i64.const 3600000000000))
            (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))
        "#,
    );
    let started = Instant::now();
    guest.riser(&["run", "--timeout", "50ms", "guest.wat"]).assert_failure(134, &["timed out"]);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_timeout_that_does_not_pass_changes_nothing() {
    let guest = Guest::new(r#"(module (func (export "f") (result i32) (i32.const 5)))"#);
    guest.riser(&["run", "--timeout", "1m", "--invoke", "f", "guest.wat"]).assert_success("5\n");
}

#[test]
fn fuel_runs_out() {
    let guest = Guest::new(r#"(module (func (export "_start") (loop $again (br $again))))"#);
    for mode in modes() {
        guest
            .riser(&["run", "--mode", &mode, "--fuel", "10000", "guest.wat"])
            .assert_failure(134, &["all fuel consumed"]);
    }
}

#[test]
fn memories_are_limited() {
    let guest = Guest::new(
        r#"(module (memory 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#,
    );
    for mode in modes() {
        let grow = |pages| {
            guest.riser(&["run", "--mode", &mode, "--max-memory", "1MiB", "--invoke", "grow", "guest.wat", pages])
        };
        grow("15").assert_success("1\n");
        grow("16").assert_success("-1\n");
    }
    guest.riser(&["run", "--max-memory", "1KiB", "--invoke", "grow", "guest.wat", "0"]).assert_failure(1, &["memory"]);
}

#[test]
fn tables_objects_and_totals_are_limited() {
    let guest = Guest::new(
        r#"
        (module
          (memory 1) (memory 1) (table 10 funcref) (table 10 funcref)
          (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))
        "#,
    );
    for mode in modes() {
        let grow = |flag: &str, what, delta| {
            guest.riser(&["run", "--mode", &mode, flag, "--invoke", what, "guest.wat", delta])
        };
        grow("--max-table-elements=20", "table", "10").assert_success("10\n");
        grow("--max-table-elements=20", "table", "11").assert_success("-1\n");
        grow("--max-total=256KiB", "memory", "2").assert_success("-1\n");
        grow("--max-total=256KiB", "memory", "1").assert_success("1\n");
        grow("--max-memory-size=128KiB", "memory", "2").assert_success("-1\n");
        grow("--trap-on-grow-failure", "memory", "65536")
            .assert_failure(1, &["forcing a memory growth failure to be a trap"]);
    }
    let run = |flag: &str| guest.riser(&["run", flag, "--invoke", "memory", "guest.wat", "0"]);
    run("--max-table-elements=9").assert_failure(1, &["table minimum size of 10 elements exceeds table limits"]);
    run("--max-total=128KiB").assert_failure(1, &["table minimum size of 10 elements exceeds"]);
    run("--max-tables=1").assert_failure(1, &["table count too high at 2"]);
    run("--max-memories=1").assert_failure(1, &["memory count too high at 2"]);
    run("--max-instances=0").assert_failure(1, &["instance count too high at 1"]);
}

/// The most memory that a run has had, in KiB, by its statistics.
fn peak_kib(stderr: &str) -> u64 {
    let line = stderr.lines().find_map(|line| line.strip_prefix("peak memory")).expect("a line of the statistics");
    line.trim().strip_suffix(" KiB").and_then(|number| number.parse().ok()).expect("a number")
}

#[test]
fn tables_take_what_is_touched() {
    let tables = "(table 10000000 funcref)".repeat(25);
    let grown = r#"(func (export "f") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))"#;
    let guest = Guest::new(&format!("(module (table 0 funcref) {tables} {grown})"));
    for mode in modes() {
        let run = guest.riser(&["run", "--mode", &mode, "--stats", "--invoke", "f", "guest.wat", "10000000"]);
        run.assert_success("0\n");
        let peak = peak_kib(&run.stderr);
        assert!(peak < 500_000, "{mode}: {peak} KiB for 2 GB of nulls");
    }
    // Others take memory, and can be kept from it.
    let guest = Guest::new(
        r#"
        (module
          (table 0 funcref)
          (elem declare func $f)
          (func $f (export "f") (result i32) (table.grow (ref.func $f) (i32.const 9000000))))
        "#,
    );
    guest.riser(&["run", "--max-total", "64MiB", "--invoke", "f", "guest.wat"]).assert_success("-1\n");
    guest.riser(&["run", "--max-total", "80MiB", "--invoke", "f", "guest.wat"]).assert_success("0\n");
}

/// Runs `riser` with a bound on its address space, in KiB.
fn with_address_space(guest: &Guest, kib: u64, arguments: &[&str]) -> Outcome {
    let script = format!("ulimit -v {kib}; exec \"$0\" \"$@\"");
    let output = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_riser")])
        .args(arguments)
        .current_dir(guest.folder.path())
        .output()
        .expect("there is a shell");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn address_space_for_guard_pages_is_not_needed() {
    let guest = Guest::new(
        r#"
        (module
          (memory 1) (memory 1) (memory 1)
          (func (export "f") (param i32) (result i32)
            (i32.store (i32.const 65532) (i32.const 6))
            (drop (memory.grow (local.get 0)))
            (i32.add (i32.load (i32.const 65532)) (i32.load (i32.sub (i32.mul (local.get 0) (i32.const 65536)) (i32.const 4))))))
        "#,
    );
    let run = ["--stats", "--invoke", "f", "guest.wat", "1000"];
    for mode in modes() {
        for bounds in [&[][..], &["--bounds", "explicit"]] {
            let run = [&["run", "--mode", &mode], bounds, &run].concat();
            let outcome = with_address_space(&guest, 4_000_000, &run);
            outcome.assert_success("6\n");
            let told = outcome.stderr.contains("explicit (no address space for guard pages)");
            let interpreted = ["interp", "classic"].contains(&&*mode);
            assert_eq!(told, bounds.is_empty() && !interpreted && cfg!(target_arch = "x86_64"), "{mode}: {outcome:#?}");
        }
    }
    let guard = with_address_space(&guest, 4_000_000, &[&["run", "--bounds", "guard"], &run[..]].concat());
    guard.assert_failure(1, &["no address space for guard pages", "`--bounds explicit`"]);
    // For the first memory there is enough, for three there is not; interpreters do not need any.
    let multi = with_address_space(&guest, 22_000_000, &[&["run", "--mode", "fast-jit"], &run[..]].concat());
    multi.assert_failure(1, &["reserve 8 GiB of address space", "`--bounds explicit`"]);
    with_address_space(&guest, 22_000_000, &[&["run", "--mode", "interp"], &run[..]].concat()).assert_success("6\n");
}

#[test]
fn the_stack_is_limited() {
    let guest = Guest::new(
        r#"
        (module
          (func $depth (export "depth") (param i32) (result i32)
            (if (result i32) (local.get 0)
              (then (i32.add (i32.const 1) (call $depth (i32.sub (local.get 0) (i32.const 1)))))
              (else (i32.const 0)))))
        "#,
    );
    for mode in modes() {
        let depth = |size, depth| {
            guest.riser(&["run", "--mode", &mode, "--max-stack", size, "--invoke", "depth", "guest.wat", depth])
        };
        depth("64KiB", "100").assert_success("100\n");
        depth("64KiB", "10000").assert_failure(134, &["call stack exhausted", "depth"]);
        depth("16MiB", "100000").assert_success("100000\n");
        depth("16MiB", "10000000").assert_failure(134, &["call stack exhausted"]);
    }
}
