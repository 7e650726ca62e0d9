//! `riser profile`: counts of modules that can be counted by hand.

use serde_json::Value;

use crate::{Guest, Outcome, modes};

/// Counts to a number by threes. Each time round it loads and stores a word, and every other time it calls a function.
const LOOP: &str = r#"
    (module $guest
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (memory (export "memory") 1)
      (table funcref (elem $twice))
      (type $unary (func (param i32) (result i32)))
      (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
      (func $odd (param i32) (result i32) (i32.and (local.get 0) (i32.const 1)))
      (func (export "count") (param $n i32) (result i32) (local $sum i32)
        (loop $again
          (i32.store8 (i32.const 16) (i32.load (i32.const 8)))
          (if (call $odd (local.get $n))
            (then (local.set $sum (call_indirect (type $unary) (local.get $n) (i32.const 0)))))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (drop (call $yield))
        (local.get $sum)))
"#;

/// Counts down, without anything else.
const COUNT: &str = r#"
    (module (func $count (export "count") (param i32) (result i32) (local i32)
      (loop
        (local.set 1 (i32.add (local.get 1) (i32.const 3)))
        (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get 1)))
"#;

fn json(guest: &Guest, file: &str) -> Value {
    let text = std::fs::read_to_string(guest.file(file)).expect("the file was written");
    serde_json::from_str(&text).expect("the file is JSON")
}

/// Profiles `count` of the guest, and returns the report.
fn profile(guest: &Guest, flags: &[&str], n: &str) -> Value {
    let mut arguments = vec!["profile", "--json", "counts.json"];
    arguments.extend(flags);
    arguments.extend(["--invoke", "count", "guest.wat", n]);
    let outcome = guest.riser(&arguments);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    json(guest, "counts.json")
}

/// The counts of a part's sequences of a length, by their names.
fn sequences(part: &Value, length: usize) -> Vec<(String, u64)> {
    let rows = part["sequences"][length - 1]["rows"].as_array().expect("there are rows");
    let name = |row: &Value| {
        let names = row["names"].as_array().expect("there are names").iter();
        names.map(|name| name.as_str().expect("a name is text")).collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(|row| (name(row), row["count"].as_u64().expect("there is a count"))).collect()
}

fn expect(sequences: &[(String, u64)], expected: &[(&str, u64)]) {
    for &(name, count) in expected {
        let found = sequences.iter().find(|(it, _)| it == name).map(|&(_, count)| count);
        assert_eq!(found, Some(count), "{name}: {sequences:#?}");
    }
}

#[test]
fn instructions_and_sequences_are_counted_exactly() {
    let guest = Guest::new(COUNT);
    let report = profile(&guest, &["--length", "3"], "1000");
    let total = &report["total"];
    // The entry, three instructions each time round, the return.
    assert_eq!(total["executed"], 3002);
    // An addition and the subtraction behind it are a pair.
    assert_eq!(total["dispatches"], 2002);
    // The translation, and the end of the activation.
    assert_eq!(report["stubs"], 2);
    expect(&sequences(total, 1), &[("I32AddSsi", 1000), ("I32SubSsi", 1000), ("BranchIfA", 1000), ("Enter", 1)]);
    expect(
        &sequences(total, 2),
        &[("I32AddSsi I32SubSsi", 1000), ("BranchIfA I32AddSsi", 999), ("Enter I32AddSsi", 1)],
    );
    expect(&sequences(total, 3), &[("I32AddSsi I32SubSsi BranchIfA", 1000), ("I32SubSsi BranchIfA I32AddSsi", 999)]);
    assert_eq!(total["sequences"].as_array().map(Vec::len), Some(3));
    assert_eq!((&total["branches"]["taken"], &total["branches"]["not_taken"]), (&999.into(), &1.into()));
    let pairs = total["sequences"][1]["rows"].as_array().expect("there are rows");
    let as_pair = |first: &str, second: &str| {
        let row = pairs.iter().find(|row| row["names"] == serde_json::json!([first, second])).expect("it was executed");
        (row["is_pair"].as_bool(), row["as_pair"].as_u64())
    };
    assert_eq!(as_pair("I32AddSsi", "I32SubSsi"), (Some(true), Some(1000)));
    // These two are a pair as well, but the subtraction is the second of the one before.
    assert_eq!(as_pair("I32SubSsi", "BranchIfA"), (Some(true), Some(0)));
    assert_eq!(as_pair("BranchIfA", "I32AddSsi"), (Some(false), Some(0)));
    let no_pairs = profile(&guest, &["--translator-off", "pairs"], "1000");
    assert_eq!((&no_pairs["total"]["executed"], &no_pairs["total"]["dispatches"]), (&3002.into(), &3002.into()));
}

#[test]
fn operators_are_counted_exactly() {
    let guest = Guest::new(COUNT);
    let total = &profile(&guest, &["--level", "wasm"], "1000")["total"];
    // Nine operators each time round, and `local.get` at the end.
    assert_eq!(total["executed"], 9001);
    let expected = [
        ("local.get", 2001),
        ("i32.const", 2000),
        ("i32.add", 1000),
        ("local.set", 1000),
        ("i32.sub", 1000),
        ("local.tee", 1000),
        ("br_if", 1000),
    ];
    expect(&sequences(total, 1), &expected);
    expect(&sequences(total, 2), &[("local.tee br_if", 1000), ("br_if local.get", 1000), ("i32.const i32.sub", 1000)]);
    assert_eq!((&total["branches"]["taken"], &total["branches"]["not_taken"]), (&999.into(), &1.into()));
}

#[test]
fn accesses_and_calls_are_counted_for_each_part() {
    let guest = Guest::new(LOOP);
    for level in ["code", "wasm"] {
        let report = profile(&guest, &["--level", level, "--by", "loop"], "10");
        let total = &report["total"];
        let accesses: Vec<String> = total["accesses"]
            .as_array()
            .expect("there are accesses")
            .iter()
            .map(|it| format!("{} {} {} {}", it["kind"], it["width"], it["count"], it["bytes"]))
            .collect();
        assert_eq!(accesses, ["\"load\" 4 10 40", "\"store\" 1 10 10"], "{level}");
        let calls: Vec<String> = total["calls"]
            .as_array()
            .expect("there are calls")
            .iter()
            .map(|it| format!("{} {} {} {}", it["callee"], it["kind"], it["is_host"], it["count"]))
            .collect();
        let expected = [
            "\"odd\" \"direct\" false 10",
            "\"twice\" \"indirect\" false 5",
            "\"wasi_snapshot_preview1::sched_yield\" \"direct\" true 1",
        ];
        assert_eq!(calls, expected, "{level}");
        let parts = report["parts"].as_array().expect("there are parts");
        // The loop, what is around it, and the two functions that it calls.
        let names: Vec<&str> = parts.iter().map(|it| it["name"].as_str().expect("a name is text")).collect();
        assert_eq!(parts.len(), 4, "{level}: {names:?}");
        assert!(names[0].starts_with("guest!count loop at 0x"), "{level}: {names:?}");
        let executed = |part: &Value| part["executed"].as_u64().expect("a count");
        assert_eq!(parts.iter().map(executed).sum::<u64>(), executed(total), "{level}");
        // `if` holds every other time; `br_if` is taken all times but the last.
        let branches = |part: &Value| (part["branches"]["taken"].as_u64(), part["branches"]["not_taken"].as_u64());
        if level == "wasm" {
            assert_eq!(branches(&parts[0]), (Some(14), Some(6)));
        }
    }
}

#[test]
fn reports_are_text_and_csv_as_well() {
    let guest = Guest::new(COUNT);
    let run = |flags: &[&str]| -> Outcome {
        let mut arguments = vec!["profile"];
        arguments.extend(flags);
        arguments.extend(["--invoke", "count", "guest.wat", "1000"]);
        guest.riser(&arguments)
    };
    let text = run(&["--by", "function", "--top", "2"]);
    assert_eq!(text.stdout, "3000\n", "{text:#?}");
    for part in ["program: 3002 instructions, 2002 dispatches\n", "1000  33.31 %", "999 taken, 1 not taken", "!count"] {
        assert!(text.stderr.contains(part), "`{part}`: {text:#?}");
    }
    let outcome = run(&["--csv", "out.csv"]);
    outcome.assert_success("3000\n");
    assert!(outcome.stderr.is_empty(), "{outcome:#?}");
    let csv = std::fs::read_to_string(guest.file("out.csv")).expect("the file was written");
    for row in ["program,executed,,3002,1.000000\n", "program,sequence of 1,I32AddSsi,1000,0.333111\n"] {
        assert!(csv.contains(row), "`{row}`: {csv}");
    }
}

/// A spreadsheet takes what begins with `=` for a formula, and a module's author chooses the names.
#[test]
fn names_are_no_formulas() {
    let guest = Guest::new(
        r#"(module $@m
          (func $"=HYPERLINK(\22x\22)" (block (br_if 0 (i32.const 1))))
          (func $-1 (block (br_if 0 (i32.const 1))))
          (func (export "_start") (call 0) (call 1)))"#,
    );
    guest.riser(&["profile", "--by", "function", "--csv", "out.csv", "guest.wat"]).assert_success("");
    let csv = std::fs::read_to_string(guest.file("out.csv")).expect("the file was written");
    for row in
        ["\n'@m!-1,executed,,", "\"'@m!=HYPERLINK(\"\"x\"\")\",executed,,", ",-1,1,", ",\"'=HYPERLINK(\"\"x\"\")\",1,"]
    {
        assert!(csv.contains(row), "`{row}`: {csv}");
    }
    assert!(csv.lines().all(|line| !line.starts_with(['=', '+', '@']) && !line.contains(",=")), "{csv}");
}

#[test]
fn a_trap_does_not_lose_the_counts() {
    let guest = Guest::new(r#"(module (func (export "count") (param i32) (unreachable)))"#);
    let outcome = guest.riser(&["profile", "--invoke", "count", "guest.wat", "1"]);
    outcome.assert_failure(134, &["program: 2 instructions", "unreachable"]);
}

/// Spends most of its time in `inner`, which `outer` calls, which `main` calls.
const NESTED: &str = r#"
    (module $guest
      (func $inner (param $n i32)
        (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
      (func $outer (call $inner (i32.const 4000000)))
      (func $main (export "main") (param $n i32)
        (loop $again
          (call $outer)
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
"#;

#[test]
fn samples_show_the_stack_in_every_mode() {
    let guest = Guest::new(NESTED);
    for mode in modes() {
        let files =
            ["--json", "s.json", "--folded", "s.folded", "--svg", "s.svg", "--firefox", "s.firefox", "--csv", "s.csv"];
        let mut arguments = vec!["profile", "--sample=2000", "--mode", &mode];
        arguments.extend(files);
        arguments.extend(["--invoke", "main", "guest.wat", "20"]);
        guest.riser(&arguments).assert_success("");
        let report = json(&guest, "s.json");
        let samples = report["samples"].as_u64().expect("a number");
        assert!(samples > 0, "{mode}: {report:#}");
        let functions = report["functions"].as_array().expect("there are functions");
        // A compiler may have inlined one function into the other.
        let names: Vec<&str> = functions.iter().map(|it| it["name"].as_str().expect("a name")).collect();
        assert!(names.iter().all(|name| ["inner", "outer", "main"].contains(name)), "{mode}: {report:#}");
        let stacks = report["stacks"].as_array().expect("there are stacks");
        let count = |it: &serde_json::Value| it["count"].as_u64().expect("a number");
        assert_eq!(stacks.iter().map(count).sum::<u64>(), samples, "{mode}: {report:#}");
        if ["interp", "classic", "fast-jit"].contains(&&*mode) {
            assert_eq!(functions[0]["name"], "inner", "{mode}: {report:#}");
            assert_eq!(stacks[0]["frames"], serde_json::json!(["main", "outer", "inner"]), "{mode}: {report:#}");
        }
        let read = |file| std::fs::read_to_string(guest.file(file)).expect("the file was written");
        let folded = read("s.folded");
        assert_eq!(folded.lines().count(), stacks.len(), "{mode}: {folded}");
        assert!(read("s.svg").contains("inner") && read("s.svg").trim_end().ends_with("</svg>"), "{mode}");
        assert!(read("s.csv").contains("function,inner,"), "{mode}: {}", read("s.csv"));
        let firefox = json(&guest, "s.firefox");
        let in_thread = firefox["threads"][0]["samples"]["length"].as_u64();
        assert_eq!(in_thread, Some(samples), "{mode}");
    }
}

#[test]
fn samples_name_lines_of_the_source() {
    let guest = Guest::new(NESTED);
    let text = guest.riser(&["profile", "--sample=2000", "--mode", "interp", "--invoke", "main", "guest.wat", "20"]);
    text.assert_success("");
    // The loop's header, in the text of the module.
    for part in ["samples, at most 2000 a second", "function", "guest.wat:4"] {
        assert!(text.stderr.contains(part), "`{part}`: {text:#?}");
    }
}

#[test]
fn flags_that_contradict_the_counting_are_refused() {
    let guest = Guest::new(COUNT);
    let refused: [&[&str]; 8] = [
        &["--mode", "classic"],
        &["--dispatch", "switch"],
        &["--level", "wasm", "--translator-naive"],
        &["--length", "6"],
        &["--sample", "--by", "function"],
        &["--sample", "--timeout", "5s"],
        &["--sample=0"],
        &["--svg", "flames.svg"],
    ];
    for flags in refused {
        let mut arguments = vec!["profile"];
        arguments.extend(flags);
        arguments.push("guest.wat");
        guest.riser(&arguments).assert_failure(2, &["error:"]);
    }
    guest.riser(&["run", "--profile", "guest.wat"]).assert_failure(2, &["riser profile"]);
    guest.riser(&["run", "--profile=perfmap", "guest.wat"]).assert_failure(2, &["'--perf-map'"]);
}

#[test]
fn handlers_have_names_for_profilers() {
    if riser::Dispatch::DirectTail.effective() != riser::Dispatch::DirectTail {
        return;
    }
    let program = std::fs::read(env!("CARGO_BIN_EXE_riser")).expect("the command is a file");
    for symbol in ["4tail6direct9I32AddSsi17h", "5token9I32AddSsi17h", "7by_call9I32AddSsi17h"] {
        assert!(program.windows(symbol.len()).any(|it| it == symbol.as_bytes()), "there is no symbol with `{symbol}`");
    }
}

#[test]
fn pairs_are_suggested_by_what_they_save() {
    let guest = Guest::new(&COUNT.replace(r#"(export "count") (param i32) (result i32)"#, "(param i32) (result i32)"));
    let with_start = |n: u32| {
        let start = format!(r#"(func (export "_start") (drop (call $count (i32.const {n})))))"#);
        let text = std::fs::read_to_string(guest.file("guest.wat")).expect("the guest is there");
        text.trim_end().strip_suffix(')').expect("a module ends so").to_owned() + &start
    };
    std::fs::write(guest.file("chosen.wat"), with_start(1000)).expect("the folder is writable");
    std::fs::write(guest.file("other.wat"), r#"(module (func (export "_start")))"#).expect("the folder is writable");
    guest.riser(&["suggest", "chosen.wat", "--held-back", "other.wat", "--json", "pairs.json"]).assert_success("");
    let pairs = json(&guest, "pairs.json");
    let pairs = pairs.as_array().expect("there are pairs");
    // Of the loop's three instructions, the first two and the last two are beside each other; the branch ends the block.
    let names = |it: &Value| format!("{} {}", it["first"], it["second"]);
    let first: Vec<String> = pairs.iter().take(2).map(names).collect();
    assert_eq!(first, ["\"I32AddSsi\" \"I32SubSsi\"", "\"I32SubSsi\" \"BranchIfA\""], "{pairs:#?}");
    for pair in &pairs[..2] {
        let saves = pair["saves"].as_f64().expect("a share");
        assert!((0.33..0.334).contains(&saves), "{pair:#}");
        assert_eq!((&pair["saves_held_back"], &pair["is_shipped"]), (&0.0.into(), &true.into()), "{pair:#}");
        assert!(pair["handler_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{pair:#}");
    }
    assert!(pairs.iter().all(|pair| pair["first"] != "BranchIfA"), "{pairs:#?}");
    let table = guest.riser(&["suggest", "chosen.wat"]);
    assert!(table.stdout.contains("I32AddSsi I32SubSsi"), "{table:#?}");
    guest.riser(&["suggest", "missing.wat"]).assert_failure(1, &["missing.wat"]);
}
