//! Programs of compilers for C++ and Zig with exceptions and threads (`guests/build.sh`), in every mode.

use std::path::Path;

use crate::{modes, riser};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/command/guests");

/// Runs a guest in every mode and checks what it prints.
fn check(flags: &[&str], guest: &[&str], expected: &str) {
    for mode in modes() {
        let outcome = riser(Path::new(FOLDER), &[&["run", "--mode", &mode], flags, guest].concat());
        assert_eq!((outcome.code, &*outcome.stdout, &*outcome.stderr), (Some(0), expected, ""), "{mode}, {guest:?}");
    }
}

/// What `exceptions.cpp` prints in V8 and in Wasmtime.
const CAUGHT: &str = include_str!("guests/exceptions.txt");

#[test]
fn cpp_throws_and_catches() {
    check(&[], &["exceptions.wasm"], CAUGHT);
}

#[test]
fn cpp_throws_and_catches_with_legacy_exceptions() {
    check(&[], &["legacy-exceptions.wasm"], CAUGHT);
}

#[test]
fn zigs_threads_sum_lock_and_queue() {
    // The same sum, by the machine's own arithmetic.
    let sum = (0..4).map(|worker: u64| {
        (worker..50_000).step_by(4).fold(0_u64, |sum, number| sum.wrapping_add((number * number) ^ (sum >> 7)))
    });
    let sum = sum.fold(0, u64::wrapping_add);
    // Each of four threads takes the lock 300 times; each of two puts the numbers to 300 into the queue.
    let expected = format!("sum {sum}\ncounter 1200\nqueue {}\n", 2 * 300 * 301 / 2);
    check(&["--wasi", "threads"], &["threads.wasm", "50000", "300"], &expected);
}
