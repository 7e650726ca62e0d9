//! A command with a tier and a monitor of one's own: `riser` with both linked in. Run as the command if an environment variable says so,
//! and otherwise as its test.

#[path = "../../templates/own-monitor/src/monitor.rs"]
mod monitor;
#[path = "../../templates/own-tier/src/tier.rs"]
mod tier;

use std::process::Command;

const AS_COMMAND: &str = "RISER_OWN_COMMAND";

const MODULE: &str = r#"(module (func $fib (export "fib") (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 2)) (then (return (local.get 0))))
    (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))
  (func $half (export "half") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 2))))"#;

fn main() {
    if std::env::var_os(AS_COMMAND).is_some() {
        riser::cli::exit(riser::cli::main())
    }
    test()
}

/// Runs the command with a module at hand; returns what it prints, on both streams.
fn riser(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("fib.wat"), MODULE).expect("the folder is writable");
    let this = std::env::current_exe().expect("this program");
    let output =
        Command::new(this).args(arguments).current_dir(&folder).env(AS_COMMAND, "1").output().expect("it runs");
    [output.stdout, output.stderr].iter().map(|stream| String::from_utf8_lossy(stream).into_owned()).collect()
}

fn test() {
    let modes = riser(&["modes", "--names"]);
    assert!(modes.lines().any(|mode| mode == "closures"), "{modes}");
    let outcome = riser(&["run", "--mode", "closures", "--stats", "--invoke", "fib", "fib.wat", "20"]);
    assert!(outcome.contains("6765") && outcome.contains("closures"), "{outcome}");
    // A flag of other modes is an error, and one for any tier is not.
    let outcome = riser(&["run", "--mode", "closures", "--dispatch", "switch", "--invoke", "fib", "fib.wat", "20"]);
    assert!(outcome.contains("'--dispatch' does nothing with '--mode closures'"), "{outcome}");
    let outcome = riser(&["run", "--mode", "closures", "--compile", "lazy", "--invoke", "fib", "fib.wat", "10"]);
    assert!(outcome.contains("55"), "{outcome}");
    let outcome =
        riser(&["run", "--monitor", "divisions", "--monitor", "hotness", "--invoke", "half", "fib.wat", "20"]);
    assert!(outcome.starts_with("10\n") && outcome.contains("           1  half\n"), "{outcome}");
    let outcome = riser(&["run", "--monitor", "division", "fib.wat"]);
    assert!(outcome.contains("did you mean `divisions`"), "{outcome}");
    let outcome = riser(&["lockstep", "--a", "interp", "--b", "closures", "--invoke", "fib", "fib.wat", "10"]);
    assert!(!outcome.contains("error") && !outcome.contains("Error"), "{outcome}");
}
