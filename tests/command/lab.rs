//! `riser bench` and `riser ablate`.

use std::fs;

use crate::Guest;

/// Counts down from its argument, which it returns the square of.
const SQUARE: &str = r#"
    (module
      (func (export "square") (param i32) (result i32) (local i32)
        (local.set 1 (local.get 0))
        (loop $next (br_if $next (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
        (i32.mul (local.get 0) (local.get 0))))
"#;

/// The shortest measurement that has intervals.
const SHORT: [&str; 6] = ["--copies", "2", "--rounds", "1", "--time", "1ms"];

fn bench(guest: &Guest, arguments: &[&str]) -> crate::Outcome {
    guest.riser(&[&["bench"], &SHORT[..], arguments].concat())
}

#[test]
fn modes_are_measured_beside_each_other() {
    let guest = Guest::new(SQUARE);
    let arguments = [
        "--modes",
        "interp,multi-tier",
        "--csv",
        "out.csv",
        "--json",
        "out.json",
        "--invoke",
        "square",
        "guest.wat",
        "9",
    ];
    let outcome = bench(&guest, &arguments);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert!(lines[0].contains("CPU ms") && lines[0].contains("beside interp"), "{outcome:#?}");
    assert!(lines[1].starts_with("interp ") && lines[2].starts_with("multi-tier "), "{outcome:#?}");
    assert!(outcome.stdout.contains("1 rounds of 2 copies."), "{outcome:#?}");

    let csv = fs::read_to_string(guest.file("out.csv")).expect("was written");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 1 + 2 * 2, "{csv}");
    for column in ["subject", "cpu_ns", "wall_ns", "load_ms", "run_ms", "translated_in_ms", "interpreter_code_bytes"] {
        assert!(rows[0].split(',').any(|name| name == column), "{column}: {csv}");
    }
    let json = fs::read_to_string(guest.file("out.json")).expect("was written");
    assert!(json.contains(r#""name": "multi-tier""#) && json.contains(r#""run_ms""#), "{json}");
}

#[test]
fn combinations_are_those_that_make_a_difference() {
    let guest = Guest::new(SQUARE);
    let arguments = [
        "--modes=interp,classic",
        "--dispatch=switch,call-loop",
        "--switches=optimized,no-pairs+accumulators",
        "--bounds=explicit",
        "--invoke=square",
        "guest.wat",
        "9",
    ];
    let outcome = bench(&guest, &arguments);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let names: Vec<&str> = outcome.stdout.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    let expected = [
        "interp switch explicit optimized ",
        "interp switch explicit no-pairs+accumulators ",
        "interp call-loop explicit optimized ",
        "interp call-loop explicit no-pairs+accumulators ",
        "classic explicit ",
    ];
    assert!(names.iter().zip(expected).all(|(line, name)| line.starts_with(name)), "{outcome:#?}");
    assert_eq!(names.len(), expected.len(), "{outcome:#?}");
}

#[test]
fn peers_are_held_to_the_same_output() {
    let guest = Guest::new(SQUARE);
    let same = format!("same={} run --mode classic --invoke square", env!("CARGO_BIN_EXE_riser"));
    let arguments = ["--modes", "interp", "--peer", &same, "--invoke", "square", "guest.wat", "9"];
    let outcome = bench(&guest, &arguments);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.lines().any(|line| line.starts_with("same ")), "{outcome:#?}");

    let arguments = ["--modes", "interp", "--peer", "other=echo 80 'and more'", "--invoke", "square", "guest.wat", "9"];
    bench(&guest, &arguments).assert_failure(
        1,
        &["other prints something else than interp: line 1 is \"80 and more guest.wat 9\", not \"81\""],
    );
    let arguments = ["--peer", "nothing", "guest.wat"];
    bench(&guest, &arguments).assert_failure(2, &["there is no `=`; write NAME=COMMAND"]);
}

#[test]
fn benchmarks_are_timed_where_they_say() {
    let guest = Guest::new(
        r#"
        (module
          (import "bench" "start" (func $start))
          (import "bench" "end" (func $end))
          (func (export "_start") call $start call $end))
        "#,
    );
    let outcome = bench(&guest, &["--modes", "interp", "guest.wat"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.lines().next().is_some_and(|line| line.contains("bench ms")), "{outcome:#?}");
    let outcome = bench(&guest, &["--modes", "interp", "--metric", "such_ms", "guest.wat"]);
    outcome.assert_failure(1, &["interp does not report that number; it reports", "bench_ms", "run_ms"]);
    let outcome = guest.riser(&["run", "--stats", "guest.wat"]);
    assert!(outcome.stderr.lines().any(|line| line.starts_with("bench ") && line.ends_with(" ms")), "{outcome:#?}");
}

#[test]
fn each_optimisation_is_turned_off_and_on_alone() {
    let guest = Guest::new(SQUARE);
    let arguments = ["--pair", "pairs,accumulators", "--invoke", "square", "guest.wat", "1000"];
    let outcome = guest.riser(&[&["ablate"], &SHORT[..], &arguments].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let rows = || outcome.stdout.lines().skip(1).take_while(|line| !line.is_empty());
    assert!(rows().next().is_some_and(|line| line.starts_with("interp  ")), "{outcome:#?}");
    for name in ["naive", "no-pairs", "only-pairs", "no-pairs+accumulators", "switch", "guard"] {
        assert!(rows().any(|line| line.split_whitespace().nth(1) == Some(name)), "{name}: {outcome:#?}");
    }
    let outcome = guest.riser(&["ablate", "--pair", "pairs,such", "guest.wat"]);
    outcome.assert_failure(2, &["there is no switch `such`; there are provider-elision"]);
}

#[test]
fn what_cannot_be_measured_says_why() {
    let guest = Guest::new(SQUARE);
    bench(&guest, &["none.wasm"]).assert_failure(1, &["there is no file `none.wasm`"]);
    bench(&guest, &["guest.wat"]).assert_failure(1, &["interp fails", "it exports no `_start`"]);
    bench(&guest, &["--modes", "classic", "--dispatch", "switch", "guest.wat"])
        .assert_failure(1, &["--dispatch does nothing in these modes: it is for interp and multi-tier"]);
    bench(&guest, &["--switches", "pairs", "guest.wat"]).assert_failure(2, &["expected optimized, naive, no-NAME"]);
}

#[test]
fn records_become_pages() {
    let guest = Guest::new(SQUARE);
    let arguments = ["--modes", "interp,classic", "--json", "square.json", "--invoke", "square", "guest.wat", "9"];
    assert_eq!(bench(&guest, &arguments).code, Some(0));
    guest.riser(&["report", "square.json", "square.json", "-o", "out.html"]).assert_success("");
    let page = fs::read_to_string(guest.file("out.html")).expect("was written");
    assert!(page.contains("<h2>square</h2>") && page.contains("Speed relative to interp"), "{page}");
    assert!(page.contains("classic</text>") && page.ends_with("</html>\n"), "{page}");
    let outcome = guest.riser(&["report", "--markdown", "square.json"]);
    assert!(outcome.stdout.starts_with("## square\n\n| | CPU ms | 95 % | beside interp |"), "{outcome:#?}");
    guest.riser(&["report", "guest.wat"]).assert_failure(1, &["cannot read `guest.wat`", "this is no record"]);
}
