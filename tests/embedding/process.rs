//! Tests that end a process, or have it fork: they run in one of their own.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

/// Says to a test that this is the process that it has started.
const VARIABLE: &str = "RISER_TEST_CHILD";

/// Runs the test with this name once more, alone, in a process of its own; in that process, runs `child` and answers nothing.
pub fn in_child(test: &str, argument: &str, child: impl FnOnce(&str)) -> Option<Output> {
    in_child_with(test, argument, |_| {}, child)
}

/// As [`in_child`], with the environment or the folder that `prepare` gives to the process.
pub fn in_child_with(
    test: &str,
    argument: &str,
    prepare: impl FnOnce(&mut Command),
    child: impl FnOnce(&str),
) -> Option<Output> {
    if let Ok(argument) = std::env::var(VARIABLE) {
        child(&argument);
        return None;
    }
    let program = std::env::current_exe().expect("a test has a program");
    let mut command = Command::new(program);
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(VARIABLE, argument);
    prepare(&mut command);
    Some(command.output().expect("starts"))
}

/// The signal that has ended the process.
pub fn signal(output: &Output) -> Option<i32> {
    output.status.signal()
}
