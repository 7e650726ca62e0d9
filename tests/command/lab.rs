//! `riser bench`, `riser ablate`, `riser why` and experiments.

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
    assert!(outcome.stdout.contains("1 round of 2 copies."), "{outcome:#?}");

    let csv = fs::read_to_string(guest.file("out.csv")).expect("was written");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 1 + 2 * 2, "{csv}");
    // The text columns, which may have commas, come first.
    let of = |row: &str, column| {
        let from_end = rows[0].rsplit(',').position(|it| it == column).expect("there is such a column");
        row.rsplit(',').nth(from_end).map(str::to_owned)
    };
    for row in &rows[1..] {
        // Not what the laboratory itself has.
        assert_eq!(of(row, "peak_kib"), of(row, "peak_memory_kib"), "{csv}");
    }
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
    outcome.assert_failure(1, &["interp does not report `such_ms`; it reports", "bench_ms", "run_ms"]);
    let outcome = guest.riser(&["run", "--stats", "guest.wat"]);
    assert!(outcome.stderr.lines().any(|line| line.starts_with("bench ") && line.ends_with(" ms")), "{outcome:#?}");
}

#[test]
fn each_optimisation_is_turned_off_and_on_alone() {
    let guest = Guest::new(SQUARE);
    let arguments = ["--pair", "pairs,accumulators", "--invoke", "square", "guest.wat", "1000"];
    let outcome = guest.riser(&[&["ablate", "--json", "ablate.json"], &SHORT[..], &arguments].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let json = fs::read_to_string(guest.file("ablate.json")).expect("was written");
    assert!(json.contains("\"dispatches\":"), "{json}");
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
    // The cause of an error is not its last line.
    let traps = Guest::new(r#"(module (func $inner unreachable) (func (export "_start") (call $inner)))"#);
    let why = ["interp fails", "\n    Error: failed to run `_start`\n", "\n    Caused by:\n", "unreachable"];
    bench(&traps, &["guest.wat"]).assert_failure(1, &why);
    bench(&guest, &["guest.wat", "--json", "x"]).assert_failure(1, &["Note: `--json` behind FILE is for the program"]);
    bench(&guest, &["--modes", "classic", "--dispatch", "switch", "guest.wat"])
        .assert_failure(2, &["--dispatch does nothing in these modes: it is for interp and multi-tier"]);
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
    guest.riser(&["report", "--svg", "speed", "square.json", "-o", "speed.svg"]).assert_success("");
    let plot = fs::read_to_string(guest.file("speed.svg")).expect("was written");
    assert!(plot.starts_with("<svg xmlns=") && plot.contains("classic</text>"), "{plot}");
    let several = ["report", "--svg", "speed", "square.json", "square.json"];
    guest.riser(&several).assert_failure(1, &["the plot `speed` is of one record; `overall` is of several"]);
    guest.riser(&["report", "--svg", "hope", "square.json"]).assert_failure(2, &["invalid value 'hope'"]);
}

#[test]
fn series_are_measured_from_their_first() {
    let guest = Guest::new(SQUARE);
    for (series, first, last) in [("ladder", "naive, switch ", "+ pairs "), ("tiers", "interp ", "fast-jit ")] {
        let outcome = bench(&guest, &["--series", series, "--invoke", "square", "guest.wat", "9"]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        let mut rows = outcome.stdout.lines().skip(1).take_while(|line| !line.is_empty());
        assert!(rows.next().is_some_and(|line| line.starts_with(first)), "{outcome:#?}");
        assert!(rows.any(|line| line.starts_with(last)), "{outcome:#?}");
        assert!(outcome.stdout.lines().next().is_some_and(|line| line.contains("run ms")), "{outcome:#?}");
    }
    bench(&guest, &["--series", "tiers", "--modes", "interp", "guest.wat"]).assert_failure(2, &["cannot be used with"]);
}

/// An experiment of two short programs.
const EXPERIMENT: &str = r#"
[[program]]
name = "nine"
file = "guest.wat"
invoke = "square"
arguments = ["9"]

[[program]]
name = "ten"
file = "guest.wat"
invoke = "square"
arguments = ["10"]

[matrix]
modes = ["interp", "classic"]

[measurement]
copies = 2
rounds = 2
time = "1ms"
"#;

fn experiment() -> Guest {
    let guest = Guest::new(SQUARE);
    fs::write(guest.file("experiment.toml"), EXPERIMENT).expect("is writable");
    guest
}

/// The lines of the experiment's journal.
fn journal(guest: &Guest) -> Vec<String> {
    let text = fs::read_to_string(guest.file("experiment.lab/journal.jsonl")).expect("was written");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn an_experiment_is_measured_once() {
    let guest = experiment();
    let outcome = guest.riser(&["bench", "experiment.toml"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.starts_with("nine\n") && outcome.stdout.contains("\nten\n"), "{outcome:#?}");
    let whole = journal(&guest);
    // What it is of; two programs, modes, rounds and copies; that both programs are done.
    assert_eq!(whole.len(), 1 + 16 + 2, "{whole:#?}");
    assert!(!guest.file("experiment.lab/copies").exists());
    for file in ["nine.json", "nine.csv", "ten.json", "report.html"] {
        assert!(guest.file(&format!("experiment.lab/{file}")).exists(), "{file}");
    }
    let again = guest.riser(&["bench", "experiment.toml"]);
    assert_eq!((again.stdout, journal(&guest)), (outcome.stdout, whole.clone()));

    // As if it had been interrupted in the second program, while it wrote.
    let interrupted = whole[..13].join("\n") + "\n" + &whole[13][..20];
    fs::write(guest.file("experiment.lab/journal.jsonl"), interrupted).expect("is writable");
    assert_eq!(guest.riser(&["bench", "experiment.toml"]).code, Some(0));
    let resumed = journal(&guest);
    assert_eq!((resumed.len(), &resumed[..13]), (whole.len(), &whole[..13]));
}

/// The copies of the command, and records with names that are known.
#[test]
fn guests_do_not_reach_what_is_executed_and_written() {
    let guest = experiment();
    for folder in ["data", "experiment.lab"] {
        fs::create_dir(guest.file(folder)).expect("is writable");
    }
    for dir in [".", ".::data", "experiment.lab", "data/../experiment.lab::data"] {
        let invoke = "invoke = \"square\"\n";
        let text = EXPERIMENT.replacen(invoke, &format!("{invoke}dirs = [\"{dir}\"]\n"), 1);
        fs::write(guest.file("experiment.toml"), text).expect("is writable");
        guest.riser(&["bench", "experiment.toml"]).assert_failure(
            1,
            &["cannot measure `nine`", "the guest could write to", "experiment.lab`", "leads there"],
        );
        assert!(!guest.file("experiment.lab/copies").exists());
    }
    let text = EXPERIMENT.replacen("invoke", "dirs = [\"data\"]\ninvoke", 1);
    fs::write(guest.file("experiment.toml"), text).expect("is writable");
    guest
        .riser(&["bench", "--archive", "data/archive", "experiment.toml"])
        .assert_failure(1, &["the guest could write to `data/archive`"]);
    assert_eq!(guest.riser(&["bench", "experiment.toml"]).code, Some(0));
    bench(&guest, &["--dir", "/", "--invoke", "square", "guest.wat", "3"])
        .assert_failure(1, &["the guest could write to", "`/` leads there"]);
}

#[test]
fn a_changed_experiment_is_noticed() {
    let guest = experiment();
    assert_eq!(guest.riser(&["bench", "experiment.toml"]).code, Some(0));
    // How long it measures is no part of what it measures.
    let longer = EXPERIMENT.replace("rounds = 2", "rounds = 3");
    fs::write(guest.file("experiment.toml"), &longer).expect("is writable");
    let outcome = guest.riser(&["bench", "experiment.toml"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("has changed, but not what it measures: the record goes on"), "{outcome:#?}");
    assert_eq!(journal(&guest).len(), 1 + 24 + 4);

    fs::write(guest.file("experiment.toml"), longer.replace("\"classic\"", "\"fast-jit\"")).expect("is writable");
    fs::write(guest.file("guest.wat"), SQUARE.replace("i32.mul", "i32.add")).expect("is writable");
    guest.riser(&["bench", "experiment.toml"]).assert_failure(
        1,
        &[
            "is not of what `experiment.toml` would measure now",
            "no longer measured: classic: --mode classic",
            "not measured before: fast-jit: --mode fast-jit",
            "the file guest.wat has changed",
            "begin anew with --restart",
        ],
    );
    assert_eq!(guest.riser(&["bench", "--restart", "experiment.toml"]).code, Some(0));
    assert_eq!(journal(&guest).len(), 1 + 24 + 2);
}

/// A guest that lists its folder sees them.
#[test]
fn files_of_a_folder_that_are_new_or_gone_are_noticed() {
    let guest = experiment();
    let text = EXPERIMENT.replacen("invoke", "dirs = [\"data\"]\ninvoke", 1);
    fs::write(guest.file("experiment.toml"), text).expect("is writable");
    fs::create_dir(guest.file("data")).expect("is writable");
    fs::write(guest.file("data/one"), "1").expect("is writable");
    assert_eq!(guest.riser(&["bench", "experiment.toml"]).code, Some(0));
    fs::rename(guest.file("data/one"), guest.file("data/two")).expect("is writable");
    guest.riser(&["bench", "experiment.toml"]).assert_failure(
        1,
        &[
            "is not of what `experiment.toml` would measure now",
            "the file data/one is no longer there, or no longer taken",
            "the file data/two is new",
            "undo that, or begin anew with --restart",
        ],
    );
    fs::rename(guest.file("data/two"), guest.file("data/one")).expect("is writable");
    assert_eq!(guest.riser(&["bench", "experiment.toml"]).code, Some(0));
}

#[test]
fn an_archive_can_be_measured_again() {
    let guest = experiment();
    let outcome = guest.riser(&["bench", "--archive", "archive", "experiment.toml"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let read = |name: &str| fs::read_to_string(guest.file(&format!("archive/{name}"))).expect("was written");
    assert!(read("experiment.toml").contains("file = \"programs/ten.wat\""), "{}", read("experiment.toml"));
    assert_eq!(read("programs/nine.wat"), SQUARE);
    assert!(read("origin.json").contains("\"executable\": \"sha256:"), "{}", read("origin.json"));
    assert!(read("README.md").contains("riser bench experiment.toml"), "{}", read("README.md"));
    assert!(read("record/report.html").ends_with("</html>\n") && read("record/ten.csv").contains("interp"));
    let folder = guest.file("archive");
    let again = crate::riser(&folder, &["bench", "experiment.toml"]);
    assert_eq!(again.code, Some(0), "{again:#?}");
    let both = crate::riser(&folder, &["report", "--markdown", "record/nine.json", "experiment.lab/nine.json"]);
    assert_eq!(both.stdout.matches("## nine\n").count(), 2, "{both:#?}");
    guest
        .riser(&["bench", "--archive", "archive", "experiment.toml"])
        .assert_failure(1, &["`archive` is not an empty folder"]);
}

#[test]
fn an_experiment_says_everything_itself() {
    let guest = experiment();
    for (flags, expected) in [
        (&["--modes", "interp"][..], "--modes cannot be given with an experiment"),
        (&["--copies", "3"][..], "--copies cannot be given with an experiment"),
        (&["--invoke", "f"][..], "--invoke cannot be given with an experiment"),
        (&["--peer", "a=b"][..], "--peer cannot be given with an experiment"),
    ] {
        guest.riser(&[&["bench"], flags, &["experiment.toml"]].concat()).assert_failure(2, &[expected]);
    }
    guest.riser(&["bench", "experiment.toml", "9"]).assert_failure(2, &["an experiment takes no arguments"]);
    guest.riser(&["bench", "--restart", "guest.wat"]).assert_failure(2, &["--restart is for an experiment"]);
    fs::write(guest.file("wrong.toml"), "[[program]]\nfile = \"guest.wat\"\nmode = 1\n").expect("is writable");
    guest.riser(&["bench", "wrong.toml"]).assert_failure(
        1,
        &["`wrong.toml` is no experiment", "line 3, column 1", "unknown field `mode`", "`arguments`"],
    );
}

#[test]
fn programs_that_print_times_can_be_measured() {
    let guest = Guest::new(
        r#"
        (module
          (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "now") (result i64)
            (drop (call $now (i32.const 1) (i64.const 1) (i32.const 0)))
            (i64.load (i32.const 0))))
        "#,
    );
    let arguments = ["--modes", "interp", "--invoke", "now", "guest.wat"];
    bench(&guest, &arguments).assert_failure(1, &["interp prints something else than interp"]);
    let outcome = bench(&guest, &[&["--any-output"], &arguments[..]].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
}

#[test]
fn phases_are_apart_and_counters_are_there_or_not() {
    let guest = Guest::new(SQUARE);
    let outcome = bench(&guest, &["--modes", "interp", "--invoke", "square", "guest.wat", "9"]);
    let heading = outcome.stdout.lines().find(|line| line.contains("instantiate")).expect("a table of phases");
    let columns: Vec<&str> = heading.split_whitespace().collect();
    assert_eq!(columns, ["load", "validate", "translate", "compile", "instantiate", "run"], "{outcome:#?}");
    let counted = outcome.stdout.contains("by the processor's counters");
    assert_ne!(counted, outcome.stdout.contains("Counters of the processor: "), "{outcome:#?}");
}

#[test]
fn a_difference_is_attributed() {
    let guest = Guest::new(SQUARE);
    let arguments =
        ["--json", "why.json", "--count", "none", "interp", "interp,naive", "--invoke", "square", "guest.wat"];
    let outcome = guest.riser(&[&["why"], &SHORT[..], &arguments, &["30000"]].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.starts_with("A: interp\nB: interp,naive\n\n"), "{outcome:#?}");
    let row = |name: &str| -> Vec<f64> {
        let line = outcome.stdout.lines().find_map(|line| line.strip_prefix(name));
        let words = line.expect("a row").split_whitespace();
        words.map(|word| word.parse().expect("a number")).collect()
    };
    // A loop of one fused instruction, beside one of an instruction for each operator.
    let dispatches = row("dispatches, M");
    assert!(dispatches[0] > 0.02 && dispatches[2] > 2.0, "{outcome:#?}");
    assert_eq!(row("code KiB").len(), 3);
    assert!(outcome.stdout.contains("Instructions are not counted: as asked for."), "{outcome:#?}");
    let json = fs::read_to_string(guest.file("why.json")).expect("was written");
    assert!(json.contains("\"dispatches\"") && json.contains("\"words\""), "{json}");
    assert_eq!(guest.riser(&["report", "--markdown", "why.json"]).code, Some(0));
}

#[test]
fn builds_and_modes_are_sides_too() {
    let guest = Guest::new(SQUARE);
    let this = env!("CARGO_BIN_EXE_riser");
    let arguments =
        ["--count", "none", "--riser-b", this, "classic", "multi-tier", "--invoke", "square", "guest.wat", "9"];
    let outcome = guest.riser(&[&["why"], &SHORT[..], &arguments].concat());
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.contains(&format!("B: multi-tier, by {this}\n")), "{outcome:#?}");
    guest.riser(&["why", "interp", "slow", "guest.wat"]).assert_failure(2, &["invalid value 'slow'"]);
    guest
        .riser(&["why", "--riser-b", "none", "interp", "interp", "guest.wat"])
        .assert_failure(1, &["cannot copy none"]);
}

#[test]
fn numbers_that_mean_nothing_are_refused() {
    let guest = Guest::new(SQUARE);
    for precision in ["nan", "inf", "ten", "=-1"] {
        let flag = format!("--precision={}", precision.trim_start_matches('='));
        let outcome = guest.riser(&["bench", &flag, "guest.wat"]);
        outcome.assert_failure(2, &["expected a number of percent, such as 0.5"]);
    }
    let outcome = guest.riser(&["ablate", "--pair", "pairs,pairs", "guest.wat"]);
    outcome.assert_failure(2, &["a pair is of two switches, and `pairs` is one"]);
}

/// The folder for temporary files belongs to everybody: what others may have put there, under names that they can guess, is left alone.
#[test]
fn links_of_others_are_not_followed() {
    let guest = Guest::new(r#"(module (func (export "_start") (block (br_if 0 (i32.const 1)))))"#);
    for folder in ["temporary", "kept"] {
        fs::create_dir(guest.file(folder)).expect("is writable");
    }
    fs::write(guest.file("kept.json"), "kept").expect("is writable");
    // The number of the process stays the same.
    let script = r#"ln -s "$PWD/kept.json" "$TMPDIR/riser-suggest-$$.json" && ln -s "$PWD/kept" "$TMPDIR/riser-lab-$$" && exec "$@""#;
    for arguments in [&["suggest"][..], &[&["bench", "--modes", "interp"], &SHORT[..]].concat()] {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_riser")]).args(arguments).arg("guest.wat");
        command.current_dir(guest.folder.path()).env("TMPDIR", guest.file("temporary"));
        let output = command.output().expect("there is a shell");
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(fs::read_to_string(guest.file("kept.json")).expect("it is there"), "kept");
    assert_eq!(fs::read_dir(guest.file("kept")).expect("it is there").count(), 0);
    // What was made there is gone, and nothing else.
    let left: Vec<_> =
        fs::read_dir(guest.file("temporary")).expect("it is there").map(|it| it.expect("is read")).collect();
    assert_eq!(left.len(), 4, "{left:?}");
    assert!(left.iter().all(|entry| entry.file_type().is_ok_and(|it| it.is_symlink())), "{left:?}");
}

/// What the laboratory makes on the way goes with it, and the signal is what has ended it.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_measurement_leaves_nothing() {
    use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
    use std::process::{Command, Stdio};
    let guest = Guest::new(r#"(module (func (export "_start")))"#);
    let folder = guest.file("temporary");
    fs::create_dir(&folder).expect("is writable");
    let is_empty = || fs::read_dir(&folder).expect("is there").next().is_none();
    for (signal, number) in [("INT", libc::SIGINT), ("TERM", libc::SIGTERM)] {
        // Who runs the tests may ignore the signal, and then the command would.
        let child = Command::new("env")
            .args([
                &format!("--default-signal={signal}"),
                env!("CARGO_BIN_EXE_riser"),
                "bench",
                "--modes",
                "interp",
                "--time",
                "10m",
            ])
            .args(["--precision", "0", "guest.wat"])
            .current_dir(guest.file("."))
            .env("TMPDIR", &folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("the command can be run");
        let copies =
            || fs::read_dir(&folder).expect("is there").flatten().any(|it| it.path().join("copies/riser-5").exists());
        while !copies() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        // As a terminal does, to all processes of the command.
        let kill = Command::new("sh").arg("-c").arg(format!("kill -{signal} -{}", child.id())).status();
        assert!(kill.expect("there is a shell").success());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.signal(), Some(number), "{output:?}");
        assert!(output.stderr.is_empty() && is_empty(), "{output:?}");
    }
}

/// A signal to the command alone ends what it measures, too.
#[cfg(target_os = "linux")]
#[test]
fn what_is_measured_ends_with_the_measurement() {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, Stdio};
    let guest = Guest::new(r#"(module (func (export "_start") (loop (br 0))))"#);
    let measured = Command::new("env")
        .args(["--default-signal=TERM", env!("CARGO_BIN_EXE_riser"), "bench", "--modes", "interp", "guest.wat"])
        .current_dir(guest.file("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be run");
    // The system lists the children of each thread.
    let children = || {
        let tasks = fs::read_dir(format!("/proc/{}/task", measured.id())).into_iter().flatten().flatten();
        let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
        lists.collect::<String>().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let child = loop {
        if let Some(child) = children().pop() {
            break child;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    let kill = Command::new("kill").args(["-TERM", &measured.id().to_string()]).status();
    assert!(kill.expect("there is a kill").success());
    let output = measured.wait_with_output().expect("it ends");
    assert_eq!(output.status.signal(), Some(libc::SIGTERM), "{output:?}");
    // Whoever adopts it may let it stay as a zombie.
    let runs = || fs::read_to_string(format!("/proc/{child}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    for _ in 0..500 {
        if !runs() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("process {child} goes on");
}
