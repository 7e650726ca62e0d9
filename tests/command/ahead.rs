//! `riser compile`, what it makes, and `--cache`.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Guest, modes};

const GUEST: &str = r#"
    (module
      (func (export "divide") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1))))
"#;

/// The arguments that divide 42 by a number, in a file that `riser compile` made.
fn run<'a>(file: &'a str, flags: &[&'a str], by: &'a str) -> Vec<&'a str> {
    [&["run", "--allow-precompiled"], flags, &["--invoke", "divide", file, "42", by]].concat()
}

/// Whatever a file is called, what is in it decides.
#[test]
fn machine_code_runs_only_where_that_is_allowed() {
    let guest = Guest::new(GUEST);
    guest.riser(&["compile", "guest.wat", "--tier", "fast", "-o", "innocent.wasm"]).assert_success("");
    for mode in modes() {
        let run = ["run", "--mode", &mode, "--invoke", "divide", "innocent.wasm", "42", "6"];
        guest.riser(&run).assert_failure(1, &["machine code", "requires the flag `--allow-precompiled`"]);
    }
    for command in ["validate", "dump-ir", "dump-code", "dump-jit"] {
        guest.riser(&[command, "innocent.wasm"]).assert_failure(1, &["`innocent.wasm` is a precompiled module"]);
    }
    let lockstep = ["lockstep", "--a", "classic", "--b", "interp", "--invoke", "divide", "innocent.wasm", "42", "6"];
    guest.riser(&lockstep).assert_failure(1, &["`innocent.wasm` is a precompiled module"]);
    guest.riser(&run("innocent.wasm", &[], "6")).assert_success("7\n");
    // The flag allows; it does not ask for anything.
    guest.riser(&run("guest.wat", &[], "6")).assert_success("7\n");
}

#[test]
fn what_is_compiled_runs_without_the_module() {
    let guest = Guest::new(GUEST);
    for flags in [&["--opt-level", "0"][..], &["--target-cpu", "x86-64", "--jobs", "2"], &["--bounds", "guard"]] {
        let compile = [&["compile", "guest.wat", "-o", "guest.aot", "--tier", "fast"], flags].concat();
        guest.riser(&compile).assert_success("");
        let text = std::fs::read(guest.file("guest.wat")).expect("is there");
        std::fs::remove_file(guest.file("guest.wat")).expect("is there");
        guest.riser(&run("guest.aot", &[], "6")).assert_success("7\n");
        for mode in ["aot", "interp", "fast-jit", "multi-tier"] {
            guest.riser(&run("guest.aot", &["--mode", mode], "6")).assert_success("7\n");
        }
        let trap = guest.riser(&run("guest.aot", &[], "0"));
        trap.assert_failure(134, &["integer divide by zero", "divide"]);
        std::fs::write(guest.file("guest.wat"), text).expect("is writable");
    }
}

#[test]
fn metered_code_is_asked_for_when_it_is_compiled() {
    let guest = Guest::new(GUEST);
    guest.riser(&["compile", "guest.wat", "--tier", "fast"]).assert_success("");
    let run = run("guest.aot", &["--fuel", "1000", "--timeout", "10s"], "6");
    guest.riser(&run).assert_failure(1, &["without fuel", "--consume-fuel"]);
    let metered = ["compile", "guest.wat", "--tier", "fast", "--consume-fuel", "--epoch-interruption"];
    guest.riser(&metered).assert_success("");
    guest.riser(&run).assert_success("7\n");
}

#[test]
fn what_cannot_be_compiled_or_run_is_said() {
    let guest = Guest::new(GUEST);
    guest.riser(&["compile", "guest.wat", "--tier", "fast"]).assert_success("");
    guest.riser(&["compile", "guest.aot"]).assert_failure(1, &["compiled already"]);
    guest.riser(&["compile", "missing.wat"]).assert_failure(1, &["cannot read `missing.wat`"]);
    guest.riser(&["compile", "guest.wat", "--tier", "slow"]).assert_failure(2, &["slow"]);
    let wrong = Guest::new("(module (func (result i32)))");
    wrong.riser(&["compile", "guest.wat"]).assert_failure(1, &["cannot compile `guest.wat`", "type mismatch"]);
    let bytes = std::fs::read(guest.file("guest.aot")).expect("is there");
    std::fs::write(guest.file("guest.aot"), &bytes[..bytes.len() - 9]).expect("is writable");
    let run = guest.riser(&run("guest.aot", &[], "6"));
    run.assert_failure(1, &["cannot load `guest.aot`", "incomplete, or was changed", "compile the module again"]);
}

#[test]
fn what_is_written_is_an_object_file() {
    let guest = Guest::new(GUEST);
    guest.riser(&["compile", "guest.wat", "--tier", "fast", "--emit", "obj", "-o", "guest.o"]).assert_success("");
    let bytes = std::fs::read(guest.file("guest.o")).expect("is there");
    assert!(bytes.starts_with(b"\x7fELF"));
    assert!(bytes.windows(13).any(|window| window == b".riser.tables"));
    guest.riser(&run("guest.o", &[], "6")).assert_success("7\n");
}

#[cfg(feature = "llvm")]
#[test]
fn llvm_shows_what_it_makes() {
    let guest = Guest::new(GUEST);
    for (what, ending, expected) in
        [("llvm-ir", "ll", "define "), ("llvm-ir-opt", "ll", "udiv i32"), ("asm", "s", "divl")]
    {
        guest.riser(&["compile", "guest.wat", "--tier", "llvm", "--emit", what]).assert_success("");
        let text = std::fs::read_to_string(guest.file(&format!("guest.{ending}"))).expect("is there");
        assert!(text.contains(expected) && text.contains("function 0 divide"), "{text}");
    }
    guest.riser(&["compile", "guest.wat", "--tier", "fast", "--emit", "asm"]).assert_failure(2, &["--tier llvm"]);
    guest
        .riser(&["compile", "guest.wat", "--emit", "asm", "--jobs", "2"])
        .assert_failure(2, &["`--jobs` does nothing"]);
    for level in ["0", "3"] {
        guest.riser(&["compile", "guest.wat", "--tier", "llvm", "--opt-level", level]).assert_success("");
        guest.riser(&run("guest.aot", &[], "6")).assert_success("7\n");
    }
}

/// LLVM does not see through the machine code that keeps speculation in bounds, which would be of no use to it.
#[cfg(feature = "llvm")]
#[test]
fn llvm_leaves_the_guards_against_speculation_alone() {
    let guest = Guest::new(
        r#"
        (module
          (memory 1)
          (table 5 funcref)
          (type $t (func (result i32)))
          (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
          (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0)))
          (func (export "choose") (param i32) (result i32)
            (block (block (block (block (block (block
              (br_table 0 1 2 3 4 5 (local.get 0)))
              (return (i32.const 71)))
              (return (call 0 (i32.const 2))))
              (return (i32.const 30)))
              (return (call 1 (i32.const 44))))
              (return (i32.const 9)))
            (i32.const 1)))
        "#,
    );
    let count = |flags: &[&str], what: &str| {
        let compile = [&["compile", "guest.wat", "--tier", "llvm", "--emit", "asm"], flags].concat();
        guest.riser(&compile).assert_success("");
        std::fs::read_to_string(guest.file("guest.s")).expect("is there").matches(what).count()
    };
    for level in ["0", "1", "2", "3"] {
        let flags = ["--opt-level", level];
        assert_eq!(count(&flags, "sbbq"), 1, "{level}: one of a table");
        assert_eq!(count(&flags, "andq\t$7,"), 1, "{level}: one of a table of targets");
        assert_eq!(count(&[&flags[..], &["--bounds", "explicit"]].concat(), "sbbq"), 2, "{level}: one of a memory");
        let off = [&flags[..], &["--bounds", "explicit", "--spectre", "off"]].concat();
        assert_eq!((count(&off, "sbbq"), count(&off, "andq\t$7,")), (0, 0), "{level}");
    }
    // Files say what they are.
    let run = |flags: &[&str]| {
        guest.riser(&[&["run", "--allow-precompiled"], flags, &["--invoke", "choose", "guest.aot", "5"]].concat())
    };
    guest.riser(&["compile", "guest.wat", "--tier", "llvm", "--spectre", "off"]).assert_success("");
    run(&[]).assert_failure(1, &["does not keep speculation in bounds"]);
    run(&["--spectre", "off"]).assert_success("1\n");
    guest.riser(&["compile", "guest.wat", "--tier", "llvm"]).assert_success("");
    for (argument, result) in [("0", "71"), ("2", "30"), ("4", "9"), ("5", "1"), ("6", "1"), ("-1", "1")] {
        let run = ["run", "--allow-precompiled", "--invoke", "choose", "guest.aot", argument];
        guest.riser(&run).assert_success(&format!("{result}\n"));
    }
}

#[test]
fn files_say_whether_relaxed_operators_are_deterministic() {
    let guest = Guest::new(
        r#"(module (func (export "f") (result i32)
             (i8x16.extract_lane_u 0 (i8x16.relaxed_swizzle (v128.const i8x16 7 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)
                                                            (v128.const i8x16 16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))))"#,
    );
    let run = |flags: &[&str]| {
        guest.riser(&[&["run", "--allow-precompiled"], flags, &["--invoke", "f", "guest.aot"]].concat())
    };
    guest.riser(&["compile", "guest.wat", "--relaxed-simd", "machine"]).assert_success("");
    run(&[]).assert_failure(1, &["configured to deterministic results", "`--relaxed-simd machine`"]);
    run(&["--relaxed-simd", "machine"]).assert_success("7\n");
    guest.riser(&["compile", "guest.wat"]).assert_success("");
    run(&[]).assert_success("0\n");
    run(&["--relaxed-simd", "machine"]).assert_success("0\n");
}

#[test]
fn the_cache_is_in_the_users_folder_or_where_it_is_said_to_be() {
    let guest = Guest::new(GUEST);
    let run = |flag: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_riser"));
        command.args(["run", "--mode", "fast-jit", flag, "--invoke", "divide", "guest.wat", "42", "6"]);
        command.env("XDG_CACHE_HOME", guest.file("home")).current_dir(guest.folder.path());
        let output = command.output().expect("the command can be run");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "7\n", "{output:?}");
    };
    for (flag, folder) in [("--cache", "home/riser"), ("--cache=here", "here")] {
        run(flag);
        run(flag);
        assert_eq!(std::fs::read_dir(guest.file(folder)).expect("was made").count(), 1, "{flag}");
    }
    let run = ["run", "--mode", "interp", "--cache", "--invoke", "divide", "guest.wat", "42", "6"];
    guest.riser(&run).assert_failure(2, &["'--cache' does nothing with '--mode interp'"]);
}

#[test]
fn a_cache_that_cannot_be_used_is_named_once() {
    let guest = Guest::new(GUEST);
    std::fs::write(guest.file("file"), "no folder").expect("is writable");
    std::fs::write(guest.file("more.wat"), "(module)").expect("is writable");
    // Even the administrator can make no folder there.
    for folder in ["file", "file/below", "/proc/riser"] {
        let cache = format!("--cache={folder}");
        let run = [
            "run",
            "--mode",
            "fast-jit",
            &cache,
            "--preload",
            "more=more.wat",
            "--invoke",
            "divide",
            "guest.wat",
            "42",
            "6",
        ];
        let outcome = guest.riser(&run);
        outcome.assert_success("7\n");
        let note = format!("Note: code cannot be kept in the cache folder `{folder}`: ");
        assert!(outcome.stderr.starts_with(&note) && outcome.stderr.lines().count() == 1, "{outcome:#?}");
    }
    assert_eq!(std::fs::read_to_string(guest.file("file")).expect("is there"), "no folder");
}

/// Code of one build is not for another of the same version, whose compilers may have been mended.
#[test]
fn builds_do_not_share_what_is_in_a_cache() {
    let guest = Guest::new(GUEST);
    let (one, other) = (Path::new(env!("CARGO_BIN_EXE_riser")), guest.file("another-riser"));
    std::fs::copy(one, &other).expect("can be copied");
    for (program, files) in [(one, 1), (&*other, 2), (&*other, 2)] {
        let mut command = Command::new(program);
        command.args(["run", "--mode", "fast-jit", "--cache=cache", "--invoke", "divide", "guest.wat", "42", "6"]);
        let output = command.current_dir(guest.folder.path()).output().expect("the command can be run");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "7\n", "{output:?}");
        assert_eq!(std::fs::read_dir(guest.file("cache")).expect("was made").count(), files, "{}", program.display());
    }
}

#[test]
fn processes_share_a_cache() {
    let guest = Guest::new(GUEST);
    let arguments = ["run", "--mode", "fast-jit", "--cache=cache", "--invoke", "divide", "guest.wat", "42", "6"];
    for _ in 0..5 {
        let processes: Vec<_> = (0..6)
            .map(|_| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_riser"));
                command.args(arguments).current_dir(guest.folder.path()).stdout(Stdio::piped());
                command.spawn().expect("the command can be run")
            })
            .collect();
        for process in processes {
            let output = process.wait_with_output().expect("ends");
            assert_eq!((output.status.code(), &*output.stdout), (Some(0), &b"7\n"[..]), "{output:?}");
        }
        let files: Vec<_> = std::fs::read_dir(guest.file("cache")).expect("was made").flatten().collect();
        assert_eq!(files.len(), 1, "{files:?}");
        // Half of a file is not the next processes' concern.
        let bytes = std::fs::read(files[0].path()).expect("is readable");
        std::fs::write(files[0].path(), &bytes[..bytes.len() / 2]).expect("is writable");
    }
}
