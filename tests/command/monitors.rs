//! `riser run --monitor` and `riser trace`.

use crate::{Guest, modes};

const MODULE: &str = r#"(module $program
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 1)
  (func $leaf (param $n i32) (result i32)
    (i32.store (local.get $n) (i32.const 1))
    (local.get $n))
  (func $unused (drop (i32.const 1)))
  (func (export "run") (param $n i32) (result i32)
    (loop $again
      (drop (call $leaf (i32.mul (local.get $n) (i32.const 8))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (call $yield)))
"#;

/// The report of a monitor.
fn report(mode: &str, monitor: &str) -> String {
    let guest = Guest::new(MODULE);
    let outcome = guest.riser(&["run", "--mode", mode, "--monitor", monitor, "--invoke", "run", "guest.wat", "3"]);
    outcome.assert_success("0\n");
    outcome.stderr.clone()
}

#[test]
fn reports_are_the_same_in_both_interpreters() {
    let interpreters: Vec<_> =
        ["interp", "classic"].into_iter().filter(|it| modes().contains(&(*it).to_owned())).collect();
    for mode in interpreters {
        let calls =
            "calls\n           1  run\n           3    leaf\n           1    wasi_snapshot_preview1.sched_yield\n";
        assert_eq!(report(mode, "calls"), calls, "{mode}");
        assert!(report(mode, "loops").starts_with("iterations of loops\n           3  run 0x"), "{mode}");
        assert!(report(mode, "branches").contains(": taken 2, not taken 1\n"), "{mode}");
        let hotness =
            "     entries   iterations  function\n           1            3  run\n           3            0  leaf\n";
        assert_eq!(report(mode, "hotness"), hotness, "{mode}");
        let memory = "       reads       writes  bytes\n           0            3  4\n       reads       writes  page\n           \
                      0            3  0x0\n    accesses  stride\n           2  -8\n";
        assert_eq!(report(mode, "memory"), memory, "{mode}");
    }
}

#[test]
fn coverage_is_by_source_lines() {
    let guest = Guest::new(MODULE);
    let flags = ["run", "--monitor", "coverage=out.lcov", "--invoke", "run", "guest.wat", "3"];
    guest.riser(&flags).assert_success("0\n");
    let lcov = std::fs::read_to_string(guest.file("out.lcov")).expect("a report");
    // Text modules know their lines.
    assert!(lcov.contains("SF:") && lcov.contains("guest.wat\n"), "{lcov}");
    for line in ["FNDA:3,leaf", "FNDA:1,run", "FNDA:0,unused", "FNF:3", "FNH:2", "DA:5,3", "end_of_record"] {
        assert!(lcov.lines().any(|it| it == line), "{line}: {lcov}");
    }
}

#[test]
fn host_calls_and_compilations_are_seen_in_every_mode() {
    for mode in modes() {
        assert_eq!(report(&mode, "host"), "wasi_snapshot_preview1.sched_yield() = 0\n", "{mode}");
        let timeline = report(&mode, "timeline");
        assert!(timeline.lines().skip(1).any(|line| line.ends_with(" leaf")), "{mode}: {timeline}");
    }
}

#[test]
fn monitors_choose_an_interpreter() {
    let guest = Guest::new(MODULE);
    let run = |flags: &[&str]| guest.riser(&[&["run"], flags, &["--invoke", "run", "guest.wat", "1"]].concat());
    let stats = run(&["--monitor", "loops=loops.txt", "--stats"]);
    assert!(stats.stderr.lines().any(|it| it.ends_with("interp, because of --monitor loops")), "{stats:#?}");
    run(&["--monitor", "host", "--monitor", "host"]).assert_success("0\n");
    run(&["--monitor", "loop"]).assert_failure(2, &["there is no monitor `loop`; did you mean `loops`"]);
    run(&["--monitor", "loops=no/such/folder"]).assert_failure(1, &["cannot write `no/such/folder`"]);
    if modes().contains(&"fast-jit".to_owned()) {
        let why = "'--monitor loops' does nothing with '--mode fast-jit'";
        run(&["--monitor", "loops", "--mode", "fast-jit"]).assert_failure(2, &[why]);
        let trace = guest.riser(&["trace", "--mode", "fast-jit", "--invoke", "run", "guest.wat", "1"]);
        trace.assert_failure(2, &["only the interpreters report", "`--events host`"]);
        let host = ["trace", "--events", "host", "--mode", "fast-jit", "--invoke", "run", "guest.wat", "1"];
        guest.riser(&host).assert_success("0\n");
    }
}

#[test]
fn traces_are_lines() {
    let guest = Guest::new(MODULE);
    let trace = |flags: &[&str]| guest.riser(&[&["trace"], flags, &["--invoke", "run", "guest.wat", "1"]].concat());
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")).collect()
    };
    let calls = trace(&[]);
    calls.assert_success("0\n");
    let expected = [
        "run enter (1)",
        "run call leaf",
        "leaf enter (8)",
        "leaf exit = 8",
        "run call yield",
        "wasi_snapshot_preview1.sched_yield()",
        "wasi_snapshot_preview1.sched_yield = 0",
        "run exit = 0",
    ];
    assert_eq!(lines(&calls.stderr), expected);
    let others = trace(&["--events", "loops,branches,memory", "--mode", "interp"]);
    assert_eq!(lines(&others.stderr), ["run loop", "leaf write 4 bytes at 0x8", "run branch not taken"]);
    let one = trace(&["--func", "leaf", "--events", "calls", "--output", "trace.txt"]);
    one.assert_success("0\n");
    assert_eq!(one.stderr, "");
    let written = std::fs::read_to_string(guest.file("trace.txt")).expect("a trace");
    assert_eq!(lines(&written), ["leaf enter (8)", "leaf exit = 8"]);
    let limited = trace(&["--limit", "2"]);
    limited.assert_success("");
    assert_eq!(lines(&limited.stderr), ["run enter (1)", "run call leaf"]);
    trace(&["--func", "lead"]).assert_failure(1, &["`--func`", "did you mean `leaf`?"]);
}
