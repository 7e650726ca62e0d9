//! `riser run --preload`.

use crate::{Guest, modes};

/// Imports from two modules, as a command and as a library.
const PROGRAM: &str = r#"
    (module
      (import "library" "say" (func $say (param i32)))
      (import "library" "memory" (memory 1))
      (import "glue" "base" (global $base i32))
      (func (export "_start")
        (i32.store (i32.const 100) (i32.const 0x0a6b6f))
        (call $say (i32.const 3)))
      (func (export "sum") (param i32) (result i32) (i32.add (global.get $base) (i32.load8_u (local.get 0)))))
"#;

/// What the library imports; it is ready when it has been initialised.
const GLUE: &str = r#"
    (module
      (global (export "base") i32 (i32.const 40))
      (global $ready (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $ready (i32.const 1)))
      (func (export "ready") (result i32) (global.get $ready)))
"#;

/// Writes through WASI, from its own memory.
const LIBRARY: &str = r#"
    (module
      (import "glue" "ready" (func $ready (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 2)
      (data (i32.const 50) "\02")
      (func (export "say") (param $length i32)
        (if (i32.eqz (call $ready)) (then unreachable))
        (i32.store (i32.const 0) (i32.const 100))
        (i32.store (i32.const 4) (local.get $length))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
"#;

fn guest() -> Guest {
    let guest = Guest::new(PROGRAM);
    for (name, text) in [("glue.wat", GLUE), ("library.wat", LIBRARY)] {
        std::fs::write(guest.file(name), text).expect("the folder is writable");
    }
    guest
}

const BOTH: [&str; 4] = ["--preload", "glue=glue.wat", "--preload", "library=library.wat"];

#[test]
fn a_program_imports_what_preloaded_modules_export() {
    let guest = guest();
    for mode in modes() {
        let run =
            |words: &[&str]| guest.riser(&[&["run", "--mode", &mode, "--fuel", "1000"], &BOTH[..], words].concat());
        run(&["guest.wat"]).assert_success("ok\n");
        run(&["--invoke", "sum", "guest.wat", "50"]).assert_success("42\n");
    }
    // The flags hold for all modules.
    let limited = |flags: &[&str]| guest.riser(&[&["run"], flags, &BOTH[..], &["guest.wat"]].concat());
    limited(&["--max-memory", "64KiB"]).assert_failure(1, &["cannot preload `library.wat` as `library`", "memory"]);
    limited(&["--fuel", "1"]).assert_failure(134, &["fuel"]);
    if cfg!(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux")) {
        limited(&["--tier-filter", "1", "--tier-filter", "2"]).assert_success("ok\n");
    }
}

#[test]
fn functions_of_wasi_can_be_replaced() {
    let guest = Guest::new(
        r#"
        (module
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (import "wasi_snapshot_preview1" "random_get" (func $random (param i64) (result i32)))
          (func (export "_start") (call $exit (call $random (i64.const 2)))))
        "#,
    );
    // It still has the function that it replaces.
    let wasi = r#"
        (module
          (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "random_get") (param i64) (result i32)
            (i32.add (call $random (i32.const 0) (i32.const 8)) (i32.add (i32.wrap_i64 (local.get 0)) (i32.const 40)))))
        "#;
    std::fs::write(guest.file("wasi.wat"), wasi).expect("the folder is writable");
    let outcome = guest.riser(&["run", "--preload", "wasi_snapshot_preview1=wasi.wat", "guest.wat"]);
    assert_eq!(outcome.code, Some(42), "{outcome:#?}");
}

/// WASI's older form is there if anything imports it: the program, or a module that is preloaded.
#[test]
fn the_older_wasi_is_there_for_all_modules() {
    const EXIT: &str = r#"(import "wasi_unstable" "proc_exit" (func $exit (param i32)))"#;
    let guest = Guest::new(&format!(r#"(module {EXIT} (func (export "_start") (call $exit (i32.const 3))))"#));
    assert_eq!(guest.riser(&["guest.wat"]).code, Some(3));
    let own = r#"(module (func (export "proc_exit") (param i32)))"#;
    std::fs::write(guest.file("own.wat"), own).expect("the folder is writable");
    guest.riser(&["run", "--preload", "wasi_unstable=own.wat", "guest.wat"]).assert_success("");
    let ends = format!(r#"(module {EXIT} (func (export "end") (call $exit (i32.const 4))))"#);
    std::fs::write(guest.file("ends.wat"), ends).expect("the folder is writable");
    let program = r#"(module (import "ends" "end" (func $end)) (func (export "_start") (call $end)))"#;
    std::fs::write(guest.file("program.wat"), program).expect("the folder is writable");
    assert_eq!(guest.riser(&["run", "--preload", "ends=ends.wat", "program.wat"]).code, Some(4));
}

#[test]
fn what_cannot_be_preloaded_is_said() {
    let guest = guest();
    let run = |flags: &[&str]| guest.riser(&[&["run"], flags, &["guest.wat"]].concat());
    let glue = ["--preload", "glue=glue.wat"];
    run(&["--preload", "glue.wat"]).assert_failure(2, &["'glue.wat'", "NAME=FILE", "no `=`"]);
    run(&["--preload", "glue="]).assert_failure(2, &["'glue='", "NAME=FILE", "no file"]);
    run(&["--preload", "glue=none.wat"])
        .assert_failure(1, &["cannot preload `none.wat` as `glue`", "cannot read `none.wat`", "No such file"]);
    run(&[&glue[..], &glue].concat()).assert_failure(1, &["cannot preload `glue.wat` as `glue`", "defined twice"]);
    run(&glue).assert_failure(1, &["`--preload library=FILE`", "`library::say`"]);
    run(&["--preload", "library=library.wat"])
        .assert_failure(1, &["cannot preload `library.wat` as `library`", "`--preload glue=FILE`", "`glue::ready`"]);
    run(&[BOTH[2], BOTH[3], BOTH[0], BOTH[1]]).assert_failure(1, &["`glue` is not there yet", "before"]);
    run(&[&glue[..], &["--preload", "library=glue.wat"]].concat())
        .assert_failure(1, &["no `say` is exported by `glue.wat`, preloaded as `library`"]);
}
