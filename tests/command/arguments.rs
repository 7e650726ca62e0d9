//! The command line as users of other engines write it, and files that are not what they seem.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{Guest, modes, riser};

const ADD: &str = r#"
    (module
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "add-three") (result i32) (i32.const 3))
      (memory (export "memory") 1))
"#;

#[test]
fn a_file_in_place_of_a_command_is_run() {
    let guest = Guest::new(r#"(module (func (export "_start")))"#);
    guest.riser(&["guest.wat"]).assert_success("");
    guest.riser(&["./guest.wat", "argument"]).assert_success("");
    std::fs::copy(guest.file("guest.wat"), guest.file("plain")).expect("the folder is writable");
    guest.riser(&["plain"]).assert_success("");
    guest.riser(&["--mode", "interp", "plain"]).assert_success("");
    guest.riser(&["missing.wasm"]).assert_failure(1, &["cannot read `missing.wasm`"]);
    guest.riser(&["missing"]).assert_failure(2, &["unrecognized subcommand 'missing'"]);
    guest.riser(&["wizer", "guest.wat"]).assert_failure(2, &["`riser snapshot -o OUT.wasm FILE`"]);
    guest.riser(&["--no-such-flag", "guest.wat"]).assert_failure(2, &["--no-such-flag", "riser run"]);
    // A subcommand is one, whatever files there are.
    std::fs::copy(guest.file("guest.wat"), guest.file("modes")).expect("the folder is writable");
    assert!(guest.riser(&["modes"]).stdout.contains("interp"));
}

#[test]
fn flags_of_other_engines_are_known() {
    let guest = Guest::new(ADD);
    let call = ["guest.wat", "40", "2"];
    for flags in [&["--invoke", "add"][..], &["run", "--invoke=add"], &["-f", "add"], &["run", "--function", "add"]] {
        guest.riser(&[flags, &call].concat()).assert_success("42\n");
    }
    guest.riser(&["-W", "multi-memory=n,tail-call", "--invoke", "add", "guest.wat", "1", "1"]).assert_success("2\n");
    for (flags, hint) in [
        (&["-W", "fuel=100"][..], "`-W fuel=100` of wasmtime is `--fuel 100` here"),
        (&["-Wmax-memory-size=65536"], "`-W max-memory-size=65536` of wasmtime is `--max-memory 65536` here"),
        (&["-S", "http"], "components and WASI 0.2 are out of Riser's scope"),
        (&["-O", "opt-level=2"], "is `--llvm-opt 2"),
        (&["-C", "cache=y"], "is `--cache` here"),
        (&["-W", "gc"], "garbage collection is not implemented"),
        (&["--compilation-mode=eager"], "`--compilation-mode=eager` of wasmi is `--compile eager` here"),
        (&["--interp"], "`--interp` of iwasm is `--mode interp` here"),
        (&["--llvm-jit"], "`--llvm-jit` of iwasm is `--mode llvm-jit` here"),
        (&["--stack-size=65536"], "`--stack-size=65536` of iwasm is `--max-stack 65536` here"),
        (&["--heap-size=1"], "`--max-memory SIZE` limits that"),
        (&["--repl"], "`--invoke NAME` calls a function"),
        (&["--mapdir", "a::b"], "`--mapdir` of wasmtime is `--dir HOST::GUEST` here"),
    ] {
        guest.riser(&[&["run"], flags, &["guest.wat"]].concat()).assert_failure(2, &[hint]);
    }
}

/// An argument is named, whether it is for the guest or a flag's value; names of files are what they are.
#[cfg(unix)]
#[test]
fn what_is_not_unicode_is_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let guest = Guest::new(ADD);
    let (file, bad) = (OsStr::from_bytes(b"caf\xe9.wat"), OsStr::from_bytes(b"b\xffd"));
    std::fs::copy(guest.file("guest.wat"), guest.folder.path().join(file)).expect("the folder is writable");
    let subcommands: [&[&str]; 7] = [
        &["run"],
        &["trace"],
        &["profile"],
        &["lockstep"],
        &["bench", "--copies", "1", "--rounds", "1", "--time", "1ms", "--modes", "interp"],
        &["ablate"],
        &["why", "interp", "classic"],
    ];
    for subcommand in subcommands {
        let with = |more: &[&OsStr]| {
            let words: Vec<&OsStr> = subcommand.iter().map(OsStr::new).chain(more.iter().copied()).collect();
            riser(guest.folder.path(), &words)
        };
        let outcome = with(&[file, OsStr::new("fine"), bad]);
        outcome.assert_failure(1, &["argument 2 of the guest is not UTF-8: `b\u{fffd}d`"]);
        let outcome = with(&[OsStr::new("--invoke"), bad, file]);
        let number = subcommand.len() + 2;
        outcome.assert_failure(2, &[&format!("not UTF-8: argument {number} (`b\u{fffd}d`)")]);
        if ["run", "profile", "lockstep", "bench"].contains(&subcommand[0]) {
            let outcome = with(&[OsStr::new("--invoke=add-three"), file]);
            assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        }
    }
}

/// What follows `--` is a file, for processes that the command starts as well.
#[test]
fn a_file_may_have_the_name_of_a_flag() {
    let guest = Guest::new(ADD);
    let command = r#"(module (func (export "_start") (block (br_if 0 (i32.const 1)))))"#;
    std::fs::write(guest.file("-x.wat"), command).expect("the folder is writable");
    let short = ["--copies", "1", "--rounds", "1", "--time", "1ms"];
    let this = format!("this={} run", env!("CARGO_BIN_EXE_riser"));
    let subcommands: [&[&str]; 12] = [
        &[],
        &["run"],
        &["trace"],
        &["profile"],
        &["lockstep"],
        &["validate"],
        &["dump-ir"],
        &["dump-code"],
        &["suggest"],
        &[&["bench", "--peer", &this, "--modes", "interp,classic"], &short[..]].concat(),
        &[&["ablate"], &short[..]].concat(),
        &[&["why", "--count", "none", "interp", "classic"], &short[..]].concat(),
    ];
    for subcommand in subcommands {
        let outcome = guest.riser(&[subcommand, &["--", "-x.wat"]].concat());
        assert_eq!(outcome.code, Some(0), "{subcommand:?}: {outcome:#?}");
    }
    if modes().contains(&"aot".to_owned()) {
        let bench = [&["bench", "--modes", "aot"], &short[..], &["--", "-x.wat"]].concat();
        for subcommand in [&["compile", "--tier", "fast", "--", "-x.wat"][..], &["explore", "--", "-x.wat"], &bench] {
            let outcome = guest.riser(subcommand);
            assert_eq!(outcome.code, Some(0), "{subcommand:?}: {outcome:#?}");
        }
    }
    let experiment = "[[program]]\nfile = \"-x.wat\"\n[matrix]\nmodes = [\"interp\"]\n[measurement]\ncopies = 1\nrounds = 1\ntime = \"1ms\"\n";
    std::fs::write(guest.file("-e.toml"), experiment).expect("the folder is writable");
    let outcome = guest.riser(&["bench", "--", "-e.toml"]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    assert!(outcome.stdout.contains("The report is `-e.lab/report.html`"), "{outcome:#?}");
}

/// A negative number is the value of the flag in front of it, which says what it takes.
#[test]
fn negative_numbers_are_values_that_are_wrong() {
    let guest = Guest::new(ADD);
    let any = "expected a number from 0 to 18446744073709551615";
    let cases: [(&[&str], &str, &str); 19] = [
        (&["run", "--fuel"], "-1", any),
        (&["--fuel"], "-1", any),
        (&["run", "--fuel"], "many", any),
        (&["run", "--fuel"], "18446744073709551616", any),
        (&["run", "--max-table-elements"], "-1", any),
        (&["run", "--jobs"], "-2", any),
        (&["run", "--tier-delay"], "-1", any),
        (&["run", "--tier-calls"], "-1", "-1 is not in 0..=4294967295"),
        (&["run", "--tier-calls"], "x", "expected a whole number"),
        (&["run", "--max-memory"], "-1MiB", "it is negative"),
        (&["run", "--max-memory-size"], "-1", "it is negative"),
        (&["run", "--timeout"], "-5s", "it is negative"),
        (&["profile", "--top"], "-1", "expected a number, or `all`"),
        (&["profile", "--length"], "-1", "-1 is not in 1..=5"),
        (&["lockstep", "--limit"], "-1", any),
        (&["bench", "--copies"], "-1", "-1 is not in 1..=65535"),
        (&["bench", "--precision"], "-0.5", "expected a number of percent"),
        (&["suggest", "--top"], "-1", any),
        (&["resume", "--fuel"], "-1", any),
    ];
    for (flags, value, why) in cases {
        let outcome = guest.riser(&[flags, &[value, "guest.wat"]].concat());
        outcome.assert_failure(2, &[&format!("invalid value '{value}' for '--"), why]);
        assert!(!outcome.stderr.contains("tip:"), "{outcome:#?}");
    }
    guest.riser(&["validate", "--jobs", "-1", "guest.wat"]).assert_failure(2, &["invalid value '-1'", any]);
    // The guest's own, and names.
    guest.riser(&["run", "--invoke", "add", "guest.wat", "-40", "-2"]).assert_success("-42\n");
    guest.riser(&["run", "--invoke", "-1", "guest.wat"]).assert_failure(1, &["no function `-1`"]);
    guest.riser(&["run", "-1", "guest.wat"]).assert_failure(2, &["unexpected argument '-1'"]);
}

/// A file packed by gzip.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("there is room");
    encoder.finish().expect("there is room")
}

#[test]
fn packed_files_are_read() {
    let guest = Guest::new(ADD);
    let binary = wat::parse_str(ADD).expect("a module");
    let binary = gzip(&binary);
    std::fs::write(guest.file("add.wat.gz"), gzip(ADD.as_bytes())).expect("the folder is writable");
    std::fs::write(guest.file("add.wasm.gz"), &binary).expect("the folder is writable");
    for file in ["add.wat.gz", "add.wasm.gz"] {
        guest.riser(&["--invoke", "add", file, "40", "2"]).assert_success("42\n");
        guest.riser(&["validate", file]).assert_success("");
        assert!(guest.riser(&["dump-ir", file]).stdout.contains("i32.add"));
    }
    if modes().contains(&"aot".to_owned()) {
        guest.riser(&["compile", "--tier", "fast", "add.wasm.gz"]).assert_success("");
        guest.riser(&["run", "--allow-precompiled", "--invoke", "add", "add.aot", "40", "2"]).assert_success("42\n");
    }
    std::fs::write(guest.file("cut.gz"), &binary[..binary.len() - 9]).expect("the folder is writable");
    guest.riser(&["cut.gz"]).assert_failure(1, &["cannot unpack `cut.gz`", "damaged"]);
    let bomb = gzip(&vec![0; (256 << 20) + 1]);
    assert!(bomb.len() < 1 << 20);
    std::fs::write(guest.file("bomb.gz"), bomb).expect("the folder is writable");
    guest.riser(&["bomb.gz"]).assert_failure(1, &["cannot unpack `bomb.gz`", "more than 268435456 bytes"]);
}

#[test]
fn what_a_wrong_file_is_is_said() {
    let guest = Guest::new("(module)");
    for (name, bytes, what) in [
        ("empty.wasm", &b""[..], "the file is empty"),
        ("component.wasm", b"\0asm\x0d\0\x01\0", "components and WASI 0.2 are out of its scope"),
        ("page.wasm", b"<!DOCTYPE html>\n<html></html>", "a page of HTML"),
        ("native.wasm", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", "a native program"),
        ("wasmtime.cwasm", b"\x7fELF\x02\x01\x01\xc8\0\0\0\0\0\0\0\0", "a file of `wasmtime compile`"),
        ("wamr.aot", b"\0aot\x03\0\0\0", "WAMR's `wamrc`"),
        ("library.wasm", b"!<arch>\nsomething", "a static library"),
    ] {
        std::fs::write(guest.file(name), bytes).expect("the folder is writable");
        for command in ["run", "validate", "dump-ir"] {
            guest.riser(&[command, name]).assert_failure(1, &[name, what]);
        }
    }
    // Text is text, whatever its name.
    std::fs::write(guest.file("text.wasm"), ADD).expect("the folder is writable");
    guest.riser(&["--invoke", "add", "text.wasm", "1", "2"]).assert_success("3\n");
    std::fs::write(guest.file("script.wast"), "(module)").expect("the folder is writable");
    guest.riser(&["script.wast"]).assert_failure(1, &["use `riser wast script.wast`"]);
}

#[test]
fn where_a_module_comes_from_is_said() {
    for (import, what) in [
        (r#""env" "emscripten_memcpy_js""#, "Emscripten made it for JavaScript"),
        (r#""a" "b""#, "by Emscripten, which has shortened the names"),
        (r#""gojs" "runtime.wasmExit""#, "GOOS=wasip1"),
        (r#""wbg" "__wbindgen_throw""#, "wasm-bindgen"),
        (r#""wasi:cli/exit@0.2.0" "exit""#, "components and WASI 0.2 are out of its scope"),
        (r#""wasi_snapshot_preview1" "fd_wirte""#, "has no `fd_wirte`; did you mean `fd_write`"),
        (r#""env" "log""#, "`--preload env=FILE`"),
        (r#""" "log""#, "the module with the empty name"),
    ] {
        let guest = Guest::new(&format!(r#"(module (import {import} (func)) (func (export "_start")))"#));
        guest.riser(&["guest.wat"]).assert_failure(1, &[what]);
    }
}

#[test]
fn near_functions_are_named() {
    let guest = Guest::new(ADD);
    guest.riser(&["guest.wat"]).assert_failure(1, &["it exports no `_start`", "`add`, `add-three`"]);
    guest.riser(&["--invoke", "ad", "guest.wat"]).assert_failure(1, &["no function `ad`; did you mean `add`"]);
    Guest::new("(module)").riser(&["guest.wat"]).assert_failure(1, &["it exports no function at all"]);
}

#[test]
fn numbers_and_modes_are_json() {
    let guest = Guest::new(ADD);
    let outcome = guest.riser(&["run", "--stats=json", "--mode", "interp", "--invoke", "add", "guest.wat", "1", "2"]);
    outcome.assert_success("3\n");
    let stats: serde_json::Value = serde_json::from_str(&outcome.stderr).expect("one JSON object");
    assert_eq!(stats["mode"], "interp");
    assert_eq!(stats["functions"], 2.0);
    assert!(stats["run_ms"].as_f64().is_some_and(|ms| ms >= 0.0), "{stats}");
    guest.riser(&["run", "--stats=xml", "guest.wat"]).assert_failure(2, &["xml"]);

    let json: serde_json::Value = serde_json::from_str(&riser(".", &["modes", "--json"]).stdout).expect("JSON");
    let all = json["modes"].as_array().expect("a list");
    let available: Vec<&str> =
        all.iter().filter(|mode| mode["is_available"] == true).filter_map(|mode| mode["name"].as_str()).collect();
    assert_eq!(available, modes());
    assert_eq!(all.iter().filter(|mode| mode["is_default"] == true).count(), 1, "{json}");
    assert!(json["proposals"].as_array().is_some_and(|it| it.iter().any(|it| it["name"] == "simd")), "{json}");
}
