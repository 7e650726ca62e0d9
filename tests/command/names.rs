//! Names of modules may be any text. What the command prints of them is plain and short.

use crate::{Guest, modes};

/// Turns a terminal's text red, ends a line, and has what follows run backwards.
const HOSTILE: &str = "\x1b[31m\n\u{202e}\u{9b}2J";

/// The characters of [`HOSTILE`] that are not to reach a terminal.
const UNSEEN: &[char] = &['\x1b', '\u{202e}', '\u{9b}'];

/// A module with the name everywhere: of itself, a function, a parameter, an export, and an import if asked for.
fn module(name: &str, import: bool) -> String {
    let escape = |c: char| format!("\\u{{{:x}}}", u32::from(c));
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { escape(c) }).collect();
    let import = if import { format!(r#"(import "{name}" "{name}" (func))"#) } else { String::new() };
    format!(
        r#"(module $m (@name "{name}") {import}
          (memory (export "m{name}") 1)
          (func $f (@name "{name}") (param $p (@name "{name}") i32) (result i32)
            (i32.div_s (i32.const 1) (local.get $p)))
          (func (export "{name}") (export "_start") (drop (call $f (i32.const 0)))))"#
    )
}

#[test]
fn hostile_names_are_escaped() {
    let guest = Guest::new(&module(HOSTILE, false));
    std::fs::write(guest.file("import.wat"), module(HOSTILE, true)).expect("the folder is writable");
    let invalid = module(HOSTILE, false).replace("(i32.const 1)", "(i64.const 1)");
    std::fs::write(guest.file("invalid.wat"), invalid).expect("the folder is writable");
    let script = format!("{}\n(invoke \"{}\")", module("f", false), "\\1b[31m");
    std::fs::write(guest.file("script.wast"), script).expect("the folder is writable");
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["validate", "invalid.wat"],
        vec!["run", "import.wat"],
        vec!["run", "--invoke", "f", "guest.wat"],
        vec!["wast", "script.wast"],
        vec!["dump-ir", "guest.wat"],
        vec!["dump-code", "guest.wat"],
        vec!["dump-ir", "--func", "7", "guest.wat"],
        vec!["lockstep", "guest.wat"],
        vec!["lockstep", "--b-file", "import.wat", "guest.wat"],
    ];
    let modes = modes();
    for mode in &modes {
        commands.push(vec!["run", "--stats", "--mode", mode, "guest.wat"]);
    }
    if modes.contains(&"multi-tier".to_owned()) {
        commands.push(vec!["run", "--tier-threads", "0", "--tier-calls", "1", "--log-tiers", "guest.wat"]);
        commands.push(vec!["dump-jit", "--optimized", "guest.wat"]);
    }
    if modes.contains(&"llvm-jit".to_owned()) {
        commands.push(vec!["dump-jit", "--tier", "llvm", "guest.wat"]);
        commands.push(vec!["compile", "--emit", "llvm-ir", "guest.wat", "-o", "/dev/stdout"]);
    }
    for command in commands {
        let outcome = guest.riser(&command);
        let text = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!text.contains(UNSEEN), "{command:?}: {text:?}");
        assert!(!text.lines().any(|line| line.starts_with("\\u{202e}")), "{command:?}: a name ends a line: {text}");
    }
}

#[test]
fn long_names_are_cut() {
    let guest = Guest::new(&module(&"long".repeat(22_000), true));
    std::fs::write(guest.file("trap.wat"), module(&"long".repeat(22_000), false)).expect("the folder is writable");
    for command in [&["run", "guest.wat"][..], &["run", "trap.wat"], &["dump-ir", "trap.wat"]] {
        let outcome = guest.riser(command);
        let bytes = outcome.stdout.len() + outcome.stderr.len();
        assert!((10..10_000).contains(&bytes), "{command:?}: {bytes} bytes");
        assert!(
            outcome.stdout.contains("... (8800") || outcome.stderr.contains("... (8800"),
            "{command:?}: {outcome:?}"
        );
    }
}

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
#[test]
fn names_are_part_of_a_line_to_profilers() {
    let guest = Guest::new(&module(HOSTILE, false));
    let outcome = std::process::Command::new(env!("CARGO_BIN_EXE_riser"))
        .args(["run", "--mode", "fast-jit", "--perf-map", "guest.wat"])
        .current_dir(guest.folder.path())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the command can be run");
    let map = format!("/tmp/perf-{}.map", outcome.id());
    outcome.wait_with_output().expect("it ends");
    let text = std::fs::read_to_string(&map).expect("there is a map");
    std::fs::remove_file(map).expect("it can be removed");
    assert!(!text.contains(UNSEEN), "{text:?}");
    for line in text.lines() {
        let mut words = line.splitn(3, ' ');
        let numbers = words.by_ref().take(2).all(|word| u64::from_str_radix(word, 16).is_ok());
        assert!(numbers && words.next().is_some(), "{line:?}");
    }
}

#[test]
fn hostile_arguments_are_escaped() {
    let guest = Guest::new(r#"(module (func (export "_start")))"#);
    let flag = format!("--no-such{HOSTILE}");
    for command in [
        vec![HOSTILE],
        vec!["run", &flag, "guest.wat"],
        vec!["run", "--mode", HOSTILE, "guest.wat"],
        vec!["run", "--fuel", HOSTILE, "guest.wat"],
        vec!["run", "--timeout", HOSTILE, "guest.wat"],
        vec!["run", "--wasm", HOSTILE, "guest.wat"],
        vec!["run", &format!("--help={HOSTILE}")],
        vec!["validate", "guest.wat", HOSTILE],
        vec!["lockstep", "--a", HOSTILE, "guest.wat"],
        vec!["bench", "--metric", HOSTILE, "guest.wat"],
    ] {
        let outcome = guest.riser(&command);
        assert!(!outcome.stderr.contains(UNSEEN), "{command:?}: {:?}", outcome.stderr);
        assert!(!outcome.stdout.contains(UNSEEN), "{command:?}: {:?}", outcome.stdout);
        assert!(outcome.stderr.contains("\\u{1b}[31m"), "{command:?}: {:?}", outcome.stderr);
    }
}
