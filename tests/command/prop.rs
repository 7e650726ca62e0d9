//! `riser prop` on the translator as it is; `tests/planted` has what it finds.

use crate::Guest;

const PROPERTIES: &str = "verified, symbolically-equal, same-behaviour, deterministic, lazy-equals-eager, any-chunking, \
    text-round-trip, linear-size, executions-agree";

const GUEST: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "f") (param i32 f64) (result f64)
        (f64.store (local.get 0) (local.get 1))
        (f64.mul (f64.load offset=8 (local.get 0)) (local.get 1))))"#;

#[test]
fn properties_hold_for_random_modules() {
    let guest = Guest::new(GUEST);
    guest
        .riser(&["prop", "--cases", "40", "--jobs", "2"])
        .assert_success(&format!("{PROPERTIES} hold in cases 0 to 39\n"));
    let outcome = guest.riser(&["prop", "--cases", "3", "--seed", "7", "--switches", "optimized,no-pairs"]);
    outcome.assert_success(&format!("{PROPERTIES} hold in cases 7 to 9\n"));
    // No more threads than cases: as many as these would take the system for good.
    let outcome = guest.riser(&["prop", "--cases", "2", "--jobs", "18446744073709551615"]);
    outcome.assert_success(&format!("{PROPERTIES} hold in cases 0 to 1\n"));
    // Behind the largest number comes 0, on every thread.
    let last = u64::MAX.to_string();
    for (cases, jobs, end) in [("1", "1", &*last), ("3", "1", "1"), ("3", "3", "1")] {
        let only = ["prop", "--only", "verified,linear-size", "--seed", &last, "--cases", cases, "--jobs", jobs];
        let expected = format!("verified, linear-size hold in cases {last} to {end}\n");
        guest.riser(&only).assert_success(&expected);
        // It is where samples of a module begin, too.
        let of_file = guest.riser(&[&only[..], &["guest.wat"]].concat());
        assert_eq!(of_file.code, Some(0), "{of_file:#?}");
    }
    let outcome = guest.riser(&["prop", "--time", "100ms", "--only", "verified,linear-size", "--jobs", "0"]);
    assert!(outcome.stdout.starts_with("verified, linear-size hold in cases 0 to "), "{outcome:#?}");
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
}

#[test]
fn properties_hold_for_a_module() {
    let guest = Guest::new(GUEST);
    let outcome = guest.riser(&["prop", "guest.wat"]);
    outcome.assert_success(&format!("{PROPERTIES} hold for `guest.wat` under every configuration\n"));
    let outcome = guest.riser(&["prop", "guest.wat", "--cases", "5", "--only", "same-behaviour"]);
    let sampled = "same-behaviour holds for `guest.wat` under 5 samples of the configurations; `--cases N` for more\n";
    outcome.assert_success(sampled);
}

#[test]
fn properties_are_listed() {
    let outcome = Guest::new(GUEST).riser(&["prop", "--list"]);
    let names: Vec<&str> = outcome.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names.join(", "), PROPERTIES);
}

#[test]
fn what_cannot_be_done_is_said() {
    let guest = Guest::new(GUEST);
    guest
        .riser(&["prop", "--only", "no-such"])
        .assert_failure(2, &["there is no property `no-such`; there are verified, "]);
    guest.riser(&["prop", "--cases", "0"]).assert_failure(2, &["`--cases 0` tries no case"]);
    guest.riser(&["prop", "none.wat"]).assert_failure(1, &["cannot load `none.wat`: "]);
    let invalid = Guest::new("(module (func (result i32) (i64.const 1)))");
    invalid.riser(&["prop", "guest.wat"]).assert_failure(1, &["cannot load `guest.wat`: ", "type mismatch"]);
    guest.riser(&["prop", "--switches", "no-such"]).assert_failure(2, &["there is no switch `such`"]);
    guest.riser(&["prop", "--list", "--cases", "5"]).assert_failure(2, &["'--list' cannot be used with"]);
    guest
        .riser(&["prop", "-o", "out.wat", "guest.wat"])
        .assert_failure(2, &["'--output <FILE>' cannot be used with '[FILE]'"]);
    let conflict = "'--mutation-score' cannot be used with '[FILE]'";
    guest.riser(&["prop", "--mutation-score", "guest.wat"]).assert_failure(2, &[conflict]);
    if cfg!(not(feature = "faults")) {
        let how = "build with the cargo feature `faults`";
        guest.riser(&["prop", "--mutation-score"]).assert_failure(2, &[how]);
        guest.riser(&["prop", "--fault", "sub-commutes"]).assert_failure(2, &[how]);
    }
}
