//! `riser prop` for a translator of one's own. Run as the command if an environment variable says so, and otherwise as its
//! test.

#[path = "../../../templates/own-sink/src/sink.rs"]
mod sink;

use std::process::{Command, ExitCode};

use riser_properties::generate::Config;
use riser_properties::property::{Subject, Translator};
use riser_translator::{FuncTranslator, Switches};

use sink::Plain;

const AS_COMMAND: &str = "RISER_OWN_TRANSLATOR";

// ANCHOR: command
/// The sink, mistake included, as a translator: what the command tests.
fn translator() -> Box<dyn Translator> {
    Box::new(|module: &_, function, config: &_| {
        let mut sink = Plain::new(true);
        let result = FuncTranslator::new().translate(module, function, config, &mut sink);
        result.map(|()| sink.function).map_err(|error| error.to_string())
    })
}

fn command() -> ExitCode {
    let subject = Subject { translator, modules: vec![integers()], settings: vec![Switches::without(&[])] };
    riser_properties::command::main(&subject)
}
// ANCHOR_END: command

/// Functions of integers: what the sink can do.
fn integers() -> Config {
    Config {
        functions: 1,
        calls: false,
        tail_calls: false,
        memory: false,
        table: false,
        globals: false,
        floats: false,
        bulk: false,
        references: false,
        segments: false,
        wide_arithmetic: false,
        vectors: false,
        atomics: false,
        exceptions: false,
        ..Config::default()
    }
}

fn main() -> ExitCode {
    if std::env::var_os(AS_COMMAND).is_some() { command() } else { test() }
}

/// Runs the command in a folder for its files; returns its exit code and what it prints, on both streams.
fn prop(arguments: &[&str]) -> (Option<i32>, String) {
    let this = std::env::current_exe().expect("this program");
    let folder = env!("CARGO_TARGET_TMPDIR");
    let output = Command::new(this).args(arguments).current_dir(folder).env(AS_COMMAND, "1").output().expect("it runs");
    let text = [output.stdout, output.stderr].iter().map(|it| String::from_utf8_lossy(it).into_owned()).collect();
    (output.status.code(), text)
}

fn test() -> ExitCode {
    // The mistake is in what the IR means, not in its form.
    let (code, text) = prop(&["--only", "verified,text-round-trip", "--cases", "200"]);
    assert_eq!((code, &*text), (Some(0), "verified, text-round-trip hold in cases 0 to 199\n"));
    let (code, text) = prop(&["-o", "own.wat", "--jobs", "2"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("symbolically-equal does not hold"), "{text}");
    // The file fails in the same way.
    let (code, text) = prop(&["own.wat"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains(";; symbolically-equal does not hold") && text.contains("should"), "{text}");
    let (code, text) = prop(&["--only", "no-such"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("there is no property `no-such`; there are verified, "), "{text}");
    assert_eq!(prop(&["--cases", "few"]).0, Some(2));
    ExitCode::SUCCESS
}
