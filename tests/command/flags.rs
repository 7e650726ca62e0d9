//! Flags that do nothing say so; those that are for one mode choose it.

use crate::{Guest, modes, riser};

const MODULE: &str = r#"
    (module
      (func $first (export "f") (result i32) (i32.const 5))
      (func $fibonacci (param i32) (result i32) (local.get 0)))
"#;

/// What `--stats` says in a row.
fn row(stderr: &str, name: &str) -> Option<String> {
    stderr.lines().find_map(|line| line.strip_prefix(&format!("{name:<24} "))).map(|value| value.trim().to_owned())
}

#[test]
fn flags_choose_the_mode() {
    let guest = Guest::new(MODULE);
    let mut cases =
        vec![(vec!["--dispatch", "switch"], "interp"), (vec!["--translator-off", "accumulators"], "interp")];
    if cfg!(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux")) {
        cases.extend([
            (vec![], "multi-tier"),
            (vec!["--translator-naive", "--mode", "multi-tier"], "multi-tier"),
            (vec!["--dispatch", "switch", "--tier-calls", "3"], "multi-tier"),
            (vec!["--fast-jit-opt", "none"], "fast-jit"),
            (vec!["--fast-jit-opt", "none", "--cache=cache"], "fast-jit"),
            (vec!["--relaxed-simd", "machine"], "multi-tier"),
            (vec!["--snapshots"], "multi-tier"),
            (vec!["--compile", "lazy"], "multi-tier"),
            (vec!["--tier-threads", "0"], "multi-tier"),
            (vec!["--cache=cache"], "aot"),
        ]);
    }
    for (flags, mode) in cases {
        let outcome = guest.riser(&[&["run", "--stats", "--invoke", "f"], &flags[..], &["guest.wat"]].concat());
        outcome.assert_success("5\n");
        let said = row(&outcome.stderr, "mode").unwrap_or_default();
        assert_eq!(said.split(',').next(), Some(mode), "{flags:?}: {outcome:#?}");
    }
}

#[test]
fn flags_that_do_nothing_are_errors() {
    let guest = Guest::new(MODULE);
    let everywhere = [
        (vec!["run", "--dispatch", "switch", "--mode", "classic"], "'--dispatch' does nothing with '--mode classic'"),
        (vec!["run", "--tier-calls", "3", "--mode", "interp"], "it applies to '--mode multi-tier'"),
        (vec!["wast", "--translator-naive", "--mode", "fast-jit"], "'--translator-naive' does nothing with"),
        (vec!["run", "--relaxed-simd", "machine", "--mode", "interp"], "'--relaxed-simd' does nothing with"),
        (vec!["run", "--snapshots", "--mode", "interp"], "'--snapshots' does nothing with '--mode interp'"),
        (vec!["run", "--compile", "speculative", "--mode", "interp"], "'--compile speculative' does nothing with"),
        (vec!["run", "--dispatch", "switch", "--cache=cache"], "there is no '--mode' for all"),
        (vec!["run", "--tier-schedule", "file", "--tier-calls", "3"], "cannot be used with"),
        (vec!["lockstep", "--a", "classic,dispatch=switch"], "'--dispatch' does nothing with '--mode classic'"),
        (vec!["dump-code", "--mode", "classic"], "unexpected argument '--mode'"),
    ];
    for (flags, message) in everywhere {
        guest.riser(&[&flags[..], &["guest.wat"]].concat()).assert_failure(2, &[message]);
    }
    if !cfg!(all(feature = "llvm", target_arch = "x86_64", target_os = "linux")) {
        guest.riser(&["run", "--tier-up-calls", "3", "guest.wat"]).assert_failure(2, &[]);
    }
}

#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn flags_choose_the_tier_that_is_shown() {
    let guest = Guest::new(MODULE);
    let dump = |flags: &[&str]| guest.riser(&[&["dump-jit", "guest.wat", "--func", "1"], flags].concat());
    assert!(dump(&["--llvm-opt", "1"]).stdout.contains("LLVM's IR"));
    assert!(dump(&["--fast-jit-opt", "none"]).stdout.contains("CLIF"));
    dump(&["--llvm-opt", "1", "--tier", "fast"]).assert_failure(2, &["'--llvm-opt' does nothing with '--tier fast'"]);
    dump(&["--llvm-opt", "1", "--fast-jit-opt", "none"]).assert_failure(2, &["there is no '--tier' for all"]);
}

#[test]
fn functions_that_flags_name_have_to_be_there() {
    let guest = Guest::new(MODULE);
    let near = "the module has no function `fibonaci`; did you mean `fibonacci`?";
    guest.riser(&["dump-ir", "--func", "fibonaci", "guest.wat"]).assert_failure(1, &[near]);
    guest.riser(&["run", "--invoke", "ff", "guest.wat"]).assert_failure(1, &["`ff`; did you mean `f`?"]);
    if !modes().contains(&"multi-tier".to_owned()) {
        return;
    }
    let filter = |name| guest.riser(&["run", "--tier-filter", name, "--invoke", "f", "guest.wat"]);
    filter("fibonaci").assert_failure(1, &["--tier-filter", near]);
    filter("2").assert_failure(1, &["the module has no function `2`"]);
    filter("first,1").assert_success("5\n");
    std::fs::write(guest.file("schedule"), "fibonaci fast-jit call 1\n").expect("the folder is writable");
    let schedule = ["run", "--tier-schedule", "schedule", "--invoke", "f", "guest.wat"];
    guest.riser(&schedule).assert_failure(1, &["schedule", near]);
    let spec = ["lockstep", "--b", "tier-filter=fibonaci", "--invoke", "f", "guest.wat"];
    guest.riser(&spec).assert_failure(1, &[near]);
}

#[test]
fn stats_say_what_is_in_effect() {
    let guest = Guest::new(MODULE);
    let flags =
        ["--stats", "--dispatch", "token-tail", "--bounds", "explicit", "--translator-off", "pairs,accumulators"];
    let limits = ["--max-stack", "1MiB", "--max-memory", "2MiB", "--fuel", "100", "--timeout", "5s"];
    let outcome = guest.riser(&[&["run"], &flags[..], &limits[..], &["--invoke", "f", "guest.wat"]].concat());
    outcome.assert_success("5\n");
    let said = |name| row(&outcome.stderr, name).unwrap_or_default();
    assert_eq!(said("mode"), "interp, because of --dispatch");
    let effective = riser::Dispatch::TokenTail.effective();
    let falls_back = effective != riser::Dispatch::TokenTail;
    assert!(said("dispatch").starts_with(effective.name()), "{outcome:#?}");
    assert_eq!(said("dispatch").contains("as this build has no token-tail"), falls_back, "{outcome:#?}");
    assert_eq!(riser(".", &["modes"]).stdout.contains("falls back to"), falls_back);
    assert_eq!(said("bounds"), "explicit");
    assert_eq!(said("relaxed vectors"), "deterministic");
    assert_eq!(said("switches off"), "accumulators, pairs");
    assert_eq!(said("value stack"), "1048576 bytes");
    assert_eq!(said("largest memory"), "2097152 bytes");
    assert_eq!((said("fuel"), said("timeout")), ("100".to_owned(), "5s".to_owned()));
}

/// A tier has a short name, and its mode a long one; either will do for both.
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn a_tier_and_its_mode_are_known_by_the_names_of_both() {
    let guest = Guest::new(r#"(module (func (export "f") (result i32) (i32.const 5)))"#);
    let mut names = vec![["fast", "fast-jit"]];
    if modes().contains(&"llvm-jit".to_owned()) {
        names.push(["llvm", "llvm-jit"]);
    }
    for [tier, mode] in names {
        for name in [tier, mode] {
            guest.riser(&["run", "--mode", name, "--invoke", "f", "guest.wat"]).assert_success("5\n");
            let outcome = guest.riser(&["run", "--stats", "--mode", name, "--invoke", "f", "guest.wat"]);
            assert_eq!(row(&outcome.stderr, "mode").as_deref(), Some(mode), "{outcome:#?}");
            let compiled = guest.riser(&["compile", "--tier", name, "-o", "guest.aot", "guest.wat"]);
            assert_eq!(compiled.code, Some(0), "{compiled:#?}");
        }
        let [short, long] = [tier, mode].map(|name| guest.riser(&["dump-jit", "--tier", name, "guest.wat"]));
        assert_eq!((short.code, &short.stdout), (Some(0), &long.stdout), "{long:#?}");
    }
    let typo = guest.riser(&["run", "--mode", "fastjit", "guest.wat"]);
    typo.assert_failure(2, &["[possible values: classic, interp, fast-jit, llvm-jit, aot, multi-tier]"]);
}
