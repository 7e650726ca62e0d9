//! The subcommands that look at modules, modes and scripts; `--stats`.

use crate::{Guest, modes, riser};

const ADD: &str = r#"
    (module
      (import "env" "log" (func $log (param i32)))
      (func $first (export "first") (param i32 i32) (result i32)
        (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const 8))))
      (func $second (param i32) (call $log (local.get 0))))
"#;

#[test]
fn a_valid_module_needs_no_words() {
    Guest::new(ADD).riser(&["validate", "guest.wat"]).assert_success("");
}

#[test]
fn the_ir_of_functions_is_printed() {
    let guest = Guest::new(ADD);
    let all = guest.riser(&["dump-ir", "guest.wat"]);
    assert_eq!(all.code, Some(0), "{all:#?}");
    assert!(all.stdout.starts_with("func 1 $first (i32, i32) -> (i32)\n"), "{all:#?}");
    assert!(all.stdout.contains("\n\nfunc 2 $second (i32) -> ()\n"), "{all:#?}");
    let by_name = guest.riser(&["dump-ir", "--func", "second", "guest.wat"]);
    let by_index = guest.riser(&["dump-ir", "guest.wat", "--func", "2"]);
    assert_eq!(by_name.stdout, by_index.stdout);
    assert!(all.stdout.ends_with(&by_name.stdout), "{by_name:#?}");
    let naive = guest.riser(&["dump-ir", "--translator-naive", "guest.wat"]);
    assert!(naive.stdout.lines().count() > all.stdout.lines().count(), "{naive:#?}");
    guest.riser(&["dump-ir", "--func", "log", "guest.wat"]).assert_failure(1, &["`log`"]);
    guest.riser(&["dump-ir", "--func", "0", "guest.wat"]).assert_failure(1, &["imported"]);
    guest.riser(&["dump-ir", "--func", "3", "guest.wat"]).assert_failure(1, &["`3`"]);
}

#[test]
fn switches_are_turned_off_one_by_one() {
    let guest = Guest::new(ADD);
    let naive = guest.riser(&["dump-ir", "--translator-naive", "guest.wat"]).stdout;
    let all_on = guest.riser(&["dump-ir", "guest.wat"]).stdout;
    let mut names = Vec::new();
    for (name, _) in riser::TranslatorConfig::SWITCHES {
        names.push(*name);
        assert_eq!(guest.riser(&["dump-ir", "--translator-off", name, "guest.wat"]).code, Some(0), "{name}");
    }
    let off = guest.riser(&["dump-ir", "--translator-off", &names.join(","), "guest.wat"]);
    assert_eq!(off.stdout, naive);
    let on = guest.riser(&["dump-ir", "--translator-naive", "--translator-on", &names.join(","), "guest.wat"]);
    assert_eq!(on.stdout, all_on);
}

#[test]
fn modes_say_what_they_support() {
    let outcome = riser(".", &["modes"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    for mode in modes() {
        assert!(outcome.stdout.contains(&format!("{mode:<10} available")), "{outcome:#?}");
    }
    // A row for each proposal, a column for each mode.
    let (_, table) = outcome.stdout.split_once("\n\n").expect("there is a table");
    let rows: Vec<Vec<&str>> =
        table.lines().take_while(|line| !line.is_empty()).map(|line| line.split_whitespace().collect()).collect();
    let all: Vec<String> = riser::Mode::all().iter().map(ToString::to_string).collect();
    assert_eq!(rows[0][1..], all, "{outcome:#?}");
    assert_eq!(rows.len(), 1 + riser::Proposal::ALL.len(), "{outcome:#?}");
    for (row, proposal) in rows[1..].iter().zip(riser::Proposal::ALL) {
        assert_eq!(row[0], proposal.name());
        for (cell, mode) in row[1..].iter().zip(&all) {
            assert_eq!(*cell == "-", !modes().contains(mode), "{row:?}");
        }
    }
}

#[test]
fn stats_are_on_standard_error() {
    let guest = Guest::new(r#"(module (memory 1) (func (export "f") (result i32) (i32.const 5)))"#);
    for mode in modes() {
        // Ahead of time everything is compiled.
        let times: &[&str] = if mode == "aot" { &["eager"] } else { &["lazy", "lazy-translation", "eager"] };
        for compile in times {
            let flags = [
                "run",
                "--mode",
                &mode,
                "--compile",
                compile,
                "--stats",
                "--fuel",
                "100",
                "--invoke",
                "f",
                "guest.wat",
            ];
            let outcome = guest.riser(&flags);
            outcome.assert_success("5\n");
            for row in ["load", "instantiate", "run", "wasm", "functions", "fuel consumed", "peak memory"] {
                assert!(outcome.stderr.lines().any(|line| line.starts_with(row)), "`{row}`: {outcome:#?}");
            }
        }
    }
}

#[test]
fn several_threads_translate_a_module() {
    let guest = Guest::new(r#"(module (func (export "f") (result i32) (i32.const 5)) (func (unreachable)))"#);
    let outcome = guest.riser(&["run", "--jobs", "2", "--compile", "eager", "--stats", "--invoke", "f", "guest.wat"]);
    outcome.assert_success("5\n");
    let value = |row| outcome.stderr.lines().find_map(|line| line.strip_prefix(row)).map(str::trim);
    assert_eq!(value("functions translated"), Some("2"), "{outcome:#?}");
    // Two bodies: locals, an instruction with or without an operand, `end`.
    assert_eq!(value("translated from"), Some("7 bytes"), "{outcome:#?}");
    assert!(value("code per wasm byte").is_some(), "{outcome:#?}");
    guest.riser(&["validate", "--jobs", "0", "guest.wat"]).assert_success("");
}

#[test]
fn scripts_are_run_and_their_failures_named() {
    let guest = Guest::new("(module)");
    let script = r#"
(module
  (func (export "f") (param i32) (result f32) (f32.convert_i32_s (local.get 0)))
  (func (export "trap") unreachable))
(assert_return (invoke "f" (i32.const 3)) (f32.const 3))
(assert_return (invoke "f" (i32.const 3)) (f32.const 4))
(assert_trap (invoke "trap") "unreachable")
(assert_trap (invoke "trap") "integer overflow")
(assert_trap (invoke "f" (i32.const 1)) "unreachable")
(assert_invalid (module (func (result i32))) "type mismatch")
(assert_invalid (module (func)) "type mismatch")
(assert_malformed (module quote "(func") "unexpected")
(assert_unlinkable (module (import "spectest" "unknown" (func))) "unknown import")
(assert_unlinkable (module (import "spectest" "print" (func))) "unknown import")
"#;
    std::fs::write(guest.file("script.wast"), script).expect("the folder is writable");
    for mode in modes() {
        let outcome = guest.riser(&["wast", "--mode", &mode, "script.wast"]);
        assert_eq!(outcome.code, Some(1), "{outcome:#?}");
        let failed: Vec<&str> = outcome
            .stdout
            .lines()
            .filter_map(|line| line.strip_prefix("script.wast:")?.split_once(": "))
            .map(|(line, _)| line)
            .collect();
        assert_eq!(failed, ["6", "8", "9", "11", "14"], "{outcome:#?}");
        assert!(outcome.stdout.ends_with("script.wast: 10 assertions, 5 failures\n"), "{outcome:#?}");
    }
    std::fs::write(guest.file("good.wast"), "(module (func (export \"f\")))\n(invoke \"f\")")
        .expect("the folder is writable");
    guest.riser(&["wast", "good.wast"]).assert_success("good.wast: 0 assertions, 0 failures\n");
    std::fs::write(guest.file("bad.wast"), "(module").expect("the folder is writable");
    guest.riser(&["wast", "bad.wast"]).assert_failure(1, &["bad.wast", "line 1"]);
}
