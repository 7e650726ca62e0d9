//! Limits of `riser run`.

use std::time::{Duration, Instant};

use crate::{Guest, modes};

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
