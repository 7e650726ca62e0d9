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

/// The frames of the session, with a module in the format of this file.
fn frames(guest: &Guest, mode: &str, file: &str) -> Vec<String> {
    let session = guest.file("session");
    std::fs::write(&session, SESSION).expect("the folder is writable");
    let mut gdb = Command::new("gdb");
    gdb.args(["--batch", "-nx", "-x"]).arg(&session).args(["--args", env!("CARGO_BIN_EXE_riser"), "run"]);
    gdb.args(["--mode", mode, "--gdb", "--invoke", "run"]).arg(guest.file(file)).arg("7");
    let output = gdb.output().expect("gdb can be run");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.lines().any(|line| line == "19"), "{mode}: {text}");
    text.lines().filter(|line| line.starts_with('#')).map(ToOwned::to_owned).collect()
}

#[test]
fn gdb_stops_in_functions_by_their_names() {
    if !Command::new("gdb").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("gdb is not installed: nothing tested");
        return;
    }
    let guest = Guest::new(PROGRAM);
    std::fs::write(guest.file("guest.wasm"), wat::parse_str(PROGRAM).expect("it is a module")).expect("writable");
    for mode in ["fast-jit", "aot"] {
        // Lines are those of the source, which text has, or offsets in the module.
        for (file, at) in
            [("guest.wat", ["guest.wat:2", "guest.wat:3", "guest.wat:4"]), ("guest.wasm", ["module.wasm:"; 3])]
        {
            let frames = frames(&guest, mode, file);
            let frame = |number: usize| frames.get(number).map(String::as_str).unwrap_or_default();
            for (number, (name, at)) in ["innermost", "middle", "outer"].into_iter().zip(at).enumerate() {
                assert!(frame(number).contains(&format!("{name} () at ")), "{mode}, {file}: {frames:#?}");
                assert!(frame(number).contains(at), "{mode}, {file}: {frames:#?}");
            }
            assert!(frame(3).contains("riser_trampoline"), "{mode}, {file}: {frames:#?}");
            assert!(frames.iter().any(|frame| frame.contains("riser::main")), "{mode}, {file}: {frames:#?}");
        }
    }
}
