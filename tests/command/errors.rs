//! What goes wrong before a guest runs.

use crate::{Guest, riser};

#[test]
fn a_missing_file_is_named() {
    for command in ["run", "validate", "dump-ir", "wast"] {
        riser(".", &[command, "no-such-file.wasm"]).assert_failure(1, &["no-such-file.wasm", "No such file"]);
    }
}

#[test]
fn an_invalid_module_is_an_error_with_its_place() {
    let guest = Guest::new(r#"(module (func $fine) (func $broken (result i32) (i64.const 1)))"#);
    for command in ["run", "validate", "dump-ir"] {
        guest.riser(&[command, "guest.wat"]).assert_failure(
            1,
            &["guest.wat", "invalid module at offset 0x", "function $broken (index 1)", "type mismatch"],
        );
    }
}

#[test]
fn what_a_module_needs_is_said() {
    let guest = Guest::new("(module (type (func (param (ref func)))) (func $boxes (drop (ref.i31 (i32.const 1)))))");
    for command in ["run", "validate", "dump-ir"] {
        let outcome = guest.riser(&[command, "guest.wat"]);
        outcome.assert_failure(
            1,
            &["unsupported module at offset 0x", "typed function references, garbage collection (gc)"],
        );
        assert!(!outcome.stderr.contains("enabled"), "there are no switches for features: {outcome:#?}");
    }
    let guest = Guest::new("(module (func $boxes (drop (ref.i31 (i32.const 1)))))");
    guest
        .riser(&["run", "guest.wat"])
        .assert_failure(1, &["in function $boxes (index 0): it needs garbage collection"]);
}

#[test]
fn malformed_files_are_errors() {
    let guest = Guest::new("(module (func)");
    guest.riser(&["validate", "guest.wat"]).assert_failure(1, &["guest.wat"]);
    for (name, bytes) in [
        ("empty.wasm", &b""[..]),
        ("magic.wasm", b"\0asm"),
        ("version.wasm", b"\0asm\x09\0\0\0"),
        ("cut.wasm", b"\0asm\x01\0\0\0\x01\x7f"),
        ("binary.wasm", b"\xff\xfe\xfd\xfc"),
    ] {
        std::fs::write(guest.file(name), bytes).expect("the folder is writable");
        for command in ["validate", "run", "dump-ir"] {
            guest.riser(&[command, name]).assert_failure(1, &[name]);
        }
    }
}

/// Subcommands that take one module.
fn commands_for_a_module() -> Vec<&'static str> {
    let mut commands =
        vec!["validate", "run", "trace", "dump-ir", "dump-code", "lockstep", "profile", "bench", "ablate", "suggest"];
    if cfg!(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux")) {
        commands.extend(["compile", "dump-jit", "explore"]);
    }
    if cfg!(feature = "prop") {
        commands.push("prop");
    }
    commands
}

#[test]
fn every_command_says_what_a_file_is_and_where_its_text_is_wrong() {
    let guest = Guest::new("(module\n  (func i32.ad))");
    std::fs::write(guest.file("component.wasm"), b"\0asm\x0d\0\x01\0").expect("the folder is writable");
    for command in commands_for_a_module() {
        let outcome = guest.riser(&[command, "guest.wat"]);
        outcome.assert_failure(1, &["`guest.wat`", "unknown operator", "guest.wat:2:9"]);
        let outcome = guest.riser(&[command, "component.wasm"]);
        outcome.assert_failure(1, &["`component.wasm`", "components and WASI 0.2 are out of its scope"]);
        assert_eq!(outcome.stdout, "", "{outcome:#?}");
        assert!(outcome.stderr.starts_with("Error: "), "nothing ran that could be reported: {outcome:#?}");
    }
}

#[test]
fn a_missing_import_is_named() {
    let guest = Guest::new(r#"(module (import "env" "missing" (func)) (func (export "_start")))"#);
    guest.riser(&["run", "guest.wat"]).assert_failure(1, &["cannot instantiate `guest.wat`", "env", "missing"]);
}

#[test]
fn what_cannot_be_started_is_said() {
    let run = |text: &str, arguments: &[&str]| Guest::new(text).riser(&[&["run"], arguments].concat());
    let traps = "(module (func $begin unreachable) (start $begin))";
    run(traps, &["guest.wat"]).assert_failure(134, &["cannot instantiate `guest.wat`", "!begin", "unreachable"]);
    let typed = r#"(module (func (export "_start") (param i32)))"#;
    run(typed, &["guest.wat"]).assert_failure(1, &["`guest.wat` is no command: its `_start` has another type"]);
    let library = r#"(module (memory (export "memory") 1) (func (export "add")))"#;
    run(library, &["guest.wat", "--invoke", "add"]).assert_failure(1, &["`--invoke` has to come before it"]);
    run(library, &["--invoke", "memory", "guest.wat"]).assert_failure(1, &["`memory`, but that is no function"]);
    run(library, &["--invoke", "zzz", "guest.wat"]).assert_failure(1, &["no function `zzz`; it exports `add`"]);
    run(library, &["--env", "SURELY_NOT_SET", "guest.wat"]).assert_failure(1, &["`--env SURELY_NOT_SET=VALUE`"]);
}

/// Standard input has no name that an output could be called by.
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn what_is_made_of_standard_input_needs_a_name() {
    let guest = Guest::new("(module (func))");
    for command in ["compile", "explore"] {
        guest.riser(&[command, "-"]).assert_failure(2, &["`--output FILE` says where"]);
    }
    let page = guest.riser(&["explore", "-o", "-", "guest.wat"]);
    assert!(page.code == Some(0) && page.stdout.contains("<html"), "{page:#?}");
}

#[test]
fn outputs_do_not_replace_inputs() {
    let guest = Guest::new(r#"(module (func (export "_start")) (func (export "init")))"#);
    let text = std::fs::read(guest.file("guest.wat")).expect("is there");
    std::os::unix::fs::symlink("guest.wat", guest.file("link.wasm")).expect("the folder is writable");
    let mut commands = vec![
        vec!["report", "-o", "guest.wat", "guest.wat"],
        vec!["suggest", "--json", "./guest.wat", "guest.wat"],
        vec!["run", "--stats-json", "guest.wat", "guest.wat"],
        vec!["run", "--monitor", "calls=link.wasm", "guest.wat"],
        vec!["run", "--snapshot-on-exit", "guest.wat", "guest.wat"],
        vec!["run", "--stats-json", "link.wasm", "--preload", "a=guest.wat", "-"],
        vec!["trace", "-o", "guest.wat", "guest.wat"],
        vec!["profile", "--csv", "guest.wat", "guest.wat"],
        vec!["snapshot", "--init-func", "init", "-o", "guest.wat", "guest.wat"],
        vec!["bench", "--json", "guest.wat", "guest.wat"],
        vec!["ablate", "--csv", "link.wasm", "guest.wat"],
    ];
    if cfg!(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux")) {
        commands.push(vec!["compile", "guest.wat", "-o", "guest.wat"]);
        commands.push(vec!["compile", "guest.wat", "-o", "link.wasm"]);
        commands.push(vec!["explore", "guest.wat", "-o", "guest.wat"]);
        commands.push(vec!["run", "--log-tiers=guest.wat", "guest.wat"]);
        commands.push(vec!["wast", "--log-tiers=guest.wat", "guest.wat"]);
    }
    for command in commands {
        let outcome = guest.riser(&command);
        outcome.assert_failure(2, &["the output would replace the input", "guest.wat"]);
        assert_eq!(std::fs::read(guest.file("guest.wat")).expect("is there"), text, "{command:?}");
    }
    // A device is no file to lose, and a copy is another file.
    std::fs::copy(guest.file("guest.wat"), guest.file("copy.wat")).expect("the folder is writable");
    for output in ["/dev/null", "copy.wat"] {
        guest.riser(&["run", "--stats-json", output, "guest.wat"]).assert_success("");
    }
}

#[test]
fn usage_errors_exit_with_2() {
    let guest = Guest::new("(module)");
    for arguments in [
        &[][..],
        &["run"],
        &["run", "--no-such-flag", "guest.wat"],
        &["run", "--mode", "warp", "guest.wat"],
        &["run", "--dispatch", "guess", "guest.wat"],
        &["run", "--timeout", "5", "guest.wat"],
        &["run", "--max-memory", "much", "guest.wat"],
        &["run", "--translator-off", "everything", "guest.wat"],
        &["fly"],
    ] {
        let outcome = guest.riser(arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {outcome:#?}");
    }
}

#[test]
fn help_has_examples() {
    for command in ["run", "wast", "dump-ir", "validate", "modes", "completions", "man"] {
        let outcome = riser(".", &[command, "--help"]);
        assert_eq!(outcome.code, Some(0), "{outcome:#?}");
        assert!(outcome.stdout.contains("Examples:\n  "), "{outcome:#?}");
    }
    // Described alone for speed, and with the others.
    assert_eq!(riser(".", &["run", "--help"]).stdout, riser(".", &["help", "run"]).stdout);
    assert!(riser(".", &["--version"]).stdout.contains(env!("CARGO_PKG_VERSION")));
}
