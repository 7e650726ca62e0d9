//! What a run executes, counted rather than timed.

use std::process::Command;

use anyhow::{Context, Result};
use riser_lab::Subject;
use riser_lab::process::run;

/// The number of instructions that the register interpreter executes in a run, where a pair counts once if `pairs` are fused. They do not
/// depend on the dispatch strategy, so the subject is to leave that open.
pub fn dispatches(subject: &Subject, pairs: bool) -> Result<f64> {
    let mut arguments = subject.arguments.clone();
    let mut flags = vec!["--profile=0".into()];
    if pairs {
        flags.extend(["--translator-on".into(), "pairs".into()]);
    }
    arguments.splice(1..1, flags);
    let run = run(Command::new(&subject.executables[0]).args(&arguments))?;
    let said = String::from_utf8_lossy(&run.output.stderr);
    let number = said.lines().find_map(|line| line.strip_suffix(" instructions"));
    Ok(number.context("`riser run --profile` does not say how many instructions it counted")?.parse()?)
}
