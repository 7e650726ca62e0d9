//! The guest as a process: arguments, environment, streams, exit codes.

use crate::{Guest, modes, riser};

/// Prints its arguments, then its environment, each string on a line.
const ECHO: &str = r#"
    (module
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      ;; Prints the $size bytes at 4096, with line ends for the zeros.
      (func $print (param $size i32) (local $i i32)
        (block $done
          (loop $next
            (br_if $done (i32.ge_u (local.get $i) (local.get $size)))
            (if (i32.eqz (i32.load8_u offset=4096 (local.get $i)))
              (then (i32.store8 offset=4096 (local.get $i) (i32.const 10))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $next)))
        (i32.store (i32.const 16) (i32.const 4096))
        (i32.store (i32.const 20) (local.get $size))
        (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))
      (func (export "_start")
        (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $args_get (i32.const 1024) (i32.const 4096)))
        (call $print (i32.load (i32.const 4)))
        (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $environ_get (i32.const 1024) (i32.const 4096)))
        (call $print (i32.load (i32.const 4)))))
"#;

/// A command that ends in `proc_exit` or a trap.
fn ending(code: &str) -> Guest {
    Guest::new(&format!(
        r#"
        (module
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (func $inner {code})
          (func $outer (export "_start") (call $inner)))
        "#
    ))
}

#[test]
fn arguments_after_the_file_are_the_guests() {
    let guest = Guest::new(ECHO);
    for mode in modes() {
        guest
            .riser(&["run", "--mode", &mode, "guest.wat", "one", "--stats", "-h", "--", "--mode=none", "", "two words"])
            .assert_success("guest.wat\none\n--stats\n-h\n--\n--mode=none\n\ntwo words\n");
    }
}

/// A file may have any name that the system takes. What a guest is given is text.
#[cfg(unix)]
#[test]
fn names_of_files_need_not_be_unicode() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let (guest, name) = (Guest::new(ECHO), OsStr::from_bytes(b"guest\xff.wat"));
    std::fs::copy(guest.file("guest.wat"), guest.folder.path().join(name)).expect("the folder is writable");
    let run = |arguments: &[&OsStr]| riser(guest.folder.path(), &[&[OsStr::new("run")], arguments].concat());
    run(&[OsStr::new("--argv0"), OsStr::new("name"), name, OsStr::new("one")]).assert_success("name\none\n");
    run(&[OsStr::new("guest.wat"), OsStr::new("one"), name])
        .assert_failure(1, &["argument 2 of the guest is not UTF-8"]);
}

#[test]
fn the_guest_sees_the_environment_that_it_is_given() {
    let guest = Guest::new(ECHO);
    guest
        .riser(&["run", "--argv0", "name", "--env", "A=1=2", "--env", "FROM_HOST", "guest.wat"])
        .assert_success("name\nA=1=2\nFROM_HOST=host's value\n");
    guest.riser(&["run", "--env", "SURELY_NOT_SET", "guest.wat"]).assert_failure(1, &["SURELY_NOT_SET"]);
}

#[test]
fn exit_codes_are_the_guests() {
    for mode in modes() {
        for code in [0, 1, 3, 134, 255] {
            let outcome =
                ending(&format!("(call $exit (i32.const {code}))")).riser(&["run", "--mode", &mode, "guest.wat"]);
            assert_eq!(outcome.code, Some(code), "{mode}: {outcome:#?}");
            assert_eq!(outcome.stderr, "", "{mode}: an exit is no error");
        }
    }
    // Systems keep the low 8 bits.
    assert_eq!(ending("(call $exit (i32.const 263))").riser(&["run", "guest.wat"]).code, Some(7));
}

#[test]
fn a_trap_has_a_message_and_a_backtrace() {
    for mode in modes() {
        let outcome = ending("unreachable").riser(&["run", "--mode", &mode, "guest.wat"]);
        outcome.assert_failure(134, &["unreachable", "inner", "outer"]);
        assert!(outcome.stderr.find("inner") < outcome.stderr.find("outer"), "{mode}: {outcome:#?}");
    }
}

#[test]
fn a_module_without_imports_and_memory_is_a_command_too() {
    let guest = Guest::new(r#"(module (func (export "_start")))"#);
    for mode in modes() {
        guest.riser(&["run", "--mode", &mode, "guest.wat"]).assert_success("");
    }
}

#[test]
fn the_start_function_can_exit() {
    let guest = Guest::new(
        r#"
        (module
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (start $start)
          (func $start (call $exit (i32.const 7))))
        "#,
    );
    assert_eq!(guest.riser(&["run", "guest.wat"]).code, Some(7));
}
