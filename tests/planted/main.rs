//! A planted miscompile, from the command: `riser prop` finds it and makes it small, and `riser lockstep --bisect` says which
//! function and which switch it is in. The page `docs/src/properties/from-the-command.md` shows the same.

use std::path::Path;
use std::process::Command;

/// A constant on the left of a subtraction changes places with the operand on the right.
const FAULT: &str = "sub-commutes";

const PROGRAM: &str = r#"(module
  (func $twice (param $x i32) (result i32) (i32.mul (local.get $x) (i32.const 2)))
  (func $rest (param $x i32) (result i32) (i32.sub (i32.const 100) (local.get $x)))
  (func (export "sum") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $rest (call $twice (local.get $n)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))"#;

/// Runs `riser` in a folder; returns its exit code and what it prints, on both streams.
fn riser(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_riser")).args(arguments).current_dir(folder).output();
    let output = output.expect("the command can be run");
    let text = [output.stdout, output.stderr].iter().map(|it| String::from_utf8_lossy(it).into_owned()).collect();
    (output.status.code(), text)
}

#[test]
fn a_planted_miscompile_is_found_and_bisected() {
    let folder = tempfile::tempdir().expect("a folder");
    let riser = |arguments: &[&str]| riser(folder.path(), arguments);
    // Found, and made small.
    let (code, text) = riser(&["prop", "--fault", FAULT, "--only", "symbolically-equal", "-o", "found.wat"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("symbolically-equal does not hold") && text.contains(";; configuration: "), "{text}");
    let found = std::fs::read_to_string(folder.path().join("found.wat")).expect("the command wrote it");
    assert!(text.contains(&found) && found.lines().count() < 20, "{text}");
    // It is the fault: without it the module is translated correctly.
    assert_eq!(riser(&["prop", "--fault", FAULT, "found.wat"]).0, Some(1));
    assert_eq!(riser(&["prop", "found.wat"]).0, Some(0));
}

#[test]
fn a_program_that_goes_wrong_is_bisected_to_a_function_and_a_switch() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("sum.wat"), PROGRAM).expect("the folder is writable");
    let riser = |arguments: &[&str]| riser(folder.path(), arguments);
    let program = ["--invoke", "sum", "sum.wat", "9"];
    let (code, text) = riser(&[&["lockstep", "--bisect", "--fault", FAULT][..], &program].concat());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("In function 1 $rest, the switch"), "{text}");
    // It makes the constant an operand.
    assert!(text.contains("`provider-elision`"), "{text}");
    let (last, _) = text.rsplit_once("\nError").unwrap_or((text.as_str(), ""));
    let command = last.lines().rfind(|line| line.contains("riser lockstep")).expect("it ends with a command").trim();
    assert!(command.contains("translator-filter=1"), "{text}");
    // The command shows the difference, and without the fault there is none.
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    assert_eq!(riser(&words).0, Some(1));
    let without: Vec<&str> = words.iter().copied().filter(|word| ![&"--fault", &FAULT].contains(&word)).collect();
    assert_eq!(riser(&without).0, Some(0));
}

#[test]
fn the_mutation_score_is_printed() {
    let (code, text) =
        riser(Path::new("."), &["prop", "--mutation-score", "--cases", "2", "--only", "verified", "--jobs", "0"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("tee-consumes") && text.contains("planted faults found in 2 cases each"), "{text}");
}
