//! What a run executes, counted rather than timed.

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use riser_lab::Subject;
use riser_lab::process::run_program;
use serde_json::Value;

/// The number of instructions that the register interpreter dispatches in a run, where a pair that is one instruction counts once. They do
/// not depend on the dispatch strategy, so the subject is to leave that open.
pub fn dispatches(subject: &Subject) -> Result<f64> {
    let report = subject.report.as_ref().context("a configuration of this command reports numbers")?;
    let mut arguments = subject.arguments.clone();
    let flags = ["profile", "--top", "0", "--json"].map(OsString::from);
    // In place of `run --stats-json REPORT`.
    arguments.splice(..3, flags.into_iter().chain([report.clone().into()]));
    run_program(Command::new(&subject.executables[0]).args(&arguments))?;
    let text = fs::read_to_string(report).with_context(|| format!("cannot read `{}`", report.display()))?;
    let counts: Value = serde_json::from_str(&text)?;
    let dispatches = counts["total"]["dispatches"].as_u64();
    Ok(dispatches.context("`riser profile` does not say how many dispatches it counted")? as f64)
}
