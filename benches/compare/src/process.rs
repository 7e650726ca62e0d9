//! Processes, and the time that they take.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

/// Runs a command to its end, without its output. Returns the nanoseconds from the start of the process to its exit.
pub fn run(command: &mut Command) -> Result<u64> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    let time = started.elapsed();
    ensure!(status.success(), "{command:?} fails");
    Ok(time.as_nanos() as u64)
}
