//! A debugger knows compiled functions by their names, and finds its way through their frames.

use std::process::{Command, Stdio};

use crate::Guest;

const PROGRAM: &str = r#"(module
  (func $innermost (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $middle (param i32) (result i32) (i32.mul (call $innermost (local.get 0)) (i32.const 3)))
  (func $outer (export "run") (param i32) (result i32) (i32.sub (call $middle (local.get 0)) (i32.const 5))))"#;

/// Breakpoints are the processor's: machine code is in memory that is shared, and nobody writes to it where it runs.
const SESSION: &str = "
set pagination off
set breakpoint pending on
handle SIGSEGV nostop noprint pass
hbreak innermost
run
backtrace
continue
";

#[test]
fn gdb_stops_in_functions_by_their_names() {
    if !Command::new("gdb").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("gdb is not installed: nothing tested");
        return;
    }
    let guest = Guest::new(PROGRAM);
    let session = guest.file("session");
    std::fs::write(&session, SESSION).expect("the folder is writable");
    for mode in ["fast-jit", "aot"] {
        let mut gdb = Command::new("gdb");
        gdb.args(["--batch", "-nx", "-x"]).arg(&session).args(["--args", env!("CARGO_BIN_EXE_riser"), "run"]);
        gdb.args(["--mode", mode, "--gdb", "--invoke", "run"]).arg(guest.file("guest.wat")).arg("7");
        let output = gdb.output().expect("gdb can be run");
        let text = String::from_utf8_lossy(&output.stdout);
        let frames: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
        let frame = |number: usize| frames.get(number).copied().unwrap_or_default();
        assert!(frame(0).contains("innermost () at module.wasm:"), "{mode}: {text}");
        assert!(frame(1).contains("middle () at module.wasm:"), "{mode}: {text}");
        assert!(frame(2).contains("outer () at module.wasm:"), "{mode}: {text}");
        assert!(frame(3).contains("riser_trampoline"), "{mode}: {text}");
        assert!(frames.iter().any(|frame| frame.contains("main ()")), "{mode}: {text}");
        assert!(text.lines().any(|line| line == "19"), "{mode}: {text}");
    }
}
