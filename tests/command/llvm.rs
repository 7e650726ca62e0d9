//! LLVM is loaded when it is needed, and not before; and the command may end while it compiles.

use std::path::Path;
use std::process::Command;

use super::Guest;
use super::full::is_full;

const SEVEN: &str = r#"(module (func (export "seven") (result i32) (i32.const 7)))"#;

/// What the system's loader says of what it loads, while a guest runs with these arguments.
#[track_caller]
fn loaded(arguments: &[&str]) -> String {
    let guest = Guest::new(SEVEN);
    loaded_for(arguments, &guest.file("guest.wat"))
}

/// As above, for a module in a file.
#[track_caller]
fn loaded_for(arguments: &[&str], module: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_riser"))
        .arg("run")
        .args(arguments)
        .args(["--invoke", "seven"])
        .arg(module)
        .env("LD_DEBUG", "files")
        .output()
        .expect("the command is built");
    assert_eq!((output.status.code(), &*output.stdout), (Some(0), &b"7\n"[..]), "{output:?}");
    let loaded = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(loaded.contains("libc.so"), "the loader tells: {loaded}");
    loaded
}

#[test]
fn modes_that_do_not_use_llvm_do_not_load_it() {
    for mode in ["classic", "interp", "fast-jit", "multi-tier"] {
        let loaded = loaded(&["--mode", mode]);
        assert!(!loaded.contains("libLLVM"), "{mode}: {loaded}");
    }
}

#[test]
fn the_mode_that_uses_llvm_loads_it() {
    assert!(loaded(&["--mode", "llvm-jit"]).contains("libLLVM"));
}

#[test]
fn what_it_compiled_runs_without_it() {
    let guest = Guest::new(SEVEN);
    let compiled = guest.file("guest.aot");
    let status = Command::new(env!("CARGO_BIN_EXE_riser"))
        .args(["compile", "--tier", "llvm", "-o"])
        .args([&compiled, &guest.file("guest.wat")])
        .status();
    assert!(status.expect("the command is built").success());
    let loaded = loaded_for(&["--allow-precompiled"], &compiled);
    assert!(!loaded.contains("libLLVM"), "{loaded}");
}

/// In about one of forty runs, the process used to go down with the thread that compiled.
#[test]
fn the_command_ends_while_functions_are_compiled() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/programs/coremix.wasm");
    for run in (0..100).step_by(if is_full() { 1 } else { 4 }) {
        let output = Command::new(env!("CARGO_BIN_EXE_riser"))
            .args(["run", "--mode", "multi-tier", "--tier-delay", "0", "--tier-up-delay", "0"])
            .args(["--tier-calls", "1", "--tier-loops", "1"])
            .args(["--tier-up-calls", "1", "--tier-up-loops", "1"])
            .arg(&program)
            .arg((300 + 27 * run).to_string())
            .output()
            .expect("the command is built");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stdout.starts_with(b"coremix "), "{output:?}");
    }
}
